"""The two-node network: reference values, exact manifolds, monotonicities, late modes."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn import directional as di
from ttlearn.directional import experiments, sectors
from ttlearn.precision import float64

GAUSSIAN, CIRCLE = di.Gaussian(), di.Sphere(2)
FIRST, SECOND = (0.7, 1.1), (0.3, -2.0)
TIMES = np.array([0.0, 0.5, 2.0, 5.0, 20.0, 100.0])


@pytest.mark.parametrize(
    ("law", "leak", "loss", "first", "second", "digits"),
    [
        (
            CIRCLE,
            0.0,
            7.8855492375488976e-1,
            (-1.3698098452301560e-1, 6.8176728522542080e-2),
            (1.6249762061910196e-1, -1.0005903531474999e-1),
            1e-12,
        ),
        (
            CIRCLE,
            0.2,
            8.2591094997393304e-1,
            (-1.6917405410629707e-1, 1.0630444583647379e-1),
            (1.8433435610871553e-1, -1.2372298506012945e-1),
            1e-12,
        ),
        (
            GAUSSIAN,
            0.0,
            8.8404226674409327e-1,
            (-1.6499537810949677e-1, 1.1372803389879598e-1),
            (2.0096883847265493e-1, -1.4893893990897614e-1),
            1e-12,
        ),
        (
            GAUSSIAN,
            0.2,
            9.4634408562903796e-1,
            (-2.0727025650420968e-1, 1.6512711445770064e-1),
            (2.2649732272744776e-1, -1.8182755394417282e-1),
            1e-12,
        ),
    ],
)
def test_reference_values(law, leak, loss, first, second, digits):
    assert di.two_node_loss(law, FIRST, SECOND, leak) == pytest.approx(loss, rel=digits)
    one, two = di.two_node_gradient(law, FIRST, SECOND, leak)
    np.testing.assert_allclose(one, first, rtol=digits)
    np.testing.assert_allclose(two, second, rtol=digits)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("leak", "first", "second"),
    [
        (0.1, (1.4712964852263, 8.2834939702151e-1), (-1.0631214547500, 3.6434206744641e-1)),
        (0.0, (1.4379160295029, 8.2269656188497e-1), (-1.0550693464328, 3.4098454207212e-1)),
    ],
)
def test_flow_reference_values(leak, first, second):
    run = di.two_node_flow(CIRCLE, (1.0, 1.0), (-0.5, 0.3), TIMES, leak, rtol=1e-11)
    np.testing.assert_allclose(run["first"][3], first, rtol=1e-9)
    np.testing.assert_allclose(run["second"][3], second, rtol=1e-9)


@pytest.mark.parametrize("leak", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("dimension", [2, 3])
def test_loss_by_monte_carlo_and_force_by_differences(leak, dimension):
    random = np.random.default_rng(dimension)
    first, second = random.standard_normal((2, dimension))
    law = di.Gaussian(dimension)
    x = random.standard_normal((1_000_000, dimension))

    def unit(w):
        return np.maximum(x @ w, leak * (x @ w))

    losses = np.logaddexp(0, -np.sign(x[:, 0]) * (unit(first) - unit(second)))
    said = di.two_node_loss(law, first, second, leak)
    assert abs(losses.mean() - said) < 4 * losses.std() / 1000
    one, two = di.two_node_gradient(law, first, second, leak)
    for j in range(dimension):
        h = 1e-5 * np.eye(dimension)[j]
        up, down = (di.two_node_loss(law, first + s * h, second, leak) for s in (1, -1))
        assert one[j] == pytest.approx((up - down) / 2e-5, abs=1e-8)
        up, down = (di.two_node_loss(law, first, second + s * h, leak) for s in (1, -1))
        assert two[j] == pytest.approx((up - down) / 2e-5, abs=1e-8)


@pytest.mark.parametrize("size", [1e-3, 1.0, 30.0, 1e4])
def test_quadrature_has_converged(size, monkeypatch):
    found = []
    with float64():
        pair = size * jnp.asarray([0.7, 1.1]), size * jnp.asarray([0.3, -2.0])
        for nodes in (sectors.NODES, 2 * sectors.NODES):
            monkeypatch.setattr(sectors, "NODES", nodes)
            part = sectors.angular_integral(sectors.plane_arrays(CIRCLE), *pair, 0.2)
            found.append(np.concatenate([[part.value / max(size, 1)], part.first, part.second]))
    np.testing.assert_allclose(found[0], found[1], atol=1e-13)


@pytest.mark.parametrize("leak", [0.0, 0.2, 1.0])
def test_antipodal_pair_is_the_linear_predictor(leak):
    first = np.array([-0.6, 0.9])
    share = (1 + leak) / 2
    with float64():
        teacher = jnp.asarray([1.0, 0.0])
        linear = float(di.loss(CIRCLE, jnp.asarray(2 * share * first), teacher))
    assert di.two_node_loss(CIRCLE, first, -first, leak) == pytest.approx(linear, rel=1e-13)
    run = di.two_node_flow(CIRCLE, first, -first, TIMES, leak)
    slow = di.cartesian_flow(CIRCLE, 2 * share * first, 2 * share**2 * TIMES)
    np.testing.assert_allclose(2 * share * run["first"], slow["weights"], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(run["first"], -run["second"], atol=1e-8)


def test_mirror_pair_keeps_a_straight_boundary():
    run = di.two_node_flow(CIRCLE, (0.4, 1.2), (-0.4, 1.2), TIMES, 0.1)
    np.testing.assert_allclose(run["boundary_angle"], 0.0, atol=1e-8)
    np.testing.assert_allclose(run["first"][:, 1], run["second"][:, 1], atol=1e-8)
    assert run["first_angle"][-1] > 1e-3  # the neurons themselves are slow


def test_linear_units_conserve_the_sum():
    run = di.two_node_flow(CIRCLE, (0.4, 1.2), (-1.0, 0.5), TIMES, 1.0)
    total = run["first"] + run["second"]
    np.testing.assert_allclose(total, np.broadcast_to(total[0], total.shape), atol=1e-8)
    fast = di.cartesian_flow(CIRCLE, [1.4, 0.7], 2 * TIMES)
    difference = run["first"] - run["second"]
    np.testing.assert_allclose(difference, fast["weights"], rtol=1e-6, atol=1e-8)


def test_single_relu_has_a_floor():
    vector = np.array([0.5, -1.0])
    with float64():
        linear = float(di.loss(CIRCLE, jnp.asarray(vector), jnp.asarray([1.0, 0.0])))
    lone = di.two_node_loss(CIRCLE, vector, [0.0, 0.0])
    assert lone == pytest.approx((linear + math.log(2)) / 2, rel=1e-13)


@pytest.mark.parametrize("leak", [0.0, 0.4])
@pytest.mark.parametrize(
    ("first", "second"),
    [((-0.9, 0.1), (0.9, 0.2)), ((0.0, 3.0), (0.1, -3.0)), ((1.0, 1.0), (1.0, 1.01))],
)
def test_components_along_the_teacher_are_monotone(leak, first, second):
    run = di.two_node_flow(CIRCLE, first, second, TIMES, leak)
    assert np.all(np.diff(run["first"][:, 0]) > 0)
    assert np.all(np.diff(run["second"][:, 0]) < 0)
    assert np.all(np.diff(run.losses) < 0)
    growth = np.diff((run["first"] ** 2 + run["second"] ** 2).sum(1)) / np.diff(TIMES)
    assert np.all(growth <= 2 * 0.27846)


def test_space_is_the_plane_when_everything_lies_in_one():
    flat = di.two_node_flow(CIRCLE, (1.0, 1.0), (-0.5, 0.3), TIMES, 0.1)
    law = di.Gaussian(3)
    tilted = di.two_node_loss(law, (1.0, 0.0, 1.0), (-0.5, 0.0, 0.3), 0.1)
    assert tilted == pytest.approx(
        di.two_node_loss(GAUSSIAN, (1.0, 1.0), (-0.5, 0.3), 0.1), rel=1e-12
    )
    assert flat["first"].shape == (6, 2)


def test_modes_match_the_network_near_alignment():
    times = np.array([0.0, 0.5, 2.0, 5.0, 20.0, 100.0])
    leak, b1, b2 = 0.3, 1e-4, 0.4e-4
    run = di.two_node_flow(CIRCLE, (3.0, b1), (-2.0, b2), times, leak, rtol=1e-11)
    e1, e2 = 3 + leak * 2, 2 + leak * 3
    modes = di.late_modes(CIRCLE, e1, e2, times, leak, ratio=(b1 - b2) / (b1 + b2))
    common = run["first"][:, 1] + run["second"][:, 1]
    np.testing.assert_allclose(np.log(common / common[0]), modes["log_common"], atol=2e-3)
    ratio = (run["first"][:, 1] - run["second"][:, 1]) / common
    np.testing.assert_allclose(ratio, modes["ratio"], atol=2e-3)


@pytest.mark.parametrize("leak", [0.1, 0.5])
def test_late_modes_reach_their_rates(leak):
    table = di.Tabulated(GAUSSIAN)
    run = di.late_modes(table, 5.0, 4.0, [1e6, 1e8], leak, rtol=1e-11)
    size, ratio = run["size"], di.mode_ratio(leak)
    assert size[1] == pytest.approx(di.leading_size(table, [1e8], leak)[0], rel=1e-4)
    lead = ratio * table.k / (2 * table.tail) * size[1] ** 2
    assert -run["log_common"][1] == pytest.approx(lead, rel=1e-4)
    gap = run["size_gap"]
    power = math.log(gap[1] / gap[0]) / math.log(size[1] / size[0])
    assert power == pytest.approx(-2 * ratio, abs=3e-4)
    slaved = run["ratio"][1] * 8 * leak * size[1] / ((1 - leak**2) * gap[1])
    assert slaved == pytest.approx(1, abs=1e-3)


@pytest.mark.slow
def test_kernel_survives_degenerate_pairs():
    zero, one = jnp.zeros(2), jnp.array([1.0, 0.0])
    for pair in ((zero, zero), (zero, one), (one, zero), (one, one), (one, -one)):
        value, forces = di.two_node_kernel(CIRCLE, *pair, one, 0.1)
        assert all(bool(jnp.all(jnp.isfinite(part))) for part in (value, *forces))
    assert jax.jit(di.two_node_kernel, static_argnums=0)(CIRCLE, one, one, one, 0.0)[0] > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: di.two_node_loss(CIRCLE, FIRST, SECOND, -0.1), "leak"),
        (lambda: di.two_node_loss(CIRCLE, FIRST, SECOND, 1.1), "leak"),
        (lambda: di.two_node_loss(CIRCLE, FIRST, (1.0, 2.0, 3.0)), "second"),
        (lambda: di.two_node_loss(CIRCLE, (np.nan, 1.0), SECOND), "finite"),
        (lambda: di.two_node_loss(CIRCLE, FIRST, SECOND, 0.0, (0.0, 0.0)), "teacher"),
        (lambda: di.two_node_flow(CIRCLE, (0.0, 0.0), SECOND, [1.0]), "zero weights"),
        (lambda: di.two_node_flow(CIRCLE, FIRST, SECOND, [2.0, 1.0]), "increasing"),
        (lambda: di.late_modes(CIRCLE, 0.0, 1.0, [1.0]), "first_size"),
        (lambda: di.late_modes(CIRCLE, 1.0, 1.0, [1.0], ratio=3.0), "ratio"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.slow
def test_global_statement_at_full_size():
    """Measured, not proven; the numbers that the claim and the lesson state."""
    found = experiments.two_node_table()
    assert (found.starts, found.aligned, found.monotone) == (96, 96, 96)
    assert found.largest_angle < 1e-6
    assert (found.angle_rises, found.boundary_rises) == (39, 16)
    assert experiments.two_node_table(last=3.3e3).aligned == 93
