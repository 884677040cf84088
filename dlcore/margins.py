"""How far each claim of the course is from its bound, under other seeds and numbers of threads."""

import os
import re

from .notebook import chapters
from .run import Stopped, each, execute

RUNS = [("0", "1"), ("1", "1"), ("2", "1"), ("3", "1"), ("4", "1"), ("0", "2")]         # (seed, threads)
LIMIT = r"(at least|at most|more than|less than) (\S+)"
CLAIM = re.compile(rf"^✓ (.+): ≈(\S+), ({LIMIT}(?: and {LIMIT})*)$", re.M)


def claims(notebook):
    """The measured claims that a notebook printed: {sentence: (value, bounds in words)}."""
    texts = [o.text for cell in notebook.cells for o in cell.get("outputs", []) if o.output_type == "stream"]
    return {m.group(1): (float(m.group(2)), m.group(3)) for m in CLAIM.finditer("".join(texts))}


def distance(value, bounds):
    """How far a value lies from the nearer of its bounds, on the right side."""
    found = re.findall(LIMIT, bounds)
    return min((value - float(b)) * (1 if word in ("at least", "more than") else -1) for word, b in found)


def line(sentence, values, bounds):
    """A row of the table, and its room: the distance to the bound in widths of the range of the values."""
    nearest, width = min(distance(v, bounds) for v in values), max(values) - min(values)
    room = nearest / width if width else float("inf")
    return room, f"{room:8.1f}  {nearest:10.4g}  {min(values):10.4g} to {max(values):10.4g}  {bounds:36} {sentence}"


def reason(stopped):
    """The sentence that does not hold, or else the last line of what stopped a chapter."""
    lines = re.sub(r"\x1b\[[\d;]*m", "", str(stopped)).splitlines()
    return next((line.strip() for line in reversed(lines) if "✗" in line), lines[-1])


def margins(numbers):
    """Run chapters with seeds 0 to 4 and with one and two threads, and print how much room each claim has.

    The claims with the least room come first. Room 1.0 means: as far from the bound as the values lie apart.
    Raises SystemExit where a claim did not hold in one of the runs.
    """
    files, found, failed = chapters(numbers), {}, []
    for count, (seed, threads) in enumerate(RUNS):
        os.environ |= {"DLCORE_SEED": seed, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        for done, (path, result) in enumerate(each(files, execute), start=count * len(files) + 1):
            run, measured = f"{path.stem}, seed {seed}, threads {threads}", {}
            if isinstance(result, Stopped):
                run += f": {reason(result)}"
                failed.append(run)
            else:
                measured = claims(result)
            print(f"{done:3} of {len(RUNS) * len(files)}  {run}", flush=True)
            for sentence, (value, bounds) in measured.items():
                found.setdefault(path.stem, {}).setdefault((sentence, bounds), []).append(value)
    for word, rows in sorted(found.items()):
        print(f"\n{word}\n    room    distance      lowest to    highest  bound")
        for _, text in sorted(line(sentence, values, bounds) for (sentence, bounds), values in rows.items()):
            print(text)
    if failed:
        raise SystemExit("\n".join(["", "Claims that did not hold:", *failed]))
