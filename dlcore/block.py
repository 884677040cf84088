"""The blocks of a transformer: attention, then a small network at every position, each added to what came in.

Paper: Vaswani et al. 2017, Attention Is All You Need, arXiv:1706.03762. There the sum is normalised afterwards
(post-norm); norm_first=True normalises what goes into each part instead (pre-norm), which trains with less care:
Xiong et al. 2020, On Layer Normalization in the Transformer Architecture, arXiv:2002.04745.
"""

from dlcore.attention import MultiheadAttention
from dlcore.layer import Dropout, Linear
from dlcore.module import Module
from dlcore.norm import LayerNorm

ACTIVATIONS = {"relu": lambda x: x.relu(), "gelu": lambda x: x.gelu()}


class Block(Module):
    """What encoder and decoder share: their parts, by torch's names, and how each part is added to what came in."""

    attentions = ("self_attn",)

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation="relu", layer_norm_eps=1e-5,
                 batch_first=False, norm_first=False, *, rng=None):
        if not callable(activation) and activation not in ACTIVATIONS:
            raise ValueError(f'{type(self).__name__}: activation must be "relu", "gelu" or a function of a Tensor, '
                             f"got {activation!r}")
        self.activation = activation if callable(activation) else ACTIVATIONS[activation]
        self.norm_first = norm_first
        for name in self.attentions:
            setattr(self, name, MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, rng=rng))
        self.linear1 = Linear(d_model, dim_feedforward, rng=rng)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, rng=rng)
        for i in range(1, len(self.attentions) + 2):
            setattr(self, f"norm{i}", LayerNorm(d_model, layer_norm_eps))
            setattr(self, f"dropout{i}", Dropout(dropout, rng=rng))

    def feed_forward(self, x):
        """Two layers, the same at every position."""
        return self.linear2(self.dropout(self.activation(self.linear1(x))))

    def add(self, i, x, part):
        """x plus what part number i makes of it, with the norm before the part or after the sum."""
        norm, drop = getattr(self, f"norm{i}"), getattr(self, f"dropout{i}")
        return x + drop(part(norm(x))) if self.norm_first else norm(x + drop(part(x)))


class TransformerEncoderLayer(Block):
    """Self-attention, then the feed-forward part: (T, N, D), or (N, T, D) with batch_first, in the same shape.

    Masks are those of MultiheadAttention. Raises ValueError for shapes or settings that do not fit.
    """

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        look = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask, "is_causal": is_causal}
        x = self.add(1, src, lambda x: self.self_attn(x, x, x, need_weights=False, **look)[0])
        return self.add(2, x, self.feed_forward)


class TransformerDecoderLayer(Block):
    """Self-attention, attention to the encoder's output `memory` (S, N, D), then the feed-forward part.

    Masks are those of MultiheadAttention. Raises ValueError for shapes or settings that do not fit.
    """

    attentions = ("self_attn", "multihead_attn")

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
                memory_key_padding_mask=None, tgt_is_causal=False, memory_is_causal=False):
        own = {"attn_mask": tgt_mask, "key_padding_mask": tgt_key_padding_mask, "is_causal": tgt_is_causal}
        other = {"attn_mask": memory_mask, "key_padding_mask": memory_key_padding_mask, "is_causal": memory_is_causal}
        x = self.add(1, tgt, lambda x: self.self_attn(x, x, x, need_weights=False, **own)[0])
        x = self.add(2, x, lambda x: self.multihead_attn(x, memory, memory, need_weights=False, **other)[0])
        return self.add(3, x, self.feed_forward)
