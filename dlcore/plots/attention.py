"""Pictures of chapter 41: a look-up in the past, weights over keys, and where a network looks."""

import numpy as np

from . import style

SEEN = 0.002        # a weight below this is not drawn


def remembered(ax, years, numbers, span, row, weights, guess, told):
    """A look-up in a series: the last `span` years, the moments that followed similar ones, and their mean.

    numbers: (Y,), one a year; row: where the window starts; weights: (R,), one for the year after each window.
    """
    end = row + span
    ax.plot(years[:end], numbers[:end], color="#C4C4C4", lw=1)
    ax.plot(years[row:end], numbers[row:end], color=style.DATA, lw=2.6)
    used = np.flatnonzero(weights > SEEN)
    for j in used[np.argsort(weights[used])][-3:]:                             # the three most similar windows
        ax.plot(years[j:j + span], numbers[j:j + span], color=style.OTHER, lw=1.8)
    ax.scatter(years[used + span], numbers[used + span], s=12 + 300 * weights[used], color=style.SPECIAL, zorder=3)
    ax.plot(years[end], numbers[end], "o", ms=11, mfc="white", mec=style.INK, mew=1.8)
    ax.plot(years[end], guess, "D", ms=6.5, color=style.MODEL)
    ax.text(1697, 192, told, va="top")
    ax.set(xlim=(1695, 1948), ylim=(-6, 196), xlabel="year", ylabel="sunspots",
           title=f"{years[end]}: looked up {guess:.0f}, in truth {numbers[end]:.0f}")


def errors(ax, table, unit):
    """One bar for each method with its error, the smallest at the top.   table: {name: (error, colour)}"""
    ordered = sorted(table.items(), key=lambda item: -item[1][0])
    longest = ordered[0][1][0]
    for y, (name, (error, colour)) in enumerate(ordered):
        ax.barh(y, error, color=colour, height=0.72)
        inside = error > longest / 2
        ax.text(error - 0.01 * longest if inside else error + 0.015 * longest, y, f"{name}: {error:.1f}",
                va="center", ha="right" if inside else "left", color="white" if inside else style.INK)
    ax.set(xlim=(0, longest), yticks=[], xlabel=unit)
    ax.spines["left"].set_visible(False)


def weight_bars(ax, weights, title, target=None, xlabel="key"):
    """The weights (S,) of one query, key by key; `target` is the key that should get them."""
    colours = [style.SPECIAL if j == target else style.MODEL for j in range(len(weights))]
    ax.bar(range(len(weights)), weights, color=colours)
    ax.set(ylim=(0, 1.02), xlim=(-0.7, len(weights) - 0.3), xlabel=xlabel, ylabel="weight", title=title)


def similarity(ax, products, row, target):
    """How like the vector of position `row` all positions are, (T,); `target` is where the head should look."""
    ax.plot(range(len(products)), products, color=style.DATA, marker="o", ms=4)
    ax.plot(row, products[row], "o", ms=10, color=style.DATA)
    ax.axvline(target, color=style.SPECIAL, lw=1.5)
    ax.set(xlim=(-0.7, len(products) - 0.3), ylim=(-0.05, 1.12), xlabel="position", ylabel="similarity",
           title=f"likeness to position {row}")


def heat(ax, weights, letters, title):
    """Who looks at whom: weights (T, T), a row for each letter that looks."""
    ax.imshow(weights, cmap=style.FROM_ZERO, vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    places = range(len(letters))
    ax.set_xticks(places, letters)
    ax.set_yticks(places, letters)
    ax.tick_params(length=0)
    ax.set(xlabel="is looked at", ylabel="letter that looks", title=title)


def letter_bars(ax, weights, letters, asked, title):
    """The weights (T,) of a question about one letter of a word; the asked letter stands in its own colour."""
    ax.bar(range(len(letters)), weights, color=style.MODEL)
    ax.set_xticks(range(len(letters)), letters)
    for i, tick in enumerate(ax.get_xticklabels()):
        tick.set_color(style.SPECIAL if i == asked else style.INK)
        tick.set_fontweight("bold" if i == asked else "normal")
    ax.set(ylim=(0, 1.02), xlim=(-0.6, len(letters) - 0.4), xlabel="letter", ylabel="weight", title=title)


def accuracies(ax, table, chance):
    """A row for each model, a mark for each seed.   table: {name: accuracies (R,)}; chance: {name: accuracy}"""
    rows = [(name, [value], style.MUTED) for name, value in chance.items()]
    rows += [(name, values, style.MODEL) for name, values in table.items()]
    for y, (name, values, colour) in enumerate(reversed(rows)):
        ax.plot([0, 1], [y, y], color="#E4E4E4", lw=1)
        ax.plot(values, [y] * len(values), "o", ms=8, color=colour, alpha=0.75)
        ax.text(0, y + 0.26, name, fontsize=10, color=style.INK)
    ax.set(xlim=(-0.01, 1.04), ylim=(-0.4, len(rows) - 0.3), yticks=[], xlabel="right answers on unseen words")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    ax.spines["left"].set_visible(False)
