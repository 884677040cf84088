"""The exercises of chapter 34."""

import math

import numpy as np

from ..exercise import Exercise


def waves(*shape, scale=1.0, shift=0.0):
    """The same table on every machine: waves, so that no two neighbours are alike."""
    return shift + scale * np.sin(1.7 * np.arange(math.prod(shape)) ** 1.1).reshape(shape)


# ---- 1: how large a picture grows ----


def grown(side, kernel, stride, padding):
    """The side that a transposed convolution makes."""
    return (side - 1) * stride - 2 * padding + kernel


transposed_side = Exercise(
    reference=grown,
    cases=[
        (7, 4, 2, 1),                                                       # 14: doubled
        (14, 4, 2, 1),
        (1, 4, 1, 0),                                                       # 4: the start of the paper's generator
        (5, 3, 1, 1),                                                       # stays 5
        (1, 1, 1, 0),
        (6, 5, 3, 2),
    ],
    mistakes=[
        (lambda n, k, s, p: (n + 2 * p - k) // s + 1,
         "That is the side of a plain convolution: a transposed one grows."),
        (lambda n, k, s, p: n * s, "That holds for kernel 4, stride 2, padding 1, and not in general."),
        (lambda n, k, s, p: n * s - 2 * p + k, "There are side - 1 steps of the stride between side places, not side."),
        (lambda n, k, s, p: (n - 1) * s + 2 * p + k,
         "Padding takes away from the output of a transposed convolution: minus, not plus."),
        (lambda n, k, s, p: (n - 1) * s - p + k, "Padding takes from both edges: twice."),
        (lambda n, k, s, p: (n - 1) * s + k, "The padding is missing."),
        (lambda n, k, s, p: n * s + k, "The first copy covers kernel places, each other one adds a stride."),
    ],
)

# ---- 2: the work of moving one pile onto another ----


def work(a, b, *, order=True, size=np.abs, join=np.mean):
    """The mean distance of sorted partners; by name: the slips."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    a, b = (np.sort(a), np.sort(b)) if order else (a, b)
    return float(join(size(a - b)))


wasserstein = Exercise(
    reference=work,
    cases=[
        (np.array([1.0, 2.0, 6.0]), np.array([5.0, 3.0, 4.0])),             # on paper: 5/3
        (np.array([0.0]), np.array([-3.0])),
        (np.array([2.0, 0.0, 1.0]), np.array([0.0, 1.0, 2.0])),             # the same pile in another order
        (np.array([-1.0, 1.0]), np.array([0.0, 0.0])),                      # equal means, other spread
        (waves(7, scale=100.0), waves(7, scale=3.0, shift=5.0)),
    ],
    mistakes=[
        (lambda a, b: work(a, b, order=False),
         "Those are partners by position. The cheapest partners are those by rank."),
        (lambda a, b: float(np.mean(np.abs(np.asarray(a) - np.sort(b)))),
         "You sorted the made numbers alone. Sort both, so that partners have the same rank."),
        (lambda a, b: float(np.mean(np.abs(np.sort(a) - np.asarray(b)))),
         "You sorted the real numbers alone. Sort both, so that partners have the same rank."),
        (lambda a, b: float(np.sqrt(work(a, b, size=np.square))),
         "That is the root of the mean square. The work is the mean distance: take the absolute value."),
        (lambda a, b: float(np.abs(np.subtract.outer(a, b)).min(0).mean()),
         "Each made number goes to the nearest real one, so some real ones get none. Everyone has one partner."),
        (lambda a, b: abs(float(np.mean(a) - np.mean(b))),
         "That is the distance of the means: two piles of equal mean can differ in spread."),
        (lambda a, b: work(a, b, join=np.sum), "You added up: each number carries only a share 1/N of the pile."),
        (lambda a, b: work(a, b, size=np.square), "That is the mean square. The work is the mean distance."),
        (lambda a, b: work(a, b, size=lambda d: d),
         "Without the absolute value, moves to the left pay for moves to the right."),
        (lambda a, b: float(np.mean(np.abs(np.subtract.outer(a, b)))),
         "That is the mean over all pairs. Each number moves once."),
    ],
)

# ---- 3: the penalty ----


def penalty_of(slopes, *, target=1.0, power=2, per_number=False, root=True, one_sided=False, join=np.mean):
    """The mean over examples of (length - 1)²; by name: the slips."""
    flat = np.asarray(slopes, float).reshape(len(slopes), -1)
    length = np.abs(flat) if per_number else (flat**2).sum(1)
    length = np.sqrt(length) if root and not per_number else length
    beyond = np.maximum(length - target, 0) if one_sided else length - target
    return float(join(np.abs(beyond) ** power))


penalty = Exercise(
    reference=penalty_of,
    cases=[
        (np.array([[3.0, 4.0]]),),                                          # length 5: 16
        (np.array([[0.6, 0.8], [0.0, 0.0], [0.0, 2.0]]),),                  # 0, 1, 1: 2/3
        (waves(4, 3, scale=0.2),),                                          # short ones cost too
        (waves(3, 1, 2, 2, scale=2.0),),                                    # images
        (waves(1, 5),),
    ],
    mistakes=[
        (lambda s: penalty_of(s, target=0.0), "That pulls every slope to 0. The length should be 1."),
        (lambda s: penalty_of(s, per_number=True),
         "That is the penalty of each number. One length per example: over all axes but the first."),
        (lambda s: float(np.mean((np.sqrt((np.asarray(s) ** 2).sum(1)) - 1) ** 2)),
         "That is right for rows. An image has more axes: its length goes over all of them but the first."),
        (lambda s: float(np.mean((np.sqrt((np.asarray(s) ** 2).sum(-1)) - 1) ** 2)),
         "That goes over the last axis alone: right for rows, but the length of an image goes over all but the first."),
        (lambda s: (np.linalg.norm(np.reshape(s, (len(s), -1)), axis=1).mean() - 1) ** 2,
         "With the mean length a long slope makes up for a short one: square first, the mean comes last."),
        (lambda s: penalty_of(s, root=False), "The root is missing: a length is the root of the sum of squares."),
        (lambda s: penalty_of(s, one_sided=True), "Slopes shorter than 1 cost too in this penalty."),
        (lambda s: penalty_of(s, power=1), "That is the distance from 1: square it."),
        (lambda s: penalty_of(s, join=np.sum), "That is a sum: take the mean over the examples."),
        (lambda s: (np.linalg.norm(np.asarray(s, float)) - 1) ** 2,
         "That is one length for the whole batch. Each example has its own."),
    ],
)

# ---- 4: the Fréchet distance ----


def between(a, b, *, means=True, spread=True, cross=2.0, square=True, ddof=1, root=np.sqrt):
    """The Fréchet distance of two Gaussians fitted to features (N, K) and (M, K); by name: the slips."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    apart = ((a.mean(0) - b.mean(0)) ** 2).sum()
    apart = apart if square else np.sqrt(apart)
    ca, cb = (np.atleast_2d(np.cov(part.T, ddof=ddof)) for part in (a, b))
    roots = root(np.maximum(np.linalg.eigvals(ca @ cb).real, 0)).sum()
    return float(means * apart + spread * (np.trace(ca) + np.trace(cb) - cross * roots))


def by_spreads(a, b):
    """As if no two features were correlated."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + ((a.std(0, ddof=1) - b.std(0, ddof=1)) ** 2).sum())


def by_entries(a, b):
    """With the root of each entry in place of that of the matrix."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    ca, cb = np.atleast_2d(np.cov(a.T)), np.atleast_2d(np.cov(b.T))
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca + cb - 2 * np.sqrt(ca @ cb)))


LINE = np.array([[-1.0, -1.0], [0.0, 0.0], [1.0, 1.0]])

frechet = Exercise(
    reference=between,
    cases=[
        (np.array([[0.0], [2.0]]), np.array([[3.0], [9.0]])),               # means 1, 6; variances 2, 18: 25 + 8
        (LINE, LINE + 2.0),                                                 # moved alone: 8
        (LINE, LINE * np.array([1.0, -1.0])),                               # the same spreads, turned
        (waves(9, 3), waves(7, 3, scale=2.0, shift=1.0)),
        (waves(5, 2), waves(5, 2)),                                         # with itself: 0
    ],
    mistakes=[
        (lambda a, b: between(a, b, spread=False), "Those are the means alone. Where are the covariances?"),
        (lambda a, b: between(a, b, means=False), "The squared distance of the means is missing."),
        (lambda a, b: between(a, b, cross=1.0), "The last term counts twice."),
        (lambda a, b: between(a, b, ddof=0), "You divided by N. The covariances here have N - 1 below."),
        (lambda a, b: between(a, b, root=lambda w: w), "The root of the eigenvalues is missing."),
        (lambda a, b: between(a, b, cross=0.0), "The last term is missing: of a set with itself the distance is 0."),
        (by_entries, "np.sqrt takes the root of each entry, not of the matrix: sum the roots of its eigenvalues."),
        (by_spreads, "You used the spreads alone. Features that vary together make a difference too."),
        (lambda a, b: between(a, b, square=False), "The distance of the means is squared."),
    ],
    tol=1e-5,                       # the root of an eigenvalue near 0 keeps half of the digits
)
