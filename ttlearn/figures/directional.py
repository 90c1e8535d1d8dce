"""Figures of the directional wing: the (norm, angle) plane, rates, descent, two nodes, samples.

Each draws a record of :mod:`ttlearn.directional` and attaches an alt text made from its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ttlearn.directional import exponents, nullcline
from ttlearn.directional.law import Law
from ttlearn.figures import style
from ttlearn.figures.directional_data import (
    plot_anisotropy,
    plot_boundary,
    plot_samples,
    plot_two_nodes,
)
from ttlearn.figures.style import COLOURS, CYCLE, DASHES, INK, number, numbers
from ttlearn.records import Trajectory

TEN = math.log(10)


def plot_plane(
    runs: Mapping[str, Trajectory], law: Law, ax: Axes | None = None, *, largest: float = 6.0
) -> Axes:
    """Orbits in the (norm, angle) plane with the nullcline on which the norm rests.

    Arguments:
        runs: name -> Trajectory of ``flow`` (any depth).
        law: the law of the data, for the nullcline.
        largest: right end of the norm axis.

    >>> from ttlearn.directional import Gaussian, flow
    >>> run = flow(Gaussian(), 1.0, 2.0, np.linspace(0, 10, 50))
    >>> plot_plane({"depth 1": run}, Gaussian()).get_title()
    'The norm falls above the dashed line and rises below it'
    """
    ax = style.axes(ax)
    rho = np.linspace(1e-3, largest, 300)
    ax.plot(rho, nullcline(law, rho), "--", color=COLOURS["bound"], lw=2, label="norm at rest")
    words = []
    for i, (name, run) in enumerate(runs.items()):
        colour = CYCLE[i % len(CYCLE)]
        ax.plot(run["norm"], run["angle"], color=colour, label=name)
        ax.plot(run["norm"][:1], run["angle"][:1], "o", ms=5, color=colour)
        low = int(np.argmin(run["norm"]))
        words.append(
            f"{name} starts at norm {number(run['norm'][0])}, angle {number(run['angle'][0])}, and "
            f"has its smallest norm {number(run['norm'][low])} at angle {number(run['angle'][low])}"
        )
    ax.set(xlim=(0, largest), ylim=(0, math.pi), xlabel="norm", ylabel="angle to the teacher (rad)")
    ax.set_title("The norm falls above the dashed line and rises below it")
    style.legend(ax)
    style.set_alt(ax, f"Orbits in the plane of norm and angle. {'. '.join(words)}.")
    return ax


def plot_slow_and_fast(run: Trajectory, ax: Axes | None = None) -> Axes:
    """Loss and angle of one flow against time, both on logarithmic scales.

    The angle is drawn as log10, from log_half_angle, so that it may fall below 1e-308.

    >>> from ttlearn.directional import Gaussian, flow
    >>> run = flow(Gaussian(), 1.0, 2.0, np.geomspace(1, 1e4, 50))
    >>> plot_slow_and_fast(run).get_title()
    'At time 10000 the loss is 0.0244, the angle 1e-98.4'
    """
    ax = style.axes(ax)
    log_angle = log10_angle(run)
    ax.plot(run.times, np.log10(run.losses), color=CYCLE[0], label="loss")
    ax.plot(run.times, log_angle, "--", color=CYCLE[1], label="angle to the teacher")
    ax.set(xscale="log", xlabel="time", ylabel="power of ten")
    last, loss, angle = run.times[-1], run.losses[-1], log_angle[-1]
    ax.set_title(f"At time {number(last)} the loss is {number(loss)}, the angle 1e{angle:.1f}")
    style.legend(ax)
    style.set_alt(
        ax,
        f"Loss and angle against time from {number(run.times[0])} to {number(last)}. The loss "
        f"falls from {number(run.losses[0])} to {number(loss)}; the angle from "
        f"10^{number(log_angle[0])} to 10^{number(angle)}.",
    )
    return ax


def log10_angle(run: Trajectory) -> Any:
    """log10 of the angle, from log_half_angle where the angle itself underflows.

    >>> run = Trajectory(np.array([0.0]), {"log_half_angle": np.array([-1000.0])})
    >>> log10_angle(run).round(1)
    array([-434.])
    """
    y = np.asarray(run["log_half_angle"])
    small = y / TEN + math.log10(2)
    with np.errstate(divide="ignore"):
        return np.where(y < -8, small, np.log10(2 * np.arctan(np.exp(np.clip(y, -700, 700)))))


def plot_alignment(runs: Mapping[str, Trajectory], ax: Axes | None = None) -> Axes:
    """ln cot(theta/2) against the norm squared: straight lines, for every law and depth.

    >>> from ttlearn.directional import Gaussian, flow
    >>> run = flow(Gaussian(), 1.0, 2.0, np.geomspace(1, 1e4, 50))
    >>> plot_alignment({"depth 1": run}).get_title()
    'The logarithm of the angle is a straight line in the squared norm'
    """
    ax = style.axes(ax)
    slopes = []
    for i, (name, run) in enumerate(runs.items()):
        square, fall = run["norm"] ** 2, -run["log_half_angle"]
        ax.plot(square, fall, DASHES[i % len(DASHES)], color=CYCLE[i % len(CYCLE)], label=name)
        slopes.append(f"{name} {number((fall[-1] - fall[-2]) / (square[-1] - square[-2]))}")
    shared = min(float(run["norm"][-1]) ** 2 for run in runs.values())
    top = max(float(np.interp(shared, r["norm"] ** 2, -r["log_half_angle"])) for r in runs.values())
    ax.set(xlabel="norm squared", ylabel="ln cot(angle/2)", xlim=(0, shared), ylim=(0, 1.05 * top))
    ax.set_title("The logarithm of the angle is a straight line in the squared norm")
    style.legend(ax)
    style.set_alt(
        ax, f"ln cot(angle/2) against the squared norm. Slopes at the end: {', '.join(slopes)}."
    )
    return ax


def plot_rates(runs: Mapping[int, Trajectory], law: Law, ax: Axes | None = None) -> Axes:
    """ln cot(theta/2) against time for several depths, with the powers that theory gives.

    Arguments:
        runs: depth -> Trajectory.
        law: the law of the data, for the powers.

    >>> from ttlearn.directional import Gaussian, flow
    >>> runs = {n: flow(Gaussian(), 1.0, 2.0, np.geomspace(10, 1e6, 50), n) for n in (1, 3)}
    >>> plot_rates(runs, Gaussian()).get_title()
    'Deeper ends faster: powers 0.667 and 1.2 of time'
    """
    ax = style.axes(ax)
    powers = []
    for i, (depth, run) in enumerate(sorted(runs.items())):
        colour, fall = CYCLE[i % len(CYCLE)], -run["log_half_angle"]
        shown = fall > 0
        ax.plot(run.times[shown], fall[shown], color=colour, label=f"depth {depth}")
        power = exponents(law, depth).alignment
        said = fall[-1] * (run.times / run.times[-1]) ** power
        ax.plot(run.times, said, ":", color=INK)
        powers.append(power)
    ax.set(xscale="log", yscale="log", xlabel="time", ylabel="ln cot(angle/2)", ylim=(0.1, None))
    ax.set_title(f"Deeper ends faster: powers {numbers(powers)} of time")
    style.legend(ax)
    style.set_alt(
        ax,
        f"ln cot(angle/2) against time for depths {numbers(sorted(runs))}, with dotted lines of "
        f"powers {numbers(powers)} that the curves join.",
    )
    return ax


def plot_equal_loss(runs: Mapping[int, Trajectory], ax: Axes | None = None) -> Axes:
    """Angle against loss for several depths: at equal loss the shallower points better.

    >>> from ttlearn.directional import Gaussian, flow
    >>> runs = {n: flow(Gaussian(), 1.0, 2.0, np.geomspace(0.1, 1e4, 50), n) for n in (1, 4)}
    >>> plot_equal_loss(runs).get_title()
    'At equal loss the shallower network points better'
    """
    ax = style.axes(ax)
    level = max(run.losses[-1] for run in runs.values())
    words = []
    for i, (depth, run) in enumerate(sorted(runs.items())):
        log_angle = log10_angle(run)
        ax.plot(run.losses, log_angle, color=CYCLE[i % len(CYCLE)], label=f"depth {depth}")
        there = np.interp(-level, -run.losses, log_angle)
        words.append(f"10^{number(there)} at depth {depth}")
    low = min(float(log10_angle(run)[run.losses >= level * 0.9].min()) for run in runs.values())
    ax.set(xscale="log", xlabel="loss", ylabel="log10 of the angle", ylim=(1.2 * low, 1))
    ax.set_xlim(2, 0.8 * level)
    ax.set_title("At equal loss the shallower network points better")
    style.legend(ax)
    style.set_alt(
        ax, f"log10 of the angle against the loss. At loss {number(level)}: {', '.join(words)}."
    )
    return ax


def plot_catapult(run: Trajectory, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Sharpness against 2 / step size, and the angle that answers, for descent.

    Arguments:
        run: from ``descent``.
        axes: two axes, or None.

    >>> from ttlearn.directional.experiments import catapult
    >>> plot_catapult(catapult(steps=3200, keep=641))[0].get_title()
    'The sharpness passes 2/step size at step 1005'
    """
    above, below = (style.dress(ax) for ax in axes or style.panels(2, 1, height=5.2))
    limit = 2 / float(run.meta["step_size"])
    log_angle, steps = log10_angle(run), run.times
    above.plot(steps, run["sharpness"], color=CYCLE[0], label="sharpness across the teacher")
    above.axhline(limit, ls="--", color=COLOURS["bound"], label="2 / step size")
    above.set(ylabel="sharpness")
    crossed = np.flatnonzero(run["sharpness"] > limit)
    title = "The sharpness stays below 2/step size"
    if crossed.size:
        title = f"The sharpness passes 2/step size at step {int(steps[crossed[0]])}"
    above.set_title(title)
    style.legend(above)
    style.set_alt(above, f"Sharpness against steps to {int(steps[-1])}. {title}.")
    below.plot(steps, log_angle, color=CYCLE[1])
    below.set(xlabel="step", ylabel="log10 of the angle")
    low = int(np.argmin(log_angle))
    after = float(log_angle[low:].max())
    below.set_title(
        f"The angle falls to 1e{log_angle[low]:.0f}"
        + (f" and climbs back to 1e{after:.1f}" if after > log_angle[low] + 5 else "")
    )
    style.set_alt(
        below,
        f"log10 of the angle against steps: lowest {number(log_angle[low])} at step "
        f"{int(steps[low])}, highest after that {number(after)}.",
    )
    return [above, below]


def plot_bound(run: Trajectory, slack: Any, ax: Axes | None = None, *, printed: Any = None) -> Axes:
    """The slack of a bound along a flow: the bound holds where it is positive.

    Arguments:
        run: the flow.
        slack: shape (K,), the exponent minus the bound's, at the flow's times.
        printed: the slack of the bound as printed, to compare.

    >>> from ttlearn.directional.claims.bounds import theorem_1_slack
    >>> from ttlearn.directional.claims.common import CIRCLE, PAPER_ANGLE, path
    >>> slack = theorem_1_slack(CIRCLE, 1.0, PAPER_ANGLE)
    >>> plot_bound(path(CIRCLE, 1.0, PAPER_ANGLE, 1), slack).get_title()
    'The bound holds: least slack 1.19e-7'
    """
    ax = style.axes(ax)
    slack = np.asarray(slack)
    ax.axhline(0, color=INK, lw=1)
    ax.plot(run.times, slack, color=COLOURS["success"], label="corrected")
    title = f"The bound {'holds' if slack.min() >= -1e-8 else 'fails'}: least slack "
    title += number(slack.min())
    words = f"Slack of the bound against time; least {number(slack.min())}."
    if printed is not None:
        printed = np.asarray(printed)
        ax.plot(run.times, printed, "--", color=COLOURS["failure"], label="as printed")
        when = run.times[np.argmin(printed)]
        title = (
            f"As printed the bound fails by {number(-printed.min())} near time {number(when, 2)}"
        )
        words += f" As printed it falls to {number(printed.min())} near time {number(when, 2)}."
    ax.set(xscale="log", xlabel="time", ylabel="slack of the exponent")
    ax.set_yscale("symlog", linthresh=1.0)
    ax.set_title(title)
    style.legend(ax)
    style.set_alt(ax, words)
    return ax


__all__ = [
    "log10_angle",
    "plot_alignment",
    "plot_anisotropy",
    "plot_bound",
    "plot_boundary",
    "plot_catapult",
    "plot_equal_loss",
    "plot_plane",
    "plot_rates",
    "plot_samples",
    "plot_slow_and_fast",
    "plot_two_nodes",
]
