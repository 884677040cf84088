"""Controls: every abbreviation becomes a widget with its values, every slip one clear sentence."""

import ipywidgets as widgets
import numpy as np
import pytest

from dlcore.control import control, places, play, steps
from dlcore.explore import View


def test_a_whole_range_is_a_slider_of_integers():
    c = control("n_units", (1, 10))
    assert isinstance(c.widget, widgets.IntSlider) and c.kind == "range" and c.label == "n units"
    assert c.values == list(range(1, 11)) and all(type(v) is int for v in c.values)
    assert c.texts[0] == "1" and c.values[c.start] == c.widget.value == 6


@pytest.mark.parametrize(
    ("spec", "initial", "step", "text"),
    [
        ((-3, 3), 1.0, 0.1, "−3.0"),
        ((-3, 3), 0.25, 0.05, "−3.00"),                    # 0.1 would miss the initial value
        ((0.05, 1.0), 0.5, 0.01, "0.05"),
        ((0.0, 1e-3), 2e-4, 2e-5, "0.00000"),
        ((0, 5000), 1000.0, 100.0, "0"),
        ((np.float64(-1), np.float32(1), 0.5), np.float64(0.5), 0.5, "−1.0"),
    ],
)
def test_a_range_gets_a_round_step_that_meets_its_initial_value(spec, initial, step, text):
    c = control("w", spec, initial)
    assert c.widget.step == pytest.approx(step) and c.texts[0] == text
    assert c.widget.value == pytest.approx(initial) and c.values[c.start] == c.widget.value
    assert c.values[0] == pytest.approx(spec[0]) and c.values[-1] == pytest.approx(spec[1])
    assert len(c.texts) == len(set(c.texts)) == len(c.values)


def test_values_have_no_rounding_noise_and_always_reach_the_end():
    assert control("w", (0, 1, 0.1), 0.3).values == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert control("n", (0, 10, 4), 4).values == [0, 4, 8, 10]
    assert [float(v) for v in steps(-0.3, 0.3, 0.2)] == [-0.3, -0.1, 0.1, 0.3]
    assert places(1, 0.25, 100) == 2


def test_a_range_starts_in_the_middle_where_the_view_has_no_default():
    assert control("w", (0.0, 1.0)).widget.value == 0.5
    assert control("n", (0, 10, 4)).widget.value in (4, 8)


def test_play_counts_in_whole_steps_from_its_first():
    c = control("step", play(2, 9, 3))
    assert c.kind == "play" and c.is_range and c.values == [2, 5, 8, 9] and c.start == 0
    assert control("step", play(0, 5), 3).start == 3


def test_a_list_a_dict_and_a_switch():
    c = control("kind", ["tanh", "relu"], "relu")
    assert (c.kind, c.values, c.texts, c.start) == ("choice", ["tanh", "relu"], ["tanh", "relu"], 1)
    c = control("f", {"small": 1, "large": 100})
    assert (c.values, c.texts, c.start) == ([1, 100], ["small", "large"], 0)
    c = control("hidden", [[4], [8, 8]], [8, 8])
    assert c.start == c.position == 1 and c.value == c.widget.value == [8, 8]
    c = control("lines", True, False)
    assert (c.kind, c.values, c.texts, c.start) == ("bool", [False, True], ["no", "yes"], 0)
    assert control("lines", True).start == 1


def test_a_function_among_the_choices_is_called_by_its_name():
    def steep(x):
        return 9 * x

    assert control("f", [np.tanh, steep]).texts == ["tanh", "steep"]


@pytest.mark.parametrize(
    ("widget", "kind", "start"),
    [
        (widgets.FloatLogSlider(value=0.01, min=-4, max=0, step=0.5), "range", 4),
        (widgets.FloatSlider(value=0.5, min=0, max=1, step=0.25), "range", 2),
        (widgets.BoundedIntText(value=3, min=0, max=9), "range", 3),
        (widgets.SelectionSlider(options=["a", "b"], value="b"), "choice", 1),
        (widgets.RadioButtons(options={"one": 1, "two": 2}), "choice", 0),
        (widgets.ToggleButtons(options=[("one", 1), ("two", 2)]), "choice", 0),
        (widgets.ToggleButton(value=True), "bool", 1),
    ],
    ids=lambda p: type(p).__name__ if isinstance(p, widgets.Widget) else None,
)
def test_a_widget_of_ones_own(widget, kind, start):
    c = control("mine", widget, 7.5)
    assert (c.kind, c.start, c.label) == (kind, start, "mine") and c.values[start] == widget.value


def test_a_logarithmic_slider_shows_its_value_and_not_its_exponent():
    c = control("lr", widgets.FloatLogSlider(value=0.1, min=-4, max=0, step=1))
    assert c.texts == ["0.0001", "0.001", "0.01", "0.1", "1"] and c.values == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1])


def test_reset_goes_back_to_the_initial_value():
    for c in (control("w", (0, 9), 4), control("k", ["a", "b"], "b"), control("on", True, False)):
        c.widget.value = c.values[-1 - c.start] if c.kind == "choice" else c.values[-1]
        c.reset()
        assert c.widget.value == c.values[c.start]


def test_the_current_value_in_words():
    f = control("f", {"steep": np.square, "flat": np.sqrt}, np.sqrt)
    w, on, step = control("w", (-1, 1, 0.1), 0.5), control("on", True), control("step", play(0, 4))
    w.widget.value, on.widget.value = -0.30000000000000004, False
    assert [c.now for c in (f, w, on, step)] == ["flat", "−0.3", "no", "0"]


def view(ax, w=1.0, kind="a", n=3, on=True, text="x"):
    pass


BAD = [
    ({"w": (3, -3)}, "w=(3, -3) runs the wrong way round: write (-3, 3)"),
    ({"w": (1, 1)}, "w=(1, 1) runs the wrong way round"),
    ({"w": (2.0, 3.0)}, "w starts at 1.0, outside its range 2.0 to 3.0"),
    ({"w": (0, 2, 0)}, "has a step of 0: it must be above 0 and fit into the range"),
    ({"w": (0, 2, -0.5)}, "has a step of -0.5: it must be above 0"),
    ({"w": (0, 2, 5)}, "has a step of 5: it must be above 0 and fit into the range"),
    ({"w": (0, 2, 1e-7)}, "has more than 10000 values: give a larger step"),
    ({"w": (0, 2, 0.3)}, "starts at 1.0, which steps of 0.3 from 0.0 do not reach: start at 0.9, or give another step"),
    ({"w": ("0", "2")}, "is not a range: write (lowest, highest) or (lowest, highest, step)"),
    ({"w": (0, float("nan"))}, "w=(0, nan) is not a range"),
    ({"w": (0, float("inf"))}, "w=(0, inf) is not a range"),
    ({"w": (False, True)}, "w=(False, True) is not a range"),
    ({"w": (0,)}, "w=(0,) is not a range"),
    ({"w": (0, 1, 0.1, 5)}, "is not a range"),
    ({"w": ()}, "w=() is not a range"),
    ({"kind": (0, 2)}, "kind starts at 'a', which is not a number on its slider (0, 2)"),
    ({"kind": []}, "kind=[] is empty: give at least one choice"),
    ({"kind": {}}, "kind={} is empty"),
    ({"kind": ["b", "c"]}, "kind starts at 'a', which is not among its choices ['b', 'c']"),
    ({"kind": {"one": np.ones(2)}}, "kind holds arrays: let the reader choose a name, and look it up in the view"),
    ({"text": True}, "text starts at 'x', but a checkbox is True or False"),
    ({"text": "x"}, "text='x' is not a control: give a range (low, high), a list, a dict, True or False, play("),
    ({"w": 1.0}, "w=1.0 is not a control"),
    ({"w": None}, "w=None is not a control"),
    ({"n": play(5, 0)}, "runs the wrong way round"),
    ({"n": play(0, 10, 0)}, "has a step of 0"),
    ({"n": play(0.0, 1.0)}, "must count in whole numbers"),
    ({"n": play(5, 9)}, "n starts at 3, outside its range 5 to 9"),
    ({"w": widgets.Text()}, "w cannot be a Text: give a slider with steps, a checkbox, or a widget with options"),
    ({"w": widgets.FloatText()}, "w cannot be a FloatText"),
    ({"w": widgets.SelectMultiple(options=[1, 2])}, "w cannot be a SelectMultiple"),
    ({"w": widgets.Dropdown(options=[1, 2], value=None)}, "w cannot be a Dropdown"),
    ({"w": widgets.IntRangeSlider()}, "w cannot be a IntRangeSlider"),
    ({"z": (0, 1)}, "view has no argument 'z' to move: it takes ax, w, kind, n, on, text"),
    ({}, "nothing moves in view: name a control such as w=(-3, 3), or use picture"),
    ({"w": widgets.fixed(2.0)}, "nothing moves in view"),
]


@pytest.mark.parametrize(("specs", "sentence"), BAD, ids=lambda p: str(p)[:40] if isinstance(p, dict) else "")
def test_a_bad_control_ends_in_one_sentence(specs, sentence):
    with pytest.raises(ValueError) as error:
        View(view, None, specs)
    text = str(error.value)
    assert sentence in text and text.startswith("explore: ") and "\n" not in text
