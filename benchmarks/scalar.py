"""The engine of single numbers: `Value` of chapter 05, read from the notebook, beside micrograd.

The work is micrograd's demo: 100 points of two half moons, a network 2-16-16-1 with ReLU, the max-margin loss with a
little weight decay; forward and backward.
"""

import ast
import json
import math
from pathlib import Path

import numpy as np

NOTEBOOK = Path(__file__).parents[1] / "chapters" / "05_backprop.ipynb"
ENGINE = ("order", "Value", "as_value")
SIZES = ((2, 16), (16, 16), (16, 1))


def chapter():
    """The contender of chapter 05."""
    return lambda work: prepared(value_of_the_chapter())


def micrograd():
    """The contender to compare with."""
    from micrograd.engine import Value

    return lambda work: prepared(Value)


def value_of_the_chapter():
    """The class `Value` as the reader of chapter 05 builds it, with the ReLU that the demo needs."""
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    nodes = [node for code in codes if "%pip" not in code for node in ast.parse(code).body]
    engine = [node for node in nodes if getattr(node, "name", "") in ENGINE]
    names = {"math": math}
    exec(compile(ast.Module(engine, []), str(NOTEBOOK), "exec"), names)
    Value = names["Value"]
    Value.relu = lambda self: Value(max(self.data, 0.0), (self,), (float(self.data > 0),))
    return Value


def prepared(Value):
    """(run, answers) with numbers of the class `Value`."""
    rng = np.random.default_rng(0)
    half = np.arange(100) % 2
    angle = rng.uniform(0, np.pi, 100)
    points = np.stack([np.cos(angle) * (1 - 2 * half) + half, np.sin(angle) * (1 - 2 * half) + half / 2], 1)
    targets = (2.0 * half - 1).tolist()
    layers = [[[Value(number) for number in rng.uniform(-1, 1, n + 1).tolist()] for _ in range(o)] for n, o in SIZES]
    weights = [w for layer in layers for neuron in layer for w in neuron]

    def score(x):
        for layer in layers:
            x = [sum((w * xi for w, xi in zip(neuron, x, strict=False)), neuron[-1]) for neuron in layer]
            x = [z.relu() for z in x] if layer is not layers[-1] else x
        return x[0]

    def run():
        losses = [(1 + -t * score(x)).relu() for x, t in zip(points.tolist(), targets, strict=True)]
        loss = sum(losses) * (1 / len(losses)) + 1e-4 * sum(w * w for w in weights)
        for w in weights:
            w.grad = 0.0
        loss.backward()
        return loss

    result = run()
    return run, {"result": np.array(result.data), "gradients": np.array([w.grad for w in weights])}
