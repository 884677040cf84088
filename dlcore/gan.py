"""Two players, in torch: a generator that makes examples, a discriminator that tells them from real ones.

The discriminator gives one score per example, above 0 for "real"; sigmoid(score) is the probability that it states.
"""

from torch import nn
from torch.nn.functional import softplus


def check_rows(name, x, features):
    """ValueError unless x is (N, features)."""
    if x.ndim != 2 or x.shape[1] != features:
        raise ValueError(f"{name}: x must be (N, {features}), got {tuple(x.shape)}")


class Generator(nn.Module):
    """Noise (N, latent) to examples (N, out_features): two hidden layers, with batch normalisation where asked for.

    Raises ValueError where the noise does not have `latent` columns.
    Paper: Goodfellow et al. 2014, Generative Adversarial Networks, arXiv:1406.2661; batch normalisation in the
    generator: Radford et al. 2015, arXiv:1511.06434.

    >>> import torch
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

    >>> import torch
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

    >>> import torch
    >>> discriminator_loss(torch.zeros(3), torch.zeros(3))
    tensor(1.3863)
    """
    return softplus(-real).mean() + softplus(fake).mean()           # softplus(-a) = -log sigmoid(a)


def generator_loss(fake):
    """The non-saturating loss of the scores (N,) of made examples: -log of the probability that they are real.

    >>> import torch
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


def generator_step(discriminator, optimizer, fake):
    """One update of the generator that made `fake`, through the discriminator, which stays; returns the loss."""
    loss = generator_loss(discriminator(fake))
    optimizer.zero_grad()
    loss.backward()             # leaves gradients in the discriminator too: its next step clears them
    optimizer.step()
    return loss.item()
