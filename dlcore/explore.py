"""Explorables: one view, three lives. Live in JupyterLab and Colab, baked into the book, a picture everywhere else.

    def neuron_view(ax, w=1.0, b=0.0): ...                  # draws on ax, returns nothing
    explore(neuron_view, w=(-3, 3), b=(-4, 4, 0.5), alt="Output of one neuron against its input")
"""

import asyncio
import html
import inspect
import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import ipywidgets as widgets
import matplotlib
import numpy as np
from IPython.display import display

from . import bake
from .picture import PRINT, SCREEN, SIZE, baking, bundle, new_axes, pixels, png
from .plots import style

KEPT = 200      # frames that a live explorable remembers, so that going back is instant


@dataclass(frozen=True)
class play:
    """A control that steps from `first` to `last` by itself when its button is pressed."""

    first: int
    last: int
    step: int = 1


@dataclass
class Control:
    """One argument of a view and the widget that moves it."""

    name: str
    kind: str           # "range", "play", "choice" or "bool"
    widget: widgets.Widget
    values: list        # every value that it can take, in order
    start: int          # the position of the initial value

    @property
    def is_range(self):
        return self.kind in ("range", "play")

    @property
    def label(self):
        return self.widget.description

    @cached_property
    def texts(self):
        """Every value as the reader sees it."""
        if self.is_range:
            places = max(0, -Decimal(str(self.widget.step)).normalize().as_tuple().exponent)
            return [f"{value:.{places}f}".replace("-", "−") for value in self.values]
        if self.kind == "bool":
            return ["no", "yes"]
        return [label for label, _ in labelled(self.widget.options)]


def labelled(options):
    """The options of a selection widget as pairs of label and value, however they were given."""
    if isinstance(options, dict):
        options = options.items()
    return [(str(o[0]), o[1]) if isinstance(o, tuple) and len(o) == 2 else (str(o), o) for o in options]


def nice_step(low, high):
    """About fifty steps of a round size: 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 50
    power = 10.0 ** math.floor(math.log10(rough))
    return min((power, 2 * power, 5 * power, 10 * power), key=lambda step: abs(step - rough))


def slider(name, spec, initial):
    """A slider for (low, high) or (low, high, step)."""
    low, high, *rest = spec
    if not all(isinstance(n, (int, float, np.number)) for n in spec) or len(spec) > 3:
        raise ValueError(f"explore: {name}={spec!r} is not a range: write (lowest, highest) or (lowest, highest, step)")
    if low >= high:
        raise ValueError(f"explore: {name}={spec!r} runs the wrong way round: write {name}={(high, low, *rest)!r}")
    initial = (low + high) / 2 if initial is inspect.Parameter.empty else initial
    whole = all(isinstance(n, (int, np.integer)) for n in (*spec, initial))
    step = rest[0] if rest else 1 if whole else nice_step(low, high)
    if step <= 0 or step > high - low:
        raise ValueError(f"explore: {name}={spec!r} has a step of {step}: it must be above 0 and fit into the range")
    if not low <= initial <= high:
        raise ValueError(f"explore: {name} starts at {initial}, outside its range {low} to {high}")
    kind = widgets.IntSlider if whole else widgets.FloatSlider
    places = max(0, -Decimal(str(step)).normalize().as_tuple().exponent)
    return kind(value=initial, min=low, max=high, step=step, readout_format="d" if whole else f".{places}f")


def to_widget(name, spec, initial):
    """The widget for one of `interact`'s abbreviations, or for `play`."""
    if isinstance(spec, widgets.Widget):
        return spec
    if isinstance(spec, play):
        return slider(name, (spec.first, spec.last, spec.step), spec.first if initial is inspect.Parameter.empty else initial)
    if isinstance(spec, bool):
        return widgets.Checkbox(value=spec if initial is inspect.Parameter.empty else initial, indent=False)
    if isinstance(spec, tuple) and len(spec) >= 2:
        return slider(name, spec, initial)
    if isinstance(spec, (list, dict)) and spec:
        options = labelled(spec)
        values = [value for _, value in options]
        chosen = values[0] if initial is inspect.Parameter.empty else initial
        if chosen not in values:
            raise ValueError(f"explore: {name} starts at {chosen!r}, which is not among its choices {values}")
        return widgets.Dropdown(options=options, value=chosen)
    raise ValueError(
        f"explore: {name}={spec!r} is not a control: give a range (low, high), a list, a dict, True or False, play(first, last) or a widget"
    )


def values_of(widget):
    """Every value that a widget can take, in order."""
    if hasattr(widget, "options"):
        return [value for _, value in labelled(widget.options)]
    if hasattr(widget, "step"):
        count = int((widget.max - widget.min) / widget.step + 1e-9) + 1
        values = [widget.min + i * widget.step for i in range(count)]
        if hasattr(widget, "base"):
            return [widget.base**value for value in values]
        return values if isinstance(widget, widgets.IntSlider) else [round(value, 10) for value in values]
    return [False, True]


def control(name, spec, initial):
    """An abbreviation as a Control."""
    widget = to_widget(name, spec, initial)
    if not widget.description:
        widget.description = name.replace("_", " ")
    widget.style = {"description_width": "initial"}
    values = values_of(widget)
    start = min(range(len(values)), key=lambda i: abs(values[i] - widget.value)) if hasattr(widget, "step") else values.index(widget.value)
    kind = "play" if isinstance(spec, play) else "range" if hasattr(widget, "step") else "choice" if hasattr(widget, "options") else "bool"
    return Control(name, kind, widget, values, start)


class View:
    """A drawing function with its settings: how many panels it needs, what moves, what stays."""

    def __init__(self, function, size, specs):
        self.function, self.name = function, function.__name__
        arguments = inspect.signature(function).parameters
        for name in specs:
            if name not in arguments:
                raise ValueError(f"explore: {self.name} has no argument {name!r} to move: it takes {', '.join(arguments)}")
        empty = inspect.Parameter.empty
        still = [n for n, a in arguments.items() if a.default is empty and n not in specs]
        panels = len(still)
        if not panels or list(arguments)[:panels] != still:
            raise ValueError(f"explore: {self.name} must take its Axes first: def {self.name}(ax, ...)")
        fixed = {n: s for n, s in specs.items() if isinstance(s, widgets.fixed)}
        self.fixed = {n: s.value for n, s in fixed.items()}
        self.controls = [control(n, s, arguments[n].default) for n, s in specs.items() if n not in fixed]
        self.panels, self.size = panels, size or SIZE[panels]

    def draw(self, values, dpi):
        """The pictures at `values`, one for each panel.                  # (height, width, 3) each"""
        axes = [new_axes(self.size) for _ in range(self.panels)]
        with matplotlib.rc_context(style.RC):
            self.function(*axes, **self.fixed, **values)
        return [pixels(ax, dpi) for ax in axes]

    def values(self):
        return {c.name: c.widget.value for c in self.controls}


class Live:
    """The first life: ipywidgets that redraw the pictures when a control moves."""

    def __init__(self, view, alt):
        self.view, self.waiting, self.frames = view, False, {}
        self.images = [widgets.Image(format="png") for _ in range(view.panels)]
        self.message = widgets.HTML()
        for image in self.images:
            image.tooltip = alt
            image.layout.max_width = "100%"
        self.box = widgets.VBox([self.row(self.images), self.row(self.movers()), self.message])
        for c in view.controls:
            c.widget.observe(self.moved, "value")
        self.show(self.frame())

    @staticmethod
    def row(children):
        return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", align_items="center"))

    def movers(self):
        """The widgets of all controls, and a way back."""
        row = []
        for c in self.view.controls:
            if c.kind == "play":
                player = widgets.Play(value=c.widget.value, min=c.widget.min, max=c.widget.max, step=c.widget.step, interval=250)
                widgets.jslink((player, "value"), (c.widget, "value"))
                row.append(player)
            row.append(c.widget)
        reset = widgets.Button(description="reset", icon="undo", layout=widgets.Layout(width="auto"))
        reset.on_click(self.reset)
        return [*row, reset]

    def reset(self, _):
        for c in self.view.controls:
            c.widget.value = c.values[c.start]

    def moved(self, _):
        """Draw once everything that has arrived is read: of many moves in a row only the last is drawn."""
        if self.waiting:
            return
        try:
            asyncio.get_running_loop().call_soon(self.redraw)
            self.waiting = True
        except RuntimeError:                    # no loop: a plain Python session
            self.redraw()

    def redraw(self):
        self.waiting = False
        try:
            self.show(self.frame())
            self.message.value = ""
        except Exception as error:
            told = f"{self.view.name} fails at {self.view.values()}: {type(error).__name__}: {error}"
            self.message.value = f'<span role="alert">✗ {html.escape(told)}</span>'

    def frame(self):
        """The pictures of the current values as PNG files, drawn or remembered."""
        key = tuple(self.view.values().values())
        if key not in self.frames:
            if len(self.frames) >= KEPT:
                self.frames.pop(next(iter(self.frames)))
            self.frames[key] = [png(image, 64) for image in self.view.draw(self.view.values(), SCREEN)]
        return self.frames[key]

    def show(self, files):
        for image, file in zip(self.images, files, strict=True):
            image.value = file


def describe(view, alt):
    """An explorable in words, the same on every machine."""
    def span(c):
        return f"{c.texts[0]} to {c.texts[-1]}" if c.is_range else ", ".join(c.texts)
    moves = "; ".join(f"{c.label}: {span(c)}, now {c.texts[c.start]}" for c in view.controls)
    return f"[explorable] {alt} · {moves}"


def explore(view, *, alt, size=None, **controls):
    """Show a view that the reader can move.

    `view(ax, ...)` draws on its Axes; with several leading arguments (`view(left, right, ...)`) each is a panel.
    `controls` name the arguments that move: (low, high), (low, high, step), a list, a dict, True or False,
    `play(first, last)`, `fixed(value)` or a widget. The view's own defaults are the initial values.
    `alt` says in one sentence what there is to see; `size` is the width and height of one panel in inches.
    Raises ValueError where a control does not fit, and whatever the view raises at its initial values.
    """
    view = View(view, size, controls)
    data, metadata = bundle(view.draw(view.values(), PRINT), describe(view, alt), alt)
    if baking():
        data["text/html"] = bake.player() + bake.bake(view.name, alt, view.controls, view.draw)
    else:
        live = Live(view, alt)
        data["application/vnd.jupyter.widget-view+json"] = {"version_major": 2, "version_minor": 0, "model_id": live.box.model_id}
    display(data, metadata=metadata, raw=True)
