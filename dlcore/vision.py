"""Networks that look at pictures, in torch: each one short enough to read in one sitting.

Images are (N, C, H, W), ink 1 on paper 0. Every model gives one score per class; cross_entropy takes the scores.
"""

import math

from torch import nn


class LeNet(nn.Module):
    """LeNet-5 as it is built today, for digits: (N, 1, 28, 28) to scores (N, 10), with 61,706 parameters.

    The layers are those of 1998 (C1, S2, C3, S4, C5, F6, output) with ReLU for tanh, maximum for weighted subsampling,
    all maps joined to all, and scores for the distances of the output. Raises ValueError where the images have
    another shape, TypeError where their dtype is not that of the weights.
    Paper: LeCun et al. 1998, Gradient-Based Learning Applied to Document Recognition, doi:10.1109/5.726791.

    >>> import torch
    >>> LeNet()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(                              # (N, 1, 28, 28)
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(),               # (N, 6, 28, 28)
            nn.MaxPool2d(2),                                        # (N, 6, 14, 14)
            nn.Conv2d(6, 16, 5), nn.ReLU(),                         # (N, 16, 10, 10)
            nn.MaxPool2d(2),                                        # (N, 16, 5, 5)
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),                                           # (N, 400)
            nn.Linear(400, 120), nn.ReLU(),                         # (N, 120)
            nn.Linear(120, 84), nn.ReLU(),                          # (N, 84)
            nn.Linear(84, 10),                                      # (N, 10)
        )

    def forward(self, x):
        check_images("LeNet", x, (1, 28, 28), self.features[0].weight)
        return self.classifier(self.features(x))


def check_images(name, x, shape, weight):
    """ValueError unless x is (N, *shape), TypeError unless its dtype is that of the weights."""
    if tuple(x.shape[1:]) != shape:
        wanted = ", ".join(map(str, shape))
        fits = x.ndim <= len(shape) and x.numel() > 0 and x.numel() % math.prod(shape) == 0
        cure = f"; use x.reshape(-1, {wanted})" if fits else ""
        raise ValueError(f"{name}: x must be images (N, {wanted}), got {tuple(x.shape)}{cure}")
    if x.dtype != weight.dtype:
        raise TypeError(f"{name}: x is {x.dtype} but the weights are {weight.dtype}; use x.to({weight.dtype})")
