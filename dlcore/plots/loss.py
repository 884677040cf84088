"""Pictures of chapter 04: what a mistake costs, and the landscape that the weights walk on."""

import numpy as np

from . import style

FINE = 60           # points of a landscape in each direction: enough for smooth lines, few enough to drag
BANDS = 8           # shades of a landscape: as many greys as stay apart in a small picture file


def contours(ax, f, x_range, y_range):
    """The landscape f over the plane, as a map: the darker, the higher; every shade covers an equal area.

    f takes two arrays of shape (n, m), the coordinates, and gives the heights, (n, m). x_range, y_range: (low, high).
    Equal areas show the floor of a valley and its walls alike; the height from line to line is not the same.
    """
    x, y = np.meshgrid(np.linspace(*x_range, FINE), np.linspace(*y_range, FINE))
    heights = f(x, y)                                                          # (FINE, FINE)
    levels = np.unique(np.quantile(heights, np.linspace(0, 1, BANDS + 1)))
    if len(levels) > 1:                                                        # a plain has no lines
        ax.contourf(x, y, heights, levels, colors=shades(len(levels) - 1))
    ax.set(xlim=x_range, ylim=y_range)


def shades(n):
    """n greys, from near white to one on which every colour of the course can still be seen."""
    return [str(grey) for grey in np.linspace(0.97, 0.55, n)]


def walk(ax, path, colour=style.GRADIENT, name=""):
    """A path over a landscape: a ring where it starts, a dot for each step, a large dot with its name at the end.

    path: points (S, 2). It ends where it has left the map for good: at the first point that is no number, or that is
    more than a thousand maps away.
    """
    path = np.asarray(path, dtype=float)
    low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
    lost = ~(np.abs(path - low) < 1000 * (high - low)).all(1)                  # true for nan as well
    path = path[: max(1, lost.argmax())] if lost.any() else path
    ax.plot(*path.T, color=colour, marker="o", ms=3.5, lw=1.5)
    ax.plot(*path[0], "o", ms=11, mfc="white", mec=colour, mew=2.2)
    ax.plot(*path[-1], "o", ms=10, color=colour)
    if name:
        ax.annotate(name, path[-1], (8, 8), textcoords="offset points", color=colour, annotation_clip=True)


# ---- what a mistake costs ----

def residuals(ax, x, y, slope, level, typo, title):
    """Points, the line level + slope x, and how far each point is off; the point in row `typo` is ringed."""
    line = level + slope * x                                                   # (N,)
    ax.vlines(x, line, y, color=style.GRADIENT, lw=1.4)
    ax.plot(x, y, "o", ms=7, color=style.DATA)
    ax.plot(x[typo], y[typo], "o", ms=15, mfc="none", mec=style.SPECIAL, mew=2.2)
    ends = np.array([-2.0, 3.0])
    ax.plot(ends, level + slope * ends, color=style.MODEL)
    ax.set(xlim=(-1.9, 2.6), ylim=(0, 520), xlabel="body mass index (standard deviations)",
           ylabel="disease progression", title=title)


def curves(ax, x, lines, xlabel, title, at=None):
    """Curves over x, each named at its place.   lines: {name: (heights (N,), colour, (x, y) of the name)}; at: a dot"""
    for name, (heights, colour, place) in lines.items():
        ax.plot(x, heights, color=colour)
        ax.text(*place, name, color=colour)
        if at is not None:
            ax.plot(at, np.interp(at, x, heights), "o", ms=9, color=colour)
    ax.set(xlim=(x[0], x[-1]), xlabel=xlabel, title=title)


# ---- one and two parameters ----

def parabola(ax, f, path):
    """A path of w on the graph of a loss f over w: a ring where it starts, its first steps, a dot at the end."""
    w = np.linspace(-5, 5, 101)
    ax.plot(w, f(w), color=style.MODEL)
    ax.set(xlim=(-5, 5), ylim=(-2, 40), xlabel="weight w", ylabel="loss")
    walk(ax, np.column_stack([path, f(path)]))


def fate(path):
    """What became of a walk towards 0, in words."""
    start, first, end = abs(path[0]), path[1], abs(path[-1])
    if abs(first) < 1e-9 * start:
        return "✓ there in one step"
    if abs(end / start - 1) < 1e-9:
        return "✓ to and fro for ever"
    if end > start:
        return "flies off"
    if end < start / 15:
        return "arrives" if first > 0 else "overshoots, and arrives"
    return "creeps" if first > 0 else "✓ arrives, barely"


def three_points(ax, x, y, w, b):
    """Three points, the line w x + b, and how far each point is off."""
    ax.vlines(x, w * x + b, y, color=style.GRADIENT, lw=1.8)
    ax.plot(x, y, "o", ms=9, color=style.DATA)
    ends = np.array([0.0, 4.0])
    ax.plot(ends, w * ends + b, color=style.MODEL)
    ax.set(xlim=(0, 4), ylim=(-2.5, 11.5), xlabel="x", ylabel="y", title=f"y = {w:g} x + {b:g}".replace("+ -", "− "))


def arrow(ax, start, end):
    """An arrow on a map."""
    look = {"arrowstyle": "-|>", "color": style.GRADIENT, "lw": 2.4, "mutation_scale": 16, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=look, annotation_clip=False)


# ---- batches and real data ----

def noise(ax, sizes, measured):
    """How far a batch's gradient is from the whole one against the size of the batch, both axes logarithmic."""
    ax.loglog(sizes, measured[0] / np.sqrt(sizes), color=style.MUTED)
    ax.loglog(sizes, measured, "o", ms=8, color=style.GRADIENT)
    ax.text(sizes[-1], measured[1], "line: the first dot, over √B", ha="right")
    ax.set(xlabel="examples in the batch, B", ylabel="distance from the gradient")
    ax.set_xticks(sizes, [f"{n:,}" for n in sizes])
    ticks = [0.1, 0.2, 0.5, 1, 2]
    ax.set_yticks(ticks, [f"{n:g}" for n in ticks])
    ax.minorticks_off()


def approach(ax, steps, gaps, names):
    """How far each loss is above the lowest one, step by step, on logarithmic axes.   gaps: one array (S,) a name"""
    looks = [((4, -16), style.MODEL), ((14, 2), style.GRADIENT)]
    for gap, name, (shift, colour) in zip(gaps, names, looks, strict=True):
        ax.loglog(steps, gap, color=colour)
        ax.annotate(name, (steps[0], gap[0]), shift, textcoords="offset points", color=colour)
    ax.set(xlabel="step", ylabel="loss above the lowest", ylim=(None, 1), title="share of what it was at the start")
    ax.set_xticks([20, 100, 500, 2000], ["20", "100", "500", "2,000"])
    ax.set_yticks([1, 1e-2, 1e-4, 1e-6], ["1", "1e−2", "1e−4", "1e−6"])
    ax.minorticks_off()


def rivals(ax, results, baseline):
    """Accuracies of two losses in some situations: a mark for each learning rate, a stroke for the baseline.

    results: {situation: {name: accuracies (R,)}}; baseline: {situation: accuracy}.
    """
    for row, (situation, by_loss) in enumerate(reversed(results.items())):
        ax.text(-0.14, row + 0.36, situation, weight="bold")
        ax.plot([baseline[situation]] * 2, [row - 0.3, row + 0.3], color=style.INK, lw=1.6)
        looks = [(0.14, style.MODEL, "o"), (-0.14, style.GRADIENT, "^")]
        for (name, accuracy), (shift, colour, marker) in zip(by_loss.items(), looks, strict=True):
            ax.plot(accuracy, [row + shift] * len(accuracy), marker, ms=8, color=colour, alpha=0.8)
            ax.text(-0.14, row + shift, name, color=colour, va="center")
    ax.set(xlim=(-0.15, 1.02), ylim=(-0.5, len(results) - 0.3), yticks=[], xlabel="accuracy on digits never seen")
    ax.set_xticks([0.2, 0.4, 0.6, 0.8, 1])
    ax.spines["left"].set_visible(False)
