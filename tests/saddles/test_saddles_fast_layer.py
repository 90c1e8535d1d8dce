"""The outer layer at its best, and layers that learn at different speeds."""

from __future__ import annotations

import numpy as np
import pytest

from ttlearn import saddles as sd
from ttlearn.saddles import experiments

PROBLEMS = [sd.Problem(), sd.Problem(-1, 2, -1.5, 0.3), sd.Problem(-1, 1, leak=0.2)]


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("seed", range(4))
def test_fast_solution_is_the_bottom_of_the_parabola(problem: sd.Problem, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    point = rng.normal(size=3 * n + 1)
    fast = sd.fast_solution(problem, point)
    np.testing.assert_array_equal(fast.parameters[: 2 * n], point[: 2 * n])
    np.testing.assert_allclose(sd.gradient(problem, fast.parameters)[2 * n :], 0, atol=1e-12)
    assert fast.loss == pytest.approx(sd.loss(problem, fast.parameters), abs=1e-14)
    for _ in range(20):
        other = fast.parameters.copy()
        other[2 * n :] += 0.1 * rng.normal(size=n + 1)
        assert sd.loss(problem, other) >= fast.loss - 1e-15


def test_fast_solution_knows_directions_only() -> None:
    problem = sd.Problem(-1, 1)
    point = sd.join([0.4, -1.0, 0.7], [0.3, 0.2, 0.1], [0.0, 0.0, 0.0], 0.0)
    scaled = point.copy()
    scaled[:6] *= np.tile([1e-7, 3.0, 40.0], 2)
    one, other = sd.fast_solution(problem, point), sd.fast_solution(problem, scaled)
    assert other.loss == pytest.approx(one.loss, rel=1e-9)
    np.testing.assert_allclose(
        other.parameters[6:9] * [1e-7, 3.0, 40.0], one.parameters[6:9], rtol=1e-8
    )


def test_neurons_that_add_nothing_get_no_weight() -> None:
    problem = sd.Problem(-1, 1)
    dead = sd.join([0.1, 0.0, 1.0, 2.0], [-1.0, 0.0, 0.3, 0.6], [5.0, 5.0, 0.0, 0.0], 0.0)
    fast = sd.fast_solution(problem, dead)
    assert fast.parameters[8:10].tolist() == [0.0, 0.0]  # never active; at the origin
    assert fast.parameters[11] == 0.0  # the direction of the one before it
    alone = sd.fast_solution(problem, sd.join(1.0, 0.3, 0.0, 0.0))
    assert fast.loss == pytest.approx(alone.loss)
    assert sd.fast_solution(problem, sd.join(0.0, -1.0, 1.0, 9.0)).loss == pytest.approx(2 / 3)


def test_a_saddle_already_has_its_best_outer_layer() -> None:
    problem = sd.Problem()
    point = sd.saddle(problem, 4)
    np.testing.assert_allclose(sd.fast_solution(problem, point).parameters, point, atol=1e-12)


def test_a_small_loss_keeps_its_digits() -> None:
    problem = sd.Problem(-1, 1)
    point = sd.join([1.0, -1.0], [1e-9, -1e-9], [0.0, 0.0], 0.0)  # a line but for the kinks
    fast = sd.fast_solution(problem, point)
    assert 0 <= fast.loss < 1e-25


def test_timescale_ratio_slows_the_inner_layer_and_nothing_else() -> None:
    problem = sd.Problem(-1, 1)
    start = np.random.default_rng(1).normal(size=(2, 10))
    run = sd.gradient_descent(problem, start, 0.05, 3, timescale_ratio=0.1, keep=4, progress=False)
    rates = np.r_[np.full(6, 0.005), np.full(4, 0.05)]
    for row, expected in zip(run["parameters"].transpose(1, 0, 2), start, strict=True):
        for found in row:
            np.testing.assert_allclose(found, expected, rtol=1e-12)
            expected = expected - rates * sd.gradient(problem, expected)
    assert run.meta["timescale_ratio"] == 0.1


def test_equal_speeds_are_the_plain_descent() -> None:
    start = np.random.default_rng(2).normal(size=7)
    plain = sd.gradient_descent(sd.Problem(), start, 0.1, 50, progress=False)
    same = sd.gradient_descent(sd.Problem(), start, 0.1, 50, timescale_ratio=1.0, progress=False)
    np.testing.assert_array_equal(plain["parameters"], same["parameters"])


@pytest.mark.parametrize("ratio", [1.0, 0.25, 0.01])
def test_from_almost_zero_the_plateau_is_left_at_the_root_of_the_ratio(ratio: float) -> None:
    problem = sd.Problem(-1, 1)
    rate, fastest = experiments.small_start_rate(problem)
    start = sd.join(*(1e-7 * np.append(fastest, 1.0 / np.sqrt(ratio))[:, None]), 0.0)
    start[2] *= np.sign(fastest[0])  # the sign of the outer weight that makes it grow
    steps = int(4 / (0.01 * np.sqrt(ratio)))
    run = sd.gradient_descent(problem, start, 0.01, steps, timescale_ratio=ratio, progress=False)
    grown = np.log(run["parameters"][-1, 0] / start[0]) / (0.01 * steps)
    assert grown == pytest.approx(rate * np.sqrt(ratio), rel=0.01)


@pytest.mark.parametrize("ratio", [0.0, -1.0, np.inf, np.nan])
def test_a_ratio_that_is_none_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match="inner over outer rate"):
        sd.gradient_descent(sd.Problem(), np.ones(4), 0.1, 5, timescale_ratio=ratio)


def test_a_coarse_resolution_takes_near_neurons_for_one() -> None:
    problem = sd.Problem(-1, 1)
    point = sd.join([1.0, 1.0], [0.3, 0.3001], [0.0, 0.0], 0.0)
    alone = sd.fast_solution(problem, sd.join(1.0, 0.3, 0.0, 0.0))
    assert sd.fast_solution(problem, point, resolution=1e-3).loss == pytest.approx(alone.loss)
    assert sd.fast_solution(problem, point).loss < 0.9 * alone.loss


def test_fast_solution_refuses_what_is_no_network() -> None:
    with pytest.raises(ValueError, match="3N\\+1"):
        sd.fast_solution(sd.Problem(), np.ones(5))
    with pytest.raises(ValueError, match="not finite"):
        sd.fast_solution(sd.Problem(), [np.nan, 1, 1, 1])
    with pytest.raises(ValueError, match="share in"):
        sd.fast_solution(sd.Problem(), np.ones(4), resolution=1.0)
