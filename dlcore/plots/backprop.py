"""Pictures of chapter 05: a tiny network, a graph with its gradients, finite differences, broadcasting, cost."""

import math

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Rectangle

from . import style

RIM = 25        # radius of a node on the drawing board


def board(ax, width=500, height=350):
    """Turn the whole figure into a drawing board of `width` x `height` hundredths of an inch, without axes."""
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.axis("off")


def number(x):
    """A number as on paper: 6, −0.5, 1.37."""
    return f"{round(x, 2) + 0.0:.2f}".rstrip("0").rstrip(".").replace("-", "−")


def nodes(ax, places, edges, fills="white"):
    """Circles at `places`, (x, y) each, with the colours of their edges and fills."""
    x, y = zip(*places, strict=True)
    ax.scatter(x, y, s=(2 * RIM * 0.72) ** 2, facecolors=fills, edgecolors=edges, linewidths=2, zorder=3)


def arrows(ax, items):
    """Arrows from rim to rim, each (start, end, colour, width, shift): shift moves it sideways, to draw two abreast."""
    lines, heads = [], []
    for start, end, _, width, shift in items:
        along = np.subtract(end, start) / math.dist(start, end)
        aside = np.array([-along[1], along[0]])
        tail = start + along * RIM + aside * shift
        tip = end - along * (RIM + 1) + aside * shift
        neck, half = tip - along * (9 + 2 * width), aside * (3.5 + width)
        lines.append((tail, neck))
        heads.append((tip, neck + half, neck - half))
    colours = [item[2] for item in items]
    ax.add_collection(LineCollection(lines, colors=colours, linewidths=[item[3] for item in items], zorder=2))
    ax.add_collection(PolyCollection(heads, facecolors=colours, edgecolors="none", zorder=2))


def label(ax, at, text, **look):
    """A text on a white ground that covers the edge beneath it."""
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    ax.text(*at, text, ha="center", va="center", zorder=4, bbox=ground, **look)


# ---- a network with six weights ----

INPUTS = {"x1": (50, 264), "x2": (50, 146)}
HIDDEN = {"h1": (250, 264), "h2": (250, 146)}
OUTPUT = (450, 205)
ROADS = {       # each weight: where its edge starts, where it ends, how far along the edge its label stands
    "w1": (INPUTS["x1"], HIDDEN["h1"], 0.50), "w2": (INPUTS["x2"], HIDDEN["h1"], 0.30),
    "w3": (INPUTS["x1"], HIDDEN["h2"], 0.30), "w4": (INPUTS["x2"], HIDDEN["h2"], 0.50),
    "v1": (HIDDEN["h1"], OUTPUT, 0.50), "v2": (HIDDEN["h2"], OUTPUT, 0.50),
}


def tiny_network(ax, weights, values, chosen, loss_before, goal=1.0):
    """A network of two inputs, two hidden neurons and one output, with its loss as a bar.

    weights: name -> number for the six weights; values: name -> number for x1, x2, h1, h2, output and loss;
    chosen: the weight to highlight.
    """
    board(ax)
    arrows(ax, [
        (start, end, *((style.SPECIAL, 3) if name == chosen else (style.MUTED, 1.2)), 0)
        for name, (start, end, _) in ROADS.items()
    ])
    for name, (start, end, along) in ROADS.items():
        at = np.add(start, along * np.subtract(end, start))
        label(ax, at, f"{name} = {number(weights[name])}", weight="bold" if name == chosen else "normal")
    places = INPUTS | HIDDEN | {"output": OUTPUT}
    colours = [style.DATA, style.DATA, style.MODEL, style.MODEL, style.MODEL]
    nodes(ax, places.values(), colours, ["white"] * 4 + [style.MODEL])
    for name, at in places.items():
        ink = "white" if name == "output" else style.INK
        ax.text(*at, number(values[name]), ha="center", va="center", color=ink, zorder=4)
    for x, text in ((50, "inputs"), (250, "hidden"), (450, "output")):
        ax.text(x, 310, text, ha="center", color=style.MUTED)
    ax.text(450, 162, "target 1", ha="center", color=style.MUTED)

    loss, scale = values["loss"], 400 / 3.2
    ax.add_patch(Rectangle((25, 50), loss * scale, 22, color=style.GRADIENT))
    ax.plot([25 + goal * scale] * 2, [42, 80], color=style.INK, linewidth=1.5)
    ax.text(25 + goal * scale, 84, "goal", ha="center", fontsize=10)
    reached = "✓ below 1 with a single nudge" if loss < goal else "goal: below 1"
    ax.text(25, 16, f"loss {number(loss_before)} → {number(loss)}    {reached}", fontsize=12)


# ---- the graph of one neuron, forward and backward ----

WHERE = {
    "w": (38, 258), "x": (38, 142), "p": (140, 200), "b": (140, 84), "z": (244, 148), "y": (244, 46),
    "e": (350, 97), "L": (458, 97),
}
SAID = {"p": "p = w · x", "z": "z = p + b", "e": "e = z − y", "L": "L = e · e"}
LAST_STEP = 13


def neuron_tape(w, x=2, b=1, y=5):
    """L = (w x + b − y)² as a list of (name, value, edges), each after what it was made from.

    An edge is (parent, slope): by how much this value moves when the parent moves by 1.
    """
    p = w * x
    z = p + b
    e = z - y
    return [
        ("w", w, []), ("x", x, []), ("b", b, []), ("y", y, []),
        ("p", p, [("w", x), ("x", w)]), ("z", z, [("p", 1), ("b", 1)]),
        ("e", e, [("z", 1), ("y", -1)]), ("L", e * e, [("e", e), ("e", e)]),
    ]


def graph_view(ax, step=0, w=3):
    """The graph of L = (w x + b − y)² after `step` of its 13 steps: 4 forward, 1 that starts, 8 edges back."""
    board(ax)
    tape = neuron_tape(w)
    values = {name: value for name, value, _ in tape}
    made = [name for name, _, edges in tape if edges]
    edges = [(name, parent, slope) for name, _, pairs in reversed(tape) for parent, slope in pairs]
    known = {name for name, _, pairs in tape if not pairs} | set(made[:step])
    passed = edges[: max(0, step - 5)]
    grads = {"L": 1} if step >= 5 else {}
    before = 0
    for name, parent, slope in passed:
        before = grads.get(parent, 0)
        grads[parent] = before + grads[name] * slope
    active = passed[-1] if passed else None
    at_work = made[step - 1] if 1 <= step <= 4 else "L" if step == 5 else active[1] if active else None

    drawn, slopes = [], []
    for i, (name, parent, slope) in enumerate(edges):
        back, now = i < len(passed), i == len(passed) - 1
        colour = style.GRADIENT if back else style.MODEL if name in known else "#CFCFCF"
        shift = (12, -12)[i] if parent == "e" else 0                        # the two edges from e to L run abreast
        start, end = (WHERE[name], WHERE[parent]) if back else (WHERE[parent], WHERE[name])
        drawn.append((start, end, colour, 3 if now else 1.5, shift if back else -shift))
        if name in known:
            middle = np.add(WHERE[name], WHERE[parent]) / 2 - (0, shift)
            slopes.append((middle, f"×{number(slope)}", style.GRADIENT if back else style.INK, now))
    arrows(ax, drawn)
    for at, text, colour, now in slopes:
        label(ax, at, text, color=colour, weight="bold" if now else "normal")
    colours = [style.SPECIAL if n == at_work else style.MODEL if n in SAID else style.DATA for n in WHERE]
    nodes(ax, WHERE.values(), colours)
    for name, (x, y) in WHERE.items():
        ax.text(x, y + 32, name, ha="center", weight="bold")
        if name in known:
            ax.text(x, y, number(values[name]), ha="center", va="center", fontsize=12, zorder=4)
        if name in grads:
            ax.text(x, y - 41, number(grads[name]), color=style.GRADIENT, ha="center", fontsize=12, weight="bold")
    ax.text(12, 325, caption(step, at_work, values, active, grads, before), fontsize=12)
    ax.text(490, 290, "in circles: values", color=style.MODEL, ha="right")
    ax.text(490, 269, "below them: gradients", color=style.GRADIENT, ha="right")
    ax.text(490, 248, "on edges: slopes", ha="right")


def caption(step, at_work, values, active, grads, before):
    """What happens in one step, as a sentence with its numbers."""
    if step == 0:
        return "step 0: inputs, weights and target are known"
    if step <= 4:
        left, sign, right = SAID[at_work].split(" = ")[1].split(" ")
        sum_of = f"{number(values[left])} {sign} {number(values[right])}"
        return f"forward: {SAID[at_work]} = {sum_of} = {number(values[at_work])}"
    if step == 5:
        return "backward starts: if L moves by 1, L moves by 1"
    name, parent, slope = active
    sent = f"{number(grads[name])} × {number(slope)}"
    if step == 6:
        return f"e gets {sent} = {number(grads['e'])}, and waits: a second gradient is due"
    if step == 7:
        return f"e gets {sent} once more: {number(before)} + {number(grads[name] * slope)} = {number(grads['e'])}"
    end = "  ✓ all are 0: no change of w helps" if step == LAST_STEP and not values["e"] else ""
    return f"{parent} gets {sent} = {number(grads[parent])}{end}"


# ---- finite differences ----

EXPONENTS = np.arange(-15, 0.25, 0.5)


def slope_error(h, rule):
    """How far the slope of exp at 1 is off, measured from two values that are h or 2h apart."""
    low, apart = (1, h) if rule == "one-sided" else (1 - h, 2 * h)
    slope = (math.exp(1 + h) - math.exp(low)) / apart
    return max(abs(slope - math.e), 1e-16)                  # no float near e comes closer


def difference_view(ax, exponent=-1.0, rule="one-sided"):
    """The error of a difference quotient for exp at 1 against its step, and the digits that are subtracted."""
    errors = np.array([slope_error(10.0**e, rule) for e in EXPONENTS])
    h = 10.0**exponent
    error = slope_error(h, rule)
    ax.plot(EXPONENTS, np.log10(errors), color=style.MODEL, marker="o", markersize=3)
    ax.plot(exponent, math.log10(error), "o", color=style.SPECIAL, markersize=11)
    ax.set(xlim=(-15.5, 0.5), ylim=(-13, 4), xlabel="step h", ylabel="error of the slope")
    ax.tick_params(axis="y", pad=1, labelsize=10)
    powers(ax.xaxis, range(-15, 1, 3))
    powers(ax.yaxis, range(-12, 1, 3))
    ax.text(-14.8, -8.5, "rounding", color=style.MUTED)
    ax.text(0.4, -8.5 if rule == "one-sided" else -12.2, "curvature", color=style.MUTED, ha="right")
    high, low = f"{math.exp(1 + h):.15f}", f"{math.exp(1 if rule == 'one-sided' else 1 - h):.15f}"
    equal = next((i for i, (a, b) in enumerate(zip(high, low, strict=True)) if a != b), len(high))
    for y, name, digits in ((3.2, "f(1+h)", high), (1.9, "f(1)  " if rule == "one-sided" else "f(1−h)", low)):
        ax.text(-13, y, f"{name}  {digits[:equal]}", family="monospace", color="#A0A0A0")
        ax.text(-13, y, " " * (8 + equal) + digits[equal:], family="monospace", color=style.GRADIENT)
    best = "   ✓ as good as it gets" if error <= 3 * errors.min() else ""
    ax.set_title(f"h = {power(h)}   error {power(error)}{best}")


def power(x):
    """A small number with one digit and its power of ten: 3e−8."""
    digit, exponent = f"{x:.0e}".split("e")
    return f"{digit}e{int(exponent)}".replace("-", "−") if int(exponent) else digit


def powers(axis, exponents):
    """Plain ticks for an axis of powers of ten: typeset ones take most of a frame's time."""
    axis.set_ticks(list(exponents), [f"1e{e}".replace("-", "−") if e else "1" for e in exponents])


# ---- which end to multiply from ----


def order_view(ax, inputs=1000, outputs=1):
    """Multiplications for all slopes of a network, when its Jacobians are multiplied from either end."""
    ends = outputs * 64 * inputs                            # the product that both orders share
    from_output, from_input = outputs * 64 * 64 + ends, 64 * 64 * inputs + ends
    for y, name, count, colour in [
        (1, "output first: reverse mode", from_output, style.GRADIENT),
        (0, "inputs first: forward mode", from_input, style.MODEL),
    ]:
        ax.barh(y, math.log10(count), height=0.36, color=colour)
        ax.text(0.1, y + 0.26, f"{name}, {count:,}")
    sizes = f"{inputs:,} input{'s' * (inputs > 1)} → 64 → 64 → {outputs:,} output{'s' * (outputs > 1)}"
    ax.text(0.1, 1.66, sizes, color=style.MUTED)
    ax.set(xlim=(0, 10.2), ylim=(-0.3, 1.8), yticks=[], xlabel="multiplications")
    powers(ax.xaxis, range(0, 10, 3))
    ax.spines["left"].set_visible(False)
    ratio = max(from_output, from_input) / min(from_output, from_input)
    cheaper = "reverse mode" if from_output < from_input else "✓ forward mode"
    ax.set_title("level" if ratio == 1 else f"{cheaper} is {ratio:.3g} times cheaper")


# ---- broadcasting ----

G = np.array([[2, 1, 3], [1, -2, -1], [4, 5, -4], [3, 1, 2]])
SIDE, TALL = 52, 43      # of one cell on the drawing board
SHAPES = {"()": (), "(3,)": (3,), "(1, 3)": (1, 3), "(4, 1)": (4, 1), "(4, 3)": (4, 3)}


def broadcast_view(ax, shape="(3,)", row=0, column=0):
    """g = dL/d(a + b) for b of some shape, and the cells of g that one number of b was copied into."""
    board(ax)
    size = SHAPES[shape]
    source = np.broadcast_to(np.arange(math.prod(size)).reshape(size), G.shape)     # which number of b each cell used
    mine = source == source[row, column]
    grad = np.bincount(source.ravel(), G.ravel()).reshape(np.atleast_2d(np.zeros(size)).shape).astype(int)
    grid(ax, (20, 240), G, mine, style.GRADIENT)
    grid(ax, (310, 240), grad, np.arange(grad.size).reshape(grad.shape) == source[row, column], style.SPECIAL)
    chosen = (20 + SIDE * column, 240 - TALL * (row + 1))
    ax.add_patch(Rectangle(chosen, SIDE, TALL, fill=False, edgecolor=style.INK, linewidth=2.5))
    arrows(ax, [((165, 219), (318, 219), style.MUTED, 1.5, 0)])
    ax.text(240, 226, "add", ha="center")
    cells, total = G[mine], G[mine].sum()
    times = f"{len(cells)} cells" if len(cells) > 1 else "1 cell"
    terms = " + ".join(number(n) if n >= 0 else f"({number(n)})" for n in cells)
    lines = [
        (312, f"One number of b was copied into the coloured {times}."),
        (289, f"Its gradient is the sum of {'these' if len(cells) > 1 else 'this'} {times} of g:"),
        (254, "g, shape (4, 3)"),
        (38, terms + (f" = {number(total)}" if len(cells) > 1 else "")),
        (12, "✓ the gradient is 0, and no cell of g is" if total == 0 else ""),
    ]
    for y, text in lines:
        ax.text(20, y, text, fontsize=10 if y == 38 and len(cells) > 4 else 12)
    ax.text(310, 254, f"dL/db, shape {shape}", fontsize=12)


def grid(ax, corner, numbers, marked, colour):
    """A table of whole numbers, `corner` at the top left, with the marked cells in `colour`."""
    left, top = corner
    cells = list(np.ndindex(numbers.shape))
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    squares = [[(left + SIDE * (j + a), top - TALL * (i + b)) for a, b in corners] for i, j in cells]
    fills = [colour if marked[cell] else "white" for cell in cells]
    ax.add_collection(PolyCollection(squares, facecolors=fills, edgecolors=style.MUTED))
    for i, j in cells:
        at = (left + SIDE * (j + 0.5), top - TALL * (i + 0.5))
        ink = "white" if marked[i, j] else style.INK
        ax.text(*at, number(numbers[i, j]), ha="center", va="center", fontsize=12, color=ink)
