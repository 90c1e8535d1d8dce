"""Figures of the two-timescale wing: one run (here) and many (box plot).

Each draws a record of :mod:`ttlearn.two_timescale` and attaches an alt text made from its numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from ttlearn.figures import style
from ttlearn.figures.style import COLOURS, INK, number, numbers
from ttlearn.figures.two_timescale_ensembles import plot_box
from ttlearn.figures.two_timescale_sketches import plot_limit_sketch, plot_proof_sketch
from ttlearn.records import Trajectory
from ttlearn.two_timescale.coverage import covered_jumps, target_of, width_of
from ttlearn.two_timescale.target import Target

Runs = Trajectory | Sequence[Trajectory] | Mapping[str, Trajectory]


def plot_network(run: Trajectory, ax: Axes | None = None, *, index: int = -1) -> Axes:
    """The network of one saved time against the target, its neurons marked on the curve.

    Arguments:
        run: from ``limit_flow``, ``network_flow`` or ``sgd``.
        index: which saved time; the last by default.

    >>> from ttlearn.two_timescale import limit_flow
    >>> plot_network(limit_flow([0.4, 0.7], Target([0.5], [0.0, 1.0]))).get_title()
    '1 of 1 jump covered at slow time 0.2'
    """
    weights, positions = run["outer_weights"][index], run["positions"][index]
    return plot_state(
        weights, positions, target_of(run), width_of(run), ax, slow_time=float(run.times[index])
    )


def plot_state(
    outer_weights: ArrayLike,
    positions: ArrayLike,
    target: Target,
    activation_width: float,
    ax: Axes | None = None,
    *,
    slow_time: float | None = None,
) -> Axes:
    """A network against the target, its neurons marked on the curve."""
    ax = style.axes(ax)
    a, u = np.asarray(outer_weights, np.float64), np.asarray(positions, np.float64)
    edges, levels = np.repeat(target.edges, 2)[1:-1], np.repeat(target.values, 2)
    ax.plot(edges, levels, "--", color=COLOURS["target"], lw=2, label="target f*")
    x = _curve_points(u, activation_width)
    ax.plot(x, _network(x, a, u, activation_width), color=COLOURS["network"], label="network f")
    inside = u[(u >= 0.0) & (u <= 1.0)]
    ax.plot(
        inside,
        _network(inside, a, u, activation_width, middle=True),
        "o",
        ms=5,
        color=COLOURS["neuron"],
        markeredgecolor=INK,
        label="neurons",
    )
    ax.set(xlim=(0, 1), xlabel="x", ylabel="f(x)")
    hit = covered_jumps(a, u, target, activation_width)
    when = "" if slow_time is None else f" at slow time {number(slow_time)}"
    opening = f"At slow time {number(slow_time)} the" if slow_time is not None else "The"
    ax.set_title(f"{hit.sum()} of {_jumps(hit.size)} covered{when}")
    style.legend(ax)
    missing = target.jumps[~hit]
    uncovered = f" Uncovered: {numbers(missing)}." if missing.size else ""
    style.set_alt(
        ax,
        f"A step network of {u.size} neurons against its target, which jumps at "
        f"{numbers(target.jumps)} between the values {numbers(target.values)}. {opening} network "
        f"covers {hit.sum()} of {_jumps(hit.size)}.{uncovered}",
    )
    return ax


def plot_positions(
    run: Trajectory,
    ax: Axes | None = None,
    *,
    limit: Trajectory | None = None,
) -> Axes:
    """Positions over slow time, the jumps as lines, and a limit flow below as broad bands.

    Arguments:
        run: from ``limit_flow``, ``network_flow`` or ``sgd``.
        limit: a limit flow from the same start.

    >>> from ttlearn.two_timescale import limit_flow
    >>> plot_positions(limit_flow([0.4, 0.7], Target([0.5], [0.0, 1.0]))).get_title()
    '1 of 2 neurons ends on a jump'
    """
    ax = style.axes(ax)
    target, last = target_of(run), float(run.times[-1])
    for jump in target.jumps:
        ax.axhline(jump, color=COLOURS["target"], lw=1, ls=":")
    lines = ax.plot(run.times, run["positions"], color=COLOURS["neuron"], lw=1.4, zorder=3)
    lines[0].set_label({"limit_flow": "limit"}.get(run.meta["dynamics"], "neurons"))
    deviation = ""
    if limit is not None:
        early = limit.times <= last * (1 + 1e-9)
        # A broad band below the run: where both agree, both are still seen.
        bands = ax.plot(
            limit.times[early], limit["positions"][early], color=style.GOLD, lw=5, alpha=0.45
        )
        bands[0].set_label("limit")
        deviation = f" {_deviation(run, limit)}"
    ax.set(xlabel="slow time", ylabel="position", ylim=_position_range(run["positions"]))
    radius = max(2.0 * width_of(run), 1e-9)
    distance = np.min(np.abs(run["positions"][-1][:, None] - target.jumps), axis=1)
    arrived = int(np.sum(distance <= radius))
    total = run["positions"].shape[1]
    verb = "ends" if arrived == 1 else "end"
    ax.set_title(f"{arrived} of {total} neurons {verb} on a jump")
    style.legend(ax, loc="center left", bbox_to_anchor=(1.0, 0.5))
    moved = float(np.max(np.abs(run["positions"][-1] - run["positions"][0])))
    style.set_alt(
        ax,
        f"Positions of {total} neurons from slow time {number(run.times[0])} to {number(last)}. "
        f"{arrived} {verb} within {number(radius)} of the jumps at {numbers(target.jumps)}; the "
        f"longest way is {number(moved)}.{deviation}",
    )
    return ax


def plot_loss(
    runs: Runs, ax: Axes | None = None, *, floor: float | None = None, by: str = "slow time"
) -> Axes:
    """Losses over slow time, with the floor that a smoothed step leaves.

    Arguments:
        runs: one trajectory, several, or a mapping from label to trajectory.
        floor: the loss floor; None takes it from the target and the width of the first run.
        by: ``"slow time"`` or ``"step"``.

    Raises:
        ValueError: for no run, or a record that holds no losses or those of an ensemble.

    >>> from ttlearn.two_timescale import limit_flow
    >>> plot_loss(limit_flow([0.4, 0.7], Target([0.5], [0.0, 1.0]))).get_title()
    'Loss falls from 0.0667 to 0'
    """
    ax = style.axes(ax)
    named = _named(runs)
    if not named:
        raise ValueError("no run given; plot_loss needs at least one trajectory")
    smallest, parts = np.inf, []
    for (label, run), dashes in zip(named.items(), itertools.cycle(style.DASHES), strict=False):
        _check_one_run(label, run)
        times = np.asarray(run.times)
        if by == "step":
            times = np.round(times / (run.meta["step_size"] * run.meta["timescale_ratio"]))
        ax.plot(times, run.losses, ls=dashes, label=label)
        positive = run.losses[run.losses > 0]
        smallest = min(smallest, positive.min() if positive.size else np.inf)
        parts.append(f"{label}: from {number(run.losses[0])} to {number(run.losses[-1])}.")
    first = next(iter(named.values()))
    if floor is None and width_of(first):
        floor = target_of(first).floor(width_of(first)) * first.meta.get("loss_factor", 1.0)
    if floor:
        ax.axhline(floor, color=COLOURS["floor"], ls=":", label=f"floor {number(floor)}")
    ax.set_yscale("log")
    ax.set(xlabel=by, ylabel="loss")
    if np.isfinite(smallest):
        ax.set_ylim(bottom=0.15 * floor if floor else max(smallest, 1e-16) * 0.6)
    if len(named) == 1:
        ax.set_title(f"Loss falls from {number(first.losses[0])} to {number(first.losses[-1])}")
    else:
        best = min(named, key=lambda name: named[name].losses[-1])
        ax.set_title(f"Lowest at the end: {best}, {number(named[best].losses[-1])}")
    style.legend(ax)
    below = f" The floor is {number(floor)}." if floor else ""
    style.set_alt(ax, f"Loss over {by}, logarithmic. {' '.join(parts)}{below}")
    return ax


def _curve_points(positions: NDArray[Any], width: float) -> NDArray[Any]:
    # Dense on the ramps, where the curve bends, and twice on a sharp step.
    if width == 0.0:
        steps = np.concatenate([positions - 1e-12, positions + 1e-12])
    else:
        steps = (positions[:, None] + width * np.linspace(-0.5, 0.5, 13)).ravel()
    return np.unique(np.clip(np.concatenate([[0.0, 1.0], steps]), 0.0, 1.0))


def _network(
    x: NDArray[Any], a: NDArray[Any], u: NDArray[Any], width: float, *, middle: bool = False
) -> NDArray[Any]:
    if width == 0.0:
        distance = x[:, None] - u
        active = (distance > 0) + 0.5 * (distance == 0.0) if middle else (distance > 0) * 1.0
    else:
        z = np.clip((x[:, None] - u) / width, -0.5, 0.5)
        active = 0.5 + z * (3.0 - 6.0 * np.abs(z) + 4.0 * z * z)
    return a[0] + active @ a[1:]


def _deviation(run: Trajectory, limit: Trajectory) -> str:
    if not np.array_equal(run.times, limit.times):
        return "The limit flow is shown as broad bands."
    apart = float(np.max(np.abs(run["positions"] - limit["positions"])))
    return f"The limit flow, as broad bands, is never farther than {number(apart, 2)} away."


def _position_range(positions: NDArray[Any]) -> tuple[float, float]:
    # Expelled neurons may run far away; the interval and its surroundings are what matters.
    low, high = float(positions.min()), float(positions.max())
    return max(min(low, 0.0), -0.5) - 0.02, min(max(high, 1.0), 1.5) + 0.02


def _named(runs: Runs) -> dict[str, Trajectory]:
    if isinstance(runs, Trajectory):
        runs = [runs]
    if isinstance(runs, Mapping):
        return dict(runs)
    words = {"limit_flow": "limit", "network_flow": "flow", "sgd": "SGD"}
    named: dict[str, Trajectory] = {}
    for run in runs:
        word = words.get(run.meta.get("dynamics", ""), "run")
        ratio = run.meta.get("timescale_ratio")
        label = word if ratio is None else f"{word}, ratio {number(ratio)}"
        named[label if label not in named else f"{label} ({len(named) + 1})"] = run
    return named


def _check_one_run(label: str, run: Trajectory) -> None:
    if run.losses is None:
        raise ValueError(f"{label} holds no losses; give a record of a flow or of sgd")
    if np.ndim(run.losses) != 1:
        raise ValueError(
            f"the losses of {label} have shape {np.shape(run.losses)}, those of an ensemble; one "
            "line needs one run: give plot_box the last row, or plot_loss single runs"
        )


def _jumps(count: int) -> str:
    return f"{count} jump" + ("" if count == 1 else "s")


__all__ = [
    "plot_box",
    "plot_limit_sketch",
    "plot_loss",
    "plot_network",
    "plot_positions",
    "plot_proof_sketch",
    "plot_state",
]
