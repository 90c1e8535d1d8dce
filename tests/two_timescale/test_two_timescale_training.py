"""Gradient flow and SGD of the step network: reference values, cross-checks, refusals."""

from __future__ import annotations

import os
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn.dynamics import CheckpointError, StochasticDivergedError
from ttlearn.precision import float64
from ttlearn.two_timescale import (
    PAPER_TARGET,
    SHORTAGE_POSITIONS,
    SHORTAGE_TARGET,
    Target,
    draw_positions,
    fast_solution,
    limit_flow,
    network_flow,
    sgd,
    sgd_ensemble,
)

SEED_42 = np.sort(np.random.RandomState(42).rand(20))
ONE_STEP = Target([0.5], [0.0, 1.0])
ONE_START = np.array([0.15, 0.38, 0.67, 0.9])


def test_both_methods_agree() -> None:
    times = [0.001, 0.035]
    setting = {"timescale_ratio": 1e-3, "activation_width": 4e-3}
    quick = network_flow(SEED_42, PAPER_TARGET, times, **setting)
    fine = network_flow(SEED_42, PAPER_TARGET, times, **setting, method="dopri5", tolerance=1e-7)
    np.testing.assert_allclose(quick["positions"], fine["positions"], rtol=0, atol=2e-5)
    np.testing.assert_allclose(quick.losses, fine.losses, rtol=0, atol=1e-3)


def test_the_flow_follows_the_limit_for_a_small_ratio() -> None:
    times = np.linspace(0.0, 0.035, 21)
    flow = network_flow(SEED_42, PAPER_TARGET, times, timescale_ratio=2e-5)
    limit = limit_flow(SEED_42, PAPER_TARGET, times)
    assert flow.losses[0] == pytest.approx(10.6, abs=1e-12)
    assert np.max(np.abs(flow["positions"] - limit["positions"])) < 8e-3
    assert np.max(np.abs(flow.losses - limit.losses - 0.008)[2:]) < 0.03
    assert flow.losses[-1] == pytest.approx(0.00796, abs=1e-4)


@pytest.mark.parametrize(
    ("ratio", "width", "expected"), [(1e-3, 1e-3, 0.013547), (0.01, 4e-3, 0.013687)]
)
def test_the_shortage_of_neurons_fails_in_the_full_flow_too(
    ratio: float, width: float, expected: float
) -> None:
    run = network_flow(
        SHORTAGE_POSITIONS,
        SHORTAGE_TARGET,
        [1.0],
        timescale_ratio=ratio,
        activation_width=width,
        tolerance=1e-5,
    )
    assert run.losses[-1] == pytest.approx(expected, abs=2e-6)


def test_the_distance_from_the_limit_falls_with_the_ratio() -> None:
    """Measured: 2.4e-2, 8.2e-3 and 1.2e-3 at half the hitting time for .1, .01 and .001."""
    hit = limit_flow(ONE_START, ONE_STEP).meta["hitting_times"][0]
    limit = limit_flow(ONE_START, ONE_STEP, [hit / 2])
    for ratio, expected in ((0.1, 2.4e-2), (0.01, 8.2e-3), (0.001, 1.2e-3)):
        run = network_flow(
            ONE_START, ONE_STEP, [hit / 2], timescale_ratio=ratio, activation_width=1e-3
        )
        apart = np.max(np.abs(run["positions"] - limit["positions"]))
        assert apart == pytest.approx(expected, rel=0.06)


def test_ratio_one_ends_in_the_known_minima() -> None:
    """Starts 100, 101, 103 and 104 at slow time 20: one global, three local minima."""
    for seed, expected in ((100, 1.2047), (101, 0.3082), (102, 0.0084)):
        start = np.sort(np.random.RandomState(seed).rand(20))
        run = network_flow(start, PAPER_TARGET, [20.0], timescale_ratio=1.0)
        assert run.losses[-1] == pytest.approx(expected, abs=2e-4)


@pytest.mark.slow
def test_the_start_near_a_separatrix() -> None:
    """Start 201: the limit succeeds, the flow fails down to 0.003; a warm start helps."""
    start = np.sort(np.random.RandomState(201).rand(20))
    assert limit_flow(start, PAPER_TARGET, [3.0]).losses[0] < 1e-12
    for ratio, expected in ((0.1, 0.3077), (0.003, 0.3075), (3e-4, 0.00795)):
        run = network_flow(start, PAPER_TARGET, [3.0], timescale_ratio=ratio)
        assert run.losses[0] == pytest.approx(expected, abs=1e-4)
    with float64():
        warm = np.asarray(fast_solution(jnp.asarray(start), PAPER_TARGET, 4e-3))
    cold_run = network_flow(start, PAPER_TARGET, [0.06], timescale_ratio=1e-3)
    warm_run = network_flow(start, PAPER_TARGET, [0.06], timescale_ratio=1e-3, outer_weights=warm)
    assert warm_run.losses[0] == pytest.approx(0.011, abs=5e-4)
    assert cold_run.losses[0] == pytest.approx(0.228, abs=5e-4)


@pytest.mark.parametrize(
    ("step_size", "ratio", "weights", "positions", "loss"),
    [
        (
            1e-3,
            2e-5,
            [0.618137705163, 0.231013550643, 1.573378122074, -0.027538996210],
            [0.020464306426, 0.211527403066, 0.969901759418],
            1.0127433373,
        ),
        (
            1e-5,
            1.0,
            [0.283665524299, 0.281457717289, 0.257435799740, 0.027478683238],
            [-0.003532383214, 0.199390643604, 0.959413568094],
            2.3207559165,
        ),
    ],
)
def test_reference_run_with_the_published_random_stream(
    step_size: float, ratio: float, weights: list, positions: list, loss: float
) -> None:
    run = sgd(
        timescale_ratio=ratio,
        step_size=step_size,
        steps=20_000,
        seed=42,
        stream="mt19937",
        progress=False,
    )
    np.testing.assert_allclose(run["outer_weights"][-1][[0, 1, 7, 20]], weights, rtol=0, atol=1e-10)
    np.testing.assert_allclose(run["positions"][-1][[0, 6, 19]], positions, rtol=0, atol=1e-10)
    assert run.losses[-1] == pytest.approx(loss, abs=1e-10)


@pytest.mark.parametrize("slope", ["box", "exact"])
def test_against_a_plain_loop(slope: str) -> None:
    """The recursion written out in NumPy, 100 steps, large enough to hit ramps."""
    width, h, ratio = 0.1, 0.02, 0.05
    stream = np.random.RandomState(5)
    u = np.sort(stream.rand(6))
    a, bias = np.zeros(6), 0.0
    for _ in range(100):
        x, z = stream.rand(), 2 * stream.rand() - 1
        s = (x - u) / width
        c = np.clip(s, -0.5, 0.5)
        active = np.where(c <= 0, 4 * (c + 0.5) ** 3, 1 - 4 * (0.5 - c) ** 3)
        inside = np.abs(s) <= 0.5
        w = inside if slope == "box" else 12 * (0.5 - np.abs(s)) ** 2 * inside
        r = PAPER_TARGET(x) + z - bias - active @ a
        bias += 2 * h * r
        a, u = a + 2 * h * r * active, u - 2 * h * ratio * r * a * w / width
    run = sgd(
        timescale_ratio=ratio,
        step_size=h,
        activation_width=width,
        steps=100,
        neurons=6,
        seed=5,
        stream="mt19937",
        slope=slope,
        progress=False,
    )
    np.testing.assert_allclose(run["positions"][-1], u, rtol=0, atol=1e-11)
    np.testing.assert_allclose(run["outer_weights"][-1], [bias, *a], rtol=0, atol=1e-11)


def test_quick_two_timescale_run_ends_where_the_published_code_does() -> None:
    """1.75 million steps with the published stream."""
    run = sgd(
        timescale_ratio=2e-5,
        step_size=1e-3,
        slow_horizon=0.035,
        seed=42,
        stream="mt19937",
        progress=False,
    )
    assert run.meta["steps"] == 1_750_000
    assert run.losses[-1] == pytest.approx(0.009059945036, abs=1e-9)
    limit = limit_flow(SEED_42, PAPER_TARGET, run.times[1:])
    assert np.max(np.abs(run["positions"][1:] - limit["positions"])) < 8e-3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ratio", "steps", "loss"),
    [(0.1, 2_999_900, 0.01941207369), (0.01, 29_999_900, 0.01134583602)],
)
def test_long_runs_end_where_the_published_code_does(ratio: float, steps: int, loss: float) -> None:
    """Runs of the box plot's kind, each with the published stream from its first number on."""
    run = sgd(
        timescale_ratio=ratio,
        step_size=1e-5,
        steps=steps,
        seed=42,
        stream="mt19937",
        keep=2,
        progress=False,
    )
    assert run.losses[-1] == pytest.approx(loss, abs=1e-9)


def quick(seed: int = 0, **more) -> np.ndarray:  # type: ignore[no-untyped-def]
    setting = {"timescale_ratio": 0.1, "step_size": 1e-3, "steps": 3000, "progress": False} | more
    return sgd(seed=seed, **setting)["positions"]


def test_the_seed_decides() -> None:
    np.testing.assert_array_equal(quick(3), quick(3))
    assert np.any(quick(3) != quick(4))
    np.testing.assert_array_equal(quick(0)[0], draw_positions(20, 0))
    # Seed 0 is a seed like any other.
    assert np.any(quick(0, stream="mt19937") != quick(1, stream="mt19937"))


def test_a_legacy_stream_goes_on_from_run_to_run() -> None:
    stream = np.random.RandomState(7)
    first, second = quick(stream=stream, steps=100), quick(stream=stream, steps=100)
    np.testing.assert_array_equal(first, quick(7, stream="mt19937", steps=100))
    assert np.any(first != second)
    check = np.random.RandomState(7)
    check.rand(20 + 200)
    np.testing.assert_array_equal(second[0], np.sort(check.rand(20)))


def test_runs_of_an_ensemble_do_not_depend_on_their_number() -> None:
    setting = {"timescale_ratio": 0.1, "step_size": 1e-3, "steps": 500, "progress": False}
    three, two = sgd_ensemble(3, **setting), sgd_ensemble(2, **setting)
    np.testing.assert_allclose(three["positions"][:, :2], two["positions"], rtol=0, atol=1e-13)
    assert three.axes["positions"] == ("time", "run", "neuron")
    assert np.any(three["positions"][-1, 0] != three["positions"][-1, 1])


@pytest.mark.parametrize("runs", [None, 3])
def test_samples_are_uniform_and_their_noise_is_independent(runs: int | None) -> None:
    from ttlearn.two_timescale.recursion import drawer

    with float64():
        x, y = (
            np.asarray(part) for part in drawer(PAPER_TARGET, 0.5, runs)(jax.random.key(1), 50_000)
        )
    assert x.shape == y.shape == ((50_000,) if runs is None else (50_000, 3))
    noise = y - PAPER_TARGET(x)
    assert 0.0 <= x.min() < 1e-3
    assert 0.999 < x.max() < 1.0
    assert np.max(np.abs(noise)) <= 0.5
    assert np.mean(noise**2) == pytest.approx(0.25 / 3, rel=0.02)
    sides = [x.ravel(), noise.ravel()]
    assert abs(np.corrcoef(*sides)[0, 1]) < 0.02
    if runs:
        assert np.max(np.abs(np.corrcoef(x.T) - np.eye(3))) < 0.02


def test_an_interrupted_run_comes_back_with_what_is_finished(tmp_path: Path) -> None:
    path = os.fspath(tmp_path / "run.npz")
    setting = {"timescale_ratio": 0.1, "step_size": 1e-3, "steps": 300_000, "keep": 11}
    whole = sgd(**setting, progress=False)
    part = sgd(**setting, progress=False, checkpoint=path, stop=lambda done, _: done >= 100_000)
    assert part.meta["ending"] == "stopped"
    assert 100_000 <= part.meta["steps"] < 300_000
    rest = sgd(**setting, progress=False, checkpoint=path)
    assert rest.meta["ending"] == "finished"
    np.testing.assert_array_equal(rest["positions"], whole["positions"])
    with pytest.raises(CheckpointError, match="another run"):
        sgd(**setting | {"timescale_ratio": 0.2}, progress=False, checkpoint=path)


def test_a_step_size_that_is_too_large_is_said() -> None:
    with pytest.raises(StochasticDivergedError, match="smaller step size"):
        sgd(timescale_ratio=1.0, step_size=5.0, steps=5000, progress=False)
