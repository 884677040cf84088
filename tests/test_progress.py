"""What is seen while the computer works: through the widgets' traits, and in real kernels what is stored of it."""

import io
import signal
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import ipywidgets as widgets
import matplotlib
import nbformat
import numpy as np
import pytest
from PIL import Image

from dlcore import picture as still
from dlcore import progress as room
from dlcore.layer import Linear
from dlcore.loss import cross_entropy
from dlcore.notebook import canonical
from dlcore.optim import SGD
from dlcore.picture import new_axes
from dlcore.plots import style
from dlcore.plots.labels import GAP
from dlcore.plots.train import learning_curves
from dlcore.progress import learning_curve, progress
from dlcore.run import execute
from dlcore.train import History, fit

SMALL = (3.0, 2.0)
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 2)).astype(np.float32), RNG.integers(0, 2, 40)


def open_widgets():
    return set(widgets.widgets.widget._instances)


class Screen:
    """What a front end shows: the outputs as (data, metadata), each updated in its place, and all that was drawn."""

    def __init__(self):
        self.outputs, self.ids = [], []

    def display(self, data, metadata=None, raw=False, display_id=None):
        assert raw
        self.outputs.append((data, metadata or {}))
        self.ids.append(f"id {len(self.ids)}")
        return SimpleNamespace(display_id=self.ids[-1])

    def update(self, data, metadata=None, raw=False, display_id=None):
        assert raw
        self.outputs[self.ids.index(display_id)] = (data, metadata)

    def widget(self, i=-1):
        """The widget that an output shows."""
        return widgets.widgets.widget._instances[self.outputs[i][0][room.WIDGET_VIEW]["model_id"]]


@pytest.fixture
def screen(monkeypatch):
    """A notebook in whose kernel the test runs; it ends without an open widget."""
    screen, before = Screen(), open_widgets()
    monkeypatch.setattr(room, "in_kernel", lambda: True)
    monkeypatch.setattr(room, "display", screen.display)
    monkeypatch.setattr(room, "update_display", screen.update)
    monkeypatch.setattr(still, "display", screen.display)
    monkeypatch.delenv("DLCORE_BAKE", raising=False)
    yield screen
    assert open_widgets() == before


def train(on_epoch, epochs=3, loss=cross_entropy, validation=True):
    net = Linear(2, 2)
    return fit(net, loss, SGD(net.parameters(), 0.1), X, Y, epochs=epochs, batch_size=20, on_epoch=on_epoch,
               validation=(X, Y) if validation else None)


# ---- the curve ----

def test_while_it_learns_there_is_a_picture_with_words_and_then_a_still_one(screen):
    curve, seen = learning_curve("Loss < 1", size=SMALL), []

    def on_epoch(history):
        curve(history)
        (data, _), = screen.outputs
        assert set(data) == {"text/plain", room.WIDGET_VIEW} and data["text/plain"] == "[picture] Loss < 1"
        image, message = screen.widget().children
        seen.append((image.value, message.value))

    history = train(on_epoch)
    assert Image.open(io.BytesIO(seen[0][0])).size == (300, 200)
    assert seen[0][1] == (
        '<span style="position:absolute; clip-path:inset(50%)">Loss &lt; 1. </span>epoch 1 of 3 · '
        f"loss {history.train_loss[0]:.3g} · validation {history.validation_loss[0]:.3g} · "
        f"accuracy {history.validation_accuracy[0]:.3f}"
    )
    with still.picture("Loss < 1", size=SMALL) as ax:
        learning_curves(ax, history)
    assert screen.outputs[0] == screen.outputs[1], "what stays is what `picture` shows, byte by byte"


def test_the_words_leave_out_what_was_not_measured():
    assert room.in_words(History([2.0, 1.23456], epochs=9)) == "epoch 2 of 9 · loss 1.23"


def test_one_curve_can_be_used_for_two_trainings(screen):
    curve = learning_curve("x", size=SMALL)
    train(curve)
    train(curve, epochs=1)
    assert [set(data) for data, _ in screen.outputs] == [{"image/png", "text/plain"}] * 2
    assert screen.outputs[0] != screen.outputs[1]


def interrupted(_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("ending", [interrupted, lambda history: True])
def test_a_training_that_ends_early_leaves_its_picture(screen, ending):
    curve = learning_curve("x", size=SMALL)

    def on_epoch(history):
        curve(history)
        return ending(history)

    assert len(train(on_epoch)) == 1
    assert [set(data) for data, _ in screen.outputs] == [{"image/png", "text/plain"}]


def test_an_error_in_training_leaves_the_picture_so_far_and_no_widget(screen):
    calls = []

    def loss(scores, y):
        calls.append(len(y))
        if len(calls) == 6:
            raise ZeroDivisionError
        return cross_entropy(scores, y)

    with pytest.raises(ZeroDivisionError):
        train(learning_curve("x", size=SMALL), loss=loss)
    assert [set(data) for data, _ in screen.outputs] == [{"image/png", "text/plain"}]


def test_an_error_before_the_first_epoch_ends_shows_nothing(screen):
    with pytest.raises(ZeroDivisionError):
        train(learning_curve("x"), loss=lambda scores, y: 1 / 0)
    assert screen.outputs == []


def test_a_widget_is_closed_even_if_the_last_picture_fails(screen, monkeypatch):
    curve = learning_curve("x", size=SMALL)

    def on_epoch(history):
        curve(history)
        monkeypatch.setattr(room, "learning_curves", lambda ax, history: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        train(on_epoch, epochs=1)


def test_a_second_interrupt_waits_until_the_picture_stands(screen, monkeypatch):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    curve = learning_curve("x", size=SMALL)

    def on_epoch(history):
        curve(history)
        monkeypatch.setattr(room, "learning_curves", lambda ax, history: signal.raise_signal(signal.SIGINT))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(on_epoch)
    assert [set(data) for data, _ in screen.outputs] == [{"image/png", "text/plain"}]
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("cost", "least"), [(0.03, 0.75), (0.001, 0.25)])
def test_drawing_takes_a_small_share_of_the_time(screen, monkeypatch, cost, least):
    now, drawn = SimpleNamespace(s=100.0), []

    def pixels(self, dpi):
        drawn.append(now.s)
        now.s += cost
        return np.full((20, 30, 3), 255, np.uint8)

    clock = SimpleNamespace(perf_counter=lambda: now.s, thread_time=lambda: now.s)
    monkeypatch.setattr(room, "time", clock)
    monkeypatch.setattr(room.LearningCurve, "pixels", pixels)
    curve = learning_curve("x")

    def on_epoch(history):
        now.s += 0.01                                   # an epoch takes 10 ms
        curve(history)

    train(on_epoch, epochs=200)
    *live, _ = drawn
    assert len(live) >= 2 and np.diff(live).min() > least
    assert cost * len(live) / (now.s - 100) < 0.06, "with the first one, which nothing went before"


@pytest.mark.parametrize("baked", [True, False])
def test_without_a_kernel_and_in_the_book_there_is_the_still_picture_alone(screen, monkeypatch, baked):
    monkeypatch.undo()
    monkeypatch.setattr(still, "display", screen.display)
    monkeypatch.setattr(room, "get_ipython", lambda: SimpleNamespace(kernel="a kernel") if baked else None)
    monkeypatch.setenv("DLCORE_BAKE", "1" if baked else "0")
    before, curve = open_widgets(), learning_curve("x", size=SMALL)

    def on_epoch(history):
        curve(history)
        assert open_widgets() == before and not screen.outputs

    train(on_epoch)
    (data, metadata), = screen.outputs
    assert set(data) == {"image/png", "text/plain"} | ({"text/html"} if baked else set())
    assert metadata["image/png"] == {"alt": "x", "width": 300, "height": 200}


@pytest.mark.parametrize(("settings", "sentence"), [
    ({"alt": ""}, "learning_curve: alt='' is no text: say in a sentence what there is to see"),
    ({"alt": "x", "size": 3}, "learning_curve: size=3 must be width and height of a panel in inches"),
])
def test_a_bad_call_ends_in_one_sentence(settings, sentence):
    with pytest.raises(ValueError) as error:
        learning_curve(**settings)
    assert sentence in str(error.value)


# ---- the bar ----

def test_a_bar_says_how_many_are_done_and_goes(screen, monkeypatch):
    monkeypatch.setattr(room, "QUIET", 0)
    told, items = [], []
    for item in progress("abc", "letters"):
        items.append(item)
        bar = screen.widget()
        told.append((bar.value, bar.max, bar.description))
        assert set(screen.outputs[0][0]) == {room.WIDGET_VIEW}
    assert items == ["a", "b", "c"]
    assert told == [(0, 3, "0 of 3 letters"), (1, 3, "1 of 3 letters"), (2, 3, "2 of 3 letters")]
    assert screen.outputs == [({}, {})]


def test_a_bar_of_quick_steps_moves_seldom(screen):
    values = {screen.widget().value for _ in progress(range(5000), "steps")}
    assert 0 in values and len(values) < 500


@pytest.mark.parametrize("how", ["break", "raise", "interrupt"])
def test_a_bar_goes_when_the_loop_is_left(screen, how):
    left = []
    try:
        for i in progress(range(9), "seeds"):
            if i == 2 and how == "break":
                break
            if i == 2:
                raise ZeroDivisionError if how == "raise" else KeyboardInterrupt
    except (ZeroDivisionError, KeyboardInterrupt) as error:
        left.append(error)                              # as a notebook keeps the last error, with all that it holds
    assert screen.outputs == [({}, {})] and len(left) == (how != "break")


def test_a_bar_round_nothing_goes_too(screen):
    assert list(progress([], "seeds")) == [] and screen.outputs == [({}, {})]


def test_without_a_length_or_a_kernel_there_is_no_bar(screen, monkeypatch):
    assert list(progress(iter("ab"), "letters")) == ["a", "b"]
    monkeypatch.undo()
    assert list(progress("ab", "letters")) == ["a", "b"] and screen.outputs == []


@pytest.mark.parametrize("there", [True, False])
def test_what_cannot_be_looped_over_gets_a_sentence(screen, monkeypatch, there):
    monkeypatch.setattr(room, "in_kernel", lambda: there)
    with pytest.raises(TypeError, match=r"^progress: cannot loop over 5: give a list or a range, as range\(5\)$"):
        progress(5, "seeds")
    assert screen.outputs == []


def test_a_data_set_that_only_knows_its_length_and_its_items_has_a_bar(screen):
    class Three:
        def __len__(self):
            return 3

        def __getitem__(self, i):
            return [5, 6, 7][i]

    assert list(progress(Three(), "examples")) == [5, 6, 7] and len(screen.outputs) == 1


# ---- the picture ----

def drawn(history):
    ax = new_axes((5.0, 3.5))
    with matplotlib.rc_context(style.RC):
        learning_curves(ax, history)
    return ax


def labels(ax):
    return {text.get_text(): text for text in ax.texts}


@pytest.mark.parametrize(("train_loss", "validation_loss"), [
    ([2.0, 1.0, 0.5], [2.0, 1.2, 0.9]), ([2.0, 1.0], [1.9, 1.0]), ([1.0, 0.0], [1.0, 0.0]), ([2.0], [1.99]),
    ([0.5, 0.9], [0.5, 0.91]), ([-1.0, -2.0], [-1.0, -2.01]), ([0.0], [0.0]),
])
def test_labels_stand_at_the_ends_and_apart(train_loss, validation_loss):
    ax = drawn(History(train_loss, validation_loss))
    ax.figure.canvas.draw()
    boxes = {name: text.get_window_extent() for name, text in labels(ax).items()}
    assert set(boxes) == {"training", "validation"}
    assert not boxes["training"].overlaps(boxes["validation"])
    inside = ax.get_window_extent()
    for name, end in (("training", train_loss[-1]), ("validation", validation_loss[-1])):
        x, y = ax.transData.transform((len(train_loss), end))
        assert 0 < boxes[name].x0 - x < 20 and boxes[name].x1 < ax.figure.bbox.x1
        middle = (boxes[name].y0 + boxes[name].y1) / 2
        assert abs(middle - y) < 1.6 * GAP * inside.height and boxes[name].y0 > inside.y0 - 2


@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 30, 100])
def test_ticks_are_whole_epochs_that_took_place(epochs):
    ax = drawn(History([1.0] * epochs))
    ticks = ax.get_xticks()
    assert ((ticks == ticks.round()) & (ticks >= 0) & (ticks <= epochs)).all() and 2 <= len(ticks) <= 7
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss") and set(labels(ax)) == {"training"}
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize(("losses", "said"), [
    ([2.0, np.inf, np.nan], "no finite number in epoch 2"), ([np.nan], "no finite number in epoch 1"), ([1.0], ""),
])
def test_losses_that_are_no_numbers_are_told(losses, said):
    ax = drawn(History(losses, losses))
    assert ax.get_title(loc="left") == said
    ax.figure.canvas.draw()


def test_a_history_without_an_epoch_has_no_picture():
    with pytest.raises(ValueError, match="learning_curves: the history holds no finished epoch"):
        drawn(History())


# ---- what a notebook stores ----

CELLS = [
    """
    import numpy as np
    from dlcore.layer import Linear
    from dlcore.loss import cross_entropy
    from dlcore.optim import SGD
    from dlcore.progress import learning_curve, progress
    from dlcore.train import fit

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 2)).astype(np.float32), rng.integers(0, 2, 40)

    def train(alt):
        net = Linear(2, 2, rng=np.random.default_rng(0))
        return fit(net, cross_entropy, SGD(net.parameters(), 0.1), x, y, epochs=4, batch_size=20,
                   validation=(x, y), rng=np.random.default_rng(0), on_epoch=learning_curve(alt))
    """,
    """
    for seed in progress(range(2), "seeds"):
        print("seed", seed)
        train(f"Loss with seed {seed}")
    """,
    """
    for i in progress(range(9), "steps"):
        if i == 3:
            break
    print(i)
    """,
    """
    from ipywidgets.widgets import widget
    print(len(widget._instances), "widgets are left")
    """,
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """A notebook with its outputs, as `dlcore run` stores it."""
    path = tmp_path_factory.mktemp("notebook") / "loss.ipynb"
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(c).strip(), id=f"cell-{i}") for i, c in enumerate(CELLS)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    nbformat.write(canonical(execute(path)), path)
    return path


def test_a_notebook_stores_the_pictures_and_what_was_printed(notebook):
    kept = [[
        (output["text"] if "text" in output else output["data"]["text/plain"], sorted(output.get("data", {})))
        for output in cell["outputs"] if output.get("data") != {}
    ] for cell in nbformat.read(notebook, 4).cells]
    assert kept == [
        [],
        [("seed 0\n", []), ("[picture] Loss with seed 0", ["image/png", "text/plain"]),
         ("seed 1\n", []), ("[picture] Loss with seed 1", ["image/png", "text/plain"])],
        [("3\n", [])],
        [("0 widgets are left\n", [])],
    ]


def test_running_it_again_changes_no_byte(notebook):
    assert nbformat.writes(canonical(execute(notebook))) == nbformat.writes(nbformat.read(notebook, 4))


def test_strict_nbval_agrees(notebook):
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", notebook.name]
    done = subprocess.run(command, cwd=notebook.parent, capture_output=True, text=True)
    assert done.returncode == 0 and "4 passed" in done.stdout, done.stdout


def test_in_plain_python_nothing_goes_wrong(notebook):
    code = "\n".join(cell.source for cell in nbformat.read(notebook, 4).cells[:3])
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.endswith("\n3\n")
