"""The fast layer: the best outer weights and output bias for the inner layer as it is.

The loss is a parabola in them, so the best ones solve a least-squares problem. A neuron's direction
alone matters for it: (w, b) and s·(w, b), s > 0, reach the same functions.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from ttlearn.saddles.problem import FloatArray, Problem, check_parameters, count_neurons, split
from ttlearn.saddles.sweep import breakpoints

RESOLUTION = 1e-9


@dataclasses.dataclass(frozen=True)
class FastSolution:
    """The parameters with the best outer layer, and the loss they leave.

    Arguments:
        parameters: shape (3N+1,); inner weights and biases as they were.
        loss: the reduced loss, min over outer weights and output bias.
    """

    parameters: FloatArray
    loss: float


def fast_solution(
    problem: Problem, parameters: ArrayLike, *, resolution: float = RESOLUTION
) -> FastSolution:
    """min over (v, c) of L: what the two-timescale limit puts in place of the outer layer.

    Neurons are taken in order, each without what those before it reach; a neuron of which a share
    of no more than ``resolution`` is left (dead, degenerate, or in the direction of others) gets
    outer weight 0. The loss is a sum of squares, so small losses keep their digits.

    Arguments:
        problem: interval, target and leak.
        parameters: shape (3N+1,); its outer layer plays no part.
        resolution: in [0, 1). To use a share s of a neuron, outer weights must grow like 1/s, and
            descent needs 1/s² times longer: a coarse resolution asks what is reached in fast time.

    Returns:
        A :class:`FastSolution`.

    Raises:
        ValueError: when the parameters have a wrong length or are not finite, or the resolution is
            out of range.

    Source: derived here.

    >>> from ttlearn.saddles import saddle
    >>> fast = fast_solution(Problem(), saddle(Problem(), 2))
    >>> round(972 * fast.loss, 9), fast.parameters.round(6).tolist()[4:]
    (1.0, [0.666667, -0.666667, 0.5])
    """
    parameters = check_parameters(parameters)
    if not 0 <= resolution < 1:
        raise ValueError(f"resolution is {resolution}; a share in [0, 1) is needed")
    columns, target, sizes = _vectors(problem, parameters)
    coefficients, rest = _project(columns, target, resolution)
    found = parameters.copy()
    n = count_neurons(parameters)
    found[2 * n : 3 * n] = coefficients[1:] / sizes
    found[3 * n] = coefficients[0]
    return FastSolution(found, float(rest @ rest))


def _project(
    columns: list[FloatArray], target: FloatArray, resolution: float
) -> tuple[FloatArray, FloatArray]:
    """Coefficients of the columns nearest to the target, and what is left of it."""
    shares = np.eye(len(columns))  # each basis vector in terms of the columns
    basis: dict[int, FloatArray] = {}
    coefficients, rest = np.zeros(len(columns)), target
    for k, column in enumerate(columns):
        left = column
        for _ in range(2):  # once more, for what rounding left behind
            for i, vector in basis.items():
                part = float(vector @ left)
                left = left - part * vector
                shares[k] -= part * shares[i]
        size = float(np.linalg.norm(left))
        if not size > resolution * float(np.linalg.norm(column)):
            continue
        shares[k] /= size
        basis[k] = left / size
        part = float(basis[k] @ rest)
        rest = rest - part * basis[k]
        coefficients += part * shares[k]
    return coefficients, rest


def _vectors(
    problem: Problem, parameters: FloatArray
) -> tuple[list[FloatArray], FloatArray, FloatArray]:
    """1, every neuron of unit direction, and the target, as vectors with ∫ f g = f·g; the sizes.

    On a cell of length h the functions are affine, with middle value m and half rise d:
    ∫ f g = h (m_f m_g + d_f d_g / 3), so (√h m, √(h/3) d) is such a vector.
    """
    w, b, _, _ = split(parameters)
    places, _ = breakpoints(problem, parameters)
    ends = np.concatenate([[problem.left], np.sort(places), [problem.right]])
    sizes = np.hypot(w, b)
    sizes = np.where(sizes > 0, sizes, 1.0)

    def vector(middles: FloatArray, rises: FloatArray) -> FloatArray:
        return np.concatenate([np.sqrt(lengths) * middles, np.sqrt(lengths / 3) * rises])

    lengths, centres = np.diff(ends), (ends[:-1] + ends[1:]) / 2
    columns = [vector(np.ones_like(centres), np.zeros_like(centres))]
    for weight, bias in zip(w / sizes, b / sizes, strict=True):
        middle = weight * centres + bias
        share = np.where(middle > 0, 1.0, problem.leak)
        columns.append(vector(share * middle, share * weight * lengths / 2))
    target = vector(problem.slope * centres + problem.intercept, problem.slope * lengths / 2)
    return columns, target, sizes
