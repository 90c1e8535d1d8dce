"""Gradient flow: reference values, exact cases, invariants, bad input."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn import directional as di
from ttlearn.precision import float64

GAUSSIAN, CIRCLE = di.Gaussian(), di.Sphere(2)
PAPER_ANGLE = math.acos(-0.8)
TIMES = np.geomspace(1e-3, 1e8, 133)


def run_at(depth, time, rtol=1e-11, **options):
    """One sampled time inside a shared grid, so that all cases share one compiled flow."""
    times = np.unique(np.append(TIMES[time > TIMES][-40:], time))
    return di.flow(GAUSSIAN, 1.0, 2.0, times, depth, rtol=rtol, **options)


@pytest.mark.parametrize(
    ("law", "said"),
    [
        (GAUSSIAN, 1.1740796029475426),
        (CIRCLE, 1.0236570923530646),
        (di.Sphere(10), 8.0138564381051496e-1),
    ],
)
def test_loss_reference_values(law, said):
    w = 1.5 * np.array([math.cos(2.0), math.sin(2.0)])
    with float64():
        cartesian = float(di.loss(law, jnp.asarray(w), jnp.asarray([1.0, 0.0])))
        y = jnp.asarray(math.log(math.tan(1.0)))
        polar = float(di.polar_loss(law, jnp.asarray(1.5), y))
    assert cartesian == pytest.approx(said, rel=1e-13)
    assert polar == pytest.approx(said, rel=1e-13)


@pytest.mark.parametrize(
    ("depth", "said"),
    [
        (1, (-4.3111015313708541e-1, -2.4183812601399488e-1)),
        (2, (-1.2933304594112562, -3.6275718902099232e-1)),
        (4, (-3.1679996943569276, -4.4428500681388960e-1)),
    ],
)
def test_field_reference_values(depth, said):
    with float64():
        y = jnp.asarray(math.log(math.tan(1.0)))
        rates = di.polar_rates(GAUSSIAN, jnp.asarray(1.5), y, depth)
        found = float(rates[0]) * 1.5, float(rates[1]) * math.sin(2.0)
    np.testing.assert_allclose(found, said, rtol=1e-12)


@pytest.mark.parametrize(
    ("depth", "said"),
    [
        (1, (1.7924004905766884, 7.0742487317200798e-2)),
        (2, (2.8428879121940183, 5.7640500657354e-2)),
        (3, (3.8985512476616103, 4.6507295480200e-2)),
        (4, (4.7233467046290401, 4.3515624563791828e-2)),
    ],
)
def test_flow_reference_values(depth, said):
    run = run_at(depth, 10.0)
    np.testing.assert_allclose([run["norm"][-1], run["angle"][-1]], said, rtol=1e-9)


def test_polar_and_cartesian_forms_agree():
    polar, cartesian = run_at(1, 10.0, form="polar"), run_at(1, 10.0, form="cartesian")
    for name in ("norm", "log_half_angle"):
        np.testing.assert_allclose(polar[name], cartesian[name], rtol=1e-9)


@pytest.mark.parametrize(
    ("depth", "said"),
    [
        (1, (12.279314485129166, -51.932855342114048)),
        (2, (50.865919141074182, -398.49925767730722)),
    ],
)
def test_flow_reference_values_later(depth, said):
    run = run_at(depth, 1000.0)
    np.testing.assert_allclose([run["norm"][-1], run["log_half_angle"][-1]], said, rtol=1e-9)


@pytest.mark.parametrize(
    ("depth", "said"),
    [
        (1, (2.4486655356314138, 4.5247077272972445e-1, 1.3944341275858255)),
        (2, (3.7524876017371408, 2.4422000300154174e-1, 1.4751011053542055)),
        (4, (8.6632890895377858, 8.2938461488575623e-2, 1.5382347100291885)),
    ],
)
def test_turning_point_reference_values(depth, said):
    low = di.turning_point(CIRCLE, 1.0, PAPER_ANGLE, depth)
    np.testing.assert_allclose([low.time, low.norm, low.angle], said, rtol=1e-9)


@pytest.mark.parametrize(
    ("depth", "said"),
    [(1, -0.82223548799), (2, -1.14446062918), (3, -1.24283558476), (4, -1.30830076291)],
)
def test_alignment_constant_reference_values(depth, said):
    assert di.alignment_constant(GAUSSIAN, 1.0, 2.0, depth) == pytest.approx(said, abs=1e-8)


@pytest.mark.parametrize(
    ("depth", "time", "norm", "y"),
    [
        (1, 1e8, 581.73096, -102878.77),
        (2, 1e4, 161.87576, -3988.9798),
        (3, 1e8, 128711.43, -1.6785508e9),
        (4, 1e8, 537204.76, -2.1930131e10),
    ],
)
def test_late_table(depth, time, norm, y):
    run = run_at(depth, time)
    np.testing.assert_allclose([run["norm"][-1], run["log_half_angle"][-1]], [norm, y], rtol=1e-7)


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
@pytest.mark.parametrize("start", [(1.0, 2.0), (0.05, 3.0), (5.0, 0.3), (3.0, 2.9)])
def test_monotonicities_along_the_flow(depth, start):
    run = di.flow(GAUSSIAN, *start, TIMES, depth)
    norm, y = run["norm"], run["log_half_angle"]
    assert np.all(np.diff(y) < 0)
    assert np.all(np.diff(run.losses) < 0)
    assert np.all(run.losses >= GAUSSIAN.h(norm) * (1 - 1e-12))
    # I = norm * sin(angle)^depth, as a logarithm: ln sin = -ln cosh(y).
    log_invariant = np.log(norm) - depth * (np.abs(y) + np.log1p(np.exp(-2 * np.abs(y))))
    assert np.all(np.diff(log_invariant) < 0)
    signs = np.sign(np.diff(norm))
    assert np.count_nonzero(signs[1:] != signs[:-1]) <= 1
    growth = np.diff(norm ** (2 / depth)) / np.diff(TIMES)
    assert np.all(growth <= 2 * 0.27846)


@pytest.mark.parametrize("law", [GAUSSIAN, CIRCLE], ids=str)
def test_depth_2_turns_exactly(law):
    run = di.flow(law, 0.7, 2.5, TIMES, 2, rtol=1e-11)
    said = math.log(math.tan(1.25)) - law.k * TIMES
    np.testing.assert_allclose(run["log_half_angle"], said, rtol=1e-9, atol=1e-9)


def test_antiparallel_start_at_depth_1_crosses_the_origin():
    run = di.flow(CIRCLE, 1.0, math.pi, [0.0, 2.0, 8.0, 1e4])
    np.testing.assert_array_equal(run["angle"], [math.pi, math.pi, 0.0, 0.0])
    assert np.all(np.isfinite(run["norm"]))
    assert np.all(np.isinf(run["log_half_angle"]))
    # On the ray the flow is one equation, a' = k - m(|a|) a: it never reaches a stationary point.
    path = di.cartesian_flow(CIRCLE, [-1.0, 0.0], [0.0, 2.0, 8.0, 1e4])
    np.testing.assert_allclose(np.abs(path["weights"][:, 0]), run["norm"], rtol=1e-9)
    assert np.all(np.diff(path["weights"][:, 0]) > 0)


@pytest.mark.parametrize("depth", [2, 3])
def test_antiparallel_start_is_stuck_when_deep(depth):
    run = di.flow(GAUSSIAN, 1.0, math.pi, [0.0, 50.0, 100.0, 200.0], depth)
    np.testing.assert_array_equal(run["angle"], math.pi)
    norm = run["norm"]
    assert np.all(np.diff(norm) < 0)
    if depth == 2:  # norm ~ e^{-2kt}
        assert math.log(norm[2] / norm[3]) == pytest.approx(200 * GAUSSIAN.k, rel=1e-6)
    else:  # norm ~ ((N-2) k t)^{-N/(N-2)}
        assert norm[3] == pytest.approx((GAUSSIAN.k * 200) ** -3, rel=0.1)


def test_aligned_start_stays_aligned():
    run = di.flow(GAUSSIAN, 1.0, 0.0, [0.0, 10.0, 1e3, 1e6], 2)
    assert np.all(run["angle"] == 0)
    assert np.all(np.diff(run["norm"]) > 0)


def test_flow_from_the_origin():
    run = di.cartesian_flow(GAUSSIAN, [0.0, 0.0], [0.0, 1.0, 10.0, 1e5], [0.0, 2.0])
    np.testing.assert_allclose(run["angle"][1:], 0.0, atol=1e-12)
    assert np.all(run["weights"][1:, 1] > 0)
    assert not np.any(np.isnan(run["log_half_angle"][1:]))


def test_cartesian_flow_in_space_keeps_the_plane():
    teacher, start = np.array([1.0, 2.0, -1.0]), np.array([-0.3, 0.4, 1.0])
    run = di.cartesian_flow(di.Gaussian(3), start, [0.0, 1.0, 10.0, 100.0], teacher)
    normal = np.cross(teacher, start)
    np.testing.assert_allclose(run["weights"] @ normal, 0.0, atol=1e-12)
    assert np.all(np.diff(run["angle"]) < 0)


def test_ensemble_equals_single_runs():
    norms, angles = [0.5, 1.0, 4.0], [3.0, 2.0, 0.2]
    many = di.flow_ensemble(GAUSSIAN, norms, angles, [1.0, 1e3, 1e8], 3, rtol=1e-10)
    assert many["norm"].shape == (3, 3)
    for i, start in enumerate(zip(norms, angles, strict=True)):
        one = di.flow(GAUSSIAN, *start, [1.0, 1e3, 1e8], 3)
        np.testing.assert_allclose(many["norm"][:, i], one["norm"], rtol=1e-7)
        np.testing.assert_allclose(many["log_half_angle"][:, i], one["log_half_angle"], rtol=1e-7)


def test_thousand_starts_in_one_call():
    random = np.random.default_rng(0)
    run = di.flow_ensemble(
        GAUSSIAN, random.uniform(0.1, 5, 1000), random.uniform(0.1, 3, 1000), [1e4, 1e8], 1
    )
    np.testing.assert_allclose(run["norm"][-1], 581.731, rtol=1e-5)


def test_orbits_do_not_know_time():
    run = di.flow(GAUSSIAN, 1.0, 2.0, [0.5, 2.0, 5.0, 50.0], 3, rtol=1e-11)
    y0 = math.log(math.tan(1.0))
    path = di.orbit(GAUSSIAN, 1.0, y0, run["log_half_angle"], 3)
    np.testing.assert_allclose(path["norm"], run["norm"], rtol=1e-8)
    np.testing.assert_allclose(path["time"], run.times, rtol=1e-8)


def test_nullcline_is_where_the_norm_rests():
    norms = np.array([0.01, 1.0, 30.0])
    y = np.log(np.tan(di.nullcline(GAUSSIAN, norms) / 2))
    with float64():
        for depth in (1, 4):
            rates = di.polar_rates(GAUSSIAN, jnp.asarray(norms), jnp.asarray(y), depth)
            np.testing.assert_allclose(rates[0], 0.0, atol=1e-12)


def test_slow_starts():
    epsilon = 1e-4
    one = di.turning_point(GAUSSIAN, 1.0, math.pi - epsilon, 1)
    two = di.turning_point(GAUSSIAN, 1.0, math.pi - epsilon, 2)
    twice = di.turning_point(GAUSSIAN, 1.0, math.pi - epsilon / 10, 2)
    three = di.turning_point(GAUSSIAN, 1.0, math.pi - epsilon, 3)
    assert one.time == pytest.approx(1.9822, abs=1e-3)
    assert twice.time - two.time == pytest.approx(5.7717, abs=1e-3)
    assert three.time * epsilon == pytest.approx(4.60, abs=0.01)
    for low, depth in ((one, 1), (two, 2), (three, 3)):
        assert low.norm / epsilon**depth == pytest.approx(0.62758, abs=1e-4)


def test_force_is_minus_the_gradient_of_the_loss():
    teacher = np.array([1.0, 0.0, 0.0])
    with float64():
        for w in ([0.3, -0.7, 0.2], [0.0, 0.0, 0.0], [-4.0, 1e-3, 2.0], [1e3, 0.0, 1.0]):
            vector = jnp.asarray(np.array(w))
            slope = jax.grad(lambda w: di.loss(GAUSSIAN, w, jnp.asarray(teacher)))(vector)
            found = di.force(GAUSSIAN, vector, jnp.asarray(teacher))
            np.testing.assert_allclose(found, -slope, atol=2e-12)
            assert float(jnp.linalg.norm(found)) <= 2 * GAUSSIAN.k


@pytest.mark.parametrize("dimension", [2, 5])
def test_loss_against_monte_carlo(dimension):
    law, random = di.Gaussian(dimension), np.random.default_rng(dimension)
    w, v = random.standard_normal(dimension), np.eye(dimension)[0]
    x = random.standard_normal((1_000_000, dimension))
    losses = np.logaddexp(0, -np.sign(x @ v) * (x @ w))
    with float64():
        said = float(di.loss(law, jnp.asarray(w), jnp.asarray(v)))
    assert abs(losses.mean() - said) < 4 * losses.std() / 1000


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: di.flow(GAUSSIAN, 0.0, 1.0, [1.0]), "cartesian_flow"),
        (lambda: di.flow(GAUSSIAN, 0.0, 1.0, [1.0], 3), "stationary"),
        (lambda: di.flow(GAUSSIAN, -1.0, 1.0, [1.0]), "norm"),
        (lambda: di.flow(GAUSSIAN, float("nan"), 1.0, [1.0]), "norm"),
        (lambda: di.flow(GAUSSIAN, 1.0, 4.0, [1.0]), "angle"),
        (lambda: di.flow(GAUSSIAN, 1.0, 1.0, [2.0, 1.0]), "increasing"),
        (lambda: di.flow(GAUSSIAN, 1.0, 1.0, [1.0, 1.0]), "increasing"),
        (lambda: di.flow(GAUSSIAN, 1.0, 1.0, [-1.0, 1.0]), "allowed"),
        (lambda: di.flow(GAUSSIAN, 1.0, 1.0, []), "at least one"),
        (lambda: di.flow(GAUSSIAN, 1.0, 1.0, [1e30]), "allowed"),
        (lambda: di.flow(GAUSSIAN, 1.0, 1.0, [1.0], 0), "depth"),
        (lambda: di.flow(GAUSSIAN, 1.0, 1.0, [1.0], 1.5), "depth"),
        (lambda: di.flow(GAUSSIAN, 1.0, 1.0, [1.0], 10**6), "depth"),
        (lambda: di.flow(GAUSSIAN, 1.0, 1.0, [1.0], 2, form="cartesian"), "depth 1"),
        (lambda: di.flow(GAUSSIAN, 1.0, 1.0, [1.0], form="log"), "form"),
        (lambda: di.cartesian_flow(GAUSSIAN, [1.0], [1.0]), "weights"),
        (lambda: di.cartesian_flow(GAUSSIAN, [1.0, 0.0], [1.0], [0.0, 0.0]), "teacher"),
        (lambda: di.cartesian_flow(GAUSSIAN, [1.0, 0.0], [1.0], [1.0, 0.0, 0.0]), "components"),
        (lambda: di.flow_ensemble(GAUSSIAN, [1.0], [0.0], [1.0]), "strictly"),
        (lambda: di.flow_ensemble(GAUSSIAN, [1.0, 2.0], [1.0], [1.0]), "shape"),
        (lambda: di.turning_point(GAUSSIAN, 1.0, math.pi), "antiparallel"),
        (lambda: di.alignment_constant(GAUSSIAN, 1.0, 0.0), "infinite"),
        (lambda: di.orbit(GAUSSIAN, 1.0, 0.0, [1.0]), "above the start"),
        (lambda: di.time_to_angle(GAUSSIAN, 2.0), "far below"),
        (lambda: di.local_exponent([1.0, 2.0], [0.0, 1.0]), "other than 0"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
