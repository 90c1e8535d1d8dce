"""Stochastic recursions: the same numbers however they are cut, stopped, resumed or batched."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn.dynamics import (
    HostStream,
    descend_stochastic,
    stochastic_descent,
)
from ttlearn.precision import float64

RATE = 0.05


def step(state, sample, rate=RATE):
    """SGD on the mean square distance to a noisy sample."""
    return state - rate * (state - sample)


def draw(key, count):
    return jax.random.normal(key, (count,))


def by_hand(start, samples, rate=RATE):
    states = [start]
    for sample in samples:
        states.append(states[-1] - rate * (states[-1] - sample))
    return np.array(states)


def run(steps=100, initial=1.0, samples=draw, **options):
    options = {"seed": 0, "progress": False, "chunk": 32, **options}
    return stochastic_descent(step, initial, samples, steps, **options)


def test_given_samples_against_a_loop_by_hand():
    samples = np.random.default_rng(0).normal(size=100)
    result = run(samples=samples, seed=None, keep=101)
    np.testing.assert_allclose(result.snapshots, by_hand(1.0, samples), rtol=1e-13)
    assert (result.done, result.ending) == (100, "finished")
    assert result.steps.tolist() == list(range(101))


def test_host_stream_is_drawn_in_order_and_never_too_far():
    stream, expected = np.random.RandomState(42), np.random.RandomState(42)
    counts = []

    def function(count):
        counts.append(count)
        return stream.rand(count)

    result = run(samples=HostStream(function), seed=None, keep=101)
    np.testing.assert_allclose(result.snapshots, by_hand(1.0, expected.rand(100)), rtol=1e-13)
    assert counts == [32, 32, 32, 4]
    assert stream.rand() == expected.rand()


def test_mean_and_variance_of_the_stationary_law():
    """x <- (1-r) x + r z has variance r / (2 - r)."""
    result = run(
        steps=40_000,
        initial=np.zeros(64),
        samples=lambda k, c: jax.random.normal(k, (c, 64)),
        keep=401,
        chunk=4096,
    )
    settled = result.snapshots[20:]
    assert abs(settled.mean()) < 4 * np.sqrt(RATE / (2 - RATE) / settled.size)
    assert abs(settled.var() / (RATE / (2 - RATE)) - 1) < 0.05


def test_same_seed_same_result_and_other_seed_another():
    first, second, other = run(), run(), run(seed=1)
    np.testing.assert_array_equal(first.snapshots, second.snapshots)
    assert first.state != other.state


def test_snapshots_do_not_change_the_numbers():
    assert run(keep=101).state == run(keep=2).state == run(save_steps=[7, 50]).state


@pytest.mark.parametrize("steps", [[7, 50], [0, 7, 50], [7, 50, 100], [0, 7, 50, 100]])
def test_the_first_and_the_last_step_are_always_kept(steps, tmp_path):
    result = run(save_steps=steps, checkpoint=str(tmp_path / "run.npz"), checkpoint_seconds=0.0)
    assert result.steps.tolist() == [0, 7, 50, 100]
    np.testing.assert_array_equal(result.snapshots, run(keep=101).snapshots[result.steps])


def test_a_shorter_run_is_the_beginning_of_a_longer_one():
    np.testing.assert_array_equal(run(50, keep=51).snapshots, run(100, keep=101).snapshots[:51])


def test_the_kernel_gives_the_front_doors_numbers():
    front = run(keep=6)
    with float64():
        last, seen = jax.jit(
            lambda x: descend_stochastic(step, x, draw, jax.random.key(0), front.steps, chunk=32)
        )(1.0)
        np.testing.assert_allclose(np.asarray(seen), front.snapshots, rtol=1e-14)
        assert float(last) == pytest.approx(float(front.state), rel=1e-14)


def test_the_kernel_batches():
    with float64():
        keys = jax.random.split(jax.random.key(3), 4)

        def end(key):
            return descend_stochastic(step, 0.0, draw, key, jnp.array([40]), chunk=16)[0]

        np.testing.assert_allclose(
            np.asarray(jax.vmap(end)(keys)), [float(end(key)) for key in keys], rtol=1e-13
        )


def test_observe_and_parameters():
    result = stochastic_descent(
        step,
        1.0,
        draw,
        10,
        seed=0,
        keep=3,
        progress=False,
        parameters=(0.5,),
        observe=lambda state, rate: {"square": state**2, "rate": rate},
    )
    assert result.snapshots["rate"].tolist() == [0.5] * 3
    assert result.snapshots["square"][-1] == pytest.approx(float(result.state) ** 2)
    assert set(result.trajectory(seed=0).arrays) == {"square", "rate"}


def test_float32_stays_float32_and_float64_is_local():
    assert run(initial=np.float32(1)).snapshots.dtype == np.float32
    assert run().snapshots.dtype == np.float64
    assert not jax.config.jax_enable_x64


def test_the_callers_arrays_survive():
    start = jnp.ones(3, jnp.float32)
    run(initial=start, samples=lambda key, count: jax.random.normal(key, (count, 3)))
    assert start.tolist() == [1.0, 1.0, 1.0]


def test_another_length_does_not_compile_again():
    traces = []

    def counted(state, sample):
        traces.append(1)
        return state - sample

    options = {"seed": 0, "progress": False, "chunk": 64}
    stochastic_descent(counted, 1.0, draw, 100, **options)
    first = len(traces)
    stochastic_descent(counted, 2.0, draw, 777, keep=13, **options)
    assert len(traces) == first


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps is 0"),
        ({"steps": -3}, "steps is -3"),
        ({"steps": 2**63}, "2\\^62"),
        ({"steps": None}, "would never end"),
        ({"steps": None, "stop": lambda *_: True, "save_steps": [1]}, "known length"),
        ({"seed": None}, "seed is None"),
        ({"seed": -1}, "seed is -1"),
        ({"samples": np.zeros(100)}, "leave it out"),
        ({"samples": np.zeros(99), "seed": None}, "at least 100"),
        ({"samples": np.full(100, np.nan), "seed": None}, "not finite"),
        ({"samples": {}, "seed": None}, "no array"),
        ({"samples": lambda key, count: jnp.zeros(count + 1)}, "must have that length"),
        ({"samples": HostStream(lambda count: np.zeros(3)), "seed": None}, "must have that length"),
        ({"chunk": 0}, "chunk is 0"),
        ({"chunk": 2**31}, "2\\^31"),
        ({"keep": 1}, "keep is 1"),
        ({"save_steps": [3, 2]}, "increasing whole numbers"),
        ({"save_steps": [0.5]}, "increasing whole numbers"),
        ({"save_steps": [101]}, "from 0 to steps = 100"),
        ({"initial": np.nan}, "must be finite"),
        ({"initial": np.zeros(3), "samples": lambda k, c: jnp.zeros((c, 5))}, "incompatible|shape"),
        ({"on_divergence": "ignore"}, "allowed are"),
        ({"initial": np.zeros(10**7), "keep": 1000, "steps": 10**6}, "ask for fewer snapshots"),
    ],
)
def test_bad_input_is_refused(change, message):
    with pytest.raises((ValueError, TypeError), match=message):
        run(**change)


def test_the_front_door_refuses_to_be_traced():
    with pytest.raises(TypeError, match="call descend_stochastic instead"):
        jax.jit(lambda x: run(initial=x).state)(1.0)
