"""The exercises of chapter 43."""

import numpy as np

from ..exercise import Exercise


def plain(x):
    """A tensor, list or array as an array of floats."""
    return np.asarray(x.detach().numpy() if hasattr(x, "detach") else x, float)


P = np.array([0.4, 0.1, 0.3, 0.15, 0.05])

# ---- 1: top-k ----


def largest_k(p, k):
    p = plain(p)
    kept = np.where(np.isin(np.arange(len(p)), np.argsort(-p)[:k]), p, 0.0)
    return kept / kept.sum()


top_k = Exercise(
    reference=largest_k,
    cases=[(P, 2), (P, 1), (P, 5), (np.array([0.1, 0.2, 0.7]), 2), (np.array([0.05, 0.9, 0.03, 0.02]), 3)],
    mistakes=[
        (lambda p, k: largest_k(p, k) * np.sort(p)[-k:].sum(),
         "What is kept no longer sums to 1: divide by its sum."),
        (lambda p, k: np.sort(largest_k(p, k))[::-1],
         "The chances are sorted now, and no longer belong to their characters: keep every place."),
        (lambda p, k: np.where(np.arange(len(p)) < k, p, 0) / p[:k].sum(),
         "You kept the first k places. Keep the k largest chances, wherever they stand."),
        (lambda p, k: largest_k(-p, k) if k < len(p) else p, "You kept the k smallest chances."),
        (lambda p, k: largest_k(p, k)[largest_k(p, k) > 0],
         "The result needs a place for every character, with 0 for those that are out."),
        (lambda p, k: np.exp(p) * (largest_k(p, k) > 0) / (np.exp(p) * (largest_k(p, k) > 0)).sum(),
         "p holds chances, not scores: no softmax, divide by the sum of what is kept."),
    ],
)

# ---- 2: nucleus ----


def smallest_set(p, top_p):
    p = plain(p)
    order = np.argsort(-p, kind="stable")
    before = np.cumsum(p[order]) - p[order]
    kept = np.zeros_like(p)
    kept[order[before < top_p - 1e-9]] = 1
    return p * kept / (p * kept).sum()


def below(p, top_p, slack=1e-9):
    """Stops before the sum is reached."""
    order = np.argsort(-p, kind="stable")
    kept = np.zeros_like(p)
    kept[order[np.cumsum(p[order]) < top_p + slack]] = 1
    return p * kept / (p * kept).sum()


def last_of_equals(p, top_p):
    return smallest_set(p[::-1], top_p)[::-1]


nucleus = Exercise(
    reference=smallest_set,
    cases=[(P, 0.8), (P, 1.0), (np.array([0.02, 0.9, 0.05, 0.03]), 0.5), (np.full(4, 0.25), 0.6),
           (np.array([0.1, 0.2, 0.7]), 0.85), (np.array([0.125, 0.5, 0.25, 0.125]), 0.75)],        # reached exactly
    mistakes=[
        (below, "The character that reaches top_p belongs to the set. Without it the sum stays below, and where the "
                "first one alone is above top_p nothing is left."),
        (lambda p, t: below(p, t, slack=0),
         "The sum of what you keep must reach top_p: a character is out only if the sum before it is there already."),
        (lambda p, t: smallest_set(p, t + 1e-6),
         "One too many where the sum is top_p exactly: the set is complete as soon as it reaches top_p."),
        (last_of_equals, 'Of equal chances the first ones stay: np.argsort(-p, kind="stable") keeps their order.'),
        (lambda p, t: np.where(p >= t, p, 0) / np.where(p >= t, p, 0).sum(),
         "top_p bounds the sum of the kept chances, not each single one."),
        (lambda p, t: smallest_set(p, t) * (p * (smallest_set(p, t) > 0)).sum(),
         "What is kept no longer sums to 1: divide by its sum."),
        (lambda p, t: np.where(np.cumsum(p) - p < t - 1e-9, p, 0) / p[np.cumsum(p) - p < t - 1e-9].sum(),
         "Add up from the largest chance on: sort first."),
        (lambda p, t: np.sort(smallest_set(p, t))[::-1],
         "The chances are sorted now, and no longer belong to their characters: keep every place."),
    ],
)

# ---- 3: parameters ----


def size(vocab_size, max_len, d_model, num_layers):
    v, t, d, n = vocab_size, max_len, d_model, num_layers
    return v * d + t * d + n * (12 * d * d + 13 * d) + 2 * d


gpt_parameters = Exercise(
    reference=size,
    cases=[(103, 32, 64, 2), (50257, 1024, 768, 12), (1, 1, 1, 1), (10, 7, 16, 3)],
    mistakes=[
        (lambda v, t, d, n: size(v, t, d, n) + v * d, "The head is the embedding again, one matrix: it counts once."),
        (lambda v, t, d, n: size(v, t, d, n) - t * d, "The positions are missing: they are learnt here."),
        (lambda v, t, d, n: size(v, t, d, n) - 13 * n * d,
         "The biases and norms of the blocks are missing: 13 d_model for each block."),
        (lambda v, t, d, n: size(v, t, d, n) - 2 * d, "The last norm, before the head, is missing."),
        (lambda v, t, d, n: size(v, t, d, n) - 4 * n * d,
         "The norms of the blocks are missing: two in each, with a weight and a bias."),
        (lambda v, t, d, n: size(v, t, d, n) - 13 * n * d - 2 * d,
         "Tables and matrices are right. The biases and all norms are missing."),
        (lambda v, t, d, n: size(v, t, d, n) + v, "The head has no bias: it is the embedding, and nothing else."),
        (lambda v, t, d, n: v * d + t * d + (12 * d * d + 13 * d) + 2 * d, "That is one block. There are num_layers."),
        (lambda v, t, d, n: 12 * n * d * d, "12 d² for each block is a rule of thumb. The task asks for all of them."),
    ],
    tol=1e-12,
)

# ---- 4: one step with a cache ----


def one_step(q, k, v, keys, values):
    keys, values = np.vstack([plain(keys), plain(k)]), np.vstack([plain(values), plain(v)])
    scores = keys @ plain(q) / np.sqrt(len(q))
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ values, keys, values


def old_keys_only(q, k, v, keys, values):
    y = one_step(q, keys[-1], values[-1], keys[:-1], values[:-1])[0]
    return y, np.vstack([keys, k]), np.vstack([values, v])


def not_kept(q, k, v, keys, values):
    return one_step(q, k, v, keys, values)[0], keys, values


def in_front(q, k, v, keys, values):
    return one_step(q, k, v, keys, values)[0], np.vstack([k, keys]), np.vstack([v, values])


def unscaled(q, k, v, keys, values):
    _, keys, values = one_step(q, k, v, keys, values)
    return one_step(q * np.sqrt(len(q)), keys[-1], values[-1], keys[:-1], values[:-1])


def keys_as_values(q, k, v, keys, values):
    y, all_keys, all_values = one_step(q, k, v, keys, values)
    return one_step(q, k, k, keys, keys)[0], all_keys, all_values


def overflowing(q, k, v, keys, values):
    _, keys, values = one_step(q, k, v, keys, values)
    weights = np.exp(keys @ q / np.sqrt(len(q)))
    return weights / weights.sum() @ values, keys, values


def without_softmax(q, k, v, keys, values):
    _, keys, values = one_step(q, k, v, keys, values)
    return keys @ q / np.sqrt(len(q)) @ values, keys, values


def rows(n, d, turn):
    return (np.arange(n * d).reshape(n, d) * turn % 7 - 3.0) / 2


step = Exercise(
    reference=one_step,
    cases=[
        (np.array([2.0, 1.0]), np.array([1.0, 0.0]), np.array([5.0, 1.0]), np.eye(2)[1:], np.array([[3.0, 2.0]])),
        (rows(1, 4, 3)[0], rows(1, 4, 5)[0], rows(1, 4, 2)[0] + 1, rows(3, 4, 2), rows(3, 4, 3)),
        (30 * rows(1, 4, 5)[0], 30 * rows(1, 4, 3)[0], rows(1, 4, 6)[0], 30 * rows(5, 4, 4), rows(5, 4, 2)),
    ],
    mistakes=[
        (old_keys_only, "The new position must see itself: join its key and value to the cache before you look."),
        (not_kept, "You returned the old cache: the new key and value are lost for the next step."),
        (in_front, "The new key and value belong at the end, behind the older ones."),
        (unscaled, "The scale is missing: divide the scores by the root of d."),
        (keys_as_values, "The mean must be of the values, not of the keys."),
        (overflowing, "np.exp of a large score is infinite: take the largest score away first."),
        (without_softmax, "The scores are not weights yet: softmax makes them positive, with sum 1."),
        (lambda q, k, v, keys, values: one_step(q, k, v, keys, values)[0],
         "Return three things: the answer, all keys, all values."),
    ],
)
