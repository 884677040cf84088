"""The pad to draw on: without a browser, through its traits. tests/browser draws on it with a mouse."""

import asyncio
import io

import numpy as np
import pytest
from PIL import Image

from dlcore import data
from dlcore import explore as room
from dlcore.pad import SIDE, LivePad, Sketch, centre_of_mass, centred, pad

SMALL = (2.0, 1.6)
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def stroke(width=3):
    """A vertical stroke somewhere on the left."""
    drawing = np.zeros((SIDE, SIDE), np.float32)
    drawing[4:16, 3:3 + width] = 1
    return drawing


DRAWINGS = {"a one": stroke(), "a bar": stroke(9)}


class Seen:
    """A view that remembers what it drew."""

    def __init__(self):
        self.ink = []

    def __call__(self, ax, drawing):
        self.ink.append(float(drawing.sum()))
        if drawing.sum() > 700:
            raise ValueError("too dark")
        ax.plot([0, drawing.sum()])


@pytest.fixture
def seen():
    return Seen()


@pytest.fixture
def live(seen):
    def shown(ax, drawing):
        seen(ax, drawing.array())

    return LivePad(room.View(shown, SMALL, {"drawing": list(DRAWINGS)}), "A stroke", DRAWINGS)


def test_the_pad_begins_with_the_first_drawing(live, seen):
    assert seen.ink == [36.0]
    assert Image.open(io.BytesIO(live.images[0].value)).size == (200, 160)
    assert "A stroke. drawing = what is on the pad" in live.message.value


def test_ink_redraws_the_picture(live, seen):
    before = live.images[0].value
    live.pad.pixels = bytes(SIDE * SIDE)
    assert live.images[0].value != before
    assert seen.ink == [36.0, 0.0]


def test_the_menu_puts_another_drawing_on_the_pad_and_reset_puts_it_back(live):
    live.menu.widget.value = "a bar"
    assert Sketch(live.pad.pixels).array().sum() == 108
    live.pad.pixels = bytes(SIDE * SIDE)
    live.reset(None)
    assert Sketch(live.pad.pixels).array().sum() == 108


def test_a_failing_view_is_told_and_the_next_stroke_clears_it(live):
    live.pad.pixels = bytes([255]) * (SIDE * SIDE)
    assert "✗ shown fails at drawing = what is on the pad: ValueError: too dark" in live.message.value
    live.pad.pixels = bytes(SIDE * SIDE)
    assert "✗" not in live.message.value


def test_fast_strokes_are_drawn_once(live, seen):
    async def scribble():
        for n in range(1, 9):
            live.pad.pixels = bytes([n]) * (SIDE * SIDE)
        await asyncio.sleep(0.1)

    asyncio.run(scribble())
    assert len(seen.ink) == 2 and np.isclose(seen.ink[-1], 8 / 255 * SIDE * SIDE)


def test_a_notebook_stores_a_picture_and_words(seen, shown):
    def view(ax, drawing):
        seen(ax, drawing)

    pad(view, drawings=DRAWINGS, alt="A stroke and its ink", size=SMALL)
    output = shown[0][0]
    assert output["text/plain"] == "[explorable] A stroke and its ink · drawing: a one, a bar, now a one"
    assert "image/png" in output and WIDGET_VIEW in output


def test_in_the_book_the_reader_chooses_a_drawing(seen, shown, monkeypatch):
    monkeypatch.setenv("DLCORE_BAKE", "1")

    def view(ax, drawing):
        seen(ax, drawing)

    pad(view, drawings=DRAWINGS, alt="A stroke and its ink", size=SMALL)
    assert ">a bar</option>" in shown[0][0]["text/html"]
    assert {36.0, 108.0} == set(seen.ink)


def test_a_drawing_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"^pad: the drawing 'a row' must be \(28, 28\), got \(784,\)$"):
        pad(lambda ax, drawing: None, drawings={"a row": np.zeros(784)}, alt="A row")


def test_centred_is_what_mnist_is():
    digits = data.mnist().x[:50].reshape(-1, SIDE, SIDE).astype(np.float32)
    for digit in digits:
        top, left = (np.flatnonzero(digit.any(axis))[0] for axis in (1, 0))
        corner = np.roll(digit, (-top, -left), (0, 1))
        assert np.array_equal(centred(corner), digit), "moved away, and back"
        small = np.zeros((SIDE, SIDE), np.float32)
        small[:SIDE // 2, :SIDE // 2] = digit[::2, ::2]
        middle = centred(small)
        assert max(np.ptp(np.flatnonzero(middle.any(axis))) for axis in (0, 1)) == 19
        assert np.abs(np.array(centre_of_mass(middle)) - 14).max() <= 0.51


def test_nothing_drawn_stays_nothing():
    assert not centred(np.zeros((SIDE, SIDE), np.float32)).any()
