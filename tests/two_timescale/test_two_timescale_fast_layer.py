"""The fast layer: optimal weights, the loss they leave, the envelope formula."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ttlearn.precision import float64
from ttlearn.two_timescale import (
    PAPER_TARGET,
    SHORTAGE_POSITIONS,
    SHORTAGE_TARGET,
    cell_means,
    fast_solution,
    loss,
    loss_and_gradient,
    reduced_loss_and_gradient,
    sharp_fast_solution,
    sharp_reduced_loss,
    sharp_velocity,
)

WIDTH = 4e-3
U = np.array([0.17, 0.205, 0.31, 0.37, 0.6])
WEIGHTS = [
    *(0.998859983794167, 0.542647713977383, 3.47489333236567),
    *(-1.34700952797703, -1.80478189088803, 1.38662844984378),
]
SLOPES = [
    *(-0.293229287108892, 11.9609000107838, -1.77024998073397),
    *(6.37810121190085, 1.22599077146227),
]


def test_reference_solution_with_a_width() -> None:
    with float64():
        value, a, by_position = reduced_loss_and_gradient(U, PAPER_TARGET, WIDTH)
        np.testing.assert_allclose(a, WEIGHTS, rtol=0, atol=1e-12)
        assert float(value) == pytest.approx(1.87614259578254, abs=1e-12)
        np.testing.assert_allclose(by_position, SLOPES, rtol=0, atol=1e-9)


def test_reference_solution_of_sharp_steps() -> None:
    means = [1, 11 / 7, 5, 11 / 3, 1.8695652173913, 3.25]
    slopes = [-0.326530612244898, 11.7551020408163, -1.77777777777778]
    slopes += [6.354967443814, 1.21538279773157]
    with float64():
        u = jnp.asarray(U)
        np.testing.assert_allclose(cell_means(u, PAPER_TARGET), means, rtol=0, atol=1e-12)
        assert float(sharp_reduced_loss(u, PAPER_TARGET)) == pytest.approx(
            1.8829917184265, abs=1e-12
        )
        np.testing.assert_allclose(sharp_velocity(u, PAPER_TARGET), -np.array(slopes), atol=1e-11)


def test_reference_floor_with_optimal_weights() -> None:
    expected = [0.997843010485658, 4.00791412803138, -4.01008404912521]
    expected += [2.00721840630736, -2.00720978735289, 4.00647270720227]
    with float64():
        value, a, _ = reduced_loss_and_gradient(
            jnp.asarray(PAPER_TARGET.jumps), PAPER_TARGET, WIDTH
        )
        np.testing.assert_allclose(a, expected, rtol=0, atol=1e-10)
        assert float(value) == pytest.approx(0.00798642072234736, abs=1e-10)


def test_reference_envelope_formula_where_neurons_are_short() -> None:
    with float64():
        u = jnp.asarray(SHORTAGE_POSITIONS)
        means = cell_means(u, SHORTAGE_TARGET)
        np.testing.assert_allclose(means, [0, 0.25, 1.15, 2.05, 2.3], rtol=0, atol=1e-12)
        assert float(sharp_reduced_loss(u, SHORTAGE_TARGET)) == pytest.approx(0.08625, abs=1e-12)
        np.testing.assert_allclose(
            sharp_velocity(u, SHORTAGE_TARGET), [0.0625, -0.54, 0.54, -0.0625], rtol=0, atol=1e-12
        )


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ([0.65], 0.3),
        ([0.5], 0.3),
        ([0.35], 1.2),
        ([0.2], 48 / 35),
        ([0.8], 48 / 35),
        ([0.2, 0.35], 1.68),
        ([0.5, 0.65], 0.4),
    ],
)
def test_reference_local_minima(missing: list[float], expected: float) -> None:
    covered = np.setdiff1d(PAPER_TARGET.jumps, missing)
    with float64():
        value = sharp_reduced_loss(jnp.asarray(covered), PAPER_TARGET)
    assert float(value) == pytest.approx(expected, abs=1e-12)


inside = st.lists(st.floats(0.01, 0.99), min_size=4, max_size=4, unique=True)


@settings(max_examples=40, deadline=None)
@given(positions=inside)
def test_the_gradient_in_the_weights_vanishes_at_the_fast_solution(
    positions: list[float],
) -> None:
    with float64():
        u = jnp.asarray(positions)
        a = SOLVE(u)
        value, by_weight, _ = GRADIENT(a, u)
        assert np.max(np.abs(by_weight)) < 1e-9
        better = LOSS(a + 1e-3, u)
        assert float(better) >= float(value)


SOLVE = jax.jit(lambda u: fast_solution(u, PAPER_TARGET, WIDTH))
GRADIENT = jax.jit(lambda a, u: loss_and_gradient(a, u, PAPER_TARGET, WIDTH))
LOSS = jax.jit(lambda a, u: loss(a, u, PAPER_TARGET, WIDTH))
REDUCED = jax.jit(lambda u: sharp_reduced_loss(u, PAPER_TARGET))
VELOCITY = jax.jit(lambda u: sharp_velocity(u, PAPER_TARGET))


@settings(max_examples=40, deadline=None)
@given(positions=inside)
def test_the_envelope_formula_is_the_slope_of_the_reduced_loss(positions: list[float]) -> None:
    u = np.sort(np.array(positions))
    gaps = np.concatenate([np.diff(u), np.abs(np.subtract.outer(PAPER_TARGET.jumps, u)).ravel()])
    assume(np.min(gaps) > 1e-3)
    nudge = 1e-6
    with float64():
        velocity = np.asarray(VELOCITY(jnp.asarray(u)))
        for j in range(4):
            shift = nudge * np.eye(4)[j]
            slope = (float(REDUCED(u + shift)) - float(REDUCED(u - shift))) / (2 * nudge)
            assert -slope == pytest.approx(velocity[j], abs=1e-7)


def test_coincident_neurons_share_their_weight() -> None:
    with float64():
        a = fast_solution(jnp.array([0.2, 0.5, 0.5, 0.8]), PAPER_TARGET, WIDTH)
        once = fast_solution(jnp.array([0.2, 0.5, 0.8]), PAPER_TARGET, WIDTH)
    assert float(a[2]) == pytest.approx(float(a[3]), abs=1e-9)
    assert float(a[2] + a[3]) == pytest.approx(float(once[2]), abs=1e-9)


def test_sharp_solution_keeps_the_order_it_is_given() -> None:
    with float64():
        a = np.asarray(sharp_fast_solution(jnp.asarray(U), PAPER_TARGET))
        order = np.array([3, 0, 4, 2, 1])
        shuffled = np.asarray(sharp_fast_solution(jnp.asarray(U[order]), PAPER_TARGET))
    assert shuffled[0] == a[0]
    np.testing.assert_array_equal(shuffled[1:], a[1:][order])


def test_a_cell_without_jump_takes_the_value_exactly() -> None:
    with float64():
        means = cell_means(jnp.array([0.21, 0.21 + 1e-12, 0.3]), PAPER_TARGET)
    assert np.asarray(means)[1:3].tolist() == [5.0, 5.0]
