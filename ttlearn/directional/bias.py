r"""A linear predictor with a bias, f = w.x + c, which the labels do not need.

With :math:`z=\rho|x_1|`, symmetric data give exactly

.. math:: \dot w=k\,v-M\,w,\quad M=\frac1{2\rho}E\frac{|x_1|\sinh z}{\cosh z+\cosh c},\qquad
          \dot c=-\tfrac12E\frac{\sinh c}{\cosh z+\cosh c}

so late :math:`\ln c\approx-(f_0/2K)\rho^2=-3\rho^2/\pi^2`: the bias dies as fast as the angle, and
at a rate that no law changes.

Source: derived here.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.arrays import RuleArrays
from ttlearn.directional.law import Law
from ttlearn.directional.linear import log_half_angle
from ttlearn.directional.running import log_time_flow
from ttlearn.records import Trajectory

LARGEST_BIAS = 300.0
FAINT = -1e4


def bias_rates(
    law: RuleArrays, norm: jax.Array, log_bias: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """M and -d ln|c|/dt at the given norm and ln|c|, as a kernel.

    >>> from ttlearn.directional.laws import Sphere
    >>> shrink, decay = bias_rates(Sphere(2).arrays(), jnp.float32(0.0), jnp.float32(-jnp.inf))
    >>> round(float(shrink), 4), round(float(decay), 4)
    (0.125, 0.25)
    """
    x, weight = law.rule(norm)
    bias = jnp.exp(log_bias)
    z = norm * x
    decay = jnp.exp(-z)
    denominator = 1 + decay * decay + 2 * decay * jnp.cosh(bias)
    ratio = jnp.where(z == 0, 2, -jnp.expm1(-2 * z) / jnp.where(z == 0, 1, z))
    sinhc = jnp.where(bias == 0, 1, jnp.sinh(bias) / jnp.where(bias == 0, 1, bias))
    shrink = jnp.sum(weight * x * x * ratio / denominator) / 2
    return shrink, sinhc * jnp.sum(weight * decay / denominator)


def bias_flow(
    law: Law,
    norm: float,
    angle: float,
    bias: float,
    times: Any,
    *,
    rtol: float = 1e-10,
) -> Trajectory:
    """Gradient flow of the linear predictor with a bias.

    Arguments:
        law: the law of the data.
        norm, angle: of w at time 0; norm above 0.
        bias: c at time 0, from -300 to 300.
        times: shape (K,); increasing, from 0 on.
        rtol: relative tolerance.

    Returns:
        A Trajectory with ``norm``, ``angle``, ``log_half_angle``, ``log_bias`` (ln|c|) and
        ``bias``; c keeps its sign.

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    >>> from ttlearn.directional.laws import Gaussian
    >>> bias_flow(Gaussian(), 1.0, 1.0, 0.5, [0.0, 10.0])["bias"].round(4)
    array([0.5   , 0.0866])
    """
    norm, angle = checks.start(norm, angle, 1)
    level, times = checks.number(bias, "bias"), checks.times(times)
    if abs(level) > LARGEST_BIAS:
        raise ValueError(f"bias is {level}; allowed is -{LARGEST_BIAS:g} to {LARGEST_BIAS:g}")
    across = norm * math.sin(angle) if angle < math.pi else 0.0
    start = {
        "along": norm * math.cos(angle),
        "log_across": math.log(across) if across > 0 else FAINT,
        "log_bias": math.log(abs(level)) if level else FAINT,
    }
    run = log_time_flow(
        _field,
        start,
        times,
        rtol=rtol,
        atol=1e-2 * rtol,
        max_steps=1_000_000,
        parameters=(RuleArrays(*law.line_rule(), law.k),),
    )
    along, log_bias = run.states["along"], run.states["log_bias"]
    log_across = run.states["log_across"] if across > 0 else np.full(times.size, -math.inf)
    y = np.asarray(log_half_angle(along, log_across))
    arrays = {
        "norm": np.hypot(along, np.exp(log_across)),
        "angle": 2 * np.arctan(np.exp(y)),
        "log_half_angle": y,
        "log_bias": log_bias if level else np.full(times.size, -math.inf),
        "bias": np.sign(level) * np.exp(log_bias),
    }
    return Trajectory(times, arrays, meta={"time": "time", "law": law.name})


def _field(log_time: Any, state: dict[str, Any], law: RuleArrays) -> dict[str, Any]:
    norm = jnp.hypot(state["along"], jnp.exp(state["log_across"]))
    shrink, decay = bias_rates(law, norm, state["log_bias"])
    stretch = jnp.exp(log_time)
    return {
        "along": stretch * (law.k - shrink * state["along"]),
        "log_across": -stretch * shrink,
        "log_bias": -stretch * decay,
    }
