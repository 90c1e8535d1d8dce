"""The loss as a quadratic form in the outer weights: L = a' G a - 2 a' b + int f*^2.

Every entry is a closed form, whatever overlaps and wherever a ramp is cut by an end of [0, 1]:
:mod:`.ends` has what two ramps share beyond it. It gives the fast form of the gradient.

NumPy arrays and lists are computed in float64; JAX arrays in their own precision, also under a
transformation (:func:`.doors.kernel_or_float64`).
"""

from __future__ import annotations

from typing import Any

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
from ttlearn.two_timescale.doors import kernel_or_float64
from ttlearn.two_timescale.ends import cut_overlap, cut_window
from ttlearn.two_timescale.target import Target


def clamped(positions: jax.Array, activation_width: float) -> jax.Array:
    """Positions whose ramps lie beyond an end, moved until they touch it: the same on [0, 1].

    >>> clamped(jnp.array([-3.0, 0.5, 1.25]), 0.25).tolist()
    [-0.125, 0.5, 1.125]
    """
    half = activation_width / 2.0
    return jnp.clip(positions, -half, 1.0 + half)


@kernel_or_float64
def gram(positions: jax.Array, activation_width: float) -> jax.Array:
    """G_ij = int_0^1 S_i S_j dx with S_0 = 1: shape (m+1, m+1), for positions anywhere.

    While ramps lie inside [0, 1], G_0j = 1 - u_j and, with chi of :func:`.activation.overlap`,

        G_ij = 1 - max(u_i, u_j) - width * chi(|u_i - u_j| / width).

    Source: derived here, checked against quadrature.

    >>> G = gram(jnp.array([0.25, 0.5, 2.0]), 0.1)
    >>> float(G[0, 1]), float(G[1, 2]), abs(float(G[3, 3])) < 1e-7
    (0.75, 0.5, True)
    """
    positions = clamped(positions, activation_width)
    before, beyond = _past_ends(positions, activation_width)
    inner = _gram_before_ends(positions, activation_width)
    share = step_primitive(beyond)
    inner -= activation_width * cut_overlap(before[:, None], before)
    inner += activation_width * (share[:, None] + share - cut_overlap(beyond[:, None], beyond))
    return _bordered(_share_of_bias(before, beyond, positions, activation_width), inner)


def _gram_before_ends(positions: jax.Array, activation_width: float) -> jax.Array:
    """int S_i S_j over x <= 1, each step taken to be 1 from x = 1 on."""
    farther = jnp.maximum(positions[:, None], positions)
    distance = jnp.abs(positions[:, None] - positions) / activation_width
    return 1.0 - farther - activation_width * overlap(distance)


def _past_ends(positions: jax.Array, activation_width: float) -> tuple[jax.Array, jax.Array]:
    """How far each neuron lies beyond 0 and beyond 1, in widths: at most 1/2."""
    return -positions / activation_width, (positions - 1.0) / activation_width


def _share_of_bias(
    before: jax.Array, beyond: jax.Array, positions: jax.Array, activation_width: float
) -> jax.Array:
    """int_0^1 S_j."""
    cut = step_primitive(beyond) - step_primitive(before)
    return 1.0 - positions + activation_width * cut


def _bordered(border: jax.Array, inner: jax.Array) -> jax.Array:
    top = jnp.concatenate([jnp.ones_like(border, shape=(1,)), border])
    return jnp.vstack([top, jnp.hstack([border[:, None], inner])])


@kernel_or_float64
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


@kernel_or_float64
def loss_and_gradient_fast(
    outer_weights: jax.Array,
    positions: jax.Array,
    target: Target,
    activation_width: float,
    slope: Slope = "exact",
    loss_factor: float = 1.0,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """What :func:`.network.loss_and_gradient` returns, in closed form, for positions anywhere.

    dL/da = 2 (G a - b),   dL/du_j = -2 a_j [sum_k a_k K_jk - g_j],

    with K_jk and g_j neuron k and the target averaged over neuron j's window. While ramps lie
    inside [0, 1], K_j0 = 1 and K_jk = rho((u_j - u_k) / width), rho of
    :func:`.activation.overlap_slope`.

    Source: derived here, checked against quadrature and autodiff.

    >>> value, _, by_position = loss_and_gradient_fast(
    ...     jnp.array([0.0, 1.0]), jnp.array([0.5]), Target([0.6], [0.0, 1.0]), 0.1)
    >>> round(float(by_position[0]), 6)
    -1.0
    """
    positions = clamped(positions, activation_width)
    values, edges = _edges(target, positions.dtype)
    bias, inner = outer_weights[0], outer_weights[1:]
    before, beyond = _past_ends(positions, activation_width)
    border = _share_of_bias(before, beyond, positions, activation_width)
    more, seen_less = _cut_terms(before, beyond, inner, slope)
    product = jnp.sum(_gram_before_ends(positions, activation_width) * inner, axis=1)
    product += bias * border + activation_width * more
    product = jnp.concatenate([(bias + jnp.sum(border * inner))[None], product])
    b = target_vector(positions, target, activation_width)
    value = jnp.sum(outer_weights * (product - 2.0 * b)) + jnp.sum(values**2 * jnp.diff(edges))
    kernel = overlap_slope if slope == "exact" else box_overlap
    distance = (positions[:, None] - positions) / activation_width
    seen = bias * (1.0 - _ramp(slope, before) - _ramp(slope, beyond)) - seen_less
    seen += jnp.sum(kernel(distance) * inner, axis=1)
    met = _ramp(slope, (edges[:, None] - positions) / activation_width)
    by_position = -2.0 * inner * (seen - values @ jnp.diff(met, axis=0))
    return loss_factor * value, 2.0 * loss_factor * (product - b), loss_factor * by_position


def _cut_terms(
    before: jax.Array, beyond: jax.Array, inner: jax.Array, slope: Slope
) -> tuple[jax.Array, jax.Array]:
    """What ramps cut by an end add to (G a)_j / width, and take from sum_k a_k K_jk."""
    numbers = jnp.arange(inner.size)
    cut = jnp.maximum(before, beyond) > -0.5

    def next_cut(number: Any) -> jax.Array:
        return jnp.min(jnp.where(cut & (numbers > number), numbers, inner.size))

    def add(carry: Any) -> Any:
        k, shared, windows = carry
        p, q, weight = (jnp.sum(jnp.where(numbers == k, x, 0.0)) for x in (before, beyond, inner))
        shared += weight * (cut_overlap(before, p) + cut_overlap(beyond, q))
        windows += weight * (cut_window(before, p, slope) - cut_window(beyond, q, slope))
        return next_cut(k), shared, windows

    # A loop over the cut neurons, of which there are mostly none: a lax.cond would keep XLA from
    # compiling the loops around it into one function, and both of its branches run under vmap.
    nothing = jnp.zeros_like(inner)
    _, shared, windows = jax.lax.while_loop(
        lambda carry: carry[0] < inner.size, add, (next_cut(-1), nothing, nothing)
    )
    share, total = step_primitive(beyond), jnp.sum(inner)
    more = share * total + jnp.sum(share * inner) - shared
    return more, _ramp(slope, beyond) * total + windows


def _ramp(slope: Slope, s: jax.Array) -> jax.Array:
    """The integral of the window: the step, or the piecewise-linear one of the box."""
    window(slope, 0.0)  # refuses an unknown name
    return step(s) if slope == "exact" else jnp.clip(s + 0.5, 0.0, 1.0)


def _edges(target: Target, dtype: jnp.dtype) -> tuple[jax.Array, jax.Array]:
    jumps = jnp.asarray(target.jumps, dtype)
    ends = jnp.array([0.0, 1.0], dtype)
    return jnp.asarray(target.values, dtype), jnp.concatenate([ends[:1], jumps, ends[1:]])


@kernel_or_float64
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
