"""The exercises of chapter 32."""

import math

import numpy as np

from ..exercise import Exercise


def waves(*shape, scale=1.0, shift=0.0):
    """The same table on every machine: waves, so that no two neighbours are alike."""
    return shift + scale * np.sin(1.7 * np.arange(math.prod(shape)) ** 1.1).reshape(shape)


# ---- 1: the KL term ----


def divergence(mean, log_variance, *, half=0.5, variance=np.exp, one=1.0, sign=-1.0, gather=lambda kl: kl.sum(1)):
    """KL(q | N(0, 1)) of each row in nats (N,); the arguments by name are the slips."""
    mean, log_variance = np.asarray(mean, float), np.asarray(log_variance, float)
    return gather(half * (mean**2 + variance(log_variance) - one + sign * log_variance))


kl_term = Exercise(
    reference=divergence,
    cases=[
        (np.array([[1.0]]), np.array([[0.0]])),                                         # a half
        (np.zeros((2, 3)), np.zeros((2, 3))),                                           # the prior itself: nothing
        (np.array([[0.0, 2.0]]), np.array([[np.log(4.0), 0.0]])),
        (waves(4, 3, scale=2.0), waves(4, 3, shift=-1.0)),
        (np.array([[30.0], [0.0]]), np.array([[-20.0], [3.0]])),                        # far away, and narrow
    ],
    mistakes=[
        (lambda m, v: divergence(m, v, half=1.0), "A half stands in front of everything."),
        (lambda m, v: divergence(m, v, variance=lambda v: v),
         "You used the logarithm of the variance as the variance: take exp where the formula says σ²."),
        (lambda m, v: divergence(m, v, variance=lambda v: np.exp(v / 2)),
         "exp of half the log variance is σ. The formula needs σ²."),
        (lambda m, v: divergence(m, v, one=0.0), "The 1 is missing: the prior itself must give 0."),
        (lambda m, v: divergence(m, v, sign=1.0), "Take the log variance away, do not add it."),
        (lambda m, v: divergence(m, v, gather=lambda kl: kl.mean(1)),
         "Add up the latent numbers of a row: a mean makes the term smaller the more of them there are."),
        (lambda m, v: divergence(m, v, gather=lambda kl: kl.sum()), "One number for each row: do not add up the rows."),
        (lambda m, v: divergence(m, v, gather=lambda kl: kl), "Add up the latent numbers of each row."),
        (lambda m, v: divergence(m, v, gather=lambda kl: kl.sum(0)),
         "You added up along the first axis, over the pictures: go along the second, over the latent numbers."),
        (lambda m, v: divergence(m, v, gather=lambda kl: kl.sum(1).mean()),
         "That is the mean over the pictures: one number for each was asked for."),
        (lambda m, v: divergence(m, v, gather=lambda kl: kl.sum(1, keepdims=True)),
         "The shape is (N,), without a second axis of length 1."),
        (lambda m, v: divergence(m, 2 * np.asarray(v)),
         "log_variance is already the logarithm of σ², not of σ: do not double it."),
        (lambda m, v: divergence(0 * m, v) + np.sum(m, 1) / 2, "The mean stands squared in the formula."),
        (lambda m, v: -divergence(m, v), "The sign is turned round: a divergence is never negative."),
    ],
)

# ---- 2: the trick ----


def moved(mean, log_variance, noise, *, spread=lambda v: np.exp(v / 2)):
    """mean + sd * noise, (N, Z)."""
    return np.asarray(mean, float) + spread(np.asarray(log_variance, float)) * np.asarray(noise, float)


reparameterise = Exercise(
    reference=moved,
    cases=[
        (np.array([[1.0]]), np.array([[np.log(0.25)]]), np.array([[-1.0]])),            # 1 - 0.5
        (np.array([[2.0, -1.0]]), np.zeros((1, 2)), np.array([[0.5, 0.5]])),
        (waves(4, 3), waves(4, 3, shift=-1.0), waves(4, 3, scale=1.5, shift=0.3)),
        (waves(3, 2), waves(3, 2), np.zeros((3, 2))),                                   # no noise: the mean
        (np.zeros((2, 1)), np.array([[-30.0], [6.0]]), np.ones((2, 1))),                # a point, and a wide cloud
    ],
    mistakes=[
        (lambda m, v, e: moved(m, v, e, spread=np.exp),
         "That is the variance in front of the noise. The standard deviation is exp of half the log variance."),
        (lambda m, v, e: moved(m, v, e, spread=lambda v: v), "The noise is multiplied by a logarithm: take exp first."),
        (lambda m, v, e: moved(m, v, e, spread=lambda v: v / 2), "exp is missing around half the log variance."),
        (lambda m, v, e: moved(m, v, e, spread=np.ones_like), "The noise keeps its own width: scale it."),
        (lambda m, v, e: np.array(m, float), "That is the mean: where is the noise?"),
        (lambda m, v, e: moved(m, v, e, spread=lambda v: np.exp(2 * v)),
         "The standard deviation is exp of half the log variance, not of twice."),
        (lambda m, v, e: moved(m, v, e, spread=np.sqrt),
         "The root of a logarithm is no standard deviation: take exp first, or halve the logarithm."),
        (lambda m, v, e: m + np.exp(v) / 2 * e, "The half belongs inside exp: exp(v / 2), not exp(v) / 2."),
        (lambda m, v, e: m + np.exp(v / 2) + e, "Multiply the noise by the standard deviation, do not add the two."),
        (lambda m, v, e: np.exp(v / 2) * (m + e), "The mean must not be scaled, only the noise."),
    ],
)

# ---- 3: its gradients ----


def through(mean, log_variance, noise, g, *, half=0.5, spread=lambda v: np.exp(v / 2), term=True, draw=True, n=None):
    """dL/dmean and dL/dlog_variance of a loss with gradient g for z plus the mean KL term; by name: the slips."""
    mean, v, noise, g = (np.asarray(a, float) for a in (mean, log_variance, noise, g))
    n = len(mean) if n is None else n
    for_mean = g + term * mean / n
    return for_mean, draw * g * noise * half * spread(v) + term * (np.exp(v) - 1) / (2 * n)


GRADIENT_CASE = waves(4, 3), waves(4, 3, shift=-1.0), waves(4, 3, scale=1.5, shift=0.3), waves(4, 3, scale=0.2)

code_gradients = Exercise(
    reference=through,
    cases=[
        (np.array([[2.0]]), np.array([[0.0]]), np.array([[1.0]]), np.array([[3.0]])),   # 5 and 1.5
        GRADIENT_CASE,
        (np.zeros((2, 2)), np.zeros((2, 2)), waves(2, 2), np.ones((2, 2))),             # at the prior: the draw alone
        (waves(3, 2), waves(3, 2), waves(3, 2, shift=1.0), np.zeros((3, 2))),           # a decoder that does not care
        (waves(1, 4), waves(1, 4, shift=2.0), np.zeros((1, 4)), waves(1, 4, scale=2.0)),
    ],
    mistakes=[
        (lambda m, v, e, g: through(m, v, e, g, term=False), "The KL term is missing from both."),
        (lambda m, v, e, g: (g, through(m, v, e, g)[1]), "The KL term is missing from the gradient for the mean."),
        (lambda m, v, e, g: (through(m, v, e, g)[0], through(m, v, e, g, term=False)[1]),
         "The KL term is missing from the gradient for the log variance."),
        (lambda m, v, e, g: (through(m, v, e, g)[0], through(m, v, e, g)[1] + (np.exp(v) - 1) / (2 * len(m))),
         "A half is missing: the slope of KL for the log variance is (exp(v) - 1) / 2."),
        (lambda m, v, e, g: (through(m, v, e, g)[0] + m / len(m), through(m, v, e, g)[1]),
         "The half in front of the mean squared cancels against the 2: the slope of KL for the mean is the mean."),
        (lambda m, v, e, g: through(m, v, e, g / len(m)),
         "g is already the gradient of the mean loss: only the KL term is divided by N here."),
        (lambda m, v, e, g: through(m, v, e, 0 * g), "The part through z is missing from both: where is g?"),
        (lambda m, v, e, g: through(m, v, e, g)[0], "Return two arrays: that of the log variance too."),
        (lambda m, v, e, g: (through(m, v, e, g)[0], through(m, v, np.ones_like(e), g)[1]),
         "The slope of z for the log variance holds the noise as a factor."),
        (lambda m, v, e, g: (through(m, v, e, g)[0], through(m, v, e, g)[1] + 1 / (2 * len(m))),
         "The slope of KL for the log variance is (exp(v) - 1) / 2: the 1 is missing."),
        (lambda m, v, e, g: through(m, v, e, g, draw=False),
         "The log variance also moves z: g reaches it, times the noise and half the standard deviation."),
        (lambda m, v, e, g: through(m, v, e, g, half=1.0),
         "The standard deviation is exp(v / 2): its slope brings a factor of a half."),
        (lambda m, v, e, g: through(m, v, e, g, spread=np.exp),
         "The slope of exp(v / 2) holds exp(v / 2), the standard deviation, not the variance."),
        (lambda m, v, e, g: through(m, v, e, g, n=1), "The KL term is a mean over the N rows: divide by N."),
        (lambda m, v, e, g: through(m, v, e, g, n=np.size(m)),
         "The KL term is a mean over the N rows, not over all N Z numbers."),
        (lambda m, v, e, g: through(m, v, e, g)[::-1], "The two are in the wrong order: first that of the mean."),
    ],
)

# ---- 4: what is alive ----


def alive(means, threshold=0.01, *, spread=lambda m: m.var(0)):
    """How many latent numbers vary by more than the threshold over the rows of means (N, Z)."""
    return int((spread(np.asarray(means, float)) > threshold).sum())


active_units = Exercise(
    reference=alive,
    cases=[
        (np.array([[1.0, 0.0, 5.0], [-1.0, 0.0, 5.0]]), 0.01),                # the third is large but never moves
        (waves(6, 4) * np.array([1.0, 0.05, 0.5, 0.0]), 0.01),                # a spread of 0.05 is below
        (waves(5, 3) * np.array([1.0, 0.1, 0.02]) + 7, 0.001),                # another threshold: two of three
        (np.zeros((4, 2)), 0.01),
        (np.array([[0.0, 0.0], [0.18, 3.0]]), 0.01),                          # variance 0.0081, divided by N
        (waves(3, 5, scale=10.0), 0.01),
        (np.array([[2.0, 3.0]]), 0.01),                                       # a single row does not vary
    ],
    mistakes=[
        (lambda m, t: alive(m, t, spread=lambda m: m.var(1)),
         "That is the variance along a row: go down the columns."),
        (lambda m, t: alive(m, t, spread=lambda m: m.std(0)),
         "The threshold is one of the variance, and you compared the standard deviation."),
        (lambda m, t: alive(m, t, spread=lambda m: (m**2).mean(0)),
         "Take the mean of the column away first: a number that is always 5 tells nothing about the picture."),
        (lambda m, t: alive(m, t, spread=lambda m: np.abs(m).max(0)),
         "Large is not the same as alive: ask how much a column varies."),
        (lambda m, t: alive(m, t, spread=lambda m: m.var(0, ddof=1) if len(m) > 1 else 0 * m[0]),
         "Divide by N, as np.var does unless told otherwise, not by N - 1."),
        (lambda m, t: alive(m, t, spread=np.var), "That is one variance over all numbers: each column has its own."),
        (lambda m, t: alive(m, 0.01), "You compare with 0.01 always: the threshold is given."),
        (lambda m, t: m.var(0) > t, "Those are the answers for single columns: count the True ones."),
        (lambda m, t: np.shape(m)[1] - alive(m, t), "You counted the dead ones."),
        (lambda m, t: alive(m, t) / np.shape(m)[1], "That is a share: how many were asked for."),
    ],
)

# ---- 5: a better bound ----


def log_mean_exp(log_w, *, stable=True, gather=np.mean, axis=0):
    """log of the mean of exp(log_w) over the draws, (N,); the arguments by name are the slips."""
    log_w = np.asarray(log_w, float)
    top = log_w.max(axis, keepdims=True) if stable else np.zeros_like(log_w.max(axis, keepdims=True))
    return np.log(gather(np.exp(log_w - top), axis)) + top.squeeze(axis)


importance = Exercise(
    reference=log_mean_exp,
    cases=[
        (np.log(np.array([[1.0], [3.0]])),),                                            # log 2
        (np.array([[-100.0, -2.0, 0.5]]),),                                             # one draw: the ELBO itself
        (waves(5, 3),),
        (waves(4, 2, scale=3.0, shift=-900.0),),                                        # exp of these is 0
        (np.full((6, 2), 800.0),),                                                      # and of these infinite
        (np.array([[-900.0, 800.0], [-901.0, -800.0]]),),                               # both at once
    ],
    mistakes=[
        (lambda w: np.mean(w, 0), "That is the mean of the logarithms, the ELBO: take the mean of the weights first."),
        (lambda w: log_mean_exp(w, stable=False),
         "exp gives 0 or infinity far from 0: take the largest logarithm away first, add it at the end."),
        (lambda w: np.log(np.exp(w - w.max()).mean(0)) + w.max(),
         "Take away the largest of each column: beside the largest of all, another column may still be 0."),
        (lambda w: np.log(np.exp(w - w.max(0)).mean(0)), "Add the largest logarithm again at the end."),
        (lambda w: np.log(np.exp(w - w.max(0)).sum(0) / np.shape(w)[1]) + w.max(0),
         "K is the length of the first axis: you divided by N."),
        (lambda w: -log_mean_exp(w), "The sign is turned round: a bound on log p(x) is asked for, not a loss."),
        (lambda w: log_mean_exp(w, gather=np.sum), "You added the K weights up: take their mean."),
        (lambda w: log_mean_exp(w, axis=1), "The K draws stand along the first axis, not the second."),
        (lambda w: np.max(w, 0), "That is the largest weight alone, not their mean."),
        (lambda w: np.exp(log_mean_exp(w)), "The logarithm at the end is missing."),
    ],
)
