"""The contract of a chapter, rule by rule: each test is one rule, run over every notebook of the course."""

import ast
import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from dlcore.notebook import canonical

TOP = Path(__file__).parents[1]
FILES = sorted((TOP / "chapters").glob("*.ipynb"))
HOME = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"]

SETUP = f'''# Set-up: in Colab this installs the course, elsewhere it does nothing.
import subprocess
import sys

if "google.colab" in sys.modules:
    course = "{HOME}/archive/refs/heads/main.zip"
    print("Installing the course, in under a minute:", course)
    command = [sys.executable, "-m", "pip", "install", "-qq", course]
    pip = subprocess.run(command, capture_output=True, text=True)
    assert pip.returncode == 0, f"{{pip.stderr}}\\nNot installed: check your connection, then run this cell again."'''

ENDING = ["Exercises", "Quiz", "Summary", "Where it is used, and where it fails", "What came when", "Next"]

# Where links may lead: papers, by doi or arXiv or at home where they have neither; the course; places to learn.
HOSTS = {
    "doi.org", "arxiv.org", "colab.research.google.com", "github.com", "oeis.org", "openai.com", "cdn.openai.com",
    "icml.cc", "ai.stanford.edu", "jmlr.org", "www.jmlr.org", "proceedings.mlr.press", "proceedings.neurips.cc",
    "papers.nips.cc", "papers.neurips.cc", "aclanthology.org", "openreview.net", "www.bioinf.jku.at",
    "www.cs.toronto.edu", "yann.lecun.com", "archive.ics.uci.edu", "docs.python.org", "numpy.org", "pytorch.org",
    "docs.pytorch.org", "scikit-learn.org", "www.khanacademy.org", "www.3blue1brown.com",
}

BANNED = {
    "simply", "just", "obviously", "clearly", "trivial", "trivially", "crucial", "crucially",
    "delve", "delves", "powerful", "basically", "essentially", "seamless", "seamlessly", "leverage",
    "leverages", "utilize", "utilizes", "harness", "unlock", "unlocks", "revolutionary", "groundbreaking",
    "fascinating", "magic", "magical", "magically", "effortless", "effortlessly", "journey", "realm",
    "tapestry", "vital", "pivotal", "let's",
}


class Chapter:
    """A notebook with the questions that the rules ask."""

    def __init__(self, path):
        self.path, self.raw = path, path.read_text("utf-8")
        self.notebook = nbformat.reads(self.raw, as_version=4)
        self.cells = self.notebook.cells
        self.code = [cell for cell in self.cells if cell.cell_type == "code"]
        self.markdown = [cell.source for cell in self.cells if cell.cell_type == "markdown"]
        self.text = "\n\n".join(self.markdown)
        self.prose = without_code(self.text)

    def first(self, holds):
        """The position of the first cell for which `holds` is true, or one past the end."""
        return next((i for i, cell in enumerate(self.cells) if holds(cell)), len(self.cells))

    def tagged(self, tag):
        return [cell for cell in self.code if tag in cell.metadata.get("tags", [])]

    def sections(self):
        """The text under each `## heading`, by heading."""
        parts = re.split(r"^## (.+)$", self.text, flags=re.M)
        return dict(zip(parts[1::2], parts[2::2], strict=True))

    def outputs(self):
        return [output for cell in self.code for output in cell.outputs]

    def printed(self):
        """Everything that cells print, without the code that `source` shows."""
        for cell in self.code:
            for output in cell.outputs:
                if output.output_type == "stream":
                    yield output.text
                elif "text/markdown" not in output.get("data", {}):
                    yield output.get("data", {}).get("text/plain", "")


def without_code(text):
    """Markdown without code, formulas and the addresses of links."""
    for part in (r"```.*?```", r"`[^`\n]*`", r"\$\$.*?\$\$", r"\$[^$\n]*\$", r"\]\([^)]*\)", r"<[^>]+>"):
        text = re.sub(part, " ", text, flags=re.S)
    return text


def calls(cell, name):
    return cell.cell_type == "code" and re.search(rf"\b{name}\(", cell.source) is not None


CHAPTERS = [Chapter(path) for path in FILES]
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.path.stem)


def test_there_are_chapters():
    assert FILES, "chapters/ holds no notebook"


# ---- the file ----

@each_chapter
def test_its_name_is_a_number_and_a_word_or_two(chapter):
    assert re.fullmatch(r"\d\d_[a-z]+(_[a-z]+)*\.ipynb", chapter.path.name)


@each_chapter
def test_it_is_canonical_on_disk(chapter):
    text = nbformat.writes(canonical(nbformat.reads(chapter.raw, as_version=4)), indent=1) + "\n"
    assert text == chapter.raw, f"run  dlcore run {chapter.path.stem[:2]}"


@each_chapter
def test_it_is_a_valid_notebook(chapter):
    nbformat.validate(chapter.notebook)


@each_chapter
def test_it_takes_under_500_kb(chapter):
    assert chapter.path.stat().st_size <= 500_000


@each_chapter
def test_it_has_35_to_70_cells(chapter):
    assert 35 <= len(chapter.cells) <= 70


@each_chapter
def test_it_has_1500_to_3500_words(chapter):
    words = len(re.sub(r"</?[a-z][^>]*>", "", chapter.text).split())
    assert 1500 <= words <= 3500


# ---- its beginning ----

@each_chapter
def test_it_begins_with_title_badge_promise_and_times(chapter):
    head = chapter.cells[0].source.split("\n\n")
    name = chapter.path.name
    colab = HOME.replace("https://github.com", "https://colab.research.google.com/github")
    assert re.fullmatch(rf"# {name[:2]} · \S.*", head[0])
    assert head[1] == f"[![Open in Colab](_static/colab.svg)]({colab}/blob/colab/chapters/{name})"
    assert re.fullmatch(r"\*\*You will be able to\*\* .+\.", head[2], re.S)
    times = re.fullmatch(r"\*\d+ min to read · (\d+) s to run · builds on .+\*", head[3])
    assert times and int(times.group(1)) <= 60
    assert len(head) == 4


@each_chapter
def test_its_set_up_cell_is_the_one_of_all_chapters(chapter):
    assert chapter.code[0].source == SETUP and chapter.cells.index(chapter.code[0]) == 1
    assert chapter.code[0].outputs == []


# ---- the order of its parts ----

@each_chapter
def test_it_ends_with_the_same_sections_in_the_same_order(chapter):
    assert list(chapter.sections())[-len(ENDING):] == ENDING


@each_chapter
def test_one_title_and_no_heading_deeper_than_three(chapter):
    heads = re.findall(r"^(#+) ", re.sub(r"```.*?```", "", chapter.text, flags=re.S), re.M)
    assert heads.count("#") == 1 and max(map(len, heads)) <= 3


@each_chapter
def test_something_to_play_with_stands_before_any_formula(chapter):
    formula = chapter.first(lambda cell: cell.cell_type == "markdown" and "$$" in cell.source)
    assert chapter.first(lambda cell: calls(cell, "explore")) < formula


@each_chapter
def test_the_reader_predicts(chapter):
    assert "**Predict" in chapter.text


@each_chapter
def test_it_proves_measures_shows_the_code_and_breaks_something_before_the_exercises(chapter):
    exercises = chapter.first(lambda cell: cell.cell_type == "markdown" and "## Exercises" in cell.source)
    for name in ("same", "claim", "source"):
        assert chapter.first(lambda cell, name=name: calls(cell, name)) < exercises, f"no {name}( before the exercises"
    broken = chapter.first(lambda cell: re.search(r"^###? Break it", cell.source, re.M))
    assert broken < exercises, "no section is called Break it"


@each_chapter
def test_it_has_at_least_three_explorables(chapter):
    assert sum(calls(cell, "explore") for cell in chapter.code) >= 3


# ---- what it stores ----

@each_chapter
def test_every_cell_has_run_without_error_or_warning(chapter):
    for cell in chapter.code:
        for output in cell.outputs:
            assert output.get("name") != "stderr", f"{cell.id} writes a warning: {output.text[:80]}"
            if "raises-exception" not in cell.metadata.get("tags", []):
                assert output.output_type != "error", f"{cell.id} raises {output.get('ename')}"


@each_chapter
def test_every_picture_has_words_for_those_who_cannot_see_it(chapter):
    for cell in chapter.code:
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "")
                assert len(alt.split()) >= 4, f"{cell.id}: a picture without alt text"
    for alt in re.findall(r"!\[([^\]]*)\]\(", chapter.text) + re.findall(r'<img[^>]*alt="([^"]*)"', chapter.text):
        assert alt.strip(), "a picture in the text without alt text"
    assert len(re.findall(r"<img", chapter.text)) == len(re.findall(r'<img[^>]*alt="', chapter.text))


UNSTABLE = {
    "an address in memory": r"0x[0-9a-f]{5,}",
    "a path": r"(^|[\s\"'(])(/(home|tmp|usr|root|work|opt|Users|content)/|[A-Z]:\\)|site-packages|ipykernel_",
    "a time": r"\d\s?(ms|µs|sec|seconds)\b|Wall time|it/s|\b\d\d:\d\d:\d\d\b",
    "a version": r"\b\d+\.\d+\.\d+\b",
}


@each_chapter
@pytest.mark.parametrize("what", UNSTABLE)
def test_nothing_is_printed_that_changes_from_run_to_run(chapter, what):
    for text in chapter.printed():
        found = re.search(UNSTABLE[what], text)
        assert not found, f"{what}: {text[max(0, found.start() - 40):found.end() + 40]!r}"


@each_chapter
def test_no_sign_of_success_is_printed_by_hand(chapter):
    for cell in chapter.code:
        for text in re.findall(r"print\((.*)", cell.source):
            assert not re.search(r"[✓✗○]", text), f"{cell.id}: {text}: only claim, same and checks print that sign"


# ---- exercises ----

@each_chapter
def test_exercises_are_numbered_starred_and_timed(chapter):
    heads = re.findall(r"^### (Exercise .*)$", chapter.text, re.M)
    assert 3 <= len(heads) <= 6
    for number, head in enumerate(heads, start=1):
        assert re.fullmatch(rf"Exercise {number} ★{{1,3}} \d+ min", head), head
    assert len(heads) == len(chapter.tagged("exercise")) == len(chapter.tagged("solution"))


@each_chapter
def test_every_exercise_has_a_hint_that_is_folded(chapter):
    tasks = re.split(r"^### Exercise .*$", chapter.sections()["Exercises"], flags=re.M)[1:]
    for number, task in enumerate(tasks, start=1):
        hint = re.search(r"<details><summary>Hint[^<]*</summary>\n\n.+?\n\n</details>", task, re.S)
        assert hint, f"exercise {number} has no folded hint"


def checked_by(cell):
    """The check that a cell calls in its last line, and the function that it hands over."""
    return re.fullmatch(r"(checks\.\w+)\((\w+)\)", cell.source.strip().splitlines()[-1]).groups()


@each_chapter
def test_stub_and_solution_call_the_same_check(chapter):
    for number, (stub, solution) in enumerate(
        zip(chapter.tagged("exercise"), chapter.tagged("solution"), strict=True), start=1
    ):
        assert chapter.code.index(solution) == chapter.code.index(stub) + 1
        assert solution.source.startswith(f"# @title Solution {number}\n")
        (check, theirs), (same_check, ours) = checked_by(stub), checked_by(solution)
        assert check == same_check and theirs != ours
        assert "..." in stub.source and f"def {theirs}(" in stub.source and f"def {ours}(" in solution.source
        told, verdict = ("".join(o.text for o in cell.outputs) for cell in (stub, solution))
        assert told.startswith("○ not attempted yet"), f"stub {number} says {told!r}"
        assert verdict.startswith("✓ "), f"solution {number} says {verdict!r}"


@each_chapter
def test_solutions_are_folded_everywhere(chapter):
    for cell in chapter.tagged("solution"):
        assert cell.metadata.jupyter.source_hidden is True, "JupyterLab shows it"
        assert cell.metadata.get("cellView") == "form", "Colab shows it"
        assert "hide-cell" in cell.metadata.tags, "the book shows it"


@each_chapter
def test_a_hidden_cell_has_a_title(chapter):
    for cell in chapter.tagged("hide-input"):
        assert re.match(r"# @title \S", cell.source), cell.source[:60]
        assert cell.metadata.get("cellView") == "form"


@each_chapter
def test_no_cell_depends_on_an_answer_of_the_reader(chapter):
    for stub in chapter.tagged("exercise"):
        name = checked_by(stub)[1]
        for cell in chapter.code[chapter.code.index(stub) + 1:]:
            defines = f"def {name}(" in cell.source
            assert defines or not re.search(rf"(?<![.\w]){name}\(", cell.source), f"{cell.id} uses {name}"


@each_chapter
def test_every_code_cell_parses(chapter):
    for cell in chapter.code[1:]:
        ast.parse(re.sub(r"^\s*[%!].*$", "pass", cell.source, flags=re.M))


# ---- the quiz ----

@each_chapter
def test_code_fits_beside_the_contents(chapter):
    lines = [line for cell in chapter.code if cell.source != SETUP for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > 100] == []


@each_chapter
def test_every_option_of_the_quiz_answers_and_one_is_right(chapter):
    parts = re.split(r"^\*\*(\d+)\. (.+?)\*\*\s*$", chapter.sections()["Quiz"], flags=re.M | re.S)
    numbers, bodies = parts[1::3], parts[3::3]
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)] and 4 <= len(numbers) <= 6
    for number, body in zip(numbers, bodies, strict=True):
        options = re.findall(r"<details>\s*<summary>(.*?)</summary>\n\n(.*?)\n\n</details>", body, re.S)
        assert len(options) == body.count("<details>") >= 3, f"question {number} has {len(options)} options"
        assert [o[0] for o, _ in options] == list("ABCDEF"[: len(options)]), f"question {number}"
        signs = [answer.strip()[0] for _, answer in options]
        assert set(signs) <= {"✓", "✗"} and signs.count("✓") == 1, f"question {number}: {signs}"
        assert all(len(answer.split()) >= 4 for _, answer in options), f"question {number} explains too little"
        assert not any("$" in option for option, _ in options), f"question {number}: no formula in a summary"


# ---- links ----

def links(chapter):
    """The target of every Markdown link, the one around the badge among them."""
    return re.findall(r"\]\(<?([^)\s>]+)>?\)", chapter.text)


@each_chapter
def test_links_between_chapters_resolve(chapter):
    for link in links(chapter):
        if not link.startswith("http"):
            assert (chapter.path.parent / link.split("#")[0]).is_file(), f"{link} leads nowhere"


@each_chapter
def test_links_lead_to_papers_by_doi_or_arxiv_or_to_known_hosts(chapter):
    forms = {
        "github.com": re.escape(HOME) + r".*",
        "arxiv.org": r"https://arxiv\.org/abs/([a-z-]+/\d{7}|\d{4}\.\d{4,5})",
        "doi.org": r"https://doi\.org/10\.\d{4,}/\S+",
    }
    far = [link for link in links(chapter) if link.startswith("http")]
    assert [link for link in far if not link.startswith("https://") or link.split("/")[2] not in HOSTS] == []
    assert [link for link in far if not re.fullmatch(forms.get(link.split("/")[2], ".*"), link)] == []


@each_chapter
def test_what_came_when_is_linked_to_primary_papers(chapter):
    shown = [output.get("data", {}).get("text/markdown", "") for output in chapter.outputs()]
    text = "\n".join([chapter.sections()["What came when"], *shown])
    assert re.search(r"https://(doi|arxiv)\.org/", text), "no paper is linked"


# ---- language ----

@each_chapter
def test_plain_markdown_only(chapter):
    found = re.search(r"```\{|^:::|\{(ref|doc|math|numref|eq|cite|term)[\w:]*\}`|^\([\w-]+\)=$", chapter.text, re.M)
    assert not found, f"MyST: {found.group()}"


@each_chapter
def test_words_that_say_nothing(chapter):
    words = [word.lower() for word in re.findall(r"[A-Za-z][A-Za-z']*", chapter.prose.replace("’", "'"))]
    found = sorted(set(words) & BANNED)
    assert not found, found


@each_chapter
def test_no_exclamation_marks(chapter):
    found = re.search(r".{0,30}\w!(?!\[).{0,10}", chapter.prose)
    assert not found, found.group()


@each_chapter
def test_details_leave_blank_lines_around_what_they_fold(chapter):
    for inside in re.findall(r"</summary>(.*?)</details>", chapter.text, re.S):
        assert inside.startswith("\n\n") and inside.endswith("\n\n"), repr(inside[:60])


@each_chapter
def test_details_are_closed(chapter):
    for tag in ("details", "summary"):
        assert chapter.text.count(f"<{tag}>") == chapter.text.count(f"</{tag}>")
