"""The course as Colab meets it: a wheel in an environment without it, and a notebook alone in an empty folder.

Slow (it installs PyTorch): run it with `pytest tests/wheel`; `make check` does.
"""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
GIVEN = ["numpy", "torch", "matplotlib", "ipywidgets", "ipykernel"]        # what Colab brings, of what the course needs
CHAPTERS = sorted((TOP / "chapters").glob("[0-9][0-9]_*.ipynb"))

RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
"""


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """An environment with the given packages, then the course's wheel; gives its python."""
    folder = tmp_path_factory.mktemp("colab")
    pip = [sys.executable, "-m", "pip", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, TOP], check=True)
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip[0] = python
    limits = ["--constraint", TOP / "constraints.txt"]
    subprocess.run([*pip, "install", *limits, *GIVEN, "nbclient", "nbformat"], check=True)
    given = installed(python)
    subprocess.run([*pip, "install", next(folder.glob("*.whl"))], check=True)
    kept = installed(python)
    assert {name: kept[name] for name in given} == given, "installing the course must not change what Colab brings"
    return python


def installed(python):
    listed = subprocess.check_output([python, "-m", "pip", "list", "--format=freeze"], text=True)
    return dict(line.split("==") for line in listed.split())


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_runs_alone_in_an_empty_folder(colab, tmp_path, chapter):
    shutil.copy(chapter, tmp_path)
    run = subprocess.run([colab, "-c", RUN, chapter.name], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
