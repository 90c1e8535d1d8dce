"""Every critical point of the atlas: verdict, index, closed-form spectra, the plateau."""

import numpy as np
import pytest
from gauss_cells import integral

from ttlearn.saddles import (
    Problem,
    active_side_hessian,
    classify,
    constant_neuron_spectrum,
    critical_levels,
    gradient,
    is_critical,
    join,
    loss,
    morse_index,
    relative_spectrum,
    residual,
    saddle,
    spectrum,
    theorem_misfit,
    two_kink_spectrum,
    zigzag,
    zigzag_spectrum,
)

ATLAS = [
    (problem, level, first)
    for problem in (Problem(), Problem(-1, 2, -1.5, 0.3))
    for level in (0, 2, 4, 6)
    for first in ("right",)
] + [
    (problem, level, first)
    for problem in (Problem(leak=0.25), Problem(-2, 1, 0.7, 1, leak=0.6))
    for level in range(6)
    for first in ("right", "left")
    if (level, first) != (0, "left")
]


@pytest.mark.parametrize(("problem", "level", "first"), ATLAS)
def test_every_critical_point_of_the_atlas(problem, level, first):
    point = saddle(problem, level, first=first)
    shape = zigzag(problem, level, first)
    size = abs(problem.slope) * problem.length**2
    assert np.max(np.abs(gradient(problem, point))) < 1e-13 * size * max(1, abs(point).max())
    assert loss(problem, point) == pytest.approx(shape.loss, rel=1e-10)
    assert residual(problem, point, shape.knots) == pytest.approx(shape.residuals, abs=1e-13)
    identity = -problem.slope * integral(problem, point, lambda x, r: x * r)
    assert loss(problem, point) == pytest.approx(identity, rel=1e-9)
    verdict = classify(problem, point)
    assert (verdict.level, verdict.first if level else "right") == (level, first)
    if level:
        assert verdict.kind == "saddle"
        assert verdict.strict
        assert verdict.morse_index == level == morse_index(problem, point)
        found = relative_spectrum(problem, point)
        expected = [*zigzag_spectrum(problem, level, first), *np.ones(level + 1)]
        assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("level", [2, 4, 6])
def test_relu_relative_spectrum_in_closed_form(level):
    k = np.arange(1, level + 1)
    expected = -(1 + np.cos(k * np.pi / (level + 1)))
    assert zigzag_spectrum(Problem(), level) == pytest.approx(expected, abs=1e-13)


def test_leaky_relative_spectrum_in_closed_form():
    problem, kappa = Problem(leak=0.25), np.sqrt(1.25)
    for first, end in (("right", 1.0), ("left", 0.5)):
        part = end / (end + kappa)
        expected = [-(1 + part), -(1 - part)]
        assert zigzag_spectrum(problem, 2, first) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("bias", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("problem", [Problem(), Problem(-1, 2, -1.5, 0.4), Problem(leak=0.25)])
def test_flat_constant_neuron_spectrum_in_closed_form(problem, bias):
    for b in (bias, -bias) if problem.leak else (bias,):
        found = spectrum(problem, join(0, b, 0, problem.mean_target))
        assert found == pytest.approx(constant_neuron_spectrum(problem, b), abs=1e-12)


@pytest.mark.parametrize(("length", "slope", "scale"), [(2, 1, 1), (1, -2, 0.7), (3, 0.5, 2)])
def test_two_kink_spectrum_in_closed_form(length, slope, scale):
    problem = Problem(-length / 2, length / 2, slope)
    found = spectrum(problem, saddle(problem, 2, scale=scale))
    for value in two_kink_spectrum(length, slope, scale):
        assert np.min(np.abs(found - value)) < 1e-12 * found[-1]


def test_two_kink_spectrum_on_the_unit_pair_is_exact():
    found = spectrum(Problem(-1, 1), saddle(Problem(-1, 1), 2))
    assert found[0] == pytest.approx((272 - 8 * np.sqrt(1345)) / 243, abs=1e-14)
    others = np.roots([59049, -447444, 106752, 1792])
    for value in others:
        assert np.min(np.abs(found - value)) < 1e-12


def test_index_and_kernel_of_clusters():
    """Index: neurons that pull (slope·v·w > 0) plus flat constants; zeros: critical manifold."""
    problem = Problem()
    cases = [
        ([[0.25, 0.75], [1.0]], []),
        ([[1.5, -0.5], [1.0]], []),
        ([[0.2, 0.3, 0.5], [0.6, 0.4]], [(0.0, 1.0, 0.0)]),
        ([[1.0], [2.0, -1.0]], [(0.0, 0.5, 0.0), (-1.0, -0.5, 2.0)]),
    ]
    for shares, extras in cases:
        n_kinked = sum(map(len, shares))
        scale = np.linspace(1, 2, n_kinked)
        point = saddle(problem, 2, shares=shares, scale=scale, extras=extras)
        pulling = sum(share > 0 for group in shares for share in group)
        flats = sum(w == 0 for w, _, _ in extras)
        assert morse_index(problem, point) == pulling + flats
        assert classify(problem, point).morse_index == pulling + flats
        values = spectrum(problem, point)
        zeros = np.sum(np.abs(values) < 1e-10 * values[-1])
        assert zeros == point.size - (n_kinked + 3) - 2 * flats


@pytest.mark.parametrize("first", ["right", "left"])
def test_leaky_clusters_and_extras_have_the_same_index_formula(first):
    """Constant neurons on either side of zero; clusters of mixed signs and sizes."""
    problem = Problem(-1, 2, -1.5, 0.3, leak=0.25)
    shares = [[0.4, 0.6], [1.7, -0.7], [1.0]]
    extras = [(0.0, 1.0, 0.0), (0.0, -2.0, 0.0)]
    options = {"first": first, "shares": shares, "extras": extras}
    point = saddle(problem, 3, scale=[1, 2, 0.5, 1, 3], **options)
    assert np.max(np.abs(gradient(problem, point))) < 1e-13 * problem.length**2
    assert loss(problem, point) == pytest.approx(zigzag(problem, 3, first).loss, rel=1e-10)
    verdict = classify(problem, point)
    assert (verdict.kind, verdict.level, verdict.first) == ("saddle", 3, first)
    assert verdict.morse_index == morse_index(problem, point) == 4 + 2


@pytest.mark.parametrize(
    ("problem", "level"), [(Problem(), 4), (Problem(-1, 2, 1.5, 1, leak=0.25), 3)]
)
def test_index_and_relative_spectrum_do_not_see_how_neurons_are_scaled(problem, level):
    scale = np.geomspace(0.2, 5.0, level)
    point = saddle(problem, level, scale=scale)
    assert spectrum(problem, point)[0] != pytest.approx(
        spectrum(problem, saddle(problem, level))[0]
    )
    assert morse_index(problem, point) == level
    expected = [*zigzag_spectrum(problem, level), *np.ones(level + 1)]
    assert relative_spectrum(problem, point) == pytest.approx(expected, abs=1e-8)


def test_flat_kinked_neuron_adds_one_zero_mode():
    plain = saddle(Problem(), 2, shares=[[1.0], [1.0]], n_neurons=2)
    extra = saddle(Problem(), 2, extras=[(2.0, -2 / 3, 0.0)])
    values = spectrum(Problem(), extra)
    assert morse_index(Problem(), extra) == morse_index(Problem(), plain) == 2
    assert np.sum(np.abs(values) < 1e-11) == (extra.size - (3 + 3)) + 1


NEAR_PLATEAU = [
    # (neurons (w, b, v), kind, order, strict, has an index)
    ((0.0, 1.0, 0.0), "saddle", 2, True, True),
    ((-1.0, 0.0, -0.7), "saddle", 2, True, False),
    ((1.0, -1.0, 0.7), "saddle", 2, True, False),
    ((-1.0, 0.0, 0.7), "local minimum", None, False, False),
    ((1.0, -1.0, -0.7), "local minimum", None, False, False),
    ((-1.0, 0.0, 0.0), "saddle", 3, False, True),
    ((0.0, 0.0, 0.7), "saddle", 1, False, False),
    ((0.0, 0.0, 0.0), "saddle", 2, False, False),
    ((1.0, -2.0, 3.0), "local minimum", None, False, True),
]


@pytest.mark.parametrize(("neuron", "kind", "order", "strict", "has_index"), NEAR_PLATEAU)
@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_table_of_the_plateau(neuron, kind, order, strict, has_index, slope):
    w, b, v = neuron
    problem = Problem(slope=slope)
    point = saddle(problem, 0, extras=[(w, b, v * slope)])
    verdict = classify(problem, point)
    assert (verdict.kind, verdict.decrease_order, verdict.strict) == (kind, order, strict)
    assert (verdict.morse_index is not None) == has_index


@pytest.mark.parametrize(
    ("neuron", "order"), [(row[0], row[2]) for row in NEAR_PLATEAU if row[2] is not None]
)
def test_order_of_the_best_decrease(neuron, order):
    """Best decrease within distance ε over many directions, refined: it scales like ε^order."""
    point = saddle(Problem(), 0, extras=[neuron])
    base = loss(Problem(), point)
    rng = np.random.default_rng(0)
    best = []
    for size in (1e-2, 1e-3):
        directions = rng.normal(size=(300, 4))
        directions[::2, 3] = 0.0  # the output bias costs ε², which hides an order of 3
        low, at = 0.0, directions[0]
        for spread in (1.0, 0.3, 0.1, 0.03, 0.01):
            tries = directions if spread == 1.0 else at + spread * rng.normal(size=(300, 4))
            tries[::2, 3] = 0.0
            tries = np.concatenate([tries, at[None]])
            tries /= np.linalg.norm(tries, axis=1, keepdims=True)
            values = np.array([loss(Problem(), point + size * d) - base for d in tries])
            low, at = values.min(), tries[values.argmin()]
        best.append(-low)
    assert best[1] > 0
    assert np.log10(best[0] / best[1]) == pytest.approx(order, abs=0.2)


@pytest.mark.parametrize("neuron", [row[0] for row in NEAR_PLATEAU if row[1] == "local minimum"])
def test_local_minima_really_are(neuron):
    point = saddle(Problem(), 0, extras=[neuron])
    base = loss(Problem(), point)
    shifts = np.random.default_rng(1).normal(size=(2000, 4)) * 1e-3
    assert min(loss(Problem(), point + shift) for shift in shifts) >= base - 1e-16


def test_constant_target_has_only_global_minima():
    problem = Problem(slope=0.0, intercept=2.0)
    point = join(-1, -0.5, 3, 2.0)
    assert classify(problem, point).kind == "global minimum"
    with pytest.raises(ValueError, match="slope is 0"):
        critical_levels(problem, 3)
    with pytest.raises(ValueError, match="slope is 0"):
        saddle(problem, 2)


def test_verdict_needs_a_tolerance_where_a_limit_is_only_approached():
    point = join(-1, 1e-4, 0.5, 0.5)
    assert classify(Problem(), point).kind == "not critical"
    assert classify(Problem(), point, tolerance=1e-3).kind == "local minimum"
    assert not is_critical(Problem(), point)


def test_misfit_says_how_far_a_point_is_from_the_theorem():
    point = saddle(Problem(), 2)
    moved = point + 1e-3 * np.array([0, 1, 0, 0, 0, 0, 0])[: point.size]
    assert theorem_misfit(Problem(), point, 2) < 1e-15
    assert 1e-4 < theorem_misfit(Problem(), moved, 2) < 1e-2
    assert theorem_misfit(Problem(), saddle(Problem(), 4), 2) == np.inf


def test_active_side_hessian_decides_about_semi_inactive_limits():
    wrong = active_side_hessian(Problem(), join(-1, 0, -0.7, 0.5))
    right = active_side_hessian(Problem(), join(-1, 0, 0.7, 0.5))
    assert np.linalg.eigvalsh(wrong)[0] == pytest.approx(-0.7)
    assert np.linalg.eigvalsh(right)[0] == pytest.approx(0.0, abs=1e-15)
