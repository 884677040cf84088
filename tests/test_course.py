"""The command `dlcore`: canonical notebooks, another address, and clear words outside a clone."""

import copy
import json
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from test_settings import ADDRESS, TOP, strangers

from dlcore.course import main
from dlcore.notebook import canonical, chapters
from dlcore.rehome import STAMPED, home, stamped

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def notebook():
    """A notebook as JupyterLab leaves it: with all that changes from run to run."""
    streams = [
        new_output("stream", name="stdout", text="one\n"),
        new_output("stream", name="stdout", text="two\n"),
        new_output("stream", name="stderr", text="three\n"),
    ]
    picture = new_output(
        "display_data", data={WIDGET_VIEW: {"model_id": "a1"}, "image/png": "AAAA", "text/plain": "[explorable] x"},
        metadata={"image/png": {"alt": "x"}},
    )
    result = new_output("execute_result", data={"text/plain": "3"}, execution_count=17)
    cells = [
        new_markdown_cell("# Title", id="cell-00"),
        new_code_cell("print", outputs=[*streams, picture], execution_count=17, id="A_B", metadata={
            "tags": ["exercise"], "execution": {"iopub.execute_input": "2026-01-01"}, "collapsed": True,
            "jupyter": {"source_hidden": True}, "cellView": "form", "scrolled": True,
        }),
        new_code_cell("1 + 2", outputs=[result], execution_count=99, id="cell-02"),
    ]
    metadata = {
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a1": {}}}},
        "language_info": {"name": "python", "version": "3.99"},
    }
    return new_notebook(cells=cells, metadata=metadata)


def test_canonical_keeps_what_matters_and_drops_what_changes():
    made = canonical(notebook())
    text = nbformat.writes(made)
    for gone in (WIDGET_VIEW, "widget-state", "3.99", "2026", "collapsed", "scrolled", "17", "99"):
        assert gone not in text
    title, first, second = made.cells
    assert first.metadata == {"tags": ["exercise"], "jupyter": {"source_hidden": True}, "cellView": "form"}
    assert [(o.output_type, o.get("text")) for o in first.outputs] == [
        ("stream", "one\ntwo\n"), ("stream", "three\n"), ("display_data", None),
    ]
    assert first.outputs[2].metadata["image/png"].alt == "x" and first.outputs[2].data["image/png"] == "AAAA"
    assert (first.execution_count, second.execution_count, second.outputs[0].execution_count) == (1, 2, 2)
    nbformat.validate(json.loads(text))


def test_canonical_twice_changes_no_byte():
    once = canonical(notebook())
    text = nbformat.writes(once)
    assert nbformat.writes(canonical(copy.deepcopy(once))) == text


def test_ids_are_plain_and_all_different():
    made = canonical(notebook())
    assert [cell.id for cell in made.cells] == ["cell-00", "cell-01", "cell-02"]
    untouched = new_notebook(cells=[new_markdown_cell("x", id=n) for n in ("cell-07", "1a2b3c4d", "B", "cell-00")])
    assert [cell.id for cell in canonical(untouched).cells] == ["cell-07", "1a2b3c4d", "cell-01", "cell-00"]


def test_an_error_keeps_no_traceback_with_paths():
    failed = new_output("error", ename="ValueError", evalue="no", traceback=["File /somewhere/x.py"])
    made = canonical(new_notebook(cells=[new_code_cell("x", outputs=[failed])]))
    assert made.cells[0].outputs[0].traceback == ["ValueError: no"]


# ---- run ----

@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A small clone of the course in an empty folder, which is the working directory."""
    (tmp_path / "chapters").mkdir()
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    for name, source in {"01_one": "print('1')", "02_two": "1 / 0"}.items():
        cells = [new_markdown_cell(f"# {name}"), new_code_cell(source)]
        (tmp_path / "chapters" / f"{name}.ipynb").write_text(nbformat.writes(new_notebook(cells=cells)), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_running_stores_and_running_again_changes_no_byte(clone, capsys):
    path = clone / "chapters" / "01_one.ipynb"
    raw = path.read_bytes()
    main(["run", "--check", "01"])
    assert path.read_bytes() == raw
    main(["run", "01"])
    first = path.read_bytes()
    assert first != raw and b'"1\\n"' in first
    main(["run", "01_one"])
    assert path.read_bytes() == first
    assert capsys.readouterr().out.count("01_one  ") == 3


def test_a_chapter_that_fails_names_its_cell_and_stores_nothing(clone):
    path = clone / "chapters" / "02_two.ipynb"
    raw = path.read_bytes()
    with pytest.raises(SystemExit) as stop:
        main(["run", "02"])
    assert "1 / 0" in str(stop.value) and "ZeroDivisionError" in str(stop.value)
    assert str(stop.value).endswith("dlcore run: 02_two.ipynb stops at this cell, nothing is stored")
    assert path.read_bytes() == raw


def add(clone, name, source):
    cells = [new_code_cell(source)]
    (clone / "chapters" / f"{name}.ipynb").write_text(nbformat.writes(new_notebook(cells=cells)), "utf-8")


MEETS = """
import pathlib, time
pathlib.Path("{mine}").touch()
while not pathlib.Path("{other}").exists():
    time.sleep(0.05)
print("met")
"""


def test_two_chapters_run_at_the_same_time(clone, monkeypatch, capsys):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    add(clone, "03_three", MEETS.format(mine="a", other="b"))
    add(clone, "04_four", MEETS.format(mine="b", other="a"))
    main(["run", "03", "04"])           # one after the other, the first would wait for ever
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 chapters, 2 at a time"
    assert [line[:10] for line in lines[1:]] == ["  1 of 2  ", "  2 of 2  "]
    assert {line.split()[3] for line in lines[1:]} == {"03_three", "04_four"}
    assert all('"met\\n"' in path.read_text("utf-8") for path in clone.glob("chapters/0[34]*"))


def test_a_chapter_that_fails_does_not_stop_the_others(clone, capsys):
    with pytest.raises(SystemExit, match="ZeroDivisionError"):
        main(["run"])
    assert b'"1\\n"' in (clone / "chapters" / "01_one.ipynb").read_bytes()
    assert "02_two               stopped" in capsys.readouterr().out


def test_a_report_counts_the_cells_that_print_something_else(clone, capsys):
    add(clone, "05_five", "print('≈0.5')")
    main(["run", "05"])
    path = clone / "chapters" / "05_five.ipynb"
    path.write_text(path.read_text("utf-8").replace("≈0.5\\n", "≈0.7\\n"), "utf-8")
    main(["run", "--check", "05"])
    assert "else" not in capsys.readouterr().out.splitlines()[1], "a measured number may differ"
    main(["run", "--check", "01"])
    assert capsys.readouterr().out.endswith("s, 1 cell prints something else\n")


def test_a_kernel_has_one_thread(clone, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    add(clone, "06_six", "import os; print(os.environ['OMP_NUM_THREADS'])")
    main(["run", "06"])
    assert '"1\\n"' in (clone / "chapters" / "06_six.ipynb").read_text("utf-8")


def test_chapters_by_number(clone, monkeypatch):
    assert [p.stem for p in chapters([])] == ["01_one", "02_two"]
    assert [p.stem for p in chapters(["02"])] == ["02_two"]
    monkeypatch.chdir(clone / "chapters")
    assert [p.stem for p in chapters(["01"])] == ["01_one"], "a folder below the top will do"


def test_an_unknown_chapter(clone):
    with pytest.raises(SystemExit, match="^dlcore: there is no chapter 77: choose from 01_one, 02_two$"):
        main(["run", "77"])


def test_outside_a_clone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in (["run"], ["rehome", "https://github.com/a/b"]):
        with pytest.raises(SystemExit, match="dlcore: no chapters/ folder here or above: run this .* inside a clone"):
            main(command)


def test_the_command_tells_how_it_is_used():
    shown = subprocess.run([sys.executable, "-m", "dlcore.course", "--help"], capture_output=True, text=True)
    assert shown.returncode == 0 and "run" in shown.stdout and "rehome" in shown.stdout
    shown = subprocess.run([sys.executable, "-m", "dlcore.course"], capture_output=True, text=True)
    assert shown.returncode == 2 and "Traceback" not in shown.stderr


# ---- rehome ----

@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of every file that may name the course's address."""
    for path in {path for pattern in STAMPED for path in TOP.glob(pattern)}:
        target = tmp_path / path.relative_to(TOP)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("end", ["some-one/my.course", "someone/else/", "someone/else.git"])
def test_rehome_changes_every_address(copied, end, capsys):
    url = f"https://github.com/{end}"
    new = url.removeprefix("https://github.com/").removesuffix("/").removesuffix(".git")
    main(["rehome", url])
    files, _ = strangers(copied, new)
    assert home() == f"https://github.com/{new}"
    for path in files:
        assert ADDRESS not in path.read_text("utf-8"), f"{path.name} kept the old address"
        assert not [other for name, other in strangers(copied, new)[1] if name == path.name]
    assert "stamped pyproject.toml" in capsys.readouterr().out
    main(["rehome", url])
    assert capsys.readouterr().out == "", "a second time there is nothing left to do"
    main(["rehome", f"https://github.com/{ADDRESS}"])
    for path in files:
        assert path.read_bytes() == (TOP / path.relative_to(copied)).read_bytes(), "and the way back leads home"


@pytest.mark.parametrize("url", ["", "github.com/a/b", "https://gitlab.com/a/b", "https://github.com/a/b/c"])
def test_rehome_wants_an_address(copied, url):
    with pytest.raises(SystemExit, match="dlcore rehome: .* is not of the form https://github.com/OWNER/NAME"):
        main(["rehome", url])


def test_stamped_touches_whole_names_only():
    old, new = "a/course", "b/school"
    assert stamped("github.com/a/course.git a/course/x", old, new) == "github.com/b/school.git b/school/x"
    assert stamped("https://a.github.io/course/", old, new) == "https://b.github.io/school/"
    for other in ("a/courses", "a/course-2", "extra/a-course", "aa/course"):
        assert stamped(other, old, new) == other
