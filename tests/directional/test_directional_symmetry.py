"""Noise, bias, covariance, finite samples: reference values, formulas, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ttlearn import directional as di

GAUSSIAN, CIRCLE = di.Gaussian(), di.Sphere(2)
TEACHER = [math.cos(0.7), math.sin(0.7)]
COVARIANCE = np.diag([1.0, 4.0])


def test_noisy_norm_reference_value():
    assert di.noisy_norm(GAUSSIAN, 0.1) == pytest.approx(2.3046243252495469, rel=1e-12)
    assert di.noisy_norm(GAUSSIAN, 0.0) == math.inf
    assert di.noisy_rate(GAUSSIAN, 0.0) == 0.0


def test_noise_makes_the_rate_exponential():
    run = di.noisy_flow(CIRCLE, 1.0, 2.5, [200.0, 300.0], 0.2)
    assert run["norm"][1] == pytest.approx(di.noisy_norm(CIRCLE, 0.2), rel=1e-8)
    rate = -np.diff(run["log_half_angle"])[0] / 100
    assert rate == pytest.approx(di.noisy_rate(CIRCLE, 0.2), rel=1e-6)
    clean = di.noisy_flow(CIRCLE, 1.0, 2.5, [10.0, 20.0], 0.0)
    said = di.flow(CIRCLE, 1.0, 2.5, [10.0, 20.0])
    np.testing.assert_allclose(clean["norm"], said["norm"], rtol=1e-8)


def test_anisotropic_flow_reference_value():
    run = di.anisotropic_flow(COVARIANCE, [0.6, -0.8], [10.0], TEACHER, rtol=1e-11)
    np.testing.assert_allclose(run["weights"][0], [1.2743884958439, 1.4056658120946], rtol=1e-9)


def test_anisotropy_leaves_a_power():
    times = [1e4, 1e9]
    run = di.anisotropic_flow(COVARIANCE, [0.6, -0.8], times, TEACHER, method="rkc2", rtol=1e-5)
    found = run["angle"] * run.times ** (2 / 3)
    assert found[1] == pytest.approx(0.50672, abs=2e-4)
    said = di.anisotropic_angle(COVARIANCE, times, TEACHER) * run.times ** (2 / 3)
    np.testing.assert_allclose(said, 0.5067218758, rtol=1e-9)
    assert di.anisotropic_angle(COVARIANCE, [1.0], [0.0, 1.0])[0] == 0.0


def test_isotropic_covariance_is_the_plain_flow():
    run = di.anisotropic_flow(np.eye(2), [0.6, -0.8], [1.0, 10.0], TEACHER)
    said = di.cartesian_flow(GAUSSIAN, [0.6, -0.8], [1.0, 10.0], TEACHER)
    np.testing.assert_allclose(run["weights"], said["weights"], rtol=1e-7)


@pytest.mark.parametrize("law", [GAUSSIAN, CIRCLE], ids=str)
def test_bias_dies_at_a_rate_no_law_changes(law):
    run = di.bias_flow(law, 1.0, 2.0, 0.5, [1e4, 1e5])
    slope = np.diff(run["log_bias"])[0] / np.diff(run["norm"] ** 2)[0]
    assert slope == pytest.approx(-3 / math.pi**2, rel=5e-3)


def test_bias_flow_without_bias_is_the_plain_flow():
    run = di.bias_flow(GAUSSIAN, 1.0, 2.0, 0.0, [1.0, 10.0])
    said = di.flow(GAUSSIAN, 1.0, 2.0, [1.0, 10.0])
    np.testing.assert_allclose(run["norm"], said["norm"], rtol=1e-8)
    np.testing.assert_array_equal(run["bias"], 0.0)


def test_bias_rates_against_monte_carlo():
    w, c = np.array([0.5, 0.9]), 0.8
    x = np.random.default_rng(0).standard_normal((1_000_000, 2))
    y = np.sign(x[:, 0])
    push = y / (1 + np.exp(y * (x @ w + c)))
    h = 1e-6
    run = di.bias_flow(GAUSSIAN, float(np.hypot(*w)), math.atan2(0.9, 0.5), c, [0.0, h])
    assert (run["bias"][1] - c) / h == pytest.approx(push.mean(), abs=4e-3)
    along = run["norm"] * np.cos(run["angle"])
    assert (along[1] - along[0]) / h == pytest.approx((push * x[:, 0]).mean(), abs=4e-3)


def test_samples_are_reproducible_and_labelled():
    points = di.draw_sample(GAUSSIAN, 50, seed=3)
    np.testing.assert_array_equal(points, di.draw_sample(GAUSSIAN, 50, seed=3))
    assert np.any(points != di.draw_sample(GAUSSIAN, 50, seed=4))
    assert np.all(points[:, 0] >= 0)
    tilted = di.draw_sample(GAUSSIAN, 50, seed=3, teacher=TEACHER)
    assert np.all(tilted @ TEACHER >= 0)


def test_maximum_margin_in_the_plane_and_in_space():
    points = di.draw_sample(GAUSSIAN, 50, seed=3)
    direction, margin = di.max_margin(points)
    angles = np.linspace(-0.2, 0.2, 20_001)
    rows = np.stack([np.cos(angles), np.sin(angles)])
    margins = (points @ rows).min(0)
    assert margin == pytest.approx(margins.max(), abs=1e-5)
    assert math.atan2(direction[1], direction[0]) == pytest.approx(
        angles[margins.argmax()], abs=3e-5
    )
    cloud = di.draw_sample(di.Sphere(6), 40, seed=1)
    direction, margin = di.max_margin(cloud)
    random = np.random.default_rng(0)
    for _ in range(200):
        other = direction + 0.05 * random.standard_normal(6)
        assert (cloud @ other / np.linalg.norm(other)).min() <= margin + 1e-12


def test_a_big_sample_is_the_population_for_a_while():
    points = di.draw_sample(GAUSSIAN, 100_000, seed=0)
    run = di.sample_flow(points, [0.5, 0.8], [1.0, 10.0, 50.0], rtol=1e-6)
    said = di.cartesian_flow(GAUSSIAN, [0.5, 0.8], [1.0, 10.0, 50.0])
    np.testing.assert_allclose(run["norm"], said["norm"], rtol=0.02)
    np.testing.assert_allclose(run["weights"], said["weights"], atol=0.02)


def test_one_run_passes_the_floor_and_ends_at_the_margin():
    points = di.draw_sample(GAUSSIAN, 50, seed=3)
    best = math.atan2(*di.max_margin(points)[0][::-1])
    times = [1e2, 1e4, 1e8, 1e12]
    run = di.sample_flow(points, [0.5, 0.5], times, method="rkc2", rtol=1e-5)
    away = np.abs(run["angle"] - best)
    assert np.all(np.diff(away[1:]) < 0)
    assert away[-1] < 0.02


def test_floor_and_departure_formulas():
    assert di.departure_time(GAUSSIAN, 1000) == pytest.approx(797.88**3 / (3 * 0.656234), rel=1e-4)
    times = [30.0, 100.0, 300.0, 1e3, 1e4]
    norms = di.flow(GAUSSIAN, 1.0, 1.0, times)["norm"]
    said = [0.0175, 0.0135, 0.0110, 0.0089, 0.0060]
    np.testing.assert_allclose(di.statistical_floor(GAUSSIAN, 1000, norms), said, atol=5e-4)
    with pytest.raises(ValueError, match="floor"):
        di.statistical_floor(di.Ball(3), 10, 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: di.noisy_flow(GAUSSIAN, 1.0, 1.0, [1.0], 0.5), "flip"),
        (lambda: di.noisy_norm(GAUSSIAN, -0.1), "flip"),
        (lambda: di.noisy_flow(GAUSSIAN, 1.0, math.pi, [1.0], 0.1), "strictly"),
        (lambda: di.anisotropic_flow(np.eye(3), [1.0, 0.0], [1.0], [1.0, 0.0]), "weights"),
        (lambda: di.anisotropic_flow([[1.0, 2.0]], [1.0, 0.0], [1.0], [1.0, 0.0]), "covariance"),
        (lambda: di.anisotropic_angle(np.diag([1.0, 0.0]), [1.0], TEACHER), "definite"),
        (lambda: di.anisotropic_angle([[1.0, 1.0], [0.0, 1.0]], [1.0], TEACHER), "symmetric"),
        (lambda: di.bias_flow(GAUSSIAN, 1.0, 1.0, 1e4, [1.0]), "bias"),
        (lambda: di.draw_sample(GAUSSIAN, 0), "count"),
        (lambda: di.draw_sample(GAUSSIAN, 10**9), "count"),
        (lambda: di.draw_sample(GAUSSIAN, 5, teacher=[1.0, 0.0, 0.0]), "teacher"),
        (lambda: di.sample_flow(np.zeros((0, 2)), [1.0, 0.0], [1.0]), "points"),
        (lambda: di.sample_flow([[np.inf, 1.0]], [1.0, 0.0], [1.0]), "finite"),
        (lambda: di.max_margin([[1.0, 0.0], [-1.0, 0.0]]), "margin"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
