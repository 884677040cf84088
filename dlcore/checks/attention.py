"""The exercises of chapter 41."""

import numpy as np

from ..activation import softmax
from ..exercise import Exercise

# ---- 1: one query ----


def one_query(query, keys, values):
    query, keys, values = (np.asarray(a, float) for a in (query, keys, values))
    return softmax(keys @ query / np.sqrt(len(query))) @ values


def with_weights(weights_of):
    """A look-up with other weights, for the mistakes."""
    return lambda query, keys, values: weights_of(keys @ query, len(query)) @ values


def overflowing(scores, d):
    e = np.exp(scores / np.sqrt(d))
    return e / e.sum()


KEYS = np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0]])
look_up = Exercise(
    reference=one_query,
    cases=[
        (np.array([2.0, 0.0, 1.0, 1.0]), KEYS, np.array([[10.0], [20.0], [40.0]])),
        (np.array([0.0, 0.0, 0.0, 0.0]), KEYS, np.array([[10.0, 1.0], [20.0, 0.0], [40.0, -1.0]])),
        (np.array([1.0, -1.0]), np.array([[2.0, 1.0]]), np.array([[5.0, 6.0, 7.0]])),               # a single key
        (np.array([2.0]), np.array([[1.0], [-1.0], [0.5]]), np.eye(3)),
        (np.array([9000.0, 0.0, 1.0, 1.0]), KEYS, np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])),
    ],
    mistakes=[
        (with_weights(lambda s, d: softmax(s)), "You left out the scale: divide the scores by the root of d."),
        (with_weights(lambda s, d: softmax(s / d)), "You divided by d. Divide by the root of d, the spread of q · k."),
        (with_weights(lambda s, d: s / np.sqrt(d)),
         "Those are scores, not weights: softmax makes them positive, with sum 1."),
        (with_weights(overflowing), "exp of a large score overflows: take the largest score away first."),
        (with_weights(lambda s, d: np.eye(len(s))[s.argmax()]),
         "That is the hard look-up: the best key takes all. The soft one mixes."),
        (with_weights(lambda s, d: np.exp(s / np.sqrt(d) - s.max() / np.sqrt(d))),
         "The weights must sum to 1: divide by their sum."),
    ],
)

# ---- 2: causal weights ----


def masked_softmax(scores, may_look):
    return softmax(np.where(may_look, scores, -np.inf))


def lower(scores, k=0):
    return np.tri(*scores.shape, k=k, dtype=bool)


def cut_afterwards(scores):
    return softmax(scores) * lower(scores)


def cut_and_divided(scores):
    cut = cut_afterwards(scores)
    return cut / cut.sum(1, keepdims=True)


def overflowing_rows(scores):
    e = np.exp(scores) * lower(scores)
    return e / e.sum(1, keepdims=True)


def tilted(n):
    """n x n scores with no structure that a mistake could hide in."""
    return np.add.outer(np.arange(n) ** 2 % 5, np.arange(n) * 3 % 7) * 0.5 - 1.0


causal_weights = Exercise(
    reference=lambda scores: masked_softmax(np.asarray(scores, float), lower(np.asarray(scores))),
    cases=[(np.zeros((3, 3)),), (tilted(4),), (np.array([[7.0]]),), (-900.0 * tilted(5),), (900.0 * tilted(3),)],
    mistakes=[
        (lambda s: masked_softmax(s, lower(s, -1)),
         "A position may look at itself: with only the earlier ones, the first row has nowhere to look."),
        (lambda s: masked_softmax(s, lower(s).T), "The mask is turned round: row i may look at columns 0 to i."),
        (cut_afterwards, "Cutting weights after the softmax leaves rows that do not sum to 1: hide the scores before."),
        (cut_and_divided, "Right on paper. But where a hidden score is by far the largest, the allowed weights are 0 "
                          "already, and 0/0 is nan: hide the scores before."),
        (overflowing_rows, "exp of a large score overflows: softmax takes the largest score away first."),
        (lambda s: softmax(np.where(lower(s), s, 0.0)), "A score of 0 still gets weight exp(0) = 1. Hide with -inf."),
        (lambda s: softmax(np.where(lower(s), s, -np.inf), 0),
         "The softmax runs over the wrong axis: each row, one query, must sum to 1."),
        (lambda s: softmax(s), "Nothing is hidden: every position still sees the future."),
    ],
)

# ---- 3: the gradient of the scores ----


def scores_gradient(weights, values, g):
    weights, values, g = (np.asarray(a, float) for a in (weights, values, g))
    inner = g @ values.T                                                        # (L, S)
    return weights * (inner - (weights * inner).sum(-1, keepdims=True))


def other_mean(mean):
    def wrong(weights, values, g):
        inner = g @ values.T
        return weights * (inner - mean(weights, inner))

    return wrong


W = softmax(np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 3.0]]))
score_gradient = Exercise(
    reference=scores_gradient,
    cases=[
        (softmax(np.array([[2.0, 1.0, 0.0]])), np.array([[10.0], [20.0], [40.0]]), np.array([[1.0]])),
        (W, np.array([[1.0, 0.0], [2.0, -1.0], [0.5, 3.0]]), np.array([[1.0, 2.0], [-1.0, 0.5]])),
        (np.array([[1.0, 0.0, 0.0]]), np.array([[1.0], [2.0], [3.0]]), np.array([[5.0]])),          # saturated
        (softmax(tilted(3)), np.eye(3), tilted(3)),
    ],
    mistakes=[
        (lambda w, v, g: g @ v.T, "That is the gradient of the weights. The softmax still lies between."),
        (lambda w, v, g: w * (g @ v.T),
         "One score moves all weights, since they sum to 1: take away the weighted mean of each row."),
        (lambda w, v, g: g @ v.T - (w * (g @ v.T)).sum(-1, keepdims=True),
         "The factor in front is missing: a score is pushed in proportion to the weight that it already has."),
        (other_mean(lambda w, inner: inner.mean(-1, keepdims=True)),
         "Take away the mean under the weights, not the plain mean."),
        (other_mean(lambda w, inner: (w * inner).sum(0, keepdims=True)),
         "The weighted mean belongs to each query: sum over the keys, the last axis."),
        (lambda w, v, g: w * (1 - w) * (g @ v.T),
         "w (1 - w) is the slope of a weight for its own score: every other weight moves too."),
        (lambda w, v, g: -scores_gradient(w, v, g), "The sign is turned round."),
    ],
)

# ---- 4: heads ----


def split(x, num_heads):
    x = np.asarray(x)
    return x.reshape(len(x), num_heads, -1).swapaxes(0, 1)


split_heads = Exercise(
    reference=split,
    cases=[
        (np.arange(12.0).reshape(3, 4), 2),
        (np.arange(16.0).reshape(4, 4), 4),
        (np.arange(6.0).reshape(1, 6), 3),
        (np.arange(8.0).reshape(2, 4), 1),
        (np.arange(36.0).reshape(6, 6), 2),
    ],
    mistakes=[
        (lambda x, n: x.reshape(n, len(x), -1),
         "reshape alone deals the numbers out in memory order and mixes positions: first (T, heads, E / heads), "
         "then exchange the first two axes."),
        (lambda x, n: x.reshape(len(x), n, -1), "The heads must come first: exchange the first two axes."),
        (lambda x, n: x.reshape(len(x), -1, n).transpose(2, 0, 1),
         "Each head gets neighbouring features, a block, not every n-th one."),
        (lambda x, n: np.stack(np.split(x, n, axis=0)) if len(x) % n == 0 else x[None],
         "You cut the sequence. Every head sees all positions, and a part of each vector."),
        (lambda x, n: np.stack([x] * n), "Every head got the whole vector. Each gets its own part of it."),
    ],
)

# ---- 5: attention in pieces ----


def merged(a, b):
    m = max(a[0], b[0])
    s, t = a[1] * np.exp(a[0] - m), b[1] * np.exp(b[0] - m)
    return m, s + t, (s * np.asarray(a[2], float) + t * np.asarray(b[2], float)) / (s + t)


def forgetting(a, b):
    return max(a[0], b[0]), a[1] + b[1], (a[1] * a[2] + b[1] * b[2]) / (a[1] + b[1])


def halves(a, b):
    m, s, _ = merged(a, b)
    return m, s, (a[2] + b[2]) / 2


def naive(a, b):
    s, t = a[1] * np.exp(a[0]), b[1] * np.exp(b[0])
    m = max(a[0], b[0])
    return m, (s + t) / np.exp(m), (s * a[2] + t * b[2]) / (s + t)


def turned(a, b):
    m = max(a[0], b[0])
    s, t = a[1] * np.exp(m - a[0]), b[1] * np.exp(m - b[0])
    return m, s + t, (s * a[2] + t * b[2]) / (s + t)


def added(a, b):
    m, s, _ = merged(a, b)
    return m, s, a[2] + b[2]


merge = Exercise(
    reference=merged,
    cases=[
        ((2.0, 1.5, np.array([1.0, 0.0])), (1.0, 2.0, np.array([0.0, 4.0]))),
        ((0.0, 1.0, np.array([3.0])), (0.0, 3.0, np.array([7.0]))),
        ((-1.0, 1.0, np.array([1.0, 2.0, 3.0])), (4.0, 1.25, np.array([-1.0, 0.0, 5.0]))),
        ((1000.0, 1.0, np.array([2.0])), (998.0, 1.0, np.array([4.0]))),
        ((-1000.0, 2.0, np.array([2.0])), (-1001.0, 1.0, np.array([4.0]))),
    ],
    mistakes=[
        (forgetting, "The two sums are measured from different largest scores: bring both to the new one first."),
        (halves, "A piece counts by the sum of its weights, not by half."),
        (naive, "exp(1000) overflows: use only differences from the new largest score."),
        (turned, "The exponent has the wrong sign: the piece with the smaller largest score shrinks."),
        (added, "Each mean is already divided by its own sum: mix them with weights that sum to 1."),
    ],
)
