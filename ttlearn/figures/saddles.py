"""Figures of the saddle wing: functions at critical points, levels, spectra, escapes, endings."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ttlearn.figures import style
from ttlearn.records import Trajectory
from ttlearn.saddles import (
    Problem,
    classify,
    critical_levels,
    network,
    neuron_types,
    residual,
    spectrum,
    split,
)
from ttlearn.saddles.endings import ENDINGS
from ttlearn.saddles.experiments import EscapeRow
from ttlearn.saddles.toys import find_toy

ENDING_COLOURS = {
    "global": style.GREEN,
    "dead": style.VERMILION,
    "nearly dead": style.GOLD,
    "moving": style.BLUE,
    "diverged": style.PURPLE,
}
_HATCHES = {"global": "", "dead": "//", "nearly dead": "\\\\", "moving": "..", "diverged": "xx"}


def _knots(problem: Problem, parameters: Any) -> Any:
    kinks = [n.breakpoint for n in neuron_types(problem, parameters) if n.kinked]
    return np.unique([problem.left, *kinks, problem.right])


def plot_function(problem: Problem, parameters: ArrayLike, ax: Axes | None = None) -> Axes:
    """The network, its target and its breakpoints; the title gives the classifier's verdict."""
    ax = style.axes(ax)
    point = np.asarray(parameters, float)
    x = _knots(problem, point)
    f = network(problem, point, x)
    ax.plot(x, problem.slope * x + problem.intercept, "--", color=style.COLOURS["target"])
    ax.plot(x, f, color=style.COLOURS["network"], label="network f")
    ax.plot(x[1:-1], f[1:-1], "o", color=style.COLOURS["network"], label="breakpoints")
    ax.lines[0].set_label("target")
    verdict = classify(problem, point)
    where = f", {verdict.level} breakpoints" if verdict.level is not None else ""
    name = f"{verdict.kind}{where}"
    ax.set(xlabel="x", ylabel="f(x)", title=f"{name[0].upper()}{name[1:]}")
    style.legend(ax)
    text = f"A network with {len(x) - 2} breakpoints against an affine target: {name}, "
    style.set_alt(ax, text + f"loss {style.number(verdict.loss)}.")
    return ax


def plot_residual(problem: Problem, parameters: ArrayLike, ax: Axes | None = None) -> Axes:
    """The residual f − target: a zig-zag of mean 0 on every piece at a critical point."""
    ax = style.axes(ax)
    point = np.asarray(parameters, float)
    x = _knots(problem, point)
    r = residual(problem, point, x)
    ax.axhline(0.0, color=style.INK, linewidth=0.8)
    ax.plot(x, r, "-o", color=style.COLOURS["network"])
    ax.fill_between(x, r, color=style.COLOURS["network"], alpha=0.2)
    means = 0.5 * (r[1:] + r[:-1])
    balanced = bool(np.max(np.abs(means)) < 1e-9 * max(np.max(np.abs(r)), 1e-300))
    finding = "Every piece of the residual has mean 0" if balanced else "Some piece has mean ≠ 0"
    ax.set(xlabel="x", ylabel="f(x) − target", title=finding)
    heights = style.numbers([float(np.round(h, 9)) for h in r])
    style.set_alt(ax, f"{finding}; at {style.numbers(x.tolist())} it is {heights}.")
    return ax


def plot_neurons(problem: Problem, parameters: ArrayLike, ax: Axes | None = None) -> Axes:
    """w x + b of every neuron over the interval and a margin, with the kind of each."""
    ax = style.axes(ax)
    point = np.asarray(parameters, float)
    w, b, _, _ = split(point)
    x = np.array([problem.left - 0.25 * problem.length, problem.right + 0.25 * problem.length])
    ax.axvspan(problem.left, problem.right, color=style.INK, alpha=0.12)
    ax.axhline(0.0, color=style.INK, linewidth=0.8)
    kinds = [n.kind for n in neuron_types(problem, point)]
    for j, kind in enumerate(kinds):
        dashes = style.DASHES[j % len(style.DASHES)]
        ax.plot(x, w[j] * x + b[j], linestyle=dashes, label=f"neuron {j + 1}: {kind}")
    ax.set(
        xlabel="x", ylabel="w x + b", title=f"{len(set(kinds))} kinds among {len(kinds)} neurons"
    )
    style.legend(ax)
    style.set_alt(ax, f"Lines w x + b of neurons that are {', '.join(kinds)}; the interval shaded.")
    return ax


def plot_levels(problems: Mapping[str, Problem], n_neurons: int, ax: Axes | None = None) -> Axes:
    """The loss at every kind of critical point against its number of breakpoints."""
    ax = style.axes(ax)
    counts = []
    for i, (label, problem) in enumerate(problems.items()):
        levels = critical_levels(problem, n_neurons)
        values = [c.loss for c in levels]
        counts.append(f"{label}: {len({round(float(np.log(v)), 9) for v in values})} levels")
        options: dict[str, Any] = {"color": style.CYCLE[i], "linestyle": "none", "label": label}
        ax.plot([c.level for c in levels], values, "osD^"[i % 4], **options)
    ax.set_yscale("log")
    title = f"Saddle levels of {n_neurons} neurons, and nothing between"
    ax.set(xlabel="breakpoints of f", ylabel="loss", title=title)
    style.legend(ax)
    style.set_alt(
        ax, f"{title}. {'; '.join(counts)}; the loss falls steeply with the number of breakpoints."
    )
    return ax


def plot_spectrum(problem: Problem, parameters: ArrayLike, ax: Axes | None = None) -> Axes:
    """Eigenvalues of the Hessian on a signed logarithmic axis."""
    ax = style.axes(ax)
    values = spectrum(problem, parameters)
    values = np.where(np.abs(values) < 1e-10 * values[-1], 0.0, values)
    index = int(np.sum(values < 0))
    colours = np.where(values < 0, style.VERMILION, np.where(values > 0, style.GREEN, style.INK))
    ax.axhline(0.0, color=style.INK, linewidth=0.8)
    places = np.arange(1, values.size + 1)
    ax.vlines(places, 0.0, values, colors=colours.tolist())
    ax.scatter(places, values, c=colours.tolist(), zorder=3)
    ax.set_yscale("symlog", linthresh=1e-3)
    plural = "direction" if index == 1 else "directions"
    title = f"{index} {plural} down, {int(np.sum(values == 0))} flat, the rest up"
    ax.set(xlabel="eigenvalue number", ylabel="eigenvalue of the Hessian", title=title)
    style.set_alt(ax, f"{title}: {style.numbers(values.tolist())}.")
    return ax


def plot_escapes(rows: Sequence[EscapeRow], ax: Axes | None = None) -> Axes:
    """Counted escape steps against the size of the push, with the predicted lines."""
    ax = style.axes(ax)
    for i, row in enumerate(rows):
        colour = style.CYCLE[i % len(style.CYCLE)]
        ax.plot(row.sizes, row.predictions, color=colour, linewidth=1.2)
        marker = "osD^vP"[i % 6]
        label = row.case.name
        ax.plot(row.sizes, row.counts.mean(axis=0), marker, color=colour, label=label)
    worst = max(abs(row.relative_error) for row in rows)
    ax.set_xscale("log")
    ax.invert_xaxis()
    title = "Each factor of ten costs the same number of steps"
    ax.set(xlabel="size of the push ε", ylabel="steps to escape", title=title)
    style.legend(ax)
    slopes = "; ".join(f"{r.case.name}: {style.number(r.slope, 4)}" for r in rows)
    bound = "0.1 %" if worst < 1e-3 else f"{100 * worst:.1f} %"
    text = f"{title}. Steps for each e-folding, {slopes}; prediction met within {bound}."
    style.set_alt(ax, text)
    return ax


def plot_endings(rows: Sequence[Mapping[str, Any]], ax: Axes | None = None) -> Axes:
    """Shares of the endings of gradient descent, a stacked bar for each row of the table."""
    ax = style.axes(ax)
    places, bottom = np.arange(len(rows)), np.zeros(len(rows))
    for name in ENDINGS:
        shares = np.array([float(row[name]) for row in rows])
        if shares.max() > 0:
            options: dict[str, Any] = {
                "hatch": _HATCHES[name],
                "edgecolor": "#ffffff",
                "linewidth": 0.5,
            }
            ax.bar(places, shares, 0.7, bottom, color=ENDING_COLOURS[name], label=name, **options)
        bottom = bottom + shares
    ax.set_xticks(places, [str(row["n_neurons"]) for row in rows])
    dead = [float(row["dead"]) + float(row["nearly dead"]) for row in rows]
    title = (
        "Runs that stop high have dead neurons, never a saddle"
        if max(dead) > 0
        else "No run ends dead"
    )
    ax.set(xlabel="neurons", ylabel="share of the starts", title=title)
    style.legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    told = "; ".join(
        f"N = {row['n_neurons']}: {100 * row['global']:.0f} % global, {100 * share:.0f} % dead"
        for row, share in zip(rows, dead, strict=True)
    )
    style.set_alt(ax, f"{title}. {told}.")
    return ax


def plot_losses(
    problem: Problem, run: Trajectory, levels: Sequence[int] = (0, 2), ax: Axes | None = None
) -> Axes:
    """Losses against steps, with the losses of critical points drawn across."""
    ax = style.axes(ax)
    values = np.maximum(np.asarray(run.losses, float), 1e-32)
    ax.plot(run.times, values, color=style.COLOURS["flow"])
    for level, dashes in zip(levels, itertools.cycle(style.DASHES[1:]), strict=False):
        height = next(c.loss for c in critical_levels(problem, max(level, 1)) if c.level == level)
        ax.axhline(height, linestyle=dashes, color=style.INK, label=f"level {level}")
    ax.set_yscale("log")
    start, end = np.atleast_1d(values[0])[0], np.max(values[-1])
    title = f"From {style.number(start, 2)} down to {style.number(end, 2)}"
    ax.set(xlabel="step", ylabel="loss", title=title)
    style.legend(ax)
    style.set_alt(ax, f"Loss over {int(run.times[-1])} steps: {title}.")
    return ax


def plot_toy(run: Trajectory, ax: Axes | None = None) -> Axes:
    """Iterates of a toy system on its plane, over contour lines."""
    ax = style.axes(ax, width=5.2, height=4.2)
    toy = find_toy(run.meta["toy"])
    axis = np.linspace(-toy.box, toy.box, 121)
    heights = toy.potential(toy.placed(*np.meshgrid(axis, axis)))
    ax.contour(axis, axis, heights, 17, cmap=style.DIVERGING, linewidths=0.8)
    points = np.asarray(run["points"])
    places = toy.shown(points)
    ax.plot(places[..., 0], places[..., 1], "-o", color=style.INK, markersize=2.5, linewidth=0.7)
    ax.plot(*places[-1].T, "D", color=style.VERMILION, label="ends")
    caught = float(np.mean(toy.distances(points[-1]) <= toy.near))
    end = "are caught" if toy.in_real_loss else "end at the saddle"
    title = f"{toy.name}: {100 * caught:.0f} % of these runs {end}"
    edges = (-toy.box, toy.box)
    ax.set(xlim=edges, ylim=edges, xlabel=toy.axes[0], ylabel=toy.axes[1], title=title)
    style.set_alt(ax, f"{title}; {toy.formula}, step size {run.meta['step_size']:g}.")
    return ax
