"""The exercises of chapter 01."""

import numpy as np

from ..exercise import Exercise
from ..neuron import neuron as threshold_neuron
from ..neuron import perceptron_step, weighted_sum

X = np.array([[1.0, 2.0], [-3.0, 0.5], [0.0, 0.0], [4.0, -1.0]])
W = np.array([0.5, -1.0])


neuron = Exercise(
    reference=threshold_neuron,
    cases=[
        (np.array([1.0, 2.0]), W, 0.5),
        (np.array([1.0, 2.0]), W, 2.0),
        (np.array([0.0, 0.0]), W, 0.0),                    # exactly on the line
        (X, W, 1.0),
        (X[:1], W, -1.0),                                  # one row
        (np.eye(3), np.array([1.0, -2.0, 3.0]), 2.0),      # three inputs
    ],
    mistakes=[
        (lambda x, w, b: (x @ w > 0) * 1, "The bias is missing: add b to the weighted sum."),
        (lambda x, w, b: x @ w + b, "That is the weighted sum itself: a threshold turns it into 0 or 1."),
        (lambda x, w, b: (x @ w + b >= 0) * 1, "A sum of exactly 0 is not above the threshold: use > and not >=."),
        (lambda x, w, b: np.where(x @ w + b > 0, 1, -1), "The two answers are 0 and 1, not -1 and 1."),
        (lambda x, w, b: (x @ w - b > 0) * 1, "The bias is added, not taken away."),
        (lambda x, w, b: 1 if x @ w + b > 0 else 0,
         "An if asks one question, and a table asks one for each row: write (x @ w + b > 0) * 1."),
    ],
)


def at_least_two(x):
    """1 where at least two of three inputs are 1."""
    return threshold_neuron(x, np.array([1.0, 1.0, 1.0]), -1.5)


CORNERS = [(float(a), float(b), float(c)) for a in (0, 1) for b in (0, 1) for c in (0, 1)]

vote = Exercise(
    reference=at_least_two,
    cases=[(np.array(corner),) for corner in CORNERS],
    mistakes=[
        (lambda x: int(x.sum() > 2.5), "That fires only when all three agree: put the threshold between 1 and 2."),
        (lambda x: int(x.sum() > 0.5), "One yes is enough for that neuron: the threshold is too low."),
        (lambda x: int(x[0] + x[1] > 1.5), "The third input has no weight."),
    ],
)

signed_distance = Exercise(
    reference=lambda x, w, b: weighted_sum(x, w, b) / np.linalg.norm(w),
    cases=[
        (np.array([3.0, 4.0]), np.array([3.0, 4.0]), 0.0),
        (np.array([3.0, 4.0]), np.array([3.0, 4.0]), -25.0),
        (X, np.array([3.0, -4.0]), 2.0),
        (X[:1], np.array([0.0, 2.0]), 1.0),
        (X * 1e6, W, -1.0),
    ],
    mistakes=[
        (lambda x, w, b: x @ w + b,
         "That is the weighted sum. Doubling w and b doubles it, but no point has moved: divide by the length of w."),
        (lambda x, w, b: np.abs(x @ w + b) / np.linalg.norm(w),
         "The sign is gone: it says on which side of the line a point lies."),
        (lambda x, w, b: (x @ w + b) / (w @ w), "That divides by the length squared: take the square root."),
        (lambda x, w, b: x @ w / np.linalg.norm(w) + b, "The bias is part of the sum: divide it by the length too."),
        (lambda x, w, b: (x @ w + b) / np.abs(w).sum(),
         "That is the sum of the absolute weights: the length is the root of the sum of squares."),
    ],
)

STEPS = [
    (np.array([2.0, -1.0]), 1, np.array([0.0, 0.0]), 0.0),
    (np.array([2.0, -1.0]), 0, np.array([1.0, 0.0]), 0.5),
    (np.array([2.0, -1.0]), 1, np.array([1.0, 0.0]), 0.5),          # already right
    (np.array([0.0, 0.0]), 1, np.array([1.0, 1.0]), 0.0),           # only the bias can help
    (np.array([1.0, 2.0, 3.0]), 0, np.array([1.0, 1.0, 1.0]), -1.0),
]


def always_moves(x, y, w, b):
    """Rosenblatt's rule without the question whether the neuron was wrong."""
    return w + (2 * y - 1) * x, b + (2 * y - 1)


learn_step = Exercise(
    reference=perceptron_step,
    cases=STEPS,
    mistakes=[
        (always_moves, "It moves although the neuron was right: where the error is 0, nothing changes."),
        (lambda x, y, w, b: (w - (y - threshold_neuron(x, w, b)) * x, b - (y - threshold_neuron(x, w, b))),
         "It steps away from the target: the error is y minus the answer, and it is added."),
        (lambda x, y, w, b: (w + (y - threshold_neuron(x, w, b)) * x, b),
         "The bias never learns: it moves by the error."),
        (lambda x, y, w, b: (w + (y - threshold_neuron(x, w, b)), b + (y - threshold_neuron(x, w, b))),
         "Every weight moves by the same amount: multiply the error by the input that the weight belongs to."),
        (lambda x, y, w, b: w + (y - threshold_neuron(x, w, b)) * x, "Return both, the new weights and the new bias."),
    ],
)


def averaged_rule(x, y, epochs):
    """Weights and bias after every single example, averaged over the whole training."""
    w, b = np.zeros(x.shape[1]), 0.0
    w_sum, b_sum = np.zeros(x.shape[1]), 0.0
    for _ in range(epochs):
        for row, target in zip(x, y, strict=True):
            w, b = perceptron_step(row, target, w, b)
            w_sum, b_sum = w_sum + w, b_sum + b
    return w_sum / (epochs * len(x)), b_sum / (epochs * len(x))


def last_weights(x, y, epochs):
    """The weights as the last example left them."""
    w, b = np.zeros(x.shape[1]), 0.0
    for _ in range(epochs):
        for row, target in zip(x, y, strict=True):
            w, b = perceptron_step(row, target, w, b)
    return w, b


def once_a_pass(x, y, epochs):
    """The average of the weights at the end of each pass."""
    ends = [last_weights(x, y, n + 1) for n in range(epochs)]
    return sum(w for w, _ in ends) / epochs, sum(b for _, b in ends) / epochs


def after_each_change(x, y, epochs):
    """The average over the corrections only."""
    w, b, ws, bs = np.zeros(x.shape[1]), 0.0, [], []
    for _ in range(epochs):
        for row, target in zip(x, y, strict=True):
            if threshold_neuron(row, w, b) != target:
                w, b = perceptron_step(row, target, w, b)
                ws, bs = [*ws, w], [*bs, b]
    return np.mean(ws, 0), np.mean(bs)


def summed(x, y, epochs):
    """The sum that was never divided."""
    w, b = averaged_rule(x, y, epochs)
    return w * epochs * len(x), b * epochs * len(x)


XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])

averaged = Exercise(
    reference=averaged_rule,
    cases=[
        (XOR, np.array([0, 1, 1, 0]), 3),
        (XOR, np.array([0, 0, 0, 1]), 5),
        (X, np.array([1, 0, 1, 0]), 2),
        (X[:1], np.array([1]), 1),
    ],
    mistakes=[
        (last_weights, "Those are the last weights. Add up the weights after every example, and divide at the end."),
        (once_a_pass, "That averages once a pass. Add the weights up after every single example, changed or not."),
        (after_each_change, "You added only after a correction: weights that were right count every time."),
        (summed, "The sum is right. Divide it by the number of examples that were looked at, epochs times len(x)."),
    ],
)
