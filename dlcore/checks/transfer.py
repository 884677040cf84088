"""The exercises of chapter 14."""

import math

import numpy as np

from ..exercise import Exercise

# ---- an old picture in a new frame ----


def framed(x, *, top=16, repeat=True, before=6, after=6, blank=0.0, both=True):
    """A picture (8, 8) of 0 to 16 as (28, 28) of 0 to 1: each pixel as 2 x 2, then a frame of paper."""
    x = np.asarray(x, float) / top
    if repeat:
        x = x.repeat(2, 0)
        x = x.repeat(2, 1) if both else np.tile(x, (1, 2))
    else:
        x = np.tile(x, (2, 2))
    return np.pad(x, (before, after), constant_values=blank)


def digit(n_seed):
    return np.random.default_rng(n_seed).integers(0, 17, (8, 8)).astype(float)


prepare = Exercise(
    reference=framed,
    cases=[
        (digit(0),),
        (digit(1) // 2,),                                          # a pale one
        (np.arange(64.0).reshape(8, 8) % 17,),
        (np.zeros((8, 8)),),
        (np.full((8, 8), 16.0),),
    ],
    mistakes=[
        (lambda x: framed(x, top=1),
         "The ink goes from 0 to 16: divide by 16, as the network knows it from 0 to 1."),
        (lambda x: framed(x, top=255), "The largest value here is 16, not 255."),
        (lambda x: framed(x / x.max() * 16),
         "You divided by the largest pixel of this picture: a pale digit must stay pale. Divide by 16."),
        (lambda x: np.pad(x / 16, 10), "The digit is still 8 x 8: make each pixel 2 x 2 before the frame."),
        (lambda x: framed(x, repeat=False),
         "That puts four small digits side by side: repeat each pixel, not the picture."),
        (lambda x: framed(x, both=False), "You repeated the rows only, and put the columns side by side twice."),
        (lambda x: framed(x, before=0, after=12),
         "The digit sits in the corner: the frame has 6 pixels on every side."),
        (lambda x: framed(x, blank=1.0), "The frame is ink: paper is 0."),
        (lambda x: framed(x, before=0, after=0),
         "The frame is missing: 16 x 16 pixels need 6 more on every side."),
    ],
)

# ---- so many of each class ----


def first_of_each(y, k, *, classes=None):
    """Positions of the first k examples of each class: class by class from the smallest, in order of appearance."""
    y = np.asarray(y)
    chosen = [np.flatnonzero(y == c)[:k] for c in (np.unique(y) if classes is None else classes(y))]
    return np.concatenate(chosen) if chosen else np.zeros(0, int)


pick = Exercise(
    reference=first_of_each,
    cases=[
        (np.array([2, 0, 1, 0, 2, 2, 1, 0]), 2),
        (np.array([1, 1, 0, 1]), 1),
        (np.array([0, 3, 3, 0, 3]), 2),                            # classes 1 and 2 never appear
        (np.array([5, 4, 5]), 2),                                  # a class with fewer than k
    ],
    mistakes=[
        (lambda y, k: np.arange(min(k * len(np.unique(y)), len(y))),
         "Those are the first examples of all: k of each class were asked for."),
        (lambda y, k: np.sort(first_of_each(y, k)),
         "Right examples, another order: all of the smallest class first."),
        (lambda y, k: np.asarray(y)[first_of_each(y, k)], "Those are the labels: return the positions."),
        (lambda y, k: np.concatenate([np.flatnonzero(y == c)[-k:] for c in np.unique(y)]),
         "Those are the last k of each class: take the first."),
        (lambda y, k: first_of_each(y, k, classes=lambda y: list(dict.fromkeys(y.tolist()))),
         "The classes come in the order of their numbers, not of their first example."),
        (lambda y, k: first_of_each(y, len(y)), "Those are all examples of each class: take the first k."),
        (lambda y, k: first_of_each(y, k, classes=lambda y: range(len(np.unique(y)))),
         "The classes need not be 0, 1, 2: np.unique(y) says which there are."),
        (lambda y, k: [np.flatnonzero(y == c)[:k] for c in np.unique(y)],
         "That is one list for each class. Join them into one: np.concatenate."),
        (lambda y, k: first_of_each(y, 1), "That is one of each class, whatever k is."),
    ],
)

# ---- what is left to learn ----


def left(shapes, frozen, *, sizes=math.prod, inside=False, turned=False):
    """How many numbers are learnt of parameters {name: shape}, when those whose name begins with `frozen` are not."""
    fixed = {name: (frozen in name if inside else name.startswith(frozen)) for name in shapes}
    return sum(sizes(shape) for name, shape in shapes.items() if fixed[name] == turned)


NET = {"features.0.weight": (16, 1, 5, 5), "features.0.bias": (16,), "classifier.weight": (10, 64),
       "classifier.bias": (10,)}

learnt = Exercise(
    reference=left,
    cases=[
        (NET, "features"),
        (NET, "classifier"),
        ({"a.weight": (2, 3),
         "b.a.weight": (5,), "a.bias": (2,)}, "a"),       # an "a" that is not at the beginning
        (NET, "nothing"),
        ({"w": (3, 4), "scale": ()}, "b"),                                     # one number has an empty shape
    ],
    mistakes=[
        (lambda shapes, frozen: left(shapes, frozen, turned=True),
         "You counted the frozen ones: count the others."),
        (lambda shapes, frozen: left(shapes, frozen, sizes=lambda s: 1),
         "That is the number of arrays. How many numbers are in each?"),
        (lambda shapes, frozen: left(shapes, frozen, sizes=sum),
         "An array of shape (10, 64) holds 10 times 64 numbers: multiply its sizes."),
        (lambda shapes, frozen: left(shapes, frozen, inside=True),
         "b.a.weight does not begin with a: look at the beginning of the name only."),
        (lambda shapes, frozen: sum(math.prod(s) for s in shapes.values()),
         "That counts all parameters, frozen ones too."),
    ],
)

# ---- a class is the mean of its examples ----


def nearest_mean(h, y, x, *, middle=np.mean, power=2, farthest=False, position=False, dot=False):
    """The class of the nearest class mean for each row: h (N, D) with labels y (N,), x (M, D), to (M,)."""
    h, y, x = np.asarray(h, float), np.asarray(y), np.asarray(x, float)
    classes = np.unique(y)
    means = np.stack([middle(h[y == c], axis=0) for c in classes])                      # (K, D)
    far = -(x @ means.T) if dot else (np.abs(x[:, None] - means) ** power).sum(-1)      # (M, K)
    best = far.argmax(1) if farthest else far.argmin(1)
    return best if position else classes[best]


def nearest_one(h, y, x):
    return np.asarray(y)[((x[:, None] - h) ** 2).sum(-1).argmin(1)]


H = np.array([[0.0, 0.0], [2.0, 0.0], [10.0, 0.0], [5.0, 5.0], [5.0, 7.0]])

prototypes = Exercise(
    reference=nearest_mean,
    cases=[
        (H, np.array([3, 3, 3, 8, 8]), np.array([[4.2, 1.0], [5.0, 4.0], [9.0, 0.5], [4.0, 3.2]])),
        (H, np.array([0, 1, 1, 0, 2]), np.array([[3.0, 2.0], [6.0, 0.0], [2.5, 6.0], [30.0, 31.0]])),
        (np.array([[1.0], [3.0], [4.0], [20.0]]), np.array([7, 7, 2, 2]), np.array([[2.9], [7.5], [6.5]])),
        (np.array([[0.0, 0.0, 0.0], [3.0, 3.0, 0.0], [0.0, 0.0, 5.0]]), np.array([1, 2, 3]),
         np.array([[0.0, 2.4, 2.4], [1.4, 1.4, 1.0]])),
    ],
    mistakes=[
        (nearest_one, "That is the nearest single example: first make the mean of each class."),
        (lambda h, y, x: nearest_mean(h, y, x, position=True),
         "That is the position among the classes: return the class number itself."),
        (lambda h, y, x: nearest_mean(h, y, x, farthest=True), "You took the farthest mean: the nearest wins."),
        (lambda h, y, x: nearest_mean(h, y, x, middle=np.sum),
         "A sum grows with the number of examples: divide, to get the mean."),
        (lambda h, y, x: nearest_mean(h, y, x, dot=True),
         "A product favours means that are far out: measure the distance."),
        (lambda h, y, x: nearest_mean(h, y, x, power=1),
         "That adds up differences without squaring them: take the usual distance."),
    ],
)
