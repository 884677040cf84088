"""The controls of an explorable: an abbreviation such as (low, high) becomes a widget that knows all its values."""

import inspect
import math
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real

import ipywidgets as widgets
import numpy as np

NO_DEFAULT = inspect.Parameter.empty
MOST_VALUES = 10_000        # of one slider
SWITCHES = widgets.Checkbox, widgets.ToggleButton


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
    texts: list         # every value as the reader sees it
    start: int          # the position of the initial value

    @property
    def is_range(self):
        return self.kind in ("range", "play")

    @property
    def label(self):
        return self.widget.description

    @property
    def position(self):
        """Where among its values the current one stands; the nearest, where a reader typed one in between."""
        if self.kind == "choice":
            return self.widget.index
        return min(range(len(self.values)), key=lambda i: abs(self.values[i] - self.widget.value))

    @property
    def value(self):
        """The current value: that of its position, unless a reader typed one in between."""
        listed = self.values[self.position]
        return listed if self.kind == "choice" or math.isclose(listed, self.widget.value) else self.widget.value

    def key(self, value):
        """What tells one of its values from another, also where they are lists."""
        return id(value) if self.kind == "choice" else value

    @property
    def now(self):
        """The current value as the reader sees it."""
        return self.texts[self.position]

    def reset(self):
        self.widget.value = self.values[self.start]


def control(name, spec, initial=NO_DEFAULT):
    """The Control of argument `name` for one of `interact`'s abbreviations, for `play`, or for a widget.

    `initial` is the view's own default; a widget brings its own initial value.
    Raises ValueError in one sentence where the abbreviation or the initial value does not fit.
    """
    widget = to_widget(name, spec, initial)
    widget.description = widget.description or name.replace("_", " ")
    widget.style.description_width = "initial"
    if isinstance(widget, SWITCHES):
        return Control(name, "bool", widget, [False, True], ["no", "yes"], int(widget.value))
    if isinstance(getattr(widget, "index", None), int):
        texts, values = zip(*labelled(widget.options), strict=True)
        return Control(name, "choice", widget, list(values), list(texts), widget.index)
    values, texts = stops_of(name, widget)
    start = min(range(len(values)), key=lambda i: abs(values[i] - widget.value))
    if not math.isclose(values[start], widget.value, rel_tol=1e-9, abs_tol=1e-12):
        raise ValueError(
            f"explore: {name} starts at {widget.value}, which steps of {widget.step} from {widget.min} do not reach: "
            f"start at {values[start]:g}, or give another step"
        )
    values[start] = widget.value
    return Control(name, "play" if isinstance(spec, play) else "range", widget, values, texts, start)


def to_widget(name, spec, initial):
    """The widget for an abbreviation."""
    if isinstance(spec, widgets.Widget):
        return known_widget(name, spec)
    if isinstance(spec, play):
        if not all(is_whole(n) for n in (spec.first, spec.last, spec.step)):
            raise ValueError(f"explore: {name}={spec!r} must count in whole numbers")
        first = spec.first if initial is NO_DEFAULT else initial
        return slider(name, (spec.first, spec.last, spec.step), first)
    if isinstance(spec, bool):
        initial = spec if initial is NO_DEFAULT else initial
        if not isinstance(initial, bool):
            raise ValueError(f"explore: {name} starts at {initial!r}, but a checkbox is True or False")
        return widgets.Checkbox(value=initial, indent=False)
    if isinstance(spec, tuple):
        return slider(name, spec, initial)
    if isinstance(spec, (list, dict)):
        return dropdown(name, spec, initial)
    raise ValueError(
        f"explore: {name}={spec!r} is not a control: give a range (low, high), a list, a dict, True or False, "
        "play(first, last) or a widget"
    )


def known_widget(name, widget):
    """`widget` itself, where its values can be listed: a switch, a choice of one, or a slider with steps."""
    slides = all(is_number(getattr(widget, part, None)) for part in ("value", "min", "max", "step"))
    if not (slides or isinstance(widget, SWITCHES) or isinstance(getattr(widget, "index", None), int)):
        raise ValueError(
            f"explore: {name} cannot be a {type(widget).__name__}: give a slider with steps, a checkbox, "
            "or a widget with options of which one is chosen"
        )
    return widget


def slider(name, spec, initial):
    """A slider for (low, high) or (low, high, step)."""
    if len(spec) not in (2, 3) or not all(is_number(n) for n in spec):
        raise ValueError(f"explore: {name}={spec!r} is not a range: write (lowest, highest) or (lowest, highest, step)")
    if not (initial is NO_DEFAULT or is_number(initial)):
        raise ValueError(f"explore: {name} starts at {initial!r}, which is not a number on its slider {spec!r}")
    low, high, *rest = spec
    if low >= high:
        raise ValueError(f"explore: {name}={spec!r} runs the wrong way round: write {(high, low, *rest)!r}")
    whole = all(is_whole(n) for n in spec) and (initial is NO_DEFAULT or is_whole(initial))
    step = rest[0] if rest else 1 if whole else nice_step(low, high, low if initial is NO_DEFAULT else initial)
    if not 0 < step <= high - low:
        raise ValueError(f"explore: {name}={spec!r} has a step of {step}: it must be above 0 and fit into the range")
    if (high - low) / step > MOST_VALUES:
        raise ValueError(f"explore: {name}={spec!r} has more than {MOST_VALUES} values: give a larger step")
    if initial is NO_DEFAULT:
        values = steps(low, high, step)
        initial = (int if whole else float)(values[len(values) // 2])
    if not low <= initial <= high:
        raise ValueError(f"explore: {name} starts at {initial}, outside its range {low} to {high}")
    if whole:
        return widgets.IntSlider(value=initial, min=low, max=high, step=step)
    return widgets.FloatSlider(value=initial, min=low, max=high, step=step, readout_format=f".{places(low, step)}f")


def dropdown(name, spec, initial):
    """A menu for a list of values, or for a dict from labels to values."""
    options = labelled(spec)
    if not options:
        raise ValueError(f"explore: {name}={spec!r} is empty: give at least one choice")
    values = [value for _, value in options]
    if any(isinstance(value, np.ndarray) for value in values):
        raise ValueError(f"explore: {name} holds arrays: let the reader choose a name, and look it up in the view")
    chosen = values[0] if initial is NO_DEFAULT else initial
    if chosen not in values:
        raise ValueError(f"explore: {name} starts at {chosen!r}, which is not among its choices {values}")
    return widgets.Dropdown(options=options, index=values.index(chosen))


def labelled(options):
    """The options of a choice as pairs of label and value, however they were given."""
    pairs = options.items() if isinstance(options, dict) else options
    pairs = [pair if isinstance(pair, tuple) and len(pair) == 2 else (pair, pair) for pair in pairs]
    # A function is called by its name: its str holds an address, which changes from run to run.
    return [(getattr(label, "__name__", str(label)), value) for label, value in pairs]


def stops_of(name, widget):
    """Every value of a slider, and each as the reader sees it."""
    exact = steps(widget.min, widget.max, widget.step)
    if hasattr(widget, "base"):
        values = [widget.base ** float(exponent) for exponent in exact]
        return values, [f"{value:.3g}".replace("-", "−") for value in values]
    kind = int if isinstance(widget.value, int) else float
    shown = places(widget.min, widget.step)
    return [kind(value) for value in exact], [f"{value:.{shown}f}".replace("-", "−") for value in exact]


def steps(low, high, step):
    """low, low + step, low + 2 step ... and high, as decimals, which add up without rounding."""
    low, high, step = (Decimal(str(n)) for n in (low, high, step))
    values = [low + i * step for i in range(int((high - low) / step) + 1)]
    return values if values[-1] == high else [*values, high]


def nice_step(low, high, initial):
    """A round step, 1, 2 or 5 times a power of ten: about fifty to the range, and one of them at the initial value."""
    rough = (high - low) / 50
    power = math.floor(math.log10(rough))
    sizes = [Decimal(f"{digit}e{power + shift}") for shift in (-1, 0, 1) for digit in (1, 2, 5)]
    sizes.sort(key=lambda size: abs(float(size) - rough))
    way = Decimal(str(initial)) - Decimal(str(low))
    return float(next((size for size in sizes if way % size == 0), sizes[0]))


def places(*numbers):
    """How many digits after the point it takes to write all the numbers."""
    return max(max(0, -Decimal(str(n)).normalize().as_tuple().exponent) for n in numbers)


def is_number(x):
    """True for a finite number; True and False are none."""
    return isinstance(x, Real) and not isinstance(x, (bool, np.bool_)) and math.isfinite(x)


def is_whole(x):
    return is_number(x) and isinstance(x, (int, np.integer))
