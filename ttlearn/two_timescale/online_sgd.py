"""Online SGD of the step network: one noisy sample of the target at each step.

With x uniform on [0, 1], z uniform on [-noise, noise], r = f*(x) + z - f(x; a, u) at the old
parameters, s_j = (x - u_j) / width and h the step size,

    a_0 += 2 h r,   a_j += 2 h r S(s_j),   u_j -= 2 h * timescale_ratio * r a_j w(s_j) / width.

This differs from Marion & Berthier's published code in: 1. samples come from ``jax.random`` unless
``stream="mt19937"`` asks for theirs; 2. the bias is a weight without position instead of a neuron
left of 0 whose position gradient vanishes; 3. the number of steps is rounded, not truncated, unless
``rule="truncate"``; 4. no start is redrawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import jax
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ttlearn.dynamics import StochasticRun, number_of_steps, stochastic_descent
from ttlearn.dynamics.checks import check_count
from ttlearn.records import Trajectory
from ttlearn.two_timescale.activation import Slope
from ttlearn.two_timescale.checks import (
    check_loss_factor,
    check_number,
    check_positions,
    check_ratio,
    check_slope,
    check_target,
    check_weights,
    check_width,
)
from ttlearn.two_timescale.flow import losses_along
from ttlearn.two_timescale.limit import AXES
from ttlearn.two_timescale.recursion import (
    CHUNK,
    STEPS,
    State,
    Stream,
    draw_positions,
    drawer,
    legacy_stream,
    padded,
    random_state,
)
from ttlearn.two_timescale.target import PAPER_TARGET, Target, run_meta


def sgd(
    positions: ArrayLike | None = None,
    target: Target = PAPER_TARGET,
    *,
    timescale_ratio: float,
    slow_horizon: float | None = None,
    steps: int | None = None,
    step_size: float = 1e-5,
    activation_width: float = 4e-3,
    noise: float = 1.0,
    neurons: int = 20,
    outer_weights: ArrayLike | None = None,
    slope: Slope = "box",
    loss_factor: float = 1.0,
    seed: int = 0,
    stream: Stream = "jax",
    rule: Literal["nearest", "truncate"] = "nearest",
    keep: int = 101,
    save_steps: ArrayLike | None = None,
    checkpoint: str | None = None,
    checkpoint_seconds: float = 60.0,
    stop: Callable[[int, Any], bool] | None = None,
    progress: bool = True,
) -> Trajectory:
    """Run online SGD, in float64, for a slow horizon or a number of steps.

    Arguments:
        positions: shape (m,), any order; None draws ``neurons`` of them, uniform and sorted.
        target: the function to fit.
        timescale_ratio: epsilon > 0; 1 is ordinary training.
        slow_horizon: length of the run in slow time: slow_horizon / (step_size * timescale_ratio)
            steps. Or give ``steps``.
        step_size: h > 0.
        activation_width: > 0.
        noise: >= 0, the half width of the uniform noise on the target's values.
        outer_weights: shape (m+1,), bias first; None is 0, the paper's start.
        slope: ``"box"``, as the authors' code; ``"exact"``, the gradient.
        loss_factor: 1 or 1/2.
        seed: decides start and samples; the same seed gives the same run.
        stream: ``"jax"``; ``"mt19937"``, the legacy NumPy stream in the published order of draws,
            so that seeds are comparable; or a ``numpy.random.RandomState`` to draw on from.
        rule: ``"nearest"`` refuses a horizon that is no whole number of steps; ``"truncate"``
            counts steps as the published code does.
        keep: how many states are kept, evenly spaced; ``save_steps`` names them instead (step 0
            and the last one are kept in any case).
        checkpoint: a file to resume from, written every ``checkpoint_seconds`` and at the end; one
            of another target, start, seed or setting is refused.
        stop: ``stop(done, state)``, asked now and then; True ends the run.
        progress: show a progress bar.

    Returns:
        A Trajectory on the slow time with ``positions`` (K, m), ``outer_weights`` (K, m+1), the
        exact loss, and in ``meta`` the number of steps and how the run ended: ``"finished"``,
        ``"stopped"`` or ``"interrupted"`` (Ctrl-C keeps what is done).

    Raises:
        ValueError: for what is out of range, not finite, of another shape, or a horizon that is no
            whole number of steps.
        ttlearn.dynamics.CheckpointError: when the checkpoint is damaged or of another run.
        ttlearn.dynamics.StochasticDivergedError: when the recursion leaves the finite numbers.

    Source: Marion & Berthier 2023, published code.

    >>> run = sgd(timescale_ratio=1.0, steps=100, step_size=1e-3, progress=False, keep=3)
    >>> run["positions"].shape, run.meta["ending"]
    ((3, 20), 'finished')
    """
    setting = _setting(locals())
    random = random_state(stream, setting["seed"])
    start = _start(positions, neurons, seed, random)
    weights = check_weights(outer_weights, start.size)
    run = _descend(setting, padded(weights, start), random, None)
    return _record(run, setting, start.size)


def sgd_ensemble(
    runs: int = 20,
    target: Target = PAPER_TARGET,
    *,
    timescale_ratio: float,
    slow_horizon: float | None = None,
    steps: int | None = None,
    step_size: float = 1e-5,
    activation_width: float = 4e-3,
    noise: float = 1.0,
    neurons: int = 20,
    slope: Slope = "box",
    loss_factor: float = 1.0,
    seed: int = 0,
    rule: Literal["nearest", "truncate"] = "nearest",
    keep: int = 2,
    save_steps: ArrayLike | None = None,
    checkpoint: str | None = None,
    checkpoint_seconds: float = 60.0,
    stop: Callable[[int, Any], bool] | None = None,
    progress: bool = True,
) -> Trajectory:
    """``runs`` independent runs of :func:`sgd` side by side, each from its own random start.

    Run i is the same whatever ``runs`` is and on however many devices: they are divided among as
    many of JAX's local devices as divide them evenly. Arguments as :func:`sgd`; at most 64 runs a
    device stay in the cache, more are slower.

    Returns:
        A Trajectory with ``positions`` (K, runs, m), ``outer_weights`` (K, runs, m+1) and losses of
        shape (K, runs).

    >>> many = sgd_ensemble(3, timescale_ratio=1.0, steps=10, progress=False)
    >>> many["positions"].shape, many.losses.shape
    ((2, 3, 20), (2, 3))
    """
    stream: Stream = "jax"
    runs = check_count(runs, "runs", 1, 100_000)
    setting = _setting(locals())
    starts = np.stack([draw_positions(neurons, seed * 1_000_003 + run) for run in range(runs)])
    packed = [padded(np.zeros(neurons + 1), start) for start in starts]
    state = {name: np.stack([one[name] for one in packed]) for name in packed[0]}
    return _record(_descend(setting, state, None, runs), setting, neurons)


def _setting(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a run, checked."""
    checked: dict[str, Any] = {
        "target": check_target(given["target"]),
        "timescale_ratio": check_ratio(given["timescale_ratio"]),
        "step_size": check_number(given["step_size"], "step_size"),
        "activation_width": check_width(given["activation_width"]),
        "noise": check_number(given["noise"], "noise", zero=True),
        "slope": check_slope(given["slope"]),
        "loss_factor": check_loss_factor(given["loss_factor"]),
        "seed": check_count(given["seed"], "seed", 0, 2**32 - 1),
    }
    check_count(given["neurons"], "neurons", 1, 100_000)
    if (given["steps"] is None) == (given["slow_horizon"] is None):
        raise ValueError(
            f"steps is {given['steps']} and slow_horizon is {given['slow_horizon']}; give one of "
            "them, not both"
        )
    increment = checked["step_size"] * checked["timescale_ratio"]
    if given["steps"] is None:
        horizon = check_number(given["slow_horizon"], "slow_horizon")
        checked["steps"] = number_of_steps(horizon, increment, rule=given["rule"])
    else:
        checked["steps"] = check_count(given["steps"], "steps", 1)
    checked["stream"] = given["stream"] if isinstance(given["stream"], str) else "RandomState"
    passed = ("keep", "save_steps", "checkpoint", "checkpoint_seconds", "stop", "progress")
    return checked | {name: given[name] for name in passed}


def _start(
    positions: ArrayLike | None, neurons: int, seed: int, random: np.random.RandomState | None
) -> NDArray[np.float64]:
    if positions is not None:
        return check_positions(positions)
    return draw_positions(neurons, seed) if random is None else np.sort(random.rand(neurons))


def _descend(
    setting: dict[str, Any],
    state: State,
    random: np.random.RandomState | None,
    runs: int | None,
) -> StochasticRun:
    target, noise = setting["target"], setting["noise"]
    rate = 2.0 * setting["loss_factor"] * setting["step_size"]
    return stochastic_descent(
        STEPS[setting["slope"], runs is not None],
        state,
        drawer(target, noise, runs) if random is None else legacy_stream(random, target, noise),
        setting["steps"],
        seed=setting["seed"] if random is None else None,
        chunk=CHUNK[runs is not None],
        parameters=(setting["activation_width"], rate, rate * setting["timescale_ratio"]),
        devices=None if runs is None else jax.local_devices(),
        identity={
            "jumps": target.jumps,
            "values": target.values,
            "noise": noise,
            "slope": setting["slope"],
        },
        **{
            name: setting[name]
            for name in (
                "keep",
                "save_steps",
                "checkpoint",
                "checkpoint_seconds",
                "stop",
                "progress",
            )
        },
    )


def _record(run: StochasticRun, setting: dict[str, Any], neurons: int) -> Trajectory:
    weights = run.snapshots["weights"][..., : neurons + 1]
    positions = run.snapshots["positions"][..., 1 : neurons + 1]
    flat = {
        "outer_weights": weights.reshape(-1, neurons + 1),
        "positions": positions.reshape(-1, neurons),
    }
    losses = losses_along(
        flat, setting["target"], setting["activation_width"], setting["loss_factor"]
    ).reshape(positions.shape[:-1])
    names = ("timescale_ratio", "step_size", "activation_width", "noise", "slope", "loss_factor")
    about = {name: setting[name] for name in (*names, "seed", "stream")}
    meta = run_meta("sgd", setting["target"], **about, steps=int(run.done), ending=run.ending)
    axes = {
        name: ("time", "run", last) if positions.ndim == 3 else ("time", last)
        for name, (_, last) in AXES.items()
    }
    times = run.steps * (setting["step_size"] * setting["timescale_ratio"])
    arrays = {"positions": positions, "outer_weights": weights}
    return Trajectory(times, arrays, losses, axes, meta).to_numpy()
