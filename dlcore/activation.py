"""Activation functions, the bend between two layers, each beside its derivative.

They take arrays (or numbers) and return arrays. A float32 array stays float32; integers become float64.
`d_relu(x)` is the derivative of `relu` at x. A `Tensor` has the same functions as methods: `x.relu()`.
"""

import math
from functools import wraps

import numpy as np
from numpy.polynomial.polynomial import polyfit


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
    return x * share_below(x, approximate)


@on_arrays
def d_gelu(x, approximate="none"):
    """The slope of gelu: slightly negative for x < -0.75, slightly above 1 for x > 0.75."""
    return gelu_slope(x, share_below(x, approximate), approximate)


def gelu_slope(x, share, approximate="none"):
    """d_gelu, for an array x of which share_below is known: the share plus x times its own slope."""
    if approximate == "none":
        return share + x * density(x)
    a, b = SHORTCUT
    y = 6 * b * (x * x)                                  # share is (1 + tanh(x (a + b x^2))) / 2
    y += 2 * a
    y *= x
    y *= share
    y *= 1 - share
    y += share
    return y


@on_arrays
def share_below(x, approximate="none"):
    """The share of a standard normal that lies below x, between 0 and 1: to 1e-15, in float32 to 2e-7.

    >>> share_below([0.0, 1.0]).round(4)
    array([0.5   , 0.8413])
    """
    if approximate == "none":
        return by_tanh(x, SINGLE) if x.dtype == np.float32 else by_mills_ratio(x)
    if approximate == "tanh":
        return by_tanh(x, SHORTCUT)
    raise ValueError(f'gelu: approximate must be "none" or "tanh", got {approximate!r}')


@on_arrays
def density(x):
    """The density of a standard normal at x: the slope of share_below."""
    y = np.exp(x * x * -0.5)
    y *= 1 / math.sqrt(2 * math.pi)
    return y


# numpy has no erf; math.erf takes one number at a time; importing scipy's costs longer than numpy itself. Two
# polynomials, fitted to math.erfc, do the same. An error far out weighs less: the density is small there.
def fitted():
    """The coefficients of `by_tanh` for float32, and those of `by_mills_ratio`."""
    x = np.linspace(0, 13, 200)
    above = np.array([math.erfc(number / math.sqrt(2)) / 2 for number in x])
    half_log_odds = np.log((1 - above) / above) / 2
    return (polyfit(x[1:] ** 2, half_log_odds[1:] / x[1:], 6, w=(x * density(x))[1:]).tolist(),
            polyfit(1 - 9 / (x + 4.5), above / density(x), 13, w=density(x)).tolist())


def by_tanh(x, coefficients):
    """The share below x as (1 + tanh(x (a + b x^2 + c x^4 + ...))) / 2: seven coefficients give it to 1e-7."""
    with np.errstate(over="ignore"):                 # the tanh of infinity is right too
        y = x * polynomial(coefficients, x * x)
    y = np.tanh(y)
    y *= 0.5
    y += 0.5
    return y


def by_mills_ratio(x):
    """The share below x from the share above abs(x), to 1e-15.

    That is the density there times a factor that changes slowly, Mills' ratio. So with abs(x) mapped to u in
    [-1, 1), a polynomial of degree 13 gives this factor.
    """
    share_above = density(x) * polynomial(DOUBLE, 1 - 9 / (np.abs(x) + 4.5))
    return np.abs((x > 0) - share_above)


def polynomial(coefficients, x):
    """coefficients[0] + coefficients[1] x + coefficients[2] x^2 + ..., by Horner's rule."""
    *rest, second, first = coefficients
    y = first * x
    y += second
    for coefficient in reversed(rest):
        y *= x
        y += coefficient
    return y


SINGLE, DOUBLE = fitted()
SHORTCUT = (math.sqrt(2 / math.pi), math.sqrt(2 / math.pi) * 0.044715)       # by_tanh, ended after b


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
