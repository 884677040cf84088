"""Pictures of chapter 14: nearest digits, accuracy against labels, what each layer knows, and how far to tune."""

import numpy as np

from . import style
from .backprop import board
from .cnn import tile

WALL = (5.2, 2.3)               # inches of the picture that `neighbours` draws


def neighbours(ax, image, label, pixels, features):
    """A digit (8, 8) to read, and the labelled digits nearest to it: (image, label) by pixels and by features.

    Has ✓ where the pixels are right and the features wrong.
    """
    board(ax, 520, 230)
    tile(ax, (10, 40), image, 140)
    ax.text(10, 208, "to be read", va="center")
    ax.text(10, 20, f"it is a {label}", va="center")
    for x, name, (other, said) in ((190, "nearest by pixels", pixels), (370, "by features", features)):
        right = said == label
        colour = style.MODEL if right else style.GRADIENT
        tile(ax, (x, 40), other, 140)
        ax.text(x, 208, name, va="center")
        ax.text(x, 20, f"says {said}, {'right' if right else 'wrong'}", va="center", color=colour)
    if pixels[1] == label != features[1]:
        ax.text(510, 20, "✓", va="center", ha="right", fontsize=14)


WAYS = {"from scratch": (style.OTHER, "s"), "frozen": (style.DATA, "D"), "fine-tuned": (style.MODEL, "o"),
        "SVM, pixels": (style.MUTED, "^")}


def by_labels(ax, runs, unchanged):
    """Accuracy against labels per class, {way: {labels: (seeds,)}}, with that of the unchanged network as a line."""
    names = sorted(WAYS, key=lambda way: np.mean(runs[way][max(runs[way])]))
    low = min(min(found) for of in runs.values() for found in of.values())
    gap, place = 0.075 * (1.0 - low), -1.0
    for name in names:
        colour, marker = WAYS[name]
        labels = list(runs[name])
        x = np.arange(len(labels))
        mean = [np.mean(found) for found in runs[name].values()]
        ax.plot(x, mean, color=colour, marker=marker, ms=7)
        for at, found in zip(x, runs[name].values(), strict=True):
            ax.plot(np.full(len(found), at), found, marker, color=colour, alpha=0.35, ms=4)
        place = max(mean[-1], place + gap)
        ax.text(x[-1] + 0.1, place, name, color=colour, va="center")
    ax.plot([x[0], x[-1] + 0.1], [unchanged] * 2, color=style.INK, ls=":", lw=1.2)
    ax.text(x[-1] + 0.15, unchanged, "no label", va="center")
    ax.set(xlim=(-0.15, len(labels) - 0.05 + 0.75), ylim=(low - 0.03, 1.0), xlabel="labels for each class",
           ylabel="share read correctly")
    ax.set_xticks(x, [str(n) for n in labels])


def what_layers_know(left, right, image, curves, task, layer, chance):
    """Left a picture (28, 28) of a task, right how well a linear reader solves it from each layer.

    curves: {task: {layer: accuracy}}; has ✓ where the chosen layer is best for the task, or within 1 % of it.
    """
    board(left, 300, 300)
    tile(left, (40, 40), image, 220, vmin=0, vmax=1)
    left.text(40, 278, task, va="center")
    names = list(curves[task])
    x = np.arange(len(names))
    right.plot(x, list(curves[task].values()), color=style.MODEL, marker="o", ms=5)
    now, best = curves[task][layer], max(curves[task].values())
    right.plot(names.index(layer), now, "o", ms=13, mfc="none", mec=style.SPECIAL, mew=2.4)
    right.axhline(chance, color=style.MUTED, ls=":", lw=1.2)
    right.text(0, chance + 0.03, "guessing", color=style.MUTED)
    right.set(ylim=(0, 1.04), xlim=(-0.4, len(names) - 0.6), ylabel="share a linear reader gets right",
              title=f"{layer}: {now:.0%}{'  ✓' if now > best - 0.01 else ''}".replace("%", " %"))
    right.set_xticks(x, [name.replace(" ", "\n") for name in names], fontsize=8)


def tuned(ax, rates, new, old, rate, goals):
    """Accuracy on the new and on the old task against the learning rate of fine-tuning, one rate ringed.

    goals: at least so much on the new and on the old task for ✓.
    """
    x = np.log10(rates)
    for name, found, colour, marker in (("new task", new, style.MODEL, "o"), ("old task", old, style.DATA, "^")):
        ax.plot(x, found, color=colour, marker=marker)
        ax.text(x[-1] + 0.18, found[-1], name, color=colour, va="center")
    at = list(rates).index(rate)
    ax.plot([x[at]] * 2, [new[at], old[at]], "o", ms=13, mfc="none", mec=style.SPECIAL, mew=2.4)
    met = new[at] >= goals[0] and old[at] >= goals[1]
    ax.set(xlabel="learning rate of fine-tuning", ylabel="share read correctly", ylim=(0, 1.04),
           xlim=(x[0] - 0.2, x[-1] + 1.0),
           title=f"new {new[at]:.0%}, old {old[at]:.0%}{'  ✓' if met else ''}".replace("%", " %"))
    ax.set_xticks(x[::2], [f"{n:g}" for n in rates[::2]])
