"""Activation functions, the bend between two layers, each beside its derivative.

They take arrays (or numbers) and return arrays. A float32 array stays float32; integers become float64.
`d_relu(x)` is the derivative of `relu` at x. A `Tensor` has the same functions as methods: `x.relu()`.
"""

import math
from functools import wraps

import numpy as np
from numpy.polynomial.chebyshev import cheb2poly, chebfit


def on_arrays(f):
    """Hand f its first argument as an array of floats, and turn a Tensor away with a sentence."""

    @wraps(f)
    def checked(x, *args, **kwargs):
        if hasattr(x, "requires_grad"):
            cure = f"call its method x.{f.__name__}(), or" if hasattr(x, f.__name__) else "please"
            raise TypeError(f"{f.__name__}: takes arrays, but x is a {type(x).__name__}; {cure} pass x.data")
        x = np.asarray(x)
        if x.dtype.kind not in "biuf":
            raise TypeError(f"{f.__name__}: takes numbers, but x holds {x.dtype}: {x!r:.60}")
        return f(x if x.dtype.kind == "f" else x.astype(float), *args, **kwargs)

    return checked


@on_arrays
def step(x):
    """1 where x > 0, else 0: the threshold of Rosenblatt's perceptron."""
    return (x > 0).astype(x.dtype)


@on_arrays
def d_step(x):
    """0 everywhere (at 0 it does not exist), which is why a step cannot learn by gradients."""
    return np.zeros_like(x)


@on_arrays
def sigmoid(x):
    """1 / (1 + exp(-x)), between 0 and 1.

    For x < 0 this is exp(x) / (1 + exp(x)), the same number: so exp never sees a large positive one.

    >>> sigmoid([-1000.0, 0.0, 1000.0])
    array([0. , 0.5, 1. ])
    """
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


@on_arrays
def d_sigmoid(x):
    """The slope of sigmoid: at most 1/4, at x = 0."""
    y = sigmoid(x)
    return y * (1 - y)


@on_arrays
def tanh(x):
    """The hyperbolic tangent, between -1 and 1: 2 sigmoid(2x) - 1."""
    return np.tanh(x)


@on_arrays
def d_tanh(x):
    """The slope of tanh: at most 1, at x = 0."""
    y = np.tanh(x)
    return 1 - y * y


@on_arrays
def relu(x):
    """x where it is positive, else 0: the rectified linear unit.

    Paper: Nair and Hinton 2010, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML.
    """
    return np.maximum(x, 0)


@on_arrays
def d_relu(x):
    """1 where x is positive, else 0 (at 0 too, as in torch)."""
    return (x > 0).astype(x.dtype)


@on_arrays
def leaky_relu(x, negative_slope=0.01):
    """x where it is positive, else negative_slope * x.

    Paper: Maas, Hannun and Ng 2013, Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML.
    """
    return np.maximum(x, 0) + negative_slope * np.minimum(x, 0)


@on_arrays
def d_leaky_relu(x, negative_slope=0.01):
    """1 where x is positive, else negative_slope."""
    return np.where(x > 0, 1, negative_slope).astype(x.dtype)


@on_arrays
def gelu(x, approximate="none"):
    """x times the share of a standard normal that lies below x; approximate="tanh" is the older shortcut.

    Raises ValueError for another `approximate`.
    Paper: Hendrycks and Gimpel 2016, arXiv:1606.08415.
    """
    return x * share_below(x, approximate)[0]


@on_arrays
def d_gelu(x, approximate="none"):
    """The slope of gelu: slightly negative for x < -0.75, slightly above 1 for x > 0.75."""
    share, density = share_below(x, approximate)
    return share + x * density


@on_arrays
def share_below(x, approximate="none"):
    """The share of a standard normal that lies below x, between 0 and 1, and its derivative, the density at x."""
    if approximate == "none":
        return normal(x)
    if approximate == "tanh":
        share = (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x))) / 2
        return share, share * (1 - share) * (math.sqrt(8 / math.pi) * (1 + 3 * 0.044715 * x * x))
    raise ValueError(f'gelu: approximate must be "none" or "tanh", got {approximate!r}')


# numpy has no erf; math.erf takes one number at a time; importing scipy's costs longer than numpy itself. But for
# x >= 0 the share above x is the density at x times a factor that changes slowly (Mills' ratio). With x mapped to
# u in [-1, 1), a polynomial fitted to math.erfc gives that factor: of degree 13 to 1e-15, of degree 5 to 3e-8,
# which is enough for float32. An error far out weighs less: the density is small there.
def _mills_ratio(degree):
    x = np.linspace(0, 13, 200)
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    share_above = [math.erfc(number / math.sqrt(2)) / 2 for number in x]
    return cheb2poly(chebfit(1 - 9 / (x + 4.5), share_above / density, degree, w=density)).tolist()


_DOUBLE, _SINGLE = _mills_ratio(13), _mills_ratio(5)


def normal(x):
    """The share of a standard normal that lies below x, to 1e-15 (2e-7 in float32), and its density at x.

    >>> normal(np.array([0.0]))[0]
    array([0.5])
    """
    u = 1 - 9 / (np.abs(x) + 4.5)
    *rest, second, first = _DOUBLE if x.dtype == np.float64 else _SINGLE
    ratio = first * u + second
    for coefficient in reversed(rest):               # Horner's rule, in place
        ratio *= u
        ratio += coefficient
    density = np.exp(x * x * -0.5) * (1 / math.sqrt(2 * math.pi))
    return np.abs((x > 0) - density * ratio), density


@on_arrays
def softmax(x, axis=-1):
    """Positive numbers that sum to 1 along `axis`, in the proportions exp(x).

    Subtracting the largest x first changes nothing (it cancels) and keeps exp from overflowing.

    >>> softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    e = np.exp(x - x.max(axis, keepdims=True, initial=-np.inf))
    return e / e.sum(axis, keepdims=True)


@on_arrays
def softmax_vjp(x, g, axis=-1):
    """Carry g = dL/dsoftmax(x) back to dL/dx; each output depends on each input, so d_softmax is a matrix."""
    y = softmax(x, axis)
    return y * (g - (g * y).sum(axis, keepdims=True))


@on_arrays
def log_softmax(x, axis=-1):
    """log(softmax(x)) without ever taking the log of a number that was rounded to 0."""
    z = x - x.max(axis, keepdims=True, initial=-np.inf)
    return z - np.log(np.exp(z).sum(axis, keepdims=True))


@on_arrays
def log_softmax_vjp(x, g, axis=-1):
    """Carry g = dL/dlog_softmax(x) back to dL/dx."""
    return g - softmax(x, axis) * g.sum(axis, keepdims=True)
