"""Pictures of chapter 04: what a mistake costs, and the landscape that the weights walk on."""

import numpy as np

from . import style

FINE = 60           # points of a landscape in each direction: enough for smooth lines, few enough to drag
BANDS = 12          # shades of a landscape


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
    return [str(grey) for grey in np.linspace(0.97, 0.62, n)]


def walk(ax, path, colour=style.GRADIENT, name=""):
    """A path over a landscape: a ring where it starts, a dot for each step, a large dot with its name at the end.

    path: points (S, 2). A path that leaves the map is cut there; points after the first that is no number are dropped.
    """
    path = np.asarray(path, dtype=float)
    lost = ~np.isfinite(path).all(1)
    path = path[: lost.argmax()] if lost.any() else path
    low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
    far = 100 * (high - low)                                                   # outside, and still safe to draw
    path = np.clip(path, low - far, high + far)
    ax.plot(*path.T, color=colour, marker="o", ms=3.5, lw=1.5)
    ax.plot(*path[0], "o", ms=11, mfc="white", mec=colour, mew=2.2)
    ax.plot(*path[-1], "o", ms=10, color=colour)
    if name:
        ax.annotate(name, path[-1], (8, 8), textcoords="offset points", color=colour, annotation_clip=True)
