"""Pictures of chapter 02: what a bend does to a line, to a gradient and to scores."""

import numpy as np

from . import style


def curve_view(ax, x, y):
    """A network's output over its one input, beside the straight line that comes closest.

    x, y: (N,). The output is scaled to fit between -1 and 1; the title tells how far it is off the line.
    """
    y = y / max(np.abs(y).max(), 1e-12)
    line = np.polyval(np.polyfit(x, y, 1), x)
    off = np.abs(y - line).max() / max(np.ptp(y), 1e-6)
    ax.plot(x, line, color=style.MUTED, linestyle=(0, (4, 3)), linewidth=1.4)
    ax.plot(x, y, color=style.MODEL)
    ax.text(0.02, 0.97, "dashed: the nearest straight line", color=style.MUTED, transform=ax.transAxes, va="top")
    ax.set(xlim=(x[0], x[-1]), ylim=(-1.15, 1.5), xlabel="input x", ylabel="output, scaled",
           title=f"off a straight line by {off:.1%} of its height")


def slope_view(left, right, f, df, x):
    """A bend with its tangent at x on the left, its slope at x on the right: what reaches back of a gradient of 1."""
    y, slope = float(f(x)), float(df(x))
    grid = np.linspace(-6, 6, 481)
    low, high = (-1.5, 6.2) if f(6.0) > 2 else (-1.3, 1.3)
    left.plot(grid, cut_at_jumps(f(grid)), color=style.MODEL)
    left.plot([x - 1, x + 1], [y - slope, y + slope], color=style.GRADIENT)
    left.plot(x, y, "o", color=style.SPECIAL, markersize=9)
    left.set(xlim=(-6, 6), ylim=(low, high), xlabel="input z", ylabel="value", title=f"value {signed(y)}")
    right.plot(grid, cut_at_jumps(df(grid)), color=style.GRADIENT)
    right.plot([x, x], [0, slope], color=style.SPECIAL)
    right.plot(x, slope, "o", color=style.SPECIAL, markersize=9)
    right.axhline(0, color=style.MUTED, linewidth=0.8)
    right.set(xlim=(-6, 6), ylim=(-0.3, 1.5), xlabel="input z", ylabel="slope",
              title=f"1 arrives, {signed(slope)} leaves")
    for ax in (left, right):
        ax.set_xticks([-6, -3, 0, 3, 6])
    right.text(0.03, 0.97, remark(slope), transform=right.transAxes, va="top", color=style.SPECIAL)


def signed(x):
    """A number with four places and a proper minus, never "-0.0000"."""
    return f"{round(x, 4) + 0.0:.4f}".replace("-", "−")


def cut_at_jumps(y):
    """The same curve with a gap where it jumps, so that no line is drawn up a wall."""
    y = y.astype(float)
    y[1:][np.abs(np.diff(y)) > 0.4] = np.nan
    return y


def remark(slope):
    """What is special about a slope, in a few words."""
    if slope == 0:
        return "✓ nothing leaves"
    if abs(slope) < 0.01:
        return "✓ less than 1 % leaves"
    if slope < 0:
        return "✓ its sign is turned"
    return "✓ more than arrived" if slope > 1.001 else ""


def error_view(ax, b, error, start, end):
    """The mean squared error of a neuron over its bias, and the biases where gradient descent started and ended."""
    ax.plot(b, error, color=style.GRADIENT)
    told = {start: "start", end: "end"} if start != end else {start: "start and end"}
    for bias, name in told.items():
        height = np.interp(bias, b, error)
        ax.plot(bias, height, "o", color=style.SPECIAL, markersize=9)
        ax.annotate(name, (bias, height), (7, 7), textcoords="offset points")
    ax.set(xlabel="bias b", ylim=(0, 0.9), ylabel="mean squared error")


def gradients_view(ax, sizes, saturated):
    """The size of the gradient at each layer's z, relative to the last layer's, on a logarithmic scale.

    sizes: (L,), the first layer first; saturated: the share of flat units, or None where the bend has no flat ends.
    """
    depth = np.arange(1, len(sizes) + 1)
    tens = np.log10(sizes / sizes[-1])
    ax.axhspan(-0.301, 0.301, color=style.MODEL, alpha=0.25, linewidth=0)
    ax.plot(depth, np.clip(tens, -8.5, 8.5), color=style.GRADIENT, marker="o", markersize=6)
    fits = abs(tens[0]) <= 0.301
    ax.set(xlabel="layer", ylim=(-9, 9), ylabel="gradient, in powers of ten",
           title=f"{'✓ ' if fits else ''}layer 1 receives {times(10 ** tens[0])} layer {len(sizes)}'s gradient")
    ax.set_xticks(depth)
    ax.set_yticks(range(-8, 9, 4), ["−8", "−4", "0", "+4", "+8"])
    told = "" if saturated is None else f"{saturated:.0%} of the units are saturated"
    ax.text(0.97, 0.96, told, transform=ax.transAxes, ha="right", va="top")


def times(ratio):
    """A ratio in words: "2.3 times", "1/480,000 of", "10⁹ times"."""
    if ratio < 0.1:
        return f"1/{rounded(1 / ratio)} of"
    return f"{ratio:.1f} times" if ratio < 10 else f"{rounded(ratio)} times"


def rounded(n):
    """A large number with two digits that matter, or as a power of ten."""
    if n < 1e6:
        return f"{float(f'{n:.2g}'):,.0f}"
    return "10" + f"{np.log10(n):.0f}".translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def shares_view(ax, names, scores, shares):
    """The shares that softmax gives to some scores; the title tells the winner's and the entropy in bits."""
    entropy = -(shares * np.log2(np.maximum(shares, 1e-300))).sum()
    rows = np.arange(len(names))[::-1]
    best = shares.argmax()
    ax.barh(rows, shares, color=[style.SPECIAL if i == best else style.MODEL for i in range(len(names))])
    for row, share in zip(rows, shares, strict=True):
        ax.text(share + 0.015, row, f"{share:.1%}", va="center")
    ax.set(xlim=(0, 1.18), xlabel="share of the whole",
           title=f"entropy {entropy:.2f} of {np.log2(len(names)):.2f} bits{verdict(shares)}")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    labels = [f"{name}  {score:.1f}".replace("-", "−") for name, score in zip(names, scores, strict=True)]
    ax.set_yticks(rows, labels)


def verdict(shares):
    """The two ends of temperature, where they are reached."""
    if shares.max() > 0.99:
        return ": ✓ one takes all"
    return ": ✓ all alike" if np.ptp(shares) < 0.02 else ""


def accuracy_view(ax, runs, chance, title):
    """The test accuracy of every run as a dot, their mean as a stroke, one row for each name.  runs: {name: (S,)}."""
    for row, accuracy in enumerate(reversed(runs.values())):
        ax.plot(accuracy, np.full(len(accuracy), row), "o", color=style.MODEL, alpha=0.6, markersize=8)
        ax.plot(np.mean(accuracy), row, "|", color=style.INK, markersize=18, markeredgewidth=2)
    ax.axvline(chance, color=style.MUTED, linestyle=":", linewidth=1.4)
    ax.text(chance, len(runs) - 0.3, " the commoner answer", color=style.MUTED, va="center")
    ax.set_yticks(range(len(runs)), [name.removesuffix("_relu") for name in reversed(runs)])
    ax.set(xlim=(0.45, 1.02), ylim=(-0.6, len(runs) + 0.1), xlabel="accuracy on digits never seen", title=title)
    ax.tick_params(axis="y", length=0)


def units_view(ax, active, accuracy, idle="dead"):
    """64 hidden units as squares, stronger where a unit is active for more images, × where it is for none.

    active: (64,), the share of images for which each unit's z is above 0; idle: the word for a unit of share 0.
    """
    never = int((active == 0).sum())
    shade = np.where(active > 0, 0.15 + 0.7 * active, 0)                # what lives is never quite white
    ax.imshow(shade.reshape(8, 8), cmap=style.FROM_ZERO, vmin=0, vmax=1)
    row, column = np.divmod(np.flatnonzero(active == 0), 8)
    ax.plot(column, row, "x", color=style.GRADIENT, markersize=9, markeredgewidth=2)
    ax.set(xticks=[], yticks=[], title=f"{never} of 64 {idle}, test accuracy {accuracy:.0%}",
           xlabel="stronger: active for more images, ×: for none")
