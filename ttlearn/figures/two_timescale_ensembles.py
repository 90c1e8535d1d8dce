"""Figures of many runs: the box plot of final losses and the phase diagram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

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


def plot_phase(
    ratios: ArrayLike,
    widths: ArrayLike,
    success: ArrayLike,
    ax: Axes | None = None,
    *,
    runs: int | None = None,
) -> Axes:
    """The share of successful runs over timescale ratio and number of neurons.

    Arguments:
        ratios: shape (A,), increasing timescale ratios.
        widths: shape (B,), increasing numbers of neurons.
        success: shape (A, B), between 0 and 1.
        runs: how many runs each share stands on.

    >>> plot_phase([0.01, 1.0], [5, 20], [[0.1, 1.0], [0.0, 0.2]]).get_title()
    'Success in 0 to 100 % of the runs'
    """
    ax = style.axes(ax)
    x, y = np.asarray(ratios, np.float64), np.asarray(widths, np.float64)
    share = np.asarray(success, np.float64)
    mesh = ax.pcolormesh(
        *(_cell_edges(np.log10(x), log=True), _cell_edges(y)),
        share.T,
        cmap=style.SEQUENTIAL,
        vmin=0,
        vmax=1,
    )
    ax.set_xscale("log")
    if share.min() < 0.5 < share.max() and min(share.shape) > 1:
        half = ax.contour(x, y, share.T, levels=[0.5], colors=[style.VERMILION], linewidths=2)
        half.set_label("half of the runs")
    bar = ax.figure.colorbar(mesh, ax=ax, label="share of successful runs")
    style.dress(bar.ax)
    bar.outline.set_edgecolor(INK)
    ax.set(xlabel="timescale ratio", ylabel="neurons")
    low, high = (round(100 * float(v)) for v in (share.min(), share.max()))
    ax.set_title(f"Success in {low} to {high} % of the runs")
    of = f" of {runs}" if runs else ""
    corners = (
        f"{round(100 * share[0, -1])} % at the smallest ratio and most neurons, "
        f"{round(100 * share[-1, -1])} % at the largest ratio, "
        f"{round(100 * share[0, 0])} % with the fewest neurons at the smallest ratio"
    )
    style.set_alt(
        ax,
        f"Share of successful runs{of} for timescale ratios from {number(x[0])} to {number(x[-1])} "
        f"and {number(y[0])} to {number(y[-1])} neurons: {corners}.",
    )
    return ax


def _cell_edges(centres: NDArray[Any], *, log: bool = False) -> NDArray[Any]:
    if centres.size == 1:
        edges = centres[0] + np.array([-0.5, 0.5])
    else:
        middle = (centres[1:] + centres[:-1]) / 2
        edges = np.concatenate(
            [[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]]
        )
    return 10**edges if log else edges
