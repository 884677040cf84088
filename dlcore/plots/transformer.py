"""Pictures of chapter 42: where a date's figures come from, gradients in a deep stack, maps and beams."""

import numpy as np

from . import style

PART = [style.DATA] * 4 + [style.MUTED] + [style.OTHER] * 2 + [style.MUTED] + [style.MODEL] * 2    # 1968-03-05


def origins(ax, tokens, iso, places, title, told):
    """A date as written above, as ISO below, and a line for each figure from the token that it comes from.

    places: for each of the ten symbols the number of a token, or None.
    """
    widths = np.array([len(token) + 1.4 for token in tokens])
    at = np.cumsum(widths) - widths / 2
    at = 0.5 + 9 * (at - at[0]) / max(at[-1] - at[0], 1)                       # over the ten symbols below
    if len(tokens) < 7:
        at = 2 + at * 0.6
    size = min(13, 420 / widths.sum())                                         # letters of half that width
    for x, token in zip(at, tokens, strict=True):
        ax.text(x, 1.1, token, ha="center", fontsize=size)
    for i, (symbol, place) in enumerate(zip(iso, places, strict=True)):
        ax.text(0.5 + i, -0.12, symbol, ha="center", va="top", fontsize=14, color=PART[i], fontweight="bold")
        if place is not None:
            ax.plot([at[place], 0.5 + i], [1.02, -0.02], color=PART[i], lw=1.8)
    ax.text(-0.3, 1.5, told, fontsize=11)
    ax.set(xlim=(-0.4, 10.4), ylim=(-0.5, 1.7), title=title)
    ax.set_axis_off()


def gradients(ax, sizes, title):
    """Bars: the gradient's size in each block of a stack, on a scale of powers of ten.   sizes: (B,)"""
    ax.bar(np.arange(1, len(sizes) + 1), sizes, color=style.GRADIENT)
    ax.set_yscale("log")
    powers_of_ten(ax.yaxis, range(-2, 9, 2))
    ax.set(ylim=(3e-3, 3e8), xlim=(0.3, len(sizes) + 0.7), xlabel="block, from input to output",
           ylabel="size of the gradient", title=title)
    ax.minorticks_off()


def powers_of_ten(axis, exponents):
    """Ticks of a logarithmic axis as plain text: drawn in half the time that formulas take."""
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    labels = ["1" if n == 0 else "10" + str(n).translate(raised) for n in exponents]
    axis.set_ticks([10.0**n for n in exponents], labels=labels)


def map_of_a_date(ax, weights, tokens, written, title):
    """Where the decoder looked: weights (T, S), a row for each symbol that it wrote, a column for each token."""
    ax.imshow(weights, cmap=style.FROM_ZERO, vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    ax.set_xticks(range(len(tokens)), tokens, rotation=40, ha="right", rotation_mode="anchor",
                  fontsize=10 if max(map(len, tokens)) < 10 else 8.5)
    ax.set_yticks(range(len(written)), written)
    ax.tick_params(length=0)
    ax.set(ylabel="symbol that is written", title=title)


def hypotheses(ax, found, title):
    """The whole outputs that a search kept, the most probable at the top.   found: [(text, probability)]"""
    for row, (text, chance) in enumerate(found):
        ax.barh(-row, chance, color=style.MODEL, height=0.6)
        ax.text(0.01, -row + 0.34, f"{text}   {chance:.1%}", va="bottom", fontsize=11)
    ax.set(xlim=(0, 1), ylim=(-3.6, 0.9), yticks=[], xlabel="probability of the whole date", title=title)
    ax.spines["left"].set_visible(False)


def three_curves(ax, steps, table):
    """A curve for each measure over the steps of a training, named at its middle.   table: {name: (values, colour)}"""
    for name, (values, colour) in table.items():
        ax.plot(steps, values, color=colour, marker="o", ms=4, label=name)
    ax.legend(loc="lower right", fontsize=10)
    ax.set(ylim=(0, 1.02), xlabel="step of training", ylabel="share that is right")
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
