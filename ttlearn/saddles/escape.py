"""Leaving a saddle: how many steps it takes, predicted and counted."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import ArrayLike

from ttlearn.dynamics.checks import check_count
from ttlearn.precision import float64
from ttlearn.saddles.checks import check_positive
from ttlearn.saddles.curvature import hessian
from ttlearn.saddles.dense import dense_gradient
from ttlearn.saddles.descent import check_step_size
from ttlearn.saddles.problem import FloatArray, Problem, check_parameters

RADIUS = 0.05


def escape_direction(problem: Problem, point: ArrayLike) -> tuple[float, FloatArray]:
    """Most negative eigenvalue of the Hessian, and its unit eigenvector (first largest entry > 0).

    Arguments, errors: as :func:`ttlearn.saddles.hessian`; ValueError when no eigenvalue is
    negative.

    >>> from ttlearn.saddles import saddle
    >>> round(escape_direction(Problem(), saddle(Problem(), 2))[0], 7)
    -0.0266867
    """
    values, vectors = np.linalg.eigh(hessian(problem, point))
    if values[0] > -1e-12 * abs(values[-1]):
        raise ValueError(
            f"the smallest eigenvalue here is {values[0]:.3e}: there is no direction of negative "
            "curvature to leave along"
        )
    direction = vectors[:, 0]
    # Symmetric saddles have entries of equal size: rounding must not choose among them.
    size = np.abs(direction)
    largest = int(np.argmax(size > (1.0 - 1e-6) * size.max()))
    return float(values[0]), direction * np.sign(direction[largest])


def escape_slope(step_size: float, smallest: float) -> float:
    """Steps that one e-folding of the perturbation costs: 1 / ln(1 + step_size·|λ_min|).

    >>> round(escape_slope(0.2, -0.0266867), 3)
    187.859
    """
    step_size = check_positive(step_size, "step_size")
    if not -math.inf < smallest < 0:
        raise ValueError(f"smallest is {smallest}; a finite eigenvalue below 0 is needed")
    return 1.0 / math.log1p(step_size * abs(smallest))


def predicted_steps(
    step_size: float, smallest: float, overlap: float, radius: float = RADIUS
) -> float:
    """ln(radius / |overlap|) / ln(1 + step_size·|λ_min|).

    Arguments:
        step_size, smallest: as in :func:`escape_slope`.
        overlap: perturbation along the unstable direction, ε⟨d, u⟩.
        radius: distance that counts as escaped.

    Source: linearised gradient descent; derived here.

    >>> round(predicted_steps(0.2, -0.0266867, 1e-4))
    1167
    """
    if not 0 < abs(overlap) < check_positive(radius, "radius"):
        raise ValueError(f"overlap is {overlap}; it must be between 0 and the radius {radius}")
    return escape_slope(step_size, smallest) * math.log(radius / abs(overlap))


def escape_steps(
    problem: Problem,
    point: ArrayLike,
    perturbations: ArrayLike,
    step_size: float,
    *,
    radius: float = RADIUS,
    max_steps: int = 1_000_000,
) -> np.ndarray:
    """Count the steps of gradient descent until ‖φ − point‖ > radius.

    Arguments:
        problem: interval, target and leak.
        point: shape (3N+1,), the saddle.
        perturbations: shape (3N+1,) or (S, 3N+1), added to the point; shorter than the radius.
        step_size: > 0, below 1/length.
        radius: > 0.
        max_steps: a run that is still inside then counts as −1.

    Returns:
        Whole numbers, shape () or (S,).

    Raises:
        ValueError: for bad input.

    >>> from ttlearn.saddles import saddle
    >>> saddle_point = saddle(Problem(), 2)
    >>> smallest, direction = escape_direction(Problem(), saddle_point)
    >>> int(escape_steps(Problem(), saddle_point, 1e-2 * direction, 0.2))
    302
    """
    point = check_parameters(point)
    radius = check_positive(radius, "radius")
    shift = np.asarray(perturbations, float)
    if shift.ndim not in (1, 2) or shift.shape[-1] != point.size:
        raise ValueError(f"perturbations have shape {shift.shape}; (S, {point.size}) is needed")
    if not np.all(np.isfinite(shift)) or np.any(np.linalg.norm(shift, axis=-1) >= radius):
        raise ValueError(f"perturbations must be finite and shorter than the radius {radius}")
    max_steps = check_count(max_steps, "max_steps", 1, 2**62)
    check_step_size(problem, step_size, "raise")
    with float64():
        counts = np.asarray(
            _count(problem, point, np.atleast_2d(shift).T, float(step_size), radius, max_steps)
        )
    return counts[0] if shift.ndim == 1 else counts


@jax.jit
def _count(
    problem: Problem, point: Any, shift: Any, step_size: Any, radius: Any, max_steps: Any
) -> Any:
    def inside(state: Any) -> Any:
        return jnp.sum((state - point[:, None]) ** 2, axis=0) <= radius**2

    def body(carry: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        step, state, counts = carry
        state = state - step_size * dense_gradient(problem, state)
        counts = jnp.where((counts < 0) & ~inside(state), step + 1, counts)
        return step + 1, state, counts

    def running(carry: tuple[Any, Any, Any]) -> Any:
        step, _, counts = carry
        return jnp.any(counts < 0) & (step < max_steps)

    start = (jnp.asarray(0), point[:, None] + shift, jnp.full(shift.shape[1], -1))
    return lax.while_loop(running, body, start)[2]
