"""The law of the rooms: a module imports only rooms above it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dlcore

PACKAGE = Path(__file__).parents[1] / "dlcore"

NUMPY = [
    *("neuron", "activation", "graph", "shape", "tensor", "loss", "init", "module", "layer", "norm", "optim"),
    *("interrupt", "train", "window", "conv", "pool", "cell", "unroll", "recurrent", "attention", "block"),
]
TORCH = ["vision", "sequence", "autoencoder", "gan", "transformer"]
AROUND = [
    *("data", "plots", "picture", "bake", "control", "explore", "pad", "progress", "claim", "source"),
    *("store", "record", "exercise", "checks", "solved"),
    *("notebook", "run", "margins", "rehome", "stamp", "student", "sandbox", "wire", "submission"),
    *("table", "grade", "new", "course", "lab", "book"),
]
ROOMS = NUMPY + TORCH + AROUND
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(path):
    """The room that a file belongs to: its module, or its folder for plots/ and checks/."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path):
    """Every module that a file imports, as ("dlcore", room) or (top-level name, None)."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                yield parts[0], parts[1] if parts[0] == "dlcore" and len(parts) > 1 else None
        elif isinstance(node, ast.ImportFrom):
            parts = (node.module or "").split(".") if node.module else []
            if node.level:
                inside = path.parent.relative_to(PACKAGE).parts
                base = list(inside[: len(inside) - node.level + 1])
                full = base + parts
                for alias in node.names:
                    yield "dlcore", (full + [alias.name])[0]
            elif parts[0] == "dlcore":
                for alias in node.names:
                    yield "dlcore", (parts[1:] + [alias.name])[0]
            else:
                yield parts[0], None


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_above_it(path):
    room = room_of(path)
    assert room in ROOMS, f"{room} has no place in the reading order of tests/test_rooms.py"
    for top, other in imports_of(path):
        if top == "dlcore" and other is not None and other != room:
            assert ROOMS.index(other) < ROOMS.index(room), f"{room} imports {other}, which stands below it"
        if room in NUMPY + TORCH:
            assert top not in {"matplotlib", "ipywidgets", "IPython", "sklearn"}, f"{room} imports {top}"
            assert top != "torch" or room in TORCH, f"{room} (numpy) imports torch"
            assert other not in AROUND, f"{room} (maths) imports {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_holds_one_idea(path):
    assert len(path.read_text("utf-8").splitlines()) <= 320


def test_the_map_names_every_room_in_order():
    text = (PACKAGE / "__init__.py").read_text("utf-8")
    map_of = text.split('"""')[1]
    named = [line.split()[0] for line in map_of.splitlines() if line.startswith("    ")]
    assert named == ROOMS
    on_disk = {room_of(p) for p in FILES}
    assert on_disk == set(ROOMS)


def test_importing_the_package_is_light_and_quick():
    code = (
        "import time; t = time.perf_counter(); import dlcore; s = time.perf_counter() - t; import sys; "
        "heavy = {'torch', 'matplotlib', 'ipywidgets', 'sklearn'} & set(sys.modules); "
        "assert not heavy, heavy; print(s)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True) for _ in range(3)]
    assert all(run.returncode == 0 for run in runs), runs[0].stderr
    assert min(float(run.stdout) for run in runs) < 0.25, "import dlcore takes over 0.25 s"


def test_a_room_is_loaded_when_it_is_first_named():
    code = "import dlcore; print(dlcore.tensor.Tensor([1.0]).item()); import sys; assert 'torch' not in sys.modules"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "1.0\n"
    with pytest.raises(AttributeError, match="dlcore has no room 'nowhere': help"):
        dlcore.nowhere  # noqa: B018
