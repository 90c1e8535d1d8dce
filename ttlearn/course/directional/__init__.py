"""Checks of the exercises on directional convergence under spherically symmetric data."""

from ttlearn.course.directional.depth import exponents, keeps_falling, polar_field
from ttlearn.course.directional.mine import (
    alignment_numbers,
    line,
    my_alignment,
    read_line,
)
from ttlearn.course.directional.shallow import (
    angle_depth_two,
    largest_step,
    log_half_angle,
    negative_gradient,
)

__all__ = [
    "alignment_numbers",
    "angle_depth_two",
    "exponents",
    "keeps_falling",
    "largest_step",
    "line",
    "log_half_angle",
    "my_alignment",
    "negative_gradient",
    "polar_field",
    "read_line",
]


def __dir__() -> list[str]:
    """The exercises and what they show; the Tab key offers no more."""
    return sorted(__all__)
