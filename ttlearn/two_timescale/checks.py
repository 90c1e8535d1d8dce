"""What the front doors of this wing refuse, and how they say so."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ttlearn.two_timescale.activation import SLOPES
from ttlearn.two_timescale.target import Target

MAX_NEURONS = 100_000


def check_target(target: Any) -> Target:
    """Refuse what is not a :class:`.Target`."""
    if not isinstance(target, Target):
        raise TypeError(
            f"target is a {type(target).__name__}; give ttlearn.two_timescale.Target(jumps, values)"
        )
    return target


def check_number(value: Any, name: str, *, zero: bool = False, fix: str = "") -> float:
    """``value`` as a finite float above 0 (or at least 0).

    >>> check_number(-1, "activation_width")
    Traceback (most recent call last):
        ...
    ValueError: activation_width is -1; a finite number above 0 is needed
    """
    least = "of at least 0" if zero else "above 0"
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0.0 or (number == 0.0 and not zero):
        raise ValueError(
            f"{name} is {value!r}; a finite number {least} is needed{'; ' + fix if fix else ''}"
        )
    return number


def check_width(activation_width: Any) -> float:
    """The width of the smoothed step, > 0."""
    fix = "for sharp steps use the limit flow or the sharp_* functions"
    return check_number(activation_width, "activation_width", fix=fix)


def check_ratio(timescale_ratio: Any) -> float:
    """The timescale ratio, > 0."""
    fix = "for the limit of ratio 0 use limit_flow"
    return check_number(timescale_ratio, "timescale_ratio", fix=fix)


def check_loss_factor(loss_factor: Any) -> float:
    """1 or 1/2."""
    if loss_factor not in (1, 0.5):
        raise ValueError(
            f"loss_factor is {loss_factor!r}; allowed are 1 (the paper's plots) and 0.5"
        )
    return float(loss_factor)


def check_slope(slope: Any) -> str:
    """``"exact"`` or ``"box"``."""
    if slope not in SLOPES:
        raise ValueError(f"slope is {slope!r}; allowed are {SLOPES}")
    return str(slope)


def as_floats(values: Any, name: str) -> NDArray[np.float64]:
    """A new float64 array of ``values``.

    >>> as_floats([0.5, "far"], "positions")
    Traceback (most recent call last):
        ...
    ValueError: positions is [0.5, 'far']; an array or list of real numbers is needed
    """
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        text = repr(values) if len(repr(values)) < 80 else f"a {type(values).__name__}"
        raise ValueError(f"{name} is {text}; an array or list of real numbers is needed") from error


def check_positions(positions: ArrayLike) -> NDArray[np.float64]:
    """Positions of at least one neuron: one axis, finite, float64."""
    array = as_floats(positions, "positions")
    if array.ndim != 1:
        raise ValueError(
            f"positions has shape {array.shape}; one axis is needed, one number for each neuron"
        )
    if array.size < 1:
        raise ValueError("positions is empty; a network needs at least one neuron")
    if array.size > MAX_NEURONS:
        raise ValueError(f"{array.size} neurons found; at most {MAX_NEURONS} are allowed")
    if not np.all(np.isfinite(array)):
        where = int(np.argmin(np.isfinite(array)))
        raise ValueError(f"positions[{where}] is {array[where]}; every position must be finite")
    return array


def check_weights(outer_weights: ArrayLike | None, neurons: int) -> NDArray[np.float64]:
    """Outer weights with the bias first: m+1 finite numbers; zeros when None is given."""
    if outer_weights is None:
        return np.zeros(neurons + 1)
    array = as_floats(outer_weights, "outer_weights")
    if array.shape != (neurons + 1,):
        raise ValueError(
            f"outer_weights has shape {array.shape}; {neurons} neurons need ({neurons + 1},): "
            "the output bias, then one weight for each neuron"
        )
    if not np.all(np.isfinite(array)):
        raise ValueError("outer_weights holds NaN or infinity; every weight must be finite")
    return array


def check_times(slow_times: ArrayLike) -> NDArray[np.float64]:
    """Slow times: finite, increasing, >= 0, the last one > 0."""
    times = np.atleast_1d(as_floats(slow_times, "slow_times"))
    if times.ndim != 1 or times.size == 0:
        raise ValueError(f"slow_times has shape {times.shape}; at least one time is needed")
    if not np.all(np.isfinite(times)):
        raise ValueError("slow_times holds NaN or infinity; every time must be finite")
    if np.any(np.diff(times) <= 0.0):
        raise ValueError("slow_times must increase; np.unique sorts them and drops repeated ones")
    if times[0] < 0.0 or times[-1] <= 0.0:
        raise ValueError(
            f"slow_times run from {times[0]} to {times[-1]}; they start at 0 or later and the last "
            "one, the horizon, must be above 0"
        )
    return times


def check_limit_start(positions: ArrayLike, target: Target) -> NDArray[np.float64]:
    """A start of the limit flow: inside (0, 1), distinct, off the jumps."""
    array = check_positions(positions)
    if np.any(array <= 0.0) or np.any(array >= 1.0):
        outside = array[(array <= 0.0) | (array >= 1.0)]
        raise ValueError(
            f"positions {outside.tolist()} lie outside (0, 1); the limit flow starts inside it"
        )
    if np.unique(array).size < array.size:
        raise ValueError(
            "two neurons start in one place; the limit flow keeps them together for ever, so drop "
            "one or move it a little"
        )
    on_jump = np.intersect1d(array, np.asarray(target.jumps))
    if on_jump.size:
        raise ValueError(
            f"a neuron starts on the jump at {on_jump[0]}, where the limit flow is not unique; "
            "move it to the side you mean"
        )
    return array
