"""A window that slides over an image: where it stands, and which numbers lie under it.

Convolution and pooling differ only in what they do with these numbers.
"""

import numpy as np


class Window:
    """A kernel of kh x kw numbers that lie `dilation` apart and move by `stride` over an image with a border.

    Each size is a whole number, or a pair (for the height, for the width). `name` is who asks, for the errors.
    Raises ValueError for sizes out of their range.
    """

    def __init__(self, name, kernel_size, stride=1, padding=0, dilation=1):
        self.name = name
        self.kernel = pair(name, "kernel_size", kernel_size, 1)
        self.stride = pair(name, "stride", stride, 1)
        self.padding = pair(name, "padding", padding, 0)
        self.dilation = pair(name, "dilation", dilation, 1)
        self.span = tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))
        self.beyond = tuple(s - 1 - p for s, p in zip(self.span, self.padding, strict=True))

    def counts(self, height, width):
        """How many places the window has in each direction; ValueError if it is larger than the image."""
        room = [n + 2 * p - s for n, p, s in zip((height, width), self.padding, self.span, strict=True)]
        if min(room) < 0:
            raise ValueError("{}: the window spans {} x {}, but the image is {} x {} with padding {} x {}".format(
                self.name, *self.span, height, width, *self.padding))
        return tuple(r // s + 1 for r, s in zip(room, self.stride, strict=True))

    def padded(self, height, width):
        """The size of an image with its border."""
        return height + 2 * self.padding[0], width + 2 * self.padding[1]

    def pad(self, x, fill=0):
        """x (N, C, H, W) with its border of `fill`."""
        if self.padding == (0, 0):
            return x
        (n, c, h, w), (ph, pw) = x.shape, self.padding
        y = np.full((n, c, *self.padded(h, w)), fill, x.dtype)
        y[:, :, ph:ph + h, pw:pw + w] = x
        return y

    def crop(self, x):
        """x without its border: the opposite of pad."""
        if self.padding == (0, 0):
            return x
        (h, w), (ph, pw) = x.shape[2:], self.padding
        return x[:, :, ph:h - ph, pw:w - pw]

    def slices(self, counts):
        """For each row i of the kernel the lines of the padded image that it meets at all places; so for columns.

        >>> Window("demo", 2, stride=2).slices((3, 3))[0]
        [slice(0, 5, 2), slice(1, 6, 2)]
        """
        sizes = zip(self.kernel, self.stride, self.dilation, counts, strict=True)
        return tuple([slice(i * d, i * d + (n - 1) * s + 1, s) for i in range(k)] for k, s, d, n in sizes)

    def taps(self, counts):
        """For each number (i, j) of the kernel the part of the padded image that it meets at all places."""
        rows, columns = self.slices(counts)
        return {(i, j): (..., r, c) for i, r in enumerate(rows) for j, c in enumerate(columns)}

    def blank(self, x):
        """An array like x for `add` to fill: zeros, but where every number will be written it need not start as 0."""
        whole = not any(n % s for n, s in zip(x.shape[2:], self.stride, strict=True))
        filled = whole and self.kernel == self.span == self.stride
        return np.empty_like(x) if filled else np.zeros_like(x)

    def add(self, image, seen, numbers):
        """Add numbers to a part of an image that started blank."""
        if self.span[0] <= self.stride[0] and self.span[1] <= self.stride[1]:
            image[seen] = numbers              # no pixel is met twice: writing is adding, in a third of the time
        else:
            image[seen] += numbers


def pair(name, what, size, least):
    """A size for the height and one for the width; ValueError unless each is a whole number of at least `least`."""
    sizes = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(sizes) != 2 or any(not isinstance(n, (int, np.integer)) or n < least for n in sizes):
        raise ValueError(f"{name}: {what} must be a whole number of at least {least}, or a pair of them, got {size!r}")
    return sizes
