"""Which steps are kept, and how many steps a horizon is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttlearn.dynamics import Recorder, evenly_spaced_steps, number_of_steps
from ttlearn.dynamics.snapshots import Plan


@pytest.mark.parametrize(
    ("horizon", "increment", "nearest", "truncated"),
    [
        (10, 1e-5 * 1, 1_000_000, 999_999),
        (3, 1e-5 * 0.01, 30_000_000, 29_999_999),
        (3, 1e-5 * 0.1, 3_000_000, 2_999_999),
        (3, 1e-5, 300_000, 300_000),
        (0.035, 1e-5 * 2e-5, 175_000_000, 175_000_000),
    ],
)
def test_horizons_of_the_papers_runs(horizon, increment, nearest, truncated):
    assert number_of_steps(horizon, increment) == nearest
    assert number_of_steps(horizon, increment, rule="truncate") == truncated


@given(count=st.integers(1, 10**12), increment=st.floats(1e-12, 1e3))
def test_a_whole_number_of_increments_is_counted_exactly(count, increment):
    assert number_of_steps(count * increment, increment) == count


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1e-5), "horizon is 0"),
        ((-1.0, 1e-5), "horizon is -1"),
        ((float("nan"), 1e-5), "horizon is nan"),
        ((1.0, 0.0), "increment is 0"),
        ((1.0, -1e-5), "increment is -1e-05"),
        ((1.0, float("inf")), "increment is inf"),
        ((1.0, 0.3), "choose 0.9 or 1.2"),
        ((1e-6, 1e-5), "not a whole number"),
        ((1e300, 1e-300), "at most 2\\^62"),
    ],
)
def test_bad_horizons_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        number_of_steps(*arguments)


def test_a_horizon_shorter_than_a_step_is_refused_when_truncating():
    with pytest.raises(ValueError, match="no step fits"):
        number_of_steps(1e-6, 1e-5, rule="truncate")
    with pytest.raises(ValueError, match="allowed are 'nearest' and 'truncate'"):
        number_of_steps(1.0, 0.5, rule="round")


@given(steps=st.integers(1, 10**15), keep=st.integers(2, 300))
def test_evenly_spaced_steps_are_even(steps, keep):
    kept = evenly_spaced_steps(steps, keep)
    assert kept[0] == 0
    assert kept[-1] == steps
    assert len(kept) == min(keep, steps + 1)
    gaps = np.diff(kept)
    assert gaps.min() >= 1
    assert gaps.max() - gaps.min() <= 1


@pytest.mark.parametrize(
    ("steps", "keep", "message"),
    [(0, 5, "steps is 0"), (5, 1, "keep is 1"), (2.5, 3, "steps is 2.5"), (True, 3, "True")],
)
def test_bad_plans_are_refused(steps, keep, message):
    with pytest.raises(ValueError, match=message):
        evenly_spaced_steps(steps, keep)


@settings(deadline=None)
@given(length=st.integers(1, 3000), keep=st.integers(2, 40), stride=st.integers(1, 7))
def test_recorder_never_keeps_too_many_and_stays_even(length, keep, stride):
    recorder = Recorder(keep, stride)
    for step in range(length):
        if step == recorder.next_step:
            recorder.add(step, {"state": np.array([step])})
        assert len(recorder.steps) <= keep
    assert recorder.steps[0] == 0
    assert recorder.values()["state"][:, 0].tolist() == recorder.steps
    on_grid = recorder.steps if recorder.steps[-1] % recorder.stride == 0 else recorder.steps[:-1]
    assert all(gap == recorder.stride for gap in np.diff(on_grid))
    if length >= keep * stride:
        assert len(recorder.steps) >= keep // 2


def test_recorder_keeps_copies():
    recorder, array = Recorder(4), np.zeros(2)
    recorder.add(0, array)
    array += 1
    recorder.add(1, array)
    assert recorder.values().tolist() == [[0, 0], [1, 1]]


def test_recorder_refuses_to_go_back():
    recorder = Recorder(4)
    with pytest.raises(ValueError, match="nothing recorded yet"):
        recorder.values()
    recorder.add(3, 1.0)
    recorder.add(3, 2.0)
    assert recorder.values().tolist() == [1.0]
    with pytest.raises(ValueError, match="steps must increase"):
        recorder.add(2, 1.0)


def test_plan_ends():
    plan = Plan([0, 2, 5])
    seen = []
    while plan.next_step is not None:
        seen.append(plan.next_step)
        plan.add(plan.next_step, 0.0)
    assert seen == [0, 2, 5]
