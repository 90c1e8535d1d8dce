"""Exact loss and gradient: reference values, plain quadrature, autodiff, both closed forms."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttlearn.precision import float64
from ttlearn.two_timescale import PAPER_TARGET, Target
from ttlearn.two_timescale.activation import step, window
from ttlearn.two_timescale.ends import cut_overlap, cut_window, shared_powers
from ttlearn.two_timescale.network import features, loss, loss_and_gradient, predict, quadrature
from ttlearn.two_timescale.quadratic_form import (
    gram,
    loss_and_gradient_fast,
    plateau_gram,
    target_vector,
)

WIDTH = 4e-3
U = np.array([0.0010, 0.2005, 0.2020, 0.3490, 0.5003, 0.9990])
A = np.array([0.9, 0.3, 2.5, 1.2, -3.7, 1.8, -0.6])
BY_WEIGHT = [
    *(-0.107608125, -0.107610245535714, -0.184392464948380, -0.180240920279367),
    *(-0.147380892857143, -0.201982458035714, -0.00487075892857143),
]
EXACT = [-0.0333984375, 8.246905517578, 1.964344482422, -12.58, 1.02915, -2.56640625]
BOX = [-0.044296875, 4.38134765625, 2.54865234375, -7.03, 0.18, -1.9828125]


def dense_loss(weights, positions, target: Target, width: float, points: int = 400_001):  # type: ignore[no-untyped-def]
    """The stated loss by the midpoint rule: nothing shared with the code under test."""
    x = (jnp.arange(points) + 0.5) / points
    s = jnp.clip((x[:, None] - positions) / width, -0.5, 0.5)
    active = jnp.where(s <= 0, 4 * (s + 0.5) ** 3, 1 - 4 * (0.5 - s) ** 3)
    wanted = jnp.asarray(target(np.asarray(x)))
    return jnp.mean((weights[0] + active @ weights[1:] - wanted) ** 2)


def test_reference_gradient() -> None:
    with float64():
        for slope, expected in (("exact", EXACT), ("box", BOX)):
            value, by_weight, by_position = loss_and_gradient(A, U, PAPER_TARGET, WIDTH, slope)
            assert float(value) == pytest.approx(1.43734497454869, abs=1e-12)
            np.testing.assert_allclose(by_weight, BY_WEIGHT, rtol=0, atol=1e-12)
            np.testing.assert_allclose(by_position, expected, rtol=0, atol=1e-10)


def test_the_loss_of_the_zero_network_is_the_energy() -> None:
    with float64():
        value = loss(jnp.zeros(4), jnp.array([0.1, 0.5, 2.0]), PAPER_TARGET, WIDTH)
        assert float(value) == pytest.approx(10.6, abs=1e-12)


@pytest.mark.parametrize("pair", [(0.4, 0.4012), (0.001, 0.0025), (-0.0015, 0.0005)])
def test_reference_gram_entries(pair: tuple[float, float]) -> None:
    expected = {0.4: 0.59876276192, 0.001: 0.997482994515555, -0.0015: 0.999420646449498}
    with float64():
        assert float(gram(jnp.array(pair), WIDTH)[1, 2]) == pytest.approx(
            expected[pair[0]], abs=1e-12
        )
        last = float(gram(jnp.array([0.9985, 0.9995]), WIDTH)[1, 2])
    assert last == pytest.approx(0.000520450265066943, abs=1e-12)


def test_reference_target_vector() -> None:
    with float64():
        b = target_vector(jnp.array([0.2013, 0.0005, 0.6490]), PAPER_TARGET, WIDTH)
    np.testing.assert_allclose(
        b, [2.7, 2.49348499375, 2.6994208984375, 1.15303125], rtol=0, atol=1e-12
    )


def test_reference_floor() -> None:
    with float64():
        weights = jnp.array([1.0, 4, -4, 2, -2, 4])
        value = loss(weights, jnp.asarray(PAPER_TARGET.jumps), PAPER_TARGET, WIDTH)
    assert float(value) == pytest.approx(0.008, abs=1e-12)


# Overlaps, neurons on an end, outside, in one place, on a jump, and a ramp that ends on a jump.
STARTS = [
    np.array([0.1, 0.12, 0.5, 0.9]),
    np.array([-0.02, 0.01, 0.99, 1.03]),
    np.array([0.4, 0.4, 0.5, 0.52]),
    np.array([0.05, 0.55, 0.7, 3.0]),
]


@pytest.mark.parametrize("positions", STARTS)
@pytest.mark.parametrize("nudge", [0.0, 1e-7, -1e-7])
def test_gradient_is_the_derivative_of_the_stated_loss(positions: np.ndarray, nudge: float) -> None:
    """Against autodiff of the midpoint rule, on a kink and on both sides of it."""
    target, width = Target([0.5], [0.3, 1.5]), 0.1
    weights = np.array([0.2, 0.7, -0.5, 1.1, 0.4])
    with float64():
        moved = jnp.asarray(positions + nudge)
        value, by_weight, by_position = loss_and_gradient(weights, moved, target, width)
        dense = jax.value_and_grad(dense_loss, argnums=(0, 1))
        expected, (dense_weight, dense_position) = dense(jnp.asarray(weights), moved, target, width)
        assert float(value) == pytest.approx(float(expected), abs=1e-5)
        np.testing.assert_allclose(by_weight, dense_weight, rtol=0, atol=1e-5)
        np.testing.assert_allclose(by_position, dense_position, rtol=0, atol=3e-4)


def test_autodiff_of_the_exact_loss_is_the_gradient_also_where_points_coincide() -> None:
    """The ramp of the third neuron of U ends exactly on a jump, where naive autodiff is wrong."""
    with float64():
        found = jax.grad(loss, argnums=(0, 1))(jnp.asarray(A), jnp.asarray(U), PAPER_TARGET, WIDTH)
        np.testing.assert_allclose(found[0], BY_WEIGHT, rtol=0, atol=1e-12)
        np.testing.assert_allclose(found[1], EXACT, rtol=0, atol=1e-10)


places = st.floats(-0.2, 1.2, allow_nan=False)
heights = st.floats(-5.0, 5.0, allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(
    positions=st.lists(places, min_size=5, max_size=5),
    weights=st.lists(heights, min_size=6, max_size=6),
    width=st.sampled_from([4e-3, 0.05, 0.3]),
)
def test_gradient_by_finite_differences(
    positions: list[float], weights: list[float], width: float
) -> None:
    u, a = np.array(positions), np.array(weights)
    nudge = 1e-6 * width
    with float64():
        value, _, by_position = FORMS["gauss", "exact"](a, u, width)
        assert float(value) >= 0.0
        for j in range(5):
            shift = nudge * np.eye(5)[j]
            upper, lower = LOSS(a, u + shift, width), LOSS(a, u - shift, width)
            slope = (float(upper) - float(lower)) / (2 * nudge)
            scale = 1.0 + float(value) / width
            assert slope == pytest.approx(float(by_position[j]), abs=1e-4 * scale)


FORMS = {
    (name, slope): jax.jit(
        lambda a, u, width, form=form, slope=slope: form(a, u, PAPER_TARGET, width, slope)
    )
    for name, form in (
        ("gauss", loss_and_gradient),
        ("fast", loss_and_gradient_fast),
    )
    for slope in ("exact", "box")
}
LOSS = jax.jit(lambda a, u, width: loss(a, u, PAPER_TARGET, width))


# In widths beyond an end: ramps inside, touching it, cut by it, touching from beyond, beyond.
past_end = st.one_of(
    st.floats(-3.0, 3.0, allow_nan=False), st.sampled_from([-0.5, -0.25, 0.0, 0.25, 0.5])
)


@settings(max_examples=100, deadline=None)
@given(
    shares=st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2),
    before=st.lists(past_end, min_size=2, max_size=2),
    beyond=past_end,
    weights=st.lists(heights, min_size=6, max_size=6),
    width=st.sampled_from([4e-3, 0.05, 0.3]),
    slope=st.sampled_from(["exact", "box"]),
)
def test_closed_form_equals_the_gauss_rule_wherever_the_ramps_lie(
    shares: list[float],
    before: list[float],
    beyond: float,
    weights: list[float],
    width: float,
    slope: str,
) -> None:
    u = np.array([*shares, *(-width * np.array(before)), 1.0 + width * beyond])
    a = np.array(weights)
    with float64():
        gauss, closed = FORMS["gauss", slope](a, u, width), FORMS["fast", slope](a, u, width)
        for first, second in zip(gauss, closed, strict=True):
            np.testing.assert_allclose(first, second, rtol=0, atol=2e-9)


@pytest.mark.parametrize("slope", ["exact", "box"])
@pytest.mark.parametrize("nudge", [0.0, 1e-9, -1e-9])
def test_closed_form_on_both_sides_of_each_boundary(slope: str, nudge: float) -> None:
    """A ramp begins to be cut, is cut in its middle, and is gone: at 0 and at 1, with overlaps."""
    half = WIDTH / 2
    a = np.array([0.3, -1.0, 2.0, 0.7, -0.4, 1.5])
    with float64():
        for place in (half, half / 2, 0.0, -half / 3, -half, -3 * half):
            for u in (place, 1.0 - place):
                positions = np.array([u + nudge, u, 0.001, 0.9995, 0.4])
                fast = FORMS["fast", slope](a, positions, WIDTH)
                gauss = FORMS["gauss", slope](a, positions, WIDTH)
                for first, second in zip(fast, gauss, strict=True):
                    np.testing.assert_allclose(first, second, rtol=0, atol=1e-11)


@pytest.mark.parametrize("positions", STARTS)
def test_closed_form_is_the_derivative_of_the_exact_loss(positions: np.ndarray) -> None:
    target, width, weights = Target([0.5], [0.3, 1.5]), 0.1, jnp.array([0.2, 0.7, -0.5, 1.1, 0.4])
    with float64():
        u, a = jnp.asarray(positions), jnp.asarray(weights, jnp.float64)
        wanted = jax.grad(loss, argnums=(0, 1))(a, u, target, width)
        found = loss_and_gradient_fast(a, u, target, width)[1:]
        for first, second in zip(found, wanted, strict=True):
            np.testing.assert_allclose(first, second, rtol=0, atol=1e-12)


def test_closed_form_under_vmap_and_a_refused_slope() -> None:
    batch = np.stack([U, np.linspace(0.1, 0.9, 6), U - 0.5, U + 0.5])
    with float64():
        many = jax.vmap(lambda u: loss_and_gradient_fast(A, u, PAPER_TARGET, WIDTH))(batch)
        for row, u in enumerate(batch):
            one = loss_and_gradient(A, u, PAPER_TARGET, WIDTH)
            for first, second in zip(many, one, strict=True):
                np.testing.assert_allclose(first[row], second, rtol=0, atol=1e-11)
        with pytest.raises(ValueError, match="slope 'hat'"):
            loss_and_gradient_fast(A, U, PAPER_TARGET, WIDTH, "hat")  # type: ignore[arg-type]


@pytest.mark.parametrize("p", [-0.7, -0.5, -0.2, 0.0, 0.3, 0.5])
@pytest.mark.parametrize("q", [-0.4, -0.2, 0.1, 0.5])
def test_what_two_cut_ramps_share_by_the_midpoint_rule(p: float, q: float) -> None:
    with float64():
        t = -(jnp.arange(200_000) + 0.5) / 200_000
        expected = jnp.mean(step(t + p) * step(t + q))
        assert float(cut_overlap(p, q)) == pytest.approx(float(expected), abs=1e-9)
        for slope in ("exact", "box"):
            expected = jnp.mean(window(slope, t + p) * step(t + q))
            assert float(cut_window(p, q, slope)) == pytest.approx(float(expected), abs=1e-5)
        # m = n takes the branch without a comparison; the others must be symmetric.
        first, second = shared_powers(0.3, 0.9, 3, 2), shared_powers(0.9, 0.3, 2, 3)
        assert float(first) == float(second)


def test_loss_factor_scales_loss_and_gradient() -> None:
    with float64():
        for form in (loss_and_gradient, loss_and_gradient_fast):
            u = jnp.asarray(U[1:5])
            whole = form(jnp.asarray(A[:5]), u, PAPER_TARGET, WIDTH)
            half = form(jnp.asarray(A[:5]), u, PAPER_TARGET, WIDTH, "exact", 0.5)
            for first, second in zip(whole, half, strict=True):
                np.testing.assert_allclose(0.5 * np.asarray(first), second, rtol=1e-15)


@pytest.mark.parametrize("width", [4e-3, 0.3])
def test_gram_is_that_of_the_features_and_gives_the_loss(width: float) -> None:
    with float64():
        for places in (U, np.linspace(-0.2, 1.2, 6), np.array([0.0, 0.0, 0.001, 1.0, 1.0, 2.0])):
            u, a = jnp.asarray(places), jnp.asarray(A)
            nodes, weights = quadrature(u, PAPER_TARGET, width)
            active = features(nodes, u, width)
            ones = jnp.concatenate([jnp.ones_like(active[..., :1]), active], axis=-1)
            G = gram(u, width)
            expected = jnp.einsum("gn,gni,gnj->ij", weights, ones, ones)
            np.testing.assert_allclose(G, expected, rtol=0, atol=1e-15)
            b = target_vector(u, PAPER_TARGET, width)
            value = a @ G @ a - 2 * a @ b + PAPER_TARGET.energy
            assert float(value) == pytest.approx(float(loss(a, u, PAPER_TARGET, width)), abs=1e-12)


def test_gram_is_tridiagonal_in_plateau_coordinates() -> None:
    width = 0.028
    with float64():
        u = jnp.array([0.1, 0.2, 0.45, 0.8])
        M = np.asarray(plateau_gram(u, width))
    beside = 5 * width / 56
    lengths = np.diff([0.0, 0.1, 0.2, 0.45, 0.8, 1.0])
    diagonal = lengths - 2 * beside
    diagonal[[0, -1]] += beside
    expected = np.diag(diagonal) + np.diag([beside] * 4, 1) + np.diag([beside] * 4, -1)
    np.testing.assert_allclose(M, expected, rtol=0, atol=1e-15)


def test_predict_at_a_width_and_far_away() -> None:
    with float64():
        f = predict(jnp.array([0.0, 0.5, 1.0]), jnp.array([1.0, 2.0]), jnp.array([0.5]), 0.1)
    assert np.asarray(f).tolist() == [1.0, 2.0, 3.0]
