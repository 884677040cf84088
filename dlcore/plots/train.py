"""Pictures of a training: its loss, epoch by epoch."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from . import style

ROOM = 0.28         # of the span of the epochs, kept free at the right for the labels
GAP = 0.075         # of the height of the axes: two labels nearer than this would touch


def learning_curves(ax, history):
    """The loss per epoch in training and, where it was measured, in validation; labels stand at the ends.

    Raises ValueError where no epoch is finished.
    """
    if not len(history):
        raise ValueError("learning_curves: the history holds no finished epoch, so there is nothing to draw")
    curves = [("training", history.train_loss, style.DATA), ("validation", history.validation_loss, style.SPECIAL)]
    curves = [(name, np.asarray(losses, float), colour) for name, losses, colour in curves if len(losses)]
    for _, losses, colour in curves:
        ax.plot(np.arange(1, len(losses) + 1), losses, color=colour, marker="o" if len(losses) == 1 else None)
    epochs = max(len(history), history.epochs)
    ticks = MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]).tick_values(0, epochs)
    ax.set(xlim=(0, epochs * (1 + ROOM)), xticks=[t for t in ticks if 0 <= t <= epochs], xlabel="epoch", ylabel="loss")
    curves = [(name, losses, colour) for name, losses, colour in curves if np.isfinite(losses).any()]
    if all(losses[np.isfinite(losses)].min() >= 0 for _, losses, _ in curves):
        ax.set_ylim(0, 1.05 * max((losses[np.isfinite(losses)].max() for _, losses, _ in curves), default=0) or 1)
    label_ends(ax, curves)


def label_ends(ax, curves):
    """A label right of the last point of each curve, moved up or down where two would touch."""
    low, high = ax.get_ylim()
    ends = []                                             # (height between 0 and 1, x, name, colour)
    for name, losses, colour in curves:
        last = np.flatnonzero(np.isfinite(losses))[-1]
        ends.append(((losses[last] - low) / (high - low), last + 1, name, colour))
    ends.sort()
    heights = apart([end[0] for end in ends])
    for height, (_, x, name, colour) in zip(heights, ends, strict=True):
        ax.annotate(name, (x, height), xycoords=("data", "axes fraction"), xytext=(6, 0), textcoords="offset points",
                    color=colour, va="center")


def apart(heights):
    """One or two heights, the lower first, pushed apart to at least GAP around their middle, inside the axes."""
    if len(heights) == 2 and heights[1] - heights[0] < GAP:
        middle = max(sum(heights) / 2, GAP / 2)
        return [middle - GAP / 2, middle + GAP / 2]
    return heights
