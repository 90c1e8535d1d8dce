"""What training refuses, and what it says when it cannot go on."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from ttlearn.dynamics import FlowError
from ttlearn.precision import float64
from ttlearn.two_timescale import Target, network_flow, sgd

ONE_STEP = Target([0.5], [0.0, 1.0])
ONE_START = np.array([0.15, 0.38, 0.67, 0.9])
RUN = {"timescale_ratio": 0.1, "steps": 10, "progress": False}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"timescale_ratio": 0.0}, "use limit_flow"),
        ({"timescale_ratio": -1.0}, "timescale_ratio is -1.0; a finite number above 0"),
        ({"timescale_ratio": float("nan")}, "finite"),
        ({"activation_width": 0.0}, "activation_width is 0.0"),
        ({"activation_width": -1}, "sharp steps"),
        ({"step_size": 0.0}, "step_size is 0.0"),
        ({"noise": -0.1}, "at least 0"),
        ({"neurons": 0}, "neurons is 0; a whole number from 1"),
        ({"neurons": 10**9}, "from 1 to 100000"),
        ({"positions": []}, "at least one neuron"),
        ({"positions": [0.1, np.inf]}, "must be finite"),
        ({"positions": [0.1], "outer_weights": [0.0]}, r"need \(2,\)"),
        ({"positions": [0.1], "outer_weights": [0.0, np.nan]}, "NaN or infinity"),
        ({"steps": 0}, "steps is 0"),
        ({"steps": None}, "give one of them"),
        ({"slow_horizon": 1.0}, "not both"),
        ({"steps": None, "slow_horizon": 0.0}, "slow_horizon is 0.0"),
        ({"steps": None, "slow_horizon": -1.0}, "slow_horizon is -1.0"),
        ({"steps": None, "slow_horizon": 1.05e-6}, "not a whole number"),
        ({"slope": "true"}, "allowed are"),
        ({"stream": "numpy"}, "allowed are 'jax'"),
        ({"seed": -1}, "seed is -1"),
        ({"loss_factor": 2}, "allowed are 1"),
    ],
)
def test_bad_sgd_input_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sgd(**RUN | change)


def test_the_truncated_step_count_of_the_published_code() -> None:
    from ttlearn.dynamics import number_of_steps

    setting = {"timescale_ratio": 1.0, "step_size": 1e-5}
    increment = setting["step_size"] * setting["timescale_ratio"]
    assert number_of_steps(10, increment, rule="truncate") == 999_999
    assert number_of_steps(10, increment) == 1_000_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"timescale_ratio": 0}, "use limit_flow"),
        ({"activation_width": 0}, "activation_width is 0"),
        ({"slow_times": [0.0]}, "above 0"),
        ({"slow_times": [0.2, 0.1]}, "must increase"),
        ({"positions": []}, "at least one neuron"),
        ({"outer_weights": np.zeros(4)}, r"need \(5,\)"),
        ({"slope": "soft"}, "allowed are"),
        ({"method": "euler"}, "allowed are"),
        ({"tolerance": 0.0}, "tolerance is 0.0"),
        ({"loss_factor": 0.25}, "allowed are 1"),
    ],
)
def test_bad_flow_input_is_refused(change: dict, message: str) -> None:
    setting = {"positions": ONE_START, "target": ONE_STEP, "timescale_ratio": 0.1} | change
    with pytest.raises(ValueError, match=message):
        network_flow(**setting)


def test_a_flow_that_runs_out_of_steps_says_so() -> None:
    setting = {"timescale_ratio": 0.01, "max_steps": 5}
    with pytest.raises(
        FlowError, match=r"slow time 0\.0\d+ of 2 after 5 .* max_steps = 5"
    ) as caught:
        network_flow(ONE_START, ONE_STEP, [0.0, 2.0], **setting)
    assert "raise tolerance, which is 0.0001" in str(caught.value)
    assert "rtol" not in str(caught.value)
    flow = caught.value.flow
    assert flow.times.tolist() == [0.0, 2.0]
    assert 0.0 < flow.reached < 0.1
    assert np.isfinite(flow.states["positions"][0]).all()
    with pytest.raises(FlowError, match="or use method='rkc2'"):
        network_flow(ONE_START, ONE_STEP, [2.0], method="dopri5", **setting)


def test_nothing_global_is_switched() -> None:
    network_flow(ONE_START, ONE_STEP, [0.1], timescale_ratio=0.1, activation_width=0.05)
    assert not jax.config.jax_enable_x64
    with float64():
        pass
    assert not jax.config.jax_enable_x64
