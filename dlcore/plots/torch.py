"""Pictures of chapter 09: one memory read in many ways, a bug that looks like progress, dropout, the cost of a step."""

import numpy as np
from matplotlib.collections import PolyCollection

from . import style
from .backprop import board

# ---- one memory, many tables ----

MEMORY = 12         # numbers in the memory; each holds its own address
CELL = 38           # side of a cell on the drawing board
KNOWN = {           # what people call a way to read, by its two strides
    (4, 1): "a part of the 3 × 4 table", (1, 4): "✓ rows and columns exchanged", (1, 1): "✓ windows that overlap",
    (0, 1): "✓ one row, shown three times", (4, 0): "✓ one column, shown three times",
    (0, 5): "✓ the diagonal, three times", (0, 0): "one number, nine times", (3, 1): "a 3 × 3 table",
    (1, 3): "a 3 × 3 table, transposed", (2, 1): "windows that overlap in one number",
}


def strided_view(ax, offset=0, row_stride=4, column_stride=1):
    """Twelve numbers in a row of memory, and the 3 × 3 table that an offset and two strides make of them."""
    board(ax)
    i, j = np.mgrid[:3, :3]
    address = offset + row_stride * i + column_stride * j                       # (3, 3)
    inside = address < MEMORY
    times = np.bincount(address[inside], minlength=MEMORY)                      # (12,) how often each is read
    ax.text(22, 322, "memory: twelve numbers, each its own address", fontsize=12)
    fills = [style.MODEL if n else "white" for n in times]
    cells(ax, [(22 + CELL * k, 270) for k in range(MEMORY)], range(MEMORY), fills)
    for k in np.flatnonzero(times > 1):
        ax.text(22 + CELL * (k + 0.5), 251, f"× {times[k]}", ha="center", color=style.SPECIAL, fontsize=11)
    ax.text(22, 212, "the table", fontsize=12)
    corners = [(22 + 1.3 * CELL * c, 164 - CELL * r) for r in range(3) for c in range(3)]
    shown = [str(a) if a < MEMORY else "?" for a in address.ravel()]
    fills = [style.MODEL if ok else style.GRADIENT for ok in inside.ravel()]
    cells(ax, corners, shown, fills, width=1.3 * CELL)
    name = KNOWN.get((row_stride, column_stride), "") if inside.all() else "✗ beyond the end of the memory: refused"
    read = int(np.count_nonzero(times))
    places = f"9 places show {read} number{'s' * (read > 1)}" if inside.all() else ""
    for y, line in ((188, "place [i, j] shows the number at"), (164, f"{offset} + {row_stride}·i + {column_stride}·j"),
                    (126, places)):
        ax.text(190, y, line, fontsize=12)
    ax.text(22, 48, f"x.as_strided((3, 3), ({row_stride}, {column_stride}), {offset})", family="monospace", fontsize=12)
    ax.text(22, 18, name, fontsize=12)


def cells(ax, corners, texts, fills, width=CELL):
    """Boxes with their lower left corners at `corners`, a text in each."""
    around = ((0, 0), (width, 0), (width, CELL), (0, CELL))
    boxes = [[(x + a, y + b) for a, b in around] for x, y in corners]
    ax.add_collection(PolyCollection(boxes, facecolors=fills, edgecolors=style.MUTED))
    for (x, y), text, fill in zip(corners, texts, fills, strict=True):
        ink = style.INK if fill == "white" else "white"
        ax.text(x + width / 2, y + CELL / 2, text, ha="center", va="center", fontsize=12, color=ink)


# ---- what a step costs ----


def cost_view(ax, batches, slow, fast, chosen, width):
    """Milliseconds of a step against the batch size on two machines, and by how much the faster one is faster.

    batches, slow, fast: numbers (B,); chosen: the position of the batch size to look at.
    """
    ax.loglog(batches, slow, color=style.DATA)
    ax.loglog(batches, fast, color=style.MODEL)
    ends = [slow[chosen], fast[chosen]]
    ax.plot([batches[chosen]] * 2, ends, "o", ls="", ms=9, mfc="none", mec=style.SPECIAL, mew=2.2)
    ax.text(1.2, 170, "processor", color=style.DATA)
    ax.text(1.2, 75, "graphics card", color=style.MODEL)
    ax.set(xlim=(0.8, 6000), ylim=(0.02, 400), xlabel="examples in a batch", ylabel="milliseconds a step")
    ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    ax.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    ax.minorticks_off()
    ratio = slow[chosen] / fast[chosen]
    ax.set_title(f"{width} wide, batch {batches[chosen]}: card {ratio:.1f} × as fast{' ✓' if ratio >= 10 else ''}")


# ---- the forgotten zero_grad ----


def forgotten_view(ax, right, forgotten, accuracies, lr):
    """Training loss after each epoch, with zero_grad and without; accuracies: one number each, at the end."""
    epochs = np.arange(len(right))
    ax.plot(epochs, right, color=style.MODEL)
    ax.plot(epochs, forgotten, color=style.GRADIENT)
    ax.set(xlim=(0, len(right) - 1), ylim=(0, 4), xlabel="epoch", ylabel="training loss")
    for y, name, share, colour in ((3.65, "with zero_grad", accuracies[0], style.MODEL),
                                   (3.25, "without", accuracies[1], style.GRADIENT)):
        ax.text(0.15, y, f"{name}: {share:.0%} of unseen digits", color=colour)
    ax.set_title(f"lr = {lr:g}{'   ✓ the bug is ahead' if forgotten[-1] < right[-1] else ''}")


# ---- dropout, on and off ----


def calls_view(ax, margins, settled, p):
    """How far the right digit is ahead in 200 calls of one network on one picture, and in eval mode.

    margins: score of the right digit minus the best other, (200,); settled: the same number in eval mode.
    """
    edges = np.arange(-10, 16.5, 0.5)
    counts, _ = np.histogram(margins, edges)
    right = edges[:-1] >= 0
    for which, colour in ((right, style.MODEL), (~right, style.GRADIENT)):
        ax.stairs(np.where(which, counts, 0), edges, fill=True, color=colour)
    ax.axvline(settled, color=style.INK, lw=1.5, ls="--")
    ax.axvline(0, color=style.MUTED, lw=1)
    top = 1.15 * counts.max()
    ax.text(settled + 0.3, top, "eval()", va="top")
    ax.set(xlim=(-10, 16), ylim=(0, top), ylabel="calls", xlabel="lead of the right digit (score)")
    ax.set_title(f"p = {p:.1f}: wrong in {int((margins < 0).sum())} of {len(margins)} calls")
