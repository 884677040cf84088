"""Another address for a fork of the course, in every place that names it."""

import re
import tomllib

from .notebook import root
from .store import store

ADDRESS = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)")
STAMPED = ["*.md", "*.yml", "*.cff", ".github/workflows/*.yml", "chapters/*.md", "chapters/*.ipynb", "pyproject.toml"]


def home():
    """The address of the course's repository, as pyproject.toml states it: the only place that decides."""
    return tomllib.loads((root() / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"]


def stamped(text, old, new):
    """`text` with the repository OWNER/NAME `old` replaced by `new`, its pages on github.io too."""
    (old_owner, old_name), (owner, name) = old.split("/"), new.split("/")
    text = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w-])", new, text)
    return text.replace(f"{old_owner}.github.io/{old_name}", f"{owner}.github.io/{name}")


def rehome(url):
    """Stamp another repository's address into badges, set-up cells, README, the book's settings and pyproject.toml."""
    found = ADDRESS.fullmatch(url.removesuffix("/").removesuffix(".git"))
    if not found:
        raise SystemExit(f"dlcore rehome: {url} is not of the form https://github.com/OWNER/NAME")
    top, old, new = root(), ADDRESS.fullmatch(home()).group(1), found.group(1)
    for path in sorted(path for pattern in STAMPED for path in top.glob(pattern)):
        before = path.read_text("utf-8")
        after = stamped(before, old, new)
        if after != before:
            store(path, after)
            print(f"stamped {path.relative_to(top)}")
