"""Checks of the exercises on two-timescale training of a network of steps.

Notation: a target that is constant on pieces, with ``jumps`` inside (0, 1) and one value per piece;
neurons at sorted ``positions``; the loss is the integral of the squared residual, without one half.
"""

from ttlearn.course.two_timescale.layer import fast_plateaus, slow_field
from ttlearn.course.two_timescale.mine import (
    curve,
    my_race,
    race_numbers,
    read_curve,
)
from ttlearn.course.two_timescale.race import conserved, hitting_time, stopping_distance
from ttlearn.course.two_timescale.steps import midpoint_step, step_count

__all__ = [
    "conserved",
    "curve",
    "fast_plateaus",
    "hitting_time",
    "midpoint_step",
    "my_race",
    "race_numbers",
    "read_curve",
    "slow_field",
    "step_count",
    "stopping_distance",
]


def __dir__() -> list[str]:
    """The exercises and what they show; the Tab key offers no more."""
    return sorted(__all__)
