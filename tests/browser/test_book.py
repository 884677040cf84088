"""The built book in Chromium, from a folder, with the network off: every explorable moves, nothing leaves the page."""

import os
import re
import statistics
from html import unescape
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

MEDIAN = 16 * (3 if os.environ.get("CI") else 1)      # milliseconds to the new picture; a CI machine is shared


def chapters_of(folder):
    return sorted((folder / "chapters").glob("*.html"))


def pages_of(folder):
    around = [folder / "index.html", folder / "TEACHING.html", *sorted((folder / "book").glob("*.html"))]
    return around + chapters_of(folder)


# They are set as the reader comes near; here all at once, since they change the layout.
FORMULAS = """async () => {
  await window.MathJax?.startup?.promise;
  await window.MathJax?.startup?.document?.lazyTypesetAll();
}"""


@pytest.fixture
def visit(chromium, book):
    """Opens a page of the book and, at the end of the test, complains of console errors and of requests that left."""
    seen = {"errors": [], "requests": []}
    context = chromium.new_context()
    # Whatever is not a file of the book is refused, as on a machine without network.
    context.route(lambda url: not url.startswith(("file:", "data:", "blob:")), lambda route: route.abort())

    def open_page(path, width=1280, theme="light", query=""):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.on("console", lambda m: seen["errors"].append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: seen["errors"].append(str(e)))
        page.on("request", lambda r: seen["requests"].append(r.url) if r.url.startswith("http") else None)
        page.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
        page.goto(path.as_uri() + query)
        page.evaluate(FORMULAS)
        return page

    yield open_page
    context.close()
    assert seen["requests"] == [], "requests that left the page"
    assert seen["errors"] == [], "errors in the console"


def test_every_chapter_is_in_the_book(book, root):
    chapters = {path.stem for path in (root / "chapters").glob("[0-9][0-9]_*.ipynb")}
    assert {path.stem for path in chapters_of(book)} == chapters


def test_every_page_says_what_it_is_about(book):
    said = [re.search(r'<meta name="description" content="([^"]+)"', page.read_text("utf-8"))
            for page in pages_of(book)]
    assert all(said) and len({found[1] for found in said}) == len(said)


def test_a_chapter_shows_no_code_before_its_first_question(book, visit):
    for path in chapters_of(book):
        page = visit(path)
        cells = page.locator("article .cell_input")
        first = page.locator("article h2").first.bounding_box()["y"]
        shown = [cell for cell in cells.all()[:4] if cell.is_visible() and cell.bounding_box()["y"] < first]
        assert shown == [] and page.get_by_text("Show the imports").count() == 1, path.stem
        page.close()


def test_every_explorable_moves_to_its_ends_and_back(book, visit):
    moved = 0
    for path in [book / "index.html", *chapters_of(book)]:
        page = visit(path)
        for figure in page.locator(".dlcore-explore").all():
            board, reset = figure.locator(".dlcore-panels"), figure.locator("[data-reset]")
            touch(figure)
            first = board.get_attribute("aria-label")
            controls = figure.locator("[data-control]").all()
            for control in controls:
                others = [c for c in controls if c is not control]
                # What a control does may show only once the others have left their places.
                alone = changes(figure, control)
                assert alone or any(changes(figure, control) for c in others if move(c, "end")), first
                reset.click()
                assert board.get_attribute("aria-label") == first
                moved += 1
        if path.stem != "index":
            assert page.locator(".dlcore-explore").count() >= 3, path.stem
    assert moved >= 10


def touch(figure):
    """Touch an explorable, and wait until its pictures are there."""
    figure.locator("[data-reset]").click()
    expect(figure).not_to_have_attribute("aria-busy", "true")


def changes(figure, control):
    """Whether the pictures change on the way of a control from one end to the other."""
    seen, told = [pictures(figure)], []
    for end in ("start", "end"):
        move(control, end)
        seen.append(pictures(figure))
        told.append(figure.locator(".dlcore-panels").get_attribute("aria-label"))
    assert told[0] != told[1], "the words for those who cannot see the picture must follow the control"
    return any(other != seen[0] for other in seen)


def move(control, end):
    """Move a control of any kind to its first or last position."""
    kind = control.evaluate("c => c.type || c.tagName")
    if kind == "checkbox":
        control.set_checked(end == "end")
    elif kind == "range":
        control.press("End" if end == "end" else "Home")
    else:
        control.select_option(index=control.locator("option").count() - 1 if end == "end" else 0)
    return True


def pictures(figure):
    return figure.locator("img[data-panel]").evaluate_all("images => images.map(i => i.src)")


def test_play_runs_and_stops(book, visit):
    page = visit(book / "chapters" / "01_neuron.html")
    figure = page.locator(".dlcore-explore:has([data-play])").first
    button, control = figure.locator("[data-play]"), figure.locator("input[type=range]")
    touch(figure)
    button.click()
    page.wait_for_timeout(900)
    button.click()
    reached = int(control.input_value())
    assert reached >= 2
    page.wait_for_timeout(500)
    assert int(control.input_value()) == reached


def test_a_move_is_answered_within_a_frame(book, visit):
    page = visit(book / "chapters" / "05_backprop.html")
    touch(page.locator(".dlcore-explore:has(input[type=range])").first)
    times = page.evaluate(
        """async () => {
          const figure = document.querySelector(".dlcore-explore:has(input[type=range])");
          const input = figure.querySelector("input[type=range]"), image = figure.querySelector("img[data-panel]");
          const times = [];
          for (let i = 0; i < 40; i++) {
            const start = performance.now();
            input.value = i % 2 ? input.max : input.min;
            input.dispatchEvent(new Event("input"));
            await image.decode();
            times.push(performance.now() - start);
          }
          return times;
        }"""
    )
    assert statistics.median(times) < MEDIAN


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation(book, visit, theme):
    found = {}
    for path in pages_of(book):
        page = visit(path, theme=theme)
        # The colours of code are the same on every page, and most of the work.
        code = None if path.stem == "01_neuron" else {"exclude": [[".highlight span"]]}
        for violation in Axe().run(page, context=code, options=RULES).response["violations"]:
            found[f"{path.stem} {violation['id']}"] = [node["html"][:160] for node in violation["nodes"]][:3]
    assert found == {}


# Only rules about what we write; the theme's own landmarks are not ours to change.
RULES = {"runOnly": ["wcag2a", "wcag2aa"], "preload": False}


CUT = """[...document.querySelectorAll("div.math mjx-math")].filter((formula) =>
  formula.getBoundingClientRect().left < formula.closest("div.math").getBoundingClientRect().left - 1).length"""


def test_nothing_scrolls_sideways_on_a_phone(book, visit):
    for path in pages_of(book):
        page = visit(path, width=360)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path.stem
        assert page.evaluate(CUT) == 0, f"{path.stem}: a formula begins left of its place, where nobody can scroll"


def test_pages_are_small(book):
    for path in pages_of(book):
        assert path.stat().st_size < 750_000, f"{path.stem} is {path.stat().st_size / 1e6:.1f} MB"


# ---- pictures that come when they are near ----

def asked_for(page):
    return page.locator("script[src^='frames/']").evaluate_all("scripts => scripts.map(s => s.getAttribute('src'))")


def test_pictures_are_asked_for_only_when_their_figure_is_near(book, visit):
    page = visit(book / "chapters" / "03_network.html")
    last = page.locator(".dlcore-explore").last
    file = last.locator("script").evaluate("s => JSON.parse(s.textContent).file")
    page.wait_for_timeout(200)
    assert file not in asked_for(page) and page.locator(".dlcore-explore").count() > len(asked_for(page))
    last.scroll_into_view_if_needed()
    page.wait_for_function("file => document.querySelector(`script[src='${file}']`)", arg=file, timeout=5000)
    assert asked_for(page).count(file) == 1


def test_a_press_before_the_pictures_are_there_is_answered_when_they_arrive(book, visit):
    page = visit(book / "chapters" / "03_network.html")
    figure = page.locator(".dlcore-explore:has(input[type=range])").last
    before = pictures(figure)
    waiting = figure.evaluate(
        """figure => {
          const input = figure.querySelector("input[type=range]");
          input.value = Number(input.value) < Number(input.max) ? input.max : input.min;
          input.dispatchEvent(new Event("input", { bubbles: true }));
          return figure.ariaBusy;
        }"""
    )
    assert waiting == "true", "the test came too late"
    expect(figure).not_to_have_attribute("aria-busy", "true")
    assert pictures(figure) != before


def test_pictures_that_are_not_there_are_told_in_a_sentence(book, chromium, tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_static").symlink_to(book / "_static")
    (tmp_path / "chapters" / "01_neuron.html").write_bytes((book / "chapters" / "01_neuron.html").read_bytes())
    page = chromium.new_page()
    page.goto((tmp_path / "chapters" / "01_neuron.html").as_uri())
    figure = page.locator(".dlcore-explore").first
    first = pictures(figure)
    figure.scroll_into_view_if_needed()
    expect(figure.get_by_role("alert")).to_have_text(
        "This figure cannot move: its file frames/01_neuron-1.js, which belongs beside this page, could not be loaded."
    )
    expect(figure.locator("[data-control]").first).to_be_disabled()
    assert pictures(figure) == first
    page.close()


# ---- around the chapters ----

@pytest.mark.parametrize(("word", "page"), [("triangle", "index.html"), ("Rosenblatt", "chapters/01_neuron.html")])
def test_the_search_finds_the_words_of_a_picture_and_of_a_text(book, visit, word, page):
    found = visit(book / "search.html", query=f"?q={word}").locator("#search-results li a")
    expect(found.first).to_be_visible()
    assert page in {link.get_attribute("href").split("#")[0].split("?")[0] for link in found.all()}


def test_every_link_inside_the_book_leads_somewhere(book):
    texts = {path: path.read_text("utf-8") for path in pages_of(book)}
    anchors = {path: set(re.findall(r'\bid="([^"]+)"', text)) for path, text in texts.items()}
    dead = []
    for path, text in texts.items():
        for link in re.findall(r'<(?:a|link|script|img)\b[^>]*?\s(?:href|src)="([^"]*)"', text):
            address, _, anchor = unescape(link).partition("#")
            if re.match(r"[a-z]+:", address):
                continue
            target = (path.parent / unquote(address.split("?")[0])).resolve() if address else path
            if not target.is_file() or anchor and target in anchors and unquote(anchor) not in anchors[target]:
                dead.append(f"{path.stem}: {link}")
    assert dead == []


def test_every_chapter_can_be_launched_downloaded_and_left_to_both_sides(book):
    chapters = chapters_of(book)
    for path in chapters:
        text = path.read_text("utf-8")
        launched = re.findall(r'href="https://colab\.research\.google\.com/github/([^"]+)"', text)
        assert len(launched) == 2, f"{path.stem}: the badge, and the launch button above"
        assert [link for link in launched if not link.endswith(f"/blob/colab/chapters/{path.stem}.ipynb")] == []
        wanted = [f'href="../_sources/chapters/{path.stem}.ipynb"', 'class="left-prev"', 'class="right-next"']
        assert [words for words in wanted if words not in text] == [], path.stem
        assert re.search(r"\d+ min to read", text), path.stem
    assert "colab.research" not in (book / "index.html").read_text("utf-8"), "Colab cannot open a page"
