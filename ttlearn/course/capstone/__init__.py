"""Checks of the capstone: one network, three lenses.

A plateau of a ReLU network is read as a slow manifold (the output layer is at its fast solution),
and the direction in which a saddle is left as a direction that wins.
"""

from ttlearn.course.capstone.direction import leaving_direction, off_axis
from ttlearn.course.capstone.manifold import fast_output, slow_force
from ttlearn.course.capstone.mine import escape_numbers, escape_start, my_escape
from ttlearn.course.capstone.spectrum import separation

__all__ = [
    "escape_numbers",
    "escape_start",
    "fast_output",
    "leaving_direction",
    "my_escape",
    "off_axis",
    "separation",
    "slow_force",
]


def __dir__() -> list[str]:
    """The exercises and what they show; the Tab key offers no more."""
    return sorted(__all__)
