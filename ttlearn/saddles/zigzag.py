"""The critical points: a residual that zig-zags, its levels, and a constructor for each.

The ReLU formulas are the leaky ones at leak 0, first breakpoint right-oriented, an even number of
breakpoints: one geometry serves both.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from ttlearn.dynamics.checks import check_count
from ttlearn.saddles.checks import check_positive
from ttlearn.saddles.problem import MAX_NEURONS, FloatArray, Problem

First = Literal["right", "left"]


@dataclasses.dataclass(frozen=True)
class ZigZag:
    """The function at a critical point with ``level`` breakpoints.

    Arguments:
        level: number of breakpoints of f (n for ReLU, m for leaky ReLU).
        first: orientation of the first one; they alternate.
        loss: L = slope² (1−leak)² length³ / (12 D⁴) for level >= 1.
        breakpoints: shape (level,).
        orientations: shape (level,); +1 right-oriented, −1 left-oriented.
        weight_sums: shape (level,); Σ v_j w_j over the neurons at each breakpoint.
        output_bias: c.
        knots, residuals: shape (level+2,); r at left, breakpoints and right.
    """

    level: int
    first: First
    loss: float
    breakpoints: FloatArray
    orientations: FloatArray
    weight_sums: FloatArray
    output_bias: float
    knots: FloatArray
    residuals: FloatArray


def zigzag(problem: Problem, level: int, first: First = "right") -> ZigZag:
    """Geometry of the critical points with ``level`` breakpoints.

    With E_left = 1 if the first breakpoint is right-oriented, else √leak; E_right = 1 if the last
    is left-oriented, else √leak; κ = √(1+leak) and D = E_left + E_right + (level−1) κ:
    pieces of length (length/D)·(E_left, κ, …, κ, E_right), residual of mean 0 on each,
    |r| = slope (1−leak) length / (2 D²) at every knot. ReLU: equal pieces and
    L = slope² length³ / (12 (n+1)⁴).

    Arguments:
        problem: with a slope other than 0.
        level: 0, 1, 2, …; for ReLU 0, 2, 4, ….
        first: for ReLU only ``"right"``.

    Raises:
        ValueError: for a level or family that does not exist for this activation.

    Source: Cheridito, Jentzen & Rossmannek 2022 for ReLU (as recalled, derived again here);
    leaky ReLU derived here.

    >>> round(1 / zigzag(Problem(), 2).loss), round(1 / zigzag(Problem(leak=0.25), 1).loss)
    (972, 108)
    """
    level = _check_level(problem, level, first)
    flips = (-1.0) ** np.arange(level)
    orientations = flips if first == "right" else -flips
    pieces, unit = _pieces(problem, level, orientations)
    knots = np.concatenate([[problem.left], problem.left + np.cumsum(pieces)])
    knots[-1] = problem.right
    half = 0.5 * problem.slope * (1.0 - problem.leak) * problem.length / unit**2
    if level == 0:
        half = 0.5 * problem.slope * problem.length
    start = half if level == 0 or first == "right" else -half
    weight_sums = problem.slope * problem.length / unit**2 * (1 / pieces[:-1] + 1 / pieces[1:])
    return ZigZag(
        level,
        first,
        float(half**2 * problem.length / 3.0),
        knots[1:-1],
        orientations,
        weight_sums,
        problem.mean_target,
        knots,
        start * (-1.0) ** np.arange(level + 2),
    )


def _pieces(problem: Problem, level: int, orientations: FloatArray) -> tuple[FloatArray, float]:
    if level == 0:
        return np.array([problem.length]), 1.0
    left = 1.0 if orientations[0] > 0 else math.sqrt(problem.leak)
    right = 1.0 if orientations[-1] < 0 else math.sqrt(problem.leak)
    shape = np.array([left, *[math.sqrt(1.0 + problem.leak)] * (level - 1), right])
    return problem.length * shape / shape.sum(), float(shape.sum())


def _check_level(problem: Problem, level: int, first: First) -> int:
    problem.need_slope()
    if first not in ("right", "left"):
        raise ValueError(f"first is {first!r}; allowed are 'right' and 'left'")
    level = check_count(level, "level", 0, MAX_NEURONS)
    if problem.is_relu and (level % 2 or first == "left"):
        raise ValueError(
            f"a ReLU network has critical points with an even number of breakpoints, the first "
            f"right-oriented; found level {level}, first {first!r}; a leak > 0 has the others"
        )
    return level


@dataclasses.dataclass(frozen=True)
class CriticalLevel:
    """One value the loss takes at critical points, and where it comes from."""

    level: int
    first: First
    loss: float


def critical_levels(problem: Problem, n_neurons: int) -> tuple[CriticalLevel, ...]:
    """Every non-global critical value of a network with ``n_neurons``, from high to low.

    ReLU: n = 0, 2, …, 2⌊N/2⌋. Leaky: m = 0, …, N, two families; mirror images (odd m) share a
    value and are both listed.

    Arguments:
        problem: with a slope other than 0.
        n_neurons: N >= 1.

    Raises:
        ValueError: for N outside of 1..2000 or slope 0.

    Source: as :func:`zigzag`.

    >>> [round(1 / c.loss) for c in critical_levels(Problem(), 5)]
    [12, 972, 7500]
    """
    found = []
    for level in range(check_width(n_neurons) + 1):
        for first in ("right", "left"):
            allowed = not problem.is_relu or (level % 2 == 0 and first == "right")
            if allowed and not (level == 0 and first == "left"):
                loss = zigzag(problem, level, first).loss
                found.append(CriticalLevel(level, first, loss))
    return tuple(sorted(found, key=lambda c: -c.loss))


def check_width(n_neurons: int) -> int:
    """A width: a whole number from 1 to 2000."""
    return check_count(n_neurons, "n_neurons", 1, MAX_NEURONS)


def zigzag_spectrum(problem: Problem, level: int, first: First = "right") -> FloatArray:
    """Negative relative eigenvalues of a saddle with one neuron per breakpoint, in closed form.

    1 − ½ eig(Tri), Tri tridiagonal with 4 on the diagonal and
    2 √(h_i h_{i+2} / ((h_i+h_{i+1})(h_{i+1}+h_{i+2}))) beside it, h the lengths of the pieces.
    ReLU: −(1 + cos(kπ/(n+1))), k = 1..n.

    Arguments, errors: as :func:`zigzag`, with level >= 1. Source: derived here.

    >>> zigzag_spectrum(Problem(), 2).round(12).tolist()
    [-1.5, -0.5]
    """
    h = np.diff(zigzag(problem, level, first).knots)
    if level == 0:
        return np.empty(0)
    beside = 2 * np.sqrt(h[:-2] * h[2:] / ((h[:-2] + h[1:-1]) * (h[1:-1] + h[2:])))
    tri = 4.0 * np.eye(level) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.sort(1.0 - 0.5 * np.linalg.eigvalsh(tri))


def constant_neuron_spectrum(problem: Problem, bias: float) -> FloatArray:
    """Eigenvalues at (w, b, v, c) = (0, bias, 0, mean target), one neuron, ascending.

    0 and the roots of x³ − 2l(1+b²)x² − 4P²x + 8lP² with P = −slope·l³/12 (b > 0; for b < 0 put
    leak·b and leak·P).

    Arguments:
        problem: any.
        bias: not 0; for ReLU positive.

    Raises:
        ValueError: for another bias.

    Source: derived here.

    >>> constant_neuron_spectrum(Problem(), 1.0).round(6).tolist()
    [-0.119549, 0.0, 0.116077, 4.003472]
    """
    if not np.isfinite(bias) or bias == 0 or (problem.is_relu and bias < 0):
        raise ValueError(f"bias is {bias}; a flat constant neuron has b > 0 (b < 0 if leaky)")
    factor = 1.0 if bias > 0 else problem.leak
    length, b = problem.length, bias * factor
    p = -problem.slope * length**3 / 12.0 * factor
    roots = np.roots([1.0, -2 * length * (1 + b * b), -4 * p * p, 8 * length * p * p])
    return np.sort(np.append(roots.real, 0.0))


def two_kink_spectrum(length: float, slope: float, scale: float) -> tuple[float, float]:
    """Two of the eigenvalues of the ReLU saddle n = 2 on [−length/2, length/2], |w| = scale.

    They belong to opposite changes of the two neurons; the smaller is λ_min on [−1, 1].

    Raises:
        ValueError: for a length, |slope| or scale that is not finite and above 0.

    >>> round(two_kink_spectrum(2.0, 1.0, 1.0)[0], 12)
    -0.088040877096
    """
    length, scale = check_positive(length, "length"), check_positive(scale, "scale")
    slope = check_positive(abs(slope), "|slope|")
    a2, l2, s4 = slope**2, length**2, scale**4
    middle = 19 * a2 * l2 + 108 * a2 + 90 * l2 * s4
    root = math.sqrt(
        361 * a2**2 * l2**2
        + 7560 * a2**2 * l2
        + 11664 * a2**2
        + 3636 * a2 * l2**2 * s4
        + 27216 * a2 * l2 * s4
        + 8100 * l2**2 * s4**2
    )
    front = length / (972 * scale**2)
    return front * (middle - root), front * (middle + root)


def check_shares(shares: Sequence[Sequence[float]], level: int) -> list[FloatArray]:
    """One non-empty list of finite shares per breakpoint, each with sum 1."""
    if len(shares) != level:
        raise ValueError(f"shares has {len(shares)} entries; one per breakpoint, {level}, needed")
    checked = [np.asarray(share, float) for share in shares]
    for i, share in enumerate(checked):
        if share.ndim != 1 or share.size == 0 or not np.all(np.isfinite(share)):
            raise ValueError(f"shares[{i}] is {share}; a list of finite numbers is needed")
        if abs(share.sum() - 1.0) > 1e-9:
            raise ValueError(f"shares[{i}] sums to {share.sum()}; they must sum to 1")
    return checked
