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
MOST_OF_A_RANGE = 31                 # of one slider: enough to follow what moves
INTERVAL = 250                       # milliseconds between two steps of a play button
SMALL, LARGE = 400_000, 800_000      # bytes of one baked explorable: aimed at, and at most
HERE = Path(__file__).parent


def player():
    """The style and the script that all explorables of a page share."""
    style, script = ((HERE / name).read_text("utf-8") for name in ("player.css", "player.js"))
    return f"<style>{style}</style><script>{script}</script>"


def spread(count, most, start):
    """At most `most` (three or more) of `count` positions: both ends, `start`, and from there every second or third."""
    stride, chosen = 1, range(count)
    while len(chosen) > most:
        stride += 1
        chosen = {0, count - 1, *range(start % stride, count, stride)}
    return sorted(chosen)


def choose_stops(name, controls):
    """For each control the positions at which it is drawn, so that all together stay within MOST_STOPS.

    The widest range is coarsened first; choices are kept whole.
    Raises ValueError that names the control to coarsen where three stops for every range are still too many.
    """
    counts = [min(len(c.values), MOST_OF_A_RANGE) if c.is_range else len(c.values) for c in controls]
    while math.prod(counts) > MOST_STOPS:
        wide = [i for i, c in enumerate(controls) if c.is_range and counts[i] > 3]
        if not wide:
            widest = max(range(len(controls)), key=lambda i: counts[i])
            raise ValueError(
                f"explore: {name} has {math.prod(counts)} stops even with three for every range, "
                f"the book holds {MOST_STOPS}: give {controls[widest].name} fewer than its {counts[widest]} values, "
                "or fix another control"
            )
        counts[max(wide, key=lambda i: counts[i])] -= 1
    return [spread(len(c.values), most, c.start) for c, most in zip(controls, counts, strict=True)]


def most_common(indexed):
    """At every pixel the colour that most frames have there.              # (frames, H, W) -> (H, W)"""
    varies = (indexed != indexed[0]).any(0)                                        # (H, W)
    moving = indexed[:, varies]                                                    # (frames, pixels that change)
    best, most = moving[0], np.zeros(moving.shape[1], int)
    for colour in np.unique(moving):
        votes = (moving == colour).sum(0)
        best = np.where(votes > most, colour, best)
        most = np.maximum(votes, most)
    common = indexed[0].copy()
    common[varies] = best
    return common


def layers(frames, colours=64):
    """Frames as one picture of what they share and, for each, a transparent picture of what differs.

    Two thirds of a line plot never change, so this takes less than half of the bytes.
    Returns the shared picture (H, W, 3) and an iterator over the others (H, W, 4), since all at once are large.
    """
    some = frames[:: max(1, len(frames) // 12)]
    palette = in_palette(np.concatenate(some), colours)
    table = np.array(palette.getpalette(), np.uint8).reshape(-1, 3)
    solid = np.column_stack([table, np.full(len(table), 255, np.uint8)])           # (colours, 4)
    indexed = np.stack([np.asarray(Image.fromarray(f).quantize(palette=palette, dither=0)) for f in frames])
    common = most_common(indexed)

    def difference(frame):
        over = np.zeros((*frame.shape, 4), np.uint8)
        differs = grown(frame != common)
        over[differs] = solid[frame[differs]]
        return over

    return table[common], map(difference, indexed)


def grown(mask, by=3):
    """`mask` with a border `by` pixels wide: where a page shrinks the pictures, nothing shines through the seam."""
    for axis in (0, 1):
        mask = np.logical_or.reduce([np.roll(mask, shift, axis) for shift in range(-by, by + 1)])
    return mask


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
        texts = [html.escape(control.texts[p]) for p in positions]
        options = "".join(f'<option value="{n}">{text}</option>' for n, text in enumerate(texts))
        return f"<label>{name} <select data-control>{options}</select></label>"
    slider = f'<label>{name} <input type="range" min="0" max="{last}" data-control> <output></output></label>'
    return slider + (f'<button type="button" data-play="{i}">▶ play</button>' if control.kind == "play" else "")


def page(alt, controls, stops, panels, dpi):
    """The HTML of an explorable: pictures, controls, data and the call that brings them to life."""
    data = {
        "alt": alt,
        "interval": INTERVAL,
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
        '<figure class="dlcore-explore">'
        f'<div class="dlcore-panels" role="img" aria-label="{html.escape(alt)}">{shown}</div>'
        f'<div class="dlcore-controls">{widgets}<button type="button" data-reset>↺ reset</button></div>'
        # "<" cannot end the script early when it is written as its escape.
        f'<script type="application/json">{json.dumps(data).replace("<", chr(92) + "u003c")}</script></figure>'
        "<script>dlcoreExplore(document.currentScript.previousElementSibling)</script>"
    )


def failure(name, values, error):
    """One line that says at which values a view fails, and how."""
    at = ", ".join(f"{n} = {v}" for n, v in values.items())
    return f"{name} fails at {at}: {type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")


def bake(name, alt, controls, draw):
    """An explorable as HTML that moves without a kernel.

    `controls` carry name, label, kind, values, texts and start; `draw(values, dpi)` gives one array of colours
    per panel. Raises RuntimeError that names the values at which the view fails, ValueError where there are too many
    stops or the result is too large.
    """
    stops = choose_stops(name, controls)
    for dpi in (PRINT, SCREEN):
        frames = []
        for positions in itertools.product(*stops):
            values = {c.name: c.values[i] for c, i in zip(controls, positions, strict=True)}
            try:
                frames.append(draw(values, dpi))
            except Exception as error:
                raise RuntimeError(f"explore: {failure(name, values, error)}") from error
        panels = [encode(panel_frames) for panel_frames in zip(*frames, strict=True)]
        text = page(alt, controls, stops, panels, dpi)
        if len(text) <= SMALL:
            break
    if len(text) > LARGE:
        widest = max(zip(controls, stops, strict=True), key=lambda pair: len(pair[1]))[0]
        raise ValueError(
            f"explore: {name} takes {len(text) // 1000} KB in the book, at most {LARGE // 1000}: "
            f"give {widest.name} fewer values, or draw less"
        )
    return text
