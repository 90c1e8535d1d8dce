"""Flows that can be solved on paper, orders by fitted slope, stiffness, failures, bad input."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn.dynamics import Failure, FlowError, gradient_flow, reference_flow, solve_flow
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


def blow_up(time, x):
    return x * x


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


def test_tolerance_per_leaf_counts():
    """A leaf whose tolerance is loose must not force small steps."""
    start = {"place": 1.0, "speed": 0.0}
    loose = gradient_flow(oscillator, start, [10.0], rtol=1e-12, atol=1e-2)
    tight = gradient_flow(
        oscillator, start, [10.0], rtol=1e-12, atol={"place": 1e-2, "speed": np.array(1e-10)}
    )
    assert tight.accepted > 2 * loose.accepted


def test_dtype_follows_the_input():
    single = gradient_flow(decay, np.ones(2, np.float32), [1.0])
    assert single.states.dtype == np.float32
    np.testing.assert_allclose(single.states, np.exp(-1), rtol=1e-5)
    assert gradient_flow(decay, 1, [1.0]).states.dtype == np.float64
    assert not jax.config.jax_enable_x64


@pytest.mark.parametrize("method", METHODS)
def test_works_under_jit_vmap_and_map(method):
    times = jnp.array([0.5, 1.0])

    def end(rate):
        return gradient_flow(
            decay, 1.0, times, method=method, rtol=1e-4, atol=1e-6, parameters=(rate,)
        ).states

    rates = jnp.array([0.1, 1.0, 5.0])
    exact = np.exp(-np.outer(rates, times))
    for batched in (jax.jit(jax.vmap(end))(rates), jax.lax.map(end, rates)):
        np.testing.assert_allclose(batched, exact, atol=1e-3)


def test_failure_is_a_flag_inside_and_an_error_outside():
    inside = jax.jit(lambda x: solve_flow(blow_up, x, jnp.array([0.5, 2.0])))(1.0)
    assert inside.failure != Failure.NONE
    np.testing.assert_allclose(inside.states[0], 2.0, rtol=1e-4)
    assert np.isnan(inside.states[1])
    with pytest.raises(FlowError, match=r"stopped at time 1 of 2 after .* because") as caught:
        gradient_flow(blow_up, 1.0, [0.5, 2.0])
    finished = caught.value.flow
    np.testing.assert_allclose(finished.states[0], 2.0, rtol=1e-4)
    assert finished.failure in (Failure.NOT_FINITE, Failure.STEP_TOO_SMALL)


def test_max_steps_is_reported():
    with pytest.raises(FlowError, match="max_steps = 5 were used up") as caught:
        gradient_flow(oscillator, {"place": 1.0, "speed": 0.0}, [0.1, 100.0], max_steps=5)
    flow = caught.value.flow
    assert flow.failure == Failure.MAX_STEPS
    assert flow.accepted + flow.rejected == 5
    exactly = gradient_flow(decay, 1.0, [1.0]).accepted
    assert gradient_flow(decay, 1.0, [1.0], max_steps=int(exactly)).failure == Failure.NONE


def test_a_field_that_is_not_finite_at_the_start_is_reported():
    with pytest.raises(FlowError, match="stopped being finite"):
        gradient_flow(lambda time, x: 1 / x, 0.0, [1.0])


def test_a_second_call_does_not_compile_again():
    traces = []

    def field(time, x, rate):
        traces.append(1)
        return -rate * x

    gradient_flow(field, np.ones(3), [1.0, 2.0], parameters=(1.0,))
    first = len(traces)
    gradient_flow(
        field, np.zeros(3), [0.5, 7.0], rtol=1e-3, atol=1e-5, max_steps=99, parameters=(2.0,)
    )
    assert len(traces) == first


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initial": [1.0, float("nan")]}, "initial holds nan at index"),
        ({"initial": {}}, "holds no array"),
        ({"initial": np.array([1j])}, "real numbers are needed"),
        ({"initial": np.array(["a"])}, "real numbers are needed"),
        ({"save_times": []}, "at least one time"),
        ({"save_times": 1.0}, "one axis"),
        ({"save_times": [2.0, 1.0]}, "must increase; entry 1 is 1.0 after 2.0"),
        ({"save_times": [1.0, 1.0]}, "np.unique"),
        ({"save_times": [float("inf")]}, "not finite"),
        ({"save_times": [-1.0, 1.0]}, "before start_time"),
        ({"start_time": float("nan")}, "start_time is nan"),
        ({"method": "euler"}, "allowed are \\['dopri5', 'rkc2'\\]"),
        ({"rtol": 0.0}, "rtol is 0.0"),
        ({"rtol": -1e-3}, "rtol is -0.001"),
        ({"atol": -1e-3}, "atol is -0.001"),
        ({"atol": np.ones(7)}, "broadcast"),
        ({"atol": {"place": 1.0}}, "atol must be a number"),
        ({"max_steps": 0}, "max_steps is 0"),
        ({"max_steps": 2**40}, "2\\^31"),
        ({"field": lambda time, x: x[:1]}, "has shape"),
        ({"field": lambda time, x: {"x": x}}, "must be built like the state"),
        ({"initial": np.ones(10**6), "save_times": np.arange(1e5)}, "ask for fewer save times"),
    ],
)
def test_bad_input_is_refused(change, message):
    arguments = {"field": decay, "initial": [1.0, 2.0], "save_times": [1.0]} | change
    with pytest.raises(ValueError, match=message):
        gradient_flow(
            arguments.pop("field"),
            arguments.pop("initial"),
            arguments.pop("save_times"),
            **arguments,
        )


def test_a_field_that_is_no_function_is_refused():
    with pytest.raises(TypeError, match="not callable"):
        gradient_flow(3.0, 1.0, [1.0])
