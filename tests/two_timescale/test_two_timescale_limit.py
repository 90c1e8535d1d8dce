"""The limit flow: the race in closed form, the exact form, the event form, what is refused."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ttlearn.two_timescale import (
    PAPER_TARGET,
    SHORTAGE_POSITIONS,
    SHORTAGE_TARGET,
    Target,
    c1_margin,
    limit_flow,
    satisfies_c1,
)

SEED_42 = np.sort(np.random.RandomState(42).rand(20))


def test_reference_limit_of_seed_42() -> None:
    times = [0.0, 0.001, 0.005, 0.01, 0.02, 0.035]
    run = limit_flow(SEED_42, PAPER_TARGET, times)
    hits = [0.00157284081603591, 0.00253920150377204, 0.00874024180978468]
    hits += [0.0281434829270243, 0.00317695130875137]
    np.testing.assert_allclose(run.meta["hitting_times"], hits, rtol=0, atol=1e-12)
    losses = [0.899019927921353, 0.7243309018599, 0.1376815625293]
    losses += [0.08443842824083, 0.05693255169104]
    np.testing.assert_allclose(run.losses[:5], losses, rtol=0, atol=1e-12)
    assert run.losses[5] == 0.0
    final = SEED_42.copy()
    changed = {6: 0.186089182308094, 7: 0.2, 9: 0.306727556719752, 10: 0.35}
    changed |= {11: 0.433055025949700, 12: 0.5, 14: 0.65, 15: 0.692912542393448}
    changed |= {16: 0.734549919896158, 17: 0.8}
    for number, place in changed.items():
        final[number - 1] = place
    np.testing.assert_allclose(run["positions"][-1], final, rtol=0, atol=1e-12)
    assert run.meta["form"] == "exact"
    assert run.meta["c1"]


def test_both_forms_agree() -> None:
    times = np.linspace(0.0, 0.035, 15)
    exact = limit_flow(SEED_42, PAPER_TARGET, times, form="exact")
    general = limit_flow(SEED_42, PAPER_TARGET, times, form="general")
    assert general.meta["form"] == "general"
    np.testing.assert_allclose(exact["positions"], general["positions"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(
        exact.meta["hitting_times"], general.meta["hitting_times"], rtol=0, atol=1e-9
    )


@pytest.mark.parametrize("mirrored", [False, True])
def test_an_empty_end_piece_makes_the_end_a_flank(mirrored: bool) -> None:
    target, start = Target([0.3, 0.7], [0.0, 2.0, 1.0]), np.array([0.45, 0.6, 0.82, 0.95])
    if mirrored:
        target, start = Target([0.3, 0.7], [1.0, 2.0, 0.0]), 1.0 - start[::-1]
    exact = limit_flow(start, target, [0.01, 0.05, 2.0], form="exact")
    general = limit_flow(start, target, [0.01, 0.05, 2.0], form="general")
    np.testing.assert_allclose(exact["positions"], general["positions"], rtol=0, atol=1e-9)
    assert exact.losses[-1] == 0.0


def test_reference_shortage_ends_with_a_jump_uncovered() -> None:
    run = limit_flow(SHORTAGE_POSITIONS, SHORTAGE_TARGET, [0.0, 50.0])
    assert run.meta["form"] == "general"
    assert not run.meta["c1"]
    assert run.losses[0] == pytest.approx(0.08625, abs=1e-12)
    assert run.losses[-1] == pytest.approx(0.0135, abs=1e-6)
    assert run.meta["hitting_times"][1] is None
    np.testing.assert_allclose(run["positions"][-1, 1:3], [0.2, 0.8], rtol=0, atol=1e-12)


# Targets and starts, found by search, in which a neuron sticks to a jump and later leaves it.
LEAVING = [
    (
        [0.3942, 0.5744, 0.9237, 0.992],
        [-0.248, -1.4251, -0.1913, -0.0199, 1.6906],
        [0.1626, 0.194, 0.945],
    ),
    (
        [0.2898, 0.8144, 0.9192, 0.9917],
        [-1.4469, 0.7544, -0.3959, 0.4681, 0.5268],
        [0.1814, 0.4697, 0.9922],
    ),
    (
        [0.2252, 0.5571, 0.6291, 0.9398],
        [-0.271, -0.4593, -1.5839, -0.2456, -0.7766],
        [0.1068, 0.8276, 0.8552],
    ),
]


@pytest.mark.parametrize(("jumps", "values", "start"), LEAVING)
def test_a_stuck_neuron_leaves_when_its_neighbours_change(
    jumps: list[float], values: list[float], start: list[float]
) -> None:
    """Against an explicit Euler scheme that knows no events."""
    target = Target(jumps, values)
    run = limit_flow(start, target, np.linspace(0.05, 5.0, 100), form="general")
    on_jump = np.isclose(run["positions"][..., None], target.jumps, rtol=0, atol=1e-13).any(-1)
    assert np.any(on_jump[:-1] & ~on_jump[1:])
    euler = _euler(np.array(start), target, 5.0, 40_000)
    np.testing.assert_allclose(run["positions"][-1], euler, rtol=0, atol=4e-3)


def _euler(start: np.ndarray, target: Target, horizon: float, steps: int) -> np.ndarray:
    """The velocity averaged over a tiny window, which slides along a jump by itself."""
    u, h = start.copy(), horizon / steps
    edges, values = np.concatenate([[0], target.jumps, [1]]), target.values
    primitive = np.concatenate([[0.0], np.cumsum(values * np.diff(edges))])
    for _ in range(steps):
        points = np.concatenate([[0.0], np.sort(u), [1.0]])
        means = np.diff(np.interp(points, edges, primitive)) / np.diff(points)
        lower, upper = u - 1e-3, u + 1e-3
        share = (np.interp(upper, edges, primitive) - np.interp(lower, edges, primitive)) / 2e-3
        # (f - c_r)^2 - (f - c_l)^2 is linear in f, so its mean needs only the mean of f.
        u = u + h * (means[1:] ** 2 - means[:-1] ** 2 - 2 * share * (means[1:] - means[:-1]))
    return u


@settings(max_examples=25, deadline=None)
@given(
    start=st.lists(st.floats(0.01, 0.99), min_size=8, max_size=8, unique=True),
)
def test_the_limit_never_raises_the_loss_nor_swaps_neurons(start: list[float]) -> None:
    start_array = np.sort(np.array(start))
    assume(np.min(np.diff(start_array)) > 1e-6)
    assume(not np.intersect1d(start_array, PAPER_TARGET.jumps).size)
    run = limit_flow(start_array, PAPER_TARGET, TIMES, tolerance=1e-9)
    assert np.all(np.diff(run.losses) <= 1e-9)
    assert np.all(np.diff(run["positions"], axis=1) >= -1e-12)


TIMES = np.array([0.0, 0.01, 0.1, 1.0, 10.0])


def test_positions_come_back_in_the_order_they_were_given() -> None:
    order = np.random.default_rng(0).permutation(20)
    plain, shuffled = limit_flow(SEED_42), limit_flow(SEED_42[order])
    np.testing.assert_array_equal(shuffled["positions"], plain["positions"][:, order])
    np.testing.assert_array_equal(
        shuffled["outer_weights"][:, 1:], plain["outer_weights"][:, 1:][:, order]
    )


def test_loss_factor_stretches_the_slow_time() -> None:
    whole = limit_flow(SEED_42, PAPER_TARGET, [0.01])
    half = limit_flow(SEED_42, PAPER_TARGET, [0.02], loss_factor=0.5)
    np.testing.assert_allclose(whole["positions"], half["positions"], rtol=0, atol=1e-13)
    assert half.losses[0] == pytest.approx(whole.losses[0] / 2, rel=1e-12)


def test_the_condition_and_its_margin() -> None:
    assert satisfies_c1(SEED_42)
    assert not satisfies_c1(SHORTAGE_POSITIONS, SHORTAGE_TARGET)
    assert c1_margin(SHORTAGE_POSITIONS, SHORTAGE_TARGET) == -1
    assert c1_margin([0.3], Target([0.5], [0.0, 1.0])) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"positions": []}, "at least one neuron"),
        ({"positions": [[0.1]]}, "one axis"),
        ({"positions": [0.1, float("nan")]}, "must be finite"),
        ({"positions": [0.1, 1.2]}, r"outside \(0, 1\)"),
        ({"positions": [0.1, 0.2]}, "starts on the jump at 0.2"),
        ({"positions": [0.1, 0.1]}, "in one place"),
        ({"positions": [0.1], "slow_times": [0.2, 0.1]}, "must increase"),
        ({"positions": [0.1], "slow_times": [0.0]}, "above 0"),
        ({"positions": [0.1], "slow_times": [-1.0, 1.0]}, "start at 0"),
        ({"positions": [0.1], "slow_times": []}, "at least one time"),
        ({"positions": [0.1], "slow_times": [np.inf]}, "finite"),
        ({"positions": [0.1], "loss_factor": 2.0}, "allowed are 1"),
        ({"positions": [0.1], "form": "exact"}, "use form='general'"),
        ({"positions": [0.1], "form": "euler"}, "allowed are"),
        ({"positions": [0.1], "tolerance": np.nan}, "tolerance is nan; a finite number above 0"),
        ({"positions": [0.1], "tolerance": 0.0}, "tolerance is 0.0"),
        ({"positions": [0.1], "tolerance": -1}, "tolerance is -1"),
        ({"positions": np.linspace(0.001, 0.9, 100_001)}, "at most"),
    ],
)
def test_bad_input_is_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        limit_flow(**arguments)


@pytest.mark.parametrize("positions", [[np.nan] * 3, []])
def test_the_condition_is_not_asked_of_no_positions(positions: list[float]) -> None:
    for judge in (satisfies_c1, c1_margin):
        with pytest.raises(ValueError, match=r"must be finite|at least one neuron"):
            judge(positions)


def test_a_target_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="Target"):
        limit_flow([0.1], target=([0.5], [0, 1]))  # type: ignore[arg-type]


def test_running_out_of_steps_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from ttlearn.two_timescale import event_limit as kernel

    limit = __import__("ttlearn.two_timescale.limit", fromlist=["limit"])
    few = jax.jit(lambda *arguments: kernel(*arguments, max_steps=3))
    monkeypatch.setattr(limit, "_events", few)
    with pytest.raises(RuntimeError, match="used up 3 steps"):
        limit_flow(SHORTAGE_POSITIONS, SHORTAGE_TARGET, [50.0])
