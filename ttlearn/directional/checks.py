"""The front door: bad input is refused here, outside of jit, with what was found and the fix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ttlearn.dynamics.checks import check_count

Array = npt.NDArray[np.float64]

LARGEST_DEPTH = 64
LARGEST_TIME = 1e18


def number(value: Any, name: str) -> float:
    """A finite float, or a ValueError that names ``name``."""
    try:
        result = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is {value!r}; one real number needed") from error
    if not math.isfinite(result):
        raise ValueError(f"{name} is {result}; a finite number needed")
    return result


def positive(value: Any, name: str, why: str = "") -> float:
    """A float above zero."""
    result = number(value, name)
    if result <= 0:
        raise ValueError(f"{name} is {result}; a number above 0 needed{'; ' + why if why else ''}")
    return result


def depth(value: Any) -> int:
    """A depth: 1 is the linear predictor."""
    return check_count(value, "depth", 1, LARGEST_DEPTH)


def leak(value: Any) -> float:
    """The negative-side slope: 0 for ReLU, 1 for a linear unit."""
    result = number(value, "leak")
    if not 0 <= result <= 1:
        raise ValueError(f"leak is {result}; allowed is 0 (ReLU) to 1 (linear)")
    return result


def step_size(value: Any) -> float:
    """A step size of gradient descent."""
    return positive(value, "step_size", "for the limit of small steps use the gradient flow")


def times(value: Any) -> Array:
    """Output times: one axis, increasing, from 0 on."""
    result = np.asarray(value, dtype=np.float64)
    if result.ndim != 1 or result.size == 0:
        raise ValueError(f"times has shape {result.shape}; one axis with at least one entry needed")
    if not np.all(np.isfinite(result)) or np.any(np.diff(result) <= 0):
        raise ValueError("times must be finite and increasing; sort them and drop repeated ones")
    if result[0] < 0 or result[-1] > LARGEST_TIME:
        raise ValueError(
            f"times run from {result[0]} to {result[-1]}; allowed is 0 to {LARGEST_TIME:g}"
        )
    return result


def vector(value: Any, name: str, dimension: int | None = None) -> Array:
    """A finite vector of at least two components."""
    result = np.asarray(value, dtype=np.float64)
    if result.ndim != 1 or result.size < 2:
        raise ValueError(f"{name} has shape {result.shape}; a vector of 2 or more numbers needed")
    if dimension is not None and result.size != dimension:
        raise ValueError(f"{name} has {result.size} components; {dimension} needed")
    if not np.all(np.isfinite(result)):
        raise ValueError(f"{name} is {result}; finite numbers needed")
    return result


def law_vector(value: Any, name: str, law: Any) -> Array:
    """A finite vector in the law's space; with fewer components, in a plane of it or the like."""
    result = vector(value, name)
    if result.size > law.dimension:
        raise ValueError(
            f"{name} has {result.size} components and {law.name} has dimension {law.dimension}; "
            "no more than that are allowed (fewer are: the others are 0)"
        )
    return result


def teacher(value: Any, dimension: int | None = None) -> Array:
    """A labelling direction, scaled to length 1."""
    result = vector(value, "teacher", dimension)
    length = float(np.linalg.norm(result))
    if length == 0:
        raise ValueError("teacher is the zero vector, which labels nothing; give it a direction")
    return np.asarray(result / length)


def start(norm: Any, angle: Any, depth: int) -> tuple[float, float]:
    """A start in the (norm, angle) plane."""
    length = number(norm, "norm")
    if length <= 0:
        raise ValueError(
            f"norm is {length}; the (norm, angle) form needs a norm above 0. "
            + (
                "The origin is regular at depth 1: use cartesian_flow"
                if depth == 1
                else "The origin is a stationary point at depth >= 2: the weights stay there"
            )
        )
    theta = number(angle, "angle")
    if not 0 <= theta <= math.pi:
        raise ValueError(f"angle is {theta}; allowed is 0 to pi, the angle to the teacher")
    return length, theta


def steps(value: Any) -> npt.NDArray[np.int64]:
    """Steps to keep: one axis, increasing whole numbers from 0 on."""
    found = times(value)
    if np.any(found != np.floor(found)) or found[-1] > 2**31 - 1:
        raise ValueError("steps must be whole numbers up to 2^31 - 1")
    return found.astype(np.int64)
