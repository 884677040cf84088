"""The exercises of chapter 22."""

import math

import numpy as np

from ..exercise import Exercise

_rng = np.random.default_rng(0)


def numbers(*shape, size=1.0):
    """Random numbers with two digits after the point."""
    return np.round(_rng.normal(0, size, shape), 2)


def sigmoid(z):
    return 0.5 + 0.5 * np.tanh(np.asarray(z) / 2)


# ---- 1: one step of an LSTM, from its pre-activations ----

def step_of(order=(0, 1, 2, 3), squash=(sigmoid, sigmoid, np.tanh, sigmoid), shown=np.tanh, keep=None):
    """The step from z (N, 4 H) and c (N, H); the settings make the usual slips."""

    def step(z, c):
        parts = np.split(np.asarray(z), 4, axis=1)
        i, f, g, o = (act(parts[k]) for act, k in zip(squash, order, strict=True))
        c = (f if keep is None else keep(i)) * np.asarray(c) + i * g
        return o * shown(c), c

    return step


one_step = step_of()


def interleaved(z, c):
    """Every fourth column as a block."""
    return one_step(np.concatenate([np.asarray(z)[:, k::4] for k in range(4)], axis=1), c)


def shows_the_old(z, c):
    """h from the memory before the step."""
    return sigmoid(np.split(np.asarray(z), 4, axis=1)[3]) * np.tanh(c), one_step(z, c)[1]


def forgets_the_new(z, c):
    """f times the old memory and times what is written."""
    i, f, g, o = np.split(np.asarray(z), 4, axis=1)
    c = sigmoid(f) * (np.asarray(c) + sigmoid(i) * np.tanh(g))
    return sigmoid(o) * np.tanh(c), c


step = Exercise(
    reference=one_step,
    cases=[
        (np.array([[0.0, math.log(3), math.log(3) / 2, -math.log(3)]]), np.array([[1.0]])),     # the one on paper
        (numbers(2, 12), numbers(2, 3)),
        (numbers(3, 12, size=3), numbers(3, 3, size=2)),
        (np.zeros((2, 8)), numbers(2, 2)),
        (np.array([[0.0, 50.0, 0.5, 50.0]]), np.array([[7.0]])),                                # f = 1, o = 1
    ],
    mistakes=[
        (step_of(order=(1, 0, 2, 3)), "Input and forget gate have changed places: the order is i, f, g, o."),
        (step_of(order=(0, 1, 3, 2)), "Candidate and output gate have changed places: the order is i, f, g, o."),
        (step_of(squash=(sigmoid,) * 4), "The candidate g may be negative: it goes through tanh, not sigmoid."),
        (step_of(shown=lambda c: c), "What is shown is o times tanh(c), not o times c."),
        (step_of(keep=lambda i: 1 - i), "Here f is a gate of its own. Keeping 1 - i of the old memory is not an LSTM."),
        (step_of(keep=lambda i: 1.0), "That is the LSTM of 1997: the old memory is never forgotten. Multiply it by f."),
        (interleaved, "The blocks stand one after the other: the first H columns of z belong to i, the next H to f."),
        (step_of(squash=(lambda v: v, lambda v: v, np.tanh, lambda v: v)),
         "The gates lie between 0 and 1: i, f and o go through the sigmoid first."),
        (shows_the_old, "What is shown is the new memory: compute c first, then h from it."),
        (forgets_the_new, "f multiplies the old memory alone, not what is being written."),
        (lambda z, c: one_step(z, c)[::-1], "Return the new h first, then the new c."),
        (lambda z, c: one_step(z, c)[0], "Return two arrays: the new h and the new c."),
    ],
)

# ---- 2: one step of a GRU, from its products ----


def gru_of(z_keeps=True, reset="after", order=(0, 1, 2), squash=np.tanh, heard=1):
    """The step from a (N, 3 H), u (N, 3 H), h (N, H); the settings make the usual slips."""

    def step(a, u, h):
        a, u = (np.split(np.asarray(v), 3, axis=1) for v in (a, u))
        r, z = (sigmoid(a[k] + heard * u[k]) for k in order[:2])
        new = {"after": a[2] + r * u[2], "none": a[2] + u[2], "both": r * (a[2] + u[2]),
               "twice": a[2] + r * u[2] * np.asarray(h)}[reset]
        n = squash(new)
        return (1 - z) * n + z * np.asarray(h) if z_keeps else z * n + (1 - z) * np.asarray(h)

    return step


gru = Exercise(
    reference=gru_of(),
    cases=[
        (numbers(1, 3), numbers(1, 3), numbers(1, 1)),
        (numbers(2, 9), numbers(2, 9), numbers(2, 3)),
        (numbers(3, 6, size=3), numbers(3, 6), numbers(3, 2)),
        (np.array([[0.0, 40.0, 1.0]]), np.zeros((1, 3)), np.array([[0.6]])),         # z = 1: the state stays
        (np.array([[40.0, -40.0, 1.0]]), np.zeros((1, 3)), np.array([[0.6]])),       # z = 0: a new one
    ],
    mistakes=[
        (gru_of(z_keeps=False), "z and 1 - z have changed places: here z = 1 keeps the old state, as in PyTorch."),
        (gru_of(reset="none"), "The reset gate r is not used: it scales u_n."),
        (gru_of(reset="both"), "r scales what comes from the old state, u_n, and not what comes from the input."),
        (gru_of(order=(1, 0, 2)), "r and z have changed places: the order is r, z, n."),
        (gru_of(reset="twice"), "u already comes from the old state: do not multiply it by h once more."),
        (gru_of(squash=lambda v: v), "The candidate n goes through tanh."),
        (gru_of(squash=sigmoid), "The candidate n may be negative: it goes through tanh, not sigmoid."),
        (gru_of(heard=0), "r and z hear the old state too: they see a + u."),
        (lambda a, u, h: gru_of()(a, u, np.zeros_like(h)),
         "That is (1 - z) times the candidate: add z times the old state."),
        (lambda a, u, h: gru_of()(a, u, h) - np.asarray(h),
         "That is only the change of the state. Return the new state."),
    ],
)

# ---- 3: how many weights ----

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def count_of(gates=GATES, biases=2, shared=1):
    def count(kind, d, h):
        g = gates[kind]
        return g * (h * d + shared * h * h + biases * h)

    return count


count = Exercise(
    reference=count_of(),
    cases=[("RNN", 8, 32), ("LSTM", 8, 32), ("GRU", 8, 32), ("LSTM", 1, 1), ("GRU", 1, 18), ("RNN", 3, 1)],
    mistakes=[
        (count_of(biases=1), "PyTorch keeps two biases for each row: one beside w_ih and one beside w_hh."),
        (count_of(biases=0), "The biases are missing: two for each row."),
        (count_of({"RNN": 1, "GRU": 2, "LSTM": 3}),
         "You counted the gates. The candidate needs its own rows as well: 1, 3 and 4 blocks."),
        (count_of({"RNN": 1, "GRU": 4, "LSTM": 3}), "You have the GRU and the LSTM the wrong way round."),
        (count_of({"RNN": 1, "GRU": 1, "LSTM": 1}),
         "That is one block, an RNN. A GRU has three of them, an LSTM four."),
        (lambda kind, d, h: GATES[kind] * (h * d + h * h + 2),
         "A bias is a number for each unit: two biases of length H in each block, not two numbers."),
        (count_of(shared=0), "w_hh is missing: every block also has H weights from each old state, H · H."),
        (lambda kind, d, h: GATES[kind] * (h * d + 1 * h + 2 * h),
         "w_hh joins every unit with every other: H · H weights in a block, not H."),
    ],
)

# ---- 4: where to start the forget gate ----


def bias_of(left, steps):
    f = left ** (1 / steps)
    return math.log(f / (1 - f))


bias = Exercise(
    reference=bias_of,
    cases=[(0.5, 1), (0.5, 20), (0.1, 40), (0.9, 10), (0.25, 2), (0.01, 100)],
    mistakes=[
        (lambda left, steps: left ** (1 / steps), "That is the forget gate f. The bias is what sigmoid turns into f."),
        (lambda left, steps: -bias_of(left, steps), "The sign is turned round: sigmoid(b) must be f, above 1/2 for "
                                                    "long memories."),
        (lambda left, steps: bias_of(left, 1), "That gives f = left in one step. After all steps f ** steps is left."),
        (lambda left, steps: math.log(left ** (1 / steps)), "The inverse of sigmoid is log(f / (1 - f)), not log(f)."),
        (lambda left, steps: math.log(left / (1 - left)) / steps,
         "Take the root first and then the inverse of sigmoid: the two do not commute."),
        (lambda left, steps: math.log((left / steps) / (1 - left / steps)),
         "Shares multiply from step to step: take the root of `left`, do not divide it."),
        (lambda left, steps: math.log((1 - (1 - left) / steps) / ((1 - left) / steps)),
         "Each step takes a share of what is left, so the loss is not spread evenly: take the root."),
        (lambda left, steps: math.log(left**steps / (1 - left**steps)),
         "That is left ** steps. The gate is the root: f ** steps must be left."),
        (lambda left, steps: math.log(steps), "That is a rule of thumb for the start. Here the share is asked for."),
    ],
)

# ---- 5: one step of an LSTM, backward ----


def back_of(shown=True, peek=False, slopes=True, before=True):
    """The gradients of z and c; the settings make the usual slips."""

    def back(dh, dc, z, c):
        c = np.asarray(c)
        dh, dc = np.asarray(dh), np.asarray(dc)
        i, f, g, o = (act(p) for act, p in
                      zip((sigmoid, sigmoid, np.tanh, sigmoid), np.split(np.asarray(z), 4, axis=1), strict=True))
        new = f * c + i * g
        tanh = np.tanh(new)
        dc = dc + dh * o * ((1 - tanh**2) if shown else 1) if not peek else dc
        parts = dc * g, dc * (c if before else new), dc * i, dh * tanh
        if slopes:
            slope = i * (1 - i), f * (1 - f), 1 - g**2, o * (1 - o)
            parts = [p * s for p, s in zip(parts, slope, strict=True)]
        return np.concatenate(parts, axis=1), dc * f

    return back


def gate(z):
    """The forget gate."""
    return sigmoid(np.split(np.asarray(z), 4, axis=1)[1])


def swapped(z):
    """z with its first two blocks in the wrong order."""
    i, f, g, o = np.split(z, 4, axis=1)
    return np.concatenate([f, i, g, o], axis=1)


back = Exercise(
    reference=back_of(),
    cases=[
        (np.array([[1.0]]), np.array([[0.0]]), np.zeros((1, 4)), np.array([[2.0]])),
        (numbers(2, 3), numbers(2, 3), numbers(2, 12), numbers(2, 3)),
        (np.zeros((1, 2)), numbers(1, 2), numbers(1, 8), numbers(1, 2)),
        (numbers(1, 2), np.zeros((1, 2)), numbers(1, 8, size=2), numbers(1, 2)),
        (numbers(3, 1), numbers(3, 1), numbers(3, 4, size=3), numbers(3, 1, size=3)),
    ],
    mistakes=[
        (back_of(peek=True), "The memory is also used for h: to dc comes dh * o * (1 - tanh(c_new) ** 2)."),
        (back_of(shown=False), "On the way from h to c the slope of tanh(c_new) is missing."),
        (back_of(slopes=False), "The slopes of the gates are missing: s * (1 - s) for a sigmoid, 1 - g ** 2 for tanh."),
        (back_of(before=False), "The forget gate multiplies the old memory: its gradient is dc * c, with the old c."),
        (lambda dh, dc, z, c: (back_of()(dh, dc, z, c)[0], back_of(peek=True)(dh, dc, z, c)[1]),
         "The old c also counts for what h shows: multiply the complete dc by f, with the part from dh."),
        (lambda dh, dc, z, c: (back_of()(dh, dc, z, c)[0], back_of()(dh, dc, z, c)[1] / gate(z)),
         "On its way to the old memory dc is multiplied by f."),
        (lambda dh, dc, z, c: (swapped(back_of()(dh, dc, z, c)[0]), back_of()(dh, dc, z, c)[1]),
         "Two blocks have changed places: the order is i, f, g, o."),
        (lambda dh, dc, z, c: back_of()(dh, dc, z, c)[0], "Return two arrays: that of the old c as well."),
        (lambda dh, dc, z, c: (np.array(np.split(back_of()(dh, dc, z, c)[0], 4, axis=1)), back_of()(dh, dc, z, c)[1]),
         "Join the four blocks along the second axis: the gradient of z has the shape of z, (N, 4H)."),
        (lambda dh, dc, z, c: back_of()(dh, dc, z, c)[::-1], "Return the gradient of z first, then that of the old c."),
    ],
)
