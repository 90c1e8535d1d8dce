"""Numbers at the front doors of this wing: what is refused, and how it is said."""

from __future__ import annotations

import math
from typing import Any


def check_positive(value: Any, name: str, *, zero: bool = False) -> float:
    """``value`` as a finite number above 0, or at least 0.

    >>> check_positive("far", "radius")
    Traceback (most recent call last):
        ...
    ValueError: radius is 'far'; a finite number above 0 is needed
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0.0 <= number < math.inf or (number == 0.0 and not zero):
        least = "of at least 0" if zero else "above 0"
        raise ValueError(f"{name} is {value!r}; a finite number {least} is needed")
    return number
