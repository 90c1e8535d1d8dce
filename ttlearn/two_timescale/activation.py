"""The smoothed step S, its slope, its primitive, and the two overlap kernels built from them.

S rises from 0 at s = -1/2 to 1 at s = 1/2; a neuron is ``step((x - position) / width)``. S is C^1
with a Lipschitz derivative and not C^2: S'' jumps from +12 to -12 at 0. So the gradient flow has a
locally Lipschitz field and one global solution.
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

Slope = Literal["exact", "box"]
SLOPES: tuple[Slope, ...] = ("exact", "box")


def step(s: ArrayLike) -> jax.Array:
    """The smoothed Heaviside step.

    S(s) = 4 (s + 1/2)^3 on [-1/2, 0], 1 - 4 (1/2 - s)^3 on [0, 1/2], constant outside.

    Arguments:
        s: any shape; the distance to the neuron in units of its width.

    Source: the authors' code (Marion & Berthier 2023).

    >>> float(step(-0.25)), float(step(0.25)), float(step(3.0))
    (0.0625, 0.9375, 1.0)
    """
    # As one odd cubic: no branch, and exactly 0 and 1 outside. Powers of s beyond 1/2 are never
    # formed, since (1/width)^7 in the loss would then cancel every digit.
    z = jnp.clip(jnp.asarray(s), -0.5, 0.5)
    return 0.5 + z * (3.0 - 6.0 * jnp.abs(z) + 4.0 * z * z)


def step_slope(s: ArrayLike) -> jax.Array:
    """S'(s) = 12 (1/2 - |s|)^2 for |s| <= 1/2, else 0.

    >>> float(step_slope(0.0)), float(step_slope(0.25)), float(step_slope(0.5))
    (3.0, 0.75, 0.0)
    """
    return 12.0 * jnp.maximum(0.5 - jnp.abs(jnp.asarray(s)), 0.0) ** 2


def box_slope(s: ArrayLike) -> jax.Array:
    """1 where |s| <= 1/2, else 0: the slope of the piecewise-linear step.

    The authors' one-dimensional code moves neurons with it. It is not S' and, when windows overlap,
    no gradient of anything.

    >>> float(box_slope(0.2)), float(box_slope(0.7))
    (1.0, 0.0)
    """
    s = jnp.asarray(s)
    return jnp.where(jnp.abs(s) <= 0.5, jnp.ones_like(s), jnp.zeros_like(s))


def window(slope: Slope, s: ArrayLike) -> jax.Array:
    """:func:`step_slope` for ``"exact"``, :func:`box_slope` for ``"box"``.

    Raises:
        ValueError: for another name.

    >>> float(window("box", 0.4))
    1.0
    """
    if slope == "exact":
        return step_slope(s)
    if slope == "box":
        return box_slope(s)
    raise ValueError(f"slope {slope!r}; allowed are {SLOPES}")


def step_primitive(s: ArrayLike) -> jax.Array:
    """P(s), the integral of S from minus infinity to s.

    P(s) = max(s, 0) + max(1/2 - |s|, 0)^4.

    >>> float(step_primitive(-0.5)), float(step_primitive(0.0)), float(step_primitive(2.0))
    (0.0, 0.0625, 2.0)
    """
    s = jnp.asarray(s)
    return jnp.maximum(s, 0.0) + jnp.maximum(0.5 - jnp.abs(s), 0.0) ** 4


def overlap(distance: ArrayLike) -> jax.Array:
    """What two overlapping neurons lose against sharp ones: chi(d) = int S(t - d) (1 - S(t)) dt.

    chi(d) = (4/35) (1 - d)_+^7 - (1/40) (1 - 2 d)_+^6, for d >= 0 in units of the width.

    Source: derived here, checked against quadrature.

    >>> round(float(overlap(0.0)) * 56, 5), float(overlap(1.0))
    (5.0, 0.0)
    """
    d = jnp.abs(jnp.asarray(distance))
    first = jnp.maximum(1.0 - d, 0.0)
    second = jnp.maximum(1.0 - 2.0 * d, 0.0)
    return (4.0 / 35.0) * first**7 - (1.0 / 40.0) * second**6


def overlap_slope(distance: ArrayLike) -> jax.Array:
    """A neuron averaged over another's window: rho(d) = int S'(t) S(t + d) dt.

    rho(d) = 1 - (4/5) (1 - d)_+^6 + (3/10) (1 - 2 d)_+^5 for d >= 0; rho(-d) = 1 - rho(d).

    Source: derived here, checked against quadrature.

    >>> float(overlap_slope(0.0)), float(overlap_slope(1.0)), float(overlap_slope(-1.0))
    (0.5, 1.0, 0.0)
    """
    d = jnp.asarray(distance)
    size = jnp.abs(d)
    first = jnp.maximum(1.0 - size, 0.0)
    second = jnp.maximum(1.0 - 2.0 * size, 0.0)
    above_half = 0.5 - 0.8 * first**6 + 0.3 * second**5
    return 0.5 + jnp.where(d >= 0.0, above_half, -above_half)


def box_overlap(distance: ArrayLike) -> jax.Array:
    """A neuron averaged over a box window: P(d + 1/2) - P(d - 1/2).

    >>> float(box_overlap(0.0)), float(box_overlap(1.0)), float(box_overlap(-1.0))
    (0.5, 1.0, 0.0)
    """
    d = jnp.asarray(distance)
    return step_primitive(d + 0.5) - step_primitive(d - 0.5)
