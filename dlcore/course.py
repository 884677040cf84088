"""The command `dlcore`: run chapters and store canonical outputs, re-home the course to another address."""

import argparse
import itertools
import re
import sys
import time
import tomllib
from pathlib import Path

ADDRESS = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)")
STAMPED = ["*.md", "*.yml", "*.cff", ".github/workflows/*.yml", "chapters/*.md", "chapters/*.ipynb", "pyproject.toml"]


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


def execute(path):
    """Run a notebook from top to bottom in its own folder and return it with fresh outputs."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": path.parent}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],       # else every start warns that kernels talk over TCP
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise SystemExit(f"stopped\n{error}\ndlcore run: {path.name} stops at this cell, nothing is stored") from None
    return notebook


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


def run(arguments):
    """Execute chapters and store their canonical outputs."""
    import nbformat

    for path in chapters(arguments.chapters):
        start = time.perf_counter()
        print(f"{path.stem} …", end=" ", flush=True)
        notebook = canonical(execute(path))
        print(f"{time.perf_counter() - start:.1f} s")
        if not arguments.check:
            path.write_text(nbformat.writes(notebook, indent=1) + "\n", encoding="utf-8", newline="\n")


def home():
    """The address of the course's repository, as pyproject.toml states it: the only place that decides."""
    return tomllib.loads((root() / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"]


def stamped(text, old, new):
    """`text` with the repository OWNER/NAME `old` replaced by `new`, its pages on github.io too."""
    (old_owner, old_name), (owner, name) = old.split("/"), new.split("/")
    text = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w-])", new, text)
    return text.replace(f"{old_owner}.github.io/{old_name}", f"{owner}.github.io/{name}")


def rehome(arguments):
    """Stamp another repository's address into badges, set-up cells, README, the book's settings and pyproject.toml."""
    found = ADDRESS.fullmatch(arguments.url.removesuffix("/").removesuffix(".git"))
    if not found:
        raise SystemExit(f"dlcore rehome: {arguments.url} is not of the form https://github.com/OWNER/NAME")
    top, old, new = root(), ADDRESS.fullmatch(home()).group(1), found.group(1)
    for path in sorted(path for pattern in STAMPED for path in top.glob(pattern)):
        before = path.read_text("utf-8")
        after = stamped(before, old, new)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            print(f"stamped {path.relative_to(top)}")


def main(arguments=None):
    """The entry point of the command `dlcore`."""
    parser = argparse.ArgumentParser(prog="dlcore", description="The course's own tool.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    runs = commands.add_parser("run", help="execute chapters and store their canonical outputs")
    runs.add_argument("chapters", nargs="*", metavar="NN", help="chapter numbers; all where none is given")
    runs.add_argument("--check", action="store_true", help="execute only, store nothing")
    runs.set_defaults(call=run)
    homes = commands.add_parser("rehome", help="stamp another repository's address into the course")
    homes.add_argument("url", metavar="https://github.com/OWNER/NAME")
    homes.set_defaults(call=rehome)
    chosen = parser.parse_args(arguments)
    chosen.call(chosen)


if __name__ == "__main__":
    sys.exit(main())
