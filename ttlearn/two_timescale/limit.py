"""The two-timescale limit as a run: width 0, timescale ratio to 0, on the slow time."""

from __future__ import annotations

from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ttlearn.precision import in_float64
from ttlearn.records import Trajectory
from ttlearn.two_timescale.checks import (
    check_limit_start,
    check_loss_factor,
    check_number,
    check_positions,
    check_target,
    check_times,
)
from ttlearn.two_timescale.event_limit import event_limit
from ttlearn.two_timescale.exact_limit import neurons_per_piece, positions_at, races
from ttlearn.two_timescale.fast_layer import sharp_fast_solution, sharp_reduced_loss
from ttlearn.two_timescale.target import PAPER_TARGET, Target, run_meta

Form = Literal["auto", "exact", "general"]
AXES = {"positions": ("time", "neuron"), "outer_weights": ("time", "weight")}


@in_float64
def satisfies_c1(positions: ArrayLike, target: Target = PAPER_TARGET) -> bool:
    """C1: every inner piece of the target holds at least two neurons (end pieces may be empty).

    Arguments:
        positions: shape (m,), any order, off the jumps.

    Source: derived here.

    >>> satisfies_c1([0.1, 0.3, 0.4, 0.9], Target([0.2, 0.5], [0.0, 1.0, 0.0]))
    True
    """
    positions = check_positions(positions)
    counts = np.asarray(neurons_per_piece(positions, check_target(target)))
    inner = counts[1:-1]
    return bool(np.all(inner >= 2) and counts.sum() >= 1)


def c1_margin(positions: ArrayLike, target: Target = PAPER_TARGET) -> int:
    """How many neurons the poorest inner piece holds beyond the two that C1 asks for.

    A target of one jump has no inner piece; then it is m - 1, since one neuron is needed.

    >>> c1_margin([0.1, 0.3, 0.9], Target([0.2, 0.5], [0.0, 1.0, 0.0]))
    -1
    """
    positions = check_positions(positions)
    piece = np.searchsorted(check_target(target).jumps, positions, side="right")
    counts = np.bincount(piece, minlength=len(target.values))
    return int(counts[1:-1].min() - 2) if counts.size > 2 else int(positions.size - 1)


@in_float64
def limit_flow(
    positions: ArrayLike,
    target: Target = PAPER_TARGET,
    slow_times: ArrayLike | None = None,
    *,
    loss_factor: float = 1.0,
    form: Form = "auto",
    tolerance: float = 1e-10,
) -> Trajectory:
    """The limit flow from ``positions``: slow positions, fast weights at their optimum, no noise.

    du_j/dtau = loss_factor * [(f*(u_j) - c*_j)^2 - (f*(u_j) - c*_{j-1})^2],  a = a*(u),

    with Filippov's rule on the jumps. Computed in float64.

    Arguments:
        positions: shape (m,), any order; distinct, in (0, 1), off the jumps.
        target: the function to fit.
        slow_times: shape (K,), increasing, >= 0; None takes 101 times up to a little after the
            last hit (under C1) or up to 200 (else).
        loss_factor: 1 or 1/2.
        form: ``"exact"``, one closed-form race for each jump (needs C1); ``"general"``, event by
            event; ``"auto"``, exact where it applies.
        tolerance: local error of a step of the general form.

    Returns:
        A Trajectory on the slow time with arrays ``positions`` (K, m) in the order given and
        ``outer_weights`` (K, m+1), the loss L*, and in ``meta`` the form, ``hitting_times`` (one
        for each jump; None where none was seen) and ``c1``.

    Raises:
        ValueError: for a start on a jump, outside (0, 1) or with two neurons in one place, for
            ``form="exact"`` without C1, for times that do not increase.
        RuntimeError: when the general form uses up its steps.

    Source: Marion & Berthier 2023 (limit); closed forms and event rule derived here.

    >>> run = limit_flow([0.4, 0.7], Target([0.5], [0.0, 1.0]), [0.0, 1.0])
    >>> run.meta["form"], float(run.losses[-1]), run["positions"][-1].round(6).tolist()
    ('exact', 0.0, [0.5, 0.691293])
    """
    target = check_target(target)
    start = check_limit_start(positions, target)
    loss_factor = check_loss_factor(loss_factor)
    tolerance = check_number(tolerance, "tolerance")
    if form not in ("auto", "exact", "general"):
        raise ValueError(f"form {form!r}; allowed are 'auto', 'exact' and 'general'")
    c1 = satisfies_c1(start, target)
    if form == "exact" and not c1:
        raise ValueError(
            f"form='exact' needs two neurons in each inner piece, but the poorest is short of "
            f"{-c1_margin(start, target)}; use form='general'"
        )
    exact = c1 and form != "general"
    order = np.argsort(start)
    times = None if slow_times is None else check_times(slow_times)
    solve = _exact if exact else _general
    times, path, hits = solve(start[order], target, times, loss_factor, tolerance)
    weights, losses = jax.tree.map(np.asarray, _along(path, target, loss_factor))
    back = np.argsort(order)
    seen = [float(t) if np.isfinite(t) else None for t in hits]
    setting = {"form": "exact" if exact else "general", "c1": c1, "hitting_times": seen}
    meta = run_meta("limit_flow", target, **setting, loss_factor=loss_factor)
    by_neuron = np.concatenate([weights[:, :1], weights[:, 1:][:, back]], axis=1)
    arrays = {"positions": path[:, back], "outer_weights": by_neuron}
    return Trajectory(times, arrays, losses, AXES, meta).to_numpy()


Solved = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _exact(start: Any, target: Target, times: Any, loss_factor: float, _: float) -> Solved:
    run = _races(start, target, loss_factor)
    hits = np.asarray(run.hitting_times)
    if times is None:
        times = np.linspace(0.0, 1.25 * hits.max(), 101)
    path = np.asarray(_paths(times, run, start, target))
    return times, path, hits


def _general(
    start: Any, target: Target, times: Any, loss_factor: float, tolerance: float
) -> Solved:
    if times is None:
        times = np.concatenate([[0.0], np.geomspace(1e-4, 200.0, 100)])
    run = _events(start, target, times, loss_factor, tolerance)
    if not bool(run.finished):
        raise RuntimeError(
            f"the limit flow used up {int(run.steps)} steps before slow time {times[-1]}; raise "
            "tolerance, or ask for a shorter horizon"
        )
    return times, np.asarray(run.positions), np.asarray(run.hitting_times)


_races = jax.jit(races)
_paths = jax.jit(jax.vmap(positions_at, in_axes=(0, None, None, None)))
_events = jax.jit(event_limit)


@jax.jit
def _along(path: jax.Array, target: Target, loss_factor: float) -> tuple[jax.Array, jax.Array]:
    weights = jax.vmap(lambda u: sharp_fast_solution(u, target))(jnp.asarray(path))
    return weights, jax.vmap(lambda u: sharp_reduced_loss(u, target, loss_factor))(path)
