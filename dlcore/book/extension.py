"""The book's Sphinx extension: explorables that load when they come near, and pages made from the course itself.

    ```{course} chapters
    ```

stands for the map of chapters; `papers`, `rooms` and `runs` for the other pages of this kind.
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from . import contents, frames, papers, rooms, runs

PAGES = {"chapters": contents.table, "papers": papers.table, "rooms": rooms.tour, "runs": runs.table}


class Course(SphinxDirective):
    """One page, or a part of one, written from the chapters or from the package."""

    required_arguments = 1

    def run(self):
        self.env.note_reread()          # it shows what other files hold
        text = PAGES[self.arguments[0]](Path(self.env.srcdir))
        section = nodes.section()
        section.document = self.state.document
        self.state.nested_parse(StringList(text.splitlines(), "course"), self.content_offset, section, True)
        return section.children


class searched(nodes.General, nodes.Element):
    """Words that the search knows and the page does not show."""


def skip(writer, node):
    raise nodes.SkipNode


class Pictures(SphinxPostTransform):
    """Gives every picture a file of its own, and its text to the search."""

    default_priority = 10               # once myst-nb has chosen the HTML of each output
    formats = ("html",)

    def run(self, **kwargs):
        page, moving = Path(self.app.outdir, self.env.docname), 0
        folder = page.parent / frames.FOLDER
        for count, raw in enumerate(list(self.document.findall(nodes.raw)), start=1):
            text, name = raw.astext(), f"{page.name}-{count}"
            self.search(raw, frames.words(text))
            if '<figure class="dlcore-explore"' in text:
                moving += 1
                text, files = frames.split(text, name, first=moving == 1)
            elif '<div class="dlcore-panels"' in text:
                text, files = frames.still(text, name)
            else:
                continue
            raw.replace_self(nodes.raw("", text, format="html"))
            folder.mkdir(parents=True, exist_ok=True)
            for file, content in files.items():
                (folder / file).write_bytes(content)
        for image in list(self.document.findall(nodes.image)):
            self.search(image, image.get("alt", ""))

    def search(self, node, words):
        if words:
            node.parent.insert(node.parent.index(node) + 1, searched("", nodes.Text(words)))


class Prelude(SphinxPostTransform):
    """Folds what stands before a chapter's first question, the set-up cell and the imports: a reader runs neither."""

    default_priority = 10               # before myst-nb looks which cells to fold
    formats = ("html",)

    def run(self, **kwargs):
        if not self.env.docname.startswith("chapters/"):
            return
        before = [n for n in self.document.next_node(nodes.section).children if isinstance(n, nodes.container)]
        for cell, what in zip(before, ("the set-up", "the imports"), strict=False):
            cell["hide_mode"], cell["prompt_show"], cell["prompt_hide"] = "input", f"Show {what}", f"Hide {what}"


def launch(pagename, buttons):
    """Let Colab open the copies of the chapters that know their commit, and nothing but chapters."""
    for group in [button for button in buttons if button.get("label") == "launch-buttons"]:
        if not pagename.startswith("chapters/"):
            buttons.remove(group)
        for button in group["buttons"]:
            button["url"] = re.sub(r"/blob/[^/]+/", "/blob/colab/", button["url"])


def in_short(doctree):
    """What a page is about, for search engines and previews: what a chapter promises, or how another page begins."""
    paragraphs = [paragraph.astext().replace("\n", " ") for paragraph in doctree.findall(nodes.paragraph)]
    return next((text for text in paragraphs if text.startswith("You will be able to")), paragraphs[0])


def lighter(app, pagename, templatename, context, doctree):
    """Take from a page what it does not need, and let no script but the first hold up what there is to read."""
    launch(pagename, context.get("header_buttons", []))
    if doctree is None:                             # the search page has scripts that wait for nothing
        return
    context["metatags"] += f'<meta name="description" content="{escape(in_short(doctree))}">'
    formulas = 'class="math' in context["body"]
    kept = []
    for script in context["script_files"]:
        name, attributes = str(getattr(script, "filename", None) or ""), script.attributes
        if "widget-state" in attributes.get("type", "") or "mathjax" in name and not formulas:
            continue
        if name and "documentation_options" not in name:
            script = type(script)(script.filename, priority=script.priority, **attributes | {"defer": "defer"})
        kept.append(script)
    context["script_files"] = kept


def counted(found):
    """A block of code that says how many lines it has: it need not be laid out before the reader comes near."""
    return f'{found[1]} style="--lines: {found[2].count(chr(10))}">{found[2]}</pre>'


def finish(app, error):
    """Fill in what only the finished build knows, and take out what the theme brings twice."""
    if error or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text("utf-8")
        # The icons are there as a font already, in a tenth of the bytes.
        text = re.sub(r'<script src="[^"]*/fontawesome\.js[^"]*"></script>', "", text)
        text = re.sub(r'(<div class="highlight"><pre)>(.*?)</pre>', counted, text, flags=re.S)
        page.write_text(runs.filled(text, app), "utf-8")


def setup(app):
    app.config.mathjax_path = "mathjax/startup.js"      # loads what _config.yml names, and not the whole
    app.add_directive("course", Course)
    app.add_node(searched, html=(skip, None))
    app.add_post_transform(Pictures)
    app.add_post_transform(Prelude)
    app.connect("html-page-context", lighter, priority=900)       # after the theme
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
