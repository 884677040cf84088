"""Chapters for Colab: each installs the course as it was at the commit from which it came."""

import re
from pathlib import Path

from .rehome import home
from .store import store


def stamp(commit, folder):
    """Let the set-up cell of every notebook in `folder` install the course as it was at `commit`, 40 hex digits.

    Nothing but the address in that cell changes, and a second time nothing at all.
    Raises SystemExit, and writes nothing, where the commit is none or a notebook has no such cell.
    """
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise SystemExit(f"dlcore stamp: {commit} is no commit: give its 40 digits, as  git rev-parse HEAD  prints")
    archive = f"{home()}/archive/"
    address = re.compile(rf'(?<= course = \\"){re.escape(archive)}(refs/heads/main|[0-9a-f]{{40}})\.zip(?=\\")')
    texts = {}
    for path in sorted(Path(folder).glob("*.ipynb")):
        texts[path], found = address.subn(f"{archive}{commit}.zip", path.read_text("utf-8"))
        if found != 1:
            raise SystemExit(f"dlcore stamp: {path} has no cell that installs from {archive}: nothing was written")
    if not texts:
        raise SystemExit(f"dlcore stamp: {folder} holds no notebook: give a folder with copies of chapters")
    for path, text in texts.items():
        store(path, text)
    print(f"{len(texts)} notebooks in {folder} install the course as it was at {commit}")
