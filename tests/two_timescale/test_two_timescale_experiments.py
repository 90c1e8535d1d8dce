"""Experiments by name: their checks, refusals, resume after a kill, and the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ttlearn import DamagedFileError
from ttlearn.dynamics import CheckpointError
from ttlearn.two_timescale import PAPER_TARGET, limit_flow, losses_along, sgd
from ttlearn.two_timescale.experiments import (
    EXPERIMENTS,
    Check,
    WrongFileError,
    load_record,
    paper_start,
    run_experiment,
)
from ttlearn.two_timescale.experiments.beyond import beyond, coverage
from ttlearn.two_timescale.experiments.sweep import box_plot, matched_control
from ttlearn.two_timescale.experiments.training import train


@pytest.mark.parametrize("name", ["E1", "E2", "E9"])
def test_the_drawings_are_exact(name: str) -> None:
    outcome = run_experiment(name)
    assert outcome.passed, [str(check) for check in outcome.checks]


@pytest.mark.parametrize("stream", ["jax", "mt19937"])
def test_the_quick_two_timescale_run_is_accepted(stream: str) -> None:
    outcome = run_experiment("E3q", stream=stream, progress=False)
    assert outcome.passed, [str(check) for check in outcome.checks]
    assert outcome.record.losses[0] == pytest.approx(10.6)
    assert len(outcome.record) == 101


def test_the_standard_run_fails_as_the_paper_says() -> None:
    outcome = run_experiment("E4", progress=False)
    assert outcome.passed, [str(check) for check in outcome.checks]


@pytest.mark.slow
def test_the_two_timescale_run_is_accepted() -> None:
    """175 million steps."""
    outcome = run_experiment("E3", progress=False)
    assert outcome.passed, [str(check) for check in outcome.checks]


@pytest.mark.parametrize("stream", ["jax", "mt19937"])
def test_a_reduced_box_plot_orders_the_ratios(stream: str) -> None:
    plan = {0.1: (299_999, 299_900), 1.0: (30_000, 30_000)}
    outcome = box_plot(runs=3, stream=stream, steps=plan, progress=False)
    losses = outcome.record["final_losses"]
    assert losses.shape == (2, 3)
    assert not outcome.checks
    assert np.all(np.median(losses, axis=1) < 10.6)


def test_the_published_stream_goes_on_from_run_to_run() -> None:
    """The second run starts from the doubles that follow the first run's N + 1 pairs."""
    plan = {1.0: (99, 99)}
    outcome = box_plot(runs=2, stream="mt19937", steps=plan, progress=False)
    stream = np.random.RandomState(42)
    stream.rand(20 + 2 * 100)
    start = np.sort(stream.rand(20))
    pairs = stream.rand(99, 2)
    a, bias, u = np.zeros(20), 0.0, start
    for x, v in pairs:
        s = (x - u) / 4e-3
        z = np.clip(s, -0.5, 0.5)
        active = 0.5 + z * (3 - 6 * np.abs(z) + 4 * z * z)
        r = PAPER_TARGET(x) + 2 * v - 1 - bias - active @ a
        u = u - 2e-5 * r * a * (np.abs(s) <= 0.5) / 4e-3
        a, bias = a + 2e-5 * r * active, bias + 2e-5 * r
    state = {"outer_weights": np.array([[bias, *a]]), "positions": u[None]}
    expected = losses_along(state, PAPER_TARGET, 4e-3)[0]
    assert outcome.record["final_losses"][0, 1] == pytest.approx(expected, abs=1e-10)


def test_a_reduced_control_is_not_checked() -> None:
    outcome = matched_control(runs=2, steps=20_000, progress=False)
    assert not outcome.checks
    assert not outcome.passed


@pytest.mark.parametrize("name", ["E6", "E8"])
def test_reduced_runs_beyond_one_dimension(name: str) -> None:
    outcome = beyond(name, runs=2, epochs=200, progress=False)
    values = outcome.record["objective"]
    assert values.shape == (3, 2)
    assert np.all(np.isfinite(values))
    # Every arm starts from the same repeats: both arms of ratio 1 agree.
    np.testing.assert_array_equal(values[1], values[2])
    assert np.any(values[0] != values[1])


def test_coverage_counts_jumps_whose_neurons_carry_them() -> None:
    positions = np.array([[[0.31, 0.5, 0.505, 0.9]]])
    weights = np.array([[[1.2, 0.4, 0.5, 1.0]]])
    assert coverage(weights, positions).tolist() == [pytest.approx(2 / 3)]
    # A neuron in the right place with the wrong weight covers nothing.
    assert coverage(2 * weights, positions).tolist() == [0.0]


def test_unknown_names_and_options_are_refused() -> None:
    with pytest.raises(ValueError, match="there are E1, E2"):
        run_experiment("E33")
    with pytest.raises(ValueError, match="E3 takes no runs"):
        run_experiment("E3", runs=2)
    with pytest.raises(ValueError, match="allowed are 'jax' and 'mt19937'"):
        run_experiment("E5", stream="xorshift")
    with pytest.raises(ValueError, match="runs is 0"):
        run_experiment("E5", runs=0)
    with pytest.raises(ValueError, match="seed is -1"):
        run_experiment("E4", seed=-1)
    with pytest.raises(ValueError, match="cannot be resumed"):
        run_experiment("E5", stream="mt19937", checkpoint="somewhere")
    assert "E7" in EXPERIMENTS


def test_saved_records_know_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "e2.npz"
    run_experiment("E2").save(path)
    assert load_record(path, "E2")["speeds"].shape == (1, 4)
    with pytest.raises(WrongFileError, match="'E2', version 1 found; 'E3'"):
        load_record(path, "E3")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DamagedFileError):
        load_record(path, "E2")


def test_a_check_outside_its_band_says_so() -> None:
    assert "OUTSIDE" in str(Check("loss", 2.0, 0.0, 1.0))
    assert not Check("loss", float("nan"), 0.0, 1.0).passed


def test_a_checkpoint_of_another_experiment_is_refused(tmp_path: Path) -> None:
    path = os.fspath(tmp_path / "run.npz")
    train("E4", checkpoint=path, stop=lambda done, _: True, progress=False)
    with pytest.raises(CheckpointError, match="another run"):
        train("E3q", checkpoint=path, progress=False)


QUICK_E4 = {"timescale_ratio": 1.0, "step_size": 1e-5, "steps": 999_900, "keep": 11, "seed": 42}

KILLED = f"""
import sys, time
from ttlearn.two_timescale import sgd

def stop(done, state):
    if done > 200_000:
        print("ready", flush=True)
        time.sleep(60)
    return False

sgd(**{QUICK_E4}, checkpoint=sys.argv[1], checkpoint_seconds=0.0, stop=stop, progress=False)
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_numbers(tmp_path: Path) -> None:
    path = os.fspath(tmp_path / "run.npz")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert os.path.exists(path)
    first_steps = []

    def watch(done: int, _: object) -> bool:
        first_steps.append(done)
        return False

    resumed = sgd(**QUICK_E4, checkpoint=path, stop=watch, progress=False)
    whole = sgd(**QUICK_E4, progress=False)
    assert first_steps[0] > 150_000
    np.testing.assert_array_equal(resumed["positions"], whole["positions"])
    np.testing.assert_array_equal(resumed.losses, whole.losses)


def test_the_paper_start_fulfils_the_condition_of_the_limit() -> None:
    run = limit_flow(paper_start(), PAPER_TARGET, [0.035])
    assert run.meta["form"] == "exact"
    assert run.losses[-1] == 0.0
