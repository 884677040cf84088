"""The map of chapters, read from the notebooks themselves: nobody edits a list when a chapter lands."""

import re
from dataclasses import dataclass

import yaml

from ..notebook import read

HEAD = re.compile(
    r"# (?P<title>\S.*?)\n.*?\*\*You will be able to\*\* (?P<promise>.+?)\.\n"
    r".*?\*(?P<minutes>\d+) min to read · (?P<seconds>\d+) s to run",
    re.S,
)


@dataclass
class Chapter:
    """A chapter in a line: its place, and what its first cell promises."""

    name: str           # chapters/01_neuron
    title: str
    promise: str
    minutes: int
    seconds: int

    @property
    def number(self):
        return self.name.split("/")[1][:2]

    @property
    def link(self):
        return f"[{self.title}](/{self.name}.ipynb)"


def chapter(top, name):
    """The chapter `name`; ValueError where its first cell lacks the title, the promise or the times."""
    first = read(top / f"{name}.ipynb").cells[0].source
    found = HEAD.match(first)
    if not found:
        raise ValueError(f"{name}: its first cell must hold title, promise and times, as every chapter's does")
    title, promise, minutes, seconds = found.groups()
    return Chapter(name, title, " ".join(promise.split()), int(minutes), int(seconds))


def parts(top):
    """The parts of _toc.yml that hold chapters: (caption, chapters) in the order of the book."""
    for part in yaml.safe_load((top / "_toc.yml").read_text("utf-8"))["parts"]:
        names = [entry["file"] for entry in part["chapters"] if entry["file"].startswith("chapters/")]
        if names:
            yield part["caption"], [chapter(top, name) for name in names]


def hours(minutes):
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.0f} h"


def table(top):
    """The map in Markdown: for each part its chapters with their times, and what the reader will be able to do."""
    lines = []
    for caption, chapters in parts(top):
        lines += [f"### {caption}", "", f"{hours(sum(c.minutes for c in chapters))} to read", ""]
        lines += ["| chapter | you will be able to |", "|---|---|"]
        for c in chapters:
            lines.append(f"| {c.link}<br>{c.minutes}\xa0min to read, {c.seconds}\xa0s to run | {c.promise} |")
        lines.append("")
    return "\n".join(lines)
