"""The race to one jump: reference values, the invariant, the bounds, the cusp."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from ttlearn.precision import float64
from ttlearn.two_timescale import (
    hitting_time,
    invariant,
    one_sided_hitting_time,
    one_sided_state,
    race_state,
    stopping_distance,
)
from ttlearn.two_timescale.race import _hypergeometric

TIME = jax.jit(hitting_time)
STATE = jax.jit(race_state)


@pytest.mark.parametrize(
    ("left", "right", "rate", "time", "distance"),
    [
        (0.02, 0.05, 4, 0.007299021051392028, 0.04890973246508748),
        (0.05, 0.02, 16, 0.001824755262848007, 0.04890973246508748),
        (0.03, 0.03, 9, 0.0133333333333333, 0.0),
        (0.07, 0.2, 0.09, 1.084610038365003, 0.1970998145696711),
        (0.1, 0.1001, 1, 0.3660227946117884, 0.01442730320146384),
    ],
)
def test_reference_races(
    left: float, right: float, rate: float, time: float, distance: float
) -> None:
    with float64():
        # 0.01333... is given to 15 digits, the last case to 1e-13 relative.
        assert float(TIME(left, right, rate)) == pytest.approx(time, rel=1e-13, abs=1e-15)
        assert float(stopping_distance(left, right)) == pytest.approx(distance, abs=1e-14)


@pytest.mark.parametrize(
    ("slow_time", "near", "far", "loss"),
    [
        (0.003, 0.0132772953230186, 0.0492337311468157, 0.0418288308611167),
        (0.006, 0.00472498201922135, 0.0489244270788961, 0.0172353837355947),
    ],
)
def test_reference_state(slow_time: float, near: float, far: float, loss: float) -> None:
    with float64():
        left, right = (float(x) for x in STATE(0.02, 0.05, 4.0, slow_time))
    assert left == pytest.approx(near, abs=1e-12)
    assert right == pytest.approx(far, abs=1e-12)
    assert 4.0 * left * right / (left + right) == pytest.approx(loss, abs=1e-12)


def test_reference_immobile_flank() -> None:
    with float64():
        assert float(one_sided_hitting_time(0.2, 0.05, 16.0)) == pytest.approx(
            0.00397135416666667, abs=1e-15
        )
        half = float(one_sided_state(0.2, 0.05, 16.0, 0.002))
    solved = solve_ivp(
        lambda t, r: -16.0 * 0.04 / (0.2 + r) ** 2, (0, 0.002), [0.05], rtol=1e-12, atol=1e-14
    )
    assert half == pytest.approx(solved.y[0, -1], abs=1e-11)


def test_hypergeometric_function_on_its_whole_range() -> None:
    from scipy.special import hyp2f1

    z = np.concatenate([np.linspace(0, 1, 41), 1 - np.geomspace(1e-12, 0.1, 12)])
    gap = np.concatenate([1 - np.linspace(0, 1, 41), np.geomspace(1e-12, 0.1, 12)])
    with float64():
        found = np.asarray(_hypergeometric(jnp.cbrt(z), jnp.asarray(gap)))
        assert float(_hypergeometric(jnp.float64(1.0), jnp.float64(0.0))) == pytest.approx(2.0)
    # The reference function itself loses digits near 1, where the formula has a cusp.
    np.testing.assert_allclose(found[:41], hyp2f1(1 / 3, 1, 5 / 3, z[:41]), rtol=5e-14)
    np.testing.assert_allclose(found[41:], hyp2f1(1 / 3, 1, 5 / 3, z[41:]), rtol=1e-8)


distances = st.floats(1e-4, 1.0)


@settings(max_examples=60, deadline=None)
@given(left=distances, right=distances, share=st.floats(0.0, 0.999))
def test_the_race_is_invariant_bounded_and_consistent(
    left: float, right: float, share: float
) -> None:
    """|l^3 - r^3| stays, p/kappa <= T <= 4p/kappa, and the rest of the race takes the rest."""
    rate, near = 3.0, min(left, right)
    # Near a tie the cusp turns a rounding error of 1e-16 in the state into 1e-6 in the time.
    assume(abs(left - right) > 1e-3 * near)
    with float64():
        total = float(TIME(left, right, rate))
        assert near / rate * (1 - 1e-12) <= total <= 4 * near / rate * (1 + 1e-12)
        l_now, r_now = (float(x) for x in STATE(left, right, rate, share * total))
        before, after = float(invariant(left, right)), float(invariant(l_now, r_now))
        assert after == pytest.approx(before, rel=1e-9, abs=1e-14 * max(left, right) ** 3)
        rest = float(TIME(l_now, r_now, rate))
        assert rest == pytest.approx((1 - share) * total, rel=1e-7, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(left=st.floats(0.01, 1.0), right=st.floats(0.01, 1.0))
def test_hitting_time_is_its_integral(left: float, right: float) -> None:
    near, far = sorted((left, right))
    D3 = (far - near) * (far**2 + far * near + near**2)
    integral = quad(
        lambda x: (1 + x / np.cbrt(x**3 + D3)) ** 2 if x + D3 > 0 else 4.0,
        0,
        near,
        epsabs=1e-13,
        epsrel=1e-12,
        limit=400,
        points=[min(np.cbrt(D3), near)],
    )[0]
    with float64():
        assert float(TIME(left, right, 1.0)) == pytest.approx(integral, rel=1e-8)


def test_the_tie_is_a_cusp() -> None:
    """kappa T = 4 p - 2.36893 (3 p^2 delta)^(1/3) + 2 delta + ..., also for tiny delta."""
    p = 0.1
    with float64():
        for delta in (1e-15, 1e-12, 1e-9, 1e-7):
            found = float(TIME(p, p + delta, 1.0))
            exact = (p + delta) - p
            slope = 1 - math.gamma(5 / 3) * math.gamma(-1 / 3) / math.gamma(1 / 3)
            expected = 4 * p - slope * np.cbrt(3 * p * p * exact) + 2 * exact
            assert found == pytest.approx(expected, rel=1e-8)
        lead = float(TIME(p, 1.001 * p, 1.0)) / (4 * p)
    assert 1 - lead == pytest.approx(0.085, abs=5e-4)
