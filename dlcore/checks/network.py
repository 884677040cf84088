"""The exercises of chapter 03."""

import numpy as np

from ..activation import relu
from ..exercise import Exercise


def count(sizes):
    """Weights and biases of all layers, of the sizes given, the inputs first."""
    return sum((inputs + 1) * units for inputs, units in zip(sizes[:-1], sizes[1:], strict=True))


parameters = Exercise(
    reference=count,
    cases=[([2, 3, 1],), ([1, 1],), ([64, 40, 10],), ([64, 24, 24, 24, 10],), ([784, 128, 64, 10],)],
    mistakes=[
        (lambda sizes: sum(a * b for a, b in zip(sizes[:-1], sizes[1:], strict=True)),
         "The biases are missing: every unit has one."),
        (lambda sizes: count(sizes) + sizes[0], "The inputs are no units: they have no bias."),
        (lambda sizes: sum((a + 1) * b for a, b in zip(sizes[:-2], sizes[1:-1], strict=True)),
         "The last layer is missing: the output units have weights and biases too."),
        (lambda sizes: sum(a * (b + 1) for a, b in zip(sizes[:-1], sizes[1:], strict=True)),
         "That gives one bias to each input of a layer: it is one for each unit."),
        (lambda sizes: int(np.prod(sizes)), "Layers are counted one by one and added: only neighbours are connected."),
    ],
)


def run(x, layers, bend=relu, last=lambda z: z):
    """The scores of a network: `bend` after each layer but the last, `last` after that."""
    for w, b in layers[:-1]:
        x = bend(x @ w.T + b)
    w, b = layers[-1]
    return last(x @ w.T + b)


def made_layers(*sizes):
    """Layers of the given sizes with small whole numbers, some of them below 0."""
    rng = np.random.default_rng(len(sizes))
    return [
        (rng.integers(-2, 3, (m, n)).astype(float), rng.integers(-2, 3, m) + 0.5)
        for n, m in zip(sizes[:-1], sizes[1:], strict=True)
    ]


X = np.array([[1.0, 2.0], [-3.0, 0.5], [0.0, 0.0], [4.0, -1.0]])

forward = Exercise(
    reference=run,
    cases=[
        (X, made_layers(2, 3, 1)),
        (X[:1], made_layers(2, 2, 2)),                     # one row, and square weights
        (X, made_layers(2, 1)),                            # no hidden layer
        (X, made_layers(2, 4, 3, 2)),
        (X, made_layers(2, 2, 2, 2)),
    ],
    mistakes=[
        (lambda x, layers: run(x, layers, last=relu),
         "Your last layer bends too: a score may be below 0, so no ReLU after the last layer."),
        (lambda x, layers: run(x, layers, bend=lambda z: z),
         "There is no bend: without it all layers together are one (chapter 02)."),
        (lambda x, layers: run(x, [(w, 0 * b) for w, b in layers]), "The biases are missing: add b in every layer."),
        (lambda x, layers: run(x, [(w.T, b) for w, b in layers]),
         "Each row of w is one unit: the product is x @ w.T, not x @ w."),
        (lambda x, layers: run(x, layers[:1]), "That is the first layer only: its output goes into the next one."),
        (lambda x, layers: run(x, layers[:-1], last=relu) if layers[1:] else x,
         "The last layer is missing: it needs a product and a bias as well, only no ReLU."),
        (lambda x, layers: run(relu(x), layers), "The inputs are not bent: ReLU comes after a layer, not before."),
    ],
)

# Each row of w and number of b is a half plane (or half space): a triangle, a square, one side, a cube.
TRIANGLE = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]), np.array([0.0, 0.0, 2.0])
SQUARE = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]), np.array([1.0, 1.0, 1.0, 1.0])
WEDGE = np.array([[1.0, 2.0], [-1.0, 1.0]]), np.array([1.0, 0.5])
CUBE = np.vstack([np.eye(3), -np.eye(3)]), np.ones(6)
POINTS = np.array([[0.5, 0.5], [1.5, 0.8], [-0.5, 0.2], [0.0, 0.5]])           # the last lies on a side


def fired(x, w, b):
    return x @ w.T + b > 0                                                      # (N, H)


inside = Exercise(
    reference=lambda x, w, b: fired(x, w, b).all(1) * 1,
    cases=[
        (POINTS, *TRIANGLE),
        (POINTS, *SQUARE),                                 # as many points as sides
        (POINTS[:1], *TRIANGLE),
        (np.array([[0.5, 0.5], [-3.0, -1.9], [0.0, 0.0]]), *WEDGE),            # as many sides as inputs
        (np.array([[0.0, 0.5, -0.5], [0.0, 2.0, 0.0], [3.0, 3.0, 3.0]]), *CUBE),
    ],
    mistakes=[
        (lambda x, w, b: fired(x, w, b).any(1) * 1,
         "One unit is enough for yours: a point is inside if all of them fire."),
        (lambda x, w, b: (fired(x, w, b).sum(1) > len(b) - 1.5) * 1,
         "Yours lets one unit be silent: the threshold lies between H - 1 and H."),
        (lambda x, w, b: (fired(x, w, b).sum(1) > len(b)) * 1,
         "No count is larger than the number of units: the threshold lies between H - 1 and H."),
        (lambda x, w, b: fired(x, w, b) * 1, "That is the first layer: a second one makes one number of each row."),
        (lambda x, w, b: fired(x, w, b).sum(1), "That counts the units that fire: a second threshold makes it 0 or 1."),
        (lambda x, w, b: fired(x, w, b).all(0) * 1, "You went along the points: add up over the units, axis 1."),
        (lambda x, w, b: (x @ w.T + b).sum(1) > 0,
         "You added the weighted sums: each unit must make its own yes or no before they are added."),
        (lambda x, w, b: (x @ w.T + b >= 0).all(1) * 1, "A sum of exactly 0 does not fire: use > and not >=."),
        (lambda x, w, b: (x @ w + b > 0).all(1) * 1, "Each row of w is one unit: the product is x @ w.T, not x @ w."),
    ],
)


def alternating(n):
    """1, -1, 1, -1 ..."""
    return (-1.0) ** np.arange(n)


parity = Exercise(
    reference=alternating,
    cases=[(2,), (1,), (3,), (5,), (8,)],
    mistakes=[
        (lambda n: np.where(np.arange(n) == 0, 1, -1),
         "That is right for two inputs. With three of them on, the score falls to -1: it must rise to 1 again."),
        (np.ones, "Those weights count the ones: a second one must take back what the first one gave."),
        (lambda n: -alternating(n), "One input is on, and your score is -1: the first weight must be 1."),
        (lambda n: np.where(np.arange(n) < 2, alternating(n), 0),
         "That is right for two inputs. With three of them on, the score must rise to 1 again."),
        (lambda n: np.where(np.arange(n) == 0, 1, 2 * alternating(n)),
         "Your score swings between 1 and -1: it must be exactly 1 or 0, without a threshold behind it."),
        (lambda n: np.arange(n) % 2, "Those are the scores for 0, 1, 2 ... inputs: a weight is the step between two."),
    ],
)


def moved(w1, b1, w2, order):
    """The same hidden units in another order."""
    return w1[order], b1[order], w2[:, order]


W1 = np.array([[1.0, 2.0], [3.0, -4.0], [5.0, 6.0]])
B1 = np.array([0.1, 0.2, 0.3])

reorder = Exercise(
    reference=moved,
    cases=[
        (W1, B1, np.array([[7.0, 8.0, 9.0]]), np.array([2, 0, 1])),
        (W1, B1, np.arange(9.0).reshape(3, 3), np.array([1, 2, 0])),                   # as many outputs as units
        (W1[:1], B1[:1], np.array([[7.0], [8.0]]), np.array([0])),                     # one unit
        (np.arange(20.0).reshape(5, 4), np.arange(5.0), np.arange(10.0).reshape(2, 5), np.array([3, 1, 4, 0, 2])),
    ],
    mistakes=[
        (lambda w1, b1, w2, order: (w1[order], b1[order], w2),
         "The output still listens to the old places: its columns must move with the units."),
        (lambda w1, b1, w2, order: (w1[order], b1, w2[:, order]),
         "The biases stayed behind: each belongs to its unit."),
        (lambda w1, b1, w2, order: (w1[order], b1[order], w2[order]),
         "In w2 a unit is a column, not a row: rows are the outputs."),
        (lambda w1, b1, w2, order: (w1[:, order], b1[order], w2[:, order]),
         "In w1 a unit is a row: the columns are the inputs, which stay."),
        (lambda w1, b1, w2, order: moved(w1, b1, w2, np.argsort(order)),
         "The function is the same, but the order is the reverse one: unit order[0] comes first."),
    ],
)
