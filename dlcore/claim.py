"""What the text says is checked when it runs: a sentence with its measured number, or an error."""

from numbers import Real

import numpy as np


class ClaimError(AssertionError):
    """A sentence of the text that does not hold."""

    def _render_traceback_(self):
        """What a notebook shows: the sentence alone, since the fault is in no line of the package."""
        return [f"ClaimError: {self}"]


LIMITS = {
    "at_least": ("at least", lambda value, limit: value >= limit),
    "at_most": ("at most", lambda value, limit: value <= limit),
    "more_than": ("more than", lambda value, limit: value > limit),
    "less_than": ("less than", lambda value, limit: value < limit),
}


def claim(sentence, value, **limits):
    """Print `sentence` with its measured `value`, and raise ClaimError unless every limit holds.

    Limits: `at_least`, `at_most`, `more_than`, `less_than`, or `equals` for what must be exact. With no limit,
    `value` must be True. A number behind the sign ≈ may differ in its digits from machine to machine.
    Raises TypeError where `value` and the limits do not go together.

    >>> claim("three neurons draw three lines", 3, equals=3)
    ✓ three neurons draw three lines: 3
    >>> claim("the last digit of pi is known", False)
    Traceback (most recent call last):
        ...
    dlcore.claim.ClaimError: ✗ the last digit of pi is known: this does not hold
    """
    unknown = set(limits) - set(LIMITS) - {"equals"}
    if unknown:
        raise TypeError(f"claim: no limit is called {sorted(unknown)}: use {', '.join(LIMITS)} or equals")
    if "equals" in limits and len(limits) > 1:
        raise TypeError("claim: equals leaves no room for another limit: give one or the other")
    value = plain(sentence, value)
    if not limits:
        if not isinstance(value, bool):
            raise TypeError(f"claim: {sentence!r} measures {value!r}, neither True nor False: give a limit")
        holds, told, failed = value, "", "this does not hold"
    elif "equals" in limits:
        wanted = plain(sentence, limits["equals"])
        holds, told, failed = value == wanted, f": {value}", f"{value}, not {wanted}"
    else:
        if not isinstance(value, Real):
            raise TypeError(f"claim: {sentence!r} measures {value!r}, which is not a number")
        wanted = " and ".join(f"{LIMITS[name][0]} {limit:g}" for name, limit in limits.items())
        holds = all(LIMITS[name][1](value, limit) for name, limit in limits.items())
        told, failed = f": ≈{value:.4g}, {wanted}", f"{value:.6g}, not {wanted}"
    if not holds:
        raise ClaimError(f"✗ {sentence}: {failed}")
    print(f"✓ {sentence}{told}")


def plain(sentence, value):
    """A value as plain Python: the one number of an array or tensor, anything else as it is."""
    try:
        return value.item() if hasattr(value, "item") else value
    except (ValueError, RuntimeError):
        told = f"claim: {sentence!r} measures an array of shape {tuple(value.shape)}: make it one number, as min does"
        raise TypeError(told) from None


def same(name, mine, theirs, tol=1e-6):
    """Show that two results are equal within `tol`, values and, where there are any, gradients.

    `mine` and `theirs` are arrays, tensors of this course or of torch, numbers, or equally long lists of them.
    The tolerance is absolute for numbers up to 1 and relative above. Raises ClaimError where they differ.

    >>> same("1/3, added up", sum([1 / 3] * 3), 1.0)
    ✓ 1/3, added up: values agree to ≈0, allowed 1e-06
    """
    mine, theirs = as_list(mine), as_list(theirs)
    if len(mine) != len(theirs) or not mine:
        raise ClaimError(f"✗ {name}: {len(mine)} results cannot be compared with {len(theirs)}")
    pairs = list(zip(mine, theirs, strict=True))
    told = [f"values {agreement(name, 'values', pairs, tol)}"]
    gradients = [(gradient(a), gradient(b)) for a, b in pairs]
    if any((a is None) != (b is None) and expects_gradient(x if a is None else y)
           for (a, b), (x, y) in zip(gradients, pairs, strict=True)):
        raise ClaimError(f"✗ {name}: only one of two has a gradient: call backward on both sides")
    gradients = [(a, b) for a, b in gradients if a is not None and b is not None]
    if gradients:
        told.append(f"gradients {agreement(name, 'gradients', gradients, tol)}")
    print(f"✓ {name}: {', '.join(told)}, allowed {tol:g}")


def agreement(name, what, pairs, tol):
    """The largest difference of pairs of arrays in words, or ClaimError where it is above `tol`."""
    found = np.max([difference(name, what, as_array(name, a), as_array(name, b)) for a, b in pairs])
    if not found <= tol:                        # also where it is not a number
        raise ClaimError(f"✗ {name}: {what} differ by {found:.2g}, allowed {tol:g}")
    return f"agree to ≈{found:.2g}"


def is_leaf(x):
    """True for a tensor that no operation made: the ones that keep their gradients."""
    return getattr(x, "is_leaf", not getattr(x, "edges", ()))


def gradient(x):
    """The gradient of a tensor that keeps one, else None."""
    return getattr(x, "grad", None) if is_leaf(x) or getattr(x, "retains_grad", False) else None


def expects_gradient(x):
    return bool(getattr(x, "requires_grad", False)) and is_leaf(x)


def as_list(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def as_array(name, x):
    """A number, array or tensor as a plain array of float64."""
    for step in ("detach", "cpu", "numpy"):
        x = getattr(x, step)() if hasattr(x, step) else x
    try:
        return np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"same: {name} compares {x!r}, which is neither a number nor an array of numbers") from None


def difference(name, what, a, b):
    """The largest difference of two arrays, relative where they are above 1; equal infinities do not differ."""
    if a.shape != b.shape:
        raise ClaimError(f"✗ {name}: {what} have shapes {a.shape} and {b.shape}")
    with np.errstate(invalid="ignore"):
        apart = np.where(a == b, 0, np.abs(a - b) / np.maximum(1, np.abs(b)))
    return np.max(apart, initial=0)
