"""An array that remembers how it was made, and can run backward: the engine under `Tensor`.

A node holds its `data` and its `edges`. An edge is `(parent, pull)`: `pull` turns the gradient of the
loss with respect to this node into the gradient with respect to that parent: a new array, or the one it
was given, or a view of it. The operations only list their edges; this file alone decides the order, adds
what arrives by several paths, and undoes broadcasting.
"""

from contextlib import contextmanager
from itertools import count
from operator import attrgetter

import numpy as np
from threadpoolctl import ThreadpoolController

# OpenBLAS's threads wait for each other. Where another program keeps one of them from running, a small product takes a
# hundred times as long; where none does, products of the size that a course needs gain nothing. So numpy gets one.
ThreadpoolController().select(internal_api="openblas").limit(limits=1)

# glibc hands freed memory back to the kernel, and pays for every page to get it again in the next step. Freeing
# one large block (of less than 32 MB) once makes it keep more. This halves the time of steps with large arrays;
# on other systems the line does nothing.
np.empty(31 << 20, np.uint8)

_clock = count()
_recording = True


@contextmanager
def no_grad():
    """Compute without remembering how; for a `with` block, or as a decorator of a function.

    >>> from dlcore.tensor import Tensor
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad():
    ...     (w * 2).requires_grad
    False
    """
    global _recording
    before, _recording = _recording, False
    try:
        yield
    finally:
        _recording = before


class Node:
    """`data` with the edges to what it was made from.

    `requires_grad` says that a gradient can flow here. After `backward`, `grad` holds dL/ddata, an array of
    data's shape and dtype, in every leaf (a node that no operation made) and where `retain_grad` was called.
    Raises TypeError for data that are not numbers, or integers that ask for a gradient.
    """

    __slots__ = ("data", "edges", "grad", "requires_grad", "retains_grad", "born", "__weakref__")
    __hash__ = object.__hash__

    def __init__(self, data, *edges, requires_grad=False):
        self.data = data if type(data) is np.ndarray else to_array(data)
        self.grad = None
        self.retains_grad = False
        self.born = next(_clock)
        self.edges = [edge for edge in edges if isinstance(edge[0], Node) and edge[0].requires_grad] \
            if _recording else ()
        self.requires_grad = requires_grad or bool(self.edges)
        if self.requires_grad and self.data.dtype.kind != "f":
            raise TypeError(f"Tensor: only floats can have a gradient, got {self.data.dtype}; "
                            "write 1.0 instead of 1, or use .float()")

    def retain_grad(self):
        """Keep the gradient of this node too, though an operation made it."""
        self.retains_grad = True

    @property
    def keeps_grad(self):
        """Whether `backward` leaves a gradient here: in a leaf, and where it was asked for."""
        return self.retains_grad or not self.edges

    def zero_grad(self):
        """Forget the gradient; otherwise the next `backward` adds to it."""
        self.grad = None

    def backward(self, gradient=None):
        """Add dL/dnode to `grad` of every leaf that led here, where L is this node, or (this * gradient).sum().

        Raises RuntimeError where there is no graph, or where one number was expected and many came.
        """
        gradients = {id(self): self._first_gradient(gradient)}
        for node in sorted(self._ancestors(), key=attrgetter("born"), reverse=True):
            # A child is younger than its parents. So all of a node's gradient has arrived before it is passed on.
            g = gradients.pop(id(node))
            if node.keeps_grad:
                node.grad = np.asarray(g if node.grad is None else node.grad + g)
            for parent, pull in node.edges:
                arriving = fit(pull(g), parent.data)
                if id(parent) in gradients:
                    arriving = gradients[id(parent)] + arriving
                elif parent.keeps_grad and (arriving is g or arriving.base is not None):
                    arriving = arriving.copy()                           # what it keeps must not be part of g
                gradients[id(parent)] = arriving

    def _ancestors(self):
        """This node and every node that it was made from, each once."""
        found, waiting = {id(self): self}, [self]
        while waiting:
            for parent, _ in waiting.pop().edges:
                if id(parent) not in found:
                    found[id(parent)] = parent
                    waiting.append(parent)
        return found.values()

    def _first_gradient(self, gradient):
        if not self.requires_grad:
            raise RuntimeError("backward: nothing that made this tensor was created with requires_grad=True "
                               "(or it was made under no_grad), so no gradient can flow")
        if gradient is None:
            if self.data.size != 1:
                raise RuntimeError(f"backward: starts from one number, but this tensor has shape {self.data.shape}; "
                                   "take .sum() or .mean() first, or pass a gradient of that shape")
            return np.ones_like(self.data)
        gradient = to_array(gradient.data if isinstance(gradient, Node) else gradient)
        if gradient.shape != self.data.shape:
            raise ValueError(f"backward: gradient has shape {gradient.shape}, the tensor has {self.data.shape}")
        # A view is another array each time: some operations remember the gradient that they answered last.
        return gradient.astype(self.data.dtype, copy=self.keeps_grad).view()

    def __array_ufunc__(self, ufunc, method, *inputs, **settings):
        # numpy calls this for array * node, which the node answers, and for np.exp(node), which it does not.
        name = ufunc.__name__
        if name in REFLECTED and isinstance(inputs[0], (np.ndarray, np.generic)) and not settings:
            return getattr(self, REFLECTED[name])(inputs[0])
        cure = f"write x.{name}(), or" if hasattr(self, name) else "use"
        raise TypeError(f"np.{name}: takes arrays, but x is a {type(self).__name__}; {cure} x.data for its numbers")

    def __repr__(self):
        parts = [np.array2string(self.data, precision=4, separator=", ", prefix="Tensor(")]
        if self.grad is not None:
            parts.append("grad=" + np.array2string(self.grad, precision=4))
        if self.edges:
            parts.append("op=" + op_name(self.edges[0][1]))
        elif self.requires_grad and self.grad is None:
            parts.append("requires_grad=True")
        return f"Tensor({', '.join(parts)})"


# Which method of the node answers an operator whose left side is an array, by numpy's name of the operator.
REFLECTED = {
    "add": "__radd__", "subtract": "__rsub__", "multiply": "__rmul__", "divide": "__rtruediv__",
    "power": "__rpow__", "matmul": "__rmatmul__", "less": "__gt__", "less_equal": "__ge__", "greater": "__lt__",
    "greater_equal": "__le__", "equal": "__eq__", "not_equal": "__ne__",
}


def to_array(data):
    """`data` (a number, a nested list, an array) as an array of numbers; TypeError if it is none."""
    if isinstance(data, Node):
        raise TypeError("Tensor: data is already a Tensor; use it as it is, or .detach() it")
    if isinstance(data, (list, tuple)) and any(isinstance(item, Node) for item in data):
        raise TypeError("Tensor: data is a list of tensors; join them with stack or cat")
    try:
        array = np.asarray(data)
    except ValueError:
        raise ValueError("Tensor: the rows of data have different lengths") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"Tensor: data must be numbers, got {type(data).__name__} of {array.dtype}")
    return array


def value(x):
    """What numpy computes with: a tensor's array, a plain number as it is, anything else as an array."""
    if isinstance(x, Node):
        return x.data
    return x if isinstance(x, (int, float)) else to_array(x)


def fit(g, data):
    """The gradient g in the shape and dtype of `data`: summed over the axes that broadcasting stretched.

    >>> fit(np.ones((4, 3)), np.zeros(3))
    array([4., 4., 4.])
    """
    if g.shape != data.shape:
        added = g.ndim - data.ndim
        stretched = [added + i for i, n in enumerate(data.shape) if n != g.shape[added + i]]      # there n is 1
        g = g.sum((*range(added), *stretched)).reshape(data.shape)
    return g if g.dtype == data.dtype else g.astype(data.dtype)


def op_name(pull):
    """The name of the operation that a pull belongs to: Tensor.__mul__.<locals>.<lambda> gives mul."""
    return pull.__qualname__.split(".<locals>")[0].split(".")[-1].strip("_")
