"""The exercises of chapter 07."""

import math

import numpy as np

from ..exercise import Exercise

# ---- 1: how large weights should be ----


def std_for(fan_in, fan_out, bend):
    return math.sqrt(2 / fan_in) if bend == "relu" else math.sqrt(2 / (fan_in + fan_out))


weight_std = Exercise(
    reference=std_for,
    cases=[
        (50, 200, "relu"), (50, 150, "tanh"), (8, 2, "relu"), (1, 1, "tanh"), (784, 10, "relu"), (2, 6, "tanh"),
    ],
    mistakes=[
        (lambda i, o, bend: 2 / i if bend == "relu" else 2 / (i + o),
         "That is the variance: the standard deviation is its square root."),
        (lambda i, o, bend: math.sqrt(2 / o) if bend == "relu" else math.sqrt(2 / (i + o)),
         "For ReLU count what a unit sums over, its inputs: you counted its outputs."),
        (lambda i, o, bend: math.sqrt(1 / i) if bend == "relu" else math.sqrt(2 / (i + o)),
         "ReLU lets only half of the mean square through: the 2 that makes up for it is missing."),
        (lambda i, o, bend: math.sqrt(2 / i) if bend == "relu" else math.sqrt(1 / (i + o)),
         "For tanh you want the mean of fan_in and fan_out, which is half of their sum."),
        (lambda i, o, bend: math.sqrt(2 / i) if bend == "relu" else math.sqrt(1 / i),
         "1 / fan_in is what the way forward wants: Xavier's compromise counts fan_out too."),
        (lambda i, o, bend: math.sqrt(2 / (i + o)), "That is Xavier's rule for both: ReLU has a rule of its own."),
        (lambda i, o, bend: math.sqrt(2 / i), "That is He's rule for both: tanh has a rule of its own."),
    ],
)

# ---- 2: scaling without a leak ----


def scaled(train, test):
    mean, std = train.mean(0), train.std(0)
    std = np.where(np.ptp(train, axis=0) == 0, 1, std)
    return (train - mean) / std, (test - mean) / std


def scaled_with(reference):
    """Both parts scaled by the statistics that `reference(train, test)` measures, for the mistakes."""
    def wrong(train, test):
        mean, std = reference(train, test)
        return (train - mean) / std, (test - mean) / std
    return wrong


def safe(std):
    return np.where(std < 1e-9, 1, std)


def each_by_its_own(train, test):
    return tuple((x - x.mean(0)) / safe(x.std(0)) for x in (train, test))


TRAIN = np.array([[0.0, 10.0, 3.0], [2.0, 30.0, 3.0], [4.0, 20.0, 3.0], [6.0, 20.0, 3.0]])
scale = Exercise(
    reference=scaled,
    cases=[
        (TRAIN[:, :2], np.array([[8.0, 0.0], [3.0, 60.0]])),
        (TRAIN[:, :2] * 1e6, TRAIN[:1, :2]),
        (TRAIN[:3, :1], np.array([[100.0]])),
        (TRAIN, np.array([[1.0, 2.0, 4.0], [3.0, 20.0, 3.0]])),             # a pixel that is blank in training
        (TRAIN, TRAIN[::-1]),
    ],
    mistakes=[
        (scaled_with(lambda a, b: (np.vstack([a, b]).mean(0), safe(np.vstack([a, b]).std(0)))),
         "You measured on both parts together: the test part has leaked into the training."),
        (each_by_its_own,
         "You measured on each part by itself: equal rows would get different numbers. Measure on train."),
        (scaled_with(lambda a, b: (a.mean(0), a.std(0))),
         "A feature that never varies in training has std 0: divide it by 1 instead."),
        (scaled_with(lambda a, b: (a.mean(0), a.std(0) + 1e-8)),
         "A small number added to the std still divides a blank feature by nearly 0: divide it by 1 instead."),
        (scaled_with(lambda a, b: (a.mean(), a.std())),
         "You took one mean over the whole table: each feature, a column, has its own."),
        (scaled_with(lambda a, b: (a.mean(0), safe(a.var(0)))), "Divide by the standard deviation, not the variance."),
        (scaled_with(lambda a, b: (0, safe(a.std(0)))), "You divided, but did not subtract the mean."),
        (lambda a, b: (scaled(a, b)[0], b), "The test part must go through the same shift and scale."),
    ],
)

# ---- 3: the winner's honest score ----


def chosen(validation, test):
    best = int(np.argmax(validation))
    return best, test[best]


choose = Exercise(
    reference=chosen,
    cases=[
        ([0.90, 0.95, 0.93], [0.94, 0.91, 0.96]),
        ([0.5], [0.4]),
        ([0.62, 0.58, 0.70, 0.66], [0.51, 0.52, 0.49, 0.47]),
        ([0.8, 0.8, 0.7], [0.7, 0.9, 0.6]),
        ([0.1, 0.2, 0.3], [0.3, 0.2, 0.1]),
    ],
    mistakes=[
        (lambda v, t: (int(np.argmax(t)), max(t)),
         "You chose by the test set: from then on it is a validation set, and you have no test set left."),
        (lambda v, t: (int(np.argmax(v)), max(v)), "That is the winner's validation score, which is too kind."),
        (lambda v, t: (int(np.argmax(v)), max(t)), "That test score belongs to another model than the one you chose."),
        (lambda v, t: (int(np.argmin(v)), t[int(np.argmin(v))]), "These are accuracies: the highest wins."),
        (lambda v, t: (len(v) - 1 - int(np.argmax(v[::-1])), t[len(v) - 1 - int(np.argmax(v[::-1]))]),
         "Where two are equal, the task asks for the first of them."),
        (lambda v, t: (t[int(np.argmax(v))], int(np.argmax(v))),
         "The order is number, then accuracy: exchange the two."),
        (lambda v, t: t[int(np.argmax(v))], "Return two things: the number of the model, and its test score."),
    ],
)

# ---- 4: the loss of an epoch ----


def mean_of_epoch(losses, sizes):
    return sum(loss * n for loss, n in zip(losses, sizes, strict=True)) / sum(sizes)


epoch_loss = Exercise(
    reference=mean_of_epoch,
    cases=[
        ([2.0, 1.0, 5.0], [32, 32, 8]),
        ([0.7], [1]),
        ([3.0, 1.0], [4, 4]),
        ([0.0, 10.0], [99, 1]),
        ([1e6, 1.0, 1.0], [1, 1, 2]),
    ],
    mistakes=[
        (lambda losses, sizes: sum(losses) / len(losses),
         "A mean of means: the last, smaller batch counts as much as a full one. Weigh each by its size."),
        (lambda losses, sizes: sum(a * n for a, n in zip(losses, sizes, strict=True)),
         "That is the sum over all examples: divide by how many there are."),
        (lambda losses, sizes: sum(losses) / sum(sizes),
         "Each loss is already a mean: multiply it by its batch size before you add."),
        (lambda losses, sizes: sum(a * n for a, n in zip(losses, sizes, strict=True)) / len(sizes),
         "You divided by the number of batches: divide by the number of examples."),
        (lambda losses, sizes: losses[-1], "That is the loss of the last batch, not of the epoch."),
    ],
)

# ---- 5: the size of a signal through ReLU layers ----


def sizes_of(first, widths, stds):
    sizes = [float(first)]
    for fan_in, std in zip(widths, stds, strict=True):
        sizes.append(sizes[-1] * std * math.sqrt(fan_in / 2))
    return sizes


def sizes_with(factor):
    """The same walk with another factor, for the mistakes."""
    def wrong(first, widths, stds):
        sizes = [first]
        for fan_in, std in zip(widths, stds, strict=True):
            sizes.append(sizes[-1] * factor(fan_in, std))
        return sizes
    return wrong


signal = Exercise(
    reference=sizes_of,
    cases=[
        (1.0, [50, 50], [0.2, 0.2]),
        (3.0, [8, 200, 2], [0.5, 0.1, 2.0]),
        (1.0, [64] * 10, [0.01] * 10),
        (2.0, [], []),
        (1.0, [100, 100], [0.0, 0.3]),
    ],
    mistakes=[
        (sizes_with(lambda n, s: s * math.sqrt(n)), "ReLU is missing: it halves the mean square of every layer."),
        (sizes_with(lambda n, s: s * math.sqrt(n) / 2),
         "The mean square is halved, so the size shrinks by the root of 2."),
        (sizes_with(lambda n, s: s * s * n / 2), "That is the factor of the mean square: the size needs its root."),
        (sizes_with(lambda n, s: s * n / 2), "Variances add, so the size grows with the root of fan_in."),
        (sizes_with(lambda n, s: math.sqrt(s * n / 2)), "Square the standard deviation: the formula has a variance."),
        (lambda first, widths, stds: sizes_of(first, widths, stds)[1:], "The list begins with the size of the input."),
        (lambda first, widths, stds: sizes_of(first, widths, stds)[-1], "Return all sizes, not the last alone."),
    ],
)
