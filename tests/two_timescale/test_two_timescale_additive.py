"""The sorted gradient of additive step networks against autodiff of the objective."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn.precision import float64
from ttlearn.two_timescale.experiments.additive import (
    norm_slope,
    overfull,
    ramp_points,
    sort_points,
)
from ttlearn.two_timescale.experiments.beyond import objective, target_values

WIDTH = 0.01


def both(positions, count=700, dimensions=2, seed=0):
    """The gradient by sorting, and by autodiff."""
    random = np.random.default_rng(seed)
    with float64():
        points = jnp.asarray(random.random((count, dimensions)))
        values = target_values(points, False)
        positions = jnp.asarray(positions, jnp.float64)
        state = {
            "outer_weights": jnp.asarray(random.uniform(-1, 3, positions.shape)),
            "positions": positions,
        }
        placed = sort_points(points)
        assert not overfull(placed, WIDTH)
        found = norm_slope(state, placed, values, WIDTH)
        exact = jax.grad(objective)(state, points, values, False)
        return jax.tree.map(np.asarray, (found, exact))


def assert_equal(found, exact):
    for name in exact:
        np.testing.assert_allclose(found[name], exact[name], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("seed", range(4))
def test_gradient_is_that_of_autodiff(seed):
    positions = np.random.default_rng(seed + 100).random((2, 10))
    assert_equal(*both(positions, seed=seed))


@pytest.mark.parametrize(
    "positions",
    [
        [[0.0, 0.002, 1.0, 0.998]],
        [[-0.3, -0.004, 1.004, 1.7]],
        [[0.5, 0.5, 0.503, 0.5]],
        [[-5.0, 5.0, 0.0049, 0.9951]],
    ],
    ids=["at the ends", "beyond them", "on one another", "far away"],
)
def test_ramps_at_and_beyond_the_ends_and_on_one_another(positions):
    assert_equal(*both(positions, dimensions=1))


def test_fewer_points_than_a_ramp_has_room_for():
    assert ramp_points(12, WIDTH) == 12
    assert_equal(*both(np.random.default_rng(1).random((3, 4)), count=12, dimensions=3))


def test_too_many_points_on_a_ramp_are_seen():
    points = np.random.default_rng(0).random((700, 2))
    points[:60, 1] = 0.4
    assert ramp_points(700, WIDTH) < 60
    assert overfull(sort_points(jnp.asarray(points)), WIDTH)
