"""The pictures of an explorable leave its page: a file of their own, loaded when the figure comes near."""

import hashlib
import html
import json
import re

from ..bake import player

DATA = re.compile(r'(<script type="application/json">)(.*?)(</script>)', re.S)


def split(text, name, first):
    """An explorable as `bake` makes it, cut in two: what stays on the page, and the script `frames/<name>.js`.

    The first picture stays. The player comes with the `first` explorable of a page and serves all of them.
    """
    figure = text[text.index("<figure"):]
    data = json.loads(DATA.search(figure).group(2))
    script = f"document.currentScript.panels={json.dumps(data.pop('panels'), separators=(',', ':'))};\n"
    # Its content in its address: a page never meets the pictures of another build.
    data["file"] = f"frames/{name}.js?v={hashlib.sha256(script.encode()).hexdigest()[:8]}"
    stays = json.dumps(data).replace("<", "\\u003c")
    figure = DATA.sub(lambda found: found.group(1) + stays + found.group(3), figure, count=1)
    return (player() if first else "") + figure, script


def words(text):
    """The words for those who cannot see the pictures in a piece of HTML, one line for each picture."""
    return "\n".join(html.unescape(alt) for alt in re.findall(r'\b(?:alt|aria-label)="([^"]+)"', text))
