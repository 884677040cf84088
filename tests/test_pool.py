"""Pooling and upsampling against torch: every setting, ties, values and gradients; then layers, wrong calls."""

import doctest
import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from twin import close, compare

from dlcore import pool
from dlcore.pool import (
    AdaptiveAvgPool2d,
    AvgPool2d,
    MaxPool2d,
    Upsample,
    adaptive_avg_pool2d,
    avg_pool2d,
    interpolate,
    max_pool2d,
)
from dlcore.tensor import Tensor

RNG = np.random.default_rng(3)
DTYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def normal(*shape):
    return RNG.normal(size=shape)


def ties(*shape):
    return RNG.integers(-1, 2, size=shape).astype(float)


@pytest.fixture(scope="module", autouse=True)
def new_memory_holds_nan():
    """So that a number which nobody wrote is seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "empty_like", lambda x: np.full_like(x, np.nan))
        yield


KERNELS = [(1, 1), (2, 2), (3, 2), ((3, 2), (1, 3)), (2, 3), ((2, 4), None), (5, 4)]
GRID = list(itertools.product(KERNELS, (0, 1), (1, (2, 1)), (normal, ties)))


@DTYPES
@pytest.mark.parametrize("kernel, padding, dilation, numbers", [g for g in GRID if g[0][0] != 1 or not g[1]])
def test_max_pool2d_equals_torch(kernel, padding, dilation, numbers, dtype):
    how = {"kernel_size": kernel[0], "stride": kernel[1], "padding": padding, "dilation": dilation}
    compare(lambda x: max_pool2d(x, **how), lambda x: F.max_pool2d(x, **how), numbers(2, 3, 9, 10), dtype=dtype)


def test_max_pool2d_with_holes_in_the_window():
    compare(lambda x: max_pool2d(x, 2, 3, dilation=2), lambda x: F.max_pool2d(x, 2, 3, dilation=2), normal(2, 3, 6, 9))


@DTYPES
@pytest.mark.parametrize("kernel, padding", [g for g in itertools.product(KERNELS, (0, 1)) if g[0][0] != 1 or not g[1]])
def test_avg_pool2d_equals_torch(kernel, padding, dtype):
    how = {"kernel_size": kernel[0], "stride": kernel[1], "padding": padding}
    compare(lambda x: avg_pool2d(x, **how), lambda x: F.avg_pool2d(x, **how), normal(2, 3, 9, 10), dtype=dtype)


@DTYPES
@pytest.mark.parametrize("size", [1, 2, 3, 7, (3, 5), (None, 1), (9, None), 12])
def test_adaptive_avg_pool2d_equals_torch(size, dtype):
    compare(lambda x: adaptive_avg_pool2d(x, size), lambda x: F.adaptive_avg_pool2d(x, size), normal(2, 3, 7, 9),
            dtype=dtype)


@DTYPES
@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("how", [{"scale_factor": 2}, {"scale_factor": (3, 1)}, {"scale_factor": 1.5},
                                 {"scale_factor": 0.5}, {"size": 8}, {"size": (3, 13)}, {"size": (1, 1)}], ids=str)
def test_interpolate_equals_torch(how, mode, dtype):
    compare(lambda x: interpolate(x, mode=mode, **how), lambda x: F.interpolate(x, mode=mode, **how),
            normal(2, 3, 4, 6), dtype=dtype)


@pytest.mark.parametrize("mine, torchs", [
    (lambda x: max_pool2d(x, 2), lambda x: F.max_pool2d(x, 2)),
    (lambda x: avg_pool2d(x, 3, 2, 1), lambda x: F.avg_pool2d(x, 3, 2, 1)),
    (lambda x: adaptive_avg_pool2d(x, 2), lambda x: F.adaptive_avg_pool2d(x, 2)),
    (lambda x: interpolate(x, scale_factor=2), lambda x: F.interpolate(x, scale_factor=2))])
@pytest.mark.parametrize("x", [normal(5, 6, 2, 3).transpose(2, 3, 0, 1), normal(2, 6, 5, 6)[:, ::2]],
                         ids=["permuted", "every second"])
def test_arrays_that_are_not_contiguous(mine, torchs, x):
    compare(mine, torchs, x)


EMPTY = [(MaxPool2d(2), (2, 3)), (AvgPool2d(2), (2, 3)), (AdaptiveAvgPool2d(1), (1, 1)), (Upsample(7), (7, 7))]


@pytest.mark.parametrize("layer, size", EMPTY)
def test_no_image_gives_none(layer, size):
    x = Tensor(np.zeros((0, 3, 5, 6)), requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert y.shape == (0, 3, *size) and x.grad.shape == x.shape


@settings(max_examples=60, deadline=None, derandomize=True)
@given(h=st.integers(1, 8), w=st.integers(1, 8), kernel=st.integers(1, 4), stride=st.integers(1, 4),
       padding=st.integers(0, 2), dilation=st.integers(1, 2), seed=st.integers(0, 99))
def test_any_pooling(h, w, kernel, stride, padding, dilation, seed):
    assume(2 * padding <= kernel and min(h, w) + 2 * padding > dilation * (kernel - 1))
    assume(dilation == 1 or min(h, w) > dilation)         # or a window meets no pixel at all: torch 2.13 aborts
    x = np.random.default_rng(seed).integers(-1, 2, size=(2, 2, h, w)).astype(float)
    compare(lambda x: max_pool2d(x, kernel, stride, padding, dilation),
            lambda x: F.max_pool2d(x, kernel, stride, padding, dilation), x)
    if dilation == 1:
        compare(lambda x: avg_pool2d(x, kernel, stride, padding),
                lambda x: F.avg_pool2d(x, kernel, stride, padding), x)


@pytest.mark.parametrize("mine, torchs", [
    (MaxPool2d(2), torch.nn.MaxPool2d(2)), (MaxPool2d(3, 2, 1), torch.nn.MaxPool2d(3, 2, 1)),
    (MaxPool2d((2, 3), dilation=2), torch.nn.MaxPool2d((2, 3), dilation=2)),
    (AvgPool2d(2), torch.nn.AvgPool2d(2)), (AvgPool2d(3, 2, 1), torch.nn.AvgPool2d(3, 2, 1)),
    (AdaptiveAvgPool2d(1), torch.nn.AdaptiveAvgPool2d(1)),
    (AdaptiveAvgPool2d((2, None)), torch.nn.AdaptiveAvgPool2d((2, None))),
    (Upsample(scale_factor=2), torch.nn.Upsample(scale_factor=2)),
    (Upsample((9, 5), mode="bilinear"), torch.nn.Upsample((9, 5), mode="bilinear"))], ids=lambda m: str(m)[:30])
def test_layers_equal_torchs(mine, torchs):
    x = normal(2, 3, 8, 7)
    close(mine(x), torchs(torch.tensor(x)), 1e-12)
    assert mine.state_dict() == {}


def test_a_layer_says_what_it_is():
    assert repr(MaxPool2d(2)) == "MaxPool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1))"
    assert repr(AvgPool2d(3, 2)) == "AvgPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(0, 0))"
    assert repr(AdaptiveAvgPool2d(1)) == "AdaptiveAvgPool2d(output_size=1)"
    assert repr(Upsample(scale_factor=2)) == "Upsample(scale_factor=2, mode='nearest')"


X = np.ones((2, 3, 5, 5))
WRONG = [
    (lambda: max_pool2d(X[0], 2), r"max_pool2d: x must have 4 dimensions, .* got \(3, 5, 5\); .* x\[None\]"),
    (lambda: max_pool2d(X.astype(int), 2), r"max_pool2d: x must hold floats, got int64"),
    (lambda: max_pool2d(X, 6), r"max_pool2d: the window spans 6 x 6, but the image is 5 x 5 with padding 0 x 0"),
    (lambda: max_pool2d(X, 0), r"max_pool2d: kernel_size must be a whole number of at least 1, .* got 0"),
    (lambda: max_pool2d(X, 2, 0), r"max_pool2d: stride must be .* got 0"),
    (lambda: max_pool2d(X, 2, padding=2), r"max_pool2d: padding \(2, 2\) is more than half of the kernel_size"),
    (lambda: avg_pool2d(X[0, 0], 2), r"avg_pool2d: x must have 4 dimensions, \(N, C, H, W\), got \(5, 5\)$"),
    (lambda: avg_pool2d(X, 3, padding=2), r"avg_pool2d: padding \(2, 2\) is more than half"),
    (lambda: AvgPool2d("2"), r"AvgPool2d: kernel_size must be .* got '2'"),
    (lambda: MaxPool2d(2, padding=2), r"MaxPool2d: padding \(2, 2\) is more than half"),
    (lambda: adaptive_avg_pool2d(X, 0), r"adaptive_avg_pool2d: output_size must be a whole number .* got \(0, 0\)"),
    (lambda: adaptive_avg_pool2d(X, (1, 2, 3)), r"adaptive_avg_pool2d: output_size must be .* got \(1, 2, 3\)"),
    (lambda: interpolate(X), r"interpolate: give either size or scale_factor, got size=None and scale_factor=None"),
    (lambda: interpolate(X, 3, 2), r"interpolate: give either size or scale_factor, got size=3 and scale_factor=2"),
    (lambda: interpolate(X, 3, mode="cubic"), r'interpolate: mode must be "nearest" or "bilinear", got \'cubic\''),
    (lambda: interpolate(X, scale_factor=0.1), r"scale_factor must .* leaves a pixel of 5 x 5, got 0.1"),
    (lambda: interpolate(X, scale_factor=-1), r"interpolate: scale_factor must be a positive number .* got -1"),
    (lambda: Upsample(size=1.5)(X), r"interpolate: size must be a whole number .* got 1.5"),
]


@pytest.mark.parametrize("call, sentence", WRONG, ids=[s for _, s in WRONG])
def test_wrong_calls_get_a_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        call()


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(pool).failed == 0
