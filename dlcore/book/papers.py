"""The papers that the course cites: who cites what, from the chapters and the docstrings, and a table of titles."""

import csv
import re

from ..notebook import read

# Where papers live. A link to another host is no paper: a tutorial, a data set, the course itself.
HOSTS = re.compile(
    r"https://(doi\.org|arxiv\.org|icml\.cc|ai\.stanford\.edu|(www\.)?jmlr\.org|proceedings\.mlr\.press|"
    r"papers\.n(eur)?ips\.cc|proceedings\.neurips\.cc|openreview\.net|aclanthology\.org|(cdn\.)?openai\.com|"
    r"www\.bioinf\.jku\.at|www\.cs\.toronto\.edu|yann\.lecun\.com)/"
)
LINK = re.compile(r"\]\(<?(https://[^)\s>]+)>?\)")
DOCSTRING = re.compile(r'Paper: (.+?)(?=\n\s*\n|\s*"""|\n\s*[A-Z][a-z]+: )', re.S)
NAMED = {
    r"arXiv:(\d{4}\.\d{4,5})": "https://arxiv.org/abs/",
    r"doi:(10\.[^\s,;]*[^\s,;.])": "https://doi.org/",
    r"\b((?:openreview\.net|jmlr\.org|proceedings\.mlr\.press|papers\.nips\.cc)/[^\s,;]*[^\s,;.])": "https://",
}


def known(top):
    """The hand-written table book/papers.csv, by link."""
    with open(top / "book" / "papers.csv", encoding="utf-8", newline="") as file:
        return {row["link"]: row for row in csv.DictReader(file)}


def linked(path):
    """The links to papers in a notebook: in its text, and in the text that its cells show."""
    cells = read(path).cells
    texts = [c.source for c in cells if c.cell_type == "markdown"]
    for output in (o for c in cells for o in c.get("outputs", [])):
        texts.append(output.get("data", {}).get("text/markdown", ""))
    return {link for text in texts for link in LINK.findall(text) if HOSTS.match(link)}


def named(text, table):
    """The papers that the `Paper:` lines of a module name: by arXiv number or DOI, else by first author and year."""
    for line in DOCSTRING.findall(text):
        links = {address + found for form, address in NAMED.items() for found in re.findall(form, line)}
        if not links:
            author, _, year = re.match(r"(\w+)(.*?(\d{4}))?", line, re.S).groups()
            links = {r["link"] for r in table.values() if r["author"].startswith(author) and r["year"] == year}
            links = links or {f"{author} {year}"}
        yield from sorted(links)


def citing(top, table):
    """Who cites what: {link: where, in the order of the course}, chapters first, then rooms of the package."""
    where = {}
    for path in sorted((top / "chapters").glob("[0-9][0-9]_*.ipynb")):
        for link in linked(path):
            where.setdefault(link, []).append(f"[{path.name[:2]}](/chapters/{path.name})")
    for path in sorted((top / "dlcore").glob("*.py")):
        for link in sorted(set(named(path.read_text("utf-8"), table))):
            where.setdefault(link, []).append(f"`{path.stem}`")
    return where


def table(top):
    """The index in Markdown, by author: author, year, title with its link, and where it is cited."""
    rows, where = known(top), citing(top, known(top))
    cited = sorted((r for r in rows.values() if r["link"] in where), key=lambda r: (r["author"].casefold(), r["year"]))
    lines = ["| author | year | title | cited in |", "|---|---|---|---|"]
    for r in cited:
        lines.append(f"| {r['author']} | {r['year']} | [{r['title']}]({r['link']}) | {' '.join(where[r['link']])} |")
    return "\n".join(lines)
