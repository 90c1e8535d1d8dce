"""The named experiments: the paper's runs, the rates table, the ensemble, the catapult, samples.

Each returns a record or a table of plain numbers, ready for a figure or a page.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.asymptotics import (
    exponents,
    late_orbit,
    leading_alignment,
    leading_norm,
)
from ttlearn.directional.descent import descent
from ttlearn.directional.flow import cartesian_flow, flow
from ttlearn.directional.law import Law
from ttlearn.directional.laws import Gaussian, Sphere
from ttlearn.directional.orbits import alignment_constant
from ttlearn.directional.samples import (
    departure_time,
    draw_sample,
    max_margin,
    sample_flow,
    statistical_floor,
)
from ttlearn.directional.tables import Tabulated
from ttlearn.directional.two_nodes import two_node_flow
from ttlearn.dynamics.checks import check_count
from ttlearn.records import Trajectory

PAPER_ANGLE = math.acos(-0.8)
TWO_NODE_LAWS: tuple[Law, ...] = (Sphere(2), Sphere(3), Gaussian(2), Gaussian(3))
DECADES = tuple(10.0**e for e in range(2, 9))


class RateRow(NamedTuple):
    """One row of the rates table: measured numbers and their ratio to theory."""

    depth: int
    time: float
    norm: float
    norm_over_leading: float
    alignment: float
    alignment_over_leading: float
    alignment_over_next: float
    loss_times_norm_over_tail: float
    norm_power: float
    norm_power_theory: float
    alignment_power: float
    alignment_power_theory: float


def rates_table(
    law: Law | None = None,
    depths: tuple[int, ...] = (1, 2, 3, 4),
    times: Any = DECADES,
    start: tuple[float, float] = (1.0, 2.0),
) -> list[RateRow]:
    """Rates, theory and measured: one row for each depth and time.

    ``alignment`` is -y = ln cot(theta/2). The powers are local, from t/1.01 to t. The next order
    needs a law with E[1/r] finite; it is NaN elsewhere.

    >>> row = rates_table(depths=(1,), times=[1e8])[0]
    >>> round(row.norm, 2), round(row.norm_power, 4)
    (581.73, 0.3333)
    """
    law = Gaussian() if law is None else law
    found = checks.times(times)
    both = np.unique(np.concatenate([found / 1.01, found]))
    rows: list[RateRow] = []
    for depth in depths:
        run = flow(law, *start, both, depth, rtol=1e-11)
        regular = math.isfinite(law.density_at_zero)
        constant = alignment_constant(law, *start, depth) if regular else math.nan
        rows += [_row(law, run, depth, float(t), constant) for t in found]
    return rows


def _row(law: Law, run: Trajectory, depth: int, time: float, constant: float) -> RateRow:
    i = int(np.searchsorted(run.times, time * (1 - 1e-12)))
    norm, y = float(run["norm"][i]), float(run["log_half_angle"][i])
    said = exponents(law, depth)
    stretch = math.log(run.times[i] / run.times[i - 1])
    return RateRow(
        depth,
        time,
        norm,
        norm / float(leading_norm(law, [time], depth)[0]),
        -y,
        -y / float(leading_alignment(law, leading_norm(law, [time], depth), depth)[0]),
        y / float(late_orbit(law, norm, constant, depth)) if constant == constant else math.nan,
        float(run.losses[i]) * norm / law.tail,
        math.log(norm / run["norm"][i - 1]) / stretch,
        said.norm,
        math.log(y / run["log_half_angle"][i - 1]) / stretch,
        said.alignment,
    )


def paper_runs(times: Any = None) -> dict[int, Trajectory]:
    """The paper's population runs: the circle, w0 = (0.6, -0.8), v = (0, 1), depths 1 and 4.

    >>> sorted(paper_runs([1.0, 10.0]))
    [1, 4]
    """
    grid = np.linspace(0.0, 20.0, 401) if times is None else times
    return {depth: flow(Sphere(2), 1.0, PAPER_ANGLE, grid, depth) for depth in (1, 4)}


def catapult(
    step_size: float = 1.0, steps: int = 8000, depth: int = 3, keep: int = 2001
) -> Trajectory:
    """Fixed-step descent of a deep linear network through the loss of its direction.

    >>> run = catapult(steps=3200, keep=33)
    >>> bool(run["log_half_angle"].min() < -500), bool(run["angle"][-3:].max() > 1e-3)
    (True, True)
    """
    last = check_count(steps, "steps", 1, 100_000_000)
    kept = np.unique(np.round(np.linspace(0, last, min(keep, last + 1)))).astype(int)
    return descent(Tabulated(Gaussian()), 1.0, PAPER_ANGLE, step_size, kept, depth)


class SampleRuns(NamedTuple):
    """Finite-sample runs beside the population.

    Fields:
        runs: one Trajectory for each seed.
        population: the population flow at the same times.
        floor: the predicted root mean square angle at those times.
        departure: t*.
        margins: the angle of each sample's maximum-margin direction.
    """

    runs: list[Trajectory]
    population: Trajectory
    floor: np.ndarray[Any, np.dtype[np.float64]]
    departure: float
    margins: list[float]


def sample_runs(
    count: int = 1000, replicates: int = 8, last: float = 1e4, seed: int = 0
) -> SampleRuns:
    """Flows on Gaussian samples in the plane from w0 = (0.5, 0.8), with their floor and t*.

    >>> found = sample_runs(count=100, replicates=2, last=100.0)
    >>> len(found.runs), f"{found.departure:.1e}"
    (2, '2.6e+05')
    """
    law, start = Gaussian(), [0.5, 0.8]
    repeats = check_count(replicates, "replicates", 1, 10_000)
    times = np.geomspace(0.1, checks.positive(last, "last"), 60)
    samples = [draw_sample(law, count, seed + i) for i in range(repeats)]
    late = last > 1e5
    options: dict[str, Any] = {"method": "rkc2" if late else "dopri5", "rtol": 1e-5}
    runs = [sample_flow(points, start, times, **options) for points in samples]
    population = cartesian_flow(law, start, times)
    best = [max_margin(points)[0] for points in samples]
    return SampleRuns(
        runs,
        population,
        statistical_floor(law, count, population["norm"]),
        departure_time(law, count),
        [math.atan2(direction[1], direction[0]) for direction in best],
    )


class TwoNodeStarts(NamedTuple):
    """What random starts of the two-node network did, as counts.

    Fields:
        starts: how many.
        aligned: both neuron angles were below 1e-3 at the last time.
        monotone: v.w1 rose and v.w2 fell throughout.
        angle_rises: a neuron's angle rose by more than 1e-3.
        boundary_rises: the boundary's angle rose by more than 1e-3.
        largest_angle: of a neuron at the last time.
        largest_growth: of the sum of the squared transverse parts, over its smallest value before.
    """

    starts: int
    aligned: int
    monotone: int
    angle_rises: int
    boundary_rises: int
    largest_angle: float
    largest_growth: float


def two_node_starts(
    count: int = 8,
    last: float = 3.3e3,
    leak: float = 0.1,
    law: Law | None = None,
    seed: int = 0,
) -> TwoNodeStarts:
    """Random two-node starts: how many align, and what is monotone.

    The starts have the law's dimension (the circle's by default) and norms from 0.1 to 8.

    >>> found = two_node_starts(count=2, last=300.0)
    >>> found.starts, found.monotone
    (2, 2)
    """
    law = Sphere(2) if law is None else law
    random = np.random.default_rng(seed)
    times = np.concatenate([[0.0], np.geomspace(1e-2, checks.positive(last, "last"), 40)])
    seen = []
    for _ in range(check_count(count, "count", 1, 100_000)):
        sizes = np.exp(random.uniform(math.log(0.1), math.log(8), 2))
        turns = random.standard_normal((2, law.dimension))
        first, second = sizes[:, None] * turns / np.linalg.norm(turns, axis=1, keepdims=True)
        seen.append(_seen(two_node_flow(law, first, second, times, leak, rtol=1e-7)))
    return _total(seen)


def _seen(run: Trajectory) -> TwoNodeStarts:
    angles = np.stack([run["first_angle"], run["second_angle"]])
    along = np.diff(run["first"][:, 0]), -np.diff(run["second"][:, 0])
    across = (run["first"][:, 1:] ** 2 + run["second"][:, 1:] ** 2).sum(1)
    worst = float(angles[:, -1].max())
    return TwoNodeStarts(
        starts=1,
        aligned=int(worst < 1e-3),
        monotone=int(min(along[0].min(), along[1].min()) > 0),
        angle_rises=int((angles - np.minimum.accumulate(angles, 1)).max() > 1e-3),
        boundary_rises=int(
            (run["boundary_angle"] - np.minimum.accumulate(run["boundary_angle"])).max() > 1e-3
        ),
        largest_angle=worst,
        # Parts that are gone are rounding, and their ratios too.
        largest_growth=float((across / np.minimum.accumulate(across))[across > 1e-6].max()),
    )


def _total(parts: list[TwoNodeStarts]) -> TwoNodeStarts:
    counts = [sum(column) for column in zip(*(part[:5] for part in parts), strict=True)]
    largest = [max(column) for column in zip(*(part[5:] for part in parts), strict=True)]
    return TwoNodeStarts(*counts, *largest)


def two_node_table(
    starts: int = 8, last: float = 3e4, laws: tuple[Law, ...] = TWO_NODE_LAWS
) -> TwoNodeStarts:
    """The two-node global statement, measured: every law with three leaks.

    As it stands, 96 starts: circle, sphere and Gaussian, in the plane and in space.

    >>> two_node_table(starts=1, last=10.0, laws=(Sphere(2),)).starts
    3
    """
    cases = [(law, leak) for law in laws for leak in (0.0, 0.1, 0.4)]
    return _total(
        [two_node_starts(starts, last, leak, law, seed) for seed, (law, leak) in enumerate(cases)]
    )
