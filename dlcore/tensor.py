"""Tensor: arithmetic that can run backward, as one table.

In every operation the forward line stands above its derivatives: for each argument, what turns g, the
gradient of the loss with respect to the result, into the gradient with respect to that argument.
`graph` does the rest; `shape` has the methods that only rearrange.

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x
    Tensor([1., 2.], grad=[2. 4.])

dtypes follow numpy: an array keeps its dtype, a python number never changes it, a list of floats is float64.
"""

import math
import operator
from functools import wraps

import numpy as np

from dlcore import activation
from dlcore.graph import Node, value
from dlcore.shape import Shaped, dims_of, joined_dim


def broadcasting(op):
    """Say in one sentence which shapes an operation could not bring together."""

    @wraps(op)
    def checked(*args, **kwargs):
        try:
            return op(*args, **kwargs)
        except ValueError as error:
            if "broadcast" not in str(error):
                raise
            *shapes, last = [str(np.shape(value(x))) for x in (*args, *kwargs.values()) if x is not None]
            raise ValueError(f"{op.__name__.strip('_')}: shapes {', '.join(shapes)} and {last} do not broadcast; from "
                             "the right, two sizes must be equal or one of them 1") from None

    return checked


def comparison(op):
    """A comparison of numbers: it has no derivative, so it gives a plain array."""
    return broadcasting(wraps(op)(lambda self, other: op(self.data, value(other))))


class Tensor(Shaped):
    """An array of numbers with arithmetic that can run backward: `Tensor(data, requires_grad=True)`."""

    __slots__ = ()

    # ---- in and out ----

    def detach(self):
        """The same numbers without the graph."""
        return Tensor(self.data)

    def numpy(self):
        """The array; TypeError while a gradient may still flow (then use `.detach().numpy()` or `.data`)."""
        if self.requires_grad:
            raise TypeError("numpy: this tensor carries a gradient that numpy would lose; use .detach().numpy()")
        return self.data

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numpy(), dtype, copy=copy)

    def item(self):
        """The only element as a python number; ValueError if there is not exactly one."""
        if self.size != 1:
            raise ValueError(f"item: the tensor must hold one number, but its shape is {self.shape}")
        return self.data.item()

    __float__ = item

    def to(self, dtype):
        """The same numbers in another dtype."""
        return Tensor(self.data.astype(dtype), (self, lambda g: g))

    def float(self):
        """The same numbers as float32."""
        return self.to(np.float32)

    def double(self):
        """The same numbers as float64."""
        return self.to(np.float64)

    # ---- arithmetic, with broadcasting ----

    @broadcasting
    def __add__(self, other):
        return Tensor(value(self) + value(other), (self, lambda g: g), (other, lambda g: g))

    @broadcasting
    def __sub__(self, other):
        return Tensor(value(self) - value(other), (self, lambda g: g), (other, lambda g: -g))

    @broadcasting
    def __mul__(self, other):
        a, b = value(self), value(other)
        return Tensor(a * b, (self, lambda g: g * b),
                             (other, lambda g: g * a))

    @broadcasting
    def __truediv__(self, other):
        a, b = value(self), value(other)
        return Tensor(a / b, (self, lambda g: g / b),
                             (other, lambda g: -g * a / (b * b)))

    @broadcasting
    def __pow__(self, other):
        a, b = value(self), value(other)
        y = a ** b
        return Tensor(y, (self, lambda g: g * b * a ** (b - (b != 0))),         # x ** 0 is flat, at 0 too
                         (other, lambda g: g * y * np.log(np.where(a == 0, 1, a))))

    @broadcasting
    def __matmul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        a, b = self.data, other.data                                            # (..., n, k) (..., k, m)
        if not a.ndim or not b.ndim or a.shape[-1] != b.shape[-2:][0]:
            raise ValueError(f"matmul: {a.shape} @ {b.shape}; the last size on the left must equal "
                             "the last but one on the right")
        if a.ndim == 1:
            return (self.unsqueeze(0) @ other).squeeze(-2 if b.ndim > 1 else -1)
        if b.ndim == 1:
            return (self @ other.unsqueeze(1)).squeeze(-1)
        return Tensor(a @ b, (self, lambda g: g @ b.swapaxes(-1, -2)),          # (..., n, m)
                             (other, lambda g: a.swapaxes(-1, -2) @ g))

    def __neg__(self):
        return Tensor(-self.data, (self, lambda g: -g))

    __radd__ = __add__
    __rmul__ = __mul__
    __rsub__ = lambda self, other: Tensor.__sub__(other, self)
    __rtruediv__ = lambda self, other: Tensor.__truediv__(other, self)
    __rpow__ = lambda self, other: Tensor.__pow__(other, self)
    __rmatmul__ = lambda self, other: Tensor(other) @ self

    def _refuse(self, other):
        raise TypeError("Tensor: an in-place operation would change what the graph remembers; "
                        "write x = x + y instead of x += y")

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = __imatmul__ = _refuse

    __lt__, __le__, __gt__ = comparison(operator.lt), comparison(operator.le), comparison(operator.gt)
    __ge__, __eq__, __ne__ = comparison(operator.ge), comparison(operator.eq), comparison(operator.ne)
    __hash__ = Node.__hash__

    def __bool__(self):
        return bool(self.item())

    # ---- one number at a time ----

    def exp(self):
        y = np.exp(self.data)
        return Tensor(y, (self, lambda g: g * y))

    def log(self):
        x = self.data
        return Tensor(np.log(x), (self, lambda g: g / x))

    def sqrt(self):
        y = np.sqrt(self.data)
        return Tensor(y, (self, lambda g: g / (2 * y)))

    def abs(self):
        x = self.data
        return Tensor(np.abs(x), (self, lambda g: g * np.sign(x)))

    __abs__ = abs

    def tanh(self):
        y = np.tanh(self.data)
        return Tensor(y, (self, lambda g: g * (1 - y * y)))

    def sigmoid(self):
        y = activation.sigmoid(self.data)
        return Tensor(y, (self, lambda g: g * y * (1 - y)))

    def relu(self):
        y = np.maximum(self.data, 0)
        return Tensor(y, (self, lambda g: g * (y > 0)))

    def leaky_relu(self, negative_slope=0.01):
        x = self.data
        return Tensor(activation.leaky_relu(x, negative_slope),
                      (self, lambda g: g * activation.d_leaky_relu(x, negative_slope)))

    def gelu(self, approximate="none"):
        x, share = self.data, activation.share_below(self.data, approximate)
        return Tensor(x * share, (self, lambda g: g * activation.gelu_slope(x, share, approximate)))

    @broadcasting
    def clip(self, min=None, max=None):
        """Each number moved into [min, max]; no gradient where it was moved."""
        if isinstance(min, Node) or isinstance(max, Node):
            raise TypeError("clip: min and max are numbers or arrays; for tensors use x.maximum(low).minimum(high)")
        x = self.data
        y = np.clip(x, *(None if bound is None else value(bound) for bound in (min, max)))
        return Tensor(y, (self, lambda g: g * (x == y)))

    @broadcasting
    def maximum(self, other):
        """The larger of each pair; at a tie the gradient is shared."""
        a, b = value(self), value(other)
        return Tensor(np.maximum(a, b), (self, lambda g: np.where(a == b, g / 2, g * (a > b))),
                                        (other, lambda g: np.where(a == b, g / 2, g * (b > a))))

    @broadcasting
    def minimum(self, other):
        """The smaller of each pair; at a tie the gradient is shared."""
        a, b = value(self), value(other)
        return Tensor(np.minimum(a, b), (self, lambda g: np.where(a == b, g / 2, g * (a < b))),
                                        (other, lambda g: np.where(a == b, g / 2, g * (b < a))))

    # ---- along dimensions: dim is None (all), an int, or several ----

    def softmax(self, dim=-1):
        """Positive numbers that sum to 1 along `dim`, in the proportions exp(x)."""
        (i,) = dims_of("softmax", dim, self.shape)
        y = activation.softmax(self.data, i)
        return Tensor(y, (self, lambda g: y * (g - (g * y).sum(i, keepdims=True))))

    def log_softmax(self, dim=-1):
        """The logarithm of softmax, safe where softmax rounds to 0."""
        (i,) = dims_of("log_softmax", dim, self.shape)
        y = activation.log_softmax(self.data, i)
        return Tensor(y, (self, lambda g: g - np.exp(y) * g.sum(i, keepdims=True)))

    def sum(self, dim=None, keepdim=False):
        """The sum over `dim`."""
        x, dims = self.data, dims_of("sum", dim, self.shape)
        y = x.sum(dims, keepdims=True)
        return Tensor(y if keepdim else y.squeeze(dims),
                      (self, lambda g: np.broadcast_to(g.reshape(y.shape), x.shape)))

    def mean(self, dim=None, keepdim=False):
        """The average over `dim`; ValueError if there is nothing to average."""
        return self.sum(dim, keepdim) / self._count("mean", dim)

    def var(self, dim=None, *, correction=1, keepdim=False):
        """The variance over `dim`: squared distances from the mean, summed, over count - correction."""
        away = self - self.mean(dim, keepdim=True)
        return (away * away).sum(dim, keepdim) / self._count("var", dim, correction)

    def max(self, dim=None, keepdim=False):
        """The largest over `dim`, without its index: torch's amax. Tied elements share the gradient evenly."""
        x, dims = self.data, dims_of("max", dim, self.shape)
        self._count("max", dim)
        y = x.max(dims, keepdims=True)
        return Tensor(y if keepdim else y.squeeze(dims), (self, lambda g: shared(g.reshape(y.shape), x == y, dims)))

    def min(self, dim=None, keepdim=False):
        """The smallest over `dim`, without its index: torch's amin. Tied elements share the gradient evenly."""
        x, dims = self.data, dims_of("min", dim, self.shape)
        self._count("min", dim)
        y = x.min(dims, keepdims=True)
        return Tensor(y if keepdim else y.squeeze(dims), (self, lambda g: shared(g.reshape(y.shape), x == y, dims)))

    def argmax(self, dim=None):
        """Where the largest is along `dim`, as a plain array of integers."""
        self._count("argmax", dim)
        return np.argmax(self.data, dim)

    def _count(self, name, dim, correction=0):
        n = math.prod(self.shape[i] for i in dims_of(name, dim, self.shape))
        if n <= correction:
            raise ValueError(f"{name}: {n} numbers along dim {dim} of shape {self.shape} are too few"
                             + (f" for correction={correction}" if correction else ""))
        return n - correction


def shared(g, winners, dims):
    """The gradient g of a maximum, in equal parts to all the elements that reached it."""
    return g * winners / winners.sum(dims, keepdims=True)


# ---- several tensors ----

@broadcasting
def where(condition, input, other):
    """`input` where the condition holds, else `other`; the gradient follows the choice."""
    c = value(condition)
    return Tensor(np.where(c, value(input), value(other)), (input, lambda g: np.where(c, g, 0)),
                                                           (other, lambda g: np.where(c, 0, g)))


def cat(tensors, dim=0):
    """Join tensors along a dimension that they have; all other sizes must be equal (ValueError)."""
    tensors = list(tensors)
    arrays = [np.asarray(value(t)) for t in tensors]
    i = joined_dim("cat", arrays, dim)
    ends = np.cumsum([a.shape[i] for a in arrays])
    pieces = [(slice(None),) * i + (slice(end - a.shape[i], end),) for a, end in zip(arrays, ends, strict=True)]
    return Tensor(np.concatenate(arrays, i),
                  *[(t, lambda g, piece=piece: g[piece]) for t, piece in zip(tensors, pieces, strict=True)])


def stack(tensors, dim=0):
    """Join tensors of one shape along a new dimension."""
    tensors = list(tensors)
    arrays = [np.asarray(value(t)) for t in tensors]
    i = joined_dim("stack", arrays, dim, new=True)
    return Tensor(np.stack(arrays, i), *[(t, lambda g, k=k: g.take(k, i)) for k, t in enumerate(tensors)])
