"""The package's own code, shown inside a chapter: one copy, and the reader reads the real thing."""

import inspect

from IPython.display import display


def source(*things):
    """Show the code of functions, methods or classes as the package runs it."""
    for thing in things:
        try:
            code = inspect.cleandoc("\n" + inspect.getsource(thing))
        except TypeError:
            raise TypeError(f"source: {thing!r} has no Python code to show: give a function, a method or a class") from None
        where = f"{thing.__module__}.{thing.__qualname__}"
        display({"text/markdown": f"```python\n# {where}\n{code}\n```", "text/plain": f"# {where}\n{code}"}, raw=True)
