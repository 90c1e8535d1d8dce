"""Late rates: the table of theory and measurement, heavy centres, plateaus, long descents."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ttlearn import directional as di
from ttlearn.directional import experiments

GAUSSIAN, TABLE = di.Gaussian(), di.Tabulated(di.Gaussian())
PAPER_ANGLE = math.acos(-0.8)
THREE_DIGITS = 1e-3

# depth, time, norm, norm/leading, -y, -y/leading, y/next order, loss * norm / K
ROWS = [
    (1, 1e4, 26.878877, 0.995446, 227.34235, 1.025823, 1.000011, 0.998413),
    (1, 1e6, 125.30409, 0.999782, 4783.5338, 1.001861, 1.00000002, 0.999927),
    (1, 1e8, 581.73096, 0.999990, 102878.77, 1.000118, 1.0, 0.999997),
    (2, 1e4, 161.87576, 0.999131, 3988.9798, 0.999889, 1.00000001, 0.999956),
    (2, 1e8, 16201.649, 1.0, 39894228.0, 1.0, 1.0, 1.0),
    (3, 1e4, 512.11087, 0.999417, 26577.855, 0.999046, 1.0, 0.999996),
    (3, 1e8, 128711.43, 1.0, 1.6785508e9, 1.0, 1.0, 1.0),
    (4, 1e4, 1156.7151, 0.999432, 101680.05, 0.998913, 1.0, 0.999999),
    (4, 1e8, 537204.76, 1.0, 2.1930131e10, 1.0, 1.0, 1.0),
]


@pytest.fixture(scope="module")
def table():
    return experiments.rates_table()


def test_the_table_runs_over_every_decade_from_1e2_to_1e8(table):
    assert [(row.depth, row.time) for row in table] == [
        (depth, 10.0**e) for depth in (1, 2, 3, 4) for e in range(2, 9)
    ]


@pytest.mark.parametrize("said", ROWS, ids=lambda row: f"depth {row[0]} at {row[1]:g}")
def test_rates_table_reference_values(table, said):
    row = next(row for row in table if (row.depth, row.time) == said[:2])
    assert row.norm == pytest.approx(said[2], rel=1e-7)
    assert row.alignment == pytest.approx(said[4], rel=1e-7)
    found = row.norm_over_leading, row.alignment_over_leading, row.alignment_over_next
    np.testing.assert_allclose(found, (said[3], said[5], said[6]), atol=2e-6)
    assert row.loss_times_norm_over_tail == pytest.approx(said[7], abs=2e-6)


def test_powers_agree_with_theory_to_three_digits_at_1e8(table):
    measured = {1: (0.333340, 0.666596), 2: (0.5, 1.0), 3: (0.6, 1.2), 4: (2 / 3, 4 / 3)}
    for row in (row for row in table if row.time == 1e8):
        assert abs(row.norm_power - row.norm_power_theory) < THREE_DIGITS
        assert abs(row.alignment_power - row.alignment_power_theory) < THREE_DIGITS
        assert abs(row.norm_over_leading - 1) < THREE_DIGITS
        assert abs(row.alignment_over_leading - 1) < THREE_DIGITS
        found = row.norm_power, row.alignment_power
        np.testing.assert_allclose(found, measured[row.depth], atol=2e-6)


def test_a_law_without_the_next_order_has_no_number_there():
    (row,) = experiments.rates_table(di.HeavyCentre(0.5), depths=(2,), times=[1e6])
    assert math.isnan(row.alignment_over_next)
    assert row.alignment_power == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("beta", "depth", "times", "power", "digits"),
    [
        (0.25, 1, [1e8, 1e10], 0.5548, 2e-4),
        (0.5, 1, [1e8, 1e10], 0.5977, 2e-4),
        (0.75, 1, [1e8, 1e10], 0.6293, 2e-4),
        (0.5, 2, [1e8, 1e10], 1.0, 1e-5),
        (0.25, 4, [1e5, 1e6], 1.668, 5e-3),
        (0.5, 4, [1e5, 1e6], 1.502, 5e-3),
        (0.75, 4, [1e5, 1e6], 1.410, 5e-3),
    ],
)
def test_exponents_follow_the_law_near_the_origin(beta, depth, times, power, digits):
    law = di.Tabulated(di.HeavyCentre(beta))
    run = di.flow(law, 1.0, 2.0, times, depth)
    found = di.local_exponent(run.times, run["log_half_angle"])[0]
    assert found == pytest.approx(power, abs=digits)
    assert found == pytest.approx(di.exponents(law, depth).alignment, abs=0.02)


def test_plateau_of_depth_4():
    epsilon = 1e-3
    low = di.turning_point(GAUSSIAN, 1.0, math.pi - epsilon, 4)
    assert low.time * epsilon**2 == pytest.approx(3.1641, rel=1e-3)
    assert low.norm / epsilon**4 == pytest.approx(0.62758, rel=1e-3)


def test_a_million_steps_of_descent():
    run = di.descent(TABLE, 1.0, PAPER_ANGLE, 1.0, [1_000_000])
    assert run["norm"][0] == pytest.approx(125.304260, abs=1e-6)
    assert run["log_across"][0] == pytest.approx(-4793.78344, abs=1e-5)
    assert di.late_descent_constant(TABLE, run)[0] == pytest.approx(0.5394, abs=1e-4)
    longer = di.descent(TABLE, 1.0, PAPER_ANGLE, 4.0, [1_000_000])
    assert di.late_descent_constant(TABLE, longer)[0] == pytest.approx(-0.0861, abs=1e-4)


def test_a_long_start_nearly_opposite_still_aligns():
    run = di.flow(GAUSSIAN, 20.0, math.pi - 0.1, [1e2, 1e4, 1e6])
    assert np.all(np.diff(run["log_half_angle"]) < 0)
    assert run["angle"][-1] < 1e-100


@pytest.mark.parametrize("depth", [1, 4])
def test_small_steps_on_fresh_batches_follow_the_flow(depth):
    """The paper's own experiment, at a coarser step: the circle, w0 = (0.6, -0.8), v = (0, 1)."""
    layers, teacher = di.balanced_layers([0.6, -0.8], depth), [0.0, 1.0]
    options = {"batch": 200, "keep": 5}
    run = di.minibatch_descent(di.Sphere(2), layers, 1e-2, 2000, teacher, **options)
    said = di.flow(di.Sphere(2), 1.0, PAPER_ANGLE, 1e-2 * run.times, depth)
    np.testing.assert_allclose(run["angle"], said["angle"], atol=0.06)
    np.testing.assert_allclose(run["norm"], said["norm"], rtol=0.15)
    again = di.minibatch_descent(di.Sphere(2), layers, 1e-2, 2000, teacher, **options)
    np.testing.assert_array_equal(run["weights"], again["weights"])
    other = di.minibatch_descent(di.Sphere(2), layers, 1e-2, 2000, teacher, seed=1, **options)
    assert np.any(other["weights"][1:] != run["weights"][1:])


@pytest.mark.slow
@pytest.mark.parametrize("leak", [0.0, 0.1])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((-3.0, 0.05), (3.0, 0.05)),
        ((0.0, 8.0), (0.1, 8.0)),
        ((0.5, 1.0), (0.5, 1.001)),
        ((0.1, -0.1), (-7.0, 3.0)),
    ],
    ids=["exchanged", "sideways", "nearly equal", "one dominates"],
)
def test_adversarial_pairs_align_by_3e4(first, second, leak):
    times = np.concatenate([[0.0], np.geomspace(0.1, 3e4, 40)])
    run = di.two_node_flow(di.Sphere(2), first, second, times, leak, rtol=1e-7)
    assert max(run["first_angle"][-1], run["second_angle"][-1]) < 1e-3
    assert np.all(np.diff(run["first"][:, 0]) > 0)
    assert np.all(np.diff(run["second"][:, 0]) < 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: di.deep_descent(GAUSSIAN, di.balanced_layers([1, 1], 2), 0.0, 5), "step_size"),
        (lambda: di.deep_descent(GAUSSIAN, di.balanced_layers([1, 1], 2), -1.0, 5), "step_size"),
        (lambda: di.deep_flow(GAUSSIAN, di.balanced_layers([1, 1], 2), [1.0, 1.0]), "increasing"),
        (lambda: di.balanced_layers([1.0, 1.0], 0), "depth"),
        (lambda: di.minibatch_descent(GAUSSIAN, [np.ones((1, 3))], 0.1, 5), "inputs"),
        (lambda: di.minibatch_descent(GAUSSIAN, [np.ones((1, 2))], 0.0, 5), "step_size"),
        (lambda: di.minibatch_descent(GAUSSIAN, [np.ones((1, 2))], 0.1, 5, batch=0), "batch"),
        (lambda: di.two_node_flow(GAUSSIAN, (1, 1), (1, 0), [1.0], 1.5), "leak"),
        (lambda: di.two_node_flow(GAUSSIAN, (1, 1), (1, 0), [1.0], float("nan")), "leak"),
        (lambda: di.late_modes(GAUSSIAN, 1.0, 1.0, [1.0], -0.1), "leak"),
        (lambda: di.mode_ratio(2.0), "leak"),
        (lambda: di.leading_size(GAUSSIAN, [1.0], 2.0), "leak"),
        (lambda: di.flow_ensemble(GAUSSIAN, [0.0], [1.0], [1.0]), "norms above 0"),
        (lambda: di.flow_ensemble(GAUSSIAN, [math.inf], [1.0], [1.0]), "finite"),
        (lambda: di.flow_ensemble(GAUSSIAN, [1.0], [math.pi], [1.0]), "strictly"),
        (lambda: di.flow_ensemble(GAUSSIAN, [1.0], [1.0], [2.0, 1.0]), "increasing"),
        (lambda: di.flow_ensemble(GAUSSIAN, [1.0], [1.0], [1.0], 0), "depth"),
        (lambda: di.noisy_flow(GAUSSIAN, 0.0, 1.0, [1.0], 0.1), "norm"),
        (lambda: di.bias_flow(GAUSSIAN, 0.0, 1.0, 0.1, [1.0]), "norm"),
        (lambda: di.flow(di.UnderExponential(GAUSSIAN), 1.0, 1.0, [1.0]), "exponential_flow"),
        (lambda: di.exponential_flow(GAUSSIAN, 1.0, math.pi, [1.0]), "strictly"),
        (lambda: di.exponential_flow(GAUSSIAN, 1.0, 1.0, [2.0, 1.0]), "increasing"),
        (lambda: di.turning_point(GAUSSIAN, 1.0, 1.0, 0), "depth"),
        (lambda: experiments.rates_table(depths=(0,)), "depth"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.slow
def test_a_big_common_mode_waits_and_then_aligns():
    """Two long neurons side by side, with a leak: aligned, but not before a million."""
    run = di.two_node_flow(di.Sphere(2), (0.0, 8.0), (0.1, 8.0), [3e4, 1e6], 0.4, rtol=1e-7)
    assert run["first_angle"][0] == pytest.approx(0.268, abs=1e-3)
    assert max(run["first_angle"][1], run["second_angle"][1]) < 1e-6
