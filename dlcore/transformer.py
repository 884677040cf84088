"""Transformers, in torch, encoder-decoder and GPT: attention, a small network at each position, a sum around both.

Every part normalises what goes into it and adds to what came in (pre-norm). Tokens are whole numbers, PAD is 0.
Paper: Vaswani et al. 2017, Attention Is All You Need, arXiv:1706.03762 (there with the norm after the sum).
"""

import math

import torch
from torch import nn

from dlcore.attention import sinusoidal_positions

PAD = 0         # the token that fills up short sequences; nobody looks at it


class Attention(nn.Module):
    """nhead look-ups at once from x (N, T, D) into memory (N, S, D): (N, T, D).

    may_look is boolean, broadcast to (N, nhead, T, S), True where a position may look. After a call, `weights`
    (N, nhead, T, S) shows where each head looked. A cache is a list, empty at first, that keeps the keys and values
    of each call for the next ones: memory then holds the new positions only, and S counts all. Raises ValueError
    where nhead does not divide d_model.
    """

    def __init__(self, d_model, nhead):
        super().__init__()
        if d_model % nhead:
            raise ValueError(f"Attention: nhead={nhead} must divide d_model={d_model}")
        self.nhead = nhead
        self.query, self.key_value = nn.Linear(d_model, d_model), nn.Linear(d_model, 2 * d_model)
        self.out = nn.Linear(d_model, d_model)

    def forward(self, x, memory, may_look=None, cache=None):
        q = self.heads(self.query(x))                                           # (N, heads, T, D / heads)
        k, v = map(self.heads, self.key_value(memory).chunk(2, -1))             # (N, heads, S, D / heads)
        if cache is not None:
            cache[:] = k, v = [torch.cat(both, 2) for both in zip(cache, (k, v), strict=True)] if cache else [k, v]
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])               # (N, heads, T, S)
        if may_look is not None:
            scores = scores.masked_fill(~may_look, -torch.inf)
        weights = scores.softmax(-1)
        self.weights = weights.detach()
        return self.out((weights @ v).transpose(1, 2).flatten(2))               # (N, T, D)

    def heads(self, x):
        """(N, T, D) with every vector cut in nhead parts: (N, heads, T, D / heads)."""
        return x.unflatten(-1, (self.nhead, -1)).transpose(1, 2)


def feed_forward(d_model, dim_feedforward, activation=nn.ReLU):
    """The small network that works at every position alone."""
    return nn.Sequential(nn.Linear(d_model, dim_feedforward), activation(), nn.Linear(dim_feedforward, d_model))


class EncoderLayer(nn.Module):
    """Every position looks at every other, then thinks alone: x (N, S, D) to (N, S, D)."""

    def __init__(self, d_model, nhead, dim_feedforward, activation=nn.ReLU):
        super().__init__()
        self.self_attn = Attention(d_model, nhead)
        self.feed_forward = feed_forward(d_model, dim_feedforward, activation)
        self.norm1, self.norm2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)

    def forward(self, x, may_look, cache=None):
        h = self.norm1(x)
        x = x + self.self_attn(h, h, may_look, cache)
        return x + self.feed_forward(self.norm2(x))


class DecoderLayer(nn.Module):
    """Looks at what is written so far, then at the source, then thinks: x (N, T, D), memory (N, S, D) to (N, T, D)."""

    def __init__(self, d_model, nhead, dim_feedforward):
        super().__init__()
        self.self_attn, self.cross_attn = Attention(d_model, nhead), Attention(d_model, nhead)
        self.feed_forward = feed_forward(d_model, dim_feedforward)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(d_model) for _ in range(3))

    def forward(self, x, memory, may_look, may_look_at_memory):
        h = self.norm1(x)
        x = x + self.self_attn(h, h, may_look)
        x = x + self.cross_attn(self.norm2(x), memory, may_look_at_memory)
        return x + self.feed_forward(self.norm3(x))


class Transformer(nn.Module):
    """Source tokens (N, S) and the target so far (N, T) to scores for each next target token, (N, T, K).

    source_size and target_size count the tokens; target position t sees the target up to t, and the whole source
    but its PAD. Raises ValueError where tokens have another shape, or a sequence is longer than max_len.

    >>> model = Transformer(source_size=20, target_size=12)
    >>> model(torch.ones(3, 7, dtype=int), torch.ones(3, 5, dtype=int)).shape
    torch.Size([3, 5, 12])
    """

    def __init__(self, source_size, target_size, d_model=64, nhead=4, num_layers=2, dim_feedforward=128, max_len=64):
        super().__init__()
        self.source, self.target = nn.Embedding(source_size, d_model), nn.Embedding(target_size, d_model)
        self.register_buffer("positions", torch.tensor(sinusoidal_positions(max_len, d_model), dtype=torch.float32))
        sizes = d_model, nhead, dim_feedforward
        self.encoder = nn.ModuleList(EncoderLayer(*sizes) for _ in range(num_layers))
        self.decoder = nn.ModuleList(DecoderLayer(*sizes) for _ in range(num_layers))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.scores = nn.Linear(d_model, target_size)

    def forward(self, source, target):
        return self.decode(target, *self.encode(source))

    def encode(self, source):
        """What the decoder looks at: memory (N, S, D), and where it may look, (N, 1, 1, S)."""
        check_tokens("Transformer: source", source, len(self.positions))
        may_look = (source != PAD)[:, None, None]                               # (N, 1, 1, S)
        x = self.source(source) + self.positions[:source.shape[1]]              # (N, S, D)
        for layer in self.encoder:
            x = layer(x, may_look)
        return self.encoder_norm(x), may_look

    def decode(self, target, memory, may_look_at_memory):
        """Scores (N, T, K) for the token after each of the target (N, T)."""
        check_tokens("Transformer: target", target, len(self.positions))
        length = target.shape[1]
        may_look = torch.ones(length, length, dtype=torch.bool, device=target.device).tril()    # (T, T)
        x = self.target(target) + self.positions[:length]                       # (N, T, D)
        for layer in self.decoder:
            x = layer(x, memory, may_look, may_look_at_memory)
        return self.scores(self.decoder_norm(x))                                # (N, T, K)


class GPT(nn.Module):
    """The decoder alone, as a language model: tokens (N, T) to scores (N, T, V) of the token after each.

    The layers are those of an encoder under a causal mask, with GELU; positions are learnt, and one matrix serves
    as embedding and as head. model(x) reads at once, model.read(x, cache) goes on from a cache, as a recurrent
    model goes on from its state. Raises ValueError where tokens are not whole numbers (N, T), or are too many.
    Paper: Radford et al. 2018, Improving Language Understanding by Generative Pre-Training (post-norm); pre-norm
    since Radford et al. 2019, Language Models are Unsupervised Multitask Learners.

    >>> GPT(vocab_size=20)(torch.zeros(3, 7, dtype=int)).shape
    torch.Size([3, 7, 20])
    """

    def __init__(self, vocab_size, d_model=64, nhead=4, num_layers=2, max_len=64):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocab_size, d_model), nn.Embedding(max_len, d_model)
        for table in (self.tokens, self.positions):
            nn.init.normal_(table.weight, std=d_model**-0.5)                    # so that the first scores are of size 1
        self.blocks = nn.ModuleList(EncoderLayer(d_model, nhead, 4 * d_model, nn.GELU) for _ in range(num_layers))
        self.norm = nn.LayerNorm(d_model)

    def forward(self, x):
        return self.read(x)[0]

    def read(self, x, cache=None):
        """Scores (N, T, V) of the tokens x (N, T) that follow on those in the cache, and the cache, which has grown."""
        cache = [[] for _ in self.blocks] if cache is None else cache
        past = cache[0][0].shape[2] if cache[0] else 0
        check_tokens("GPT: x", x, len(self.positions.weight) - past)
        length = x.shape[1]
        at = torch.arange(past, past + length, device=x.device)
        may_look = at[:, None] >= torch.arange(past + length, device=x.device)  # (T, past + T)
        h = self.tokens(x) + self.positions(at)                                 # (N, T, D)
        for block, layer_cache in zip(self.blocks, cache, strict=True):
            h = block(h, may_look, layer_cache)
        return self.norm(h) @ self.tokens.weight.T, cache                       # (N, T, V)


def check_tokens(name, tokens, max_len):
    """ValueError unless tokens are whole numbers (N, T) with T up to max_len."""
    if tokens.ndim != 2 or tokens.is_floating_point():
        raise ValueError(f"{name} must be whole numbers (N, T), got {tuple(tokens.shape)} of {tokens.dtype}")
    if tokens.shape[1] > max_len:
        raise ValueError(f"{name} has {tokens.shape[1]} positions {tuple(tokens.shape)}, but max_len leaves {max_len}")
