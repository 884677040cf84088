"""Pictures of chapter 03: what every unit of a network sees, XOR in two planes, curves from steps, teeth from folds."""

import numpy as np
from matplotlib.collections import LineCollection

from . import neuron, style
from .backprop import board

GRID = 26           # places of a surface along each side: enough for smooth borders, few enough to drag
BANDS = 5           # tones of a surface: few, so that a page that carries many of them stays small
PALETTE = (255 * style.TWO_CLASSES(np.linspace(0, 1, BANDS))[:, :3]).astype(np.uint8)
CLEAR = 0.5         # the share of a tone's colour, so that points stand out from their ground


# ---- a classifier in the plane ----

def decision_surface(ax, predict, x, y):
    """The tones of a classifier all over the plane, its border, the points, mistakes in black; returns their number.

    predict: points (N, 2) to scores (N,), class 1 where above 0; x: points (N, 2); y: classes 0 or 1 (N,).
    """
    places, extent = lattice(x)
    surface(ax, predict(places), extent)
    wrong = (predict(x) > 0) != y                                              # (N,)
    neuron.scatter(ax, x, y, wrong, size=4)
    ax.set(xlabel="x1", ylabel="x2")
    return wrong.sum()


def lattice(x):
    """GRID times GRID places around points (N, 2), row by row from the lower left, and the frame that they fill."""
    low, high = neuron.limits(x)
    across, up = np.meshgrid(np.linspace(low[0], high[0], GRID), np.linspace(low[1], high[1], GRID))
    return np.stack([across.ravel(), up.ravel()], 1), (low[0], high[0], low[1], high[1])       # (GRID * GRID, 2)


def surface(ax, scores, extent):
    """Scores at the places of `lattice` as tones from class 0 to class 1, and the border where they are 0."""
    scores = scores.reshape(GRID, GRID)
    ground = 255 - CLEAR * (255 - tones(np.tanh(scores / 2)).astype(float))
    ax.imshow(ground.astype(np.uint8), origin="lower", extent=extent, aspect="auto")
    if scores.min() < 0 < scores.max():
        ax.contour(scores, [0], colors=[style.INK], linewidths=1.8, extent=extent, antialiased=False)


def tones(signed):
    """Numbers from -1 to 1 as colours: blue below 0, orange above, in BANDS tones.       # (...) -> (..., 3)"""
    bands = np.round((np.clip(signed, -1, 1) + 1) / 2 * (BANDS - 1)).astype(int)
    return PALETTE[bands]


# ---- a network, unit by unit ----

WIDTH, HEIGHT = 340, 300        # hundredths of an inch
FAINT = 0.3                     # a weight below this gets no line
HEAD = 26                       # of the height, for the names of the layers


def playground(left, right, layers_of, weights, x, y, epoch, goal):
    """Left what the network says of the plane, right what each of its units says of the same plane.

    layers_of: points (N, 2) to a list with the output of every layer, the points themselves first, scores (N, 1) last;
    weights: one array (units, inputs) between each two of them; goal: how many points may be wrong.
    """
    wrong = decision_surface(left, lambda points: layers_of(points)[-1][:, 0], x, y)
    met = "✓ " if wrong <= goal else ""
    left.set(xticks=[], yticks=[], title=f"{met}epoch {epoch}: {wrong} of {len(y)} wrong")
    left.xaxis.set_label_coords(0.5, -0.04)                                    # no ticks: nearer than usual
    left.yaxis.set_label_coords(-0.04, 0.5)
    units(right, layers_of(lattice(x)[0]), weights)


def units(ax, outputs, weights):
    """Every unit as a small picture of the plane, a column for each layer, and the weights between them.

    outputs: one array (GRID * GRID, units) for each layer; weights: one array (units, inputs) between each two.
    Blue is below 0, orange above; a line is as wide as its weight is large.
    """
    board(ax, WIDTH, HEIGHT)
    most = max(output.shape[1] for output in outputs)
    side = int(min(48, (HEIGHT - HEAD) / most - 5))
    columns = np.linspace(6 + side / 2, WIDTH - 6 - side / 2, len(outputs))
    rows = [(HEIGHT - HEAD) / 2 + heights(output.shape[1], side) for output in outputs]
    canvas = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    for column, row, output in zip(columns, rows, outputs, strict=True):
        for up, values in zip(row, output.T, strict=True):
            low, start = int(up - side / 2), int(column - side / 2)
            canvas[low:low + side, start:start + side] = tile(values, side)
    for k, weight in enumerate(weights):
        connect(ax, (columns[k] + side / 2, rows[k]), (columns[k + 1] - side / 2, rows[k + 1]), weight)
    ax.imshow(canvas, origin="lower", extent=(0, WIDTH, 0, HEIGHT), aspect="auto", zorder=3)
    hidden = [f"layer {k}" for k in range(1, len(outputs) - 1)]
    for column, name in zip(columns, ["inputs", *hidden, "score"], strict=True):
        at, align = (6, "left") if name == "inputs" else (WIDTH - 6, "right") if name == "score" else (column, "center")
        ax.text(at, HEIGHT - 18, name, ha=align, color=style.INK)


def heights(n, side):
    """Where the middles of n units stand above and below the middle of their column, the first on top."""
    pitch = min((HEIGHT - HEAD) / n, 1.6 * side)
    return pitch * ((n - 1) / 2 - np.arange(n))


def tile(values, side):
    """Values on the lattice as a framed square of colours, scaled by the largest.             # (side, side, 4)"""
    pick = np.arange(side) * GRID // side
    square = values.reshape(GRID, GRID)[pick][:, pick]                         # (side, side)
    framed = np.full((side, side, 4), 255, np.uint8)
    framed[..., :3] = 138                                                      # the grey of the frame
    framed[1:-1, 1:-1, :3] = tones(square / max(np.abs(square).max(), 1e-12))[1:-1, 1:-1]
    return framed


def connect(ax, start, end, weight):
    """A line for each weight (units, inputs) from a column of inputs to a column of units, each (x, ys)."""
    (x0, ys), (x1, tops) = start, end
    lines = np.array([((x0, y0), (x1, y1)) for y1 in tops for y0 in ys])       # (units * inputs, 2, 2)
    size = weight.ravel()
    seen = np.abs(size) > FAINT
    colours = np.where(size[seen] > 0, style.OTHER, style.DATA)
    widths = np.minimum(np.abs(size[seen]), 4)
    # Hard edges: half of the bytes of a frame.
    ax.add_collection(LineCollection(lines[seen], colors=colours, linewidths=widths, antialiased=False, zorder=2))


# ---- XOR, in the plane of its inputs and in the plane of its units ----

FOUR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
DIFFERENT = np.array([0, 1, 1, 0])
APART = 0.07 * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])        # so that inputs at one place are all seen


def xor(left, right, biases, weight_2):
    """Two step units on x1 + x2, each with its bias, and an output that fires where h1 + weight_2 h2 > 0.5.

    Left the inputs and the lines of the units, right the same four points where the output sees them.
    """
    def hidden(points):
        return (points.sum(-1, keepdims=True) + biases > 0) * 1.0             # (..., 2)

    fires = hidden(FOUR) @ [1, weight_2] > 0.5                                 # (4,)
    side = np.linspace(-0.6, 1.6, 45)
    plane = hidden(np.stack(np.meshgrid(side, side), -1)) @ [1, weight_2] > 0.5
    tint = np.array([[int(c[i:i + 2], 16) / 255 for i in (1, 3, 5)] for c in neuron.TINTS])
    left.imshow(tint[plane * 1], origin="lower", extent=(-0.6, 1.6, -0.6, 1.6), aspect="auto")
    for name, bias, colour in zip(("h1", "h2"), biases, (style.MODEL, style.SPECIAL), strict=True):
        ends = np.array([-0.6, 1.6])
        left.plot(ends, -bias - ends, color=colour)
        seen = min(0.6 - bias / 2, 1.6 + bias / 2)                             # half of the line inside the frame
        aside = min(0.3, 0.45 * seen) * (1 if name == "h1" else -1)
        left.text(-bias / 2 + aside, -bias / 2 - aside, name, color=colour, weight="bold", ha="center", va="center",
                  zorder=5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
    solved = fires == DIFFERENT                                                # (4,)
    neuron.scatter(left, FOUR, DIFFERENT, ~solved, size=13)
    met = "✓ " if solved.all() else ""
    left.set(xlim=(-0.6, 1.6), ylim=(-0.6, 1.6), xticks=[0, 1], yticks=[0, 1], xlabel="x1", ylabel="x2",
             title=f"{met}{solved.sum()} of 4 right")
    neuron.sides(right, (1, weight_2), -0.5)
    neuron.scatter(right, hidden(FOUR) + APART, DIFFERENT, ~solved, size=10)
    right.set(xlim=(-0.6, 1.6), ylim=(-0.6, 1.6), xticks=[0, 1], yticks=[0, 1], xlabel="h1", ylabel="h2",
              title="what the output unit sees")


# ---- curves from steps, teeth from folds ----

def curve(left, right, x, target, made, units, errors, goal):
    """Left a curve and what a network makes of it, right the largest error against the number of units.

    errors: {name: (counts, errors)}, the first being the one that is drawn; units: the count to ring.
    """
    left.plot(x, target, color=style.DATA)
    left.plot(x, made, color=style.MODEL, lw=1.6)
    worst = np.abs(made - target).max()
    left.set(xlabel="input x", ylabel="output", xlim=(0, 1), ylim=(-1.5, 1.5),
             title=f"{'✓ ' if worst <= goal else ''}largest error {worst:.3f}")
    left.text(0.97, 0.96, "wanted", color=style.DATA, transform=left.transAxes, ha="right", va="top")
    left.text(0.97, 0.87, "network", color=style.MODEL, transform=left.transAxes, ha="right", va="top")
    for (name, (counts, found)), colour in zip(errors.items(), (style.MODEL, style.MUTED), strict=True):
        across, up = np.log10(counts), np.log10(found)
        right.plot(across, up, color=colour)
        upper = found[-1] == max(e[-1] for _, e in errors.values())
        at, aside, align = (-1, 0.6, "bottom") if upper else (len(counts) // 3, -0.2, "top")
        right.text(across[at], up[at] + aside, name, color=colour, ha="right", va=align)
    right.axhline(np.log10(goal), color=style.INK, lw=1, ls=":")
    right.plot(np.log10(units), np.log10(worst), "o", ms=12, mfc="none", mec=style.SPECIAL, mew=2.4)
    right.set(xlabel="hidden units", ylabel="largest error", xlim=(0, 2), ylim=(-2.8, 0.5), title=f"goal: {goal:g}")
    # Logarithms on plain axes: matplotlib's own logarithmic axes take 60 ms a frame.
    right.set_xticks(np.log10([1, 3, 10, 30, 100]), ["1", "3", "10", "30", "100"])
    right.set_yticks([-2, -1, 0], ["0.01", "0.1", "1"])


def folds(left, right, x, y, pieces, chosen):
    """Left the teeth of a network of `chosen` layers of two units, right its straight pieces beside a wide network's.

    pieces: {parameters: (deep, wide)} for 1, 2, 3, ... layers.
    """
    left.plot(x, y, color=style.MODEL, lw=1.8 if chosen < 6 else 0.7)          # many teeth would fill the picture
    deep, wide = zip(*pieces.values(), strict=True)
    parameters = list(pieces)
    now = chosen - 1
    met = "✓ " if deep[now] > wide[now] else ""
    left.set(xlabel="input x", ylabel="output", xlim=(0, 1), ylim=(0, 1.05),
             title=f"{parameters[now]} parameters, {deep[now]} pieces")
    upper, lower = np.log2(deep), np.log2(wide)
    right.plot(parameters, upper, "o-", ms=5, color=style.MODEL)
    right.plot(parameters, lower, "^-", ms=5, color=style.MUTED)
    right.plot([parameters[now]] * 2, [upper[now], lower[now]], "o", ms=12, mfc="none", mec=style.SPECIAL, mew=2.4)
    right.text(parameters[-1] - 3, upper[-1], "deep", color=style.MODEL, ha="right", va="center")
    right.text(parameters[-1], lower[-1] - 1, "wide, at most", color=style.MUTED, ha="right", va="top")
    right.set(xlabel="parameters", ylabel="straight pieces", title=f"{met}deep {deep[now]}, wide {wide[now]}")
    right.set_yticks([1, 2, 4, 6, 8], ["2", "4", "16", "64", "256"])


def missed(ax, runs, learnt):
    """One dot for each trained network: its error, a row for each name; those left of `learnt` count as learnt."""
    for row, (name, errors) in enumerate(reversed(runs.items())):
        ax.plot(errors, np.full(len(errors), row), "o", color=style.MODEL, alpha=0.6, ms=8)
        ax.text(0.0008, row + 0.28, name, va="center")
    ax.axvline(learnt, color=style.MUTED, ls=":", lw=1.4)
    ax.set(xscale="log", xlim=(0.0007, 2), ylim=(-0.5, len(runs) - 0.3), yticks=[],
           xlabel="error after training (1: a level line)", title="left of the dotted line: learnt")


# ---- units that read digits ----

def reader(left, right, weight, loudness, number, goal):
    """Left the weights of one unit on its 8 x 8 pixels, right how loud it is on average for each digit.

    weight: (64,); loudness: (10,), at least 0; number: the unit's; goal: how many times as loud as for the next digit.
    """
    largest = np.abs(weight).max()
    left.imshow(weight.reshape(8, 8), cmap=style.AROUND_ZERO, vmin=-largest, vmax=largest)
    left.set(xticks=[], yticks=[], xlabel="blue: speaks against, orange: for", title=f"weights of unit {number}")
    first, second = np.sort(loudness)[[-1, -2]]
    best = loudness.argmax()
    times = first / second if second > 0 else np.inf
    right.barh(np.arange(10), loudness, color=[style.SPECIAL if k == best else style.MODEL for k in range(10)])
    right.set(xlabel="mean output of the unit", ylabel="digit", ylim=(9.6, -0.6), yticks=range(10),
              xlim=(0, 1.05 * max(first, 1)),
              title=f"{'✓ ' if times >= goal else ''}{best} is {times:.2f} × the next" if first > 0 else "never fires")
