"""The verdict on a parameter: minimum, local minimum, which saddle, or no critical point at all.

The verdict comes from the classification theorem, not from eigenvalues: it also holds where the
Hessian does not exist.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ttlearn.saddles.curvature import boundary_jumps, missing_hessian
from ttlearn.saddles.neurons import Neuron, check_tolerance, neuron_types
from ttlearn.saddles.problem import FloatArray, Problem, check_parameters, split
from ttlearn.saddles.sweep import cells, gradient_kernel, loss_kernel
from ttlearn.saddles.zigzag import CriticalLevel, critical_levels, zigzag

Verdict = Literal["not critical", "global minimum", "local minimum", "saddle"]


@dataclasses.dataclass(frozen=True)
class Classification:
    """What a parameter is.

    Arguments:
        kind: the verdict.
        loss: L.
        gradient_norm: ‖𝒢‖.
        level: number of breakpoints of f at a non-global critical point, else None.
        first: orientation of the first breakpoint ("right" at level 0), else None.
        morse_index: number of negative eigenvalues, or None where no Hessian exists.
        strict: the Hessian, or one of its one-sided forms, has a negative direction.
        decrease_order: p when the loss can be lowered by order ε^p within distance ε (saddles).
        reasons: the causes, in words.
    """

    kind: Verdict
    loss: float
    gradient_norm: float
    level: int | None = None
    first: Literal["right", "left"] | None = None
    morse_index: int | None = None
    strict: bool = False
    decrease_order: int | None = None
    reasons: tuple[str, ...] = ()


def gradient_scale(problem: Problem, parameters: FloatArray) -> float:
    """The size a gradient has here unless something cancels: what "small" is measured by."""
    _, _, left, right = cells(problem, parameters)
    height = max(float(np.max(np.abs([left, right]))), abs(problem.slope) * problem.length)
    reach = max(1.0, abs(problem.left), abs(problem.right), float(np.max(np.abs(parameters))))
    return height * problem.length * reach


def is_critical(problem: Problem, parameters: ArrayLike, tolerance: float = 1e-9) -> bool:
    """𝒢 = 0 within tolerance, relative to the size of the integrals that make it up.

    Arguments, errors: as :func:`classify`.

    >>> from ttlearn.saddles import saddle
    >>> is_critical(Problem(), saddle(Problem(), 2))
    True
    """
    parameters = check_parameters(parameters)
    scale = gradient_scale(problem, parameters)
    worst = np.max(np.abs(gradient_kernel(problem, parameters)))
    return bool(worst <= check_tolerance(tolerance) * max(scale, 1e-300))


def classify(problem: Problem, parameters: ArrayLike, tolerance: float = 1e-9) -> Classification:
    """Decide what a parameter is, by the classification theorem.

    Arguments:
        problem: interval, target and leak.
        parameters: shape (3N+1,).
        tolerance: relative size below which gradient, distance to a neuron's edge and misfit to the
            theorem's conditions count as zero. 1e-9 suits constructed points; ends of gradient
            descent need 1e-4 or more, since some are only approached.

    Returns:
        A :class:`Classification`. With slope 0 every critical point is a global minimum.

    Raises:
        ValueError: for bad parameters or a tolerance outside of [0, 1).

    Source: Cheridito, Jentzen & Rossmannek 2022 (ReLU; form as recalled, derived again); leaky
    form, index and orders derived here.

    >>> from ttlearn.saddles import join, saddle
    >>> verdict = classify(Problem(), saddle(Problem(), 4))
    >>> verdict.kind, verdict.level, verdict.morse_index, verdict.strict
    ('saddle', 4, 4, True)
    >>> classify(Problem(), join(-1, -0.5, 3, 0.5)).kind
    'local minimum'
    """
    parameters = check_parameters(parameters)
    value = float(loss_kernel(problem, parameters))
    norm = float(np.linalg.norm(gradient_kernel(problem, parameters)))
    if not is_critical(problem, parameters, tolerance):
        return Classification("not critical", value, norm, reasons=("the gradient is not zero",))
    if problem.slope == 0.0:
        reason = "with a constant target every critical point is a global minimum"
        return Classification("global minimum", value, norm, strict=False, reasons=(reason,))
    if value <= (tolerance * problem.slope) ** 2 * problem.length**3 + 1e-28 * problem.plateau_loss:
        return Classification("global minimum", value, norm, reasons=("the residual is zero",))
    found = nearest_level(problem, parameters, tolerance)
    misfit = theorem_misfit(problem, parameters, found.level, found.first, tolerance)
    # Misfit and gradient are proportional, with a factor that grows with the level; a point 2 % off
    # is near no critical point, however loose the tolerance.
    if misfit > min(tolerance * 10.0 * (found.level + 2) ** 4, 0.02):
        reason = (
            f"the gradient is small but no critical point is near: the closest one, level "
            f"{found.level}, is missed by {misfit:.1e}; the run may still be moving"
        )
        return Classification("not critical", value, norm, reasons=(reason,))
    return _judge(problem, parameters, value, norm, found, tolerance)


def nearest_level(problem: Problem, parameters: FloatArray, tolerance: float) -> CriticalLevel:
    """The critical level whose loss is nearest, within the family of the first breakpoint."""
    bent = _bent(problem, parameters, tolerance)
    solid = [n for n in bent if not n.flat] or bent
    first = "right"
    if solid:
        leftmost = min(solid, key=lambda n: n.breakpoint or 0.0)
        first = "right" if leftmost.kind == "right-oriented" else "left"
    value = float(loss_kernel(problem, parameters))
    width = (parameters.size - 1) // 3
    levels = critical_levels(problem, width)
    family = [c for c in levels if c.first == first or c.level == 0] or list(levels)
    return min(family, key=lambda c: abs(np.log(max(value, 1e-300) / max(c.loss, 1e-300))))


def _bent(problem: Problem, parameters: FloatArray, tolerance: float) -> list[Neuron]:
    return [n for n in neuron_types(problem, parameters, tolerance) if n.kinked]


def theorem_misfit(
    problem: Problem,
    parameters: ArrayLike,
    level: int,
    first: Literal["right", "left"] = "right",
    tolerance: float = 1e-9,
) -> float:
    """Largest violation of the classification theorem's conditions, 0 at a critical point.

    The conditions: output bias = mean target; breakpoints at the zig-zag's places with its
    orientations; Σ v_j w_j at each; affine neurons flat and constant. Violations are measured in
    units of the interval's length and the target's slope.

    Arguments, errors: as :func:`classify` and :func:`ttlearn.saddles.zigzag`.

    Returns:
        A number >= 0; infinity when an orientation is wrong or a breakpoint has no neuron.

    >>> from ttlearn.saddles import saddle
    >>> theorem_misfit(Problem(), saddle(Problem(), 2), 2) < 1e-15
    True
    """
    parameters = check_parameters(parameters)
    shape = zigzag(problem, level, first)
    w, b, v, c = split(parameters)
    units = abs(problem.slope) * problem.length
    worst = [abs(float(c) - shape.output_bias) / units]
    sums = np.zeros(level)
    for j, neuron in enumerate(neuron_types(problem, parameters, tolerance)):
        if neuron.kinked:
            if level == 0 or neuron.breakpoint is None:
                return float("inf")
            site = int(np.argmin(np.abs(shape.breakpoints - neuron.breakpoint)))
            if np.sign(w[j]) != shape.orientations[site]:
                return float("inf")
            worst.append(abs(shape.breakpoints[site] - neuron.breakpoint) / problem.length)
            sums[site] += v[j] * w[j]
        elif neuron.kind == "affine" or neuron.kind == "affine-negative":
            reach = abs(w[j]) * problem.length + abs(b[j])
            worst.append(abs(w[j]) * problem.length / reach)
            worst.append(abs(v[j]) * reach / units)
        elif neuron.kind == "degenerate" and not problem.is_relu:
            worst.append(abs(v[j]) / units)
    worst.extend(np.abs(sums - shape.weight_sums) / np.maximum(np.abs(shape.weight_sums), 1e-300))
    return float(max(worst))


def _judge(
    problem: Problem,
    parameters: FloatArray,
    value: float,
    norm: float,
    found: CriticalLevel,
    tolerance: float,
) -> Classification:
    causes = _ways_down(problem, parameters, found, tolerance)
    index = _index(problem, parameters, tolerance)
    if not causes:
        reason = "every neuron is dead, or semi-inactive with the sign that keeps it dead"
        return Classification(
            "local minimum", value, norm, 0, "right", index, False, None, (reason,)
        )
    return Classification(
        "saddle",
        value,
        norm,
        found.level,
        found.first,
        index,
        any(strict for _, strict, _ in causes),
        min(order for order, _, _ in causes),
        tuple(reason for _, _, reason in causes),
    )


def _ways_down(
    problem: Problem, parameters: FloatArray, found: CriticalLevel, tolerance: float
) -> list[tuple[int, bool, str]]:
    """Causes for being a saddle: (order of the decrease, strict, reason)."""
    _, _, v, _ = split(parameters)
    causes: list[tuple[int, bool, str]] = []
    if found.level:
        text = f"zig-zag with {found.level} breakpoints: negative curvature in the kinked neurons"
        causes.append((2, True, text))
    for j, neuron in enumerate(neuron_types(problem, parameters, tolerance)):
        if neuron.kind == "degenerate":
            flat = neuron.flat
            text = f"neuron {j} is degenerate{' and flat' if flat else ''}: no Hessian"
            causes.append((2 if flat else 1, False, text))
        elif neuron.constant and neuron.kind in ("affine", "affine-negative"):
            causes.append((2, True, f"neuron {j} is constant and flat: negative curvature"))
        elif neuron.semi_inactive and neuron.flat:
            text = f"neuron {j} is semi-inactive and flat: the loss falls by order 3 only"
            causes.append((3, False, text))
        elif neuron.semi_inactive:
            sign = 1.0 if neuron.kind == "semi-inactive left" else -1.0
            # r(left) has the sign of the slope at every level, r(right) the other sign.
            if sign * problem.slope * v[j] < 0:
                text = f"neuron {j} is semi-inactive with the wrong sign: one-sided curvature"
                causes.append((2, True, text))
    return causes


def _index(problem: Problem, parameters: FloatArray, tolerance: float) -> int | None:
    """Theorem: kinked neurons with slope·v·w > 0, plus flat constant ones."""
    neurons = neuron_types(problem, parameters, tolerance)
    if any(n.kind == "degenerate" for n in neurons) or missing_hessian(problem, parameters):
        return None
    if any(n.semi_inactive and not n.flat for n in neurons) and boundary_jumps(problem, parameters):
        return None
    w, _, v, _ = split(parameters)
    pulling = sum(
        n.kinked and not n.flat and problem.slope * v[j] * w[j] > 0 for j, n in enumerate(neurons)
    )
    return int(pulling) + sum(n.constant and n.kind.startswith("affine") for n in neurons)
