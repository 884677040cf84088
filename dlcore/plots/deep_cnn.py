"""Pictures of chapter 13: what is left after many layers, losses by depth, slopes by block, costs, and rivals."""

import numpy as np

from . import style
from .backprop import board
from .cnn import tile
from .labels import column, label_ends, room_for_labels

# ---- what is left of a digit after many layers ----


def remains(left, right, image, maps, reads, kind, layers):
    """Left a digit and the maps (8, h, w) that untrained layers make of it, right how many digits a reader reads.

    reads: {kind: {layers: accuracy}} for both kinds; the point now shown is ringed, with ✓ above one half.
    """
    board(left, 320, 300)
    left.text(10, 285, "the digit", va="center")
    tile(left, (10, 175), image, 95)
    told = "8 maps of the stem alone" if layers == 0 else f"8 maps after {layers} layers"
    left.text(10, 155, told, va="center")
    h, w = maps.shape[1:]
    wall = np.full((2 * h + 1, 4 * w + 3), np.nan)                 # all maps in one picture: a fifth of the time
    for i, one in enumerate(maps):
        row, column = divmod(i, 4)
        wall[row * (h + 1):, column * (w + 1):][:h, :w] = one
    left.imshow(wall, extent=(10, 310, 5, 139), aspect="auto", cmap=style.FROM_ZERO, vmin=0, interpolation="nearest")
    for i in range(8):
        x, y = 10 + 300 * (w + 1) * (i % 4) / wall.shape[1], 139 - 134 * (h + 1) * (i // 4) / wall.shape[0]
        wide, high = 300 * w / wall.shape[1], 134 * h / wall.shape[0]
        left.plot([x, x + wide, x + wide, x, x], [y, y, y - high, y - high, y], color=style.MUTED, lw=1)
    for name, colour, marker, dy in (("shortcut", style.MODEL, "o", 0.13), ("plain", style.GRADIENT, "^", 0.09)):
        x, y = np.array(list(reads[name].items())).T
        right.plot(x, y, color=colour, marker=marker, ms=5)
        right.text(66, y[-1] + dy, name, color=colour, ha="right", va="center")
    right.axhline(0.1, color=style.MUTED, lw=1, ls=":")
    now = reads[kind][layers]
    right.plot(layers, now, "o", ms=13, mfc="none", mec=style.SPECIAL, mew=2.4)
    right.set(xlabel="untrained layers", ylabel="share a linear reader gets right", xlim=(-2, 68), ylim=(0, 1.02),
              title=f"{now:.0%} are read{'  ✓' if now > 0.5 else ''}".replace("%", " %"))


# ---- training losses by depth ----

SHADES = {8: style.DATA, 20: style.OTHER, 32: style.GRADIENT}


def by_depth(ax, losses, title):
    """Training losses, {layers: (seeds, epochs)}: a thin line for each seed, labels at the ends."""
    for depth, runs in losses.items():
        for run in runs:
            epochs = np.arange(1, len(run) + 1)
            ax.plot(epochs, run, color=SHADES[depth], lw=1.6)
    ax.set(xlabel="epoch", ylabel="loss on the training set", xlim=(1, len(epochs) + 1.75), ylim=(0, 2.6), title=title,
           xticks=epochs)
    label_ends(ax, [(f"{depth} layers", np.mean(runs, 0), SHADES[depth]) for depth, runs in losses.items()])


# ---- how large the slope is that reaches each block ----


def slopes(ax, norms, goal):
    """Length of the gradient at each block's output, as a multiple of that at the last; `goal`: a factor at most."""
    height = np.log10(np.maximum(norms / norms[-1], 1e-9))
    ratio = norms[0] / norms[-1]
    far = max(ratio, 1 / max(ratio, 1e-12))
    ax.axhspan(-np.log10(goal), np.log10(goal), color=style.MODEL, alpha=0.13, lw=0)
    ax.axhline(0, color=style.MUTED, lw=1)
    ax.plot(np.arange(1, len(norms) + 1), height, color=style.GRADIENT, marker="o", ms=4)
    ax.set_yticks([-6, -4, -2, 0, 2, 4], ["10⁻⁶", "10⁻⁴", "0.01", "1", "100", "10⁴"])
    met = "✓ " if far <= goal else ""
    ax.set(xlabel="block, from the input on", ylabel="gradient / that of the last", ylim=(-6.5, 4.5),
           xlim=(0, len(norms) + 1), title=f"{met}first and last differ by a factor of {rounded(far)}")


def rounded(factor):
    """A factor in words: exact where it is small, a power of ten where it is huge."""
    return f"{factor:.1f}" if factor < 10 else f"{factor:,.0f}" if factor < 1e6 else "over a million"


# ---- what a block costs ----


def costs(ax, counts, goal):
    """Multiplications for one place of the picture, {block: count}; `goal`: the share of the first for a success."""
    names, numbers = list(counts), np.array(list(counts.values()))
    box = ax.get_position()
    ax.set_position((box.x0 + 0.16, box.y0, box.width - 0.16, box.height))              # room for the names
    rows = np.arange(len(names))
    share = numbers / numbers[0]
    ax.hlines(rows, 0, np.minimum(share, 1), colors=[style.DATA, *[style.MODEL] * (len(names) - 1)], linewidth=20)
    for row, n in zip(rows, numbers, strict=True):
        inside = share[row] > 0.6
        ax.text(0.02 if inside else share[row] + 0.02, row, f"{n:,}", va="center",
                color="white" if inside else style.INK)
    met = "  ✓" if share[-1] < goal else ""
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5), xlabel="share of the first",
           title=f"separable: 1/{1 / share[-1]:.1f} of one convolution{met}")
    ax.set_yticks(rows, names)


# ---- the table as a picture ----

LOOKS = {"AlexNet": (style.OTHER, "s"), "VGG": (style.DATA, "^"), "Inception": (style.SPECIAL, "D"),
         "ResNet-8": (style.MODEL, "o"), "MobileNet": (style.GRADIENT, "v")}


def rivals(ax, accuracy, cost, what, pair):
    """Accuracy against a cost on a scale of powers of ten, {name: number} each.

    pair: two names; the title says how the cost of the second compares, with ✓ where it is half or less.
    """
    room_for_labels(ax)
    first, last = np.log10(min(cost.values()) / 1.3), np.log10(1.3 * max(cost.values()))
    low, high = min(accuracy.values()), max(accuracy.values())
    reach = max(high - low, 0.02)
    bottom, top = low - 0.12 * reach, high + 0.12 * reach
    labels = []
    for name, (colour, marker) in LOOKS.items():
        x, y = np.log10(cost[name]), accuracy[name]
        ax.plot(x, y, marker=marker, ms=11, color=colour)
        place = (x - first) / (last - first), (y - bottom) / (top - bottom)
        labels.append((place[1], name, colour, place))
    column(ax, labels)
    ticks = [n * 10.0**e for e in range(-3, 8) for n in (1, 2, 3, 5)]
    ticks = [n for n in ticks if first < np.log10(n) < last]
    ax.set_xticks(np.log10(ticks), [counted(n) for n in ticks])
    ratio = cost[pair[1]] / cost[pair[0]]
    ax.set(xlim=(first, last), ylim=(bottom, top), xlabel=what, ylabel="share read correctly",
           title=f"{pair[1]} costs {ratio:.2f} times as much as {pair[0]}{'  ✓' if ratio <= 0.5 else ''}")


def counted(n):
    """A number of an axis in few letters: 50k, 2M, 0.2."""
    return f"{n / 1e6:g}M" if n >= 1e6 else f"{n / 1e3:g}k" if n >= 1e3 else f"{n:g}"
