"""Figures of the directional wing that show data or several neurons."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ttlearn.directional.experiments import SampleRuns
from ttlearn.figures import style
from ttlearn.figures.style import COLOURS, CYCLE, INK, number
from ttlearn.records import Trajectory


def plot_boundary(points: Any, weights: Any, ax: Axes | None = None) -> Axes:
    """Labelled data in the plane, the decision line, and the band where the model hesitates.

    Arguments:
        points: labelled points z = y x, shape (n, 2), teacher along the first axis.
        weights: w, shape (2,): the line is w.x = 0, the band |w.x| < 1.

    >>> from ttlearn.directional import Gaussian, draw_sample
    >>> plot_boundary(draw_sample(Gaussian(), 50), [3.0, 0.0]).get_title()
    'Angle 0, band of half-width 0.333'
    """
    ax = style.axes(ax, width=4.6, height=4.4)
    data, w = np.asarray(points, np.float64), np.asarray(weights, np.float64)
    side = np.where(np.arange(len(data)) % 2 == 0, 1.0, -1.0)  # z and -z look the same
    for sign, mark, colour in ((1.0, "o", CYCLE[0]), (-1.0, "^", CYCLE[1])):
        shown = data[side == sign] * sign
        ax.plot(shown[:, 0], shown[:, 1], mark, ms=4, color=colour, label=f"label {sign:+.0f}")
    norm = float(np.hypot(*w))
    normal, along = w / norm, np.array([-w[1], w[0]]) / norm
    reach = 1.1 * float(np.abs(data).max())
    line = np.outer([-2 * reach, 2 * reach], along)
    ax.plot(line[:, 0], line[:, 1], color=INK, lw=2, label="decision line")
    for shift in (-1 / norm, 1 / norm):
        ax.plot(*(line + shift * normal).T, "--", color=COLOURS["bound"], lw=1)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="x1", ylabel="x2", aspect="equal")
    angle = math.atan2(abs(w[1]), w[0])
    inside = float(np.mean(np.abs(data @ w) < 1))
    ax.set_title(f"Angle {number(angle)}, band of half-width {number(1 / norm)}")
    style.legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    style.set_alt(
        ax,
        f"{len(data)} labelled points and the decision line at angle {number(angle)} to the "
        f"teacher's. {number(100 * inside, 2)} percent of the points lie within "
        f"{number(1 / norm)} of it.",
    )
    return ax


def plot_two_nodes(run: Trajectory, ax: Axes | None = None) -> Axes:
    """Angles of the two neurons and of the decision boundary against time.

    >>> from ttlearn.directional import Sphere, two_node_flow
    >>> run = two_node_flow(Sphere(2), (0.4, 1.2), (-0.4, 1.2), [1.0, 10.0, 100.0], 0.1)
    >>> plot_two_nodes(run).get_title()
    'Leak 0.1: no angle rises'
    """
    ax = style.axes(ax)
    names = {
        "first_angle": ("w1 to v", "-"),
        "second_angle": ("w2 to -v", "--"),
        "boundary_angle": ("w1 - w2 to v: the boundary", ":"),
    }
    rising, words = [], []
    for i, (key, (label, dash)) in enumerate(names.items()):
        angle = np.asarray(run[key])
        ax.plot(run.times, np.maximum(angle, 1e-13), dash, color=CYCLE[i], label=label)
        rise = float((angle - np.minimum.accumulate(angle)).max())
        if rise > 1e-3:
            rising.append(label.split(":")[0])
        # Below the axis an angle is rounding, and differs from machine to machine.
        end = f"ends at {number(angle[-1], 2)}" if angle[-1] > 1e-12 else "ends at 0 to rounding"
        words.append(f"{label.split(':')[0]} {end}")
    ax.set(xscale="log", yscale="log", xlabel="time", ylabel="angle (rad)", ylim=(1e-12, 4))
    found = (
        f"the angle of {' and of '.join(rising)} rises on the way" if rising else "no angle rises"
    )
    ax.set_title(f"Leak {number(run.meta['leak'])}: {found}")
    style.legend(ax)
    style.set_alt(
        ax,
        f"Three angles against time to {number(run.times[-1])}: {'; '.join(words)}. In it {found}.",
    )
    return ax


def plot_samples(found: SampleRuns, ax: Axes | None = None) -> Axes:
    """Angles of finite-sample flows, the population's, the floor and t*.

    >>> from ttlearn.directional.experiments import sample_runs
    >>> plot_samples(sample_runs(count=100, replicates=2, last=100.0)).get_title()
    '100 points: the angle stops at the floor'
    """
    ax = style.axes(ax)
    times = found.population.times
    for i, run in enumerate(found.runs):
        label = "samples" if i == 0 else None
        ax.plot(times, np.abs(run["angle"]), color=CYCLE[0], lw=1, alpha=0.6, label=label)
    ax.plot(times, found.population["angle"], color=COLOURS["limit"], lw=2, label="population")
    ax.plot(times, found.floor, "--", color=COLOURS["floor"], lw=2, label="predicted floor")
    if found.departure <= times[-1]:
        ax.axvline(found.departure, ls=":", color=INK, label="t*")
    ax.set(xscale="log", yscale="log", xlabel="time", ylabel="angle (rad)")
    ax.set_ylim(float(found.floor[-1]) / 30, 4)
    count = int(found.runs[0].meta["count"])
    ax.set_title(f"{count} points: the angle stops at the floor")
    style.legend(ax)
    square = float(np.sqrt(np.mean([run["angle"][-1] ** 2 for run in found.runs])))
    style.set_alt(
        ax,
        f"Angle against time for {len(found.runs)} samples of {count} points. At time "
        f"{number(times[-1])} their root mean square is {number(square, 2)}, the predicted floor "
        f"{number(found.floor[-1], 2)}, the population's angle "
        f"{number(found.population['angle'][-1], 2)}.",
    )
    return ax


def plot_anisotropy(run: Trajectory, predicted: Any, ax: Axes | None = None) -> Axes:
    """The angle of an anisotropic flow, its change of sign, and the late power law.

    Arguments:
        run: from ``anisotropic_flow``, in the plane.
        predicted: shape (K,), from ``anisotropic_angle``.

    >>> from ttlearn.directional import anisotropic_angle, anisotropic_flow
    >>> v, t = [0.76, 0.64], np.geomspace(0.1, 1e3, 30)
    >>> run = anisotropic_flow(np.diag([1.0, 4.0]), [0.6, -0.8], t, v)
    >>> plot_anisotropy(run, anisotropic_angle(np.diag([1.0, 4.0]), t, v)).get_title()
    'The path overshoots the teacher near time 3, then crawls back'
    """
    ax = style.axes(ax)
    angle, late = np.asarray(run["angle"]), np.asarray(predicted)
    before = angle < 0
    ax.plot(
        run.times, np.where(before, -angle, np.nan), color=CYCLE[0], label="short of the teacher"
    )
    ax.plot(run.times, np.where(before, np.nan, angle), "--", color=CYCLE[1], label="beyond it")
    ax.plot(run.times, late, ":", color=INK, lw=2, label="power -2/3 of time")
    ax.set(xscale="log", yscale="log", xlabel="time", ylabel="angle (rad)")
    ax.set_ylim(float(late[-1]) / 3, 4)
    crossings = np.flatnonzero(before[:-1] & ~before[1:])
    title = "The angle follows a power of time"
    if crossings.size:
        when = number(run.times[crossings[0] + 1], 1)
        title = f"The path overshoots the teacher near time {when}, then crawls back"
    ax.set_title(title)
    style.legend(ax)
    style.set_alt(
        ax,
        f"Angle against time to {number(run.times[-1])}. {title}. At the end the angle is "
        f"{number(angle[-1])}; the power law says {number(late[-1])}.",
    )
    return ax
