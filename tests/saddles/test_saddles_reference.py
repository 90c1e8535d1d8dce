"""The reference table: loss, gradient, Hessian, index, spectra, one-sided forms."""

import jax
import numpy as np
import pytest
from saddle_rows import GRADIENTS, RELATIVE, ROWS, SPECTRA

from ttlearn.precision import float64
from ttlearn.saddles import (
    NoHessianError,
    classify,
    gradient,
    hessian,
    loss,
    morse_index,
    relative_spectrum,
    spectrum,
    split,
)
from ttlearn.saddles.sweep import gradient_kernel, hessian_kernel, loss_kernel

AUTODIFF_GRADIENT = jax.jit(jax.grad(loss_kernel, argnums=1))
AUTODIFF_HESSIAN = jax.jit(jax.hessian(loss_kernel, argnums=1))
SMOOTH = [name for name, row in ROWS.items() if row.smallest is not None]


@pytest.mark.parametrize("name", ROWS)
def test_loss_and_gradient_norm(name):
    row = ROWS[name]
    assert loss(row.problem, row.parameters) == pytest.approx(row.loss, rel=2e-14, abs=1e-30)
    norm = np.linalg.norm(gradient(row.problem, row.parameters))
    assert norm == pytest.approx(row.gradient_norm, abs=1e-14)


@pytest.mark.parametrize("name", GRADIENTS)
def test_full_gradients(name):
    row = ROWS[name]
    assert gradient(row.problem, row.parameters) == pytest.approx(GRADIENTS[name], abs=1e-14)


@pytest.mark.parametrize("name", SMOOTH)
def test_hessian_spectrum(name):
    row = ROWS[name]
    values = spectrum(row.problem, row.parameters)
    assert values[0] == pytest.approx(row.smallest, abs=2e-14 * row.largest)
    assert values[-1] == pytest.approx(row.largest, rel=1e-14)
    assert morse_index(row.problem, row.parameters) == row.index
    assert np.sum(np.abs(values) < 1e-11 * row.largest) == row.zeros


@pytest.mark.parametrize("name", SPECTRA)
def test_full_spectra(name):
    row = ROWS[name]
    assert spectrum(row.problem, row.parameters) == pytest.approx(SPECTRA[name], abs=1e-14)


@pytest.mark.parametrize("name", RELATIVE)
def test_relative_spectra(name):
    row = ROWS[name]
    found = relative_spectrum(row.problem, row.parameters)
    assert found == pytest.approx(RELATIVE[name], abs=1e-11)


@pytest.mark.parametrize("name", ROWS)
def test_autodiff_of_the_stated_loss_gives_the_closed_forms(name):
    """Also at R22 and R17, where breakpoints coincide: the trap of a naive exact loss."""
    row = ROWS[name]
    w, b, v, c = split(row.parameters)
    spare = np.zeros(4 - w.size)  # flat constant neurons, so that all rows share one program
    point = np.concatenate([w, spare, b, spare + 1, v, spare, [c]])
    with float64():
        slope = np.asarray(AUTODIFF_GRADIENT(row.problem, point))
        curve = np.asarray(AUTODIFF_HESSIAN(row.problem, point))
    assert slope == pytest.approx(gradient_kernel(row.problem, point), abs=3e-14)
    assert curve == pytest.approx(hessian_kernel(row.problem, point), abs=2e-13)


def test_naive_exact_loss_is_wrong_at_coincident_breakpoints():
    """Evaluating f at sorted breakpoints: right loss, wrong gradient. The sweep is not that."""
    row = ROWS["R22"]
    jnp = jax.numpy

    def naive(point):
        w, b, v, c = point[:2], point[2:4], point[4:6], point[6]
        knots = jnp.concatenate([jnp.array([0.0]), jnp.sort(-b / w), jnp.array([1.0])])
        r = c + jax.nn.relu(knots[:, None] * w + b) @ v - knots
        h = jnp.diff(knots)
        return jnp.sum(h * (r[:-1] ** 2 + r[:-1] * r[1:] + r[1:] ** 2)) / 3

    with float64():
        value, slope = jax.jit(jax.value_and_grad(naive))(row.parameters)
        value, slope = float(value), np.asarray(slope)
    assert value == pytest.approx(row.loss, rel=1e-14)
    wrong = [-0.21, 0.084375, -0.21, 0.07875, -0.15, -0.3, -0.575]
    assert slope == pytest.approx(wrong, abs=1e-12)
    assert np.max(np.abs(slope - gradient(row.problem, row.parameters))) > 0.05


def test_semi_inactive_local_minimum_has_two_one_sided_hessians():
    row = ROWS["R16"]
    with pytest.raises(NoHessianError, match="side='inside'"):
        hessian(row.problem, row.parameters)
    outside = np.diag([0.0] * 6 + [2.0])
    inside = outside.copy()
    inside[2, 2] = 0.7
    assert hessian(row.problem, row.parameters, side="outside") == pytest.approx(outside)
    assert hessian(row.problem, row.parameters, side="inside") == pytest.approx(inside)


@pytest.mark.parametrize("side", ["both", "inside", "outside"])
def test_degenerate_neuron_has_no_hessian_of_any_side(side):
    row = ROWS["R20"]
    with pytest.raises(NoHessianError, match="degenerate"):
        hessian(row.problem, row.parameters, side=side)


def test_breakpoint_on_the_boundary_has_two_spectra():
    row = ROWS["R21"]
    with pytest.raises(NoHessianError, match="end of the interval"):
        hessian(row.problem, row.parameters)
    outside = spectrum(row.problem, row.parameters, side="outside")
    inside = spectrum(row.problem, row.parameters, side="inside")
    assert outside[0] == pytest.approx(-0.034815346678314285680, abs=1e-15)
    assert outside[-1] == pytest.approx(3.1139642925502591154, rel=1e-14)
    assert inside[0] == pytest.approx(0.011910587385996333992, abs=1e-15)
    assert inside[-1] == pytest.approx(3.1458617698362250458, rel=1e-14)
    assert morse_index(row.problem, row.parameters, side="outside") == 1
    assert morse_index(row.problem, row.parameters, side="inside") == 0


@pytest.mark.parametrize("name", ROWS)
def test_classification_of_every_row(name):
    row = ROWS[name]
    verdict = classify(row.problem, row.parameters)
    expected = {
        "R16": "local minimum",
        "R17": "global minimum",
        "R19": "global minimum",
        "R20": "saddle",
        **dict.fromkeys(["R8", "R9", "R15", "R21", "R22"], "not critical"),
    }.get(name, "saddle")
    assert verdict.kind == expected
    if expected == "saddle" and name != "R20":
        assert verdict.morse_index == row.index
        assert verdict.strict
        assert verdict.decrease_order == 2
    if name == "R20":
        assert verdict.morse_index is None
        assert not verdict.strict
        assert verdict.decrease_order == 1


@pytest.mark.parametrize(("distance", "tolerance"), [(1e-8, 2e-9), (1e-12, 1e-4)])
def test_loss_keeps_its_digits_near_zero(distance, tolerance):
    row = ROWS["R17"]
    moved = row.parameters.copy()
    moved[-1] += distance
    assert loss(row.problem, moved) == pytest.approx(distance**2, rel=tolerance)
