"""The exercises of chapter 23."""

import math

import numpy as np

from ..exercise import Exercise

_rng = np.random.default_rng(0)

# ---- 1: perplexity ----


def perplexity_of(chances):
    return math.exp(-np.mean(np.log(np.asarray(chances, float))))


perplexity = Exercise(
    reference=perplexity_of,
    cases=[
        ([0.5, 0.25, 0.125],),
        ([1.0, 1.0],),
        (np.full(7, 0.01),),
        ([0.9, 0.001],),
        (np.full(2000, 0.5),),                                  # a product of all would be 0
    ],
    mistakes=[
        (lambda chances: -np.mean(np.log(chances)), "That is the mean surprisal. Perplexity is exp of it."),
        (lambda chances: math.exp(np.mean(np.log(chances))),
         "That is the geometric mean of the chances. Perplexity is 1 over it: mind the sign."),
        (lambda chances: 1 / np.mean(chances),
         "You average the chances and then turn over. The logarithms are averaged: one small chance must hurt."),
        (lambda chances: np.mean(1 / np.asarray(chances)),
         "You average 1 / p. The logarithms are averaged first, and exp comes last."),
        (lambda chances: np.exp(-np.sum(np.log(chances))),
         "You add the surprisals. Perplexity is per character: take their mean."),
        (lambda chances: math.exp(-np.mean(np.log2(chances))),
         "Bits and exp do not go together: either log and exp, or log2 and 2 to the power of it."),
        (lambda chances: 2 ** -np.mean(np.log(chances)),
         "2 to the power of it undoes log2, and you took log: exp undoes that."),
        (lambda chances: -np.mean(np.log2(chances)),
         "That is the mean surprisal in bits. Perplexity is 2 to the power of it."),
        (lambda chances: np.divide(1, np.prod(chances)) ** (1 / len(chances)),
         "Right on paper, but the product of many chances is 0 to a computer. Add logarithms instead."),
    ],
)

# ---- 2: smoothing ----


def blended(count, total, kinds, shorter):
    return (count + kinds * shorter) / (total + kinds)


smooth = Exercise(
    reference=blended,
    cases=[(3, 4, 2, 0.5), (0, 10, 3, 0.01), (0, 1, 1, 0.2), (7, 7, 1, 0.125), (250, 1000, 40, 0.1)],
    mistakes=[
        (lambda count, total, kinds, shorter: count / total,
         "That is the plain share, without smoothing: a character that was not met gets 0."),
        (lambda count, total, kinds, shorter: (count + shorter) / (total + 1),
         "The shorter context counts as often as something new was met: kinds times, not once."),
        (lambda count, total, kinds, shorter: (count + shorter) / (total + kinds),
         "The chances must add up to 1: what is added below the line is kinds, so add kinds times shorter above it."),
        (lambda count, total, kinds, shorter: (count + total * shorter) / (total + kinds),
         "The weights are exchanged: kinds, not total, is the weight of the shorter context."),
        (lambda count, total, kinds, shorter: count / total if count else shorter,
         "Then the chances of all characters add up to more than 1. Both parts are blended, always."),
        (lambda count, total, kinds, shorter: (count + kinds * shorter) / total,
         "The chances must add up to 1: what is added above the line is kinds in total, add it below too."),
        (lambda count, total, kinds, shorter: (count + 1) / (total + kinds),
         "That is close to add-one smoothing. The shorter context has its own opinion: use its chance."),
        (lambda count, total, kinds, shorter: 0.5 * count / total + 0.5 * shorter,
         "Half and half ignores how much was met. The weights are total and kinds, over their sum."),
    ],
)

# ---- 3: temperature ----


def warm(scores, temperature):
    z = np.asarray(scores, float) / temperature
    e = np.exp(z - z.max())
    return e / e.sum()


def unsafe(scores, temperature):
    e = np.exp(np.asarray(scores, float) / temperature)
    return e / e.sum()


temperature = Exercise(
    reference=warm,
    cases=[
        (np.log([4.0, 2.0, 2.0]), 1.0),
        (np.log([4.0, 2.0, 2.0]), 0.5),
        (np.log([4.0, 2.0, 2.0]), 2.0),
        (np.array([-3.0, 0.0, 1.5, 1.5]), 0.7),
        (np.array([1000.0, 999.0]), 0.5),                       # exp of it is too large
        (np.array([2.0]), 0.1),
    ],
    mistakes=[
        (lambda scores, temperature: warm(np.asarray(scores) * temperature, 1),
         "You multiply by the temperature. Divide: a low one must make the likely more likely."),
        (lambda scores, temperature: warm(scores, 1), "The temperature is not used: divide the scores by it."),
        (lambda scores, temperature: unsafe(scores, 1),
         "That is the plain softmax: divide the scores by the temperature first, then subtract the largest."),
        (lambda scores, temperature: warm(scores, 1) / temperature,
         "Divide the scores, before exp. Dividing chances leaves a sum that is not 1."),
        (unsafe, "exp of a large number overflows: divide by the temperature, then subtract the largest."),
        (lambda scores, temperature: np.exp(np.asarray(scores, float) / temperature),
         "The chances must add up to 1: subtract the largest, take exp, then divide by the sum."),
        (lambda scores, temperature: np.asarray(scores) / temperature,
         "Those are scores. To make chances of them, take exp and divide by the sum."),
        (lambda scores, temperature: np.exp((np.asarray(scores, float) - np.max(scores)) / temperature),
         "The chances must add up to 1: divide by their sum."),
    ],
)

# ---- 4: pieces of a text ----


def in_pieces(numbers, length):
    numbers = np.asarray(numbers)
    n = (len(numbers) - 1) // length
    return numbers[:n * length].reshape(n, length), numbers[1:n * length + 1].reshape(n, length)


def same_place(numbers, length):
    x, _ = in_pieces(numbers, length)
    return x, x.copy()


def rolled(numbers, length):
    x, _ = in_pieces(numbers, length)
    return x, np.roll(x, -1, axis=1)


def sliding(numbers, length):
    numbers = np.asarray(numbers)
    rows = range(len(numbers) - length)
    return (np.array([numbers[i:i + length] for i in rows]), np.array([numbers[i + 1:i + length + 1] for i in rows]))


def one_target(numbers, length):
    x, y = in_pieces(numbers, length)
    return x, y[:, -1]


def columns(numbers, length):
    x, y = in_pieces(numbers, length)
    n = len(x)
    return x.reshape(length, n).T, y.reshape(length, n).T


def too_many(numbers, length):
    numbers = np.asarray(numbers)
    n = len(numbers) // length
    return numbers[:n * length].reshape(n, length), numbers[1:n * length + 1].reshape(n, length)


def too_many_rows(numbers, length):
    numbers = np.asarray(numbers)
    n = len(numbers) // length
    return numbers[:n * length].reshape(-1, length), numbers[1:n * length + 1].reshape(-1, length)


def round_the_end(numbers, length):
    numbers = np.asarray(numbers)
    n = len(numbers) // length
    return numbers[:n * length].reshape(n, length), np.roll(numbers, -1)[:n * length].reshape(n, length)


def with_gaps(numbers, length):
    numbers = np.asarray(numbers)
    n = len(numbers) // (length + 1)
    rows = numbers[:n * (length + 1)].reshape(n, length + 1)
    return rows[:, :-1], rows[:, 1:]


def greedy(numbers, length):
    numbers = np.asarray(numbers)
    n = len(numbers) // length
    return numbers[:n * length].reshape(n, length), np.append(numbers, 0)[1:n * length + 1].reshape(n, length)


pieces = Exercise(
    reference=in_pieces,
    cases=[
        (np.array([5, 3, 8, 1, 9, 2, 7]), 3),
        (np.array([5, 3, 8, 1, 9, 2]), 3),                      # the second piece would lack its last target
        (np.arange(20) ** 2, 4),
        (np.array([4, 6, 1]), 1),
        (np.array([2, 9, 4, 4, 1]), 4),
    ],
    mistakes=[
        (same_place, "y is x: the model would learn to copy what it sees. Shift y by one character."),
        (rolled, "The last target of each row is its own first character. Take the one that follows in the text."),
        (sliding, "These pieces overlap. The next one begins where the last one ends."),
        (one_target, "There is a target at each place, not only behind the last: y has the shape of x."),
        (greedy, "The last piece has no character behind it. A piece needs length + 1 characters of text."),
        (too_many, "There is one target too few: n pieces need n * length + 1 characters, so n is smaller here."),
        (too_many_rows, "y ends one character before x does: the last piece lacks its last target, so leave it out."),
        (round_the_end, "The last target is the first character of the text. Leave out a piece that lacks its target."),
        (with_gaps, "You drop a character between pieces. The last target of one is the first character of the next."),
        (lambda numbers, length: in_pieces(numbers, length)[::-1], "The two are in the wrong order: x first, then y."),
        (columns, "Read along the rows: row 0 is the beginning of the text, row 1 goes on from there."),
        (lambda numbers, length: in_pieces(numbers, length)[0], "Return two arrays, x and y."),
    ],
)

# ---- 5: the gradient of an embedding ----


def rows_of(codes, g, size):
    grad = np.zeros((size, g.shape[-1]))
    np.add.at(grad, np.asarray(codes).reshape(-1), g.reshape(-1, g.shape[-1]))
    return grad


def last_only(codes, g, size):
    grad = np.zeros((size, g.shape[-1]))
    grad[codes] = g
    return grad


def averaged(codes, g, size):
    times = np.bincount(np.asarray(codes).reshape(-1), minlength=size)[:, None]
    return rows_of(codes, g, size) / np.maximum(times, 1)


def numbers(*shape):
    return np.round(_rng.normal(0, 1, shape), 2)


embedding = Exercise(
    reference=rows_of,
    cases=[
        (np.array([[0, 2]]), np.array([[[1.0, 2.0], [3.0, 4.0]]]), 4),
        (np.array([[1, 1, 1]]), numbers(1, 3, 2), 3),           # one character three times
        (np.array([[0, 1], [1, 0]]), numbers(2, 2, 3), 2),
        (np.array([[2, 0, 2, 3], [3, 2, 0, 0]]), numbers(2, 4, 1), 5),
        (np.array([[0]]), np.zeros((1, 1, 2)), 1),
    ],
    mistakes=[
        (last_only, "A character that occurs several times keeps only its last gradient. Add them up."),
        (averaged, "Each use of a row adds its gradient: a sum, not a mean."),
        (lambda codes, g, size: np.tile(g.sum((0, 1)), (size, 1)),
         "Each row gets only the gradients of its own character; rows that were not used get 0."),
        (lambda codes, g, size: rows_of(codes, g, int(np.max(codes)) + 1),
         "The gradient has the shape of the whole table, (size, E), also where the last characters do not occur."),
        (lambda codes, g, size: rows_of(codes, g, size).T, "Characters are rows: the result is (size, E)."),
        (lambda codes, g, size: g, "That is what arrives. Send each part to the row of its character."),
    ],
)
