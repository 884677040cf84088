"""Networks that read a sequence step by step: RNN, LSTM, GRU, in layers and in both directions.

`unroll` takes all steps of one layer in one direction; here layers and directions are put together.
"""

import numpy as np

from dlcore.cell import WEIGHTS, first_state, pair_of_states, starting_weights, tanh_or_relu
from dlcore.graph import value
from dlcore.layer import dropout, linear, positive
from dlcore.module import Module
from dlcore.tensor import Tensor, cat, stack, where
from dlcore.unroll import gru_steps, lstm_steps, rnn_steps

# ---- sequences of different lengths ----

def reversed_in_time(x, lengths=None):
    """Each sequence of x (T, N, D) read backward, its padding left where it is."""
    if lengths is None:
        return x[::-1]
    t = np.arange(len(x))[:, None]
    turned = np.where(t < lengths, lengths - 1 - t, t), np.arange(x.shape[1])   # done twice, it is undone
    return Tensor(x.data[turned], (x, lambda g: g[turned]))


def last_of(states, lengths=None):
    """The state (N, H) after the last step of each sequence, out of states (T, N, H)."""
    return states[-1] if lengths is None else states[lengths - 1, np.arange(states.shape[1])]


def lengths_of(name, lengths, steps, n):
    """The lengths as an array of n integers from 1 to steps (None stays None); ValueError for anything else."""
    if lengths is None:
        return None
    lengths = np.asarray(value(lengths))
    if lengths.shape != (n,) or lengths.dtype.kind not in "iu" or lengths.min() < 1 or lengths.max() > steps:
        raise ValueError(f"{name}: lengths must be {n} whole numbers, one for each sequence, from 1 to {steps}, "
                         f"got {lengths.tolist()}")
    return lengths


# ---- layers ----

class Recurrent(Module):
    """What RNN, LSTM and GRU share: layers, directions, dropout between layers, torch's names of the weights.

    layer(x, hx=None, lengths=None): x (T, N, D), or (N, T, D) with batch_first, gives the states of the last layer
    (T, N, H), or (T, N, 2 H) in both directions, and the last state of every layer and direction (L, N, H). hx is
    the state to start from, zeros if not given; pass `h.detach()` to go on without the gradients of what was before
    (truncated backpropagation through time). Of each sequence only the first lengths[n] steps are read; what comes
    after them is 0 in the output, as with torch's packed sequences.
    Raises ValueError or TypeError for shapes, lengths or dtypes that do not fit.
    """

    gates, states = 1, ("h_0",)

    def __init__(self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
                 bidirectional=False, *, rng=None):
        name = type(self).__name__
        positive(name, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        if not 0 <= dropout <= 1:
            raise ValueError(f"{name}: dropout is a probability between 0 and 1, got {dropout}")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = bias, batch_first, dropout, bidirectional
        self.rng = rng
        self.directions = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            size = input_size if layer == 0 else hidden_size * len(self.directions)
            for direction in self.directions:
                for weight, tensor in starting_weights(size, hidden_size, self.gates, bias, rng).items():
                    setattr(self, f"{weight}_l{layer}{direction}", tensor)

    def forward(self, x, hx=None, lengths=None):
        x, firsts, lengths = self.checked(x, hx, lengths)
        lasts = []
        for layer in range(self.num_layers):
            if layer > 0:
                x = dropout(x, self.dropout, self.training, self.rng)
            outputs = []
            for direction in self.directions:
                weights = [getattr(self, f"{name}_l{layer}{direction}", None) for name in WEIGHTS]
                first = [state[len(lasts)] for state in firsts]
                read = reversed_in_time(x, lengths) if direction else x
                h, *others = self.steps(read, first, *weights)
                lasts.append([last_of(state, lengths) for state in (h, *others)])
                outputs.append(reversed_in_time(h, lengths) if direction else h)
            x = cat(outputs, 2) if self.bidirectional else h
        if lengths is not None:
            x = where(np.arange(len(x))[:, None, None] < lengths[:, None], x, 0.0)
        last = tuple(stack(states) for states in zip(*lasts, strict=True))
        return x.transpose(0, 1) if self.batch_first else x, last if len(last) > 1 else last[0]

    def steps(self, x, first, w_ih, w_hh, b_ih, b_hh):
        """The states at all times, each (T, N, H), the output first; every layer writes its own."""
        raise NotImplementedError

    def checked(self, x, hx, lengths):
        """x as (T, N, D), the states to start from and the lengths, if they fit together."""
        name, wanted = type(self).__name__, "(N, T, D)" if self.batch_first else "(T, N, D)"
        if x.ndim != 3:
            one = "x[None]" if self.batch_first else "x[:, None]"
            cure = f"; for a single sequence use {one}" if x.ndim == 2 else ""
            raise ValueError(f"{name}: x must have 3 dimensions, {wanted}, got {x.shape}{cure}")
        if x.shape[2] != self.input_size:
            raise ValueError(f"{name}: x has {x.shape[2]} features {x.shape} but the layer expects {self.input_size}")
        if x.dtype != self.weight_ih_l0.dtype:
            raise TypeError(f"{name}: x is {x.dtype} but the weights are {self.weight_ih_l0.dtype}; use "
                            f"x.astype(np.{self.weight_ih_l0.dtype}) or the model's .double()")
        x = x.transpose(0, 1) if self.batch_first else x
        steps, n, _ = x.shape
        if steps == 0:
            raise ValueError(f"{name}: x holds no steps, its shape as {wanted} is {x.shape}")
        given = pair_of_states(name, hx) if len(self.states) > 1 else (hx,)
        shape = (self.num_layers * len(self.directions), n, self.hidden_size)
        firsts = [first_state(f"{name}: {what}", state, shape, x.dtype)
                  for what, state in zip(self.states, given, strict=True)]
        return x, firsts, lengths_of(name, lengths, steps, n)

    def extra_repr(self):
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        changed = [f"{k}={getattr(self, k)}" for k, v in usual.items() if getattr(self, k) != v]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *changed])


class RNN(Recurrent):
    """A simple recurrent network: rnn_cell at every step."""

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False,
                 dropout=0.0, bidirectional=False, *, rng=None):
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng=rng)
        self.nonlinearity = tanh_or_relu("RNN", nonlinearity)

    def steps(self, x, first, w_ih, w_hh, b_ih, b_hh):
        return (rnn_steps(linear(x, w_ih, plus(b_ih, b_hh)), *first, w_hh, self.nonlinearity),)


class LSTM(Recurrent):
    """lstm_cell at every step; hx and the last state are pairs (h, c)."""

    gates, states = 4, ("h_0", "c_0")

    def steps(self, x, first, w_ih, w_hh, b_ih, b_hh):
        return lstm_steps(x, *first, w_ih, w_hh, plus(b_ih, b_hh))


class GRU(Recurrent):
    """gru_cell at every step."""

    gates = 3

    def steps(self, x, first, w_ih, w_hh, b_ih, b_hh):
        return (gru_steps(linear(x, w_ih, b_ih), *first, w_hh, b_hh),)


def plus(b_ih, b_hh):
    """The sum of the two biases, which RNN and LSTM only use together; None if there are none."""
    return None if b_ih is None else b_ih + b_hh
