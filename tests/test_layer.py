"""Modules, layers, normalisation and initialisation against torch, and their sentences."""

import doctest
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from twin import TOLERANCE, close, compare

from dlcore import init, layer, module, norm
from dlcore.layer import (
    GELU,
    Dropout,
    Embedding,
    Flatten,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    dropout,
    embedding,
    linear,
)
from dlcore.module import Module, ModuleList, Sequential
from dlcore.norm import BatchNorm1d, BatchNorm2d, LayerNorm, layer_norm
from dlcore.tensor import Tensor

RNG = np.random.default_rng(3)


def normal(*shape):
    return RNG.normal(size=shape)


# ---- functions ----

@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(5, 3), (3,), (2, 5, 3), (0, 3)])
def test_linear(shape, dtype):
    compare(linear, F.linear, normal(*shape), normal(4, 3), normal(4), dtype=dtype)
    compare(linear, F.linear, normal(*shape), normal(4, 3), dtype=dtype)


@pytest.mark.parametrize("i", [np.array(2), np.array([0, 2, 2, 0]), np.array([[1, 1], [5, 1]]), np.zeros((0,), int)])
def test_embedding_adds_the_gradients_of_a_row_used_twice(i):
    compare(lambda w: embedding(i, w), lambda w: F.embedding(torch.tensor(i), w), normal(6, 3))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape, over", [((5, 4), (4,)), ((2, 3, 4), (4,)), ((2, 3, 4), (3, 4)), ((4, 1), (1,))])
def test_layer_norm(shape, over, dtype):
    compare(lambda x, w, b: layer_norm(x, over, w, b), lambda x, w, b: F.layer_norm(x, over, w, b),
            normal(*shape), normal(*over), normal(*over), dtype=dtype)
    compare(lambda x: layer_norm(x, over), lambda x: F.layer_norm(x, over), normal(*shape), dtype=dtype)


def test_layer_norm_of_a_constant():
    compare(lambda x: layer_norm(x, (4,)), lambda x: F.layer_norm(x, (4,)), np.full((2, 4), 3.0), tolerance=1e-8)


def test_arrays_that_are_not_contiguous():
    x, w, b = normal(6, 5, 3).T[:, ::2], np.asfortranarray(normal(4, 12))[:, ::2], normal(8)[::2]
    compare(linear, F.linear, x, w, b)
    for over in ((6,), (3, 6)):
        scale, shift = normal(*over, 2)[..., 0], normal(*over[::-1]).T
        compare(lambda x, w, b, over=over: layer_norm(x, over, w, b),
                lambda x, w, b, over=over: F.layer_norm(x, over, w, b), x, scale, shift)
    compare(lambda w: embedding(np.arange(8)[::3], w), lambda w: F.embedding(torch.tensor([0, 3, 6]), w),
            normal(4, 16).T[::2])


# ---- layers, each with the state of its twin ----

def twins(mine, torchs, x, *, dtype=np.float64, train=True, steps=1):
    """Same state in; same outputs, gradients and state out."""
    tolerance = TOLERANCE[dtype]
    mine.load_state_dict(torchs.state_dict())
    mine.to(dtype).train(train)
    torchs.to(torch.float64 if dtype == np.float64 else torch.float32).train(train)
    for _ in range(steps):
        a = Tensor(x.astype(dtype), requires_grad=True)
        b = torch.tensor(x.astype(dtype), requires_grad=True)
        y, t = mine(a), torchs(b)
        close(y, t, tolerance)
        g = np.random.default_rng(0).normal(size=y.shape).astype(dtype)
        mine.zero_grad()
        torchs.zero_grad()
        y.backward(g)
        t.backward(torch.tensor(g))
        close(a.grad, b.grad, tolerance, "gradient of the input")
        theirs = dict(torchs.named_parameters())
        assert [name for name, _ in mine.named_parameters()] == list(theirs)
        for name, p in mine.named_parameters():
            close(p.grad, theirs[name].grad, tolerance, f"gradient of {name}")
        for name, array in mine.state_dict().items():
            close(array, torchs.state_dict()[name], tolerance, name)
    assert list(mine.state_dict()) == list(torchs.state_dict())


LAYERS = {
    "Linear": (lambda: Linear(4, 3), lambda: nn.Linear(4, 3), normal(5, 4)),
    "Linear without bias": (lambda: Linear(4, 3, bias=False), lambda: nn.Linear(4, 3, bias=False), normal(5, 4)),
    "LayerNorm": (lambda: LayerNorm(4), lambda: nn.LayerNorm(4), normal(5, 4)),
    "LayerNorm of two": (lambda: LayerNorm((3, 4)), lambda: nn.LayerNorm((3, 4)), normal(2, 3, 4)),
    "BatchNorm1d": (lambda: BatchNorm1d(4), lambda: nn.BatchNorm1d(4), 3 + normal(6, 4)),
    "BatchNorm1d of series": (lambda: BatchNorm1d(4), lambda: nn.BatchNorm1d(4), normal(3, 4, 5)),
    "BatchNorm1d slow": (lambda: BatchNorm1d(4, 1e-3, 0.3), lambda: nn.BatchNorm1d(4, 1e-3, 0.3), normal(6, 4)),
    "BatchNorm2d": (lambda: BatchNorm2d(3), lambda: nn.BatchNorm2d(3), 2 * normal(4, 3, 5, 2)),
    "BatchNorm2d of a transpose": (lambda: BatchNorm2d(3), lambda: nn.BatchNorm2d(3), normal(2, 5, 6, 4).T[:, ::2]),
    "Flatten": (Flatten, nn.Flatten, normal(3, 2, 4)),
    "Flatten all": (lambda: Flatten(0), lambda: nn.Flatten(0), normal(3, 2, 4)),
    "activations": (lambda: Sequential(ReLU(), Tanh(), Sigmoid(), LeakyReLU(0.2), GELU(), GELU("tanh"), Softmax(-1)),
                    lambda: nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid(), nn.LeakyReLU(0.2), nn.GELU(),
                                          nn.GELU("tanh"), nn.Softmax(-1)), normal(3, 4)),
    "network": (lambda: Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Linear(8, 8), LayerNorm(8), Linear(8, 2)),
                lambda: nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 8), nn.LayerNorm(8),
                                      nn.Linear(8, 2)), normal(7, 6)),
}


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", LAYERS)
def test_layers_equal_torch(name, dtype, train):
    mine, torchs, x = LAYERS[name]
    torch.manual_seed(0)
    twins(mine(), torchs(), x, dtype=dtype, train=train, steps=3)


def test_layer_as_torch_gives_it_back():
    mine, torchs, x = LAYERS["network"]
    mine, torchs = mine(), torchs()
    mine(x.astype(np.float32))                            # moves the running averages
    torchs.load_state_dict({name: torch.tensor(array) for name, array in mine.state_dict().items()})
    close(mine.eval()(x.astype(np.float32)), torchs.eval()(torch.tensor(x).float()), 1e-5)


def test_embedding_layer_equals_torch():
    mine, torchs, i = Embedding(7, 3), nn.Embedding(7, 3), RNG.integers(0, 7, (4, 5))
    mine.load_state_dict(torchs.state_dict())
    y, t = mine(i), torchs(torch.tensor(i))
    close(y, t, 1e-6)
    (y * y).sum().backward()
    (t * t).sum().backward()
    close(mine.weight.grad, torchs.weight.grad, 1e-5)


def test_dropout_drops_its_share_keeps_the_mean_and_rests_in_eval():
    x = Tensor(np.ones((400, 500), np.float32), requires_grad=True)
    drop = Dropout(0.3, rng=np.random.default_rng(0))
    y = drop(x)
    y.sum().backward()
    share = (y.data == 0).mean()
    sigma = math.sqrt(0.3 * 0.7 / y.size)
    assert abs(share - 0.3) < 6 * sigma
    assert set(np.unique(y.data)) == {np.float32(0), np.float32(1 / 0.7)} and y.dtype == np.float32
    np.testing.assert_array_equal(x.grad, y.data)         # the same numbers are dropped on the way back
    assert not np.array_equal(drop(x).data, y.data)
    assert drop.eval()(x) is x and dropout(x, 0) is x
    assert not dropout(x, 1.0).data.any()


# ---- module ----

class Net(Module):
    def __init__(self):
        self.first = Linear(3, 4)
        self.blocks = ModuleList([Linear(4, 4), ReLU()])
        self.scale = Tensor(np.float32([2.0]), requires_grad=True)
        self.register_buffer("seen", np.zeros(()))

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return x * self.scale


def test_names_come_in_torchs_order():
    names = ["scale", "first.weight", "first.bias", "blocks.0.weight", "blocks.0.bias"]
    assert [name for name, _ in Net().named_parameters()] == names
    assert list(Net().state_dict()) == [names[0], "seen", *names[1:]]
    assert Net()(np.ones((2, 3), np.float32)).shape == (2, 4)


def test_a_shared_parameter_counts_once():
    net = Sequential(Linear(3, 3), Linear(3, 3))
    net[1].weight = net[0].weight
    assert len(list(net.parameters())) == 3 and len(net.state_dict()) == 4


def test_a_frozen_parameter_stays_in_the_state_and_gets_no_gradient():
    net = Linear(3, 2)
    net.weight.requires_grad = False
    net(np.ones((1, 3), np.float32)).sum().backward()
    assert net.weight.grad is None and net.bias.grad is not None and "weight" in net.state_dict()


def test_train_and_eval_reach_everything():
    net = Sequential(Linear(2, 2), Sequential(Dropout()))
    assert net.eval() is net and not any(m.training for m in net.modules())
    assert net.train() is net and all(m.training for m in net.modules())


def test_repr_is_torchs():
    mine = Sequential(Linear(4, 8), Sequential(Dropout(0.1), Linear(8, 3, bias=False)), ReLU())
    theirs = nn.Sequential(nn.Linear(4, 8), nn.Sequential(nn.Dropout(0.1), nn.Linear(8, 3, bias=False)), nn.ReLU())
    assert repr(mine) == repr(theirs).replace(", inplace=False", "")
    assert repr(Flatten()) == repr(nn.Flatten()) and repr(Embedding(5, 2)) == repr(nn.Embedding(5, 2))
    assert repr(ModuleList([ReLU()])) == repr(nn.ModuleList([nn.ReLU()]))


def test_save_and_load_without_pickle(tmp_path):
    a, b = LAYERS["network"][0](), LAYERS["network"][0]()
    x = normal(4, 6).astype(np.float32)
    a(x)
    a.save(tmp_path / "net.v1")
    b.load(tmp_path / "net.v1")
    np.testing.assert_array_equal(a.eval()(x).data, b.eval()(x).data)
    np.savez(tmp_path / "bad.npz", weight=np.array([{}], object), bias=np.zeros(2))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        Linear(1, 2).load(tmp_path / "bad")


def test_loading_what_does_not_fit_changes_nothing():
    net = Linear(3, 2)
    before = {name: array.copy() for name, array in net.state_dict().items()}
    with pytest.raises(ValueError):
        net.load_state_dict({"weight": np.ones((2, 3)), "bias": np.ones(5)})
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    net.load_state_dict({"bias": np.ones(2), "other": np.ones(1)}, strict=False)
    assert net.bias.data.tolist() == [1.0, 1.0] and net.weight.dtype == np.float32


def test_loaded_arrays_are_copies():
    source = {"weight": np.ones((2, 3), np.float32), "bias": np.ones(2, np.float32)}
    net = Linear(3, 2)
    net.load_state_dict(source)
    net.weight.data += 1
    assert source["weight"].max() == 1


# ---- initialisation ----

SHAPES = [(40, 30), (20, 10, 3, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name, options", [("xavier_uniform_", {}), ("xavier_uniform_", {"gain": 2.0}),
                                           ("xavier_normal_", {}), ("kaiming_uniform_", {}),
                                           ("kaiming_uniform_", {"a": 0.5, "mode": "fan_out"}),
                                           ("kaiming_normal_", {"nonlinearity": "relu"}),
                                           ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "tanh"}),
                                           ("uniform_", {"a": -2.0, "b": 5.0}), ("normal_", {"mean": 1.0, "std": 0.3})])
def test_random_weights_are_spread_as_torchs_are(name, options, shape):
    mine = np.stack([getattr(init, name)(Tensor(np.zeros(shape)), **options, rng=np.random.default_rng(seed)).data
                     for seed in range(20)])
    torch.manual_seed(0)
    theirs = np.stack([getattr(nn.init, name)(torch.zeros(shape, dtype=torch.float64), **options).numpy()
                       for _ in range(20)])
    sigma = theirs.std() / math.sqrt(mine.size)
    assert abs(mine.mean() - theirs.mean()) < 10 * sigma
    assert abs(mine.std() / theirs.std() - 1) < 10 / math.sqrt(2 * mine.size)
    if "uniform" in name:                                 # same bounds, which 20 times 1,200 draws come close to
        assert np.abs(mine).max() == pytest.approx(np.abs(theirs).max(), rel=0.01)


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3)])
def test_orthogonal(shape):
    w = init.orthogonal_(Tensor(np.zeros(shape)), gain=2.0).data.reshape(shape[0], -1)
    small = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-12)


@pytest.mark.parametrize("name, param", [("linear", None), ("conv2d", None), ("sigmoid", None), ("tanh", None),
                                         ("relu", None), ("leaky_relu", None), ("leaky_relu", 0.3)])
def test_gains_are_torchs(name, param):
    assert init.calculate_gain(name, param) == pytest.approx(nn.init.calculate_gain(name, param))


def test_layers_start_within_torchs_bounds():
    mine, theirs = Linear(100, 200), nn.Linear(100, 200)
    for ours, torchs in [(mine.weight, theirs.weight), (mine.bias, theirs.bias)]:
        assert ours.dtype == np.float32
        assert np.abs(ours.data).max() <= 0.1
        assert ours.data.std() == pytest.approx(torchs.detach().numpy().std(), rel=0.2)


def test_manual_seed_repeats_and_a_generator_leaves_the_common_one_alone():
    init.manual_seed(1)
    a = Linear(3, 3)
    init.manual_seed(1)
    Linear(5, 5, rng=np.random.default_rng(0))
    b = Linear(3, 3)
    np.testing.assert_array_equal(a.weight.data, b.weight.data)


# ---- sentences ----

ONES = np.ones((8, 5), np.float32)


class Forgetful(Module):
    def __init__(self):
        self.parts = [Linear(2, 2)]

    def forward(self, x):
        return x


WRONG = [
    (lambda: Linear(4, 10)(ONES), r"linear: input \(8, 5\) must end in 4 features, as weight \(10, 4\) expects"),
    (lambda: Linear(5, 2)(ONES.astype(float)), r"linear: input is float64 but weight is float32; use x.astype"),
    (lambda: Linear(5, 0), r"Linear: out_features must be a whole number of at least 1, got 0"),
    (lambda: Linear(2.5, 1), r"Linear: in_features must be a whole number of at least 1, got 2.5"),
    (lambda: Linear(3, 3, rng=7), r"rng: wants a numpy Generator, got 7; use np.random.default_rng"),
    (lambda: Embedding(5, 2)(ONES), r"embedding: input must hold integers, got float32"),
    (lambda: Embedding(5, 2)(np.array([1, 5])), r"embedding: input holds 1 to 5, but weight \(5, 2\) has rows 0 to 4"),
    (lambda: Embedding(5, 2)(np.array([-1])), r"embedding: input holds -1 to -1"),
    (lambda: Embedding(0, 2), r"Embedding: num_embeddings must be a whole number of at least 1"),
    (lambda: ReLU()([1.0, -1.0]), r"ReLU: x must be a Tensor of dlcore or an array, got a list: \[1.0, -1.0\]"),
    (lambda: GELU()(1.0), r"GELU: x must be a Tensor of dlcore or an array, got a float: 1.0"),
    (lambda: Softmax()(None), r"Softmax: x must be a Tensor of dlcore or an array, got a NoneType"),
    (lambda: Flatten()([[1.0]]), r"Flatten: x must be a Tensor of dlcore or an array, got a list"),
    (lambda: Dropout()([1.0]), r"Dropout: x must be a Tensor of dlcore or an array, got a list"),
    (lambda: Dropout(1.5), r"Dropout: p is a probability between 0 and 1, got 1.5"),
    (lambda: dropout(Tensor(ONES), -0.1), r"dropout: p is a probability between 0 and 1, got -0.1"),
    (lambda: LayerNorm(4)(ONES), r"layer_norm: input \(8, 5\) must end in \(4,\)"),
    (lambda: LayerNorm((2, 8, 5))(ONES), r"layer_norm: input \(8, 5\) must end in \(2, 8, 5\)"),
    (lambda: BatchNorm1d(4)(ONES), r"BatchNorm1d: input \(8, 5\) must be \(N, C\) or \(N, C, L\) with C = 4"),
    (lambda: BatchNorm2d(5)(ONES), r"BatchNorm2d: input \(8, 5\) must be \(N, C, H, W\) with C = 5"),
    (lambda: BatchNorm1d(5)(ONES[:1]), r"BatchNorm1d: training needs at least 2 numbers per channel"),
    (lambda: Sequential(Linear(2, 2), ReLU), r"Sequential: item 1 must be a Module, got .*; did you mean ReLU\(\)\?"),
    (lambda: Sequential(np.tanh), r"Sequential: item 0 must be a Module, got <ufunc 'tanh'>"),
    (lambda: list(Forgetful().parameters()), r"Forgetful: the modules in the list self.parts would not be trained"),
    (lambda: Module()(ONES), r"Module: write a method forward\(self, x\)"),
    (lambda: Linear(5, 2).load_state_dict({"weight": ONES[:2]}), r"load_state_dict: Linear needs bias more"),
    (lambda: Linear(5, 2, bias=False).load_state_dict({"weight": ONES[:2], "b": ONES}), r"has no place for b"),
    (lambda: Linear(5, 3, bias=False).load_state_dict({"weight": ONES[:2]}),
     r"load_state_dict: weight has shape \(2, 5\), but Linear expects \(3, 5\)"),
    (lambda: init.xavier_uniform_(Tensor(np.zeros(3))), r"xavier_uniform_: needs a weight of shape .*, got \(3,\)"),
    (lambda: init.kaiming_normal_(Tensor(ONES), mode="in"), r'kaiming_normal_: mode must be "fan_in" or "fan_out"'),
    (lambda: init.calculate_gain("swish"), r"calculate_gain: knows linear, .* got 'swish'"),
]


@pytest.mark.parametrize("call, sentence", WRONG, ids=[s for _, s in WRONG])
def test_wrong_calls_get_a_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError, IndexError, NotImplementedError), match=sentence):
        call()


@pytest.mark.parametrize("room", [init, module, layer, norm])
def test_the_examples_in_the_docstrings_run(room):
    assert doctest.testmod(room).failed == 0
