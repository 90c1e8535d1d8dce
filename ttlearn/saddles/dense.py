"""The fast form of the gradient, for many networks at once: no sort, one clip per pair of neurons.

With d_i = (breakpoint i, clipped to the interval) − left, a_j = slope jump at breakpoint j, r0 and
g0 residual and slope at the left end, the integrals of r and of its integral up to breakpoint i are
    R_i = r0 d_i + g0 d_i²/2 + ½ Σ_j a_j (d_i − d_j)₊²
    Q_i = r0 d_i²/2 + g0 d_i³/6 + ⅙ Σ_j a_j (d_i − d_j)₊³,
and every active set ends at a breakpoint. It equals the sweep to rounding (that is a test) and is
several times faster in batches, with the batch on the last axis.

The sums over j can be written out term by term. Where XLA compiles a whole loop of descent into one
function (see :func:`ttlearn.configure_cpu`) that is two to three times faster, elsewhere slower.
"""

from __future__ import annotations

import functools
import operator
from typing import Any, NamedTuple

import jax.numpy as jnp

from ttlearn.saddles.problem import Problem


class _Integrals(NamedTuple):
    """Per neuron: ∫ s r and ∫ (x − d − left) s r, and per network: ∫ r."""

    mass: Any
    moment: Any
    total: Any


# From here on XLA's own sum is faster than one written out.
_LONG_SUM = 13


def dense_gradient(problem: Problem, parameters: Any, written_out: bool = False) -> Any:
    """𝒢 of a batch, (3N+1, T), for parameters of that shape: the batch is the last axis."""
    n = (parameters.shape[0] - 1) // 3
    w, b, v = parameters[:n], parameters[n : 2 * n], parameters[2 * n : 3 * n]
    c = parameters[3 * n]
    left, right = problem.left, problem.right
    tilted = w != 0
    kink = jnp.where(tilted, -b / jnp.where(tilted, w, 1.0), jnp.where(b > 0, left, right))
    place = jnp.clip(kink, left, right)
    inside = tilted & (kink > left) & (kink < right)
    found = _integrals(problem, w, b, v, c, place, inside, written_out)
    at_place = jnp.where(inside, 0.0, w * place + b)
    by_w = 2.0 * v * (found.moment + place * found.mass)
    by_b = 2.0 * v * found.mass
    by_v = 2.0 * (w * found.moment + at_place * found.mass)
    return jnp.concatenate([by_w, by_b, by_v, 2.0 * found.total[None]])


def _integrals(
    problem: Problem,
    w: Any,
    b: Any,
    v: Any,
    c: Any,
    place: Any,
    inside: Any,
    written_out: bool,
) -> _Integrals:
    total_of = _added if written_out and len(w) < _LONG_SUM else lambda rows: rows.sum(0)
    left, length, leak = problem.left, problem.right - problem.left, problem.leak
    rightward = w >= 0
    d = place - left
    first = jnp.where(jnp.where(rightward, d <= 0, d > 0), 1.0, leak)
    r0 = c + total_of(v * first * (w * left + b)) - (problem.slope * left + problem.intercept)
    g0 = total_of(v * w * first) - problem.slope
    jumps = jnp.where(inside, v * jnp.abs(w) * (1.0 - leak), 0.0)

    squares, cubes = (_pair_sums_written_out if written_out else _pair_sums)(d, jumps)
    once = d * (r0 + 0.5 * g0 * d) + 0.5 * squares
    twice = d * d * (0.5 * r0 + g0 * d / 6.0) + cubes / 6.0
    rest = length - d
    total = length * (r0 + 0.5 * g0 * length) + 0.5 * total_of(jumps * rest**2)
    total_twice = length**2 * (0.5 * r0 + g0 * length / 6.0) + total_of(jumps * rest**3) / 6.0

    whole_moment = rest * total - total_twice
    mass = jnp.where(rightward, total - once, once)
    moment = jnp.where(rightward, whole_moment + twice, -twice)
    return _Integrals(
        leak * total + (1.0 - leak) * mass, leak * whole_moment + (1.0 - leak) * moment, total
    )


def _added(rows: Any) -> Any:
    return functools.reduce(operator.add, rows)


def _pair_sums(d: Any, jumps: Any) -> tuple[Any, Any]:
    """Σ_j a_j (d_i − d_j)₊² and Σ_j a_j (d_i − d_j)₊³, each of d's shape."""
    ahead = jnp.maximum(d[:, None] - d[None, :], 0.0)
    bent = jumps[None] * ahead * ahead
    return bent.sum(1), (bent * ahead).sum(1)


def _pair_sums_written_out(d: Any, jumps: Any) -> tuple[Any, Any]:
    squares = cubes = jnp.zeros_like(d)
    for place, jump in zip(d, jumps, strict=True):
        ahead = jnp.maximum(d - place, 0.0)
        bent = jump * ahead * ahead
        squares, cubes = squares + bent, cubes + bent * ahead
    return squares, cubes
