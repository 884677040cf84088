"""Memory and threads: what a training step takes, and that it gives all of it back without the cycle collector."""

import gc
import json
import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from dlcore.conv import Conv2d
from dlcore.layer import Flatten, Linear, ReLU
from dlcore.loss import cross_entropy
from dlcore.module import Sequential
from dlcore.optim import Adam
from dlcore.pool import MaxPool2d

RNG = np.random.default_rng(0)


@pytest.fixture
def traced():
    """Every byte that is allocated is counted, and the cycle collector is off."""
    gc.collect()
    gc.disable()
    tracemalloc.start()
    yield
    tracemalloc.stop()
    gc.enable()


def lenet():
    return Sequential(Conv2d(1, 6, 5, padding=2), ReLU(), MaxPool2d(2), Conv2d(6, 16, 5), ReLU(), MaxPool2d(2),
                      Flatten(), Linear(400, 120), ReLU(), Linear(120, 84), ReLU(), Linear(84, 10))


def images(n):
    return RNG.normal(size=(n, 1, 28, 28)).astype(np.float32), RNG.integers(0, 10, n)


def train(model, optimizer, x, y, steps):
    for _ in range(steps):
        loss = cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def held():
    """Bytes in arrays, and how many objects python knows; its own lists of free objects count in neither."""
    arrays = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    traces = tracemalloc.take_snapshot().filter_traces([arrays]).traces
    return sum(trace.size for trace in traces), len(gc.get_objects())


def test_1000_steps_of_lenet_leave_nothing_behind(traced):
    model = lenet()
    optimizer, (x, y) = Adam(model.parameters()), images(1)
    train(model, optimizer, x, y, 20)
    bytes_before, objects_before = held()
    train(model, optimizer, x, y, 1000)
    bytes_after, objects_after = held()
    assert bytes_after - bytes_before < x.nbytes
    assert objects_after - objects_before < 100


def test_a_step_of_lenet_takes_at_most_three_times_its_activations(traced):
    model = lenet()
    optimizer, (x, y) = Adam(model.parameters()), images(64)
    activations, h = x.nbytes, x
    for layer in model:
        h = layer(h)
        activations += h.data.nbytes
    del h
    train(model, optimizer, x, y, 1)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    train(model, optimizer, x, y, 1)
    peak = tracemalloc.get_traced_memory()[1] - before
    print(f"activations {activations / 1e6:.1f} MB, peak {peak / activations:.2f} times that")
    assert peak < 3 * activations


def test_products_on_one_thread():
    code = """if True:
        import dlcore.graph
        from threadpoolctl import ThreadpoolController

        print([library["num_threads"] for library in ThreadpoolController().select(internal_api="openblas").info()])
    """
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert set(json.loads(answer.stdout)) <= {1}
