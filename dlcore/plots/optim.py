"""Pictures of chapter 06: landscapes, races on them, first steps, schedules, and a comparison with its spread."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from . import style
from .labels import column, room_for_labels
from .loss import contours, walk

RACERS = {
    "SGD": style.GRADIENT, "Momentum": style.DATA, "RMSprop": style.SPECIAL, "Adam": style.MODEL, "AdamW": "#5D3A9B",
}
X_RANGE, Y_RANGE = (-2.2, 2.2), (-1.6, 1.6)
NEAR = 0.01         # the bottom is reached where the height is this near to the lowest, and stays so
STEEP = 30          # how much more curved a valley is across than along


class Landscape(NamedTuple):
    """Heights over the plane, height(a, b), their slopes, slope(w) with w (2,), and where everybody starts."""

    height: Callable
    slope: Callable
    start: tuple
    lowest: float = 0.0


def turned_slope(w):
    u, v = w[0] + w[1], STEEP * (w[1] - w[0])                                  # along and across, times sqrt(2)
    return np.array([(u - v) / 2, (u + v) / 2])


LANDSCAPES = {
    "narrow valley": Landscape(
        lambda a, b: (a * a + STEEP * b * b) / 2, lambda w: np.array([w[0], STEEP * w[1]]), (-1.7, 1.1)
    ),
    "turned valley": Landscape(
        lambda a, b: ((a + b) ** 2 + STEEP * (b - a) ** 2) / 4, turned_slope, (-1.9, -0.6)
    ),
    "saddle": Landscape(
        lambda a, b: (a * a - b * b) / 2 + b**4 / 4, lambda w: np.array([w[0], w[1] ** 3 - w[1]]), (-1.7, 0.001), -0.25
    ),
}


def heights(place, path):
    """How far above the lowest point each step of a path (S, 2) stands.                        # (S,)"""
    with np.errstate(over="ignore", invalid="ignore"):
        return place.height(*np.transpose(path)) - place.lowest


def arrival(above):
    """The first step from which on all heights stay within NEAR, or None."""
    far = ~(np.asarray(above) < NEAR)                                          # also where it is not a number
    if far[-1]:
        return None
    return len(far) - int(far[::-1].argmax()) if far.any() else 0


def rolling(ax, place, path, goal):
    """One walk on a landscape, and when it reaches the bottom to stay; `goal`: that many steps are a success."""
    contours(ax, place.height, X_RANGE, Y_RANGE)
    walk(ax, path[: lost_at(path) + 1], RACERS["Momentum"])
    there = arrival(heights(place, path))
    told = f"not there in {len(path) - 1} steps" if there is None else f"there to stay after {there} steps"
    won = "   ✓" if there is not None and there <= goal else ""
    ax.set(xlabel="weight 1", ylabel="weight 2", title=told + won)


def race(ax, place, paths, step):
    """All racers after `step` steps, {name: (S, 2)}, and who reaches the bottom first to stay."""
    room_for_labels(ax)
    contours(ax, place.height, X_RANGE, Y_RANGE)
    labels = []
    for name, path in paths.items():
        out = lost_at(path)
        walk(ax, path[: min(step, out) + 1], RACERS[name])
        if out <= step:
            labels.append((0.0, f"{name} lost", RACERS[name], None))
            continue
        end = (path[step] - (X_RANGE[0], Y_RANGE[0])) / (np.ptp(X_RANGE), np.ptp(Y_RANGE))     # on the map: 0 to 1
        labels.append((end[1], name, RACERS[name], end if end.min() >= 0 and end.max() <= 1 else None))
    column(ax, labels)
    times = {name: arrival(heights(place, path)) for name, path in paths.items()}
    there = {name: t for name, t in times.items() if t is not None and t <= step}
    first = min(there, key=there.get) if there else None
    told = f"first to arrive and stay: {first} ({there[first]})" if first else "nobody has arrived"
    ax.set(xlabel="weight 1", ylabel="weight 2", title=f"step {step}, {told}")


def lost_at(path):
    """The first step so far from the map that nobody comes back, or one past the end."""
    out = ~(np.abs(path) < 5 * X_RANGE[1]).all(1)                              # also where it is not a number
    return int(out.argmax()) if out.any() else len(path)


# ---- the first steps ----


def first_steps(ax, ratios, goal):
    """The length of each step in units of lr, against its number; `goal`: a length that is reached is a success."""
    steps = np.arange(1, len(ratios) + 1)
    ax.axhline(1, color=style.MUTED, lw=1)
    ax.plot(steps, ratios, color=style.MODEL, lw=1.6)
    top = int(np.argmax(ratios > ratios.max() - 1e-6))                         # the first, where many are equal
    ax.plot(steps[top], ratios[top], "o", color=style.SPECIAL, ms=9, clip_on=False)
    high = max(4.0, 1.2 * ratios.max())
    aside, align = (0.02, "bottom") if ratios[-1] < 1 else (-0.02, "top")       # the side where the curve is not
    ax.text(len(ratios), 1 + aside * high, "lr", color=style.MUTED, ha="right", va=align)
    ax.set(xlim=(0, len(ratios)), ylim=(0, high), xlabel="step", ylabel="length of the step (lr)")
    won = "   ✓" if ratios.max() >= goal else ""
    ax.set_title(f"longest: step {steps[top]}, {ratios[top]:.1f} × lr{won}")


# ---- schedules ----


def schedule(left, right, rates, losses, goal):
    """A learning rate over time, and the mean loss of many noisy walks under it; `goal`: an end below is a success."""
    steps = np.arange(len(rates))
    left.plot(steps, rates, color=style.MODEL)
    left.set(xlim=(0, len(rates)), ylim=(0, 0.066), xlabel="step", ylabel="learning rate")
    right.plot(steps, np.log10(losses), color=style.GRADIENT, lw=1.6)
    tens(right.yaxis, range(-2, 3))
    end = losses[-20:].mean()
    right.axhline(np.log10(goal), color=style.MUTED, lw=1)
    right.text(4, np.log10(goal) - 0.08, "goal", color=style.MUTED, va="top")
    right.set(xlim=(0, len(rates)), ylim=(-2.2, 1.6), xlabel="step", ylabel="loss, mean of 200 runs")
    right.set_title(f"at the end: {end:.3f}{'   ✓' if end <= goal else ''}")


def tens(axis, exponents):
    """Plain ticks for an axis of powers of ten; typeset ones take most of a frame's time."""
    axis.set_ticks(list(exponents), [f"{10.0**e:g}" for e in exponents])


# ---- the comparison ----


def curves(ax, losses, title):
    """Training losses by epoch, {name: (epochs,)}, on a scale of powers of ten; what is no number counts as high."""
    room_for_labels(ax, 0.3)
    low, high = -2.6, 1.0
    labels = []
    for name, values in losses.items():
        shown = np.clip(np.nan_to_num(np.log10(np.maximum(values, 1e-9)), nan=9.0), low, high)
        ax.plot(np.arange(1, len(shown) + 1), shown, color=RACERS[name])
        labels.append(((shown[-1] - low) / (high - low), name, RACERS[name], (1.0, (shown[-1] - low) / (high - low))))
    column(ax, labels)
    tens(ax.yaxis, (-2, -1, 0, 1))
    ax.set(xlim=(0, len(shown)), ylim=(low, high + 0.08), xlabel="epoch", ylabel="training loss", title=title)


def by_rate(ax, rates, scores, chosen):
    """Validation accuracy against the learning rate, {name: (rates,)}, and the rate now chosen as a line."""
    x = np.log10(rates)
    ax.axvline(np.log10(chosen), color=style.MUTED, lw=1)
    for name, values in scores.items():
        ax.plot(x, values, color=RACERS[name], marker="o", ms=4, lw=1.6)
    tens(ax.xaxis, (-3, -2, -1, 0))
    ax.set(ylim=(0, 1.03), xlabel="learning rate", ylabel="validation accuracy")
    best = max(scores, key=lambda name: scores[name][list(rates).index(chosen)])
    ax.set_title(f"best here: {best}{'   ✓' if best == 'SGD' else ''}")


def spread(ax, scores):
    """One row for each method, {name: (seeds,)}: a dot for each seed, a line at the mean."""
    box = ax.get_position()
    ax.set_position((box.x0 + 0.14, box.y0, box.width - 0.14, box.height))      # room for the names
    for row, (name, values) in enumerate(reversed(scores.items())):
        colour = RACERS.get(name, style.INK)
        ax.plot(values, np.full(len(values), row), "o", color=colour, alpha=0.45, ms=6)
        ax.plot([np.mean(values)] * 2, [row - 0.32, row + 0.32], color=colour, lw=3)
        ax.text(-0.02, row, name, color=colour, ha="right", va="center", transform=ax.get_yaxis_transform())
    ax.set(yticks=[], xlabel="test accuracy", ylim=(-0.6, len(scores) - 0.4))
    ax.spines["left"].set_visible(False)
