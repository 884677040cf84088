"""Run a notebook as Colab would: `python as_colab.py NOTEBOOK COURSE` prints what its set-up cell prints.

COURSE stands in for the address in the set-up cell, since no test waits for GitHub.
"""

import re
import sys

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

COLAB = """
import sys, types

for name in ["google.colab", "google.colab.output"]:
    sys.modules[name] = types.ModuleType(name)
sys.modules["google.colab.output"].enable_custom_widget_manager = lambda: None      # anywidget asks Colab for this
"""

path, course = sys.argv[1:]
notebook = nbformat.read(path, as_version=4)
setup = notebook.cells[1]
setup.source, replaced = re.subn(r'(?<= course = ")https://github\.com/\S+\.zip(?=")', course, setup.source)
assert replaced == 1, f"the set-up cell of {path} holds no address to replace"
notebook.cells.insert(0, new_code_cell(COLAB))
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
for output in setup.outputs:
    print(output.get("text", ""), end="")
