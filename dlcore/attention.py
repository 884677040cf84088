"""Attention: every position looks at every other and takes a weighted mean of what it finds there.

How much position i looks at position j is the softmax over j of how well i's query fits j's key. A position has
no place of its own in this: what order the sequence had must be added to its vectors, by one of the two
positional encodings below.
"""

import math

import numpy as np

from dlcore.graph import value as data_of
from dlcore.init import normal_, xavier_uniform_
from dlcore.layer import Linear, dropout, linear, parameter, positive
from dlcore.module import Module
from dlcore.tensor import Tensor


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None,
                                 *, rng=None):
    """The mean of the values (..., S, V), weighted by how well query (..., L, E) and key (..., S, E) fit: (..., L, V).

    attn_mask, broadcast to (..., L, S): boolean, True where a query may look; or numbers that are added to the
    scores. is_causal=True lets query i look at keys 0 to i only. A query that may look nowhere gets zeros, as in
    torch. dropout_p drops weights, always: pass 0.0 when not training. scale is 1 / sqrt(E) if not given.
    Raises ValueError or TypeError for shapes or masks that do not fit.
    Paper: Vaswani et al. 2017, Attention Is All You Need, arXiv:1706.03762.

    >>> x = Tensor(np.eye(2))
    >>> scaled_dot_product_attention(x, x, x, is_causal=True, scale=1e9).data
    array([[1., 0.],
           [0., 1.]])
    """
    query, key, value = (t if isinstance(t, Tensor) else Tensor(t) for t in (query, key, value))
    check_shapes("scaled_dot_product_attention", query, key, value)
    weights = attention_weights(query, key, attn_mask, is_causal, scale)
    return dropout(weights, dropout_p, rng=rng) @ value


def attention_weights(query, key, attn_mask=None, is_causal=False, scale=None):
    """How much each query (..., L, E) looks at each key (..., S, E): rows that sum to 1, or to 0: (..., L, S)."""
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    keys = np.ascontiguousarray(key.data.swapaxes(-1, -2))                   # twice as fast to multiply with as a view
    keys = Tensor(keys, (key, lambda g: g.swapaxes(-1, -2)))
    scores = (query * scale) @ keys                                          # (..., L, S)
    may_look = np.tri(*scores.shape[-2:], dtype=bool) if is_causal else None
    if attn_mask is not None:
        mask = checked_mask(attn_mask, scores.shape)
        if data_of(mask).dtype == bool:
            may_look = data_of(mask) if may_look is None else may_look & data_of(mask)
        else:
            scores = scores + mask
    return softmax_where(scores, may_look)


def softmax_where(scores, may_look=None):
    """softmax over the last dimension, among the places where it may look (everywhere if None); 0 elsewhere."""
    x = scores.data if may_look is None else np.where(may_look, scores.data, -np.inf)
    numbers = np.finfo(x.dtype)
    if not max(-x.min(initial=0), x.max(initial=0)) < math.log(numbers.max) / 2:     # exp might be near infinity or 0
        x = x - np.maximum(x.max(-1, keepdims=True, initial=-np.inf), numbers.min)      # -inf - -inf would be nan
    y = np.exp(x)
    total = y @ np.ones((y.shape[-1], 1), y.dtype)                           # as y.sum(-1, keepdims=True), but faster
    y /= total + (total == 0)                                                # 0 where it may look nowhere
    return Tensor(y, (scores, lambda g: y * (g - np.vecdot(g, y)[..., None])))


# ---- several heads ----

class MultiheadAttention(Module):
    """Attention in num_heads parts of the vector at once, each with its own queries, keys and values.

    in_proj_weight (3 E, E) holds the weights of queries, keys and values one under the other, as in torch. Masks
    too are torch's, and for this layer the other way round: True hides. attn_mask is (L, S) or (N * num_heads,
    L, S), key_padding_mask (N, S); numbers instead of booleans are added to the scores.
    """

    def __init__(self, embed_dim, num_heads, dropout=0.0, bias=True, *, batch_first=False, rng=None):
        positive("MultiheadAttention", embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(f"MultiheadAttention: num_heads={num_heads} must divide embed_dim={embed_dim}")
        if not 0 <= dropout <= 1:
            raise ValueError(f"MultiheadAttention: dropout is a probability between 0 and 1, got {dropout}")
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = embed_dim, num_heads, dropout, batch_first
        self.rng = rng
        self.in_proj_weight = xavier_uniform_(parameter(3 * embed_dim, embed_dim), rng=rng)
        self.in_proj_bias = parameter(3 * embed_dim) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=rng)
        if bias:
            self.out_proj.bias = parameter(embed_dim)

    def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
                average_attn_weights=True, is_causal=False):
        """query (L, N, E), key and value (S, N, E), or (N, L, E) and (N, S, E) with batch_first.

        Gives the output in the shape of query, and the weights (N, L, S), of each head (N, num_heads, L, S) with
        average_attn_weights=False, or None with need_weights=False. Unlike torch's, is_causal=True needs no mask, and
        a query that may look nowhere gets zeros, never nan.
        """
        self.check(query, key, value)
        w_q, w_k, w_v = self.in_proj_weight.split(self.embed_dim)
        b_q, b_k, b_v = (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.split(self.embed_dim)
        q, k = self.heads(linear(query, w_q, b_q)), self.heads(linear(key, w_k, b_k))
        v = self.heads(linear(value, w_v, b_v))                              # (N, heads, S, E / heads)
        mask = self.mask(attn_mask, key_padding_mask, (len(q), self.num_heads, q.shape[2], k.shape[2]), q.dtype)
        weights = attention_weights(q, k, mask, is_causal)                   # (N, heads, L, S)
        weights = dropout(weights, self.dropout, self.training, self.rng)
        y = (weights @ v).permute(*((0, 2, 1, 3) if self.batch_first else (2, 0, 1, 3)))
        y = self.out_proj(y.flatten(2))
        if not need_weights:
            return y, None
        return y, weights.mean(1) if average_attn_weights else weights

    def heads(self, x):
        """(N, T, E), or (T, N, E), with every vector cut in parts: (N, heads, T, E / heads)."""
        x = x.reshape(*x.shape[:2], self.num_heads, -1)
        return x.permute(0, 2, 1, 3) if self.batch_first else x.permute(1, 2, 0, 3)

    def mask(self, attn_mask, key_padding_mask, shape, dtype):
        """Both masks as numbers to add to scores of a shape (N, heads, L, S), with -inf where one hides."""
        n, heads, l, s = shape
        mask = None
        if attn_mask is not None:
            mask = added("attn_mask", attn_mask, ((l, s), (n * heads, l, s)), dtype)
            mask = mask.reshape(shape) if mask.ndim == 3 else mask
        if key_padding_mask is not None:
            padding = added("key_padding_mask", key_padding_mask, ((n, s),), dtype).reshape(n, 1, 1, s)
            mask = padding if mask is None else mask + padding
        return mask

    def check(self, query, key, value):
        """ValueError unless query, key and value fit each other and this layer."""
        dims, batch = ("(N, L, E)", 0) if self.batch_first else ("(L, N, E)", 1)
        for what, x in (("query", query), ("key", key), ("value", value)):
            if x.ndim != 3 or x.shape[2] != self.embed_dim:
                raise ValueError(f"MultiheadAttention: {what} must be {dims} with E = {self.embed_dim}, got {x.shape}")
        if key.shape != value.shape or key.shape[batch] != query.shape[batch]:
            raise ValueError(f"MultiheadAttention: query {query.shape}, key {key.shape} and value {value.shape} must "
                             "have one batch size, and key and value one length")

    def extra_repr(self):
        return f"{self.embed_dim}, {self.num_heads}"


# ---- what a caller can get wrong ----

def check_shapes(name, query, key, value):
    """ValueError unless the keys fit the queries, and there is a value for each key."""
    for what, x in (("query", query), ("key", key), ("value", value)):
        if x.ndim < 2:
            raise ValueError(f"{name}: {what} must be (..., length, features), got {x.shape}")
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(f"{name}: query has {query.shape[-1]} features {query.shape} but key "
                         f"has {key.shape[-1]} {key.shape}")
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(f"{name}: key has {key.shape[-2]} positions {key.shape} but value "
                         f"has {value.shape[-2]} {value.shape}")


def checked_mask(mask, shape):
    """A mask as a Tensor that can be broadcast to the shape of the scores; ValueError or TypeError if it cannot."""
    mask = mask if isinstance(mask, Tensor) else Tensor(mask)
    if mask.dtype.kind not in "bf":
        raise TypeError(f"attn_mask: must hold booleans or floats, got {mask.dtype}; use mask.astype(bool)")
    try:
        fits = np.broadcast_shapes(mask.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"attn_mask: {mask.shape} does not broadcast to the shape of the scores, {shape}")
    return mask


def added(name, mask, shapes, dtype):
    """A mask of booleans, where True hides, as numbers to add to scores; a mask of floats as it is."""
    mask = mask if isinstance(mask, Tensor) else Tensor(mask)
    if mask.shape not in shapes:
        raise ValueError(f"MultiheadAttention: {name} must be {' or '.join(map(str, shapes))}, got {mask.shape}")
    if mask.dtype.kind not in "bf":
        raise TypeError(f"MultiheadAttention: {name} must hold booleans or floats, got {mask.dtype}; "
                        "use mask.astype(bool)")
    return Tensor(np.where(mask.data, -np.inf, 0).astype(dtype)) if mask.dtype == bool else mask


# ---- positions ----

def sinusoidal_positions(length, dim):
    """A vector for each position, (length, dim): sines and cosines of ever longer waves, up to 20,000 pi positions.

    Paper: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.

    >>> sinusoidal_positions(2, 4).round(2)
    array([[0.  , 1.  , 0.  , 1.  ],
           [0.84, 0.54, 0.01, 1.  ]])
    """
    positive("sinusoidal_positions", length=length, dim=dim)
    angles = np.arange(length)[:, None] / 10000 ** (np.arange(0, dim, 2) / dim)     # (length, dim / 2, rounded up)
    vectors = np.empty((length, dim))
    vectors[:, 0::2] = np.sin(angles)
    vectors[:, 1::2] = np.cos(angles)[:, :dim // 2]
    return vectors


class PositionalEncoding(Module):
    """x plus the sinusoidal vector of each position; nothing is learnt. x: (T, N, D), or (N, T, D) if batch_first."""

    def __init__(self, d_model, max_len=5000, *, batch_first=False):
        self.table, self.batch_first = sinusoidal_positions(max_len, d_model).astype(np.float32), batch_first

    def forward(self, x):
        rows = Tensor(self.table[:length_of(self, x, self.table)].astype(x.dtype))
        return x + (rows if self.batch_first else rows.unsqueeze(1))

    def extra_repr(self):
        return "{1}, max_len={0}".format(*self.table.shape)


class PositionalEmbedding(Module):
    """x plus a learnt vector for each position, weight (max_len, D), as in GPT and BERT."""

    def __init__(self, d_model, max_len, *, batch_first=False, rng=None):
        positive("PositionalEmbedding", d_model=d_model, max_len=max_len)
        self.weight, self.batch_first = normal_(parameter(max_len, d_model), std=0.02, rng=rng), batch_first

    def forward(self, x):
        rows = self.weight[:length_of(self, x, self.weight)]
        return x + (rows if self.batch_first else rows.unsqueeze(1))

    def extra_repr(self):
        return "{1}, max_len={0}".format(*self.weight.shape)


def length_of(layer, x, table):
    """How many positions x has; ValueError if it does not fit the table (max_len, D) of the layer."""
    name, dims = type(layer).__name__, "(N, T, D)" if layer.batch_first else "(T, N, D)"
    if x.ndim != 3 or x.shape[2] != table.shape[1]:
        raise ValueError(f"{name}: x must be {dims} with D = {table.shape[1]}, got {x.shape}")
    length = x.shape[1 if layer.batch_first else 0]
    if length > len(table):
        raise ValueError(f"{name}: x has {length} positions {x.shape}, but max_len is {len(table)}")
    return length
