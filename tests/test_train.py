"""The loop, for a model of dlcore and for one of torch."""

import doctest

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlcore import init, train
from dlcore.layer import Dropout, Linear, ReLU
from dlcore.loss import cross_entropy, mse_loss
from dlcore.module import Sequential
from dlcore.optim import SGD, Adam, StepLR
from dlcore.train import History, accuracy, batches, fit

RNG = np.random.default_rng(5)
X = RNG.normal(size=(300, 2)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(int)                      # four quarters: no straight line separates them
VX = RNG.normal(size=(200, 2)).astype(np.float32)
VY = (VX[:, 0] * VX[:, 1] > 0).astype(int)


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


def test_an_interrupt_returns_what_was_done():
    def on_epoch(history):
        if len(history) == 2:
            raise KeyboardInterrupt

    net = model()
    history = fit(net, cross_entropy, SGD(net.parameters(), 0.1), X, Y, epochs=9, batch_size=100, on_epoch=on_epoch)
    assert isinstance(history, History) and len(history) == 2


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
    (lambda: accuracy(Linear(2, 1), X, Y[:, None]), r"accuracy: needs scores \(N, K\) .* y is \(300, 1\)"),
    (lambda: fit(NET, lambda p, y: p, OPT, X, Y, epochs=1, batch_size=9), r"backward: starts from one number"),
]


@pytest.mark.parametrize("call, sentence", WRONG, ids=[s for _, s in WRONG])
def test_wrong_calls_get_a_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError, RuntimeError), match=sentence):
        call()


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(train).failed == 0
