"""The learner's own list: which exercises are solved, and which are left."""

import ast
import re
from pathlib import Path

from . import checks
from .record import learner_is_here, place, solved_so_far

NOTHING = "No exercise is solved yet. When a check says ✓, it is noted here, on this computer and nowhere else."


def exercises():
    """The exercises of the course, {"11 conv": ["conv.max_pool", ...], ...}, in order and without loading them."""
    found = {}
    for path in Path(checks.__file__).parent.glob("[a-z]*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names = [
            f"{path.stem}.{node.targets[0].id}" for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
            and any(k.arg == "cases" for k in node.value.keywords)
        ]
        number = re.search(r"chapter (\d\d)", ast.get_docstring(tree) or "")
        found[f"{number.group(1) if number else '--'} {path.stem}"] = names
    return dict(sorted(found.items()))


def listed(days):
    """The list as text: a line for each chapter that is begun, its exercises in order."""
    chapters = exercises()
    known = [name for names in chapters.values() for name in names if name in days]
    if not known:
        return NOTHING
    lines = [f"{len(known)} of {sum(map(len, chapters.values()))} exercises solved"]
    for chapter, names in chapters.items():
        if set(names) & days.keys():
            signs = "  ".join(f"{'✓' if name in days else '○'} {name.split('.')[1]}" for name in names)
            lines.append(f"{chapter:18} {signs}")
    return "\n".join(lines)


def solved():
    """Print which exercises the learner has solved. Where nobody works in the notebook, none is."""
    print(listed(solved_so_far() if learner_is_here() else {}))


def progress():
    """What the command `dlcore progress` prints: the list, and the file that it comes from."""
    print(listed(solved_so_far()))
    print(f"The record is {place()}" if place().exists() else f"The record will be {place()}")
