"""Exact loss, generalised gradient and Hessian: one sweep over the sorted breakpoints.

Between two neighbouring breakpoints the residual r = f − target is affine, so every integral is a
closed form on each cell. The kernels take NumPy arrays or JAX arrays and follow their precision;
they are written for one network.

Two traps this form avoids. Sorting the breakpoints and evaluating f at them gives the right loss
and, by autodiff, a WRONG gradient where two breakpoints coincide: at f's own kink the derivative of
ReLU drops the motion of one breakpoint relative to the other. Summing slopes from cell to cell
instead is right to second order there. And an expansion of L in precomputed pair integrals loses
everything below 1e-16; the sum over cells has no negative term.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from ttlearn.saddles.problem import FloatArray, Problem, check_parameters, split


def _namespace(array: Any) -> ModuleType:
    return np if isinstance(array, np.ndarray) else jnp


def activation(problem: Problem, y: Any) -> Any:
    """σ(y) = max(y, leak·y) with σ'(0) = leak under autodiff (0 for ReLU).

    >>> activation(Problem(leak=0.25), np.array([-2.0, 2.0]))
    array([-0.5,  2. ])
    """
    return _namespace(y).where(y > 0, y, problem.leak * y)


def network(problem: Problem, parameters: Any, x: Any) -> Any:
    """f(x) = c + Σ v_j σ(w_j x + b_j) for x of any shape.

    >>> network(Problem(), np.array([1.0, 0.0, 2.0, 0.5]), np.array([0.25]))
    array([1.])
    """
    w, b, v, c = split(parameters)
    return c + (activation(problem, x[..., None] * w + b) * v).sum(-1)


def residual(problem: Problem, parameters: Any, x: Any) -> Any:
    """r(x) = f(x) − slope·x − intercept.

    >>> residual(Problem(), np.array([1.0, 0.0, 2.0, 0.5]), np.array([0.25]))
    array([0.75])
    """
    return network(problem, parameters, x) - problem.slope * x - problem.intercept


def breakpoints(problem: Problem, parameters: Any) -> tuple[Any, Any]:
    """Breakpoint −b_j/w_j of each neuron and whether it lies strictly inside the interval.

    A breakpoint outside (or none, w = 0) is put at the right end.

    >>> breakpoints(Problem(), np.array([2.0, 0.0, -1.0, 1.0, 1.0, 1.0, 0.0]))
    (array([0.5, 1. ]), array([ True, False]))
    """
    xp = _namespace(parameters)
    w, b, _, _ = split(parameters)
    t = xp.where(w != 0, -b / xp.where(w != 0, w, 1.0), problem.left)
    inside = (t > problem.left) & (t < problem.right) & (w != 0)
    return xp.where(inside, t, problem.right), inside


class Cells(NamedTuple):
    """The cells between neighbouring breakpoints, in order: N+1 of them, some of length 0."""

    starts: Any
    lengths: Any
    left_residuals: Any
    right_residuals: Any


def cells(problem: Problem, parameters: Any) -> Cells:
    """Cut the interval at the breakpoints; residual at both ends of each cell."""
    xp = _namespace(parameters)
    w, b, v, c = split(parameters)
    t, inside = breakpoints(problem, parameters)
    order = xp.argsort(t)
    y0 = w * problem.left + b
    first = xp.where(xp.where(y0 != 0, y0 > 0, w > 0), 1.0, problem.leak)
    r0 = c + (v * first * y0).sum() - (problem.slope * problem.left + problem.intercept)
    slope0 = (v * w * first).sum() - problem.slope
    jumps = (v * abs(w) * (1.0 - problem.leak) * inside)[order]
    slopes = xp.concatenate([slope0[None], slope0 + xp.cumsum(jumps)])
    ends = xp.asarray([problem.left, problem.right], dtype=t.dtype)
    starts = xp.concatenate([ends[:1], t[order]])
    lengths = xp.concatenate([t[order], ends[1:]]) - starts
    r = xp.concatenate([r0[None], r0 + xp.cumsum(slopes * lengths)])
    return Cells(starts, lengths, r[:-1], r[1:])


def loss_kernel(problem: Problem, parameters: Any) -> Any:
    """L by the sweep; differentiable twice by JAX, also at coincident breakpoints."""
    _, h, p, q = cells(problem, parameters)
    return (h * (p**2 + p * q + q**2)).sum() / 3.0


def _slope_factors(problem: Problem, parameters: Any, middles: Any) -> Any:
    """s_j on each cell, (cells, N): tested at the middle of the cell, never at its ends."""
    w, b, _, _ = split(parameters)
    active = w * middles[:, None] + b > 0
    return _namespace(parameters).where(active, 1.0, problem.leak)


def gradient_kernel(problem: Problem, parameters: Any) -> Any:
    """The generalised gradient 𝒢, (3N+1,): ∇L wherever L is differentiable.

    𝒢_w = 2v ∫ x s r,  𝒢_b = 2v ∫ s r,  𝒢_v = 2 ∫ σ(wx+b) r,  𝒢_c = 2 ∫ r.
    """
    xp = _namespace(parameters)
    w, b, v, _ = split(parameters)
    starts, h, p, q = cells(problem, parameters)
    middles = starts + 0.5 * h
    s = _slope_factors(problem, parameters, middles)
    mass = 0.5 * h * (p + q)
    moment = h**2 * (q - p) / 12.0  # about the middle of the cell
    by_b = 2.0 * v * (s * mass[:, None]).sum(0)
    by_w = 2.0 * v * (s * (middles * mass + moment)[:, None]).sum(0)
    # σ(wx+b) at the middle first: forming w·∫xr + b·∫r cancels when the breakpoint is near.
    at_middle = w * middles[:, None] + b
    by_v = 2.0 * (s * (at_middle * mass[:, None] + w * moment[:, None])).sum(0)
    return xp.concatenate([by_w, by_b, by_v, 2.0 * mass.sum()[None]])


def _pair(h: Any, left: Any, right: Any) -> Any:
    """Σ over cells of ∫ J Jᵀ for tangents that are affine on each cell."""
    weighted_left = h[:, None] * (2.0 * left + right)
    weighted_right = h[:, None] * (2.0 * right + left)
    return (left.T @ weighted_left + right.T @ weighted_right) / 6.0


def gauss_newton_kernel(problem: Problem, parameters: Any) -> Any:
    """G = 2 ∫ J Jᵀ with J = ∂f/∂(w, b, v, c), (3N+1, 3N+1)."""
    xp = _namespace(parameters)
    w, b, v, _ = split(parameters)
    starts, h, _, _ = cells(problem, parameters)
    s = _slope_factors(problem, parameters, starts + 0.5 * h)

    def tangents(x: Any) -> Any:
        column = x[:, None]
        ones = xp.ones_like(column)
        return xp.concatenate([v * s * column, v * s, s * (w * column + b), ones], axis=1)

    return 2.0 * _pair(h, tangents(starts), tangents(starts + h))


def hessian_kernel(problem: Problem, parameters: Any) -> Any:
    """∇²L where it exists, (3N+1, 3N+1): Gauss-Newton, gradient coupling and breakpoint terms.

    H = G, plus H_wv += 2∫ x s r and H_bv += 2∫ s r, plus for a breakpoint t inside
    k = 2 v (1−leak) r(t)/|w| times (t², t, 1) in (ww, wb, bb).
    """
    xp = _namespace(parameters)
    w, _, v, _ = split(parameters)
    n = w.shape[0]
    starts, h, p, q = cells(problem, parameters)
    middles = starts + 0.5 * h
    s = _slope_factors(problem, parameters, middles)
    mass = 0.5 * h * (p + q)
    first = 2.0 * (s * (middles * mass + h**2 * (q - p) / 12.0)[:, None]).sum(0)
    zeroth = 2.0 * (s * mass[:, None]).sum(0)
    t, inside = breakpoints(problem, parameters)
    bend = 2.0 * v * (1.0 - problem.leak) * residual(problem, parameters, t)
    k = xp.where(inside, bend / xp.where(w != 0, abs(w), 1.0), 0.0)
    zero = xp.zeros((n, n), dtype=t.dtype)
    rows = [
        xp.concatenate([xp.diag(k * t * t), xp.diag(k * t), xp.diag(first)], axis=1),
        xp.concatenate([xp.diag(k * t), xp.diag(k), xp.diag(zeroth)], axis=1),
        xp.concatenate([xp.diag(first), xp.diag(zeroth), zero], axis=1),
    ]
    extra = xp.pad(xp.concatenate(rows, axis=0), ((0, 1), (0, 1)))
    return gauss_newton_kernel(problem, parameters) + extra


def loss(problem: Problem, parameters: ArrayLike) -> float:
    """Exact loss L = ∫ (f − target)² dx, in float64.

    Arguments:
        problem: interval, target and leak.
        parameters: shape (3N+1,), ordered inner weights, biases, outer weights, output bias.

    Returns:
        L >= 0, accurate down to 1e-24 and below: a sum of non-negative terms.

    Raises:
        ValueError: when the parameters have a wrong length or are not finite.

    Source: derived here.

    >>> from ttlearn.saddles import join
    >>> round(972 * loss(Problem(), join([1, -1], [-1/3, 2/3], [2/3, -2/3], 0.5)), 12)
    1.0
    """
    return float(loss_kernel(problem, check_parameters(parameters)))


def gradient(problem: Problem, parameters: ArrayLike) -> FloatArray:
    """Generalised gradient 𝒢, shape (3N+1,), in float64; ∇L wherever L is differentiable.

    A degenerate neuron (w = b = 0) is given σ'(0) = leak, so zero for ReLU.

    Arguments, errors: as :func:`loss`. Source: derived here.

    >>> from ttlearn.saddles import join
    >>> gradient(Problem(), join(1.0, 0.0, 1.0, 0.5)).round(12).tolist()
    [0.5, 1.0, 0.5, 1.0]
    """
    return np.asarray(gradient_kernel(problem, check_parameters(parameters)))


def gauss_newton(problem: Problem, parameters: ArrayLike) -> FloatArray:
    """Gauss-Newton part G = 2∫ J Jᵀ of the Hessian, shape (3N+1, 3N+1).

    Arguments, errors: as :func:`loss`. Source: derived here.

    >>> float(gauss_newton(Problem(), np.array([0.0, 1.0, 0.0, 0.5]))[3, 3])
    2.0
    """
    return np.asarray(gauss_newton_kernel(problem, check_parameters(parameters)))
