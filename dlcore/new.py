"""A chapter to begin with: it runs, keeps every rule of `tests/test_chapters.py`, and waits to be replaced."""

import re
from pathlib import Path

from .notebook import canonical, chapters, read, root, written
from .rehome import home
from .run import run
from .store import store

SKELETON = Path(__file__).parent / "skeleton"
PARTS = ["Foundations", "Vision", "Sequences", "Generative", "Attention", "Beyond"]     # by the tens of the number
KINDS = {                           # of code cells: their tags, and what folds them
    "": {},
    "hide-input": {"tags": ["hide-input"], "cellView": "form", "jupyter": {"source_hidden": True}},
    "exercise": {"tags": ["exercise"]},
    "solution": {
        "tags": ["solution", "hide-cell"], "cellView": "form",
        "jupyter": {"outputs_hidden": True, "source_hidden": True},
    },
}


def filled(name, number, word):
    """A file of the skeleton for a chapter with this number and word."""
    values = {
        "NN": number, "word": word, "Title": word.replace("_", " ").capitalize(),
        "colab": home().replace("https://github.com", "https://colab.research.google.com/github"),
    }
    return re.sub(r"@(\w+)@", lambda found: values[found.group(1)], (SKELETON / name).read_text("utf-8"))


def notebook_of(text, setup):
    """The notebook that a text with its cells describes; `setup` is the cell that all chapters begin with."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    cells = []
    for part in re.split(r"^%% ", text, flags=re.M)[1:]:
        head, _, source = part.partition("\n")
        kind, _, more = head.partition(" ")
        if kind == "markdown":
            cells.append(new_markdown_cell(source.strip()))
        else:
            cells.append(new_code_cell(setup if kind == "setup" else source.strip(), metadata=KINDS[more]))
    for i, cell in enumerate(cells):
        cell["id"] = f"cell-{i:02d}"
    return canonical(new_notebook(cells=cells))


def listed(contents, number, word):
    """The text of _toc.yml with one chapter more, in its place, under a new heading where its part is new."""
    entry = f"      - file: chapters/{number}_{word}\n"
    there = [(m.group(1), m.start(), m.end()) for m in re.finditer(r"^ +- file: chapters/(\d\d)_\w+\n", contents, re.M)]
    part = [place for place in there if place[0][0] == number[0]]
    if part:
        later = [start for other, start, _ in part if other > number]
        at = later[0] if later else part[-1][2]
        return contents[:at] + entry + contents[at:]
    at = max((end for other, _, end in there if other < number), default=contents.index("parts:\n") + len("parts:\n"))
    caption = PARTS[min(int(number[0]), len(PARTS) - 1)]
    return contents[:at] + f"  - caption: {caption}\n    chapters:\n{entry}" + contents[at:]


def new(number, word):
    """Write chapter `number` about `word`: notebook, pictures, exercises and its line in the book; then run it.

    Raises SystemExit, and writes nothing, where the number or the word is taken or is none.
    """
    if not re.fullmatch(r"\d\d", number) or not re.fullmatch(r"[a-z]+(_[a-z]+)*", word):
        raise SystemExit(f"dlcore new: {number} {word} is no name: give two digits and a word of small letters")
    top = root()
    texts = {
        top / "dlcore" / "plots" / f"{word}.py": filled("plots.txt", number, word),
        top / "dlcore" / "checks" / f"{word}.py": filled("checks.txt", number, word),
        top / "_toc.yml": listed((top / "_toc.yml").read_text("utf-8"), number, word),
    }
    taken = [*(top / "chapters").glob(f"{number}_*.ipynb"), *(p for p in texts if p.stem == word and p.exists())]
    if taken:
        raise SystemExit(f"dlcore new: {taken[0].relative_to(top)} is there already: choose another number or word")
    path = top / "chapters" / f"{number}_{word}.ipynb"
    setup = read(chapters([])[0]).cells[1].source
    texts[path] = written(notebook_of(filled("chapter.txt", number, word), setup))
    for file, text in texts.items():
        store(file, text)
        print(f"wrote {file.relative_to(top)}")
    run([number])
    print(
        f"Now replace it piece by piece, and after each piece:  dlcore run {number}  and  pytest -k {word}\n"
        "By hand: a badge in README.md, the terms it introduces in the glossary, and a link from the chapter before it."
    )
