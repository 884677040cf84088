"""source shows the real code, and says so where there is none."""

import functools
import math

import numpy as np
import pytest

import dlcore.neuron
from dlcore import source as room
from dlcore.layer import Linear
from dlcore.source import source


@pytest.fixture
def shown(monkeypatch):
    calls = []
    monkeypatch.setattr(room, "display", lambda data, raw: calls.append(data))
    return calls


def test_the_code_of_a_function_as_it_runs(shown):
    source(dlcore.neuron.neuron)
    text = shown[0]["text/plain"]
    assert text.startswith("# dlcore.neuron.neuron\ndef neuron(x, w, b):\n    ")
    assert text.endswith("return (weighted_sum(x, w, b) > 0) * 1")
    assert shown[0]["text/markdown"] == f"```python\n{text}\n```"


def test_a_method_stands_at_the_left_edge_and_a_class_is_whole(shown):
    source(Linear.forward, Linear)
    method, whole = (data["text/plain"] for data in shown)
    assert method.splitlines()[1].startswith("def forward(self")
    assert whole.splitlines()[1].startswith("class Linear") and "    def forward(self" in whole


@pytest.mark.parametrize(
    "thing",
    [len, math.sqrt, np.tanh, 3, "neuron", math, functools.partial(len), eval("lambda x: x")],
    ids=lambda thing: type(thing).__name__,
)
def test_what_has_no_python_code(thing, shown):
    with pytest.raises(TypeError, match="source: .* has no Python code to show: give a function, a method or a class"):
        source(thing)
    assert shown == []
