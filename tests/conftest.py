"""What several tests share."""

import sys

import pytest


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """The cases are small: a second thread of torch would only wait for the first."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


@pytest.fixture
def shown(request, monkeypatch):
    """What the room under test displays, which its test imports as `room`: a list of (data, metadata)."""
    calls = []
    monkeypatch.setattr(request.module.room, "display", lambda data, metadata, raw: calls.append((data, metadata)))
    monkeypatch.delenv("DLCORE_BAKE", raising=False)
    return calls
