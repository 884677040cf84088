"""Activations against torch, at the edges, and their sentences."""

import doctest
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlcore import activation
from dlcore.tensor import Tensor

EDGES = np.array([-1e4, -1000, -40, -3.3, -1, -1e-3, 0, 1e-3, 0.5, 1, 3.3, 40, 1000, 1e4])
PAIRS = {
    "sigmoid": (activation.sigmoid, activation.d_sigmoid, torch.sigmoid),
    "tanh": (activation.tanh, activation.d_tanh, torch.tanh),
    "relu": (activation.relu, activation.d_relu, torch.relu),
    "leaky_relu": (activation.leaky_relu, activation.d_leaky_relu, F.leaky_relu),
    "gelu": (activation.gelu, activation.d_gelu, F.gelu),
}


@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("name", PAIRS)
def test_value_and_derivative_equal_torch_from_one_edge_to_the_other(name, dtype, tolerance):
    f, d, twin = PAIRS[name]
    x = np.concatenate([EDGES, np.linspace(-7, 7, 701)]).astype(dtype)
    t = torch.tensor(x, requires_grad=True)
    y = twin(t)
    y.sum().backward()
    assert f(x).dtype == d(x).dtype == dtype
    np.testing.assert_allclose(f(x), y.detach().numpy(), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(d(x), t.grad.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name, options", [("leaky_relu", {"negative_slope": 0.3}),
                                           ("leaky_relu", {"negative_slope": 2.0}),
                                           ("gelu", {"approximate": "tanh"})])
def test_options_equal_torch(name, options):
    f, d, twin = PAIRS[name]
    t = torch.tensor(EDGES, requires_grad=True)
    y = twin(t, **options)
    y.sum().backward()
    np.testing.assert_allclose(f(EDGES, **options), y.detach().numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(d(EDGES, **options), t.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_step():
    np.testing.assert_array_equal(activation.step([-1000, -1e-9, 0, 1e-9, 1000]), [0, 0, 0, 1, 1])
    np.testing.assert_array_equal(activation.d_step(EDGES), np.zeros(14))


@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 2e-15), (np.float32, 3e-7)])
def test_the_normal_distribution_equals_the_c_library(dtype, tolerance):
    x = np.linspace(-12, 12, 4001).astype(dtype)
    share, density = activation.share_below(x), activation.density(x)
    assert share.dtype == density.dtype == dtype
    assert np.abs(share - [math.erfc(-v / math.sqrt(2)) / 2 for v in x.tolist()]).max() < tolerance
    assert np.abs(density - [math.exp(-v * v / 2) / math.sqrt(2 * math.pi) for v in x.tolist()]).max() < tolerance


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("scale", [1, 1e4])
@pytest.mark.parametrize("f, vjp, twin", [(activation.softmax, activation.softmax_vjp, F.softmax),
                                          (activation.log_softmax, activation.log_softmax_vjp, F.log_softmax)])
def test_softmax_and_its_vjp_equal_torch(f, vjp, twin, scale, axis):
    rng = np.random.default_rng(0)
    x, g = scale * rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    t = torch.tensor(x, requires_grad=True)
    y = twin(t, dim=axis)
    y.backward(torch.tensor(g))
    np.testing.assert_allclose(f(x, axis), y.detach().numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(vjp(x, g, axis), t.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_softmax_knows_the_certain_answer_and_the_empty_batch():
    np.testing.assert_array_equal(activation.softmax([1e4, -1e4]), [1, 0])
    np.testing.assert_array_equal(activation.log_softmax([1e4, -1e4]), [0, -2e4])
    assert activation.softmax(np.zeros((0, 3))).shape == (0, 3)
    assert activation.softmax(np.zeros((3, 0))).shape == (3, 0)


def test_integers_become_floats_and_scalars_work():
    assert activation.relu([1, -2]).tolist() == [1.0, 0.0]
    assert activation.sigmoid(0) == 0.5
    assert activation.relu(np.float16([1, -2])).dtype == np.float16


WRONG = [
    (lambda: activation.relu(Tensor([1.0])), r"relu: takes arrays, but x is a Tensor; call its method x.relu\(\)"),
    (lambda: activation.d_relu(Tensor([1.0])), r"d_relu: takes arrays, but x is a Tensor; please pass x.data"),
    (lambda: activation.softmax(torch.ones(2)), r"softmax: takes arrays, but x is a Tensor"),
    (lambda: activation.tanh("hello"), r"tanh: takes numbers, but x holds <U5"),
    (lambda: activation.gelu(1.0, approximate="sigmoid"), r'gelu: approximate must be "none" or "tanh"'),
]


@pytest.mark.parametrize("call, sentence", WRONG, ids=[s for _, s in WRONG])
def test_wrong_calls_get_a_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        call()


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(activation).failed == 0
