"""The benchmarks measure the same work: dlcore and torch give the same answers, and a wrong answer is noticed."""

import numpy as np
import pytest
import torch

from benchmarks import libraries, scalar, works
from benchmarks.measure import agree

SMALL = {"mlp": {"batch": 4}, "conv2d": {"size": 6}, "lenet": {"batch": 2}, "max_pool": {}, "lstm": {"length": 3},
         "gru": {"length": 3}, "block": {"length": 5}}


@pytest.fixture(autouse=True)
def as_many_threads_as_before():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("kind, sizes", [*SMALL.items(), ("block", {"length": 5, "approximate": "tanh"})])
def test_dlcore_and_torch_do_the_same_work(kind, sizes):
    answers = [library()(works.WORKS[kind](**sizes))[1] for library in (libraries.dlcore, libraries.torch)]
    agree(kind, *answers)
    assert {"result", *works.WORKS[kind](**sizes).weights} <= set(answers[0])


def test_every_row_names_a_work():
    assert {kind for _, kind, _, _ in works.ROWS} == {kind for kind in works.WORKS if kind != "moons"}
    assert {kind for _, kind, _, _ in works.SWEEPS} <= set(works.WORKS)


WRONG = [{"a": np.full(3, 1.001)}, {"a": np.ones(4)}, {"b": np.ones(3)}, {"a": np.full(3, np.nan)}]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_answer_is_noticed(wrong):
    agree("right", {"a": np.ones(3)}, {"a": np.ones(3)})
    with pytest.raises(ValueError):
        agree("wrong", wrong, {"a": np.ones(3)})


def test_the_engine_of_chapter_05_is_found():
    Value = scalar.value_of_the_chapter()
    x = Value(-2.0)
    y = (x * x + x).relu() + (x - 1.0).relu()
    y.backward()
    assert (y.data, x.grad) == (2.0, -3.0)
