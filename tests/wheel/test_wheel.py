"""The course as Colab meets it: its archive in an environment without it, and a notebook alone in an empty folder.

Slow (it installs PyTorch): run it with `pytest tests/wheel`; `make check` does. COLAB_HAS names a file like the one
in which Colab lists its versions (github.com/googlecolab/backend-info, pip-freeze.txt): then all that Colab has of
what the course needs is there first, in those versions.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
GIVEN = ["numpy", "torch", "matplotlib", "ipywidgets", "ipykernel"]        # what Colab brings, of what the course needs
CHAPTERS = sorted((TOP / "chapters").glob("[0-9][0-9]_*.ipynb"))

# A line of a list of versions: numpy==2.0.2, torch==2.9.0+cpu, torch @ https://host/torch-2.9.0%2Bcpu-....whl.
# What builds a package, and what torch itself asks for in exact versions, is left to them.
VERSION = re.compile(r"(?!setuptools|nvidia|cuda|triton)([\w.-]+)(?:==| @ \S+/\1-)([\w.]+)")


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """A file with the exact versions of what is given, and the names of what is given."""
    if "COLAB_HAS" not in os.environ:
        return TOP / "constraints.txt", GIVEN
    listed = [VERSION.match(line) for line in Path(os.environ["COLAB_HAS"]).read_text("utf-8").splitlines()]
    has = {found[1].lower(): found[2] for found in listed if found}
    needs = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = [re.match(r"[\w-]+", line)[0] for line in needs]
    given = [*GIVEN, "ipython", *(name for name in names if name in has)]
    assert set(given) <= set(has), f"{os.environ['COLAB_HAS']} does not list {sorted(set(given) - set(has))}"
    file = tmp_path_factory.mktemp("versions") / "constraints.txt"
    file.write_text("".join(f"{name}=={version}\n" for name, version in has.items()), "utf-8")
    return file, given


@pytest.fixture(scope="module")
def colab(tmp_path_factory, versions):
    """The python of an environment with what is given, and without the course."""
    folder = tmp_path_factory.mktemp("colab")
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    constraints, given = versions
    install = [python, "-m", "pip", "install", "--quiet", "--constraint", constraints]
    subprocess.run([*install, *given, "nbclient", "nbformat"], check=True)
    return python


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The course as GitHub packs it: all that is under version control, below one folder."""
    tracked = subprocess.check_output(["git", "ls-files", "-z"], cwd=TOP, text=True).split("\0")
    path = tmp_path_factory.mktemp("archive") / "course.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in tracked:
            if (TOP / name).is_file():
                file.write(TOP / name, f"course/{name}")
    return path


@pytest.fixture(scope="module")
def wheel(archive):
    """The wheel that pip makes of the archive: a second chapter installs it at once."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", archive.parent]
    subprocess.run([*build, archive], check=True)
    return next(archive.parent.glob("*.whl"))


def run_as_colab(python, notebook, course):
    """Run a notebook in its own folder, with `course` in place of the address in its set-up cell."""
    command = [python, Path(__file__).with_name("as_colab.py"), notebook.name, course.as_uri()]
    return subprocess.run(command, cwd=notebook.parent, capture_output=True, text=True)


def worked():
    """Seconds of processor time that commands took so far: unlike the clock's, the same on a busy machine."""
    return os.times().children_user + os.times().children_system


def installed(python):
    listed = subprocess.check_output([python, "-m", "pip", "list", "--format=freeze"], text=True)
    return dict(line.split("==") for line in listed.split())


@pytest.fixture
def beginning(tmp_path):
    """The first two cells of a chapter: title and set-up."""
    notebook = json.loads(CHAPTERS[0].read_text("utf-8"))
    path = tmp_path / CHAPTERS[0].name
    path.write_text(json.dumps(notebook | {"cells": notebook["cells"][:2]}), "utf-8")
    return path


def test_without_its_archive_the_set_up_cell_ends_in_one_sentence(colab, beginning, tmp_path):
    run = run_as_colab(colab, beginning, tmp_path / "nowhere.zip")
    assert run.returncode != 0 and "nowhere.zip" in run.stderr
    assert run.stderr.rstrip().endswith("Not installed: check your connection, then run this cell again.")


def test_the_set_up_cell_installs_the_course_and_keeps_what_colab_brings(colab, archive, beginning):
    given, start = installed(colab), worked()
    assert "dlcore-course" not in given
    run = run_as_colab(colab, beginning, archive)
    assert run.returncode == 0, run.stderr[-2000:]
    assert worked() - start < 60, "the set-up cell says that it takes under a minute"
    assert run.stdout == f"Installing the course, in under a minute: {archive.as_uri()}\n"
    kept = installed(colab)
    assert "dlcore-course" in kept and {name: kept[name] for name in given} == given


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_runs_alone_in_an_empty_folder(colab, wheel, tmp_path, chapter):
    path = tmp_path / chapter.name
    path.write_bytes(chapter.read_bytes())
    run = run_as_colab(colab, path, wheel)
    assert run.returncode == 0, run.stderr[-2000:]
