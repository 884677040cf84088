"""Attention and the blocks of a transformer against torch: masks of every kind, values and all gradients."""

import doctest
import gc
import itertools
import math
import weakref

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from twin import TOLERANCE, close, compare

from dlcore import attention, block
from dlcore.attention import (
    MultiheadAttention,
    PositionalEmbedding,
    PositionalEncoding,
    scaled_dot_product_attention,
    sinusoidal_positions,
)
from dlcore.block import TransformerDecoderLayer, TransformerEncoderLayer
from dlcore.tensor import Tensor

RNG = np.random.default_rng(5)
DTYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def normal(*shape):
    return RNG.normal(size=shape)


# ---- scaled dot-product attention ----

HOLES = np.array([[1, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 1]], bool)
BLIND = np.array([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]], bool)
ADDED = RNG.normal(size=(3, 5))
MASKS = {"none": None, "boolean": HOLES, "for each head": RNG.random((2, 4, 3, 5)) > 0.3, "added": ADDED,
         "minus infinity": np.where(HOLES, ADDED, -np.inf), "one for all queries": HOLES[:1],
         "nowhere to look": BLIND, "minus infinity everywhere": np.where(BLIND, ADDED, -np.inf)}


@DTYPES
@pytest.mark.parametrize("scale", [None, 0.3])
@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("mask", MASKS)
def test_scaled_dot_product_attention_equals_torch(mask, is_causal, scale, dtype):
    m = MASKS[mask]
    how = {"is_causal": is_causal, "scale": scale}
    if m is not None and m.dtype != bool:
        m = m.astype(dtype)
    t = None if m is None else torch.tensor(m)
    if is_causal and m is not None:                       # torch documents one or the other; both mean both
        may_look = torch.ones(3, 5, dtype=torch.bool).tril()
        t = t & may_look if t.dtype == torch.bool else t.masked_fill(~may_look, -math.inf)
        torch_how = {"scale": scale}
    else:
        torch_how = how
    compare(lambda q, k, v: scaled_dot_product_attention(q, k, v, m, **how),
            lambda q, k, v: F.scaled_dot_product_attention(q, k, v, t, **torch_how),
            normal(2, 4, 3, 6), normal(2, 4, 5, 6), normal(2, 4, 5, 7), dtype=dtype)


def test_a_mask_that_is_added_can_learn():
    compare(scaled_dot_product_attention, F.scaled_dot_product_attention,
            normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 4), normal(3, 5))


@pytest.mark.parametrize("shapes", [
    ((3, 4), (5, 4), (5, 2)), ((2, 3, 4), (5, 4), (5, 2)), ((0, 3, 4), (0, 5, 4), (0, 5, 2)), ((2, 1, 4),) * 3],
    ids=str)
def test_shapes_without_a_batch_that_broadcast_or_are_empty(shapes):
    def by_hand(q, k, v):
        return (q @ k.transpose(-2, -1) / 2).softmax(-1) @ v

    compare(scaled_dot_product_attention, by_hand, *(normal(*s) for s in shapes))


def test_arrays_that_are_not_contiguous():
    compare(scaled_dot_product_attention, F.scaled_dot_product_attention,
            *(normal(6, 4, 2, 3).transpose(3, 2, 1, 0)[..., ::2] for _ in range(3)))


def test_scores_that_overflow_a_plain_exp():
    x = normal(1, 4, 8) * 1e3
    y = scaled_dot_product_attention(x, x, x)
    assert np.isfinite(y.data).all()
    close(y, F.scaled_dot_product_attention(*[torch.tensor(x)] * 3), 1e-10)


@DTYPES
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("largest", [1, 44, 45, 80, 354, 355, 1e4])
def test_the_weights_of_scores_of_every_size_equal_torchs(largest, masked, dtype):
    scores = normal(2, 6, 8).astype(dtype)
    scores = (scores / np.abs(scores).max((1, 2), keepdims=True) * [[[largest]], [[-largest]]]).astype(dtype)
    scores[0, 0] = -largest                                # a row that is far below all others
    may_look = RNG.random((6, 8)) > 0.3 if masked else None
    mine, theirs = Tensor(scores, requires_grad=True), torch.tensor(scores, requires_grad=True)
    hidden = theirs if may_look is None else theirs.masked_fill(~torch.tensor(may_look), -math.inf)
    y, t, g = attention.softmax_where(mine, may_look), hidden.softmax(-1), normal(2, 6, 8).astype(dtype)
    close(y, t, TOLERANCE[dtype], "weights")
    y.backward(g)
    t.backward(torch.tensor(g))
    close(mine.grad, theirs.grad, TOLERANCE[dtype], "gradient")


def test_the_weights_of_half_precision_do_not_overflow():
    y = attention.softmax_where(Tensor(np.array([[12, 0], [20, 20]], np.float16))).data
    np.testing.assert_allclose(y, [[1, 0], [0.5, 0.5]], atol=1e-3)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(n=st.integers(1, 2), l=st.integers(1, 5), s=st.integers(1, 5), e=st.integers(1, 4), is_causal=st.booleans(),
       masked=st.booleans(), seed=st.integers(0, 999))
def test_any_attention(n, l, s, e, is_causal, masked, seed):
    mask = np.random.default_rng(seed).random((l, s)) > 0.5 if masked else np.ones((l, s), bool)
    both = torch.tensor(np.tri(l, s, dtype=bool) & mask if is_causal else mask)
    compare(lambda q, k, v: scaled_dot_product_attention(q, k, v, mask, is_causal=is_causal),
            lambda q, k, v: F.scaled_dot_product_attention(q, k, v, both),
            normal(n, l, e), normal(n, s, e), normal(n, s, e))


def test_dropout_keeps_the_mean_and_drops_whole_weights():
    q, v = np.zeros((200, 8, 2)), np.broadcast_to(np.eye(8), (200, 8, 8))
    y = scaled_dot_product_attention(q, q, v, dropout_p=0.25, rng=np.random.default_rng(0)).data
    assert set(y.round(6).flat) == {0.0, round(1 / 8 / 0.75, 6)}
    assert abs((y == 0).mean() - 0.25) < 0.02 and not scaled_dot_product_attention(q, q, v, dropout_p=1.0).data.any()


# ---- layers: the state of torch's, then outputs and gradients equal ----

def twins(mine, dtype, *args, **how):
    layer, twin = mine(*args, **how), getattr(torch.nn, mine.__name__)(*args, **how)
    for p in twin.parameters():
        torch.nn.init.normal_(p, std=0.3)                 # so that no bias is 0 and no norm's weight is 1
    layer.load_state_dict(twin.state_dict())
    assert [(k, a.shape) for k, a in layer.state_dict().items()] == [
        (k, tuple(a.shape)) for k, a in twin.state_dict().items()]
    return layer.to(dtype), twin.to(getattr(torch, np.dtype(dtype).name))


def equal_with_gradients(layer, twin, arrays, dtype, how, torch_how):
    """The output of layer(*arrays, **how) and all gradients equal torch's, to the twin's tolerance times 10."""
    tolerance = 10 * TOLERANCE[dtype]                     # a whole block adds up many roundings
    arrays = [a.astype(dtype) for a in arrays]
    ours = [Tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, t = layer(*ours, **how), twin(*theirs, **torch_how)
    if isinstance(y, tuple):
        assert (y[1] is None) == (t[1] is None)
        if y[1] is not None:
            close(y[1], t[1], tolerance, "weights")
        y, t = y[0], t[0]
    close(y, t, tolerance)
    g = normal(*y.shape).astype(dtype)
    y.backward(g)
    t.backward(torch.tensor(g))
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        close(a.grad, b.grad, tolerance, f"gradient of input {i}")
    for (name, a), (twin_name, b) in zip(layer.named_parameters(), twin.named_parameters(), strict=True):
        assert name == twin_name
        close(a.grad, b.grad, tolerance, name)


def causal(n):
    return ~np.tri(n, dtype=bool)                         # torch's layers: True hides


PADDING = np.array([[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]], bool)
HIDE = {"none": {}, "attn": {"attn_mask": RNG.random((3, 5)) > 0.7}, "added": {"attn_mask": RNG.normal(size=(3, 5))},
        "for each head": {"attn_mask": RNG.random((4, 3, 5)) > 0.7}, "padding": {"key_padding_mask": PADDING},
        "both": {"attn_mask": RNG.random((3, 5)) > 0.7, "key_padding_mask": PADDING}}
for masks in HIDE.values():
    if masks.get("attn_mask", ADDED).dtype == bool:
        masks["attn_mask"][..., 0] = False                # with weights asked for, torch gives nan where all is hidden


@pytest.mark.parametrize("weights", [{"need_weights": False}, {}, {"average_attn_weights": False}], ids=str)
@pytest.mark.parametrize("batch_first, bias, dtype", [(True, True, np.float64), (False, False, np.float64),
                                                      (False, True, np.float32)])
@pytest.mark.parametrize("masks", HIDE)
def test_multihead_attention_equals_torch(masks, batch_first, bias, dtype, weights):
    layer, twin = twins(MultiheadAttention, dtype, 6, 2, bias=bias, batch_first=batch_first)
    how = {k: m.astype(dtype) if m.dtype != bool else m for k, m in HIDE[masks].items()}
    arrays = [normal(*((2, n, 6) if batch_first else (n, 2, 6))) for n in (3, 5, 5)]
    equal_with_gradients(layer, twin, arrays, dtype, how | weights,
                         {k: torch.tensor(m) for k, m in how.items()} | weights)


def test_is_causal_needs_no_mask():
    layer, twin = twins(MultiheadAttention, np.float64, 6, 2, batch_first=True)
    x = normal(2, 4, 6)
    y, weights = layer(x, x, x, is_causal=True)
    t, torch_weights = twin(*[torch.tensor(x)] * 3, attn_mask=torch.tensor(causal(4)))
    close(y, t, 1e-10)
    close(weights, torch_weights, 1e-10)


def test_a_query_that_may_look_nowhere_gets_the_bias_only():
    layer, twin = twins(MultiheadAttention, np.float64, 6, 2, batch_first=True)
    x, hidden = Tensor(normal(2, 4, 6), requires_grad=True), np.array([[1, 1, 1, 1], [0, 0, 0, 1]], bool)
    y, weights = layer(x, x, x, key_padding_mask=hidden)
    t = twin(*[torch.tensor(x.data)] * 3, key_padding_mask=torch.tensor(hidden), need_weights=False)[0]
    close(y, t, 1e-10)
    np.testing.assert_array_equal(y.data[0], np.broadcast_to(layer.out_proj.bias.data, (4, 6)))
    assert not weights.data[0].any()
    y.sum().backward()
    assert np.isfinite(x.grad).all() and not x.grad[0].any()


BLOCKS = list(itertools.product((True, False), (True, False), ("relu", "gelu"), (np.float64, np.float32)))


@pytest.mark.parametrize("norm_first, batch_first, activation, dtype", BLOCKS)
@pytest.mark.parametrize("masked", [False, True])
def test_the_encoder_block_equals_torchs(norm_first, batch_first, activation, dtype, masked):
    layer, twin = twins(TransformerEncoderLayer, dtype, 8, 2, 12, 0.0, activation, norm_first=norm_first,
                        batch_first=batch_first)
    how = {"src_mask": causal(5), "src_key_padding_mask": PADDING} if masked else {}
    equal_with_gradients(layer, twin, [normal(*((2, 5, 8) if batch_first else (5, 2, 8)))], dtype, how,
                         {k: torch.tensor(m) for k, m in how.items()})


@pytest.mark.parametrize("norm_first, batch_first, activation, dtype", BLOCKS)
@pytest.mark.parametrize("masked", [False, True])
def test_the_decoder_block_equals_torchs(norm_first, batch_first, activation, dtype, masked):
    layer, twin = twins(TransformerDecoderLayer, dtype, 8, 2, 12, 0.0, activation, norm_first=norm_first,
                        batch_first=batch_first)
    how = {"tgt_mask": causal(3), "memory_mask": np.eye(3, 5, dtype=bool), "tgt_key_padding_mask": PADDING[:, 1:4],
           "memory_key_padding_mask": PADDING} if masked else {}
    torch_how = {k: torch.tensor(m) for k, m in how.items()}
    if masked:                                            # the same by a word
        how.pop("tgt_mask")
        how["tgt_is_causal"] = True
    arrays = [normal(*((2, n, 8) if batch_first else (n, 2, 8))) for n in (3, 5)]
    equal_with_gradients(layer, twin, arrays, dtype, how, torch_how)


def test_a_block_takes_any_function_as_its_activation():
    layer, twin = twins(TransformerEncoderLayer, np.float64, 8, 2, 12, 0.0, lambda x: x.tanh())
    equal_with_gradients(layer, twin, [normal(5, 2, 8)], np.float64, {}, {})


@pytest.mark.parametrize("mine", [TransformerEncoderLayer, TransformerDecoderLayer])
def test_a_block_s_state_goes_back_to_torch(mine):
    layer, twin = mine(8, 2, 12), getattr(torch.nn, mine.__name__)(8, 2, 12)
    twin.load_state_dict({name: torch.tensor(a) for name, a in layer.state_dict().items()})
    x = [normal(5, 2, 8).astype(np.float32)] * (2 if mine is TransformerDecoderLayer else 1)
    close(layer.eval()(*x), twin.eval()(*map(torch.tensor, x)), 1e-5)      # in eval mode dropout does nothing


def test_dropout_in_a_block_is_at_work_in_training_only():
    layer = TransformerEncoderLayer(8, 2, 12, dropout=0.5, rng=np.random.default_rng(0))
    x = normal(5, 2, 8).astype(np.float32)
    assert not np.array_equal(layer(x).data, layer(x).data)
    layer.eval()
    assert np.array_equal(layer(x).data, layer(x).data)


def test_weights_start_as_torchs_do():
    layer, twin = MultiheadAttention(64, 4), torch.nn.MultiheadAttention(64, 4)
    for name, array in layer.state_dict().items():
        assert abs(array).max() == pytest.approx(twin.state_dict()[name].abs().max().item(), rel=0.05), name
        assert array.dtype == np.float32


def test_freed_without_the_cycle_collector():
    gc.collect()
    gc.disable()
    try:
        layer = TransformerDecoderLayer(8, 2, 12)
        y = layer(np.ones((3, 2, 8), np.float32), np.ones((5, 2, 8), np.float32), tgt_is_causal=True)
        y.sum().backward()
        node = weakref.ref(y)
        del y
        assert node() is None
    finally:
        gc.enable()


# ---- positions ----

def test_sinusoidal_positions_turn_with_the_distance():
    table = sinusoidal_positions(50, 16)
    # The product of two positions' vectors depends on their distance alone: sum of cos(w (i - j)).
    products = table @ table.T
    for distance in (0, 1, 7):
        np.testing.assert_allclose(np.diagonal(products, distance), products[0, distance], rtol=1e-12)
    i, t = 3, 21                                          # the formula of the paper, for one number of each kind
    assert table[t, 2 * i] == pytest.approx(math.sin(t / 10000 ** (2 * i / 16)))
    assert table[t, 2 * i + 1] == pytest.approx(math.cos(t / 10000 ** (2 * i / 16)))
    assert sinusoidal_positions(4, 5).shape == (4, 5)


@pytest.mark.parametrize("batch_first", [True, False])
def test_positions_are_added(batch_first):
    x = np.zeros((2, 4, 6) if batch_first else (4, 2, 6), np.float32)
    first = (0,) if batch_first else (slice(None), 0)
    y = PositionalEncoding(6, batch_first=batch_first)(x)
    np.testing.assert_allclose(y.data[first], sinusoidal_positions(4, 6), atol=1e-6)
    layer = PositionalEmbedding(6, 10, batch_first=batch_first)
    y = layer(x)
    np.testing.assert_array_equal(y.data[first], layer.weight.data[:4])
    assert y.dtype == np.float32
    y.sum().backward()
    np.testing.assert_array_equal(layer.weight.grad[:, 0], [2] * 4 + [0] * 6)


def test_layers_say_what_they_are():
    assert repr(PositionalEncoding(6)) == "PositionalEncoding(6, max_len=5000)"
    assert repr(PositionalEmbedding(6, 10)) == "PositionalEmbedding(6, max_len=10)"
    assert repr(MultiheadAttention(8, 2)).startswith("MultiheadAttention(8, 2\n  (out_proj): Linear(")
    assert list(PositionalEmbedding(6, 10).state_dict()) == ["weight"] and not PositionalEncoding(6).state_dict()


# ---- wrong calls ----

Q, K = np.ones((2, 3, 4)), np.ones((2, 5, 4))
X = np.ones((7, 2, 8), np.float32)
ATTEND = scaled_dot_product_attention
WRONG = [
    (lambda: ATTEND(Q, K[..., :3], K), r"query has 4 features \(2, 3, 4\) but key has 3 \(2, 5, 3\)"),
    (lambda: ATTEND(Q, K, Q), r"key has 5 positions \(2, 5, 4\) but value has 3 \(2, 3, 4\)"),
    (lambda: ATTEND(Q[0, 0], K, K), r"query must be \(\.\.\., length, features\), got \(4,\)"),
    (lambda: ATTEND(Q, K, K, np.ones((5, 3), bool)), r"attn_mask: \(5, 3\) does not broadcast to .* \(2, 3, 5\)"),
    (lambda: ATTEND(Q, K, K, np.ones((2, 2, 3, 5), bool)), r"attn_mask: \(2, 2, 3, 5\) does not broadcast"),
    (lambda: ATTEND(Q, K, K, np.ones((3, 5), int)), r"attn_mask: must hold booleans or floats, got int64"),
    (lambda: ATTEND(Q, K, K, dropout_p=2), r"dropout: p is a probability between 0 and 1, got 2"),
    (lambda: ATTEND(Q, np.ones((3, 5, 4)), np.ones((3, 5, 4))), r"matmul: shapes \(2, 3, 4\) and \(3, 4, 5\)"),
    (lambda: MultiheadAttention(8, 3), r"MultiheadAttention: num_heads=3 must divide embed_dim=8"),
    (lambda: MultiheadAttention(8, 0), r"MultiheadAttention: num_heads must be a whole number of at least 1, got 0"),
    (lambda: MultiheadAttention(8, 2, 2.0), r"MultiheadAttention: dropout is a probability between 0 and 1, got 2.0"),
    (lambda: MultiheadAttention(6, 2)(X, X, X), r"query must be \(L, N, E\) with E = 6, got \(7, 2, 8\)"),
    (lambda: MultiheadAttention(8, 2)(X[0], X, X), r"query must be \(L, N, E\) with E = 8, got \(2, 8\)"),
    (lambda: MultiheadAttention(8, 2, batch_first=True)(X, X[:5], X[:5]),
     r"query \(7, 2, 8\), key \(5, 2, 8\) and value \(5, 2, 8\) must have one batch size"),
    (lambda: MultiheadAttention(8, 2)(X, X, X[:5]), r"key \(7, 2, 8\) and value \(5, 2, 8\) must .* one length"),
    (lambda: MultiheadAttention(8, 2)(X, X, X, attn_mask=np.ones((7, 5), bool)),
     r"attn_mask must be \(7, 7\) or \(4, 7, 7\), got \(7, 5\)"),
    (lambda: MultiheadAttention(8, 2)(X, X, X, key_padding_mask=np.ones((7, 2), bool)),
     r"key_padding_mask must be \(2, 7\), got \(7, 2\)"),
    (lambda: MultiheadAttention(8, 2)(X, X, X, key_padding_mask=np.ones((2, 7), int)),
     r"key_padding_mask must hold booleans or floats, got int64"),
    (lambda: TransformerEncoderLayer(8, 2)(X.astype(float)), r"linear: input is float64 but weight is float32"),
    (lambda: TransformerEncoderLayer(8, 3), r"num_heads=3 must divide embed_dim=8"),
    (lambda: TransformerEncoderLayer(8, 2, activation="swish"),
     r"TransformerEncoderLayer: activation must be \"relu\", \"gelu\" or a function of a Tensor, got 'swish'"),
    (lambda: TransformerDecoderLayer(8, 2)(X, X[:, :1]), r"query \(7, 2, 8\), key \(7, 1, 8\) .* one batch size"),
    (lambda: PositionalEmbedding(8, 5)(X), r"PositionalEmbedding: x has 7 positions \(7, 2, 8\), but max_len is 5"),
    (lambda: PositionalEncoding(6)(X), r"PositionalEncoding: x must be \(T, N, D\) with D = 6, got \(7, 2, 8\)"),
    (lambda: PositionalEncoding(8, batch_first=True)(X[0]), r"x must be \(N, T, D\) with D = 8, got \(2, 8\)"),
    (lambda: sinusoidal_positions(0, 4), r"sinusoidal_positions: length must be a whole number of at least 1, got 0"),
]


@pytest.mark.parametrize("call, sentence", WRONG, ids=[s for _, s in WRONG])
def test_wrong_calls_get_a_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        call()


@pytest.mark.parametrize("room", [attention, block])
def test_the_examples_in_the_docstrings_run(room):
    assert doctest.testmod(room).failed == 0
