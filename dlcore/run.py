"""Chapters executed, several at a time, and stored in their canonical form."""

import asyncio
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from .notebook import canonical, chapters, read, written
from .store import store

# Where two chapters run side by side, a second thread in each would only make them wait for each other.
ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
MEASURED = re.compile(r"≈-?[0-9]+([.,][0-9]+)*(e[+-]?[0-9]+)?")       # what may differ between two machines


class Stopped(Exception):
    """A chapter that stops with an error in one of its cells."""


def execute(path):
    """Run a notebook from top to bottom in its own folder and return it with fresh outputs."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = read(path)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": path.parent}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],       # else every start warns that kernels talk over TCP
    )
    try:
        asyncio.run(client.async_execute())
    except CellExecutionError as error:
        raise Stopped(f"{error}\ndlcore run: {path.name} stops at this cell, nothing is stored") from None
    return notebook


def told(cell):
    """What a cell prints, as far as it is the same on every machine."""
    texts = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.get("outputs", [])]
    return MEASURED.sub("≈", "".join(texts))


def changed(before, after):
    """How many cells print something else than before, measured numbers aside."""
    return sum(told(a) != told(b) for a, b in zip(before.cells, after.cells, strict=True))


def run_one(path, check):
    """Execute one chapter, store it unless `check`, and say in words how it went."""
    start = time.perf_counter()
    notebook = canonical(execute(path))
    others = changed(read(path), notebook)
    if not check:
        store(path, written(notebook))
    cells = "" if not others else f", {others} {'cell prints' if others == 1 else 'cells print'} something else"
    return f"{time.perf_counter() - start:.1f} s{cells}"


def each(files, call):
    """Call `call(path)` for all files, as many at a time as there are cores: (path, result or Stopped) as they end."""
    for name, value in ALONE.items():
        os.environ.setdefault(name, value)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = {pool.submit(call, path): path for path in files}
        try:
            for future in as_completed(waiting):
                try:
                    yield waiting[future], future.result()
                except Stopped as error:
                    yield waiting[future], error
        except KeyboardInterrupt:
            os._exit(130)       # the kernels end when their parent has gone; every file is whole


def run(numbers, check=False):
    """Execute the chapters with the given numbers, as many at a time as there are cores, and store their outputs.

    With `check` nothing is stored. Prints a line for each chapter when it is done.
    Raises SystemExit with the errors of all chapters that stopped; the others are stored.
    """
    files, stopped = chapters(numbers), {}
    if len(files) > 1:
        print(f"{len(files)} chapters, {min(os.cpu_count(), len(files))} at a time", flush=True)
    for done, (path, result) in enumerate(each(files, lambda path: run_one(path, check)), start=1):
        if isinstance(result, Stopped):
            stopped[path], result = result, "stopped"
        print(f"{done:3} of {len(files)}  {path.stem:20} {result}", flush=True)
    if stopped:
        raise SystemExit("\n".join(str(stopped[path]) for path in sorted(stopped)))
