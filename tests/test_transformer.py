"""Transformers: shapes, masks, gradients, one step, the state, torch's own layers, what a caller can get wrong."""

import doctest

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from dlcore import transformer
from dlcore.sequence import sample
from dlcore.transformer import GPT, PAD, Attention, EncoderLayer, Transformer


def tokens(n, length, size=9, seed=1):
    return torch.randint(1, size, (n, length), generator=torch.Generator().manual_seed(seed))


def make(seed=0):
    torch.manual_seed(seed)
    return Transformer(9, 7, d_model=16, nhead=4, num_layers=2, dim_feedforward=24, max_len=12)


def loss_of(model, x, y):
    return cross_entropy(model(x, y[:, :-1]).flatten(0, 1), y[:, 1:].flatten())


def test_examples():
    assert doctest.testmod(transformer).failed == 0


@pytest.mark.parametrize(("n", "s", "t"), [(1, 1, 1), (3, 5, 8), (2, 12, 12)])
def test_a_score_for_each_token_at_each_place(n, s, t):
    model = make()
    assert model(tokens(n, s), tokens(n, t, 7)).shape == (n, t, 7)
    assert model.decoder[1].cross_attn.weights.shape == (n, 4, t, s)
    torch.testing.assert_close(model.decoder[1].cross_attn.weights.sum(-1), torch.ones(n, 4, t))


def test_what_is_written_later_changes_nothing_before():
    model, x, y = make(), tokens(2, 6), tokens(2, 8, 7)
    changed = y.clone()
    changed[:, 5] = (y[:, 5] + 1) % 7
    torch.testing.assert_close(model(x, changed)[:, :5], model(x, y)[:, :5])
    assert ((model(x, changed) - model(x, y))[:, 5:].abs().amax((0, 2)) > 1e-6).all()


def test_padding_changes_nothing():
    model, x, y = make(), tokens(2, 6), tokens(2, 4, 7)
    padded = torch.cat([x, torch.full((2, 3), PAD)], 1)
    torch.testing.assert_close(model(padded, y), model(x, y))
    assert (model.decoder[0].cross_attn.weights[..., 4:] > 0).all()        # the call without padding was the last


def test_the_order_of_the_source_counts():
    model, x, y = make(), tokens(1, 6), tokens(1, 4, 7)
    assert (model(x.flip(1), y) - model(x, y)).abs().max() > 1e-3


def test_a_gradient_reaches_every_parameter():
    model = make()
    loss_of(model, torch.arange(9)[None], torch.arange(7)[None]).backward()
    for name, p in model.named_parameters():
        assert p.grad is not None and p.grad.abs().max() > 0, name


def test_one_step_lowers_the_loss():
    model, x, y = make(), tokens(8, 6), tokens(8, 5, 7)
    before = loss_of(model, x, y)
    before.backward()
    torch.optim.SGD(model.parameters(), lr=0.05).step()
    assert loss_of(model, x, y) < before


def test_a_state_makes_an_equal_model():
    model, other, x, y = make(), make(seed=1), tokens(3, 6), tokens(3, 5, 7)
    assert not torch.equal(other(x, y), model(x, y))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(x, y), model(x, y))


def copy_attention(mine, theirs):
    """The parameters of torch's attention, which holds queries, keys and values in one matrix."""
    d = theirs.embed_dim
    for part, rows in ((mine.query, slice(0, d)), (mine.key_value, slice(d, 3 * d))):
        part.weight.copy_(theirs.in_proj_weight[rows])
        part.bias.copy_(theirs.in_proj_bias[rows])
    mine.out.load_state_dict(theirs.out_proj.state_dict())


@torch.no_grad()
def test_the_layers_are_those_of_torch():
    model, x, y = make().eval(), tokens(3, 6), tokens(3, 5, 7)
    x[0, 4:] = PAD
    sizes = {"d_model": 16, "nhead": 4, "dim_feedforward": 24, "dropout": 0.0, "batch_first": True, "norm_first": True}
    encoders = [nn.TransformerEncoderLayer(**sizes) for _ in range(2)]
    decoders = [nn.TransformerDecoderLayer(**sizes) for _ in range(2)]
    for mine, theirs in zip([*model.encoder, *model.decoder], [*encoders, *decoders], strict=True):
        for p in theirs.parameters():
            p.normal_(std=0.2)
        copy_attention(mine.self_attn, theirs.self_attn)
        for i in range(1, 4 if hasattr(mine, "cross_attn") else 3):
            getattr(mine, f"norm{i}").load_state_dict(getattr(theirs, f"norm{i}").state_dict())
        mine.feed_forward[0].load_state_dict(theirs.linear1.state_dict())
        mine.feed_forward[2].load_state_dict(theirs.linear2.state_dict())
        if hasattr(mine, "cross_attn"):
            copy_attention(mine.cross_attn, theirs.multihead_attn)
    hidden, future = x == PAD, torch.ones(5, 5, dtype=torch.bool).triu(1)
    memory = model.source(x) + model.positions[:6]
    for layer in encoders:
        memory = layer(memory, src_key_padding_mask=hidden)
    memory = model.encoder_norm(memory)
    h = model.target(y) + model.positions[:5]
    for layer in decoders:
        h = layer(h, memory, tgt_mask=future, memory_key_padding_mask=hidden)
    torch.testing.assert_close(model(x, y), model.scores(model.decoder_norm(h)), rtol=1e-4, atol=1e-5)


def test_an_encoder_layer_moves_with_its_positions():
    torch.manual_seed(0)
    layer, x = EncoderLayer(16, 4, 24), torch.randn(2, 6, 16)
    order = torch.tensor([3, 1, 5, 0, 2, 4])
    torch.testing.assert_close(layer(x[:, order], None), layer(x, None)[:, order])


# ---- the decoder alone ----

def make_gpt(seed=0):
    torch.manual_seed(seed)
    return GPT(9, d_model=16, nhead=4, num_layers=2, max_len=12)


def test_a_gpt_sees_the_past_only():
    model, x = make_gpt(), tokens(2, 8)
    changed = x.clone()
    changed[:, 5] = (x[:, 5] + 1) % 9
    assert model(x).shape == (2, 8, 9)
    torch.testing.assert_close(model(changed)[:, :5], model(x)[:, :5])
    assert ((model(changed) - model(x))[:, 5:].abs().amax((0, 2)) > 1e-6).all()


@pytest.mark.parametrize("cuts", [[1] * 8, [3, 5], [5, 1, 2], [8]])
def test_a_cache_changes_no_score(cuts):
    model, x, cache, scores = make_gpt(), tokens(2, 8), None, []
    for piece in x.split(cuts, 1):
        now, cache = model.read(piece, cache)
        scores.append(now)
    torch.testing.assert_close(torch.cat(scores, 1), model(x))
    assert [k.shape for layer in cache for k in layer] == [(2, 4, 8, 4)] * 4


def test_a_gpt_can_be_sampled_from_as_a_recurrent_model_can():
    model, start = make_gpt(), tokens(1, 3)[0]
    written = sample(model, start, 9, generator=torch.Generator().manual_seed(0))
    assert written.shape == (12,) and torch.equal(written[:3], start)
    with pytest.raises(ValueError, match="GPT: x has 1 positions .* but max_len leaves 0"):
        sample(model, start, 11)


def test_the_first_scores_of_a_gpt_are_of_size_one():
    assert 0.5 < make_gpt()(tokens(4, 8)).std() < 2


def test_a_gpt_learns_and_keeps_its_state():
    model, other, x = make_gpt(), make_gpt(seed=1), tokens(4, 9)
    loss = lambda: cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())
    before = loss()
    before.backward()
    for name, p in model.named_parameters():
        assert p.grad is not None and p.grad.abs().max() > 0, name
    torch.optim.SGD(model.parameters(), lr=0.05).step()
    assert loss() < before
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(x), model(x))


@pytest.mark.parametrize(("call", "told"), [
    (lambda: make()(torch.zeros(2, 3), tokens(2, 3)),
     "Transformer: source must be whole numbers (N, T), got (2, 3) of torch.float32"),
    (lambda: make()(tokens(2, 3)[0], tokens(2, 3)),
     "Transformer: source must be whole numbers (N, T), got (3,) of torch.int64"),
    (lambda: make()(tokens(2, 3), tokens(2, 13, 7)),
     "Transformer: target has 13 positions (2, 13), but max_len leaves 12"),
    (lambda: make_gpt()(tokens(2, 3)[0]), "GPT: x must be whole numbers (N, T), got (3,) of torch.int64"),
    (lambda: make_gpt()(tokens(2, 13)), "GPT: x has 13 positions (2, 13), but max_len leaves 12"),
    (lambda: Attention(16, 3), "Attention: nhead=3 must divide d_model=16"),
])
def test_what_does_not_fit_ends_in_one_sentence(call, told):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == told
