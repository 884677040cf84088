"""How it is measured: every contender in a process of its own, in turns, after it gave the right answers.

A contender is a library with settings of the environment. In each round every contender runs the work for about
20 ms; what counts is its time over torch's time in the same round, and of these the median.
"""

import importlib
import multiprocessing
import os
import statistics
import time
from contextlib import contextmanager

import numpy as np

from benchmarks import works

BLOCK = 0.02            # seconds that a contender runs before the next has its turn
KEEP = {"MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_THRESHOLD_": "1000000000"}
GIVE_BACK = {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"}     # where glibc starts
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Contender:
    """A library, loaded in a process of its own; `missing` says why it cannot take part, or is None."""

    def __init__(self, module, library, **environment):
        context = multiprocessing.get_context("spawn")
        self.pipe, end = context.Pipe()
        with environment_of(ONE_THREAD | environment):
            self.process = context.Process(target=serve, args=(module, library, end), daemon=True)
            self.process.start()
        self.missing = self.ask(None)

    def ask(self, message):
        """Send a message and wait for the answer."""
        if message is not None:
            self.pipe.send(message)
        try:
            return self.pipe.recv()
        except EOFError:
            return f"the process ended with code {self.process.exitcode}"

    def prepare(self, kind, sizes):
        """The answers of the first run, or a string that says why there are none."""
        return self.ask(("prepare", kind, sizes))

    def seconds(self):
        """Seconds for one run, averaged over a block of runs."""
        return self.ask(("run",))

    def close(self):
        """End the process."""
        self.pipe.close()
        self.process.join(5)


def serve(module, library, pipe):
    """What runs in the process of a contender: load the library, then prepare and run works as told."""
    try:
        prepare = getattr(importlib.import_module(module), library)()
        pipe.send(None)
    except Exception as error:          # whatever a foreign library does when it cannot run here
        pipe.send(said(error))
        return
    run, count = None, 1
    while True:
        try:
            message, *arguments = pipe.recv()
        except EOFError:
            return
        if message == "run":
            pipe.send(timed(run, count))
            continue
        try:
            run, answers = prepare(works.WORKS[arguments[0]](**arguments[1]))
            timed(run, 3)
            count = max(1, round(BLOCK / timed(run, 3)))
            pipe.send(answers)
        except Exception as error:
            pipe.send(said(error))


def said(error):
    """The first line of an error."""
    return (str(error).splitlines() or [type(error).__name__])[0][:100]


def timed(run, count):
    """Seconds for one of `count` runs."""
    start = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - start) / count


@contextmanager
def environment_of(settings):
    """Settings of the environment for the processes started inside the block."""
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def compare(contenders, kind, sizes, reference="torch", rounds=15):
    """{name: (milliseconds, times the reference)} as medians, and {name: why not} for those who cannot do it.

    Raises ValueError where a contender's result or gradient differs from the reference's.
    """
    answers = {name: contender.prepare(kind, sizes) for name, contender in contenders.items()}
    unable = {name: answer for name, answer in answers.items() if isinstance(answer, str)}
    if reference in unable:
        raise ValueError(f"{kind}: {reference} cannot do it: {unable[reference]}")
    able = [name for name in contenders if name not in unable]
    for name in able:
        agree(f"{kind} {sizes}: {name}", answers[name], answers[reference])
    times = {name: [] for name in able}
    for _ in range(rounds):
        for name in able:
            times[name].append(contenders[name].seconds())
    ratios = {name: [t / r for t, r in zip(times[name], times[reference], strict=True)] for name in able}
    return {name: (1000 * statistics.median(times[name]), statistics.median(ratios[name])) for name in able}, unable


def agree(name, mine, others, tolerance=2e-4):
    """ValueError unless every answer has the same shape and differs by at most `tolerance` of the largest number."""
    if set(mine) != set(others):
        raise ValueError(f"{name} answers {sorted(mine)}, not {sorted(others)}")
    for what, wanted in others.items():
        if mine[what].shape != wanted.shape:
            raise ValueError(f"{name}: {what} has shape {mine[what].shape}, not {wanted.shape}")
        difference = np.abs(mine[what] - wanted).max()
        if not difference <= tolerance * np.abs(wanted).max():
            raise ValueError(f"{name}: {what} differs by {difference:.2g} from {np.abs(wanted).max():.2g}")
