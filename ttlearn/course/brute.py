"""Brute force: slow, plain numerics that say whether an answer is right without its formula."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def follow(field: Callable[[Array], Array], start: Array, time: float, steps: int) -> Array:
    """The state after ``time`` of the flow of ``field``, by ``steps`` steps of Runge and Kutta."""
    state, size = np.array(start, dtype=float), time / steps
    for _ in range(steps):
        one = field(state)
        two = field(state + size / 2 * one)
        three = field(state + size / 2 * two)
        four = field(state + size * three)
        state = state + size / 6 * (one + 2 * two + 2 * three + four)
    return state


def slope_along(function: Callable[[Array], float], point: Array, direction: Array) -> float:
    """The derivative of ``function`` at ``point`` along ``direction``, by central differences."""
    step = (
        1e-4
        * max(float(np.max(np.abs(point))), 1e-3)
        / max(float(np.max(np.abs(direction))), 1e-12)
    )
    near = function(point + step * direction) - function(point - step * direction)
    far = function(point + 2 * step * direction) - function(point - 2 * step * direction)
    return float((8 * near - far) / (12 * step))


def gradient(function: Callable[[Array], float], point: Array, step: float = 1e-4) -> Array:
    """The gradient of ``function`` at ``point``, by central differences of fourth order."""
    slopes = np.zeros_like(point)
    for index in range(point.size):
        unit = np.zeros_like(point)
        unit[index] = step
        near = function(point + unit) - function(point - unit)
        far = function(point + 2 * unit) - function(point - 2 * unit)
        slopes[index] = (8 * near - far) / (12 * step)
    return slopes


def hessian(function: Callable[[Array], float], point: Array, step: float = 1e-3) -> Array:
    """The matrix of second derivatives, by differences of :func:`gradient`."""
    rows = []
    for index in range(point.size):
        unit = np.zeros_like(point)
        unit[index] = step
        rows.append(
            (gradient(function, point + unit) - gradient(function, point - unit)) / 2 / step
        )
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2
