"""Pictures of chapter 12: shuffled pixels, where parameters sit, maps and kernels, mistakes, and what fools a net."""

import numpy as np
from matplotlib.patches import Rectangle

from . import style
from .backprop import board

# ---- a picture with its pixels shuffled ----

SQUARE = (3.5, 3.9)             # inches of the picture that `shuffled` draws


def shuffled(ax, image, share, told):
    """A digit (28, 28), a share of whose pixels have changed places; `told`: the answer, or nothing."""
    board(ax, 350, 390)
    tile(ax, (10, 10), image, 330)
    ax.text(10, 368, f"{100 * share:.0f} % of the pixels moved", va="center")
    ax.text(340, 368, told, va="center", ha="right", color=style.MODEL, fontsize=13)


def tile(ax, corner, image, side, **look):
    """A framed picture of side x side hundredths of an inch, `corner` at the lower left."""
    x, y = corner
    look = {"vmin": 0, "vmax": 1} | look
    ax.imshow(image, extent=(x, x + side, y, y + side), aspect="auto", interpolation="nearest", **look)
    frame(ax, corner, side)


def frame(ax, corner, side, colour=style.MUTED, width=1):
    x, y = corner
    ax.plot([x, x + side, x + side, x, x], [y, y, y + side, y + side, y], color=colour, lw=width)


# ---- where the parameters sit, and where the work is ----


def budget(left, right, layers, goal):
    """Parameters (left) and multiplications (right) of each layer; goal: (parameters at most, products at least).

    layers: {name: (parameters, multiplications)}, in order.
    """
    parameters, products = np.array(list(layers.values())).T
    few, much = parameters.sum() <= goal[0], products.sum() >= goal[1]
    for ax, numbers, colour, word, met in ((left, parameters, style.MODEL, "parameters", few),
                                           (right, products, style.DATA, "multiplications", much)):
        rows = np.arange(len(layers))
        ax.hlines(rows, 0, numbers / 1000, colors=colour, linewidth=15)
        for row, n in zip(rows, numbers, strict=True):
            ax.text(n / 1000 + 0.02 * LONGEST[word], row, f"{n:,}", va="center")
        ax.set(ylim=(len(layers) - 0.5, -0.5), xlim=(0, 1.45 * LONGEST[word]), xlabel=f"{word} (thousands)",
               title=f"{numbers.sum():,} {word}{'  ✓' if met else ''}")
        ax.set_yticks(rows, list(layers))


LONGEST = {"parameters": 108, "multiplications": 600}       # thousands; the axes stay the same while sliders move


# ---- what the layers see ----


def maps(left, right, image, kernels, seen, title):
    """Left a digit (28, 28) and the first kernels (6, 5, 5); right the maps (C, h, w) that a layer makes of it."""
    board(left, 320, 320)
    tile(left, (73, 113), image, 175)
    left.text(10, 305, "the digit", va="center")
    left.text(10, 98, "the six kernels of C1", va="center")
    reach = np.abs(kernels).max()
    for i, kernel in enumerate(kernels):
        tile(left, (10 + 51 * i, 35), kernel, 45, cmap=style.AROUND_ZERO, vmin=-reach, vmax=reach)
    left.text(10, 15, "orange: above 0, blue: below", va="center", color=style.MUTED)
    board(right, 320, 320)
    columns = 3 if len(seen) == 6 else 4
    side = {3: 100, 4: 70}[columns]
    top = max(seen.max(), 1e-9)
    for i, one in enumerate(seen):
        row, column = divmod(i, columns)
        place = 10 + side * column, 290 - side * (row + 1)
        tile(right, place, one, side - 8, cmap=style.FROM_ZERO, vmax=top)
    right.text(10, 305, title, va="center")


# ---- mistakes ----


def mistake(left, right, table, image, p, label, rank):
    """Left the mistakes of a network by label and answer, one of them ringed; right that digit and what was read.

    table: counts (10, 10); image: (28, 28); p: probabilities (10,); rank: 1 for the worst mistake.
    """
    answer = int(p.argmax())
    wrong = table * (1 - np.eye(10))
    left.imshow(wrong, cmap=style.FROM_ZERO, vmin=0, vmax=max(12, wrong.max()), aspect="auto")
    for i, k in np.argwhere(wrong > 0):
        left.text(k, i, int(wrong[i, k]), ha="center", va="center", fontsize=10)
    left.plot(range(10), range(10), "s", ms=3, color=style.MUTED)
    left.add_patch(Rectangle((answer - 0.5, label - 0.5), 1, 1, fill=False, ec=style.SPECIAL, lw=2.6))
    left.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="label",
             title=f"{int(wrong.sum())} mistakes, {int(table.sum()):,} digits")
    board(right, 320, 310)
    tile(right, (60, 75), image, 200)
    right.text(10, 295, f"number {rank} of the list", va="center")
    sure = " ✓" if p[answer] > 0.95 else ""
    for y, text, colour in ((50, f"label: a {label}, probability {share(p[label])}", style.INK),
                            (22, f"read as {answer}, {share(p[answer])} sure{sure}",
                             style.MODEL if answer == label else style.GRADIENT)):
        right.text(10, y, text, va="center", color=colour)


def share(p):
    """A probability in percent, at the ends as a limit."""
    return "over 99 %" if p > 0.99 else "under 1 %" if p < 0.01 else f"{p:.0%}".replace("%", " %")


# ---- what fools it ----

ATTACK = (5.2, 2.5)             # inches of the picture that `attack` draws


def attack(ax, image, changed, before, after, label, epsilon):
    """A digit, a change of its pixels and the sum (28, 28), with the probabilities (10,) before and after."""
    board(ax, 520, 250)
    change = changed - image
    tile(ax, (10, 60), image, 150)
    tile(ax, (185, 60), change, 150, cmap=style.AROUND_ZERO, vmin=-0.3, vmax=0.3)
    tile(ax, (360, 60), changed, 150)
    for x, sign in ((172, "+"), (347, "=")):
        ax.text(x, 135, sign, ha="center", va="center", fontsize=15)
    fooled = after.argmax() != label
    ax.text(185, 226, f"at most {epsilon:.3f} a pixel", va="center")
    ax.text(10, 226, f"a {label}", va="center", fontsize=13)
    ax.text(360, 226, "✓ fooled" if fooled else "not fooled", va="center",
            color=style.GRADIENT if fooled else style.MODEL)
    for x, p in ((10, before), (360, after)):
        colour = style.MODEL if p.argmax() == label else style.GRADIENT
        ax.text(x, 40, f"read as {p.argmax()}", va="center", color=colour, fontsize=13)
        ax.text(x, 16, f"{share(p.max())} sure", va="center", color=colour)


def noise(ax, images, sure):
    """Ten pictures (10, 28, 28) that show nothing, each with the digit as which it is read and how surely."""
    board(ax, 560, 290)
    for k, (image, p) in enumerate(zip(images, sure, strict=True)):
        row, column = divmod(k, 5)
        x, y = 10 + 110 * column, 175 - 145 * row
        tile(ax, (x, y), image, 98)
        ax.text(x, y - 16, f"{k}: {share(p)}", va="center")


# ---- a drawing of the reader's own ----

WITH_LINES = style.FROM_ZERO.with_extremes(bad=style.MUTED)

def read(left, right, image, maps, p):
    """Left what a network is given (28, 28) and maps of two layers, {name: (C, h, w)}; right what it reads, (10,)."""
    board(left, 320, 320)
    tile(left, (10, 200), image, 110)
    left.text(130, 255, "what LeNet\nis given", va="center")
    for (name, seen), y in zip(maps.items(), (108, 10), strict=True):
        wall = mosaic(seen)
        width = 75 * wall.shape[1] / wall.shape[0]
        left.imshow(wall, extent=(10, 10 + min(width, 300), y, y + 66), aspect="auto", interpolation="nearest",
                    cmap=WITH_LINES, vmin=0, vmax=max(seen.max(), 1e-9))
        left.text(10, y + 78, f"the {len(seen)} maps of {name}", va="center", color=style.MUTED)
    best = int(p.argmax())
    colours = [style.MODEL if k == best else style.MUTED for k in range(10)]
    right.hlines(range(10), 0, p, colors=colours, linewidth=12)
    right.set(xlim=(0, 1), ylim=(9.6, -0.6), xlabel="probability",
              title=f"read as {best}, {share(p[best])} sure{'  ✓' if p[best] > 0.9 else ''}")
    right.set_yticks(range(10), range(10))


def mosaic(maps):
    """Maps (C, h, w) side by side as one picture, in rows of up to eight, with a line of nan after each."""
    count, h, w = maps.shape
    rows = -(-count // 8)
    framed = np.pad(maps, ((0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    return framed.reshape(rows, count // rows, h + 1, w + 1).swapaxes(1, 2).reshape(rows * (h + 1), -1)
