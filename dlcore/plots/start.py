"""Pictures of the first chapter: a reader of digits at work, the map of the field, the chapters, and sixty years."""

import textwrap
from typing import NamedTuple

import numpy as np
from matplotlib.patches import Ellipse

from . import style

# ---- a machine that reads digits ----


READING = (4.6, 2.8)        # inches of the picture that `reading` draws; its coordinates are inches too


def reading(ax, image, p, truth, title=""):
    """One picture of 8 x 8 pixels and, beside it, the machine's verdict.       # image (64,), p (10,) sums to 1"""
    width, height = READING
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.axis("off")              # ticks alone would cost 20 ms a frame
    ax.imshow(image.reshape(8, 8), vmin=0, vmax=1, extent=(0.1, 2.1, 2.45, 0.45), aspect="auto")
    ax.plot([0.1, 2.1, 2.1, 0.1, 0.1], [0.45, 0.45, 2.45, 2.45, 0.45], color=style.MUTED, linewidth=1)
    ax.text(0.1, 2.63, title, va="center")

    answer, certain = int(p.argmax()), p.max()
    colour = style.MODEL if answer == truth else style.GRADIENT
    mark = "✓" if answer == truth else "✗"
    sure = "over 99%" if certain > 0.99 else f"{certain:.0%}"
    verdict = f"{mark} read as {answer}, {sure} sure"
    ax.text(0.1, 0.22, verdict, color=colour, fontsize=14, fontweight="bold", va="center")

    zero, one = 2.6, 4.45
    rows = 0.56 + 0.2 * np.arange(10)
    colours = [colour if k == answer else style.MUTED for k in range(10)]
    ax.hlines(rows, zero, zero + p * (one - zero), colors=colours, linewidth=11)
    ax.vlines([zero, one], 0.45, 2.47, colors=style.MUTED, linewidth=1)
    for k, row in enumerate(rows):
        ax.text(zero - 0.1, row, k, ha="right", va="center")
    for x, text in ((zero, "0"), ((zero + one) / 2, "share of certainty"), (one, "1")):
        ax.text(x, 2.63, text, ha="center", va="center")


def digits_in_a_row(ax, images, columns=5):
    """Pictures of 8 x 8 pixels side by side, in rows of `columns`.             # images (n, 64)"""
    framed = np.pad(images.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))                          # (n, 10, 10)
    rows = framed.reshape(-1, columns, 10, 10).swapaxes(1, 2).reshape(-1, columns * 10)
    ax.imshow(rows, vmin=0, vmax=1)
    ax.set_position((0, 0, 1, 1))
    ax.axis("off")


def falling(ax, distances, curves, guessing):
    """Accuracy against the distance by which the digits were moved, one line for each reader."""
    colours = style.DATA, style.MODEL, style.OTHER
    for (name, accuracy), colour, marker in zip(curves.items(), colours, style.MARKERS, strict=False):
        ax.plot(distances, accuracy, color=colour, marker=marker, label=name)
    ax.axhline(guessing, color=style.MUTED, linestyle=":")
    ax.text(0, guessing - 0.015, "always the most common digit", color=style.MUTED, va="top")
    ax.set(xlabel="moved by (pixels)", ylabel="share read correctly", ylim=(0, 1.02), xticks=distances)
    ax.legend(loc="upper right")


# ---- the field ----

RINGS = [   # centre, width, height, y of the title, title, y of the examples, examples
    ((0.5, 0.50), 0.98, 0.98, 0.915, "artificial intelligence", 0.8, "route finding · chess search\nexpert systems"),
    ((0.5, 0.38), 0.80, 0.70, 0.65, "machine learning", 0.555, "decision tree · nearest neighbour\nperceptron of 1958"),
    ((0.5, 0.25), 0.58, 0.40, 0.37, "deep learning", 0.225, "LeNet-5 · U-Net · GPT-2\nAlphaFold 2 · ResNet"),
]


def field(ax):
    """Three rings inside each other, with examples that belong in each and not in the next."""
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    colours = (style.MUTED, style.DATA, style.MODEL)
    for (centre, width, height, top, title, low, examples), colour in zip(RINGS, colours, strict=True):
        ax.add_patch(Ellipse(centre, width, height, facecolor=colour, edgecolor="none", alpha=0.16))
        ax.add_patch(Ellipse(centre, width, height, facecolor="none", edgecolor=colour, linewidth=2))
        ax.text(0.5, top, title, ha="center", va="center", fontsize=13, fontweight="bold")
        ax.text(0.5, low, examples, ha="center", va="center", fontsize=10.5)


# ---- the chapters ----

CHAPTERS = {
    "foundations": "00 start, 01 neuron, 02 activation, 03 network, 04 loss, 05 backprop, 06 optim, 07 training, "
    "08 regularisation, 09 torch",
    "vision": "11 conv, 12 cnn, 13 deep_cnn, 14 transfer",
    "sequences": "21 rnn, 22 lstm_gru, 23 text",
    "generative": "31 autoencoder, 32 vae, 33 gan, 34 dcgan_wgan",
    "attention": "41 attention, 42 transformer, 43 gpt",
    "beyond": "51–59 open",
}
COLUMNS = [["foundations"], ["vision", "sequences"], ["generative", "attention", "beyond"]]


def chapters(ax):
    """The map of the course: what is written in colour, what is open in grey."""
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(0, 3), ylim=(13.4, -0.8))
    ax.axis("off")
    ink = {"facecolor": style.MODEL, "edgecolor": "none", "boxstyle": "round,pad=0.2"}
    for left, parts in enumerate(COLUMNS):
        line = 0
        for part in parts:
            ax.text(left + 0.06, line, part, va="center", fontsize=12, fontweight="bold")
            for name in CHAPTERS[part].split(", "):
                line += 1
                colour, box = (style.MUTED, None) if part == "beyond" else ("white", ink)
                ax.text(left + 0.1, line, name, va="center", color=colour, bbox=box)
            line += 2


# ---- sixty years ----


class Work(NamedTuple):
    """One paper of the timeline: what it brought, and where to read it (arXiv number, doi or address)."""

    year: int
    name: str
    authors: str
    brought: str
    paper: str


TIMELINE = [
    Work(1958, "perceptron", "Rosenblatt",
         "a neuron that learns its weights from its mistakes", "doi:10.1037/h0042519"),
    Work(1969, "Perceptrons, the book", "Minsky and Papert",
         "proofs of what one layer cannot compute", "doi:10.7551/mitpress/11301.001.0001"),
    Work(1980, "Neocognitron", "Fukushima",
         "layers of small detectors that tolerate a shift", "doi:10.1007/BF00344251"),
    Work(1986, "backpropagation", "Rumelhart, Hinton and Williams",
         "made popular: hidden layers that learn their own features", "doi:10.1038/323533a0"),
    Work(1997, "LSTM", "Hochreiter and Schmidhuber",
         "a memory cell that keeps gradients alive over long times", "doi:10.1162/neco.1997.9.8.1735"),
    Work(1998, "LeNet-5", "LeCun, Bottou, Bengio and Haffner",
         "a convolutional network that reads handwritten digits", "doi:10.1109/5.726791"),
    Work(2006, "deep belief net", "Hinton, Osindero and Teh",
         "many layers trained one at a time", "doi:10.1162/neco.2006.18.7.1527"),
    Work(2009, "ImageNet", "Deng and others",
         "millions of labelled photographs to learn from", "doi:10.1109/CVPR.2009.5206848"),
    Work(2012, "AlexNet", "Krizhevsky, Sutskever and Hinton",
         "a deep network on graphics cards wins the ImageNet contest", "doi:10.1145/3065386"),
    Work(2013, "word2vec", "Mikolov, Chen, Corrado and Dean",
         "words as vectors, learnt from plain text", "arXiv:1301.3781"),
    Work(2013, "variational autoencoder", "Kingma and Welling",
         "a network that learns a distribution to draw from", "arXiv:1312.6114"),
    Work(2014, "GRU", "Cho and others",
         "a gated memory with fewer parts than the LSTM", "arXiv:1406.1078"),
    Work(2014, "GAN", "Goodfellow and others",
         "two networks compete, and one learns to make pictures", "arXiv:1406.2661"),
    Work(2014, "dropout", "Srivastava and others",
         "units switched off at random while learning", "https://jmlr.org/papers/v15/srivastava14a.html"),
    Work(2014, "attention", "Bahdanau, Cho and Bengio",
         "a translator that looks back at the words it needs", "arXiv:1409.0473"),
    Work(2014, "GoogLeNet", "Szegedy and others",
         "filters of several sizes side by side, 22 layers deep", "arXiv:1409.4842"),
    Work(2014, "Adam", "Kingma and Ba",
         "a step size of its own for every weight", "arXiv:1412.6980"),
    Work(2015, "batch normalisation", "Ioffe and Szegedy",
         "layers kept in range by the statistics of the batch", "arXiv:1502.03167"),
    Work(2015, "U-Net", "Ronneberger, Fischer and Brox",
         "a label for every pixel, learnt from few pictures", "arXiv:1505.04597"),
    Work(2015, "ResNet", "He, Zhang, Ren and Sun",
         "shortcuts that make 152 layers trainable", "arXiv:1512.03385"),
    Work(2016, "AlphaGo", "Silver and others",
         "networks guide a search and beat a Go professional", "doi:10.1038/nature16961"),
    Work(2017, "transformer", "Vaswani and others",
         "attention alone, without recurrence", "arXiv:1706.03762"),
    Work(2018, "BERT", "Devlin, Chang, Lee and Toutanova",
         "one pretrained reader for many language tasks", "arXiv:1810.04805"),
    Work(2019, "GPT-2", "Radford and others",
         "a language model that tries tasks it was not trained for",
         "https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf"),
    Work(2020, "DDPM", "Ho, Jain and Abbeel",
         "pictures made by removing noise step by step", "arXiv:2006.11239"),
    Work(2020, "ViT", "Dosovitskiy and others",
         "a transformer that reads a picture as a row of patches", "arXiv:2010.11929"),
    Work(2021, "AlphaFold 2", "Jumper and others",
         "the shape of a protein from its sequence", "doi:10.1038/s41586-021-03819-2"),
    Work(2021, "latent diffusion", "Rombach and others",
         "diffusion in a small space instead of pixels", "arXiv:2112.10752"),
    Work(2022, "InstructGPT", "Ouyang and others",
         "a language model tuned by people's preferences, the way to ChatGPT", "arXiv:2203.02155"),
    Work(2023, "Mamba", "Gu and Dao",
         "long sequences without attention, in linear time", "arXiv:2312.00752"),
    Work(2025, "DeepSeek-R1", "DeepSeek-AI",
         "written reasoning rewarded by checked answers", "arXiv:2501.12948"),
]


def link(paper):
    """The address at which a paper of the timeline can be read."""
    where = {"doi": "https://doi.org/", "arXiv": "https://arxiv.org/abs/"}
    kind, _, number = paper.partition(":")
    return where[kind] + number if kind in where else paper


def timeline_table():
    """The timeline as a Markdown table with every paper linked."""
    rows = [f"| {w.year} | [{w.name}]({link(w.paper)}) | {w.authors} | {w.brought} |" for w in TIMELINE]
    return "\n".join(["| year | paper | by | what it brought |", "|---|---|---|---|", *rows])


def timeline_view(ax, paper=1):
    """The papers up to number `paper` as dots over their years, the last of them described."""
    years = [w.year for w in TIMELINE]
    heights = [1 + years[:i].count(year) for i, year in enumerate(years)]
    work = TIMELINE[paper - 1]
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(1952, 2030), ylim=(-2.6, 14.6))
    ax.axis("off")              # ticks alone would cost 20 ms a frame
    ax.hlines(0.2, 1955, 2028, colors=style.MUTED, linewidth=1)
    ax.vlines(range(1960, 2021, 10), -0.1, 0.2, colors=style.MUTED, linewidth=1)
    for decade in range(1960, 2021, 20):
        ax.text(decade, -0.7, decade, ha="center", va="center")
    ax.text(1991.5, -1.9, "year of publication", ha="center", va="center")
    ax.scatter(years[:paper], heights[:paper], s=36, color=style.DATA)
    ax.scatter(years[paper:], heights[paper:], s=36, facecolor="white", edgecolor=style.MUTED, linewidth=0.8)
    ax.scatter(work.year, heights[paper - 1], s=110, color=style.SPECIAL, edgecolor=style.INK, zorder=3)
    ax.text(1955, 13.8, f"{work.year}  {work.name}", fontsize=14, fontweight="bold", va="center")
    ax.text(1955, 12.4, work.authors, color=style.MUTED, fontsize=12, va="center")
    ax.text(1955, 11.4, textwrap.fill(work.brought, 42), fontsize=13, va="top")
    ax.text(1955, 7.8, f"{paper} of {len(TIMELINE)} papers", color=style.DATA, fontsize=13, fontweight="bold")
