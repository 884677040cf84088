"""What "wrong" means, as one number: the losses, with torch's names, arguments and defaults.

`input` is a Tensor of predictions, `target` an array (or a Tensor) of what they should have been. With
reduction="mean" the result is the average loss, with "sum" the sum, with "none" one loss per prediction.
Every function raises ValueError where shapes or values do not fit, and where an average over nothing is asked.
"""

import math

import numpy as np

from dlcore import activation
from dlcore.graph import value
from dlcore.tensor import Tensor


def mse_loss(input, target, reduction="mean"):
    """The squared difference; a mistake twice as large costs four times as much.

    >>> mse_loss(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    """
    input, target = alike("mse_loss", input, target)
    difference = input - target
    return reduced("mse_loss", difference * difference, reduction)


def l1_loss(input, target, reduction="mean"):
    """The absolute difference; one outlier weighs less than in the squared one."""
    input, target = alike("l1_loss", input, target)
    return reduced("l1_loss", (input - target).abs(), reduction)


def huber_loss(input, target, reduction="mean", delta=1.0):
    """Half the squared difference up to delta, from there on a straight line.

    Paper: Huber 1964, Robust Estimation of a Location Parameter, doi:10.1214/aoms/1177703732.
    """
    input, target = alike("huber_loss", input, target)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be positive, got {delta}")
    distance = (input - target).abs()
    near = distance.clip(max=delta)
    return reduced("huber_loss", near * (distance - near / 2), reduction)


def cross_entropy(input, target, weight=None, *, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """-log of the probability that softmax(input) gives to the right class.

    input: scores, one per class, (N, K), (K,) or (N, K, ...). target: class numbers, (N,), () or (N, ...), or
    one probability per class in the shape of input. weight: (K,), how much each class counts. Targets equal to
    ignore_index cost nothing. label_smoothing takes that share of the target from the right class and deals it
    out evenly to all (paper: Szegedy et al. 2015, arXiv:1512.00567).

    >>> cross_entropy(Tensor([[0.0, 0.0]]), [1])
    Tensor(0.6931)
    """
    input = predictions("cross_entropy", input)
    wanted, count, k = wanted_classes("cross_entropy", input, target, weight, ignore_index, label_smoothing)
    log_p = activation.log_softmax(np.ascontiguousarray(input.data.swapaxes(0, k)), 0)    # (K, N, ...)
    # A class that was ruled out by a score of -inf costs nothing where it is not wanted: 0 * -huge is 0.
    log_p = np.maximum(log_p, np.finfo(input.dtype).min)

    def pull(g):                                                                 # softmax minus what was wanted
        every = wanted.sum(0)                                                    # 1 but for weights
        return (g * (np.exp(log_p) * every - wanted)).swapaxes(0, k)

    losses = Tensor(-(wanted * log_p).sum(0), (input, pull))
    return reduced("cross_entropy", losses, reduction, count)


def nll_loss(input, target, weight=None, *, ignore_index=-100, reduction="mean"):
    """-log probability of the right class, for an input that already holds log-probabilities (log_softmax)."""
    input = predictions("nll_loss", input)
    wanted, count, k = wanted_classes("nll_loss", input, target, weight, ignore_index)
    losses = Tensor(-(wanted * input.data.swapaxes(0, k)).sum(0), (input, lambda g: (-g * wanted).swapaxes(0, k)))
    return reduced("nll_loss", losses, reduction, count)


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    """-log of the probability given to the right one of two answers; input: probabilities between 0 and 1.

    A logarithm below -100 counts as -100, as in torch, so a certain mistake costs 100 and not infinity.
    """
    input, target = alike("binary_cross_entropy", input, target)
    p, y = input.data, constant("binary_cross_entropy", target)
    for name, array in (("input", p), ("target", y)):
        if array.size and not (array.min() >= 0 and array.max() <= 1):
            raise ValueError(f"binary_cross_entropy: {name} must lie between 0 and 1, got {array.min():.4g} to "
                             f"{array.max():.4g}; raw scores go to binary_cross_entropy_with_logits")
    with np.errstate(divide="ignore"):
        losses = -y * np.maximum(np.log(p), -100) - (1 - y) * np.maximum(np.log(1 - p), -100)
    losses = Tensor(losses, (input, lambda g: g * (p - y) / np.maximum(p * (1 - p), 1e-12)))
    return reduced("binary_cross_entropy", weighted(losses, weight), reduction)


def binary_cross_entropy_with_logits(input, target, weight=None, reduction="mean", pos_weight=None):
    """binary_cross_entropy of sigmoid(input), safe for any score; pos_weight: how much a target of 1 counts."""
    input, target = alike("binary_cross_entropy_with_logits", input, target)
    x, y = input.data, constant("binary_cross_entropy_with_logits", target)
    c = 1 if pos_weight is None else (1 + (value(pos_weight) - 1) * y).astype(x.dtype)
    minus_log_sigmoid = np.maximum(-x, 0) + np.log1p(np.exp(-np.abs(x)))
    losses = Tensor((1 - y) * x + c * minus_log_sigmoid,
                    (input, lambda g: g * (1 - y - c * activation.sigmoid(-x))))
    return reduced("binary_cross_entropy_with_logits", weighted(losses, weight), reduction)


def kl_div(input, target, reduction="mean", log_target=False):
    """How much the distribution input misses of target: target * (log target - input).

    input: log-probabilities; target: probabilities, or their logarithms with log_target=True. As in torch,
    "mean" divides by the number of elements; "batchmean" divides by N and is the divergence itself.
    """
    input, target = alike("kl_div", input, target)
    given = constant("kl_div", target)
    t = np.exp(given) if log_target else given
    log_t = given if log_target else np.log(np.where(t > 0, t, 1))               # 0 log 0 is 0
    losses = Tensor(t * (log_t - input.data), (input, lambda g: -g * t))
    if reduction == "batchmean":
        return reduced("kl_div", losses, "mean", len(t) if t.ndim else 1)
    return reduced("kl_div", losses, reduction)


# ---- what they share ----

def predictions(name, input):
    """The input as a Tensor of floats."""
    input = input if isinstance(input, Tensor) else Tensor(input)
    if input.dtype.kind != "f":
        raise TypeError(f"{name}: input must hold floats, got {input.dtype}")
    return input


def alike(name, input, target):
    """Input and target as tensors of one shape and dtype; (N, 1) against (N,) would broadcast to (N, N)."""
    input = predictions(name, input)
    target = target if isinstance(target, Tensor) else Tensor(target)
    if target.shape != input.shape:
        raise ValueError(f"{name}: input has shape {input.shape} but target has {target.shape}; "
                         "they must be equal")
    return input, target if target.dtype == input.dtype else target.to(input.dtype)


def constant(name, target):
    """The numbers of a target to which no gradient flows."""
    if getattr(target, "requires_grad", False):
        raise ValueError(f"{name}: target carries a gradient, which this loss does not pass on; use .detach()")
    return value(target)


def weighted(losses, weight):
    """Each loss times its weight, if there are weights."""
    return losses if weight is None else losses * np.asarray(value(weight), losses.dtype)


def reduced(name, losses, reduction, count=None):
    """The losses as they are, their sum, or their sum over `count` (how many there are, if not given)."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction != "mean":
        raise ValueError(f'{name}: reduction must be "mean", "sum" or "none", got {reduction!r}')
    count = losses.size if count is None else count
    if not count > 0:
        raise ValueError(f"{name}: there is nothing to average, in shape {losses.shape}")
    return Tensor(losses.data.sum() / count, (losses, lambda g: np.full(losses.shape, g / count)))


def wanted_classes(name, input, target, weight=None, ignore_index=-100, label_smoothing=0.0):
    """How much of each class the target wants, classes first; the count of a mean; input's dimension of classes.

    Classes come first, (K, N, ...), since numpy adds along the first dimension several times faster than along a
    short last one.
    """
    if input.ndim == 0:
        raise ValueError(f"{name}: input must hold one score per class, but its shape is ()")
    if not 0 <= label_smoothing < 1:
        raise ValueError(f"{name}: label_smoothing must be at least 0 and below 1, got {label_smoothing}")
    target = np.asarray(constant(name, target))
    k = min(input.ndim - 1, 1)                                                   # the dimension of the classes
    classes, positions = input.shape[k], input.shape[:k] + input.shape[k + 1:]
    if weight is not None:
        weight = np.asarray(value(weight), input.dtype)
        if weight.shape != (classes,):
            raise ValueError(f"{name}: weight has shape {weight.shape}, but there are {classes} classes")

    if target.dtype.kind == "f" and target.shape == input.shape and name == "cross_entropy":
        wanted, count, kept = target.astype(input.dtype).swapaxes(0, k), math.prod(positions), None
    elif target.dtype.kind in "iu" and target.shape == positions:
        right, kept = known_classes(name, target, classes, ignore_index)
        wanted = one_hot(right, classes, input.dtype)
        counted = right if kept is None else right[kept]
        count = counted.size if weight is None else float(weight[counted].sum())
    else:
        raise ValueError(f"{name}: input {input.shape} wants integer class numbers of shape {positions}, "
                         f"but target is {target.dtype} {target.shape}")

    if label_smoothing:
        wanted = (1 - label_smoothing) * wanted + label_smoothing / classes
    if weight is not None:
        wanted = wanted * weight.reshape((-1,) + (1,) * len(positions))
    if kept is not None:
        wanted = wanted * kept
    return wanted, count, k


def known_classes(name, target, classes, ignore_index):
    """The class numbers with 0 in the place of ignored ones, and where they are not ignored (None: nowhere)."""
    if target.size == 0 or (target.min() >= 0 and target.max() < classes and not 0 <= ignore_index < classes):
        return target, None
    kept = target != ignore_index
    outside = target[kept & ((target < 0) | (target >= classes))]
    if outside.size:
        raise ValueError(f"{name}: target holds class {outside[0]}, but there are {classes} classes, "
                         f"0 to {classes - 1}")
    return np.where(kept, target, 0), kept


def one_hot(right, classes, dtype):
    """An array of zeros, (K, N, ...), with a 1 at the right class of each position."""
    y = np.zeros((classes, right.size), dtype)
    y[right.reshape(-1), np.arange(right.size)] = 1
    return y.reshape(classes, *right.shape)
