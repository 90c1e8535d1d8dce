"""When a network has found a jump: neurons beside it that carry its height."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ttlearn.records import Trajectory
from ttlearn.two_timescale.target import Target


def covered_jumps(
    outer_weights: ArrayLike, positions: ArrayLike, target: Target, activation_width: float
) -> NDArray[np.bool_]:
    """Which jumps are covered: the weights within two widths add up to the jump, within a quarter.

    |sum_{|u_j - v_i| <= 2 width} a_j / J_i - 1| <= 1/4. A neuron beside a jump is not enough: it
    may carry the wrong weight.

    Arguments:
        outer_weights: shape (..., m+1), bias first.
        positions: shape (..., m).
        target: the function to fit.
        activation_width: >= 0; at 0 a neuron must stand on the jump, to rounding.

    Returns: shape (..., n-1).

    >>> covered_jumps([0.0, 1.1, 3.0], [0.5, 0.9], Target([0.5], [0.0, 1.0]), 0.01).tolist()
    [True]
    """
    weights, places = np.asarray(outer_weights)[..., 1:], np.asarray(positions)
    radius = max(2.0 * activation_width, 1e-9)
    near = np.abs(places[..., None] - target.jumps) <= radius
    carried = np.sum(near * weights[..., None], axis=-2)
    return np.abs(carried / target.jump_sizes - 1.0) <= 0.25


def distance_to_jumps(positions: ArrayLike, target: Target) -> NDArray[np.float64]:
    """Distance of each jump from its nearest neuron: shape (..., n-1).

    >>> distance_to_jumps([0.1, 0.6], Target([0.5], [0.0, 1.0])).round(6).tolist()
    [0.1]
    """
    places = np.asarray(positions, np.float64)
    return np.min(np.abs(places[..., None] - target.jumps), axis=-2)


def target_of(run: Trajectory) -> Target:
    """The target that a trajectory of this wing was run on."""
    return Target(run.meta["jumps"], run.meta["values"])


def width_of(run: Trajectory) -> float:
    """The activation width of a trajectory of this wing; 0 for the limit flow."""
    return float(run.meta.get("activation_width", 0.0))


def covered_along(run: Trajectory) -> NDArray[Any]:
    """Which jumps are covered at each saved time: shape (K, n-1)."""
    return covered_jumps(run["outer_weights"], run["positions"], target_of(run), width_of(run))
