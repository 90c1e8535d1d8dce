r"""The linear predictor f = w.x under the logistic loss, exactly.

With :math:`\rho=|w|`, :math:`\theta` the angle to the teacher v and :math:`y=\ln\tan(\theta/2)`,

.. math:: L=h(\rho)+k\rho(1-\cos\theta),\qquad -\nabla L=k\,v-m(\rho)\,w

and the balanced linear network of depth N moves by

.. math:: \dot\rho=N\rho^{2-2/N}[g(\rho)-2k\sigma(2y)],\qquad \dot y=-k\rho^{1-2/N}.

All of these are kernels: they follow the precision of the arrays they are given, and take a law or
its ``arrays()``.

Source: the gradient is Lin, Sun & Zhang 2021, Lemma 1; the (norm, angle) form is derived here.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional.arrays import namespace
from ttlearn.directional.law import AnyLaw

Polar = tuple[Any, Any]


def loss(law: AnyLaw, weights: jax.Array, teacher: jax.Array) -> jax.Array:
    r"""Population loss :math:`E\ln(1+e^{-yw\cdot x})=h(|w|)+k(|w|-v\cdot w)`.

    Arguments:
        law: the law of the data.
        weights: w, shape (d,).
        teacher: v, unit, shape (d,).

    >>> from ttlearn.directional.laws import Gaussian
    >>> from ttlearn.precision import float64
    >>> with float64():
    ...     value = float(loss(Gaussian(), jnp.array([0.0, 0.0]), jnp.array([1.0, 0.0])))
    >>> round(value, 9)
    0.693147181
    """
    norm = length(weights)
    return law.h(norm) + law.k * (norm - jnp.dot(teacher, weights))


def force(law: AnyLaw, weights: jax.Array, teacher: jax.Array) -> jax.Array:
    r"""Minus the gradient of the loss, :math:`k\,v-m(|w|)\,w`; regular at w = 0.

    >>> from ttlearn.directional.laws import Sphere
    >>> force(Sphere(2), jnp.zeros(2), jnp.array([1.0, 0.0]))
    Array([0.31830987, 0.        ], dtype=float32)
    """
    return law.k * teacher - law.m(length(weights)) * weights


def length(weights: jax.Array) -> jax.Array:
    """Euclidean norm with the derivative 0 at the origin, where autodiff would say NaN.

    >>> float(jax.grad(lambda w: length(w))(jnp.zeros(2))[0])
    0.0
    """
    square = jnp.sum(weights * weights)
    return jnp.where(square == 0, 0, jnp.sqrt(jnp.where(square == 0, 1, square)))


def misalignment(log_half_angle: Any) -> Any:
    r"""1 - cos(theta) as :math:`2\sigma(2y)`, accurate down to the smallest numbers.

    >>> float(misalignment(jnp.float32(0.0)))
    1.0
    """
    if namespace(log_half_angle) is jnp:
        return 2 * jax.nn.sigmoid(2 * log_half_angle)
    decay = np.exp(-2 * np.abs(log_half_angle))
    return 2 * np.where(log_half_angle < 0, decay, 1) / (1 + decay)


def polar_loss(law: AnyLaw, norm: Any, log_half_angle: Any) -> Any:
    """Population loss in (norm, y).

    >>> from ttlearn.directional.laws import Gaussian
    >>> round(float(polar_loss(Gaussian(), jnp.float32(1.5), jnp.float32(-50.0))), 4)
    0.3266
    """
    return law.h(norm) + law.k * norm * misalignment(log_half_angle)


def polar_rates(law: AnyLaw, norm: jax.Array, log_half_angle: jax.Array, depth: Any = 1) -> Polar:
    r"""d ln(norm)/dt and dy/dt of the balanced network of the given depth.

    >>> from ttlearn.directional.laws import Gaussian
    >>> rates = polar_rates(Gaussian(), jnp.float32(1.0), jnp.float32(-100.0), depth=2)
    >>> [round(float(rate), 4) for rate in rates]
    [0.3846, -0.3989]
    """
    speed = norm ** (1 - 2 / depth)
    pull = law.g(norm) - law.k * misalignment(log_half_angle)
    return depth * speed * pull, -law.k * speed * jnp.ones_like(norm)


def cartesian_rates(
    law: AnyLaw, along: jax.Array, log_across: jax.Array
) -> tuple[jax.Array, jax.Array]:
    r"""da/dt and d ln(b)/dt at depth 1, for a = v.w and b the length of the rest.

    .. math:: \dot a=k-m(\rho)\,a,\qquad \frac{d}{dt}\ln b=-m(\rho)

    Regular through the origin, where the (norm, angle) form is not.

    >>> from ttlearn.directional.laws import Sphere
    >>> rates = cartesian_rates(Sphere(2), jnp.float32(0.0), jnp.float32(-jnp.inf))
    >>> [round(float(rate), 4) for rate in rates]
    [0.3183, -0.125]
    """
    shrink = law.m(jnp.hypot(along, jnp.exp(log_across)))
    return law.k - shrink * along, -shrink


def log_half_angle(along: Any, log_across: Any) -> Any:
    """y = ln tan(theta/2) from a = v.w and ln b; accurate for angles far below 1e-300.

    >>> round(float(log_half_angle(jnp.float32(2.0), jnp.float32(-1000.0))), 2)
    -1001.39
    """
    xp = namespace(along)
    with np.errstate(divide="ignore", invalid="ignore"):  # at the origin there is no angle: NaN
        norm = xp.hypot(along, xp.exp(log_across))
        small = log_across - xp.log(norm + xp.abs(along))
    return xp.where(along >= 0, small, -small)
