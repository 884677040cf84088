"""The exercises of chapter 09."""

import copy
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..exercise import Exercise


def numbers(*shape, scale=1.0):
    """The same tensor on every machine: waves, so that no two neighbours are alike."""
    return scale * torch.sin(1.7 * torch.arange(math.prod(shape), dtype=torch.float64)).reshape(shape)


# ---- 1: strides ----


def steps_of(shape):
    """Numbers to walk over in memory for one step along each dimension of a contiguous tensor."""
    return tuple(math.prod(shape[i + 1:]) for i in range(len(shape)))


strides = Exercise(
    reference=steps_of,
    cases=[((3, 4),), ((2, 3, 4),), ((7,),), ((5, 1, 2),), ((1, 6),), ((2, 2, 2, 2),)],
    mistakes=[
        (lambda shape: tuple(math.prod(shape[:i]) for i in range(len(shape))),
         "Those are the strides of column-major order: here the last dimension has the stride 1."),
        (lambda shape: tuple(math.prod(shape[i:]) for i in range(len(shape))),
         "A step along a dimension skips all dimensions after it, not that dimension itself."),
        (lambda shape: tuple(8 * n for n in steps_of(shape)),                               # numpy's float64
         "You count bytes, as numpy does. torch counts numbers."),
        (lambda shape: (*shape[1:], 1),
         "The size of the next dimension is not enough: all later sizes multiply."),
        (lambda shape: tuple(reversed(steps_of(shape))), "The order is turned round: the first stride is the largest."),
    ],
)

# ---- 2: weights from another library ----


def state_of(layers, turn=lambda kernel: kernel.T, number=lambda i: 2 * i):
    """A torch state_dict for Sequential(Linear, ReLU, Linear, ...) from pairs of kernel (in, out) and bias (out,)."""
    state = {}
    for i, (kernel, bias) in enumerate(layers):
        state |= {f"{number(i)}.weight": turn(kernel), f"{number(i)}.bias": bias}
    return state


carry_over = Exercise(
    reference=state_of,
    cases=[
        ([(numbers(4, 3), numbers(3)), (numbers(3, 2, scale=2.0), numbers(2))],),
        ([(numbers(3, 3), numbers(3))],),                                                   # square: a slip is silent
        ([(numbers(1, 5), numbers(5)), (numbers(5, 5, scale=3.0), numbers(5)), (numbers(5, 1), numbers(1))],),
    ],
    mistakes=[
        (lambda layers: state_of(layers, lambda kernel: kernel),
         "torch stores (out, in): the kernel (in, out) must be transposed, also where it is square."),
        (lambda layers: state_of(layers, lambda kernel: kernel.reshape(kernel.shape[::-1])),
         "reshape reads the numbers in the same order into another table. The transpose exchanges rows and columns."),
        (lambda layers: state_of(layers, number=lambda i: i),
         "The ReLU between two layers has a number too: the layers are number 0, 2, 4."),
        (lambda layers: state_of(layers, number=lambda i: 2 * i + 1), "Numbers start from 0."),
        (lambda layers: {name: value for name, value in state_of(layers).items() if "weight" in name},
         "The biases stayed behind."),
    ],
)

# ---- 3: the loop ----


def loop(model, x, y, lr, batch_size, *, zero="before", last=True, soft=False, per_epoch=False, epochs=2):
    """Train with SGD for two epochs, batch after batch in the given order; the arguments by name are the slips."""
    model = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    stop = len(x) if last else len(x) - len(x) % batch_size
    for _ in range(epochs):
        if per_epoch:
            optimizer.zero_grad()
        for i in range(0, stop, batch_size):
            if zero == "before":
                optimizer.zero_grad()
            scores = model(x[i:i + batch_size])
            F.cross_entropy(scores.softmax(1) if soft else scores, y[i:i + batch_size]).backward()
            if zero == "after":
                optimizer.zero_grad()
            optimizer.step()
    return model.state_dict()


def small_model(d, k):
    """A linear classifier with fixed weights."""
    model = nn.Linear(d, k).double()
    model.load_state_dict({"weight": numbers(k, d), "bias": numbers(k, scale=0.5)})
    return model


train = Exercise(
    reference=loop,
    cases=[
        (small_model(3, 4), numbers(7, 3, scale=2.0), torch.tensor([0, 1, 2, 3, 1, 0, 2]), 0.5, 3),
        (small_model(2, 2), numbers(4, 2), torch.tensor([0, 1, 1, 0]), 1.0, 1),
        (small_model(2, 3), numbers(5, 2), torch.tensor([2, 1, 0, 0, 1]), 0.1, 8),          # one batch, not full
    ],
    mistakes=[
        (lambda *a: loop(*a, zero="never"), "No zero_grad: every step walks along the sum of all gradients so far."),
        (lambda *a: loop(*a, zero="never", per_epoch=True),
         "zero_grad once an epoch is not enough: forget the gradients before every backward."),
        (lambda *a: loop(*a, zero="after"),
         "Nothing moves: the step finds no gradient. backward is missing, or zero_grad comes between it and step."),
        (lambda *a: loop(*a, last=False), "The last batch is smaller than the others, but its examples count too."),
        (lambda *a: loop(*a, soft=True), "cross_entropy takes scores: it applies the softmax itself."),
        (lambda *a: loop(*a, epochs=1), "That is one epoch. Two were asked for."),
    ],
)

# ---- 4: a large batch in small pieces ----


def pieces(w, x, y, lr, size, *, share="examples", forget=False, walk=False):
    """One step of SGD on the mean squared error of x @ w, its gradient added up in pieces."""
    w = w.detach().clone().requires_grad_()
    parts = range(0, len(x), size)
    for i in parts:
        if forget:
            w.grad = None
        errors = (x[i:i + size] @ w - y[i:i + size]) ** 2
        whole = {"examples": errors.sum() / len(x), "parts": errors.mean() / len(parts), "none": errors.mean(),
                 "sum": errors.sum()}
        (errors.mean() if walk else whole[share]).backward()
        if walk:
            with torch.no_grad():
                w -= lr * w.grad
            w.grad = None
    return w.detach() if walk else (w - lr * w.grad).detach()


accumulate = Exercise(
    reference=pieces,
    cases=[
        (numbers(3), numbers(7, 3), numbers(7, scale=2.0), 0.1, 3),                         # the last piece is small
        (numbers(2), numbers(4, 2), numbers(4), 0.5, 2),
        (numbers(2), numbers(3, 2), numbers(3, scale=3.0), 0.2, 8),                         # one piece holds all
        (torch.zeros(2, dtype=torch.float64), numbers(5, 2), numbers(5), 0.3, 1),
    ],
    mistakes=[
        (lambda *a: pieces(*a, share="none"),
         "You added up the means of the pieces: the gradient is too large, by the number of pieces."),
        (lambda *a: pieces(*a, share="sum"),
         "That is the gradient of the sum of all squared errors. The mean divides it by len(x)."),
        (lambda *a: pieces(*a, share="parts"),
         "A mean of means counts the examples of a small last piece more: divide each sum by len(x)."),
        (lambda *a: pieces(*a, forget=True), "Zeroing between the pieces leaves only the gradient of the last."),
        (lambda *a: pieces(*a, walk=True),
         "That steps after every piece: several small steps, not one step on the whole batch."),
    ],
)

# ---- 5: windows without a copy ----


def windows_of(x, k, strides=None, size=None, order=(0, 1, 2, 3)):
    """Every k × k window of a table x, (H, W), as (H - k + 1, W - k + 1, k, k) that shares its memory."""
    down, right = strides or x.stride()
    h, w = size or (x.shape[0] - k + 1, x.shape[1] - k + 1)
    return x.as_strided((h, w, k, k), (down, right, down, right)).permute(order)


class SharedMemory(Exercise):
    """An exercise whose answer must show the numbers of its first argument, not a copy of them."""

    def problem(self, function, name, case):
        x, *others = copy.deepcopy(case)
        return super().problem(function, name, case) or (
            None if np.shares_memory(np.asarray(function(x, *others)), np.asarray(x)) else
            f"{name} returned the right numbers, but a copy of them. The task asks for the memory of x itself."
        )


TABLE = numbers(4, 6)
windows = SharedMemory(
    reference=windows_of,
    cases=[
        (TABLE, 2),
        (TABLE, 4),
        (TABLE.T, 3),                                                                       # a view: strides (1, 6)
        (numbers(3, 3), 1),
        (TABLE[1:, 1:5], 2),                                                                # starts inside the memory
    ],
    mistakes=[
        (lambda x, k: windows_of(x, k, strides=(x.shape[1], 1)),
         "Those strides are right only for a table that lies in memory row by row: ask x.stride()."),
        (lambda x, k: windows_of(x, k, order=(0, 1, 3, 2)),
         "Every window is transposed: its third dimension goes down, its fourth goes right."),
        (lambda x, k: windows_of(x, k, order=(1, 0, 2, 3)),
         "The first two dimensions say which window: first how far down, then how far right."),
        (lambda x, k: windows_of(x, k, size=(x.shape[0] - k, x.shape[1] - k)),
         "One window is missing each way: a table of 4 rows has 4 - k + 1 windows from top to bottom."),
        (lambda x, k: x[: x.shape[0] // k * k, : x.shape[1] // k * k]
         .reshape(x.shape[0] // k, k, x.shape[1] // k, k).permute(0, 2, 1, 3),
         "Those are tiles. Windows overlap: the next one starts one number further."),
    ],
)
