"""Online SGD of the step network: steps per second, one run and many, the same samples for all."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from jax import lax

from benchmarks.measure import Absent, Contestant, Row, installed
from benchmarks.peers_sgd import numba_steps, numpy_steps, torch_steps
from ttlearn.dynamics import run_ensemble, stochastic_descent
from ttlearn.two_timescale import PAPER_TARGET, draw_positions
from ttlearn.two_timescale.recursion import STEPS, padded

NEURONS, WIDTH, STEP_SIZE, RATIO = 20, 4e-3, 1e-3, 2e-5
NUMBA_NOTE = (
    "may reorder the sum over neurons (fastmath) and skips the neurons off their ramps; XLA keeps "
    "the order, and its loop costs some 10 ns a step"
)
RATES = (2 * STEP_SIZE, 2 * STEP_SIZE * RATIO)


@functools.cache
def samples(runs: int, count: int) -> tuple[Any, Any]:
    """x and the noisy target there, each of shape (count, runs)."""
    random = np.random.default_rng(0)
    x = random.random((count, runs))
    return x, PAPER_TARGET(x) + random.uniform(-1, 1, (count, runs))


@functools.cache
def starts(runs: int) -> Any:
    """Sorted random positions, shape (runs, neurons)."""
    return np.stack([draw_positions(NEURONS, seed) for seed in range(runs)])


def ttlearn_single(count: int) -> Callable[[], Any]:
    x, y = (array[:, 0] for array in samples(1, count))
    initial = padded(np.zeros(NEURONS + 1), starts(1)[0])

    def task() -> Any:
        run = stochastic_descent(
            STEPS["box", False],
            initial,
            (x, y),
            count,
            keep=2,
            chunk=65_536,
            parameters=(WIDTH, *RATES),
            progress=False,
        )
        return _state(run.state["weights"], run.state["positions"])

    return task


def _state(weights: Any, positions: Any) -> Any:
    weights = np.asarray(weights)[..., : NEURONS + 1]
    return np.concatenate([weights, np.asarray(positions)[..., 1 : NEURONS + 1]], axis=-1)


def _member(inputs: Any) -> Any:
    step = STEPS["box", False]

    def body(i: Any, state: Any) -> Any:
        return step(state, (inputs["x"][i], inputs["y"][i]), WIDTH, *RATES)

    state = {"weights": inputs["weights"], "positions": inputs["positions"]}
    return lax.fori_loop(0, inputs["x"].shape[0], body, state)


def ttlearn_many(runs: int, count: int) -> Callable[[], Any]:
    x, y = samples(runs, count)
    packed = [padded(np.zeros(NEURONS + 1), start) for start in starts(runs)]
    state = {name: np.stack([one[name] for one in packed]) for name in packed[0]}
    inputs = {"x": np.ascontiguousarray(x.T), "y": np.ascontiguousarray(y.T), **state}

    def task() -> Any:
        found = run_ensemble(_member, inputs, chunk=runs, progress=False).results
        return _state(found["weights"], found["positions"])

    return task


def _peer(steps: Callable[..., Any], runs: int) -> Callable[[int], Callable[[], Any]]:
    def prepare(count: int) -> Callable[[], Any]:
        x, y = samples(runs, count)
        return functools.partial(steps, x, y, starts(runs), WIDTH, *RATES)

    return prepare


def _error(runs: int, check: int) -> Callable[[Any], float]:
    def error(result: Any) -> float:
        x, y = samples(runs, check)
        exact = numpy_steps(x, y, starts(runs), WIDTH, *RATES)
        return float(np.abs(np.reshape(result, exact.shape) - exact).max())

    return error


def rows(quick: bool) -> list[Row]:
    """Single run, 64 and 1024 runs; quick: one run and 8."""
    scale = 20 if quick else 1
    single = Row(
        "sgd_1",
        "Online SGD, one run of 20 neurons",
        "step",
        (
            Contestant("ttlearn", ttlearn_single, 1_000_000 // scale, own=True),
            Contestant("NumPy loop", _peer(numpy_steps, 1), 4_000 // scale),
            *_compiled_peers(1, 1_000_000 // scale, 2_000 // scale),
        ),
        _error(1, 2_000),
        2_000,
    )
    many = [
        Row(
            f"sgd_{runs}",
            f"Online SGD, {runs} runs side by side",
            "step of all runs",
            (
                Contestant("ttlearn", functools.partial(ttlearn_many, runs), length, own=True),
                Contestant("NumPy, vectorised over runs", _peer(numpy_steps, runs), length // 20),
                *_compiled_peers(runs, length, length // 20),
            ),
            _error(runs, 100),
            100,
        )
        for runs, length in (((8, 2_000),) if quick else ((64, 40_000), (1024, 4_000)))
    ]
    return [single, *many]


def _compiled_peers(runs: int, numba_size: int, torch_size: int) -> list[Contestant | Absent]:
    return [
        installed(
            "numba",
            "numba",
            lambda: Contestant("numba", _peer(numba_steps, runs), numba_size, NUMBA_NOTE),
        ),
        installed(
            "PyTorch, eager",
            "torch",
            lambda: Contestant("PyTorch, eager", _peer(torch_steps(False), runs), torch_size),
        ),
        installed(
            "PyTorch, compiled",
            "torch",
            lambda: Contestant("PyTorch, compiled", _peer(torch_steps(True), runs), torch_size),
        ),
    ]
