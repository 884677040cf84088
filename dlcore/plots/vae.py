"""Pictures of chapter 32: draws in a latent plane, a bound and its two terms, two estimates, scores, a collapse."""

import numpy as np
from matplotlib.collections import EllipseCollection

from . import style
from .autoencoder import SIDE

# ---- places in a latent plane ----


def scattered(left, right, codes, labels, draws, images, told):
    """Left the codes of digits with draws on top, right the first ten pictures that the decoder makes of the draws.

    codes: (N, 2); labels: digits (N,); draws: (n, 2); images: (10, 784); told: a title for each panel.
    """
    coloured(left, codes, labels)
    left.plot(*draws.T, "+", ms=7, mew=1.6, color=style.INK)
    middle, reach = np.median(codes, 0), 1.25 * np.abs(codes - np.median(codes, 0)).max()
    left.set(xlim=(middle[0] - reach, middle[0] + reach), ylim=(middle[1] - reach, middle[1] + reach),
             xlabel="first number", ylabel="second number", title=told[0])
    framed = np.pad(images.reshape(2, 5, SIDE, SIDE), ((0, 0), (0, 0), (2, 2), (2, 2)))
    right.imshow(framed.swapaxes(1, 2).reshape(2 * (SIDE + 4), -1), vmin=0, vmax=1)
    right.set(xticks=[], yticks=[], title=told[1])


def coloured(ax, codes, labels):
    """Codes (N, 2) as dots in the colours of their digits."""
    ax.scatter(*codes.T, s=6, c=[style.CLASSES[k] for k in labels], linewidths=0)


def points_and_clouds(left, right, points, means, spreads, labels):
    """Left the codes of an autoencoder, right those of a VAE as ellipses of one standard deviation.   (N, 2) each

    The circle in both holds 95 of 100 draws of the standard normal distribution.
    """
    coloured(left, points, labels)
    sizes = 2 * spreads.T
    clouds = EllipseCollection(*sizes, np.zeros(len(means)), units="xy", offsets=means, transOffset=right.transData,
                               facecolors=[style.CLASSES[k] for k in labels], alpha=0.5, linewidths=0)
    right.add_collection(clouds)
    turn = np.linspace(0, 2 * np.pi, 100)
    for ax, codes, title in ((left, points, "autoencoder: points"), (right, means, "VAE: clouds")):
        ax.plot(2.45 * np.cos(turn), 2.45 * np.sin(turn), color=style.INK, lw=1.6)
        reach = 1.05 * np.abs(codes).max()
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=title,
               xlabel="first number", ylabel="second number")


# ---- the bound ----


def bound(left, right, mean, sd, posterior, error, kl, lowest):
    """Left the guess q beside the prior and the true posterior, right its two terms stacked beside -log p(x).

    posterior: its mean and standard deviation; error, kl, lowest: nats.
    """
    z = np.linspace(-3, 4, 141)
    for m, s, colour, look in ((0, 1, style.MUTED, ":"), (*posterior, style.DATA, "-"), (mean, sd, style.MODEL, "-")):
        left.plot(z, np.exp(-(((z - m) / s) ** 2) / 2) / s / np.sqrt(2 * np.pi), look, color=colour)
    left.text(-2.9, 1.64, "prior", color=style.MUTED)
    left.text(-1, 1.64, "posterior", color=style.DATA)
    left.text(2, 1.64, "guess q", color=style.MODEL)
    left.set(xlim=(-3, 4), ylim=(0, 1.78), xlabel="latent number z", ylabel="density")
    left.set_title(f"q: mean {mean:g}, deviation {sd:g}".replace("-", "−"))

    right.hlines((2, 1, 0), (0, error, 0), (error, error + kl, lowest), linewidth=22,
                 colors=(style.GRADIENT, style.OTHER, style.DATA))
    for row, told in enumerate((f"−log p(x): {lowest:.2f}", f"KL: {kl:.2f}", f"error: {error:.2f}")):
        right.text(13.8, row + 0.24, told, ha="right", va="bottom")
    right.axvline(lowest, color=style.INK, lw=1.4, ls="--")
    gap = error + kl - lowest
    right.set(xlim=(0, 14), ylim=(-0.4, 2.75), yticks=[], xlabel="nats",
              title=f"{'✓ ' if gap < 0.005 else ''}loss {error + kl:.2f}, gap {gap:.2f}")


# ---- two ways to a gradient ----


def estimates(ax, path, score, draws, wanted):
    """How two estimates of one gradient scatter: a single draw by the path, a mean of `draws` by the score."""
    edges = np.linspace(-8, 12, 61)
    for values, colour in ((path, style.MODEL), (score, style.GRADIENT)):
        shares = np.histogram(np.clip(values, -7.99, 11.99), edges)[0] / len(values)
        ax.stairs(shares, edges, color=colour, lw=2)
    ax.axvline(wanted, color=style.INK, lw=1.4, ls="--")
    ax.text(11.4, 0.24, f"path, 1 draw: ±{path.std():.1f}", color=style.MODEL, ha="right")
    plural = "draw" if draws == 1 else "draws"
    ax.text(11.4, 0.215, f"score, {draws:,} {plural}: ±{score.std():.1f}", color=style.GRADIENT, ha="right")
    steady = score.std() <= path.std()
    ax.set(xlim=(-8, 12), ylim=(0, 0.26), xlabel="estimate of a gradient that is 2", ylabel="share of estimates",
           title="✓ the score is as steady as one draw of the path" if steady else "the score scatters more")


# ---- scores ----


def rivals(ax, table, real, noise):
    """The Fréchet distance of samples, a row for each decoder, a mark for each place that the codes come from.

    table: {decoder: {place: distance}}; real, noise: distances of true digits and of noise.
    """
    looks = ((style.GRADIENT, "o"), (style.DATA, "s"), (style.MODEL, "^"))
    names = list(table)[::-1]
    for row, name in enumerate(names):
        ax.axhline(row, color=style.MUTED, lw=0.6)
        for (place, distance), (colour, marker) in zip(table[name].items(), looks, strict=True):
            ax.plot(np.log10(distance), row, marker, ms=10, color=colour, mew=0, label=place if row == 0 else None)
    for distance, told in ((real, "true digits"), (noise, "noise")):
        ax.axvline(np.log10(distance), color=style.MUTED, ls=":", lw=1.6)
        side = ("left", 0.04) if distance == real else ("right", -0.04)
        ax.text(np.log10(distance) + side[1], -0.62, told, color=style.MUTED, ha=side[0], va="center")
    ticks = [1, 3, 10, 30, 100, 300]
    ax.set(ylim=(-0.85, len(names) + 0.05), xlim=(0, 2.85), xlabel="Fréchet distance to unseen digits (less is better)")
    ax.set_xticks(np.log10(ticks), [str(t) for t in ticks])
    ax.set_yticks(range(len(names)), names)
    ax.legend(loc="upper center", ncol=3, handletextpad=0, columnspacing=0.8, borderaxespad=0)


# ---- collapse ----


def nats_by_epoch(ax, cold, warm, arrived):
    """The KL term epoch by epoch of several networks, with full weight from the start or warmed up until `arrived`."""
    for runs, colour in ((cold, style.GRADIENT), (warm, style.MODEL)):
        for nats in runs:
            ax.plot(range(1, len(nats) + 1), nats, color=colour, alpha=0.8)
    ax.axvline(arrived, color=style.MUTED, ls=":", lw=1.4)
    top = 2.6 * max(nats[-1] for nats in warm)            # the first epochs of a warm-up stand far above
    ax.text(arrived + 0.3, 0.97 * top, "full weight from here", color=style.MUTED, va="top")
    ax.text(len(cold[0]), cold[0][-1] + 0.04 * top, "full weight at once", color=style.GRADIENT, ha="right")
    ax.text(len(warm[0]), warm[0][-1] + 0.09 * top, "warmed up", color=style.MODEL, ha="right")
    ax.set(xlabel="epoch", ylabel="KL term (nats)", ylim=(0, top), xlim=(0.5, len(cold[0]) + 0.5))
