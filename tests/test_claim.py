"""claim and same: what holds is printed, what does not raises, and nothing passes by accident."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from dlcore.claim import ClaimError, claim, same
from dlcore.tensor import Tensor

MEASURED = re.search(r"regex: (.*)", (Path(__file__).parent / "nbval.cfg").read_text("utf-8")).group(1)


@pytest.mark.parametrize(
    ("value", "limits", "printed"),
    [
        (0.98512, {"at_least": 0.97}, "✓ s: ≈0.9851, at least 0.97"),
        (0.5, {"at_least": 0.5, "at_most": 0.5}, "✓ s: ≈0.5, at least 0.5 and at most 0.5"),
        (-1.5, {"less_than": 0}, "✓ s: ≈-1.5, less than 0"),
        (2e-8, {"at_most": 1e-6, "more_than": 0}, "✓ s: ≈2e-08, at most 1e-06 and more than 0"),
        (0.999995, {"at_least": 0.99999}, "✓ s: ≈1, at least 0.99999"),
        (np.float32(0.5), {"at_least": 0.25}, "✓ s: ≈0.5, at least 0.25"),
        (np.array([3]), {"equals": 3}, "✓ s: 3"),
        (torch.tensor(0.5), {"at_most": 1}, "✓ s: ≈0.5, at most 1"),
        (Tensor(0.5), {"at_most": 1}, "✓ s: ≈0.5, at most 1"),
        ((2, 3), {"equals": (2, 3)}, "✓ s: (2, 3)"),
        ("relu", {"equals": "relu"}, "✓ s: relu"),
        (True, {}, "✓ s"),
        (np.bool_(True), {}, "✓ s"),
    ],
)
def test_what_holds_is_printed(value, limits, printed, capsys):
    assert claim("s", value, **limits) is None
    assert capsys.readouterr().out == printed + "\n"


@pytest.mark.parametrize(
    ("value", "limits", "told"),
    [
        (0.96, {"at_least": 0.97}, "✗ s: 0.96, not at least 0.97"),
        (0.969999, {"at_least": 0.97}, "✗ s: 0.969999, not at least 0.97"),
        (2, {"at_most": 1}, "✗ s: 2, not at most 1"),
        (1, {"more_than": 1}, "✗ s: 1, not more than 1"),
        (1, {"less_than": 1}, "✗ s: 1, not less than 1"),
        (5, {"at_least": 1, "at_most": 3}, "✗ s: 5, not at least 1 and at most 3"),
        (float("nan"), {"at_least": 0}, "✗ s: nan, not at least 0"),
        (float("nan"), {"at_most": 0}, "✗ s: nan, not at most 0"),
        (4, {"equals": 3}, "✗ s: 4, not 3"),
        (False, {}, "✗ s: this does not hold"),
    ],
)
def test_what_does_not_hold_raises_and_prints_nothing(value, limits, told, capsys):
    with pytest.raises(ClaimError) as error:
        claim("s", value, **limits)
    assert str(error.value) == told and capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("value", "limits", "told"),
    [
        (1, {"atleast": 0}, "claim: no limit is called ['atleast']: use at_least, at_most"),
        (3, {"equals": 3, "at_least": 5}, "claim: equals leaves no room for another limit"),
        (0.2, {}, "claim: 's' measures 0.2, neither True nor False: give a limit"),
        (np.array([True, False]), {}, "claim: 's' measures an array of shape (2,): make it one number"),
        (np.ones(3), {"at_least": 1}, "measures an array of shape (3,)"),
        (torch.ones(2, 2), {"at_least": 1}, "measures an array of shape (2, 2)"),
        (Tensor([1.0, 2.0]), {"at_least": 1}, "measures an array of shape (2,)"),
        ("high", {"at_least": 1}, "claim: 's' measures 'high', which is not a number"),
        (None, {"at_least": 1}, "measures None, which is not a number"),
    ],
)
def test_a_claim_that_cannot_be_checked_is_a_mistake(value, limits, told):
    with pytest.raises(TypeError) as error:
        claim("s", value, **limits)
    assert told in str(error.value)


@pytest.mark.parametrize("number", [0.5, -0.5, 1e-12, 3e20, 12345.678, 0, 7])
def test_nbval_blanks_the_measured_number_and_nothing_else(number, capsys):
    claim("about 3 of 10", number, at_least=-10, at_most=1e30)
    text = capsys.readouterr().out
    assert re.sub(MEASURED, "≈…", text).replace(",", "") == "✓ about 3 of 10: ≈… at least -10 and at most 1e+30\n"


# ---- same ----

def leaves():
    """A product and its two factors, here and in torch, after a backward pass."""
    a, b = np.array([1.0, 2.0]), np.array([3.0, -4.0])
    mine = [Tensor(n, requires_grad=True) for n in (a, b)]
    theirs = [torch.tensor(n, requires_grad=True) for n in (a, b)]
    ours, torchs = mine[0] * mine[1], theirs[0] * theirs[1]
    ours.sum().backward()
    torchs.sum().backward()
    return [*mine, ours], [*theirs, torchs]


def test_values_and_gradients_agree_and_inner_tensors_have_none(capsys):
    same("product", *leaves())
    assert capsys.readouterr().out == "✓ product: values agree to ≈0, gradients agree to ≈0, allowed 1e-06\n"


def test_a_gradient_that_differs_is_found():
    mine, theirs = leaves()
    mine[1].grad[0] += 1e-3
    with pytest.raises(ClaimError, match="✗ product: gradients differ by 0.001, allowed 1e-06"):
        same("product", mine, theirs)


def test_a_gradient_on_one_side_only_does_not_pass_as_values():
    mine, theirs = leaves()
    theirs[0].grad = None
    with pytest.raises(ClaimError, match="only one of two has a gradient: call backward on both sides"):
        same("product", mine, theirs)


def test_a_gradient_beside_a_plain_array_is_left_out(capsys):
    mine, theirs = leaves()
    same("factor", mine[0], theirs[0].detach())
    assert "gradients" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("mine", "theirs", "tol"),
    [
        (1.0, 1.0, 0),
        (1.0, np.float32(1.0), 1e-6),
        (1e6, 1e6 + 0.5, 1e-6),                             # relative above 1
        (0.0, 5e-7, 1e-6),                                  # absolute below
        ([1, 2.0], [1.0, 2], 1e-6),
        (np.zeros((0, 3)), torch.zeros(0, 3), 1e-6),
        (np.array([np.inf, -np.inf]), torch.tensor([np.inf, -np.inf]), 1e-6),
        (np.array([True, False]), np.array([1, 0]), 1e-6),
        (torch.nn.Parameter(torch.ones(2)), Tensor([1.0, 1.0]), 1e-6),
    ],
    ids=str,
)
def test_what_agrees(mine, theirs, tol, capsys):
    same("s", mine, theirs, tol=tol)
    assert capsys.readouterr().out.startswith("✓ s: values agree to ≈")


@pytest.mark.parametrize(
    ("mine", "theirs", "told"),
    [
        (1.0, 1.001, "✗ s: values differ by 0.001, allowed 1e-06"),
        (np.ones(3), np.ones((3, 1)), "✗ s: values have shapes (3,) and (3, 1)"),
        ([1, 2], [1], "✗ s: 2 results cannot be compared with 1"),
        ([], [], "✗ s: 0 results cannot be compared with 0"),
        (np.nan, 1.0, "✗ s: values differ by nan"),
        (1.0, np.inf, "✗ s: values differ by"),
        ([0.0, np.nan], [0.0, 1.0], "✗ s: values differ by nan"),
        ([np.nan, 0.0], [1.0, 0.0], "✗ s: values differ by nan"),
    ],
)
def test_what_differs(mine, theirs, told):
    with pytest.raises(ClaimError) as error:
        same("s", mine, theirs)
    assert str(error.value).startswith(told)


@pytest.mark.parametrize("wrong", ["text", None, [[1], [1, 2]], {"a": 1}])
def test_what_is_no_array_of_numbers(wrong):
    with pytest.raises((TypeError, ClaimError)) as error:
        same("s", [wrong], [1.0])
    assert "neither a number nor an array of numbers" in str(error.value) or "nan" in str(error.value)


def test_a_notebook_shows_the_sentence_alone():
    with pytest.raises(ClaimError) as error:
        claim("s", 1, equals=2)
    assert error.value._render_traceback_() == ["ClaimError: ✗ s: 1, not 2"]
