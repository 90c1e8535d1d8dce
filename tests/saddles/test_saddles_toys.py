"""Toy systems and the quadratic activation, against measured and hand-derived numbers."""

import jax
import numpy as np
import pytest

from ttlearn.precision import float64
from ttlearn.saddles import (
    Problem,
    classify,
    gradient_descent,
    join,
    loss,
    real_loss_case,
    spectrum,
    toy_descent,
    trapped_fraction,
)
from ttlearn.saddles.quadratic import (
    classify_quadratic,
    quadratic_gradient,
    quadratic_hessian,
    quadratic_loss,
    quadratic_saddle,
)
from ttlearn.saddles.toys import TOYS


@pytest.mark.parametrize("name", TOYS)
def test_hand_written_gradients_are_those_of_the_stated_functions(name):
    toy = TOYS[name]
    points = np.random.default_rng(0).uniform(-2, 2, size=(200, toy.dimension))
    for axis in range(toy.dimension):
        step = 1e-6 * np.eye(toy.dimension)[axis]
        difference = (toy.potential(points + step) - toy.potential(points - step)) / 2e-6
        assert difference == pytest.approx(toy.gradient(points)[:, axis], abs=1e-5)


def test_plain_saddles_trap_nobody():
    assert trapped_fraction("E1", 0.1) == 0
    assert trapped_fraction("E2", 0.1) == 0


@pytest.mark.parametrize("step_size", [0.1, 0.5, 0.9, 1.0])
def test_one_sided_curvature_traps_half(step_size):
    assert trapped_fraction("E3", step_size) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize("step_size", [1.1, 1.9])
def test_one_sided_curvature_lets_go_when_steps_overshoot(step_size):
    assert trapped_fraction("E3", step_size, tolerance=1e-12) == 0


def test_one_step_size_traps_an_open_set():
    """The share |y| in [1, 2] falls onto the saddle exactly, at step size 1/2 only."""
    trapped = trapped_fraction("E4", 0.5, tolerance=0.0)
    assert trapped == pytest.approx(0.5, abs=0.01)
    for step_size in (0.3, 0.45, 0.499, 0.501, 0.55):
        assert trapped_fraction("E4", step_size, tolerance=0.0) == 0


def test_a_dead_network_falls_onto_the_plateau_in_one_step():
    """Half of the plane is dead, and only at step size 1/2 does it land on c = 1/2 at once."""
    for step_size, share in ((0.4, 0.0), (0.49, 0.0), (0.5, 0.5), (0.6, 0.0)):
        assert trapped_fraction("E6", step_size, n_starts=100, n_steps=1) == share
    assert trapped_fraction("E6", 0.4, n_starts=100, n_steps=100) >= 0.5


def test_a_sharp_minimum_repels_beyond_two_over_its_curvature():
    edge = 2 / spectrum(Problem(), real_loss_case("E7"))[-1]
    assert edge == pytest.approx(0.15066, abs=1e-5)
    shares = [trapped_fraction("E7", f * edge, n_starts=100, n_steps=300) for f in (0.9, 1.1, 2)]
    assert shares == [1.0, 0.0, 0.0]


def test_the_edge_of_death_attracts_where_the_outer_weight_is_positive():
    places = np.array([[0.5, 1.0], [-0.5, 1.0], [0.5, -1.0], [-0.5, -1.0]])
    toy = TOYS["E8"]
    run = toy_descent("E8", toy.placed(*places.T), 0.1, 300)
    assert (toy.distances(run["points"][-1]) <= toy.near).tolist() == [True, False, True, True]
    assert trapped_fraction("E8", 0.1, n_starts=100, n_steps=300) == pytest.approx(0.7, abs=0.06)


@pytest.mark.parametrize("name", TOYS)
def test_the_plane_of_a_toy_is_part_of_its_space(name):
    toy = TOYS[name]
    places = np.array([[0.25, -0.5], [0.5, 0.75]])
    points = toy.placed(*places.T)
    assert points.shape == (2, toy.dimension)
    wanted = places * ([0, 1] if toy.across is None else [1, 1])
    assert toy.shown(points) == pytest.approx(wanted)
    assert toy.distances(np.array(toy.rest)) == 0.0


def test_degenerate_saddle_traps_half_slowly():
    assert trapped_fraction("E5", 0.1, n_starts=2000, n_steps=10_000) == pytest.approx(
        0.5, abs=2e-3
    )
    assert trapped_fraction("E5", 0.1, n_starts=2000, n_steps=3_000) < 0.01


def test_e6_output_bias_jumps_at_one_step_size():
    start = real_loss_case("E6")
    for step_size, jumps in ((0.5, True), (0.4, False), (0.6, False)):
        run = gradient_descent(Problem(), start, step_size, 1, progress=False)
        assert (abs(run["parameters"][-1, -1] - 0.5) < 1e-15) == jumps


def test_e7_sharp_minima_repel():
    """step size .3, 2/.3 = 6.667: size 1 (6.62) stays, size 2 (13.27) leaves and mostly dies."""
    rng = np.random.default_rng(0)
    for size, stays in ((1.0, True), (2.0, False)):
        point = real_loss_case("E7", size)
        assert (spectrum(Problem(), point)[-1] < 2 / 0.3) == stays
        starts = point + 1e-3 * rng.normal(size=(100, 4)) / 2
        run = gradient_descent(Problem(), starts, 0.3, 5000, progress=False)
        distances = np.linalg.norm(run["parameters"][-1] - point, axis=1)
        if stays:
            assert np.max(distances) < 0.01
        else:
            assert np.min(distances) > 0.05
            assert np.mean(np.abs(12 * run.losses[-1] - 1) < 1e-3) > 0.9


def test_e8_semi_inactive_minimum_attracts():
    run = gradient_descent(Problem(), real_loss_case("E8"), 0.1, 40, keep=41, progress=False)
    biases = run["parameters"][:, 1]
    assert biases[31] / biases[30] == pytest.approx(0.95, abs=5e-4)
    assert biases[1] / biases[0] == pytest.approx(0.95, abs=1e-2)
    options = {"progress": False, "on_divergence": "keep"}
    jump = gradient_descent(Problem(), real_loss_case("E8"), 2.5, 1, **options)
    assert jump["parameters"][-1, 1] == pytest.approx(-0.0024375, abs=1e-12)


@pytest.mark.parametrize("name", ["E0", "E9", ""])
def test_unknown_toys_are_refused(name):
    with pytest.raises(ValueError, match="E1"):
        toy_descent(name, [[0.0, 0.0]], 0.1, 1)


@pytest.mark.parametrize(
    ("starts", "step_size", "n_steps"),
    [([[0.0]], 0.1, 1), ([[0.0, np.nan]], 0.1, 1), ([[0, 0]], 0, 1), ([[0, 0]], 0.1, 0)],
)
def test_bad_toy_input_is_refused(starts, step_size, n_steps):
    with pytest.raises(ValueError, match=r"need|must"):
        toy_descent("E1", starts, step_size, n_steps)


PROBLEM = Problem(-1, 2, 1.5, -0.3)


def autodiff_loss(parameters):
    n = (parameters.size - 1) // 3
    w, b, v, c = parameters[:n], parameters[n : 2 * n], parameters[2 * n : 3 * n], parameters[-1]
    nodes, weights = np.polynomial.legendre.leggauss(6)
    x = PROBLEM.middle + 0.5 * PROBLEM.length * nodes
    r = c + ((w * x[:, None] + b) ** 2 * v).sum(1) - PROBLEM.slope * x - PROBLEM.intercept
    return 0.5 * PROBLEM.length * (weights * r**2).sum()


AUTODIFF = jax.jit(
    lambda p: (autodiff_loss(p), jax.grad(autodiff_loss)(p), jax.hessian(autodiff_loss)(p))
)


@pytest.mark.parametrize("seed", range(5))
def test_quadratic_forms_against_autodiff_of_the_stated_loss(seed):
    point = np.random.default_rng(seed).normal(size=7)
    with float64():
        value, slope, curve = map(np.asarray, AUTODIFF(point))
    assert quadratic_loss(PROBLEM, point) == pytest.approx(value, rel=1e-12)
    assert quadratic_gradient(PROBLEM, point) == pytest.approx(slope, abs=1e-12 * abs(slope).max())
    assert quadratic_hessian(PROBLEM, point) == pytest.approx(curve, abs=1e-12 * abs(curve).max())


@pytest.mark.parametrize(
    ("neurons", "strict"),
    [
        ([(0, 0.7, 0)], True),
        ([(0, 0, -2.0)], True),
        ([(2.0, -2.0 * PROBLEM.middle, 0)], True),
        ([(0, 0, 0), (0, 0, 0)], False),
        ([(0, 0, 0), (0, 0, 1.0)], True),
    ],
)
def test_quadratic_saddles(neurons, strict):
    point = quadratic_saddle(PROBLEM, neurons)
    verdict = classify_quadratic(PROBLEM, point)
    assert (verdict.kind, verdict.strict) == ("saddle", strict)
    assert (verdict.morse_index > 0) == strict
    assert verdict.loss == pytest.approx(PROBLEM.plateau_loss, rel=1e-12)


def test_quadratic_refusals_and_other_verdicts():
    with pytest.raises(ValueError, match="not be critical"):
        quadratic_saddle(PROBLEM, [(1.0, 0.3, 0.0)])
    with pytest.raises(ValueError, match="at least one"):
        quadratic_saddle(PROBLEM, [])
    assert classify_quadratic(PROBLEM, join(1, 0.3, 0.1, 0)).kind == "not critical"
    # (x+1)² − (x−1)² = 4x: two neurons reach loss 0.
    pair = join([1, 1], [1, -1], [1.5 / 4, -1.5 / 4], -0.3)
    assert classify_quadratic(PROBLEM, pair).kind == "global minimum"


def test_relu_and_quadratic_plateaus_agree():
    assert loss(PROBLEM, join(0, 0, 0, PROBLEM.mean_target)) == pytest.approx(PROBLEM.plateau_loss)
    assert classify(PROBLEM, join(0, 0, 0, PROBLEM.mean_target)).kind == "saddle"
