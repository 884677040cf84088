"""Two players: shapes, gradients, losses beside torch's own, steps that move one player only, what can go wrong."""

import copy
import doctest

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from dlcore import gan
from dlcore.gan import (
    ConvDiscriminator,
    ConvGenerator,
    Discriminator,
    Generator,
    critic_generator_loss,
    critic_step,
    discriminator_loss,
    discriminator_step,
    generator_loss,
    generator_step,
    gradient_penalty,
    small_start,
)

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


# ---- with convolutions, and a critic ----

def images(n=4, seed=1):
    return torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(seed)) * 2 - 1


CONVS = {
    "ConvGenerator": (lambda: ConvGenerator(6, 4), lambda: rows(6)),
    "ConvGenerator without norm": (lambda: ConvGenerator(6, 4, batch_norm=False), lambda: rows(6)),
    "ConvDiscriminator": (lambda: ConvDiscriminator(4), images),
    "critic": (lambda: ConvDiscriminator(4, batch_norm=False), images),
}
each_conv = pytest.mark.parametrize("name", CONVS)


def make_conv(name, seed=0):
    torch.manual_seed(seed)
    return CONVS[name][0]()


@pytest.mark.parametrize("n", [2, 5])
def test_noise_becomes_images_and_images_scores(n):
    made = make_conv("ConvGenerator")(rows(6, n))
    assert made.shape == (n, 1, 28, 28) and made.abs().max() <= 1
    assert make_conv("ConvDiscriminator")(images(n)).shape == make_conv("critic")(images(n)).shape == (n,)


@each_conv
def test_a_gradient_reaches_every_weight_of_the_convolutions(name):
    model, x = make_conv(name), CONVS[name][1]().requires_grad_()
    (model(x) ** 2).sum().backward()
    assert x.grad.abs().max() > 0
    assert all(p.grad.abs().max() > 0 for p in model.parameters() if p.ndim > 1)


@each_conv
def test_a_state_makes_an_equal_network(name):
    model, other, x = make_conv(name), make_conv(name, seed=1), CONVS[name][1]()
    assert not torch.equal(other(x), model(x))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other.eval()(x), model.eval()(x))


def test_a_critic_does_not_hear_of_the_other_images():
    x = images()
    torch.testing.assert_close(make_conv("critic")(x)[:2], make_conv("critic")(x[:2]))


def test_a_small_start():
    model = make_conv("ConvDiscriminator")
    assert small_start(model) is model
    assert 0.015 < model.layers[6].weight.std() < 0.025


def test_the_penalty_is_that_of_the_slope():
    real, fake = rows(3), rows(3, seed=2)
    for length in (0.0, 1.0, 2.5):
        slope = torch.tensor([0.6, 0.8, 0.0]) * length
        penalty = gradient_penalty(lambda x, slope=slope: x @ slope, real, fake)
        torch.testing.assert_close(penalty, torch.tensor((length - 1) ** 2))


def test_the_penalty_looks_only_between_its_pairs():
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.sum(1)

    real, fake = torch.zeros(50, 2), torch.tensor([1.0, 3.0]).expand(50, 2)
    gradient_penalty(critic, real, fake)
    share = seen[0][:, 0]
    assert share.min() >= 0 and share.max() <= 1 and share.std() > 0.1
    torch.testing.assert_close(seen[0][:, 1], 3 * share)


def test_the_penalty_has_a_gradient_for_the_weights():
    critic = make_conv("critic")
    gradient_penalty(critic, images(), images(seed=2)).backward()
    assert all(p.grad.abs().max() > 0 for p in critic.parameters() if p.ndim > 1)


def test_a_step_of_the_critic_lowers_its_loss_and_moves_it_alone():
    generator, critic = make_conv("ConvGenerator"), make_conv("critic")
    before = [copy.deepcopy(m.state_dict()) for m in (generator, critic)]
    real, fake = images(8), generator(rows(6))
    before[0] = copy.deepcopy(generator.state_dict())
    told = critic_step(critic, sgd(critic, 0.01), real, fake, weight=0.0)
    assert isinstance(told, float)
    assert (critic(real).mean() - critic(fake).mean()).item() > told
    assert is_as(generator, before[0]) and not is_as(critic, before[1])


def test_the_generator_lifts_the_score_of_a_critic():
    critic, (generator, _, _) = Discriminator(2, 16), players()
    z = rows(4, seed=2)
    told = generator_step(critic, sgd(generator), generator(z), critic_generator_loss)
    assert told == pytest.approx(-critic(players()[0](z)).mean().item())
    assert -critic(generator(z)).mean().item() < told


def test_wrong_shapes_end_in_one_sentence():
    with pytest.raises(ValueError, match=r"^ConvGenerator: x must be \(N, 6\), got \(2, 7\)$"):
        make_conv("ConvGenerator")(torch.zeros(2, 7))
    with pytest.raises(ValueError, match=r"^ConvDiscriminator: x must be images \(N, 1, 28, 28\), got \(2, 784\)"):
        make_conv("ConvDiscriminator")(torch.zeros(2, 784))
    with pytest.raises(ValueError, match=r"^gradient_penalty: real and fake must be of one shape, got \(2, 3\) and"):
        gradient_penalty(Discriminator(3, 4), torch.zeros(2, 3), torch.zeros(1, 3))
