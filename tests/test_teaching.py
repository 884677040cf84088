"""What the guides for instructors and contributors promise: chapters, exercises, sentences, commands, licences."""

import importlib
import re
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from test_settings import ADDRESS, PROJECT, TOP, text_of

from dlcore import data
from dlcore.course import main

GUIDE = text_of("TEACHING.md")
CHAPTERS = sorted(path.stem for path in (TOP / "chapters").glob("[0-9][0-9]_*.ipynb"))
NUMBERS = [chapter[:2] for chapter in CHAPTERS]


def section(name, text=GUIDE):
    return re.search(rf"^##+ {name}\n(.*?)(?=^##|\Z)", text, re.M | re.S).group(1)


def table(name, text=GUIDE):
    """The rows of the first table of a section, without its head."""
    lines = [line for line in section(name, text).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def test_twelve_weeks_hold_every_chapter_once_and_in_order():
    rows = table("Twelve weeks")
    assert [row[0] for row in rows] == [str(n) for n in range(1, 13)]
    planned = [number for row in rows for number in row[1].split(", ")]
    assert planned == sorted(set(planned)) and set(NUMBERS) <= set(planned)


def test_three_days_leave_out_what_they_say():
    named = set(re.findall(r"\b\d\d\b", section("Three days").split("Left out")[0]))
    left_out = set(re.findall(r"\b\d\d\b", re.search(r"Left out without a gap: (.*?)\.", GUIDE).group(1)))
    assert not named & left_out
    assert set(NUMBERS) <= named | left_out


def test_what_each_chapter_needs_agrees_with_its_own_first_cell():
    needs = {row[0]: set(re.findall(r"\d\d", row[1])) for row in table("What each chapter needs")}
    assert set(NUMBERS) <= set(needs)
    for chapter in CHAPTERS:
        raw = (TOP / "chapters" / f"{chapter}.ipynb").read_text("utf-8")
        line = re.search(r"s to run · builds on (.*?)\*", raw).group(1)
        assert needs[chapter[:2]] == set(re.findall(r"\[(\d\d)\]", line)), chapter


MISCONCEPTIONS = table("Common misconceptions")


@pytest.mark.parametrize("row", MISCONCEPTIONS, ids=[row[1] for row in MISCONCEPTIONS])
def test_a_misconception_is_caught_by_the_exercise_that_is_named(row):
    number, room, name = re.fullmatch(r"(\d\d) `(\w+)\.(\w+)`", row[1]).groups()
    checks = importlib.import_module(f"dlcore.checks.{room}")
    assert f"chapter {number}" in checks.__doc__.splitlines()[0]
    assert row[2] in [sentence for _, sentence in getattr(checks, name).mistakes]


def test_commands_of_the_guides_exist(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"^    (\w+) ", capsys.readouterr().out, re.M))
    for guide in ("TEACHING.md", "CONTRIBUTING.md", "README.md"):
        used = set(re.findall(r"(?:`|bin/|^    )dlcore (\w+)", text_of(guide), re.M))
        assert used and used <= known, f"{guide}: {used - known}"


def test_every_command_is_described_in_the_guide(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"^    (\w+) ", capsys.readouterr().out, re.M))
    assert known == {word for row in table("The commands") for word in re.findall(r"`dlcore (\w+)", row[0])}


def test_links_inside_the_repository_lead_somewhere():
    for guide in ("TEACHING.md", "CONTRIBUTING.md", "LICENSES.md", "README.md"):
        for link in re.findall(r"\]\((?!http)([^)#]+)", text_of(guide)):
            assert (TOP / link).exists(), f"{guide}: {link}"


def test_links_that_open_the_course_name_chapters_that_are_there():
    links = re.findall(r"https://\S+?urlpath=[^`\s]+", GUIDE)
    assert {urlsplit(link).netloc for link in links} == {"HUB", "mybinder.org"}
    for link in links:
        path = parse_qs(urlsplit(link).query)["urlpath"][0]
        assert path.startswith("lab/tree/") and path.rpartition("/")[2] == "00_start.ipynb"


# ---- the hub ----

class Settings(SimpleNamespace):
    def __getattr__(self, name):
        setattr(self, name, Settings())
        return getattr(self, name)


def test_the_hub_opens_jupyterlab_as_make_lab_does():
    c = Settings()
    exec(text_of("hub/jupyterhub_config.py"), {"get_config": lambda: c})
    for argument in c.Spawner.args:
        assert argument in re.sub(r"\s+", " ", text_of("Makefile")), f"make lab has no {argument}"
    module, _, name = c.Spawner.args[0].partition("=")[2].rpartition(".")
    assert hasattr(importlib.import_module(module), name)
    assert c.Spawner.environment["OMP_NUM_THREADS"] == "1" and c.Spawner.default_url == "/lab"


# ---- licences, citation ----

def test_every_data_set_has_its_licence_listed():
    listed = {name for row in table("Data", text_of("LICENSES.md")) for name in re.findall(r"`(\w+)`", row[0])}
    made = {"photo", "sunspots", "python_text", "recall", "dates", *data.SETS}
    assert listed == made
    public = {name for name, thing in vars(data).items() if getattr(thing, "__module__", "") == "dlcore.data"
              and not name.startswith("_") and name.islower()}
    tools = {"seed", "rng", "load", "from_sklearn", "split", "standardise"}
    assert public - tools == made, "a new data set needs a row in LICENSES.md"


def test_the_citation_agrees_with_the_package():
    cited = yaml.safe_load(text_of("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert cited["version"] == PROJECT["version"] and cited["license"][0] == PROJECT["license"] == "MIT"
    assert cited["repository-code"] == f"https://github.com/{ADDRESS}"
    assert cited["title"] == text_of("README.md").splitlines()[0].removeprefix("# ")
    assert text_of("LICENSE").startswith("MIT License")
