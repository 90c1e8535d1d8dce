r"""The two-node network near alignment: two sizes and two transverse modes.

With :math:`w_1=a_1v+b_1,\ w_2=-a_2v+b_2`, :math:`e_1=a_1+\alpha a_2,\ e_2=a_2+\alpha a_1` and
small b,

.. math:: \dot e_1=\tfrac12[(1+\alpha^2)g(e_1)+2\alpha g(e_2)],\qquad
          \dot S=-\tfrac14(1-\alpha)^2(m_1+m_2)S-\tfrac14(1-\alpha^2)(m_1-m_2)D

for the common mode :math:`S=b_1+b_2`, and the same with :math:`(1+\alpha)^2` for the difference
mode :math:`D=b_1-b_2` with S and D exchanged. The common mode is the slow one when there is a leak;
it is carried as a logarithm, and D by its ratio to S.

Source: derived here by linearisation.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.checks import Array
from ttlearn.directional.law import AnyLaw, Law
from ttlearn.directional.running import log_time_flow
from ttlearn.records import Trajectory


def late_modes(
    law: Law,
    first_size: float,
    second_size: float,
    times: Any,
    leak: float = 0.0,
    *,
    log_common: float = 0.0,
    ratio: float = 0.0,
    rtol: float = 1e-10,
) -> Trajectory:
    """Late-stage sizes and transverse modes.

    Arguments:
        law: the law of the data.
        first_size, second_size: e1 and e2 at time 0, above 0.
        times: shape (K,); increasing, from 0 on.
        leak: negative-side slope.
        log_common: ln|S| at time 0; the equations are linear in the modes.
        ratio: D / S at time 0, from -1 to 1; 0 is the mirror manifold.
        rtol: relative tolerance.

    Returns:
        A Trajectory with ``size`` (the mean of e1 and e2), ``size_gap`` (e1 - e2), ``log_common``
        (ln|S|), ``log_difference`` (the logarithm of the D of its own decay, started at 0) and
        ``ratio`` (D / S).

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    >>> from ttlearn.directional.laws import Gaussian
    >>> run = late_modes(Gaussian(), 3.0, 3.0, [1e3], leak=0.5)
    >>> run["log_common"].round(2), run["log_difference"].round(2)
    (array([-5.47]), array([-49.25]))
    """
    one = checks.positive(first_size, "first_size")
    two = checks.positive(second_size, "second_size")
    slope, times = checks.leak(leak), checks.times(times)
    share = checks.number(ratio, "ratio")
    if abs(share) > 1:
        raise ValueError(f"ratio is {share}; allowed is -1 to 1, where the common mode leads")
    start = {
        "size": (one + two) / 2,
        "size_gap": one - two,
        "log_common": checks.number(log_common, "log_common"),
        "log_difference": 0.0,
        "ratio": share,
    }
    run = log_time_flow(
        _field,
        start,
        times,
        rtol=rtol,
        atol=1e-4 * rtol,
        max_steps=1_000_000,
        parameters=(law.arrays(), np.float64(slope)),
    )
    return run.trajectory(law=law.name, leak=slope)


def _field(log_time: Any, state: dict[str, Any], law: AnyLaw, leak: Any) -> dict[str, Any]:
    half = state["size_gap"] / 2
    sizes = state["size"] + half * jnp.array([1, -1], half.dtype)
    pulls, shrinks = law.g(sizes), law.m(sizes)
    pull_sum, pull_gap = pulls[0] + pulls[1], pulls[0] - pulls[1]
    shrink_sum, shrink_gap = shrinks[0] + shrinks[1], shrinks[0] - shrinks[1]
    slow, fast, mixed = (1 - leak) ** 2 / 4, (1 + leak) ** 2 / 4, (1 - leak**2) / 4
    q = state["ratio"]
    rates = {
        "size": fast * pull_sum,
        "size_gap": 2 * slow * pull_gap,
        "log_common": -slow * shrink_sum - mixed * shrink_gap * q,
        "log_difference": -fast * shrink_sum,
        "ratio": -leak * shrink_sum * q - mixed * shrink_gap * (1 - q * q),
    }
    stretch = jnp.exp(log_time)
    return {name: stretch * rate for name, rate in rates.items()}


def leading_size(law: Law, times: Any, leak: float = 0.0) -> Array:
    r"""e1 and e2 to leading order, :math:`(\tfrac32(1+\alpha)^2Kt)^{1/3}`.

    >>> from ttlearn.directional.laws import Gaussian
    >>> leading_size(Gaussian(), [1e6]).round(2)
    array([99.48])
    """
    slope = checks.leak(leak)
    return np.asarray((1.5 * (1 + slope) ** 2 * law.tail * checks.times(times)) ** (1 / 3))


def mode_ratio(leak: float) -> float:
    r"""R, the slow rate over the fast one: :math:`((1-\alpha)/(1+\alpha))^2`.

    >>> round(mode_ratio(0.5), 4)
    0.1111
    """
    slope = checks.leak(leak)
    return ((1 - slope) / (1 + slope)) ** 2
