"""Pictures leave their page: they go into files beside it, which are loaded when the reader comes near."""

import base64
import hashlib
import html
import json
import re

from ..bake import player

FOLDER = "frames"
DATA = re.compile(r'(<script type="application/json">)(.*?)(</script>)', re.S)


def address(file, content):
    """Where a page finds a file. The content is part of it: no page meets the pictures of another build."""
    return f"{FOLDER}/{file}?v={hashlib.sha256(content).hexdigest()[:8]}"


def split(text, name, first):
    """An explorable as `bake` makes it, cut in two: what stays on the page, and the files {name: bytes} beside it.

    The first picture stays. The player comes with the `first` explorable of a page and serves all of them.
    """
    figure = text[text.index("<figure"):]
    data = json.loads(DATA.search(figure).group(2))
    script = f"document.currentScript.panels={json.dumps(data.pop('panels'), separators=(',', ':'))};\n".encode()
    data["file"] = address(f"{name}.js", script)
    stays = json.dumps(data).replace("<", "\\u003c")
    figure = DATA.sub(lambda found: found.group(1) + stays + found.group(3), figure, count=1)
    return (player() if first else "") + figure, {f"{name}.js": script}


def still(text, name):
    """A still picture as `picture` makes it, cut in two: the page without its pixels, and the files beside it."""
    files = {}

    def moved(found):
        file, content = f"{name}-{len(files) + 1}.webp", base64.b64decode(found.group(1))
        files[file] = content
        return f'loading="lazy" src="{address(file, content)}"'

    return re.sub(r'src="data:image/webp;base64,([^"]+)"', moved, text), files


def words(text):
    """The words for those who cannot see the pictures in a piece of HTML, one line for each picture."""
    return "\n".join(html.unescape(alt) for alt in re.findall(r'\b(?:alt|aria-label)="([^"]+)"', text))
