"""Pictures of chapter 23: guesses, smoothing, learning, what context buys, sampled text, letters in the plane."""

import textwrap

import numpy as np

from . import style

__all__ = ["context", "guesses", "learning", "letters", "sampled", "smoothed"]

NAMES = {" ": "space", "\n": "new line"}


def shown(character):
    """A character as the reader sees it."""
    return NAMES.get(character, character)


# ---- what comes next ----

def guesses(ax, before, told, likely, chances, truth, times):
    """The likeliest next characters and their chances (8,); `before` ends with the `told` characters the model sees.

    truth: (the character that came, its chance); times: how often the model has met these characters.
    """
    places = np.arange(len(likely))[::-1]
    colours = [style.SPECIAL if character == truth[0] else style.MODEL for character in likely]
    ax.barh(places, chances, color=colours, height=0.7)
    for place, character, chance in zip(places, likely, chances, strict=True):
        ax.text(-0.02, place, shown(character), ha="right", va="center", family="monospace")
        ax.text(chance + 0.015, place, f"{chance:.2f}", va="center", fontsize=10)
    seen = before[len(before) - told:].replace("\n", "↵")
    ax.text(0.0, 9.0, "sees", color=style.MUTED)
    ax.text(0.13, 9.0, f"…{seen}" if told else "nothing", family="monospace", weight="bold")
    ax.text(0.0, 8.1, f"met {times:,} times in the text", color=style.MUTED)
    met = "✓ " if truth[1] > 0.5 else ""
    ax.set_title(f"{met}then came {shown(truth[0])!r}, given a chance of {truth[1]:.2f}")
    ax.set(xlim=(-0.22, 1.12), ylim=(-0.6, 10.0), yticks=[], xlabel="chance of each next character")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
    ax.spines["left"].set_visible(False)


# ---- smoothing ----

def smoothed(ax, method, length, known, held, best):
    """Perplexity of counts by the length of the context, on the known text (L,) and on the held-out text (L,)."""
    lengths = np.arange(len(known))
    finite = np.where(np.isfinite(held), held, np.nan)
    ax.plot(lengths, known, "o-", color=style.MUTED)
    ax.plot(lengths, finite, "o-", color=style.DATA)
    ax.plot(length, known[length], "o", ms=11, mfc="none", mec=style.MUTED, mew=2)
    if np.isfinite(held[length]):
        ax.plot(length, held[length], "o", ms=11, mfc="none", mec=style.DATA, mew=2)
        met = "   ✓ the best there is" if held[length] <= best + 1e-9 else ""
        told = f"held-out text: {held[length]:.2f}{met}"
    else:
        told = "held-out text: infinite"
    ax.text(lengths[-1] + 0.25, known[-1], "known", color=style.MUTED, va="center")
    if np.isfinite(held[-1]):
        ax.text(lengths[-1] + 0.25, min(held[-1], 44), "held out", color=style.DATA, va="center")
    else:
        ax.text(3.2, 30, "held out: infinite where\nthe dots are missing", color=style.DATA, va="center")
    ax.set(xlim=(-0.3, lengths[-1] + 1.75), ylim=(1, 60), yscale="log", xlabel="characters of context",
           ylabel="perplexity")
    ax.set_yticks([1, 2, 4, 8, 16, 32], ["1", "2", "4", "8", "16", "32"])
    ax.minorticks_off()
    ax.set_xticks(lengths)
    ax.set_title(f"{method}, {told}")


# ---- learning, and what context buys ----

def learning(ax, losses, counted):
    """The loss of each step (S,), smoothed, as perplexity; and the perplexity that counting reaches."""
    smooth = np.convolve(losses, np.ones(20) / 20, mode="valid")
    ax.plot(np.arange(len(smooth)) + 20, np.exp(smooth), color=style.MODEL)
    ax.axhline(counted, color=style.MUTED, ls="--", lw=1.4)
    ax.text(len(losses), counted * 0.93, "counting, held-out text", color=style.MUTED, ha="right", va="top")
    third = len(losses) // 3
    ax.text(third, np.exp(smooth[third]) * 1.35, "LSTM, training batches", color=style.MODEL)
    ax.set(xlabel="step", ylabel="perplexity", yscale="log", ylim=(3, 30))
    ax.set_yticks([4, 8, 16], ["4", "8", "16"])
    ax.minorticks_off()


def context(ax, lengths, network, counts):
    """Perplexity on the held-out text against the characters that a model may look back at."""
    ax.plot(lengths, network, "o-", color=style.MODEL)
    ax.plot(lengths[:len(counts)], counts, "s-", color=style.DATA)
    ax.text(lengths[-1], network[-1] * 1.12, "LSTM", color=style.MODEL, ha="right")
    ax.text(lengths[0], 0.55 * counts[0], "counts", color=style.DATA, va="top")
    ax.set(xscale="log", yscale="log", xlabel="characters of context", ylabel="perplexity")
    ax.set_xticks(lengths, [str(n) for n in lengths])
    ax.set_yticks([4, 8, 16], ["4", "8", "16"])
    ax.minorticks_off()


# ---- sampling ----

def sampled(ax, text, temperature, real, variety):
    """A sampled text; the share of its words that are words of the real text, and of those that are not repeats."""
    lines = [part for line in text.split("\n") for part in (textwrap.wrap(line, 44) or [""])][:12]
    for row, line in enumerate(lines):
        ax.text(0, -row, line.replace("$", r"\$"), family="monospace", fontsize=10, va="top")
    met = "✓ " if real >= 0.8 and variety >= 0.6 else ""
    ax.set_title(f"{met}temperature {temperature}: real words {real:.0%}, different {variety:.0%}")
    ax.set(xlim=(0, 44), ylim=(-12, 0.3), xticks=[], yticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)


# ---- embeddings ----

KINDS = {"vowel": style.GRADIENT, "consonant": style.DATA, "digit": style.MODEL, "other": style.MUTED}


def kind_of(character):
    """Which of the four kinds a character belongs to."""
    if character.isdigit():
        return "digit"
    if not character.isalpha():
        return "other"
    return "vowel" if character.lower() in "aeiou" else "consonant"


def letters(ax, characters, places):
    """Each character at its place (V, 2) in the plane, in the colour of its kind."""
    for character, (x, y) in zip(characters, places, strict=True):
        ax.text(x, y, {" ": "␣", "\n": "↵", "$": r"\$"}.get(character, character), color=KINDS[kind_of(character)],
                ha="center", va="center", family="monospace", fontsize=12, weight="bold")
    low, high = places.min(0), places.max(0)
    edge = 0.08 * (high - low)
    top = high[1] + 3.5 * edge[1]
    for at, (kind, colour) in zip((0.02, 0.2, 0.47, 0.62), KINDS.items(), strict=True):
        ax.text(low[0] + at * (high[0] - low[0]), top - edge[1], kind, color=colour, weight="bold", fontsize=10)
    ax.set(xlim=(low[0] - edge[0], high[0] + edge[0]), ylim=(low[1] - edge[1], top), xticks=[], yticks=[],
           xlabel="first principal axis", ylabel="second")
