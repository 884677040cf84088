"""Copies to hand out: no line of a solution is left, and nobody's work is overwritten."""

import json
from collections import Counter

import nbformat
import pytest
from test_settings import TOP

from dlcore.course import main

FILES = sorted((TOP / "chapters").glob("[0-9][0-9]_*.ipynb"))


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("students")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(TOP)
        main(["student", str(folder)])
    return folder


def cells_of(path):
    return nbformat.read(path, as_version=4).cells


def is_solution(cell):
    return "solution" in cell.metadata.get("tags", [])


def lines_of(cells):
    """How often each line stands in the sources and in the printed outputs of cells, blank ones aside."""
    texts = [c.source for c in cells]
    for output in (o for c in cells for o in c.get("outputs", [])):
        texts += [output.get("text", ""), *map(str, output.get("data", {}).values())]
    return Counter(line.strip() for text in texts for line in text.splitlines() if line.strip())


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_no_line_of_a_solution_is_left(handed_out, path):
    cells, copied = cells_of(path), cells_of(handed_out / path.name)
    solutions, others = [c for c in cells if is_solution(c)], [c for c in cells if not is_solution(c)]
    assert solutions
    left, allowed = lines_of(copied), lines_of(others)
    for line in lines_of(solutions):
        assert left[line] == allowed[line], f"{line!r} stands in the copy more often than outside the solutions"
    text = (handed_out / path.name).read_text("utf-8")
    for cell in solutions:
        for name in (line.split("(")[0][4:] for line in cell.source.splitlines() if line.startswith("def ")):
            assert not [c.id for c in others if f"{name}(" in c.source], f"a cell that is handed out needs {name}"
            assert f"{name}(" not in text and f"{name}:" not in text
    assert "# @title Solution" not in text


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_everything_else_is_left_as_it_was(handed_out, path):
    others = [c for c in cells_of(path) if not is_solution(c)]
    copied = cells_of(handed_out / path.name)
    for one, other in zip(others, copied, strict=True):
        assert (one.id, one.source, one.metadata) == (other.id, other.source, other.metadata)
        assert [o.get("text") for o in one.get("outputs", [])] == [o.get("text") for o in other.get("outputs", [])]
    stubs = [c for c in copied if "exercise" in c.metadata.get("tags", [])]
    assert stubs and all(c.outputs[0].text.startswith("○ not attempted yet") for c in stubs)
    nbformat.validate(json.loads((handed_out / path.name).read_text("utf-8")))


def test_the_pictures_of_the_text_come_along(handed_out):
    assert (handed_out / "_static" / "colab.svg").is_file()


def test_nobodys_work_is_overwritten(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(TOP)
    main(["student", str(tmp_path / "a"), "00", "01"])
    assert sorted(p.name for p in (tmp_path / "a").glob("*.ipynb")) == ["00_start.ipynb", "01_neuron.ipynb"]
    main(["student", str(tmp_path / "a"), "01", "02"])          # what is there is the same: the next week's chapters
    capsys.readouterr()
    work = tmp_path / "a" / "02_activation.ipynb"
    work.write_text(work.read_text("utf-8").replace("...", "np.tanh(x)"), "utf-8")
    before = work.read_bytes()
    with pytest.raises(SystemExit) as stop:
        main(["student", str(tmp_path / "a"), "01", "02", "03"])
    assert str(stop.value) == (
        f"dlcore student: {work} holds something else, perhaps a learner's work: "
        "nothing was written, choose an empty folder"
    )
    assert work.read_bytes() == before and not (tmp_path / "a" / "03_network.ipynb").exists()


def test_the_chapters_themselves_are_never_the_folder(monkeypatch):
    monkeypatch.chdir(TOP)
    before = FILES[0].read_bytes()
    with pytest.raises(SystemExit, match="nothing was written, choose an empty folder"):
        main(["student", "chapters"])
    assert FILES[0].read_bytes() == before
