"""One look for every picture: each colour keeps its meaning through the whole course.

The colours are those of Okabe and Ito (2008), which readers with any kind of colour vision can tell apart.
"""

import matplotlib
from matplotlib.colors import LinearSegmentedColormap

DATA = "#0072B2"        # measurements; the first of two classes
OTHER = "#E69F00"       # the second of two classes
MODEL = "#009E73"       # what the network computes
GRADIENT = "#D55E00"    # slopes, errors, updates: everything that flows backward
SPECIAL = "#CC79A7"     # the one thing to look at
INK = "#333333"         # text
MUTED = "#8A8A8A"       # axes, targets, what stands still

CLASSES = [DATA, OTHER, MODEL, SPECIAL, "#56B4E9", GRADIENT, "#F0E442", "#5D3A9B", MUTED, "#000000"]
MARKERS = ["o", "^", "s", "D", "v", "P", "X", "*", "<", ">"]    # class by shape too, never by colour alone

TWO_CLASSES = LinearSegmentedColormap.from_list("two classes", [DATA, "#FFFFFF", OTHER])
AROUND_ZERO = LinearSegmentedColormap.from_list("around zero", [DATA, "#FFFFFF", GRADIENT])
FROM_ZERO = LinearSegmentedColormap.from_list("from zero", ["#FFFFFF", MODEL, "#003D2C"])

RC = {
    "figure.facecolor": "white",
    "text.hinting": "none",         # a tenth of the time of a frame, and the same letters to the eye
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titley": 1.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": matplotlib.cycler(color=CLASSES[:6]),
    "axes.axisbelow": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "lines.linewidth": 2.2,
    "legend.frameon": False,
    "image.cmap": "gray_r",
}
