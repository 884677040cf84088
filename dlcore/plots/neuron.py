"""Pictures of one neuron: the two sides of its line, the points, and who is on the wrong side."""

import numpy as np

from . import style

WRONG = "#000000"                       # no colour: it stands out from both classes, by day and by night
TINTS = ["#DFEDF5", "#FCF2DD"]          # the sides where the neuron is silent and where it fires
FAR = 50                                # further than any frame reaches


def decision(ax, x, y, w, b, names=("x1", "x2"), arrow=True):
    """The line w·x + b = 0, the side where the neuron fires, the points by class, mistakes in black.

    x: points (N, 2); y: classes 0 or 1 (N,); w: weights (2,); b: bias.
    """
    low, high = limits(x)
    sides(ax, w, b)
    wrong = ((x @ w + b) > 0) != y                                             # (N,)
    scatter(ax, x, y, wrong)
    length = np.hypot(*w)
    if arrow:
        ax.set_aspect("equal")                                                 # or a right angle would not look it
    if arrow and length > 0:
        foot = -b * np.asarray(w) / length**2                                  # the point of the line nearest to 0
        ax.annotate("", foot + w, foot, arrowprops={"arrowstyle": "-|>", "color": style.MODEL, "lw": 2.2})
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel=names[0], ylabel=names[1])
    ax.set_title(f"{wrong.sum()} of {len(y)} wrong")


def limits(x):
    """The corners of a frame with some air around the points."""
    air = 0.12 * (x.max(0) - x.min(0))
    return x.min(0) - air, x.max(0) + air


def line(w, b):
    """Two far points of the line w·x + b = 0.                                             # (2, 2)"""
    along = np.array([-w[1], w[0]]) / np.hypot(*w)
    return -b * np.asarray(w) / np.dot(w, w) + FAR * np.outer([-1, 1], along)


def sides(ax, w, b):
    """Tint the side where the neuron fires in the colour of class 1, the other in that of class 0; draw the line."""
    w = np.asarray(w, dtype=float)
    length = np.hypot(*w)
    if length == 0:
        ax.set_facecolor(TINTS[int(b > 0)])
        return
    ends = line(w, b)                                                          # (2, 2)
    ax.set_facecolor(TINTS[0])
    ax.fill(*np.vstack([ends, ends[::-1] + FAR * w / length]).T, color=TINTS[1], lw=0)
    ax.plot(*ends.T, color=style.MODEL)


def scatter(ax, x, y, wrong=None, size=5):
    """Points by class: blue circles for 0, orange triangles for 1, black where they are misjudged."""
    wrong = np.zeros(len(y), bool) if wrong is None else wrong
    for k, (colour, marker) in enumerate([(style.DATA, "o"), (style.OTHER, "^")]):
        ax.plot(*x[(y == k) & ~wrong].T, marker, ms=size, color=colour, mew=0, ls="")
        ax.plot(*x[(y == k) & wrong].T, marker, ms=size, color=WRONG, mew=0, ls="")


def one_step(ax, x, y, old, new, i, names):
    """One step of Rosenblatt's rule: the old line dashed, the new one drawn, the example that moved it ringed.

    old, new: pairs of weights (2,) and bias; i: the row of the example, or None before the first step.
    """
    decision(ax, x, y, *new, names, arrow=False)
    if i is not None:
        if np.any(old[0]):
            ax.plot(*line(*old).T, color=style.MUTED, lw=1.6, ls="--")
        ax.plot(*x[i], "o", ms=15, mfc="none", mec=style.GRADIENT, mew=2.2)


def gate(ax, wanted, w, b):
    """The four corners of a logic gate and the line of a neuron with the same weight on both inputs.

    wanted: the answers at (0,0), (0,1), (1,0), (1,1).
    """
    x, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.asarray(wanted)
    sides(ax, (w, w), b)
    right = (((x @ [w, w] + b) > 0) == y)
    scatter(ax, x, y, ~right, size=15)
    ax.set(xlim=(-0.6, 1.6), ylim=(-0.6, 1.6), xticks=[0, 1], yticks=[0, 1], xlabel="input x1", ylabel="input x2")
    ax.set_title(f"{right.sum()} of 4 right")


def bound(ax, margins, mistakes, bounds, chosen):
    """Counted mistakes under the bound of the convergence theorem, against the margin, on logarithmic axes."""
    ax.loglog(margins, bounds, color=style.MUTED)
    ax.loglog(margins, mistakes, "o", ms=6, color=style.MODEL)
    ax.loglog(margins[chosen], mistakes[chosen], "o", ms=13, mfc="none", mec=style.SPECIAL, mew=2.4)
    ax.text(margins[2], bounds[2] * 1.8, "allowed")
    ax.text(margins[0], 4, "counted", color=style.MODEL, va="top")
    ax.set(xlabel="gap γ", ylabel="mistakes", ylim=(1, 3 * max(bounds)), xlim=(margins[0] / 1.3, margins[-1] * 1.3))
    ax.set_xticks([0.02, 0.05, 0.1, 0.2, 0.5], ["0.02", "0.05", "0.1", "0.2", "0.5"])
    ax.minorticks_off()


def stopping(ax, last, averaged, logistic):
    """Accuracy after each pass of the last weights, beside two that do not depend on when to stop.

    last: accuracies (splits, passes); averaged, logistic: one accuracy each.
    """
    passes = range(1, last.shape[1] + 1)
    ax.plot(passes, last[1:].T, color=style.MUTED, lw=1, alpha=0.6)
    ax.plot(passes, last[0], color=style.MODEL)
    ax.axhline(averaged, color=style.SPECIAL)
    ax.axhline(logistic, color=style.INK, lw=1.4, ls="--")
    ax.text(passes[-1], 1.002, "averaged weights; dashed: logistic regression", ha="right", va="bottom")
    ax.text(1, last.min() - 0.012, "last weights on five splits, one in green")
    ax.set(xlabel="pass over the training part", ylabel="accuracy", ylim=(last.min() - 0.02, 1.02))
    ax.set_xticks([1, 5, 10, 15, 20])


def passes(ax, curves, label):
    """Mistakes in each pass, one line a learner, named at its end.                curves: {name: list of mistakes}"""
    for (name, mistakes), colour in zip(curves.items(), (style.MODEL, style.GRADIENT, style.MUTED), strict=False):
        ax.plot(range(1, len(mistakes) + 1), mistakes, color=colour)
        ax.text(len(mistakes), mistakes[-1], f" {name}", color=colour, va="bottom")
    ax.set(xlabel="pass over the data", ylabel=label)
