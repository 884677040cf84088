"""Autoencoders: shapes, gradients, one step, the state, the start, the two terms, what a caller can get wrong."""

import doctest

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch.nn.functional import mse_loss

from dlcore import autoencoder, layer
from dlcore.autoencoder import (
    VAE,
    Autoencoder,
    DenoisingAutoencoder,
    draw,
    elbo_terms,
    frechet_distance,
    kl_from_standard,
    negative_elbo,
)
from dlcore.module import Sequential


def rows(n=8):
    return torch.rand(n, 64, generator=torch.Generator().manual_seed(1))


def images(n=8):
    return torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(1))


MAKERS = {"Autoencoder": (lambda: Autoencoder(64, 32, 5), rows), "DenoisingAutoencoder": (DenoisingAutoencoder, images)}
each_model = pytest.mark.parametrize("name", MAKERS)


def make(name, seed=0):
    torch.manual_seed(seed)
    return MAKERS[name][0]()


def test_examples():
    assert doctest.testmod(autoencoder).failed == 0


@each_model
@pytest.mark.parametrize("n", [1, 3])
def test_what_goes_in_comes_out(name, n):
    x = MAKERS[name][1](n)
    assert make(name).eval()(x).shape == x.shape


def test_the_code_has_the_latent_numbers_and_the_output_is_a_share_of_ink():
    model = make("Autoencoder")
    assert model.encoder(rows(3)).shape == (3, 5)
    made = model(100 * rows(3))
    assert made.min() >= 0 and made.max() <= 1


def test_the_parameters_are_counted():
    counts = [p.numel() for p in make("Autoencoder").parameters()]
    assert counts == [64 * 32, 32, 32 * 5, 5, 5 * 32, 32, 32 * 64, 64]
    assert sum(p.numel() for p in make("DenoisingAutoencoder").parameters()) == 12_785


def test_the_code_of_the_denoiser_is_wider_than_the_image():
    assert make("DenoisingAutoencoder").encoder(images(2)).shape == (2, 32, 7, 7)


@each_model
def test_a_gradient_reaches_every_parameter_and_the_input(name):
    model, x = make(name), MAKERS[name][1]().requires_grad_()
    mse_loss(model(x), torch.zeros_like(x)).backward()
    for part, p in [*model.named_parameters(), ("x", x)]:
        assert p.grad is not None and p.grad.abs().max() > 0, part


@each_model
def test_one_step_lowers_the_loss(name):
    model, x = make(name), MAKERS[name][1]()
    before = mse_loss(model(x), x)
    before.backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    assert mse_loss(model(x), x) < before


@each_model
def test_a_state_makes_an_equal_model(name):
    model, other, x = make(name), make(name, seed=1), MAKERS[name][1]()
    assert not torch.equal(other(x), model(x))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other.eval()(x), model.eval()(x))


def test_equal_to_the_same_layers_of_dlcore():
    model = make("Autoencoder")
    mine = Sequential(layer.Linear(64, 32), layer.ReLU(), layer.Linear(32, 5), layer.Linear(5, 32), layer.ReLU(),
                      layer.Linear(32, 64), layer.Sigmoid())
    mine.load_state_dict(dict(zip(mine.state_dict(), model.state_dict().values(), strict=True)))
    torch.testing.assert_close(torch.tensor(mine(rows().numpy()).data), model(rows()), rtol=1e-5, atol=1e-6)


def test_it_starts_at_the_mean():
    model, x = make("Autoencoder"), rows()
    mean = x.mean(0)
    far = mse_loss(model(x), mean.expand_as(x))
    assert model.start_at(mean) is model
    assert mse_loss(model(x), mean.expand_as(x)) < far / 2
    with torch.no_grad():
        model.decoder[2].weight.zero_()
    torch.testing.assert_close(model(x)[0], mean)


def test_pixels_that_are_always_0_or_1_start_finite():
    model = make("Autoencoder").start_at(torch.tensor([0.0, 1.0] * 32))
    assert model.decoder[2].bias.isfinite().all()


@pytest.mark.parametrize("mean, told", [
    (torch.full((63,), 0.5), r"got (63,) from 0.5 to 0.5"),
    (torch.full((64,), 255.0), r"got (64,) from 255 to 255"),
    (torch.full((64,), -0.1), r"got (64,) from -0.1 to -0.1"),
])
def test_a_mean_that_does_not_fit_ends_in_one_sentence(mean, told):
    with pytest.raises(ValueError) as error:
        make("Autoencoder").start_at(mean)
    assert str(error.value) == f"start_at: mean must be (64,) with values from 0 to 1, {told}"


@pytest.mark.parametrize("x, got", [(torch.zeros(2, 8, 8), "(2, 8, 8)"), (torch.zeros(2, 65), "(2, 65)"),
                                    (torch.tensor(1.0), "()")])
def test_a_wrong_shape_ends_in_one_sentence(x, got):
    with pytest.raises(ValueError) as error:
        make("Autoencoder")(x)
    assert str(error.value) == f"Autoencoder: x must be (N, 64), got {got}"


def test_wrong_images_end_in_one_sentence():
    with pytest.raises(ValueError) as error:
        make("DenoisingAutoencoder")(torch.zeros(2, 784))
    assert str(error.value) == ("DenoisingAutoencoder: x must be images (N, 1, 28, 28), got (2, 784); "
                                "use x.reshape(-1, 1, 28, 28)")


# ---- the variational autoencoder ----

def vae(seed=0):
    torch.manual_seed(seed)
    return VAE(64, 32, 5)


def test_a_vae_gives_scores_and_a_distribution_for_each_row():
    scores, mean, log_variance = vae()(rows(3))
    assert scores.shape == (3, 64) and mean.shape == log_variance.shape == (3, 5)
    made = vae().decode(100 * mean)
    assert made.shape == (3, 64) and made.min() >= 0 and made.max() <= 1


def test_two_calls_draw_two_codes_for_one_distribution():
    model, x = vae(), rows()
    (first, mean, _), (second, again, _) = model(x), model(x)
    assert torch.equal(mean, again) and not torch.equal(first, second)


def test_a_draw_has_the_mean_and_the_spread_that_were_asked_for():
    torch.manual_seed(0)
    z = draw(torch.tensor([-1.0, 3.0]).expand(40_000, 2), torch.tensor([0.0, -2.0]).expand(40_000, 2))
    torch.testing.assert_close(z.mean(0), torch.tensor([-1.0, 3.0]), rtol=0, atol=0.03)
    torch.testing.assert_close(z.std(0), torch.tensor([0.0, -2.0]).div(2).exp(), rtol=0.03, atol=0)


def test_the_divergence_is_that_of_torch():
    mean, log_variance = 3 * rows() - 1, 4 * rows().flip(0) - 2
    mine = torch.distributions.Normal(mean, torch.exp(log_variance / 2))
    theirs = torch.distributions.kl_divergence(mine, torch.distributions.Normal(0.0, 1.0))
    torch.testing.assert_close(kl_from_standard(mean, log_variance), theirs)
    assert kl_from_standard(torch.zeros(2), torch.zeros(2)).tolist() == [0, 0]


def test_both_terms_are_sums_over_a_picture_and_the_loss_their_mean():
    x, scores = rows(2), torch.zeros(2, 64)
    output = scores, torch.ones(2, 5), torch.zeros(2, 5)
    error, kl = elbo_terms(output, x)
    torch.testing.assert_close(error, torch.full((2,), 64 * torch.log(torch.tensor(2.0)).item()))
    torch.testing.assert_close(kl, torch.full((2,), 2.5))
    torch.testing.assert_close(negative_elbo(output, x, beta=4), error.mean() + 10)


def test_a_gradient_reaches_every_parameter_of_a_vae():
    model = vae()
    negative_elbo(model(rows()), rows()).backward()
    for name, p in model.named_parameters():
        assert p.grad is not None and p.grad.abs().max() > 0, name


def test_steps_lower_the_loss_of_a_vae():
    model, x = vae(), rows()
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(50):
        adam.zero_grad()
        losses.append(negative_elbo(model(x), x))
        losses[-1].backward()
        adam.step()
    assert losses[-1] < losses[0] - 1


def test_a_state_makes_an_equal_vae():
    model, other, x = vae(), vae(seed=1), rows()
    other.load_state_dict(model.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(model.encode(x), other.encode(x), strict=True))
    assert torch.equal(model.decode(torch.ones(2, 5)), other.decode(torch.ones(2, 5)))


@pytest.mark.parametrize("call, told", [
    (lambda: vae()(torch.zeros(2, 8, 8)), "VAE: x must be (N, 64), got (2, 8, 8)"),
    (lambda: vae().encode(torch.zeros(2, 65)), "VAE: x must be (N, 64), got (2, 65)"),
    (lambda: vae().decode(torch.zeros(2, 64)), "VAE.decode: z must be (N, 5), got (2, 64)"),
])
def test_what_does_not_fit_a_vae_ends_in_one_sentence(call, told):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == told


def test_the_frechet_distance_is_that_of_scipys_matrix_root():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, (50, 4)), rng.normal(1, 2, (60, 4)) @ rng.normal(size=(4, 4))
    ca, cb = np.cov(a.T), np.cov(b.T)
    wanted = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca + cb - 2 * sqrtm(ca @ cb).real)
    np.testing.assert_allclose(frechet_distance(a, b), wanted, rtol=1e-8)
    np.testing.assert_allclose(frechet_distance(a, a), 0, atol=1e-8)
    with pytest.raises(ValueError, match=r"^frechet_distance: .* got \(50, 4\) and \(60, 3\)$"):
        frechet_distance(a, b[:, :3])
