"""Pictures of chapter 07: a winner among many, leaks, layers in a row, errors over size, and sick curves."""

import numpy as np

from . import style
from .labels import label_ends
from .train import ROOM

TOP = 5.0           # losses above this are drawn as arrows at the top


# ---- choosing ----

def winner(ax, hits, examples):
    """The validation accuracy of every model as a histogram, the best one, and what it is worth on new examples.

    hits: (M, E), whether each model is right about each example. The first `examples` columns are the validation set,
    the others are new.
    """
    scores = hits[:, :examples].mean(1)                                     # (M,)
    best, new = scores.max(), hits[scores.argmax(), examples:].mean()
    edges = (np.arange(0, examples + 2, max(1, examples // 50)) - 0.5) / examples
    counts, _ = np.histogram(scores, edges)
    ax.stairs(counts, edges, fill=True, color=style.MUTED, alpha=0.6)       # one artist, where hist makes fifty
    top = 1.25 * counts.max()
    for place, other, name, colour in (
        (best, new, "winner", style.SPECIAL), (new, best, "on new ones", style.MODEL),
    ):
        side = 1 if place >= other else -1                                  # each label on its own side
        ax.axvline(place, color=colour)
        ax.text(place + 0.015 * side, 0.97 * top, name, color=colour, va="top", ha="left" if side > 0 else "right")
    told = " ✓" if best >= 0.7 or (len(hits) == 1000 and best <= 0.57) else ""
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.set(xlim=(0.15, 1.1), ylim=(0, top), xlabel="accuracy on the validation set", ylabel="models",
           title=f"winner: {best:.0%} in validation, {new:.0%} on new ones{told}")


def winners(ax, tried, chosen, new, bound):
    """The winner's accuracy over the number of models tried: in validation, on new examples, and the bound."""
    ax.semilogx(tried, bound, color=style.MUTED, linestyle=(0, (4, 3)), linewidth=1.4)
    ax.semilogx(tried, chosen, color=style.SPECIAL, marker="o", markersize=5)
    ax.semilogx(tried, new, color=style.MODEL, marker="o", markersize=5)
    for y, name, colour in ((bound, "bound", style.INK), (chosen, "in validation", style.SPECIAL),
                            (new, "on new ones", style.MODEL)):
        ax.text(tried[-1] * 1.15, y[-1], name, color=colour, va="center")
    ax.set(xlim=(0.9, tried[-1] * 7), ylim=(0.45, 0.7), xlabel="models tried", ylabel="accuracy of the winner")
    ax.set_xticks(tried, [str(m) for m in tried])
    ax.minorticks_off()


def leak(ax, features, peeking, honest):
    """Accuracy on held-out noise over the number of features to choose from, with and without a look at the test."""
    ax.semilogx(features, peeking, color=style.GRADIENT, marker="o", markersize=5)
    ax.semilogx(features, honest, color=style.MODEL, marker="o", markersize=5)
    ax.axhline(0.5, color=style.MUTED, linestyle=":", linewidth=1.4)
    ax.text(features[0], 0.93, "chosen on all examples", color=style.GRADIENT)
    ax.text(features[0], 0.41, "chosen on the training part", color=style.MODEL)
    ax.set(ylim=(0.35, 1), xlabel="features to choose from", ylabel="test accuracy")
    ax.set_xticks(features, [f"{n:,}" for n in features])
    ax.minorticks_off()


# ---- size of the model, number of examples ----

def sizes(left, right, hidden, examples, errors, at):
    """Training and validation error over the hidden units (left) and over the examples (right).

    hidden: (H,), examples: (E,), errors: (H, E, 2), training and validation; at: the chosen (row, column).
    """
    i, j = at
    train, validation = errors[i, j]
    verdict = ""
    if train > 0.3 and validation > 0.3:
        verdict = "✓ underfits"
    elif train < 0.02 and validation - train > 0.15:
        verdict = "✓ overfits"
    for ax, names, curves, chosen, told in (
        (left, hidden, errors[:, j], i, f"{examples[j]:,} examples"),
        (right, examples, errors[i], j, f"{hidden[i]} hidden unit{'s' if hidden[i] > 1 else ''}"),
    ):
        ax.plot(curves[:, 1], color=style.SPECIAL)
        ax.plot(curves[:, 0], color=style.DATA)
        ax.plot([chosen] * 2, errors[i, j], "o", ms=13, mfc="none", mec=style.INK, mew=1.8)
        ax.text(0.97, 0.95, told, transform=ax.transAxes, ha="right", va="top")
        ax.set(ylim=(-0.06, 1), ylabel="share of wrong answers")
        ax.set_xticks(range(len(names)), [str(n) for n in names])
    left.set_xlabel("hidden units")
    right.set_xlabel("examples")
    left.set_title(f"training error {train:.0%}   {verdict}", color=style.DATA)
    right.set_title(f"validation error {validation:.0%}", color=style.SPECIAL)


# ---- initialisation ----

def layers(left, right, sizes, gradients, expected, small):
    """Size of the activations (left) and of the gradients (right), layer by layer, in powers of ten, beside theory.

    sizes, gradients: (L,), the first layer first; expected: the theory's factor from layer to layer; small: whether
    it holds for small values only.
    """
    depth = np.arange(1, len(sizes) + 1)
    for ax, measured, start, power, name in (
        (left, sizes, sizes[0], depth - 1, "activations"),
        (right, gradients, gradients[-1], depth[::-1] - 1, "gradients"),
    ):
        theory = start * np.maximum(expected, 1e-9) ** power
        ax.axhspan(np.log10(max(start, 1e-9)) - 0.301, np.log10(max(start, 1e-9)) + 0.301, color=style.MODEL,
                   alpha=0.2, linewidth=0)
        ax.plot(depth, tens(theory), color=style.MUTED, linestyle=(0, (4, 3)), linewidth=1.4)
        ax.plot(depth, tens(measured), color=style.GRADIENT if ax is right else style.MODEL, marker="o", markersize=5)
        ax.set(xlabel="layer", ylabel=f"size of the {name}", ylim=(-9.5, 5.5))
        ax.set_xticks(depth[::3])
        ax.set_yticks(range(-8, 5, 4), ["10⁻⁸", "10⁻⁴", "1", "10⁴"])
    left.set_title(told(sizes[-1], sizes[0], "layer 10", "layer 1"))
    right.set_title(told(gradients[0], gradients[-1], "layer 1", "layer 10"))
    left.text(0.03, 0.91, f"dashed: theory{' for small z' if small else ''}", transform=left.transAxes)


def tens(x):
    """Powers of ten, 0 and what is next to it at the lower edge."""
    return np.clip(np.log10(np.maximum(x, 1e-30)), -9.2, 5.3)


def told(far, near, far_name, near_name):
    """How the size at one end of the network compares with that at the other."""
    if near == 0:
        return "all are 0"
    ratio = far / near
    sign = "✓ " if 0.5 <= ratio <= 2 else ""
    return f"{sign}{far_name}: {short(ratio)} × {near_name}"


def short(ratio):
    """A factor with two digits, as a power of ten where it is far from 1."""
    if ratio == 0 or 0.01 <= ratio < 1000:
        return f"{ratio:.2g}"
    return "10" + f"{np.log10(ratio):.0f}".translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def starts(ax, losses):
    """Training loss over epochs, one line for each way to initialise; those that learn nothing share one label.

    losses: {name: one loss for each epoch}
    """
    still = [name for name, curve in losses.items() if curve[-1] > 0.95 * np.log(10)]
    colours = iter([style.DATA, style.MODEL, style.OTHER])
    for name, curve in losses.items():
        colour = style.MUTED if name in still else next(colours)
        epochs = np.arange(1, len(curve) + 1)
        ax.plot(epochs, curve, color=colour)
        if name not in still:
            ax.text(epochs[-1] + 0.3, curve[-1], name, color=colour, va="bottom")
    ax.text(1, np.log(10) + 0.08, "; ".join(still))
    ax.set(xlim=(0.5, 1.25 * len(curve)), ylim=(0, 2.8), xlabel="epoch", ylabel="training loss")


# ---- sick curves ----

def sick(ax, curves, accuracy, feedback):
    """A training gone wrong: loss from before the first step on, with what a diary would hold; the answer as title.

    curves: training and validation losses, each (epochs + 1,); accuracy: on the validation set at the end.
    """
    epochs = len(curves[0]) - 1
    drawn = []
    for name, losses, colour in zip(("training", "validation"), curves, (style.DATA, style.SPECIAL), strict=True):
        shown = np.minimum(losses, TOP)                                     # NaN stays NaN
        ax.plot(shown, color=colour)
        high = np.flatnonzero(np.asarray(losses) > TOP)
        ax.plot(high, np.full(len(high), TOP), "^", color=colour, markersize=6)
        last = np.flatnonzero(np.isfinite(shown))[-1]
        if last < epochs:
            ax.plot(last, shown[last], "X", color=style.INK, markersize=9, zorder=4)
        drawn.append((name, np.ma.masked_invalid(shown[1:]), colour))       # label_ends counts from epoch 1
    ax.plot([0, epochs], [np.log(10)] * 2, color=style.INK, linestyle=":", linewidth=1.2)
    ax.set(xlim=(0, epochs * (1 + ROOM)), ylim=(0, 7), xlabel="epoch", ylabel="loss", title=feedback)
    ax.set_xticks(np.linspace(0, epochs, 4))
    ax.set_yticks([0, 1, np.log(10), 3, 4, 5], ["0", "1", "ln 10", "3", "4", "5"])
    label_ends(ax, drawn)
    start, end, check = loss_text(curves[0][0]), loss_text(curves[0][-1]), loss_text(curves[1][-1])
    ax.text(0.01, 0.98, f"first loss {start}   last: training {end}, validation {check}\n"
            f"validation accuracy {accuracy:.0%}", transform=ax.transAxes, va="top", fontsize=10)


def loss_text(loss):
    """A loss in few letters: 0.02, 35, 10⁹, NaN."""
    if not np.isfinite(loss):
        return "NaN"
    return f"{loss:.2f}" if loss < 100 else short(loss)
