"""The second life of an explorable: drawn in advance, exact, small, safe, and the same on every run."""

import base64
import io
import json
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dlcore import bake, explore
from dlcore.bake import MOST_STOPS, choose_stops, layers, spread
from dlcore.control import control, play

SMALL = (2.0, 1.6)


@pytest.fixture
def baked(monkeypatch):
    """Bake an explorable and return what its cell stores."""
    monkeypatch.setenv("DLCORE_BAKE", "1")
    calls = []
    monkeypatch.setattr(explore, "display", lambda data, metadata, raw: calls.append(data))

    def run(view, alt="A line", size=SMALL, **controls):
        explore.explore(view, alt=alt, size=size, **controls)
        return calls[-1]

    return run


def line(ax, w=1.0, b=0.0, kind="line"):
    ax.plot([0, 1], [b, w + b], "-" if kind == "line" else "o")
    ax.set(xlim=(0, 1), ylim=(-6, 6))


def data_of(html):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.S).group(1))


# ---- stops ----

@pytest.mark.parametrize("count", [2, 3, 7, 61, 500])
@pytest.mark.parametrize("most", [3, 5, 31])
def test_stops_hold_both_ends_and_the_start_and_are_not_too_many(count, most):
    for start in range(count):
        stops = spread(count, most, start)
        assert {0, start, count - 1} <= set(stops) and len(stops) <= most and stops == sorted(stops)


@pytest.mark.parametrize(
    "specs",
    [
        {"a": (0, 1000)},
        {"a": (0.0, 1.0), "b": (0.0, 1.0)},
        {"a": (0.0, 1.0), "b": (0.0, 1.0), "c": (0.0, 1.0)},
        {"a": (0, 2), "b": (0, 99), "c": ["x", "y", "z"], "d": True},
        {"a": play(0, 99), "b": (0, 4)},
        {"a": list(range(150))},
        {"a": [f"{i}" for i in range(50)], "b": (0, 50)},
    ],
    ids=str,
)
def test_all_stops_together_fit_into_the_book(specs):
    controls = [control(name, spec) for name, spec in specs.items()]
    stops = choose_stops("view", controls)
    assert math.prod(map(len, stops)) <= MOST_STOPS
    for c, chosen in zip(controls, stops, strict=True):
        assert {0, c.start, len(c.values) - 1} <= set(chosen)
        if not c.is_range:
            assert chosen == list(range(len(c.values))), "choices are kept whole"


def test_the_widest_range_is_coarsened_first():
    controls = [control("a", (0, 4)), control("b", (0, 500))]
    stops = choose_stops("view", controls)
    assert len(stops[0]) == 5 and len(stops[1]) > 20


@pytest.mark.parametrize(
    ("specs", "sentence"),
    [
        ({"few": ["a", "b"], "many": list(range(100))}, "has 200 stops .* give many fewer than its 100 values"),
        ({"w": (0, 9), "many": list(range(60))}, "has 180 stops .*: give many fewer than its 60 values"),
        (dict.fromkeys("abcde", (0, 9)), "has 243 stops even with three for every range, .* or fix another control"),
    ],
)
def test_too_many_stops_name_the_control_to_coarsen(specs, sentence):
    with pytest.raises(ValueError, match=f"^explore: view {sentence}"):
        choose_stops("view", [control(name, spec) for name, spec in specs.items()])


# ---- pictures ----

def test_common_and_difference_give_back_every_frame_exactly():
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (12, 3), np.uint8)
    frames = [colours[rng.integers(0, 12, (9, 11))] for _ in range(7)]
    common, differences = layers(frames)
    for frame, over in zip(frames, differences, strict=True):
        shown = np.where(over[..., 3:] == 255, over[..., :3], common)
        assert np.abs(shown.astype(int) - frame).max() <= 8, "the palette moves a colour by a few steps at most"
        assert set(np.unique(over[..., 3])) <= {0, 255}


def test_the_page_shows_every_stop_as_it_was_drawn(baked):
    html = baked(line, w=(-2, 2, 1), kind=["line", "dots"])["text/html"]
    data = data_of(html)
    panel = data["panels"][0]
    assert [len(c["texts"]) for c in data["controls"]] == [5, 2] and len(panel["index"]) == 10
    first = re.search(r'<span class="dlcore-panel"><img src="data:image/webp;base64,([^"]+)"', html).group(1)

    def pixels(text, mode):
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert(mode))

    common = pixels(first, "RGB")
    view = explore.View(line, SMALL, {"w": (-2, 2, 1), "kind": ["line", "dots"]})
    frame = 0
    for w in (-2.0, -1.0, 0.0, 1.0, 2.0):
        for kind in ("line", "dots"):
            over = pixels(panel["pictures"][panel["index"][frame]], "RGBA")
            shown = np.where(over[..., 3:] == 255, over[..., :3], common)
            (drawn,) = view.draw({"w": w, "kind": kind}, bake.PRINT)
            assert np.abs(shown.astype(int) - drawn).mean() < 1.5, f"frame {frame} is another picture"
            frame += 1
    assert len({panel["index"][i] for i in range(10)}) == 10


def test_equal_pictures_are_kept_once(baked):
    panel = data_of(baked(lambda ax, w=0: ax.plot([abs(w)], "o"), w=(-3, 3, 1))["text/html"])["panels"][0]
    assert len(panel["index"]) == 7 and len(panel["pictures"]) == 4


def test_a_line_plot_with_two_sliders_is_small(baked):
    html = baked(line, size=None, w=(-3, 3), b=(-3, 3))["text/html"]
    assert len(data_of(html)["panels"][0]["index"]) > 100
    assert len(html.encode()) < 400_000


def test_a_page_that_is_too_large_is_an_error(monkeypatch):
    monkeypatch.setattr(bake, "SMALL", 5_000)
    monkeypatch.setattr(bake, "LARGE", 10_000)
    rng = np.random.default_rng(0)

    def noise(values, dpi):
        return [rng.integers(0, 256, (40, 40, 3), np.uint8)]

    sentence = r"^explore: noise takes \d+ KB in the book, at most 10: give w fewer values, or draw less$"
    with pytest.raises(ValueError, match=sentence):
        bake.bake("noise", "Noise", [control("w", (0, 9))], noise)


def test_a_large_page_falls_back_to_fewer_pixels(monkeypatch):
    asked = []

    def draw(values, dpi):
        asked.append(dpi)
        return [np.full((dpi, dpi, 3), values["w"], np.uint8)]

    monkeypatch.setattr(bake, "SMALL", 10)
    bake.bake("flat", "Flat", [control("w", (0, 2))], draw)
    assert asked == [bake.PRINT] * 3 + [bake.SCREEN] * 3


# ---- the page ----

def test_a_view_that_fails_at_a_stop_fails_the_book_with_its_values(baked):
    def view(ax, w=1.0, kind="a"):
        if w == 0 and kind == "b":
            raise ZeroDivisionError("no way\non")

    with pytest.raises(RuntimeError, match=r"^explore: view fails at w = 0.0, kind = b: ZeroDivisionError: no way on$"):
        baked(view, w=(-1, 1, 0.5), kind=["a", "b"])


def test_text_cannot_end_the_script_or_the_attribute(baked):
    evil = '</script><b>"&'
    html = baked(line, alt=evil, kind={evil: "line"})["text/html"]
    assert evil not in html and html.count("</script>") == 3
    assert data_of(html)["alt"] == evil and data_of(html)["controls"][0]["texts"] == [evil]


def test_the_page_asks_no_other_host_and_has_native_controls(baked):
    def view(ax, w=0.0, kind="a", on=True, step=0):
        ax.plot([w, step])

    html = baked(view, w=(0, 1, 0.5), kind=["a", "b"], on=True, step=play(0, 2))["text/html"]
    assert not re.search(r"https?:|url\(|@import|<link|(src|href)=\"(?!data:)", html)
    for tag in ('type="range"', "<select", 'type="checkbox"', "data-play=", "data-reset", 'aria-label="A line"'):
        assert tag in html
    assert data_of(html)["controls"][3] == {"name": "step", "texts": ["0", "1", "2"], "start": 0}


def test_baking_stores_html_picture_and_text_and_no_widget_twice_the_same(baked):
    one, two = (baked(line, w=(-1, 1, 0.5)) for _ in range(2))
    assert set(one) == {"text/html", "image/png", "text/plain"}
    assert one == two


def test_a_failure_is_told_in_one_line():
    assert bake.failure("v", {"w": 1, "k": "a"}, ValueError("x\n  y")) == "v fails at w = 1, k = a: ValueError: x y"


def test_any_object_with_the_fields_of_a_control_can_be_baked():
    c = SimpleNamespace(name="w", label="w", kind="range", is_range=True, values=[0, 1], texts=["0", "1"], start=1)
    html = bake.bake("v", "Two", [c], lambda values, dpi: [np.full((4, 4, 3), 255 * values["w"], np.uint8)])
    assert data_of(html)["controls"] == [{"name": "w", "texts": ["0", "1"], "start": 1}]
