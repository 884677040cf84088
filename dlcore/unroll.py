"""All steps of a recurrent layer as one operation, with backpropagation through time written by hand.

The numbers are those of the cells of `cell` one after the other, in less than half the time: much of the work is done
for all steps at once, before or after the loop over time, and what is in the loop makes few new arrays.
"""

import math

import numpy as np

from dlcore.tensor import Tensor

IN_CACHE = 2 ** 16      # about so many numbers stay in the cache beside what else a step needs

# ---- x (T, N, G H) are the products of all inputs with w_ih ----

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


# ---- the LSTM, where x (T, N, D) are the inputs themselves ----

def lstm_steps(x, h, c, w_ih, w_hh, b=None):
    """Every h and every c, each (T, N, H), of an LSTM that starts from h and c (N, H)."""
    d, bias = x.shape[2], np.zeros(len(w_hh), x.dtype) if b is None else b.data
    w = sigmoids_first(np.concatenate((w_ih.data, w_hh.data, bias[:, None]), 1))     # (4 H, D + H + 1)
    seen, gates = lstm_forward(x.data, h.data, c.data, w)
    waiting = [None]

    @once
    def back(grad_h):
        grad_c, waiting[0] = waiting[0], None
        dx, dh, dc, dw = lstm_backward(grad_h, grad_c, seen, gates, w, x.requires_grad)
        dw = sigmoids_first(dw)
        return dx, dh, dc, dw[:, :d], dw[:, d:-1], dw[:, -1]

    def wait(grad_c):
        # h and c go back in one pass. For the graph c is made from h: so its gradient comes first, and waits.
        waiting[0] = grad_c
        return np.zeros_like(grad_c)

    every_h = Tensor(seen[1:, d:-1].swapaxes(1, 2).copy(), *[(tensor, lambda g, k=k: back(g)[k])
                                                             for k, tensor in enumerate((x, h, c, w_ih, w_hh, b))])
    return every_h, Tensor(gates[1:, 4].swapaxes(1, 2), (every_h, wait))


# What follows is laid out for speed. An example is a column. x, h and 1 lie one below the other, so that one product
# with all weights reads them. The gates come in the order i, f, o, g, so that what is done to several of them at once
# lies in one piece of memory. A step writes into arrays that are there already.

def lstm_forward(x, h, c, w):
    """What each step sees, x, h and 1: (T + 1, D + H + 1, N); its i, f, o, g and the c before: (T + 1, 5, H, N).

    The last entry of both has only h and c, after the last step.
    """
    (steps, n, d), size = x.shape, h.shape[1]
    halved = w.copy()                                   # sigmoid(z) is tanh(z / 2) / 2 + 1 / 2, so one tanh serves all
    halved[:3 * size] /= 2
    seen, gates = aligned((steps + 1, d + size + 1, n), x.dtype), aligned((steps + 1, 5, size, n), x.dtype)
    hs, (_, _, o, _, cs) = seen[:, d:-1], gates.swapaxes(0, 1)
    seen[:-1, :d], seen[:, -1], hs[0], cs[0] = x.swapaxes(1, 2), 1, h.T, c.T
    zs, sigmoids, i_f, g_c = gates[:, :4].reshape(steps + 1, 4 * size, n), gates[:, :3], gates[:, :2], gates[:, 3:]
    passed = aligned((3, size, n), x.dtype)             # what each sigmoid lets pass: i * g, f * c and o * tanh(c)
    (new, kept, tanh_c), new_and_kept = passed, passed[:2]
    for t in range(steps):
        z = np.matmul(halved, seen[t], out=zs[t])
        np.tanh(z, out=z)
        s = sigmoids[t]
        s *= 0.5
        s += 0.5
        np.multiply(i_f[t], g_c[t], out=new_and_kept)
        np.add(new, kept, out=cs[t + 1])
        np.tanh(cs[t + 1], out=tanh_c)
        np.multiply(o[t], tanh_c, out=hs[t + 1])
    return seen, gates


def lstm_backward(grad_h, grad_c, seen, gates, w, x_too):
    """From the gradients of every h and c (None: zeros) those of every x, of the first h and c, and of w.

    Without x_too the gradient of x is left out.
    """
    (steps, n, size), d = grad_h.shape, w.shape[1] - 1 - grad_h.shape[2]
    grad_h = grad_h.swapaxes(1, 2).copy()
    hs, (i, f, o, g, cs) = seen[:, d:-1], gates.swapaxes(0, 1)
    sigmoids, i_f, g_c = gates[:, :3], gates[:, :2], gates[:, 3:]
    back = w[:, 0 if x_too else d:-1].T.copy()                                       # (D + H, 4 H), or (H, 4 H)
    few = min(steps, 1 + IN_CACHE // (1 + len(w) * n))              # so many steps go into one product for dw
    dw, dzs, dz = np.zeros_like(w), aligned((len(w), few, n), w.dtype), aligned((len(w), n), w.dtype)
    d_sigmoids, (di, df, do, dg) = dz[:3 * size].reshape(3, size, n), dz.reshape(4, size, n)
    d_seen, (dc, part) = aligned((len(back), n), w.dtype), aligned((2, size, n), w.dtype)
    dxs, dx, dh = np.empty((steps, len(back) - size, n), w.dtype), d_seen[:-size], d_seen[-size:]
    dh[:] = dc[:] = 0
    passed = aligned((3, size, n), w.dtype)
    (new, _, h), new_and_kept = passed, passed[:2]
    for t in reversed(range(steps)):
        np.multiply(i_f[t], g_c[t], out=new_and_kept)
        h[:] = hs[t + 1]
        dh += grad_h[t]
        if grad_c is not None:
            dc += grad_c[t].T
        np.tanh(cs[t + 1], out=part)                    # from h to c: o * (1 - tanh(c) ** 2)
        part *= h
        np.subtract(o[t], part, out=part)
        part *= dh
        dc += part
        np.multiply(passed, sigmoids[t], out=d_sigmoids)          # the slope of s * v, s = sigmoid(z): s * v * (1 - s)
        np.subtract(passed, d_sigmoids, out=d_sigmoids)
        np.multiply(new, g[t], out=dg)                            # that of i * g, g = tanh(z): i * (1 - g ** 2)
        np.subtract(i[t], dg, out=dg)
        di *= dc
        df *= dc
        do *= dh
        dg *= dc
        dzs[:, t % few] = dz
        if t % few == 0:
            count = min(few, steps - t)
            dw += columns(dzs[:, :count]) @ columns(seen[t:t + count].swapaxes(0, 1)).T
        np.matmul(back, dz, out=d_seen)
        dxs[t] = dx
        dc *= f[t]
    return dxs.swapaxes(1, 2), dh.T, dc.T, dw


def columns(x):
    """Several steps (K, T, N) as one matrix with all their columns, (K, T * N)."""
    return x.reshape(len(x), x.shape[1] * x.shape[2])


def sigmoids_first(w):
    """Weights (4 H, ...) of the gates i, f, g, o in the order i, f, o, g, or back."""
    i, f, g, o = np.split(w, 4)
    return np.concatenate((i, f, o, g))


def aligned(shape, dtype):
    """An array, not yet filled, that begins at a multiple of 64 bytes: so the processor reads a small one faster."""
    size, spare = math.prod(shape), 64 // np.dtype(dtype).itemsize
    array = np.empty(size + spare, dtype)
    start = -array.ctypes.data % 64 // array.itemsize
    return array[start:start + size].reshape(shape)


# ---- what they share ----

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
