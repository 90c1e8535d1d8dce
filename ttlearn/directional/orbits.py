r"""Orbits of the (norm, y) plane, parametrised by y instead of time.

.. math:: \frac{d\ln\rho}{dy}=-\frac Nk\,[g(\rho)-2k\sigma(2y)],\qquad
          \frac{dt}{dy}=-\frac{\rho^{2/N-1}}{k}

Depth multiplies the slope and leaves the nullcline where it is. The form is regular where the
trajectory is not (near the antiparallel ray), so the turning point is found here.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.checks import Array
from ttlearn.directional.law import AnyLaw, Law
from ttlearn.directional.linear import misalignment
from ttlearn.directional.quadrature import gauss_legendre
from ttlearn.directional.running import plain_flow
from ttlearn.records import Trajectory

ORBIT_POINTS = 65  # of every orbit followed here: one number of points, one compiled orbit


class TurningPoint(NamedTuple):
    """Where the norm is smallest.

    Fields:
        time: T.
        norm: the smallest norm.
        log_half_angle: y there.
        angle: theta there.
    """

    time: float
    norm: float
    log_half_angle: float
    angle: float


def _orbit_field(
    fall: Any, state: dict[str, Any], law: AnyLaw, y_start: Any, depth: Any
) -> dict[str, Any]:
    norm = jnp.exp(state["log_norm"])
    pull = law.g(norm) - law.k * misalignment(y_start - fall)
    return {"log_norm": depth * pull / law.k, "time": norm ** (2 / depth - 1) / law.k}


def orbit(
    law: Law,
    norm: float,
    log_half_angle: float,
    to: Any,
    depth: int = 1,
    *,
    rtol: float = 1e-11,
) -> Trajectory:
    """The orbit through a point, at falling values of y.

    Arguments:
        law: the law of the data.
        norm: norm at the start, above 0.
        log_half_angle: y at the start, finite.
        to: shape (K,); decreasing values of y, none above the start.
        depth: number of layers.
        rtol: relative tolerance.

    Returns:
        A Trajectory whose ``times`` are the fall ``log_half_angle - to``, with ``norm``, ``time``
        and ``log_half_angle``.

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    >>> from ttlearn.directional.laws import Gaussian
    >>> path = orbit(Gaussian(), 1.0, 0.0, [0.0, -3.0], depth=2)
    >>> path["time"].round(4)  # at depth 2, y falls at the constant rate k
    array([0.    , 7.5199])
    """
    depth = checks.depth(depth)
    norm = checks.positive(norm, "norm")
    y_start = checks.number(log_half_angle, "log_half_angle")
    falls = _falls(y_start, to)
    start = {"log_norm": math.log(norm), "time": 0.0}
    run = plain_flow(
        _orbit_field,
        start,
        falls,
        "fall of y",
        rtol=rtol,
        atol=1e-2 * rtol,
        max_steps=1_000_000,
        parameters=(law.arrays(), np.float64(y_start), np.float64(depth)),
    )
    arrays = {
        "norm": np.exp(run.states["log_norm"]),
        "time": run.states["time"],
        "log_half_angle": y_start - falls,
    }
    return Trajectory(falls, arrays, meta={"time": "fall of y", "law": law.name, "depth": depth})


def _falls(y_start: float, to: Any) -> Array:
    """How far below the start each value of ``to`` lies."""
    levels = np.asarray(to, np.float64)
    if levels.ndim != 1 or levels.size == 0:
        raise ValueError(f"to has shape {levels.shape}; one axis with at least one entry needed")
    if not np.all(np.isfinite(levels)) or np.any(np.diff(levels) >= 0):
        raise ValueError(
            "to must be finite and fall, as y does along an orbit; sort it from high to low and "
            "drop repeated values"
        )
    if levels[0] > y_start:
        raise ValueError(
            f"to begins at {levels[0]}, above the start {y_start}; y only falls along an orbit: "
            "start higher, or leave those values out"
        )
    return checks.times(y_start - levels)


def turning_point(law: Law, norm: float, angle: float, depth: int = 1) -> TurningPoint:
    r"""Where and when the norm stops falling: :math:`g(\rho)=k(1-\cos\theta)`.

    Arguments:
        law: the law of the data.
        norm: at time 0, above 0.
        angle: at time 0, strictly below pi (from pi itself the norm falls to 0).
        depth: number of layers.

    Returns:
        A :class:`TurningPoint`; the start itself when the norm rises from the beginning.

    Raises:
        ValueError: on bad input.

    Source: existence and uniqueness are Lin, Sun & Zhang 2021, Lemma 2.

    >>> from ttlearn.directional.laws import Sphere
    >>> round(turning_point(Sphere(2), 1.0, math.acos(-0.8)).time, 9)
    2.448665536
    """
    norm, angle = checks.start(norm, angle, checks.depth(depth))
    if angle == math.pi:
        raise ValueError(
            "angle is pi: from an antiparallel start the norm falls to 0 and no smallest norm "
            "above 0 exists; start a little to the side"
        )
    y = math.log(math.tan(angle / 2)) if angle > 0 else -math.inf
    if _pull(law, norm, y) >= 0:
        return TurningPoint(0.0, norm, y, angle)
    low = _below_nullcline(law, norm, y)
    grid = np.linspace(y, low, ORBIT_POINTS)
    time = 0.0
    # Each round shortens the bracket 64-fold and restarts the orbit at its left end.
    for _ in range(6):
        path = orbit(law, norm, float(grid[0]), grid, depth)
        left = max(int(np.argmax(_pull(law, path["norm"], grid) >= 0)) - 1, 0)
        time += float(path["time"][left])
        norm = float(path["norm"][left])
        grid = np.linspace(grid[left], grid[left + 1], ORBIT_POINTS)
    y = float(grid[0])
    return TurningPoint(time, norm, y, 2 * math.atan(math.exp(y)))


def _pull(law: Law, norm: Any, y: Any) -> Any:
    return law.g(norm) - law.k * misalignment(y)


def _below_nullcline(law: Law, norm: float, y: float) -> float:
    """A y at which the norm surely rises: the nullcline at the start's larger norm."""
    share = float(law.g(norm)) / (2 * law.k)
    return min(y, 0.5 * math.log(share / (1 - share))) - 1e-3


def alignment_constant(law: Law, norm: float, angle: float, depth: int = 1) -> float:
    r"""The constant C of the late orbit, which alone remembers the start.

    .. math:: y=-\frac{k}{NK}\Big(\frac{\rho^2}2+\kappa\ln\rho\Big)+C+o(1)

    The orbit is followed until :math:`e^{2y}` is negligible; from there on
    :math:`C=y+J(\rho)-\int_\rho^\infty[k/(N\rho g)-J']d\rho` with J the bracket above.

    Arguments:
        law: with E[1/r] finite.
        norm, angle: the start; the angle strictly between 0 and pi.
        depth: number of layers.

    Raises:
        ValueError: on bad input, and for a law without the two-term series.

    >>> from ttlearn.directional.laws import Gaussian
    >>> round(alignment_constant(Gaussian(), 1.0, 2.0), 8)
    -0.82223549
    """
    depth = checks.depth(depth)
    norm, angle = checks.start(norm, angle, depth)
    if angle in (0.0, math.pi):
        raise ValueError(f"angle is {angle}; on the axis y is infinite and C does not exist")
    kappa = law.tail_correction
    y = math.log(math.tan(angle / 2))
    end = min(y, 0.0) - 40.0
    path = orbit(law, norm, y, np.linspace(y, end, ORBIT_POINTS), depth, rtol=1e-12)
    near = float(path["norm"][-1])
    ratio = law.k / (depth * law.tail)
    potential = ratio * (near**2 / 2 + kappa * math.log(near))

    def excess(rho: Array) -> Array:
        return law.k / (depth * rho * np.asarray(law.g(rho))) - ratio * (rho + kappa / rho)

    # In ln(rho): the excess falls like rho^-3; past the last node its leading term is summed.
    far = near * 30
    nodes, weights = gauss_legendre(80)
    stretch = math.log(far / near)
    rho = near * np.exp(stretch * nodes)
    integral = stretch * float(weights @ (rho * excess(rho)))
    integral += float(excess(np.array([far]))[0]) * far / 2
    return end + potential - integral


def nullcline(law: Law, norms: Any) -> Array:
    r"""The angle of stationary norm, :math:`1-\cos\theta=g(\rho)/k`; depth does not move it.

    >>> from ttlearn.directional.laws import Sphere
    >>> nullcline(Sphere(2), [1e-9, 100.0]).round(4)
    array([1.5708, 0.0181])
    """
    norms = np.asarray(norms, np.float64)
    # 1 - cos = 2 sin^2(theta/2) keeps the digits of small angles.
    return np.asarray(2 * np.arcsin(np.sqrt(np.asarray(law.g(norms)) / (2 * law.k))))
