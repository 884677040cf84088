"""Pictures of chapter 43: what may come next, what a model writes, and how large models have grown."""

import textwrap

import numpy as np

from . import style
from .transformer import powers_of_ten


def name_of(character):
    return {" ": "␣", "\n": "⏎"}.get(character, character)


def next_characters(ax, characters, before, after, title):
    """Bars: the chance of each next character, as the model has it (outline) and as it is drawn from (filled).

    before, after: (V,), the first of them in falling order.
    """
    shown = np.arange(len(characters))
    ax.bar(shown, before, color="#E2E2E2", width=0.85)
    ax.bar(shown, after, color=style.MODEL, width=0.55)
    ax.set_xticks(shown, [name_of(c) for c in characters])
    ax.tick_params(axis="x", length=0)
    ax.set(ylim=(0, 1.02), xlim=(-0.7, len(characters) - 0.3), ylabel="chance", title=title,
           xlabel="next character (␣ blank)")


def written(ax, prompt, text, title):
    """A text that a model wrote: the prompt in its own colour, then what follows, in lines of one width."""
    lines = []
    for line in (prompt + text).split("\n"):
        lines += textwrap.wrap(line, 46, drop_whitespace=False) or [""]
    font = {"family": "monospace", "fontsize": 9, "va": "top", "parse_math": False}
    for row, line in enumerate(lines[:11]):
        ax.text(0, -row, line, color=style.INK, **font)
    ax.text(0, 0, prompt, color=style.DATA, **font)
    ax.set(xlim=(0, 1), ylim=(-11, 0.3), title=title)
    ax.set_axis_off()


def work(ax, without, cached, at, title):
    """Multiplications to write each number of tokens, with a cache and without; `at` is the chosen number."""
    lengths = np.arange(1, len(without) + 1)
    for name, values, colour in (("read again", without, style.GRADIENT), ("cache", cached, style.MODEL)):
        ax.plot(lengths, values, color=colour)
        ax.plot(at, values[at - 1], "o", color=colour, ms=7)
        ax.text(lengths[-1], values[-1] * 1.5, name, color=colour, ha="right", va="bottom")
    ax.set(xscale="log", yscale="log", xlabel="tokens written", ylabel="multiplications", title=title)
    powers_of_ten(ax.xaxis, range(4))
    powers_of_ten(ax.yaxis, range(5, 19, 2))
    ax.set(ylim=(without[0] / 3, without[-1] * 20), xlim=(1, len(without) * 1.1))
    ax.minorticks_off()


def sizes(ax, models, best, title):
    """Models by parameters and training tokens, and the size that a budget of work is best spent on.

    models: [(name, parameters, tokens, place of its name)]; best: (parameters, tokens).
    """
    n = np.array([1e8, 1e12])
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1}             # the dashed line passes behind names
    ax.plot(n, 20 * n, color=style.MODEL, lw=1.5)
    ax.text(3.3e11, 1.05e13, "20 tokens for each parameter", color=style.MODEL, fontsize=10, ha="right", bbox=ground)
    work_done = best[0] * best[1]
    ax.plot(n, work_done / n, color=style.MUTED, lw=1.2, ls="--")
    for name, parameters, tokens, side in models:
        ax.plot(parameters, tokens, "o", color=style.DATA, ms=8)
        ax.annotate(name, (parameters, tokens), xytext=(8 if side == "left" else -8, 6), textcoords="offset points",
                    ha=side, fontsize=10, bbox=ground)
    ax.plot(*best, "D", color=style.SPECIAL, ms=9)
    ax.set(xscale="log", yscale="log", xlabel="parameters", ylabel="training tokens", title=title)
    powers_of_ten(ax.xaxis, range(8, 13))
    powers_of_ten(ax.yaxis, range(10, 14))
    ax.set(xlim=(1e8, 1.5e12), ylim=(2e9, 2e13))
    ax.minorticks_off()


def perplexities(ax, table):
    """A row for each model, a mark for each seed: perplexity on unseen text.   table: {name: ([values], colour)}"""
    largest = max(max(values) for values, _ in table.values())
    for row, (name, (values, colour)) in enumerate(table.items()):
        ax.plot([1, largest], [-row, -row], color="#E4E4E4", lw=1)
        ax.plot(values, [-row] * len(values), "o", ms=8, color=colour, alpha=0.8)
        ax.text(1, -row + 0.16, name, fontsize=10)
    ax.set(xlim=(1, largest * 1.03), ylim=(-len(table) + 0.6, 0.7), yticks=[],
           xlabel="perplexity on unseen text")
    ax.spines["left"].set_visible(False)
