r"""Flipped labels: with probability :math:`\epsilon` the teacher lies.

.. math:: \dot\rho=g(\rho)-k+(1-2\epsilon)k\cos\theta,\qquad \dot y=-(1-2\epsilon)k/\rho

There is now a minimiser at finite norm, :math:`g(\rho_*)=2\epsilon k`, and the direction converges
exponentially at the rate :math:`(1-2\epsilon)k/\rho_*`.

Source: derived here.
"""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.law import AnyLaw, Law
from ttlearn.directional.linear import misalignment
from ttlearn.directional.running import plain_flow
from ttlearn.records import Trajectory


def _flip(value: Any) -> float:
    flip = checks.number(value, "flip")
    if not 0 <= flip < 0.5:
        raise ValueError(f"flip is {flip}; allowed is 0 to below 0.5, where labels say nothing")
    return flip


def noisy_norm(law: Law, flip: float) -> float:
    r"""The norm of the minimiser, :math:`g(\rho_*)=2\epsilon k`; infinite without noise.

    Arguments:
        law: the law of the data.
        flip: probability of a wrong label, 0 to below 0.5.

    >>> from ttlearn.directional.laws import Gaussian
    >>> round(noisy_norm(Gaussian(), 0.1), 12)
    2.30462432525
    """
    target = 2 * _flip(flip) * law.k
    if target == 0:
        return math.inf
    low, high = 0.0, 1.0
    while float(law.g(high)) > target:
        low, high = high, 2 * high
        if high > 1e12:
            raise ValueError(f"flip is {flip}; so rare that the minimiser lies beyond norm 1e12")
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        low, high = (middle, high) if float(law.g(middle)) > target else (low, middle)


def noisy_rate(law: Law, flip: float) -> float:
    r"""Late exponential rate of the angle, :math:`(1-2\epsilon)k/\rho_*`; 0 without noise.

    >>> from ttlearn.directional.laws import Gaussian
    >>> round(noisy_rate(Gaussian(), 0.1), 4)
    0.1385
    """
    return (1 - 2 * _flip(flip)) * law.k / noisy_norm(law, flip)


def noisy_flow(
    law: Law, norm: float, angle: float, times: Any, flip: float, *, rtol: float = 1e-10
) -> Trajectory:
    """Gradient flow of the linear predictor when labels are flipped at random.

    Arguments:
        law: the law of the data.
        norm, angle: the start; the angle strictly between 0 and pi.
        times: shape (K,); increasing, from 0 on.
        flip: probability of a wrong label, 0 to below 0.5.
        rtol: relative tolerance.

    Returns:
        A Trajectory with ``norm``, ``angle`` and ``log_half_angle``.

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    >>> from ttlearn.directional.laws import Gaussian
    >>> noisy_flow(Gaussian(), 1.0, 2.0, [1e3], 0.1)["norm"].round(6)
    array([2.304624])
    """
    norm, angle = checks.start(norm, angle, 1)
    rate, times = _flip(flip), checks.times(times)
    if angle in (0.0, math.pi):
        raise ValueError(f"angle is {angle}; strictly between 0 and pi needed with noisy labels")
    run = plain_flow(
        _field,
        {"log_norm": math.log(norm), "y": math.log(math.tan(angle / 2))},
        times,
        "time",
        rtol=rtol,
        atol=1e-2 * rtol,
        max_steps=1_000_000,
        parameters=(law.arrays(), np.float64(rate)),
    )
    y = run.states["y"]
    arrays = {
        "norm": np.exp(run.states["log_norm"]),
        "angle": 2 * np.arctan(np.exp(y)),
        "log_half_angle": y,
    }
    return Trajectory(times, arrays, meta={"time": "time", "law": law.name, "flip": rate})


def _field(time: Any, state: dict[str, Any], law: AnyLaw, flip: Any) -> dict[str, Any]:
    norm = jnp.exp(state["log_norm"])
    honest = (1 - 2 * flip) * law.k
    pull = law.g(norm) - 2 * flip * law.k - honest * misalignment(state["y"])
    return {"log_norm": pull / norm, "y": -honest / norm}
