"""Pictures of a training: its loss, epoch by epoch."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from . import style

ROOM = 0.28         # of the span of the epochs, kept free at the right for the labels
GAP = 0.075         # of the height of the axes: two labels nearer than this would touch


def learning_curves(ax, history):
    """The loss per epoch in training and, where it was measured, in validation; labels stand at the ends.

    Says where the training loss stops being finite. Raises ValueError where no epoch is finished.
    """
    if not len(history):
        raise ValueError("learning_curves: the history holds no finished epoch, so there is nothing to draw")
    curves = [("training", history.train_loss, style.DATA), ("validation", history.validation_loss, style.SPECIAL)]
    curves = [(name, finite(losses), colour) for name, losses, colour in curves]
    for _, losses, colour in curves:
        alone = losses.count() == 1                       # a single point has no line
        ax.plot(np.arange(1, len(losses) + 1), losses, color=colour, marker="o" if alone else None)
    frame(ax, len(history), [losses for _, losses, _ in curves])
    label_ends(ax, [curve for curve in curves if curve[1].count()])
    lost = np.ma.getmaskarray(curves[0][1])
    if lost.any():
        ax.set_title(f"no finite number in epoch {1 + lost.argmax()}", color=style.GRADIENT)


def finite(losses):
    """Losses with nan and infinity masked, which leaves them out of the picture."""
    return np.ma.masked_invalid(np.asarray(losses, float))


def frame(ax, epochs, losses):
    """The axes: whole epochs, room for the labels, and 0 in sight where no loss is below it."""
    ticks = MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]).tick_values(0, epochs)
    ax.set(xlim=(0, epochs * (1 + ROOM)), xticks=[t for t in ticks if t <= epochs], xlabel="epoch", ylabel="loss")
    known = np.ma.concatenate(losses).compressed()
    if known.min(initial=0) >= 0:
        ax.set_ylim(0, 1.05 * known.max(initial=0) or 1)


def label_ends(ax, curves):
    """A label right of the last point of each curve, moved up or down where two would touch."""
    low, high = ax.get_ylim()
    ends = []                                             # (height between 0 and 1, x, name, colour)
    for name, losses, colour in curves:
        last = np.ma.flatnotmasked_edges(losses)[1]
        ends.append(((losses[last] - low) / (high - low), last + 1, name, colour))
    ends.sort()
    heights = apart([end[0] for end in ends])
    for height, (_, x, name, colour) in zip(heights, ends, strict=True):
        ax.annotate(name, (x, height), xycoords=("data", "axes fraction"), xytext=(6, 0), textcoords="offset points",
                    color=colour, va="center")


def apart(heights):
    """One or two heights, the lower first, pushed apart to at least GAP around their middle, above the axis."""
    if len(heights) == 2 and heights[1] - heights[0] < GAP:
        middle = sum(heights) / 2
        heights = [middle - GAP / 2, middle + GAP / 2]
    lift = max(0.0, GAP / 2 - min(heights, default=1))
    return [height + lift for height in heights]
