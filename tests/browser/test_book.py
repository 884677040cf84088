"""The built book in Chromium, from a folder, with the network off: every explorable moves, nothing leaves the page."""

import os
import statistics

import pytest
from axe_playwright_python.sync_playwright import Axe

MEDIAN = 16 * (3 if os.environ.get("CI") else 1)      # milliseconds to the new picture; a CI machine is shared


@pytest.fixture(scope="session")
def book(root):
    folder = root / "_build" / "html"
    if not (folder / "index.html").is_file():
        assert not os.environ.get("CI"), "CI must build the book before these tests"
        pytest.skip("there is no book yet: run  make book  first")
    return folder


def pages_of(folder):
    return [folder / "index.html", *sorted((folder / "chapters").glob("*.html"))]


@pytest.fixture
def visit(chromium, book):
    """Opens a page of the book and, at the end of the test, complains of console errors and of requests that left."""
    seen = {"errors": [], "requests": []}
    context = chromium.new_context()
    # Whatever is not a file of the book is refused, as on a machine without network.
    context.route(lambda url: not url.startswith(("file:", "data:", "blob:")), lambda route: route.abort())

    def open_page(path, width=1280, theme="light"):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.on("console", lambda m: seen["errors"].append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: seen["errors"].append(str(e)))
        page.on("request", lambda r: seen["requests"].append(r.url) if r.url.startswith("http") else None)
        page.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
        page.goto(path.as_uri())
        page.evaluate("async () => { await window.MathJax?.startup?.promise; }")       # formulas change the layout
        return page

    yield open_page
    context.close()
    assert seen["requests"] == [], "requests that left the page"
    assert seen["errors"] == [], "errors in the console"


def test_every_chapter_is_in_the_book(book, root):
    chapters = {path.stem for path in (root / "chapters").glob("[0-9][0-9]_*.ipynb")}
    assert {path.stem for path in pages_of(book)} == chapters | {"index"}


def test_every_explorable_moves_to_its_ends_and_back(book, visit):
    moved = 0
    for path in pages_of(book):
        page = visit(path)
        for figure in page.locator(".dlcore-explore").all():
            board, reset = figure.locator(".dlcore-panels"), figure.locator("[data-reset]")
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
    button.click()
    page.wait_for_timeout(900)
    button.click()
    reached = int(control.input_value())
    assert reached >= 2
    page.wait_for_timeout(500)
    assert int(control.input_value()) == reached


def test_a_move_is_answered_within_a_frame(book, visit):
    page = visit(book / "chapters" / "05_backprop.html")
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
        for violation in Axe().run(page, options=RULES).response["violations"]:
            found[f"{path.stem} {violation['id']}"] = [node["html"][:160] for node in violation["nodes"]][:3]
    assert found == {}


# Only rules about what we write; the theme's own landmarks are not ours to change.
RULES = {"runOnly": ["wcag2a", "wcag2aa"], "preload": False}


def test_nothing_scrolls_sideways_on_a_phone(book, visit):
    for path in pages_of(book):
        page = visit(path, width=360)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path.stem


def test_pages_are_small(book):
    for path in pages_of(book):
        assert path.stat().st_size < 3_000_000, f"{path.stem} is {path.stat().st_size / 1e6:.1f} MB"
