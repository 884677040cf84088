"""The exercises of chapter 02."""

import numpy as np

from .. import activation
from ..exercise import Exercise

Z = np.array([-3.0, -0.5, 0.0, 0.5, 3.0])

leaky_relu = Exercise(
    reference=activation.leaky_relu,
    cases=[
        (Z,),
        (np.array([-2.0]),),
        (Z, 0.2),
        (np.array([[-1000.0, 1000.0], [-1.0, 2.0]]), 0.1),
        (np.zeros(3), 0.3),
    ],
    mistakes=[
        (lambda z, a=0.01: np.maximum(z, 0), "That is plain ReLU: where did the slope go?"),
        (lambda z, a=0.01: np.where(z > 0, z, a),
         "Left of zero the output is the slope times z, not the slope itself."),
        (lambda z, a=0.01: np.where(z > 0, 1, a), "That is the derivative: the function itself has z on both sides."),
        (lambda z, a=0.01: np.where(z > 0, z, -a * z),
         "Left of zero the line goes down, to negative numbers: yours goes up."),
        (lambda z, a=0.01: np.where(z > 0, z, 0.01 * z),
         "The slope is an argument: use negative_slope where you wrote 0.01."),
        (lambda z, a=0.01: z if z > 0 else a * z,
         "An if asks one question, and an array asks one for each number: use np.where."),
        (lambda z, a=0.01: np.where(z > 0, a * z, z),
         "The two sides are exchanged: the small slope belongs to the negative z."),
    ],
)

# Outputs of tanh, the flat ends among them.
Y = np.tanh(Z)

d_tanh = Exercise(
    reference=lambda y: 1 - y * y,
    cases=[
        (np.array([0.0]),),
        (Y,),
        (np.array([0.8]),),
        (np.array([-1.0, 1.0]),),
        (np.array([[0.25, -0.25], [0.5, -0.75]]),),
    ],
    mistakes=[
        (lambda y: y * (1 - y), "That is the rule of the sigmoid: the one of tanh has a square in it."),
        (lambda y: 1 - np.tanh(y) ** 2, "y is already the output of tanh: do not apply tanh to it again."),
        (lambda y: 1 - y, "The square is missing: the slope at −y must be the slope at y."),
        (lambda y: (1 - y) ** 2, "The square belongs to y alone, not to 1 − y."),
        (lambda y: y * y - 1, "The sign is turned: tanh only ever rises, so no slope is below 0."),
    ],
)


def shares(scores, temperature=1.0):
    """Softmax of every row at a temperature."""
    return activation.softmax(scores / temperature)


def all_at_once(scores, temperature=1.0):
    e = np.exp(scores / temperature - (scores / temperature).max())
    return e / e.sum()


def unsafe(scores, temperature=1.0):
    e = np.exp(scores / temperature)
    return e / e.sum(-1, keepdims=True)


def maximum_of_all(scores, temperature=1.0):
    e = np.exp((scores - scores.max()) / temperature)
    return e / e.sum(-1, keepdims=True)


def centred(scores, temperature=1.0):
    e = np.exp((scores - scores.mean(-1, keepdims=True)) / temperature)
    return e / e.sum(-1, keepdims=True)


def maximum_before_heat(scores, temperature=1.0):
    e = np.exp(scores / temperature - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


softmax = Exercise(
    reference=shares,
    cases=[
        (np.array([[0.0, np.log(2), np.log(3)]]),),
        (np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]]),),
        (np.array([[1.0, 2.0], [3.0, 7.0]]), 2.0),
        (np.array([[1.0, 2.0], [3.0, 7.0]]), 0.1),
        (np.array([[1000.0, -1000.0], [-1000.0, -1000.0]]),),
        (np.array([[1000.0, 1001.0], [0.0, 1.0]]), 0.5),
        (np.array([[5.0]]), 3.0),
    ],
    mistakes=[
        (unsafe, "exp overflowed: subtract the largest score of each row first."),
        (maximum_of_all, "A row far below the largest score of all becomes 0 / 0: subtract each row's own maximum."),
        (centred, "A row's mean can lie far below its largest score, and exp overflows: subtract the largest."),
        (maximum_before_heat, "Divide by the temperature first, then subtract the largest of the divided scores."),
        (all_at_once, "Your shares sum to 1 over the whole table: every row must sum to 1 by itself."),
        (lambda s, t=1.0: activation.softmax(s / t, axis=0), "Your columns sum to 1: sum over the last axis."),
        (lambda s, t=1.0: activation.softmax(s), "The temperature has no effect: divide the scores by it."),
        (lambda s, t=1.0: activation.softmax(s * t),
         "You multiply by the temperature: divide, so that heat makes the shares alike."),
        (lambda s, t=1.0: activation.softmax(s) / t,
         "Divide the scores by the temperature, not the shares: they no longer sum to 1."),
    ],
)

count_dead = Exercise(
    reference=lambda z: int((z <= 0).all(0).sum()),
    cases=[
        (np.array([[-1.0, 2.0, -3.0], [-0.5, -2.0, 1.0]]),),
        (np.array([[0.0, 1.0], [-1.0, 1.0], [-2.0, 1.0]]),),       # exactly 0 is not active
        (np.array([[-1.0, -1.0, -1.0, 3.0]]),),                    # one example
        (np.array([[1.0, -4.0, 3.0], [2.0, 1.0, -1.0]]),),         # none is dead, though one has a negative mean
        (-np.ones((5, 4)),),
    ],
    mistakes=[
        (lambda z: int((z <= 0).sum()), "You count single zeros: a unit is dead if it is silent for every example."),
        (lambda z: int((z <= 0).any(0).sum()),
         "Silent for some example is normal for ReLU: dead means silent for all of them."),
        (lambda z: int((z <= 0).all(1).sum()),
         "You count examples for which every unit is silent: look down the columns, axis 0."),
        (lambda z: int((z < 0).all(0).sum()), "At exactly 0 a ReLU passes no gradient either: use <= and not <."),
        (lambda z: int((z.mean(0) <= 0).sum()),
         "A negative mean does not kill a unit: one example above 0 keeps it alive."),
        (lambda z: float((z <= 0).all(0).mean()), "That is the share of dead units: the task asks how many."),
    ],
)


def log_sum_exp(x):
    """log(sum(exp(x))) of every row, safe at both ends."""
    top = x.max(-1)
    return top + np.log(np.exp(x - top[..., None]).sum(-1))


def forgets_the_top(x):
    return np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1))


def one_top_for_all(x):
    return x.max() + np.log(np.exp(x - x.max()).sum(-1))


logsumexp = Exercise(
    reference=log_sum_exp,
    cases=[
        (np.array([[0.0, 0.0]]),),
        (np.array([[1.0, 2.0, 3.0], [-1.0, 0.0, 0.5]]),),
        (np.array([[1000.0, 1000.0], [-1000.0, -1000.0]]),),
        (np.array([[7.0]]),),
    ],
    mistakes=[
        (lambda x: np.log(np.exp(x).sum(-1)), "exp overflowed: take the largest of each row out of the sum first."),
        (forgets_the_top, "You took the maximum out of the sum and did not put it back: add it at the end."),
        (one_top_for_all, "The row far below the largest number of all is lost: use each row's own maximum."),
        (lambda x: x.max(-1), "That is the maximum alone: the others add something, log 2 where two are level."),
        (lambda x: log_sum_exp(x)[:, None], "One number for each row: leave keepdims away at the end."),
        (lambda x: log_sum_exp(x.T), "You summed down the columns: sum over the last axis."),
    ],
)
