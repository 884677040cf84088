"""Pictures of chapter 34: two piles and two distances, partners by rank, a critic, scores over seeds."""

import numpy as np

from . import style

# ---- two piles ----


def piles(left, right, x, real, made, judge, critic, places, distances, at, told):
    """Left two piles with the best judge and the best critic, right two distances against the place of the pile.

    x, real, made, judge, critic: (n,); distances: {name: (len(places),)}, two of them; told: a title for each panel.
    """
    for pile, colour in ((real, style.DATA), (made, style.MODEL)):
        left.fill_between(x, pile, color=colour, alpha=0.35, linewidth=0)
    left.plot(x, judge, color=style.SPECIAL, lw=1.8)
    left.plot(x, critic, color=style.GRADIENT, lw=1.8)
    names = {"real": style.DATA, "made": style.MODEL, "best judge": style.SPECIAL, "best critic": style.GRADIENT}
    for k, (name, colour) in enumerate(names.items()):
        left.text((-4.8, 0.2)[k // 2], (3.9, 3.1)[k % 2], name, color=colour, va="top")
    left.set(xlim=(x[0], x[-1]), ylim=(-4.2, 4), xlabel="number x", ylabel="height of pile, score", title=told[0])
    looks = ((style.SPECIAL, -0.12, "top"), (style.GRADIENT, 0.12, "bottom"))
    for (name, values), (colour, aside, side) in zip(distances.items(), looks, strict=True):
        right.plot(places, values, color=colour)
        right.plot(at, np.interp(at, places, values), "o", ms=9, color=colour)
        right.text(places[0], values[0] + aside, name, color=colour, va=side)
    right.set(xlim=(places[0] - 0.2, places[-1] + 0.2), ylim=(-0.15, 4.6), xlabel="place of the made pile",
              ylabel="distance", title=told[1])


def partners(ax, real, made, order, told):
    """Real numbers above, made ones below, and a line from each made number to its partner `order`."""
    ax.plot(real, np.ones(len(real)), "o", ms=13, color=style.DATA)
    ax.plot(made, np.zeros(len(made)), "o", ms=13, color=style.MODEL)
    for start, end in zip(made, real[list(order)], strict=True):
        ax.annotate("", (end, 0.93), (start, 0.07),
                    arrowprops={"arrowstyle": "-|>", "color": style.GRADIENT, "linewidth": 1.8})
    ax.set(xlim=(-0.6, 9.6), ylim=(-0.35, 1.35), xlabel="number x", title=told)
    ax.set_yticks([0, 1], ["made", "real"])


def learnt(ax, x, critic, best, real, made):
    """A learnt critic and the best one, shifted to one height, over the two piles."""
    for numbers, colour, name in ((real, style.DATA, "real"), (made, style.MODEL, "made")):
        ax.plot(numbers, np.full(len(numbers), -4.8), "|", ms=16, color=colour, alpha=0.5)
        ax.text(numbers.mean(), -4.3, name, color=colour, ha="center")
    ax.plot(x, best - best.mean(), color=style.MUTED, ls="--")
    ax.plot(x, critic - critic.mean(), color=style.GRADIENT)
    ax.text(x[-1], 4.6, "critic, learnt", color=style.GRADIENT, va="top", ha="right")
    ax.text(x[-1], 3.9, "slope 1 downhill", color=style.MUTED, va="top", ha="right")
    ax.set(xlim=(x[0], x[-1]), ylim=(-5.4, 4.8), xlabel="x1, along the line between the piles", ylabel="score")


# ---- scores ----

def scores(ax, runs, lines):
    """The Fréchet distance of each trained network as a dot, by recipe, and those of the rivals as lines.

    runs: {recipe: distances}; lines: {name: distance}. The scale is in powers of ten.
    """
    for i, values in enumerate(runs.values()):
        ax.plot(np.full(len(values), i) + np.linspace(-0.1, 0.1, len(values)), values, "o", ms=9, color=style.MODEL,
                alpha=0.75, mew=0)
    for name, value in lines.items():
        ax.axhline(value, color=style.MUTED, ls="--", lw=1.4)
        ax.text(len(runs) + 0.35, value * 1.06, name, color=style.MUTED, ha="right", va="bottom", fontsize=10)
    ax.set_yscale("log")
    ax.set(xlim=(-0.5, len(runs) + 0.4), ylim=(1, 3000), ylabel="Fréchet distance")
    ax.set_xticks(range(len(runs)), list(runs))
    ax.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    ax.minorticks_off()
