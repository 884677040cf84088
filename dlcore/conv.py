"""Convolution: one small kernel, the same weights at every place of an image.

`conv2d` lays out what each row of the kernel meets, at all places side by side; the rest is matrix products.
`conv_transpose2d` is what carries a gradient of conv2d back to the image, used forward.
"""

import math

import numpy as np

from dlcore.graph import value
from dlcore.init import kaiming_uniform_, uniform_
from dlcore.layer import parameter, positive
from dlcore.module import Module
from dlcore.tensor import Tensor
from dlcore.window import Window, pair

IN_CACHE = 2 ** 18      # about so many numbers stay in the processor's cache from one operation to the next


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide each kernel over each image: input (N, C, H, W), weight (F, C / groups, kh, kw) give (N, F, oh, ow).

    bias: (F,). The output is oh = (H + 2 padding - dilation (kh - 1) - 1) // stride + 1 high. Each of the
    `groups` sees only its share of the channels. This is a cross-correlation (the kernel is not flipped).
    Raises ValueError where shapes do not fit, TypeError where dtypes differ.
    Paper: LeCun et al. 1998, Gradient-Based Learning Applied to Document Recognition, doi:10.1109/5.726791.

    >>> conv2d(np.ones((1, 1, 5, 5)), np.ones((1, 1, 3, 3)), stride=2).data
    array([[[[9., 9.],
             [9., 9.]]]])
    """
    x, w = value(input), value(weight)
    check("conv2d", x, w, bias, groups)
    window = Window("conv2d", w.shape[2:], stride, padding, dilation)
    lines = lines_of(x, window, groups)                                      # kh times (N, G, C / G * kw, L)
    y = slide(w, lines, bias).reshape(len(x), len(w), *window.counts(*x.shape[2:]))    # (N, F, oh, ow)
    return Tensor(y, (input, lambda g: stamp(g, w, window, groups, x.shape[2:])),
                     (weight, lambda g: kernel_gradient(g, lines, w.shape)),
                     (bias, bias_gradient))


def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Stamp each kernel on a larger image: input (N, C, H, W), weight (C, F / groups, kh, kw) give (N, F, oh, ow).

    bias: (F,). The output is oh = (H - 1) stride - 2 padding + dilation (kh - 1) + 1 + output_padding high.
    It is the gradient of a conv2d with this weight; it undoes that conv2d's change of size, not its values.
    Raises ValueError where shapes do not fit, TypeError where dtypes differ.
    Paper: Zeiler et al. 2010, Deconvolutional Networks, doi:10.1109/CVPR.2010.5539957.
    """
    x, w = value(input), value(weight)
    check("conv_transpose2d", x, w, bias, groups)
    window = Window("conv_transpose2d", w.shape[2:], stride, padding, dilation)
    y = stamp(x, w, window, groups, stamped_size(window, x.shape[2:], output_padding))    # (N, F, oh, ow)
    if bias is not None:
        y = y + value(bias)[:, None, None]
    return Tensor(y, (input, lambda g: slide(w, lines_of(g, window, groups)).reshape(x.shape)),
                     (weight, lambda g: kernel_gradient(x, lines_of(g, window, groups), w.shape)),
                     (bias, bias_gradient))


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """conv2d of an image that is one row high: input (N, C, L), weight (F, C / groups, k) give (N, F, ol)."""
    x, w = value(input), value(weight)
    check("conv1d", x, w, bias, groups)
    window = line_window("conv1d", w.shape[2], stride, padding, dilation)
    window.counts(1, x.shape[2])
    x, w = (t.unsqueeze(2) if isinstance(t, Tensor) else Tensor(t).unsqueeze(2) for t in (input, weight))
    return conv2d(x, w, bias, window.stride, window.padding, window.dilation, groups).squeeze(2)


# ---- the moves, on arrays ----

def lines_of(x, window, groups):
    """For each of the kh rows of a kernel the numbers that it meets: (N, G, C / G * kw, L) with L = oh * ow.

    One copy serves all: with stride 1, row i + 1 of a kernel meets what row i meets one line further down.
    """
    counts = window.counts(*x.shape[2:])
    rows, columns = window.slices(counts)
    x = window.pad(x)
    beside = np.stack([x[..., seen] for seen in columns], 2)                 # (N, C, kw, H, ow)
    n, c, kw = beside.shape[:3]
    return [beside[:, :, :, seen].reshape(n, groups, c // groups * kw, math.prod(counts)) for seen in rows]


def slide(w, lines, bias=None):
    """Each kernel times what it meets, plus bias: weight (F, C / G, kh, kw) gives (N, G, F / G, L)."""
    groups, k = lines[0].shape[1:3]
    kernels = [w[:, :, i].reshape(groups, len(w) // groups, k) for i in range(w.shape[2])]
    return sum_of_products(kernels, lines, None if bias is None else value(bias).reshape(groups, -1, 1))


def sum_of_products(kernels, lines, bias=None):
    """kernels[0] @ lines[0] + kernels[1] @ lines[1] + ..., over the rows of a kernel, plus bias."""
    (n, groups, k, places), filters = lines[0].shape, kernels[0].shape[1]
    y = np.empty((n, groups, filters, places), lines[0].dtype)
    for images in few_at_a_time(n, groups * (k + 2 * filters) * places):
        part = np.matmul(kernels[0], lines[0][images], out=y[images])
        for kernel, line in zip(kernels[1:], lines[1:], strict=True):
            part += kernel @ line[images]
        if bias is not None:
            part += bias
    return y


def few_at_a_time(n, numbers):
    """Slices of n images, each as long as the cache allows where one image takes so many `numbers`."""
    few = 1 + IN_CACHE // (1 + numbers)
    return [slice(i, i + few) for i in range(0, n or 1, few)]


def kernel_gradient(g, lines, shape):
    """For each number of a kernel, what it met times the gradient g (N, F, oh, ow): shape (F, C / G, kh, kw)."""
    n, groups, _, places = lines[0].shape
    g = g.reshape(n, groups, shape[0] // groups, places)                     # (N, G, F / G, L)
    rows = [(g @ line.swapaxes(-1, -2)).sum(0) for line in lines]            # kh times (G, F / G, C / G * kw)
    return np.stack([row.reshape(*shape[:2], -1) for row in rows], 2)


def bias_gradient(g):
    """The sum of g (N, F, oh, ow) for each output channel: (F,)."""
    n, f, oh, ow = g.shape
    return (g.reshape(n, f, oh * ow) @ np.ones(oh * ow, g.dtype)).sum(0)     # as g.sum((0, 2, 3)), but faster


def stamp(g, w, window, groups, size):
    """Put every kernel, times its number in g (N, F, oh, ow), down where its window stood: (N, C, *size).

    Where the places overlap, the stamps add up: this is the transpose of `slide`. Of three ways, each fills a few
    images at a time, as many as stay in the cache.
    """
    filters, channels = len(w), groups * w.shape[1]
    if window.stride[0] > 1:
        way = stamp_numbers
    elif window.stride[1] > 1 or min(window.beyond) < 0 or filters > 2 * channels:
        way = stamp_lines
    else:
        way = slide_turned
    images = few_at_a_time(len(g), math.prod((max(filters, channels), window.kernel[1], *size)))
    return np.concatenate([way(g[some], w, window, groups, size) for some in images])


def stamp_numbers(g, w, window, groups, size):
    """stamp, one number of the kernel after the other: for any stride."""
    (n, f, oh, ow), c = g.shape, groups * w.shape[1]
    image = np.zeros((n, c, *window.padded(*size)), g.dtype)
    rows = g.reshape(n, groups, f // groups, oh * ow)
    kernels = w.reshape(groups, f // groups, *w.shape[1:]).transpose(3, 4, 0, 2, 1)    # (kh, kw, G, C / G, F / G)
    for tap, seen in window.taps((oh, ow)).items():
        window.add(image, seen, (kernels[tap] @ rows).reshape(n, c, oh, ow))
    return window.crop(image)


def stamp_lines(g, w, window, groups, size):
    """stamp, one row of the kernel after the other: faster than stamp_numbers, but only for steps of one row.

    Row i of the kernel reaches what lies i rows below. So the sum over i is one of products, with g moved i rows.
    """
    (n, f, oh, ow), (kh, kw), c = g.shape, window.kernel, groups * w.shape[1]
    image = np.zeros((n, c, *window.padded(*size)), g.dtype)
    h = image.shape[2]
    kernels = w.reshape(groups, f // groups, c // groups, kh, kw).transpose(3, 0, 2, 4, 1)
    kernels = kernels.reshape(kh, groups, c // groups * kw, f // groups)
    moved = np.zeros((n, f, h + h - oh, ow), g.dtype)                        # g with empty rows above and below
    moved[:, :, h - oh:h] = g
    starts = [h - oh - i * window.dilation[0] for i in range(kh)]
    rows = [moved[:, :, start:start + h].reshape(n, groups, f // groups, h * ow) for start in starts]
    lines = sum_of_products(kernels, rows).reshape(n, c, kw, h, ow)
    for j, seen in enumerate(window.slices((oh, ow))[1]):
        image[..., seen] += lines[:, :, j]
    return window.crop(image)


def slide_turned(g, w, window, groups, size):
    """stamp, as a slide over g of the kernels turned by 180 degrees, only for stride 1.

    This adds up less than stamp_lines, but copies more of g where the kernels are many more than the channels.
    """
    turned = w.reshape(groups, len(w) // groups, *w.shape[1:])[..., ::-1, ::-1].swapaxes(1, 2)
    back = Window(window.name, window.kernel, 1, window.beyond, window.dilation)
    turned = turned.reshape(groups * w.shape[1], -1, *window.kernel)                   # (C, F / G, kh, kw)
    y = slide(turned, lines_of(g, back, groups))                                       # (N, G, C / G, H W)
    return y.reshape(len(g), groups * w.shape[1], *size)


# ---- what a caller can get wrong ----

def check(name, x, w, bias, groups):
    """ValueError or TypeError unless x, weight and bias belong together."""
    ndim, dims = (3, "(N, C, L)") if name == "conv1d" else (4, "(N, C, H, W)")
    for what, array in (("x", x), ("weight", w)):
        if array.ndim != ndim:
            cure = "; for a single example use x[None]" if array is x and x.ndim == ndim - 1 else ""
            raise ValueError(f"{name}: {what} must have {ndim} dimensions, {dims}, got {array.shape}{cure}")
    if x.dtype != w.dtype:
        raise TypeError(f"{name}: x is {x.dtype} but weight is {w.dtype}; use x.astype(np.{w.dtype}) "
                        "or the model's .double()")
    positive(name, groups=groups)
    if len(w) % groups:
        raise ValueError(f"{name}: groups={groups} must divide the {len(w)} kernels of weight {w.shape}")
    transposed = name == "conv_transpose2d"
    channels, filters = (len(w), w.shape[1] * groups) if transposed else (w.shape[1] * groups, len(w))
    if x.shape[1] != channels:
        of = f" in {groups} groups" if groups > 1 else ""
        raise ValueError(f"{name}: x has {x.shape[1]} channels {x.shape} but weight expects {channels} {w.shape}{of}")
    b = None if bias is None else np.asarray(value(bias))
    if b is not None and b.shape != (filters,):
        raise ValueError(f"{name}: bias must be ({filters},), one number for each output channel, got {b.shape}")
    if b is not None and b.dtype != w.dtype:
        raise TypeError(f"{name}: bias is {b.dtype} but weight is {w.dtype}; they must be equal")


def line_window(name, kernel_size, stride, padding, dilation):
    """A window that slides along a line: an image that is one row high."""
    positive(name, kernel_size=kernel_size, stride=stride, dilation=dilation)
    return Window(name, (1, kernel_size), (1, stride), (0, padding), (1, dilation))


def stamped_size(window, size, output_padding):
    """The height and width of what conv_transpose2d makes; ValueError where nothing would be left."""
    extra = pair(window.name, "output_padding", output_padding, 0)
    if any(e >= s for e, s in zip(extra, window.stride, strict=True)):
        raise ValueError(f"{window.name}: output_padding {extra} must be smaller than stride {window.stride}")
    new = tuple((n - 1) * s - 2 * p + span + e for n, s, p, span, e in
                zip(size, window.stride, window.padding, window.span, extra, strict=True))
    if min(new) < 1:
        raise ValueError(f"{window.name}: padding {window.padding} leaves nothing of an output of size {new}")
    return new


# ---- layers ----

class Conv(Module):
    """What the layers share: the settings of the window, and a weight and a bias that start as torch's do."""

    dims = 2

    def __init__(self, in_channels, out_channels, window, groups, bias, rng):
        positive(window.name, in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"{window.name}: groups={groups} must divide in_channels={in_channels} "
                             f"and out_channels={out_channels}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        settings = window.kernel, window.stride, window.padding, window.dilation
        self.kernel_size, self.stride, self.padding, self.dilation = (pair[-self.dims:] for pair in settings)
        self.weight = kaiming_uniform_(parameter(*self.weight_shape()), a=math.sqrt(5), rng=rng)
        bound = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
        self.bias = uniform_(parameter(out_channels), -bound, bound, rng) if bias else None

    def weight_shape(self):
        """(F, C / groups, kh, kw)."""
        return self.out_channels, self.in_channels // self.groups, *self.kernel_size

    def extra_repr(self):
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        usual = {"padding": 0, "output_padding": 0, "dilation": 1}
        parts += [f"{k}={getattr(self, k)}" for k, n in usual.items() if {n} != {*getattr(self, k, [n])}]
        return ", ".join(parts + [f"groups={self.groups}"] * (self.groups > 1) + ["bias=False"] * (self.bias is None))


class Conv2d(Conv):
    """conv2d with a learnt weight (F, C / groups, kh, kw) and bias (F,): (N, C, H, W) to (N, F, oh, ow)."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1,
                 bias=True, *, rng=None):
        window = Window("Conv2d", kernel_size, stride, padding, dilation)
        super().__init__(in_channels, out_channels, window, groups, bias, rng)

    def forward(self, x):
        return conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Conv1d(Conv):
    """conv1d with a learnt weight (F, C / groups, k) and bias (F,): (N, C, L) to (N, F, ol)."""

    dims = 1

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1,
                 bias=True, *, rng=None):
        window = line_window("Conv1d", kernel_size, stride, padding, dilation)
        super().__init__(in_channels, out_channels, window, groups, bias, rng)

    def forward(self, x):
        return conv1d(x, self.weight, self.bias, *self.stride, *self.padding, *self.dilation, self.groups)


class ConvTranspose2d(Conv):
    """conv_transpose2d with a learnt weight (C, F / groups, kh, kw) and bias (F,): to (N, F, oh, ow)."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True, dilation=1, *, rng=None):
        window = Window("ConvTranspose2d", kernel_size, stride, padding, dilation)
        super().__init__(in_channels, out_channels, window, groups, bias, rng)
        self.output_padding = pair("ConvTranspose2d", "output_padding", output_padding, 0)

    def weight_shape(self):
        return self.in_channels, self.out_channels // self.groups, *self.kernel_size

    def forward(self, x):
        return conv_transpose2d(x, self.weight, self.bias, self.stride, self.padding, self.output_padding,
                                self.groups, self.dilation)
