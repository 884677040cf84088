"""JupyterLab as `make lab` opens it: the course with its table of contents, and no waiting for full packets."""

import json
import os
import sys
from pathlib import Path

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyterlab.labapp import LabApp
from jupyterlab_server.workspaces_handler import WorkspacesManager

WORKSPACES = Path(os.environ.get("JUPYTERLAB_WORKSPACES_DIR", f"{sys.prefix}/share/jupyter/lab/workspaces"))
OVERRIDES = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
CONTENTS = {"current": "@jupyterlab/toc:plugin", "collapsed": False, "visible": True}
FIRST = {"layout-restorer:data": {"left": CONTENTS, "relativeSizes": [0.2, 0.8, 0]}}


class PromptConnection(ZMQChannelsWebsocketConnection):
    """The kernel's line to the browser, without waiting to fill a packet.

    A moved slider is answered by several small messages, the picture last. By default TCP holds a small message back
    until the one before is confirmed, and a browser may take 40 ms for that: more than drawing the picture takes.
    Paper: Nagle 1984, RFC 896.
    """

    def connect(self):
        self.websocket_handler.set_nodelay(True)
        return super().connect()


def opening():
    """The address of the first visit: the start chapter. Later ones open what was open when the reader left."""
    workspaces = WorkspacesManager(WORKSPACES)
    if any(workspace["metadata"]["id"] == "course" for workspace in workspaces.list_workspaces()):
        return "/lab/workspaces/course"
    WORKSPACES.mkdir(parents=True, exist_ok=True)
    workspaces.save("course", json.dumps({"data": FIRST, "metadata": {"id": "course"}}))
    return "/lab/workspaces/course/tree/chapters/00_start.ipynb"


def ask_nothing():
    """Let JupyterLab not ask about its news; where this environment has settings of its own, they stay."""
    if not OVERRIDES.exists():
        OVERRIDES.parent.mkdir(parents=True, exist_ok=True)
        OVERRIDES.write_text(json.dumps(QUIET), "utf-8")


def main(arguments):
    """Start JupyterLab; it answers promptly and asks no other host for anything."""
    ask_nothing()
    settings = {
        "ServerApp.kernel_websocket_connection_class": "dlcore.lab.PromptConnection",
        "LabApp.default_url": opening(),
        "LabApp.workspaces_dir": WORKSPACES,
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    in_a_container = ["--allow-root"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    LabApp.launch_instance([*(f"--{name}={value}" for name, value in settings.items()), *in_a_container, *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
