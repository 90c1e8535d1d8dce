"""S, S', P, chi and rho: values, definitions by quadrature, and regularity."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from ttlearn.precision import float64
from ttlearn.two_timescale import activation


def value(function, s: float) -> float:  # type: ignore[no-untyped-def]
    with float64():
        return float(function(s))


@pytest.mark.parametrize(
    ("name", "s", "expected"),
    [
        ("step", -0.2, 0.108),
        ("step", 0.1, 0.744),
        ("step_slope", 0.1, 1.92),
        ("step_primitive", -0.2, 0.0081),
        ("step_primitive", 0.1, 0.1256),
        ("overlap", 0.3, 0.00930952),
        ("overlap", 0.8, 1.46285714285714e-6),
        ("overlap_slope", 0.3, 0.9089528),
        ("overlap_slope", -0.3, 0.0910472),
        ("overlap_slope", 0.8, 0.9999488),
    ],
)
def test_reference_values(name: str, s: float, expected: float) -> None:
    assert value(getattr(activation, name), s) == pytest.approx(expected, rel=0, abs=1e-12)


def test_constants_of_the_step() -> None:
    """Second derivative +12 and -12 at 0, int (S - H)^2 = 1/28, int S'^2 = 9/5."""
    with float64():
        bend = jax.grad(jax.grad(lambda s: activation.step(s)))
        assert float(bend(-1e-9)) == pytest.approx(12.0, abs=1e-6)
        assert float(bend(1e-9)) == pytest.approx(-12.0, abs=1e-6)
    rounding = 2 * quad(lambda s: value(activation.step, s) ** 2, -0.5, 0.0)[0]
    assert rounding == pytest.approx(1 / 28, abs=1e-12)
    steepness = 2 * quad(lambda s: value(activation.step_slope, s) ** 2, -0.5, 0.0)[0]
    assert steepness == pytest.approx(9 / 5, abs=1e-12)


@pytest.mark.parametrize("s", [-0.7, -0.5, -0.31, -1e-9, 0.0, 1e-9, 0.24, 0.5, 2.0])
def test_slope_and_primitive_belong_to_the_step(s: float) -> None:
    with float64():
        assert float(activation.step(s) + activation.step(-s)) == pytest.approx(1.0, abs=1e-15)
        if abs(abs(s) - 0.5) > 1e-6:
            slope = jax.grad(lambda x: activation.step(x))(s)
            assert float(slope) == pytest.approx(value(activation.step_slope, s), abs=1e-13)
            back = jax.grad(lambda x: activation.step_primitive(x))(s)
            assert float(back) == pytest.approx(value(activation.step, s), abs=1e-13) or s == 0.0


@pytest.mark.parametrize("d", [0.0, 0.2, 0.5, 0.77, 1.0, 1.4])
def test_kernels_are_the_integrals_they_claim_to_be(d: float) -> None:
    points = [p for p in (d - 0.5, d, 0.0) if -0.5 < p < 0.5]

    def step(s: float) -> float:
        z = min(max(s, -0.5), 0.5)
        return 4 * (z + 0.5) ** 3 if z <= 0 else 1 - 4 * (0.5 - z) ** 3

    lost = quad(lambda t: step(t - d) * (1 - step(t)), -0.5, 0.5, points=points, epsabs=1e-14)[0]
    assert value(activation.overlap, d) == pytest.approx(lost, abs=1e-13)
    for sign in (1.0, -1.0):
        kinks = [p for p in (0.0, -sign * d, 0.5 - sign * d, -0.5 - sign * d) if -0.5 < p < 0.5]
        seen = quad(
            lambda t, sign=sign: 12 * (0.5 - abs(t)) ** 2 * step(t + sign * d),
            -0.5,
            0.5,
            points=kinks,
            epsabs=1e-14,
        )[0]
        assert value(activation.overlap_slope, sign * d) == pytest.approx(seen, abs=1e-13)
        box = quad(lambda t, sign=sign: step(t + sign * d), -0.5, 0.5, points=kinks)[0]
        assert value(activation.box_overlap, sign * d) == pytest.approx(box, abs=1e-13)


def test_both_windows_push_an_isolated_neuron_alike() -> None:
    """int w = 1 and int S w = 1/2 for the box and for S': so the box is harmless far from jumps."""
    s = np.linspace(-0.5, 0.5, 200_001)
    with float64():
        step = np.asarray(activation.step(jnp.asarray(s)))
        for slope in activation.SLOPES:
            w = np.asarray(activation.window(slope, jnp.asarray(s)))
            assert np.trapezoid(w, s) == pytest.approx(1.0, abs=1e-9)
            assert np.trapezoid(w * step, s) == pytest.approx(0.5, abs=1e-9)


def test_an_unknown_window_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed are"):
        activation.window("true", 0.0)  # type: ignore[arg-type]


def test_kernels_follow_the_precision_they_are_given() -> None:
    assert activation.step(jnp.float32(0.1)).dtype == jnp.float32
    with float64():
        assert activation.step(jnp.float64(0.1)).dtype == jnp.float64
