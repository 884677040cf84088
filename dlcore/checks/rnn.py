"""The exercises of chapter 21."""

import math

import numpy as np

from ..exercise import Exercise

_rng = np.random.default_rng(0)


def numbers(*shape, size=1.0):
    """Random numbers with two digits after the point."""
    return np.round(_rng.normal(0, size, shape), 2)


# ---- 1: one step ----

def one_step(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih.T + h @ w_hh.T + b)


def step_case(n, d, h, size=1.0):
    return numbers(n, d, size=size), numbers(n, h), numbers(h, d), numbers(h, h), numbers(h)


step = Exercise(
    reference=one_step,
    cases=[
        step_case(2, 3, 2),
        step_case(1, 1, 1),
        step_case(4, 3, 3),                                     # square: a forgotten transpose fits too
        (np.zeros((2, 2)), np.zeros((2, 3)), np.ones((3, 2)), np.ones((3, 3)), np.array([0.0, 1.0, -1.0])),
        step_case(3, 2, 4, size=100.0),
    ],
    mistakes=[
        (lambda x, h, w_ih, w_hh, b: np.tanh(x @ w_ih.T + h @ w_hh + b),
         "w_hh is (to, from): row i holds the weights into unit i, so the product is h @ w_hh.T."),
        (lambda x, h, w_ih, w_hh, b: x @ w_ih.T + h @ w_hh.T + b,
         "That is the pre-activation. The new state is its tanh."),
        (lambda x, h, w_ih, w_hh, b: np.tanh(x @ w_ih.T + h @ w_hh.T),
         "The bias is missing."),
        (lambda x, h, w_ih, w_hh, b: np.tanh(x @ w_ih.T + b),
         "The old state does not count: this is a layer without a memory."),
        (lambda x, h, w_ih, w_hh, b: np.tanh(x @ w_ih.T + b) + h @ w_hh.T,
         "tanh goes around the whole sum, or the state is not kept between -1 and 1."),
        (lambda x, h, w_ih, w_hh, b: np.tanh(x @ w_ih.T + h @ w_hh.T + b) + h,
         "The old state comes in through w_hh alone: the new state replaces it."),
        (lambda x, h, w_ih, w_hh, b: np.tanh(x @ w_ih.T + np.tanh(h @ w_hh.T) + b),
         "There is one tanh, around the sum. The old state went through its own a step ago."),
    ],
)

# ---- 2: a series as examples ----


def all_windows(series, length):
    series = np.asarray(series)
    x = np.array([series[i:i + length] for i in range(len(series) - length)]).reshape(-1, length)
    return x, series[length:]


def cut(start=0, stop=0, ahead=0, backward=False, shifted=0):
    """all_windows with one of the usual slips."""

    def wrong(series, length):
        series = np.asarray(series)
        rows = range(start, len(series) - length + stop - ahead)
        x = np.array([series[i:i + length][::-1] if backward else series[i:i + length] for i in rows])
        y = np.array([series[i + length + ahead + shifted] for i in rows])
        return x.reshape(-1, length), y

    return wrong


windows = Exercise(
    reference=all_windows,
    cases=[
        (np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0]), 2),
        (np.array([10.0, 20.0, 30.0, 45.0]), 3),                # one window
        (np.array([2.0, 7.0, 1.0, 8.0, 2.0, 8.0, 4.0]), 1),
        (np.arange(12.0) ** 2, 4),
    ],
    mistakes=[
        (cut(shifted=-1),
         "Your target is the last value of its own window: the network can read the answer. Take the next one."),
        (cut(stop=-1), "The last window is missing: a series of n values has n - length windows with a next value."),
        (cut(start=1), "The first window is missing: it starts at series[0]."),
        (cut(backward=True), "Your windows run backward in time. The oldest value comes first."),
        (lambda series, length: (np.array([series[i:i + length] for i in range(len(series) - length + 1)]),
                                 np.asarray(series)[length:]),
         "One window too many: nothing comes after the last one, so it has no target."),
        (lambda series, length: all_windows(series, length)[::-1], "The windows first, then their targets."),
        (cut(ahead=1), "Your target lies two steps ahead of the window. It is the next value."),
        (lambda series, length: (np.asarray(series)[:len(series) // length * length].reshape(-1, length),
                                 np.asarray(series)[length::length]),
         "Your windows lie side by side. They overlap: each starts one step after the one before."),
    ],
)

# ---- 3: clipping ----


def clipped(grads, max_norm):
    norm = math.sqrt(sum(float((g * g).sum()) for g in grads))
    return [g * min(1.0, max_norm / norm) if norm else g * 1.0 for g in grads]


def each(grads, max_norm):
    return [clipped([g], max_norm)[0] for g in grads]


def stretched(grads, max_norm):
    norm = math.sqrt(sum(float((g * g).sum()) for g in grads))
    return [g * max_norm / norm if norm else g * 1.0 for g in grads]


def unsafe(grads, max_norm):
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    return [g * np.minimum(1.0, np.divide(max_norm, norm)) if norm else g * np.nan for g in grads]


clip = Exercise(
    reference=clipped,
    cases=[
        ([np.array([3.0]), np.array([4.0])], 1.0),
        ([np.array([[3.0, 0.0], [0.0, -4.0]]), np.array([12.0])], 6.5),
        ([np.array([0.3, -0.4])], 1.0),                         # short enough
        ([np.zeros(2), np.zeros((1, 3))], 1.0),
        ([np.array([2e3, -1e3]), np.array([[2e3]])], 0.3),
    ],
    mistakes=[
        (each, "You clip each array by itself, and that turns the step. There is one length, of all arrays together."),
        (lambda grads, max_norm: [np.clip(g, -max_norm, max_norm) for g in grads],
         "You clip each number by itself, and that turns the step. Multiply all of them by one factor."),
        (lambda grads, max_norm: [stretched([g], max_norm)[0] for g in grads],
         "Each array is brought to max_norm by itself. There is one length, and one factor, of all together."),
        (stretched, "Short gradients stay as they are: the factor is at most 1."),
        (unsafe, "If all gradients are 0, their length is 0: do not divide by it."),
        (lambda grads, max_norm: [g * min(1.0, max_norm / (sum(float((a * a).sum()) for a in grads) or 1))
                                  for g in grads],
         "You divide by the sum of squares. The length is its square root."),
        (lambda grads, max_norm: [g * min(1.0, max_norm / (sum(float(np.abs(a).sum()) for a in grads) or 1))
                                  for g in grads],
         "You divide by the sum of absolute values. The length is the root of the sum of squares."),
    ],
)

# ---- 4: the gradient of every state ----


def of_all_states(g, hs, w_hh):
    grads = [g]
    for h in hs[:0:-1]:
        g = (g * (1 - h * h)) @ w_hh
        grads.append(g)
    return np.array(grads[::-1])


def walked(slopes, weight=lambda w: w):
    """of_all_states with other slopes or another weight, for the mistakes."""

    def wrong(g, hs, w_hh):
        grads = [g]
        for t in range(len(hs) - 1, 0, -1):
            g = (g * slopes(hs, t)) @ weight(w_hh)
            grads.append(g)
        return np.array(grads[::-1])

    return wrong


def later_slopes(g, hs, w_hh):
    """The gradients from the last state to the first, each step in the wrong order."""
    yield g
    for h in hs[:0:-1]:
        g = (g @ w_hh) * (1 - h * h)
        yield g


def squashed(steps, size):
    return np.tanh(numbers(steps + 1, size))


states = Exercise(
    reference=of_all_states,
    cases=[
        (np.array([1.0]), np.array([[0.0], [0.5], [0.8]]), np.array([[2.0]])),
        (numbers(3), squashed(4, 3), numbers(3, 3)),
        (numbers(2), np.array([[0.3, -0.2], [1.0, 0.0], [0.5, -0.5]]), numbers(2, 2)),          # a saturated unit
        (np.zeros(2), squashed(2, 2), numbers(2, 2)),
        (numbers(2), squashed(0, 2), numbers(2, 2)),                                            # no step at all
    ],
    mistakes=[
        (walked(lambda hs, t: 1 - hs[t - 1] ** 2),
         "The slope belongs to the state that the step made: 1 - hs[t] ** 2, not that of the state before."),
        (walked(lambda hs, t: 1 - hs[t] ** 2, lambda w: w.T),
         "Forward was h @ w_hh.T, so backward is g @ w_hh, without the transpose."),
        (lambda g, hs, w_hh: np.array(list(later_slopes(g, hs, w_hh))[::-1]),
         "The order of the two is wrong: going back, first the slope of tanh, then w_hh."),
        (walked(lambda hs, t: 1.0), "The slope of tanh is missing: first times 1 - hs[t] ** 2, then @ w_hh."),
        (walked(lambda hs, t: 1 - np.tanh(hs[t]) ** 2),
         "hs[t] is already a tanh: its slope is 1 - hs[t] ** 2. You took the tanh once more."),
        (lambda g, hs, w_hh: of_all_states(g, hs, w_hh)[::-1],
         "The order is turned round: row t belongs to hs[t], so the incoming g is the last row."),
        (lambda g, hs, w_hh: of_all_states(g, hs, w_hh)[1:],
         "The gradient of hs[0], the state before the first step, is missing."),
    ],
)

# ---- 5: truncated backpropagation ----


def truncated_slope(w, x, steps):
    h = [0.0]
    for value in x:
        h.append(value + w * h[-1])
    return sum(w**k * h[len(x) - 1 - k] for k in range(min(steps, len(x))))


def forgetful(w, x, steps):
    return truncated_slope(w, x[max(0, len(x) - steps):], steps)


truncated = Exercise(
    reference=truncated_slope,
    cases=[
        (0.5, [2.0, 1.0, 0.0], 3),
        (0.5, [2.0, 1.0, 0.0], 1),
        (0.5, [2.0, 1.0, 0.0, 4.0], 2),
        (-1.5, [1.0, -2.0, 0.5, 3.0, 1.0, 2.0], 3),
        (2.0, [1.0, 1.0], 9),                                   # a window longer than the sequence
        (0.0, [3.0, 5.0], 2),
        (1.0, [7.0], 1),
    ],
    mistakes=[
        (lambda w, x, steps: truncated_slope(w, x, len(x)),
         "That is the whole gradient. Truncated means that only the last `steps` uses of w count."),
        (forgetful, "Your state starts from 0 at the cut. Forward nothing is cut: only the way back is."),
        (lambda w, x, steps: truncated_slope(w, x, steps - 1),
         "One use of w is missing: the last `steps` steps use it `steps` times."),
        (lambda w, x, steps: truncated_slope(w, x, steps + 1),
         "One use of w too many: the last `steps` steps use it `steps` times."),
        (lambda w, x, steps: truncated_slope(w, x, 1),
         "That is the last use alone. Each earlier one reaches L through one more w: add w times the next."),
        (lambda w, x, steps: sum(truncated_slope(w, x[:t], 1) for t in range(max(1, len(x) - steps + 1), len(x) + 1)),
         "An earlier use reaches L through the loop: k steps back it counts w ** k times."),
    ],
)
