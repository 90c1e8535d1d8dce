r"""Gaussian data with a covariance: the fast rate of the direction is gone.

.. math:: \dot w=k\,\Sigma v/\sqrt q-m(s)\,\Sigma w,\qquad s=\sqrt{w^\top\Sigma w},\quad
          q=v^\top\Sigma v

with k and m of the standard Gaussian. Unless v is an eigenvector, the angle falls only like
:math:`t^{-2/3}`.

Source: derived here.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.checks import Array
from ttlearn.directional.laws import Gaussian
from ttlearn.directional.running import log_time_flow
from ttlearn.records import Trajectory

LAW = Gaussian()


def _covariance(value: Any) -> Array:
    matrix = np.asarray(value, np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] < 2:
        raise ValueError(f"covariance has shape {matrix.shape}; (d, d) with d >= 2 needed")
    if not np.all(np.isfinite(matrix)) or not np.allclose(matrix, matrix.T):
        raise ValueError("covariance must be finite and symmetric")
    if np.linalg.eigvalsh(matrix)[0] <= 0:
        raise ValueError("covariance must be positive definite: data in a subspace label only it")
    return matrix


def anisotropic_flow(
    covariance: Any,
    weights: Any,
    times: Any,
    teacher: Any,
    *,
    method: str = "dopri5",
    rtol: float = 1e-9,
) -> Trajectory:
    """Gradient flow of the linear predictor on Gaussian data with the given covariance.

    Arguments:
        covariance: shape (d, d), symmetric, positive definite.
        weights: w at time 0, shape (d,).
        times: shape (K,); increasing, from 0 on.
        teacher: v, shape (d,), any length above 0.
        method: ``"rkc2"`` for times beyond 1e6, where the flow is stiff.
        rtol: relative tolerance.

    Returns:
        A Trajectory with ``weights`` (K, d), ``norm`` and ``angle``; in the plane ``angle`` has a
        sign, positive counter-clockwise from the teacher, since the path overshoots.

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    >>> v = [np.cos(0.7), np.sin(0.7)]
    >>> anisotropic_flow(np.diag([1.0, 4.0]), [0.6, -0.8], [10.0], v)["weights"].round(6)
    array([[1.274388, 1.405666]])
    """
    matrix = _covariance(covariance)
    start = checks.vector(weights, "weights", len(matrix))
    direction = checks.teacher(teacher, len(matrix))
    times = checks.times(times)
    pull = LAW.k * matrix @ direction / np.sqrt(direction @ matrix @ direction)
    run = log_time_flow(
        _field,
        start,
        times,
        method=method,
        rtol=rtol,
        atol=1e-2 * rtol,
        max_steps=2_000_000,
        parameters=(matrix, pull),
    )
    path = np.asarray(run.states)
    along = path @ direction
    rest = path - along[:, None] * direction
    across = np.linalg.norm(rest, axis=1)
    if len(matrix) == 2:
        across = rest @ np.array([-direction[1], direction[0]])
    return Trajectory(
        times,
        {
            "weights": path,
            "norm": np.linalg.norm(path, axis=1),
            "angle": np.arctan2(across, along),
        },
        axes={"weights": ("time", "coordinate")},
        meta={"time": "time", "law": "Gaussian with covariance", "method": method},
    )


def _field(log_time: Any, weights: Any, matrix: Any, pull: Any) -> Any:
    spread = matrix @ weights
    size = jnp.sqrt(jnp.maximum(weights @ spread, 0))
    return jnp.exp(log_time) * (pull - LAW.m(size) * spread)


def anisotropic_angle(covariance: Any, times: Any, teacher: Any) -> Array:
    r"""Late angle to the teacher, :math:`(K/k)\,q\,|P_\perp\Sigma^{-1}v|\,(3Kqt)^{-2/3}`.

    Zero when the teacher is an eigenvector: then the fast rate survives.

    >>> v = [np.cos(0.7), np.sin(0.7)]
    >>> (anisotropic_angle(np.diag([1.0, 4.0]), [1e9], v) * 1e6).round(7)
    array([0.5067219])
    """
    matrix = _covariance(covariance)
    v = checks.teacher(teacher, len(matrix))
    q = float(v @ matrix @ v)
    inverse = np.linalg.solve(matrix, v)
    lean = float(np.linalg.norm(inverse - (v @ inverse) * v))
    late = (3 * LAW.tail * q * checks.times(times)) ** (-2 / 3)
    return np.asarray(LAW.tail / LAW.k * q * lean * late)
