"""Figures of many runs: the box plot of final losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ttlearn.figures import style
from ttlearn.figures.style import COLOURS, INK, number


def plot_box(
    losses: Mapping[Any, ArrayLike],
    ax: Axes | None = None,
    *,
    floor: float | None = None,
    quantity: str = "final loss",
) -> Axes:
    """Final losses of many runs for each timescale ratio or arm, as boxes, logarithmic.

    Arguments:
        losses: from timescale ratio, or from the name of an arm, to the final losses of its runs.
            Ratios are sorted, arms stand as they come.
        floor: a line to draw, the loss of a network that covers every jump.
        quantity: what is shown, if it is no loss.

    >>> plot_box({0.01: [0.009, 0.01], 1.0: [0.5, 0.7]}).get_title()
    'Median loss 0.0095 at ratio 0.01, 0.6 at ratio 1'
    """
    ax = style.axes(ax)
    named = any(isinstance(key, str) for key in losses)
    ordered = list(losses.items()) if named else sorted(losses.items())
    names = [str(key) if named else f"ratio {number(float(key))}" for key, _ in ordered]
    values = [np.asarray(sample, np.float64).ravel() for _, sample in ordered]
    boxes = ax.boxplot(values, widths=0.5, tick_labels=[n.removeprefix("ratio ") for n in names])
    for name, parts in boxes.items():
        colour = style.VERMILION if name == "medians" else style.BLUE
        for part in parts:
            part.set_color(colour)
            part.set_markeredgecolor(colour)
    for place, sample in enumerate(values, start=1):
        spread = np.linspace(-0.12, 0.12, sample.size) if sample.size > 1 else [0.0]
        ax.plot(place + np.asarray(spread), np.sort(sample), ".", ms=4, color=INK, alpha=0.7)
    if floor:
        ax.axhline(floor, color=COLOURS["floor"], ls=":", label=f"floor {number(floor)}")
    ax.set_yscale("log")
    ax.set(xlabel="" if named else "timescale ratio", ylabel=quantity)
    medians = [number(float(np.median(sample))) for sample in values]
    ends = [
        f"{medians[i]} {'for' if named else 'at'} {names[i]}" for i in sorted({0, -1 % len(names)})
    ]
    ax.set_title(f"Median {quantity.removeprefix('final ')} {', '.join(ends)}")
    style.legend(ax)
    parts = [
        f"{name.capitalize()}: {sample.size} runs, median {median}, from "
        f"{number(sample.min())} to {number(sample.max())}."
        for name, sample, median in zip(names, values, medians, strict=True)
    ]
    style.set_alt(ax, f"{quantity.capitalize()}, logarithmic. {' '.join(parts)}")
    return ax
