"""Random targets and races, and brute-force fits of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ttlearn.course import brute

Array = NDArray[np.float64]
Rng = np.random.Generator


def spread(rng: Rng, count: int, gap: float) -> Array:
    """Sorted numbers in (0, 1), at least ``gap`` apart and from the ends."""
    free = np.sort(rng.uniform(0, 1 - (count + 1) * gap, count))
    return np.asarray(free + gap * np.arange(1, count + 1))


def target(rng: Rng) -> tuple[Array, Array, Array]:
    """Positions, jumps and values with every neuron away from every jump."""
    pieces = int(rng.integers(3, 6))
    jumps = spread(rng, pieces - 1, 0.08)
    values = np.cumsum(rng.choice([-1.0, 1.0], pieces) * rng.uniform(0.5, 2.0, pieces))
    while True:
        positions = spread(rng, int(rng.integers(4, 8)), 0.02)
        if np.min(np.abs(positions[:, None] - jumps)) > 5e-3:
            return positions, jumps, values


def best_fit(positions: Array, jumps: Array, values: Array) -> tuple[Array, float]:
    """Least squares over all functions that are constant between neurons: plateaus and loss."""
    edges = np.unique(np.concatenate([[0.0, 1.0], positions, jumps]))
    middles, weights = (edges[1:] + edges[:-1]) / 2, np.sqrt(np.diff(edges))
    target = values[np.searchsorted(jumps, middles)]
    cells = np.searchsorted(positions, middles)
    design = (cells[:, None] == np.arange(positions.size + 1)) * weights[:, None]
    plateaus, *_ = np.linalg.lstsq(design, target * weights, rcond=None)
    return plateaus, float(np.sum((design @ plateaus - target * weights) ** 2))


def race_field(state: Array, strength: float) -> Array:
    left, right = state
    return -strength * np.array([right**2, left**2]) / (left + right) ** 2


def run_race(left: float, right: float, strength: float) -> tuple[float, float]:
    """Time of the hit and distance of the loser: the nearer distance is the clock."""
    near, far = min(left, right), max(left, right)

    def per_distance(state: Array) -> Array:
        rate = race_field(np.array([state[0], state[1]]), strength)
        return np.array([-1.0, -rate[1] / rate[0], -1.0 / rate[0]])

    _, stop, time = brute.follow(per_distance, np.array([near, far, 0.0]), near, 300)
    return float(time), float(stop)


def flanks(rng: Rng) -> tuple[float, float, float]:
    """Two distances, the nearer on a random side, and a strength."""
    near = rng.uniform(0.01, 0.1)
    far = near * rng.uniform(1.2, 3.0)
    pair = (near, far) if rng.random() < 0.5 else (far, near)
    return (float(pair[0]), float(pair[1]), float(rng.uniform(0.5, 10.0)))


def pair(rng: Rng) -> tuple[float, float]:
    return flanks(rng)[:2]
