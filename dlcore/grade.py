"""The checks of the course over a folder of returned notebooks, without trusting a line of them.

Each exercise of each copy runs in a process of its own (`submission`), which is shut in (`sandbox`) and only
calculates; the verdict is made here. A copy is read as data: cells, and which check each of them calls. A worker has
loaded the chapter once, and starts each process as a copy of itself, in milliseconds.
"""

import functools
import importlib
import json
import multiprocessing
import os
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import table
from .notebook import chapters, read
from .run import ALONE
from .sandbox import missing
from .submission import Answer, Crash, define

WORKERS = 2
KNOWN = {}                                                          # in a worker: the chapters by the room of checks
LARGEST = 30 * 2**20                                                # bytes of a notebook that is read
CALL = re.compile(r"^[ \t]*checks\.(\w+)\(\s*(\w+)\s*\)", re.M)
ROOM = re.compile(r"from dlcore\.checks import (\w+) as checks")


@dataclass
class Chapter:
    """A chapter as the instructor has it: its exercises as (check, function), and what its cells define."""

    word: str
    room: str
    exercises: list[tuple[str, str]]
    sources: list[str]

    @functools.cached_property
    def namespace(self):
        """What a learner's function finds there: imports, functions, classes and plain values, but no solution.

        What a chapter has to compute first, such as a trained network, is not there.
        """
        made = {"__name__": "__main__"}
        define(self.sources, made)
        return made

    @functools.cached_property
    def checks(self):
        """The exercises by name. Each has judged its own reference: what that loads, no answer has to load again."""
        room = vars(importlib.import_module(f"dlcore.checks.{self.room}"))
        for check, _ in self.exercises:
            room[check].verdict(room[check].reference)
        return room


def chapter_of(path):
    """A chapter of the course from its notebook, which is trusted; None where it has no exercises."""
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    room = ROOM.search("\n".join(cell.source for cell in cells))
    stubs = [cell.source for cell in cells if "exercise" in cell.metadata.get("tags", [])]
    others = [cell.source for cell in cells if not {"exercise", "solution"} & set(cell.metadata.get("tags", []))]
    if not room or not stubs:
        return None
    return Chapter(path.stem, room.group(1), [CALL.search(source).groups() for source in stubs], others)


# ---- one copy ----

def sources_of(path):
    """The code cells of a returned notebook as texts, without solutions. Raises ValueError where it is none."""
    if path.is_symlink() or not path.is_file():
        raise ValueError("not a file")
    if path.stat().st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST // 2**20} MB")
    try:
        cells = json.loads(path.read_bytes())["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        texts = [s if isinstance(s := cell["source"], str) else "".join(s) for cell in code]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("not a notebook") from None
    return [text for text in texts if not text.lstrip().startswith("# @title Solution")]


def graded(path, student, known):
    """The rows of the table for one returned notebook; `known` are the chapters by the room of their checks."""
    try:
        sources = sources_of(path)
    except (ValueError, OSError) as error:
        return [table.Row(student, "", "", "unreadable", str(error))]
    rooms = [room for room in ROOM.findall("\n".join(sources)) if room in known]
    if not rooms:
        return [table.Row(student, "", "", "unreadable", "calls the checks of no chapter that is here")]
    chapter = known[rooms[-1]]
    answers = {check: (source, name) for source in sources for check, name in CALL.findall(source)}
    own = [source for source in sources if source not in chapter.sources and not CALL.search(source)]
    rows = []
    for number, (check, name) in enumerate(chapter.exercises, start=1):
        source, name = answers.get(check, (None, name))
        if source is None:
            verdict = "not attempted", "its cell is gone", ""
        else:
            verdict = judged(chapter, check, own, source, name)
        rows.append(table.Row(student, chapter.word, f"{number} {check}", *verdict))
    return rows


def judged(chapter, check, own, source, name):
    """(verdict, why, what the check says) for the answer to one exercise."""
    exercise, namespace = chapter.checks[check], chapter.namespace
    try:
        with Answer(own, source, name, namespace) as answer:
            if answer.state == "gap":
                return "not attempted", "", ""
            line = exercise.verdict(answer)
    except Crash as crash:
        return "crashed", *crash.args
    except Exception as error:              # a value that even the check cannot look at
        return "crashed", "error", f"returned a value that cannot be checked ({type(error).__name__})"
    if line.startswith("✓"):
        return "solved", "", ""
    named = next((sentence for _, sentence in exercise.mistakes if line.endswith(f" {sentence}")), "")
    if not named and ", your code raised " in line:
        return "crashed", "error", line
    return "wrong", named, line


# ---- all copies ----

def begin(known):
    """What a worker does first."""
    KNOWN.update(known)


def graded_by_worker(path, student):
    return graded(path, student, KNOWN)


def student_of(path, folder, words):
    """Whose copy it is: the first folder below `folder`, else the file's name without its chapter's, one of `words`."""
    parts = path.relative_to(folder).parts
    word = max((word for word in words if word in path.stem), key=len, default="")
    return parts[0] if len(parts) > 1 else path.stem.replace(word, "").strip(" _-") or path.stem


def grade(folder, numbers):
    """Grade all notebooks below `folder` and write table.csv and table.html there.

    Only the chapters with the given `numbers` count, all where none is given. Raises SystemExit where there is nothing
    to grade, or where a process cannot be shut in.
    """
    folder = Path(folder)
    copies = sorted(p for p in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
    if not copies:
        raise SystemExit(f"dlcore grade: there is no notebook below {folder}")
    known = {c.room: c for c in map(chapter_of, chapters(numbers)) if c}
    for lack in missing():
        print(f"dlcore grade: on this machine {lack}: use Linux, a container, or a user who owns nothing else.")
    os.environ.update(ALONE)
    rows, names = [], [student_of(path, folder, [c.word for c in known.values()]) for path in copies]
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn"), begin, (known,)) as pool:
        for done, found in enumerate(pool.map(graded_by_worker, copies, names), start=1):
            rows += found
            if done % 10 == 0 or done == len(copies):
                print(f"{done} of {len(copies)} copies", flush=True)
    for path in table.write(rows, folder):
        print(f"wrote {path}")
