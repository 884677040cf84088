"""The package's own code, shown inside a chapter: one copy, and the reader reads the real thing."""

import inspect
import textwrap

from IPython.display import display


def source(*things):
    """Show the code of functions, methods or classes as the package runs it.

    Raises TypeError where something has no Python code.
    """
    for thing in things:
        try:
            where = f"{thing.__module__}.{thing.__qualname__}"
            code = textwrap.dedent(inspect.getsource(thing)).rstrip()
        except (AttributeError, TypeError, OSError):
            wanted = "give a function, a method or a class"
            raise TypeError(f"source: {thing!r} has no Python code to show: {wanted}") from None
        display({"text/markdown": f"```python\n# {where}\n{code}\n```", "text/plain": f"# {where}\n{code}"}, raw=True)
