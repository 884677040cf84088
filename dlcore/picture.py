"""Still pictures: a figure in the course's look, shown with a text for those who cannot see it."""

import base64
import html
import io
import os
from contextlib import contextmanager

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from .plots import style

SIZE = {1: (5.0, 3.5), 2: (3.4, 3.0), 3: (3.4, 3.0)}    # inches of one panel, by their number: two fill a page
SCREEN, PRINT = 100, 150                                # dots per inch: while dragging, and for keeping
TICKS = 7                                               # ticks that an axis has at most, usually
LEFT, RIGHT, BOTTOM, TOP = 0.78, 0.14, 0.62, 0.36      # inches around the axes


def baking():
    """True while the book is being built: outputs then carry everything that they need without a kernel."""
    return os.environ.get("DLCORE_BAKE") == "1"


def new_axes(size):
    """An empty Axes on a figure of its own, `size` inches wide and high, in the course's look.

    Margins, title and labels have fixed places: nothing jumps while a slider moves, and a frame takes half the time
    that it takes matplotlib to find places for them.
    """
    width, height = size
    with matplotlib.rc_context(style.RC):
        figure = Figure(figsize=size)
        FigureCanvasAgg(figure)
        inner_width, inner_height = width - LEFT - RIGHT, height - BOTTOM - TOP
        ax = figure.add_axes((LEFT / width, BOTTOM / height, inner_width / width, inner_height / height))
        ax.set_title("")
        ax.xaxis.set_label_coords(0.5, -0.3 / inner_height)
        ax.yaxis.set_label_coords(-0.57 / inner_width, 0.5)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            axis.get_major_ticks(TICKS)         # made here, where an explorable can do it before they are needed
        return ax


def pixels(ax, dpi):
    """The figure of `ax` as an array of colours.                        # (height, width, 3) uint8"""
    with matplotlib.rc_context(style.RC):
        ax.figure.set_dpi(dpi)
        ax.figure.canvas.draw()
        return np.asarray(ax.figure.canvas.buffer_rgba())[..., :3].copy()


def in_palette(image, colours):
    """An array of colours as a Pillow image with at most `colours` of them; paper stays pure white."""
    small = Image.fromarray(image).quantize(colours, Image.Quantize.FASTOCTREE, dither=0)
    small.putpalette([255 if n >= 250 else n for n in small.getpalette()])
    return small


def png(image, colours=128):
    """An array of colours as a PNG with a palette: a third of the size of a full one, in a quarter of the time."""
    file = io.BytesIO()
    in_palette(image, colours).save(file, "PNG", compress_level=4)
    return file.getvalue()


def webp(image):
    """An array of colours, with transparency or without, as a lossless WebP: half the size of a PNG."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "WEBP", lossless=True, method=4, quality=50)
    return file.getvalue()


def text_of(data):
    """Bytes as base64 text, the form in which notebooks and pages carry pictures."""
    return base64.b64encode(data).decode("ascii")


def bundle(images, text, alt):
    """What a notebook stores of pictures side by side: one PNG with its `alt`, and a stable text."""
    joined = np.concatenate(images, axis=1)
    height, width = (round(n * SCREEN / PRINT) for n in joined.shape[:2])
    data = {"image/png": text_of(png(joined)), "text/plain": text}
    return data, {"image/png": {"alt": alt, "width": width, "height": height}}


def panel(image, alt, dpi=PRINT):
    """One picture of a page: an `<img>` at its size on the screen that shrinks with the page."""
    height, width = (round(n * SCREEN / dpi) for n in image.shape[:2])
    src = f"data:image/webp;base64,{text_of(webp(image))}"
    return f'<img src="{src}" alt="{html.escape(alt)}" width="{width}" height="{height}">'


def check_alt(caller, alt):
    """Raise ValueError where `alt` says nothing."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"{caller}: alt={alt!r} is no text: say in a sentence what there is to see")


def panel_size(caller, panels, size):
    """Width and height of one panel in inches; ValueError where `panels` or `size` cannot be used."""
    if panels not in SIZE:
        raise ValueError(f"{caller}: {panels} panels do not fit on a page: show one to {max(SIZE)}")
    size = size or SIZE[panels]
    if np.shape(size) != (2,) or not all(1 < n < 20 for n in size):
        raise ValueError(f"{caller}: size={size!r} must be width and height of a panel in inches, as {SIZE[panels]}")
    return size


@contextmanager
def picture(alt, panels=1, size=None):
    """Draw a still picture: `with picture("what there is to see") as ax: ax.plot(...)`.

    `alt` says in one sentence what the picture shows. With `panels` above one, a list of Axes comes back,
    each a picture of its own, side by side where the page is wide enough. `size` is the width and height of
    one panel in inches. Raises ValueError where one of them cannot be used.
    """
    check_alt("picture", alt)
    size = panel_size("picture", panels, size)
    axes = [new_axes(size) for _ in range(panels)]
    with matplotlib.rc_context(style.RC):
        yield axes[0] if panels == 1 else axes
    images = [pixels(ax, PRINT) for ax in axes]
    data, metadata = bundle(images, f"[picture] {alt}", alt)
    if baking():
        first, *others = images
        shown = panel(first, alt) + "".join(panel(image, "") for image in others)
        data["text/html"] = f'<div class="dlcore-panels">{shown}</div>'
    display(data, metadata=metadata, raw=True)
