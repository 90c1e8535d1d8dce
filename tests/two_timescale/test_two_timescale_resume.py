"""Checkpoints of online SGD and of the experiments: never another problem's numbers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ttlearn.dynamics import CheckpointError
from ttlearn.two_timescale import Target, sgd, sgd_ensemble
from ttlearn.two_timescale.experiments.beyond import beyond

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
