"""Exercises: the reader's function in, one kind sentence out. Never a traceback from inside the package."""

import ast
import contextlib
import copy
import inspect
import io
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from . import record

LONG = 100      # letters of one value or error in a sentence


@dataclass
class Exercise:
    """A task as data: a reference, cases with the nasty ones among them, and the usual mistakes by name.

    `cases` are tuples of arguments. `mistakes` pairs a typical wrong function with the sentence that names it.
    Numbers agree within `tol`, relative above 1. Calling the exercise with a reader's function prints one line
    and returns nothing.
    """

    reference: Callable
    cases: list[tuple]
    mistakes: list[tuple[Callable, str]] = field(default_factory=list)
    tol: float = 1e-6

    def __call__(self, function):
        line = self.verdict(function)
        print(line)
        if line.startswith("✓"):
            record.note(self)

    def verdict(self, function):
        """The line for a reader's function: ○ not attempted, ✗ with the first case that fails, ✓ solved."""
        if not callable(function):
            return f"✗ The check wants the function itself, not {short(function)}: write its name without brackets."
        name = getattr(function, "__name__", "your function")
        if is_stub(function):
            return f"○ not attempted yet: replace the ... in {name}"
        try:
            for case in self.cases:
                problem = self.problem(function, name, case)
                if problem:
                    return f"✗ {problem}{self.named_mistake(function)}"
        except KeyboardInterrupt:
            return f"✗ {name} was still running when you stopped it. Does every loop in it come to an end?"
        return f"✓ {name}: {len(self.cases)} of {len(self.cases)} cases"

    def problem(self, function, name, case):
        """What is wrong with the function in one case, or None."""
        expected = self.reference(*copy.deepcopy(case))
        should = f"{name}({', '.join(short(a) for a in case)}) should be {short(expected)}"
        given = copy.deepcopy(case)
        try:
            with np.errstate(all="ignore"):
                result = function(*given)
        except Exception as error:
            return f"{should}, your code raised {one_line(f'{type(error).__name__}: {error}').rstrip(':. ')}."
        if result is None:
            return f"{should}, you returned None. Is there a return?"
        if not unchanged(given, case):
            return f"{should.split(' should be ')[0]} changed its own input. Work on a copy, or make a new array."
        if not agree(result, expected, self.tol):
            return f"{should}, you returned {short(result)}{note(result, expected, self.tol)}."
        return None

    def named_mistake(self, function):
        """The sentence of the usual mistake that gives the same answers as the function in every case, or nothing."""
        theirs = [outcome(function, case) for case in self.cases]
        for wrong, sentence in self.mistakes:
            if all(agree(outcome(wrong, c), t, self.tol) for c, t in zip(self.cases, theirs, strict=True)):
                return f" {sentence}"
        return ""


def outcome(function, case):
    """What a function returns in a case, or the name of the error that it raises; what it prints is dropped."""
    with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        try:
            return function(*copy.deepcopy(case))
        except Exception as error:
            return type(error).__name__


def is_stub(function):
    """True where the code of a function still holds a gap."""
    try:
        return has_gap(ast.parse(textwrap.dedent(inspect.getsource(function))))
    except (OSError, TypeError, SyntaxError):       # no source, or only a piece of a line
        return False


def has_gap(tree):
    """True where code still holds a `...` that stands for the reader's own; `x[..., 0]` is no such gap."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant) and node.value is Ellipsis:
            return True
        waiting += [node.value] if isinstance(node, ast.Subscript) else ast.iter_child_nodes(node)
    return False


def numbers(x):
    """A number, array, tensor or regular list of numbers as an array of floats; None for anything else."""
    try:
        array = np.asarray(x.detach().numpy() if hasattr(x, "detach") else x)
    except (TypeError, ValueError, RuntimeError):   # rows of different lengths; tensors that carry gradients
        return None
    return array.astype(float) if array.dtype.kind in "biuf" else None


def agree(a, b, tol):
    """True where two results agree: numbers in shape and within `tol`, lists and dicts part by part, others exactly."""
    x, y = numbers(a), numbers(b)
    if x is not None and y is not None:
        return x.shape == y.shape and bool(np.allclose(x, y, rtol=tol, atol=tol, equal_nan=True))
    if isinstance(b, (tuple, list)):
        return isinstance(a, (tuple, list)) and len(a) == len(b) and all(map(agree, a, b, [tol] * len(b)))
    if isinstance(b, dict):
        return isinstance(a, dict) and a.keys() == b.keys() and all(agree(a[k], b[k], tol) for k in b)
    return type(a) is type(b) and bool(np.all(a == b))


def unchanged(after, before):
    """True where arguments are as they were; of other objects than numbers, lists and dicts that is not known."""
    if numbers(before) is not None:
        return agree(after, before, 0)
    if isinstance(before, (tuple, list)):
        return len(after) == len(before) and all(map(unchanged, after, before))
    if isinstance(before, dict):
        return after.keys() == before.keys() and all(unchanged(after[k], before[k]) for k in before)
    return True


def note(result, expected, tol):
    """What the sentence about a wrong result adds where the two values alone do not show the difference."""
    x, y = numbers(result), numbers(expected)
    if isinstance(expected, (tuple, list)) and isinstance(result, (tuple, list)) and len(result) != len(expected):
        return f", {len(result)} values where {len(expected)} were expected"
    if y is None:
        shown = short(result), short(expected)
        hidden = shown[0] == shown[1] or any("…" in s or "array of" in s for s in shown)
        return odd_part(result, expected, tol) if hidden else ""
    if x is None and isinstance(expected, (tuple, list)) and isinstance(result, (tuple, list)):
        return odd_part(result, expected, tol)      # its parts have different shapes
    if x is None:
        wanted = f"a {type(expected).__name__}" if isinstance(expected, (tuple, list)) else form(y)
        return f", a {type(result).__name__} where {wanted} was expected"
    if x.shape != y.shape:
        said = form(x) == short(result) and form(y) == short(expected)
        return "" if said else f", {form(x)} where {form(y)} was expected"
    if short(result) != short(expected) and "array of" not in short(expected):
        return ""
    at = tuple(int(i) for i in np.argwhere(~np.isclose(x, y, rtol=tol, atol=tol, equal_nan=True))[0])
    where = f" at {list(at)}" if at else ""
    return f": {x[at]:.9g}{where} instead of {y[at]:.9g}"


def odd_part(result, expected, tol):
    """Which part of a dict or of a list of several things is missing, unknown or wrong, and how; else nothing."""
    if isinstance(expected, dict) and isinstance(result, dict):
        missing = [k for k in expected if k not in result]
        if missing:
            return f": {short(missing[0])} is missing"
        unknown = [k for k in result if k not in expected]
        if unknown:
            return f": nobody asked for {short(unknown[0])}"
        names = list(expected)
    elif isinstance(expected, (tuple, list)) and isinstance(result, (tuple, list)):
        names = range(len(expected))
    else:
        return ""
    at = next(k for k in names if not agree(result[k], expected[k], tol))
    how = note(result[at], expected[at], tol) or f" is {short(result[at])} instead of {short(expected[at])}"
    return f": part {short(at)}{how}"


def form(array):
    return f"an array of shape {array.shape}" if array.ndim else "one number"


def one_line(text):
    """`text` in one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= LONG else text[: LONG - 1] + "…"


def short(x):
    """A value as a reader would write it, in one line, cut where it is long."""
    if hasattr(x, "detach") and numbers(x) is not None:
        x = numbers(x)
    if isinstance(x, np.ndarray):
        x = x + 0.0 if x.dtype.kind == "f" else x                         # 0 and not -0
        text = np.array2string(x, precision=4, separator=", ", threshold=8, edgeitems=2, suppress_small=True)
        text = re.sub(r"(?<=\[)\s+|\s+(?=[,\]])", "", text)            # no padding: [1., -0.5] and not [ 1. , -0.5]
        return one_line(text) if len(text) <= LONG else f"an array of shape {x.shape}"
    if isinstance(x, (float, np.floating)):
        text = f"{x + 0.0:.6g}"
        return text if "." in text or "e" in text else f"{x:.1f}"
    if isinstance(x, (tuple, list)):
        inner = ", ".join(short(e) for e in x)
        comma = "," if len(x) == 1 else ""                                # (3,) and not (3)
        return one_line(f"({inner}{comma})" if isinstance(x, tuple) else f"[{inner}]")
    if isinstance(x, dict):
        return one_line("{" + ", ".join(f"{k!r}: {short(v)}" for k, v in x.items()) + "}")
    if callable(x) and hasattr(x, "__name__"):
        return x.__name__
    return one_line(re.sub(r" at 0x\w+", "", str(x) if isinstance(x, np.generic) else repr(x)))
