"""A new chapter passes every test of a chapter before a word of it is changed."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from test_settings import TOP

from dlcore.course import main
from dlcore.new import SKELETON, listed

NOT_COPIED = shutil.ignore_patterns(".*", "_build", "build", "*.egg-info", "__pycache__", "browser", "wheel")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy of the course with a new chapter in it."""
    folder = tmp_path_factory.mktemp("clone") / "course"
    shutil.copytree(TOP, folder, ignore=NOT_COPIED)
    made = run(folder, "-m", "dlcore.course", "new", "27", "sample_means")
    assert made.returncode == 0, made.stderr
    return folder, made.stdout


def run(folder, *words):
    env = os.environ | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, *words], cwd=folder, env=env, capture_output=True, text=True, timeout=300)


def test_it_passes_the_contract_of_a_chapter_and_of_its_exercises(clone):
    tests = ["tests/test_chapters.py", "tests/test_checks.py"]
    found = run(clone[0], "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", "sample_means")
    passed = re.search(r"(\d+) passed", found.stdout)
    assert found.returncode == 0 and int(passed.group(1)) > 50, found.stdout[-3000:]


def test_the_book_knows_it(clone):
    assert "chapters/27_sample_means\n" in (clone[0] / "_toc.yml").read_text("utf-8")
    papers = (TOP / "book" / "papers.csv").read_text("utf-8")
    for link in re.findall(r"https://doi\.org/[^)]+", (SKELETON / "chapter.txt").read_text("utf-8")):
        assert link in papers


def test_its_stored_outputs_are_those_of_a_run(clone):
    found = run(clone[0], "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider", "chapters/27_sample_means.ipynb")
    assert found.returncode == 0, found.stdout[-3000:]


def test_its_claims_hold_under_another_seed(clone, monkeypatch):
    monkeypatch.setenv("DLCORE_SEED", "3")
    found = run(clone[0], "-m", "dlcore.course", "run", "--check", "27")
    assert found.returncode == 0, found.stderr


def test_it_is_as_clean_as_the_course(clone):
    found = run(clone[0], "-m", "ruff", "check", "chapters/27_sample_means.ipynb", "dlcore/plots/sample_means.py",
                "dlcore/checks/sample_means.py")
    assert found.returncode == 0, found.stdout


def test_it_says_what_it_wrote_and_what_is_left(clone):
    folder, told = clone
    for line in re.findall(r"^wrote (.*)$", told, re.M):
        assert (folder / line).is_file()
    assert told.count("wrote ") == 4 and "By hand: " in told


@pytest.mark.parametrize(("words", "told"), [
    (["7", "word"], "7 word is no name"), (["27", "A-b"], "27 A-b is no name"), (["27", "../up"], "is no name"),
    (["11", "other"], "chapters/11_conv.ipynb is there already"), (["27", "conv"], "conv.py is there already"),
])
def test_a_name_that_is_taken_or_none_writes_nothing(monkeypatch, words, told):
    monkeypatch.chdir(TOP)
    before = (TOP / "_toc.yml").read_bytes()
    with pytest.raises(SystemExit, match=told):
        main(["new", *words])
    assert (TOP / "_toc.yml").read_bytes() == before and not list((TOP / "chapters").glob("27_*"))


CONTENTS = """parts:
  - caption: Foundations
    chapters:
      - file: chapters/01_one
      - file: chapters/09_nine
  - caption: Sequences
    chapters:
      - file: chapters/21_rnn
  - caption: Beside
    chapters:
      - file: book/inside
"""


@pytest.mark.parametrize(("number", "caption", "names"), [
    ("00", "Foundations", ["00_x", "01_one", "09_nine"]), ("05", "Foundations", ["01_one", "05_x", "09_nine"]),
    ("22", "Sequences", ["21_rnn", "22_x"]), ("11", "Vision", ["11_x"]), ("51", "Beyond", ["51_x"]),
])
def test_the_book_lists_it_in_its_place(number, caption, names):
    parts = yaml.safe_load(listed(CONTENTS, number, "x"))["parts"]
    found = {part["caption"]: [entry["file"].removeprefix("chapters/") for entry in part["chapters"]] for part in parts}
    assert found[caption] == names
    everything = [name for part in found.values() for name in part if not name.startswith("book")]
    assert everything == sorted(everything) and len(everything) == 4
    assert list(found)[-1] == "Beside"
