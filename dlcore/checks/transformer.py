"""The exercises of chapter 42."""

import numpy as np

from ..exercise import Exercise


def plain(x):
    """A tensor, list or array as an array."""
    return np.asarray(x.detach().numpy() if hasattr(x, "detach") else x)


# ---- 1: layer norm ----


def normalise(x, weight, bias, eps=1e-5):
    x = plain(x)
    return weight * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps) + bias


def with_axis(axis):
    def wrong(x, weight, bias, eps=1e-5):
        return weight * (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps) + bias

    return wrong


def by_variance(x, weight, bias, eps=1e-5):
    return weight * (x - x.mean(-1, keepdims=True)) / (x.var(-1, keepdims=True) + eps) + bias


def eps_outside(x, weight, bias, eps=1e-5):
    spread = x.std(-1, keepdims=True) + eps
    return weight * (x - x.mean(-1, keepdims=True)) / spread + bias


def without_mean(x, weight, bias, eps=1e-5):
    return weight * x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) + bias


def with_its_mean(x, weight, bias, eps=1e-5):
    return weight * x / np.sqrt(x.var(-1, keepdims=True) + eps) + bias


def by_one_less(x, weight, bias, eps=1e-5):
    return weight * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True, ddof=1) + eps) + bias


def axis_dropped(x, weight, bias, eps=1e-5):
    return weight * (x - x.mean(-1)) / np.sqrt(x.var(-1) + eps) + bias


ONES, NONE = np.ones(4), np.zeros(4)
layer_norm = Exercise(
    reference=normalise,
    cases=[
        (np.array([[1.0, 5.0, 1.0, 5.0]]), ONES, NONE),
        (np.array([[1.0, 2.0, 3.0, 6.0], [0.0, 0.0, 0.0, 8.0], [9.0, -1.0, 0.5, 0.5]]),
         np.array([1.0, 2.0, 0.5, -1.0]), np.array([0.0, 1.0, -1.0, 3.0])),
        (np.array([[7.0, 7.0, 7.0, 7.0]]), ONES, np.array([1.0, 2.0, 3.0, 4.0])),                  # nothing varies
        (np.arange(24.0).reshape(2, 3, 4) ** 2, ONES, NONE),                                        # (N, T, D)
        (np.array([[1e-3, 2e-3, 3e-3, 4e-3]]), ONES, NONE),                                         # eps counts here
    ],
    mistakes=[
        (with_axis(0), "Mean and variance were taken over the wrong axis: each position has its own, over its "
                       "features, the last axis."),
        (with_axis(None), "Mean and variance were taken over all numbers at once. Each position has its own."),
        (by_variance, "You divided by the variance. Divide by its root, the standard deviation."),
        (eps_outside, "eps belongs under the root: the root of the variance plus eps."),
        (without_mean, "The mean was not taken away, neither from x nor in the variance."),
        (with_its_mean, "The variance is right, but x still has its mean: take it away."),
        (by_one_less, "You divided the squares by D - 1, as torch's var does by itself. Layer norm divides by D."),
        (axis_dropped, "The mean has lost its last axis, and no longer fits x: keepdims=True keeps it."),
        (lambda x, w, b, eps=1e-5: normalise(x, w, b, 0.0), "eps is missing: where nothing varies you divide by 0."),
        (lambda x, w, b, eps=1e-5: normalise(x, 1.0, 0.0, eps), "weight and bias are missing."),
    ],
)

# ---- 2: teacher forcing ----


def shifted(target, start):
    target = plain(target)
    return np.concatenate([np.full((len(target), 1), start), target[:, :-1]], 1)


decoder_input = Exercise(
    reference=shifted,
    cases=[
        (np.array([[4, 5, 6], [7, 8, 9]]), 1),
        (np.array([[3]]), 9),                                                                       # one token
        (np.array([[2, 2, 3, 4, 5]]), 0),
        (np.array([[5, 6], [7, 8], [1, 2]]), 11),
    ],
    mistakes=[
        (lambda y, s: plain(y),
         "That is the target itself: the network would see each token at the place where it must predict it."),
        (lambda y, s: np.concatenate([np.full((len(y), 1), s), y], 1),
         "One column too many: the last token has nothing to predict, drop it."),
        (lambda y, s: np.concatenate([y[:, 1:], np.full((len(y), 1), s)], 1),
         "That moves to the left: each place would see the token after the one it must predict."),
        (lambda y, s: np.concatenate([np.full((len(y), 1), s), y[:, 1:]], 1),
         "You replaced the first token. Move all of them one place to the right, and drop the last."),
        (lambda y, s: np.roll(y, 1, 1), "np.roll brings the last token to the front, the answer's end. start goes "
                                        "there."),
    ],
)

# ---- 3: parameters ----


def count(d_model, dim_feedforward):
    d, f = d_model, dim_feedforward
    return 2 * (4 * d * d + 4 * d) + 2 * d * f + f + d + 3 * 2 * d


decoder_parameters = Exercise(
    reference=count,
    cases=[(64, 128), (512, 2048), (1, 1), (16, 64), (10, 3)],
    mistakes=[
        (lambda d, f: count(d, f) - 4 * d * d - 4 * d,
         "One attention is missing: a decoder layer looks at itself and at the source."),
        (lambda d, f: count(d, f) - 8 * d - f - d - 3 * d, "The biases are missing, also those of the norms."),
        (lambda d, f: 8 * d * d + 2 * d * f, "The matrices are right. All biases and the three norms are missing."),
        (lambda d, f: count(d, f) - 9 * d - f, "The norms are right. The biases of the matrices are missing."),
        (lambda d, f: count(d, f) - 4 * d * d - 6 * d,
         "That is an encoder layer. A decoder layer has a second attention, to the source, and a norm for it."),
        (lambda d, f: count(d, f) - 6 * d, "The three norms are missing: a weight and a bias for each feature."),
        (lambda d, f: count(d, f) - 2 * d, "A decoder layer has three norms, one before each part; you counted two."),
        (lambda d, f: count(d, f) - 2 * (d * d + d),
         "Each attention has four matrices: for queries, keys, values, and one behind the heads."),
        (lambda d, f: count(d, f) - d * f - d, "The feed-forward part has two matrices, there and back."),
    ],
    tol=1e-12,
)

# ---- 4 and 5: greedy and beam ----

# Log-probabilities of the next token (K, K), a row for each token that went before. No answer rests on a tie.
GARDEN = np.log(np.array([[0.01, 0.55, 0.44], [0.3, 0.4, 0.3], [0.02, 0.97, 0.01]]))
WALK = np.log(np.array([[0.1, 0.2, 0.3, 0.4], [0.27, 0.3, 0.23, 0.2], [0.05, 0.9, 0.03, 0.02], [0.3, 0.24, 0.26, 0.2]]))
PAIR = np.log(np.array([[0.4, 0.6], [0.95, 0.05]]))


def search(table, start, length, width):
    table = plain(table)
    beams = [((), 0.0)]
    for _ in range(length):
        grown = [((*path, k), total + table[path[-1] if path else start, k])
                 for path, total in beams for k in range(len(table))]
        beams = sorted(grown, key=lambda beam: -beam[1])[:width]
    return list(beams[0][0])


def most_probable_first(table, start, length):
    return search(table, start, length, 1)


def with_start(table, start, length):
    return [start, *most_probable_first(table, start, length)]


greedy = Exercise(
    reference=most_probable_first,
    cases=[(GARDEN, 0, 2), (WALK, 0, 5), (WALK, 2, 1), (PAIR, 1, 4), (GARDEN, 2, 6)],
    mistakes=[
        (with_start, "The start is what went before. Return the tokens after it alone."),
        (lambda table, start, length: [int(k) for k in [table[start].argmax()] * length],
         "Every step looked at the row of the start. After each token, go on from that token."),
        (lambda table, start, length: with_start(table, start, length - 1),
         "The list begins with start, and the last token is missing: return the `length` tokens after start."),
        (lambda table, start, length: [table[i].max() for i in with_start(table, start, length - 1)],
         "Those are the log-probabilities. Return the numbers of the tokens: argmax, not max."),
        (lambda table, start, length: most_probable_first(table, start, length - 1),
         "One token short: return `length` tokens."),
        (lambda table, start, length: most_probable_first(table.T, start, length),
         "You read a column. Row i holds what may follow token i."),
        (lambda table, start, length: most_probable_first(-table, start, length),
         "You took the least probable token: log-probabilities are negative, and the largest is the one nearest to 0."),
    ],
)


def own_children(table, start, length, width):
    """Every beam keeps only its own best child, so that beams never compete."""
    first = np.argsort(-table[start])[:width]
    beams = [([int(k)], table[start, k]) for k in first]
    for _ in range(length - 1):
        beams = [([*p, int(table[p[-1]].argmax())], t + table[p[-1]].max()) for p, t in beams]
    return max(beams, key=lambda beam: beam[1])[0]


def last_step_only(table, start, length, width):
    beams = [((), 0.0)]
    for _ in range(length):
        grown = [((*p, k), table[p[-1] if p else start, k]) for p, _ in beams for k in range(len(table))]
        beams = sorted(grown, key=lambda beam: -beam[1])[:width]
    return list(beams[0][0])


beam = Exercise(
    reference=search,
    cases=[(GARDEN, 0, 2, 2), (GARDEN, 0, 2, 1), (WALK, 0, 3, 2), (WALK, 0, 3, 64), (PAIR, 0, 3, 2), (WALK, 3, 2, 3),
           (WALK, 1, 4, 2), (GARDEN, 1, 3, 9)],
    mistakes=[
        (lambda table, start, length, width: search(table, start, length, 1),
         "That is greedy: with width above 1 more than one beginning must live on."),
        (lambda table, start, length, width: search(-table, start, length, width),
         "You kept the least probable paths. Sort by the total from the largest on: sorted begins with the smallest."),
        (own_children, "Each beginning kept one child of its own. All children of all beginnings compete for the "
                       "`width` places."),
        (last_step_only, "The beams are ranked by their last token alone. Add up the log-probabilities of the whole "
                         "path."),
        (lambda table, start, length, width: search(table, start, length, 10**6),
         "That keeps every path. After each step only `width` of them may live on."),
        (lambda table, start, length, width: [start, *search(table, start, length, width)],
         "The start is what went before. Return the tokens after it alone."),
    ],
)
