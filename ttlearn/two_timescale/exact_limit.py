"""The limit flow under condition C1, without time stepping: one race for each jump.

C1: every inner piece of the target holds at least two neurons. Then the flanks of different jumps
are different neurons, a neuron whose two cells hold no jump stands still, and each jump is an
independent race of :mod:`.race`. An empty end piece makes the end of [0, 1] a flank that stands.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from ttlearn.two_timescale.race import (
    hitting_time,
    one_sided_hitting_time,
    one_sided_state,
    race_state,
)
from ttlearn.two_timescale.target import Target


class Races(NamedTuple):
    """The n-1 races of a start, one entry for each jump.

    Fields:
        left, right: index of the flank in the sorted positions; -1 and m mean the end of [0, 1].
        left_distance, right_distance: distance of the flanks from the jump.
        rate: kappa = loss_factor * J^2.
        hitting_times: slow time at which the jump is reached.
    """

    left: jax.Array
    right: jax.Array
    left_distance: jax.Array
    right_distance: jax.Array
    rate: jax.Array
    hitting_times: jax.Array


def neurons_per_piece(positions: ArrayLike, target: Target) -> jax.Array:
    """How many neurons each of the n pieces holds; one on a jump counts for the right piece.

    >>> neurons_per_piece(jnp.array([0.1, 0.2, 0.9]), Target([0.5], [0.0, 1.0])).tolist()
    [2, 1]
    """
    positions = jnp.asarray(positions)
    jumps = jnp.asarray(target.jumps, positions.dtype)
    piece = jnp.searchsorted(jumps, positions, side="right")
    return jnp.sum(piece[:, None] == jnp.arange(jumps.size + 1), axis=0)


def races(positions: jax.Array, target: Target, loss_factor: float = 1.0) -> Races:
    """The races that a start under C1 sets off.

    Arguments:
        positions: shape (m,), increasing, in (0, 1), off the jumps, fulfilling C1.
        target: the function to fit.
        loss_factor: 1 or 1/2.

    Source: Marion & Berthier 2023 (limit); the closed forms are derived here.

    >>> float(races(jnp.array([0.4, 0.7]), Target([0.5], [0.0, 1.0])).hitting_times[0]) < 0.4
    True
    """
    jumps = jnp.asarray(target.jumps, positions.dtype)
    values = jnp.asarray(target.values, positions.dtype)
    rate = loss_factor * jnp.diff(values) ** 2
    right = jnp.searchsorted(positions, jumps)
    left = right - 1
    ends = jnp.array([0.0, 1.0], positions.dtype)
    padded = jnp.concatenate([ends[:1], positions, ends[1:]])
    to_left, to_right = jumps - padded[left + 1], padded[right + 1] - jumps
    times = jnp.where(
        left < 0,
        one_sided_hitting_time(to_left, to_right, rate),
        jnp.where(
            right >= positions.size,
            one_sided_hitting_time(to_right, to_left, rate),
            hitting_time(to_left, to_right, rate),
        ),
    )
    return Races(left, right, to_left, to_right, rate, times)


def positions_at(
    slow_time: ArrayLike, start: Races, positions: jax.Array, target: Target
) -> jax.Array:
    """All positions at ``slow_time``, shape (m,), in the order of ``positions``.

    >>> one_step = Target([0.5], [0.0, 1.0])
    >>> u = jnp.array([0.4, 0.7])
    >>> round(float(positions_at(10.0, races(u, one_step), u, one_step)[0]), 6)
    0.5
    """
    jumps = jnp.asarray(target.jumps, positions.dtype)
    to_left, to_right, rate = start.left_distance, start.right_distance, start.rate
    free_left, free_right = race_state(to_left, to_right, rate, slow_time)
    no_left, no_right = start.left < 0, start.right >= positions.size
    to_left = jnp.where(no_right, one_sided_state(to_right, to_left, rate, slow_time), free_left)
    to_right = jnp.where(
        no_left, one_sided_state(start.left_distance, to_right, rate, slow_time), free_right
    )
    # An index off the end is an end of [0, 1]: nobody there to move. -1 would wrap around.
    beyond = positions.size
    moved = positions.at[jnp.where(no_left, beyond, start.left)].set(jumps - to_left, mode="drop")
    return moved.at[start.right].set(jumps + to_right, mode="drop")
