"""Which exercises are solved: one small file on the learner's own computer, sent nowhere.

The file is {"conv.max_pool": "2026-11-22", ...}: an exercise, and the day on which its check first passed.
`DLCORE_PROGRESS` moves it.
"""

import contextlib
import datetime
import json
import os
import sys
from pathlib import Path

from .store import store

SOLUTION = "# @title Solution"                  # how the cell of a solution begins, in every chapter
NOBODY = ("CI", "DLCORE_BAKE", "PYTEST_VERSION", "PYTEST_CURRENT_TEST")


def place():
    """The file of the record: where `DLCORE_PROGRESS` says, else in the user's data folder."""
    if os.environ.get("DLCORE_PROGRESS"):
        return Path(os.environ["DLCORE_PROGRESS"]).expanduser()
    home = Path.home()
    folder = {
        "win32": os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local",
        "darwin": home / "Library" / "Application Support",
    }.get(sys.platform, os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return Path(folder) / "dlcore-course" / "progress.json"


@contextlib.contextmanager
def alone(path):
    """Nobody else is at the file; other kernels wait. When this process ends, however it ends, so does the wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name(path.name + ".lock"), "w") as file:
        with contextlib.suppress(OSError):      # a file system without locks: still better than no record
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def entries(path):
    """What the file holds; {} where there is none. Raises ValueError where it is damaged."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    if not isinstance(found, dict) or not all(isinstance(day, str) for day in found.values()):
        raise ValueError("not a record")
    return found


def whole_entries(path):
    """What the file holds; a damaged one is kept under another name, which is said, and a new one begins."""
    try:
        return entries(path)
    except (ValueError, RecursionError):
        kept = next(k for n in range(1, 1000) if not (k := path.with_name(f"{path.name}.damaged-{n}")).exists())
        os.replace(path, kept)
        print(f"dlcore: the record of your solved exercises was damaged; it is kept as {kept}, a new one begins.")
        return {}


def solved_so_far():
    """The solved exercises, {"conv.max_pool": day, ...}."""
    path = place()
    if not path.exists():
        return {}
    with alone(path):
        return whole_entries(path)


def add(name):
    """Add the exercise `name` to the record, with today's date. The first day stays."""
    path = place()
    with alone(path):
        found = whole_entries(path)
        if name not in found:
            found[name] = datetime.date.today().isoformat()
            store(path, json.dumps(dict(sorted(found.items())), indent=1) + "\n")


def learner_is_here():
    """True in a notebook that a person works in, outside the cells of the course's own solutions.

    A front end in which a person works lets a cell ask for input, and says so with every cell that it sends. What runs
    notebooks by itself (nbval, `dlcore run`, nbconvert, the book) says no. Tests and CI that drive a real front end
    are told by the environment.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    kernel = getattr(shell, "kernel", None)
    if kernel is None or any(os.environ.get(name) for name in NOBODY):
        return False
    if not (getattr(kernel, "_allow_stdin", False) or "google.colab" in sys.modules):
        return False
    code = getattr(shell, "get_parent", dict)().get("content", {}).get("code")
    return code is not None and not code.lstrip().startswith(SOLUTION)


def name_of(exercise):
    """The name of an exercise of the course, "conv.max_pool"; None for one that a reader made."""
    rooms = {name: room for name, room in sys.modules.items() if name.startswith("dlcore.checks.")}
    for room_name, room in rooms.items():
        for name, value in vars(room).items():
            if value is exercise:
                return f"{room_name.removeprefix('dlcore.checks.')}.{name}"
    return None


def note(exercise):
    """Write down that an exercise of the course is solved, where a learner solved it. Never raises."""
    try:
        if learner_is_here() and (name := name_of(exercise)):
            add(name)
    except OSError as error:
        print(f"dlcore: solved, but not written down in {place()}: {error.strerror}.")
