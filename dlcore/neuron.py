"""One neuron in plain numpy, and Rosenblatt's rule that lets it learn from its mistakes."""

import numpy as np


def weighted_sum(x, w, b):
    """The total z of a neuron, its pre-activation: every input times its weight, added up, plus the bias.

    x: inputs (N, D) or (D,); w: weights (D,); b: bias, a number. Returns (N,) or a number.
    Raises ValueError where x, w and b do not fit.
    """
    x, w = np.asarray(x), np.asarray(w)
    if np.ndim(b) != 0:
        raise ValueError(f"weighted_sum: one neuron has one bias, b has shape {np.shape(b)}: give a number")
    if w.ndim != 1 or x.ndim not in (1, 2) or x.shape[-1] != w.shape[0]:
        raise ValueError(
            f"weighted_sum: every input needs one weight, x has shape {x.shape} and w has shape {w.shape}: "
            "x must be (N, D) or (D,), and w (D,)"
        )
    return x @ w + b                                       # (N, D) @ (D,) -> (N,)


def neuron(x, w, b):
    """A threshold neuron: 1 where the weighted sum is above 0, else 0.

    x: inputs (N, D) or (D,); w: weights (D,); b: bias. Returns integers (N,) or one integer.
    Paper: McCulloch and Pitts 1943, doi:10.1007/BF02478259.

    >>> neuron([[0, 0], [0, 1], [1, 1]], w=[1, 1], b=-1.5)
    array([0, 0, 1])
    """
    return (weighted_sum(x, w, b) > 0) * 1


def perceptron_step(x, y, w, b, lr=1.0):
    """Rosenblatt's rule for one example: nothing where the neuron is right, a step towards y where it is wrong.

    x: one input (D,); y: its class, 0 or 1; w: weights (D,); b: bias; lr: size of the step.
    Returns the new (w, b); the old ones are not changed.
    Raises ValueError where x is not one input, or y is neither 0 nor 1.
    Paper: Rosenblatt 1958, doi:10.1037/h0042519.
    """
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    if x.ndim != 1 or np.ndim(y) != 0 or y not in (0, 1):
        raise ValueError(f"perceptron_step: wants one input x (D,) and its class y, 0 or 1, not {x.shape} and y={y!r}")
    error = y - neuron(x, w, b)                            # -1, 0 or 1
    return w + lr * error * x, b + lr * error


def perceptron(x, y, epochs=100, lr=1.0, rng=None):
    """Learn weights and bias by Rosenblatt's rule, until one whole pass makes no mistake or `epochs` are over.

    x: inputs (N, D); y: classes 0 or 1 (N,); rng: a numpy Generator that shuffles each pass, or None for the given
    order.
    Returns w (D,), b and the number of mistakes in each pass, a list.
    Raises ValueError where the shapes do not fit or y holds other values than 0 and 1.

    >>> perceptron([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1])
    (array([2., 1.]), -2.0, [1, 3, 3, 2, 1, 0])
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise ValueError(f"perceptron: x must be (N, D) and y (N,), they are {x.shape} and {y.shape}")
    if not np.isin(y, (0, 1)).all():
        raise ValueError(f"perceptron: y must hold only 0 and 1, it holds {np.unique(y)[:5]}")
    w, b, mistakes = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        order = range(len(x)) if rng is None else rng.permutation(len(x))
        wrong = 0
        for i in order:
            wrong += neuron(x[i], w, b) != y[i]
            w, b = perceptron_step(x[i], y[i], w, b, lr)
        mistakes.append(int(wrong))
        if wrong == 0:
            break
    return w, float(b), mistakes
