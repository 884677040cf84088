"""Layers: Linear, Embedding, Dropout, Flatten, and the activations as layers.

Parameters are float32 and start as torch's do. Each layer that computes something new has a function of the
same name in small letters; the function is one node of the graph, with its derivatives beside it.
"""

import math

import numpy as np

from dlcore.graph import value
from dlcore.init import generator, kaiming_uniform_, normal_, uniform_
from dlcore.module import Module
from dlcore.tensor import Tensor


def parameter(*shape):
    """A tensor to be learnt, zero until it is initialised."""
    return Tensor(np.zeros(shape, np.float32), requires_grad=True)


def positive(name, **sizes):
    """ValueError unless every size is a whole number of at least 1."""
    for what, n in sizes.items():
        if not isinstance(n, (int, np.integer)) or n < 1:
            raise ValueError(f"{name}: {what} must be a whole number of at least 1, got {n!r}")


def linear(input, weight, bias=None):
    """input @ weight.T + bias: (..., I) with weight (O, I) and bias (O,) gives (..., O).

    Raises ValueError where the sizes do not fit, TypeError where the dtypes differ.
    """
    input = input if isinstance(input, Tensor) else Tensor(input)
    x, w = input.data, weight.data
    if x.ndim == 0 or x.shape[-1] != w.shape[-1]:
        raise ValueError(f"linear: input {x.shape} must end in {w.shape[-1]} features, as weight {w.shape} expects")
    if x.dtype != w.dtype:
        raise TypeError(f"linear: input is {x.dtype} but weight is {w.dtype}; use x.astype(np.{w.dtype}) "
                        "or the model's .double()")
    if x.ndim != 2:                                                             # one large product, not many small
        return linear(input.reshape(-1, x.shape[-1]), weight, bias).reshape(x.shape[:-1] + w.shape[:1])
    y = x @ w.T                                                                 # (N, O)
    if bias is not None:
        y += bias.data
    return Tensor(y, (input, lambda g: g @ w),
                     (weight, lambda g: g.T @ x),
                     (bias, lambda g: np.ones(len(g), g.dtype) @ g))            # as g.sum(0), but faster


class Linear(Module):
    """A weighted sum of all inputs for each output: weight (O, I), bias (O,)."""

    def __init__(self, in_features, out_features, bias=True, *, rng=None):
        positive("Linear", in_features=in_features, out_features=out_features)
        self.weight = kaiming_uniform_(parameter(out_features, in_features), a=math.sqrt(5), rng=rng)
        bound = 1 / math.sqrt(in_features)               # torch's habit: a = sqrt(5) gives the weight this bound too
        self.bias = uniform_(parameter(out_features), -bound, bound, rng) if bias else None

    def forward(self, x):
        return linear(x, self.weight, self.bias)

    def extra_repr(self):
        out_features, in_features = self.weight.shape
        return f"in_features={in_features}, out_features={out_features}, bias={self.bias is not None}"


def embedding(input, weight):
    """Row number input[...] of weight (V, E): integers (...) give (..., E).

    Raises TypeError for input that is not of integers, IndexError for a row that does not exist.
    """
    i, w = np.asarray(value(input)), weight.data
    if i.dtype.kind not in "iu":
        raise TypeError(f"embedding: input must hold integers, got {i.dtype}")
    if i.size and (i.min() < 0 or i.max() >= len(w)):
        raise IndexError(f"embedding: input holds {i.min()} to {i.max()}, but weight {w.shape} has rows "
                         f"0 to {len(w) - 1}")

    def pull(g):
        # np.add.at adds one row at a time; here all gradients of one row lie together and are added at once.
        rows, order = i.reshape(-1), np.argsort(i, axis=None, kind="stable")
        z = np.zeros_like(w)
        if rows.size:
            used, starts = np.unique(rows[order], return_index=True)
            z[used] = np.add.reduceat(g.reshape(-1, w.shape[1])[order], starts)
        return z

    return Tensor(w[i], (weight, pull))


class Embedding(Module):
    """A table with a learnt row for each of V symbols: weight (V, E), normal numbers at the start."""

    def __init__(self, num_embeddings, embedding_dim, *, rng=None):
        positive("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.weight = normal_(parameter(num_embeddings, embedding_dim), rng=rng)

    def forward(self, x):
        return embedding(x, self.weight)

    def extra_repr(self):
        return "{}, {}".format(*self.weight.shape)


def dropout(input, p=0.5, training=True, rng=None):
    """Each number 0 with probability p, and the others divided by 1 - p so that the average stays.

    Paper: Srivastava et al. 2014, Dropout: A Simple Way to Prevent Neural Networks from Overfitting, JMLR 15.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p is a probability between 0 and 1, got {p}")
    if not training or p == 0:
        return input
    keep = generator(rng).random(input.shape, np.float32) >= p
    return input * (keep / max(1 - p, 1e-7)).astype(input.dtype)     # p = 1 keeps nothing, whatever it is divided by


def given(layer, x):
    """x, if it is a Tensor; TypeError if it is a list, a number or something else."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{type(layer).__name__}: x must be a Tensor of dlcore or an array, "
                        f"got a {type(x).__name__}: {x!r:.40}")
    return x


class Dropout(Module):
    """Drop each number with probability p while training; do nothing after eval()."""

    def __init__(self, p=0.5, *, rng=None):
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is a probability between 0 and 1, got {p}")
        self.p, self.rng = p, rng

    def forward(self, x):
        return dropout(given(self, x), self.p, self.training, self.rng)

    def extra_repr(self):
        return f"p={self.p}"


class Flatten(Module):
    """Join the dimensions from start_dim to end_dim: (N, C, H, W) becomes (N, C * H * W)."""

    def __init__(self, start_dim=1, end_dim=-1):
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x):
        return given(self, x).flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Sigmoid(Module):
    """1 / (1 + exp(-x))."""

    def forward(self, x):
        return given(self, x).sigmoid()


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, x):
        return given(self, x).tanh()


class ReLU(Module):
    """max(0, x)."""

    def forward(self, x):
        return given(self, x).relu()


class LeakyReLU(Module):
    """x where it is positive, else negative_slope * x."""

    def __init__(self, negative_slope=0.01):
        self.negative_slope = negative_slope

    def forward(self, x):
        return given(self, x).leaky_relu(self.negative_slope)

    def extra_repr(self):
        return f"negative_slope={self.negative_slope}"


class GELU(Module):
    """x times the share of a standard normal below x."""

    def __init__(self, approximate="none"):
        self.approximate = approximate

    def forward(self, x):
        return given(self, x).gelu(self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class Softmax(Module):
    """Positive numbers that sum to 1 along dim."""

    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        return given(self, x).softmax(self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"
