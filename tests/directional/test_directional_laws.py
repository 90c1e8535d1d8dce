"""g, h, m and the constants of every law: reference values, identities, precision."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn import directional as di
from ttlearn.directional.quadrature import dyadic_rule, gauss_power
from ttlearn.precision import float64

GAUSSIAN, CIRCLE = di.Gaussian(), di.Sphere(2)
LAWS = [
    GAUSSIAN,
    CIRCLE,
    di.Sphere(3),
    di.Sphere(10),
    di.Ball(2),
    di.Ball(5),
    di.HeavyCentre(0.25),
    di.HeavyCentre(0.75),
    di.Sphere(4).scaled(3.0),
    di.Tabulated(GAUSSIAN),
]
NAMES = [law.name for law in LAWS]


@pytest.mark.parametrize(
    ("law", "function", "norms", "values"),
    [
        (
            GAUSSIAN,
            "g",
            [0.1, 1, 3, 20, 1000],
            [
                3.7400447009501407e-1,
                1.9232131625952564e-1,
                5.4428566079701050e-2,
                1.6265975540160340e-3,
                6.5623148088160972e-7,
            ],
        ),
        (
            GAUSSIAN,
            "h",
            [0.1, 1, 3, 20, 1000],
            [
                6.5450139520066607e-1,
                4.0711690294600711e-1,
                1.9725120195430160e-1,
                3.2717962581419042e-2,
                6.5623299211791998e-4,
            ],
        ),
        (
            GAUSSIAN,
            "m",
            [0.1, 0.5, 1, 20],
            [
                2.4937810306418609e-1,
                2.3604442243987966e-1,
                2.0662096414190704e-1,
                1.9865784142370832e-2,
            ],
        ),
        (CIRCLE, "g", [2, 100], [1.1539096490090093e-1, 5.2377992889046404e-5]),
        (CIRCLE, "h", [2, 100], [2.8078920828426780e-1, 5.2365912219205763e-3]),
        (di.Sphere(3), "g", [2], [1.0939963165593611e-1]),
        (di.Sphere(3), "h", [2], [3.4572727435484472e-1]),
        (di.Ball(2), "g", [2], [1.0396640385696587e-1]),
        (di.Ball(2), "h", [2], [3.8475561214123368e-1]),
        (di.Sphere(10), "g", [5], [4.0674189540969251e-2]),
        (di.Sphere(10), "h", [5], [3.0523329379472208e-1]),
    ],
)
def test_reference_values(law, function, norms, values):
    np.testing.assert_allclose(getattr(law, function)(norms), values, rtol=1e-12)


def test_reference_constants():
    sphere = di.Sphere(10)
    found = [sphere.plane_radius, sphere.density_at_zero, sphere.tail, sphere.tail_correction]
    said = [0.40634920634920635, 1.1641047266150059, 1.9148755221880645, 24.180530782668929]
    np.testing.assert_allclose(found, said, rtol=1e-13)
    assert GAUSSIAN.tail == pytest.approx(0.65623374773843416, rel=1e-14)
    assert GAUSSIAN.tail_correction == pytest.approx(3.4543615403812755, rel=1e-14)
    assert CIRCLE.tail == pytest.approx(math.pi / 6, rel=1e-14)
    assert di.HeavyCentre(0.5).tail == pytest.approx(0.56595536607010281759, rel=1e-13)


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
def test_rules_give_the_laws_own_constants(law):
    x, line = law.line_rule()
    r, plane = law.plane_rule()
    assert line.sum() == pytest.approx(1, abs=1e-13)
    assert plane.sum() == pytest.approx(1, abs=1e-13)
    # k = E|x1|/2 = E r/pi: the line rule and the plane rule agree through the closed form.
    assert line @ x / 2 == pytest.approx(law.k, rel=1e-13)
    assert plane @ r == pytest.approx(law.plane_radius, rel=1e-13)
    assert line @ x**2 == pytest.approx(law.second_moment, rel=1e-13)
    assert plane @ r**2 == pytest.approx(2 * law.second_moment, rel=1e-12)


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
def test_identities_between_g_h_and_m(law):
    norms = np.geomspace(1e-3, 1e6, 19)
    np.testing.assert_allclose(law.m(norms) * norms + law.g(norms), law.k, rtol=1e-11)
    assert law.g(0.0) == pytest.approx(law.k, rel=1e-13)
    assert law.h(0.0) == pytest.approx(math.log(2), rel=1e-13)
    assert law.m(0.0) == pytest.approx(law.second_moment / 4, rel=1e-12)
    assert np.all(np.diff(law.g(norms)) < 0)
    assert np.all(np.diff(law.m(norms)) < 0)
    with float64():
        slope = jax.vmap(jax.grad(law.h))(jnp.asarray(norms))
    np.testing.assert_allclose(-slope, law.g(norms), rtol=1e-6)


@pytest.mark.parametrize("law", [GAUSSIAN, CIRCLE, di.Sphere(10), di.Ball(3)], ids=str)
def test_two_term_series_at_large_norm(law):
    norm = 1e5
    series = law.tail / norm**2 * (1 - law.tail_correction / norm**2)
    assert law.g(norm) == pytest.approx(series, rel=1e-12)
    assert law.h(1e7) == pytest.approx(law.tail / 1e7, rel=1e-12)


@pytest.mark.parametrize("beta", [0.25, 0.5])
def test_heavy_centre_power(beta):
    law = di.HeavyCentre(beta)
    assert law.g(1e7) * 1e7 ** (1 + beta) == pytest.approx(law.tail, rel=1e-3)


def test_heavy_centre_against_the_product_rule():
    # E over the radius, then over the direction: none of the density's formulas.
    law = di.HeavyCentre(0.5)
    r, weight = law.plane_rule()
    psi, turn = dyadic_rule(math.pi / 2, np.ones_like)
    for norm in (1e-2, 1.0, 1e3, 1e6):
        x = r[:, None] * np.sin(psi)
        decay = np.exp(-norm * x)
        g = weight @ (x * decay / (1 + decay)) @ turn / (math.pi / 2)
        assert law.g(norm) == pytest.approx(g, rel=1e-12)


def test_sphere_in_space_has_the_dilogarithm():
    rho = 2.0
    # Li2(-q) as its series: an independent route to g on S^2.
    q = math.exp(-rho)
    li2 = sum((-q) ** n / n**2 for n in range(1, 60))
    g = (math.pi**2 / 12 + li2 - rho * math.log1p(q)) / rho**2
    assert di.Sphere(3).g(rho) == pytest.approx(g, rel=1e-13)


def test_circle_has_the_largest_force_for_its_tail():
    ratios = {law.name: law.k / law.tail / law.plane_radius**2 for law in LAWS[:6]}
    assert max(ratios, key=ratios.get) == CIRCLE.name
    assert ratios[CIRCLE.name] == pytest.approx(6 / math.pi**2, rel=1e-12)


def test_table_matches_the_quadrature():
    norms = np.exp(np.random.default_rng(0).uniform(math.log(1e-8), math.log(1e8), 500))
    for law in (CIRCLE, di.HeavyCentre(0.5)):
        table = di.Tabulated(law)
        inside = norms[norms < 1e7]
        for name in "ghm":
            said = getattr(law, name)(inside)
            np.testing.assert_allclose(getattr(table, name)(inside), said, rtol=2e-12)


def test_kernels_follow_the_precision_given():
    assert GAUSSIAN.g(jnp.float32(1.0)).dtype == jnp.float32
    assert GAUSSIAN.g(1.0).dtype == np.float64
    assert GAUSSIAN.g(np.float32(1.0)).dtype == np.float64


@pytest.mark.parametrize("law", [*LAWS[:8], di.Gaussian(5)], ids=str)
def test_samples_have_the_laws_moments(law):
    points = np.asarray(law.sample(jax.random.key(0), 40_000))
    assert points.shape == (40_000, law.dimension)
    for column in points.T:
        size = np.abs(column)
        assert abs(size.mean() / 2 - law.k) < 4 * size.std() / 2 / 200
        square = column**2
        assert abs(square.mean() - law.second_moment) < 4 * square.std() / 200


def test_gauss_rule_for_a_pole():
    nodes, weights = gauss_power(6, 0.3)
    assert weights @ nodes**7 == pytest.approx(1 / 7.3, rel=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: di.Sphere(1), "dimension"),
        (lambda: di.Gaussian(0), "dimension"),
        (lambda: di.Ball(2.5), "dimension"),
        (lambda: di.HeavyCentre(1.0), "beta"),
        (lambda: di.HeavyCentre(0.0), "beta"),
        (lambda: di.HeavyCentre(float("nan")), "beta"),
        (lambda: di.Sphere(2).scaled(0.0), "radius"),
        (lambda: GAUSSIAN.g(-1.0), "norm"),
        (lambda: GAUSSIAN.h(float("nan")), "norm"),
        (lambda: di.HeavyCentre(0.5).tail_correction, "series"),
    ],
)
def test_bad_laws_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
