"""Ramps cut by an end of [0, 1]: what two neurons share beyond it, in closed form.

Seen from an end, with t the distance into [0, 1] and both in units of the width, a neuron is
S(t + p): p <= -1/2 when its ramp lies inside, p >= 1/2 when it lies beyond. On t <= 0 and for
p <= 1/2 its step is a sum of two powers,

    S(t + p) = 4 (t + p + 1/2)_+^3 - 12 (t + max(p, 0))_+^2,

so every integral over t <= 0 is a sum of :func:`shared_powers`.
"""

from __future__ import annotations

from math import comb

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from ttlearn.two_timescale.activation import Slope, step_primitive


def shared_powers(first: ArrayLike, second: ArrayLike, m: int, n: int) -> jax.Array:
    """int_{-inf}^0 (t + first)_+^m (t + second)_+^n dt, for arguments >= 0.

    With l = min and d = |first - second| the integrand is x^i (x + d)^k on [0, l].

    >>> round(float(shared_powers(1.0, 2.0, 1, 1)), 6)
    0.833333
    """
    first, second = jnp.asarray(first), jnp.asarray(second)
    low, gap = jnp.minimum(first, second), jnp.abs(first - second)

    def of(low_power: int, high_power: int) -> jax.Array:
        total = jnp.zeros_like(gap)
        for k in range(high_power + 1):
            total = total * gap + comb(high_power, k) / (low_power + k + 1) * low**k
        return total * low ** (low_power + 1)

    return of(m, n) if m == n else jnp.where(first <= second, of(m, n), of(n, m))


def cut_overlap(p: ArrayLike, q: ArrayLike) -> jax.Array:
    """T(p, q) = int_{-inf}^0 S(t + p) S(t + q) dt, for p, q <= 1/2.

    Source: derived here, checked against quadrature.

    >>> float(cut_overlap(-0.5, 0.5)), round(float(cut_overlap(0.5, 0.5)), 6)
    (0.0, 0.410714)
    """
    p, q = jnp.asarray(p), jnp.asarray(q)
    foot_p, foot_q = jnp.maximum(p + 0.5, 0.0), jnp.maximum(q + 0.5, 0.0)
    middle_p, middle_q = jnp.maximum(p, 0.0), jnp.maximum(q, 0.0)
    cubes = 16.0 * shared_powers(foot_p, foot_q, 3, 3)
    squares = 144.0 * shared_powers(middle_p, middle_q, 2, 2)
    mixed = shared_powers(foot_p, middle_q, 3, 2) + shared_powers(middle_p, foot_q, 2, 3)
    return cubes - 48.0 * mixed + squares


def cut_window(p: ArrayLike, q: ArrayLike, slope: Slope) -> jax.Array:
    """int_{-inf}^0 w(t + p) S(t + q) dt with w the window of ``slope``, for p, q <= 1/2.

    Source: derived here, checked against quadrature.

    >>> [round(float(cut_window(0.5, 0.5, name)), 4) for name in ("exact", "box")]
    [0.5, 0.5]
    """
    p, q = jnp.asarray(p), jnp.asarray(q)
    foot_p, foot_q = jnp.maximum(p + 0.5, 0.0), jnp.maximum(q + 0.5, 0.0)
    if slope == "box":
        return step_primitive(q) - step_primitive(q - foot_p)
    middle_p, middle_q = jnp.maximum(p, 0.0), jnp.maximum(q, 0.0)
    from_feet = 48.0 * shared_powers(foot_p, foot_q, 2, 3)
    from_middles = 288.0 * shared_powers(middle_p, middle_q, 1, 2)
    mixed = 144.0 * shared_powers(foot_p, middle_q, 2, 2)
    return from_feet - mixed - 96.0 * shared_powers(middle_p, foot_q, 1, 3) + from_middles
