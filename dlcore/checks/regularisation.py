"""The exercises of chapter 08."""

import numpy as np

from ..exercise import Exercise

# ---- 1: a step with weight decay ----

W = np.array([2.0, -1.0, 0.0])
decay_step = Exercise(
    reference=lambda w, g, lr, strength: w - lr * (g + strength * w),
    cases=[
        (W, np.array([0.5, 0.0, 1.0]), 0.1, 0.5),
        (W, np.zeros(3), 0.1, 0.1),
        (W, np.array([1.0, 1.0, 1.0]), 0.5, 0.0),
        (np.array([[4.0, -2.0]]), np.array([[-1.0, 3.0]]), 2.0, 0.25),
        (np.array([1e6]), np.array([-1.0]), 0.01, 10.0),
    ],
    mistakes=[
        (lambda w, g, lr, strength: w - lr * g, "The strength is never used: nothing pulls the weights to 0."),
        (lambda w, g, lr, strength: w - lr * g - strength * w,
         "The slope of the penalty is part of the gradient, so the learning rate multiplies it too."),
        (lambda w, g, lr, strength: w - lr * (g + 2 * strength * w),
         "The penalty is strength / 2 times w squared. Its slope is strength times w, without the 2."),
        (lambda w, g, lr, strength: w - lr * (g - strength * w),
         "With that sign large weights grow. The pull goes towards 0."),
        (lambda w, g, lr, strength: (w - lr * g) * (1 - lr * strength),
         "You took the step first and shrank afterwards. Both parts of the gradient belong to the old w."),
        (lambda w, g, lr, strength: w - lr * (g + strength * np.sign(w)),
         "That pull has the same size for every weight: it is L1. The pull of L2 is proportional to w."),
    ],
)

# ---- 2: inverted dropout ----


def drop(h, u, p):
    return np.where(np.asarray(u) >= p, h, 0) / (1 - p)


H = np.array([[1.0, 2.0, -3.0, 4.0], [0.5, -0.5, 6.0, 8.0], [1.0, 0.0, 2.0, -2.0]])
U = np.array([[0.1, 0.6, 0.7, 0.2], [0.9, 0.3, 0.25, 0.8], [0.05, 0.5, 0.95, 0.4]])
dropout = Exercise(
    reference=drop,
    cases=[(H, U, 0.25), (H, U, 0.8), (H, U, 0.5), (H, U, 0.0), (H[:1], U[:1], 0.6), (H[0], U[0], 0.15)],
    mistakes=[
        (lambda h, u, p: np.where(u > p, h, 0) / (1 - p), "A unit whose u equals p stays: only below p it is dropped."),
        (lambda h, u, p: np.where(u >= p, h, 0),
         "The survivors must make up for those that are gone: divide by 1 - p."),
        (lambda h, u, p: np.where(u >= p, h, 0) / p,
         "Divided by p. The share that survives is 1 - p, so that is what to divide by."),
        (lambda h, u, p: np.where(u >= p, h, 0) * (1 - p),
         "Multiplied by 1 - p, the sum gets smaller still. Divide, so that the average stays."),
        (lambda h, u, p: np.where(u < p, h, 0) / (1 - p),
         "The two are exchanged: p is the probability to be dropped, and u < p happens with probability p."),
        (lambda h, u, p: np.where(u < p, h, 0) / p,
         "Here p is the probability to be kept. In dlcore and torch it is the probability to be dropped."),
        (lambda h, u, p: np.where(u[..., :1] >= p, h, 0) / (1 - p),
         "One decision for a whole row. Every unit of every example is dropped on its own."),
        (lambda h, u, p: h * (1 - p), "That is the average over all masks. Here the mask is given by u: use it."),
    ],
)

# ---- 3: early stopping ----


def stop_early(losses, patience, *, better=lambda loss, best, before: loss < best, in_a_row=True, enough=0):
    """The epoch of the stop and the epoch kept; the options are for the mistakes."""
    best, kept, waited = float("inf"), 0, 0
    for epoch, loss in enumerate(losses):
        before = losses[epoch - 1] if epoch else float("inf")
        if better(loss, best, before):
            best, kept, waited = loss, epoch, waited * (not in_a_row)
        else:
            waited += 1
        if waited >= patience + enough:
            return epoch, kept
    return len(losses) - 1, kept


def changed(change):
    """`stop_early` with another answer made from (stop, kept), for the mistakes."""
    return lambda losses, patience: change(*stop_early(losses, patience), losses)


early_stop = Exercise(
    reference=stop_early,
    cases=[
        ([1.0, 0.8, 0.9, 0.7, 0.75, 0.72, 0.71, 0.6], 3),
        ([1.0, 0.8, 0.9, 0.7, 0.75, 0.72, 0.71, 0.6], 1),
        ([1.0, 0.9, 0.95, 0.85, 0.9, 0.8, 0.85, 0.7], 2),               # never two in a row
        ([0.5, 0.6, 0.7, 0.8], 10),                                     # the end comes first
        ([3.0], 1),
        ([0.9, 0.5, 0.5, 0.5, 0.4], 2),                                 # equal is not better
    ],
    mistakes=[
        (lambda losses, patience: stop_early(losses, patience, better=lambda loss, best, before: loss < before),
         "Compare with the best loss so far, not with the epoch before."),
        (lambda losses, patience: stop_early(losses, patience, in_a_row=False),
         "A new best loss must set the count back to 0: patience counts epochs in a row."),
        (lambda losses, patience: stop_early(losses, patience, enough=1),
         "One epoch too late: stop as soon as the count reaches the patience."),
        (lambda losses, patience: stop_early(losses, patience, better=lambda loss, best, before: loss <= best),
         "An equal loss is no new best. Otherwise a level curve never stops."),
        (changed(lambda stop, kept, losses: (stop, stop)),
         "The epoch to keep is the one with the lowest loss, not the one at which you noticed."),
        (changed(lambda stop, kept, losses: (kept, kept)),
         "The stop comes when the patience is used up, which is later than the best epoch."),
        (changed(lambda stop, kept, losses: (kept, stop)), "The order is (stop, kept): you exchanged the two."),
        (changed(lambda stop, kept, losses: (stop + 1, kept + 1)), "Epochs are counted from 0 here, as lists are."),
        (changed(lambda stop, kept, losses: (stop, int(np.argmin(losses)))),
         "The best epoch of the whole list may come after the stop: you have not seen it yet."),
    ],
)

# ---- 4: shifted pictures ----


def moved(x, right, down):
    """Pictures (N, 64) moved by whole pixels, 0 where nothing comes from."""
    images = np.asarray(x).reshape(-1, 8, 8)
    wide = np.pad(images, ((0, 0), (8, 8), (8, 8)))
    right, down = (max(-8, min(8, n)) for n in (right, down))
    return wide[:, 8 - down:16 - down, 8 - right:16 - right].reshape(-1, 64)


def rolled(x, right, down):
    return np.roll(x.reshape(-1, 8, 8), (down, right), axis=(1, 2)).reshape(-1, 64)


def sliced(x, right, down):
    """Right for moves to the right and down only."""
    images = x.reshape(-1, 8, 8)
    y = np.zeros_like(images)
    y[:, down:, right:] = images[:, :8 - down, :8 - right]
    return y.reshape(-1, 64)


def flat(x, right, down):
    return np.roll(x, right + 8 * down, axis=1)


X = np.arange(1.0, 129.0).reshape(2, 64)
shift = Exercise(
    reference=moved,
    cases=[(X, 1, 0), (X, 0, 2), (X, -1, 0), (X[:1], 3, -2), (X, 0, 0), (X, -7, 7), (X, 8, 0)],
    mistakes=[
        (rolled, "What leaves on one side comes back on the other: np.roll wraps round. Fill with 0."),
        (lambda x, right, down: moved(x, down, right), "Rows and columns are exchanged: down moves the rows."),
        (lambda x, right, down: moved(x, -right, -down), "The wrong way: with right=1 every pixel goes to the right."),
        (flat, "In the flat row of 64 a step to the right runs on into the next line: reshape to (N, 8, 8) first."),
        (sliced, "Right for moves to the right and down. Negative moves need the other ends of the slices."),
        (lambda x, right, down: moved(x, right, down).reshape(-1, 8, 8),
         "The pixels are right, but the shape must be (N, 64) again."),
    ],
)

# ---- 5: batch normalisation ----


def normalise(x, running, training, *, axis=0, unbiased=True, new=0.1, eps=1e-5, always=False, follow=True):
    """(output, (running mean, running variance)); the options are for the mistakes."""
    x, (mean, var) = np.asarray(x), (np.asarray(r) for r in running)
    use_mean, use_var = mean, var
    if training or always:
        use_mean, use_var = x.mean(axis, keepdims=axis == 1), x.var(axis, keepdims=axis == 1)
    if training and follow:
        scale = len(x) / (len(x) - 1) if unbiased else 1
        mean, var = (1 - new) * mean + new * use_mean, (1 - new) * var + new * use_var * scale
    return (x - use_mean) / np.sqrt(use_var + eps), (mean, var)


def with_options(**options):
    return lambda x, running, training: normalise(x, running, training, **options)


def unbiased_twice(x, running, training):
    x = np.asarray(x)
    y, pair = normalise(x, running, training)
    return (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + 1e-5) if training else y, pair


def without_root(x, running, training):
    x = np.asarray(x)
    mean, var = (x.mean(0), x.var(0)) if training else running
    return (x - mean) / (var + 1e-5), normalise(x, running, training)[1]


T = np.array([[1.0, 10.0, 0.0], [2.0, 30.0, 0.0], [4.0, -10.0, 0.0], [5.0, 6.0, 0.0]])
RUNNING = (np.array([1.0, 5.0, 0.5]), np.array([2.0, 50.0, 1.0]))
batch_norm = Exercise(
    reference=normalise,
    cases=[
        (T, RUNNING, True),
        (T, RUNNING, False),
        (T[:3], RUNNING, True),                                         # square: the wrong axis fits too
        (T[:2], (np.zeros(3), np.ones(3)), True),
        (T[:1], RUNNING, False),                                        # one example alone
    ],
    mistakes=[
        (with_options(axis=1), "Over the features of one example, that is layer normalisation. Average over axis 0."),
        (with_options(unbiased=False),
         "The running variance follows the unbiased one: times N / (N - 1). The output uses the other."),
        (unbiased_twice, "The output divides by N, with x.var(0). Only the running variance divides by N - 1."),
        (with_options(new=0.9), "The momentum is turned round: nine tenths of the old value stay, one tenth is new."),
        (with_options(always=True),
         "In eval mode the running mean and variance are used, whatever the batch looks like."),
        (with_options(eps=0.0), "A feature that never varies has variance 0: add 1e-5 under the root."),
        (with_options(follow=False), "The running mean and variance must move a tenth of the way in training."),
        (without_root, "Divide by the standard deviation, the root of the variance."),
        (lambda x, running, training: normalise(x, running, training)[0],
         "Return two things: the output, and the pair (running mean, running variance)."),
    ],
)
