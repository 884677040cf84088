"""Pictures of chapter 11: a kernel and what it answers, places of a window, what a unit sees, moved pictures."""

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from . import style
from .backprop import board

WIDTH, HEIGHT = 520, 250        # hundredths of an inch of the boards below
SIZE = (WIDTH / 100, HEIGHT / 100)
SIDE = 200                      # of a picture on the board
PALE = 0.55                     # how far colours are moved towards white where numbers stand on them


# ---- a picture, a kernel, an answer ----

def answered(ax, image, kernel, answer, title):
    """A picture (H, W) from 0 to 1, a kernel, and what it answers; `title` says what there is to know.

    Answers are shown around zero where the kernel adds up to 0, else as brightness, divided by its sum.
    """
    board(ax, WIDTH, HEIGHT)
    tile(ax, (10, 15), image, 0, 1, "gray")
    low, high = answer.min(), answer.max()
    if kernel.sum() == 0:
        reach = max(high, -low, 1e-9)
        tile(ax, (310, 15), answer, -reach, reach, style.AROUND_ZERO)
    else:
        tile(ax, (310, 15), answer / kernel.sum(), 0, 1, "gray")
        ax.text(260, 50, f"÷ {whole(kernel.sum())}", ha="center")
    numbers(ax, (218, 73), kernel, 28, 12)
    ax.text(260, 172, "kernel", ha="center")
    ax.text(10, 228, title, va="center")


def tile(ax, corner, image, low, high, cmap):
    """A picture of SIDE x SIDE hundredths of an inch, `corner` at the lower left."""
    x, y = corner
    ax.imshow(image, cmap=cmap, vmin=low, vmax=high, extent=(x, x + SIDE, y, y + SIDE), aspect="auto",
              interpolation="nearest")


def numbers(ax, corner, table, side, fontsize, fills=None):
    """A table of whole numbers in cells, `corner` at the lower left; fills: a colour for each cell (H, W, 3)."""
    height, width = table.shape
    x, y = corner
    fills = tints(table) if fills is None else fills
    ax.imshow(fills, extent=(x, x + side * width, y, y + side * height), aspect="auto", interpolation="nearest")
    lines = [[(x, y + side * i), (x + side * width, y + side * i)] for i in range(height + 1)]
    lines += [[(x + side * j, y), (x + side * j, y + side * height)] for j in range(width + 1)]
    ax.add_collection(LineCollection(lines, colors=style.MUTED, linewidths=0.8))
    for (i, j), n in np.ndenumerate(table):
        if not np.isnan(n):
            at = x + side * (j + 0.5), y + side * (height - i - 0.5)
            ax.text(*at, whole(n), ha="center", va="center_baseline", fontsize=fontsize)


def whole(n):
    """A number as on paper, without a point where it has no use."""
    return f"{n:g}".replace("-", "−")


def tints(table):
    """Pale colours around zero for a table of numbers.                                  # (H, W) -> (H, W, 3)"""
    reach = max(np.nanmax(np.abs(table)), 1e-9)
    colours = style.AROUND_ZERO(0.5 + 0.5 * np.nan_to_num(table) / reach)[..., :3]
    return 1 - (1 - colours) * PALE


def frame(ax, corner, width, height, colour=style.INK):
    """A rectangle around cells, `corner` at the lower left."""
    x, y = corner
    ax.plot([x, x + width, x + width, x, x], [y, y, y + height, y + height, y], color=colour, lw=2.4)


def one_window(ax, image, kernel, answers, place):
    """A picture of whole numbers with the window at one place, the kernel, and the answers up to that place."""
    board(ax, WIDTH, HEIGHT)
    h, (kh, kw), (oh, ow) = len(image), kernel.shape, answers.shape
    i, j = divmod(place, ow)
    side = 36
    shades = 0.62 + 0.38 * (image / image.max())
    numbers(ax, (10, 40), image, side, 12, np.repeat(shades[..., None], 3, 2))
    frame(ax, (10 + side * j, 40 + side * (h - i - kh)), side * kw, side * kh, style.SPECIAL)
    numbers(ax, (226, 78), kernel, 30, 12)
    shown = np.where(np.arange(oh * ow).reshape(oh, ow) <= place, answers, np.nan)
    numbers(ax, (370, 60), shown, side, 12, 1 - (1 - tints(answers)) * ~np.isnan(shown)[..., None])
    frame(ax, (370 + side * j, 60 + side * (oh - i - 1)), side, side, style.SPECIAL)
    for x, y, name in ((10, 228, "picture"), (226, 177, "kernel"), (370, 177, "answers")):
        ax.text(x, y, name)
    terms = products(image[i:i + kh, j:j + kw], kernel)
    mark = "  ✓" if answers[i, j] == np.abs(answers).max() else ""
    ax.text(10, 14, f"{terms} = {whole(answers[i, j])}{mark}")


def products(window, kernel):
    """The sum of products as text, column by column of the kernel, without what is multiplied by 0."""
    parts = []
    for j in range(kernel.shape[1]):
        for i in range(kernel.shape[0]):
            if kernel[i, j]:
                times = "" if abs(kernel[i, j]) == 1 else f"{abs(kernel[i, j]):g}·"
                parts.append((" − " if kernel[i, j] < 0 else " + ") + f"{times}{window[i, j]:g}")
    text = "".join(parts)
    return "−" + text[3:] if text.startswith(" −") else text[3:]


# ---- where a window stands ----

PIXEL, ROW = 32, 17             # width of a pixel and height of a row on the board
MOST = 14                       # pixels with their border, and places, that have room


def places(ax, n, kernel, stride, padding, dilation):
    """A line of n pixels with its border, a row for each place of the window, and the pixels that no place meets."""
    board(ax, WIDTH, 340)
    span = dilation * (kernel - 1) + 1
    count = (n + 2 * padding - span) // stride + 1
    left, top = (WIDTH - PIXEL * (n + 2 * padding)) / 2, 285
    starts = stride * np.arange(count)                                                   # (places,)
    met = starts[:, None] + dilation * np.arange(kernel)                                 # (places, kernel)
    pixels = np.arange(n + 2 * padding)
    inside = (pixels >= padding) & (pixels < padding + n)
    missed = inside & ~np.isin(pixels, met)
    fills = np.where(missed, style.GRADIENT, np.where(inside, style.DATA, "white"))
    boxes = [square(left + PIXEL * p, top - 24, PIXEL, 24) for p in pixels]
    ax.add_collection(PolyCollection(boxes, facecolors=fills, edgecolors=style.MUTED))
    for p in pixels[~inside]:
        ax.text(left + PIXEL * (p + 0.5), top - 13, "0", ha="center", va="center", color=style.MUTED)
    rows = top - 44 - ROW * np.arange(count)
    x = left + PIXEL * (met + 0.5)                                                       # (places, kernel)
    ax.hlines(rows, x[:, 0], x[:, -1], color=style.MODEL, lw=1.5)
    ax.scatter(x, np.repeat(rows[:, None], kernel, 1), s=70, color=style.MODEL, marker="s")
    told = f"({n} + 2·{padding} − {dilation}·({kernel} − 1) − 1) // {stride} + 1 = {count} places"
    ax.text(10, 325, told, va="center")
    marks = [f"✓ {n} in, {n} out"] * (count == n)
    left_over = int(missed.sum())
    marks += [f"{left_over} pixel{'s' * (left_over > 1)} never met"] * (left_over > 0)
    ax.text(10, 301, "  ·  ".join(marks), va="center", color=style.GRADIENT if left_over else style.MODEL)


def square(x, y, width, height):
    """The corners of a box."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


# ---- what a unit sees ----

def field(ax, layers, goal):
    """The units that one unit at the top hears of, layer by layer, and how many paths lead from each pixel to it.

    layers: (kernel, stride, dilation) of each layer, the first one at the bottom; goal: pixels to be seen.
    """
    board(ax, WIDTH, 340)
    jumps, sees = steps(layers)
    scale, rise = min(24, (WIDTH - 40) / sees[-1]), 190 / len(layers)

    def place(level, unit):
        middle = unit * jumps[level] + (sees[level] - sees[-1]) / 2              # pixels from the middle of the board
        return WIDTH / 2 + scale * middle, 100 + rise * level

    units, paths, edges, dots = np.zeros(1, int), np.ones(1), [], [place(len(layers), 0)]
    for level in reversed(range(len(layers))):
        kernel, stride, dilation = layers[level]
        below = stride * units[:, None] + dilation * np.arange(kernel)           # (units, kernel)
        edges += [(place(level + 1, a), place(level, b)) for a, row in zip(units, below, strict=True) for b in row]
        units, where = np.unique(below, return_inverse=True)
        paths = np.bincount(where.ravel(), np.repeat(paths, kernel))
        dots += [place(level, unit) for unit in units]
    ax.add_collection(LineCollection(edges, colors=style.MUTED, linewidths=0.6))
    colours = [style.MODEL] * (len(dots) - len(units)) + [style.DATA] * len(units)
    ax.scatter(*zip(*dots, strict=True), s=min(18, 3 * scale), color=colours, zorder=3)
    x = np.array([place(0, unit)[0] for unit in units])
    ax.vlines(x, 88 - 60 * paths / paths.max(), 88, color=style.GRADIENT, lw=min(6, 0.5 * scale))
    ax.text(10, 12, f"paths from a pixel to the unit: {paths.min():,.0f} to {paths.max():,.0f}", color=style.GRADIENT)
    reached = "  ✓" if sees[-1] == goal and len(layers) <= 4 else ""
    ax.text(10, 322, f"the unit at the top sees {sees[-1]} pixels{reached}", va="center")


def steps(layers):
    """For each level, the pixels first: how many pixels apart its units are, and how many each of them sees."""
    jumps, sees = [1], [1]
    for kernel, stride, dilation in layers:
        sees.append(sees[-1] + (kernel - 1) * dilation * jumps[-1])
        jumps.append(jumps[-1] * stride)
    return jumps, sees


# ---- moved pictures ----

def moved(left, right, image, pooled, curves, name, step):
    """Left a moved picture and what pooling leaves of its edges; right how much that has changed, move by move.

    image (H, W), pooled (h, w); curves: {name: changes (moves,)}; step: pixels moved.
    """
    board(left, 340, 300)
    for x, shown in ((10, image), (180, pooled)):
        left.imshow(shown, extent=(x, x + 150, 80, 230), aspect="auto", vmin=0, interpolation="nearest")
        left.plot([x, x + 150, x + 150, x, x], [80, 80, 230, 230, 80], color=style.MUTED, lw=1)
    left.text(10, 245, f"moved by {step}")
    left.text(180, 245, f"{pooled.shape[0]} × {pooled.shape[1]} answers")
    change = curves[name][step]
    told = "✓ the same answers, moved" if change < 1e-9 else f"changed by {100 * change:.0f} %, on average"
    left.text(10, 50, told, color=style.MODEL if change < 1e-9 else style.GRADIENT)
    for other, line in curves.items():
        right.plot(line, color=style.MODEL if other == name else style.MUTED, lw=2.2 if other == name else 0.8,
                   zorder=3 if other == name else 2)
    right.plot(step, change, "o", ms=11, mfc="none", mec=style.SPECIAL, mew=2.4, zorder=4)
    right.set(xlabel="moved by (pixels)", ylabel="change, mean of 100 digits", ylim=(-0.03, 0.85),
              xticks=range(0, len(line), 2))
    right.set_title(name)


# ---- photographs ----

def photograph(ax, image, cmap="gray"):
    """A photograph (H, W, 3), or one channel or answer (H, W), without axes."""
    ax.imshow(image, cmap=cmap)
    ax.set_position((0, 0, 1, 1))
    ax.axis("off")
