"""Still pictures: what the notebook stores of them."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from dlcore import picture as room
from dlcore.picture import picture, pixels, png, webp
from dlcore.plots import style
from dlcore.plots.labels import GAP, apart


def draw(alt="A rising line", **settings):
    with picture(alt, **settings) as axes:
        for i, ax in enumerate(axes if isinstance(axes, list) else [axes]):
            ax.plot([0, 1], [0, 1 + i])


def in_pixels(size, dpi):
    width, height = (round(n * dpi) for n in size)
    return {"width": width, "height": height}


def stored(data):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB"))


def test_the_cell_stores_a_picture_with_its_alt_and_a_stable_text(shown):
    draw()
    draw()
    (data, metadata), again = shown
    assert set(data) == {"image/png", "text/plain"} and (data, metadata) == again
    assert data["text/plain"] == "[picture] A rising line"
    assert metadata == {"image/png": {"alt": "A rising line", **in_pixels(room.SIZE[1], room.SCREEN)}}
    assert stored(data).shape[::-1][1:] == tuple(in_pixels(room.SIZE[1], room.PRINT).values())
    assert len(base64.b64decode(data["image/png"])) < 20_000


def test_paper_is_pure_white_and_colours_keep_their_look(shown):
    draw()
    image = stored(shown[0][0])
    assert (image[:5] == 255).all() and (image == 255).all(axis=2).mean() > 0.8
    wanted = [int(style.DATA[i : i + 2], 16) for i in (1, 3, 5)]
    assert np.abs(image.reshape(-1, 3).astype(int) - wanted).max(axis=1).min() <= 12


def test_panels_stand_side_by_side_in_the_notebook_and_apart_in_the_book(shown, monkeypatch):
    draw(panels=2)
    data, metadata = shown[0]
    panel = in_pixels(room.SIZE[2], room.SCREEN)
    assert metadata["image/png"] == {"alt": "A rising line", **panel, "width": 2 * panel["width"]}
    assert (stored(data)[:, stored(data).shape[1] // 2 :] < 255).any(), "the second panel is drawn too"
    monkeypatch.setenv("DLCORE_BAKE", "1")
    draw('Two lines, "a" < b', panels=2)
    html = shown[1][0]["text/html"]
    assert re.findall(r'alt="([^"]*)"', html) == ["Two lines, &quot;a&quot; &lt; b", ""]
    assert html.count(f'width="{panel["width"]}" height="{panel["height"]}"') == 2
    assert set(shown[1][0]) == {"image/png", "text/plain", "text/html"} and not re.search(r'src="(?!data:)', html)


def test_size_is_in_inches(shown):
    draw(size=(3.0, 2.0))
    assert shown[0][1]["image/png"] == {"alt": "A rising line", "width": 300, "height": 200}


def test_a_picture_that_fails_shows_nothing_and_leaves_no_style_behind(shown):
    import matplotlib

    before = matplotlib.rcParams["lines.linewidth"]
    with pytest.raises(ZeroDivisionError), picture("x") as ax:
        ax.plot([1 / 0])
    assert shown == [] and matplotlib.rcParams["lines.linewidth"] == before != style.RC["lines.linewidth"]


def test_png_and_webp_keep_the_picture():
    image = np.full((20, 30, 3), 255, np.uint8)
    image[5:9] = (0, 114, 178)
    assert np.abs(np.asarray(Image.open(io.BytesIO(png(image))).convert("RGB")).astype(int) - image).max() <= 8
    assert (np.asarray(Image.open(io.BytesIO(webp(image)))) == image).all()
    clear = np.dstack([image, np.zeros((20, 30), np.uint8)])
    assert (np.asarray(Image.open(io.BytesIO(webp(clear))))[..., 3] == 0).all()


def test_more_dots_an_inch_is_the_same_picture_in_finer_pixels():
    ax = room.new_axes((2.0, 1.5))
    assert pixels(ax, 100).shape == (150, 200, 3) and pixels(ax, 150).shape == (225, 300, 3)


def test_class_colours_and_markers_are_all_different():
    assert len(set(style.CLASSES)) == len(set(style.MARKERS)) == len(style.CLASSES) == 10


@pytest.mark.parametrize("heights", [
    [], [0.5], [0.5, 0.5], [0.0, 0.0, 0.0], [1.0, 1.0], [-3.0, 0.4, 0.41, 9.0], [0.1, 0.14, 0.18, 0.5, 0.97],
])
def test_labels_come_apart_stay_in_the_axes_and_move_no_more_than_they_must(heights):
    placed = apart(heights)
    edges = np.concatenate([[-GAP / 2], placed, [1 + GAP / 2]])
    assert (np.diff(edges) >= GAP - 1e-12).all()
    assert np.allclose(apart(placed), placed), "those that are apart stay"
    if len(heights) == 2 and heights[0] == 0.5:
        assert np.allclose(placed, [0.5 - GAP / 2, 0.5 + GAP / 2]), "both move by as much"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"alt": ""}, "picture: alt='' is no text: say in a sentence what there is to see"),
        ({"alt": None}, "picture: alt=None is no text"),
        ({"alt": "x", "panels": 4}, "picture: 4 panels do not fit on a page: show one to 3"),
        ({"alt": "x", "panels": 0}, "picture: 0 panels do not fit on a page"),
        ({"alt": "x", "size": 4}, "picture: size=4 must be width and height of a panel in inches, as ("),
        ({"alt": "x", "size": (400, 300)}, "picture: size=(400, 300) must be width and height of a panel in inches"),
    ],
)
def test_errors(settings, sentence):
    with pytest.raises(ValueError) as error, picture(**settings):
        pass
    assert sentence in str(error.value)
