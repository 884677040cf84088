"""What a reader sees while the computer works: a loss curve that grows, and a bar.

When the work is done, the bar is gone, and of the curve its last picture stays.

    fit(..., on_epoch=learning_curve("Loss of the small network while it learns"))
    for seed in progress(range(5), "seeds"): ...
"""

import html
import time

import ipywidgets as widgets
import matplotlib
from IPython import get_ipython
from IPython.display import display, update_display

from .interrupt import whole
from .picture import PRINT, SCREEN, baking, bundle, check_alt, new_axes, panel_size, picture, pixels, png
from .plots import style
from .plots.train import learning_curves

__all__ = ["learning_curve", "progress"]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
REST = 0.25         # seconds of work at least between two live pictures
SHARE = 25          # and at least this many times what one takes: drawing costs 4 % at most
QUIET = 0.1         # seconds between two moves of a bar


def learning_curve(alt, size=None):
    """A function for fit's on_epoch: a picture of the loss that grows, and that stays when fit ends.

    `alt` says in one sentence what there is to see; `size` is the width and height of the picture in inches.
    Raises ValueError where one of them cannot be used.
    """
    check_alt("learning_curve", alt)
    return LearningCurve(alt, panel_size("learning_curve", 1, size))


def progress(iterable, what):
    """Loop over `iterable` under a bar that says "3 of 5 seeds", where `what` is "seeds"; it goes when the loop ends.

    Nothing is shown where there is no kernel, or where the length is unknown.
    Raises TypeError where there is nothing to loop over.
    """
    try:
        items = iter(iterable)
    except TypeError:
        raise TypeError(f"progress: cannot loop over {iterable!r}: give a list or a range, as range(5)") from None
    return under_a_bar(items, len(iterable), what) if in_kernel() and hasattr(iterable, "__len__") else items


def under_a_bar(items, total, what):
    """The items one by one, with a bar from before the first until the loop is left, in whatever way."""
    moved = 0.0
    bar = widgets.IntProgress(max=total, style={"description_width": "initial"})
    shown = show(bar)
    try:
        for done, item in enumerate(items):
            if time.perf_counter() - moved > QUIET:
                bar.value, bar.description = done, f"{done} of {total} {what}"
                moved = time.perf_counter()
            yield item
    finally:
        replace(shown, {}, {})
        close(bar)


class LearningCurve:
    """A live picture while fit runs; a still one, as `picture` shows it, when it ends."""

    def __init__(self, alt, size):
        self.alt, self.size = alt, size
        self.history = self.box = None

    def __call__(self, history):
        if history is not self.history:         # the first epoch of a fit
            self.history = history
            history.at_end.append(self.end)
            if in_kernel():
                self.begin()
        if self.box and time.thread_time() >= self.due:
            self.draw()

    def begin(self):
        self.image, self.message = widgets.Image(format="png"), widgets.HTML()
        self.image.layout.max_width = "100%"
        self.box = widgets.VBox([self.image, self.message], layout=widgets.Layout(align_items="flex-start"))
        self.due = 0.0
        self.shown = show(self.box, self.text)

    def draw(self):
        start = time.thread_time()              # work, not time: other programs on the machine count for nothing
        self.image.value = png(self.pixels(SCREEN), 64)
        # An image widget has no `alt`: the words are there for screen readers, unseen.
        unseen = f'<span style="position:absolute; clip-path:inset(50%)">{html.escape(self.alt)}. </span>'
        self.message.value = unseen + in_words(self.history)
        now = time.thread_time()
        self.due = now + max(REST, SHARE * (now - start))

    def pixels(self, dpi):
        ax = new_axes(self.size)
        with matplotlib.rc_context(style.RC):
            learning_curves(ax, self.history)
        return pixels(ax, dpi)

    def end(self):
        """The still picture, in place of the live one where there is one."""
        with whole():
            if self.box is None:
                with picture(self.alt, size=self.size) as ax:
                    learning_curves(ax, self.history)
                return
            box, self.box = self.box, None
            try:
                replace(self.shown, *bundle([self.pixels(PRINT)], self.text, self.alt))
            finally:
                close(box)

    @property
    def text(self):
        return f"[picture] {self.alt}"


def in_words(history):
    """The last epoch in one line."""
    told = [f"epoch {len(history)} of {history.epochs}", f"loss {history.train_loss[-1]:.3g}"]
    if history.validation_loss:
        told.append(f"validation {history.validation_loss[-1]:.3g}")
    if history.validation_accuracy:
        told.append(f"accuracy {history.validation_accuracy[-1]:.3f}")
    return " · ".join(told)


def in_kernel():
    """True where widgets may be seen: in a notebook's kernel, but not while the book is built."""
    return hasattr(get_ipython(), "kernel") and not baking()


def show(widget, text=None):
    """Display a widget, with a text for where none can be seen; returns a handle for `replace`."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    data = {WIDGET_VIEW: view} if text is None else {WIDGET_VIEW: view, "text/plain": text}
    return display(data, raw=True, display_id=True)


def replace(shown, data, metadata):
    """Put a still output in the place of a widget."""
    update_display(data, metadata=metadata, raw=True, display_id=shown.display_id)


def close(widget):
    """Close a widget with its children and all that belongs to them."""
    for part in (*getattr(widget, "children", ()), widget):
        for owned in (part.layout, getattr(part, "style", None)):
            if owned is not None:
                owned.close()
        part.close()
