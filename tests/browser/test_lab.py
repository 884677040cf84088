"""JupyterLab in Chromium: a chapter runs from top to bottom, and its sliders answer in time."""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

import pytest

TOKEN = "test"
MEDIAN, LATE = 50, 100      # milliseconds from a key press to the new picture: half of all, and 95 of 100
SLACK = 3 if os.environ.get("CI") else 1      # a CI machine is shared: there the figures are printed, and bounded


STATUS = ".jp-Notebook-ExecutionIndicator"


def free_port():
    with socket.socket() as s:
        s.bind(("localhost", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def lab(root, tmp_path_factory):
    """A JupyterLab over a copy of the chapters; gives its address."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(root / "chapters", folder / "chapters")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "dlcore.lab", "--no-browser", f"--port={port}", f"--IdentityProvider.token={TOKEN}",
         f"--ServerApp.root_dir={folder}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"JUPYTERLAB_WORKSPACES_DIR": f"{folder}/workspaces"},
    )  # fmt: skip
    address = f"http://localhost:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/api/status?token={TOKEN}", timeout=2).close()
            break
        except OSError:
            time.sleep(0.5)
    yield address
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:       # now and then it waits for a kernel for ever
        server.kill()


def run_all(chromium, lab, chapter):
    """Open a chapter, run all its cells from the menu, and wait until the kernel is idle again."""
    page = chromium.new_page(viewport={"width": 1300, "height": 1000})
    page.goto(f"{lab}/lab/tree/chapters/{chapter}.ipynb?token={TOKEN}&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=120_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_selector(f"{STATUS}[data-status=busy]", state="attached", timeout=30_000)
    page.wait_for_selector(f"{STATUS}[data-status=idle]", state="attached", timeout=180_000)
    return page


@pytest.mark.parametrize("chapter", ["01_neuron", "05_backprop"])
def test_a_chapter_runs_and_its_sliders_answer_in_time(chromium, lab, root, chapter):
    page = run_all(chromium, lab, chapter)
    page.keyboard.press("Control+s")
    expected = len(code_cells(json.loads((root / "chapters" / f"{chapter}.ipynb").read_text("utf-8"))))
    saved = saved_notebook(page, lab, chapter, expected)
    errors = [o["evalue"] for c in code_cells(saved) for o in c["outputs"] if o["output_type"] == "error"]
    intended = sum("raises-exception" in c["metadata"].get("tags", []) for c in code_cells(saved))
    assert len(errors) == intended, errors

    times = key_presses(page, 50)
    late = sorted(times)[int(0.95 * len(times))]
    print(f"\n{chapter}: median {statistics.median(times):.0f} ms, 95th percentile {late:.0f} ms")
    assert statistics.median(times) <= MEDIAN * SLACK
    assert late <= LATE * SLACK
    page.close()


def test_the_first_visit_shows_the_start_chapter_beside_its_contents(chromium, lab):
    page = chromium.new_page(viewport={"width": 1300, "height": 900})
    page.goto(f"{lab}/?token={TOKEN}")
    page.get_by_role("heading", name="00 · Start").wait_for(timeout=120_000)
    page.locator(".jp-TableOfContents").get_by_text("How this course works").wait_for(timeout=20_000)
    page.close()


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def saved_notebook(page, lab, chapter, expected):
    """The notebook as JupyterLab saved it, once every cell has run."""
    for _ in range(60):
        address = f"{lab}/api/contents/chapters/{chapter}.ipynb?token={TOKEN}"
        with urllib.request.urlopen(address, timeout=20) as answer:
            notebook = json.load(answer)["content"]
        if sum(cell["execution_count"] is not None for cell in code_cells(notebook)) == expected:
            return notebook
        time.sleep(0.5)
    raise AssertionError(f"{chapter}: not every cell ran")


HANDLE = ".widget-slider .noUi-handle"


def key_presses(page, count):
    """Milliseconds from each key press to the changed picture, over states never asked for before.

    Walks the first explorable with two sliders line by line: the first to its end, the second one step, and back.
    """
    boxes = page.locator(".jp-OutputArea .widget-vbox:not(.widget-vbox .widget-vbox)")
    box = next(b for b in boxes.all() if b.locator(HANDLE).count() >= 2)
    first, second = box.locator(HANDLE).nth(0), box.locator(HANDLE).nth(1)
    box.scroll_into_view_if_needed()
    box.evaluate(
        """box => {
          window.answered = [];
          window.pressed = null;
          box.addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
          for (const image of box.querySelectorAll("img"))
            new MutationObserver(async () => {
              if (window.pressed === null) return;
              const start = window.pressed;
              window.pressed = null;
              await image.decode();
              window.answered.push(performance.now() - start);
            }).observe(image, { attributes: true, attributeFilter: ["src"] });
        }"""
    )
    press(page, first, "Home", None)
    press(page, second, "Home", None)
    page.evaluate("window.answered = []")
    key, done = "ArrowRight", 0
    while done < count:
        before = first.get_attribute("aria-valuenow")
        end = first.get_attribute("aria-valuemax" if key == "ArrowRight" else "aria-valuemin")
        if float(before) == float(end):
            press(page, second, "ArrowRight", done)
            key = "ArrowLeft" if key == "ArrowRight" else "ArrowRight"
        else:
            press(page, first, key, done)
        done += 1
    return page.evaluate("window.answered")


def press(page, handle, key, answered):
    """Press a key on a slider, and wait for the answer to it where `answered` counts those before."""
    handle.focus()
    page.keyboard.press(key)
    if answered is not None:
        page.wait_for_function(f"window.answered.length > {answered}", timeout=5000)
    page.wait_for_timeout(60)


PAD = """
from dlcore.data import mnist
from dlcore.pad import centred, pad

zero = mnist().x[0].reshape(28, 28) * 0

def pad_view(left, right, drawing):
    left.imshow(drawing)
    right.imshow(centred(drawing))

pad(pad_view, drawings={"nothing": zero}, alt="What is drawn, and the same in the middle")
"""


def test_what_is_drawn_on_the_pad_arrives(chromium, lab):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": PAD}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    put = urllib.request.Request(
        f"{lab}/api/contents/chapters/pad.ipynb?token={TOKEN}", method="PUT",
        data=json.dumps({"type": "notebook", "content": notebook}).encode(),
    )  # fmt: skip
    urllib.request.urlopen(put, timeout=20).close()
    page = run_all(chromium, lab, "pad")
    canvas, image = page.locator("canvas[role=img]"), page.locator(".jp-OutputArea .widget-image").first
    canvas.wait_for()

    def new_picture(act):
        before = image.get_attribute("src")
        act()
        page.wait_for_function("([img, before]) => img.src !== before", arg=[image.element_handle(), before])

    def stroke():
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + 60, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 150, box["y"] + 150, steps=5)
        page.mouse.up()
        page.wait_for_timeout(500)          # the last point is on its way

    new_picture(stroke)
    new_picture(page.get_by_role("button", name="undo").click)
    canvas.focus()
    new_picture(lambda: page.keyboard.press("Shift+ArrowDown"))
    new_picture(page.get_by_role("button", name="clear").click)
    page.close()
