r"""The linear predictor under the exponential loss :math:`\ell(z)=e^{-z}`.

.. math:: L=E\,e^{-\rho|x_1|}+\frac1\pi\int_0^\theta D(\rho\sin s)\,ds,\qquad D(u)=2E\sinh(ur)

with r the length of the projection on a plane. For Gaussian data, with a, b the components of w
along and across the teacher and :math:`\Psi(a)=E\,e^{-a|x_1|}=\mathrm{erfcx}(a/\sqrt2)`,
:math:`L=e^{b^2/2}\Psi(a)`. At obtuse angles the force is exponential in the norm, truly so.

Source: derived here; an extension of the logistic setting of the paper.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.arrays import LawArrays, RuleArrays, namespace
from ttlearn.directional.law import Law, Scaled, kernel_or_float64
from ttlearn.directional.laws import Gaussian
from ttlearn.directional.quadrature import Array, gauss_legendre
from ttlearn.directional.running import log_time_flow
from ttlearn.precision import in_float64
from ttlearn.records import Trajectory

LARGEST_START_LOSS = 1e8
Pieces = tuple[jax.Array, jax.Array, jax.Array]


@dataclasses.dataclass(frozen=True)
class UnderExponential(Law):
    r"""A law as the exponential loss sees it: its g, h and late constants.

    ``g`` is :math:`E[|x_1|e^{-\rho|x_1|}]`, ``h`` is :math:`E\,e^{-\rho|x_1|}`, ``k`` doubles, and
    ``tail`` is 2 f0; the formulas of :mod:`ttlearn.directional.asymptotics` then apply.

    >>> round(UnderExponential(Gaussian()).tail_correction, 12)
    3.0
    """

    law: Law

    @property
    def name(self) -> str:
        return f"{self.law.name}, exponential loss"

    @property
    def dimension(self) -> int:  # type: ignore[override]
        return self.law.dimension

    @property
    def plane_radius(self) -> float:
        return 2 * self.law.plane_radius

    @property
    def density_at_zero(self) -> float:
        return self.law.density_at_zero

    @property
    def tail(self) -> float:
        return 2 * self.law.density_at_zero

    @property
    def tail_correction(self) -> float:
        return self.law.tail_correction * 60 / (7 * math.pi**2)

    def line_rule(self) -> tuple[Array, Array]:
        return self.law.line_rule()

    def plane_rule(self) -> tuple[Array, Array]:
        return self.law.plane_rule()

    def arrays(self) -> LawArrays:
        raise ValueError(
            "these flows are for the logistic loss; under the exponential one use exponential_flow"
        )

    @kernel_or_float64
    def g(self, norm: Any) -> Any:
        return _moments(self.law, norm)[1]

    @kernel_or_float64
    def h(self, norm: Any) -> Any:
        return _moments(self.law, norm)[0]


def exponential_pieces(law: Law, norm: jax.Array, log_half_angle: jax.Array) -> Pieces:
    r"""Loss, outward force -dL/drho and turning rate :math:`D(u)/(\pi u)`, as a kernel.

    The turning rate at :math:`u=\rho\sin\theta` gives :math:`-\partial_\theta L/\rho` when it is
    multiplied by :math:`-\sin\theta`.

    >>> pieces = exponential_pieces(Gaussian(), jnp.float32(1.5), jnp.float32(-50.0))
    >>> [round(float(piece), 3) for piece in pieces]
    [0.412, 0.181, 0.798]
    """
    if isinstance(law, Scaled):
        loss, pull, turn = exponential_pieces(law.law, law.radius * norm, log_half_angle)
        return loss, law.radius * pull, law.radius * turn
    if isinstance(law, Gaussian):
        return _gaussian_pieces(law, norm, log_half_angle)
    return _general_pieces(law, norm, log_half_angle)


def _moments(law: Law, slope: Any) -> tuple[Any, Any]:
    x, weight = RuleArrays(*law.line_rule(), law.k).rule(slope)
    decay = weight * namespace(slope).exp(-slope[..., None] * x)
    return decay.sum(-1), (x * decay).sum(-1)


def _gaussian_pieces(law: Law, norm: jax.Array, y: jax.Array) -> Pieces:
    cos, sin = -jnp.tanh(y), 1 / jnp.cosh(y)
    along, across = norm * cos, norm * sin
    psi, pull = _moments(law, jnp.abs(along))
    # erfcx(-s) = 2 exp(s^2) - erfcx(s); its derivative gives the pull on the wrong side.
    wrong = 2 * jnp.exp(jnp.minimum(along, 0) ** 2 / 2)
    psi = jnp.where(along < 0, wrong - psi, psi)
    root = math.sqrt(2 / math.pi)
    pull = jnp.where(along < 0, root - along * psi, pull)
    swell = jnp.exp(across**2 / 2)
    return swell * psi, swell * (cos * pull - across * sin * psi), swell * root


def _general_pieces(law: Law, norm: jax.Array, y: jax.Array) -> Pieces:
    psi, pull = _moments(law, norm)
    r, weight = (jnp.asarray(part, norm.dtype) for part in law.plane_rule())
    nodes, node_weights = (jnp.asarray(part, norm.dtype) for part in gauss_legendre(48))
    theta = 2 * jnp.arctan(jnp.exp(y))
    sines = jnp.sin(theta * nodes)
    z = norm * sines[:, None] * r
    widths = theta * node_weights / math.pi
    loss = psi + 2 * widths @ (jnp.sinh(z) @ weight)
    force = pull - 2 * (widths * sines) @ (jnp.cosh(z) @ (weight * r))
    u = norm / jnp.cosh(y) * r
    ratio = jnp.where(u == 0, 1, jnp.sinh(u) / jnp.where(u == 0, 1, u))
    return loss, force, 2 / math.pi * jnp.sum(weight * r * ratio)


@in_float64
def exponential_loss(law: Law, norm: float, angle: float) -> float:
    """Population loss E exp(-y w.x).

    Arguments:
        law: the law of the data.
        norm, angle: of w; the angle to the teacher strictly between 0 and pi.

    Raises:
        ValueError: on bad input.
        OverflowError: when the loss exceeds the largest number.

    >>> round(exponential_loss(Gaussian(), 1.5, 2.0), 12)
    4.520270753853
    """
    return float(_at(law, norm, angle)[0])


@in_float64
def exponential_force(law: Law, norm: float, angle: float) -> tuple[float, float]:
    """The force's radial and angular components, -dL/drho and -(1/rho) dL/dtheta.

    >>> [round(part, 9) for part in exponential_force(Gaussian(), 1.5, 2.0)]
    [-7.622104193, -1.83914382]
    """
    _, pull, turn = _at(law, norm, angle)
    return float(pull), -math.sin(angle) * float(turn)


_pieces = jax.jit(exponential_pieces, static_argnames="law")
_pieces.__doc__ = None  # its doctest is the kernel's


def _at(law: Law, norm: float, angle: float) -> Pieces:
    norm, angle = checks.start(norm, angle, 1)
    if angle in (0.0, math.pi):
        raise ValueError(f"angle is {angle}; strictly between 0 and pi needed")
    y = jnp.asarray(math.log(math.tan(angle / 2)))
    pieces = _pieces(law, jnp.asarray(norm), y)
    if not all(bool(jnp.isfinite(piece)) for piece in pieces):
        raise OverflowError(
            f"the exponential loss at norm {norm}, angle {angle} exceeds the largest number: it "
            "grows exponentially with the norm at obtuse angles; take a smaller norm"
        )
    return pieces


def exponential_flow(
    law: Law, norm: float, angle: float, times: Any, depth: int = 1, *, rtol: float = 1e-10
) -> Trajectory:
    """Gradient flow of a balanced linear network under the exponential loss.

    Arguments:
        law: the law of the data.
        norm, angle: the start; the angle strictly between 0 and pi.
        times: shape (K,); increasing, from 0 on.
        depth: number of layers.
        rtol: relative tolerance.

    Returns:
        A Trajectory with ``norm``, ``angle`` and ``log_half_angle``.

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.
        OverflowError: when the loss at the start is above 1e8, where the force outruns float64.

    >>> run = exponential_flow(Gaussian(), 1.0, 2.0, [10.0])
    >>> (run["norm"] * np.cos(run["angle"])).round(6)
    array([2.216845])
    """
    depth, times = checks.depth(depth), checks.times(times)
    if exponential_loss(law, norm, angle) > LARGEST_START_LOSS:
        raise OverflowError(
            f"the loss at the start exceeds {LARGEST_START_LOSS:g}; the flow is too fast there "
            "for float64 times: take a smaller norm or angle"
        )
    start = {"log_norm": math.log(norm), "y": math.log(math.tan(angle / 2))}
    run = log_time_flow(
        _field(law),
        start,
        times,
        rtol=rtol,
        atol=1e-2 * rtol,
        max_steps=1_000_000,
        parameters=(np.float64(depth),),
    )
    norms, y = np.exp(run.states["log_norm"]), run.states["y"]
    return Trajectory(
        times,
        {"norm": norms, "angle": 2 * np.arctan(np.exp(y)), "log_half_angle": y},
        _losses(law, norms, y),
        meta={"time": "time", "law": law.name, "depth": depth, "loss": "exponential"},
    )


@functools.lru_cache(maxsize=32)
def _field(law: Law) -> Callable[..., Any]:
    def field(log_time: Any, state: dict[str, Any], depth: Any) -> dict[str, Any]:
        norm = jnp.exp(state["log_norm"])
        _, pull, turn = exponential_pieces(law, norm, state["y"])
        speed = jnp.exp(log_time) * norm ** (1 - 2 / depth)
        return {"log_norm": depth * speed * pull, "y": -speed * turn}

    return field


@in_float64
def _losses(law: Law, norms: Array, y: Array) -> Array:
    states = jnp.asarray(norms), jnp.asarray(y)
    return np.asarray(jax.vmap(functools.partial(_pieces, law))(*states)[0])
