"""What the last build measured: seconds to run, and sizes of notebooks and pages."""

import re
from pathlib import Path

from . import contents

COLUMNS = {
    "run": "seconds to run, as promised",
    "measured": "seconds in this build",
    "notebook": "notebook, KB",
    "page": "page, KB",
    "frames": "pictures, KB",
}


def table(top):
    """The table in Markdown, with a mark wherever only the finished build knows the number."""
    lines = [f"| chapter | {' | '.join(COLUMNS.values())} |", "|---" + "|--:" * len(COLUMNS) + "|"]
    for _, chapters in contents.parts(top):
        for c in chapters:
            cells = [str(c.seconds), *(f"measured:{c.name}:{column}" for column in list(COLUMNS)[1:])]
            lines.append(f"| {c.link} | {' | '.join(cells)} |")
    return "\n".join(lines)


def kilobytes(*paths):
    return f"{sum(path.stat().st_size for path in paths) / 1000:,.0f}"


def facts(app, name):
    """What is known of one chapter once the book is built, by column."""
    page, seconds = Path(app.outdir, name), app.env.nb_metadata[name].get("exec_data", {}).get("runtime")
    return {
        "measured": "not run" if seconds is None else f"{seconds:.0f}",
        "notebook": kilobytes(Path(app.srcdir, f"{name}.ipynb")),
        "page": kilobytes(Path(f"{page}.html")),
        "frames": kilobytes(*page.parent.glob(f"frames/{page.name}-*")),
    }


def filled(text, app):
    """A page with the numbers in place of its marks."""
    for name in set(re.findall(r"measured:(\S+?):", text)):
        for column, fact in facts(app, name).items():
            text = text.replace(f"measured:{name}:{column}", fact)
    return text
