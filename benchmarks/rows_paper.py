"""The paper's two long experiments, whole, against the published loop on a short stretch.

The published code makes one Python step after another and one run after another. A plain NumPy
loop of the same recursion does so here on a few thousand steps, and is compared by the step.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from benchmarks.measure import Contestant, Row
from benchmarks.peers_sgd import numpy_steps
from ttlearn.dynamics.streams import draw_chunk
from ttlearn.precision import float64
from ttlearn.two_timescale import PAPER_TARGET, draw_positions, losses_along, sgd
from ttlearn.two_timescale.experiments import paper_start, run_experiment
from ttlearn.two_timescale.experiments.sweep import RATIOS, STEPS, box_plot
from ttlearn.two_timescale.experiments.training import NEURONS, SETTINGS, WIDTH
from ttlearn.two_timescale.recursion import CHUNK, drawer

SEED, RUNS = 42, 20
STEP_SIZE, RATIO, _, LONG = SETTINGS["E3"]
SWEEP = RUNS * sum(last for _, last in STEPS.values())
"""Steps of all 60 runs of E5."""
LOOP = "NumPy loop"


@functools.cache
def samples(seed: int, runs: int | None, count: int) -> tuple[Any, Any]:
    """What ttlearn's run with this seed draws first: x and noisy target, shape (count, runs)."""
    chunk = CHUNK[runs is not None]
    with float64():
        draw = drawer(PAPER_TARGET, 1.0, runs)
        pair = draw_chunk(draw, jax.random.key(seed), 0, chunk, np.float64)
        x, y = (np.asarray(part).reshape(chunk, runs or 1)[:count] for part in pair)
    return x, y


def rates(step_size: float, ratio: float) -> tuple[float, float]:
    """What the recursion multiplies with, for weights and for positions."""
    return 2 * step_size, 2 * step_size * ratio


def long_run(size: int) -> Callable[[], Any]:
    """E3 as it is called by name; or as many of its steps, without the limit beside them."""

    def task() -> Any:
        if size == LONG:
            run = run_experiment("E3", progress=False).record
        else:
            run = sgd(
                paper_start(),
                timescale_ratio=RATIO,
                step_size=STEP_SIZE,
                steps=size,
                seed=SEED,
                keep=2,
                progress=False,
            )
        return np.concatenate([run["outer_weights"][-1], run["positions"][-1]])[None]

    return task


def long_loop(size: int) -> Callable[[], Any]:
    """The first steps of E3, by NumPy."""
    x, y = samples(SEED, None, size)
    start = paper_start()[None]
    return functools.partial(numpy_steps, x, y, start, WIDTH, *rates(STEP_SIZE, RATIO))


def box(size: int) -> Callable[[], Any]:
    """Final losses of E5, (ratios, runs), as it is called by name; or of shorter runs."""

    def task() -> Any:
        if size == SWEEP:
            return run_experiment("E5", progress=False).record["final_losses"]
        steps = size // (RUNS * len(RATIOS))
        plan = dict.fromkeys(RATIOS, (steps, steps))
        return box_plot(steps=plan, progress=False).record["final_losses"]

    return task


def box_loop(size: int) -> Callable[[], Any]:
    """The first steps of each run of E5, one run after the other, by NumPy."""
    steps = size // (RUNS * len(RATIOS))
    seeds = [3 * SEED + number for number in range(len(RATIOS))]
    drawn = [samples(seed, RUNS, steps) for seed in seeds]
    starts = [
        [draw_positions(NEURONS, seed * 1_000_003 + run)[None] for run in range(RUNS)]
        for seed in seeds
    ]

    def one(number: int, run: int) -> Any:
        x, y = (part[:, run, None] for part in drawn[number])
        step = rates(STEP_SIZE, RATIOS[number])
        return numpy_steps(x, y, starts[number][run], WIDTH, *step)[0]

    def task() -> Any:
        ends = np.array([[one(number, run) for run in range(RUNS)] for number in range(len(seeds))])
        flat = ends.reshape(-1, ends.shape[-1])
        states = {"outer_weights": flat[:, : NEURONS + 1], "positions": flat[:, NEURONS + 1 :]}
        return losses_along(states, PAPER_TARGET, WIDTH).reshape(ends.shape[:-1])

    return task


def _apart(reference: Callable[[int], Callable[[], Any]], size: int) -> Callable[[Any], float]:
    return lambda result: float(np.abs(result - reference(size)()).max())


def rows(quick: bool) -> list[Row]:
    """E3 and E5 at the paper's size; quick: short runs of both."""
    check, check_all = 2_000, 60 * 100
    long, sweep = (200_000, 60 * 2_000) if quick else (LONG, SWEEP)
    stretch, stretch_all = (400, 60 * 10) if quick else (10_000, 60 * 200)
    return [
        Row(
            "paper_e3",
            f"The paper's long run: {long:,} steps of online SGD, ratio {RATIO:g}",
            "step",
            (
                Contestant("ttlearn", long_run, long, "start to record", own=True),
                Contestant(LOOP, long_loop, stretch, f"its first {stretch:,} steps"),
            ),
            _apart(long_loop, check),
            check,
        ),
        Row(
            "paper_e5",
            f"The paper's box plot: {RUNS * len(RATIOS)} runs, {sweep:,} steps of online SGD",
            "step of one run",
            (
                Contestant("ttlearn", box, sweep, "start to record", own=True),
                Contestant(LOOP, box_loop, stretch_all, f"{stretch_all // 60:,} steps of each run"),
            ),
            _apart(box_loop, check_all),
            check_all,
        ),
    ]
