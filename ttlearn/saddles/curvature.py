"""The Hessian where it exists, its two one-sided forms where it does not, and its index."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ttlearn.saddles.neurons import neuron_types, on_boundary
from ttlearn.saddles.problem import FloatArray, Problem, check_parameters, split
from ttlearn.saddles.sweep import gauss_newton_kernel, hessian_kernel, residual

Side = Literal["both", "inside", "outside"]


class NoHessianError(ValueError):
    """L has no second derivative at these parameters."""


def boundary_jumps(problem: Problem, parameters: ArrayLike) -> tuple[tuple[int, FloatArray], ...]:
    """Jump of the (w_j, b_j) block of the Hessian at neurons whose breakpoint is an end T.

    Δ = 2 v_j (1 − leak) r(T) / |w_j| · ((T², T), (T, 1)), present on the side where the breakpoint
    is inside the interval.

    Arguments, errors: as :func:`ttlearn.saddles.loss`.

    Returns:
        Pairs (j, Δ) with Δ of shape (2, 2), zero jumps included.

    Source: derived here.

    >>> from ttlearn.saddles import join
    >>> j, jump = boundary_jumps(Problem(), join(1.0, 0.0, 0.5, 0.2))[0]
    >>> round(float(jump[1, 1]), 12)
    0.2
    """
    parameters = check_parameters(parameters)
    w, _, v, _ = split(parameters)
    jumps = []
    for j, end in on_boundary(problem, parameters):
        r = float(residual(problem, parameters, np.array([end]))[0])
        k = 2.0 * v[j] * (1.0 - problem.leak) * r / abs(w[j])
        jumps.append((j, k * np.array([[end**2, end], [end, 1.0]])))
    return tuple(jumps)


def missing_hessian(problem: Problem, parameters: ArrayLike) -> str | None:
    """Why L has no Hessian here, in words; None where it has one.

    Arguments, errors: as :func:`ttlearn.saddles.loss`.

    >>> from ttlearn.saddles import join
    >>> print(missing_hessian(Problem(), join(1.0, -0.5, 0.5, 0.2)))
    None
    """
    parameters = check_parameters(parameters)
    ends = np.array([problem.left, problem.right])
    is_fitted = np.max(np.abs(residual(problem, parameters, ends))) < 1e-12
    for j, neuron in enumerate(neuron_types(problem, parameters)):
        if neuron.kind == "degenerate" and not is_fitted:
            return (
                f"neuron {j} is degenerate (w = b = 0): the loss is only piecewise smooth in its "
                "weights, and no one-sided Hessian exists either; move w or b away from 0"
            )
    scale = 1e-12 * max(1.0, float(np.max(np.abs(parameters))))
    for j, jump in boundary_jumps(problem, parameters):
        if np.max(np.abs(jump)) > scale:
            return (
                f"the breakpoint of neuron {j} is an end of the interval, where the Hessian jumps "
                f"by {jump[1, 1]:.6g} in its bias; ask for side='inside' (breakpoint just inside) "
                "or side='outside'"
            )
    return None


def hessian(problem: Problem, parameters: ArrayLike, side: Side = "both") -> FloatArray:
    """Hessian ∇²L, shape (3N+1, 3N+1), in float64.

    Arguments:
        problem, parameters: as in :func:`ttlearn.saddles.loss`.
        side: ``"both"`` is the Hessian proper. Where a breakpoint is exactly an end of the
            interval, ``"inside"`` continues L from the side where all such breakpoints are inside
            (for a semi-inactive neuron: the active side), ``"outside"`` from the other.

    Raises:
        NoHessianError: where ∇²L does not exist, with the reason and what to ask for instead.
        ValueError: for bad parameters or an unknown side.

    Source: derived here.

    >>> from ttlearn.saddles import join
    >>> semi_inactive = join([-1, -1], [0, -1/4], [7/10, 3], 1/2)
    >>> round(float(hessian(Problem(), semi_inactive, side="inside")[2, 2]), 12)
    0.7
    """
    parameters = check_parameters(parameters)
    if side not in ("both", "inside", "outside"):
        raise ValueError(f"side is {side!r}; allowed are 'both', 'inside' and 'outside'")
    reason = missing_hessian(problem, parameters)
    if reason is not None and (side == "both" or "degenerate" in reason):
        raise NoHessianError(f"no Hessian: {reason}")
    matrix = np.asarray(hessian_kernel(problem, parameters))
    if side == "inside":
        n = (parameters.size - 1) // 3
        for j, jump in boundary_jumps(problem, parameters):
            matrix[np.ix_([j, n + j], [j, n + j])] += jump
    return matrix


def active_side_hessian(problem: Problem, parameters: ArrayLike) -> FloatArray:
    """The Hessian of L continued from the active side of semi-inactive neurons.

    This is ``hessian(..., side="inside")``, the matrix that decides whether gradient descent can
    come to rest with such a neuron still active. Arguments, errors: as :func:`hessian`.

    >>> from ttlearn.saddles import join
    >>> active_side_hessian(Problem(), join(-1, 0, 0.7, 0.5)).shape
    (4, 4)
    """
    return hessian(problem, parameters, side="inside")


def spectrum(problem: Problem, parameters: ArrayLike, side: Side = "both") -> FloatArray:
    """Eigenvalues of the Hessian, ascending. Arguments, errors: as :func:`hessian`.

    >>> from ttlearn.saddles import saddle
    >>> int((spectrum(Problem(), saddle(Problem(), 2)) < -1e-9).sum())
    2
    """
    return np.linalg.eigvalsh(hessian(problem, parameters, side))


def morse_index(
    problem: Problem, parameters: ArrayLike, side: Side = "both", tolerance: float = 1e-10
) -> int:
    """Number of negative eigenvalues of the Hessian, counted below −tolerance·λ_max.

    Unlike the eigenvalues it does not change when a neuron is rescaled. Arguments, errors: as
    :func:`hessian`.

    >>> from ttlearn.saddles import saddle
    >>> morse_index(Problem(), saddle(Problem(), 4))
    4
    """
    values = spectrum(problem, parameters, side)
    return int(np.count_nonzero(values < -tolerance * np.max(np.abs(values))))


def relative_spectrum(
    problem: Problem, parameters: ArrayLike, tolerance: float = 1e-9
) -> FloatArray:
    """Generalised eigenvalues of (∇²L, G) on the range of the Gauss-Newton part G, ascending.

    They do not depend on how the neurons are scaled, on the interval or on the target's slope. At a
    ReLU saddle with one neuron per breakpoint: −(1 + cos(kπ/(n+1))) for k = 1..n, and 1.

    Arguments:
        problem, parameters: as in :func:`hessian`.
        tolerance: eigenvalues of G below tolerance·λ_max count as zero.

    Raises: as :func:`hessian`. Source: derived here.

    >>> from ttlearn.saddles import saddle
    >>> relative_spectrum(Problem(), saddle(Problem(), 2)).round(9).tolist()
    [-1.5, -0.5, 1.0, 1.0, 1.0]
    """
    h = hessian(problem, parameters)
    values, vectors = np.linalg.eigh(gauss_newton_kernel(problem, check_parameters(parameters)))
    kept = values > tolerance * values[-1]
    basis = vectors[:, kept] / np.sqrt(values[kept])
    return np.linalg.eigvalsh(basis.T @ h @ basis)
