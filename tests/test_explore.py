"""The first life of an explorable: widgets that answer, without a browser, through their traits."""

import asyncio
import functools
import io
import json
import os
import textwrap
import time
from pathlib import Path

import ipywidgets as widgets
import numpy as np
import pytest
from jupyter_client.manager import KernelManager
from PIL import Image

from dlcore import explore as room
from dlcore.explore import Live, View, explore, play

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SMALL = (2.0, 1.6)


class Drawn:
    """A view that remembers at which values it was drawn."""

    def __init__(self):
        self.at = []

    def __call__(self, ax, w=1.0, kind="line"):
        self.at.append((w, kind))
        if kind == "broken":
            raise ZeroDivisionError("no\nsuch <kind>")
        ax.plot([0, 1], [0, w])
        ax.set(xlim=(0, 1), ylim=(-3, 3))


@pytest.fixture
def drawn():
    return Drawn()


@pytest.fixture
def live(drawn):
    return Live(View(drawn, SMALL, {"w": (-3, 3), "kind": ["line", "broken"]}), "A line")


def widget_of(live, name):
    return next(c.widget for c in live.view.controls if c.name == name)


def picture_of(live):
    return live.images[0].value


def test_the_first_frame_is_there_when_the_cell_has_run(live, drawn):
    assert drawn.at == [(1.0, "line")]
    assert Image.open(io.BytesIO(picture_of(live))).size == (200, 160)
    assert live.message.value == (
        '<span style="position:absolute; clip-path:inset(50%)">A line. w = 1.0, kind = line</span>'
    ), "a screen reader finds these words beside the picture"


def test_moving_changes_the_picture_and_going_back_shows_the_same_bytes(live, drawn):
    first, slider = picture_of(live), widget_of(live, "w")
    slider.value = 2.0
    assert picture_of(live) != first
    slider.value = 1.0
    assert picture_of(live) == first
    assert drawn.at == [(1.0, "line"), (2.0, "line")], "a frame that was drawn is remembered"


def test_old_frames_are_forgotten(live, monkeypatch):
    monkeypatch.setattr(room, "KEPT", 3)
    for value in np.linspace(-1, 0, 6):
        widget_of(live, "w").value = value
    assert len(live.frames) == 3


def test_reset_goes_back(live):
    first = picture_of(live)
    widget_of(live, "w").value = -2.0
    reset = next(child for row in live.box.children[:2] for child in row.children if isinstance(child, widgets.Button))
    reset.click()
    assert widget_of(live, "w").value == 1.0 and picture_of(live) == first


def test_a_failing_value_is_told_under_the_picture_and_cleared_by_the_next(live):
    before, kind = picture_of(live), widget_of(live, "kind")
    kind.value = "broken"
    told = live.message.value
    assert told == (
        '<span role="alert">✗ view fails at w = 1.0, kind = broken: ZeroDivisionError: no such &lt;kind&gt;</span>'
    )
    assert picture_of(live) == before and live.message is live.box.children[-1]
    kind.value = "line"
    assert "✗" not in live.message.value and "kind = line" in live.message.value


def test_a_view_that_fails_at_once_raises_in_the_cell(drawn, shown):
    with pytest.raises(ZeroDivisionError):
        explore(functools.partial(drawn, kind="broken"), alt="A line", w=(-3, 3), size=SMALL)
    assert shown == []


def test_play_has_a_button_linked_to_its_slider(drawn):
    live = Live(View(lambda ax, step=0: ax.plot([step]), SMALL, {"step": play(0, 6, 2)}), "x")
    button, slider = live.box.children[1].children[0].children
    assert isinstance(button, widgets.Play) and isinstance(slider, widgets.IntSlider)
    assert (button.min, button.max, button.step, button.value) == (0, 6, 2, 0)
    first = picture_of(live)
    slider.value = 4                        # the link between the two runs in the browser
    assert picture_of(live) != first


def test_a_choice_of_lists_and_a_slider_of_ones_own():
    seen = []

    def view(ax, hidden=(4,), lr=0.1):
        seen.append((hidden, lr))

    lr = widgets.FloatLogSlider(value=0.01, min=-3, max=0, step=1)
    specs = {"hidden": {"small": [4], "large": [8, 8]}, "lr": lr}
    live = Live(View(functools.partial(view, hidden=[4]), SMALL, specs), "x")
    widget_of(live, "hidden").value = [8, 8]
    lr.value = 1.0
    assert seen == [([4], 0.01), ([8, 8], 0.01), ([8, 8], 1.0)]


def test_two_panels_and_an_argument_that_stays():
    def view(left, right, w=1.0, colour=None):
        left.plot([0, w], color=colour)
        right.plot([w, 0], color=colour)

    live = Live(View(view, SMALL, {"w": (-3, 3), "colour": widgets.fixed("black")}), "x")
    one, two = (image.value for image in live.images)
    assert one != two
    widget_of(live, "w").value = 2.0
    assert live.images[0].value != one and live.images[1].value != two


def test_many_moves_inside_a_running_loop_draw_once_and_the_last_wins(live, drawn):
    async def burst():
        for i in range(20):
            widget_of(live, "w").value = i / 10
        assert len(drawn.at) == 1, "nothing is drawn while moves arrive"
        await asyncio.sleep(0.3)

    asyncio.run(burst())
    assert drawn.at[:2] == [(1.0, "line"), (1.9, "line")]
    assert "w = 1.9" in live.message.value


def move_calmly(live, *moves):
    """Move a control of `live` to each value, with time between the moves."""
    async def calm():
        for name, value in moves:
            widget_of(live, name).value = value
            await asyncio.sleep(0.3)

    asyncio.run(calm())


def test_after_a_move_the_next_of_its_kind_is_drawn_ahead(live, drawn):
    move_calmly(live, ("w", 1.5))
    assert [w for w, _ in drawn.at] == [1.0, 1.5, 2.0]
    move_calmly(live, ("w", 2.0))
    assert [w for w, _ in drawn.at] == [1.0, 1.5, 2.0, 2.5], "2.0 was there, 2.5 is drawn ahead"
    move_calmly(live, ("w", -3.0))
    assert [w for w, _ in drawn.at] == [1.0, 1.5, 2.0, 2.5, -3.0], "below -3.0 there is nothing"


def test_a_failure_drawn_ahead_is_told_only_where_the_reader_gets_there():
    def view(ax, w=0):
        ax.plot([0, 1 / (2 - w)])

    live = Live(View(view, SMALL, {"w": (0, 5)}), "A line")
    move_calmly(live, ("w", 1))
    assert "✗" not in live.message.value
    move_calmly(live, ("w", 2))
    assert "✗ view fails at w = 2: ZeroDivisionError" in live.message.value


def test_a_heavy_view_is_not_drawn_ahead():
    seen = []

    def heavy(ax, w=0):
        seen.append(w)
        time.sleep(room.LIGHT)

    move_calmly(Live(View(heavy, SMALL, {"w": (0, 5)}), "A line"), ("w", 1))
    assert seen == [0, 1]


IN_A_KERNEL = """
    from pathlib import Path
    from dlcore.explore import Live, View

    drawn = []

    def view(ax, w=0):
        drawn.append(w)
        while w == 99:
            Path("stuck").touch()
        ax.plot([0, 1], [0, w])

    live = Live(View(view, None, {"w": (0, 100)}), "A line")
    print(live.view.controls[0].widget.model_id)
"""


class Kernel:
    """A real kernel with an explorable whose slider can be moved as a browser does it."""

    def __init__(self, folder):
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.slider = self.run(IN_A_KERNEL)

    def run(self, code):
        texts = []

        def hear(message):
            assert message["msg_type"] != "error", message["content"]
            texts.append(message["content"].get("text", ""))

        self.client.execute_interactive(textwrap.dedent(code), output_hook=hear, timeout=60)
        return "".join(texts).strip()

    def move(self, value):
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        message = self.client.session.msg("comm_msg", {"comm_id": self.slider, "data": data})
        self.client.shell_channel.send(message)

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    kernel = Kernel(tmp_path_factory.mktemp("kernel"))
    yield kernel
    kernel.stop()


def test_a_burst_of_messages_in_a_real_kernel_draws_few_frames_and_the_last_value(kernel):
    kernel.run("drawn.clear()")
    for value in range(1, 31):
        kernel.move(value)
    frames = json.loads(kernel.run("import asyncio; await asyncio.sleep(0.5); print(drawn)"))
    assert 30 in frames and "w = 30" in kernel.run("print(live.message.value)")
    assert len(frames) <= 15, f"30 moves drew {len(frames)} frames"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that reaches one process alone")
def test_a_view_that_never_ends_can_be_interrupted_in_a_real_kernel(kernel):
    stuck = Path(kernel.run("print(Path('stuck').absolute())"))
    kernel.move(99)
    while not stuck.exists():
        time.sleep(0.05)
    kernel.manager.interrupt_kernel()
    assert "✗ view fails at w = 99: KeyboardInterrupt<" in kernel.run("print(live.message.value)")
    kernel.move(7)
    assert "✗" not in kernel.run("await asyncio.sleep(0.5); print(live.message.value)")


# ---- what the cell stores ----

def test_the_cell_stores_a_view_a_picture_and_a_stable_text(drawn, shown):
    for _ in range(2):
        explore(drawn, alt="A line", w=(-3, 3), kind={"straight": "line"}, size=SMALL)
    (data, metadata), (again, _) = shown
    assert set(data) == {"text/plain", "image/png", WIDGET_VIEW}
    assert data["text/plain"] == again["text/plain"] == (
        "[explorable] A line · w: −3.0 to 3.0, now 1.0; kind: straight, now straight"
    )
    assert data["image/png"] == again["image/png"]
    assert metadata == {"image/png": {"alt": "A line", "width": 200, "height": 160}}
    assert data[WIDGET_VIEW]["model_id"] != again[WIDGET_VIEW]["model_id"]


# ---- what a caller can get wrong ----

def no_axes(w=1.0):
    pass


def needs_b(ax, w, b):
    pass


def five(a, b, c, d, w=0.0):
    pass


@pytest.mark.parametrize(
    ("view", "settings", "kind", "sentence"),
    [
        (no_axes, {}, ValueError, "explore: no_axes must take its Axes first: def no_axes(ax, ...)"),
        (needs_b, {}, ValueError, "explore: needs_b gets no value for b: the Axes come first"),
        (five, {}, ValueError, "explore: 4 panels do not fit on a page: show one to 3"),
        (needs_b, {"alt": ""}, ValueError, "explore: alt='' is no text: say in a sentence what there is to see"),
        (needs_b, {"alt": None}, ValueError, "explore: alt=None is no text"),
        (Drawn(), {"size": 3}, ValueError, "explore: size=3 must be width and height of a panel in inches"),
        (Drawn(), {"size": (0.5, 3)}, ValueError, "explore: size=(0.5, 3) must be width and height"),
        ("view", {}, TypeError, "explore: give the drawing function itself, without brackets, not 'view'"),
        (None, {}, TypeError, "explore: give the drawing function itself"),
    ],
)
def test_a_bad_call_ends_in_one_sentence(view, settings, kind, sentence, shown):
    with pytest.raises(kind) as error:
        explore(view, **{"alt": "A line", "w": (-3, 3)} | settings)
    assert sentence in str(error.value) and "\n" not in str(error.value)
