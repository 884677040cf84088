"""Labels right of curves and points, moved up or down where two would touch."""

import numpy as np
from matplotlib.collections import LineCollection

GAP = 0.075         # of the height of the axes: two labels nearer than this would touch


def label_ends(ax, curves):
    """A label right of the last point of each curve, [(name, its values from epoch 1 on, colour)]."""
    low, high = ax.get_ylim()
    ends = []                                             # (height between 0 and 1, x, name, colour)
    for name, values, colour in curves:
        last = np.ma.flatnotmasked_edges(values)[1]
        ends.append(((values[last] - low) / (high - low), last + 1, name, colour))
    ends.sort()
    for height, (_, x, name, colour) in zip(apart([end[0] for end in ends]), ends, strict=True):
        ax.annotate(name, (x, height), xycoords=("data", "axes fraction"), xytext=(6, 0), textcoords="offset points",
                    color=colour, va="center")


def room_for_labels(ax, share=0.26):
    """Give the right part of the figure to labels."""
    box, (x, y) = ax.get_position(), ax.yaxis.label.get_position()
    ax.set_position((box.x0, box.y0, box.width - share, box.height))
    ax.yaxis.set_label_coords(x * box.width / (box.width - share), y)           # where it was: x counts in widths


def column(ax, labels):
    """Labels right of the axes: (height from 0 to 1, text, colour, the point it names or None) each.

    Points are fractions of the axes; a thin line leads from each label to its point.
    """
    labels = sorted(labels, key=lambda label: label[0])
    leads = []
    for y, (_, text, colour, point) in zip(apart([label[0] for label in labels]), labels, strict=True):
        ax.text(1.05, y, text, color=colour, va="center", transform=ax.transAxes)
        if point is not None:
            leads.append(([point, (1.04, y)], colour))
    lines, colours = [line for line, _ in leads], [colour for _, colour in leads]
    ax.add_collection(
        LineCollection(lines, colors=colours, linewidths=0.8, transform=ax.transAxes, clip_on=False), autolim=False
    )


def apart(heights):
    """Sorted heights, moved as little as it takes until each is GAP above the one below it, all between 0 and 1."""
    steps = GAP * np.arange(len(heights))
    rest = np.asarray(heights) - steps                                          # here it is enough not to fall
    pushed_up, pushed_down = np.maximum.accumulate(rest), np.minimum.accumulate(rest[::-1])[::-1]
    return np.clip((pushed_up + pushed_down) / 2, GAP / 2, 1 - GAP * (len(heights) - 0.5)) + steps
