"""Cells against torch; whole sequences against the cells and against torch, in every setting; then wrong calls."""

import doctest
import gc
import itertools
import weakref

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from twin import TOLERANCE, close

from dlcore import cell, recurrent, unroll
from dlcore.cell import GRUCell, LSTMCell, RNNCell
from dlcore.recurrent import GRU, LSTM, RNN
from dlcore.tensor import Tensor, stack
from dlcore.unroll import lstm_steps

RNG = np.random.default_rng(4)
KINDS = {"RNN": (RNN, RNNCell, {}), "relu": (RNN, RNNCell, {"nonlinearity": "relu"}),
         "LSTM": (LSTM, LSTMCell, {}), "GRU": (GRU, GRUCell, {})}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
DTYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def normal(*shape):
    return RNG.normal(size=shape)


def twins(mine, dtype, *args, **how):
    """A layer of dlcore and the same of torch, with the same weights."""
    layer, twin = mine(*args, **how), getattr(torch.nn, mine.__name__)(*args, **how)
    layer.load_state_dict(twin.state_dict())
    return layer.to(dtype), twin.to(getattr(torch, np.dtype(dtype).name))


def both(array, dtype):
    return Tensor(array.astype(dtype), requires_grad=True), torch.tensor(array.astype(dtype), requires_grad=True)


def flat(out):
    """h, or (h, c), or (output, h), or (output, (h, c)), as one flat tuple."""
    return tuple(part for item in out for part in flat(item)) if isinstance(out, tuple) else (out,)


def equal_with_gradients(mine, torchs, inputs, layer, twin, dtype):
    """All outputs equal, and after the same backward through all of them all gradients."""
    tolerance = TOLERANCE[dtype]
    mine, torchs = flat(mine), flat(torchs)
    mine_loss, torch_loss = 0.0, 0.0
    for i, (a, b) in enumerate(zip(mine, torchs, strict=True)):
        close(a, b, tolerance, f"output {i}")
        g = normal(*a.shape).astype(dtype)
        mine_loss, torch_loss = (a * g).sum() + mine_loss, (b * torch.tensor(g)).sum() + torch_loss
    mine_loss.backward()
    torch_loss.backward()
    for i, (a, b) in enumerate(inputs):
        close(a.grad, b.grad, 4 * tolerance, f"gradient of input {i}")
    for (name, a), (twin_name, b) in zip(layer.named_parameters(), twin.named_parameters(), strict=True):
        assert name == twin_name
        close(a.grad, b.grad, 4 * tolerance, name)           # sums over all steps: a few roundings more


# ---- cells ----

@DTYPES
@pytest.mark.parametrize("bias, given_state", [(True, True), (False, True), (True, False)])
@EVERY_KIND
def test_a_cell_equals_torchs(kind, bias, given_state, dtype):
    _, mine, how = KINDS[kind]
    layer, twin = twins(mine, dtype, 3, 4, bias=bias, **how)
    x = both(normal(2, 3), dtype)
    states = [both(normal(2, 4), dtype) for _ in range((1 + (kind == "LSTM")) * given_state)]
    hx, torch_hx = (None, None) if not states else states[0] if kind != "LSTM" else zip(*states, strict=True)
    equal_with_gradients(layer(x[0], hx), twin(x[1], torch_hx), [x, *states], layer, twin, dtype)


# ---- sequences: one node against the cells, one step after the other ----

def step_by_step(kind, layer, x, hx):
    """What the layer computes, by its cell; the states stacked, and the last one."""
    weights = [getattr(layer, f"{name}_l0", None) for name in cell.WEIGHTS]
    state, outputs = hx, []
    for x_t in x:
        if kind == "LSTM":
            state = cell.lstm_cell(x_t, *state, *weights)
        elif kind == "GRU":
            state = (cell.gru_cell(x_t, *state, *weights),)
        else:
            state = (cell.rnn_cell(x_t, *state, *weights, layer.nonlinearity),)
        outputs.append(state[0])
    return stack(outputs), *state


@pytest.mark.parametrize("bias", [True, False])
@EVERY_KIND
def test_one_node_equals_the_cells_one_after_the_other(kind, bias):
    mine, _, how = KINDS[kind]
    layer = mine(3, 4, bias=bias, **how).double()
    arrays = [normal(6, 2, 3)] + [normal(2, 4) for _ in layer.states]
    g = [normal(6, 2, 4)] + [normal(2, 4) for _ in layer.states]

    def run(forward):
        layer.zero_grad()
        x, *states = (Tensor(a, requires_grad=True) for a in arrays)
        outputs = forward(x, states)
        sum((y * gy).sum() for y, gy in zip(outputs, g, strict=True)).backward()
        return [y.data for y in outputs], [t.grad for t in (x, *states, *layer.parameters())]

    def fused(x, states):
        states = tuple(s.unsqueeze(0) for s in states)
        y, *last = flat(layer(x, states if kind == "LSTM" else states[0]))
        return y, *(s.squeeze(0) for s in last)

    for mine, theirs in zip(run(fused), run(lambda x, hx: step_by_step(kind, layer, x, hx)), strict=True):
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("used", ["h", "c", "hc", "ch"])
def test_h_and_c_of_an_lstm_go_back_alone_or_together_and_again(used):
    layer, x = LSTM(3, 4).double(), normal(6, 2, 3)
    weights = layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0
    g = {"h": normal(6, 2, 4), "c": normal(6, 2, 4)}

    def run(states):
        layer.zero_grad()
        loss = sum((states[name] * g[name]).sum() for name in used)
        loss.backward()
        once = [w.grad for w in weights]
        loss.backward()
        return once, [w.grad / 2 for w in weights]

    h, c = lstm_steps(Tensor(x), *(Tensor(np.zeros((2, 4))) for _ in "hc"), *weights)
    steps = run({"h": h, "c": c})
    h, c, hs, cs = *(Tensor(np.zeros((2, 4))) for _ in "hc"), [], []
    for x_t in x:
        h, c = cell.lstm_cell(Tensor(x_t), h, c, *weights)
        hs.append(h)
        cs.append(c)
    cells = run({"h": stack(hs), "c": stack(cs)})
    for mine, theirs in zip(steps, cells, strict=True):
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("in_cache, few", [(0, 1), (66, 3), (10 ** 6, 7)])
def test_steps_of_an_lstm_that_do_not_fit_the_cache_together(in_cache, few, monkeypatch):
    monkeypatch.setattr(unroll, "IN_CACHE", in_cache)      # few steps at a time: 7 steps are 7 * 1, 3 + 3 + 1 or 7
    layer, twin = twins(LSTM, np.float64, 3, 4)
    assert min(7, 1 + in_cache // (1 + layer.weight_hh_l0.shape[0] * 2)) == few
    x = both(normal(7, 2, 3), np.float64)
    equal_with_gradients(layer(x[0]), twin(x[1]), [x], layer, twin, np.float64)


@EVERY_KIND
def test_a_gradient_that_was_changed_in_place_counts_as_it_is_now(kind):
    mine, _, how = KINDS[kind]
    x, g = Tensor(normal(5, 2, 3), requires_grad=True), normal(5, 2, 4)
    y = mine(3, 4, **how).double()(x)[0]
    y.backward(g)
    once, x.grad = x.grad, None
    g *= 2
    y.backward(g)
    np.testing.assert_allclose(x.grad, 2 * once)


@EVERY_KIND
def test_no_sequences_give_no_states(kind):
    mine, _, how = KINDS[kind]
    layer, x = mine(3, 4, **how), Tensor(np.zeros((5, 0, 3), np.float32), requires_grad=True)
    y = layer(x)[0]
    y.sum().backward()
    assert y.shape == (5, 0, 4)
    assert x.grad.shape == x.shape
    assert not layer.weight_hh_l0.grad.any()


@EVERY_KIND
def test_what_a_layer_returns_does_not_keep_what_it_read(kind):
    mine, _, how = KINDS[kind]
    y, last = flat(mine(300, 4, **how)(Tensor(np.zeros((5, 2, 300), np.float32))))[:2]
    for array in (y.data, last.data):
        kept = array if array.base is None else array.base
        assert kept.size <= 6 * 2 * 4                      # the states of five steps, and the first


# ---- sequences against torch ----

SETTINGS = list(itertools.product((1, 2), (False, True), (False, True), (False, True), (False, True)))


@DTYPES
@pytest.mark.parametrize("layers, bidirectional, batch_first, bias, given_state", SETTINGS)
@EVERY_KIND
def test_a_layer_equals_torchs(kind, layers, bidirectional, batch_first, bias, given_state, dtype):
    mine, _, how = KINDS[kind]
    layer, twin = twins(mine, dtype, 3, 4, layers, bidirectional=bidirectional, batch_first=batch_first, bias=bias,
                        **how)
    x = both(normal(*((2, 5, 3) if batch_first else (5, 2, 3))), dtype)
    shape = (layers * (1 + bidirectional), 2, 4)
    states = [both(normal(*shape), dtype) for _ in range(len(layer.states) * given_state)]
    hx, torch_hx = (None, None) if not states else states[0] if kind != "LSTM" else zip(*states, strict=True)
    equal_with_gradients(layer(x[0], hx), twin(x[1], torch_hx), [x, *states], layer, twin, dtype)


@pytest.mark.parametrize("bidirectional, layers, batch_first", [(False, 1, False), (True, 2, True), (True, 1, False)])
@EVERY_KIND
def test_different_lengths_equal_torchs_packed_sequences(kind, bidirectional, layers, batch_first):
    mine, _, how = KINDS[kind]
    layer, twin = twins(mine, np.float64, 3, 4, layers, bidirectional=bidirectional, batch_first=batch_first, **how)
    x, lengths = both(normal(*((4, 6, 3) if batch_first else (6, 4, 3))), np.float64), [2, 6, 1, 5]
    states = [both(normal(layers * (1 + bidirectional), 4, 4), np.float64) for _ in layer.states]
    hx, torch_hx = states[0] if kind != "LSTM" else zip(*states, strict=True)
    packed, last = twin(pack_padded_sequence(x[1], lengths, batch_first, enforce_sorted=False), torch_hx)
    padded = pad_packed_sequence(packed, batch_first)[0]
    equal_with_gradients(layer(x[0], hx, lengths=lengths), (padded, last), [x, *states], layer, twin, np.float64)


def test_padding_changes_nothing_even_where_it_is_not_a_number():
    layer = LSTM(3, 4, 2, bidirectional=True)
    x = normal(5, 2, 3).astype(np.float32)
    y = layer(x, lengths=[3, 5])[0].data
    x[3:, 0] = 1e30
    np.testing.assert_array_equal(layer(x, lengths=np.array([3, 5]))[0].data, y)


@EVERY_KIND
def test_detach_cuts_back_propagation_through_time(kind):
    mine, _, how = KINDS[kind]
    layer, twin = twins(mine, np.float64, 3, 4, **how)
    x = both(normal(6, 2, 3), np.float64)
    state, torch_state = layer(x[0][:3])[1], twin(x[1][:3])[1]
    if kind == "LSTM":
        state, torch_state = tuple(s.detach() for s in state), tuple(s.detach() for s in torch_state)
    else:
        state, torch_state = state.detach(), torch_state.detach()
    equal_with_gradients(layer(x[0][3:], state), twin(x[1][3:], torch_state), [x], layer, twin, np.float64)
    assert not x[0].grad[:3].any() and x[0].grad[3:].any()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(kind=st.sampled_from(sorted(KINDS)), steps=st.integers(1, 4), n=st.integers(1, 3), d=st.integers(1, 3),
       h=st.integers(1, 3), layers=st.integers(1, 3), bidirectional=st.booleans())
def test_any_layer(kind, steps, n, d, h, layers, bidirectional):
    mine, _, how = KINDS[kind]
    layer, twin = twins(mine, np.float64, d, h, layers, bidirectional=bidirectional, **how)
    x = both(normal(steps, n, d), np.float64)
    equal_with_gradients(layer(x[0]), twin(x[1]), [x], layer, twin, np.float64)


def test_input_that_is_not_contiguous():
    layer, twin = twins(GRU, np.float64, 3, 4)
    x = normal(3, 5, 4).transpose(1, 2, 0)[:, ::2]
    close(layer(x)[0], twin(torch.tensor(x))[0], 1e-12)


@pytest.mark.parametrize("dropout, training", [(1.0, True), (1.0, False), (0.5, False)])
def test_dropout_between_layers_equals_torchs(dropout, training):
    layer, twin = twins(LSTM, np.float64, 3, 4, 3, dropout=dropout)
    x = both(normal(5, 2, 3), np.float64)
    close(layer.train(training)(x[0])[0], twin.train(training)(x[1])[0], 1e-12)


def test_dropout_between_layers_drops():
    layer = GRU(3, 50, 2, dropout=0.5, rng=np.random.default_rng(0))
    x = normal(5, 2, 3).astype(np.float32)
    first, second = layer(x)[1].data, layer(x)[1].data
    np.testing.assert_array_equal(first[0], second[0])       # before it, nothing is dropped
    assert np.abs(first[1] - second[1]).mean() > 1e-3


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("how", [{}, {"num_layers": 2, "bidirectional": True}, {"bias": False}], ids=str)
def test_states_exchange_with_torch_both_ways(kind, how):
    mine = KINDS[kind][0]
    layer, twin = mine(3, 4, **how), getattr(torch.nn, kind)(3, 4, **how)
    assert [(k, a.shape) for k, a in layer.state_dict().items()] == [
        (k, tuple(a.shape)) for k, a in twin.state_dict().items()]
    twin.load_state_dict({name: torch.tensor(a) for name, a in layer.state_dict().items()})
    x = normal(5, 2, 3).astype(np.float32)
    close(layer(x)[0], twin(torch.tensor(x))[0], 1e-5)


@pytest.mark.parametrize("layer", [RNN(8, 64, 2), LSTM(8, 64, bidirectional=True), GRUCell(8, 64)])
def test_weights_start_as_torchs_do(layer):
    for name, array in layer.state_dict().items():
        assert 0.9 / 8 < abs(array).max() <= 1 / 8 and array.dtype == np.float32, name


def test_freed_without_the_cycle_collector():
    gc.collect()
    gc.disable()
    try:
        layers = [RNN(3, 4), LSTM(3, 4, 2, bidirectional=True), GRU(3, 4)]
        made = [layer(np.ones((5, 2, 3), np.float32))[0] for layer in layers]
        sum(y.sum() for y in made).backward()
        nodes = [weakref.ref(y) for y in made]
        del made
        assert [node() for node in nodes] == [None] * 3
    finally:
        gc.enable()


def test_a_layer_says_what_it_is():
    assert repr(LSTM(3, 4)) == "LSTM(3, 4)"
    assert repr(GRU(3, 4, 2, batch_first=True, bidirectional=True)) == (
        "GRU(3, 4, num_layers=2, batch_first=True, bidirectional=True)")
    assert repr(RNNCell(3, 4, bias=False)) == "RNNCell(3, 4, bias=False)"


# ---- wrong calls ----

X, H0 = np.ones((7, 2, 3), np.float32), np.ones((1, 2, 4), np.float32)
WRONG = [
    (lambda: LSTM(3, 4)(X[:, :, :2]), r"LSTM: x has 2 features \(7, 2, 2\) but the layer expects 3"),
    (lambda: LSTM(3, 4)(X[0]), r"LSTM: x must have 3 dimensions, \(T, N, D\), got \(2, 3\); .* x\[:, None\]"),
    (lambda: GRU(3, 4, batch_first=True)(X[0]), r"GRU: x must have 3 dimensions, \(N, T, D\), .* x\[None\]"),
    (lambda: RNN(3, 4)(X[:0]), r"RNN: x holds no steps"),
    (lambda: LSTM(3, 4)(X.astype(float)), r"LSTM: x is float64 but the weights are float32"),
    (lambda: GRU(3, 4)(X, H0[:, :1]), r"GRU: h_0 must have shape \(1, 2, 4\), got \(1, 1, 4\)"),
    (lambda: GRU(3, 4, 2, bidirectional=True)(X, H0), r"GRU: h_0 must have shape \(4, 2, 4\), got \(1, 2, 4\)"),
    (lambda: GRU(3, 4)(X, H0.astype(float)), r"GRU: h_0 is float64 but x is float32; they must be equal"),
    (lambda: LSTM(3, 4)(X, H0), r"LSTM: hx must be a pair \(h, c\), got a Tensor"),
    (lambda: LSTM(3, 4)(X, (H0, H0[0])), r"LSTM: c_0 must have shape \(1, 2, 4\), got \(2, 4\)"),
    (lambda: LSTM(3, 4)(X, lengths=[7]), r"LSTM: lengths must be 2 whole numbers, .* from 1 to 7, got \[7\]"),
    (lambda: LSTM(3, 4)(X, lengths=[0, 7]), r"LSTM: lengths must be 2 whole numbers, .* got \[0, 7\]"),
    (lambda: LSTM(3, 4)(X, lengths=[8, 7]), r"LSTM: lengths must be .* from 1 to 7, got \[8, 7\]"),
    (lambda: LSTM(3, 4)(X, lengths=[1.5, 7]), r"LSTM: lengths must be .* got \[1.5, 7.0\]"),
    (lambda: LSTM(0, 4), r"LSTM: input_size must be a whole number of at least 1, got 0"),
    (lambda: GRU(3, 4, num_layers=0), r"GRU: num_layers must be a whole number of at least 1, got 0"),
    (lambda: GRU(3, 4, 2, dropout=2), r"GRU: dropout is a probability between 0 and 1, got 2"),
    (lambda: RNN(3, 4, 1, "sigmoid"), r"RNN: nonlinearity must be \"tanh\" or \"relu\", got 'sigmoid'"),
    (lambda: RNNCell(3, 4, nonlinearity="gelu"), r"RNNCell: nonlinearity must be"),
    (lambda: RNNCell(3, -1), r"RNNCell: hidden_size must be a whole number of at least 1, got -1"),
    (lambda: GRUCell(3, 4)(X[0], H0[0, :1]), r"GRUCell: hx must have shape \(2, 4\), got \(1, 4\)"),
    (lambda: LSTMCell(3, 4)(X[0], H0[0]), r"LSTMCell: hx must be a pair \(h, c\), got a Tensor"),
    (lambda: LSTMCell(3, 4)(X[0], (H0[0], H0)), r"LSTMCell: c must have shape \(2, 4\), got \(1, 2, 4\)"),
    (lambda: LSTMCell(3, 4)(X[0][:, :2]), r"linear: input \(2, 2\) must end in 3 features"),
]


@pytest.mark.parametrize("call, sentence", WRONG, ids=[s for _, s in WRONG])
def test_wrong_calls_get_a_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        call()


@pytest.mark.parametrize("room", [cell, recurrent])
def test_the_examples_in_the_docstrings_run(room):
    assert doctest.testmod(room).failed == 0
