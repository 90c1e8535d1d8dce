"""Checkpoints of online SGD and of the experiments: never another problem's numbers."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ttlearn.dynamics import CheckpointError
from ttlearn.two_timescale import Target, sgd, sgd_ensemble
from ttlearn.two_timescale.experiments.beyond import beyond
from ttlearn.two_timescale.experiments.sweep import box_plot

SETTING: dict[str, Any] = {
    "target": Target([0.5], [0.0, 1.0]),
    "noise": 1.0,
    "slope": "box",
    "timescale_ratio": 0.5,
    "step_size": 1e-3,
    "steps": 50,
    "neurons": 4,
    "progress": False,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": Target([0.25], [0.0, 1.0])}, r"jumps is \[0\.5\] there, \[0\.25\] here"),
        ({"target": Target([0.5], [0.0, 2.0])}, r"values is \[0\.0, 1\.0\] there"),
        ({"noise": 0.5}, r"noise is 1\.0 there, 0\.5 here"),
        ({"slope": "exact"}, "slope is 'box' there, 'exact' here"),
        ({"loss_factor": 0.5}, "parameters is"),
        ({"seed": 3}, "seed 3"),
    ],
)
@pytest.mark.parametrize("many", [False, True])
def test_another_problem_is_refused(
    tmp_path: Path, change: dict[str, Any], message: str, many: bool
) -> None:
    path = os.fspath(tmp_path / "run.npz")

    def run(**options: Any) -> Any:
        setting = {**SETTING, **options, "checkpoint": path}
        return sgd_ensemble(2, **setting) if many else sgd(**setting)

    first = run()
    with pytest.raises(CheckpointError, match=message):
        run(**change)
    np.testing.assert_array_equal(run()["outer_weights"], first["outer_weights"])


def test_another_length_of_an_experiment_is_refused(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "runs": 2,
        "checkpoint": os.fspath(tmp_path / "kept"),
        "arms": ("two timescales",),
        "progress": False,
    }
    short = beyond("E8", epochs=2, **options)
    with pytest.raises(CheckpointError, match="epochs is 2 there, 200 here"):
        beyond("E8", epochs=200, **options)
    with pytest.raises(CheckpointError, match="experiment is 'E8' there, 'E6' here"):
        beyond("E6", epochs=2, **options)
    again = beyond("E8", epochs=2, **options)
    np.testing.assert_array_equal(short.record["objective"], again.record["objective"])


class After:
    """Stops, or presses Ctrl-C, at the n-th time it is asked."""

    def __init__(self, count: int, key: bool = False) -> None:
        self.left, self.key = count, key

    def __call__(self, *_: Any) -> bool:
        self.left -= 1
        if self.left == 0 and self.key:
            signal.raise_signal(signal.SIGINT)
        return self.left == 0 and not self.key


def reduced(stop: After) -> Any:
    return beyond("E8", runs=2, epochs=2, stop=stop, progress=False)


def test_arms_that_are_finished_come_back() -> None:
    # Two repeats are two chunks: the second question falls on the end of the first arm.
    for count, labels in ((2, 3), (3, 1), (5, 2)):
        outcome = reduced(After(count))
        assert outcome.record.meta["ending"] == ("finished" if labels == 3 else "stopped")
        assert len(outcome.record.meta["arms"]) == labels
        assert np.all(np.isfinite(outcome.record["objective"]))
    for count in (2, 3):
        outcome = reduced(After(count, key=True))
        assert outcome.record.meta["ending"] == "interrupted"
        assert outcome.record.meta["arms"] == ["two timescales"]


def test_an_arm_that_is_stopped_is_an_outcome_and_an_interrupted_one_an_exception() -> None:
    outcome = reduced(After(1))
    assert outcome.record.meta["ending"] == "stopped"
    assert np.isfinite(outcome.record["objective"]).tolist() == [[True, False]]
    assert not outcome.checks
    with pytest.raises(KeyboardInterrupt, match="before the first arm"):
        reduced(After(1, key=True))
    with pytest.raises(ValueError, match="epochs is 0"):
        beyond("E8", runs=1, epochs=0)


@pytest.mark.parametrize("stream", ["jax", "mt19937"])
def test_ratios_that_are_finished_come_back(stream: str) -> None:
    plan = {0.1: (149_999, 149_900), 1.0: (280_000, 280_000)}

    def run(stop: Any) -> Any:
        return box_plot(runs=1, stream=stream, steps=plan, stop=stop, progress=False)

    outcome = run(lambda done, _: True)
    assert outcome.record.meta["ending"] == "stopped"
    assert np.isnan(outcome.record["final_losses"]).all()
    outcome = run(lambda done, _: done > 150_000)
    assert outcome.record.meta["ending"] == "stopped"
    assert outcome.record.times.tolist() == [0.1]
    assert np.isfinite(outcome.record["final_losses"]).all()
    with pytest.raises(KeyboardInterrupt, match="before the first ratio"):
        run(lambda done, _: signal.raise_signal(signal.SIGINT))
