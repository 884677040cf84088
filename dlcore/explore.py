"""Explorables: one view, three lives. Live in JupyterLab and Colab, baked into the book, a picture everywhere else.

    def neuron_view(ax, w=1.0, b=0.0): ...                  # draws on ax, returns nothing
    explore(neuron_view, w=(-3, 3), b=(-4, 4, 0.5), alt="Output of one neuron against its input")
"""

import asyncio
import html
import inspect
import signal
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial

import ipywidgets as widgets
import matplotlib
from IPython.display import display

from . import bake
from .control import NO_DEFAULT, control, play
from .picture import PRINT, SCREEN, baking, bundle, check_alt, new_axes, panel_size, pixels, png
from .plots import style

__all__ = ["View", "Live", "explore", "play"]

KEPT = 200      # frames that a live explorable remembers, so that going back is instant
REST = 0.02     # seconds of rest after an answer until the next one is drawn ahead
LIGHT = 0.1     # seconds: a view that takes longer is not drawn ahead, so that it never stands in the reader's way
PAUSE = 0.003   # seconds of quiet after which a move is drawn


class View:
    """A drawing function with its settings: how many panels it needs, what moves, what stays."""

    def __init__(self, function, size, specs):
        if not callable(function):
            raise TypeError(f"explore: give the drawing function itself, without brackets, not {function!r}")
        self.function, self.name = function, getattr(function, "__name__", "view")
        arguments = inspect.signature(function).parameters
        for name in specs:
            if name not in arguments:
                known = ", ".join(arguments)
                raise ValueError(f"explore: {self.name} has no argument {name!r} to move: it takes {known}")
        fixed = {n: s for n, s in specs.items() if isinstance(s, widgets.fixed)}
        if len(fixed) == len(specs):
            raise ValueError(f"explore: nothing moves in {self.name}: name a control such as w=(-3, 3), or use picture")
        self.panels = self.count_panels(arguments, specs)
        self.size = panel_size("explore", self.panels, size)
        self.fixed = {n: s.value for n, s in fixed.items()}
        self.controls = [control(n, s, arguments[n].default) for n, s in specs.items() if n not in fixed]
        self.spare = None

    def count_panels(self, arguments, specs):
        """How many Axes the view takes: its leading arguments that nothing else gives a value."""
        still = [
            name for name, a in arguments.items()
            if name not in specs and a.default is NO_DEFAULT and a.kind not in (a.VAR_POSITIONAL, a.VAR_KEYWORD)
        ]
        leading = list(arguments)[: len(still)]
        if not still:
            raise ValueError(f"explore: {self.name} must take its Axes first: def {self.name}(ax, ...)")
        if leading != still:
            raise ValueError(
                f"explore: {self.name} gets no value for {', '.join(n for n in still if n not in leading)}: "
                "the Axes come first, and every other argument needs a default or a control"
            )
        return len(still)

    def draw(self, values, dpi):
        """The pictures at `values`, one for each panel.                  # (height, width, 3) each"""
        axes, self.spare = self.spare or self.blank(), None
        with matplotlib.rc_context(style.RC):
            self.function(*axes, **self.fixed, **values)
        return [pixels(ax, dpi) for ax in axes]

    def blank(self):
        return [new_axes(self.size) for _ in range(self.panels)]

    def prepare(self):
        """Make the axes of the next draw in advance: a third of the time of a frame, spent while nobody waits."""
        self.spare = self.blank()

    def values(self):
        return {c.name: c.value for c in self.controls}


@contextmanager
def interruptible():
    """Let the reader's interrupt stop the code inside: between two cells a kernel ignores it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Live:
    """The first life: ipywidgets that redraw the pictures when a control moves."""

    def __init__(self, view, alt):
        self.view, self.alt, self.timer, self.frames = view, alt, None, {}
        self.images = [widgets.Image(format="png") for _ in range(view.panels)]
        self.message = widgets.HTML()           # the state in words for screen readers, or what went wrong for all
        for image in self.images:
            image.layout.max_width = "100%"
        self.box = widgets.VBox([self.row(self.images), self.row(self.movers()), self.message])
        for c in view.controls:
            c.widget.observe(self.moved, "value")
        self.shown = self.stand()
        self.show(self.frame(self.values()))
        self.message.value = self.in_words()
        view.prepare()

    def values(self):
        """What the view is to draw now."""
        return self.view.values()

    @staticmethod
    def row(children):
        return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", align_items="center"))

    def movers(self):
        """The widgets of all controls, and a way back."""
        row = []
        for c in self.view.controls:
            row.append(widgets.HBox([self.player(c.widget), c.widget]) if c.kind == "play" else c.widget)
        reset = widgets.Button(description="reset", icon="undo", layout=widgets.Layout(width="auto"))
        reset.on_click(self.reset)
        return [*row, reset]

    @staticmethod
    def player(slider):
        """A play button that moves a slider without asking the kernel."""
        button = widgets.Play(
            value=slider.value, min=slider.min, max=slider.max, step=slider.step, interval=bake.INTERVAL
        )
        widgets.jslink((button, "value"), (slider, "value"))
        return button

    def reset(self, _):
        for c in self.view.controls:
            c.reset()

    def moved(self, _):
        """Draw once no other move arrives: of many in a row only the last is drawn, so dragging never queues."""
        self.later(PAUSE, self.redraw)

    def later(self, seconds, act):
        """Do this next, in place of what was to be done next; at once in a plain Python session, which has no loop."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            act()
            return
        if self.timer:
            self.timer.cancel()
        self.timer = loop.call_later(seconds, act)

    def redraw(self):
        before, self.shown = self.shown, self.stand()
        try:
            with interruptible():
                self.show(self.frame(self.values()))
            self.message.value = self.in_words()
        except (Exception, KeyboardInterrupt) as error:
            told = bake.failure(self.view.name, self.values(), error)
            self.message.value = f'<span role="alert">✗ {html.escape(told)}</span>'
        if self.timer:
            self.later(REST, partial(self.draw_ahead, before))

    def draw_ahead(self, before):
        """Draw what one more move of the same kind would show, so that it is there when the reader makes it."""
        moved = [(c, c.position - old) for c, old in zip(self.view.controls, before, strict=True) if c.position != old]
        if len(moved) == 1 and self.took < LIGHT:
            c, step = moved[0]
            if 0 <= c.position + step < len(c.values):
                with suppress(Exception, KeyboardInterrupt), interruptible():       # told when the reader gets there
                    self.frame(self.values() | {c.name: c.values[c.position + step]})
        self.later(0, self.view.prepare)

    def stand(self):
        """The positions of all controls."""
        return [c.position for c in self.view.controls]

    def frame(self, values):
        """The pictures at these values as PNG files, drawn or remembered."""
        key = self.key(values)
        if key not in self.frames:
            if len(self.frames) >= KEPT:
                self.frames.pop(next(iter(self.frames)))
            start = time.perf_counter()
            self.frames[key] = [png(image, 64) for image in self.view.draw(values, SCREEN)]
            self.took = time.perf_counter() - start
        return self.frames[key]

    def key(self, values):
        """What tells one frame from another."""
        return tuple(c.key(values[c.name]) for c in self.view.controls)

    def state(self):
        return ", ".join(f"{c.label} = {c.now}" for c in self.view.controls)

    def in_words(self):
        """What there is to see at the current values: an image widget has no `alt`, so this is there unseen."""
        told = html.escape(f"{self.alt}. {self.state()}")
        return f'<span style="position:absolute; clip-path:inset(50%)">{told}</span>'

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
    Raises ValueError where a control does not fit, TypeError where `view` is no function, and whatever the view
    raises at its initial values.
    """
    check_alt("explore", alt)
    present(View(view, size, controls), alt, Live)


def present(view, alt, life):
    """Display a View: baked, or with `life(view, alt)` as its widgets, and as a picture for whoever has neither."""
    data, metadata = bundle(view.draw(view.values(), PRINT), describe(view, alt), alt)
    if baking():
        data["text/html"] = bake.player() + bake.bake(view.name, alt, view.controls, view.draw)
    else:
        box = life(view, alt).box
        data["application/vnd.jupyter.widget-view+json"] = {
            "version_major": 2, "version_minor": 0, "model_id": box.model_id,
        }
    display(data, metadata=metadata, raw=True)
