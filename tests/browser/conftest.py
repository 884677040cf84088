"""A real Chromium for the tests in this folder: run them with `pytest tests/browser`, after `make book`."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run"]


@pytest.fixture(scope="session")
def root():
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def book(root):
    folder = root / "_build" / "html"
    if not (folder / "index.html").is_file():
        assert not os.environ.get("CI"), "CI must build the book before these tests"
        pytest.skip("there is no book yet: run  make book  first")
    return folder


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "CI must install Chromium (.ci/run does): a skipped test proves nothing"
        pytest.skip("no Chromium on this machine: install Debian's package chromium, or Google Chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
