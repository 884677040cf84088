"""The table of margins: what claims print is read back, and a claim that fails somewhere fails the command."""

import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from test_settings import TOP

from dlcore import margins
from dlcore.claim import claim
from dlcore.course import main


@pytest.fixture(autouse=True)
def same_environment(monkeypatch):
    for name in ("DLCORE_SEED", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")           # so that what the command sets is taken back


def test_what_a_claim_prints_is_read_back(capsys):
    claim("an accuracy: of two", 0.98764, at_least=0.9, at_most=1.0)
    claim("a loss", 1.5e-7, less_than=1e-6)
    claim("exact", 3, equals=3)
    claim("true", True)
    cell = new_code_cell("", outputs=[new_output("stream", text=capsys.readouterr().out)])
    assert margins.claims(new_notebook(cells=[cell])) == {
        "an accuracy: of two": (0.9876, "at least 0.9 and at most 1"), "a loss": (1.5e-7, "less than 1e-06"),
    }


@pytest.mark.parametrize(("value", "bounds", "expected"), [
    (0.9, "at least 0.8", 0.1), (0.9, "at most 1", 0.1), (5.0, "more than 2 and less than 6", 1.0),
    (3.0, "at most 2", -1),
])
def test_distance(value, bounds, expected):
    assert margins.distance(value, bounds) == pytest.approx(expected)


def test_room():
    assert margins.line("x", [0.9, 1.0], "at least 0.7")[0] == pytest.approx(2.0)
    assert margins.line("x", [1.0, 1.0], "at least 0.7")[0] == float("inf")


SEEDED = """
import os
from dlcore.claim import claim
seed, threads = int(os.environ["DLCORE_SEED"]), int(os.environ["OMP_NUM_THREADS"])
claim("steady", 5 + seed / 10 + threads / 100, at_least=1)
claim("close", 5 + seed / 10 + threads / 100, at_least=5)
claim("sometimes", 5 - seed, at_least=LIMIT)
"""


@pytest.fixture
def clone(tmp_path, monkeypatch):
    (tmp_path / "chapters").mkdir()
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    monkeypatch.chdir(tmp_path)

    def write(limit):
        made = new_notebook(cells=[new_code_cell(SEEDED.replace("LIMIT", limit))])
        (tmp_path / "chapters" / "01_one.ipynb").write_text(nbformat.writes(made), "utf-8")

    return write


def test_the_table_puts_the_claim_with_the_least_room_first(clone, capsys):
    clone("0")
    main(["margins", "01"])
    lines = capsys.readouterr().out.splitlines()
    runs = [f"{count:3} of 6  01_one, seed {seed}, threads {n}" for count, (seed, n) in enumerate(margins.RUNS, 1)]
    assert lines[:6] == runs
    rows = [line.split() for line in lines[9:]]
    assert [row[-1] for row in rows] == ["close", "sometimes", "steady"]
    assert rows[0][1:5] == ["0.01", "5.01", "to", "5.41"] and rows[1][1:5] == ["1", "1", "to", "5"]


def test_a_claim_that_fails_under_one_seed_fails_the_command(clone, capsys):
    clone("2")
    with pytest.raises(SystemExit) as stop:
        main(["margins"])
    told, printed = "01_one, seed 4, threads 1: ClaimError: ✗ sometimes: 1, not at least 2", capsys.readouterr().out
    assert told in str(stop.value) and f"  5 of 6  {told}\n" in printed and "steady" in printed
