"""One neuron and Rosenblatt's rule, beside torch and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Perceptron

from dlcore import data
from dlcore.neuron import neuron, perceptron, perceptron_step, weighted_sum

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(5, 3), (1, 3), (0, 3), (3,)])
def test_the_weighted_sum_is_torchs_linear(shape):
    x, w, b = RNG.normal(size=shape), RNG.normal(size=3), 0.5
    theirs = torch.nn.functional.linear(torch.tensor(x), torch.tensor(w)[None], torch.tensor([b], dtype=torch.float64))
    mine = weighted_sum(x, w, b)
    assert np.shape(mine) == shape[:-1]
    np.testing.assert_allclose(mine, theirs.numpy()[..., 0], rtol=1e-12)


def test_a_neuron_fires_above_zero_and_not_on_it():
    assert neuron([[1.0], [0.0], [-1.0]], [1.0], 0.0).tolist() == [1, 0, 0]
    one = neuron([2.0, 1.0], [1.0, -1.0], -0.5)
    assert one == 1 and np.ndim(one) == 0 and isinstance(one, np.integer)


@pytest.mark.parametrize("x", [[2.0, -1.0], [0.0, 0.0]])
@pytest.mark.parametrize("y", [0, 1])
@pytest.mark.parametrize("lr", [1.0, 0.1])
def test_a_step_moves_only_where_the_neuron_is_wrong(x, y, lr):
    w, b = np.array([1.0, 1.0]), -0.5
    new_w, new_b = perceptron_step(x, y, w, b, lr)
    if neuron(x, w, b) == y:
        assert (new_w == w).all() and new_b == b
    else:
        assert np.allclose(new_w - w, lr * (2 * y - 1) * np.array(x)) and np.isclose(new_b - b, lr * (2 * y - 1))
    assert w.tolist() == [1.0, 1.0], "the old weights stay as they are"


@pytest.mark.parametrize("passes", [1, 2, 5, 20])
def test_the_rule_is_that_of_scikit_learn(passes):
    iris = data.iris()
    x, y = iris.x[:100, :2], iris.y[:100]
    # They differ on the line itself, where all begin: scikit-learn moves there for either class, so class 1 is first.
    order = [99, *np.random.default_rng(1).permutation(99)]
    w, b, mistakes = perceptron(x[order], y[order], epochs=passes)
    theirs = Perceptron(max_iter=len(mistakes), tol=None, shuffle=False).fit(x[order], y[order])
    np.testing.assert_allclose(w, theirs.coef_[0], atol=1e-9)
    np.testing.assert_allclose(b, theirs.intercept_[0], atol=1e-9)


def test_learning_stops_after_a_pass_without_a_mistake():
    x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1]
    w, b, mistakes = perceptron(x, y)
    assert mistakes[-1] == 0 and 0 not in mistakes[:-1] and all(type(m) is int for m in mistakes)
    assert neuron(x, w, b).tolist() == y and type(b) is float


def test_xor_is_never_learnt():
    found = data.xor()
    _, _, mistakes = perceptron(found.x, found.y, epochs=50)
    assert len(mistakes) == 50 and min(mistakes) > 0


def test_a_generator_shuffles_every_pass_and_no_pass_is_no_learning():
    x, y = RNG.normal(size=(30, 2)), np.arange(30) % 2
    again = [perceptron(x, y, epochs=5, rng=np.random.default_rng(s))[0].tolist() for s in (3, 3, 4)]
    assert again[0] == again[1] != again[2]
    w, b, mistakes = perceptron(x, y, epochs=0)
    assert (w == 0).all() and b == 0 and mistakes == []


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: weighted_sum(np.ones((4, 3)), np.ones(2), 0), "x has shape (4, 3) and w has shape (2,)"),
        (lambda: weighted_sum(np.ones((4, 3)), np.ones((3, 1)), 0), "x must be (N, D) or (D,), and w (D,)"),
        (lambda: weighted_sum(3.0, np.ones(1), 0), "x has shape () and w has shape (1,)"),
        (lambda: weighted_sum(np.ones((4, 3)), np.ones(3), np.ones(4)), "one bias, b has shape (4,)"),
        (lambda: neuron(np.ones((2, 4, 3)), np.ones(3), 0), "weighted_sum: every input needs one weight"),
        (lambda: perceptron_step(np.ones((4, 3)), 1, np.ones(3), 0), "x (D,) and its class y, 0 or 1, not (4, 3)"),
        (lambda: perceptron_step(np.ones(3), -1, np.ones(3), 0), "0 or 1, not (3,) and y=-1"),
        (lambda: perceptron(np.ones(3), np.ones(3)), "x must be (N, D) and y (N,), they are (3,) and (3,)"),
        (lambda: perceptron(np.ones((4, 3)), np.ones(3)), "they are (4, 3) and (3,)"),
        (lambda: perceptron(np.ones((3, 2)), [1, -1, 1]), "y must hold only 0 and 1, it holds [-1  1]"),
    ],
)
def test_errors(call, sentence):
    with pytest.raises(ValueError) as error:
        call()
    assert sentence in str(error.value) and "\n" not in str(error.value)
