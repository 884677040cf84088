"""The exercises of chapter 00: score the answers, know the baseline, find the nearest average, move a picture."""

import numpy as np

from dlcore.exercise import Exercise

SOME = np.array([3, 8, 1, 4]), np.array([3, 8, 7, 4])          # three of four right


def _accuracy(answers, targets):
    return float(np.mean(answers == targets))


accuracy = Exercise(
    _accuracy,
    cases=[
        SOME,
        (np.array([5]), np.array([5])),
        (np.array([1, 2]), np.array([2, 1])),
        (np.zeros(7, int), np.array([0, 0, 1, 2, 0, 9, 0])),
    ],
    mistakes=[
        (lambda a, t: (a == t).sum(), "That is the number of right answers: divide it by how many there are."),
        (lambda a, t: 100 * np.mean(a == t), "That is in per cent: a share lies between 0 and 1."),
        (lambda a, t: np.mean(a != t), "That is the share of wrong answers: count the right ones."),
        (lambda a, t: (a == t) * 1, "That is one verdict for each answer: take their mean."),
    ],
)


def _baseline(y_train, y_test):
    return float(np.mean(y_test == np.bincount(y_train).argmax()))


def _common(y):
    return np.bincount(y).argmax()


baseline = Exercise(
    _baseline,
    cases=[
        (np.array([1, 1, 1, 0, 2]), np.array([0, 0, 1, 2])),
        (np.array([0, 0, 0, 1]), np.array([1, 1, 1])),
        (np.array([4]), np.array([4])),
        (np.array([7, 7, 0, 1, 2]), np.array([7, 7, 2])),          # the most common class is not the middle one
        (np.array([2, 7, 7, 2, 7]), np.array([7, 7, 2, 7, 1, 2, 2, 2])),
    ],
    mistakes=[
        (lambda a, b: np.mean(b == _common(b)), "It peeks at y_test: take the most common class of y_train."),
        (lambda a, b: np.mean(a == _common(a)), "That is the share in y_train: count how often it is right on y_test."),
        (lambda a, b: _common(a), "That is the class itself: return the share of y_test that it gets right."),
        (lambda a, b: 1 / len(np.unique(a)), "That is guessing at random: always give the same, most common class."),
    ],
)


def _nearest(x, means):
    return int(((x - means) ** 2).sum(1).argmin())


nearest = Exercise(
    _nearest,
    cases=[
        (np.array([0.75, 0.5]), np.array([[0.0, 1.0], [1.0, 0.0]])),
        (np.array([0.0, 0.0, 0.0]), np.array([[3.0, -3.0, 0.0], [1.0, 1.0, 1.0], [-9.0, 0.0, 0.0], [0.5, 0.0, 2.0]])),
        (np.array([2.0, 2.0]), np.array([[5.0, -1.0], [2.0, 2.5], [2.0, 2.0]])),
        (np.array([-1e6]), np.array([[1e6], [0.0], [-2e6], [-1.1e6]])),
        (np.array([0.0, 0.0]), np.array([[2.0, 0.0], [1.1, 1.1]])),
        (np.array([0.3, 0.3, 0.3]), np.array([[1.0, 1.0, 1.0]])),
    ],
    mistakes=[
        (lambda x, m: ((x - m) ** 2).sum(1).argmax(), "That is the farthest one: the smallest distance wins."),
        (lambda x, m: (x - m).sum(1).argmin(), "Without a square, differences of opposite sign cancel."),
        (lambda x, m: abs(x - m).sum(1).argmin(), "Those are absolute differences: square them before adding up."),
        (lambda x, m: ((x - m) ** 2).sum(1).min(), "That is the distance: return the number of the row."),
        (lambda x, m: ((x - m) ** 2).sum(0).argmin(), "You added up over the rows: each row needs its own distance."),
        (lambda x, m: (m @ x).argmax(), "That leaves out the bias: a mean with much ink wins too often."),
    ],
)


def _moved_right(image, by):
    return np.pad(image, ((0, 0), (by, 0)))[:, : image.shape[1]]


def _moved_down(image, by):
    return _moved_right(image.T, by).T


def _moved_left(image, by):
    return _moved_right(image[:, ::-1], by)[:, ::-1]


def _sliced_with_minus(image, by):
    moved = np.zeros_like(image)
    moved[:, by:] = image[:, :-by]
    return moved


PICTURE = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])

moved_right = Exercise(
    _moved_right,
    cases=[(PICTURE, 1), (PICTURE, 2), (PICTURE, 0), (PICTURE, 3), (PICTURE, 4), (np.array([[7.0]]), 1)],
    mistakes=[
        (lambda image, by: np.roll(image, by, axis=1), "np.roll goes round in a circle: what leaves must be lost."),
        (_moved_down, "It went down: rows come first, columns second."),
        (_moved_left, "It went left: column j of the result is column j - by of the picture."),
        (_sliced_with_minus, "For by = 0, image[:, :-0] is empty, because -0 is 0."),
    ],
)
