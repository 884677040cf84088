"""The set-up cell of a chapter, and the copies for Colab, whose set-up cells know their commit."""

import json
import os
import re
import shutil
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import nbformat
import pytest
import yaml
from test_chapters import FILES, SETUP
from test_settings import TOP

from dlcore.course import main
from dlcore.rehome import STAMPED, home
from dlcore.student import without_solutions

COMMIT, OTHER = "0123456789abcdef" * 2 + "01234567", "f" * 40


# ---- the set-up cell ----

@pytest.fixture
def pip(monkeypatch):
    """What the set-up cell runs, instead of running it: a list of commands, and the answer of pip."""
    pip = SimpleNamespace(commands=[], returncode=0, stderr="")

    def run(command, **_):
        pip.commands.append(command)
        return pip

    monkeypatch.setattr(subprocess, "run", run)
    return pip


def test_elsewhere_the_set_up_cell_does_nothing(pip, capsys):
    exec(SETUP, {})
    assert pip.commands == [] and capsys.readouterr().out == ""


def test_in_colab_it_says_what_it_installs_and_installs_it(pip, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    exec(SETUP, {})
    address = f"{home()}/archive/refs/heads/main.zip"
    assert pip.commands == [[sys.executable, "-m", "pip", "install", "-qq", address]]
    assert capsys.readouterr().out == f"Installing the course, in under a minute: {address}\n"


def test_where_pip_fails_its_reason_comes_first_and_what_to_do_last(pip, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    pip.returncode, pip.stderr = 1, "ERROR: HTTP error 404"
    with pytest.raises(AssertionError) as stop:
        exec(SETUP, {})
    told = "ERROR: HTTP error 404\nNot installed: check your connection, then run this cell again."
    assert stop.value.args == (told,)


# ---- copies for Colab ----

@pytest.fixture
def copies(tmp_path, monkeypatch):
    """A folder with copies of all chapters; the working directory is the course."""
    monkeypatch.chdir(TOP)
    for path in FILES:
        shutil.copy(path, tmp_path)
    return tmp_path


def test_only_the_address_in_the_set_up_cell_changes(copies, capsys):
    main(["stamp", COMMIT, str(copies)])
    assert capsys.readouterr().out == f"{len(FILES)} notebooks in {copies} install the course as it was at {COMMIT}\n"
    for path in FILES:
        copy = (copies / path.name).read_bytes()
        one, other = (nbformat.reads(raw.decode("utf-8"), as_version=4).cells for raw in (path.read_bytes(), copy))
        assert other[1].source == SETUP.replace("refs/heads/main", COMMIT)
        assert one[:1] + one[2:] == other[:1] + other[2:]
        assert copy.replace(COMMIT.encode(), b"refs/heads/main") == path.read_bytes(), "every other byte is the same"


def test_a_second_time_nothing_changes_and_another_commit_takes_the_place_of_the_first(copies):
    main(["stamp", COMMIT, str(copies)])
    first = {path.name: path.read_bytes() for path in copies.glob("*.ipynb")}
    main(["stamp", COMMIT, str(copies)])
    assert {path.name: path.read_bytes() for path in copies.glob("*.ipynb")} == first
    main(["stamp", OTHER, str(copies)])
    for path in copies.glob("*.ipynb"):
        assert path.read_bytes() == first[path.name].replace(COMMIT.encode(), OTHER.encode()) != first[path.name]


def test_copies_without_solutions_can_be_stamped(tmp_path, monkeypatch):
    monkeypatch.chdir(TOP)
    main(["student", str(tmp_path), "00", "01"])
    main(["stamp", COMMIT, str(tmp_path)])
    copy = nbformat.read(tmp_path / "01_neuron.ipynb", as_version=4)
    whole = without_solutions(nbformat.read(TOP / "chapters" / "01_neuron.ipynb", as_version=4))
    assert COMMIT in copy.cells[1].source and copy.cells[2:] == whole.cells[2:]


@pytest.mark.parametrize("commit", ["", "main", COMMIT[:7], COMMIT.upper().replace("0", "A"), COMMIT + "\n"])
def test_a_commit_has_40_digits(copies, commit):
    with pytest.raises(SystemExit, match="^dlcore stamp: [^\n]*\n? is no commit: give its 40 digits, as "):
        main(["stamp", commit, str(copies)])


def test_a_notebook_of_another_course_stops_all(copies):
    stranger = copies / "99_other.ipynb"
    stranger.write_text(json.dumps(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])), "utf-8")
    with pytest.raises(SystemExit) as stop:
        main(["stamp", COMMIT, str(copies)])
    assert str(stop.value) == (
        f"dlcore stamp: {stranger} has no cell that installs from {home()}/archive/: nothing was written"
    )
    assert all((copies / path.name).read_bytes() == path.read_bytes() for path in FILES)


def test_a_folder_without_notebooks(tmp_path, monkeypatch):
    monkeypatch.chdir(TOP)
    with pytest.raises(SystemExit, match="holds no notebook: give a folder with copies of chapters$"):
        main(["stamp", COMMIT, str(tmp_path / "none")])


# ---- the branch that Colab opens ----

def test_every_link_to_colab_leads_to_the_branch_of_the_copies():
    files = [path for pattern in [*STAMPED, "dlcore/skeleton/*"] for path in TOP.glob(pattern)]
    links = {path.name: re.findall(r"(?:colab\.research\.google\.com|@colab@)\S*/blob/(\w+)/", path.read_text("utf-8"))
             for path in files}
    assert len(links["README.md"]) > len(FILES) and links["chapter.txt"] == ["colab"]
    assert {branch for branches in links.values() for branch in branches} == {"colab"}


def git(*words):
    return subprocess.check_output(["git", *words], text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="the workflow runs on Linux")
@pytest.mark.skipif(not (TOP / ".git").exists(), reason="this copy of the course is not under version control")
def test_the_workflow_puts_stamped_chapters_and_nothing_that_runs_on_that_branch(tmp_path, monkeypatch):
    job = yaml.safe_load((TOP / ".github" / "workflows" / "book.yml").read_text("utf-8"))["jobs"]["colab"]
    assert job["needs"] == "build" and job["permissions"] == {"contents": "write"}
    (script,) = (step["run"] for step in job["steps"] if "run" in step)
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"])
    git("clone", "--quiet", "--bare", str(TOP), str(tmp_path / "github"))
    for _ in range(2):                                  # the second push replaces the first
        git("clone", "--quiet", "--depth", "1", f"file://{tmp_path}/github", str(tmp_path / "runner"))
        monkeypatch.chdir(tmp_path / "runner")
        monkeypatch.setenv("GITHUB_SHA", git("rev-parse", "HEAD").strip())
        subprocess.run(["bash", "-e", "-c", script], check=True)
        monkeypatch.chdir(tmp_path / "github")
        shutil.rmtree(tmp_path / "runner")
    assert git("rev-list", "--count", "colab") == "1\n"
    names = git("ls-tree", "-r", "--name-only", "colab").splitlines()
    assert {name.split("/")[0] for name in names} == {"chapters", "LICENSE", "LICENSES.md"}
    for name in (name for name in names if name.endswith(".ipynb")):
        assert f'/archive/{os.environ["GITHUB_SHA"]}.zip' in git("show", f"colab:{name}")
