"""What grading found, as table.csv for a spreadsheet and as table.html for the eye."""

import csv
import html
import io
from collections import Counter
from dataclasses import astuple, dataclass, fields

from .store import store

SIGNS = {"solved": "✓", "wrong": "✗", "not attempted": "○", "crashed": "⚠", "unreadable": "⚠"}

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Exercises</title>
<style>
  :root {{ color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }}
  body {{ margin: 1.5rem; }}
  div {{ overflow-x: auto; }}
  table {{ border-collapse: collapse; margin: 0.5rem 0 2rem; }}
  th, td {{ border: 1px solid #8886; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }}
  thead th {{ position: sticky; top: 0; background: Canvas; }}
  td p {{ max-width: 32rem; margin: 0.3rem 0; }}
  .solved {{ background: #2a92; }}
  .wrong {{ background: #d632; }}
  .crashed, .unreadable {{ background: #c2c2; }}
</style>
<h1>Exercises</h1>
{body}
</html>
"""


@dataclass
class Row:
    """One answer of one student. `why` is the mistake by its name, or what ended a crash; `said` the check's line."""

    student: str
    chapter: str
    exercise: str
    verdict: str
    why: str = ""
    said: str = ""

    def __post_init__(self):
        for field in fields(self):
            setattr(self, field.name, visible(getattr(self, field.name)))


def visible(text):
    """A text in one line without signs that a terminal or a page could take for more than text."""
    return "".join(c if c.isprintable() else "�" for c in " ".join(str(text).split()))


def cell(text):
    """A text for a spreadsheet, which must not take it for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@") else text


def as_csv(rows):
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(field.name for field in fields(Row))
    lines.writerows(map(cell, astuple(row)) for row in rows)
    return written.getvalue()


def as_html(rows):
    chapters = dict.fromkeys(row.chapter for row in rows)
    return PAGE.format(body="\n".join(section(name, [r for r in rows if r.chapter == name]) for name in chapters))


def section(chapter, rows):
    """A chapter: what the class did in each exercise, and what each student did."""
    exercises = dict.fromkeys(row.exercise for row in rows)
    students = {}
    for row in rows:
        students.setdefault(row.student, {})[row.exercise] = row
    head = "".join(f"<th scope=col>{html.escape(name) or 'file'}</th>" for name in exercises)
    lines = [
        f"<tr><th scope=row>{html.escape(student)}</th>{''.join(answer(found.get(e)) for e in exercises)}</tr>"
        for student, found in students.items()
    ]
    counts = "".join(f"<td>{summary([r for r in rows if r.exercise == e])}</td>" for e in exercises)
    return (
        f"<h2>{html.escape(chapter) or 'Not read'}</h2>\n<div><table>\n<thead><tr><th scope=col>student</th>{head}</tr>"
        f"</thead>\n<tr><th scope=row>all {len(students)}</th>{counts}</tr>\n" + "\n".join(lines) + "\n</table></div>"
    )


def summary(rows):
    """How many solved it, and the mistakes made more than once, the most frequent first."""
    solved = sum(row.verdict == "solved" for row in rows)
    mistakes = Counter(row.why for row in rows if row.verdict == "wrong" and row.why)
    often = "".join(f"<p>{n} × {html.escape(name)}</p>" for name, n in mistakes.most_common(3) if n > 1)
    return f"{solved} of {len(rows)} solved{often}"


def answer(row):
    """One cell of the page: the verdict, and below it, folded, what the check said."""
    if row is None:
        return "<td></td>"
    shown = f"{SIGNS[row.verdict]} {row.verdict}"
    text = " ".join(filter(None, [row.why if row.why not in row.said else "", row.said]))
    if text:
        shown = f"<details><summary>{shown}</summary><p>{html.escape(text)}</p></details>"
    return f"<td class={row.verdict.split()[-1]}>{shown}</td>"


def write(rows, folder):
    """Write both tables into `folder`, and give their paths."""
    made = {folder / "table.csv": as_csv(rows), folder / "table.html": as_html(rows)}
    for path, text in made.items():
        store(path, text)
    return list(made)
