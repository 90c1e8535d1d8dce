"""The same problem with σ(y) = y²: one critical level only, and an infimum nobody reaches.

With z = x − middle and u_j = w_j·middle + b_j the residual is p0 + p1 z + p2 z²:
p0 = c + Σ v u² − mean target, p1 = 2 Σ v w u − slope, p2 = Σ v w², and
L = p0² l + (p1² + 2 p0 p2) l³/12 + p2² l⁵/80 on an interval of length l. The leak plays no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ttlearn.saddles.classify import Classification
from ttlearn.saddles.problem import FloatArray, Problem, check_parameters, join, split


def _polynomial(problem: Problem, parameters: Any) -> tuple[Any, Any, Any, Any]:
    w, b, v, c = split(parameters)
    u = w * problem.middle + b
    p0 = c + (v * u * u).sum() - problem.mean_target
    return u, p0, 2.0 * (v * w * u).sum() - problem.slope, (v * w * w).sum()


def quadratic_loss(problem: Problem, parameters: ArrayLike) -> float:
    """Exact loss with σ(y) = y². Arguments, errors: as :func:`ttlearn.saddles.loss`.

    >>> round(12 * quadratic_loss(Problem(), join(0.0, 0.0, 0.0, 0.5)), 12)
    1.0
    """
    _, p0, p1, p2 = _polynomial(problem, check_parameters(parameters))
    length = problem.length
    cubic = (p1 * p1 + 2.0 * p0 * p2) * length**3 / 12.0
    return float(p0 * p0 * length + cubic + p2 * p2 * length**5 / 80.0)


def quadratic_gradient(problem: Problem, parameters: ArrayLike) -> FloatArray:
    """Gradient of :func:`quadratic_loss`, shape (3N+1,), by the chain rule through p0, p1, p2.

    >>> quadratic_gradient(Problem(), join(0.0, 1.0, 0.0, 0.5)).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    parameters = check_parameters(parameters)
    u, p0, p1, p2 = _polynomial(problem, parameters)
    w, _, v, _ = split(parameters)
    length = problem.length
    d0 = 2.0 * (p0 * length + p2 * length**3 / 12.0)
    d1 = p1 * length**3 / 6.0
    d2 = 2.0 * (p0 * length**3 / 12.0 + p2 * length**5 / 80.0)
    by_u = 2.0 * v * (u * d0 + w * d1)
    by_w = 2.0 * v * (u * d1 + w * d2) + problem.middle * by_u
    by_v = u * u * d0 + 2.0 * w * u * d1 + w * w * d2
    return np.concatenate([by_w, by_u, by_v, [d0]])


def quadratic_hessian(problem: Problem, parameters: ArrayLike) -> FloatArray:
    """Hessian of :func:`quadratic_loss`: Σ over the p's of ∇p ∇pᵀ and of dL/dp ∇²p.

    >>> quadratic_hessian(Problem(), join(0.0, 0.0, 0.0, 0.5))[3].tolist()
    [0.0, 0.0, 0.0, 2.0]
    """
    parameters = check_parameters(parameters)
    u, p0, p1, p2 = _polynomial(problem, parameters)
    w, _, v, _ = split(parameters)
    length, n, zero = problem.length, w.size, np.zeros(w.size)
    # In the coordinates (w, u, v, c), then back to (w, b, v, c) by u = w·middle + b.
    tangents = np.array(
        [
            np.concatenate([zero, 2 * v * u, u * u, [1.0]]),
            np.concatenate([2 * v * u, 2 * v * w, 2 * w * u, [0.0]]),
            np.concatenate([2 * v * w, zero, w * w, [0.0]]),
        ]
    )
    outer = (
        2.0
        * length
        * np.array(
            [[1, 0, length**2 / 12], [0, length**2 / 12, 0], [length**2 / 12, 0, length**4 / 80]]
        )
    )
    d0, d1, d2 = outer @ np.array([p0, p1, p2])
    matrix = tangents.T @ outer @ tangents
    i = np.arange(n)
    blocks = {
        (0, 0): 2 * v * d2,
        (0, 1): 2 * v * d1,
        (1, 1): 2 * v * d0,
        (0, 2): 2 * u * d1 + 2 * w * d2,
        (1, 2): 2 * u * d0 + 2 * w * d1,
    }
    for (row, column), values in blocks.items():
        matrix[row * n + i, column * n + i] += values
        if row != column:
            matrix[column * n + i, row * n + i] += values
    change = np.eye(3 * n + 1)
    change[n + i, i] = problem.middle
    return np.asarray(change.T @ matrix @ change)


def quadratic_saddle(problem: Problem, neurons: Sequence[tuple[float, float, float]]) -> FloatArray:
    """A critical point on the plateau: every neuron is (0, b, 0), (0, 0, v) or (w, −w·middle, 0).

    Arguments:
        problem: with a slope other than 0.
        neurons: (w, b, v) each.

    Raises:
        ValueError: for a neuron of another kind, or no neuron.

    Source: Cheridito, Jentzen & Rossmannek 2022 cover this activation; form derived here.

    >>> quadratic_saddle(Problem(), [(2.0, -1.0, 0.0)]).tolist()
    [2.0, -1.0, 0.0, 0.5]
    """
    problem.need_slope()
    if not len(neurons):
        raise ValueError("no neurons given; at least one (w, b, v) is needed")
    w, b, v = np.array(neurons, float).reshape(-1, 3).T
    point = join(w, b, v, problem.mean_target)
    if quadratic_misfit(problem, point) > 1e-12:
        raise ValueError(
            f"neurons {neurons!r}: each must be (0, b, 0), (0, 0, v) or (w, -w*middle, 0); "
            "the point would not be critical"
        )
    return point


def quadratic_misfit(problem: Problem, parameters: FloatArray) -> float:
    """Largest distance of a neuron to the three allowed kinds, and of c to the mean target."""
    w, b, v, c = split(parameters)
    kinds = np.array(
        [
            np.maximum(abs(w), np.minimum(abs(v), abs(b))),
            np.maximum(abs(v), abs(b + w * problem.middle)),
        ]
    )
    return float(max(kinds.min(axis=0).max(), abs(c - problem.mean_target)))


def classify_quadratic(
    problem: Problem, parameters: ArrayLike, tolerance: float = 1e-9
) -> Classification:
    """What a parameter is under σ(y) = y²: not critical, global minimum, or a plateau saddle.

    All non-global critical points are saddles, strict unless w = b = v = 0 in every neuron; there
    are no non-global local minima. With one neuron no parameter has loss 0.

    Arguments, errors: as :func:`ttlearn.saddles.classify`.

    >>> verdict = classify_quadratic(Problem(), quadratic_saddle(Problem(), [(0, 0, 0)]))
    >>> verdict.kind, verdict.strict
    ('saddle', False)
    """
    parameters = check_parameters(parameters)
    value = quadratic_loss(problem, parameters)
    slopes = quadratic_gradient(problem, parameters)
    norm = float(np.linalg.norm(slopes))
    reach = max(1.0, float(np.max(np.abs(parameters))), abs(problem.left), abs(problem.right))
    unit = max(abs(problem.slope) * problem.length, np.sqrt(value / problem.length))
    if np.max(np.abs(slopes)) > tolerance * unit * problem.length * reach**2:
        return Classification("not critical", value, norm)
    if problem.slope == 0 or value <= 1e-28 * problem.plateau_loss + (tolerance * unit) ** 2:
        return Classification("global minimum", value, norm)
    values = np.linalg.eigvalsh(quadratic_hessian(problem, parameters))
    index = int(np.count_nonzero(values < -1e-10 * values[-1]))
    w, b, v, _ = split(parameters)
    strict = bool(np.max(np.abs([w, b, v])) > tolerance)
    return Classification("saddle", value, norm, 0, "right", index, strict, 2 if strict else 3)
