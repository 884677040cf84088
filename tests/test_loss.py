"""Losses against torch: values, gradients, every option, the edges, and their sentences."""

import doctest

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from twin import compare

from dlcore import loss
from dlcore.tensor import Tensor

RNG = np.random.default_rng(2)
X, Y = RNG.normal(size=(5, 4)), RNG.normal(size=(5, 4))
PROBABLE = RNG.uniform(0.05, 0.95, (5, 4))
SHARES = RNG.dirichlet(np.ones(4), size=5)
CLASSES = np.array([0, 3, 1, 3, 2])
IMAGES, LABELS = RNG.normal(size=(2, 3, 4, 5)), RNG.integers(0, 3, (2, 4, 5))
WEIGHT = np.array([0.5, 1.0, 2.0, 3.0])

LIKE = [                                                       # input and target of one shape
    ("mse_loss", X, Y, {}),
    ("mse_loss", np.array(1.0), np.array(3.0), {}),
    ("l1_loss", X, Y, {}),
    ("l1_loss", X, X, {}),
    ("huber_loss", X, Y, {}),
    ("huber_loss", X, Y, {"delta": 0.3}),
    ("huber_loss", np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0]), {}),
    ("binary_cross_entropy", PROBABLE, PROBABLE[::-1], {}),
    ("binary_cross_entropy_with_logits", X, PROBABLE, {}),
    ("binary_cross_entropy_with_logits", np.array([-1e4, 1e4, -1e4, 1e4, 0]), np.array([0.0, 1.0, 1.0, 0.0, 1.0]), {}),
    ("kl_div", np.log(SHARES), SHARES[::-1], {}),
    ("kl_div", np.log(SHARES), np.log(SHARES[::-1]), {"log_target": True}),
    ("kl_div", np.log(SHARES), np.eye(4)[[0, 1, 2, 3, 0]], {}),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name, x, y, options", LIKE)
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
def test_losses_of_two_equal_shapes(name, x, y, options, reduction, dtype):
    mine, torchs = getattr(loss, name), getattr(F, name)
    y = y.astype(dtype)
    compare(lambda a: mine(a, y, reduction=reduction, **options),
            lambda a: torchs(a, torch.tensor(y), reduction=reduction, **options), x, dtype=dtype)


@pytest.mark.parametrize("name, x, y, options", LIKE[::3])
def test_arrays_that_are_not_contiguous(name, x, y, options):
    x, y = (np.repeat(a.T, 2, axis=-1)[..., ::2] for a in (x, y))
    compare(lambda a: getattr(loss, name)(a, y, reduction="sum", **options),
            lambda a: getattr(F, name)(a, torch.tensor(y.copy()), reduction="sum", **options), x)


@pytest.mark.parametrize("x, y", [(np.repeat(X, 2, 1)[:, ::2], np.repeat(CLASSES, 2)[::2]),
                                  (IMAGES.transpose(0, 1, 3, 2), LABELS.transpose(0, 2, 1))], ids=["rows", "images"])
def test_cross_entropy_of_arrays_that_are_not_contiguous(x, y):
    assert not x.flags.c_contiguous and not y.flags.c_contiguous
    compare(lambda a: loss.cross_entropy(a, y), lambda a: F.cross_entropy(a, torch.tensor(y.copy())), x)


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
def test_a_target_that_is_computed_gets_its_gradient(name):
    compare(getattr(loss, name), getattr(F, name), X, Y)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_weights_of_binary_cross_entropy(reduction):
    y, t = PROBABLE[::-1].copy(), torch.tensor(PROBABLE[::-1].copy())
    w, tw = WEIGHT, torch.tensor(WEIGHT)
    compare(lambda a: loss.binary_cross_entropy(a, y, w, reduction),
            lambda a: F.binary_cross_entropy(a, t, tw, reduction=reduction), PROBABLE)
    compare(lambda a: loss.binary_cross_entropy_with_logits(a, y, w, reduction, pos_weight=w),
            lambda a: F.binary_cross_entropy_with_logits(a, t, tw, reduction=reduction, pos_weight=tw), X)


def test_certainty_in_binary_cross_entropy():
    # torch keeps the 1e-12 that bounds the divisor in float32, which shows in the ninth digit.
    y = np.array([0.0, 1.0, 1.0, 0.0])
    compare(lambda a: loss.binary_cross_entropy(a, y), lambda a: F.binary_cross_entropy(a, torch.tensor(y)),
            np.array([0.0, 1.0, 0.0, 1.0]), tolerance=1e-8)


def test_batchmean_is_the_divergence():
    compare(lambda a: loss.kl_div(a, SHARES[::-1], "batchmean"),
            lambda a: F.kl_div(a, torch.tensor(SHARES[::-1].copy()), reduction="batchmean"), np.log(SHARES))


OPTIONS = [{}, {"weight": True}, {"ignore_index": 3}, {"ignore_index": 3, "weight": True}]
SMOOTH = [{"label_smoothing": 0.1}, {"label_smoothing": 0.1, "weight": True, "ignore_index": 1}]


def with_weight(options, classes, tensor):
    options = dict(options)
    if options.pop("weight", False):
        options["weight"] = tensor(WEIGHT[:classes])
    return options


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("options", OPTIONS + SMOOTH)
@pytest.mark.parametrize("x, y", [(X, CLASSES), (IMAGES, LABELS), (X[0], np.array(2))], ids=["rows", "images", "one"])
def test_cross_entropy_of_class_numbers(x, y, options, reduction, dtype):
    k = x.shape[min(x.ndim - 1, 1)]
    ours, theirs = with_weight(options, k, np.array), with_weight(options, k, lambda w: torch.tensor(w.astype(dtype)))
    compare(lambda a: loss.cross_entropy(a, y, reduction=reduction, **ours),
            lambda a: F.cross_entropy(a, torch.tensor(y), reduction=reduction, **theirs), x, dtype=dtype)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("options", [{}, {"weight": True}, {"label_smoothing": 0.2}])
def test_cross_entropy_of_probabilities(options, reduction):
    compare(lambda a: loss.cross_entropy(a, SHARES, reduction=reduction, **with_weight(options, 4, np.array)),
            lambda a: F.cross_entropy(a, torch.tensor(SHARES), reduction=reduction,
                                      **with_weight(options, 4, torch.tensor)), X)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("x, y", [(X, CLASSES), (IMAGES, LABELS)], ids=["(N, K)", "images"])
def test_nll_loss(x, y, options, reduction):
    k = x.shape[1]
    compare(lambda a: loss.nll_loss(a, y, reduction=reduction, **with_weight(options, k, np.array)),
            lambda a: F.nll_loss(a, torch.tensor(y), reduction=reduction, **with_weight(options, k, torch.tensor)), x)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(n=st.integers(1, 6), k=st.integers(1, 6), scale=st.sampled_from([0.1, 1.0, 100.0, 1e4]), seed=st.integers(0, 99))
def test_cross_entropy_of_any_size_and_scale(n, k, scale, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    compare(lambda a: loss.cross_entropy(a, y), lambda a: F.cross_entropy(a, torch.tensor(y)),
            scale * rng.normal(size=(n, k)), seed=seed)


def test_a_certain_mistake_costs_what_it_should_and_still_has_a_gradient():
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        x = Tensor([[1e4, -1e4]], requires_grad=True)
        wrong = loss.cross_entropy(x, [1])
        wrong.backward()
        assert wrong.item() == 2e4 and x.grad.tolist() == [[1.0, -1.0]]
        ruled_out = Tensor([[0.0, -np.inf, 0.0]], requires_grad=True)
        right = loss.cross_entropy(ruled_out, [0])
        right.backward()
        assert right.item() == pytest.approx(np.log(2)) and ruled_out.grad.tolist() == [[-0.5, 0.0, 0.5]]
        z = Tensor([-1e4, 1e4], requires_grad=True)
        wrong = loss.binary_cross_entropy_with_logits(z, [1.0, 0.0])
        wrong.backward()
        assert wrong.item() == 1e4 and z.grad.tolist() == [-0.5, 0.5]


def test_composed_and_fused_cross_entropy_agree():
    x = Tensor(X, requires_grad=True)
    z = Tensor(X, requires_grad=True)
    a = loss.cross_entropy(x, CLASSES)
    b = -z.log_softmax(1)[np.arange(5), CLASSES].mean()
    a.backward()
    b.backward()
    np.testing.assert_allclose(a.data, b.data, rtol=1e-14)
    np.testing.assert_allclose(x.grad, z.grad, rtol=1e-12, atol=1e-15)


def test_targets_do_not_change_the_dtype_and_empty_sums_are_0():
    x = Tensor(X.astype(np.float32), requires_grad=True)
    for value in (loss.mse_loss(x, Y), loss.cross_entropy(x, CLASSES), loss.cross_entropy(x, CLASSES, WEIGHT),
                  loss.binary_cross_entropy_with_logits(x, PROBABLE, pos_weight=WEIGHT)):
        assert value.dtype == np.float32
    assert loss.cross_entropy(np.zeros((0, 3)), np.zeros(0, int), reduction="sum").item() == 0


HALF = np.full(3, 0.5)
WRONG = [
    (lambda: loss.mse_loss(np.ones((8, 1)), np.ones(8)), r"mse_loss: input has shape \(8, 1\) but target has \(8,\)"),
    (lambda: loss.l1_loss(X, Y[:2]), r"l1_loss: input has shape \(5, 4\) but target has \(2, 4\)"),
    (lambda: loss.mse_loss(np.zeros((0, 3)), np.zeros((0, 3))), r"mse_loss: there is nothing to average"),
    (lambda: loss.mse_loss(X, Y, "average"), r'mse_loss: reduction must be "mean", "sum" or "none", got \'average\''),
    (lambda: loss.mse_loss(np.arange(3), np.arange(3)), r"mse_loss: input must hold floats, got int64"),
    (lambda: loss.huber_loss(X, Y, delta=0), r"huber_loss: delta must be positive, got 0"),
    (lambda: loss.cross_entropy(X, [0, 1, 2, 3, 4]), r"cross_entropy: target holds class 4, but there are 4 classes"),
    (lambda: loss.cross_entropy(X, [0, -1, 2, 3, 0]), r"cross_entropy: target holds class -1, but there are 4 classes"),
    (lambda: loss.cross_entropy(X, [0, 1]), r"input \(5, 4\) wants integer class numbers of shape \(5,\), but target"),
    (lambda: loss.cross_entropy(X, CLASSES.astype(float)), r"but target is float64 \(5,\)"),
    (lambda: loss.cross_entropy(X, CLASSES[:, None]), r"but target is int64 \(5, 1\)"),
    (lambda: loss.cross_entropy(X, CLASSES, np.ones(3)), r"weight has shape \(3,\), but there are 4 classes"),
    (lambda: loss.cross_entropy(X, CLASSES, label_smoothing=1.5), r"label_smoothing must be at least 0 and below 1"),
    (lambda: loss.cross_entropy(X, np.full(5, -100)), r"cross_entropy: there is nothing to average"),
    (lambda: loss.cross_entropy(np.zeros((0, 3)), np.zeros(0, int)), r"cross_entropy: there is nothing to average"),
    (lambda: loss.cross_entropy(np.array(1.0), 0), r"cross_entropy: input must hold one score per class"),
    (lambda: loss.cross_entropy(X, Tensor(SHARES, requires_grad=True)), r"cross_entropy: target carries a gradient"),
    (lambda: loss.kl_div(X, Tensor(SHARES, requires_grad=True)), r"kl_div: target carries a gradient.*use .detach"),
    (lambda: loss.binary_cross_entropy(PROBABLE, Tensor(PROBABLE, requires_grad=True)),
     r"binary_cross_entropy: target carries a gradient, which this loss does not pass on"),
    (lambda: loss.nll_loss(X, SHARES), r"nll_loss: input \(5, 4\) wants integer class numbers"),
    (lambda: loss.binary_cross_entropy(HALF + 1, HALF), r"input must lie between 0 and 1, got 1.5 to 1.5; raw scores"),
    (lambda: loss.binary_cross_entropy(HALF, HALF - 1), r"target must lie between 0 and 1, got -0.5"),
    (lambda: loss.binary_cross_entropy_with_logits(X, CLASSES), r"input has shape \(5, 4\) but target has \(5,\)"),
    (lambda: loss.kl_div(X, X[0]), r"kl_div: input has shape \(5, 4\) but target has \(4,\)"),
]


@pytest.mark.parametrize("call, sentence", WRONG, ids=[s for _, s in WRONG])
def test_wrong_calls_get_a_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        call()


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(loss).failed == 0
