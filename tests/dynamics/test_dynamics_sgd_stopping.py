"""Stochastic runs that stop, are interrupted, diverge, and go on from a checkpoint."""

from __future__ import annotations

import signal

import jax
import numpy as np
import pytest

from ttlearn.dynamics import (
    CheckpointError,
    HostStream,
    StochasticDivergedError,
    stochastic_descent,
)

RATE = 0.05


def step(state, sample, rate=RATE):
    """SGD on the mean square distance to a noisy sample."""
    return state - rate * (state - sample)


def draw(key, count):
    return jax.random.normal(key, (count,))


def run(steps=100, initial=1.0, samples=draw, **options):
    options = {"seed": 0, "progress": False, "chunk": 32, **options}
    return stochastic_descent(step, initial, samples, steps, **options)


def test_stop_returns_what_is_finished():
    result = run(stop=lambda done, state: done >= 60, keep=5)
    assert result.ending == "stopped"
    assert result.done == 64
    assert result.steps.tolist() == [0, 25, 50, 64]
    assert result.state == result.snapshots[-1]


def test_an_open_ended_run_keeps_a_bounded_number_of_snapshots():
    result = run(None, stop=lambda done, state: done >= 1000, keep=9)
    assert result.done >= 1000
    assert len(result.steps) <= 9
    assert result.steps[0] == 0
    assert result.steps[-1] == result.done
    assert result.state == run(int(result.done)).state


def test_an_interrupted_run_returns_what_is_finished():
    def interrupt(done, state):
        if done == 64:
            signal.raise_signal(signal.SIGINT)
        return False

    before = signal.getsignal(signal.SIGINT)
    result = run(stop=interrupt, keep=101)
    assert result.ending == "interrupted"
    assert 64 <= result.done < 100
    np.testing.assert_array_equal(result.snapshots, run(keep=101).snapshots[: result.done + 1])
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_interrupt_breaks_off():
    def interrupt(done, state):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(stop=interrupt)


@pytest.mark.parametrize("kind", ["drawn", "host", "given"])
def test_resume_gives_the_same_numbers(tmp_path, kind):
    def samples():
        numbers = np.random.RandomState(5)
        if kind == "host":
            return HostStream(lambda count: numbers.rand(count))
        return draw if kind == "drawn" else numbers.rand(100)

    seed = 0 if kind == "drawn" else None
    path = str(tmp_path / "run.npz")
    whole = run(samples=samples(), seed=seed, keep=12)
    options = {"seed": seed, "keep": 12, "checkpoint": path, "checkpoint_seconds": 0.0}
    part = run(samples=samples(), stop=lambda done, state: done >= 45, **options)
    assert part.done < 100
    resumed = run(samples=samples(), **options)
    assert resumed.ending == "finished"
    np.testing.assert_array_equal(resumed.snapshots, whole.snapshots)
    np.testing.assert_array_equal(resumed.steps, whole.steps)
    again = run(samples=samples(), **options)
    np.testing.assert_array_equal(again.snapshots, whole.snapshots)


@pytest.mark.parametrize("ending", ["stopped", "interrupted"])
def test_a_resumed_run_keeps_the_planned_steps_only(tmp_path, ending):
    def asked(done, state):
        if done == 64 and ending == "interrupted":
            signal.raise_signal(signal.SIGINT)
        return done == 64 and ending == "stopped"

    options = {"keep": 5, "checkpoint": str(tmp_path / "run.npz")}
    part = run(stop=asked, **options)
    assert part.ending == ending
    assert part.steps.tolist() == [0, 25, 50, part.done]
    resumed, whole = run(**options), run(keep=5)
    assert resumed.steps.tolist() == [0, 25, 50, 75, 100]
    np.testing.assert_array_equal(resumed.snapshots, whole.snapshots)


def test_a_run_that_diverges_before_the_first_planned_step_is_reported():
    with pytest.raises(StochasticDivergedError) as caught:
        run(20_000, parameters=(-5.0,), chunk=512, save_steps=[19_000])
    assert caught.value.run.steps.tolist() == [0]


def test_resume_of_an_open_ended_run(tmp_path):
    options = {"keep": 9, "checkpoint": str(tmp_path / "run.npz"), "checkpoint_seconds": 0.0}
    whole = run(None, stop=lambda done, state: done >= 900, keep=9)
    run(None, stop=lambda done, state: done >= 300, **options)
    resumed = run(None, stop=lambda done, state: done >= 900, **options)
    assert resumed.done == whole.done
    assert resumed.state == whole.state


def test_a_damaged_or_foreign_checkpoint_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    run(checkpoint=str(path))
    with pytest.raises(CheckpointError, match="another run \\(samples is"):
        run(checkpoint=str(path), seed=1)
    with pytest.raises(CheckpointError, match="initial is"):
        run(checkpoint=str(path), initial=2.0)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError, match=r"not a whole checkpoint.*delete"):
        run(checkpoint=str(path))
    broken = bytearray(whole)
    broken[len(whole) // 2] ^= 0xFF
    path.write_bytes(bytes(broken))
    with pytest.raises(CheckpointError):
        run(checkpoint=str(path))
    path.write_text("not a checkpoint")
    with pytest.raises(CheckpointError, match="not a whole checkpoint"):
        run(checkpoint=str(path))


def test_divergence_is_an_error_or_an_ending():
    with pytest.raises(StochasticDivergedError, match="smaller step size") as caught:
        run(20_000, parameters=(-5.0,), chunk=512)
    assert caught.value.run.ending == "diverged"
    assert np.isfinite(caught.value.run.snapshots).all()
    kept = run(20_000, parameters=(-5.0,), chunk=512, on_divergence="keep")
    assert kept.ending == "diverged"
    assert kept.done < 20_000


def test_progress_goes_to_stderr_and_can_be_turned_off(capsys):
    run()
    assert capsys.readouterr() == ("", "")
    run(progress=True)
    out, err = capsys.readouterr()
    assert not out
    assert "100/100" in err
