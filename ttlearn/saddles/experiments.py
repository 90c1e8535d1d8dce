"""The wing's experiments: how fast saddles are left, and where gradient descent ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ttlearn.dynamics.checks import check_count
from ttlearn.records import Trajectory
from ttlearn.saddles.constructors import saddle
from ttlearn.saddles.descent import gradient_descent, random_starts
from ttlearn.saddles.endings import (
    ENDINGS,
    BasinSlice,
    basin_slice,
    endings,
    endings_table,
    judge_endings,
)
from ttlearn.saddles.escape import escape_direction, escape_slope, escape_steps, predicted_steps
from ttlearn.saddles.problem import FloatArray, Problem, check_parameters, join
from ttlearn.saddles.sweep import gradient_kernel, loss_kernel
from ttlearn.saddles.zigzag import First, zigzag

__all__ = [
    "ENDINGS",
    "ESCAPE_CASES",
    "BasinSlice",
    "EscapeCase",
    "EscapeRow",
    "basin_slice",
    "endings",
    "endings_table",
    "escape_table",
    "half_loss_times",
    "judge_endings",
    "small_start_rate",
    "staircase",
    "starts_below",
]


@dataclasses.dataclass(frozen=True)
class EscapeCase:
    """A saddle and a step size."""

    name: str
    problem: Problem
    level: int
    first: First
    step_size: float


ESCAPE_CASES = (
    EscapeCase("n = 2 on [0, 1]", Problem(), 2, "right", 0.2),
    EscapeCase("n = 2 on [-1, 1]", Problem(-1.0, 1.0), 2, "right", 0.1),
    EscapeCase("n = 4 on [0, 1]", Problem(), 4, "right", 0.2),
    EscapeCase("leak 1/4, m = 1, right first", Problem(leak=0.25), 1, "right", 0.2),
    EscapeCase("leak 1/4, m = 2, right first", Problem(leak=0.25), 2, "right", 0.2),
    EscapeCase("leak 1/4, m = 2, left first", Problem(leak=0.25), 2, "left", 0.2),
)


@dataclasses.dataclass(frozen=True)
class EscapeRow:
    """Counted and predicted escapes from one saddle, along plus and minus the unstable direction.

    Arguments:
        case: saddle and step size.
        smallest: most negative eigenvalue.
        sizes: shape (K,), perturbation sizes.
        counts: shape (2, K), steps until the distance exceeds 0.05.
        predictions: shape (K,).
        slope: steps for each e-folding of 1/size, counted, mean of both signs.
        predicted_slope: 1/ln(1 + step_size·|λ_min|).
    """

    case: EscapeCase
    smallest: float
    sizes: FloatArray
    counts: NDArray[np.int64]
    predictions: FloatArray
    slope: float
    predicted_slope: float

    @property
    def relative_error(self) -> float:
        """Counted over predicted slope, minus 1."""
        return self.slope / self.predicted_slope - 1.0


def escape_table(
    cases: Sequence[EscapeCase] = ESCAPE_CASES,
    sizes: Sequence[float] = (1e-3, 1e-5, 1e-7, 1e-9),
) -> tuple[EscapeRow, ...]:
    """Count escape steps from each saddle for each perturbation size.

    Arguments:
        cases: saddles and step sizes.
        sizes: at least two, decreasing, below 0.05.

    Returns:
        One row per case.

    Raises:
        ValueError: for fewer than two sizes, or bad ones.

    >>> row, = escape_table(ESCAPE_CASES[:1], sizes=(1e-2, 1e-4))
    >>> row.counts[0].tolist()
    [302, 1167]
    """
    steps = np.asarray(sizes, float)
    if steps.size < 2 or np.any(np.diff(steps) >= 0):
        raise ValueError(f"sizes are {sizes}; at least two decreasing numbers are needed")
    rows = []
    for case in cases:
        point = saddle(case.problem, case.level, first=case.first)
        smallest, direction = escape_direction(case.problem, point)
        shifts = np.concatenate([steps, -steps])[:, None] * direction
        counts = escape_steps(case.problem, point, shifts, case.step_size).reshape(2, -1)
        gained = np.log(steps[0] / steps[-1])
        slope = float(np.mean(counts[:, -1] - counts[:, 0]) / gained)
        wanted = [predicted_steps(case.step_size, smallest, size) for size in steps]
        predicted = escape_slope(case.step_size, smallest)
        rows.append(EscapeRow(case, smallest, steps, counts, np.array(wanted), slope, predicted))
    return tuple(rows)


def small_start_rate(problem: Problem) -> tuple[float, FloatArray]:
    """Rate at which a tiny network leaves the plateau, and the unit (w, b) that grows fastest.

    Near w = b = v = 0: (ẇ, ḃ) = −v ∇Φ, v̇ = −Φ with Φ(w, b) = 2∫σ(wx+b)(mean target − target) dx,
    homogeneous of degree 1; the rate is max |Φ| on the unit circle.

    Source: derived here.

    >>> round(small_start_rate(Problem())[0], 9)
    0.166666667
    """
    problem.need_slope()

    def size(angle: float) -> float:
        point = join(np.cos(angle), np.sin(angle), 0.0, problem.mean_target)
        return abs(float(gradient_kernel(problem, point)[2]))

    angles = np.linspace(0.0, 2.0 * np.pi, 721)
    best = angles[int(np.argmax([size(angle) for angle in angles]))]
    width = angles[1] - angles[0]
    for _ in range(60):
        tries = best + width * np.linspace(-1.0, 1.0, 5)
        best = tries[int(np.argmax([size(angle) for angle in tries]))]
        width *= 0.6
    return size(best), np.array([np.cos(best), np.sin(best)])


def half_loss_times(
    problem: Problem,
    sizes: Sequence[float],
    *,
    n_neurons: int = 10,
    n_starts: int = 20,
    step_size: float = 0.1,
    n_steps: int = 1500,
    every: int = 5,
    seed: int = 0,
) -> FloatArray:
    """Median time until the loss is half the plateau's, for starts of each size, c at rest.

    Arguments:
        sizes: standard deviations of w, b, v.
        n_neurons, n_starts, step_size, n_steps, seed: of the runs.
        every: the loss is looked at every so many steps.

    Returns:
        Shape (len(sizes),), in time = step·step_size; infinity where half of the runs never got
        there.

    >>> bool(half_loss_times(Problem(), [1e-1, 1e-2])[1] > 15)
    True
    """
    times = []
    for size in sizes:
        starts = random_starts(
            n_starts, n_neurons, size, output_bias=problem.mean_target, seed=seed
        )
        run = gradient_descent(
            problem, starts, step_size, n_steps, keep=n_steps // every + 1, progress=False
        )
        below = run.losses < 0.5 * problem.plateau_loss
        first = np.where(below.any(axis=0), run.times[below.argmax(axis=0)], np.inf)
        times.append(step_size * float(np.median(first)))
    return np.array(times)


def staircase(
    level: int = 2,
    offset: float = 1e-2,
    *,
    scale: float = 3.0,
    step_size: float = 0.05,
    n_steps: int = 20_000,
    keep: int = 2001,
) -> Trajectory:
    """Descend the plateaus 1/12 → L_n → 0: breakpoints start ``offset`` beside a saddle's.

    Large inner weights keep the breakpoints still while v fits, so the run first lands on the
    saddle with ``level`` breakpoints and then leaves it.

    Arguments:
        level: 2, 4, ….
        offset: distance of the first breakpoint to the saddle's, alternating in sign.
        scale: |w|.
        step_size, n_steps, keep: as in :func:`ttlearn.saddles.gradient_descent`.

    Returns:
        The Trajectory over steps.

    >>> run = staircase(n_steps=400, keep=3)
    >>> bool(972 * run.losses[-1] < 1.01)
    True
    """
    problem = Problem()
    shape = zigzag(problem, level)
    w = scale * shape.orientations
    kinks = shape.breakpoints + offset * shape.orientations
    start = join(w, -w * kinks, np.zeros(level), problem.mean_target)
    return gradient_descent(problem, start, step_size, n_steps, keep=keep, progress=False)


def starts_below(
    problem: Problem,
    bound: float,
    n_starts: int,
    n_neurons: int,
    *,
    scale: float = 0.7,
    seed: int = 0,
) -> FloatArray:
    """Random starts whose loss is already below ``bound``: drawn, then kept or thrown away.

    Arguments:
        bound: a loss above 0.
        n_starts, n_neurons, scale, seed: as in :func:`ttlearn.saddles.random_starts`.

    Returns:
        Shape (n_starts, 3N+1).

    Raises:
        ValueError: when fewer than ``n_starts`` of 1000·n_starts draws qualify.

    >>> starts_below(Problem(), 1 / 12, 3, 2).shape
    (3, 7)
    """
    n_starts = check_count(n_starts, "n_starts", 1, 10**6)
    draws = random_starts(min(1000 * n_starts, 10**6), n_neurons, scale, seed=seed)
    draws[:, -1] = problem.mean_target + 0.3 * draws[:, 0]
    found: list[FloatArray] = []
    for row in draws:
        if loss_kernel(problem, check_parameters(row)) < bound:
            found.append(row)
            if len(found) == n_starts:
                return np.stack(found)
    raise ValueError(f"only {len(found)} of {len(draws)} draws start below {bound}; raise scale")
