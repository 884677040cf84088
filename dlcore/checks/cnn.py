"""The exercises of chapter 12."""

from operator import floordiv

import numpy as np

from ..exercise import Exercise

# ---- how many numbers reach the first dense layer ----


def flattened(channels, n, layers, *, pads=2, more=1, pools=True, follow=True, square=True, divide=floordiv):
    """Numbers after layers ("conv", filters, k, padding) and ("pool", k) on images (channels, n, n)."""
    for kind, *sizes in layers:
        if kind == "conv":
            filters, k, padding = sizes
            n = n + pads * padding - k + more
            channels = filters if follow else channels
        elif pools:
            n = divide(n, sizes[0])
    return channels * n * (n if square else 1)


LENET = [("conv", 6, 5, 2), ("pool", 2), ("conv", 16, 5, 0), ("pool", 2)]

flat_size = Exercise(
    reference=flattened,
    cases=[
        (1, 28, LENET),
        (1, 32, [("conv", 6, 5, 0), ("pool", 2), ("conv", 16, 5, 0), ("pool", 2)]),
        (3, 33, [("conv", 8, 3, 1), ("pool", 2), ("conv", 16, 3, 1), ("pool", 2)]),      # odd: pixels are left over
        (3, 10, [("pool", 3)]),                                                          # no conv: the channels stay
        (2, 5, [("conv", 7, 5, 0)]),                                                     # one place
        (4, 9, []),
    ],
    mistakes=[
        (lambda c, n, layers: flattened(c, n, layers, follow=False),
         "The channels after a conv are its filters, not those of the picture."),
        (lambda c, n, layers: flattened(1, n, [(k, 1, *s[1:]) if k == "conv" else (k, *s) for k, *s in layers]),
         "That is the size of one map: there is one for each channel."),
        (lambda c, n, layers: flattened(c, n, layers, pools=False), "The pooling layers make the maps smaller too."),
        (lambda c, n, layers: flattened(c, n, layers, pads=1), "The padding stands on both sides: count it twice."),
        (lambda c, n, layers: flattened(c, n, layers, pads=0), "The padding is missing: it adds pixels on both sides."),
        (lambda c, n, layers: flattened(c, n, layers, square=False), "A map has n rows and n columns: n * n numbers."),
        (lambda c, n, layers: flattened(c, n, layers, more=0),
         "A kernel of k has n - k + 1 places in a line of n: one more than you count."),
        (lambda c, n, layers: flattened(c, n, layers, divide=lambda n, k: n / k),
         "Half a window is none: a pool leaves whole numbers, n // k."),
        (lambda c, n, layers: flattened(c, n, layers, divide=lambda n, k: -(-n // k)),
         "You rounded up: a window that hangs over the end is left out."),
    ],
)

# ---- a connection table ----


def joined(table, k, each_bias=False, bias=1, maps=len):
    """Parameters of a convolution whose map i sees only the input maps table[i], with kernels k x k."""
    return sum(k * k * maps(seen) + (bias * len(seen) if each_bias else bias) for seen in table)


C3 = [[(i + j) % 6 for j in range(3)] for i in range(6)] + [[(i + j) % 6 for j in range(4)] for i in range(6)]
C3 += [[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], list(range(6))]

table_parameters = Exercise(
    reference=joined,
    cases=[
        (C3, 5),
        ([list(range(6))] * 16, 5),                                # all joined to all: the layer of today
        ([[0], [0, 1], [1]], 3),
        ([[2]], 1),
        ([[0, 5], [5], [0, 1, 5]], 2),
    ],
    mistakes=[
        (lambda table, k: joined(table, k, bias=0), "The biases are missing: one for each output map."),
        (lambda table, k: joined(table, k, bias=0) + 1, "One bias for each output map, not one for all."),
        (lambda table, k: joined(table, k, each_bias=True),
         "A map has one bias, however many input maps it sees."),
        (lambda table, k: joined(table, k, maps=lambda seen: len({m for row in table for m in row})),
         "That joins every map to all inputs: count only those in its row of the table."),
        (lambda table, k: joined(table, k, maps=lambda seen: 1),
         "Each connection has a kernel of its own: the k * k weights are not shared by the input maps."),
        (lambda table, k: sum(k * len(seen) + 1 for seen in table),
         "A kernel has k rows and k columns: k * k weights."),
    ],
)

# ---- a table of confusions ----


def counted(y, read, classes):
    """Row i, column k: how many examples of class i were read as k.                     # (classes, classes)"""
    table = np.zeros((classes, classes))
    np.add.at(table, (np.asarray(y), np.asarray(read)), 1)
    return table


def once(y, read, classes):
    table = np.zeros((classes, classes))
    table[np.asarray(y), np.asarray(read)] += 1
    return table


def shares(table):
    return table / np.maximum(1, table.sum(1, keepdims=True))


confusion = Exercise(
    reference=counted,
    cases=[
        (np.array([0, 1, 2, 2, 2]), np.array([0, 2, 2, 1, 2]), 3),
        (np.array([1, 1, 1, 0]), np.array([0, 0, 1, 0]), 2),
        (np.array([0, 0]), np.array([1, 1]), 4),                   # classes that never appear
        (np.array([2]), np.array([0]), 3),
    ],
    mistakes=[
        (lambda y, read, classes: counted(read, y, classes),
         "Rows and columns have changed places: a row is what the digit is, a column what it was read as."),
        (once, "table[y, read] += 1 counts a pair that comes twice only once: use np.add.at or a loop."),
        (lambda y, read, classes: counted(y, read, classes) * (1 - np.eye(classes)),
         "The right answers belong on the diagonal too."),
        (lambda y, read, classes: shares(counted(y, read, classes)),
         "Those are shares of each row. Counts were asked for."),
        (lambda y, read, classes: counted(y, read, max(y.max(), read.max()) + 1),
         "A class that never appears has a row and a column of zeros."),
    ],
)

# ---- the gradient's sign ----

sign_step = Exercise(
    reference=lambda x, g, epsilon: np.clip(x + epsilon * np.sign(g), 0, 1),
    cases=[
        (np.array([0.5, 0.4, 0.3, 0.2]), np.array([3.0, -0.001, 0.0, 0.0005]), 0.1),
        (np.array([[0.0, 1.0], [0.95, 0.02]]), np.array([[-1.0, 2.0], [0.3, -4.0]]), 0.1),       # at the ends
        (np.array([0.7, 0.2]), np.array([0.0, 0.0]), 0.25),                                      # no slope, no step
        (np.array([0.6]), np.array([-5.0]), 0.0),
    ],
    mistakes=[
        (lambda x, g, epsilon: np.clip(x - epsilon * np.sign(g), 0, 1),
         "That goes downhill: it makes the reading surer. To fool, the loss must rise."),
        (lambda x, g, epsilon: x + epsilon * np.sign(g), "Ink stays between 0 and 1: clip the result."),
        (lambda x, g, epsilon: np.clip(x + epsilon * g, 0, 1),
         "That uses the size of the slope. Every pixel goes the same way far: only the sign counts."),
        (lambda x, g, epsilon: np.clip(x + epsilon * g / max(np.linalg.norm(g), 1e-12), 0, 1),
         "You divided by the length of the whole gradient: take the sign of each number."),
        (lambda x, g, epsilon: np.clip(x + np.clip(epsilon * np.sign(g), 0, 1), 0, 1),
         "You clipped the change: pixels may lose ink too. Clip the sum."),
        (lambda x, g, epsilon: np.clip(x + epsilon * np.where(g >= 0, 1, -1), 0, 1),
         "Where the slope is 0 nothing is gained: the sign of 0 is 0."),
    ],
)

# ---- batch normalisation that disappears ----

EPS = 1e-5


def folded(weight, bias, mean, var, gain, shift, *, root=True, eps=EPS, scale_bias=True, axis=0):
    """Weights (F, C, k, k) and biases (F,) of the convolution that does what conv and batch norm do in eval mode."""
    factor = gain / (np.sqrt(var + eps) if root else var + eps)
    shape = [1, 1, 1, 1]
    shape[axis] = -1
    return weight * factor.reshape(shape), (bias - mean) * (factor if scale_bias else 1) + shift


def layers(f, c, k, n_seed):
    """A convolution with its batch normalisation, every number different."""
    rng = np.random.default_rng(n_seed)
    weight, (bias, mean, gain, shift) = rng.normal(size=(f, c, k, k)).round(2), rng.normal(size=(4, f)).round(2)
    return weight, bias, mean, rng.uniform(0.2, 4, f).round(2), gain, shift


fold = Exercise(
    reference=folded,
    cases=[
        layers(2, 1, 1, 0),
        layers(3, 3, 2, 1),                                        # as many channels as filters: a slip is silent
        layers(1, 2, 3, 2),
        (np.ones((1, 1, 1, 1)), np.zeros(1), np.zeros(1), np.zeros(1), np.ones(1), np.zeros(1)),     # no variance
    ],
    mistakes=[
        (lambda *a: folded(*a, root=False), "Divide by the root of the variance, not by the variance."),
        (lambda *a: folded(*a, eps=0.0), "The 1e-5 under the root is missing: it matters where the variance is 0."),
        (lambda *a: folded(*a, scale_bias=False),
         "Bias minus mean passes through the normalisation too: it gets the same factor as the weights."),
        (lambda w, b, m, v, g, s: folded(w, b, np.zeros_like(m), v, g, s), "The running mean is not subtracted."),
        (lambda w, b, m, v, g, s: (folded(w, b, m, v, g, s)[0], b),
         "The weights are right, the bias stayed as it was."),
        (lambda w, b, m, v, g, s: folded(w, np.zeros_like(b), m, v, g, s),
         "The old bias is lost: it is normalised too."),
        (lambda w, b, m, v, g, s: folded(w, b, m, v, np.ones_like(g), s),
         "The learnt gain of the batch normalisation is missing."),
        (lambda *a: folded(*a, axis=3),
         "Without new axes numpy lays the factors along the last axis: use factor[:, None, None, None]."),
        (lambda *a: folded(*a, axis=1),
         "You scaled the input channels. A factor belongs to an output map: dimension 0 of the weight."),
    ],
)
