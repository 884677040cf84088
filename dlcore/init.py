"""What the weights are before the first step: random numbers of the right size, by torch's names.

Each function gives the tensor new data and returns it. `rng` is a numpy Generator; without one, all draw from
the generator that `manual_seed` sets.
Raises ValueError for a tensor with fewer than two dimensions, where "fan" has no meaning.
"""

import math

import numpy as np

_rng = np.random.default_rng()


def manual_seed(seed):
    """Start the generator that every layer draws from when it is given none."""
    global _rng
    _rng = np.random.default_rng(seed)


def generator(rng=None):
    """The given numpy Generator, or the common one; TypeError for anything else, such as a seed."""
    if rng is not None and not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng: wants a numpy Generator, got {rng!r:.40}; use np.random.default_rng(seed)")
    return _rng if rng is None else rng


def uniform_(tensor, a=0.0, b=1.0, rng=None):
    """Any number between a and b, each as likely."""
    tensor.data = generator(rng).uniform(a, b, tensor.shape).astype(tensor.dtype)
    return tensor


def normal_(tensor, mean=0.0, std=1.0, rng=None):
    """Normal numbers with the given mean and standard deviation."""
    tensor.data = generator(rng).normal(mean, std, tensor.shape).astype(tensor.dtype)
    return tensor


def xavier_uniform_(tensor, gain=1.0, rng=None):
    """Uniform, of a size between what keeps the signal (fan in) and what keeps the gradient (fan out).

    Paper: Glorot and Bengio 2010, Understanding the Difficulty of Training Deep Feedforward Neural Networks.
    """
    bound = math.sqrt(3) * xavier_std("xavier_uniform_", tensor, gain)       # uniform(-r, r) has std r / sqrt(3)
    return uniform_(tensor, -bound, bound, rng)


def xavier_normal_(tensor, gain=1.0, rng=None):
    """As xavier_uniform_, drawn from a normal distribution."""
    return normal_(tensor, 0.0, xavier_std("xavier_normal_", tensor, gain), rng)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", rng=None):
    """Uniform, of a size that keeps the signal's through a rectifier, which lets only half of it pass.

    a: the rectifier's slope below 0. Paper: He et al. 2015, Delving Deep into Rectifiers, arXiv:1502.01852.
    """
    bound = math.sqrt(3) * kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", rng=None):
    """As kaiming_uniform_, drawn from a normal distribution."""
    return normal_(tensor, 0.0, kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity), rng)


def orthogonal_(tensor, gain=1.0, rng=None):
    """A rotation: as many orthonormal rows or columns as fit, so that no direction shrinks or grows.

    Paper: Saxe, McClelland and Ganguli 2013, arXiv:1312.6120.
    """
    fans("orthogonal_", tensor)
    rows = tensor.shape[0]
    columns = tensor.size // rows
    q, r = np.linalg.qr(generator(rng).normal(size=(max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))                          # makes every rotation equally likely
    tensor.data = (gain * (q if rows >= columns else q.T)).reshape(tensor.shape).astype(tensor.dtype)
    return tensor


def calculate_gain(nonlinearity, param=None):
    """The factor by which weights must grow to make up for what the function after them takes away."""
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope * slope))
    gains = {"linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2)}
    if nonlinearity not in gains:
        raise ValueError(f"calculate_gain: knows {', '.join([*gains, 'leaky_relu'])}, got {nonlinearity!r}")
    return gains[nonlinearity]


def fans(name, tensor):
    """How many numbers each output is made of, and how many outputs each input goes to; weight (out, in, ...)."""
    if tensor.ndim < 2 or tensor.size == 0:
        raise ValueError(f"{name}: needs a weight of shape (out, in, ...), got {tensor.shape}")
    spot = math.prod(tensor.shape[2:])                    # the size of a convolution's kernel
    return tensor.shape[1] * spot, tensor.shape[0] * spot


def xavier_std(name, tensor, gain):
    """Glorot and Bengio's standard deviation."""
    return gain * math.sqrt(2 / sum(fans(name, tensor)))


def kaiming_std(name, tensor, a, mode, nonlinearity):
    """He's standard deviation."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'{name}: mode must be "fan_in" or "fan_out", got {mode!r}')
    fan = fans(name, tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)
