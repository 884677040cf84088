"""What the text says is checked when it runs: a sentence with its measured number, or an error."""

import numpy as np


class ClaimError(AssertionError):
    """A sentence of the text that does not hold."""


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
    if not limits:
        if not value:
            raise ClaimError(f"✗ {sentence}: this does not hold")
        print(f"✓ {sentence}")
        return
    value = value.item() if hasattr(value, "item") else value
    if "equals" in limits:
        if value != limits["equals"]:
            raise ClaimError(f"✗ {sentence}: {value}, not {limits['equals']}")
        print(f"✓ {sentence}: {value}")
        return
    wanted = " and ".join(f"{LIMITS[name][0]} {limit:.4g}" for name, limit in limits.items())
    if not all(LIMITS[name][1](value, limit) for name, limit in limits.items()):
        raise ClaimError(f"✗ {sentence}: {value:.4g}, not {wanted}")
    print(f"✓ {sentence}: ≈{value:.4g}, {wanted}")


def same(name, mine, theirs, tol=1e-6):
    """Show that two results are equal within `tol`, values and, where both have them, gradients.

    `mine` and `theirs` are arrays, tensors of this course or of torch, numbers, or equally long lists of them.
    The tolerance is absolute for numbers up to 1 and relative above. Raises ClaimError where they differ.

    >>> same("1/3, added up", sum([1 / 3] * 3), 1.0)
    ✓ 1/3, added up: values agree to ≈0, allowed 1e-06
    """
    pairs = list(zip(*map(as_list, (mine, theirs)), strict=True)) if len(as_list(mine)) == len(as_list(theirs)) else None
    if pairs is None:
        raise ClaimError(f"✗ {name}: {len(as_list(mine))} results cannot be compared with {len(as_list(theirs))}")
    compared = {"values": pairs}
    gradients = [(a.grad, b.grad) for a, b in pairs if getattr(a, "grad", None) is not None and getattr(b, "grad", None) is not None]
    if gradients:
        compared["gradients"] = gradients
    found = {}
    for what, both in compared.items():
        found[what] = max(difference(name, what, as_array(a), as_array(b)) for a, b in both)
        if not found[what] <= tol:
            raise ClaimError(f"✗ {name}: {what} differ by {found[what]:.2g}, allowed {tol:g}")
    told = ", ".join(f"{what} agree to ≈{by:.2g}" for what, by in found.items())
    print(f"✓ {name}: {told}, allowed {tol:g}")


def as_list(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def as_array(x):
    """A number, array or tensor as a plain array of float64."""
    for step in ("detach", "cpu", "numpy"):
        x = getattr(x, step)() if hasattr(x, step) else x
    return np.asarray(x, dtype=np.float64)


def difference(name, what, a, b):
    """The largest difference of two arrays, relative where they are above 1."""
    if a.shape != b.shape:
        raise ClaimError(f"✗ {name}: {what} have shapes {a.shape} and {b.shape}")
    return float(np.max(np.abs(a - b) / np.maximum(1, np.abs(b)), initial=0))
