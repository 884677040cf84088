"""Pictures of chapter 31: digits in rows, a line through points, the latent plane, two mixtures, errors and alarms."""

import numpy as np
from matplotlib.collections import LineCollection

from . import style
from .backprop import board

SIDE = 28                           # of a digit, in pixels
NAMES = 110                         # hundredths of an inch left of a row, for its name
CELL, AIR, HEAD = 44, 4, 34         # of a digit on the board; between digits; above the rows


# ---- digits ----

def rows_size(rows, columns=10):
    """Width and height in inches of the picture that `digit_rows` draws."""
    return (NAMES + columns * (CELL + AIR) + 6) / 100, (HEAD + rows * (CELL + AIR) + 6) / 100


def digit_rows(ax, rows, title):
    """Rows of digits of 28 x 28 pixels under each other, each with its name.         # rows {name: (columns, 784)}"""
    columns = len(next(iter(rows.values())))
    width, height = (round(100 * inches) for inches in rows_size(len(rows), columns))
    board(ax, width, height)
    for i, (name, images) in enumerate(rows.items()):
        low = height - HEAD - (i + 1) * (CELL + AIR)
        strip = np.pad(images.reshape(-1, SIDE, SIDE), ((0, 0), (1, 1), (1, 1)))                # (columns, 30, 30)
        strip = strip.swapaxes(0, 1).reshape(SIDE + 2, -1)
        ax.imshow(strip, vmin=0, vmax=1, extent=(NAMES, NAMES + columns * (CELL + AIR), low, low + CELL + AIR),
                  aspect="auto")
        ax.text(8, low + (CELL + AIR) / 2, name, va="center")
    ax.text(8, height - 18, title, va="center", fontsize=12)


MIXED = 448, 252                    # hundredths of an inch of the picture below


def mixtures(ax, images, captions, title):
    """Two large digits side by side, a caption under each.                           # images (2, 784)"""
    board(ax, *MIXED)
    for k, (image, caption) in enumerate(zip(images, captions, strict=True)):
        left = 22 + 222 * k
        ax.imshow(image.reshape(SIDE, SIDE), vmin=0, vmax=1, extent=(left, left + 182, 34, 216), aspect="auto")
        ax.plot([left, left + 182, left + 182, left, left], [34, 34, 216, 216, 34], color=style.MUTED, lw=1)
        ax.text(left + 91, 17, caption, ha="center", va="center", fontsize=12)
    ax.text(22, 234, title, va="center", fontsize=12)


# ---- a line through points ----

def projected(ax, x, angle, best, names):
    """Points (N, 2), the line at `angle` degrees through their mean, and what a projection onto it loses.

    best: the smallest mean squared error that any line reaches.
    """
    mean, along = x.mean(0), np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    feet = mean + np.outer((x - mean) @ along, along)                                           # (N, 2)
    error = np.mean((x - feet) ** 2)
    ax.add_collection(LineCollection(np.stack([x, feet], 1), colors=style.GRADIENT, linewidths=1))
    ax.axline(mean, mean + along, color=style.MODEL, lw=1.6)
    ax.plot(*x.T, "o", ms=4, color=style.DATA, mew=0)
    ax.set(xlabel=names[0], ylabel=names[1], xlim=(-3.2, 3.4), ylim=(-2, 2), aspect="equal")
    ax.set_title(f"{'✓ ' if error <= 1.1 * best else ''}mean squared error {error:.3f}")


def approach(left, right, gaps, angles):
    """By step: how far a linear autoencoder is above PCA, in percent, and turned away from it, in degrees."""
    for ax, values, label in ((left, 100 * np.asarray(gaps), "loss above PCA (%)"),
                              (right, angles, "angle to PCA (degrees)")):
        ax.plot(values, color=style.MODEL)
        ax.axhline(0, color=style.MUTED, ls=":", lw=1.4)
        ax.set(xlabel="step", ylabel=label, xlim=(0, 1.04 * len(values)))
    left.set(title="the loss meets that of PCA")
    right.set(ylim=(-4, 94), title="and so does the plane")


# ---- how many numbers ----

def by_size(ax, pca, runs):
    """Error against the number of latent numbers: PCA as a line, each trained network as a dot.

    pca: errors for 1, 2, 3, ... numbers; runs: {numbers: errors of several networks}.
    """
    across = np.log2(np.arange(1, len(pca) + 1))
    ax.plot(across, pca, color=style.MUTED)
    for size, errors in runs.items():
        ax.plot(np.full(len(errors), np.log2(size)), errors, "o", ms=7, color=style.MODEL, alpha=0.6, mew=0)
    sizes = list(runs)
    ax.text(np.log2(3) + 0.2, pca[2] + 0.001, "PCA", color=style.MUTED, va="bottom")
    ax.text(np.log2(sizes[1]) - 0.15, min(runs[sizes[1]]) - 0.003, "networks", color=style.MODEL, ha="right", va="top")
    ax.set(xlabel="numbers per digit", ylabel="mean squared error, unseen digits", ylim=(0, None))
    ax.set_xticks(np.log2(2 ** np.arange(7)), [str(2**k) for k in range(7)])


# ---- the latent plane ----

def plane(left, right, codes, labels, place, image, told):
    """Left the codes of digits with a cross at `place`, right what the decoder draws there.

    codes: (N, 2) in standard deviations; labels: digits (N,); image: (784,); told: a title for each panel.
    """
    for k in range(10):
        mine = codes[labels == k]
        left.plot(*mine.T, ".", ms=4, color=style.CLASSES[k], mew=0)
    for k in range(10):
        left.text(*np.median(codes[labels == k], 0), k, ha="center", va="center", fontsize=10, fontweight="bold",
                  bbox={"facecolor": "white", "edgecolor": style.CLASSES[k], "pad": 1, "linewidth": 1.2})
    left.plot(*place, "+", ms=22, mew=2.6, color=style.INK)
    left.set(xlim=(-2.3, 2.3), ylim=(-2.3, 2.3), xlabel="first number", ylabel="second number", title=told[0])
    right.imshow(image.reshape(SIDE, SIDE), vmin=0, vmax=1)
    right.set(xticks=[], yticks=[], title=told[1])


# ---- errors and alarms ----

def alarm(left, right, normal, strange, curve, threshold, told):
    """Left the errors of normal and of strange digits with a threshold, right the share of each that is above it.

    normal, strange: errors; curve: false alarms and catches at every threshold; told: a title for each panel.
    """
    edges = np.linspace(0, 0.1, 26)
    for errors, colour in ((normal, style.DATA), (strange, style.GRADIENT)):
        shares = np.histogram(np.minimum(errors, 0.0999), edges)[0] / len(errors)
        left.stairs(shares, edges, color=colour, lw=2)
    left.axvline(threshold, color=style.INK, lw=1.5, ls="--")
    left.set(xlabel="reconstruction error", ylabel="share of digits", xlim=(0, 0.103), ylim=(0, 0.5), title=told[0])
    left.set_xticks([0, 0.02, 0.04, 0.06, 0.08], ["0", "0.02", "0.04", "0.06", "0.08"])
    left.text(0.098, 0.48, "the nine", color=style.DATA, ha="right", va="top")
    left.text(0.098, 0.43, "held out", color=style.GRADIENT, ha="right", va="top")
    right.plot(*curve, color=style.MODEL)
    right.plot([0, 1], [0, 1], color=style.MUTED, ls=":", lw=1.4)
    right.plot((normal > threshold).mean(), (strange > threshold).mean(), "o", ms=11, mfc="none", mec=style.SPECIAL,
               mew=2.6)
    right.set(xlabel="false alarms", ylabel="caught", xlim=(-0.04, 1.06), ylim=(-0.04, 1.08), title=told[1])


def areas(ax, table):
    """The area under the curve for each digit that was held out, one marker for each way of scoring.

    table: {name: ten areas}.
    """
    looks = ((style.MODEL, "o"), (style.MUTED, "s"), (style.DATA, "^"))
    for (name, values), (colour, marker) in zip(table.items(), looks, strict=True):
        ax.plot(range(10), values, marker, ms=8, color=colour, label=name, mew=0)
    ax.axhline(0.5, color=style.MUTED, ls=":", lw=1.4)
    ax.text(1.6, 0.49, "guessing", color=style.MUTED, va="top")
    ax.set(xlabel="digit that was held out", ylabel="area under the curve", xticks=range(10), ylim=(0, 1.04),
           xlim=(-0.6, 9.7))
    ax.legend(loc="lower right", handletextpad=0.2, borderaxespad=0, bbox_to_anchor=(1, 0.02))
