r"""Finitely many points of a symmetric law: the population first, the sample at last.

The run follows the population flow with an angle that fluctuates around a statistical floor, until
the norm is about :math:`2f_0n`, at :math:`t_*\approx(2f_0n)^3/(3K)`; from then on it drifts, like
:math:`1/\ln t`, to the maximum-margin direction of the sample.

Source: derived here; the late drift is Soudry et al. 2018 as recalled.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.checks import Array
from ttlearn.directional.law import Law
from ttlearn.directional.laws import Gaussian, Sphere
from ttlearn.directional.running import log_time_flow
from ttlearn.dynamics.checks import check_count
from ttlearn.precision import in_float64
from ttlearn.records import Trajectory

LARGEST_COUNT = 10_000_000


@in_float64
def draw_sample(law: Law, count: int, seed: int = 0, teacher: Any = None) -> Array:
    """Points multiplied by their labels, y x, shape (count, d): every one has v.(yx) >= 0.

    Arguments:
        law: the law of the data.
        count: how many points.
        seed: same seed, same points.
        teacher: v, shape (d,); the first unit vector by default.

    >>> draw_sample(Sphere(2), 3, seed=1).shape
    (3, 2)
    """
    number = check_count(count, "count", 1, LARGEST_COUNT)
    direction = np.eye(law.dimension)[0] if teacher is None else checks.teacher(teacher)
    if direction.size != law.dimension:
        raise ValueError(f"teacher has {direction.size} components; {law.dimension} needed")
    points = np.asarray(law.sample(jax.random.key(seed), number), np.float64)
    return points * np.where(points @ direction >= 0, 1.0, -1.0)[:, None]


def sample_flow(
    points: Any,
    weights: Any,
    times: Any,
    teacher: Any = None,
    *,
    method: str = "dopri5",
    rtol: float = 1e-8,
) -> Trajectory:
    r"""Gradient flow of the empirical logistic loss, :math:`\dot w=\frac1n\sum z_i\sigma(-w.z_i)`.

    Arguments:
        points: labelled points z = y x, shape (n, d).
        weights: w at time 0, shape (d,).
        times: shape (K,); increasing, from 0 on.
        teacher: v, shape (d,); the first unit vector by default.
        method: ``"rkc2"`` past t*, where the flow is stiff.
        rtol: relative tolerance.

    Returns:
        A Trajectory with ``weights`` (K, d), ``norm`` and ``angle`` to v (in the plane with a
        sign, positive counter-clockwise from v), and losses.

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    >>> run = sample_flow(draw_sample(Sphere(2), 100), [0.5, 0.5], [0.0, 100.0])
    >>> bool(run.losses[1] < run.losses[0])
    True
    """
    data = _points(points)
    start = checks.vector(weights, "weights", data.shape[1])
    direction = np.eye(start.size)[0] if teacher is None else checks.teacher(teacher, start.size)
    times = checks.times(times)
    run = log_time_flow(
        _field,
        start,
        times,
        method=method,
        rtol=rtol,
        atol=1e-2 * rtol,
        max_steps=2_000_000,
        parameters=(data,),
    )
    path = np.asarray(run.states)
    losses = np.array([np.mean(np.logaddexp(0, -data @ w)) for w in path])
    return Trajectory(
        times,
        {
            "weights": path,
            "norm": np.linalg.norm(path, axis=1),
            "angle": signed_angle(path, direction),
        },
        losses,
        {"weights": ("time", "coordinate")},
        {"time": "time", "count": len(data), "method": method},
    )


def _field(log_time: Any, weights: Any, points: Any) -> Any:
    push = jax.nn.sigmoid(-(points @ weights))
    return jnp.exp(log_time) * (push @ points) / points.shape[0]


def _points(points: Any) -> Array:
    data = np.asarray(points, np.float64)
    if data.ndim != 2 or data.shape[0] == 0 or data.shape[1] < 2:
        raise ValueError(f"points has shape {data.shape}; (n, d) with n >= 1 and d >= 2 needed")
    if not np.all(np.isfinite(data)):
        raise ValueError("points must be finite")
    return data


def signed_angle(vectors: Array, direction: Array) -> Array:
    """Angles of rows to a unit vector; in the plane positive counter-clockwise.

    >>> signed_angle(np.array([[1.0, -1e-9]]), np.array([1.0, 0.0]))
    array([-1.e-09])
    """
    along = vectors @ direction
    rest = vectors - along[:, None] * direction
    if direction.size == 2:
        return np.asarray(np.arctan2(rest @ np.array([-direction[1], direction[0]]), along))
    return np.asarray(np.arctan2(np.linalg.norm(rest, axis=1), along))


def statistical_floor(law: Law, count: int, norm: Any) -> Array:
    r"""Root mean square angle of a sample's flow to the teacher, at a given norm, before t*.

    .. math:: \theta_{rms}^2=\frac{2f_0(\ln2-\frac12)\,E[|x_\perp|^2\,|\,x_1=0]}{k^2n\rho}

    For Gaussian data :math:`E[|x_\perp|^2|x_1=0]=d-1` and :math:`f_0=k`. Use the population flow's
    own norm, not its leading order.

    Arguments:
        law: ``Gaussian`` or ``Sphere``.
        count: n.
        norm: numbers above 0.

    >>> from ttlearn.directional.flow import flow
    >>> norm = flow(Gaussian(), 1.0, 1.0, [1000.0])["norm"]
    >>> statistical_floor(Gaussian(), 1000, norm).round(4)
    array([0.0089])
    """
    n = check_count(count, "count", 1, LARGEST_COUNT)
    if not isinstance(law, Gaussian | Sphere):
        raise ValueError(f"law is {law!r}; the floor is known here for Gaussian and Sphere")
    spread = law.dimension - 1 if isinstance(law, Gaussian) else 1.0
    square = 2 * law.density_at_zero * (math.log(2) - 0.5) * spread / (law.k**2 * n)
    return np.asarray(np.sqrt(square / np.asarray(norm, np.float64)))


def departure_time(law: Law, count: int) -> float:
    r"""t*, when a sample leaves the population flow: :math:`(2f_0n)^3/(3K)`.

    >>> f"{departure_time(Gaussian(), 1000):.2e}"
    '2.58e+08'
    """
    n = check_count(count, "count", 1, LARGEST_COUNT)
    return (2 * law.density_at_zero * n) ** 3 / (3 * law.tail)


def max_margin(points: Any) -> tuple[Array, float]:
    """Unit direction of the largest margin through the origin, and that margin.

    The direction is that of the point of the convex hull nearest to the origin.

    Arguments:
        points: labelled points z = y x, shape (n, d), separable through the origin.

    Raises:
        ValueError: on bad input, and when the points are not separable.

    Source: Wolfe 1976, nearest point in a polytope.

    >>> direction, margin = max_margin([[1.0, 1.0], [1.0, -1.0], [5.0, 0.0]])
    >>> direction.round(6), round(margin, 6)
    (array([1., 0.]), 1.0)
    """
    data = _points(points)
    nearest = _nearest_point(data)
    size = float(np.linalg.norm(nearest))
    direction = nearest / size if size > 0 else nearest
    margin = float((data @ direction).min())
    if margin <= 1e-12 * np.abs(data).max():
        raise ValueError("no direction has all points on its side: there is no margin to maximise")
    return direction, margin


def _nearest_point(data: Array) -> Array:
    """Wolfe's algorithm: add the worst point, project on the affine hull, drop what is left."""
    support = [int(np.argmin(np.einsum("ij,ij->i", data, data)))]
    share = np.ones(1)
    scale = float(np.abs(data).max()) ** 2
    for _ in range(10 * len(data) + 100):
        nearest = share @ data[support]
        worst = int(np.argmin(data @ nearest))
        if data[worst] @ nearest >= nearest @ nearest - 1e-14 * scale or worst in support:
            break
        support.append(worst)
        share = np.append(share, 0.0)
        while True:
            affine = _affine_shares(data[support])
            if np.all(affine > 1e-14):
                share = affine
                break
            falling = affine <= 1e-14
            drop = share - affine
            ratios = np.where(falling & (drop > 0), share / np.where(drop > 0, drop, 1), np.inf)
            share = share + min(1.0, float(ratios.min())) * (affine - share)
            keep = share > 1e-14
            support = [s for s, stays in zip(support, keep, strict=True) if stays]
            share = share[keep] / share[keep].sum()
    return np.asarray(share @ data[support])


def _affine_shares(points: Array) -> Array:
    size = len(points)
    system = np.zeros((size + 1, size + 1))
    system[0, 1:] = system[1:, 0] = 1
    system[1:, 1:] = points @ points.T
    right = np.zeros(size + 1)
    right[0] = 1
    return np.asarray(np.linalg.lstsq(system, right, rcond=None)[0][1:])
