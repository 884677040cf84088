"""Measure dlcore beside torch and its peers: print the table, write the plot to _build/bench.png.

All run in float32 on one thread, with glibc told to keep freed memory: torch too is up to twice as slow, by chance,
where it gives memory back. What happens without is measured as well. Takes some minutes.
"""

import sys
from pathlib import Path

from benchmarks.measure import GIVE_BACK, KEEP, Contender, compare
from benchmarks.works import ROWS, SWEEPS

PEERS = ("mygrad", "autograd", "tinygrad")
PLOT = Path("_build/bench.png")


def say(text=""):
    """Progress, beside the table."""
    print(text, file=sys.stderr, flush=True)


def start():
    """Every contender that can take part; the others are named."""
    contenders = {
        "torch": Contender("benchmarks.libraries", "torch", **KEEP),
        "dlcore": Contender("benchmarks.libraries", "dlcore", **KEEP),
        "torch, default": Contender("benchmarks.libraries", "torch"),
        "dlcore, default": Contender("benchmarks.libraries", "dlcore"),
        "dlcore, giving back": Contender("benchmarks.libraries", "dlcore", **GIVE_BACK),
    } | {name: Contender("benchmarks.peers", name, **KEEP) for name in PEERS} | {
        "micrograd": Contender("benchmarks.scalar", "micrograd"), "Value": Contender("benchmarks.scalar", "chapter")}
    for name, contender in contenders.items():
        if contender.missing:
            say(f"{name} is left out: {contender.missing}")
    say("minitorch is left out: what the package index has under that name is another package, which hides PyTorch")
    return {name: contender for name, contender in contenders.items() if not contender.missing}


def table(contenders):
    """Print a row for each work: what it takes in torch, and how many times that in the others."""
    peers = [name for name in PEERS if name in contenders]
    rivals = {name: contenders[name] for name in contenders if name not in ("micrograd", "Value")}
    print(f"{'forward and backward, float32, one thread':42} {'torch':>9} {'dlcore':>7} {'target':>7}"
          + "".join(f"{name:>9}" for name in peers) + f" {'defaults':>9} {'giving back':>12}")
    for name, kind, sizes, target in ROWS:
        say(f"... {name}")
        found, unable = compare(rivals, kind, sizes)
        for who, why in unable.items():
            say(f"    without {who}: {why}")
        cells = [f"{found[peer][1]:8.2f}×" if peer in found else f"{'–':>9}" for peer in peers]
        defaults = found["dlcore, default"][0] / found["torch, default"][0]
        print(f"{name:42} {found['torch'][0]:6.2f} ms {found['dlcore'][1]:6.2f}× {target:6.2f}×" + "".join(cells)
              + f" {defaults:8.2f}× {found['dlcore, giving back'][1]:11.2f}×", flush=True)
    if "micrograd" in contenders:
        scalar = {name: contenders[name] for name in ("micrograd", "Value")}
        found, _ = compare(scalar, "moons", {}, reference="micrograd", rounds=5)
        print(f"{'Value of chapter 05, two moons':42} {found['Value'][1]:6.2f}× micrograd's "
              f"{found['micrograd'][0]:.0f} ms, target 0.35×")
    print("\nAll gave the same results and gradients. torch: the median in milliseconds. ×: the median of the time\n"
          "over torch's in the same round. defaults: both as a user meets them; dlcore keeps freed memory by itself.\n"
          "giving back: dlcore if it did not, over the same torch.")


def plot(contenders):
    """Draw the time against batch, image size and length."""
    from matplotlib import pyplot as plt

    from dlcore.plots import style

    colours = {"torch": style.MUTED, "dlcore": style.MODEL, "mygrad": style.OTHER, "autograd": style.SPECIAL}
    rivals = {name: contenders[name] for name in colours if name in contenders}
    with plt.rc_context(style.RC):
        figure, axes = plt.subplots(1, len(SWEEPS), figsize=(12, 4), layout="constrained")
        for ax, (title, kind, size, values) in zip(axes, SWEEPS, strict=True):
            found = []
            for n in values:
                say(f"... {title}, {size} {n}")
                found.append(compare(rivals, kind, {size: n}, rounds=5)[0])
            for name in rivals:
                milliseconds = [by_name[name][0] for by_name in found]
                ax.loglog(values, milliseconds, "o-", color=colours[name], label=name)
            ax.set(title=title, xlabel=size, ylabel="milliseconds")
            ax.set_xticks(values, [str(n) for n in values], minor=False)
            ax.minorticks_off()
        axes[0].legend()
        PLOT.parent.mkdir(exist_ok=True)
        figure.savefig(PLOT, dpi=120)
        plt.close(figure)
    say(f"The plot is at {PLOT}")


def main():
    """The table, then the plot."""
    say("Starting the libraries ...")
    contenders = start()
    table(contenders)
    plot(contenders)
    for contender in contenders.values():
        contender.close()


if __name__ == "__main__":
    main()
