"""Flows that can be solved on paper, orders by fitted slope, stiffness, diffrax."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn.dynamics import Failure, gradient_flow, reference_flow
from ttlearn.dynamics.steppers import STEPPERS
from ttlearn.precision import float64

METHODS = ("dopri5", "rkc2")


def decay(time, x, rate=1.0):
    return -rate * x


def oscillator(time, state):
    return {"place": state["speed"], "speed": -state["place"]}


def forced(time, x, rates):
    """x' = -rate (x - cos time): the slow solution hides behind a fast one."""
    return -rates * (x - jnp.cos(time))


def forced_exact(time, rate):
    slow = rate * (rate * np.cos(time) + np.sin(time)) / (rate**2 + 1)
    return slow - rate**2 / (rate**2 + 1) * np.exp(-rate * time)


@pytest.mark.parametrize("method", METHODS)
def test_linear_decay(method):
    times = np.array([0.0, 0.5, 1.0, 3.0])
    flow = gradient_flow(decay, [1.0, 2.0], times, method=method, rtol=1e-7, parameters=(2.0,))
    exact = np.exp(-2 * times)[:, None] * np.array([1.0, 2.0])
    np.testing.assert_allclose(flow.states, exact, rtol=6e-5 if method == "rkc2" else 1e-6)
    assert flow.states.dtype == np.float64
    assert flow.failure == Failure.NONE
    np.testing.assert_array_equal(flow.times, times)


@pytest.mark.parametrize("method", METHODS)
def test_oscillator_keeps_its_tree(method):
    times = np.linspace(0, 10, 7)
    start = {"place": 1.0, "speed": 0.0}
    flow = gradient_flow(oscillator, start, times, method=method, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(flow.states["place"], np.cos(times), atol=2e-5)
    np.testing.assert_allclose(flow.states["speed"], -np.sin(times), atol=2e-5)
    record = flow.trajectory(seed=3)
    assert set(record.arrays) == {"place", "speed"}
    assert record.meta == {"time": "time", "seed": 3}


def linear(time, x):
    return x


def bent(time, x):
    return jnp.array([x[1] * jnp.cos(time), -x[0] * x[1] + jnp.sin(3 * time) - x[0]])


@pytest.mark.parametrize(
    ("method", "field", "least", "most"),
    [
        ("dopri5", linear, 4.85, 5.15),
        # Its leading coefficients are small: the slope comes down to 5 only near rounding.
        ("dopri5", bent, 4.85, 6.0),
        ("rkc2", linear, 1.85, 2.15),
        ("rkc2", bent, 1.85, 2.15),
    ],
)
def test_order_by_fitted_slope(method, field, least, most):
    """Fixed steps: the error falls like step^order, also on a field that depends on time."""
    stepper, start = STEPPERS[method], [0.7, -0.4]

    @jax.jit
    def end(count):
        step = 2.0 / count

        def body(i, carry):
            x, slope = carry
            memory = stepper.start(x)
            if method == "rkc2":
                memory = memory._replace(radius=10.0 / step)  # a fixed number of stages
            tried = stepper.attempt(field, i * step, x, slope, step, memory)
            return tried.state, tried.slope

        x = jnp.array(start)
        return jax.lax.fori_loop(0, count, body, (x, field(0.0, x)))[0]

    counts = np.array([16, 32, 64, 128]) * (1 if method == "dopri5" else 2)
    with float64():
        reference = gradient_flow(field, start, [2.0], rtol=1e-13, atol=1e-14).states[0]
        errors = [np.abs(np.asarray(end(int(count))) - reference).max() for count in counts]
    slope = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
    assert least < slope < most, (slope, errors)


@pytest.mark.parametrize("method", METHODS)
def test_error_estimate_has_its_order(method):
    stepper = STEPPERS[method]

    def field(time, x):
        return -x * x + jnp.sin(3 * time)

    @jax.jit
    def estimate(step):
        x = jnp.asarray(0.7)
        memory = stepper.start(x)
        return stepper.attempt(field, 0.0, x, field(0.0, x), step, memory).error

    steps = np.array([0.05, 0.025, 0.0125, 0.00625])
    with float64():
        errors = [abs(float(estimate(step))) for step in steps]
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert abs(slope - stepper.error_order) < 0.4, (slope, errors)


@pytest.mark.parametrize("method", METHODS)
def test_error_follows_the_tolerance(method):
    times = np.linspace(1, 5, 5)
    errors, works = [], []
    for rtol in (1e-3, 1e-5, 1e-7):
        flow = gradient_flow(
            forced, 0.0, times, method=method, rtol=rtol, atol=rtol, parameters=(3.0,)
        )
        errors.append(np.abs(flow.states - forced_exact(times, 3.0)).max())
        works.append(int(flow.evaluations))
    assert errors[0] > 5 * errors[1] > 25 * errors[2]
    assert errors[2] < 1e-5
    assert works[0] < works[1] < works[2]


def test_rkc2_is_stable_where_the_explicit_step_is_bounded_by_stiffness():
    rates, times = np.array([1.0, 1e5]), np.linspace(1, 10, 10)
    options = {"rtol": 1e-4, "atol": 1e-6, "parameters": (rates,), "max_steps": 2_000_000}
    flow = gradient_flow(forced, np.zeros(2), times, method="rkc2", **options)
    exact = np.stack([forced_exact(times, rate) for rate in rates], axis=1)
    np.testing.assert_allclose(flow.states, exact, atol=2e-4)
    explicit = gradient_flow(forced, np.zeros(2), times, method="dopri5", **options)
    assert 20 * flow.evaluations < explicit.evaluations


def test_rkc2_keeps_a_wide_spectrum_stable():
    """A discretised heat equation, started at its highest mode, decays and does not explode."""
    size = 64
    laplacian = (np.diag(np.full(size, -2.0)) + np.diag(np.ones(size - 1), 1)) * (size + 1) ** 2
    laplacian += np.diag(np.ones(size - 1), -1) * (size + 1) ** 2
    grid = np.pi * np.arange(1, size + 1) / (size + 1)
    start = np.sin(grid) + np.sin(size * grid)

    def heat(time, x, matrix):
        return matrix @ x

    flow = gradient_flow(
        heat, start, [0.01, 0.1], method="rkc2", rtol=1e-6, atol=1e-8, parameters=(laplacian,)
    )
    rate = 2 * (np.cos(np.pi / (size + 1)) - 1) * (size + 1) ** 2
    exact = np.exp(rate * np.array([0.01, 0.1]))[:, None] * np.sin(grid)
    np.testing.assert_allclose(flow.states, exact, atol=1e-4)
    assert flow.evaluations < 3000


@pytest.mark.slow
def test_agrees_with_diffrax():
    pytest.importorskip("diffrax")

    def field(time, state):
        u, v = state["u"], state["v"]
        return {"u": v - u**3 + jnp.sin(time), "v": -u * v - 0.1 * v}

    start, times = {"u": [0.5, -1.0], "v": [1.0, 0.3]}, np.linspace(0.5, 6, 5)
    expected = reference_flow(field, start, times)
    for method, tolerance in (("dopri5", 1e-8), ("rkc2", 1e-4)):
        flow = gradient_flow(field, start, times, method=method, rtol=1e-9, atol=1e-11)
        for name in start:
            np.testing.assert_allclose(flow.states[name], expected.states[name], atol=tolerance)


def test_start_time_and_single_save_time():
    flow = gradient_flow(lambda time, x: 2 * time, 1.0, [3.0], start_time=1.0)
    np.testing.assert_allclose(flow.states, [9.0], rtol=1e-8)
    at_start = gradient_flow(decay, 5.0, [0.0])
    assert at_start.states.tolist() == [5.0]


def test_a_rest_point_stays_at_rest():
    for method in METHODS:
        flow = gradient_flow(decay, np.zeros(3), [1.0, 1e6], method=method)
        assert not flow.states.any()


@pytest.mark.parametrize("method", METHODS)
def test_a_step_into_a_sudden_change_is_rejected(method):
    """The rate rises a thousandfold within 0.02 at time 5: long steps must be taken back."""

    def field(time, x):
        return -(0.1 + 100 * jax.nn.sigmoid(200 * (time - 5))) * x

    flow = gradient_flow(field, 1.0, [4.5, 5.02], method=method, rtol=1e-6, atol=1e-9)
    rise = np.logaddexp(0, 200 * 0.02) / 2 - np.logaddexp(0, -1000) / 2
    np.testing.assert_allclose(flow.states, [np.exp(-0.45), np.exp(-0.502 - rise)], rtol=1e-4)
    assert flow.rejected > 0
