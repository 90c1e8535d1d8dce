"""The loss as a quadratic form in the outer weights: L = a' G a - 2 a' b + int f*^2.

For neurons whose ramps lie inside [0, 1] every entry is a closed form, whatever overlaps: that is
the fast path of the gradient. For a neuron near or beyond an end the entries are integrals that
four Gauss nodes per gap give exactly.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ttlearn.two_timescale.activation import (
    Slope,
    box_overlap,
    overlap,
    overlap_slope,
    step,
    step_primitive,
    window,
)
from ttlearn.two_timescale.network import features, loss_and_gradient, quadrature
from ttlearn.two_timescale.target import Target


def ramps_inside(positions: jax.Array, activation_width: float) -> jax.Array:
    """Whether every ramp [u_j - width/2, u_j + width/2] lies inside [0, 1].

    >>> bool(ramps_inside(jnp.array([0.3, 0.999]), 0.01))
    False
    """
    half = activation_width / 2.0
    return jnp.all((positions >= half) & (positions <= 1.0 - half))


def gram_inside(positions: jax.Array, activation_width: float) -> jax.Array:
    """G, shape (m+1, m+1), for ramps inside [0, 1].

    G_00 = 1, G_0j = 1 - u_j, G_ij = 1 - max(u_i, u_j) - width * chi(|u_i - u_j| / width).

    Source: derived here, checked against quadrature.

    >>> G = gram_inside(jnp.array([0.25, 0.5]), 0.1)
    >>> float(G[0, 1]), float(G[1, 2])
    (0.75, 0.5)
    """
    farther = jnp.maximum(positions[:, None], positions)
    distance = jnp.abs(positions[:, None] - positions) / activation_width
    inner = 1.0 - farther - activation_width * overlap(distance)
    return _bordered(1.0 - positions, inner)


def gram(positions: jax.Array, activation_width: float) -> jax.Array:
    """G_ij = int_0^1 S_i S_j dx with S_0 = 1: shape (m+1, m+1), for positions anywhere.

    >>> float(gram(jnp.array([2.0]), 0.1)[1, 1])
    0.0
    """
    no_jump = Target([0.5], [0.0, 1.0])
    nodes, weights = quadrature(positions, no_jump, activation_width)
    active = features(nodes, positions, activation_width)
    inner = jnp.einsum("gn,gni,gnj->ij", weights, active, active)
    return _bordered(jnp.einsum("gn,gni->i", weights, active), inner)


def _bordered(border: jax.Array, inner: jax.Array) -> jax.Array:
    top = jnp.concatenate([jnp.ones_like(border, shape=(1,)), border])
    return jnp.vstack([top, jnp.hstack([border[:, None], inner])])


def target_vector(positions: jax.Array, target: Target, activation_width: float) -> jax.Array:
    """b_j = int_0^1 f* S_j dx, shape (m+1,), for positions anywhere.

    b_0 = int f*,   b_j = width * sum_i f*_i [P((v_{i+1} - u_j) / width) - P((v_i - u_j) / width)].

    >>> target_vector(jnp.array([0.25]), Target([0.5], [0.0, 2.0]), 0.01).tolist()
    [1.0, 1.0]
    """
    values, edges = _edges(target, positions.dtype)
    primitive = step_primitive((edges[:, None] - positions) / activation_width)
    inner = activation_width * values @ jnp.diff(primitive, axis=0)
    return jnp.concatenate([(values @ jnp.diff(edges))[None], inner])


def loss_and_gradient_inside(
    outer_weights: jax.Array,
    positions: jax.Array,
    target: Target,
    activation_width: float,
    slope: Slope = "exact",
    loss_factor: float = 1.0,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """What :func:`.network.loss_and_gradient` returns, in closed form, for ramps inside [0, 1].

    dL/da = 2 (G a - b),   dL/du_j = -2 a_j [a_0 + sum_k a_k rho((u_j - u_k) / width) - g_j],

    with g_j the target averaged over neuron j's window. The caller sees to ``ramps_inside``.

    >>> value, _, by_position = loss_and_gradient_inside(
    ...     jnp.array([0.0, 1.0]), jnp.array([0.5]), Target([0.6], [0.0, 1.0]), 0.1)
    >>> round(float(by_position[0]), 6)
    -1.0
    """
    values, edges = _edges(target, positions.dtype)
    G = gram_inside(positions, activation_width)
    b = target_vector(positions, target, activation_width)
    energy = values**2 @ jnp.diff(edges)
    product = G @ outer_weights
    value = outer_weights @ (product - 2.0 * b) + energy
    kernel, ramp = (
        (overlap_slope, step) if slope == "exact" else (box_overlap, lambda s: _ramp(slope, s))
    )
    inner = outer_weights[1:]
    seen = outer_weights[0] + kernel((positions[:, None] - positions) / activation_width) @ inner
    wanted = values @ jnp.diff(ramp((edges[:, None] - positions) / activation_width), axis=0)
    by_position = -2.0 * inner * (seen - wanted)
    return loss_factor * value, 2.0 * loss_factor * (product - b), loss_factor * by_position


def _ramp(slope: Slope, s: jax.Array) -> jax.Array:
    """The integral of the box window: the piecewise-linear step."""
    window(slope, 0.0)  # refuses an unknown name
    return jnp.clip(s + 0.5, 0.0, 1.0)


def _edges(target: Target, dtype: jnp.dtype) -> tuple[jax.Array, jax.Array]:
    jumps = jnp.asarray(target.jumps, dtype)
    ends = jnp.array([0.0, 1.0], dtype)
    return jnp.asarray(target.values, dtype), jnp.concatenate([ends[:1], jumps, ends[1:]])


def loss_and_gradient_fast(
    outer_weights: jax.Array,
    positions: jax.Array,
    target: Target,
    activation_width: float,
    slope: Slope = "exact",
    loss_factor: float = 1.0,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """:func:`.network.loss_and_gradient` by whichever exact form is the quicker one here.

    The closed form while the ramps lie inside [0, 1], the Gauss rule otherwise. Under ``vmap`` both
    are computed; ``lax.map`` keeps the choice.
    """

    def of(form):  # type: ignore[no-untyped-def]
        return lambda a, u: form(a, u, target, activation_width, slope, loss_factor)

    return jax.lax.cond(
        ramps_inside(positions, activation_width),
        of(loss_and_gradient_inside),
        of(loss_and_gradient),
        outer_weights,
        positions,
    )


def plateau_gram(positions: jax.Array, activation_width: float) -> jax.Array:
    """M_kl = int phi_k phi_l in plateau coordinates, phi_k = S_k - S_{k+1}, S_{m+1} = 0.

    In these coordinates f = sum_k c_k phi_k, c_k the value on cell k. For ``positions`` in
    increasing order, more than a width apart and inside: tridiagonal, with Delta_k - 5 width / 28
    on the diagonal (5 width / 56 in the two end cells) and 5 width / 56 beside it.

    Source: derived here, checked against quadrature.

    >>> M = plateau_gram(jnp.array([0.3, 0.5, 0.8]), 0.028)
    >>> [round(float(x), 4) for x in M[1]]
    [0.0025, 0.195, 0.0025, 0.0]
    """
    G = gram(positions, activation_width)
    size = G.shape[0]
    difference = jnp.eye(size, dtype=G.dtype) - jnp.eye(size, k=1, dtype=G.dtype)
    return difference @ G @ difference.T
