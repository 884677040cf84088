"""Exercises: the reader's function in, one kind sentence out. Never a traceback from inside the package."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Exercise:
    """A task as data: a reference, cases with the nasty ones among them, and the usual mistakes by name.

    `cases` are tuples of arguments. `mistakes` pairs a typical wrong function with the sentence that names it.
    Calling the exercise with a reader's function prints one line and returns nothing.
    """

    reference: Callable
    cases: list[tuple]
    mistakes: list[tuple[Callable, str]] = field(default_factory=list)
    tol: float = 1e-6

    def __call__(self, function):
        print(self.verdict(function))

    def verdict(self, function):
        """The line for a reader's function: ○ not attempted, ✗ with the first case that fails, ✓ solved."""
        if not callable(function):
            return f"✗ The check wants the function itself, you gave {short(function)}: write the name without brackets."
        name = function.__name__
        if is_stub(function):
            return f"○ not attempted yet: replace the ... in {name}"
        for case in self.cases:
            problem = self.problem(function, name, case)
            if problem:
                return f"✗ {problem}{self.named_mistake(function)}"
        return f"✓ {name}: {len(self.cases)} of {len(self.cases)} cases"

    def problem(self, function, name, case):
        """What is wrong with the function in one case, or None."""
        expected = self.reference(*copy.deepcopy(case))
        call = f"{name}({', '.join(short(a) for a in case)})"
        given = copy.deepcopy(case)
        try:
            with np.errstate(all="ignore"):
                result = function(*given)
        except Exception as error:
            return f"{call} should be {short(expected)}, your code raised {type(error).__name__}: {error}."
        if result is None:
            return f"{call} should be {short(expected)}, you returned None. Is there a return?"
        if not equal(given, case, 0):
            return f"{call} changed its own input. Work on a copy, or make a new array."
        if not alike(result, expected):
            return f"{call} should be {short(expected)}, you returned {short(result)}{shape_note(result, expected)}."
        if not equal(result, expected, self.tol):
            return f"{call} should be {short(expected)}, you returned {short(result)}."
        return None

    def named_mistake(self, function):
        """The sentence of the usual mistake that gives the same answers as the function in every case, or nothing."""
        for wrong, sentence in self.mistakes:
            if all(outcome(function, case) == outcome(wrong, case) for case in self.cases):
                return f" {sentence}"
        return ""


def outcome(function, case):
    """What a function does with a case, in a form that can be compared: its rounded result or its error."""
    try:
        with np.errstate(all="ignore"):
            result = function(*copy.deepcopy(case))
    except Exception as error:
        return type(error).__name__
    return str(rounded(result))


def rounded(result):
    if isinstance(result, (tuple, list)):
        return [rounded(r) for r in result]
    try:
        # Six significant digits; adding 0 turns -0 into 0.
        array = np.asarray(result, dtype=float)
        return (array.shape, [float(f"{n:.6g}") + 0.0 for n in array.ravel()])
    except (TypeError, ValueError):
        return result


def is_stub(function):
    """True where the body still holds a `...` that stands for the reader's code."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return False
    def gap(node):
        return isinstance(node, ast.Constant) and node.value is Ellipsis
    return any(
        isinstance(node, (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return)) and node.value is not None and gap(node.value)
        for node in ast.walk(tree)
    )


def alike(result, expected):
    """True where the result has the kind and the shape of what was expected."""
    if isinstance(expected, (tuple, list)):
        return isinstance(result, (tuple, list)) and len(result) == len(expected)
    if isinstance(expected, str):
        return isinstance(result, str)
    try:
        return np.shape(np.asarray(result, dtype=float)) == np.shape(expected)
    except (TypeError, ValueError):
        return False


def equal(a, b, tol):
    """True where two arguments or results agree: numbers within `tol`, everything else exactly."""
    if isinstance(b, (tuple, list)):
        return isinstance(a, (tuple, list)) and len(a) == len(b) and all(equal(x, y, tol) for x, y in zip(a, b, strict=True))
    try:
        return bool(np.allclose(np.asarray(a, float), np.asarray(b, float), rtol=tol, atol=tol, equal_nan=True))
    except (TypeError, ValueError):
        return a is b or bool(a == b)


def shape_note(result, expected):
    shapes = np.shape(result), np.shape(expected)
    return f", of shape {shapes[0]} where {shapes[1]} was expected" if shapes[0] != shapes[1] else ""


def short(x):
    """A value as a reader would write it, cut where it is long."""
    if isinstance(x, np.ndarray):
        text = np.array2string(x, precision=4, separator=", ", threshold=8, edgeitems=2, suppress_small=True)
        return " ".join(text.split())
    if isinstance(x, (float, np.floating)):
        return f"{x:.6g}" if "." in f"{x:.6g}" or "e" in f"{x:.6g}" else f"{x:.1f}"
    if isinstance(x, (tuple, list)):
        inner = ", ".join(short(e) for e in x)
        return f"({inner})" if isinstance(x, tuple) else f"[{inner}]"
    if callable(x):
        return getattr(x, "__name__", "a function")
    text = str(x) if isinstance(x, np.generic) else repr(x)
    return text if len(text) <= 60 else text[:57] + "…"
