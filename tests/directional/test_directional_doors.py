"""The front doors of the directional wing: what is refused, and what it says when a run stops."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from ttlearn import directional as di
from ttlearn.dynamics import FlowError, gradient_flow
from ttlearn.dynamics.ensemble import run_ensemble

GAUSSIAN = di.Gaussian()


@pytest.mark.parametrize("given", [True, "3", 2.5, float("nan"), None])
def test_a_count_is_a_whole_number(given: Any) -> None:
    for call in (lambda: di.Sphere(given), lambda: di.descent(GAUSSIAN, 1.0, 2.0, 1.0, [1], given)):
        with pytest.raises(ValueError, match="a whole number from"):
            call()


def test_a_whole_float_is_a_count() -> None:
    run = di.descent(GAUSSIAN, 1.0, 2.0, 1.0, [1], 2.0)
    assert run.meta["depth"] == 2


def test_ctrl_c_in_an_ensemble_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, **options: Any) -> Any:
        run = run_ensemble(*arguments, **options)
        return run._replace(ending="interrupted", finished=np.array([True, False]))

    module = importlib.import_module("ttlearn.directional.flow")  # its name is the function's
    monkeypatch.setattr(module, "run_ensemble", interrupted)
    with pytest.raises(KeyboardInterrupt, match="1 of 2 starts"):
        di.flow_ensemble(GAUSSIAN, [1.0, 2.0], [2.0, 3.0], [1.0])


FLOWS = {
    "flow": lambda **o: di.flow(GAUSSIAN, 1.0, 2.0, [1.0, 1e3], 2, **o),
    "cartesian_flow": lambda **o: di.cartesian_flow(di.Sphere(2), [-1.0, 0.5], [1.0, 1e3], **o),
    "sample_flow": lambda **o: di.sample_flow(np.eye(2) + 1.0, [0.5, -0.5], [1.0, 1e3], **o),
    "two_node_flow": lambda **o: di.two_node_flow(
        GAUSSIAN, [1.0, 1.0], [-0.5, 0.3], [1.0, 1e3], **o
    ),
    "late_modes": lambda **o: di.late_modes(GAUSSIAN, 3.0, 3.0, [1.0, 1e3], leak=0.5, **o),
}


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_that_breaks_off_speaks_the_callers_time_and_arguments(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def few_steps(field: Any, start: Any, times: Any, **options: Any) -> Any:
        return gradient_flow(field, start, times, **(options | {"max_steps": 3}))

    monkeypatch.setattr("ttlearn.directional.running.gradient_flow", few_steps)
    with pytest.raises(
        FlowError, match=r"steps were used up.*raise rtol, which is 1e-05"
    ) as caught:
        FLOWS[name](rtol=1e-5)
    assert ("or use method='rkc2'" in str(caught.value)) == (name == "sample_flow")
    assert "of 1000 after " in str(caught.value)
    assert "max_steps" not in str(caught.value)
    flow = caught.value.flow
    assert flow.times.tolist() == [1.0, 1e3]
    assert 0.0 < flow.reached < 1e3


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ([-3.0, 0.0], "must be finite and fall.*from high to low"),
        ([0.0, 0.0], "drop repeated"),
        ([0.0, np.nan], "must be finite"),
        ([1.0, 0.0], "begins at 1.0, above the start 0.0"),
        ([], r"to has shape \(0,\)"),
        (-1.0, r"to has shape \(\)"),
    ],
)
def test_an_orbit_runs_down(to: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        di.orbit(GAUSSIAN, 1.0, 0.0, to)


def test_weights_have_the_dimension_of_the_law() -> None:
    with pytest.raises(ValueError, match=r"weights has 5 components and .* has dimension 2"):
        di.cartesian_flow(di.Sphere(2), np.ones(5), [1.0])
    with pytest.raises(ValueError, match=r"first has 3 components and .* has dimension 2"):
        di.two_node_flow(di.Sphere(2), np.ones(3), -np.ones(3), [1.0])
    plane, space = (np.resize([0.6, 0.8, 0, 0, 0, 0, 0, 0, 0, 0], size) for size in (2, 10))
    in_plane, in_space = (
        di.cartesian_flow(di.Sphere(10), start, [3.0]) for start in (plane, space)
    )
    assert in_plane["norm"] == pytest.approx(in_space["norm"], rel=1e-9)
    for run in (di.deep_flow, di.deep_descent, di.minibatch_descent):
        with pytest.raises(ValueError, match=r"layers take 3 inputs and .* has dimension 2"):
            run(di.Sphere(2), [np.ones((1, 3))], *([[1.0]] if run is di.deep_flow else [0.1, 5]))


@pytest.mark.parametrize(("depth", "step_size"), [(1, 1e300), (1, 1e308), (3, 1e3)])
@pytest.mark.filterwarnings("error")
def test_a_minibatch_run_that_diverges_says_so(depth: int, step_size: float) -> None:
    layers = [np.eye(2)] * (depth - 1) + [np.array([[0.6, -0.8]])]
    with pytest.raises(OverflowError, match="not finite at step 25 with step_size"):
        di.minibatch_descent(di.Sphere(2), layers, step_size, 50, [0.0, 1.0], batch=10, keep=3)
