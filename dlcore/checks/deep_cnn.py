"""The exercises of chapter 13."""

import math

import numpy as np

from ..exercise import Exercise

# ---- parameters and multiplications of a convolution ----


def cost(c, f, k, n, *, share=True, bias=0, places=2, square=2, per_place=True):
    """Weights and multiplications of f kernels (c, k, k) that answer at n * n places, as a pair."""
    weights = (c if share else 1) * f * k**square + bias * f
    return weights, weights * n**places if per_place else weights


conv_cost = Exercise(
    reference=cost,
    cases=[(3, 8, 5, 10), (16, 16, 3, 14), (64, 128, 1, 7), (1, 1, 1, 1), (2, 6, 3, 1)],
    mistakes=[
        (lambda c, f, k, n: cost(c, f, k, n, share=False),
         "Each of the f kernels has a slice for every one of the c channels."),
        (lambda c, f, k, n: cost(c, f, k, n, square=1),
         "A slice of a kernel has k rows and k columns: k * k weights."),
        (lambda c, f, k, n: cost(c, f, k, n, bias=1), "You counted biases: here there are none."),
        (lambda c, f, k, n: cost(c, f, k, n, places=1),
         "The picture has n rows and n columns: n * n places."),
        (lambda c, f, k, n: cost(c, f, k, n, per_place=False),
         "Every weight works once at every place: the second number is n * n times the first."),
        (lambda c, f, k, n: (c * f * k * k, c * f * k * k * (n - k + 1) ** 2),
         "Padding keeps the picture at n × n, so the output has n * n places, the border among them."),
        (lambda c, f, k, n: (c * k * k, c * k * k * n * n), "That is one kernel: there are f of them."),
        (lambda c, f, k, n: c * f * k * k, "Two numbers were asked for: return weights, multiplications."),
        (lambda c, f, k, n: cost(c, f, k, n)[::-1], "The order is weights first, multiplications second."),
    ],
)

# ---- as much as a large kernel, with small ones ----


def needed(k, *, first=1, grow=2):
    """How many convolutions of 3 x 3 see a square of k x k, for k odd."""
    return math.ceil((k - first) / grow)


stack_of_threes = Exercise(
    reference=needed,
    cases=[(5,), (7,), (3,), (11,), (1,), (31,)],
    mistakes=[
        (lambda k: needed(k, first=0, grow=3),
         "Neighbouring windows overlap: a further layer adds two pixels, not three."),
        (lambda k: needed(k, grow=1),
         "A further layer of 3 x 3 sees one pixel more on each side: two in all."),
        (lambda k: needed(k, first=3), "The first layer counts too: it already sees 3 x 3."),
        (lambda k: needed(k) + 1, "That is one too many: the first layer brings you from 1 to 3."),
        (lambda k: k // 3, "Windows overlap, so sides do not divide by three: each further layer adds two pixels."),
        (lambda k: k * k // 9, "Windows overlap, so areas do not divide: count along one side."),
    ],
)

# ---- a kernel that copies ----


def copying(channels, k, *, all_pairs=False, corner=False, everywhere=False, scale=1.0):
    """Weights (channels, channels, k, k), k odd, of a convolution that hands on its input."""
    weight = np.zeros((channels, channels, k, k))
    middle = 0 if corner else k // 2
    for i in range(channels):
        for j in range(channels):
            if i == j or all_pairs:
                if everywhere:
                    weight[i, j] = scale
                else:
                    weight[i, j, middle, middle] = scale
    return weight


def first_alone(channels, k):
    """A kernel that copies the first channel and drops the others."""
    weight = np.zeros((channels, channels, k, k))
    weight[0, 0, k // 2, k // 2] = 1
    return weight


def diagonal(channels, k):
    """Every channel's own slice with ones along its diagonal."""
    return np.eye(channels)[:, :, None, None] * np.eye(k)


identity_kernel = Exercise(
    reference=copying,
    cases=[(3, 3), (1, 5), (2, 1), (4, 3), (1, 1)],
    mistakes=[
        (lambda c, k: copying(c, k, all_pairs=True),
         "That adds up all channels: output channel i should copy input channel i alone."),
        (lambda c, k: copying(c, k, corner=True),
         "The 1 stands in the corner: such a kernel moves the picture. The middle is at k // 2."),
        (lambda c, k: copying(c, k, everywhere=True),
         "A slice full of ones adds up its window: only the middle is 1."),
        (lambda c, k: copying(c, k, scale=1 / (k * k)),
         "The middle is 1: with one number there is nothing to average."),
        (lambda c, k: copying(c, k)[:, :1],
         "The shape is (channels, channels, k, k): one slice for every input channel."),
        (lambda c, k: np.array([copying(1, k)[0, 0]] * c),
         "One slice (k, k) for each channel is not enough: every output channel has a slice for every input channel."),
        (first_alone, "Only the first channel is copied: output channel i needs a 1 in its own slice i."),
        (diagonal, "A single 1 copies. Those along the diagonal of a slice add up three or more neighbours."),
        (lambda c, k: copying(1, k)[0, 0],
         "That is one slice (k, k): a weight has the shape (channels, channels, k, k)."),
    ],
)

# ---- the slope of a chain ----


def slope(slopes, *, one=1.0, add=False):
    """dy/dx of a chain of blocks y = x + f(x), whose f have these slopes."""
    if add:
        return one + sum(slopes)
    return math.prod(one + a for a in slopes)


chain_slope = Exercise(
    reference=slope,
    cases=[
        ([0.5, 0.5, 0.5],),
        ([-0.5, 0.2],),
        ([-1.0, 3.0],),                                            # a block that takes everything away
        ([],),                                                     # no block
        ([0.0, 0.0, 0.0, 0.0],),
        ([0.1] * 20,),
    ],
    mistakes=[
        (lambda slopes: math.prod(slopes),
         "That is the plain chain: each block has the slope 1 + a, since x itself is added."),
        (lambda slopes: slope(slopes, add=True),
         "Slopes of a chain are multiplied, block after block, not added."),
        (lambda slopes: 1 + math.prod(slopes),
         "That is one shortcut around the whole chain: here every block has its own."),
        (lambda slopes: sum(1 + a for a in slopes),
         "Right for one block. One after the other, the slopes 1 + a multiply."),
        (lambda slopes: [1 + a for a in slopes],
         "Those are the slopes of the single blocks: multiply them to one number."),
        (lambda slopes: 1 + slopes[0], "That is the slope of the first block: all of them stand in the chain."),
    ],
)

# ---- one kernel for each channel ----


def channel_by_channel(x, w, *, mix=False, first=False, turned=False, total=False):
    """Depthwise convolution without padding: x (C, H, W), w (C, k, k), to (C, H - k + 1, W - k + 1)."""
    x, w = np.asarray(x, float), np.asarray(w, float)
    w = w[:, ::-1, ::-1] if turned else w
    w = np.broadcast_to(w[:1], w.shape) if first else w
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[1:], (1, 2))          # (C, oh, ow, k, k)
    y = np.einsum("cijuv,cuv->cij", windows, w)
    if mix:
        y = np.broadcast_to(y.sum(0), y.shape).copy()
    return y.sum(0) if total else y


def some(c, h, w, k, n_seed):
    rng = np.random.default_rng(n_seed)
    return rng.integers(-3, 4, (c, h, w)).astype(float), rng.integers(-2, 3, (c, k, k)).astype(float)


depthwise = Exercise(
    reference=channel_by_channel,
    cases=[
        some(2, 4, 4, 3, 0),
        some(3, 5, 4, 2, 1),                                       # not square, an even kernel
        some(1, 3, 3, 3, 2),                                       # one place
        some(4, 3, 5, 1, 3),
    ],
    mistakes=[
        (lambda x, w: channel_by_channel(x, w, total=True),
         "You added up the channels: that is the usual convolution. Each channel keeps its own answer."),
        (lambda x, w: channel_by_channel(x, w, mix=True),
         "Every output channel hears of its own input channel only."),
        (lambda x, w: channel_by_channel(x, w, first=True),
         "Channel c has its own kernel w[c]: you used w[0] for all."),
        (lambda x, w: channel_by_channel(x, w, turned=True),
         "You turned the kernel round: torch and this course do not."),
        (lambda x, w: channel_by_channel(x, w) / np.size(w[0]), "That is a mean over the window: add the products up."),
        (lambda x, w: channel_by_channel(x, w)[None], "There is no batch here: return (C, H − k + 1, W − k + 1)."),
        (lambda x, w: np.pad(channel_by_channel(x, w), ((0, 0), (w.shape[1] // 2,) * 2, (w.shape[2] // 2,) * 2)),
         "No padding here: each side shrinks by k - 1."),
    ],
)
