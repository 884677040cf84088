"""Pictures of a training: its loss, epoch by epoch."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from . import style
from .labels import label_ends

ROOM = 0.28         # of the span of the epochs, kept free at the right for the labels


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
