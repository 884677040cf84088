"""Two players, in torch: a generator that makes examples, a discriminator that tells them from real ones.

The discriminator gives one score per example, above 0 for "real"; sigmoid(score) is the probability that it states.
A critic gives a score too, but no probability: its means for real and for made examples measure their distance.
"""

import torch
from torch import nn
from torch.nn.functional import softplus

from dlcore.vision import check_images


def check_rows(name, x, features):
    """ValueError unless x is (N, features)."""
    if x.ndim != 2 or x.shape[1] != features:
        raise ValueError(f"{name}: x must be (N, {features}), got {tuple(x.shape)}")


class Generator(nn.Module):
    """Noise (N, latent) to examples (N, out_features): two hidden layers, with batch normalisation where asked for.

    Raises ValueError where the noise does not have `latent` columns.
    Paper: Goodfellow et al. 2014, Generative Adversarial Networks, arXiv:1406.2661; batch normalisation in the
    generator: Radford et al. 2015, arXiv:1511.06434.

    >>> Generator(4, 32, 2)(torch.randn(5, 4)).shape
    torch.Size([5, 2])
    """

    def __init__(self, latent, hidden, out_features, batch_norm=False):
        super().__init__()
        self.latent = latent

        def norm():
            return nn.BatchNorm1d(hidden) if batch_norm else nn.Identity()

        self.layers = nn.Sequential(                                # (N, Z)
            nn.Linear(latent, hidden), norm(), nn.ReLU(),           # (N, H)
            nn.Linear(hidden, hidden), norm(), nn.ReLU(),           # (N, H)
            nn.Linear(hidden, out_features),                        # (N, D)
        )

    def forward(self, x):
        check_rows("Generator", x, self.latent)
        return self.layers(x)


class Discriminator(nn.Module):
    """Examples (N, in_features) to scores (N,): high for real, low for made.

    Raises ValueError where the examples do not have `in_features` columns.
    Paper: Goodfellow et al. 2014, Generative Adversarial Networks, arXiv:1406.2661.

    >>> Discriminator(2, 32)(torch.zeros(5, 2)).shape
    torch.Size([5])
    """

    def __init__(self, in_features, hidden):
        super().__init__()
        self.in_features = in_features
        self.layers = nn.Sequential(                                # (N, D)
            nn.Linear(in_features, hidden), nn.LeakyReLU(0.2),      # (N, H)
            nn.Linear(hidden, hidden), nn.LeakyReLU(0.2),           # (N, H)
            nn.Linear(hidden, 1),                                   # (N, 1)
        )

    def forward(self, x):
        check_rows("Discriminator", x, self.in_features)
        return self.layers(x).squeeze(1)                            # (N,)


def discriminator_loss(real, fake):
    """Binary cross-entropy of the scores (N,) of real examples, target 1, and of made ones, target 0, added up.

    Its smallest value against a perfect generator is 2 log 2: every score 0.

    >>> discriminator_loss(torch.zeros(3), torch.zeros(3))
    tensor(1.3863)
    """
    return softplus(-real).mean() + softplus(fake).mean()           # softplus(-a) = -log sigmoid(a)


def generator_loss(fake):
    """The non-saturating loss of the scores (N,) of made examples: -log of the probability that they are real.

    >>> generator_loss(torch.zeros(3))
    tensor(0.6931)
    """
    return softplus(-fake).mean()


def discriminator_step(discriminator, optimizer, real, fake):
    """One update of the discriminator alone; returns its loss before the update, a float."""
    loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def generator_step(discriminator, optimizer, fake, loss=generator_loss):
    """One update of the generator that made `fake`, through the discriminator, which stays; returns the loss."""
    told = loss(discriminator(fake))
    optimizer.zero_grad()
    told.backward()             # leaves gradients in the discriminator too: its next step clears them
    optimizer.step()
    return told.item()


# ---- with convolutions ----

def small_start(model, spread=0.02):
    """Draw every weight of the convolutions and of Linear from N(0, spread²), as DCGAN does; returns the model."""
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(layer.weight, 0, spread)
    return model


class ConvGenerator(nn.Module):
    """Noise (N, latent) to images (N, 1, 28, 28) from -1 to 1: the DCGAN generator at the size of a digit.

    Raises ValueError where the noise does not have `latent` columns.
    Paper: Radford, Metz and Chintala 2015, Unsupervised Representation Learning with Deep Convolutional Generative
    Adversarial Networks, arXiv:1511.06434 (there for images of 64 x 64 pixels).

    >>> ConvGenerator(16, 8)(torch.randn(2, 16)).shape
    torch.Size([2, 1, 28, 28])
    """

    def __init__(self, latent, channels, batch_norm=True):
        super().__init__()
        self.latent = latent
        norm = nn.BatchNorm2d if batch_norm else nn.Identity
        # Kernel 4, stride 2, padding 1: each transposed convolution doubles the sides.
        self.layers = nn.Sequential(                                                    # (N, Z)
            nn.Linear(latent, 2 * channels * 49), nn.Unflatten(1, (2 * channels, 7, 7)),
            norm(2 * channels), nn.ReLU(),                                              # (N, 2C, 7, 7)
            nn.ConvTranspose2d(2 * channels, channels, 4, 2, 1),
            norm(channels), nn.ReLU(),                                                  # (N, C, 14, 14)
            nn.ConvTranspose2d(channels, 1, 4, 2, 1), nn.Tanh(),                        # (N, 1, 28, 28)
        )

    def forward(self, x):
        check_rows("ConvGenerator", x, self.latent)
        return self.layers(x)


class ConvDiscriminator(nn.Module):
    """Images (N, 1, 28, 28) to scores (N,): strides in place of pooling, no hidden fully connected layer.

    Without batch_norm it serves as a critic: a penalty on the slope at one example needs a score that does not
    depend on the other examples of the batch. Raises ValueError where the images have another shape.
    Paper: Radford, Metz and Chintala 2015, arXiv:1511.06434; as a critic: Gulrajani et al. 2017, arXiv:1704.00028.

    >>> ConvDiscriminator(8)(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2])
    """

    def __init__(self, channels, batch_norm=True):
        super().__init__()
        norm = nn.BatchNorm2d if batch_norm else nn.Identity
        self.layers = nn.Sequential(                                                    # (N, 1, 28, 28)
            nn.Conv2d(1, channels, 4, 2, 1), nn.LeakyReLU(0.2),                         # (N, C, 14, 14)
            nn.Conv2d(channels, 2 * channels, 4, 2, 1), norm(2 * channels), nn.LeakyReLU(0.2),     # (N, 2C, 7, 7)
            nn.Flatten(), nn.Linear(2 * channels * 49, 1),                              # (N, 1)
        )

    def forward(self, x):
        check_images("ConvDiscriminator", x, (1, 28, 28), self.layers[0].weight)
        return self.layers(x).squeeze(1)                                                # (N,)


# ---- a critic ----

def critic_generator_loss(fake):
    """The loss of a generator against a critic: minus the mean score (N,) of what it made."""
    return -fake.mean()


def gradient_penalty(critic, real, fake):
    """The mean of (length of the critic's gradient - 1)², at random places between pairs of real and made examples.

    real, fake: (N, ...), of one shape. Raises ValueError where the shapes differ.
    Paper: Gulrajani et al. 2017, Improved Training of Wasserstein GANs, arXiv:1704.00028.

    >>> gradient_penalty(lambda x: 3 * x[:, 0], torch.zeros(4, 2), torch.ones(4, 2))
    tensor(4.)
    """
    if real.shape != fake.shape:
        raise ValueError(f"gradient_penalty: real and fake must be of one shape, got {tuple(real.shape)} and "
                         f"{tuple(fake.shape)}")
    share = torch.rand(len(real), *[1] * (real.ndim - 1))                               # (N, 1, ...)
    between = (share * real + (1 - share) * fake).detach().requires_grad_()             # (N, ...)
    slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)     # (N, ...)
    return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()


def critic_step(critic, optimizer, real, fake, weight=10.0):
    """One update of the critic alone; returns the distance that it measured before the update, a float."""
    fake = fake.detach()
    distance = critic(real).mean() - critic(fake).mean()
    loss = weight * gradient_penalty(critic, real, fake) - distance
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return distance.item()
