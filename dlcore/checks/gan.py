"""The exercises of chapter 33."""

import numpy as np

from ..exercise import Exercise

# ---- 1: the best judge ----


def best_chance(p, q, *, empty=0.5, top=None):
    """p / (p + q), and `empty` where both are 0; `top` is a slip: another numerator."""
    p, q = np.asarray(p, float), np.asarray(q, float)
    both = p + q
    return np.where(both > 0, (p if top is None else top(p, q)) / np.where(both > 0, both, 1), empty)


def plain_ratio(p, q):
    """The ratio without a thought for 0 / 0."""
    return np.asarray(p, float) / (np.asarray(p, float) + np.asarray(q, float))


best_judge = Exercise(
    reference=best_chance,
    cases=[
        (np.array([0.5, 0.25, 0.25]), np.array([0.25, 0.25, 0.5])),         # on paper: 2/3, 1/2, 1/3
        (np.array([1.0, 0.0]), np.array([0.0, 1.0])),                       # nothing in common
        (np.array([0.5, 0.5, 0.0]), np.array([0.5, 0.25, 0.0])),            # a place where nobody is
        (np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([[0.4, 0.3], [0.2, 0.1]])),
        (np.array([1e-300]), np.array([3e-300])),                           # small, and still a ratio
    ],
    mistakes=[
        (lambda p, q: best_chance(p, q, top=lambda p, q: q),
         "That is the probability that it is made: real goes on top."),
        (lambda p, q: plain_ratio(p, q), "0 / 0 has no value: where neither p nor q is above 0, answer one half."),
        (lambda p, q: best_chance(p, q, empty=0.0),
         "Where neither p nor q is above 0, answer one half: nothing speaks for either side."),
        (lambda p, q: np.where(np.asarray(p) == np.asarray(q), 0.5, (np.asarray(p) > np.asarray(q)) * 1.0),
         "That is a verdict, real or made. A probability was asked for."),
        (lambda p, q: np.asarray(p) / (np.sum(p) + np.sum(q)),
         "You divided by the sum over all places: each place has its own p + q."),
        (lambda p, q: np.asarray(p) / (np.asarray(p) + q + 1e-9),
         "A small number added below gives 0 where both are 0, and spoils small probabilities: answer one half there."),
        (lambda p, q: np.divide(p, np.where(np.asarray(q) > 0, q, 1)),
         "That is the ratio p to q: divide by their sum."),
    ],
)

# ---- 2: the judge's loss ----


def softplus(a):
    """log(1 + exp(a)) for any a."""
    a = np.asarray(a, float)
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


def both_losses(real, fake, *, sign=1.0, join=np.mean):
    """-log sigmoid of real scores and -log(1 - sigmoid) of made ones; by name: the slips."""
    return float(join(softplus(-sign * np.asarray(real, float))) + join(softplus(sign * np.asarray(fake, float))))


def unsafe(real, fake):
    """The formula as it stands on paper: log(0) for large scores."""
    def chance(a):
        return 1 / (1 + np.exp(-np.asarray(a, float)))

    return float(-np.log(chance(real)).mean() - np.log(1 - chance(fake)).mean())


def cut_off(real, fake, least=1e-12):
    """The formula on paper with probabilities kept above `least`."""
    real, fake = (1 / (1 + np.exp(-np.asarray(a, float))) for a in (real, fake))
    return float(-np.log(np.maximum(real, least)).mean() - np.log(np.maximum(1 - fake, least)).mean())


def pooled(real, fake):
    """One mean over all scores."""
    return float(np.concatenate([softplus(-np.asarray(real, float)), softplus(fake)]).mean())


judge_loss = Exercise(
    reference=both_losses,
    cases=[
        (np.array([0.0]), np.array([0.0])),                                 # 2 log 2
        (np.array([2.0, -1.0]), np.array([-3.0])),                          # two real, one made
        (np.array([1.0, 0.5, -0.5]), np.array([0.25, 2.0])),
        (np.array([1000.0, 3.0]), np.array([-1000.0])),                     # sure and right
        (np.array([-1000.0]), np.array([800.0, 1.0])),                      # sure and wrong
    ],
    mistakes=[
        (lambda r, f: both_losses(r, f, sign=-1.0), "The targets are swapped: real examples should score high."),
        (unsafe,
         "For large scores the sigmoid is 1 or 0 and its logarithm breaks: use log(1 + exp(a)), computed safely."),
        (pooled, "That is one mean over all scores. Take the mean of each kind, then add the two."),
        (lambda r, f: both_losses(r, f, join=np.sum), "Those are sums: take the mean over the scores of each kind."),
        (lambda r, f: float(softplus(-np.asarray(r, float)).mean()), "The made examples are missing."),
        (lambda r, f: float(softplus(f).mean()), "The real examples are missing."),
        (lambda r, f: float(softplus(-np.asarray(r, float)).mean() + softplus(-np.asarray(f, float)).mean()),
         "Both kinds are scored as if they were real: a made example with a high score costs much."),
        (lambda r, f: float(softplus(-np.asarray(r, float)).mean() - softplus(f).mean()),
         "Add the two means: the judge pays for mistakes of both kinds."),
        (cut_off, "A probability cut off keeps the logarithm finite, and makes the loss of a sure judge wrong."),
        (lambda r, f: both_losses(r, f) / 2, "That is half of it: the two means are added, not averaged."),
        (lambda r, f: -both_losses(r, f), "The sign is turned round: a loss is small when the judge is right."),
    ],
)

# ---- 3: what comes back to the generator ----


def chance(a):
    """sigmoid(a), safe for any a."""
    return np.exp(-softplus(-np.asarray(a, float)))


def pull(scores, *, mean=True):
    """The gradient of the mean of -log sigmoid(score) for each score."""
    scores = np.asarray(scores, float)
    return -chance(-scores) / (scores.size if mean else 1)


generator_gradient = Exercise(
    reference=pull,
    cases=[
        (np.array([0.0]),),                                                 # -1/2
        (np.array([-5.0, 0.0, 5.0, 1.0]),),
        (np.array([-1000.0, 1000.0]),),                                     # sure either way
        (np.linspace(-3, 3, 7),),
    ],
    mistakes=[
        (lambda a: pull(a, mean=False), "The loss is a mean over N scores, so each gradient is divided by N."),
        (lambda a: -pull(a), "The sign is turned round: a higher score lowers the loss, so the gradient is negative."),
        (lambda a: -chance(a) / np.size(a), "That is the gradient of the minimax loss, which is flat for a loser."),
        (lambda a: pull(a).sum(), "One number per score was asked for, not their sum."),
        (lambda a: softplus(-np.asarray(a, float)) / np.size(a), "That is the loss, not its gradient."),
        (lambda a: -chance(-np.asarray(a)) * chance(a) / np.size(a),
         "One factor too many: the derivative of the logarithm cancels one of the two."),
    ],
)

# ---- 4: counting modes ----


def hit(x, centres, near, least, *, owner=True, count=np.sum, close=True, counted=False):
    """How many centres have at least `least` points that are nearest to them and within `near`; by name: the slips."""
    x, centres = np.asarray(x, float).reshape(-1, np.shape(centres)[1]), np.asarray(centres, float)
    distances = np.sqrt(((x[:, None] - centres) ** 2).sum(2))                 # (N, K)
    mine = distances <= near if close else np.ones_like(distances, bool)
    if owner:
        mine = mine & (np.arange(len(centres)) == distances.argmin(1)[:, None])
    return int(mine.sum()) if counted else int(count(mine.sum(0) >= least))


def by_blocks(x, centres, near, least):
    """The same with the distance that one walks along the axes."""
    distances = np.abs(np.asarray(x)[:, None] - centres).sum(2)
    close = distances.argmin(1)[distances.min(1) <= near]
    return int((np.bincount(close, minlength=len(centres)) >= least).sum())


FOUR = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]])
CORNERS = np.array([[0.8, 0.8], [3.2, 0.9], [0.0, 3.0]])
NEAR = np.array([[0.1, 0.0], [0.0, 0.2], [3.9, 4.1], [2.0, 2.1], [4.0, 0.5], [0.2, -0.1], [4.1, 0.0]])

modes_hit = Exercise(
    reference=hit,
    cases=[
        (NEAR, FOUR, 1.0, 1),                                               # three of four
        (NEAR, FOUR, 1.0, 2),                                               # two with two points or more
        (NEAR, FOUR, 0.3, 2),                                               # one: a point half a unit away is lost
        (NEAR, FOUR, 9.0, 3),                                               # everything is near: who is nearest?
        (CORNERS, FOUR, 1.3, 1),                                            # aslant: 1.13 away, not 1.6
        (np.zeros((5, 2)), FOUR, 1.0, 5),                                   # collapsed
        (np.array([[2.0, 9.0]]), FOUR, 1.0, 1),                             # a single point, far from all
        (np.array([[1.0], [2.0], [8.0]]), np.array([[0.0], [9.0]]), 1.0, 1),        # one dimension, on the edge
    ],
    mistakes=[
        (lambda x, c, n, m: hit(x, c, n, m, close=False), "A point far from every centre must not count: mind `near`."),
        (lambda x, c, n, m: hit(x, c, n, m, owner=False), "A point counts for its nearest centre alone."),
        (lambda x, c, n, m: hit(x, c, np.sqrt(n), m), "You compared squared distances with `near`: take the root."),
        (by_blocks, "You added up the sizes of the differences: the Euclidean distance takes squares and a root."),
        (lambda x, c, n, m: hit(x, c, n * (1 - 1e-9), m), "At most `near`: a point at exactly that distance counts."),
        (lambda x, c, n, m: hit(x, c, n, m, counted=True), "Those are points: how many centres are hit?"),
        (lambda x, c, n, m: hit(x, c, n, 1), "A centre counts only where at least `least` points are near it."),
        (lambda x, c, n, m: hit(x, c, n, m, count=np.mean), "How many centres, not whether or which share."),
        (lambda x, c, n, m: hit(x, c, n, m + 1), "At least `least`: exactly that many points are enough."),
        (lambda x, c, n, m: len(c) - hit(x, c, n, m), "Those are the centres that are missing."),
    ],
)

# ---- 5: one round, one after the other ----


def one_after_the_other(theta, psi, lr, *, first="judge", new=True, judge=-1.0, squash=True):
    """One round of the game of two numbers, the judge first; by name: the slips."""
    def slope(theta, psi):
        return float(chance(theta * psi)) if squash else 1.0

    if first == "judge":
        later = psi + judge * lr * slope(theta, psi) * theta
        seen = later if new else psi
        return theta + lr * slope(theta, seen) * seen, later
    moved = theta + lr * slope(theta, psi) * psi
    return moved, psi - lr * slope(moved, psi) * moved


def half_new(theta, psi, lr):
    """The new psi as a factor, the old one inside the sigmoid."""
    later = one_after_the_other(theta, psi, lr)[1]
    return theta + lr * float(chance(theta * psi)) * later, later


alternating_round = Exercise(
    reference=one_after_the_other,
    cases=[
        (1.0, 0.0, 0.5),                                                    # on paper: the judge goes to -0.25
        (0.0, 0.0, 0.5),                                                    # the middle: nothing moves
        (0.0, 1.0, 0.5),
        (-2.0, 1.5, 0.2),
        (3.0, -2.0, 1.0),
    ],
    mistakes=[
        (lambda t, p, lr: one_after_the_other(t, p, lr, new=False),
         "That is the simultaneous round: here the generator already sees the judge's new slope."),
        (lambda t, p, lr: one_after_the_other(t, p, lr, first="generator"), "The judge moves first."),
        (lambda t, p, lr: one_after_the_other(t, p, lr, judge=1.0),
         "The judge's sign is turned round: the made number lies at theta, and its probability must go down."),
        (lambda t, p, lr: one_after_the_other(t, p, lr, squash=False),
         "The factor sigmoid(theta psi) is missing in both gradients."),
        (lambda t, p, lr: (2 * t - one_after_the_other(t, p, lr)[0], one_after_the_other(t, p, lr)[1]),
         "The generator's sign is turned round: it descends, and the slope for theta is itself negative."),
        (half_new, "The generator's slope holds psi twice: inside the sigmoid too it is the new one."),
        (lambda t, p, lr: one_after_the_other(t, p, lr)[::-1], "Return theta first, then psi."),
    ],
)
