"""The chapters as files: where they are, what is in them, and the one form in which they are stored."""

import itertools
import re
from pathlib import Path


def root():
    """The top folder of the course: the nearest one above the working directory with a chapters/ folder."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "chapters").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise SystemExit("dlcore: no chapters/ folder here or above: run this command inside a clone of the course")


def chapters(numbers):
    """The notebook files whose names begin with the given numbers; all of them where none is given."""
    files = sorted((root() / "chapters").glob("[0-9][0-9]_*.ipynb"))
    for number in numbers:
        if not any(f.name.startswith(number) for f in files):
            raise SystemExit(f"dlcore: there is no chapter {number}: choose from {', '.join(f.stem for f in files)}")
    return [f for f in files if not numbers or any(f.name.startswith(n) for n in numbers)]


def read(path):
    """A notebook from its file."""
    import nbformat

    return nbformat.read(path, as_version=4)


def written(notebook):
    """A notebook as the text of its file."""
    import nbformat

    return nbformat.writes(notebook, indent=1) + "\n"


def canonical(notebook):
    """The notebook without anything that changes from run to run: running it twice changes no byte."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    taken = {cell.get("id") for cell in notebook.cells}
    free = (name for name in (f"cell-{i:02d}" for i in itertools.count()) if name not in taken)
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in ("tags", "jupyter", "cellView")}
        if not re.fullmatch(r"[a-z0-9-]+", cell.get("id", "")):
            cell["id"] = next(free)
        if cell.cell_type == "code":
            kept = [o for o in cell.outputs if o.get("data") != {}]         # a progress bar leaves an empty output
            cell.outputs = [canonical_output(o) for o in joined_streams(kept)]
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
    return notebook


def joined_streams(outputs):
    """Outputs with neighbouring pieces of one stream joined: how print is cut into pieces depends on the clock."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last is not None and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def canonical_output(output):
    """One output without the address of its widget, which lives only as long as its kernel, and without tracebacks."""
    if "data" in output:
        output.data.pop("application/vnd.jupyter.widget-view+json", None)
    if output.output_type == "error":
        output.traceback = [f"{output.ename}: {output.evalue}"]
    return output
