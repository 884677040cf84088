"""Pictures of chapter 33: two densities and a judge, a game that turns, two losses, points on a ring, small digits."""

import numpy as np

from . import style
from .backprop import board
from .loss import walk

# ---- one dimension ----


def judged(left, right, x, real, made, best, told, judge=None):
    """Left the densities of real and made numbers, right the best judge of the two and, where given, a learnt one.

    x, real, made, best, judge: (n,) each; told: a title for each panel.
    """
    top = 1.15 * real.max()
    for density, colour in ((real, style.DATA), (made, style.MODEL)):
        left.fill_between(x, np.minimum(density, top), color=colour, alpha=0.25, linewidth=0)
        left.plot(x, density, color=colour)
    left.set(xlim=(x[0], x[-1]), ylim=(0, top), xlabel="number x", ylabel="density", title=told[0])
    paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}       # a narrow bell may stand behind
    at_top = {"transform": left.transAxes, "va": "top", "ha": "right", "bbox": paper}
    left.text(0.99, 0.99, "real", color=style.DATA, **at_top)
    left.text(0.99, 0.9, "made", color=style.MODEL, **at_top)
    right.axhline(0.5, color=style.MUTED, ls=":", lw=1.4)
    if judge is None:
        right.plot(x, best, color=style.SPECIAL)
    else:
        right.plot(x, best, color=style.MUTED, lw=1.6)
        right.plot(x, judge, color=style.SPECIAL)
        right.text(0.03, 0.99, "best judge", color=style.MUTED, transform=right.transAxes, va="top")
        right.text(0.03, 0.9, "judge, learnt", color=style.SPECIAL, transform=right.transAxes, va="top")
    right.set(xlim=(x[0], x[-1]), ylim=(-0.03, 1.3 if judge is not None else 1.05), xlabel="number x",
              ylabel="probability of real", title=told[1], yticks=(0, 0.5, 1))


def farness(ax, steps, curves, baseline):
    """How far the made numbers are from the real ones along a training, one line for each run, and a baseline."""
    for curve in curves:
        ax.plot(steps, curve, color=style.MODEL, lw=1.8)
    ax.axhline(baseline, color=style.MUTED, ls="--", lw=1.6)
    ax.set_yscale("log")
    ax.set(xlabel="round", ylabel="distance to the real numbers", xlim=(0, steps[-1]))
    ax.text(steps[-1] * 0.98, curves[0][0] * 0.8, "three generators", color=style.MODEL, ha="right", va="top")
    ax.text(steps[-1] * 0.98, baseline * 1.08, "mixture of two Gaussians", color=style.MUTED, ha="right", va="bottom")
    ax.set_yticks([0.03, 0.1, 0.3, 1, 3], ["0.03", "0.1", "0.3", "1", "3"])
    ax.minorticks_off()


# ---- the game of two numbers ----

REACH = 3.5


def game(ax, path, flow, told):
    """A path (S, 2) of the two players over the arrows of the game.

    flow: a function from places (n, 2) to the directions in which the players push there.
    """
    side = np.linspace(-REACH + 0.4, REACH - 0.4, 8)
    places = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    push = flow(places)
    ax.quiver(*places.T, *push.T, color=style.MUTED, alpha=0.6, width=0.006, scale=18)
    ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="generator: place θ", ylabel="judge: slope ψ",
           title=told)
    walk(ax, path, style.MODEL)
    ax.plot(0, 0, "+", ms=16, mew=2.4, color=style.INK)


# ---- two losses ----

def pushes(left, right, distances, minimax, other, at, told):
    """Left two bells at distance `at` and the best judge; right how hard each loss pushes, at every distance."""
    x = np.linspace(-4, 12, 161)
    for centre, colour, name in ((0, style.DATA, "real"), (at, style.MODEL, "made")):
        bell = np.exp(-((x - centre) ** 2) / 2)
        left.fill_between(x, bell, color=colour, alpha=0.3, linewidth=0)
        left.text(centre, 1.03, name, color=colour, ha="right" if name == "real" else "left")
    left.plot(x, 1 / (1 + np.exp(np.clip(at * x - at**2 / 2, -60, 60))), color=style.SPECIAL)
    left.set(xlim=(-4, 12), ylim=(0, 1.18), yticks=(0, 0.5, 1), xlabel="number x", ylabel="bells, and the best judge",
             title=told[0])
    for values, colour in ((minimax, style.GRADIENT), (other, style.MODEL)):
        right.plot(distances, np.log10(np.maximum(values, 1e-9)), color=colour)
        right.plot(at, np.log10(max(1e-9, np.interp(at, distances, values))), "o", ms=9, color=colour)
    right.text(0.04, 0.16, "non-saturating", color=style.MODEL, transform=right.transAxes)
    right.text(0.04, 0.06, "minimax", color=style.GRADIENT, transform=right.transAxes)
    right.set(xlim=(0, distances[-1] * 1.03), ylim=(-6, 1.5), xlabel="distance of the two bells",
              ylabel="pull on the generator", title=told[1])
    right.set_yticks([-6, -4, -2, 0], ["10⁻⁶", "10⁻⁴", "0.01", "1"])


# ---- two dimensions ----

def ring(ax, points, centres, chance, reach, told):
    """Made points over what the judge believes at each place; the real points lie in the circles.

    points: (N, 2); centres: (K, 2); chance: probabilities of "real" on a square grid of [-reach, reach].
    """
    ax.imshow(chance, vmin=0, vmax=1, cmap=style.TWO_CLASSES.reversed(), alpha=0.75,
              extent=(-reach, reach, -reach, reach), origin="lower", interpolation="bilinear")
    ax.plot(*points.T, ".", ms=4, color=style.INK, mew=0)
    ax.plot(*centres.T, "o", ms=17, mfc="none", mec=style.MODEL, mew=2)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="x1", ylabel="x2", title=told)


# ---- small digits ----

NAMES, CELL, AIR = 118, 38, 5       # hundredths of an inch: for the name of a row, of a digit, between digits


def small_size(rows, columns=10):
    """Width and height in inches of the picture that `small_digits` draws."""
    return (NAMES + columns * (CELL + AIR) + 4) / 100, (rows * (CELL + AIR) + 8) / 100


def small_digits(ax, rows):
    """Rows of digits of 8 x 8 pixels under each other, each with its name.           # rows {name: (columns, 64)}"""
    columns = len(next(iter(rows.values())))
    width, height = (round(100 * inches) for inches in small_size(len(rows), columns))
    board(ax, width, height)
    for i, (name, images) in enumerate(rows.items()):
        low = height - 4 - (i + 1) * (CELL + AIR)
        for k, image in enumerate(images):
            start = NAMES + k * (CELL + AIR)
            ax.imshow(image.reshape(8, 8), vmin=0, vmax=1, extent=(start, start + CELL, low, low + CELL),
                      aspect="auto")
        ax.text(4, low + CELL / 2, name, va="center", fontsize=10.5)
    ax.set(xlim=(0, width), ylim=(0, height))


def kinds(ax, table):
    """How often each kind of digit was made: a row of dots per source, its size the share, a cross where below 2 %."""
    for i, shares in enumerate(table.values()):
        seen = shares >= 0.02
        ax.scatter(np.arange(10)[seen], np.full(seen.sum(), -i), s=1500 * shares[seen], color=style.MODEL, linewidth=0)
        ax.plot(np.arange(10)[~seen], np.full((~seen).sum(), -i), "x", ms=9, mew=2.4, color=style.GRADIENT)
    ax.set(xlim=(-0.6, 9.6), ylim=(-len(table) + 0.4, 0.6), xticks=range(10), xlabel="kind of digit")
    ax.set_yticks(-np.arange(len(table)), list(table))
    box = ax.get_position()
    ax.set_position((box.x0 + 0.12, box.y0, box.width - 0.12, box.height))
