"""The book's own parts without Sphinx: lazy frames, the map, the glossary, the papers, the tour, the run times."""

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from dlcore import bake, picture
from dlcore.book import contents, frames, papers, rooms, runs
from dlcore.control import control

TOP = Path(__file__).parents[1]
CHAPTERS = sorted(path.stem for path in (TOP / "chapters").glob("[0-9][0-9]_*.ipynb"))


# ---- lazy frames ----

@pytest.fixture(scope="module")
def baked():
    def draw(values, dpi):
        return [np.full((4, 4, 3), 50 * values["w"], np.uint8)]

    return bake.player() + bake.bake("flat", "Grey </script>", [control("w", (0, 4))], draw)


def data_of(html):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.S).group(1))


def test_the_pictures_leave_and_the_first_one_stays(baked):
    page, files = frames.split(baked, "01_neuron-2", first=False)
    whole, stays, script = data_of(baked), data_of(page), files["01_neuron-2.js"].decode()
    panels = json.loads(script.removeprefix("document.currentScript.panels=").removesuffix(";\n"))
    assert panels == whole["panels"] and "panels" not in stays
    assert {key: whole[key] for key in stays if key != "file"} == {key: stays[key] for key in stays if key != "file"}
    assert re.fullmatch(r"frames/01_neuron-2\.js\?v=[0-9a-f]{8}", stays["file"])
    first = panels[0]["pictures"][panels[0]["index"][stays["controls"][0]["start"]]]
    assert first in page and not any(p in page for p in panels[0]["pictures"] if p != first)


def test_still_pictures_leave_their_pixels_and_keep_their_size_and_words():
    black, white = (np.full((6, 9, 3), grey, np.uint8) for grey in (0, 255))
    page, files = frames.still(f"<div>{picture.panel(black, 'black')}{picture.panel(white, '')}</div>", "x-3")
    assert files == {"x-3-1.webp": picture.webp(black), "x-3-2.webp": picture.webp(white)}
    assert re.fullmatch(
        r'<div><img loading="lazy" src="frames/x-3-1\.webp\?v=\w{8}" alt="black" width="6" height="4">'
        r'<img loading="lazy" src="frames/x-3-2\.webp\?v=\w{8}" alt="" width="6" height="4"></div>', page
    )


def test_the_player_comes_once_a_page(baked):
    assert frames.split(baked, "a", first=True)[0].count(bake.player()) == 1
    assert bake.player() not in frames.split(baked, "a", first=False)[0]


def test_no_text_ends_the_script_on_the_page(baked):
    page, _ = frames.split(baked, "a", first=False)
    assert page.count("</script>") == 2 and data_of(page)["alt"] == "Grey </script>"


def test_other_pictures_have_another_address(baked):
    other = baked.replace('"pictures": ["', '"pictures": ["A')
    assert data_of(frames.split(baked, "a", True)[0])["file"] != data_of(frames.split(other, "a", True)[0])["file"]


def test_words_of_pictures():
    html = '<div aria-label="Points &amp; lines"><img alt=""><img src="x" alt="a curve"></div>'
    assert frames.words(html) == "Points & lines\na curve"


# ---- the map ----

def test_the_map_shows_every_chapter_by_part_with_its_promise_and_times():
    found = [chapter for _, chapters in contents.parts(TOP) for chapter in chapters]
    assert [c.name.split("/")[1] for c in found] == CHAPTERS
    text = contents.table(TOP)
    for c in found:
        line = f"| [{c.title}](/{c.name}.ipynb)<br>{c.minutes}\xa0min to read, {c.seconds}\xa0s to run | {c.promise} |"
        assert line in text and c.title.startswith(f"{c.number} · ") and 5 < len(c.promise.split()) < 80


def test_nobody_edits_the_landing_page_when_a_chapter_lands():
    text = (TOP / "index.md").read_text("utf-8")
    assert "```{course} chapters\n```" in text and "|" not in text.split("## The chapters")[1]


def test_a_chapter_without_its_promise_is_named(tmp_path):
    (tmp_path / "x.ipynb").write_text(nbformat.writes(new_notebook(cells=[new_markdown_cell("# X")])), "utf-8")
    with pytest.raises(ValueError, match="^x: its first cell must hold title, promise and times"):
        contents.chapter(tmp_path, "x")


# ---- the glossary ----

TERM = re.compile(r"^(\S.*)\n  (.+\.) Chapter \[(\d\d)\]\(\.\./chapters/(\w+)\.ipynb\)$", re.M)


def glossary():
    """(term, sentence, chapter) for every entry, and the lines that are no entry."""
    text = (TOP / "book" / "glossary.md").read_text("utf-8")
    inside = re.search(r"```\{glossary\}\n(.*?)```", text, re.S).group(1)
    return TERM.findall(inside), TERM.sub("", inside).strip()


def plain(text):
    """Letters only, lower case, one space: for words that stand across lines, in bold, with a hyphen or without."""
    return re.sub(r"[\W_]+", " ", text).casefold()


def test_the_glossary_is_in_order_and_holds_each_term_once():
    entries, left = glossary()
    names = [name.casefold() for name, *_ in entries]
    assert left == "", "an entry is a term, and below it one sentence and its chapter"
    assert names == sorted(set(names)) and len(names) > 100


def test_each_term_is_said_in_one_sentence():
    for name, sentence, *_ in glossary()[0]:
        assert not re.search(r"[.?!] [A-Z]", sentence), name


def test_each_term_stands_in_the_chapter_that_its_entry_names():
    for name, _, number, chapter in glossary()[0]:
        assert chapter in CHAPTERS and chapter.startswith(number), f"{name}: there is no chapter {chapter}"
        cells = json.loads((TOP / "chapters" / f"{chapter}.ipynb").read_text("utf-8"))["cells"]
        text = plain("\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown"))
        word = plain(re.sub(r" \(.*\)", "", name)).strip()           # He (initialisation): He
        assert re.search(rf"\b{word}", text), f"{name} does not stand in {chapter}"


# ---- the papers ----

def test_every_paper_cited_is_in_the_table_and_none_is_left_over():
    known, cited = papers.known(TOP), papers.citing(TOP, papers.known(TOP))
    assert {link: where for link, where in cited.items() if link not in known} == {}, "add it to book/papers.csv"
    assert sorted(known.keys() - cited.keys()) == [], "nobody cites it any more"


DATED = re.compile(r"^(?:\| *|- \*\*)\d{4}\b.*", re.M)       # a row or an item that begins with its year


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_came_when_is_in_order_and_dated_as_in_the_table_of_papers(chapter):
    known, cells = papers.known(TOP), nbformat.read(TOP / "chapters" / f"{chapter}.ipynb", 4).cells
    (section,) = [c.source.split("## What came when")[1] for c in cells if "## What came when" in c.source]
    shown = [o.get("data", {}).get("text/markdown", "") for c in cells for o in c.get("outputs", [])]
    rows = DATED.findall("\n".join([section.split("\n## ")[0], *shown]))
    years = [re.search(r"\d{4}", row)[0] for row in rows]
    assert len(rows) >= 3 and years == sorted(years)
    for row in rows:
        for link in set(papers.LINK.findall(row)) & known.keys():
            said = re.sub(r"\[[^]]*\]\([^)]*\)", "", row)
            assert known[link]["year"] in said, f"book/papers.csv says {known[link]['year']}: {row}"


def test_the_table_of_papers_is_complete_and_in_order():
    rows = list(papers.known(TOP).values())
    for row in rows:
        assert row["author"] and row["title"] and papers.HOSTS.match(row["link"]), row
        assert re.fullmatch(r"1[89]\d\d|20\d\d", row["year"]), row
    assert [row["link"] for row in rows] == sorted(row["link"] for row in rows)
    assert len({(row["author"], row["title"]) for row in rows}) == len(rows)


def test_papers_are_found_in_docstrings():
    table = {"https://x/": {"author": "Srivastava and others", "year": "2014", "link": "https://x/"}}
    text = '''"""One.

    Paper: Kingma 2013, arXiv:1312.6114; Higgins et al. 2017, openreview.net/forum?id=Sy2fzU9gl.
    """
    """Two. Paper: Srivastava et al. 2014, Dropout, JMLR 15."""
    """Three.

    Paper: McCulloch and Pitts 1943, doi:10.1007/BF02478259.
    Raises ValueError.
    """
    """Paper: Nobody 1900, lost."""
    '''
    assert list(papers.named(text, table)) == [
        "https://arxiv.org/abs/1312.6114", "https://openreview.net/forum?id=Sy2fzU9gl", "https://x/",
        "https://doi.org/10.1007/BF02478259", "Nobody 1900",
    ]


# ---- inside dlcore ----

def test_the_tour_names_every_room_and_public_function_in_order():
    text = rooms.tour(TOP)
    shown = re.findall(r"^## (\w+)$", text, re.M)
    assert shown[:2] == ["neuron", "activation"] and "tensor" in shown and len(shown) == len(set(shown)) > 40
    assert "- `conv2d(input, weight, bias=None, " in text
    assert "[Its code](https://github.com/" in text and "/blob/main/dlcore/neuron.py)" in text


def test_a_class_is_called_as_its_init_says():
    first = 'class A:\n    """A thing."""\n    def __init__(self, x, y=2): ...'
    tree = ast.parse(f"{first}\nclass B: ...\ndef f(a, *, b): ...")
    assert [rooms.signature(thing) for thing in tree.body] == ["A(x, y=2)", "B", "f(a, *, b)"]
    assert [thing.name for thing in rooms.public(tree)] == ["A"]


def test_a_docstring_is_text_and_its_code_is_code():
    assert rooms.first_sentence("One\n    sentence. Another.\n\n    More.") == "One sentence."
    assert rooms.plain("a_b * `c_d` <e>") == r"a\_b \* `c_d` \<e\>"


# ---- run times ----

def test_run_times_and_sizes_fill_the_marks(tmp_path):
    name = f"chapters/{CHAPTERS[0]}"
    frame = f"chapters/frames/{CHAPTERS[0]}-1.js"
    for file, size in {f"{name}.html": 2000, f"{name}.ipynb": 1000, frame: 5000}.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    app = SimpleNamespace(outdir=tmp_path, srcdir=tmp_path)
    app.env = SimpleNamespace(nb_metadata={name: {"exec_data": {"runtime": 12.4}}})
    marks = [mark for mark in re.findall(r"measured:\S+", runs.table(TOP)) if f":{name}:" in mark]
    assert runs.filled(f"<td>{' '.join(marks)}</td>", app) == "<td>12 1 2 5</td>"
