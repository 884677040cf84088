"""The loop, for a model of dlcore and for one of torch."""

import doctest
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlcore import init, interrupt, train
from dlcore.layer import Dropout, Linear, ReLU
from dlcore.loss import cross_entropy, mse_loss
from dlcore.module import Module, Sequential
from dlcore.optim import SGD, Adam, LinearLR, StepLR
from dlcore.train import accuracy, batches, fit

RNG = np.random.default_rng(5)
X = RNG.normal(size=(300, 2)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(int)                      # four quarters: no straight line separates them
VX = RNG.normal(size=(200, 2)).astype(np.float32)
VY = (VX[:, 0] * VX[:, 1] > 0).astype(int)


@pytest.fixture(autouse=True)
def interruptible():
    """Python's own answer to Ctrl-C, also where a shell in the background has switched it off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def model(seed=0):
    init.manual_seed(seed)
    return Sequential(Linear(2, 16), ReLU(), Linear(16, 2))


def twin_of(mine):
    theirs = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))
    theirs.load_state_dict({name: torch.tensor(array) for name, array in mine.state_dict().items()})
    return theirs


def test_batches_hold_every_pair_once():
    x = np.arange(10)
    got = list(batches(x, x * 2, 4, np.random.default_rng(0)))
    assert [len(a) for a, _ in got] == [4, 4, 2]
    assert all((b == 2 * a).all() for a, b in got)
    order = np.concatenate([a for a, _ in got])
    assert sorted(order) == list(x) and order.tolist() != x.tolist()
    again = np.concatenate([a for a, _ in batches(x, x, 4, np.random.default_rng(0))])
    np.testing.assert_array_equal(order, again)


@pytest.mark.parametrize("seed", range(5))
def test_fit_learns_what_no_line_can(seed):
    net = model(seed)
    history = fit(net, cross_entropy, Adam(net.parameters(), 0.02), X, Y, epochs=30, batch_size=32,
                  validation=(VX, VY), rng=np.random.default_rng(seed))
    assert len(history) == len(history.train_loss) == len(history.validation_loss) == 30
    assert history.validation_accuracy[-1] == accuracy(net, VX, VY) > 0.9
    assert history.train_loss[-1] < history.train_loss[0] / 2
    assert history.validation_loss[-1] == pytest.approx(cross_entropy(net(VX), VY).item(), rel=1e-5)


def test_fit_does_the_same_with_a_model_of_torch():
    mine = model()
    theirs = twin_of(mine)
    a = fit(mine, cross_entropy, SGD(mine.parameters(), 0.1), X, Y, epochs=3, batch_size=64, validation=(VX, VY),
            rng=np.random.default_rng(0))
    pairs = [torch.tensor(v) for v in (X, Y, VX, VY)]
    b = fit(theirs, F.cross_entropy, torch.optim.SGD(theirs.parameters(), 0.1), *pairs[:2], epochs=3, batch_size=64,
            validation=pairs[2:], rng=np.random.default_rng(0))
    for name in ("train_loss", "validation_loss", "validation_accuracy"):
        assert getattr(a, name) == pytest.approx(getattr(b, name), rel=1e-4), name
    assert accuracy(theirs, *pairs[2:]) == b.validation_accuracy[-1]


def test_regression_has_no_accuracy():
    net = Sequential(Linear(2, 1))
    target = X @ np.float32([[2.0], [-1.0]])
    history = fit(net, mse_loss, SGD(net.parameters(), 0.1), X, target, epochs=20, batch_size=50,
                  validation=(X, target))
    assert history.validation_loss[-1] < 1e-4 and history.validation_accuracy == []


def test_the_mode_is_training_in_steps_and_restored_after_measuring():
    modes = []

    class Spy(Dropout):
        def forward(self, x):
            modes.append(self.training)
            return super().forward(x)

    net = Sequential(Linear(2, 2), Spy(0.5))
    fit(net, cross_entropy, SGD(net.parameters(), 0.1), X[:8], Y[:8], epochs=2, batch_size=4, validation=(VX, VY))
    assert modes == [True, True, False] * 2 and net.training
    net.eval()
    accuracy(net, VX, VY)
    assert not net.training


def test_on_epoch_sees_the_history_and_may_move_a_schedule():
    net = model()
    optimizer = SGD(net.parameters(), 0.4)
    schedule, lengths = StepLR(optimizer, 1, 0.5), []

    def on_epoch(history):
        lengths.append(len(history))
        schedule.step()

    fit(net, cross_entropy, optimizer, X, Y, epochs=3, batch_size=100, on_epoch=on_epoch)
    assert lengths == [1, 2, 3] and optimizer.lr == 0.05


def test_a_scheduler_steps_with_every_batch_as_in_torch():
    mine = model()
    theirs = twin_of(mine)
    a, b = SGD(mine.parameters(), 0.4), torch.optim.SGD(theirs.parameters(), 0.4)
    warm_up, torchs = LinearLR(a, 0.1, 1.0, 9), torch.optim.lr_scheduler.LinearLR(b, 0.1, 1.0, 9)
    settings = {"epochs": 2, "batch_size": 100}             # 6 of the 9 steps of the warm-up
    fit(mine, cross_entropy, a, X, Y, rng=np.random.default_rng(0), scheduler=warm_up, **settings)
    fit(theirs, F.cross_entropy, b, torch.tensor(X), torch.tensor(Y), rng=np.random.default_rng(0), scheduler=torchs,
        **settings)
    assert a.lr == pytest.approx(0.4 * (0.1 + 0.9 * 6 / 9)) == b.param_groups[0]["lr"]
    for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.data, q.detach().numpy(), atol=1e-5)


@pytest.mark.parametrize("yes", [True, np.True_])
def test_on_epoch_stops_with_true(yes):
    answers = iter([None, False, np.False_, yes])
    net = model()
    history = fit(net, cross_entropy, SGD(net.parameters(), 0.1), X, Y, epochs=9, batch_size=100,
                  on_epoch=lambda history: next(answers))
    assert len(history) == 4 and history.epochs == 9


def test_scores_that_are_not_one_per_class_have_no_accuracy():
    net = Sequential(Linear(2, 1))
    history = fit(net, lambda z, y: mse_loss(z, y[:, None].astype(np.float32)), SGD(net.parameters(), 0.1), X, Y,
                  epochs=1, batch_size=100, validation=(VX, VY))
    assert len(history.validation_loss) == 1 and history.validation_accuracy == []


# ---- how it ends ----

class Breaks(Module):
    """Two classes by a linear layer, but something happens in one of its forward passes."""

    def __init__(self, at, what):
        super().__init__()
        self.linear, self.at, self.what, self.calls = Linear(2, 2), at, what, 0

    def forward(self, x):
        self.calls += 1
        if self.calls == self.at:
            self.what()
        return self.linear(x)


def raises(error):
    def call():
        raise error
    return call


class Copies(SGD):
    """SGD that keeps what the parameters were after each whole step."""

    def step(self):
        super().step()
        self.after = [p.data.copy() for p in self.params]


@pytest.mark.parametrize("what", [raises(KeyboardInterrupt), lambda: signal.raise_signal(signal.SIGINT)])
@pytest.mark.parametrize(("at", "epochs"), [(1, 0), (3, 0), (5, 1), (8, 1), (9, 2)])      # 3 batches, 1 validation
def test_an_interrupt_in_a_forward_pass_keeps_the_last_whole_step_and_the_finished_epochs(what, at, epochs, capsys):
    net = Breaks(at, what)
    optimizer = Copies(net.parameters(), 0.1)
    optimizer.after = [p.data.copy() for p in net.parameters()]
    history = fit(net, cross_entropy, optimizer, X, Y, epochs=5, batch_size=100, validation=(VX, VY))
    assert len(history) == len(history.validation_loss) == len(history.validation_accuracy) == epochs
    for p, kept in zip(net.parameters(), optimizer.after, strict=True):
        np.testing.assert_array_equal(p.data, kept)
    assert capsys.readouterr() == (f"fit: interrupted after {epochs} of 5 epochs, the model is kept\n", "")
    assert net.training and accuracy(net, VX, VY) > 0, "the model works on"


def test_an_interrupt_in_a_step_waits_for_its_end():
    class Interrupted(SGD):
        def change(self, p, g, state):
            signal.raise_signal(signal.SIGINT)
            return super().change(p, g, state)

    net = model()
    before = [p.data.copy() for p in net.parameters()]
    history = fit(net, cross_entropy, Interrupted(net.parameters(), 0.1), X, Y, epochs=5, batch_size=100)
    assert len(history) == 0
    assert all((p.data != old).any() for p, old in zip(net.parameters(), before, strict=True)), "all moved, or none"


def test_outside_the_main_thread_fit_works_too():
    net, got = model(), []
    thread = threading.Thread(target=lambda: got.append(
        fit(net, cross_entropy, SGD(net.parameters(), 0.1), X, Y, epochs=2, batch_size=100)))
    thread.start()
    thread.join()
    assert len(got[0]) == 2


FOREVER = """
import sys
import numpy as np
from dlcore.layer import Linear
from dlcore.loss import cross_entropy
from dlcore.optim import Adam
from dlcore.train import fit
x, net = np.ones((64, 2), np.float32), Linear(2, 2)
history = fit(net, cross_entropy, Adam(net.parameters()), x, np.ones(64, int), epochs=10**9, batch_size=4,
              on_epoch=lambda history: print("epoch", flush=True) if len(history) == 1 else None)
assert "torch" not in sys.modules and len(history) > 0
print("the model answers", net(x).shape)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that reaches one process alone")
def test_ctrl_c_ends_a_real_training_and_leaves_the_model():
    with subprocess.Popen([sys.executable, "-c", FOREVER], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler)) as child:
        assert child.stdout.readline() == "epoch\n"
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert out.startswith("fit: interrupted after ") and out.endswith("the model answers (64, 2)\n") and err == ""


@pytest.mark.parametrize(("ending", "done"), [
    (lambda history: len(history) == 2, 2), (lambda history: None, 3),
    (lambda history: signal.raise_signal(signal.SIGINT), 1),
])
def test_what_the_history_asks_for_is_called_once_at_the_end(ending, done):
    called = []

    def on_epoch(history):
        if len(history) == 1:
            history.at_end.append(lambda: called.append(len(history)))
        return ending(history)

    net = model()
    fit(net, cross_entropy, SGD(net.parameters(), 0.1), X, Y, epochs=3, batch_size=100, on_epoch=on_epoch)
    assert called == [done]


def test_an_error_in_training_is_told_after_the_end_and_leaves_the_mode_as_it_was():
    called, net = [], Breaks(8, raises(ZeroDivisionError))       # while measuring the second epoch
    with pytest.raises(ZeroDivisionError):
        fit(net, cross_entropy, SGD(net.parameters(), 0.1), X, Y, epochs=5, batch_size=100, validation=(VX, VY),
            on_epoch=lambda history: history.at_end.append(lambda: called.append(len(history))))
    assert called == [1] and net.training


# ---- torch ----

def test_measuring_a_model_of_torch_builds_no_graph():
    seen = []

    class Spy(nn.Linear):
        def forward(self, x):
            seen.append((self.training, torch.is_grad_enabled()))
            return super().forward(x)

    net = Spy(2, 2)
    x, y, vx, vy = (torch.tensor(v) for v in (X, Y, VX, VY))
    fit(net, F.cross_entropy, torch.optim.SGD(net.parameters(), 0.1), x, y, epochs=2, batch_size=150,
        validation=(vx, vy))
    assert seen == [(True, True), (True, True), (False, False)] * 2 and torch.is_grad_enabled()


def test_interrupted_torch_keeps_its_model_too(capsys):
    class Torchs(nn.Linear):
        calls = 0

        def forward(self, x):
            self.calls += 1
            if self.calls == 4:
                raise KeyboardInterrupt
            return super().forward(x)

    net = Torchs(2, 2)
    history = fit(net, F.cross_entropy, torch.optim.Adam(net.parameters()), torch.tensor(X), torch.tensor(Y), epochs=5,
                  batch_size=150)
    assert len(history) == 1 and "interrupted after 1 of 5 epochs" in capsys.readouterr().out
    assert 0 <= accuracy(net, torch.tensor(VX), torch.tensor(VY)) <= 1


def test_printing_is_left_to_the_caller(capsys):
    net = model()
    fit(net, cross_entropy, SGD(net.parameters(), 0.1), X, Y, epochs=1, batch_size=100)
    assert capsys.readouterr() == ("", "")


NET = model()
OPT = SGD(NET.parameters(), 0.1)
WRONG = [
    (lambda: batches(X, Y[:-1], 10), r"batches: x and y must be of one length above 0, got 300 and 299"),
    (lambda: batches(X, Y, 0), r"batches: batch_size must be at least 1, got 0"),
    (lambda: batches([1, 2], Y, 1), r"batches: x and y must be arrays or tensors, got a list"),
    (lambda: batches(X, Y, 1, rng=3), r"rng: wants a numpy Generator, got 3"),
    (lambda: fit(NET, cross_entropy, OPT, X, Y, epochs=0, batch_size=9), r"fit: epochs must be at least 1, got 0"),
    (lambda: fit(NET, cross_entropy, OPT, X, Y[:5], epochs=1, batch_size=9), r"fit: x and y .*, got 300 and 5"),
    (lambda: fit(NET, cross_entropy, OPT, X, Y, epochs=1, batch_size=9, validation=(VX, Y)),
     r"fit: validation: x and y must be of one length above 0, got 200 and 300"),
    (lambda: fit(NET, cross_entropy, OPT, X[:0], Y[:0], epochs=1, batch_size=9), r"fit: .* got 0 and 0"),
    (lambda: fit(NET, cross_entropy, OPT, X, Y, epochs=1, batch_size=99, on_epoch=lambda history: 0.5),
     r"fit: on_epoch must return True to stop, or nothing, got a float"),
    (lambda: accuracy(Linear(2, 1), X, Y[:, None]), r"accuracy: needs scores \(N, K\) .* y is \(300, 1\)"),
    (lambda: fit(NET, lambda p, y: p, OPT, X, Y, epochs=1, batch_size=9), r"backward: starts from one number"),
]


@pytest.mark.parametrize("call, sentence", WRONG, ids=[s for _, s in WRONG])
def test_wrong_calls_get_a_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError, RuntimeError), match=sentence):
        call()


@pytest.mark.parametrize("room", [train, interrupt])
def test_the_examples_in_the_docstrings_run(room):
    result = doctest.testmod(room)
    assert result.failed == 0 < result.attempted
