"""A tour of the package from its docstrings, in reading order."""

import ast
import re

from ..rehome import home

ROOM = re.compile(r"^    (\w+) ", re.M)


def first_sentence(text):
    """The first sentence of a docstring, in one line."""
    paragraph = " ".join((text or "").strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.:])\s+(?=[A-Z`])", paragraph)[0]


def signature(thing):
    """How a function or a class is called, as its own code says it."""
    if isinstance(thing, ast.FunctionDef):
        return f"{thing.name}({ast.unparse(thing.args)})"
    made = next((f for f in thing.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"), None)
    if made is None:
        return thing.name
    made.args.args.pop(0)               # self
    return f"{thing.name}({ast.unparse(made.args)})"


def public(tree):
    """The functions and classes of a module that are meant for others and say what they do."""
    listed = None
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            listed = ast.literal_eval(node.value)
    things = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(n)]
    return [t for t in things if (t.name in listed if listed else not t.name.startswith("_"))]


def plain(text):
    """Text in which nothing is Markdown but what stands between backticks."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(p if p.startswith("`") else re.sub(r"([\\*_\[\]<>$|{}#])", r"\\\1", p) for p in pieces)


def described(path, address):
    """A module in Markdown: its first sentence with a link to its code, then its public names."""
    tree = ast.parse(path.read_text("utf-8"))
    lines = [f"{plain(first_sentence(ast.get_docstring(tree)))} [Its code]({address}).", ""]
    return lines + [f"- `{signature(t)}`<br>{plain(first_sentence(ast.get_docstring(t)))}" for t in public(tree)]


def tour(top):
    """All rooms in Markdown, in the order of the map in `dlcore/__init__.py`."""
    package = top / "dlcore"
    map_of = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8")))
    lines = []
    for room in ROOM.findall(map_of):
        folder = (package / room).is_dir()
        path = package / (f"{room}/__init__.py" if folder else f"{room}.py")
        address = f"{home()}/{'tree' if folder else 'blob'}/main/dlcore/{room if folder else path.name}"
        lines += [f"## {room}", "", *described(path, address), ""]
    return "\n".join(lines)
