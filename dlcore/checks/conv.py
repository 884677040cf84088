"""The exercises of chapter 11."""

from operator import mul

import numpy as np

from ..exercise import Exercise

# ---- max pooling ----

def pooled(x, k, take=np.max, stride=None, round_up=False):
    """`take` of each k x k window of x (H, W); the window moves by `stride`, by default its own size."""
    stride = k if stride is None else stride
    end = [n if round_up else n - k + 1 for n in x.shape]
    return np.array([[take(x[i:i + k, j:j + k]) for j in range(0, end[1], stride)] for i in range(0, end[0], stride)])


TABLE = np.array([[1.0, 5.0, 2.0, 0.0, 7.0], [3.0, 4.0, 8.0, -1.0, 9.0], [6.0, 2.0, 1.0, 3.0, 5.0],
                  [0.0, 1.0, 4.0, 2.0, 6.0]])

max_pool = Exercise(
    reference=pooled,
    cases=[
        (TABLE, 2),                                        # 4 x 5: a column is left over
        (-1.0 - np.abs(TABLE), 2),                         # all below zero
        (TABLE, 1),
        (np.arange(21.0).reshape(7, 3), 3),                # a row is left over
        (TABLE[:, :4], 4),                                 # one window
        (TABLE.T[::-1], 2),
    ],
    mistakes=[
        (lambda x, k: pooled(x, k, np.mean), "That is average pooling: take the largest number of each window."),
        (lambda x, k: pooled(x, k, stride=1), "Your window moves by 1: in pooling it moves by its own size."),
        (lambda x, k: pooled(x, k, round_up=True),
         "You kept a window that hangs over the end: what does not fill a window is left out."),
        (lambda x, k: pooled(x, k, lambda w: max(w.max(), 0.0)),
         "Yours starts from 0, so it is wrong where all numbers are below 0: start from the first number."),
        (lambda x, k: x[:len(x) // k * k, :x.shape[1] // k * k].reshape(len(x) // k, x.shape[1] // k, k, k).max((2, 3)),
         "That reshape cuts rows into pieces, not into windows: use (H // k, k, W // k, k) and the axes 1 and 3."),
        (lambda x, k: pooled(x.T, k), "Rows and columns have changed places."),
        (lambda x, k: pooled(x, k, lambda w: w[0, 0]), "That is the first number of each window, not the largest."),
        (lambda x, k: pooled(x, k, np.min), "That is the smallest number of each window."),
    ],
)

# ---- a true convolution ----

def stamped_over(a, b):
    result = np.zeros(len(a) + len(b) - 1)
    for i, factor in enumerate(a):
        result[i:i + len(b)] = factor * b
    return result


multiply = Exercise(
    reference=lambda a, b: np.convolve(a, b),
    cases=[
        (np.array([1.0, 2.0]), np.array([3.0, 1.0])),      # (1 + 2x)(3 + x) = 3 + 7x + 2x²
        (np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.5])),
        (np.array([2.0]), np.array([1.0, -1.0, 4.0])),     # one of them is a number
        (np.array([1.0, 0.0, 0.0, 5.0]), np.array([2.0, 3.0])),
        (np.array([1.0, 1.0]), np.array([1.0, 3.0, 3.0, 1.0])),                # the second is the longer one
    ],
    mistakes=[
        (lambda a, b: np.convolve(a, b[::-1]),
         "That is a correlation: the powers of a term must add up to k, so one of the two runs backwards."),
        (lambda a, b: np.convolve(a, b, "valid"), "You left out the places where one hangs over the end of the other."),
        (lambda a, b: np.convolve(a, b, "same"), "The ends are cut off: the product has len(a) + len(b) - 1 numbers."),
        (stamped_over, "Each stamp wipes out what was there: terms of one power add up, so use +=."),
        (lambda a, b: np.convolve(a, b)[::-1], "The powers run backwards: the constant term comes first."),
        (lambda a, b: a[:min(len(a), len(b))] * b[:min(len(a), len(b))],
         "That multiplies equal powers only: every term of one meets every term of the other."),
    ],
)


# ---- the gradient of a kernel ----

def gradient(x, g, k, stride):
    """dL/dw of a kernel k x k that stood on x (H, W) every `stride` pixels; g: dL/dy (oh, ow)."""
    (oh, ow), grad = g.shape, np.zeros((k, k))
    for u in range(k):
        for v in range(k):
            met = x[u:u + stride * oh:stride, v:v + stride * ow:stride]
            grad[u, v] = (met[:oh, :ow] * g).sum()
    return grad


def case(height, width, k, stride):
    """A picture and a gradient of small whole numbers that fit together."""
    rng = np.random.default_rng(height + 10 * k + stride)
    counts = [(n - k) // stride + 1 for n in (height, width)]
    return rng.integers(-4, 5, (height, width)).astype(float), rng.integers(-2, 3, counts) + 0.5, k, stride


kernel_gradient = Exercise(
    reference=gradient,
    cases=[
        case(4, 4, 3, 1),
        case(5, 7, 3, 2),
        case(6, 6, 2, 3),                                  # pixels are left over
        case(5, 4, 1, 1),                                  # a kernel of one number
        case(9, 8, 4, 2),
        case(3, 3, 3, 1),                                  # one place
    ],
    mistakes=[
        (lambda x, g, k, s: gradient(x, g, k, 1),
         "The stride is missing: place [i, j] of g stood at pixel [stride * i, stride * j]."),
        (lambda x, g, k, s: gradient(x, g[::-1, ::-1], k, s),
         "You turned g around: that is for the gradient of the input. Here nothing is turned."),
        (lambda x, g, k, s: gradient(x, g, k, s)[::-1, ::-1],
         "Your answer is turned around: w[0, 0] meets the top left."),
        (lambda x, g, k, s: gradient(x, g, k, s) / g.size, "A gradient is summed over the places, not averaged."),
        (lambda x, g, k, s: gradient(x, g, k, s).T, "Rows and columns have changed places."),
        (lambda x, g, k, s: gradient(x, np.ones_like(g), k, s),
         "That is what each number met: multiply it with g before you add up."),
    ],
)


# ---- what a unit sees ----

def seen(layers, gaps=1, late=False, dilated=True, strided=True, start=1, join=mul):
    """How many pixels one unit sees through layers (kernel, stride, dilation), and how far apart its neighbours are."""
    total, apart = start, 1
    for kernel, stride, dilation in layers:
        step = apart * stride if late else apart
        total += (kernel - gaps) * (dilation if dilated else 1) * (step if strided else 1)
        apart = join(apart, stride)
    return total, apart


receptive_field = Exercise(
    reference=seen,
    cases=[
        ([(3, 1, 1), (3, 1, 1)],),
        ([(3, 2, 1), (3, 2, 1), (3, 1, 1)],),
        ([(5, 1, 1), (2, 2, 1), (5, 1, 1), (2, 2, 1)],),   # LeNet's first four layers
        ([(3, 1, 1), (3, 1, 2), (3, 1, 4)],),
        ([(1, 1, 1)],),
        ([],),                                             # no layer: a pixel sees itself
        ([(7, 2, 1), (3, 2, 1), (3, 1, 2)],),
    ],
    mistakes=[
        (lambda layers: seen(layers, gaps=0, start=0), "A kernel of k numbers adds k - 1 pixels, not k."),
        (lambda layers: seen(layers, gaps=0),
         "A kernel of k numbers adds k - 1 pixels, not k, to the pixel at the start."),
        (lambda layers: seen(layers, strided=False),
         "The strides below are missing: after a stride of 2, neighbours are 2 pixels apart."),
        (lambda layers: seen(layers, late=True),
         "A layer's own stride counts only for the layers above it: multiply after adding."),
        (lambda layers: seen(layers, dilated=False), "The dilation is missing: it stretches the k - 1 gaps."),
        (lambda layers: seen(layers, join=lambda apart, stride: stride),
         "Only the last stride counted. Neighbours are the product of all strides so far apart."),
        (lambda layers: seen(layers, join=lambda apart, stride: apart + stride),
         "Strides multiply: a step of 2 over units that are 2 pixels apart is 4 pixels long."),
        (lambda layers: seen(layers)[::-1], "The right two numbers in the other order: first the pixels seen."),
        (lambda layers: seen(layers)[0], "Return two numbers: the pixels seen, and how far apart neighbours are."),
        (lambda layers: seen(layers[::-1]), "The first layer of the list is the one next to the pixels."),
    ],
)
