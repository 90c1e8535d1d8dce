"""Gradient descent with its own transverse variable, weight space, exponential loss."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn import directional as di
from ttlearn.directional.descent import State, step
from ttlearn.precision import float64

GAUSSIAN, CIRCLE, TABLE = di.Gaussian(), di.Sphere(2), di.Tabulated(di.Gaussian())
PAPER_ANGLE = math.acos(-0.8)
STEPS = np.arange(301)


@pytest.mark.parametrize(
    ("law", "step_size", "steps", "along", "across"),
    [
        (
            CIRCLE,
            0.5,
            [1, 10, 100],
            [-5.9373077412330049e-1, 7.9125777129874115e-1, 4.2230671336148369],
            [5.6466428791139687e-1, 3.2022715302136293e-1, 6.3949520118212752e-3],
        ),
        (
            GAUSSIAN,
            10.0,
            [1, 5, 20],
            [4.8423905171495831, 5.7399734505956262, 7.7734210834941902],
            [-6.3972578485144222e-1, -3.6208276672070782e-3, -9.7085773344652258e-9],
        ),
    ],
)
def test_reference_values(law, step_size, steps, along, across):
    run = di.descent(law, 1.0, PAPER_ANGLE, step_size, steps)
    np.testing.assert_allclose(run["along"], along, rtol=1e-11)
    np.testing.assert_allclose(run["sign"] * np.exp(run["log_across"]), across, rtol=1e-11)


def test_late_constant():
    run = di.descent(TABLE, 1.0, PAPER_ANGLE, 1.0, [1000, 10_000, 100_000])
    found = di.late_descent_constant(TABLE, run)
    np.testing.assert_allclose(found, [0.5636, 0.5468, 0.5414], atol=1e-4)
    run = di.descent(TABLE, 1.0, PAPER_ANGLE, 4.0, [1000, 10_000, 100_000])
    found = di.late_descent_constant(TABLE, run)
    np.testing.assert_allclose(found, [-0.0770, -0.0833, -0.0854], atol=1e-4)


@pytest.mark.parametrize("step_size", [0.1, 4.0, 50.0])
@pytest.mark.parametrize("angle", [0.1, 2.0, 3.1, math.pi])
def test_any_step_size_gains_along_the_teacher(step_size, angle):
    run = di.descent(TABLE, 1.0, angle, step_size, STEPS)
    assert np.all(np.diff(run["along"]) > 0)
    if step_size <= 4 and angle < math.pi:
        assert np.all(np.diff(run["log_half_angle"]) < 0)
    assert run["angle"][-1] < 0.2 or step_size == 0.1


def test_small_steps_follow_the_flow():
    coarse, fine = (
        di.descent(TABLE, 1.0, 2.0, h, [round(10 / h)])["norm"][0] for h in (0.02, 0.01)
    )
    exact = 1.7924004905766884
    assert abs(fine - exact) < 1e-3
    # First order: halving the step halves the error.
    assert (coarse - exact) / (fine - exact) == pytest.approx(2, abs=0.05)


def test_step_is_descent_on_the_stated_loss():
    """At depth 3, against autodiff of the loss in the weights (p, u2, u3)."""
    with float64():
        teacher = jnp.asarray([1.0, 0.0])

        def loss(weights):
            p, u, w = weights
            return di.loss(GAUSSIAN, u * w * p, teacher)

        weights = jnp.asarray([-0.4, 0.7]), jnp.asarray(0.9), jnp.asarray(0.9)
        slope = jax.grad(loss)(weights)
        after = step(
            GAUSSIAN,
            State(*(jnp.asarray(x) for x in (-0.4, math.log(0.7), 1.0, 0.9))),
            0.3,
            3,
        )
        np.testing.assert_allclose(after.along, -0.4 - 0.3 * slope[0][0], rtol=1e-12)
        across = after.sign * jnp.exp(after.log_across)
        np.testing.assert_allclose(across, 0.7 - 0.3 * slope[0][1], rtol=1e-12)
        np.testing.assert_allclose(after.outer, 0.9 - 0.3 * slope[1], rtol=1e-12)


def test_catapult_at_depth_3():
    run = di.descent(TABLE, 1.0, PAPER_ANGLE, 1.0, [1000, 2000, 3000, 3200], 3)
    assert run["norm"][0] == pytest.approx(127.50, abs=0.01)
    assert run["sharpness"][0] == pytest.approx(1.9991, abs=1e-4)
    log10 = run["log_half_angle"] / math.log(10)
    np.testing.assert_allclose(log10[:3], [-232.51, -167.54, -19.82], atol=0.01)
    assert run["norm"][3] < run["norm"][2]
    assert di.critical_norm(TABLE, 1.0, 3) == pytest.approx(126.0, abs=0.01)
    assert di.critical_norm(TABLE, 1.0, 2) == math.inf
    assert di.critical_norm(TABLE, 6.0, 2) == 0.0


def test_descent_from_the_origin_and_from_pi():
    run = di.descent(GAUSSIAN, 0.0, 0.0, 1.0, [0, 1, 2])
    assert np.all(np.diff(run["along"]) > 0)
    assert not any(np.any(np.isnan(array)) for array in run.arrays.values())
    run = di.descent(GAUSSIAN, 1.0, math.pi, 1.0, [0, 5, 50])
    np.testing.assert_array_equal(run["angle"], [math.pi, 0.0, 0.0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: di.descent(GAUSSIAN, 1.0, 1.0, 0.0, [1]), ValueError, "step_size"),
        (lambda: di.descent(GAUSSIAN, 1.0, 1.0, -1.0, [1]), ValueError, "step_size"),
        (lambda: di.descent(GAUSSIAN, 1.0, 1.0, float("inf"), [1]), ValueError, "step_size"),
        (lambda: di.descent(GAUSSIAN, 1.0, 1.0, 1.0, [2, 1]), ValueError, "increasing"),
        (lambda: di.descent(GAUSSIAN, 1.0, 1.0, 1.0, [0.5]), ValueError, "whole"),
        (lambda: di.descent(GAUSSIAN, 0.0, 1.0, 1.0, [1], 2), ValueError, "stationary"),
        (lambda: di.descent(GAUSSIAN, 1.0, -1.0, 1.0, [1]), ValueError, "angle"),
        (lambda: di.descent(GAUSSIAN, 1e3, 2.0, 1e6, [50], 6), OverflowError, "step_size"),
        (lambda: di.critical_norm(GAUSSIAN, 1.0, 0), ValueError, "depth"),
    ],
)
def test_bad_descents_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(("depth", "width"), [(1, 1), (2, 3), (4, 2)])
def test_balanced_network_obeys_the_reduced_flow(depth, width):
    vector, times = np.array([-0.8, 0.6]), [0.5, 2.0, 10.0]
    layers = di.balanced_layers(vector, depth, width)
    assert di.balance_defect(layers) < 1e-12
    whole = di.deep_flow(GAUSSIAN, layers, times)
    reduced = di.flow(GAUSSIAN, 1.0, PAPER_ANGLE, times, depth)
    np.testing.assert_allclose(whole["norm"], reduced["norm"], rtol=1e-7)
    np.testing.assert_allclose(whole["angle"], reduced["angle"], rtol=1e-7)
    np.testing.assert_allclose(whole.losses, reduced.losses, rtol=1e-7)


def test_unbalanced_network_escapes_from_antiparallel():
    # u^2 - p^2 = delta is conserved; delta > 0 or < 0 leaves the saddle, delta = 0 does not.
    for outer, stuck in ((1.2, False), (0.8, False), (1.0, True)):
        layers = [np.array([[-1.0, 0.0]]), np.array([[outer]])]
        run = di.deep_flow(CIRCLE, layers, [0.0, 5.0, 20.0, 200.0])
        u, p = run["layer_2"][:, 0, 0], run["layer_1"][:, 0, 0]
        np.testing.assert_allclose(u**2 - p**2, outer**2 - 1, atol=1e-8)
        # The saddle itself is only approached: e^{-2kt} is rounding by t = 200.
        assert (run["norm"][-1] < 1e-9) == stuck
        assert stuck or run["weights"][-1, 0] > 1


def test_weights_descent_matches_the_reduced_one():
    layers = di.balanced_layers([-0.8, 0.6], 3)
    whole = di.deep_descent(GAUSSIAN, layers, 0.2, 60, keep=4)
    reduced = di.descent(GAUSSIAN, 1.0, PAPER_ANGLE, 0.2, whole.times, 3)
    np.testing.assert_allclose(whole["norm"], reduced["norm"], rtol=1e-10)
    np.testing.assert_allclose(whole["angle"], reduced["angle"], rtol=1e-9)


def test_deep_force_is_minus_the_gradient():
    random = np.random.default_rng(0)
    with float64():
        shapes = [(3, 4), (2, 3), (1, 2)]
        layers = tuple(jnp.asarray(random.standard_normal(shape)) for shape in shapes)
        teacher = jnp.asarray(np.eye(4)[0])
        slopes = jax.grad(lambda w: di.loss(CIRCLE, di.end_to_end(w), teacher))(layers)
        for found, slope in zip(di.deep_force(CIRCLE, layers, teacher), slopes, strict=True):
            np.testing.assert_allclose(found, -slope, atol=1e-12)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([np.ones((2, 3)), np.ones((1, 3))], "shapes"),
        ([np.ones((2, 3))], "shapes"),
        ([np.ones((1, 1))], "coordinate"),
        ([np.array([[np.nan, 1.0]])], "finite"),
        ([], "depth"),
    ],
)
def test_bad_layers_are_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        di.deep_flow(GAUSSIAN, layers, [1.0])
    with pytest.raises(ValueError, match="direction"):
        di.balanced_layers([0.0, 0.0], 2)


@pytest.mark.slow
def test_exponential_reference_values():
    assert di.exponential_loss(GAUSSIAN, 1.5, 2.0) == pytest.approx(4.5202707538525342, rel=1e-12)
    assert di.exponential_loss(CIRCLE, 1.5, 2.0) == pytest.approx(2.2002443078725490, rel=1e-12)
    said = (-7.6221041934601332862, -1.8391438197887030897)
    np.testing.assert_allclose(di.exponential_force(GAUSSIAN, 1.5, 2.0), said, rtol=1e-12)
    run = di.exponential_flow(GAUSSIAN, 1.0, 2.0, [10.0], rtol=1e-11)
    found = run["norm"][0] * np.array([np.cos(run["angle"][0]), np.sin(run["angle"][0])])
    np.testing.assert_allclose(found, [2.2168448640710188, 6.6066220895551782e-3], rtol=1e-9)


@pytest.mark.parametrize("law", [GAUSSIAN, CIRCLE, di.Sphere(3), GAUSSIAN.scaled(0.7)], ids=str)
@pytest.mark.parametrize("point", [(1.5, 2.0), (3.0, 0.4), (0.2, 3.0)])
def test_exponential_force_is_minus_the_gradient(law, point):
    norm, angle, h = *point, 1e-5
    pull, turn = di.exponential_force(law, norm, angle)

    def slope(dr, da):
        high = di.exponential_loss(law, norm + dr, angle + da)
        return (high - di.exponential_loss(law, norm - dr, angle - da)) / (2 * h)

    assert pull == pytest.approx(-slope(h, 0), rel=1e-6, abs=1e-8)
    assert turn == pytest.approx(-slope(0, h) / norm, rel=1e-6, abs=1e-8)


def test_exponential_loss_against_monte_carlo():
    x = np.random.default_rng(1).standard_normal((1_000_000, 2))
    w = 0.8 * np.array([math.cos(2.0), math.sin(2.0)])
    losses = np.exp(-np.sign(x[:, 0]) * (x @ w))
    said = di.exponential_loss(GAUSSIAN, 0.8, 2.0)
    assert abs(losses.mean() - said) < 4 * losses.std() / 1000


def test_exponential_rates():
    seen = di.UnderExponential(GAUSSIAN)
    for depth, constant in ((1, -1.26256), (2, -1.47746), (4, -1.5573)):
        run = di.exponential_flow(GAUSSIAN, 1.0, 2.0, [1e6], depth, rtol=1e-12)
        norm = run["norm"][0]
        assert norm == pytest.approx(di.leading_norm(seen, [1e6], depth)[0], rel=2e-4)
        late = di.late_orbit(seen, norm, 0.0, depth)
        assert run["log_half_angle"][0] - late == pytest.approx(constant, abs=2e-4)
    assert seen.g(1e5) == pytest.approx(seen.tail / 1e10, rel=1e-8)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: di.exponential_loss(GAUSSIAN, 60.0, 3.0), OverflowError),
        (lambda: di.exponential_flow(GAUSSIAN, 10.0, 3.0, [1.0]), OverflowError),
        (lambda: di.exponential_loss(GAUSSIAN, 1.0, math.pi), ValueError),
        (lambda: di.exponential_flow(GAUSSIAN, 0.0, 1.0, [1.0]), ValueError),
        (lambda: di.exponential_flow(GAUSSIAN, 1.0, 1.0, [1.0], 0), ValueError),
    ],
)
def test_exponential_overflow_is_refused(call, error):
    with pytest.raises(error):
        call()
