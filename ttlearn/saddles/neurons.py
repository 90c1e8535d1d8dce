"""What a neuron is: dead, on the edge, affine, bent or degenerate."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ttlearn.saddles.problem import Problem, check_parameters, split

Kind = Literal[
    "degenerate",
    "inactive",
    "semi-inactive left",
    "semi-inactive right",
    "affine",
    "affine-negative",
    "right-oriented",
    "left-oriented",
]

KINKED: tuple[Kind, Kind] = ("right-oriented", "left-oriented")
SEMI_INACTIVE: tuple[Kind, Kind] = ("semi-inactive left", "semi-inactive right")


@dataclasses.dataclass(frozen=True)
class Neuron:
    """One neuron x ↦ v σ(w x + b), judged on the interval.

    Arguments:
        kind: see :func:`neuron_types`.
        flat: v = 0, so the neuron adds nothing to f.
        constant: w = 0 and b ≠ 0.
        breakpoint: −b/w, also outside of the interval; None when w = 0.
    """

    kind: Kind
    flat: bool
    constant: bool
    breakpoint: float | None

    @property
    def kinked(self) -> bool:
        """The breakpoint lies strictly inside the interval ("type-2 active")."""
        return self.kind in KINKED

    @property
    def semi_inactive(self) -> bool:
        """Inactive but for one end of the interval, where it is exactly zero."""
        return self.kind in SEMI_INACTIVE


def neuron_types(
    problem: Problem, parameters: ArrayLike, tolerance: float = 1e-12
) -> tuple[Neuron, ...]:
    """Kind of every neuron, from y0 = w·left + b and y1 = w·right + b.

    ReLU kinds: ``degenerate`` (w = b = 0); ``inactive`` (y0, y1 < 0, a dead neuron);
    ``semi-inactive left`` (y0 = 0, w < 0) and ``semi-inactive right`` (y1 = 0, w > 0);
    ``affine`` (y0, y1 >= 0: type-1 active, the constant neurons among them); ``right-oriented``
    (y0 < 0 < y1) and ``left-oriented`` (y1 < 0 < y0: type-2 active). A leaky network has no dead
    neurons: there ``affine-negative`` (y0, y1 <= 0) takes the place of the inactive kinds.

    Arguments:
        problem, parameters: as in :func:`ttlearn.saddles.loss`.
        tolerance: two numbers count as equal within tolerance·max(1, |w|, |b|). After gradient
            descent a semi-inactive limit is only approached: use 1e-3 or so there.

    Returns:
        One :class:`Neuron` per neuron, in order. The kinds exclude each other.

    Raises:
        ValueError: for bad parameters, or a tolerance outside of [0, 1).

    Source: Cheridito, Jentzen & Rossmannek 2022 (names as recalled); table derived here.

    >>> from ttlearn.saddles import join
    >>> [n.kind for n in neuron_types(Problem(), join([1, -1, 0], [-0.5, -1, 1], [1, 1, 0], 0))]
    ['right-oriented', 'inactive', 'affine']
    """
    tolerance = check_tolerance(tolerance)
    w, b, v, _ = split(check_parameters(parameters))
    rows = zip(w.tolist(), b.tolist(), v.tolist(), strict=True)
    return tuple(_judge(problem, *row, tolerance) for row in rows)


def _judge(problem: Problem, w: float, b: float, v: float, tolerance: float) -> Neuron:
    slack = tolerance * max(1.0, abs(w), abs(b))
    is_zero_weight = abs(w) <= slack
    constant = is_zero_weight and abs(b) > slack
    y0 = _snap(w * problem.left + b, slack)
    y1 = _snap(w * problem.right + b, slack)
    kink = -b / w if w != 0 else None
    if is_zero_weight and not constant:
        kind: Kind = "degenerate"
    elif y0 < 0 < y1:
        kind = "right-oriented"
    elif y1 < 0 < y0:
        kind = "left-oriented"
    elif min(y0, y1) >= 0 and max(y0, y1) > 0:
        kind = "affine"
    elif not problem.is_relu:
        kind = "affine-negative"
    elif max(y0, y1) < 0:
        kind = "inactive"
    else:
        kind = "semi-inactive left" if y0 == 0 else "semi-inactive right"
    return Neuron(kind, abs(v) <= tolerance * max(1.0, abs(w)), constant, kink)


def _snap(y: float, slack: float) -> float:
    return 0.0 if abs(y) <= slack else y


def check_tolerance(tolerance: float) -> float:
    """A tolerance in [0, 1), or a refusal."""
    if not (np.isfinite(tolerance) and 0.0 <= tolerance < 1.0):
        raise ValueError(f"tolerance is {tolerance}; choose a number in [0, 1)")
    return float(tolerance)


def on_boundary(
    problem: Problem, parameters: ArrayLike, tolerance: float = 1e-12
) -> tuple[tuple[int, float], ...]:
    """Neurons whose breakpoint is an end of the interval, as (index, that end).

    Arguments, errors: as :func:`neuron_types`.

    >>> from ttlearn.saddles import join
    >>> on_boundary(Problem(), join(1.0, 0.0, 0.5, 0.2))
    ((0, 0.0),)
    """
    tolerance = check_tolerance(tolerance)
    w, b, _, _ = split(check_parameters(parameters))
    found = []
    for j, (weight, bias) in enumerate(zip(w.tolist(), b.tolist(), strict=True)):
        slack = tolerance * max(1.0, abs(weight), abs(bias))
        for end in (problem.left, problem.right):
            if abs(weight) > slack and abs(weight * end + bias) <= slack:
                found.append((j, end))
    return tuple(found)
