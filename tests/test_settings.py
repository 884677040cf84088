"""Files that must agree with each other: dependencies, the repository's address, commands in the README."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from dlcore.rehome import STAMPED

TOP = Path(__file__).parents[1]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ADDRESS = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
FILES = "README.md environment.yml constraints.txt Makefile _config.yml _toc.yml index.md .ci/run"

# What dlcore imports under another name than the one by which it is installed, or gets with another package.
COMES_WITH = {
    "PIL": "pillow", "sklearn": "scikit-learn", "IPython": "ipywidgets", "nbformat": "nbval", "nbclient": "jupyterlab",
    "traitlets": "ipywidgets",
    "jupyter_server": "jupyterlab", "jupyterlab_server": "jupyterlab",
    "sphinx": "jupyter-book", "docutils": "jupyter-book", "yaml": "pyyaml",
}


def text_of(name):
    path = TOP / name
    assert path.is_file(), f"{name} is missing"
    text = path.read_text("utf-8")
    assert text.strip(), f"{name} is empty"
    return text


def requirements():
    """Every direct dependency of pyproject.toml by its normal name."""
    lines = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


@pytest.mark.parametrize("name", FILES.split())
def test_the_file_is_there(name):
    text_of(name)


# ---- dependencies ----

def test_the_conda_environment_agrees_with_pyproject():
    found = yaml.safe_load(text_of("environment.yml"))
    conda = [Requirement(line) for line in found["dependencies"] if isinstance(line, str)]
    by_pip = [line for part in found["dependencies"] if isinstance(part, dict) for line in part["pip"]]
    conda = {canonicalize_name(r.name): r for r in conda if r.name != "pip"}
    assert str(conda.pop("python").specifier) == PROJECT["requires-python"]
    assert "--constraint constraints.txt" in by_pip, "Binder would install versions that nobody tried"
    itself = [line for line in by_pip if re.fullmatch(r"(-e|--editable) ?\.\[[\w,]+\]", line)]
    assert len(itself) == 1, "environment.yml installs the package itself with its extras"
    assert set(re.search(r"\[(.*)\]", itself[0]).group(1).split(",")) == set(EXTRAS) - {"bench"}   # peers are optional
    for name, requirement in conda.items():
        assert requirement.specifier == requirements()[name].specifier, f"{name} has another range in pyproject.toml"


def test_every_direct_dependency_is_pinned_within_its_range():
    pins = {}
    for line in text_of("constraints.txt").splitlines():
        if line.strip() and not line.startswith("#"):
            pin = Requirement(line.split("#")[0].strip())
            (only,) = pin.specifier
            assert only.operator == "==", f"constraints.txt: {line} is not exact"
            pins[canonicalize_name(pin.name)] = only.version
    for name, requirement in requirements().items():
        assert name in pins, f"constraints.txt has no pin for {name}"
        assert requirement.specifier.contains(pins[name]), f"{name} {pins[name]} is outside {requirement.specifier}"
    assert pins["torch"] == "2.13.0"


def test_what_the_package_imports_is_declared():
    imported = set()
    for path in (TOP / "dlcore").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(node.module.split(".")[0])
    for name in sorted(imported - set(sys.stdlib_module_names) - {"dlcore"}):
        installed_by = canonicalize_name(COMES_WITH.get(name, name))
        assert installed_by in requirements(), f"dlcore imports {name}, which nothing declares"


# ---- one address ----

PLACES = [
    r"colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)",
    r"mybinder\.org/v2/gh/([\w.-]+/[\w.-]+)",
    r"github\.com/([\w.-]+/[\w.-]+)/archive/refs",
    r"github\.com/([\w.-]+/" + re.escape(ADDRESS.split("/")[1]) + r")(?![\w-])",
    r"raw\.githubusercontent\.com/([\w.-]+/[\w.-]+)",
]


def strangers(top, address):
    """Every place under `top` that names another repository than `address` for the course."""
    files = sorted(path for pattern in STAMPED for path in top.glob(pattern))
    found = [
        (path.name, other)
        for path in files for place in PLACES
        for other in re.findall(place, path.read_text("utf-8")) if other.removesuffix(".git") != address
    ]
    return files, found


def test_one_address_everywhere():
    files, found = strangers(TOP, ADDRESS)
    assert {"README.md", "_config.yml", "pyproject.toml"} <= {path.name for path in files}
    assert found == []
    assert yaml.safe_load(text_of("_config.yml"))["repository"]["url"] == f"https://github.com/{ADDRESS}"


def test_no_file_that_rehome_leaves_out_names_the_address():
    owner, name = ADDRESS.split("/")
    folders = [".ci", ".github", "benchmarks", "book", "chapters", "dlcore", "hub", "tests"]
    files = [*TOP.glob("*"), *(path for folder in folders for path in (TOP / folder).rglob("*"))]
    made = {"__pycache__", ".ipynb_checkpoints"}
    for path in sorted(set(files) - set(strangers(TOP, ADDRESS)[0])):
        if path.is_file() and not made & set(path.parts):
            text = path.read_text("utf-8", errors="ignore")
            assert ADDRESS not in text and f"{owner}.github.io/{name}" not in text, f"{path} is not in STAMPED"


# ---- commands and the book ----

def test_commands_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.M))
    code = re.findall(r"```.*?```|`[^`]+`|^    .*", text_of("README.md"), re.M | re.S)
    used = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(code)))
    assert {"lab", "test"} <= used <= targets


def test_every_make_target_is_described():
    for line in text_of("Makefile").splitlines():
        if re.match(r"[a-z]+:", line):
            assert "## " in line, f"Makefile: {line} has no description"


def test_what_breaks_in_the_weekly_run_is_reported():
    weekly = yaml.safe_load(text_of(".github/workflows/test.yml"))["jobs"]
    report = weekly["report"]
    assert set(report["needs"]) == weekly.keys() - {"report"} >= {"newest", "colab"}
    assert "failure()" in report["if"] and report["permissions"] == {"issues": "write"}
    (wheel,) = (step for step in weekly["colab"]["steps"] if "tests/wheel" in step.get("run", ""))
    (name,) = wheel["env"]
    assert f'os.environ["{name}"]' in text_of("tests/wheel/test_wheel.py")


def test_ci_runs_what_the_readme_says():
    assert "make test" in text_of(".ci/run")


WORKFLOWS = {"test.yml": ["pytest --nbval"], "book.yml": ["make book", "tests/browser"]}       # what each must do


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_does_its_work_with_what_is_there(name):
    text = text_of(f".github/workflows/{name}")
    jobs = yaml.safe_load(text)["jobs"]
    runs = "\n".join(step.get("run", "") for job in jobs.values() for step in job["steps"])
    assert [words for words in WORKFLOWS[name] if words not in runs] == [], f"{name} no longer runs that"
    assert set(re.findall(r"\bmake ([a-z]+)", runs)) <= set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.M))
    assert {extra for found in re.findall(r"\.\[([\w,]+)\]", runs) for extra in found.split(",")} <= set(EXTRAS)
    assert [path for path in re.findall(r"\btests/\w+(?:\.py)?", runs) if not (TOP / path).exists()] == []
    needs = [job.get("needs", []) for job in jobs.values()]
    assert {name for one in needs for name in ([one] if isinstance(one, str) else one)} <= set(jobs)
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert [version for version in re.findall(r'"(3\.\d+)"', text) if version not in allowed] == []


def test_the_book_lists_every_chapter_once_and_in_order():
    listed = re.findall(r"chapters/(\w+)", text_of("_toc.yml"))
    assert listed == sorted(path.stem for path in (TOP / "chapters").glob("[0-9][0-9]_*.ipynb"))


def test_nobody_is_told_to_install_the_other_dlcore():
    for path in strangers(TOP, ADDRESS)[0]:
        text = path.read_text("utf-8")
        assert not re.search(r"pip install (-\S+ )*dlcore\b(?!-)", text), f"{path.name}: that name is someone else's"
