r"""What the theory predicts at late times, for any law with :math:`g\sim K\rho^{-q}`.

q is 2 when E[1/r] is finite and :math:`1+\beta` for a law heavy at its centre. Everything here is
a formula; nothing is integrated. With :math:`p=q-1+2/N`,

.. math:: \rho\sim(pNKt)^{1/p},\qquad -y\sim\frac{k}{qNK}\rho^q,\qquad L\sim h(\rho).

Source: derived here; the exponents are those of the flow of Lin, Sun & Zhang 2021.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.checks import Array
from ttlearn.directional.law import Law


class Exponents(NamedTuple):
    """Powers of t: norm ~ t^norm, loss ~ t^loss, -y ~ t^alignment."""

    norm: float
    loss: float
    alignment: float


def exponents(law: Law, depth: int = 1) -> Exponents:
    """The powers of t with which norm, loss and -y = ln cot(theta/2) grow.

    >>> from ttlearn.directional.laws import Gaussian
    >>> [round(power, 4) for power in exponents(Gaussian(), depth=3)]
    [0.6, -0.6, 1.2]
    """
    q = law.tail_exponent
    norm = 1 / (q - 1 + 2 / checks.depth(depth))
    return Exponents(norm, -(q - 1) * norm, q * norm)


def leading_norm(law: Law, times: Any, depth: int = 1) -> Array:
    r"""Norm to leading order: :math:`(pNKt)^{1/p}`; for q = 2, :math:`((N+2)Kt)^{N/(N+2)}`.

    >>> from ttlearn.directional.laws import Gaussian
    >>> leading_norm(Gaussian(), [1e8]).round(2)
    array([581.74])
    """
    depth = checks.depth(depth)
    p = law.tail_exponent - 1 + 2 / depth
    return np.asarray((p * depth * law.tail * checks.times(times)) ** (1 / p))


def leading_loss(law: Law, times: Any, depth: int = 1) -> Array:
    r"""Loss to leading order, :math:`K\rho^{1-q}/(q-1)`; for q = 2, :math:`K/\rho`.

    >>> from ttlearn.directional.laws import Gaussian
    >>> leading_loss(Gaussian(), [1e8]).round(6)
    array([0.001128])
    """
    q = law.tail_exponent
    return np.asarray(law.tail * leading_norm(law, times, depth) ** (1 - q) / (q - 1))


def leading_alignment(law: Law, norm: Any, depth: int = 1) -> Array:
    r"""-y to leading order at a given norm, :math:`k\rho^q/(qNK)`.

    >>> from ttlearn.directional.laws import Gaussian
    >>> leading_alignment(Gaussian(), leading_norm(Gaussian(), [1.0])).round(5)  # 3/(2 pi) t^(2/3)
    array([0.47746])
    """
    q = law.tail_exponent
    return np.asarray(
        law.k / (q * checks.depth(depth) * law.tail) * np.asarray(norm, np.float64) ** q
    )


def late_orbit(law: Law, norm: Any, constant: float, depth: int = 1) -> Array:
    r"""y at a given norm with the next order: :math:`-(k/NK)(\rho^2/2+\kappa\ln\rho)+C`.

    Arguments:
        law: with E[1/r] finite.
        norm: large.
        constant: C of :func:`ttlearn.directional.alignment_constant`.
        depth: number of layers.

    >>> from ttlearn.directional.laws import Gaussian
    >>> late_orbit(Gaussian(), [581.73096], -0.82223548799).round(1)
    array([-102878.8])
    """
    rho = np.asarray(norm, np.float64)
    bracket = rho**2 / 2 + law.tail_correction * np.log(rho)
    return np.asarray(constant - law.k / (checks.depth(depth) * law.tail) * bracket)


def time_to_angle(law: Law, angle: float, depth: int = 1) -> float:
    r"""Late-time estimate of when the angle is reached, :math:`\ln(1/\epsilon)` inverted.

    .. math:: t_\epsilon=\frac{((qNK/k)\ln(1/\epsilon))^{p/q}}{pNK}

    >>> from ttlearn.directional.laws import Gaussian
    >>> round(time_to_angle(Gaussian(), 1e-100), 1)
    10590.4
    """
    depth = checks.depth(depth)
    epsilon = checks.positive(angle, "angle")
    if epsilon >= 1:
        raise ValueError(f"angle is {epsilon}; the estimate is for angles far below 1")
    q = law.tail_exponent
    p = q - 1 + 2 / depth
    norm = (q * depth * law.tail / law.k * -math.log(epsilon)) ** (1 / q)
    return norm**p / (p * depth * law.tail)


def local_exponent(times: Any, values: Any) -> Array:
    """Measured power: d ln(value) / d ln(time) between neighbouring samples, shape (K - 1,).

    >>> local_exponent([1.0, 10.0, 100.0], [1.0, 100.0, 1e4])
    array([2., 2.])
    """
    values = np.abs(np.asarray(values, np.float64))
    if np.any(values == 0) or not np.all(np.isfinite(values)):
        raise ValueError("a power is measured between finite values other than 0")
    logs = np.log(checks.times(times)), np.log(values)
    return np.asarray(np.diff(logs[1].T).T / np.diff(logs[0]))
