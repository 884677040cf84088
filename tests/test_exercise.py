"""The machinery of exercises: whatever a reader's function does, one kind line comes back."""

import _thread
import functools
import threading
import time

import numpy as np
import pytest
import torch

from dlcore.exercise import Exercise, short
from dlcore.tensor import Tensor

X = np.array([-2.0, 0.0, 3.0])

leaky = Exercise(
    reference=lambda x, slope=0.01: np.where(x > 0, x, slope * x),
    cases=[(X,), (np.array([-1.0]), 0.2), (np.zeros((2, 3)),), (np.array([-1e6, 1e6]),)],
    mistakes=[
        (lambda x, slope=0.01: np.maximum(x, 0), "That is plain ReLU: where did the slope go?"),
        (lambda x, slope=0.01: np.where(x > 0, x, slope), "Multiply the slope by x."),
    ],
)


def line(exercise, function):
    """The verdict, which is always a single line without the address of an object."""
    text = exercise.verdict(function)
    assert "\n" not in text and "0x" not in text and len(text) < 500
    assert text[0] in "○✗✓" and text == text.strip()
    return text


def one(reference, *arguments, **settings):
    return Exercise(reference, [arguments], **settings)


# ---- solved, and not attempted ----

def test_calling_prints_the_line_and_returns_nothing(capsys):
    def mine(x, slope=0.01):
        return np.where(x < 0, x * slope, x)

    assert leaky(mine) is None
    assert capsys.readouterr().out == "✓ mine: 4 of 4 cases\n"


def bare(x): ...


def documented(x):
    """What it should do."""
    ...  # noqa: PIE790


def returning(x):
    return ...


def assigning(x):
    y = ...
    return y + x


def within(x):
    for row in x:
        total = row @ ... + 1
    return total


def deep(x):
    if x.sum() > 0:
        def inner(z):
            return np.maximum(z, ...)
        return inner(x)
    return x


@pytest.mark.parametrize("stub", [bare, documented, returning, assigning, within, deep, lambda x: ...])
def test_a_stub_is_not_attempted(stub):
    assert line(leaky, stub) == f"○ not attempted yet: replace the ... in {stub.__name__}"


def test_an_ellipsis_in_an_index_is_no_stub():
    def mine(x, slope=0.01):
        return np.where(x[...] > 0, x, slope * x[..., :])

    assert line(leaky, mine).startswith("✓")


def test_a_function_without_source_or_name_is_judged_by_what_it_returns():
    made = {}
    exec("def mine(x, slope=0.01): return np.where(x > 0, x, slope * x)", {"np": np}, made)
    assert line(leaky, made["mine"]).startswith("✓ mine")
    assert line(leaky, functools.partial(made["mine"])).startswith("✓ your function")
    assert line(one(np.sum, X), np.sum) == "✓ sum: 1 of 1 cases"


# ---- wrong answers ----

def test_a_usual_mistake_is_named():
    def mine(x, slope=0.01):
        return x * (x > 0)

    assert line(leaky, mine) == (
        "✗ mine([-2., 0., 3.]) should be [-0.02, 0., 3.], you returned [0., 0., 3.]. "
        "That is plain ReLU: where did the slope go?"
    )


def test_a_mistake_is_named_though_it_rounds_otherwise():
    def mine(x, slope=0.01):
        return np.maximum(x, 0) + 1e-17

    assert "That is plain ReLU" in line(leaky, mine)


def test_an_unusual_mistake_is_not_named():
    text = line(leaky, lambda x, slope=0.01: x + 1)
    assert text == "✗ <lambda>([-2., 0., 3.]) should be [-0.02, 0., 3.], you returned [-1., 1., 4.]."


def raises_long(x):
    raise ValueError("first line\nsecond line" + "!" * 500)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda x: None, "you returned None. Is there a return?"),
        (lambda x: print("x is", x), "you returned None. Is there a return?"),
        (lambda x: 1 / 0, "your code raised ZeroDivisionError: division by zero."),
        (lambda x: undefined, "your code raised NameError: name 'undefined' is not defined."),  # noqa: F821
        (raises_long, "your code raised ValueError: first line second line!!!"),
        (lambda: 1, "takes 0 positional arguments but 1 was given."),
        (lambda x, y: 1, "missing 1 required positional argument: 'y'."),
        (lambda x: x[:2], "you returned [-2., 0.], an array of shape (2,) where an array of shape (3,) was expected."),
        (lambda x: x[:, None], "an array of shape (3, 1) where an array of shape (3,) was expected."),
        (lambda x: 5.0, "you returned 5.0, one number where an array of shape (3,) was expected."),
        (lambda x: "abc", "you returned 'abc', a str where an array of shape (3,) was expected."),
        (lambda x: ["-0.02", "0", "3"], "a list where an array of shape (3,) was expected."),
        (lambda x: [[1], [2, 3]], "you returned [[1], [2, 3]], a list where an array of shape (3,) was expected."),
        (lambda x: {"a": 1}, "you returned {'a': 1}, a dict where an array of shape (3,) was expected."),
        (lambda x: np.array([1, "a", None], object), "a ndarray where an array of shape (3,) was expected."),
        (lambda x: len, "you returned len, a builtin_function_or_method where an array"),
        (lambda x: (n for n in x), "a generator where an array of shape (3,) was expected."),
        (lambda x: np.array([np.nan, 0, 3]), "you returned [nan, 0., 3.]."),
        (lambda x: [-0.02, 0.0, 3.0001], "3.0001"),
        (lambda x: np.array([-0.02, 0, 3.00001]), "you returned [-0.02, 0., 3.]: 3.00001 at [2] instead of 3."),
    ],
)
def test_what_a_learner_may_return(function, told):
    text = line(Exercise(leaky.reference, [(X,)]), function)
    assert text.startswith("✗ ") and told in text


@pytest.mark.parametrize(
    "function",
    [
        lambda x: [-0.02, 0.0, 3.0],                        # a list of the right numbers is right
        lambda x: (-0.02, 0, 3),
        lambda x: np.array([-0.02, 0, 3], np.float32),
        lambda x: torch.tensor([-0.02, 0, 3], requires_grad=True),
        lambda x: Tensor([-0.02, 0.0, 3.0], requires_grad=True),
    ],
)
def test_lists_tensors_and_other_dtypes_of_the_right_numbers_are_right(function):
    assert line(Exercise(leaky.reference, [(X,)]), function).startswith("✓")


def test_a_number_as_text_is_not_a_number():
    text = line(one(lambda x: 2 * x, 1.5), lambda x: "3.0")
    assert text.endswith("you returned '3.0', a str where one number was expected.")


def test_a_result_too_large_to_show_says_where_it_differs():
    def mine(x):
        x = x.copy()
        x[1, 2] += 1
        return x

    text = line(one(lambda x: x, np.zeros((6, 7))), mine)
    assert text.startswith("✗ mine(an array of shape (6, 7)) should be an array of shape (6, 7)")
    assert text.endswith("you returned an array of shape (6, 7): 1 at [1, 2] instead of 0.")


# ---- results of several parts ----

def both(x):
    return x.mean(), x - x.mean()


@pytest.mark.parametrize("mine", [lambda x: (x.mean(), x - x.mean()), lambda x: [x.mean(), list(x - x.mean())]])
def test_a_tuple_agrees_part_by_part(mine):
    assert line(one(both, X), mine).startswith("✓")


@pytest.mark.parametrize(
    ("mine", "told"),
    [
        (lambda x: x.mean(), "you returned 0.333333."),
        (lambda x: (x.mean(),), "1 values where 2 were expected."),
        (lambda x: (x - x.mean(), x.mean()), "you returned ([-2.3333, -0.3333, 2.6667], 0.333333)."),
        (lambda x: (x.mean(), x), "you returned (0.333333, [-2., 0., 3.])."),
    ],
)
def test_a_tuple_that_differs(mine, told):
    assert line(one(both, X), mine).endswith(told)


@pytest.mark.parametrize(
    ("mine", "told"),
    [
        (lambda x: {"w": x}, ": 'b' is missing."),
        (lambda x: {"w": x, "b": x[0], "c": x}, ": nobody asked for 'c'."),
        (lambda x: {"w": x.T, "b": x[0]}, "part 'w' is an array of shape (9, 5) instead of an array of shape (5, 9)."),
        (lambda x: {"w": x + 1, "b": x[0]}, ": part 'w': 1 at [0, 0] instead of 0."),
        (lambda x: {"w": x, "b": x[1]}, "instead of [0., 0., ..., 0., 0.]."),
    ],
)
def test_the_part_that_differs_is_named_where_the_values_are_too_long_to_show_it(mine, told):
    x = np.zeros((5, 9))
    x[1] = 1
    assert line(one(lambda x: {"w": x, "b": x[0]}, x), mine).endswith(told)


def test_text_dicts_and_truth():
    assert line(one(lambda n: "relu" if n else "tanh", 1), lambda n: "relu").startswith("✓")
    assert line(one(lambda n: "relu", 1), lambda n: "tanh").endswith("(1) should be 'relu', you returned 'tanh'.")
    grads = one(lambda w: {"w": 2 * w, "b": 1.0}, X)
    assert line(grads, lambda w: {"b": 1, "w": w + w}).startswith("✓")
    assert line(grads, lambda w: {"w": w}).startswith("✗")
    assert line(one(lambda n: n > 2, 3), lambda n: 1 == 1).startswith("✓")
    assert line(one(lambda n: n > 2, 3), lambda n: False).endswith("should be True, you returned False.")


# ---- what must not be touched ----

def changes_array(x):
    x *= 2
    return x / 2


def changes_shape(x):
    x.shape = (3, 1)
    return x[:, 0]


@pytest.mark.parametrize("mine", [changes_array, changes_shape])
@pytest.mark.filterwarnings("ignore:Setting the shape on a NumPy array has been deprecated")
def test_a_changed_input_is_told(mine):
    name = mine.__name__
    assert line(one(lambda x: x, X), mine) == (
        f"✗ {name}([-2., 0., 3.]) changed its own input. Work on a copy, or make a new array."
    )


def test_lists_and_dicts_that_change_are_told_and_generators_may_advance():
    assert "changed its own input" in line(one(len, [1, [2]]), lambda x: len(x) if x[1].append(3) is None else 0)
    assert "changed its own input" in line(one(len, {"w": X}), lambda d: d.update(b=1) or 1)
    numbers = one(lambda rng: rng.random(), np.random.default_rng(0))
    assert line(numbers, lambda rng: rng.random()).startswith("✓")


def test_a_case_is_the_same_for_everyone():
    exercise = one(lambda x: x + 1, [np.zeros(2)])
    exercise = Exercise(lambda x: x + 1, [(np.zeros(2),)])
    line(exercise, changes_array)
    assert exercise.cases[0][0].tolist() == [0, 0]


# ---- the clumsy and the stuck ----

@pytest.mark.parametrize(("given", "told"), [(3.0, "3.0"), ("relu", "'relu'"), (None, "None"), (X, "[-2., 0., 3.]")])
def test_a_value_instead_of_the_function(given, told):
    text = line(leaky, given)
    assert text == f"✗ The check wants the function itself, not {told}: write its name without brackets."


def test_a_loop_without_an_end_can_be_stopped():
    def mine(x, slope=0.01):
        while True:
            time.sleep(0.01)

    threading.Timer(0.3, _thread.interrupt_main).start()
    assert line(leaky, mine) == "✗ mine was still running when you stopped it. Does every loop in it come to an end?"


def test_endless_recursion_is_an_error_like_others():
    def mine(x, slope=0.01):
        return mine(x, slope)

    assert "your code raised RecursionError" in line(leaky, mine)


def test_prints_of_the_reader_show_once_a_case(capsys):
    def mine(x, slope=0.01):
        print("here")
        return x * 0

    line(leaky, mine)
    assert capsys.readouterr().out == "here\n", "the search for a mistake by name repeats no prints"


def test_numpy_warnings_of_the_reader_do_not_disturb():
    assert "nan" in line(one(lambda x: x, X), lambda x: x * 0 / (x * 0))


# ---- values as a reader would write them ----

@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.0"),
        (1e-7, "1e-07"),
        (np.float32(0.1), "0.1"),
        (float("nan"), "nan"),
        (3, "3"),
        (np.int64(3), "3"),
        (np.True_, "True"),
        ("a", "'a'"),
        ((1.0, [2]), "(1.0, [2])"),
        (np.array([1.0, -0.5]), "[1., -0.5]"),
        (np.array([[1, 2], [3, 4]]), "[[1, 2], [3, 4]]"),
        (np.arange(100), "[0, 1, ..., 98, 99]"),
        (np.zeros((2, 3, 4)), "an array of shape (2, 3, 4)"),
        (np.array(2.5), "2.5"),
        (Tensor([1.0, 2.0]), "[1., 2.]"),
        (np.tanh, "tanh"),
        ("x" * 200, "'" + "x" * 98 + "…"),
    ],
    ids=str,
)
def test_short(value, text):
    assert short(value) == text
