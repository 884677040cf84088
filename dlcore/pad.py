"""A pad to draw a digit on, beside what a network makes of it; in the book a few drawings stand in for the pen."""

from functools import partial, wraps
from itertools import pairwise
from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
from PIL import Image
from traitlets import CBytes

from .explore import Live, View, present
from .picture import check_alt

SIDE = 28           # pixels, as in MNIST
BOX = 20            # pixels that the longer side of a centred digit takes
PEN, SOFT = 0.8, 0.9    # pixels, as in pad.js: full ink up to PEN from the line, none from PEN + SOFT on


class Pad(anywidget.AnyWidget):
    """The pad itself, in the browser: `pixels` holds a byte of ink for each square, row by row."""

    _esm = Path(__file__).parent / "pad.js"
    pixels = CBytes(bytes(SIDE * SIDE)).tag(sync=True)

    def put(self, drawing):
        """Show a drawing (28, 28) on the pad, as if it had been drawn there: it can be undone and drawn over."""
        self.pixels = (np.clip(drawing, 0, 1) * 255).astype(np.uint8).tobytes()
        self.send("put")


class LivePad(Live):
    """An explorable whose view follows the pad; its menu puts a prepared drawing on it."""

    def __init__(self, view, alt, drawings):
        self.drawings, self.menu = drawings, view.controls[0]
        self.pad = Pad()
        self.pad.put(drawings[self.menu.value])
        super().__init__(view, alt)
        self.box.children = (self.row([widgets.Box([self.pad]), self.box.children[0]]), *self.box.children[1:])
        self.pad.observe(self.moved, "pixels")

    def values(self):
        return {self.menu.name: Sketch(self.pad.pixels)}

    def key(self, values):
        return values[self.menu.name]

    def moved(self, change):
        """The pen moved, or another drawing was chosen."""
        if change.owner is self.menu.widget:
            self.pad.put(self.drawings[self.menu.value])
        super().moved(change)

    def reset(self, _):
        """Put the chosen drawing back on the pad."""
        self.pad.put(self.drawings[self.menu.value])

    def state(self):
        return f"{self.menu.label} = {self.values()[self.menu.name]}"


class Sketch(bytes):
    """The pixels of a pad, which an error names in words."""

    def __str__(self):
        return "what is on the pad"

    def array(self):
        """The ink as numbers from 0 to 1.                                # (28, 28)"""
        return np.frombuffer(self, np.uint8).reshape(SIDE, SIDE).astype(np.float32) / 255


def pad(view, *, drawings, alt, size=None):
    """Show a pad, and beside it what `view(ax, ..., drawing)` draws of it: drawing is (28, 28), ink from 0 to 1.

    `drawings` names a few to begin with, {label: (28, 28)}; in the book the reader chooses among them.
    Raises ValueError where a drawing has another shape, and what `explore` raises.
    """
    check_alt("pad", alt)
    for label, drawing in drawings.items():
        if np.shape(drawing) != (SIDE, SIDE):
            raise ValueError(f"pad: the drawing {label!r} must be ({SIDE}, {SIDE}), got {np.shape(drawing)}")

    @wraps(view)
    def shown(*axes, drawing):
        view(*axes, drawing=drawing.array() if isinstance(drawing, Sketch) else drawings[drawing])

    present(View(shown, size, {"drawing": list(drawings)}), alt, partial(LivePad, drawings=drawings))


def drawn(*lines):
    """What the pad's pen leaves on it along lines through points (x, y): (28, 28), ink from 0 to 1.

    >>> drawn([(4, 14), (24, 14)])[11:17, 14].astype(float).round(2)
    array([0.  , 0.22, 1.  , 1.  , 0.22, 0.  ])
    """
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    ink = np.zeros((SIDE, SIDE), np.float32)
    for line in lines:
        for (ax, ay), (bx, by) in pairwise(line):
            along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
            along = np.clip(along, 0, 1)
            away = np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))
            ink = np.maximum(ink, np.clip((PEN + SOFT - away) / SOFT, 0, 1))
    return ink.astype(np.float32)


def centred(drawing):
    """A drawing (28, 28) as MNIST's digits are: 20 pixels long, its centre of mass at row and column 14.

    Without ink it stays empty.
    Paper: LeCun et al. 1998, Gradient-Based Learning Applied to Document Recognition, doi:10.1109/5.726791.
    """
    rows, columns = (np.flatnonzero((drawing > 0).any(axis)) for axis in (1, 0))
    if not rows.size:
        return np.zeros((SIDE, SIDE), np.float32)
    part = drawing[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    height, width = (max(1, round(n * BOX / max(part.shape))) for n in part.shape)
    part = np.asarray(Image.fromarray(part).resize((width, height), Image.Resampling.BILINEAR))
    down, right = (round(SIDE / 2 - middle) for middle in centre_of_mass(part))
    top, left = (min(max(n, 0), SIDE - m) for n, m in zip((down, right), part.shape, strict=True))
    image = np.zeros((SIDE, SIDE), np.float32)
    image[top:top + height, left:left + width] = part
    return image


def centre_of_mass(image):
    """The mean row and column of the ink."""
    ink = image.sum()
    return [(np.arange(n) * image.sum(1 - axis)).sum() / ink for axis, n in enumerate(image.shape)]
