"""The race of two neurons to the jump between them, in closed form.

A jump of height J at distance l from its left neuron and r from its right one, with no jump in the
two outer cells and kappa = loss_factor * J^2:

    dl/dtau = -kappa r^2 / (l + r)^2,    dr/dtau = -kappa l^2 / (l + r)^2.

So l^2 dl = r^2 dr and l^3 - r^3 stays what it was. The nearer neuron moves faster, reaches the jump
exactly, and the farther one stops for ever at the distance D = |l^3 - r^3|^(1/3).
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

_TERMS = 60
_NEWTON_STEPS = 40


def invariant(left: ArrayLike, right: ArrayLike) -> jax.Array:
    """|l^3 - r^3|, the quantity the race conserves: D^3.

    >>> float(invariant(1.0, 2.0))
    7.0
    """
    near, far = _near_far(left, right)
    # As a product: a difference of cubes would lose the digits of a near tie.
    return (far - near) * (far * far + far * near + near * near)


def stopping_distance(left: ArrayLike, right: ArrayLike) -> jax.Array:
    """D = |l^3 - r^3|^(1/3): where the loser of the race stands for ever.

    >>> float(stopping_distance(1.0, 1.0)), round(float(stopping_distance(0.02, 0.05)), 6)
    (0.0, 0.04891)
    """
    return jnp.cbrt(invariant(left, right))


def hitting_time(left: ArrayLike, right: ArrayLike, rate: ArrayLike) -> jax.Array:
    """T, the slow time at which the nearer neuron reaches the jump.

    T = (1 / kappa) [p + q - D + (p^2 / q) F(1/3, 1; 5/3; (p / q)^3)],  p = min, q = max of l, r,

    with F Gauss's hypergeometric function. p / kappa <= T <= 4 p / kappa, with equality on the
    right when l = r, and a cusp there: a head start of 0.1 % takes 8.5 % off T.

    Arguments:
        left, right: l > 0 and r > 0, in the unit of x.
        rate: kappa = loss_factor * J^2, one over slow time times length.

    Source: derived here, checked against quadrature and event integration.

    >>> round(float(hitting_time(0.03, 0.03, 9.0)) * 75, 5)
    1.0
    """
    near, far = _near_far(left, right)
    D3 = (far - near) * (far * far + far * near + near * near)
    gap = D3 / far**3
    series = _hypergeometric(near / far, gap)
    return (near + far - jnp.cbrt(D3) + near * near / far * series) / rate


def _hypergeometric(ratio: jax.Array, gap: jax.Array) -> jax.Array:
    """F(1/3, 1; 5/3; z) with z = ratio^3 and gap = 1 - z, each given without cancellation.

    For z <= 1/2 the defining series; beyond, the connection formula at z = 1, which for these
    parameters is 2 F(1/3, 1; 2/3; 1 - z) + c (1 - z)^(1/3) z^(-2/3).
    """
    z = ratio**3
    near_zero = _series(jnp.minimum(z, 0.5), 5.0 / 3.0)
    near_one = 2.0 * _series(jnp.minimum(gap, 0.5), 2.0 / 3.0)
    cusp = math.gamma(5 / 3) * math.gamma(-1 / 3) / math.gamma(1 / 3)
    near_one = near_one + cusp * jnp.cbrt(gap) / jnp.maximum(ratio, 0.5) ** 2
    return jnp.where(z <= 0.5, near_zero, near_one)


def _series(z: jax.Array, c: float) -> jax.Array:
    """F(1/3, 1; c; z) for 0 <= z <= 1/2 by Horner's rule; the last term is below 2^-60."""
    n = np.arange(_TERMS)
    coefficients = np.concatenate([[1.0], np.cumprod((n + 1.0 / 3.0) / (n + c))])
    return jnp.polyval(jnp.asarray(coefficients[::-1], z.dtype), z, unroll=4)


def race_state(
    left: ArrayLike, right: ArrayLike, rate: ArrayLike, slow_time: ArrayLike
) -> tuple[jax.Array, jax.Array]:
    """The distances (l, r) at ``slow_time``; after the hit (0, D) or (D, 0).

    The nearer distance x solves kappa T(x, (x^3 + D^3)^(1/3)) = kappa (T_0 - slow_time). The left
    side is convex with derivative (1 + x / y)^2, so Newton's method from above cannot miss.

    Arguments:
        left, right, rate: as :func:`hitting_time`.
        slow_time: tau >= 0.

    Source: derived here.

    >>> [round(float(x), 6) for x in race_state(0.02, 0.05, 4.0, 0.003)]
    [0.013277, 0.049234]
    """
    left, right = jnp.asarray(left), jnp.asarray(right)
    near, _ = _near_far(left, right)
    D3 = invariant(left, right)
    remaining = jnp.maximum(rate * (hitting_time(left, right, rate) - slow_time), 0.0)

    def newton(_: int, x: jax.Array) -> jax.Array:
        y = jnp.cbrt(x**3 + D3)
        safe = jnp.maximum(y, jnp.finfo(y.dtype).tiny)
        series = _hypergeometric(x / safe, D3 / safe**3)
        value = x + y - jnp.cbrt(D3) + x * x / safe * series
        return jnp.clip(x - (value - remaining) / (1.0 + x / safe) ** 2, 0.0, near)

    start = jnp.minimum(near, remaining)
    x = jax.lax.fori_loop(0, _NEWTON_STEPS, newton, start)
    x = jnp.where(remaining > 0.0, x, jnp.zeros_like(x))
    y = jnp.cbrt(x**3 + D3)
    return jnp.where(left <= right, x, y), jnp.where(left <= right, y, x)


def one_sided_hitting_time(fixed: ArrayLike, free: ArrayLike, rate: ArrayLike) -> jax.Array:
    """T when one flank cannot move: the end of [0, 1] at the fixed distance l.

    dr/dtau = -kappa l^2 / (l + r)^2, so T = ((l + r)^3 - l^3) / (3 kappa l^2).

    >>> round(float(one_sided_hitting_time(0.2, 0.05, 16.0)), 8)
    0.00397135
    """
    fixed, free = jnp.asarray(fixed), jnp.asarray(free)
    total = fixed + free
    return free * (total**2 + total * fixed + fixed**2) / (3.0 * rate * fixed**2)


def one_sided_state(
    fixed: ArrayLike, free: ArrayLike, rate: ArrayLike, slow_time: ArrayLike
) -> jax.Array:
    """The free distance at ``slow_time`` when the other flank cannot move; 0 after the hit.

    >>> float(one_sided_state(0.2, 0.05, 16.0, 1.0))
    0.0
    """
    fixed, free = jnp.asarray(fixed), jnp.asarray(free)
    # (l + r)^3 falls at the constant rate 3 kappa l^2; r is taken from its excess over l^3.
    excess = free * ((fixed + free) ** 2 + (fixed + free) * fixed + fixed**2)
    excess = jnp.maximum(excess - 3.0 * rate * fixed**2 * slow_time, 0.0)
    total = jnp.cbrt(fixed**3 + excess)
    return excess / (total**2 + total * fixed + fixed**2)


def _near_far(left: ArrayLike, right: ArrayLike) -> tuple[jax.Array, jax.Array]:
    return jnp.minimum(left, right), jnp.maximum(left, right)
