"""The second life of an explorable: every stop of its controls drawn in advance, and a player that needs no kernel."""

import html
import itertools
import json
import math
from pathlib import Path

import numpy as np
from PIL import Image

from .picture import PRINT, SCREEN, in_palette, panel, text_of, webp

MOST_STOPS = 150                     # of all controls together
SMALL, LARGE = 400_000, 800_000      # bytes of one baked explorable: aimed at, and at most
HERE = Path(__file__).parent


def player():
    """The style and the script that all explorables of a page share."""
    style, script = ((HERE / name).read_text("utf-8") for name in ("player.css", "player.js"))
    return f"<style>{style}</style><script>{script}</script>"


def spread(count, most, start):
    """At most `most` of `count` positions, evenly spread, the ends and `start` among them."""
    if count <= most:
        return list(range(count))
    chosen = [round(i) for i in np.linspace(0, count - 1, most)]
    nearest = min(range(len(chosen)), key=lambda i: abs(chosen[i] - start))
    chosen[nearest] = start
    return sorted({0, *chosen, count - 1}) if nearest in (0, most - 1) else chosen


def choose_stops(name, controls):
    """For each control the positions at which it is drawn, so that all together stay within MOST_STOPS.

    Ranges are coarsened evenly; choices are kept whole.
    Raises ValueError that names the control to coarsen where that leaves a range fewer than three stops.
    """
    choices = math.prod(len(c.values) for c in controls if not c.is_range)
    ranges = sum(c.is_range for c in controls)
    most = int((MOST_STOPS / choices) ** (1 / ranges) + 1e-9) if ranges else 0
    if choices > MOST_STOPS or (ranges and most < 3):
        widest = max(controls, key=lambda c: len(c.values))
        total = math.prod(len(c.values) for c in controls)
        raise ValueError(
            f"explore: {name} has {total} stops, the book holds {MOST_STOPS}: "
            f"give {widest.name} fewer than its {len(widest.values)} values, or fix another control"
        )
    most = min(most, 31)
    return [spread(len(c.values), most, c.start) if c.is_range else list(range(len(c.values))) for c in controls]


def most_common(indexed):
    """At every pixel the colour that most frames have there.              # (frames, H, W) -> (H, W)"""
    best, count = np.zeros_like(indexed[0]), np.zeros(indexed[0].shape, int)
    for colour in np.unique(indexed):
        votes = (indexed == colour).sum(0)
        best = np.where(votes > count, colour, best)
        count = np.maximum(votes, count)
    return best


def layers(frames, colours=64):
    """Frames as one picture of what they share and, for each, a transparent picture of what differs.

    Two thirds of a line plot never change, so this takes less than half of the bytes.
    """
    some = frames[:: max(1, len(frames) // 12)]
    palette = in_palette(np.concatenate(some), colours)
    table = np.array(palette.getpalette(), np.uint8).reshape(-1, 3)
    indexed = np.stack([np.asarray(Image.fromarray(f).quantize(palette=palette, dither=0)) for f in frames])
    common = most_common(indexed)
    differences = []
    for frame in indexed:
        differs = (frame != common)[..., None]                                     # (H, W, 1)
        differences.append(np.concatenate([table[frame] * differs, differs * np.uint8(255)], axis=-1))
    return table[common], differences


def encode(frames):
    """The layers of one panel as data for the player, each different picture once."""
    common, differences = layers(frames)
    pictures = {}
    index = [pictures.setdefault(webp(d), len(pictures)) for d in differences]
    return common, {"pictures": [text_of(p) for p in pictures], "index": index}


def widget(i, control, positions):
    """The native control of a page: range, select or checkbox, with its label."""
    name, last = html.escape(control.label), len(positions) - 1
    if control.kind == "bool":
        return f'<label><input type="checkbox" data-control> {name}</label>'
    if not control.is_range:
        options = "".join(f'<option value="{n}">{html.escape(control.texts[p])}</option>' for n, p in enumerate(positions))
        return f"<label>{name} <select data-control>{options}</select></label>"
    slider = f'<label>{name} <input type="range" min="0" max="{last}" data-control> <output></output></label>'
    return slider + (f'<button type="button" data-play="{i}">▶ play</button>' if control.kind == "play" else "")


def page(alt, controls, stops, panels, dpi):
    """The HTML of an explorable: pictures, controls, data and the call that brings them to life."""
    data = {
        "alt": alt,
        "interval": 250,
        "controls": [
            {"name": c.label, "texts": [c.texts[p] for p in positions], "start": positions.index(c.start)}
            for c, positions in zip(controls, stops, strict=True)
        ],
        "panels": [data for _, data in panels],
    }
    start = 0
    for control in data["controls"]:
        start = start * len(control["texts"]) + control["start"]
    shown = "".join(
        f'<span class="dlcore-panel">{panel(common, "", dpi)}'
        f'<img data-panel alt="" src="data:image/webp;base64,{d["pictures"][d["index"][start]]}"></span>'
        for common, d in panels
    )
    widgets = "".join(widget(i, c, p) for i, (c, p) in enumerate(zip(controls, stops, strict=True)))
    return (
        f'<figure class="dlcore-explore"><div class="dlcore-panels" role="img" aria-label="{html.escape(alt)}">{shown}</div>'
        f'<div class="dlcore-controls">{widgets}<button type="button" data-reset>↺ reset</button></div>'
        # "<" cannot end the script early when it is written as its escape.
        f'<script type="application/json">{json.dumps(data).replace("<", chr(92) + "u003c")}</script></figure>'
        "<script>dlcoreExplore(document.currentScript.previousElementSibling)</script>"
    )


def bake(name, alt, controls, draw):
    """An explorable as HTML that moves without a kernel.

    `controls` carry name, label, kind, values, texts and start; `draw(values, dpi)` gives one array of colours per panel.
    Raises RuntimeError that names the values at which the view fails, ValueError where the result is too large.
    """
    stops = choose_stops(name, controls)
    for dpi in (PRINT, SCREEN):
        frames = []
        for positions in itertools.product(*stops):
            values = {c.name: c.values[i] for c, i in zip(controls, positions, strict=True)}
            try:
                frames.append(draw(values, dpi))
            except Exception as error:
                raise RuntimeError(f"explore: {name} fails at {values}: {type(error).__name__}: {error}") from error
        panels = [encode(panel_frames) for panel_frames in zip(*frames, strict=True)]
        text = page(alt, controls, stops, panels, dpi)
        if len(text) <= SMALL:
            break
    if len(text) > LARGE:
        widest = max(zip(controls, stops, strict=True), key=lambda pair: len(pair[1]))[0]
        raise ValueError(
            f"explore: {name} takes {len(text) // 1000} KB in the book, at most {LARGE // 1000}: give {widest.name} fewer values"
        )
    return text
