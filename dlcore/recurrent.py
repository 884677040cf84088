"""Networks that read a sequence step by step: RNN, LSTM, GRU, in layers and in both directions.

All steps of a layer are one node of the graph, with backpropagation through time written by hand: the same
numbers as the cells of `cell` one after the other, in less than half the time. The products with the inputs are taken
before the loop over time, the slopes of the gates and the gradients of the weights outside it too.
"""

import numpy as np

from dlcore.cell import WEIGHTS, first_state, pair_of_states, starting_weights, tanh_or_relu
from dlcore.graph import value
from dlcore.layer import dropout, linear, positive
from dlcore.module import Module
from dlcore.tensor import Tensor, cat, stack, where

# ---- all steps as one node: x (T, N, G H) are the products of all inputs with w_ih, made before ----

def rnn_steps(x, h, w_hh, nonlinearity="tanh"):
    """Every state of a simple recurrent network that starts from h (N, H): (T, N, H)."""
    w = w_hh.data
    forward = np.ascontiguousarray(w.T)                                         # twice as fast to multiply with
    hs = np.empty((len(x) + 1, *h.shape), x.dtype)
    hs[0] = h.data
    for t, x_t in enumerate(x.data):
        z = x_t + hs[t] @ forward
        hs[t + 1] = np.tanh(z) if nonlinearity == "tanh" else np.maximum(z, 0)

    @once
    def back(g):
        dz = 1 - hs[1:] ** 2 if nonlinearity == "tanh" else (hs[1:] > 0).astype(g.dtype)     # the slopes
        dh = np.zeros_like(hs[0])
        for t in reversed(range(len(dz))):
            dz[t] *= dh + g[t]
            dh = dz[t] @ w
        return dz, dh

    return Tensor(hs[1:], (x, lambda g: back(g)[0]),
                          (h, lambda g: back(g)[1]),
                          (w_hh, lambda g: over_time(back(g)[0], hs[:-1])))


def lstm_steps(x, h, c, w_hh):
    """Every h and every c of an LSTM that starts from h and c (N, H): (2, T, N, H)."""
    (steps, n, _), size = x.shape, h.shape[1]
    w = w_hh.data.reshape(4, size, size)
    forward = np.ascontiguousarray(w.swapaxes(1, 2))                            # (G, H, H), twice as fast as a view
    gates = x.data.reshape(steps, n, 4, size).swapaxes(1, 2).copy()             # (T, 4, N, H), at first what x adds
    half = np.full_like(gates[0], 0.5)                  # sigmoid(z) is tanh(z / 2) / 2 + 1 / 2, so one tanh serves all
    half[2] = 1
    rest = 1 - half
    states = np.empty((2, steps + 1, n, size), x.dtype)
    hs, cs = states
    hs[0], cs[0] = h.data, c.data
    for t in range(steps):
        z = gates[t]                                    # in place, without new arrays: 0.8 of the time
        z += hs[t] @ forward
        z *= half
        np.tanh(z, out=z)
        z *= half
        z += rest
        i, f, g, o = z
        cs[t + 1] = f * cs[t] + i * g
        hs[t + 1] = o * np.tanh(cs[t + 1])

    @once
    def back(grad):
        i, f, g, o = gates.swapaxes(0, 1)                                       # each (T, N, H)
        tanh_c = np.tanh(cs[1:])
        c_to_h = o * (1 - tanh_c * tanh_c)
        dz = np.empty_like(gates)                             # first the slopes: what each z does to c, that of o to h
        dz[:, 0] = g * i * (1 - i)
        dz[:, 1] = cs[:-1] * f * (1 - f)
        dz[:, 2] = i * (1 - g * g)
        dz[:, 3] = tanh_c * o * (1 - o)
        dh, dc = np.zeros((2, n, size), x.dtype)
        for t in reversed(range(steps)):
            dh += grad[0, t]
            dc += grad[1, t] + dh * c_to_h[t]
            dz[t, :3] *= dc
            dz[t, 3] *= dh
            dh = (dz[t] @ w).sum(0)
            dc *= f[t]
        return dz.swapaxes(1, 2).reshape(x.shape), dh, dc

    return Tensor(states[:, 1:], (x, lambda g: back(g)[0]),
                                 (h, lambda g: back(g)[1]),
                                 (c, lambda g: back(g)[2]),
                                 (w_hh, lambda g: over_time(back(g)[0], hs[:-1])))


def gru_steps(x, h, w_hh, b_hh=None):
    """Every state of a GRU that starts from h (N, H): (T, N, H)."""
    (steps, n, _), size = x.shape, h.shape[1]
    w = w_hh.data.reshape(3, size, size)
    forward = np.ascontiguousarray(w.swapaxes(1, 2))                            # (G, H, H), twice as fast as a view
    b = 0 if b_hh is None else b_hh.data.reshape(3, 1, size)
    gates = x.data.reshape(steps, n, 3, size).swapaxes(1, 2).copy()             # (T, 3, N, H), at first what x adds
    seen = np.empty((steps, n, size), x.dtype)                                  # what r lets through, before r
    hs = np.empty((steps + 1, n, size), x.dtype)
    hs[0] = h.data
    for t in range(steps):
        u = hs[t] @ forward
        u += b
        both, (r, z, new) = gates[t, :2], gates[t]
        both += u[:2]
        both *= 0.5                                                             # sigmoid, as a tanh
        np.tanh(both, out=both)
        both *= 0.5
        both += 0.5
        new += r * u[2]
        np.tanh(new, out=new)
        hs[t + 1] = new + z * (hs[t] - new)
        seen[t] = u[2]

    @once
    def back(g):
        r, z, new = gates.swapaxes(0, 1)                                        # each (T, N, H)
        dn = (1 - z) * (1 - new * new)                            # first the slopes: what x does to h through new
        du = np.empty_like(gates)                                 # and what u does to it through each gate
        du[:, 0] = dn * seen * r * (1 - r)
        du[:, 1] = (hs[:-1] - new) * z * (1 - z)
        du[:, 2] = dn * r
        dh = np.zeros_like(hs[0])
        for t in reversed(range(steps)):
            dh += g[t]
            dn[t] *= dh
            du[t] *= dh
            dh *= z[t]
            dh += (du[t] @ w).sum(0)
        du = du.swapaxes(1, 2).reshape(x.shape)                   # (T, N, 3 H)
        dx = du.copy()                                            # r and z see the sum of x and u
        dx[:, :, 2 * size:] = dn
        return dx, du, dh

    return Tensor(hs[1:], (x, lambda g: back(g)[0]),
                          (h, lambda g: back(g)[2]),
                          (w_hh, lambda g: over_time(back(g)[1], hs[:-1])),
                          (b_hh, lambda g: back(g)[1]))                         # the graph sums over T and N


def over_time(dz, before):
    """The gradient of w_hh: dz (T, N, G H) times the states (T, N, H) before each step, summed over T and N."""
    return dz.reshape(-1, dz.shape[-1]).T @ before.reshape(-1, before.shape[-1])


def once(back):
    """`back`, remembering its last answer: the edges of a node each want a part of the same work."""
    last = [None, None]

    def remembered(g):
        if last[0] is not g:
            last[:] = g, back(g)
        return last[1]

    return remembered


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
        both = lstm_steps(linear(x, w_ih, plus(b_ih, b_hh)), *first, w_hh)
        return both[0], both[1]


class GRU(Recurrent):
    """gru_cell at every step."""

    gates = 3

    def steps(self, x, first, w_ih, w_hh, b_ih, b_hh):
        return (gru_steps(linear(x, w_ih, b_ih), *first, w_hh, b_hh),)


def plus(b_ih, b_hh):
    """The sum of the two biases, which RNN and LSTM only use together; None if there are none."""
    return None if b_ih is None else b_ih + b_hh
