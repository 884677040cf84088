"""Pictures of chapter 22: a memory with valves, what each gate cures, gradients on their way, gates at work."""

import numpy as np

from . import style
from .rnn import forecast

__all__ = ["forecast", "gates", "illnesses", "reach", "recalled", "tank"]

# ---- a memory with valves ----

FIRST, SECOND = 3, 23      # the steps of the two pushes


def tank(ax, pushes, memory, shut):
    """The pushes (T,) that arrive, and what the memory (T,) holds; `shut`: the step behind which nothing gets in."""
    steps, end = np.arange(1, len(pushes) + 1), len(pushes)
    if shut < end:
        ax.axvspan(shut + 0.5, end + 1, color="#EEEEEE", lw=0)
        ax.text(end + 0.6, -1.75, "inlet shut", color=style.MUTED, ha="right")
    ax.axhline(0, color=style.MUTED, lw=1)
    ax.bar(steps[pushes != 0], pushes[pushes != 0], width=0.9, color=style.DATA)
    ax.plot(steps, memory, color=style.MODEL, marker="o", ms=3.5)
    ax.text(FIRST - 0.3, 1.35, "push +1", color=style.DATA)
    ax.text(SECOND - 0.3, -1.35, "push −1", color=style.DATA)
    ax.text(end, memory[-1] + 0.12, "c", color=style.MODEL, ha="right", weight="bold")
    written, before, last = memory[[FIRST - 1, SECOND - 2, -1]] + 0.0
    if abs(before - 1) < 0.05 and abs(last - 1) < 0.05:
        told = "✓ (c) keeps the first, keeps out the second"
    elif abs(before - 1) < 0.05 and abs(last) < 0.05:
        told = "✓ (b) keeps the sum of all pushes"
    elif written == 1 and 0.4 < before < 0.6:
        told = f"✓ (a) step {SECOND - 1}: {before:.2f} is left, about half"
    else:
        told = f"step {SECOND - 1}: {before:.2f}   step {end}: {round(last, 2) + 0.0:.2f}"
    ax.set(xlim=(0, end + 1), ylim=(-2, 2), xlabel="step t", ylabel="memory c", title=told)


def illnesses(axes, floods, counted):
    """Left: memories (n, T) that let everything in. Right: one that is never emptied, and the slope of its tanh."""
    steps = np.arange(1, floods.shape[1] + 1)
    axes[0].plot(steps, floods.T, color=style.MODEL, lw=1.2, alpha=0.7)
    for sign in (-1, 1):
        axes[0].plot(steps, 1 + sign * np.sqrt(steps), color=style.MUTED, ls="--", lw=1.4)
    axes[0].axhline(1, color=style.DATA, lw=1.6)
    axes[0].set(xlabel="step t", ylabel="memory c", title="everything gets in", ylim=(-52, 52))
    axes[0].text(2, 41, "blue: what it should hold", color=style.DATA)
    axes[0].text(2, -47, "dashed: 1 ± √t", color=style.MUTED)
    steps = np.arange(1, len(counted) + 1)
    axes[1].semilogy(steps, 1 - np.tanh(counted) ** 2, "o-", ms=4, color=style.GRADIENT)
    axes[1].set(xlabel="items kept, none forgotten", ylabel="slope of tanh c", title="nothing gets out")


# ---- how far a gradient reaches ----

def reach(ax, measured, direct):
    """The length of dL/dc against the distance (T + 1,): measured, and through the forget gates alone."""
    far = np.arange(len(measured))
    ax.axhspan(-1, 1, color="#E6F4EF", lw=0)
    drawn = [np.log10(np.maximum(v, 1e-300)) for v in (direct, measured)]
    ax.plot(far, drawn[0], color=style.MODEL, lw=1.6, ls="--")
    ax.plot(far, drawn[1], color=style.GRADIENT)
    ax.set(xlim=(0, far[-1] * 1.02), ylim=(-16, 16), xlabel="distance from the last step", ylabel="length of dL/dc")
    ax.set_yticks([-16, -8, 0, 8, 16], ["1e−16", "1e−8", "1", "1e8", "1e16"])
    ax.tick_params(axis="y", pad=1, labelsize=10)
    ax.text(0.03 * far[-1], 13.5, "dashed: through the forget gates alone", color=style.MODEL, va="center")
    ax.text(0.03 * far[-1], 10.3, "measured, all ways together", color=style.GRADIENT, va="center")
    last = drawn[1][-1]
    fate = "✓ kept" if abs(last) <= 1 else "vanishes" if last < 0 else "explodes"
    ax.set_title(f"{far[-1]} steps back: 10 to the power of {last:.1f}   {fate}".replace("-", "−"))


# ---- the delayed-memory task ----

def recalled(ax, results, chance):
    """A row for each model: accuracies of its runs, a column of marks for each delay; {name: {delay: (S,)}}."""
    looks = [(style.DATA, "o", 0.14), (style.GRADIENT, "D", -0.14)]
    rows = len(results)
    for row, runs in enumerate(results.values()):
        for (delay, found), (colour, marker, shift) in zip(runs.items(), looks, strict=True):
            place = np.full(len(found), rows - 1 - row + shift)
            ax.plot(found, place, marker, ms=7, color=colour, alpha=0.55, mew=0)
            if row == 0:
                at = 0.5 if delay == min(runs) else 0.8
                ax.text(at, rows - 0.35, f"delay {delay}", color=colour, weight="bold")
    ax.axvline(chance, color=style.MUTED, ls=":", lw=1.4)
    ax.text(chance + 0.01, rows - 0.35, "chance", color=style.MUTED)
    for row, name in enumerate(results):
        ax.text(-0.32, rows - 1 - row, name, va="center")
    ax.spines["left"].set_visible(False)
    ax.set(xlim=(-0.33, 1.05), ylim=(-0.5, rows), xlabel="accuracy of each run", yticks=[])
    ax.set_xticks([0.25, 0.5, 0.75, 1.0])


# ---- gates at work on a text ----

LINES = {                                               # from top to bottom: colour and row
    "tanh c": (style.MODEL, 3), "forget f": (style.GRADIENT, 2), "input i": (style.DATA, 1), "output o": (style.INK, 0),
}


def gates(ax, text, inside, values, link):
    """What one unit does at each character of a text: its memory and its three gates, one above the other.

    text: T characters; inside (T,): True between quotation marks; values (4, T): tanh c, f, i, o;
    link: how closely the memory follows the marks, a correlation from 0 to 1.
    """
    at = np.arange(len(text))
    starts = at[inside & ~np.r_[False, inside[:-1]]]
    stops = at[inside & ~np.r_[inside[1:], False]]
    for start, stop in zip(starts, stops, strict=True):
        ax.axvspan(start - 0.5, stop + 0.5, color="#FBF0DA", lw=0)
    for (name, (colour, row)), line in zip(LINES.items(), values, strict=True):
        low, high = (-1, 1) if name == "tanh c" else (0, 1)
        ax.axhline(row, color="#DDDDDD", lw=0.8)
        ax.fill_between(at, row, row + 0.8 * (line - low) / (high - low), step="mid", color=colour, alpha=0.75, lw=0)
        ax.text(-1.2, row + 0.4, name, color=colour, ha="right", va="center")
    for t, character in enumerate(text):
        ax.text(t, -0.35, character, ha="center", va="center", family="monospace", fontsize=10,
                weight="bold" if character == '"' else "normal")
    ax.set(xlim=(-7.5, len(text) - 0.5), ylim=(-0.7, 4.0), xticks=[], yticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.set_title(f"memory and marks: correlation {link:.2f}{'   ✓' if link > 0.9 else ''}")
