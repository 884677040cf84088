"""Networks that look at pictures, in torch: each one short enough to read in one sitting.

Images are (N, C, H, W), ink 1 on paper 0. Every model gives one score per class; cross_entropy takes the scores.
"""

import math

import torch
from torch import nn
from torch.nn.functional import relu


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


class AlexNet(nn.Module):
    """A small network in the manner of AlexNet: (N, 1, 28, 28) to scores (N, 10), most parameters in dense layers.

    As in 2012: ReLU, large kernels first, pools that overlap, and dropout before the dense layers; no batch norm yet.
    Raises ValueError where the images have another shape, TypeError where their dtype is not that of the weights.
    Paper: Krizhevsky, Sutskever and Hinton 2012, doi:10.1145/3065386.

    >>> import torch
    >>> AlexNet()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(self, width=16):
        super().__init__()
        self.features = nn.Sequential(                                                  # (N, 1, 28, 28)
            nn.Conv2d(1, width, 5, stride=2, padding=2), nn.ReLU(),                     # (N, w, 14, 14)
            nn.MaxPool2d(3, stride=2, padding=1),                                       # (N, w, 7, 7)
            nn.Conv2d(width, 2 * width, 5, padding=2), nn.ReLU(),                       # (N, 2w, 7, 7)
            nn.MaxPool2d(3, stride=2, padding=1),                                       # (N, 2w, 4, 4)
            nn.Conv2d(2 * width, 4 * width, 3, padding=1), nn.ReLU(),                   # (N, 4w, 4, 4)
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),                                                               # (N, 64w)
            nn.Dropout(), nn.Linear(64 * width, 128), nn.ReLU(),                        # (N, 128)
            nn.Dropout(), nn.Linear(128, 10),                                           # (N, 10)
        )

    def forward(self, x):
        check_images("AlexNet", x, (1, 28, 28), self.features[0].weight)
        return self.classifier(self.features(x))


# ---- blocks: (N, in_channels, H, W) to (N, out_channels, H / stride, W / stride), halves rounded up ----


def conv_norm(in_channels, out_channels, k=3, stride=1, groups=1, relu=True):
    """A convolution that keeps the size at stride 1, batch norm, and ReLU where it is wanted."""
    conv = nn.Conv2d(in_channels, out_channels, k, stride, padding=k // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels), nn.ReLU() if relu else nn.Identity())


def smaller(stride):
    """Maximum pooling that halves a picture at stride 2, nothing at stride 1."""
    return nn.MaxPool2d(2, ceil_mode=True) if stride == 2 else nn.Identity()


class VGG(nn.Sequential):
    """Small kernels, several in a row: two convolutions of 3 x 3 see as much as one of 5 x 5.

    Paper: Simonyan and Zisserman 2014, arXiv:1409.1556 (there without batch norm, which came later).

    >>> import torch
    >>> VGG(16, 32, stride=2)(torch.zeros(1, 16, 7, 7)).shape
    torch.Size([1, 32, 4, 4])
    """

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__(
            smaller(stride),
            conv_norm(in_channels, out_channels),
            conv_norm(out_channels, out_channels),
        )


class Inception(nn.Module):
    """Four looks at the same picture side by side: 1 x 1, 3 x 3, 5 x 5 and a pool, a quarter of the channels each.

    A convolution of 1 x 1 first makes the channels few, so that the larger kernels cost little.
    Raises ValueError where out_channels cannot be divided by four.
    Paper: Szegedy et al. 2014, Going Deeper with Convolutions, arXiv:1409.4842 (there without batch norm).

    >>> import torch
    >>> Inception(16, 32)(torch.zeros(1, 16, 7, 7)).shape
    torch.Size([1, 32, 7, 7])
    """

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        quarter, left = divmod(out_channels, 4)
        if left:
            raise ValueError(f"Inception: out_channels must be a multiple of 4, one share a branch, got {out_channels}")
        self.smaller = smaller(stride)
        self.branches = nn.ModuleList([
            conv_norm(in_channels, quarter, 1),
            nn.Sequential(conv_norm(in_channels, quarter, 1), conv_norm(quarter, quarter, 3)),
            nn.Sequential(conv_norm(in_channels, quarter, 1), conv_norm(quarter, quarter, 5)),
            nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv_norm(in_channels, quarter, 1)),
        ])

    def forward(self, x):
        x = self.smaller(x)
        return torch.cat([branch(x) for branch in self.branches], dim=1)                # channels side by side


class Plain(nn.Module):
    """Two convolutions in a row, relu(f(x)): a residual block without its shortcut, for comparison.

    >>> import torch
    >>> Plain(8, 16, stride=2)(torch.zeros(1, 8, 7, 7)).shape
    torch.Size([1, 16, 4, 4])
    """

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.f = nn.Sequential(
            conv_norm(in_channels, out_channels, stride=stride),
            conv_norm(out_channels, out_channels, relu=False),
        )

    def forward(self, x):
        return relu(self.f(x))


class Residual(Plain):
    """relu(x + f(x)): what the block learns is a change of its input, and doing nothing is easy.

    Where the shape changes, a convolution of 1 x 1 on the shortcut makes the two fit.
    Paper: He, Zhang, Ren and Sun 2015, Deep Residual Learning for Image Recognition, arXiv:1512.03385.

    >>> import torch
    >>> Residual(8, 16, stride=2)(torch.zeros(1, 8, 7, 7)).shape
    torch.Size([1, 16, 4, 4])
    """

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__(in_channels, out_channels, stride)
        fits = in_channels == out_channels and stride == 1
        self.shortcut = nn.Identity() if fits else conv_norm(in_channels, out_channels, 1, stride, relu=False)

    def forward(self, x):
        return relu(self.shortcut(x) + self.f(x))


class Separable(nn.Sequential):
    """Twice: one kernel for each channel alone (depthwise), then a mix of the channels at each place (1 x 1).

    Paper: Howard et al. 2017, MobileNets, arXiv:1704.04861.

    >>> import torch
    >>> Separable(16, 32, stride=2)(torch.zeros(1, 16, 7, 7)).shape
    torch.Size([1, 32, 4, 4])
    """

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__(
            conv_norm(in_channels, in_channels, stride=stride, groups=in_channels),
            conv_norm(in_channels, out_channels, 1),
            conv_norm(out_channels, out_channels, groups=out_channels),
            conv_norm(out_channels, out_channels, 1),
        )


# ---- one frame for all blocks ----


class BlockNet(nn.Module):
    """Three blocks of one kind in the same frame: (N, 1, 28, 28) to scores (N, 10).

    A stem makes the picture small, each map is then averaged to one number, and one dense layer reads these.
    Raises ValueError where the images have another shape, TypeError where their dtype is not that of the weights.

    >>> import torch
    >>> BlockNet(VGG)(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(self, block, width=16):
        super().__init__()
        self.features = nn.Sequential(                                                  # (N, 1, 28, 28)
            conv_norm(1, width, 5, stride=2), smaller(2),                               # (N, w, 7, 7)
            block(width, width),                                                        # (N, w, 7, 7)
            block(width, 2 * width, stride=2),                                          # (N, 2w, 4, 4)
            block(2 * width, 4 * width),                                                # (N, 4w, 4, 4)
            nn.AdaptiveAvgPool2d(1), nn.Flatten(),                                      # (N, 4w)
        )
        self.classifier = nn.Linear(4 * width, 10)                                      # (N, 10)

    def forward(self, x):
        check_images(type(self).__name__, x, (1, 28, 28), self.classifier.weight)
        return self.classifier(self.features(x))


class ResNet8(BlockNet):
    """A small residual network: a stem, three residual blocks of two convolutions each, and a dense layer.

    Paper: He, Zhang, Ren and Sun 2015, arXiv:1512.03385.

    >>> import torch
    >>> ResNet8()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(self, width=16):
        super().__init__(Residual, width)


def check_images(name, x, shape, weight):
    """ValueError unless x is (N, *shape), TypeError unless its dtype is that of the weights."""
    if tuple(x.shape[1:]) != shape:
        wanted = ", ".join(map(str, shape))
        fits = x.ndim <= len(shape) and x.numel() > 0 and x.numel() % math.prod(shape) == 0
        cure = f"; use x.reshape(-1, {wanted})" if fits else ""
        raise ValueError(f"{name}: x must be images (N, {wanted}), got {tuple(x.shape)}{cure}")
    if x.dtype != weight.dtype:
        raise TypeError(f"{name}: x is {x.dtype} but the weights are {weight.dtype}; use x.to({weight.dtype})")
