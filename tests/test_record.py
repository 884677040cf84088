"""The record of solved exercises: who writes it, and what it survives."""

import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from dlcore import checks, record, solved
from dlcore.checks import conv, neuron
from dlcore.course import main
from dlcore.exercise import Exercise

NAME = "conv.max_pool"


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "folder" / "progress.json"
    monkeypatch.setenv("DLCORE_PROGRESS", str(path))
    return path


@pytest.fixture
def learner(monkeypatch):
    """A notebook in which a person works: what its kernel and its environment say can be changed."""
    kernel = SimpleNamespace(_allow_stdin=True)
    cell = {"content": {"code": "checks.max_pool(max_pool)"}}
    shell = SimpleNamespace(kernel=kernel, get_parent=lambda: cell)
    monkeypatch.setattr(record, "NOBODY", ())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    return SimpleNamespace(kernel=kernel, cell=cell["content"], shell=shell)


# ---- who writes ----

def test_a_learner_who_solves_an_exercise_is_remembered(file, learner, capsys):
    conv.max_pool(conv.max_pool.reference)
    day = json.loads(file.read_text("utf-8"))[NAME]
    assert time.strptime(day, "%Y-%m-%d")
    assert capsys.readouterr().out.count("\n") == 1, "the check prints its line and nothing else"
    file.write_text(json.dumps({NAME: "2020-02-02"}), "utf-8")
    conv.max_pool(conv.max_pool.reference)
    assert json.loads(file.read_text("utf-8")) == {NAME: "2020-02-02"}, "the first day stays"


def stub(x, k): ...


@pytest.mark.parametrize("answer", [stub, lambda x, k: x, lambda x, k: 1 / 0, 3])
def test_no_other_verdict_is_remembered(file, learner, answer):
    conv.max_pool(answer)
    assert not file.exists()


def test_an_exercise_that_is_not_of_the_course_is_not_remembered(file, learner):
    Exercise(abs, [(-1.0,)])(abs)
    assert not file.exists()


@pytest.mark.parametrize("name", record.NOBODY)
def test_nothing_is_written_where_the_environment_says_that_nobody_is_there(file, learner, monkeypatch, name):
    monkeypatch.setattr(record, "NOBODY", (name,))
    monkeypatch.setenv(name, "1")
    conv.max_pool(conv.max_pool.reference)
    assert not file.exists()


def test_nothing_is_written_where_nobody_can_be_asked(file, learner):
    learner.kernel._allow_stdin = False
    conv.max_pool(conv.max_pool.reference)
    assert not file.exists()


def test_nothing_is_written_outside_a_notebook(file, learner):
    del learner.shell.kernel
    conv.max_pool(conv.max_pool.reference)
    assert not file.exists()


def test_a_solution_of_the_course_does_not_count(file, learner):
    learner.cell["code"] = f"\n{record.SOLUTION} 1\ndef f(x): ..."
    conv.max_pool(conv.max_pool.reference)
    learner.shell.get_parent = dict        # a front end that does not tell which cell runs
    conv.max_pool(conv.max_pool.reference)
    assert not file.exists()


CELLS = """
import nbformat, sys
from nbformat.v4 import new_code_cell, new_notebook
from dlcore.run import execute
from pathlib import Path
cells = [new_code_cell("from dlcore.checks import conv"), new_code_cell("conv.max_pool(conv.max_pool.reference)")]
path = Path(sys.argv[1])
path.write_text(nbformat.writes(new_notebook(cells=cells)), "utf-8")
notebook = execute(path)
assert notebook.cells[1].outputs[0].text.startswith("✓"), notebook.cells[1].outputs
"""

ASKED = """
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
for code in ("from dlcore.checks import conv", "# @title Solution 1\\nconv.multiply(conv.multiply.reference)",
             "conv.max_pool(conv.max_pool.reference)"):
    reply = client.execute_interactive(code, allow_stdin=True, timeout=60, output_hook=lambda message: None)
    assert reply["content"]["status"] == "ok", reply["content"]
client.stop_channels()
manager.shutdown_kernel(now=True)
"""


def run_alone(code, file, *arguments):
    """Run code in a new process whose environment knows nothing of these tests."""
    names = {k: v for k, v in os.environ.items() if k not in record.NOBODY} | {"DLCORE_PROGRESS": str(file)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, env=names, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_real_kernel_writes_for_a_person_and_not_for_a_program(file, tmp_path):
    run_alone(CELLS, file, tmp_path / "a.ipynb")
    assert not file.exists(), "dlcore run is no learner"
    run_alone(ASKED, file)
    assert list(json.loads(file.read_text("utf-8"))) == [NAME], "the learner's answer, and not the solution"


# ---- where ----

@pytest.mark.parametrize(("system", "variable", "ending"), [
    ("linux", "XDG_DATA_HOME", "there/dlcore-course/progress.json"),
    ("win32", "LOCALAPPDATA", "there/dlcore-course/progress.json"),
    ("linux", None, ".local/share/dlcore-course/progress.json"),
    ("darwin", None, "Library/Application Support/dlcore-course/progress.json"),
])
def test_the_place_is_the_users_data_folder(monkeypatch, tmp_path, system, variable, ending):
    for name in ("DLCORE_PROGRESS", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv("HOME", str(tmp_path))
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "there"))
    assert record.place() == tmp_path / ending


# ---- what it survives ----

@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_crash_half_way_leaves_the_old_record(file, monkeypatch, step):
    record.add(NAME)
    before = file.read_bytes()

    def crash(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, step, crash)
    with pytest.raises(KeyboardInterrupt):
        record.add("conv.multiply")
    assert file.read_bytes() == before
    assert sorted(p.name for p in file.parent.iterdir()) == ["progress.json", "progress.json.lock"]


KILLED = """
import os, signal
from dlcore import record
os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)
record.add("conv.multiply")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_process_killed_while_it_writes_leaves_the_old_record_and_no_lock(file):
    record.add(NAME)
    killed = subprocess.run([sys.executable, "-c", KILLED], env=os.environ | {"DLCORE_PROGRESS": str(file)})
    assert killed.returncode == -signal.SIGKILL
    assert list(record.solved_so_far()) == [NAME]
    record.add("conv.multiply")
    assert len(record.solved_so_far()) == 2


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"conv.max_pool": 3}', b"\xff\xfe\x00", b"[" * 100_000])
def test_a_damaged_record_is_kept_aside_and_said_in_one_sentence(file, capsys, damage):
    file.parent.mkdir()
    for n in (1, 2):
        file.write_bytes(damage)
        record.add(NAME)
        kept = file.with_name(f"progress.json.damaged-{n}")
        assert kept.read_bytes() == damage
        told = capsys.readouterr().out
        assert told.count("\n") == 1 and f"was damaged; it is kept as {kept}, a new one begins." in told
        assert list(record.solved_so_far()) == [NAME]


def test_kernels_that_write_at_the_same_time_lose_nothing(file):
    codes = [f"from dlcore import record; [record.add('room{k}.' + str(i)) for i in range(20)]" for k in range(4)]
    writers = [subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"DLCORE_PROGRESS": str(file)})
               for code in codes]
    assert [w.wait(timeout=60) for w in writers] == [0] * 4
    assert len(record.solved_so_far()) == 80


def test_a_record_that_cannot_be_written_is_said_and_the_check_goes_on(tmp_path, learner, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLCORE_PROGRESS", str(tmp_path / "file" / "progress.json"))
    conv.max_pool(conv.max_pool.reference)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("✓") and second.startswith("dlcore: solved, but not written down in ")


# ---- what the learner sees ----

def test_the_list_of_exercises_is_that_of_the_checks():
    listed = [name for names in solved.exercises().values() for name in names]
    real = [
        f"{path.stem}.{name}" for path in sorted(checks.__path__ and record.Path(checks.__path__[0]).glob("[a-z]*.py"))
        for name, value in vars(__import__(f"dlcore.checks.{path.stem}", fromlist=["x"])).items()
        if isinstance(value, Exercise)
    ]
    assert sorted(listed) == sorted(real)
    assert all(chapter[:2].isdigit() for chapter in solved.exercises()), "a docstring names no chapter"


def test_progress_shows_what_is_solved_and_what_is_left(file, capsys):
    main(["progress"])
    assert capsys.readouterr().out == f"{solved.NOTHING}\nThe record will be {file}\n"
    record.add(NAME)
    record.add("gone.exercise")
    main(["progress"])
    first, line, last = capsys.readouterr().out.splitlines()
    assert first.startswith("1 of ") and first.endswith(" exercises solved")
    assert line.split()[:4] == ["11", "conv", "✓", "max_pool"] and "○ multiply" in line
    assert last == f"The record is {file}"


def test_the_cell_in_a_notebook_shows_nothing_to_a_program(file, learner, capsys):
    record.add(NAME)
    solved.solved()
    assert "✓ max_pool" in capsys.readouterr().out
    learner.kernel._allow_stdin = False
    solved.solved()
    assert capsys.readouterr().out == solved.NOTHING + "\n", "its stored output is the same on every machine"


def test_names_of_exercises():
    assert record.name_of(neuron.vote) == "neuron.vote"
    assert record.name_of(Exercise(abs, [(1.0,)])) is None
