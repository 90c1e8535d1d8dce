"""The front door of flows: precision, batching, failures told, bad input refused."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn.dynamics import (
    Failure,
    FlowError,
    gradient_descent,
    gradient_flow,
    solve_flow,
    stochastic_descent,
)

METHODS = ("dopri5", "rkc2")


def decay(time, x, rate=1.0):
    return -rate * x


def oscillator(time, state):
    return {"place": state["speed"], "speed": -state["place"]}


def blow_up(time, x):
    return x * x


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
        ({"initial": np.zeros(0)}, "initial has no entry"),
        ({"initial": {"place": np.zeros((0, 3))}}, r"no entry \(shapes \[\(0, 3\)\]\)"),
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


class Point(NamedTuple):
    place: Any
    speed: Any


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (1.0, ["state"]),
        (np.ones(2), ["state"]),
        ({"place": 1.0, "speed": np.ones(2)}, ["place", "speed"]),
        (Point(1.0, np.ones(2)), ["place", "speed"]),
    ],
)
def test_a_flow_as_a_record(state, names):
    flow = gradient_flow(lambda time, x: jax.tree.map(jnp.negative, x), state, [1.0, 2.0, 3.0])
    record = flow.trajectory()
    assert sorted(record.arrays) == names
    assert all(array.shape[0] == 3 for array in record.arrays.values())


@pytest.mark.parametrize(
    "state", [(np.ones(3), np.ones(3)), (1.0,), {"pair": (1.0, 2.0)}, Point((1.0, 2.0), 1.0)]
)
def test_a_state_without_names_is_no_record(state):
    """Two leaves stacked into one array would swap leaf and time when there are as many."""
    flow = gradient_flow(lambda time, x: jax.tree.map(jnp.negative, x), state, [1.0, 2.0])
    with pytest.raises(TypeError, match=r"take the leaves from \.states"):
        flow.trajectory()
    descent = gradient_descent(lambda x: x, state, 0.1, 4)
    with pytest.raises(TypeError, match=r"take the leaves from \.states"):
        descent.trajectory()
    run = stochastic_descent(lambda x, sample: x, state, np.zeros(4), 4, keep=2, progress=False)
    with pytest.raises(TypeError, match=r"take the leaves from \.snapshots"):
        run.trajectory()
