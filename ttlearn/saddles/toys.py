"""Gradient descent on the toy systems: who gets away, and who is caught."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ttlearn.dynamics.checks import check_count
from ttlearn.records import Trajectory
from ttlearn.saddles.checks import check_positive
from ttlearn.saddles.toy_systems import TOYS, RealLossCase, Toy, find_toy, real_loss_case

__all__ = [
    "TOYS",
    "RealLossCase",
    "Toy",
    "find_toy",
    "real_loss_case",
    "toy_descent",
    "trapped_fraction",
]


def toy_descent(
    name: str, starts: ArrayLike, step_size: float, n_steps: int, *, keep_all: bool = False
) -> Trajectory:
    """Gradient descent on a toy system.

    Arguments:
        name: ``"E1"`` … ``"E8"``.
        starts: shape (S, d); :meth:`Toy.placed` makes them from places on the plane that is drawn.
        step_size: > 0.
        n_steps: 1 … 10⁷.
        keep_all: keep every step instead of the first and the last.

    Returns:
        A Trajectory over steps with ``points`` (K, S, d) and losses (K, S). A point that leaves
        |·| <= 10¹² stays at the last place before.

    Raises:
        ValueError: for an unknown name, bad starts or numbers out of range.

    >>> toy_descent("E4", [[1.0, 1.5]], 0.5, 1)["points"][-1].tolist()
    [[0.5, 0.0]]
    """
    toy = find_toy(name)
    points = np.asarray(starts, float)
    if points.ndim != 2 or points.shape[1] != toy.dimension or not np.all(np.isfinite(points)):
        raise ValueError(
            f"starts have shape {points.shape}; finite numbers of shape (S, {toy.dimension}) needed"
        )
    step_size = check_positive(step_size, "step_size")
    n_steps = check_count(n_steps, "n_steps", 1, 10**7)
    kept = [points]
    for _ in range(n_steps):
        moved = points - step_size * toy.gradient(points)
        points = np.where(np.max(np.abs(moved), axis=1, keepdims=True) <= 1e12, moved, points)
        if keep_all:
            kept.append(points)
    kept = kept if keep_all else [*kept, points]
    record = np.stack(kept)
    steps = np.arange(n_steps + 1) if keep_all else np.array([0, n_steps])
    meta = {"time": "step", "toy": name, "step_size": float(step_size)}
    axes = {"points": ("time", "run", "coordinate")}
    return Trajectory(steps, {"points": record}, toy.potential(record), axes, meta)


def trapped_fraction(
    name: str,
    step_size: float,
    *,
    n_starts: int = 10_000,
    n_steps: int = 500,
    tolerance: float | None = None,
) -> float:
    """Share of a grid of starts that are caught: at the saddle (E1 to E5), or what E6 to E8 have.

    Arguments:
        name, step_size, n_steps: as in :func:`toy_descent`.
        n_starts: evenly spaced starts of the coordinate that decides, over the toy's box, end
            points included, so that an even number misses 0; in the real loss (E6 to E8) a square
            grid of about so many starts of the plane.
        tolerance: largest distance that counts as caught, >= 0; by default the toy's ``near``,
            1e-3 for E1 to E5; 0 asks for the saddle exactly.

    Raises:
        ValueError: for input out of range.

    >>> trapped_fraction("E3", 0.5, n_starts=1001, n_steps=200) > 0.49
    True
    >>> trapped_fraction("E6", 0.5, n_starts=100, n_steps=1)
    0.5
    """
    toy = find_toy(name)
    tolerance = toy.near if tolerance is None else tolerance
    n_starts = check_count(n_starts, "n_starts", 1, 10**7)
    if not tolerance >= 0:
        raise ValueError(f"tolerance is {tolerance}; a number of at least 0 is needed")
    side = max(1, round(n_starts**0.5)) if toy.in_real_loss else n_starts
    up = np.linspace(-toy.box, toy.box, side)
    across, up = np.meshgrid(up, up) if toy.in_real_loss else (0.0 * up, up)
    starts = toy.placed(across.ravel(), up.ravel())
    ends = toy_descent(name, starts, step_size, n_steps)["points"][-1]
    return float(np.mean(toy.distances(ends) <= tolerance))
