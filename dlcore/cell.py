"""One step of a recurrent network: from an input and the last state to the next state.

x is (N, D), a state (N, H). With G gates, w_ih is (G H, D), w_hh (G H, H) and each bias (G H,): one product
computes all gates. `recurrent` takes these steps over whole sequences.
"""

import math

import numpy as np

from dlcore.init import uniform_
from dlcore.layer import linear, parameter, positive
from dlcore.module import Module
from dlcore.tensor import Tensor


def rnn_cell(x, h, w_ih, w_hh, b_ih=None, b_hh=None, nonlinearity="tanh"):
    """The new state of a simple recurrent network, h (N, H): a layer that also sees its own last output.

    Paper: Elman 1990, Finding Structure in Time, doi:10.1207/s15516709cog1402_1.
    """
    z = linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh)                        # (N, H)
    return z.tanh() if nonlinearity == "tanh" else z.relu()


def lstm_cell(x, h, c, w_ih, w_hh, b_ih=None, b_hh=None):
    """The new h and c (N, H) of an LSTM: c is a memory that is only scaled (by f) and added to.

    Papers: Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; the forget gate f: Gers, Schmidhuber
    and Cummins 2000, doi:10.1162/089976600300015015.
    """
    i, f, g, o = (linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh)).split(h.shape[1], dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_cell(x, h, w_ih, w_hh, b_ih=None, b_hh=None):
    """The new state h (N, H) of a GRU: z says how much of the old one stays, r what the new one may see of it.

    Paper: Cho et al. 2014, Learning Phrase Representations using RNN Encoder-Decoder, arXiv:1406.1078.
    """
    x_r, x_z, x_n = linear(x, w_ih, b_ih).split(h.shape[1], dim=1)
    h_r, h_z, h_n = linear(h, w_hh, b_hh).split(h.shape[1], dim=1)
    r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
    n = (x_n + r * h_n).tanh()
    return (1 - z) * n + z * h


# ---- as layers, with weights ----

class Cell(Module):
    """What the cells share: torch's weights, uniform between -1/sqrt(H) and 1/sqrt(H) at the start."""

    gates = 1

    def __init__(self, input_size, hidden_size, bias=True, *, rng=None):
        positive(type(self).__name__, input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size = input_size, hidden_size
        for name, weight in starting_weights(input_size, hidden_size, self.gates, bias, rng).items():
            setattr(self, name, weight)

    def weights(self):
        """weight_ih, weight_hh, bias_ih, bias_hh; None for a bias that there is not."""
        return [getattr(self, name, None) for name in WEIGHTS]

    def state(self, x, h, name="hx"):
        """The state to start from, zeros if none is given; ValueError if it does not fit x."""
        return first_state(f"{type(self).__name__}: {name}", h, (len(x), self.hidden_size), x.dtype)

    def extra_repr(self):
        return f"{self.input_size}, {self.hidden_size}" + (", bias=False" if self.weights()[2] is None else "")


class RNNCell(Cell):
    """rnn_cell with its weights: cell(x, h) gives the new h."""

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", *, rng=None):
        super().__init__(input_size, hidden_size, bias, rng=rng)
        self.nonlinearity = tanh_or_relu("RNNCell", nonlinearity)

    def forward(self, x, hx=None):
        return rnn_cell(x, self.state(x, hx), *self.weights(), self.nonlinearity)


class LSTMCell(Cell):
    """lstm_cell with its weights: cell(x, (h, c)) gives the new (h, c)."""

    gates = 4

    def forward(self, x, hx=None):
        h, c = pair_of_states("LSTMCell", hx)
        return lstm_cell(x, self.state(x, h, "h"), self.state(x, c, "c"), *self.weights())


class GRUCell(Cell):
    """gru_cell with its weights: cell(x, h) gives the new h."""

    gates = 3

    def forward(self, x, hx=None):
        return gru_cell(x, self.state(x, hx), *self.weights())


# ---- what cells and whole sequences share ----

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def starting_weights(input_size, hidden_size, gates, bias, rng):
    """The weights of one cell by name, as torch starts them."""
    rows, bound = gates * hidden_size, 1 / math.sqrt(hidden_size)
    shapes = [(rows, input_size), (rows, hidden_size)] + [(rows,), (rows,)] * bias
    return {name: uniform_(parameter(*shape), -bound, bound, rng)
            for name, shape in zip(WEIGHTS, shapes, strict=False)}


def first_state(what, state, shape, dtype):
    """The state as a Tensor, zeros if it is None; ValueError or TypeError if it has another shape or dtype."""
    if state is None:
        return Tensor(np.zeros(shape, dtype))
    state = state if isinstance(state, Tensor) else Tensor(state)
    if state.shape != shape:
        raise ValueError(f"{what} must have shape {shape}, got {state.shape}")
    if state.dtype != dtype:
        raise TypeError(f"{what} is {state.dtype} but x is {dtype}; they must be equal")
    return state


def pair_of_states(name, hx):
    """(h, c), or (None, None) where none are given; TypeError for anything else."""
    if hx is None:
        return None, None
    if not isinstance(hx, (tuple, list)) or len(hx) != 2:
        raise TypeError(f"{name}: hx must be a pair (h, c), got a {type(hx).__name__}")
    return hx


def tanh_or_relu(name, nonlinearity):
    """The nonlinearity, if it is one of the two."""
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f'{name}: nonlinearity must be "tanh" or "relu", got {nonlinearity!r}')
    return nonlinearity
