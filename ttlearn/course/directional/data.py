"""Random data and brute-force risks for the directional exercises."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rng = np.random.Generator


def unit(rng: Rng, dimension: int) -> Array:
    """A random direction."""
    vector = rng.normal(size=dimension)
    return np.asarray(vector / np.linalg.norm(vector))


def at_angle(teacher: Array, log_half_angle: float, norm: float, rng: Rng) -> Array:
    """A vector of this norm whose ln tan(angle / 2) to the teacher is ``log_half_angle``."""
    side = rng.normal(size=teacher.size)
    side -= (side @ teacher) * teacher
    side /= np.linalg.norm(side)
    along, across = -np.tanh(log_half_angle), 1 / np.cosh(log_half_angle)
    return np.asarray(norm * (along * teacher + across * side))


@functools.cache
def _half_plane() -> tuple[Array, Array, Array]:
    """Nodes of a Gaussian in the half-plane in front of the teacher, and their weights (sum 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    ahead, ahead_weight = 4.5 * (nodes + 1), 4.5 * weights
    aside, aside_weight = 9 * nodes, 9 * weights
    grid = np.meshgrid(ahead, aside, indexing="ij")
    density = np.exp(-(grid[0] ** 2 + grid[1] ** 2) / 2) / np.pi
    return grid[0], grid[1], density * ahead_weight[:, None] * aside_weight


def gaussian_risk(w: Array, teacher: Array) -> float:
    """The population risk of w in the plane, for Gaussian data, by a sum over a grid."""
    ahead, aside, weights = _half_plane()
    along = float(w @ teacher)
    across = float(w @ np.array([-teacher[1], teacher[0]]))
    return float(np.sum(weights * np.logaddexp(0, -(along * ahead + across * aside))))


def circle_pull(norm: Any) -> Any:
    """The radial pull on a vector of this norm that points at the teacher; data on the circle."""
    x = np.abs(np.cos((np.arange(2000) + 0.5) * np.pi / 2000))
    return np.mean(x / (1 + np.exp(np.multiply.outer(norm, x))), axis=-1)


CIRCLE_TURN = 1 / np.pi  # the size of the force that turns the vector, for data on the circle
