"""Grading: right verdicts for honest copies, and copies that mean harm harm nobody."""

import csv
import html.parser
import os
import re
import subprocess
import sys
import textwrap

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from test_settings import TOP

if sys.platform == "win32":
    pytest.skip("Windows cannot shut a process in", allow_module_level=True)

from dlcore import sandbox
from dlcore.checks import conv, torch
from dlcore.grade import CALL, chapter_of, student_of
from dlcore.table import Row, as_csv, as_html

SHUT = pytest.mark.skipif(bool(sandbox.missing()), reason=f"{sandbox.missing()}")
CHAPTER = TOP / "chapters" / "11_conv.ipynb"
FILES = sorted((TOP / "chapters").glob("[0-9][0-9]_*.ipynb"))

# Answers to the first exercise of chapter 11. {outside} is a folder of the instructor's, {copies} that of all copies.
HARMLESS = {
    "stub": "def max_pool(x, k):\n    ...",
    "mistake": "def max_pool(x, k):\n    return x[::k, ::k][:x.shape[0] // k, :x.shape[1] // k]",
    "other": "def max_pool(x, k):\n    return x + 1",
    "nothing": "def max_pool(x, k):\n    pass",
    "raises": "def max_pool(x, k):\n    return x / undefined",
    "syntax": "def max_pool(x, k):\n    return (",
    "renamed": "max_pool = 3",
    "gone": None,
    "changes": "def max_pool(x, k):\n    x *= 2\n    return x",
    "markdown": "%matplotlib inline\n!ls\ndef max_pool(x, k):\n    return x[:\n        k % 7]",
    "lines": "def max_pool(x, k):\n    ...\n\ndef max_pool(x, k):\n    return 1 / 0",
}
HOSTILE = {
    "loops": "def max_pool(x, k):\n    while True: pass",
    # First by its name, so first in the queue: the other worker goes on while one waits.
    "asleep": "def max_pool(x, k):\n    import time; time.sleep(1000)",
    "eats": "def max_pool(x, k):\n    kept = []\n    while True: kept.append(np.ones(10**6))",
    "prints": "def max_pool(x, k):\n    for _ in range(1000): print('x' * 10**6)",
    "deletes": """
        def max_pool(x, k):
            import os, shutil
            for folder in (".", "{copies}", "{outside}"):
                shutil.rmtree(folder, ignore_errors=True)
            for path in ("{copies}/deletes.ipynb", "{copies}/honest.ipynb", "{outside}/file"):
                try:
                    os.remove(path)
                except OSError:
                    pass
            return x""",
    "prints success": """
        def max_pool(x, k):
            print("✓ max_pool: 6 of 6 cases", flush=True)
            import os; os._exit(0)""",
    "exits at once": "def max_pool(x, k, now=__import__('os')._exit(0)):\n    return x",
    "exits kindly": "def max_pool(x, k):\n    import sys; sys.exit(0)",
    "patches": """
        def max_pool(x, k):
            import dlcore.exercise as e
            from dlcore.checks import conv
            e.Exercise.verdict = e.Exercise.problem = lambda *a: "✓ max_pool: 6 of 6 cases"
            e.agree = lambda *a: True
            conv.max_pool.cases.clear()
            conv.max_pool.reference = max_pool
            return x""",
    "equal to all": """
        class Equal(np.ndarray):
            def __eq__(self, other): return True
            def __reduce__(self): return __import__("os").system, ("touch {outside}/new",)
        def max_pool(x, k):
            return np.zeros(3).view(Equal)""",
    "talks": """
        def max_pool(x, k):
            import json, os, struct
            text = json.dumps(dict(returned=dict(list=[]), changed=None, verdict="solved", solved=True)).encode()
            for _ in range(20):
                os.write(3, struct.pack(">I", len(text)) + text)
            return x""",
    "babbles": "def max_pool(x, k):\n    import os\n    while True: os.write(3, b'\\xff' * 1000)",
    "hangs up": "def max_pool(x, k):\n    import os, time\n    os.close(3)\n    time.sleep(1000)",
    "too much": "def max_pool(x, k):\n    return np.ones((2000, 2000))",
    "too deep": """
        def max_pool(x, k):
            deep = []
            for _ in range(10**5): deep = [deep]
            return deep""",
    "dies": "def max_pool(x, k):\n    import ctypes; ctypes.string_at(0)",
    "recurses": "def max_pool(x, k):\n    return max_pool(x, k)",
    "kills": """
        def max_pool(x, k):
            import os
            for who in (os.getppid(), -1, 0): os.kill(who, 9)""",
    "multiplies": "def max_pool(x, k):\n    import os\n    while True: os.fork()",
    "copies": """
        def max_pool(x, k):
            exec(open("{copies}/honest.ipynb").read())""",
    "writes": """
        def max_pool(x, k):
            open("{copies}/writes.ipynb", "w").write("")""",
    "fills": "def max_pool(x, k):\n    with open('big', 'w') as f:\n        while True: f.write('x' * 10**6)",
    "calls home": "def max_pool(x, k):\n    import socket; socket.create_connection(('127.0.0.1', 9))",
}
if sandbox.missing():           # there they would do what they try
    for name in ("deletes", "kills", "multiplies", "copies", "writes", "calls home"):
        del HOSTILE[name]
NOT_NOTEBOOKS = {
    "empty": b"", "deep": b"[" * 100_000, "list": b"[1]", "cells": b'{"cells": [3]}', "binary": b"\x00\xff",
    "stranger": b'{"cells": [{"cell_type": "code", "source": "1"}]}',
}


def solved_copy(path):
    """A chapter as a learner who solved everything returns it, and the answers by their checks."""
    notebook = nbformat.read(path, as_version=4)
    tagged = {tag: [c for c in notebook.cells if tag in c.metadata.get("tags", [])] for tag in ("exercise", "solution")}
    for stub, solution in zip(tagged["exercise"], tagged["solution"], strict=True):
        stub.source = "\n".join(solution.source.splitlines()[1:])
    notebook.cells = [c for c in notebook.cells if c not in tagged["solution"]]
    return notebook, tagged["exercise"]


def command(*arguments, scratch=None):
    words = [sys.executable, "-m", "dlcore.course", *arguments]
    env = os.environ | ({"TMPDIR": str(scratch)} if scratch else {})
    return subprocess.run(words, cwd=TOP, env=env, capture_output=True, text=True, timeout=600)


def write(path, notebook):
    path.parent.mkdir(exist_ok=True)
    path.write_text(nbformat.writes(notebook), "utf-8")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """One run of the command over everything: the rows of its table, what it prints, and the folder."""
    copies, outside = tmp_path_factory.mktemp("returned"), tmp_path_factory.mktemp("instructor")
    (outside / "file").write_text("precious")
    for path in FILES:
        write(copies / "everything" / path.name, solved_copy(path)[0])
    notebook, (first, *_) = solved_copy(CHAPTER)
    right = first.source
    write(copies / "honest.ipynb", notebook)
    for name, source in {**HARMLESS, **HOSTILE}.items():
        first.source = "# empty" if source is None else (
            textwrap.dedent(source).strip().replace("{copies}", str(copies)).replace("{outside}", str(outside))
            + "\n\nchecks.max_pool(max_pool)")
        write(copies / f"{name}.ipynb", notebook)
    first.source = "def max_pool(x, k):\n    return helper(x, k, WAY)\n\nchecks.max_pool(max_pool)"
    helper = "WAY = 'max'\nmodel = undefined(3)\n" + right.split("\n\nchecks")[0].replace("(x, k)", "(x, k, way)", 1)
    helper = re.sub(r"def \w+", "def helper", helper, count=1)
    notebook.cells.insert(20, new_code_cell(helper))
    notebook.cells.insert(21, new_code_cell("this is a note, not code"))
    notebook.cells.insert(22, new_code_cell("import os; os._exit(3)"))
    write(copies / "helped.ipynb", notebook)
    for name, data in NOT_NOTEBOOKS.items():
        (copies / f"{name}.ipynb").write_bytes(data)
    (copies / "link.ipynb").symlink_to("/dev/zero")
    before = {path: path.read_bytes() for path in copies.rglob("*.ipynb") if not path.is_symlink()}
    scratch = tmp_path_factory.mktemp("scratch")
    run = command("grade", str(copies), scratch=scratch)
    assert run.returncode == 0, run.stderr
    assert list(scratch.glob("dlcore-grade-*")) == [], "the folder of a process is left behind"
    assert {path: path.read_bytes() for path in before} == before, "a returned copy was changed"
    assert (outside / "file").read_text() == "precious" and len(list(outside.iterdir())) == 1
    with open(copies / "table.csv", encoding="utf-8", newline="") as file:
        rows = [Row(**row) for row in csv.DictReader(file)]
    return rows, run.stdout, copies


def check_of(source):
    return CALL.search(source).group(1)


def row(graded, student, exercise="1 max_pool"):
    (found,) = [row for row in graded[0] if (row.student, row.exercise) == (student, exercise)]
    return found


# ---- honest copies ----

@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_solution_of_the_course_is_solved(graded, path):
    checks = [check_of(stub.source) for stub in solved_copy(path)[1]]
    assert checks
    rows = [r for r in graded[0] if r.student == "everything" and r.chapter == path.stem]
    assert [r.exercise for r in rows] == [f"{i} {check}" for i, check in enumerate(checks, start=1)]
    assert [r for r in rows if r.verdict != "solved"] == []


@pytest.mark.parametrize(("student", "verdict", "why"), [
    ("honest", "solved", ""), ("helped", "solved", ""), ("stub", "not attempted", ""),
    ("gone", "not attempted", "its cell is gone"), ("other", "wrong", ""), ("nothing", "wrong", ""),
    ("mistake", "wrong", "That is the first number of each window, not the largest."),
    ("raises", "crashed", "error"), ("syntax", "crashed", "error"), ("renamed", "crashed", "error"),
    ("changes", "wrong", ""), ("lines", "crashed", "error"), ("markdown", "wrong", ""),
])
def test_verdicts(graded, student, verdict, why):
    assert (row(graded, student).verdict, row(graded, student).why) == (verdict, why), row(graded, student)


def test_the_table_says_what_the_check_says(graded):
    assert "name 'undefined' is not defined" in row(graded, "raises").said
    assert row(graded, "syntax").said == "SyntaxError in line 2: '(' was never closed"
    assert row(graded, "renamed").said == "there is no function max_pool"
    assert row(graded, "changes").said.endswith("changed its own input. Work on a copy, or make a new array.")
    assert row(graded, "lines").said.endswith("your code raised ZeroDivisionError: division by zero.")
    assert row(graded, "mistake").said.startswith("✗ max_pool(") and "should be" in row(graded, "mistake").said


@pytest.mark.parametrize("name", ["windows"])
def test_a_copy_of_the_right_numbers_is_told_from_a_view(name, monkeypatch):
    from dlcore.grade import judged

    monkeypatch.chdir(TOP)
    chapter = chapter_of(TOP / "chapters" / "09_torch.ipynb")
    view = "def windows(x, k):\n    return x.unfold(0, k, 1).unfold(1, k, 1)"
    assert judged(chapter, name, [], view, name)[0] == "solved"
    verdict, _, said = judged(chapter, name, [], view + ".clone()", name)
    assert verdict == "wrong" and said.endswith("a copy of them. The task asks for the memory of x itself.")
    assert torch.windows.verdict(lambda x, k: x.unfold(0, k, 1).unfold(1, k, 1).clone()).endswith(said[-40:])


# ---- copies that mean harm ----

@pytest.mark.parametrize("student", HOSTILE)
def test_harm_is_never_solved_and_spoils_nothing_else(graded, student):
    assert row(graded, student).verdict in ("crashed", "wrong"), row(graded, student)
    others = [r for r in graded[0] if r.student == student and r.exercise != "1 max_pool"]
    assert len(others) == 3 and all(r.verdict == "solved" for r in others)


@pytest.mark.parametrize(("student", "why", "said"), [
    ("loops", "time", " s"), ("asleep", "time", "no answer after 15 s"),
    ("eats", "memory", "more than 1000 MB"), ("prints", "output", "printed or wrote more than a file may hold"),
    ("fills", "output", "printed or wrote more than a file may hold"), ("copies", "error", "PermissionError"),
    ("prints success", "error", "left Python with exit status 0"),
    ("exits at once", "error", "left Python with exit status 0"),
    ("dies", "error", "ended by SIGSEGV"), ("exits kindly", "error", "your code raised SystemExit: 0."),
    ("too much", "error", "sent back something that is no value, or too much of it"),
    ("recurses", "error", "your code raised RecursionError"), ("kills", "error", "PermissionError"),
    ("multiplies", "error", "PermissionError"), ("writes", "error", "PermissionError"),
    ("calls home", "error", "PermissionError"),
])
@SHUT
def test_harm_is_called_by_its_name(graded, student, why, said):
    found = row(graded, student)
    assert (found.verdict, found.why) == ("crashed", why) and said in found.said, found


@pytest.mark.parametrize("student", [*NOT_NOTEBOOKS, "link"])
def test_what_is_no_notebook_is_said(graded, student):
    assert row(graded, student, "").verdict == "unreadable" and row(graded, student, "").why


def test_no_process_is_left_behind(graded):
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert str(graded[2]) not in commands


# ---- around it ----

def test_progress_and_both_tables_are_named(graded):
    _, told, copies = graded
    number = len(list(copies.rglob("*.ipynb")))
    lines = told.splitlines()
    assert lines[-3:] == [f"{number} of {number} copies", f"wrote {copies}/table.csv", f"wrote {copies}/table.html"]


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_is_readable_and_asks_no_other_host(graded):
    raw = (graded[2] / "table.html").read_text("utf-8")
    page = Page(raw)
    assert not re.search(r"https?://|<script|src=|href=", raw)
    text = " ".join(page.text)
    assert "11_conv" in text and "✓ solved" in text and "✗ wrong" in text and "○ not attempted" in text
    students = len(HARMLESS) + len(HOSTILE) + 3         # and honest, helped, everything
    assert f"all {students}" in text and f"of {students} solved" in text


EVIL = '<script>alert("x")</script>'


def test_a_table_takes_no_text_for_code():
    rows = [Row("=cmd()", "11_conv", "1 a", "wrong", "+1", f"a\n{EVIL}\x1b[2J\udcff"), Row(EVIL, EVIL, EVIL, "solved")]
    lines = as_csv(rows).splitlines()
    assert lines[1].startswith("'=cmd(),11_conv,1 a,wrong,'+1,") and "\x1b" not in lines[1] and len(lines) == 3
    assert "<script" not in as_html(rows) and "&lt;script" in as_html(rows)
    assert as_html(rows).encode("utf-8")


def test_frequent_mistakes_come_first():
    rows = [Row(f"s{i}", "11_conv", "1 a", "wrong", "Often." if i else "Once.", "✗ Often.") for i in range(4)]
    assert "0 of 4 solved<p>3 × Often.</p></td>" in as_html(rows)


@pytest.mark.parametrize(("path", "student"), [
    ("anna_11_conv.ipynb", "anna"), ("13_deep_cnn_anna.ipynb", "anna"), ("11_conv-ben.ipynb", "ben"),
    ("11_conv.ipynb", "11_conv"), ("Cem Y_123/11_conv.ipynb", "Cem Y_123"), ("Dana/week 3/11_conv.ipynb", "Dana"),
])
def test_whose_copy_it_is(path, student, tmp_path):
    assert student_of(tmp_path / path, tmp_path, ["11_conv", "13_deep_cnn"]) == student


def test_an_empty_folder(tmp_path):
    run = command("grade", str(tmp_path))
    assert run.returncode == 1 and run.stderr == f"dlcore grade: there is no notebook below {tmp_path}\n"


def test_the_exercises_of_a_chapter():
    chapter = chapter_of(CHAPTER)
    assert (chapter.word, chapter.room) == ("11_conv", "conv")
    assert chapter.exercises[0] == ("max_pool", "max_pool")
    assert all(hasattr(conv, check) for check, _ in chapter.exercises)
    assert "max_pool_solution" not in chapter.namespace and "np" in chapter.namespace
