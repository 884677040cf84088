"""The exercises of chapter 31."""

import math

import numpy as np

from ..exercise import Exercise


def waves(*shape, scale=1.0, shift=0.0):
    """The same table on every machine: waves, so that no two neighbours are alike."""
    return shift + scale * np.sin(1.7 * np.arange(math.prod(shape)) ** 1.1).reshape(shape)


# ---- 1: k numbers and back ----


def from_k_numbers(x, k, *, centre=True, back=True, first=True, turned=False, scaled=False):
    """Every row of x (N, D) rebuilt from k numbers; the arguments by name are the slips."""
    x = np.asarray(x, float)
    mean = x.mean(0) if centre else np.zeros(x.shape[1])
    left, sizes, components = np.linalg.svd(x - mean, full_matrices=False)
    basis = components.T if turned else components
    basis = basis[:k] if first else basis[-k:]
    z = left[:, :k] if scaled else (x - mean) @ basis.T
    return z @ basis + (mean if back else 0)


def directions_of(x, k):
    return np.linalg.svd(x - x.mean(0), full_matrices=False)[2][:k]                     # (k, D)


def coded(x, k):
    return (x - x.mean(0)) @ directions_of(x, k).T


def one_plane(x, k):
    """The matrix (D, D) that projects onto the first k directions."""
    return directions_of(x, k).T @ directions_of(x, k)


FOUR = np.array([[8.0, 4.0], [6.0, 6.0], [4.0, 0.0], [2.0, 2.0]])

rebuild = Exercise(
    reference=from_k_numbers,
    cases=[
        (FOUR, 1),
        (waves(6, 4, shift=3.0), 2),                        # far from zero
        (waves(7, 5, scale=100.0), 3),
        (waves(5, 3, shift=-1.0), 3),                       # all of them: nothing is lost
        (waves(3, 6, shift=2.0), 1),                        # fewer rows than columns
        (np.array([[1.0, 2.0, 3.0]]), 1),                   # a single row is its own mean
    ],
    mistakes=[
        (lambda x, k: from_k_numbers(x, k, centre=False),
         "You forgot to centre: the first direction is spent on the way from zero to the mean."),
        (lambda x, k: from_k_numbers(x, k, back=False), "You took the mean away and did not put it back."),
        (lambda x, k: from_k_numbers(x, k, first=False),
         "Those are the last k directions, along which the data vary least."),
        (lambda x, k: from_k_numbers(x, k, turned=True),
         "The directions are the rows of what svd returns last, not its columns."),
        (lambda x, k: from_k_numbers(x, k, scaled=True),
         "The first of svd's three results has codes of length 1: multiply by the singular values, or use x."),
        (lambda x, k: np.broadcast_to(np.mean(x, 0), np.shape(x)) + 0.0,
         "That is the mean for every row: where are the k numbers?"),
        (coded, "Those are the codes, (N, k). Rebuild: times the directions, plus the mean."),
        (lambda x, k: x @ one_plane(x, k) + x.mean(0),
         "The code of x itself holds the mean already: take the mean away from x before you project."),
    ],
    tol=1e-4,                                   # float32 keeps no more of numbers around 100
)

# ---- 2: decibels ----


def decibels(clean, made, times=10.0, log=np.log10, error=lambda e: np.mean(e**2), peak=1.0):
    """Peak signal-to-noise ratio of pictures with values up to 1; the arguments by name are the slips."""
    return times * log(peak / error(np.asarray(clean, float) - np.asarray(made, float)))


def of_each(clean, made):
    """The mean of the ratios of single pictures."""
    return np.mean([decibels(a, b) for a, b in zip(clean, made, strict=True)])


psnr = Exercise(
    reference=decibels,
    cases=[
        (np.array([[0.0, 1.0, 1.0, 0.0]]), np.array([[0.1, 0.9, 1.1, -0.1]])),          # error 0.01: 20 dB
        (np.zeros((2, 3)), np.array([[1.0, 1.0, 1.0], [0.5, 0.0, 0.0]])),
        (waves(3, 4, scale=0.5, shift=0.5), waves(3, 4, scale=0.4, shift=0.5)),
        (np.ones((1, 5)), np.zeros((1, 5))),                                            # as wrong as can be: 0 dB
        (np.zeros((4, 2)), np.full((4, 2), 2.0)),                                       # worse than that: below 0
    ],
    mistakes=[
        (lambda a, b: -decibels(a, b), "The sign is turned round: a small error is a large ratio."),
        (lambda a, b: decibels(a, b, log=np.log), "That is the natural logarithm. Decibels take that to base 10."),
        (lambda a, b: decibels(a, b, times=20.0),
         "20 belongs in front of the root of the error, 10 in front of its square."),
        (lambda a, b: decibels(a, b, error=lambda e: np.abs(e).mean()),
         "That is the mean absolute error. The ratio takes the mean squared one."),
        (lambda a, b: decibels(a, b, error=lambda e: np.sum(e**2)), "You added the squares up: take their mean."),
        (lambda a, b: decibels(a, b, times=1.0), "Those are bels. A decibel is a tenth of one."),
        (lambda a, b: decibels(a, b, peak=255.0**2), "Here white is 1, not 255."),
        (lambda a, b: decibels(a, b, peak=np.max(a) ** 2), "White is 1, also where the brightest pixel is darker."),
        (lambda a, b: 1 / np.mean((a - b) ** 2), "That is the ratio itself: ten times its logarithm to base 10."),
        (of_each, "You took a ratio per picture and then the mean. Take the mean of all squares first."),
    ],
)

# ---- 3: the area under the curve ----


def share_of_pairs(scores, anomaly, tie=0.5):
    """How often an anomaly scores above a normal example, over all pairs; a tie counts `tie`."""
    scores, anomaly = np.asarray(scores, float), np.asarray(anomaly, bool)
    apart = scores[anomaly][:, None] - scores[~anomaly]                       # (anomalies, normal)
    return float(np.mean((apart > 0) + tie * (apart == 0)))


def share_above_middle(scores, anomaly):
    """The share of examples on their own side of the mean score."""
    scores, anomaly = np.asarray(scores, float), np.asarray(anomaly, bool)
    return float(np.mean((scores > scores.mean()) == anomaly))


def first_pairs(scores, anomaly):
    """Pairs by position in place of all pairs."""
    scores, anomaly = np.asarray(scores, float), np.asarray(anomaly, bool)
    high, low = scores[anomaly], scores[~anomaly]
    n = min(len(high), len(low))
    return float(np.mean((high[:n] > low[:n]) + 0.5 * (high[:n] == low[:n])))


auc = Exercise(
    reference=share_of_pairs,
    cases=[
        (np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])),                      # 3 of 4 pairs
        (np.array([3.0, 1.0, 2.0, 5.0, 4.0]), np.array([1, 0, 0, 1, 1])),               # all pairs
        (np.array([1.0, 1.0, 1.0]), np.array([0, 1, 0])),                               # nothing but ties
        (np.array([2.0, 2.0, 1.0, 3.0, 0.0, 9.0]), np.array([1, 0, 0, 0, 1, 1])),
        (np.array([-5.0, -1.0, -3.0]), np.array([1, 0, 0])),                            # the wrong way round: 0
    ],
    mistakes=[
        (lambda s, a: 1 - share_of_pairs(s, a), "The pairs are turned round: an anomaly should score higher."),
        (lambda s, a: share_of_pairs(s, a, tie=0.0), "A pair of equal scores counts a half, not nothing."),
        (lambda s, a: share_of_pairs(s, a, tie=1.0), "A pair of equal scores counts a half, not a whole."),
        (share_above_middle, "That is an accuracy at one threshold. The area needs no threshold."),
        (first_pairs, "You paired the first with the first: every anomaly meets every normal example."),
        (lambda s, a: share_of_pairs(s, a) * np.sum(a) * np.sum(np.asarray(a) == 0),
         "You counted the pairs: divide by how many there are."),
    ],
)

# ---- 4: one matrix for both ways ----


def tied(x, w, *, inside=True, outside=True, factor=2.0, per_row=False):
    """The gradient of the mean squared error of x W' W for W (Z, D); the arguments by name are the slips."""
    g = factor * (x @ w.T @ w - x) / (len(x) if per_row else x.size)          # (N, D)
    return outside * (x @ w.T).T @ g + inside * (g @ w.T).T @ x               # (Z, D)


tied_gradient = Exercise(
    reference=tied,
    cases=[
        (FOUR - FOUR.mean(0), np.array([[1.0, 0.0]])),
        (FOUR - FOUR.mean(0), np.array([[0.6, 0.8]])),
        (waves(5, 3), waves(2, 3, scale=0.7)),
        (waves(1, 4, scale=2.0), waves(4, 4, scale=0.3)),                     # one example, as many numbers as pixels
        (np.zeros((3, 2)), np.array([[1.0, 2.0]])),                           # nothing to learn from
        (waves(6, 3), np.zeros((1, 3))),                                      # a saddle: all slopes are 0
    ],
    mistakes=[
        (lambda x, w: tied(x, w, inside=False),
         "That is the decoder's part alone. W is used twice, so its gradient has two parts."),
        (lambda x, w: tied(x, w, outside=False),
         "That is the encoder's part alone. W is used twice, so its gradient has two parts."),
        (lambda x, w: tied(x, w, per_row=True), "The mean goes over all N D numbers, not over the N rows."),
        (lambda x, w: tied(x, w, factor=1.0),
         "That is half of it: a square brings a factor of 2, and the two parts are added, not averaged."),
        (lambda x, w: tied(x, w) * x.size, "The mean is missing: divide by all N D numbers."),
        (lambda x, w: -tied(x, w), "The sign is turned round: take output minus input."),
        (lambda x, w: tied(x, w).T, "The gradient must have the shape of W, (Z, D)."),
    ],
)

# ---- 5: how far two planes are turned against each other ----


def largest_angle(a, b, *, straight=True, pick=-1, degrees=True, sine=False):
    """The largest principal angle in degrees between the row spaces of a and b (Z, D); by name: the slips."""
    def basis(rows):
        rows = np.asarray(rows, float)
        return np.linalg.qr(rows.T)[0] if straight else (rows / np.linalg.norm(rows, axis=1, keepdims=True)).T

    cosines = np.clip(np.linalg.svd(basis(a).T @ basis(b))[1], -1, 1)         # (Z,)  largest first
    angle = (np.arcsin if sine else np.arccos)(cosines[pick])
    return float(np.rad2deg(angle) if degrees else angle)


def pairwise(a, b):
    """The largest angle between a row of a and the row of b with the same number."""
    a, b = (np.asarray(m, float) / np.linalg.norm(m, axis=1, keepdims=True) for m in (a, b))
    return float(np.rad2deg(np.arccos(np.clip(np.sum(a * b, 1), -1, 1)).max()))


PLANE = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
TILTED = np.array([[1.0, 0.0, 0.0], [0.0, np.cos(0.5), np.sin(0.5)]])

angle_between = Exercise(
    reference=largest_angle,
    cases=[
        (PLANE, TILTED),                                                      # 0.5 radians
        (PLANE, np.array([[2.0, 3.0, 0.0], [1.0, -1.0, 0.0]])),               # the same plane, other vectors
        (np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])),                     # two lines: 45 degrees
        (np.array([[1.0, 0.0]]), np.array([[-2.0, 0.0]])),                    # the same line, the other way
        (np.array([[1.0, 1.0, 0.0], [1.0, 2.0, 0.0]]), TILTED),               # vectors that are not at right angles
        (waves(2, 5), waves(2, 5, shift=1.0)),
    ],
    mistakes=[
        (pairwise, "You compared vector with vector. Two planes can be one and be spanned by different vectors."),
        (lambda a, b: largest_angle(a, b, straight=False),
         "The rows are not at right angles to each other: make them so first, as np.linalg.qr does."),
        (lambda a, b: largest_angle(a, b, pick=0), "That is the smallest angle: the largest cosine comes first."),
        (lambda a, b: largest_angle(a, b, degrees=False), "Those are radians. Degrees were asked for."),
        (lambda a, b: np.array([largest_angle(a, b, pick=i) for i in range(len(a))]),
         "Those are all principal angles: return the largest."),
        (lambda a, b: largest_angle(a.T, b.T), "np.linalg.qr takes columns, and your vectors are rows: transpose."),
        (lambda a, b: largest_angle(a, b, sine=True), "The singular values are cosines, not sines."),
    ],
    tol=1e-4,                                   # near 0 an arccos keeps only half of the digits
)
