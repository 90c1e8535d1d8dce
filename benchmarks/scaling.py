"""How cost grows with neurons, runs and steps: measured times and the fitted exponent."""

from __future__ import annotations

import dataclasses
import functools
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.rows_relu import exact_gradients
from benchmarks.rows_relu import starts as networks
from benchmarks.rows_sgd import ttlearn_many
from ttlearn.dynamics import run_ensemble
from ttlearn.precision import float64
from ttlearn.two_timescale import sgd


@dataclasses.dataclass(frozen=True)
class Growth:
    """Times in seconds at some sizes, and the slope of log time against log size at the large end.

    The fit takes the upper half of the sizes, where fixed costs no longer hide the growth.
    """

    name: str
    title: str
    variable: str
    sizes: list[int]
    seconds: list[float]
    exponent: float


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Slope of log seconds against log size over the upper half of the sizes.

    >>> round(exponent([1, 2, 4, 8], [9.0, 1.0, 4.0, 16.0]), 6)
    2.0
    """
    half = len(sizes) // 2
    return float(np.polyfit(np.log(sizes[half:]), np.log(seconds[half:]), 1)[0])


def _gradients(neurons: int) -> Callable[[], Any]:
    batch = networks(256, neurons)

    def task() -> Any:
        with float64():
            return np.asarray(exact_gradients(batch))

    return task


def _sgd(steps: int) -> Callable[[], Any]:
    return lambda: sgd(timescale_ratio=2e-5, steps=steps, keep=2, progress=False)


def _overhead(member: Any) -> Any:
    return member + 1.0


def _members(count: int) -> Callable[[], Any]:
    values = np.zeros(count)
    return lambda: run_ensemble(_overhead, values, progress=False)


def measure_growth(quick: bool, rounds: int) -> list[Growth]:
    """All growth curves of ttlearn itself."""
    cases: list[tuple[str, str, str, list[int], Callable[[int], Callable[[], Any]]]] = [
        (
            "gradient_neurons",
            "Exact ReLU gradient, 256 networks",
            "neurons",
            [2, 4, 8] if quick else [4, 8, 16, 32, 64, 128],
            _gradients,
        ),
        (
            "sgd_steps",
            "Online SGD, one run of 20 neurons",
            "steps",
            [1_000, 10_000] if quick else [10_000, 100_000, 1_000_000, 10_000_000],
            _sgd,
        ),
        (
            "sgd_runs",
            "Online SGD, 1000 steps side by side",
            "runs",
            [2, 8] if quick else [4, 16, 64, 256, 1024],
            functools.partial(_runs, 100 if quick else 1000),
        ),
        (
            "ensemble_members",
            "Ensemble of a kernel that does nothing",
            "members",
            [10, 100] if quick else [1_000, 10_000, 100_000, 1_000_000],
            _members,
        ),
    ]
    return [_grow(*case, rounds=rounds) for case in cases]


def _runs(steps: int, runs: int) -> Callable[[], Any]:
    return ttlearn_many(runs, steps)


def _grow(
    name: str,
    title: str,
    variable: str,
    sizes: list[int],
    prepare: Callable[[int], Callable[[], Any]],
    rounds: int,
) -> Growth:
    seconds = []
    for size in sizes:
        task = prepare(size)
        task()
        times = []
        for _ in range(rounds):
            begin = time.perf_counter()
            task()
            times.append(time.perf_counter() - begin)
        seconds.append(statistics.median(times))
    return Growth(name, title, variable, sizes, seconds, exponent(sizes, seconds))
