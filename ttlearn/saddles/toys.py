"""Toy systems: one hypothesis of the "almost never" theorem dropped at a time.

E1 the plain saddle; E2 a line of saddles; E3 curvature on one side only; E4 one step size that maps
an open set onto the saddle; E5 no negative curvature at all. E6 to E8 live in the real loss: see
:func:`real_loss_case`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ttlearn.records import Trajectory
from ttlearn.saddles.problem import FloatArray, Problem, join

RealLossCase = Literal["E6", "E7", "E8"]


@dataclasses.dataclass(frozen=True)
class Toy:
    """A function on R^d with a saddle (or none) at the origin.

    Arguments:
        name: ``"E1"`` … ``"E5"``.
        formula: the function in words.
        lesson: what it shows.
        dimension: d.
        potential: points (..., d) to values (...).
        gradient: points (..., d) to gradients (..., d).
        unstable: index of the coordinate that decides.
        box: starts are drawn from [−box, box]^d.
    """

    name: str
    formula: str
    lesson: str
    dimension: int
    potential: Callable[[FloatArray], FloatArray]
    gradient: Callable[[FloatArray], FloatArray]
    unstable: int
    box: float


def _stack(*parts: FloatArray) -> FloatArray:
    return np.stack(parts, axis=-1)


def _trap_slope(y: FloatArray) -> FloatArray:
    size = np.abs(y)
    bent = np.where(size <= 0.5, -size, np.where(size >= 1.0, 2.0 * size, 5.0 * size - 3.0))
    return np.asarray(np.sign(y) * bent)


def _trap_potential(y: FloatArray) -> FloatArray:
    size = np.abs(y)
    middle = -0.125 + 2.5 * (size**2 - 0.25) - 3.0 * (size - 0.5)
    return np.where(size <= 0.5, -0.5 * size**2, np.where(size >= 1.0, size**2 - 0.75, middle))


TOYS: Mapping[str, Toy] = MappingProxyType(
    {
        toy.name: toy
        for toy in (
            Toy(
                "E1",
                "f = (x² − y²)/2",
                "the stable set of the saddle is the x-axis: a null set",
                2,
                lambda p: 0.5 * (p[..., 0] ** 2 - p[..., 1] ** 2),
                lambda p: _stack(p[..., 0], -p[..., 1]),
                1,
                1.0,
            ),
            Toy(
                "E2",
                "f = (x² − y²)/2 on R³",
                "a line of saddles: uncountably many null sets, covered by countably many balls",
                3,
                lambda p: 0.5 * (p[..., 0] ** 2 - p[..., 1] ** 2),
                lambda p: _stack(p[..., 0], -p[..., 1], 0.0 * p[..., 2]),
                1,
                1.0,
            ),
            Toy(
                "E3",
                "f = x²/2 + y|y|/2",
                "curvature on one side only: the saddle attracts a half-plane",
                2,
                lambda p: 0.5 * (p[..., 0] ** 2 + p[..., 1] * np.abs(p[..., 1])),
                lambda p: _stack(p[..., 0], np.abs(p[..., 1])),
                1,
                1.0,
            ),
            Toy(
                "E4",
                "f = x²/2 + p(y), p' = −y near 0 and 2y from |y| = 1 on",
                "step size 1/2 maps all |y| >= 1 exactly onto the saddle",
                2,
                lambda p: 0.5 * p[..., 0] ** 2 + _trap_potential(p[..., 1]),
                lambda p: _stack(p[..., 0], _trap_slope(p[..., 1])),
                1,
                2.0,
            ),
            Toy(
                "E5",
                "f = y³",
                "no negative curvature: the saddle attracts a set of positive measure",
                1,
                lambda p: p[..., 0] ** 3,
                lambda p: 3.0 * p**2,
                0,
                1.0,
            ),
        )
    }
)


def toy_descent(
    name: str, starts: ArrayLike, step_size: float, n_steps: int, *, keep_all: bool = False
) -> Trajectory:
    """Gradient descent on a toy system.

    Arguments:
        name: ``"E1"`` … ``"E5"``.
        starts: shape (S, d).
        step_size: > 0.
        n_steps: 1 … 10⁷.
        keep_all: keep every step instead of the first and the last.

    Returns:
        A Trajectory over steps with ``points`` (K, S, d) and losses (K, S). A point that leaves
        |·| <= 10¹² stays at the last place before.

    Raises:
        ValueError: for an unknown name, bad starts or numbers out of range.

    >>> toy_descent("E4", [[1.0, 1.5]], 0.5, 1)["points"][-1].tolist()
    [[0.5, 0.0]]
    """
    toy = find_toy(name)
    points = np.asarray(starts, float)
    if points.ndim != 2 or points.shape[1] != toy.dimension or not np.all(np.isfinite(points)):
        raise ValueError(
            f"starts have shape {points.shape}; finite numbers of shape (S, {toy.dimension}) needed"
        )
    if not (np.isfinite(step_size) and step_size > 0) or not 1 <= n_steps <= 10**7:
        raise ValueError(f"step_size {step_size} must be > 0 and n_steps {n_steps} in 1..10**7")
    kept = [points]
    for _ in range(n_steps):
        moved = points - step_size * toy.gradient(points)
        points = np.where(np.max(np.abs(moved), axis=1, keepdims=True) <= 1e12, moved, points)
        if keep_all:
            kept.append(points)
    kept = kept if keep_all else [*kept, points]
    record = np.stack(kept)
    steps = np.arange(n_steps + 1) if keep_all else np.array([0, n_steps])
    meta = {"time": "step", "toy": name, "step_size": float(step_size)}
    axes = {"points": ("time", "run", "coordinate")}
    return Trajectory(steps, {"points": record}, toy.potential(record), axes, meta)


def trapped_fraction(
    name: str,
    step_size: float,
    *,
    n_starts: int = 10_000,
    n_steps: int = 500,
    tolerance: float = 1e-3,
) -> float:
    """Share of a grid of starts whose unstable coordinate ends within tolerance of the saddle.

    Arguments:
        name, step_size, n_steps: as in :func:`toy_descent`.
        n_starts: evenly spaced starts of the unstable coordinate over the toy's box, end points
            included, so that an even number misses 0; the other coordinates start at 0.3.
        tolerance: >= 0; 0 asks for the saddle exactly.

    Raises:
        ValueError: for input out of range.

    >>> trapped_fraction("E3", 0.5, n_starts=1001, n_steps=200) > 0.49
    True
    """
    toy = find_toy(name)
    if not 1 <= n_starts <= 10**7 or not tolerance >= 0:
        raise ValueError(f"n_starts {n_starts} must be in 1..10**7 and tolerance {tolerance} >= 0")
    starts = np.full((n_starts, toy.dimension), 0.3)
    starts[:, toy.unstable] = np.linspace(-toy.box, toy.box, n_starts)
    ends = toy_descent(name, starts, step_size, n_steps)["points"][-1]
    return float(np.mean(np.abs(ends[:, toy.unstable]) <= tolerance))


def find_toy(name: str) -> Toy:
    """The toy system called ``name``, or a refusal that lists them."""
    if name not in TOYS:
        raise ValueError(f"no toy system {name!r}; there are {', '.join(TOYS)}")
    return TOYS[name]


def real_loss_case(name: RealLossCase, size: float = 2.0) -> FloatArray:
    """The start of a toy case inside the real loss (Problem(), one neuron).

    ``"E6"``: a dead neuron; at step size 1/(2 length) the output bias jumps onto the plateau's
    minimum. ``"E7"``: the sharp global minimum (1/size, 1/2, size, −size/2), which gradient descent
    leaves when 2/step size is below its largest eigenvalue. ``"E8"``: just beside a semi-inactive
    neuron of the sign that keeps it dead: a local minimum without a Hessian that attracts.

    Raises:
        ValueError: for an unknown case or a size <= 0.

    >>> real_loss_case("E7").tolist()
    [0.5, 0.5, 2.0, -1.0]
    """
    if not (np.isfinite(size) and size > 0):
        raise ValueError(f"size is {size}; a positive number is needed")
    cases = {
        "E6": (-1.0, -0.5, 1.0, 0.1),
        "E7": (1.0 / size, 0.5, size, -0.5 * size),
        "E8": (-1.0, 0.01, 0.5, Problem().mean_target),
    }
    if name not in cases:
        raise ValueError(f"no case {name!r}; there are {', '.join(cases)}")
    return join(*cases[name])
