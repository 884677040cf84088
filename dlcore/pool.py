"""Another size for the same image: pooling makes it smaller, upsampling larger, and neither has weights.

Max and average pooling share the window of `conv2d`. Adaptive pooling and upsampling are one idea: each row of
the result is a mixture of rows of the image, each column one of columns. So they are two matrix products.
"""

import math
from functools import reduce

import numpy as np

from dlcore.module import Module
from dlcore.tensor import Tensor
from dlcore.window import Window, pair


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1):
    """The largest number under each window: (N, C, H, W) to (N, C, oh, ow); stride=None is the kernel_size.

    The gradient goes to that number: the first in reading order where several are equal. The border is -inf.
    Raises ValueError where the window does not fit.
    """
    input = image_of("max_pool2d", input)
    window = pooling_window("max_pool2d", kernel_size, stride, padding, dilation)
    x = window.pad(input.data, -np.inf)
    rows, columns = window.slices(window.counts(*input.shape[2:]))
    lines, to_image = largest(x, [(..., seen) for seen in columns], window)           # of each line: (N, C, H, ow)
    y, to_lines = largest(lines, [(..., seen, slice(None)) for seen in rows], window)    # of those: (N, C, oh, ow)
    return Tensor(y, (input, lambda g: window.crop(to_image(to_lines(g)))))


def largest(x, parts, window):
    """The largest numbers among some parts of x, and what hands their gradient to the first part that has them."""
    y = reduce(np.maximum, (x[part] for part in parts))

    def pull(g):
        back = window.blank(x)
        for part in parts[:-1]:
            share = g * (x[part] >= y)                  # that is ==, in two thirds of the time
            window.add(back, part, share)
            g = g - share                               # what is left for the parts after this one
        window.add(back, parts[-1], g)
        return back

    return y, pull


def avg_pool2d(input, kernel_size, stride=None, padding=0):
    """The mean of the numbers under each window: (N, C, H, W) to (N, C, oh, ow); the border counts as zeros.

    stride=None is the kernel_size. Raises ValueError where the window does not fit.
    """
    input = image_of("avg_pool2d", input)
    window = pooling_window("avg_pool2d", kernel_size, stride, padding)
    x, count = window.pad(input.data), math.prod(window.kernel)
    counts = window.counts(*input.shape[2:])
    rows, columns = window.slices(counts)
    lines = reduce(np.add, (x[..., seen] for seen in columns))
    y = reduce(np.add, (lines[:, :, seen] for seen in rows)) / count

    def pull(g):
        back, share = window.blank(x), g / count
        for seen in window.taps(counts).values():
            window.add(back, seen, share)
        return window.crop(back)

    return Tensor(y, (input, pull))


def pooling_window(name, kernel_size, stride, padding, dilation=1):
    """The window of a pooling, which moves by its own size unless told otherwise."""
    window = Window(name, kernel_size, kernel_size if stride is None else stride, padding, dilation)
    if any(2 * p > k for p, k in zip(window.padding, window.kernel, strict=True)):
        raise ValueError(f"{name}: padding {window.padding} is more than half of the kernel_size {window.kernel}, "
                         "so a window could lie outside the image")
    return window


def image_of(name, input):
    """The input as a Tensor of floats (N, C, H, W); ValueError or TypeError if it is something else."""
    input = input if isinstance(input, Tensor) else Tensor(input)
    if input.ndim != 4:
        cure = "; for a single example use x[None]" if input.ndim == 3 else ""
        raise ValueError(f"{name}: x must have 4 dimensions, (N, C, H, W), got {input.shape}{cure}")
    if input.dtype.kind != "f":
        raise TypeError(f"{name}: x must hold floats, got {input.dtype}; use .float()")
    return input


# ---- a matrix for each direction ----

def mix(input, rows, columns):
    """Mix the rows and the columns of images: (N, C, H, W), rows (oh, H) and columns (ow, W) give (N, C, oh, ow)."""
    rows, columns = rows.astype(input.dtype), columns.astype(input.dtype)
    return Tensor(rows @ input.data @ columns.T, (input, lambda g: rows.T @ g @ columns))


def adaptive_avg_pool2d(input, output_size):
    """The means of oh x ow parts of the image: (N, C, H, W) to (N, C, oh, ow).

    output_size: (oh, ow), or one number for both; None keeps a size. Raises ValueError for anything else.
    """
    input = image_of("adaptive_avg_pool2d", input)
    sizes = output_size if isinstance(output_size, (tuple, list)) else (output_size, output_size)
    kept = tuple(old if new is None else new for old, new in zip(input.shape[2:], sizes, strict=False))
    new = pair("adaptive_avg_pool2d", "output_size", kept if len(sizes) == 2 else sizes, 1)
    return mix(input, *map(averaging, input.shape[2:], new))


def averaging(old, new):
    """The matrix (new, old) that averages `old` numbers in `new` parts, of equal size where that is possible.

    >>> averaging(4, 2)
    array([[0.5, 0.5, 0. , 0. ],
           [0. , 0. , 0.5, 0.5]])
    """
    matrix = np.zeros((new, old))
    for i in range(new):
        start, end = i * old // new, -(-(i + 1) * old // new)                   # rounded down, and up
        matrix[i, start:end] = 1 / (end - start)
    return matrix


def interpolate(input, size=None, scale_factor=None, mode="nearest"):
    """The image in another size, given as (oh, ow) or as a factor: (N, C, H, W) to (N, C, oh, ow).

    mode "nearest" repeats a pixel; "bilinear" mixes the four around (torch's align_corners=False).
    Raises ValueError unless exactly one of size and scale_factor is given, and for other modes.
    """
    input = image_of("interpolate", input)
    if mode not in PLACES:
        raise ValueError(f'interpolate: mode must be "nearest" or "bilinear", got {mode!r}')
    if (size is None) == (scale_factor is None):
        raise ValueError(f"interpolate: give either size or scale_factor, got size={size} "
                         f"and scale_factor={scale_factor}")
    old = input.shape[2:]
    if size is not None:
        new = pair("interpolate", "size", size, 1)
        steps = [o / n for o, n in zip(old, new, strict=True)]
    else:
        factors = scale_factor if isinstance(scale_factor, (tuple, list)) else (scale_factor, scale_factor)
        if len(factors) != 2 or any(o * f < 1 for o, f in zip(old, factors, strict=True)):
            raise ValueError(f"interpolate: scale_factor must be a positive number or a pair that leaves a pixel "
                             f"of {old[0]} x {old[1]}, got {scale_factor!r}")
        new = [int(o * f) for o, f in zip(old, factors, strict=True)]
        steps = [1 / f for f in factors]
    return mix(input, *(spreading(*sizes, mode) for sizes in zip(old, new, steps, strict=True)))


# From where, in pixels of the old image, pixel i of the new one comes; bilinear measures from the pixels' centres.
PLACES = {"nearest": lambda i, step: np.floor(i * step), "bilinear": lambda i, step: (i + 0.5) * step - 0.5}


def spreading(old, new, step, mode):
    """The matrix (new, old) that takes each new number from the one or two old ones at its place.

    >>> spreading(2, 4, 1 / 2, "bilinear")
    array([[1.  , 0.  ],
           [0.75, 0.25],
           [0.25, 0.75],
           [0.  , 1.  ]])
    """
    i = np.arange(new)
    place = np.clip(PLACES[mode](i, step), 0, old - 1)
    before = place.astype(int)
    matrix = np.zeros((new, old))
    matrix[i, before] = 1 - (place - before)
    matrix[i, np.minimum(before + 1, old - 1)] += place - before
    return matrix


# ---- layers ----

class MaxPool2d(Module):
    """max_pool2d as a layer."""

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1):
        window = pooling_window("MaxPool2d", kernel_size, stride, padding, dilation)
        self.kernel_size, self.stride = window.kernel, window.stride
        self.padding, self.dilation = window.padding, window.dilation

    def forward(self, x):
        return max_pool2d(x, self.kernel_size, self.stride, self.padding, self.dilation)

    def extra_repr(self):
        return (f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
                f"dilation={self.dilation}")


class AvgPool2d(Module):
    """avg_pool2d as a layer."""

    def __init__(self, kernel_size, stride=None, padding=0):
        window = pooling_window("AvgPool2d", kernel_size, stride, padding)
        self.kernel_size, self.stride, self.padding = window.kernel, window.stride, window.padding

    def forward(self, x):
        return avg_pool2d(x, self.kernel_size, self.stride, self.padding)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(Module):
    """adaptive_avg_pool2d as a layer; AdaptiveAvgPool2d(1) is the mean of each channel."""

    def __init__(self, output_size):
        self.output_size = output_size

    def forward(self, x):
        return adaptive_avg_pool2d(x, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"


class Upsample(Module):
    """interpolate as a layer."""

    def __init__(self, size=None, scale_factor=None, mode="nearest"):
        self.size, self.scale_factor, self.mode = size, scale_factor, mode

    def forward(self, x):
        return interpolate(x, self.size, self.scale_factor, self.mode)

    def extra_repr(self):
        by = f"scale_factor={self.scale_factor}" if self.size is None else f"size={self.size}"
        return f"{by}, mode={self.mode!r}"
