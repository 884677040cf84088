"""What is measured: each piece of work once, for dlcore and torch alike, since their names are the same.

A work is a model, the shapes of its input and weights, and what is done with them: either a whole training step
(forward, cross-entropy, backward, SGD) or forward and backward, from a given gradient to all weights and the input.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LR = 0.01


@dataclass(frozen=True)
class Work:
    """`model` makes the model from a library's layers; `out` is its output's shape, (N, K) for a training step."""

    kind: str
    model: Callable
    x: tuple
    out: tuple
    weights: dict
    trains: bool = False

    def arrays(self):
        """x, y and {name: weight} in float32, the same in every process; y: class numbers, or the gradient of out."""
        rng = np.random.default_rng(0)
        x = rng.normal(size=self.x).astype(np.float32)
        weights = {name: rng.normal(0, 0.1, shape).astype(np.float32) for name, shape in self.weights.items()}
        y = rng.integers(0, self.out[1], self.out[0]) if self.trains else rng.normal(size=self.out).astype(np.float32)
        return x, y, weights


def mlp(batch=64):
    """Three layers, 64-128-64-10: a training step."""
    sizes = ((128, 64), (64, 128), (10, 64))
    weights = {f"{2 * i}.{name}": shape for i, (o, n) in enumerate(sizes)
               for name, shape in (("weight", (o, n)), ("bias", (o,)))}
    return Work("mlp", lambda nn: nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(),
                                                nn.Linear(64, 10)), (batch, 64), (batch, 10), weights, trains=True)


def conv2d(size=28):
    """Sixteen kernels of 3 x 3 over eight channels, with padding 1."""
    return Work("conv2d", lambda nn: nn.Conv2d(8, 16, 3, padding=1), (32, 8, size, size), (32, 16, size, size),
                {"weight": (16, 8, 3, 3), "bias": (16,)})


def lenet(batch=64):
    """LeNet-5 for 28 x 28, with ReLU and max-pooling: a training step."""
    weights = {"0.weight": (6, 1, 5, 5), "0.bias": (6,), "3.weight": (16, 6, 5, 5), "3.bias": (16,),
               "7.weight": (120, 400), "7.bias": (120,), "9.weight": (84, 120), "9.bias": (84,),
               "11.weight": (10, 84), "11.bias": (10,)}
    return Work("lenet", lambda nn: nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
        (batch, 1, 28, 28), (batch, 10), weights, trains=True)


def max_pool():
    """The largest of each 2 x 2."""
    return Work("max_pool", lambda nn: nn.MaxPool2d(2), (32, 16, 28, 28), (32, 16, 14, 14), {})


def gated(kind, gates, length):
    """A recurrent layer with 32 inputs and 64 states, batch 32."""
    weights = {"weight_ih_l0": (gates * 64, 32), "weight_hh_l0": (gates * 64, 64), "bias_ih_l0": (gates * 64,),
               "bias_hh_l0": (gates * 64,)}
    return Work(kind, lambda nn: getattr(nn, kind.upper())(32, 64), (length, 32, 32), (length, 32, 64), weights)


def lstm(length=50):
    """An LSTM over a sequence."""
    return gated("lstm", 4, length)


def gru(length=50):
    """A GRU over a sequence."""
    return gated("gru", 3, length)


def block(length=64, approximate="none"):
    """An encoder block: width 64, 4 heads, a network of width 256 with GELU, exact or by tanh, batch 16."""
    d, f = 64, 256
    weights = {"self_attn.in_proj_weight": (3 * d, d), "self_attn.in_proj_bias": (3 * d,),
               "self_attn.out_proj.weight": (d, d), "self_attn.out_proj.bias": (d,), "linear1.weight": (f, d),
               "linear1.bias": (f,), "linear2.weight": (d, f), "linear2.bias": (d,), "norm1.weight": (d,),
               "norm1.bias": (d,), "norm2.weight": (d,), "norm2.bias": (d,)}
    kind = "block" if approximate == "none" else f"{approximate}_block"
    return Work(kind, lambda nn: nn.TransformerEncoderLayer(d, 4, f, dropout=0.0, batch_first=True,
                                                            activation=nn.GELU(approximate=approximate)),
                (16, length, d), (16, length, d), weights)


def moons():
    """micrograd's demo; `scalar` has its points and its model."""
    return Work("moons", None, (100, 2), (100,), {})


WORKS = {f.__name__: f for f in (mlp, conv2d, lenet, max_pool, lstm, gru, block, moons)}

# (what the table says, which work, its sizes, at most this many times torch's time)
ROWS = [
    ("MLP 64-128-64-10, step, batch 64", "mlp", {"batch": 64}, 0.5),
    ("MLP 64-128-64-10, step, batch 512", "mlp", {"batch": 512}, 0.8),
    ("conv2d (32, 8, 28, 28), 16 of 3 x 3", "conv2d", {}, 1.25),
    ("LeNet-5, step, batch 64", "lenet", {}, 1.0),
    ("max-pool 2 x 2 of (32, 16, 28, 28)", "max_pool", {}, 0.4),
    ("LSTM 32-64, length 50, batch 32", "lstm", {}, 1.4),
    ("GRU 32-64, length 50, batch 32", "gru", {}, 0.6),
    ("transformer block, exact GELU", "block", {}, 1.05),
    ("transformer block, GELU by tanh", "block", {"approximate": "tanh"}, 1.05),
]

# (title, which work, the size that changes, its values)
SWEEPS = [
    ("MLP step", "mlp", "batch", (8, 32, 128, 512, 2048)),
    ("conv2d", "conv2d", "size", (8, 16, 32, 64)),
    ("LSTM", "lstm", "length", (5, 20, 80, 320)),
]
