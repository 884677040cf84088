"""Normalisation: numbers moved to mean 0 and variance 1, then to a mean and a size that are learnt.

BatchNorm does it for each channel over the batch, LayerNorm for each example over its features.
"""

import math

import numpy as np

from dlcore.graph import value
from dlcore.layer import parameter, positive
from dlcore.module import Module
from dlcore.tensor import Tensor


def total(x, dims):
    """x.sum(dims, keepdims=True). A product with ones adds along the last dimension, or the first, much faster."""
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    if x.ndim - 1 in dims:
        x = (rows @ np.ones(rows.shape[1], x.dtype)).reshape(*x.shape[:-1], 1)
    elif len(dims) == x.ndim - 1:
        x = (np.ones(len(rows), x.dtype) @ rows).reshape((1,) * len(dims) + (-1,))
    return x.sum(dims, keepdims=True)


def average(x, dims):
    """x.mean(dims, keepdims=True)."""
    return total(x, dims) / math.prod(x.shape[i] for i in dims)


def normalised(x, dims, eps):
    """(x - mean) / sqrt(variance + eps) over dims, with the mean, the variance and the root, all with keepdims."""
    mean = average(x, dims)
    away = x - mean
    var = average(away * away, dims)
    root = np.sqrt(var + eps)
    return away / root, mean, var, root


def scaled(y, root, dims, input, weight, bias, shape):
    """weight * y + bias as one node, where y = (input - mean) / root depends on all numbers along dims.

    The mean and the root move with the input, so of a gradient only that part goes back which changes neither:
    what is left after taking away its mean and its part along y. With dims=None mean and root are constants.
    """
    w = 1 if weight is None else weight.data.reshape(shape)
    b = 0 if bias is None else bias.data.reshape(shape)
    others = tuple(i for i, n in enumerate(shape) if n == 1)                     # summed for weight and bias

    def to_input(g):
        g = g * w
        if dims is not None:
            g = g - average(g, dims) - y * average(g * y, dims)
        return g / root

    return Tensor(y * w + b, (input, to_input),
                             (weight, lambda g: total(g * y, others).reshape(weight.shape)),
                             (bias, lambda g: total(g, others).reshape(bias.shape)))


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Each example to mean 0 and variance 1 over its last dimensions, then times weight plus bias.

    Raises ValueError where the input does not end in normalized_shape.
    Paper: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
    """
    x, shape = value(input), tuple(normalized_shape)
    if x.shape[x.ndim - len(shape):] != shape:
        raise ValueError(f"layer_norm: input {x.shape} must end in {shape}")
    dims = tuple(range(x.ndim - len(shape), x.ndim))
    y, _, _, root = normalised(x, dims, eps)
    return scaled(y, root, dims, input, weight, bias, (1,) * (x.ndim - len(shape)) + shape)


class LayerNorm(Module):
    """layer_norm with a learnt weight and bias of normalized_shape (an int or several)."""

    def __init__(self, normalized_shape, eps=1e-5):
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        self.weight, self.bias = parameter(*self.normalized_shape), parameter(*self.normalized_shape)
        self.weight.data += 1

    def forward(self, x):
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}"


class BatchNorm(Module):
    """What BatchNorm1d and BatchNorm2d share: each channel to mean 0 and variance 1 over the batch.

    While training, the batch's own mean and variance are used, and running averages follow them; after eval()
    the running averages are used, so that one example's output does not depend on the others.
    Paper: Ioffe and Szegedy 2015, arXiv:1502.03167.
    """

    ndims, wanted = (), ""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        positive(type(self).__name__, num_features=num_features)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight, self.bias = parameter(num_features), parameter(num_features)
        self.weight.data += 1
        self.register_buffer("running_mean", np.zeros(num_features, np.float32))
        self.register_buffer("running_var", np.ones(num_features, np.float32))
        self.register_buffer("num_batches_tracked", np.zeros((), np.int64))

    def forward(self, x):
        name = type(self).__name__
        if x.ndim not in self.ndims or x.shape[1] != self.num_features:
            raise ValueError(f"{name}: input {x.shape} must be {self.wanted} with C = {self.num_features}")
        shape = (1, self.num_features) + (1,) * (x.ndim - 2)
        if not self.training:
            root = np.sqrt(self.running_var + self.eps).reshape(shape)
            y = (x.data - self.running_mean.reshape(shape)) / root
            return scaled(y, root, None, x, self.weight, self.bias, shape)
        dims = tuple(i for i in range(x.ndim) if i != 1)
        count = math.prod(x.shape[i] for i in dims)
        if count < 2:
            raise ValueError(f"{name}: training needs at least 2 numbers per channel, but input is {x.shape}")
        y, mean, var, root = normalised(x.data, dims, self.eps)
        self.running_mean = self.follow(self.running_mean, mean)
        self.running_var = self.follow(self.running_var, var * (count / (count - 1)))
        self.num_batches_tracked = self.num_batches_tracked + 1
        return scaled(y, root, dims, x, self.weight, self.bias, shape)

    def follow(self, average, new):
        """A step of the running average towards a new value."""
        return (average + self.momentum * (new.reshape(-1) - average)).astype(average.dtype)

    def extra_repr(self):
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"


class BatchNorm1d(BatchNorm):
    """Batch normalisation of (N, C) or (N, C, L)."""

    ndims, wanted = (2, 3), "(N, C) or (N, C, L)"


class BatchNorm2d(BatchNorm):
    """Batch normalisation of images, (N, C, H, W)."""

    ndims, wanted = (4,), "(N, C, H, W)"
