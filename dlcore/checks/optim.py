"""The exercises of chapter 06."""

import math

import numpy as np

from ..exercise import Exercise

# ---- 1: Nesterov's momentum ----


def step_ahead(w, v, g, lr, beta):
    v = beta * v + g
    return w - lr * (g + beta * v), v


def plain_momentum(w, v, g, lr, beta):
    v = beta * v + g
    return w - lr * v, v


def rate_inside(w, v, g, lr, beta):
    v = beta * v + lr * g
    return w - (lr * g + beta * v), v


def averaged(w, v, g, lr, beta):
    v = beta * v + (1 - beta) * g
    return w - lr * (g + beta * v), v


def weights_alone(w, v, g, lr, beta):
    return step_ahead(w, v, g, lr, beta)[0]


W, V, G = np.array([1.0, -2.0, 0.5]), np.array([0.5, 1.0, -3.0]), np.array([2.0, -1.0, 0.25])
nesterov = Exercise(
    reference=step_ahead,
    cases=[
        (1.0, 2.0, 3.0, 0.1, 0.5),
        (W, V, G, 0.1, 0.9),
        (W, np.zeros(3), G, 0.5, 0.9),                                              # the first step
        (W, V, np.zeros(3), 0.1, 0.9),                                              # rolling on without a slope
        (W, V, G, 0.1, 0.0),                                                        # no momentum at all
        (np.ones((2, 3)), np.ones((2, 3)), -np.ones((2, 3)), 10.0, 0.99),
    ],
    mistakes=[
        (plain_momentum,
         "That is Polyak's momentum. Nesterov steps by g + beta * v with the v that already holds g, not the old one."),
        (rate_inside, "The rate multiplies the whole step, not the gradient that goes into v."),
        (averaged, "v takes in the whole gradient: beta * v + g. The factor 1 - beta belongs to Adam's averages."),
        (weights_alone, "Return two things, the new w and the new v: the next step needs both."),
        (lambda *a: step_ahead(*a)[::-1], "The order is turned round: return w first, then v."),
        (lambda w, v, g, lr, beta: (2 * w - step_ahead(w, v, g, lr, beta)[0], beta * v + g),
         "The sign: a step goes against the gradient, so it is subtracted."),
    ],
)

# ---- 2: fading averages that are right from the start ----


def corrected(x, beta):
    m, averages = 0.0, []
    for t, number in enumerate(x, start=1):
        m = beta * m + (1 - beta) * number
        averages.append(m / (1 - beta**t))
    return averages


def uncorrected(x, beta):
    m, averages = 0.0, []
    for number in x:
        m = beta * m + (1 - beta) * number
        averages.append(m)
    return averages


def twice_corrected(x, beta):
    m, averages = 0.0, []
    for t, number in enumerate(x, start=1):
        m = (beta * m + (1 - beta) * number) / (1 - beta**t)
        averages.append(m)
    return averages


def started_with_the_first(x, beta):
    averages = []
    for number in x:
        averages.append(beta * averages[-1] + (1 - beta) * number if averages else number)
    return averages


corrected_averages = Exercise(
    reference=corrected,
    cases=[
        ([2.0, 2.0, 2.0], 0.9),
        ([1.0, -1.0, 3.0, 0.0], 0.5),
        ([5.0], 0.999),
        ([], 0.9),
        ([0.0, 0.0, 8.0], 0.75),
        ([1.0, 2.0, 3.0], 0.0),                                                     # no memory
        (np.linspace(-1, 1, 40), 0.99),
    ],
    mistakes=[
        (uncorrected, "The average starts at 0 and still leans towards it: divide by 1 - beta ** t."),
        (twice_corrected,
         "You put the corrected value back into the average. Keep m as it is, and correct what you report."),
        (lambda x, beta: [m / (1 - beta) for m in uncorrected(x, beta)],
         "Your coefficients are 1, beta, beta² ... and are right for the first number alone. "
         "The average takes 1 - beta of each number, and is divided by 1 - beta ** t."),
        (lambda x, beta: [m / (1 - beta**t) for t, m in enumerate(uncorrected(x, beta))],
         "Count from 1: for the first number, t is 1. At t = 0 you divide by 0."),
        (lambda x, beta: [np.mean(x[:t]) for t in range(1, len(x) + 1)],
         "That is the plain mean of all so far. A fading average weights old numbers less."),
        (started_with_the_first,
         "Starting from the first number cures the 0, but gives that number too much weight. Start at 0 and divide."),
        (lambda x, beta: [m / (1 - beta ** (t + 2)) for t, m in enumerate(uncorrected(x, beta))],
         "The count is one too high: for the first number, t is 1."),
        (lambda x, beta: corrected(x, beta)[-1] if len(x) else 0.0, "Return a list: one average after each number."),
    ],
)

# ---- 3: AdaGrad ----


def adagrad_with(total_of, root=np.sqrt):
    """AdaGrad with another way to keep its sum, or without its root, for the mistakes."""

    def optimise(w, gradients, lr):
        w, total = np.asarray(w, float), np.zeros(len(w))
        for g in gradients:
            g = np.asarray(g, float)
            total = total_of(total, g)
            w = w - lr * g / (root(total) + 1e-10)
        return w

    return optimise


def per_step(w, gradients, lr, step):
    """AdaGrad with another step, step(g, total), for the mistakes."""
    total = 0
    for g in gradients:
        total = total + g**2
        w = w - lr * step(g, total)
    return w


def before_the_sum(w, gradients, lr):
    total = np.zeros(len(w))
    for g in gradients:
        w = w - lr * g / (np.sqrt(total) + 1e-10)
        total = total + g**2
    return w


adagrad = Exercise(
    reference=adagrad_with(lambda total, g: total + g * g),
    cases=[
        (np.array([0.0, 0.0]), [np.array([100.0, 0.01])], 0.1),
        (np.array([1.0, -1.0]), [np.array([3.0, 0.5]), np.array([4.0, -0.5])], 0.1),
        (np.array([2.0]), [np.array([0.0]), np.array([2.0])], 0.5),                 # a gradient of 0 first
        (np.zeros(3), [np.array([1.0, 2.0, -3.0])] * 20, 0.3),
        (np.ones(2), [], 0.1),                                                      # no step at all
    ],
    mistakes=[
        (adagrad_with(lambda total, g: 0.99 * total + 0.01 * g * g),
         "That average fades, as in RMSprop. AdaGrad adds up all squares and forgets nothing."),
        (adagrad_with(lambda total, g: total + np.abs(g), root=lambda s: s),
         "The sum is over squares, and the root comes afterwards: 3 and 4 make 5, not 7."),
        (adagrad_with(lambda total, g: total + g * g, root=lambda s: s),
         "The root is missing: divide by the root of the sum of squares."),
        (adagrad_with(lambda total, g: total + (g * g).sum()),
         "You added up over the weights too. Each weight has a sum of its own."),
        (lambda w, gradients, lr: per_step(w, gradients, lr, lambda g, total: g / np.sqrt(total)),
         "A weight whose gradients were all 0 divides 0 by 0: add 1e-10 to the root."),
        (lambda w, gradients, lr: per_step(w, gradients, lr, lambda g, total: 1 / (np.sqrt(total) + 1e-10)),
         "The gradient itself is missing: the step is lr * g over the root."),
        (adagrad_with(lambda total, g: g * g),
         "That divides by the size of this gradient alone. The sum must remember the earlier ones."),
        (before_the_sum, "Take this step's gradient into the sum first: otherwise the first step divides by nearly 0."),
        (lambda w, gradients, lr: 2 * w - adagrad_with(lambda total, g: total + g * g)(w, gradients, lr),
         "The sign: a step goes against the gradient, so it is subtracted."),
    ],
)

# ---- 4: the schedule of the first transformers ----


def inverse_root_rate(t, lr, warm_up):
    n = t + 1
    return lr * min(n / warm_up, math.sqrt(warm_up / n))


inverse_root = Exercise(
    reference=inverse_root_rate,
    cases=[(0, 1.0, 10), (4, 0.5, 10), (9, 1.0, 10), (39, 1.0, 10), (999, 0.3, 10), (0, 1.0, 1), (3, 1.0, 1)],
    mistakes=[
        (lambda t, lr, warm_up: lr * max((t + 1) / warm_up, math.sqrt(warm_up / (t + 1))),
         "Of the two pieces take the smaller one: the larger grows without end."),
        (lambda t, lr, warm_up: lr * min(t / warm_up, math.sqrt(warm_up / max(t, 1))),
         "t counts from 0, so t + 1 steps are done: otherwise the first step has the rate 0 and is wasted."),
        (lambda t, lr, warm_up: lr * ((t + 1) / warm_up if t < warm_up else 1 / math.sqrt(t + 1)),
         "At the end of the warm-up the rate drops: the falling piece is sqrt(warm_up / (t + 1)), 1 where they meet."),
        (lambda t, lr, warm_up: lr * ((t + 1) / warm_up if t < warm_up else math.sqrt(warm_up / t)),
         "The line is right. The falling piece too counts the steps done: t + 1, not t."),
        (lambda t, lr, warm_up: lr * ((t + 1) / warm_up if t < warm_up else 1 / math.sqrt(t + 1 - warm_up)),
         "You count anew after the warm-up. The root is over all steps done, t + 1."),
        (lambda t, lr, warm_up: lr / warm_up + t * (lr - lr / warm_up) / (warm_up - 1)
         if t < warm_up else lr * math.sqrt(warm_up / (t + 1)),
         "With a warm-up of one step you divide by 0. lr * (t + 1) / warm_up is the same line."),
        (lambda t, lr, warm_up: lr * min((t + 1) / warm_up, 1 / math.sqrt(t + 1)),
         "The pieces do not meet: the falling one is sqrt(warm_up / (t + 1)), which is 1 at the end of the warm-up."),
        (lambda t, lr, warm_up: lr * min((t + 1) / warm_up, warm_up / (t + 1)),
         "It falls too fast: four times as many steps should halve the rate. The root is missing."),
        (lambda t, lr, warm_up: min((t + 1) / warm_up, math.sqrt(warm_up / (t + 1))),
         "That is the share of the peak. Multiply it by lr."),
        (lambda t, lr, warm_up: lr * min((t + 1) / warm_up, 1.0),
         "The warm-up is right, but afterwards the rate should fall."),
    ],
)

# ---- 5: an honest comparison ----


def judged(validation, test):
    validation, test = np.nan_to_num(validation), np.nan_to_num(test)
    scores = test[validation.mean(1).argmax()]
    return scores.mean(), scores.std(ddof=1)


def with_scores(choose, fix=np.nan_to_num, ddof=1):
    """The verdict with another choice of the scores, for the mistakes."""

    def wrong(validation, test):
        scores = choose(fix(validation), fix(test))
        return scores.mean(), scores.std(ddof=ddof)

    return wrong


def by_mean(validation, test):
    return test[validation.mean(1).argmax()]


VALIDATION = np.array([[0.10, 0.12, 0.11], [0.90, 0.94, 0.92], [0.93, 0.91, 0.93], [0.99, 0.50, 0.40]])
TEST = np.array([[0.11, 0.10, 0.12], [0.95, 0.96, 0.97], [0.90, 0.92, 0.93], [0.98, 0.55, 0.45]])
OVERFLOWED = np.array([[np.nan] * 3, [0.9, np.nan, 0.9], [0.7, 0.6, 0.8]])
verdict = Exercise(
    reference=judged,
    cases=[
        (VALIDATION, TEST),
        (VALIDATION[:3, :2], TEST[:3, :2]),
        (VALIDATION[:, [0, 1, 2, 0]], TEST[:, [2, 1, 0, 0]]),                       # square: the wrong axis fits too
        (OVERFLOWED, OVERFLOWED - 0.05),
        (np.array([[0.8, 0.9]]), np.array([[0.6, 0.8]])),                           # one rate only
    ],
    mistakes=[
        (with_scores(lambda validation, test: test[test.mean(1).argmax()]),
         "You chose the rate on the test set. What was used for choosing cannot also be the judge."),
        (with_scores(lambda validation, test: test[validation.argmax(0), np.arange(test.shape[1])]),
         "You chose a rate for each seed. One rate for all seeds, by the mean over the seeds."),
        (with_scores(lambda validation, test: test[validation.max(1).argmax()]),
         "You chose by the luckiest seed. Choose by the mean over the seeds."),
        (with_scores(lambda validation, test: by_mean(validation, validation)),
         "That is the validation accuracy at the chosen rate. It is too good, since it was chosen for being high."),
        (lambda validation, test: (judged(validation, test)[0], judged(validation, test)[1] ** 2),
         "That is the variance: the standard deviation is its root."),
        (lambda validation, test: (judged(validation, test)[0], judged(validation, test)[1] / len(test[0]) ** 0.5),
         "That is the error of the mean. Asked for is the spread of the seeds: do not divide by the root of S."),
        (with_scores(by_mean, ddof=0), "Divide by S - 1: the mean was taken from the same S numbers, std(ddof=1)."),
        (with_scores(by_mean, fix=np.asarray),
         "A mean with nan in it is nan, and argmax takes nan for the largest. Turn nan into 0 first."),
        (with_scores(lambda validation, test: test[validation.mean(0).argmax()]),
         "Those are the means of the columns, one for each seed: choose by the means of the rows, mean(1)."),
        (lambda validation, test: judged(validation.T, test.T),
         "Rows are rates and columns are seeds: take the mean along each row, mean(1)."),
        (lambda validation, test: judged(validation, test)[0],
         "Return two numbers, the mean and the standard deviation."),
    ],
)
