"""Networks that rebuild their own input, in torch: squeezed through a few numbers z, or cleaned of noise.

Both learn without labels: the target of a picture is the picture. mse_loss compares it with what comes back.
"""

import torch
from torch import nn

from dlcore.vision import check_images


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
        features = self.encoder[0].in_features
        if x.ndim < 1 or x.shape[-1] != features:
            raise ValueError(f"Autoencoder: x must be (N, {features}), got {tuple(x.shape)}")
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
