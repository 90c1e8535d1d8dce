r"""Gradient descent of linear networks with the transverse component in its own variable.

The balanced network of depth N is a vector p and N-1 equal scalars u, :math:`w=Up`,
:math:`U=u^{N-1}`. Along and across the teacher, p = (a, b) moves by

.. math:: a&\leftarrow a+\eta U(k-mUa)\\ b&\leftarrow(1-\eta U^2m)\,b\\
          u&\leftarrow u+\eta u^{N-2}(ka-mU(a^2+b^2))

with m at the norm of w. The equation of b is a product, so b is carried as a sign and a logarithm:
an angle of 1e-233 is a number like any other, and so is one of e^-4793.

This differs from running matrix code in that rounding never feeds b: matrix code loses the angle
below 1e-16 and then amplifies its own noise where the step size is too long for depth 3.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from ttlearn.directional import checks
from ttlearn.directional.checks import Array
from ttlearn.directional.law import AnyLaw, Law
from ttlearn.directional.linear import log_half_angle, polar_loss
from ttlearn.precision import in_float64
from ttlearn.records import Trajectory


class State(NamedTuple):
    """a, ln|b|, sign of b, and the common scalar u (1 at depth 1)."""

    along: Any
    log_across: Any
    sign: Any
    outer: Any


def step(law: AnyLaw, state: State, step_size: Any, depth: int) -> State:
    """One step of gradient descent, as a kernel.

    >>> from ttlearn.directional.laws import Sphere
    >>> start = State(*(jnp.float32(x) for x in (0.0, -jnp.inf, 1.0, 1.0)))
    >>> round(float(step(Sphere(2), start, 1.0, 1).along), 4)
    0.3183
    """
    across = jnp.exp(state.log_across)
    gain = state.outer ** (depth - 1)
    shrink = law.m(jnp.abs(gain) * jnp.hypot(state.along, across))
    factor = 1 - step_size * gain * gain * shrink
    inner = law.k * state.along - shrink * gain * (state.along**2 + across**2)
    outer = state.outer + step_size * state.outer ** (depth - 2) * inner if depth > 1 else 1.0
    return State(
        state.along + step_size * gain * (law.k - shrink * gain * state.along),
        state.log_across + jnp.log(jnp.abs(factor)),
        state.sign * jnp.sign(factor),
        outer * jnp.ones_like(state.outer),
    )


@in_float64
def descent(
    law: Law,
    norm: float,
    angle: float,
    step_size: float,
    steps: Any,
    depth: int = 1,
) -> Trajectory:
    """Gradient descent of a balanced linear network, with angles of any smallness.

    Arguments:
        law: the law of the data; a :class:`~ttlearn.directional.Tabulated` one for long runs.
        norm: of the end-to-end vector at step 0; 0 is allowed at depth 1.
        angle: to the teacher at step 0, from 0 to pi.
        step_size: above 0.
        steps: shape (K,); increasing whole numbers from 0 on: the steps to keep.
        depth: number of layers.

    Returns:
        A Trajectory whose times are steps, with ``along`` (v.w), ``log_across`` (ln of the length
        of the rest of w), ``sign`` (the side of the teacher it is on), ``norm``, ``angle``,
        ``log_half_angle`` and ``sharpness`` (the transverse curvature of the loss in weight space,
        :math:`U^2m`; gradient descent amplifies the angle where it exceeds 2 / step_size).

    Raises:
        ValueError: on bad input.
        OverflowError: when the run leaves the finite numbers.

    >>> from ttlearn.directional.laws import Gaussian
    >>> run = descent(Gaussian(), 1.0, math.acos(-0.8), 10.0, [0, 1, 20])
    >>> run["along"].round(6), run["log_across"].round(3)
    (array([-0.8     ,  4.842391,  7.773421]), array([ -0.511,  -0.447, -18.45 ]))
    """
    depth = checks.depth(depth)
    length = checks.number(norm, "norm")
    if length != 0 or depth > 1:
        length, angle = checks.start(norm, angle, depth)
    rate = checks.step_size(step_size)
    kept = checks.steps(steps)
    outer = length ** (1 / depth) if depth > 1 else 1.0
    across = length / outer ** (depth - 1) * math.sin(angle) if angle < math.pi else 0.0
    start = State(
        length / outer ** (depth - 1) * math.cos(angle),
        math.log(across) if across > 0 else -math.inf,
        1.0,
        outer,
    )
    start = State(*(jnp.asarray(value) for value in start))
    states = _run(law.arrays(), start, jnp.asarray(rate), jnp.asarray(kept), depth)
    return _record(law, State(*map(np.asarray, states)), kept, rate, depth)


@functools.partial(jax.jit, static_argnames="depth")
def _run(law: AnyLaw, start: State, step_size: Any, kept: Any, depth: int) -> State:
    def to_next(state: State, count: Any) -> tuple[State, State]:
        def one(_: Any, inner: State) -> State:
            return step(law, inner, step_size, depth)

        state = lax.fori_loop(0, count, one, state)
        return state, state

    counts = jnp.diff(kept, prepend=jnp.zeros_like(kept[:1]))
    return lax.scan(to_next, start, counts)[1]


def _record(
    law: Law, states: State, kept: NDArray[np.int64], rate: float, depth: int
) -> Trajectory:
    gain = states.outer ** (depth - 1)
    broken = ~np.isfinite(gain * states.along) | np.isnan(states.log_across)
    if np.any(broken):
        raise OverflowError(
            f"descent is not finite at step {int(kept[np.argmax(broken)])} with step_size {rate} "
            f"at depth {depth}: take a smaller one, or keep earlier steps"
        )
    along = gain * states.along
    with np.errstate(divide="ignore"):
        log_across = states.log_across + np.log(np.abs(gain))
    norm = np.hypot(along, np.exp(log_across))
    y = np.asarray(log_half_angle(along, log_across))
    y = np.where(np.isnan(y), -np.inf, y)  # w = 0 has no angle: the next step is along v
    return Trajectory(
        np.asarray(kept, np.float64),
        {
            "along": along,
            "log_across": log_across,
            "sign": states.sign * np.sign(gain),
            "norm": norm,
            "angle": 2 * np.arctan(np.exp(y)),
            "log_half_angle": y,
            "sharpness": gain**2 * np.asarray(law.m(norm)),
        },
        np.asarray(polar_loss(law, norm, y)),
        meta={"time": "step", "law": law.name, "depth": depth, "step_size": rate},
    )


def late_descent_constant(law: Law, run: Trajectory) -> Array:
    r"""C_eta from a run at depth 1: what is left of -ln|b| after its known late terms.

    .. math:: -\ln|b_n|=\frac k{2K}\rho^2+\frac{\eta k^2}{2K}\rho
              +\Big(\frac{k\kappa}K-1+\frac{\eta^2k^3}{3K}\Big)\ln\rho+C_\eta+o(1)

    Constant at late steps; descent with long steps aligns faster than the flow.

    Source: derived here.

    >>> from ttlearn.directional.laws import Gaussian
    >>> run = descent(Gaussian(), 1.0, math.acos(-0.8), 1.0, [1000])
    >>> late_descent_constant(Gaussian(), run).round(4)
    array([0.5636])
    """
    k, tail, eta = law.k, law.tail, float(run.meta["step_size"])
    rho = run["norm"]
    logarithm = k * law.tail_correction / tail - 1 + eta**2 * k**3 / (3 * tail)
    known = k / (2 * tail) * rho**2 + eta * k**2 / (2 * tail) * rho + logarithm * np.log(rho)
    return np.asarray(-run["log_across"] - known)


def critical_norm(law: Law, step_size: float, depth: int) -> float:
    r"""Norm at which fixed-step descent of depth N >= 3 loses stability across the teacher.

    .. math:: \rho_c=(2/(\eta k))^{N/(N-2)}

    Infinite at depth 1, where the sharpness falls, and at depth 2 while :math:`\eta k<2`.

    >>> from ttlearn.directional.laws import Gaussian
    >>> round(critical_norm(Gaussian(), 1.0, 3), 1)
    126.0
    """
    depth, rate = checks.depth(depth), checks.step_size(step_size)
    if depth <= 2:
        return math.inf if depth == 1 or rate * law.k < 2 else 0.0
    return float((2 / (rate * law.k)) ** (depth / (depth - 2)))
