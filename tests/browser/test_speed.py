"""The built book as a reader meets it over a network: what is seen first, and when the page answers.

The bounds are those that the Web Vitals call good on a desktop; the line is that of Lighthouse's desktop preset.
"""

import gzip
import os
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

LINE = {"offline": False, "latency": 40, "downloadThroughput": 10e6 / 8, "uploadThroughput": 10e6 / 8}    # ms, bytes/s
SLACK = 3 if os.environ.get("CI") else 1      # a CI machine is shared
BOUNDS = {"first": 900 * SLACK, "largest": 1200 * SLACK, "blocked": 150 * SLACK, "shifted": 0.1}

WATCH = """
window.vitals = {first: 0, largest: 0, blocked: 0, shifted: 0};
const watch = (type, see) =>
  new PerformanceObserver(list => list.getEntries().forEach(see)).observe({type, buffered: true});
watch("paint", e => { if (e.name === "first-contentful-paint") vitals.first = e.startTime; });
watch("largest-contentful-paint", e => { vitals.largest = e.startTime; });
watch("longtask", e => { vitals.blocked += e.duration - 50; });
watch("layout-shift", e => { vitals.shifted += e.value; });
"""


class Pages(SimpleHTTPRequestHandler):
    """Serves a folder as GitHub Pages does: compressed, several files over one connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content, kind = path.read_bytes(), self.guess_type(path)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if kind.startswith(("text", "application", "image/svg")):
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def served(book):
    """The address of the book on a server of its own."""
    with ThreadingHTTPServer(("localhost", 0), lambda *request: Pages(*request, directory=book)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def heaviest(book):
    return max((book / "chapters").glob("*.html"), key=lambda page: page.stat().st_size).relative_to(book)


@pytest.mark.parametrize("which", [lambda book: "index.html", heaviest], ids=["landing", "heaviest"])
def test_a_page_is_seen_soon_and_answers(chromium, book, served, which):
    visits = [first_visit(chromium, f"{served}/{which(book)}") for _ in range(3)]
    best = {name: min(vitals[name] for vitals in visits) for name in BOUNDS}     # other work only makes it slower
    assert best["first"] > 0 and best["largest"] > 0, best
    assert all(best[name] <= bound for name, bound in BOUNDS.items()), best


def first_visit(chromium, address):
    """What a reader with an empty cache meets, in milliseconds, and what share of the view jumped."""
    page = chromium.new_page(viewport={"width": 1350, "height": 940})
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    page.add_init_script(WATCH)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(2000)                # what comes after the page is loaded moves and blocks it too
    vitals = page.evaluate("vitals")
    page.close()
    return vitals
