"""Two players: shapes, gradients, losses beside torch's own, steps that move one player only, what can go wrong."""

import copy
import doctest

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from dlcore import gan
from dlcore.gan import Discriminator, Generator, discriminator_loss, discriminator_step, generator_loss, generator_step

MAKERS = {
    "Generator": (lambda: Generator(4, 16, 2), 4),
    "Generator with norm": (lambda: Generator(4, 16, 2, batch_norm=True), 4),
    "Discriminator": (lambda: Discriminator(2, 16), 2),
}
each_player = pytest.mark.parametrize("name", MAKERS)


def make(name, seed=0):
    torch.manual_seed(seed)
    return MAKERS[name][0]()


def rows(features, n=8, seed=1):
    return torch.randn(n, features, generator=torch.Generator().manual_seed(seed))


def sgd(model, lr=0.1):
    return torch.optim.SGD(model.parameters(), lr=lr)


def test_examples():
    assert doctest.testmod(gan).failed == 0


@pytest.mark.parametrize("n", [2, 7])
def test_noise_becomes_examples_and_examples_scores(n):
    assert make("Generator")(rows(4, n)).shape == (n, 2)
    assert make("Generator with norm")(rows(4, n)).shape == (n, 2)
    assert make("Discriminator")(rows(2, n)).shape == (n,)


@each_player
def test_a_gradient_reaches_every_weight_and_the_input(name):
    model, x = make(name), rows(MAKERS[name][1]).requires_grad_()
    (model(x) ** 2).sum().backward()
    assert x.grad.abs().max() > 0
    assert all(p.grad is not None for p in model.parameters())
    assert all(p.grad.abs().max() > 0 for p in model.parameters() if p.ndim == 2)


@each_player
def test_a_state_makes_an_equal_player(name):
    model, other, x = make(name), make(name, seed=1), rows(MAKERS[name][1])
    assert not torch.equal(other(x), model(x))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other.eval()(x), model.eval()(x))


def test_only_the_one_with_norm_hears_of_the_other_rows():
    x = rows(4)
    for name, alone in (("Generator", True), ("Generator with norm", False)):
        model = make(name)
        assert torch.allclose(model(x)[:4], model(x[:4]), atol=1e-6) is alone


def test_the_losses_are_cross_entropies():
    real, fake = 5 * rows(1).squeeze(1), 5 * rows(1, seed=2).squeeze(1)
    ones, zeros = torch.ones(8), torch.zeros(8)
    bce = binary_cross_entropy_with_logits
    torch.testing.assert_close(discriminator_loss(real, fake), bce(real, ones) + bce(fake, zeros))
    torch.testing.assert_close(generator_loss(fake), bce(fake, ones))


def test_the_losses_bear_large_scores():
    assert discriminator_loss(torch.tensor([-1e4]), torch.tensor([1e4])) == 2e4
    assert generator_loss(torch.tensor([-1e4])) == 1e4


def players():
    generator, discriminator = make("Generator"), make("Discriminator")
    return generator, discriminator, [copy.deepcopy(m.state_dict()) for m in (generator, discriminator)]


def is_as(model, state):
    return all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), state.values(), strict=True))


def test_a_step_of_the_discriminator_lowers_its_loss_and_moves_it_alone():
    generator, discriminator, before = players()
    real, z = rows(2) + 3, rows(4, seed=2)
    told = discriminator_step(discriminator, sgd(discriminator), real, generator(z))
    assert isinstance(told, float)
    assert discriminator_loss(discriminator(real), discriminator(generator(z))).item() < told
    assert is_as(generator, before[0]) and not is_as(discriminator, before[1])
    assert all(p.grad is None for p in generator.parameters())


def test_a_step_of_the_generator_lowers_its_loss_and_moves_it_alone():
    generator, discriminator, before = players()
    z = rows(4, seed=2)
    told = generator_step(discriminator, sgd(generator), generator(z))
    assert generator_loss(discriminator(generator(z))).item() < told
    assert not is_as(generator, before[0]) and is_as(discriminator, before[1])


def test_what_the_generator_leaves_behind_does_not_move_the_discriminator():
    generator, discriminator, before = players()
    real, z = rows(2) + 3, rows(4, seed=2)
    twin = copy.deepcopy(discriminator)
    generator_step(discriminator, sgd(generator, lr=0.0), generator(z))
    for player in (discriminator, twin):
        discriminator_step(player, sgd(player), real, generator(z))
    assert is_as(discriminator, twin.state_dict())


@pytest.mark.parametrize("name, x, told", [
    ("Generator", torch.zeros(2, 5), "Generator: x must be (N, 4), got (2, 5)"),
    ("Generator", torch.zeros(4), "Generator: x must be (N, 4), got (4,)"),
    ("Discriminator", torch.zeros(2, 1, 2), "Discriminator: x must be (N, 2), got (2, 1, 2)"),
])
def test_a_wrong_shape_ends_in_one_sentence(name, x, told):
    with pytest.raises(ValueError) as error:
        make(name)(x)
    assert str(error.value) == told
