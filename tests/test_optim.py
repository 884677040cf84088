"""Optimisers and schedules against torch.optim over 100 steps, and their sentences."""

import doctest

import numpy as np
import pytest
import torch

from dlcore import optim
from dlcore.optim import (
    SGD,
    Adam,
    AdamW,
    CosineAnnealingLR,
    LambdaLR,
    LinearLR,
    Momentum,
    RMSprop,
    StepLR,
    clip_grad_norm_,
)
from dlcore.tensor import Tensor

T = torch.optim
PAIRS = {
    "SGD": (lambda p: SGD(p, 0.05), lambda p: T.SGD(p, 0.05)),
    "SGD weight decay": (lambda p: SGD(p, 0.05, weight_decay=0.1), lambda p: T.SGD(p, 0.05, weight_decay=0.1)),
    "SGD momentum": (lambda p: SGD(p, 0.02, 0.8), lambda p: T.SGD(p, 0.02, 0.8)),
    "SGD nesterov": (lambda p: SGD(p, 0.02, 0.8, weight_decay=0.01, nesterov=True),
                     lambda p: T.SGD(p, 0.02, 0.8, weight_decay=0.01, nesterov=True)),
    "Momentum": (lambda p: Momentum(p, 0.02), lambda p: T.SGD(p, 0.02, momentum=0.9)),
    "RMSprop": (lambda p: RMSprop(p), lambda p: T.RMSprop(p)),
    "RMSprop options": (lambda p: RMSprop(p, 0.02, 0.9, 1e-6, 0.1), lambda p: T.RMSprop(p, 0.02, 0.9, 1e-6, 0.1)),
    "Adam": (lambda p: Adam(p, 0.05), lambda p: T.Adam(p, 0.05)),
    "Adam options": (lambda p: Adam(p, 0.02, (0.8, 0.95), 1e-4, 0.1),
                     lambda p: T.Adam(p, 0.02, (0.8, 0.95), 1e-4, 0.1)),
    "AdamW": (lambda p: AdamW(p, 0.05), lambda p: T.AdamW(p, 0.05)),
    "AdamW options": (lambda p: AdamW(p, 0.02, weight_decay=0.2), lambda p: T.AdamW(p, 0.02, weight_decay=0.2)),
}
RNG = np.random.default_rng(4)
A, Y, W, B = RNG.normal(size=(20, 3)), RNG.normal(size=20), RNG.normal(size=3), np.array(0.5)


def loss_of(w, b, a, y):
    return (((a @ w + b).tanh() - y) ** 2).sum() + 0.1 * (w ** 4).sum()


def both(make, make_twin, steps, each=lambda params: None, schedule=(None, None)):
    """Move the same two parameters side by side; the largest difference that any step leaves.

    The gradients are given, not computed: near a minimum RMSprop multiplies rounding differences, so that two
    runs of torch itself that start 1e-16 apart end 1e-3 apart.
    """
    rng = np.random.default_rng(0)
    mine = [Tensor(W, requires_grad=True), Tensor(B, requires_grad=True)]
    theirs = [torch.tensor(W, requires_grad=True), torch.tensor(B, requires_grad=True)]
    o, t = make(mine), make_twin(theirs)
    schedules = [s(x) for s, x in zip(schedule, (o, t), strict=True) if s]
    largest = 0.0
    for _ in range(steps):
        for m, p in zip(mine, theirs, strict=True):
            m.grad = np.asarray(rng.normal(0.3, 1.0, m.shape))
            p.grad = torch.tensor(m.grad)
        for optimizer, params in ((o, mine), (t, theirs)):
            each(params)
            optimizer.step()
        for s in schedules:
            s.step()
        largest = max(largest, *[np.abs(m.data - p.detach().numpy()).max() for m, p in zip(mine, theirs, strict=True)])
        assert all(type(m.data) is np.ndarray for m in mine)
    assert np.abs(mine[0].data - W).max() > 0.1              # they moved at all
    return largest


@pytest.mark.parametrize("name", PAIRS)
def test_100_steps_equal_torch(name):
    assert both(*PAIRS[name], steps=100) < 1e-10


L = torch.optim.lr_scheduler
SCHEDULES = {
    "StepLR": (lambda o: StepLR(o, 7, 0.5), lambda o: L.StepLR(o, 7, 0.5)),
    "CosineAnnealingLR": (lambda o: CosineAnnealingLR(o, 30, 0.001), lambda o: L.CosineAnnealingLR(o, 30, 0.001)),
    "LinearLR": (lambda o: LinearLR(o, 0.1, 1.0, 10), lambda o: L.LinearLR(o, 0.1, 1.0, 10)),
    "LinearLR defaults": (lambda o: LinearLR(o), lambda o: L.LinearLR(o)),
    "LambdaLR": (lambda o: LambdaLR(o, lambda t: 1 / (1 + t)), lambda o: L.LambdaLR(o, lambda t: 1 / (1 + t))),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_equal_torch(name):
    mine, theirs = SCHEDULES[name]
    o, t = SGD([Tensor(W)], 0.4), T.SGD([torch.tensor(W)], 0.4)
    s, u = mine(o), theirs(t)
    for _ in range(50):
        assert s.get_last_lr() == pytest.approx(u.get_last_lr(), rel=1e-10, abs=1e-12)
        t.step()                                          # torch warns about a schedule that steps alone
        s.step()
        u.step()
    assert both(*PAIRS["Adam"], steps=40, schedule=SCHEDULES[name]) < 1e-10


@pytest.mark.parametrize("max_norm", [0.1, 3.0, 1e6])
def test_clipping_equals_torch(max_norm):
    mine = [Tensor(W, requires_grad=True), Tensor(B, requires_grad=True), Tensor(W, requires_grad=True)]
    theirs = [torch.tensor(p.data, requires_grad=True) for p in mine]
    loss_of(*mine[:2], A, Y).backward()
    loss_of(*theirs[:2], torch.tensor(A), torch.tensor(Y)).backward()
    ours, torchs = clip_grad_norm_(iter(mine), max_norm), torch.nn.utils.clip_grad_norm_(theirs, max_norm)
    assert ours == pytest.approx(torchs.item(), rel=1e-12)
    for m, p in zip(mine[:2], theirs[:2], strict=True):
        np.testing.assert_allclose(m.grad, p.grad.numpy(), rtol=1e-12)
        assert type(m.grad) is np.ndarray
    assert mine[2].grad is None


def clip_both(params):
    clip = clip_grad_norm_ if isinstance(params[0], Tensor) else torch.nn.utils.clip_grad_norm_
    clip(params, 0.5)


def test_clipped_training_equals_torch():
    assert both(*PAIRS["Momentum"], steps=100, each=clip_both) < 1e-10


def test_a_step_leaves_other_arrays_alone_and_keeps_float32():
    start = np.ones(3, np.float32)
    w, idle = Tensor(start, requires_grad=True), Tensor(start, requires_grad=True)
    optimizer = Adam([w, idle], 0.1, weight_decay=0.1)
    loss = (w * w).sum()
    loss.backward()
    optimizer.step()
    assert start.tolist() == [1.0, 1.0, 1.0] and idle.data is start
    assert w.dtype == np.float32 and w.data.max() < 1
    loss.backward()                                       # the old graph still holds the old weights: 2 + 2
    assert w.grad.tolist() == [4.0, 4.0, 4.0]
    optimizer.zero_grad()
    assert w.grad is None


P = [Tensor([1.0], requires_grad=True)]
WRONG = [
    (lambda: SGD([], 0.1), r"SGD: there are no parameters; did you give it model.parameters\(\)"),
    (lambda: Adam([np.ones(3)]), r"Adam: parameters must be Tensors, got ndarray; use model.parameters\(\)"),
    (lambda: SGD(P[0]), r"SGD: parameters must come in a list, got one Tensor; write \[tensor\]"),
    (lambda: SGD(P, -0.1), r"SGD: lr must be at least 0, got -0.1"),
    (lambda: SGD(P, 0.1, -1), r"SGD: momentum must be at least 0, got -1"),
    (lambda: SGD(P, 0.1, nesterov=True), r"SGD: nesterov=True looks ahead along the momentum"),
    (lambda: RMSprop(P, alpha=1.0), r"RMSprop: alpha must be at least 0 and below 1, got 1.0"),
    (lambda: Adam(P, betas=(0.9, 1.5)), r"Adam: beta2 must be at least 0 and below 1, got 1.5"),
    (lambda: AdamW(P, weight_decay=-1), r"AdamW: weight_decay must be at least 0, got -1"),
    (lambda: StepLR(SGD(P), 0), r"StepLR: step_size must be at least 1, got 0"),
    (lambda: CosineAnnealingLR(SGD(P), 0), r"CosineAnnealingLR: T_max must be at least 1, got 0"),
    (lambda: LinearLR(SGD(P), total_iters=0), r"LinearLR: total_iters must be at least 1, got 0"),
    (lambda: clip_grad_norm_(P, 0), r"clip_grad_norm_: max_norm must be above 0, got 0"),
]


@pytest.mark.parametrize("call, sentence", WRONG, ids=[s for _, s in WRONG])
def test_wrong_calls_get_a_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        call()


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(optim).failed == 0
