"""The same numbers in another arrangement: reshape, permute, index, pad, split.

Nothing is computed here, so each pull only undoes the rearrangement. Every `Tensor` has these methods;
names and arguments are torch's. A bad shape or dimension raises ValueError or IndexError.
"""

import math
from operator import index

import numpy as np

from dlcore.graph import Node


class Shaped(Node):
    """A node whose numbers can be rearranged."""

    __slots__ = ()

    shape = property(lambda self: self.data.shape, doc="The size of each dimension.")
    ndim = property(lambda self: self.data.ndim, doc="The number of dimensions.")
    dtype = property(lambda self: self.data.dtype, doc="The type of each number.")
    size = property(lambda self: self.data.size, doc="How many numbers there are.")

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("len: a tensor of shape () is one number and has no length")
        return len(self.data)

    def __iter__(self):
        return map(self.__getitem__, range(len(self)))

    def reshape(self, *shape):
        """The numbers in the same order in another shape; one size may be -1."""
        shape = one_or_many(shape)
        try:
            y = self.data.reshape(shape)
        except ValueError:
            raise ValueError(f"reshape: {self.size} numbers of shape {self.shape} do not fit {shape}") from None
        return type(self)(y, (self, lambda g: g.reshape(self.shape)))

    def flatten(self, start_dim=0, end_dim=-1):
        """Join the dimensions from start_dim to end_dim into one."""
        shape = self.shape or (1,)
        (start,), (end,) = dims_of("flatten", start_dim, shape), dims_of("flatten", end_dim, shape)
        return self.reshape(shape[:start] + (math.prod(shape[start:end + 1]),) + shape[end + 1:])

    def permute(self, *dims):
        """The dimensions in another order."""
        dims = dims_of("permute", one_or_many(dims), self.shape)
        if len(dims) != self.ndim:
            raise ValueError(f"permute: shape {self.shape} has {self.ndim} dims to put in order, got {dims}")
        return type(self)(self.data.transpose(dims), (self, lambda g: g.transpose(np.argsort(dims))))

    def transpose(self, dim0, dim1):
        """Two dimensions exchanged."""
        (i,), (j,) = dims_of("transpose", dim0, self.shape), dims_of("transpose", dim1, self.shape)
        return type(self)(self.data.swapaxes(i, j), (self, lambda g: g.swapaxes(i, j)))

    swapaxes = transpose

    @property
    def T(self):
        """Rows and columns exchanged."""
        if self.ndim != 2:
            raise ValueError(f"T: needs rows and columns, but the shape is {self.shape}; use transpose or permute")
        return self.transpose(0, 1)

    def squeeze(self, dim=None):
        """Without the dimensions of size 1 (all, or those in `dim`)."""
        dims = dims_of("squeeze", dim, self.shape)
        return self.reshape(tuple(n for i, n in enumerate(self.shape) if n != 1 or i not in dims))

    def unsqueeze(self, dim):
        """With a new dimension of size 1 at `dim`."""
        (i,) = dims_of("unsqueeze", dim, self.shape + (1,))
        return self.reshape(self.shape[:i] + (1,) + self.shape[i:])

    def expand(self, *shape):
        """Repeat dimensions of size 1 without copying; -1 keeps a size."""
        wanted = one_or_many(shape)
        old = (1,) * (len(wanted) - self.ndim) + self.shape
        sizes = tuple(o if n == -1 else n for n, o in zip(wanted, old, strict=False))
        if len(old) != len(wanted) or any(o not in (1, n) for n, o in zip(sizes, old, strict=True)):
            raise ValueError(f"expand: cannot turn {self.shape} into {wanted}; only sizes of 1 can grow")
        return type(self)(np.broadcast_to(self.data, sizes), (self, lambda g: g))

    def pad(self, pad, value=0.0):
        """Surround with `value`: pad = (left, right, top, bottom, ...), the last dimension first, as in torch."""
        sizes = whole_numbers("pad", pad)
        if len(sizes) % 2 or len(sizes) > 2 * self.ndim or min(sizes, default=0) < 0:
            raise ValueError(f"pad: wants a size of 0 or more before and after each of the last dimensions, "
                             f"got {pad} for shape {self.shape}")
        pairs = [sizes[i:i + 2] for i in range(0, len(sizes), 2)]
        pairs = [(0, 0)] * (self.ndim - len(pairs)) + pairs[::-1]
        inside = tuple(slice(before, before + n) for (before, _), n in zip(pairs, self.shape, strict=True))
        y = np.pad(self.data, pairs, constant_values=value)
        return type(self)(y, (self, lambda g: g[inside]))

    def __getitem__(self, key):
        key = plain_key(key)
        try:
            y = self.data[key]
        except IndexError as error:
            raise IndexError(f"getitem: shape {self.shape} has no such place: {error}") from None

        def put_back(g):
            z = np.zeros(self.shape, g.dtype)
            if picks_by_integers(key):
                np.add.at(z, key, g)                      # an element picked twice receives both gradients
            else:
                z[key] = g
            return z

        return type(self)(y, (self, put_back))

    def __setitem__(self, key, value):
        raise TypeError("Tensor: x[...] = value would change what the graph remembers; "
                        "use where, or change x.data before it is used")

    def split(self, split_size_or_sections, dim=0):
        """A tuple of pieces along `dim`, each of the given size (the last may be smaller), or of the listed sizes."""
        (i,) = dims_of("split", dim, self.shape)
        n, sizes = self.shape[i], whole_numbers("split", split_size_or_sections)
        if min(sizes, default=0) < 1:
            raise ValueError(f"split: a piece must hold at least 1, got {split_size_or_sections}")
        if hasattr(split_size_or_sections, "__index__"):
            sizes = [min(sizes[0], n - start) for start in range(0, n, sizes[0])] or [0]
        elif sum(sizes) != n:
            raise ValueError(f"split: sizes {sizes} add up to {sum(sizes)}, but dim {dim} of {self.shape} has {n}")
        ends = np.cumsum(sizes)
        before = (slice(None),) * i
        return tuple(self[before + (slice(end - size, end),)] for end, size in zip(ends, sizes, strict=True))


def one_or_many(args):
    """reshape(2, 3) and reshape((2, 3)) both give (2, 3)."""
    return tuple(args[0]) if len(args) == 1 and not hasattr(args[0], "__index__") else args


def whole_numbers(name, sizes):
    """One size or several as a tuple of ints; TypeError for anything else."""
    sizes = tuple(sizes) if isinstance(sizes, (tuple, list, np.ndarray)) else (sizes,)
    if not all(hasattr(n, "__index__") for n in sizes):
        raise TypeError(f"{name}: sizes are whole numbers, got {sizes}")
    return sizes


def dims_of(name, dim, shape):
    """`dim` (None for all, an int, or several) as a tuple of ints from 0; IndexError names the function."""
    ndim = len(shape)
    if dim is None:
        return tuple(range(ndim))
    dims = tuple(dim) if isinstance(dim, (tuple, list)) else (dim,)
    for d in dims:
        if not hasattr(d, "__index__"):
            raise TypeError(f"{name}: a dim is an integer, got {d!r}")
        if not -ndim <= d < ndim:
            raise IndexError(f"{name}: dim {d} does not exist in shape {shape}")
    dims = tuple(index(d) % ndim for d in dims)
    if len(set(dims)) < len(dims):
        raise ValueError(f"{name}: a dim comes twice in {dim}")
    return dims


def joined_dim(name, arrays, dim, new=False):
    """The dimension of the result along which arrays are joined, an old or a new one; ValueError if they differ."""
    if not arrays:
        raise ValueError(f"{name}: no tensors given")
    first = arrays[0].shape
    (i,) = dims_of(name, dim, first + (1,) if new else first)
    for shape in (a.shape for a in arrays):
        fits = shape == first if new else shape[:i] + shape[i + 1:] == first[:i] + first[i + 1:]
        if not fits or len(shape) != len(first):
            outside = "" if new else f" outside dim {dim}"
            raise ValueError(f"{name}: shapes {first} and {shape} must be equal{outside}")
    return i


def plain_key(key):
    """An index in which every tensor is replaced by its array."""
    if isinstance(key, tuple):
        return tuple(plain_key(k) for k in key)
    return key.data if isinstance(key, Node) else key


def picks_by_integers(key):
    """Whether a key holds lists or arrays of integers, which may pick an element more than once."""
    keys = key if isinstance(key, tuple) else (key,)
    return any(np.ndim(k) > 0 and np.asarray(k).dtype != bool for k in keys if isinstance(k, (list, np.ndarray)))
