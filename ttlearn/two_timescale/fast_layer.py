"""The fast layer: the best outer weights for frozen positions, and the loss they leave.

On the fast time the positions stand still and a least-squares problem is solved: a*(u) is its
solution and L*(u) = min_a L(a, u) the landscape that the slow positions then descend.

NumPy arrays and lists are computed in float64; JAX arrays in their own precision, also under a
transformation (:func:`.doors.kernel_or_float64`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ttlearn.two_timescale.activation import Slope
from ttlearn.two_timescale.doors import kernel_or_float64
from ttlearn.two_timescale.network import features, loss_and_gradient, quadrature
from ttlearn.two_timescale.target import Target, piece_values


@kernel_or_float64
def cell_means(positions: jax.Array, target: Target) -> jax.Array:
    """c*: the target's mean over each cell between sorted neurons, shape (m+1,).

    c*_k = (1 / Delta_k) int_{u_k}^{u_{k+1}} f*,   u_0 = 0, u_{m+1} = 1.

    A cell without jump takes the target's value exactly. An empty cell, between two neurons in one
    place, takes the mean of the values on the two sides.

    Arguments:
        positions: shape (m,), increasing, in [0, 1].
        target: the function to fit.

    Source: Marion & Berthier 2023 (recalled); derived here.

    >>> cell_means(jnp.array([0.25, 0.75]), Target([0.5], [0.0, 1.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    dtype = positions.dtype
    jumps, values = jnp.asarray(target.jumps, dtype), jnp.asarray(target.values, dtype)
    ends = jnp.array([0.0, 1.0], dtype)
    edges = jnp.concatenate([ends[:1], jumps, ends[1:]])
    points = jnp.concatenate([ends[:1], positions, ends[1:]])
    start, stop = points[:-1], points[1:]
    # Weights of the pieces, not a difference of primitives: a short cell would lose its digits.
    inside = jnp.minimum(stop[:, None], edges[1:]) - jnp.maximum(start[:, None], edges[:-1])
    inside = jnp.maximum(inside, 0.0)
    total = jnp.sum(inside, axis=1)
    left = values[jnp.searchsorted(jumps, start, side="left")]
    right = values[jnp.searchsorted(jumps, stop, side="right")]
    mean = inside @ values / jnp.where(total > 0.0, total, 1.0)
    one_piece = jnp.max(inside, axis=1) == total
    constant = values[jnp.argmax(inside, axis=1)]
    return jnp.where(total > 0.0, jnp.where(one_piece, constant, mean), 0.5 * (left + right))


@kernel_or_float64
def sharp_fast_solution(positions: jax.Array, target: Target) -> jax.Array:
    """a*(u) for sharp steps (width 0): differences of the cell means, shape (m+1,).

    Arguments:
        positions: shape (m,), any order, in [0, 1].

    >>> sharp_fast_solution(jnp.array([0.75, 0.25]), Target([0.5], [0.0, 1.0])).tolist()
    [0.0, 0.5, 0.5]
    """
    order = jnp.argsort(positions)
    means = cell_means(positions[order], target)
    by_order = jnp.diff(means)
    return jnp.concatenate([means[:1], jnp.zeros_like(by_order).at[order].set(by_order)])


@kernel_or_float64
def sharp_reduced_loss(positions: jax.Array, target: Target, loss_factor: float = 1.0) -> jax.Array:
    """L*(u) for sharp steps: the variance of the target inside the cells, summed.

    L* = sum_k int_{C_k} (f* - c*_k)^2; a cell with one jump J at distances l and r from its ends
    contributes J^2 l r / (l + r).

    >>> float(sharp_reduced_loss(jnp.array([0.25, 0.75]), Target([0.5], [0.0, 1.0])))
    0.125
    """
    positions = jnp.sort(positions)
    dtype = positions.dtype
    means = cell_means(positions, target)
    values = jnp.asarray(target.values, dtype)
    ends = jnp.array([0.0, 1.0], dtype)
    edges = jnp.concatenate([ends[:1], jnp.asarray(target.jumps, dtype), ends[1:]])
    points = jnp.concatenate([ends[:1], positions, ends[1:]])
    inside = jnp.minimum(points[1:, None], edges[1:]) - jnp.maximum(points[:-1, None], edges[:-1])
    return loss_factor * jnp.sum(jnp.maximum(inside, 0.0) * (values - means[:, None]) ** 2)


@kernel_or_float64
def fast_solution(positions: jax.Array, target: Target, activation_width: float) -> jax.Array:
    """a*(u) = argmin_a L(a, u), shape (m+1,), for any positions and a width > 0.

    Neurons in one place share their weight equally: the solution of least norm.

    Arguments:
        positions: shape (m,), any order, any place.
        target: the function to fit.
        activation_width: the width of the smoothed step.

    Source: Marion & Berthier 2023 (recalled); least squares on exact quadrature nodes, here.

    >>> a = fast_solution(jnp.array([0.5]), Target([0.5], [0.0, 1.0]), 1e-3)
    >>> abs(float(a[1]) - 1.0) < 1e-3
    True
    """
    nodes, weights = quadrature(positions, target, activation_width)
    root = jnp.sqrt(weights).ravel()
    active = features(nodes, positions, activation_width).reshape(root.size, -1)
    design = root[:, None] * jnp.column_stack([jnp.ones_like(root), active])
    # On the nodes, not through G: a pair of close neurons costs half as many digits.
    return jnp.linalg.lstsq(design, root * piece_values(nodes, target).ravel())[0]


@kernel_or_float64
def reduced_loss_and_gradient(
    positions: jax.Array,
    target: Target,
    activation_width: float,
    slope: Slope = "exact",
    loss_factor: float = 1.0,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """L*(u), a*(u) and dL*/du: by the envelope theorem, dL/du at a = a*(u).

    Returns: a scalar, shape (m+1,), shape (m,).

    >>> value, a, slope = reduced_loss_and_gradient(
    ...     jnp.array([0.4]), Target([0.6], [0.0, 1.0]), 1e-2)
    >>> float(slope[0]) < 0.0
    True
    """
    a = fast_solution(positions, target, activation_width)
    value, _, by_position = loss_and_gradient(
        a, positions, target, activation_width, slope, loss_factor
    )
    return value, a, by_position


@kernel_or_float64
def sharp_velocity(positions: jax.Array, target: Target, loss_factor: float = 1.0) -> jax.Array:
    """du/dtau = -dL*/du for sharp steps, any number of jumps in a cell (the envelope formula).

    du_j/dtau = loss_factor * [(f*(u_j) - c*_j)^2 - (f*(u_j) - c*_{j-1})^2].

    Arguments:
        positions: shape (m,), increasing, off the jumps.

    Source: derived here, checked against finite differences.

    >>> sharp_velocity(jnp.array([0.25, 0.75]), Target([0.5], [0.0, 1.0])).tolist()
    [0.25, -0.25]
    """
    means = cell_means(positions, target)
    here = piece_values(positions, target)
    return loss_factor * ((here - means[1:]) ** 2 - (here - means[:-1]) ** 2)
