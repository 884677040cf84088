"""Pictures of chapter 21: a unit with a loop, its graph in time, how far gradients reach, a cliff, results."""

import numpy as np
from matplotlib.patches import FancyArrowPatch

from . import style
from .backprop import arrows, board, label, nodes, number, power

# ---- one unit that remembers ----


def latch(ax, pushes, states):
    """The pushes (T,) that a unit gets, its states (T,), and what it remembers of the last push."""
    steps = np.arange(1, len(pushes) + 1)
    (first, second), end = steps[pushes != 0], steps[-1]
    ax.axhline(0, color=style.MUTED, lw=1)
    ax.bar([first, second], pushes[[first - 1, second - 1]], width=0.9, color=style.DATA)
    ax.plot(steps, states, color=style.MODEL, marker="o", ms=3.5)
    ax.text(first + 1, 1.07, "push up", color=style.DATA)
    ax.text(second + 1, -1.2, "push down", color=style.DATA)
    ax.text(end, states[-1] + (0.12 if states[-1] < 0.9 else -0.22), "h", color=style.MODEL, ha="right", weight="bold")
    up, settled = states[first + 1:second - 1], states[second + 7:]             # a fall may take a few steps
    forgot = np.abs(states[[first + 2, second + 2]]).max() < 0.05
    if up.min() > 0.5 and settled.max() < -0.5:
        told = "✓ (b) remembers each push until the next"
    elif up.min() > 0.5 and settled.min() > 0.5:
        told = "✓ (c) remembers the first, ignores the second"
    else:
        told = "✓ (a) forgets within three steps" if forgot else "neither forgets at once nor remembers"
    ax.set(xlim=(0, end + 1), ylim=(-1.4, 1.4), xlabel="step t", ylabel="state h", title=told)


# ---- the loop and its graph ----

def unrolled(ax):
    """A unit with a loop at the left, the same unit drawn once for each of three steps at the right."""
    board(ax, 500, 250)
    loop, steps = (75, 140), [(215, 140), (300, 140), (385, 140), (470, 140)]
    inputs = [(300, 45), (385, 45), (470, 45)]
    hops = [(a, b, style.SPECIAL, 2, 0) for a, b in zip(steps, steps[1:], strict=False)]
    feeds = [(x, h, style.DATA, 2, 0) for x, h in zip([(75, 45), *inputs], [loop, *steps[1:]], strict=True)]
    arrows(ax, hops + feeds)
    back = {"arrowstyle": "-|>", "mutation_scale": 16, "color": style.SPECIAL, "lw": 2}
    ax.add_patch(FancyArrowPatch((88, 164), (62, 164), connectionstyle="arc3,rad=2.2", **back))
    places = [(75, 45), *inputs, loop, *steps]
    nodes(ax, places, [style.DATA] * 4 + [style.MODEL] * 5)
    names = ["x", "x₁", "x₂", "x₃", "h", "h₀", "h₁", "h₂", "h₃"]
    for at, name in zip(places, names, strict=True):
        ax.text(*at, name, ha="center", va="center", fontsize=13, zorder=4)
    label(ax, (75, 215), "w_hh", color=style.SPECIAL)
    for at in [((a[0] + b[0]) / 2, 178) for a, b in zip(steps, steps[1:], strict=False)]:
        ax.text(*at, "w_hh", color=style.SPECIAL, ha="center")
    for at in [(75, 92), *[(x, 92) for x, _ in inputs]]:
        label(ax, at, "w_ih", color=style.DATA)
    ax.text(148, 136, "=", fontsize=20, ha="center")
    ax.text(215, 222, "three copies, the same weights", ha="left")


X, TARGET, LAST_STEP = (2.0, 1.0, 0.0), 0.5, 10
STATES = [(38, 220), (146, 220), (254, 220), (362, 220)]
INPUTS = [(146, 105), (254, 105), (362, 105)]
LOSS = (462, 220)


def run(w):
    """The states h₀ to h₃ of h = x + w h, the loss (h₃ − 0.5)², and its slopes for h₁ to h₃."""
    h = [0.0]
    for x in X:
        h.append(x + w * h[-1])
    g3 = 2 * (h[3] - TARGET)
    return h, (h[3] - TARGET) ** 2, {3: g3, 2: w * g3, 1: w * w * g3}


def graph_view(ax, step=0, w_hh=0.5):
    """Three steps of a linear unit and its loss after `step` of 10 steps: 4 forward, 6 back."""
    board(ax)
    h, loss, g = run(w_hh)
    known = min(step, 3)                                        # states that are computed
    told = {t: value for t, value in g.items() if step >= 11 - 2 * t}          # h₃ at 5, h₂ at 7, h₁ at 9
    terms = [(t, g[t] * h[t - 1]) for t in (3, 2, 1) if step >= 12 - 2 * t]    # at 6, 8, 10
    drawn = []
    for t in (1, 2, 3):
        colour = style.MODEL if t <= known else "#CFCFCF"
        drawn += [(INPUTS[t - 1], STATES[t], style.DATA, 1.5, 0), (STATES[t - 1], STATES[t], colour, 1.5, 0)]
        if t in told and t > 1 and t - 1 in told:
            drawn.append((STATES[t], STATES[t - 1], style.GRADIENT, 2, -15))
    drawn.append((STATES[3], LOSS, style.MODEL if step >= 4 else "#CFCFCF", 1.5, 0))
    if step >= 5:
        drawn.append((LOSS, STATES[3], style.GRADIENT, 2, -15))
    arrows(ax, drawn)
    for t in (1, 2, 3):
        middle = ((STATES[t - 1][0] + STATES[t][0]) / 2, 220)
        label(ax, middle, f"×{number(w_hh)}", color=style.SPECIAL, fontsize=10)
        label(ax, (INPUTS[t - 1][0], 152), "×1", color=style.DATA)
    nodes(ax, [*INPUTS, *STATES, LOSS], [style.DATA] * 3 + [style.MODEL] * 4 + [style.GRADIENT])
    for t, at in enumerate(STATES):
        ax.text(at[0], at[1] + 32, f"h{t}", ha="center", weight="bold")
        if t <= known:
            ax.text(*at, number(h[t]), ha="center", va="center", fontsize=12, zorder=4)
        if t in told:
            ax.text(at[0] + 14, at[1] - 44, number(told[t]), ha="left", fontsize=12, weight="bold",
                    color=style.GRADIENT)
    for t, at in enumerate(INPUTS, start=1):
        ax.text(*at, number(X[t - 1]), ha="center", va="center", fontsize=12, zorder=4)
        ax.text(at[0], at[1] - 44, f"x{t}", ha="center", weight="bold")
    ax.text(LOSS[0], LOSS[1] + 32, "L", ha="center", weight="bold")
    if step >= 4:
        ax.text(*LOSS, number(loss), ha="center", va="center", fontsize=11 if loss < 10 else 9.5, zorder=4)
    ax.text(12, 322, caption(step, w_hh, h, loss, g), fontsize=12)
    ax.text(12, 293, "in circles: values", color=style.MODEL)
    ax.text(150, 293, "below them: gradients", color=style.GRADIENT)
    bare = len(terms) == 1
    total = " + ".join(number(term) if bare or term >= 0 else f"({number(term)})" for _, term in terms)
    equal = f" = {number(sum(term for _, term in terms))}" if len(terms) > 1 else ""
    shown = f"dL/dw_hh so far: {total}{equal}" if terms else "dL/dw_hh so far: nothing"
    ax.text(12, 36, shown, color=style.SPECIAL, fontsize=12)
    if step == LAST_STEP:
        times = number(w_hh * w_hh)
        met = {"1": "✓ (b) ", "4": "✓ (c) "}.get(times, "")
        ax.text(12, 10, f"complete. {met}A nudge of x1 counts {times} times one of x3", fontsize=12)


def caption(step, w, h, loss, g):
    """What happens in one step, with its numbers."""
    if step == 0:
        return "step 0: inputs, weights and h0 = 0 are known"
    if step <= 3:
        return f"forward: h{step} = {number(X[step - 1])} + {number(w)} × {number(h[step - 1])} = {number(h[step])}"
    if step == 4:
        return f"forward: L = (h3 − 0.5)² = {number(loss)}"
    if step == 5:
        return f"backward: dL/dh3 = 2 (h3 − 0.5) = {number(g[3])}"
    t = (12 - step) // 2 if step % 2 == 0 else (11 - step) // 2
    if step % 2 == 0:
        return f"w_hh was used at step {t}: add dL/dh{t} × h{t - 1} = {number(g[t])} × {number(h[t - 1])}"
    return f"backward: dL/dh{t} = {number(w)} × dL/dh{t + 1} = {number(w)} × {number(g[t + 1])} = {number(g[t])}"


# ---- how far a gradient reaches ----

def reach(ax, norms, radius, largest, length):
    """The length of dL/dh_t against the distance from the end, between what the largest singular value allows and 0.

    norms (T + 1,); radius: the largest absolute eigenvalue of w_hh; largest: its largest singular value.
    """
    far = np.arange(length + 1)
    ax.axhspan(-1, 1, color="#E6F4EF", lw=0)
    ax.plot(far, far * np.log10(largest), color=style.MUTED, lw=1.4, ls=":")
    ax.plot(far, far * np.log10(radius), color=style.DATA, lw=1.4, ls="--")
    found = np.log10(np.maximum(norms[:length + 1], 1e-300))
    ax.plot(far, found, color=style.GRADIENT)
    ax.set(xlim=(0, length * 1.02), ylim=(-16, 16), xlabel="distance from the last step", ylabel="length of dL/dh")
    ax.set_yticks([-16, -8, 0, 8, 16], ["1e−16", "1e−8", "1", "1e8", "1e16"])
    ax.tick_params(axis="y", pad=1, labelsize=10)
    side = -1 if radius >= 1 else 1                             # where the lines do not go
    for i, (text, colour) in enumerate((("dotted: largest singular value", style.MUTED),
                                        ("dashed: spectral radius", style.DATA), ("measured", style.GRADIENT))):
        ax.text(0.03 * length, side * (10 + 2.4 * (i if side < 0 else 2 - i)), text, color=colour, va="center")
    last = found[-1]
    fate = "✓ within a factor of 10" if abs(last) <= 1 else "vanishes" if last < 0 else "explodes"
    shown = number(10**last) if -2 < last < 3 else power(10**last)
    ax.set_title(f"after {length} steps: {shown}   {fate}")


# ---- the cliff ----

W_RANGE, B_RANGE = (0.0, 3.0), (-1.5, 1.0)
BANDS = np.array([0.002, 0.02, 0.1, 0.3, 0.8, 1.6, 2.6])       # of the loss: dark where it is high


def shade(losses):
    """Losses (n, m) as bands of grey, 0 the lightest: few tones, so that a page with many frames stays small."""
    return np.digitize(losses, BANDS)


def cliff(ax, ground, path, losses):
    """A walk of gradient descent, points (S, 2), over the loss of a unit after 50 steps; losses (S,)."""
    ax.imshow(ground, origin="lower", extent=(*W_RANGE, *B_RANGE), aspect="auto", cmap="Greys", vmin=0, vmax=14)
    inside = (path[:, 0] > -1) & (path[:, 0] < 4) & (path[:, 1] > -2.5) & (path[:, 1] < 2)
    shown = path[:inside.argmin() + 1] if not inside.all() else path
    ax.plot(*shown.T, color=style.GRADIENT, marker="o", ms=3.5, lw=1.5)
    ax.plot(*path[0], "o", ms=11, mfc="white", mec=style.GRADIENT, mew=2.2)
    ax.plot(*shown[-1], "o", ms=10, color=style.GRADIENT)
    ax.set(xlim=W_RANGE, ylim=B_RANGE, xlabel="weight w", ylabel="bias b")
    reached = "   ✓" if losses[-1] < 0.001 else ""
    thrown = "" if inside.all() else ", thrown off the map"
    ax.set_title(f"loss {losses[0]:.2f} → {losses[-1]:.3f}{thrown}{reached}")


# ---- results ----

KINDS = {"tanh": style.GRADIENT, "tanh, orthogonal": style.DATA, "ReLU, identity": style.MODEL}


def delays(ax, delay, results, linear, chance):
    """Accuracy against delay: a dot for each run, a line through the means; results: {kind: (runs, delays)}."""
    for shift, (kind, found) in enumerate(results.items()):
        place = np.arange(len(delay)) + 0.1 * (shift - 1)
        ax.plot(place, found.mean(0), color=KINDS[kind])
        ax.plot(np.tile(place, (len(found), 1)), found, style.MARKERS[shift], ms=5, color=KINDS[kind], alpha=0.6)
    ax.plot([-1.75, len(delay) - 0.7], [linear, linear], color=style.MUTED, ls="--", lw=1.4)
    ax.plot([-1.75, len(delay) - 0.7], [chance, chance], color=style.MUTED, ls=":", lw=1.4)
    ax.text(-1.75, linear + 0.055, "linear model that sees all steps at once", color=style.MUTED)
    ax.text(-1.75, chance - 0.08, "chance", color=style.MUTED)
    for y, (kind, colour) in zip((0.72, 0.63, 0.54), reversed(KINDS.items()), strict=True):
        ax.text(-1.75, y, kind, color=colour)
    ax.set(xlim=(-1.85, len(delay) - 0.6), ylim=(0.1, 1.16), xlabel="delay (steps)", ylabel="accuracy")
    ax.set_xticks(range(len(delay)), [str(d) for d in delay])


def forecast(ax, years, spots, predictions):
    """Sunspots of each year, and what each model said the year before.   predictions: {name: (values, colour)}"""
    ax.plot(years, spots, "o", ms=4, color=style.DATA)
    ax.text(years[1], 215, "dots: measured", color=style.DATA)
    for y, (name, (values, colour)) in zip((199, 183), predictions.items(), strict=True):
        ax.plot(years, values, color=colour, lw=1.6)
        ax.text(years[1], y, name, color=colour)
    ax.set(xlim=(years[0] - 1, years[-1] + 1), ylim=(0, 230), xlabel="year", ylabel="sunspot number")


def passed(ax, counts, cured):
    """Nodes of the graph in each batch, with the state carried along as it is, and detached."""
    steps = np.arange(1, len(counts) + 1)
    ax.plot(steps, counts, "o-", color=style.GRADIENT)
    ax.plot(steps, cured, "o-", color=style.MODEL)
    ax.text(1, counts[-1], "carried as it is", color=style.GRADIENT, va="center")
    ax.text(steps[-1], cured[-1] + 0.04 * counts[-1], "detached", color=style.MODEL, ha="right")
    ax.set(xlabel="batch", ylabel="nodes that backward visits", ylim=(0, counts[-1] * 1.1))
