"""The paper's drawings from the exact formulas: the limit with its arrows, the proof's two panels.

1. The paper's arrows are 2.3 times as long as the speeds. With the exact speeds the longest would
   leave the picture, so they are 0.9 times as long here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from ttlearn.figures import style
from ttlearn.figures.style import COLOURS, INK, number, numbers
from ttlearn.records import Trajectory
from ttlearn.two_timescale.coverage import target_of, width_of

ARROW = 0.9
"""Length of an arrow in units of x for a speed of 1."""


def plot_limit_sketch(record: Trajectory, ax: Axes | None = None) -> Axes:
    """Plateaus at their means, and the flanks of each jump with arrows as long as their speeds.

    Arguments:
        record: of experiment E2.

    >>> from ttlearn.two_timescale.experiments import run_experiment
    >>> plot_limit_sketch(run_experiment("E2").record).get_title()
    'The nearer flank is the faster one, at both jumps'
    """
    from ttlearn.figures.two_timescale import plot_state

    target, positions, speeds = target_of(record), record["positions"][0], record["speeds"][0]
    ax = plot_state(record["outer_weights"][0], positions, target, width_of(record), ax)
    low, flanks, nearer_is_faster = float(np.min(target.values)), [], True
    for jump, (left_speed, right_speed) in zip(target.jumps, speeds.reshape(-1, 2), strict=True):
        right = int(np.searchsorted(positions, jump))
        left_place, right_place = positions[right - 1], positions[right]
        # Below every curve, and each in a lane of its own.
        _arrow(ax, left_place, left_place + ARROW * left_speed, left_speed, -0.4 * low)
        _arrow(ax, right_place, right_place - ARROW * right_speed, right_speed, 0.2 * low)
        for place, speed in ((left_place, left_speed), (right_place, right_speed)):
            flanks.append(f"{number(place)} moves at {number(speed)} towards {number(jump)}")
        nearer_is_faster &= (jump - left_place < right_place - jump) == (left_speed > right_speed)
    ax.set_ylim(bottom=-0.8 * low)
    rule = "is the faster one, at both jumps" if nearer_is_faster else "is not always the faster"
    ax.set_title(f"The nearer flank {rule}")
    words = "; ".join(flanks)
    style.set_alt(ax, f"{style.get_alt(ax)} Arrows: the neuron at {words}.")
    return ax


def _arrow(ax: Axes, start: float, end: float, speed: float, height: float) -> None:
    arrow = {"arrowstyle": "->", "color": INK, "lw": 1.6}
    ax.annotate("", (end, height), (start, height), arrowprops=arrow)
    beside = max(start, end) + 0.01
    ax.text(beside, height, number(speed), va="center", fontsize=8, color=INK)


def plot_proof_sketch(record: Trajectory, panels: Sequence[Axes] | None = None) -> list[Axes]:
    """The two phases of the proof: the race to a window of one width, the stay in one of two.

    Arguments:
        record: of experiment E9.
        panels: two axes, or None.

    >>> from ttlearn.two_timescale.experiments import run_experiment
    >>> left, right = plot_proof_sketch(run_experiment("E9").record)
    >>> left.get_title(), right.get_title()
    ('Phase 1: both outside the window', 'Phase 2: one within two widths')
    """
    from ttlearn.figures.two_timescale import plot_state

    target, width = target_of(record), width_of(record)
    jump = float(target.jumps[0])
    titles = ("Phase 1: both outside the window", "Phase 2: one within two widths")
    drawn = list(panels or style.panels(1, 2, width=8.0, height=3.2))
    for panel, (ax, title) in enumerate(zip(drawn, titles, strict=True)):
        positions, half = record["positions"][panel], width * (0.5, 1.0)[panel]
        plot_state(record["outer_weights"][panel], positions, target, width, ax)
        ax.axvspan(jump - half, jump + half, color=COLOURS["bound"], alpha=0.25, lw=0)
        ax.set_title(title)
        style.set_alt(
            ax,
            f"{title}. The jump is at {number(jump)}, the window is {number(2 * half)} wide, the "
            f"neurons are at {numbers(positions)}.",
        )
    return drawn
