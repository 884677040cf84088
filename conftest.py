"""How long each chapter takes: a run where one takes over a minute fails."""

import os
from collections import Counter
from pathlib import Path

LIMIT = 60 * (3 if os.environ.get("CI") else 1)      # seconds; a CI machine is shared
seconds = Counter()


def pytest_runtest_logreport(report):
    file = Path(report.nodeid.split("::")[0])
    if file.suffix == ".ipynb":
        seconds[file.stem] += report.duration


def slow():
    return {chapter: taken for chapter, taken in seconds.items() if taken > LIMIT}


def pytest_sessionfinish(session):
    if slow():
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    if seconds:
        told = ", ".join(f"{chapter} {taken:.0f} s" for chapter, taken in sorted(seconds.items()))
        terminalreporter.section("run time of the chapters")
        terminalreporter.line(told)
    for chapter, taken in slow().items():
        terminalreporter.line(f"{chapter} takes {taken:.0f} s, a chapter may take {LIMIT}: make its "
                              "experiment smaller, or set CI=true where the machine is slow or shared")
