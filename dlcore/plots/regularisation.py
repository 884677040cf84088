"""Pictures of chapter 08: weights that are pulled, units that are dropped, tables that are normalised, searches."""

import numpy as np
from matplotlib.patches import Rectangle

from . import style

# ---- L2 ----


def polynomial(ax, points, truth, fitted, error, best):
    """Points, the curve that they came from, the curve fitted to them; `error` on new points beside the `best`.

    points: (x, y); truth, fitted: pairs (x, y) of a fine line.
    """
    ax.plot(*truth, color=style.MUTED, ls="--", lw=1.6)
    ax.plot(*points, "o", color=style.DATA)
    ax.plot(*fitted, color=style.MODEL)
    ax.set(xlim=(-1.05, 1.05), ylim=(-2.2, 2.2), xlabel="x", ylabel="y")
    reached = "  ✓ near the best" if error <= 1.1 * best else ""
    ax.set_title(f"error on new points {error:.2f}{reached}")


def two_ways(ax, bowl, centre, pulled, walked, near=0.22):
    """Lines of equal loss of a bowl (2, 2) around its `centre`, and two paths from zero to it.

    pulled, walked: pairs (path (M, 2), the point reached (2,)) of L2 and of gradient descent.
    """
    turn = np.linspace(0, 2 * np.pi, 80)
    stretch, axes = np.linalg.eigh(bowl)
    circle = axes @ (np.array([np.cos(turn), np.sin(turn)]) / np.sqrt(stretch)[:, None])     # (2, 80)
    for radius in (0.1, 0.2, 0.35, 0.5, 0.7, 0.9):
        ax.plot(*(centre[:, None] + radius * circle), color=style.MUTED, lw=0.8)
    ax.plot(*centre, "+", color=style.INK, ms=11)
    for (path, reached), colour, marker in ((pulled, style.MODEL, "o"), (walked, style.GRADIENT, "D")):
        ax.plot(*path.T, color=colour, lw=1.6)
        ax.plot(*reached, marker, color=colour, ms=9)
    ax.plot(0, 0, "s", color=style.INK, ms=5)
    ax.text(-0.08, 0.05, "start", ha="right")
    ax.text(*(centre + (0.1, 0.05)), "smallest loss")
    ax.text(0.5, 0.45, "L2, weaker\nand weaker", color=style.MODEL, ha="right")
    ax.text(1.55, 0.05, "more and\nmore steps", color=style.GRADIENT, va="top")
    apart = np.hypot(*(pulled[1] - walked[1]))
    ax.set(xlim=(-0.7, 2.9), ylim=(-0.6, 1.9), xlabel="weight 1", ylabel="weight 2", aspect="equal")
    ax.set_title(f"apart: {apart:.2f}" + (f"  ✓ below {near}" if apart < near else ""))


# ---- early stopping ----


def patience(ax, losses, stop, kept):
    """A validation loss by epoch, where a patience stops it and which epoch it keeps (both counted from 0)."""
    epochs = np.arange(1, len(losses) + 1)
    ax.plot(epochs, losses, color=style.MUTED, lw=1)
    ax.plot(epochs[: stop + 1], losses[: stop + 1], color=style.SPECIAL)
    ax.plot(epochs[kept], losses[kept], "o", color=style.MODEL, ms=9)
    ax.axvline(epochs[stop], color=style.INK, lw=1.2, ls="--")
    best = int(np.argmin(losses))
    ax.set(xlabel="epoch", ylabel="validation loss", xlim=(0, len(losses) + 1))
    reached = "  ✓ the best of all" if kept == best else f", best of all {losses[best]:.3f}"
    ax.set_title(f"stops at {stop + 1}, keeps {kept + 1}: {losses[kept]:.3f}{reached}")


# ---- dropout ----


def dropped(left, right, h, keep, sums, evaluated):
    """Left: the hidden units of one example, those dropped crossed out. Right: the next unit's sum, mask by mask.

    h: activations (H,), H a multiple of 16; keep: True where a unit stays (H,); sums: (M,); evaluated: the sum in
    eval mode.
    """
    shown = np.where(keep, h, 0).reshape(-1, 16)
    left.imshow(shown, cmap=style.FROM_ZERO, vmin=0, vmax=h.max(), aspect="equal")
    row, column = np.nonzero(~keep.reshape(-1, 16))
    left.plot(column, row, "x", color=style.MUTED, ms=4, mew=1)
    left.set(xticks=[], yticks=[], title=f"{keep.sum()} of {len(keep)} units take part")
    low, high = round(evaluated) - 11, round(evaluated) + 11
    heights, _, _ = right.hist(sums, bins=np.linspace(low, high, 45), color=style.MODEL, histtype="stepfilled",
                               alpha=0.45)
    top = heights.max()
    right.vlines(evaluated, 0, top, color=style.INK, lw=1.6)
    right.vlines(sums.mean(), 0, top, color=style.GRADIENT, lw=1.6, ls="--")
    right.text(high, top * 1.35, "line: in eval mode", ha="right", va="top")
    right.text(high, top * 1.2, "dashed: mean", ha="right", va="top", color=style.GRADIENT)
    right.set(xlim=(low, high), ylim=(0, top * 1.4), yticks=[], xlabel="sum that the next unit receives")
    right.set_title(f"mean {sums.mean():.1f} of {evaluated:.1f}, spread {sums.std():.1f}")


# ---- moved pictures ----


def moved_digit(left, right, image, label, answers):
    """Left: a picture of 8 x 8 pixels. Right: what two networks say; answers: {name: ten probabilities}."""
    left.imshow(image.reshape(8, 8), vmin=0, vmax=1)
    left.set(xticks=[], yticks=[], title=f"a {label}")
    told = []
    for shift, (name, p), colour in zip((-0.2, 0.2), answers.items(), (style.MUTED, style.MODEL), strict=True):
        right.vlines(np.arange(10) + shift, 0, p, color=colour, lw=5)
        told.append(f"{name}: {p.argmax()} {'✓' if p.argmax() == label else '✗'}")
    right.set(xticks=range(10), ylim=(0, 1.05), xlabel="class", ylabel="probability")
    right.set_title(" · ".join(told))


# ---- normalisation ----


def table(ax, numbers, title, marked=(), group=None):
    """A table (N, D) as coloured cells with their numbers; `marked` cells (row, column) and one `group` outlined.

    group: (row, column, rows, columns) of the cells that share a mean.
    """
    rows, columns = numbers.shape
    ax.imshow(numbers, cmap=style.AROUND_ZERO, vmin=-5, vmax=5, alpha=0.6, aspect="auto")
    for (i, j), number in np.ndenumerate(numbers):
        text = f"{round(number, 1) + 0.0:.1f}".replace("-", "−")
        ax.text(j, i, text, ha="center", va="center", fontsize=10)
    if group:
        row, column, height, width = group
        ax.add_patch(Rectangle((column - 0.5, row - 0.5), width, height, fill=False, ec=style.INK, lw=2.4))
    for i, j in marked:
        ax.add_patch(Rectangle((j - 0.42, i - 0.42), 0.84, 0.84, fill=False, ec=style.SPECIAL, lw=2))
    ax.set(xlim=(-0.55, columns - 0.45), ylim=(rows - 0.45, -0.55), xticks=[], yticks=[])
    ax.set(xlabel="feature", ylabel="example", title=title)


def normalised_table(left, right, before, after, still, group, cell):
    """A table and what normalisation makes of it; outlined on the right: cells that differ from `still`."""
    changed = np.argwhere(np.abs(after - still) > 1e-9)
    table(left, before, "before", [cell], group)
    table(right, after, f"after: {len(changed)} of {after.size} changed", changed)


# ---- what each method does ----


def methods(left, right, gaps, accuracies, words):
    """A row for each method: its gap on the left, its accuracy on the right; a dot a seed, a bar for the mean.

    gaps, accuracies: {method: numbers (S,)}; a method without a gap has none on the left. words: a part of the titles.
    """
    names = list(accuracies)
    for ax, numbers, what in ((left, gaps, "gap"), (right, accuracies, "accuracy")):
        for row, name in enumerate(names):
            if name in numbers:
                ax.plot(numbers[name], [row] * len(numbers[name]), "o", ms=4, color=style.MUTED, alpha=0.7)
                ax.plot(np.mean(numbers[name]), row, "|", ms=12, mew=3, color=style.MODEL)
        ax.axvline(np.mean(numbers[names[0]]), color=style.INK, lw=0.8, ls=":")
        ax.set(ylim=(len(names) - 0.5, -0.5), title=f"{what}, {words}")
        ax.set_yticks(range(len(names)), names)     # on both: on a phone one panel stands below the other
        # Names need more room than numbers do.
        ax.set_position((0.4, ax.get_position().y0, 0.56, ax.get_position().height))
    left.set_xlabel("validation − training loss")
    right.set_xlabel("share of validation digits")


# ---- searches ----


def search(ax, surface, tried, names, spans):
    """A surface of accuracies (A, B) with the settings `tried` (M, 2) as indices; ticks below: values of the first.

    names: of the two settings; spans: (lowest, highest) exponent of 10 of each.
    """
    (low_a, high_a), (low_b, high_b) = spans
    steps_a, steps_b = (np.linspace(*span, n) for span, n in zip(spans, surface.shape, strict=True))
    half_a, half_b = (steps_a[1] - steps_a[0]) / 2, (steps_b[1] - steps_b[0]) / 2
    ax.imshow(surface.T, origin="lower", aspect="auto", cmap=style.FROM_ZERO,
              extent=(low_a - half_a, high_a + half_a, low_b - half_b, high_b + half_b),
              vmin=surface.max() - 0.12, vmax=surface.max() + 0.04)
    found = surface[tried[:, 0], tried[:, 1]]
    a, b = steps_a[tried[:, 0]], steps_b[tried[:, 1]]
    ax.plot(a, b, "o", color="white", mec=style.INK, ms=7, clip_on=False)
    ax.plot(a[found.argmax()], b[found.argmax()], "o", color=style.SPECIAL, mec=style.INK, ms=11, clip_on=False)
    ax.plot(a, np.full(len(a), low_b - 0.12 * (high_b - low_b)), "|", ms=14, mew=2, color=style.GRADIENT)
    ax.set(xlim=(low_a - half_a, high_a + half_a), ylim=(low_b - 0.2 * (high_b - low_b), high_b + half_b),
           xlabel=names[0], ylabel=names[1])
    reached = "  ✓" if found.max() >= surface.max() - 0.005 else ""
    different = len(np.unique(tried[:, 0]))
    ax.set_title(f"{different} scales tried: {found.max():.3f} of {surface.max():.3f}{reached}")


def descent(ax, widths, errors, examples, strength):
    """Error on validation and on training examples against the number of hidden units; errors: a pair of (W,)."""
    training, validation = errors
    ax.semilogx(widths, training, color=style.DATA)
    ax.semilogx(widths, validation, color=style.SPECIAL, marker="o", ms=4)
    ax.axvline(examples, color=style.MUTED, lw=1, ls="--")
    ax.text(examples * 0.93, 0.97, "as many units\nas examples", ha="right", va="top")
    ends = [(validation[-1], "validation", style.SPECIAL), (training[-1], "training", style.DATA)]
    for (height, name, colour), va in zip(sorted(ends), ("top", "bottom"), strict=True):
        ax.text(widths[-1] * 1.15, height, name, color=colour, va=va)
    ax.set(xlabel="hidden units", ylabel="share read wrongly", xlim=(8, 11_000), ylim=(-0.1, 1))
    ax.set_xticks([10, 30, 100, 300, 1000], ["10", "30", "100", "300", "1000"])
    ax.minorticks_off()
    far = np.abs(np.log(np.divide(widths, examples)))
    risen = validation[far < np.log(1.6)].max() - validation[np.less(widths, examples)].min()
    told = "a peak" if risen > 0.03 else "✓ no peak"
    ax.set_title(f"L2 strength {strength}: {told}")
