"""Copies of the chapters without their solutions, to hand out."""

import shutil
from pathlib import Path

from .notebook import canonical, chapters, read, root, written
from .store import store


def without_solutions(notebook):
    """The notebook without the cells of its solutions; the stubs keep their outputs."""
    notebook.cells = [cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])]
    return canonical(notebook)


def student(folder, numbers):
    """Write copies of the chapters with the given numbers, of all where none is given, into `folder`.

    Raises SystemExit, and writes nothing, where a file of that name holds something else: it may be a learner's work.
    """
    folder = Path(folder)
    copies = {folder / path.name: written(without_solutions(read(path))) for path in chapters(numbers)}
    there = [path for path in copies if path.exists()]
    taken = [path for path in there if path.read_bytes() != copies[path].encode("utf-8")]
    if taken:
        raise SystemExit(
            f"dlcore student: {taken[0]} holds something else, perhaps a learner's work: "
            "nothing was written, choose an empty folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(root() / "chapters" / "_static", folder / "_static", dirs_exist_ok=True)
    for path in copies.keys() - set(there):
        store(path, copies[path])
    print(f"{len(copies)} chapters without solutions are in {folder}")
