"""Gradient descent on a quadratic has a closed form; divergence and bad input are told."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn.dynamics import DivergedError, descend, gradient_descent

CURVATURES = np.array([0.5, 1.0, 3.0])


def gradient(x, curvatures):
    return curvatures * x


def loss(x, curvatures):
    return jnp.sum(curvatures * x * x) / 2


def closed_form(start, step_size, steps):
    return (1 - step_size * CURVATURES) ** np.asarray(steps)[:, None] * start


def test_quadratic_in_closed_form():
    start = np.array([1.0, -2.0, 0.5])
    run = gradient_descent(gradient, start, 0.1, 50, keep=11, loss=loss, parameters=(CURVATURES,))
    exact = closed_form(start, 0.1, run.steps)
    assert run.steps.tolist() == list(range(0, 51, 5))
    np.testing.assert_allclose(run.states, exact, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(run.losses, (CURVATURES * exact**2).sum(1) / 2, rtol=1e-12)
    assert not run.diverged
    record = run.trajectory(seed=0)
    assert record.meta["time"] == "step"
    np.testing.assert_array_equal(record["state"], run.states)


def test_one_step_size_per_leaf():
    def two(state):
        return {"outer": state["outer"], "inner": state["inner"]}

    start = {"outer": np.ones(2), "inner": np.ones(3)}
    run = gradient_descent(two, start, {"outer": 0.5, "inner": 0.25}, 2, keep=2)
    assert run.states["outer"][-1].tolist() == [0.25] * 2
    assert run.states["inner"][-1].tolist() == [0.75**2] * 3
    assert run.losses is None


def test_first_order_by_fitted_slope():
    """Gradient descent is Euler's method: its distance to the flow falls like the step size."""
    counts = np.array([64, 128, 256, 512])
    errors = [
        abs(gradient_descent(gradient, 1.0, 1 / n, n, parameters=(1.0,)).states[-1] - np.exp(-1))
        for n in counts
    ]
    assert abs(np.polyfit(np.log(counts), np.log(errors), 1)[0] + 1) < 0.05


def test_divergence_is_an_error_or_a_flag():
    with pytest.raises(DivergedError, match=r"not finite at step \d+ of 5000.*smaller") as caught:
        gradient_descent(gradient, 1.0, 3.0, 5000, parameters=(1.0,))
    assert caught.value.descent.diverged
    run = gradient_descent(gradient, 1.0, 3.0, 5000, parameters=(1.0,), on_divergence="keep")
    assert run.diverged
    assert run.finite[0]
    assert np.array_equal(run.finite, np.isfinite(run.states))


def test_batched_by_vmap():
    rates = jnp.array([0.1, 0.5])
    runs = jax.vmap(
        lambda rate: descend(
            gradient, jnp.ones(3), rate, jnp.array([1, 4]), parameters=(CURVATURES,)
        )
    )(rates)
    for index, rate in enumerate(rates):
        np.testing.assert_allclose(
            runs.states[index], closed_form(np.ones(3), float(rate), [1, 4]), rtol=1e-5
        )
    assert runs.diverged.tolist() == [False, False]


def test_float32_stays_float32():
    run = gradient_descent(gradient, np.ones(3, np.float32), 0.1, 3, parameters=(CURVATURES,))
    assert run.states.dtype == np.float32


def test_another_length_does_not_compile_again():
    traces = []

    def counted(x):
        traces.append(1)
        return x

    gradient_descent(counted, 1.0, 0.1, 1000, keep=5)
    first = len(traces)
    gradient_descent(counted, 2.0, 0.2, 77_777, keep=5)
    assert len(traces) == first


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"step_size": -0.1}, "step_size is -0.1"),
        ({"step_size": 0.0}, "step_size is 0.0"),
        ({"step_size": float("nan")}, "step_size is nan"),
        ({"steps": 0}, "steps is 0"),
        ({"steps": 2.5}, "whole number"),
        ({"steps": 2**70}, "2\\^62"),
        ({"keep": 1}, "keep is 1"),
        ({"initial": [float("inf"), 1.0, 1.0]}, "inf at index"),
        ({"gradient": lambda x: x[0]}, "gradient's value has shape"),
        ({"on_divergence": "ignore"}, "allowed are"),
        ({"initial": np.ones(10**7), "keep": 1000, "steps": 10**6}, "ask for fewer kept states"),
    ],
)
def test_bad_input_is_refused(change, message):
    given = {"gradient": lambda x: x, "initial": np.ones(3), "step_size": 0.1, "steps": 3} | change
    with pytest.raises(ValueError, match=message):
        gradient_descent(**given)


def test_the_front_door_refuses_to_be_traced():
    with pytest.raises(TypeError, match="call descend instead"):
        jax.jit(lambda x: gradient_descent(lambda y: y, x, 0.1, 3).states)(1.0)
