"""The picture on the book's first page: three neurons and the triangle between their lines."""

import numpy as np

from . import style
from .neuron import TINTS, scatter

ANGLES = np.pi * np.array([0.5, 7 / 6, 11 / 6])     # the lines of a triangle face three ways


def ring():
    """Points in a disc (class 1) and around it (class 0).                      # (160, 2) (160,)"""
    rng = np.random.default_rng(3)
    angle = rng.uniform(0, 2 * np.pi, 160)
    radius = np.concatenate([0.55 * np.sqrt(rng.uniform(0, 1, 60)), rng.uniform(1.25, 2.1, 100)])
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), np.arange(160) < 60


X, Y = ring()


def three_neurons(ax, turn=0, distance=1.6):
    """Each neuron fires on the inner side of its line; the network answers 1 where all three fire."""
    angles = ANGLES + np.deg2rad(turn)
    w = -np.column_stack([np.cos(angles), np.sin(angles)])                      # (3, 2)
    grid = np.linspace(-2.4, 2.4, 121)
    a, b = np.meshgrid(grid, grid)
    inside = (np.tensordot(w, [a, b], 1) + distance).min(0)                     # (121, 121)
    ax.set_facecolor(TINTS[0])
    ax.contourf(a, b, inside, levels=[0, 9], colors=[TINTS[1]])
    for row in w:
        along = np.array([-row[1], row[0]])
        ends = -distance * row + np.outer([-5, 5], along)                       # (2, 2)
        ax.plot(*ends.T, color=style.MODEL, lw=1.6)
    wrong = ((X @ w.T + distance).min(1) > 0) != Y                              # (160,)
    scatter(ax, X, Y, wrong)
    ax.set(xlim=(-2.4, 2.4), ylim=(-2.1, 2.1), xticks=[], yticks=[])
    ax.set_title(f"{wrong.sum()} of {len(Y)} wrong" if wrong.any() else "all right: three lines made a closed shape")
