"""The step network, its exact loss and its exact gradient.

f(x; a, u) = a_0 + sum_j a_j S((x - u_j) / width),    L(a, u) = loss_factor * int_0^1 (f - f*)^2 dx.

Between neighbouring points of {0, 1, u_j, u_j +- width/2, jumps} the residual is a cubic, so four
Gauss-Legendre nodes integrate the loss and both gradients exactly (degrees 6, 6 and 5). That holds
for any overlap and any position, on the edge of [0, 1] and outside it. :mod:`.quadratic_form` has
the closed form of the same loss and gradient, which is faster.

NumPy arrays and lists are computed in float64; JAX arrays in their own precision, also under a
transformation (:func:`.doors.kernel_or_float64`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from ttlearn.two_timescale.activation import Slope, step, window
from ttlearn.two_timescale.doors import kernel_or_float64
from ttlearn.two_timescale.target import Target, piece_values

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
_NODES, _WEIGHTS = (_NODES + 1.0) / 2.0, _WEIGHTS / 2.0


@kernel_or_float64
def predict(
    x: ArrayLike, outer_weights: ArrayLike, positions: ArrayLike, activation_width: float
) -> jax.Array:
    """f(x; a, u) = a_0 + sum_j a_j S((x - u_j) / width).

    Arguments:
        x: any shape, in the unit of the positions.
        outer_weights: shape (m+1,); entry 0 is the output bias.
        positions: shape (m,).
        activation_width: the width of the smoothed step.

    Returns: the shape of ``x``.

    >>> predict(jnp.array([0.2, 0.7]), jnp.array([1.0, 2.0]), jnp.array([0.5]), 0.1).tolist()
    [1.0, 3.0]
    """
    x, outer_weights = jnp.asarray(x), jnp.asarray(outer_weights)
    return outer_weights[0] + features(x, positions, activation_width) @ outer_weights[1:]


@kernel_or_float64
def features(x: ArrayLike, positions: ArrayLike, activation_width: float) -> jax.Array:
    """S((x - u_j) / width) for every point and neuron: the shape of ``x``, then (m,)."""
    return step((jnp.asarray(x)[..., None] - jnp.asarray(positions)) / activation_width)


@kernel_or_float64
def quadrature(
    positions: jax.Array, target: Target, activation_width: float
) -> tuple[jax.Array, jax.Array]:
    """Nodes and weights on [0, 1] that integrate the loss and its gradients exactly.

    Returns: nodes, shape (3 m + n, 4), and weights of that shape, which sum to 1.
    """
    half = activation_width / 2.0
    jumps = jnp.asarray(target.jumps, positions.dtype)
    ends = jnp.array([0.0, 1.0], positions.dtype)
    # Points outside [0, 1] move onto its ends, where they make gaps of length 0.
    points = jnp.concatenate([positions - half, positions, positions + half, jumps, ends])
    points = jnp.sort(jnp.clip(points, 0.0, 1.0))
    # The nodes carry no derivative: the residual is continuous across every point that moves, so
    # they contribute nothing, and where a ramp's end meets a jump their derivative would be wrong.
    points = jax.lax.stop_gradient(points)
    start, length = points[:-1, None], jnp.diff(points)[:, None]
    nodes = start + length * jnp.asarray(_NODES, positions.dtype)
    return nodes, length * jnp.asarray(_WEIGHTS, positions.dtype)


@kernel_or_float64
def loss(
    outer_weights: jax.Array,
    positions: jax.Array,
    target: Target,
    activation_width: float,
    loss_factor: float = 1.0,
) -> jax.Array:
    """L(a, u) = loss_factor * int_0^1 (f(x; a, u) - f*(x))^2 dx, exactly, never negative.

    Arguments:
        outer_weights: shape (m+1,); entry 0 is the output bias.
        positions: shape (m,), any order, any place.
        target: the function to fit.
        activation_width: the width of the smoothed step.
        loss_factor: 1, the paper's plots; or 1/2.

    Source: Marion & Berthier 2023 (loss); the quadrature is derived here.

    >>> one_step = Target([0.5], [0.0, 1.0])
    >>> round(float(loss(jnp.array([0.0, 1.0]), jnp.array([0.5]), one_step, 0.28)), 6)
    0.01
    """
    nodes, weights = quadrature(positions, target, activation_width)
    residual = predict(nodes, outer_weights, positions, activation_width)
    residual = residual - piece_values(nodes, target)
    return loss_factor * jnp.sum(weights * residual**2)


@kernel_or_float64
def loss_and_gradient(
    outer_weights: jax.Array,
    positions: jax.Array,
    target: Target,
    activation_width: float,
    slope: Slope = "exact",
    loss_factor: float = 1.0,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The loss, its gradient in a, and its gradient (or the box surrogate of it) in u.

    dL/da_j = 2 int (f - f*) S(s_j),   dL/du_j = -2 (a_j / width) int (f - f*) w(s_j),

    with s_j = (x - u_j) / width, and w = S' (``"exact"``) or the indicator of |s| <= 1/2
    (``"box"``, what the authors' one-dimensional code uses), all times ``loss_factor``.

    Arguments: as :func:`loss`.

    Returns: a scalar, shape (m+1,), shape (m,).

    >>> value, by_weight, by_position = loss_and_gradient(
    ...     jnp.array([0.0, 1.0]), jnp.array([0.5]), Target([0.6], [0.0, 1.0]), 0.1)
    >>> round(float(by_position[0]), 6)
    -1.0
    """
    nodes, weights = quadrature(positions, target, activation_width)
    scaled = (nodes[..., None] - positions) / activation_width
    active = step(scaled)
    residual = outer_weights[0] + active @ outer_weights[1:] - piece_values(nodes, target)
    weighted = weights * residual
    by_bias = jnp.sum(weighted)[None]
    by_weight = jnp.concatenate([by_bias, jnp.einsum("gn,gnj->j", weighted, active)])
    hit = jnp.einsum("gn,gnj->j", weighted, window(slope, scaled))
    by_position = -outer_weights[1:] * hit / activation_width
    value = loss_factor * jnp.sum(weighted * residual)
    return value, 2.0 * loss_factor * by_weight, 2.0 * loss_factor * by_position
