"""Gradient descent and gradient flow on the exact loss, for one start or for many in one call."""

from __future__ import annotations

from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from ttlearn.dynamics import Descent, DivergedError, Failure, FlowError, evenly_spaced_steps
from ttlearn.dynamics import gradient_flow as solve
from ttlearn.dynamics.checks import check_count
from ttlearn.dynamics.flow import broken_off
from ttlearn.precision import float64
from ttlearn.records import Trajectory
from ttlearn.saddles.checks import check_positive
from ttlearn.saddles.descent_programs import run_tiles
from ttlearn.saddles.problem import FloatArray, Problem, check_parameters
from ttlearn.saddles.sweep import gradient_kernel, loss_kernel
from ttlearn.saddles.zigzag import check_width

MAX_STARTS = 10**7


def random_starts(
    n_starts: int, n_neurons: int, scale: float = 1.0, *, output_bias: float = 0.0, seed: int = 0
) -> FloatArray:
    """Random parameters (S, 3N+1): w, b, v ~ N(0, scale²), c = ``output_bias``.

    Arguments:
        n_starts: S, from 1 to 10⁷.
        n_neurons: N.
        scale: standard deviation, >= 0.
        output_bias: a number.
        seed: same seed, same starts.

    Raises:
        ValueError: when a number is out of range.

    >>> random_starts(5, 2).shape
    (5, 7)
    """
    n_neurons = check_width(n_neurons)
    n_starts = check_count(n_starts, "n_starts", 1, MAX_STARTS)
    seed = check_count(seed, "seed", 0, 2**62)
    if not (np.isfinite(scale) and scale >= 0 and np.isfinite(output_bias)):
        raise ValueError(f"scale {scale}, output_bias {output_bias}: finite, scale >= 0, needed")
    with float64():
        draws = jax.random.normal(jax.random.key(seed), (n_starts, 3 * n_neurons), jnp.float64)
        starts = scale * np.asarray(draws)
    return np.concatenate([starts, np.full((n_starts, 1), float(output_bias))], axis=1)


def gradient_descent(
    problem: Problem,
    starts: ArrayLike,
    step_size: float,
    n_steps: int,
    *,
    timescale_ratio: float = 1.0,
    keep: int = 2,
    progress: bool = True,
    on_divergence: Literal["raise", "keep"] = "raise",
) -> Trajectory:
    """φ ← φ − step_size·𝒢(φ), exact, in float64, from one start or from many, on all devices.

    With a timescale ratio other than 1 the inner weights and biases take steps of
    timescale_ratio·step_size, the outer weights and the output bias steps of step_size.

    Arguments:
        problem: interval, target and leak.
        starts: shape (3N+1,) for one run, (S, 3N+1) for S runs. Every run takes all its steps.
        step_size: > 0 and below 1/length: from there on the output bias alone diverges.
        n_steps: >= 1.
        timescale_ratio: inner over outer rate, > 0.
        keep: snapshots at this many evenly spaced steps, 0 and the last among them. Memory is that
            of the snapshots, whatever ``n_steps`` is.
        progress: show a bar.
        on_divergence: ``"raise"``; or ``"keep"`` to allow any step size, and to get runs that left
            the finite numbers back, with infinite loss and counted in ``meta["diverged"]``.

    Returns:
        A Trajectory over steps: ``parameters`` (K, 3N+1) or (K, S, 3N+1), losses (K,) or (K, S).

    Raises:
        ValueError: for bad starts, step size, ratio or counts.
        DivergedError: when a run leaves the finite numbers.

    Source: exact gradient derived here.

    >>> run = gradient_descent(Problem(), random_starts(3, 2), 0.1, 50, progress=False)
    >>> run["parameters"].shape, run.losses.shape
    ((2, 3, 7), (2, 3))
    """
    batch = check_parameters(starts, ndim=2 if np.ndim(starts) == 2 else 1)
    single = batch.ndim == 1
    batch = np.atleast_2d(batch)
    check_step_size(problem, step_size, on_divergence)
    rates = _rates(batch.shape[1], float(step_size), timescale_ratio)
    steps = evenly_spaced_steps(n_steps, keep)
    snapshots, losses = run_tiles(problem, batch, rates, steps, progress)
    lost = ~np.all(np.isfinite(snapshots[-1]), axis=1)
    losses = np.where(np.isfinite(losses), losses, np.inf)
    if single:
        snapshots, losses = snapshots[:, 0], losses[:, 0]
    if np.any(lost) and on_divergence == "raise":
        finite = np.all(np.isfinite(snapshots), axis=tuple(range(1, snapshots.ndim)))
        raise DivergedError(
            f"{int(lost.sum())} of {lost.size} runs left the finite numbers with step size "
            f"{step_size}; take a smaller one, or pass on_divergence='keep' to look at them",
            Descent(steps, snapshots, losses, finite),
        )
    names = ("time", "parameter") if single else ("time", "run", "parameter")
    meta = {"time": "step", "step_size": float(step_size), "diverged": int(lost.sum())}
    meta["timescale_ratio"] = float(timescale_ratio)
    meta["problem"] = {name: getattr(problem, name) for name in Problem.__dataclass_fields__}
    return Trajectory(steps, {"parameters": snapshots}, losses, {"parameters": names}, meta)


def check_step_size(problem: Problem, step_size: float, on_divergence: str) -> None:
    """Refuse a step size that is no positive number, or that makes the output bias diverge."""
    if on_divergence not in ("raise", "keep"):
        raise ValueError(f"on_divergence {on_divergence!r}; allowed are 'raise' and 'keep'")
    if not (np.isfinite(step_size) and step_size > 0):
        raise ValueError(f"step_size is {step_size}; a finite number above 0 is needed")
    if step_size * problem.length >= 1.0 and on_divergence == "raise":
        raise ValueError(
            f"step_size is {step_size}; from 1/length = {1 / problem.length:.6g} on the output "
            "bias oscillates or diverges whatever the neurons do; take a smaller one, or pass "
            "on_divergence='keep' to watch it"
        )


def _rates(size: int, step_size: float, timescale_ratio: float) -> Any:
    """The step of every parameter: one number at equal speeds, a column (3N+1, 1) otherwise."""
    if not (np.isfinite(timescale_ratio) and timescale_ratio > 0):
        raise ValueError(
            f"timescale_ratio is {timescale_ratio}; a finite number above 0 is needed: inner over "
            "outer rate, 1 for equal speeds"
        )
    if timescale_ratio == 1:
        return step_size
    inner = 2 * ((size - 1) // 3)
    return step_size * np.where(np.arange(size) < inner, timescale_ratio, 1.0)[:, None]


def gradient_flow(
    problem: Problem,
    start: ArrayLike,
    save_times: ArrayLike,
    *,
    relative_tolerance: float = 1e-8,
    absolute_tolerance: float = 1e-11,
) -> Trajectory:
    """dφ/dt = −𝒢(φ) from one start, adaptive, in float64.

    Arguments:
        problem: interval, target and leak.
        start: shape (3N+1,).
        save_times: shape (K,), increasing, >= 0, in the flow's time (step size times step).
        relative_tolerance, absolute_tolerance: of the integrator's local error.

    Returns:
        A Trajectory with ``parameters`` (K, 3N+1) and losses (K,).

    Raises:
        ValueError: for bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    Source: Dormand-Prince 5(4) of :mod:`ttlearn.dynamics`.

    >>> run = gradient_flow(Problem(), [1.0, -0.2, 0.1, 0.0], [0.0, 1.0, 2.0])
    >>> bool(run.losses[2] < run.losses[1] < run.losses[0])
    True
    """
    initial, times = check_parameters(start), np.asarray(save_times, float)
    tolerances: dict[str, Any] = {
        "rtol": check_positive(relative_tolerance, "relative_tolerance"),
        "atol": check_positive(absolute_tolerance, "absolute_tolerance", zero=True),
    }
    try:
        solved = solve(_minus_gradient, initial, times, parameters=(problem,), **tolerances)
    except FlowError as error:
        raise broken_off(error.flow, "time", _reasons(relative_tolerance)) from error
    losses = np.array([float(loss_kernel(problem, row)) for row in solved.states])
    meta = {name: getattr(problem, name) for name in Problem.__dataclass_fields__}
    return Trajectory(
        np.asarray(solved.times),
        {"parameters": np.asarray(solved.states)},
        losses,
        {"parameters": ("time", "parameter")},
        {"time": "time", "problem": meta},
    )


def _reasons(tolerance: float) -> dict[Failure, str]:
    """Why a flow did not arrive, with what the caller of :func:`gradient_flow` can change."""
    looser = f"raise relative_tolerance, which is {tolerance:g}"
    return {
        Failure.MAX_STEPS: f"the integrator's steps were used up: end earlier, or {looser}",
        Failure.NOT_FINITE: "the parameters stopped being finite: start from smaller ones",
        Failure.STEP_TOO_SMALL: f"the step fell below rounding: {looser}",
    }


def _minus_gradient(_: Any, parameters: Any, problem: Problem) -> Any:
    return -gradient_kernel(problem, parameters)
