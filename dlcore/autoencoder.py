"""Networks that rebuild their own input, in torch: squeezed through a few numbers z, cleaned of noise, or drawn anew.

All learn without labels: the target of a picture is the picture. mse_loss compares it with what comes back, and for
the VAE negative_elbo, which also asks the codes to be spread as a standard normal distribution is.
"""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from dlcore.vision import check_images


def check_rows(name, what, x, features):
    """ValueError unless x is a table of so many features."""
    if x.ndim < 1 or x.shape[-1] != features:
        raise ValueError(f"{name}: {what} must be (N, {features}), got {tuple(x.shape)}")


class Autoencoder(nn.Module):
    """x (N, D) from 0 to 1, through `latent` numbers z (N, Z), back to x (N, D): two layers in, two layers out.

    The encoder and the decoder can be called alone. Raises ValueError where x does not have D features.
    Paper: Hinton and Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural Networks,
    doi:10.1126/science.1127647 (there deeper, and pretrained layer by layer).

    >>> model = Autoencoder(784, 128, 16)
    >>> model.encoder(torch.zeros(5, 784)).shape, model(torch.zeros(5, 784)).shape
    (torch.Size([5, 16]), torch.Size([5, 784]))
    """

    def __init__(self, in_features, hidden, latent):
        super().__init__()
        self.encoder = nn.Sequential(                                   # (N, D)
            nn.Linear(in_features, hidden), nn.ReLU(),                  # (N, H)
            nn.Linear(hidden, latent),                                  # (N, Z)
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(),                       # (N, H)
            nn.Linear(hidden, in_features), nn.Sigmoid(),               # (N, D)
        )

    def forward(self, x):
        check_rows("Autoencoder", "x", x, self.encoder[0].in_features)
        return self.decoder(self.encoder(x))

    @torch.no_grad()
    def start_at(self, mean):
        """Set the last bias so that the output begins near the mean of the data (D,), as that of PCA does.

        Values at 0 or 1, which no sigmoid reaches, count as 0.001 and 0.999. Returns the model.
        Raises ValueError where `mean` is not (D,) or leaves the range from 0 to 1.
        """
        bias = self.decoder[2].bias
        if mean.shape != bias.shape or mean.min() < 0 or mean.max() > 1:
            raise ValueError(f"start_at: mean must be ({len(bias)},) with values from 0 to 1, got {tuple(mean.shape)} "
                             f"from {mean.min():g} to {mean.max():g}")
        bias.copy_(torch.logit(mean.clamp(0.001, 0.999)))
        return self


class DenoisingAutoencoder(nn.Module):
    """Noisy images (N, 1, 28, 28) to clean ones of the same shape, with 12,785 parameters.

    Its code, (N, 32, 7, 7), is wider than the image: the noise alone keeps it from copying. The output is linear;
    batch normalisation stands behind each other layer and brings its bias. Raises ValueError where the images have
    another shape, TypeError where their dtype is not that of the weights.
    Paper: Vincent et al. 2008, Extracting and Composing Robust Features with Denoising Autoencoders,
    doi:10.1145/1390156.1390294 (there with fully connected layers).

    >>> DenoisingAutoencoder()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 1, 28, 28])
    """

    def __init__(self):
        super().__init__()
        # Kernel 4, stride 2, padding 1: each layer halves or doubles the sides.
        self.encoder = nn.Sequential(                                                           # (N, 1, 28, 28)
            nn.Conv2d(1, 12, 4, 2, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU(),               # (N, 12, 14, 14)
            nn.Conv2d(12, 32, 4, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),              # (N, 32, 7, 7)
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(32, 12, 4, 2, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU(),     # (N, 12, 14, 14)
            nn.ConvTranspose2d(12, 1, 4, 2, 1),                                                 # (N, 1, 28, 28)
        )

    def forward(self, x):
        check_images("DenoisingAutoencoder", x, (1, 28, 28), self.encoder[0].weight)
        return self.decoder(self.encoder(x))


class VAE(nn.Module):
    """x (N, D) from 0 to 1 as a normal distribution over `latent` numbers z (N, Z), and a draw of it back.

    Gives three things: scores (N, D), whose sigmoid is the picture; mean and log_variance of the codes, (N, Z) each.
    Raises ValueError where x does not have D features, or z not Z numbers.
    Paper: Kingma and Welling 2013, Auto-Encoding Variational Bayes, arXiv:1312.6114.

    >>> scores, mean, log_variance = VAE(784, 128, 8)(torch.zeros(5, 784))
    >>> scores.shape, mean.shape, log_variance.shape
    (torch.Size([5, 784]), torch.Size([5, 8]), torch.Size([5, 8]))
    """

    def __init__(self, in_features, hidden, latent):
        super().__init__()
        self.encoder = nn.Sequential(                                   # (N, D)
            nn.Linear(in_features, hidden), nn.ReLU(),                  # (N, H)
            nn.Linear(hidden, 2 * latent),                              # (N, 2 Z)
        )
        self.decoder = nn.Sequential(                                   # (N, Z)
            nn.Linear(latent, hidden), nn.ReLU(),                       # (N, H)
            nn.Linear(hidden, in_features),                             # (N, D)
        )

    def forward(self, x):
        mean, log_variance = self.encode(x)                             # (N, Z) (N, Z)
        return self.decoder(draw(mean, log_variance)), mean, log_variance

    def encode(self, x):
        """Mean and log_variance of the codes of x (N, D).              # (N, Z) (N, Z)"""
        check_rows("VAE", "x", x, self.encoder[0].in_features)
        return self.encoder(x).chunk(2, dim=-1)

    def decode(self, z):
        """The pictures of the codes z (N, Z).                          # (N, D)"""
        check_rows("VAE.decode", "z", z, self.decoder[0].in_features)
        return torch.sigmoid(self.decoder(z))


def draw(mean, log_variance):
    """One z for each row of normal distributions, with a path for the gradient to both.    # (N, Z)"""
    return mean + torch.exp(log_variance / 2) * torch.randn_like(mean)


def kl_from_standard(mean, log_variance):
    """How far each normal distribution is from the standard one, KL(q | N(0, 1)), in nats.    # (N, Z)"""
    return (mean**2 + log_variance.exp() - 1 - log_variance) / 2


def elbo_terms(output, x):
    """The two terms of the negative ELBO of what a VAE gave for x (N, D), in nats.    # error (N,), kl (N,)

    The error adds up the pixels of a picture, and kl its latent numbers: a mean in place of one sum would change the
    weight of the one term against the other.
    """
    scores, mean, log_variance = output
    error = binary_cross_entropy_with_logits(scores, x, reduction="none").sum(-1)
    return error, kl_from_standard(mean, log_variance).sum(-1)


def negative_elbo(output, x, beta=1.0):
    """The mean over a batch of error + beta * kl; with beta = 1, a bound from above on -log p(x).

    Paper: Kingma and Welling 2013, arXiv:1312.6114; beta: Higgins et al. 2017, openreview.net/forum?id=Sy2fzU9gl.
    """
    error, kl = elbo_terms(output, x)
    return (error + beta * kl).mean()


# ---- how good are drawn examples? ----

def frechet_distance(a, b):
    """How far apart two normal distributions are that were fitted to features a (N, K) and b (M, K): 0 if equal.

    a and b are arrays of numpy. Raises ValueError where they have not the same K features.
    Paper: Heusel et al. 2017, arXiv:1706.08500, for generated images; the formula is Dowson and Landau's of 1982.

    >>> float(frechet_distance(np.array([[0.0], [2.0]]), np.array([[3.0], [9.0]])).round(6))
    33.0
    """
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"frechet_distance: a and b must be (N, K) and (M, K) with one K, got {a.shape} and {b.shape}")
    apart = ((a.mean(0) - b.mean(0)) ** 2).sum()
    ca, cb = np.atleast_2d(np.cov(a.T)), np.atleast_2d(np.cov(b.T))                    # (K, K)
    roots = np.sqrt(np.maximum(np.linalg.eigvals(ca @ cb).real, 0))
    return apart + np.trace(ca) + np.trace(cb) - 2 * roots.sum()
