"""Derivatives against quadrature and autodiff, the symmetries, the atlas, closed-form spectra."""

import jax
import numpy as np
import pytest
from gauss_cells import integral

from ttlearn.precision import float64
from ttlearn.saddles import (
    Problem,
    gradient,
    hessian,
    join,
    loss,
    random_starts,
    split,
)
from ttlearn.saddles.sweep import loss_kernel

PROBLEMS = [Problem(), Problem(-1, 2, 1.5, -1 / 3, leak=0.1), Problem(-2, -0.5, -0.7, 2, leak=0.5)]
POINTS = [(p, row) for p in PROBLEMS for n in (1, 3, 5) for row in random_starts(4, n, seed=n)]
# One compiled program per width, shared by all problems.
AUTODIFF = jax.jit(jax.hessian(loss_kernel, argnums=1))
AUTODIFF_GRADIENT = jax.jit(jax.grad(loss_kernel, argnums=1))


@pytest.mark.parametrize(("problem", "point"), POINTS)
def test_closed_forms_against_quadrature_and_autodiff(problem, point):
    assert loss(problem, point) == pytest.approx(
        integral(problem, point, lambda _, r: r**2), rel=1e-13
    )
    with float64():
        slope = np.asarray(AUTODIFF_GRADIENT(problem, point))
        curve = np.asarray(AUTODIFF(problem, point))
    size = np.max(np.abs(curve))
    assert gradient(problem, point) == pytest.approx(slope, abs=1e-13 * size)
    assert hessian(problem, point) == pytest.approx(curve, abs=1e-13 * size)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("end", [0.0, 1.0])
def test_gradient_is_continuous_across_a_kink_and_hessian_jumps(sign, end):
    """A breakpoint crosses an end of the interval: finite differences on both sides."""
    point = join(sign, -sign * end, 0.5, 0.2)
    into = 1.0 if (sign > 0) == (end == 1.0) else -1.0  # this bias shift moves it inside
    step = 1e-6
    for side, direction in (("inside", into), ("outside", -into)):
        shift = np.array([0.0, direction * step, 0.0, 0.0])
        difference = (gradient(Problem(), point + shift) - gradient(Problem(), point)) / (
            direction * step
        )
        expected = hessian(Problem(), point, side=side)[:, 1]
        assert difference == pytest.approx(expected, abs=1e-5)
    assert np.max(np.abs(gradient(Problem(), point + shift) - gradient(Problem(), point))) < 1e-5


@pytest.mark.parametrize(("problem", "point"), POINTS[::3])
def test_symmetries(problem, point):
    w, b, v, c = split(point)
    value = loss(problem, point)
    again = {
        "rescale a neuron": loss(problem, join(3 * w, 3 * b, v / 3, c)),
        "permute": loss(problem, join(w[::-1], b[::-1], v[::-1], c)),
        "shift the output": loss(
            _with(problem, intercept=problem.intercept + 2), join(w, b, v, c + 2)
        ),
        "reflect": loss(
            _with(
                problem, slope=-problem.slope, intercept=2 * problem.mean_target - problem.intercept
            ),
            join(-w, b + w * (problem.left + problem.right), v, c),
        ),
        "stretch": problem.length
        * loss(
            Problem(
                slope=problem.slope * problem.length,
                intercept=problem.intercept + problem.slope * problem.left,
                leak=problem.leak,
            ),
            join(problem.length * w, w * problem.left + b, v, c),
        ),
        "two ReLU for each leaky": loss(
            _with(problem, leak=0.0),
            join([*w, *-w], [*b, *-b], [*v, *(-problem.leak * v)], c),
        ),
        "scale target": loss(
            _with(problem, slope=-2 * problem.slope, intercept=-2 * problem.intercept),
            join(w, b, -2 * v, -2 * c),
        )
        / 4,
    }
    assert again == pytest.approx(dict.fromkeys(again, value), rel=1e-12)


def _with(problem, **changes):
    fields = {name: getattr(problem, name) for name in Problem.__dataclass_fields__}
    return Problem(**(fields | changes))


@pytest.mark.parametrize(("problem", "point"), POINTS[::3])
def test_euler_identity_and_exact_balance_of_descent(problem, point):
    """w 𝒢_w + b 𝒢_b = v 𝒢_v, so one step changes w² + b² − v² by exactly γ² times the squares."""
    w, b, v, _ = split(point)
    g = split(gradient(problem, point))
    size = np.max(np.abs(np.concatenate([g.inner_weights, g.biases, g.outer_weights]))) * 5
    euler = w * g.inner_weights + b * g.biases - v * g.outer_weights
    assert euler == pytest.approx(0, abs=1e-14 * size)
    moved = split(point - 0.1 * gradient(problem, point))
    change = (
        moved.inner_weights**2 + moved.biases**2 - moved.outer_weights**2 - (w**2 + b**2 - v**2)
    )
    squares = g.inner_weights**2 + g.biases**2 - g.outer_weights**2
    assert change == pytest.approx(0.01 * squares, abs=1e-13 * size**2)
