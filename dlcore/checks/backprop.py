"""The exercises of chapter 05."""

import math

import numpy as np

from ..activation import softmax
from ..exercise import Exercise

# ---- 1: the slopes of L = (a b + c) b ----

by_hand = Exercise(
    reference=lambda a, b, c: (b * b, 2 * a * b + c, b),
    cases=[(2.0, 3.0, 1.0), (-1.0, 2.0, 5.0), (0.0, 4.0, -3.0), (7.0, 0.0, 2.0), (0.5, -1.5, 0.25)],
    mistakes=[
        (lambda a, b, c: (b * b, a * b + c, b),
         "For b you followed only the path through the outer product: add the one through a · b."),
        (lambda a, b, c: (b * b, a * b, b),
         "For b you followed only the path through a · b: the outer product uses b too."),
        (lambda a, b, c: (b, a, 1.0),
         "Those are the slopes of a · b + c: each still has to be multiplied by the outer b."),
        (lambda a, b, c: (b * b, b * (a * b + c), b), "Paths are added, not multiplied with each other."),
    ],
)

# ---- 2: one more operation for the engine ----


def softplus_and_slope(x):
    small = math.exp(-abs(x))
    return max(x, 0.0) + math.log1p(small), (1 if x >= 0 else small) / (1 + small)


def with_slope(slope):
    """softplus with another slope, for the mistakes."""
    return lambda x: (softplus_and_slope(x)[0], slope(softplus_and_slope(x)[1], x))


def unsafe(x):
    return math.log(1 + math.exp(x)), math.exp(x) / (1 + math.exp(x))


softplus = Exercise(
    reference=softplus_and_slope,
    cases=[(0.0,), (1.0,), (-2.0,), (30.0,), (1000.0,), (-1000.0,)],
    mistakes=[
        (unsafe, "math.exp(1000) is too large for a float: use that softplus(x) = x + softplus(-x)."),
        (with_slope(lambda s, x: 1 - s),
         "1 / (1 + exp(x)) is the slope of the logarithm alone: the chain rule asks for the slope of exp too."),
        (with_slope(lambda s, x: s * (1 - s)),
         "That is the slope of the sigmoid; the slope of softplus is the sigmoid itself."),
        (with_slope(lambda s, x: float(x > 0)),
         "That is the slope of ReLU. Softplus is its smooth cousin, and its slope has no jump."),
        (lambda x: (softplus_and_slope(x)[0], 1 / (1 + math.exp(-x))),
         "For x = -1000 the slope asks for exp(1000), too large for a float: there it is exp(x) / (1 + exp(x))."),
        (lambda x: (np.log(1 + np.exp(x)), 1 / (1 + np.exp(-x))),
         "np.exp(1000) is inf: for x above 0 use that softplus(x) = x + softplus(-x)."),
        (lambda x: softplus_and_slope(x)[0], "Return two numbers: the value, and the slope at x."),
    ],
)

# ---- 3: backward over a tape ----


def tape_gradients(tape):
    grads = [0.0] * len(tape)
    grads[-1] = 1.0
    for i in reversed(range(len(tape))):
        for parent, slope in tape[i]:
            grads[parent] += grads[i] * slope
    return grads


def assigned(tape):
    grads = [0.0] * len(tape)
    grads[-1] = 1.0
    for i in reversed(range(len(tape))):
        for parent, slope in tape[i]:
            grads[parent] = grads[i] * slope
    return grads


def first_to_last(tape):
    grads = [0.0] * len(tape)
    grads[-1] = 1.0
    for i, edges in enumerate(tape):
        for parent, slope in edges:
            grads[parent] += grads[i] * slope
    return grads


def slopes_only(tape):
    grads = [0.0] * len(tape)
    grads[-1] = 1.0
    for edges in reversed(tape):
        for parent, slope in edges:
            grads[parent] += slope
    return grads


def path_by_path(tape):
    grads = [0.0] * len(tape)

    def walk(i, g):
        grads[i] += g
        for parent, slope in tape[i]:
            walk(parent, g * slope)

    walk(len(tape) - 1, 1.0)
    return grads


LEAF = []
tape = Exercise(
    reference=tape_gradients,
    cases=[
        ([LEAF, LEAF, [(0, 3.0), (1, 2.0)]],),
        ([LEAF, [(0, 5.0), (0, 5.0)]],),                                            # x * x
        ([LEAF, [(0, 2.0)], [(0, -1.0)], [(1, 3.0), (2, 4.0)]],),                   # a diamond
        ([LEAF, [(0, 2.0)], [(1, 3.0), (0, 1.0)], [(2, 1.0), (1, 1.0)]],),          # long and short ways
        ([LEAF, LEAF, [(0, 7.0)], [(0, 0.0), (0, 1.0)]],),                          # nodes that L does not use
        ([LEAF],),
        ([LEAF, *([(i, 1.0)] for i in range(5000))],),                              # a long chain
    ],
    mistakes=[
        (assigned, "A node that is used twice gets two gradients: add the second, do not overwrite the first."),
        (first_to_last, "The tape must be read from its end: a node can pass on its gradient only when it has it."),
        (slopes_only, "An edge passes on the gradient of its node times its slope, not the slope alone."),
        (lambda tape: [0.0] * len(tape), "Something must start it: the gradient of the last node is 1."),
        (path_by_path,
         "Right on short tapes. But a function that calls itself once a node gives up on a long chain: use a loop."),
    ],
)

# ---- 4: undo broadcasting ----


def undo(g, shape):
    g = g.sum(tuple(range(g.ndim - len(shape))))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1)
    return g.sum(stretched, keepdims=True)


def on_axes(reduce_added, reduce_stretched):
    """`undo` with something other than sums, for the mistakes."""

    def wrong(g, shape):
        for _ in range(g.ndim - len(shape)):
            g = reduce_added(g)
        for i, n in enumerate(shape):
            if n == 1:
                g = reduce_stretched(g, i)
        return g

    return wrong


GRID = np.array([[2.0, 1.0, 3.0], [1.0, -2.0, -1.0], [4.0, 5.0, -4.0], [3.0, 1.0, 2.0]])
unbroadcast = Exercise(
    reference=undo,
    cases=[
        (GRID, (3,)),
        (GRID, (1, 3)),
        (GRID, (4, 1)),
        (GRID, ()),
        (GRID, (4, 3)),
        (GRID[:3], (3,)),                                                           # square: the wrong axis fits too
        (GRID[:1], (1, 3)),                                                         # size 1 that nothing stretched
        (np.stack([GRID, 10 * GRID]), (4, 1)),
    ],
    mistakes=[
        (on_axes(lambda g: g.mean(0), lambda g, i: g.mean(i, keepdims=True)),
         "Every copy had its own effect on L, so their gradients are added, not averaged."),
        (on_axes(lambda g: g.sum(0), lambda g, i: g),
         "You added over the new axes in front. Axes of size 1 were stretched too: add over them and keep them."),
        (on_axes(lambda g: g.sum(0), lambda g, i: g.sum(i) if i < g.ndim else g),
         "The sums are right, but an axis of size 1 must stay: keepdims=True."),
        (on_axes(lambda g: g.sum(-1), lambda g, i: g.sum(i, keepdims=True)),
         "Broadcasting adds new axes at the front, so those are the ones to add over."),
        (lambda g, shape: g,
         "g has the shape of the result. The gradient needs the shape of the number that was copied."),
    ],
)

# ---- 5: a numerical gradient ----


def sum_of_cubes(x):
    return (x**3).sum()


def product(x):
    return x.prod()


def sine(x):
    return float(np.sin(x).sum())


def central(f, x, h, *, size=2.0, back=True, one_sided=False, dtype=float):
    """Central differences, and for the mistakes their usual variations."""
    x = np.array(x, dtype or x.dtype)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        before = x[i]
        x[i] = before + h
        high = f(x)
        x[i] = before if one_sided else before - h
        grad[i] = (high - f(x)) / (h if one_sided else size * h)
        if back:
            x[i] = before
    return grad


numerical_gradient = Exercise(
    reference=central,
    cases=[
        (sum_of_cubes, np.array([1.0, -2.0, 0.5]), 1e-3),
        (product, np.array([2.0, 3.0, -1.0]), 1e-3),
        (sine, np.array([[0.1, 0.2], [0.3, 0.4], [3.0, -3.0]]), 1e-4),
        (sum_of_cubes, np.zeros((2, 1)), 1e-2),
        (product, np.array([[5.0]]), 1e-2),
        (sine, np.array([1, 2, 3]), 1e-3),                                          # integers
    ],
    mistakes=[
        (lambda f, x, h: central(f, x, h, one_sided=True),
         "That compares f(x + h) with f(x). Compare it with f(x - h): the error falls from h to h squared."),
        (lambda f, x, h: central(f, x, h, size=1.0), "The two points are 2h apart: divide by 2h."),
        (lambda f, x, h: central(f, x, h, back=False),
         "After each entry put it back, or the next one is measured at another point."),
        (lambda f, x, h: central(f, x, h, dtype=None),
         "An array of integers cuts the nudge off: nudge a copy of floats, x.astype(float)."),
        (lambda f, x, h: central(f, x, h).astype(x.dtype),
         "np.zeros_like(x) of integers holds integers, and the slopes lose their digits: use np.zeros(x.shape)."),
        (lambda f, x, h: np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h)),
         "You nudged all entries at once. Nudge one at a time."),
    ],
)

# ---- 6: softmax and cross-entropy together ----


def gradient(z, y, share=None, sign=1.0, taken=1.0):
    p = softmax(z)
    p[np.arange(len(y)), y] -= taken
    return sign * p / (share or len(y))


def every_row(z, y):
    p = softmax(z)
    p[:, y] -= 1
    return p / len(y)


def overflowing(z, y):
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return p / len(y)


Z = np.array([[1.0, 2.0, 0.5], [0.0, 0.0, 0.0], [-3.0, 4.0, 1.0], [2.0, -1.0, 2.0]])
cross_entropy_gradient = Exercise(
    reference=gradient,
    cases=[
        (Z, np.array([1, 0, 2, 0])),
        (Z[:1], np.array([2])),                                                     # a batch of one
        (Z[:, :2], np.array([0, 1, 1, 0])),
        (Z[:3], np.array([0, 1, 2])),                                               # square
        (1000 * Z, np.array([1, 0, 2, 0])),
    ],
    mistakes=[
        (lambda z, y: gradient(z, y, share=1), "The loss is the mean over N examples: divide by N."),
        (lambda z, y: gradient(z, y, taken=0.0),
         "That is softmax / N. At the right class 1 is taken away, or nothing could ever be right."),
        (lambda z, y: gradient(z, y, sign=-1.0),
         "The sign is turned round: where the probability is too high, the gradient is positive."),
        (lambda z, y: gradient(z, y, share=z.size),
         "Divide by the number of examples N, not by the number of scores N · K."),
        (every_row, "p[:, y] takes 1 away in every row. One place in each row is p[np.arange(N), y]."),
        (overflowing, "exp(1000) overflows: take the largest score of each row away first."),
    ],
)
