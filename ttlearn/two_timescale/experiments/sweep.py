"""E5: final losses of many runs at three timescale ratios, and the compute-matched control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ttlearn.dynamics.checks import check_count
from ttlearn.dynamics.progress import deferred_interrupt
from ttlearn.records import Trajectory
from ttlearn.two_timescale.coverage import covered_jumps
from ttlearn.two_timescale.experiments.outcome import Check, Outcome, table
from ttlearn.two_timescale.experiments.training import NEURONS, WIDTH
from ttlearn.two_timescale.online_sgd import sgd, sgd_ensemble
from ttlearn.two_timescale.target import PAPER_TARGET

RATIOS = (0.01, 0.1, 1.0)
# N truncated as in the published code, and the last step at which it looks at the loss.
STEPS = {0.01: (29_999_999, 29_999_900), 0.1: (2_999_999, 2_999_900), 1.0: (300_000, 300_000)}
STEP_SIZE = 1e-5


def box_plot(
    *,
    runs: int = 20,
    seed: int = 42,
    stream: str = "jax",
    checkpoint: str | None = None,
    stop: Callable[[int, Any], bool] | None = None,
    progress: bool = True,
    steps: dict[float, tuple[int, int]] | None = None,
) -> Outcome:
    """E5: ratios .01, .1 and 1 for the same slow horizon 3; no start is redrawn.

    Arguments:
        runs: repeats at each ratio; 20 in the paper. Fewer is quicker and is not checked.
        stream: ``"jax"``, all runs of a ratio side by side; ``"mt19937"``, one after the other from
            one legacy stream, as in the published figure.
        checkpoint: beginning of the names of the files to resume from.
        stop: asked now and then; True ends the run.

    Returns:
        An :class:`Outcome` of the ratios that are finished, ``meta["ending"]`` ``"finished"``,
        ``"stopped"`` or ``"interrupted"``. Stopped within the first ratio, it holds NaN for it.

    Raises:
        KeyboardInterrupt: on Ctrl-C before the first ratio is finished.
    """
    check_count(runs, "runs", 1, 10_000)
    if stream not in ("jax", "mt19937"):
        raise ValueError(f"stream is {stream!r}; allowed are 'jax' and 'mt19937'")
    plan = steps or STEPS
    options = {"checkpoint": checkpoint, "stop": stop, "progress": progress}
    run_all = _side_by_side if stream == "jax" else _one_stream
    with deferred_interrupt() as interrupted:
        parts, ending = run_all(plan, runs, seed, options, interrupted)
    if not parts and ending == "interrupted":
        raise KeyboardInterrupt("interrupted before the first ratio was finished; nothing to keep")
    if not parts:
        parts = {next(iter(plan)): (np.full(runs, np.nan), np.full(runs, np.nan))}
    finished = list(parts)
    record = table(
        finished,
        {**_setting(runs, seed, stream), "ending": ending},
        final_losses=[parts[ratio][0] for ratio in finished],
        covered=[parts[ratio][1] for ratio in finished],
    )
    whole = runs == 20 and plan is STEPS and ending == "finished"
    return Outcome("E5", record, _checks(record) if whole else ())


def _setting(runs: int, seed: int, stream: str) -> dict[str, Any]:
    return {
        "time": "timescale_ratio",
        "dynamics": "sgd sweep",
        "runs": runs,
        "seed": seed,
        "stream": stream,
        "step_size": STEP_SIZE,
        "activation_width": WIDTH,
        "jumps": PAPER_TARGET.jumps.tolist(),
        "values": PAPER_TARGET.values.tolist(),
    }


def _checks(record: Trajectory) -> tuple[Check, ...]:
    losses, covered = record["final_losses"], record["covered"]
    medians = np.median(losses, axis=1)
    complete = np.sum(covered == 5, axis=1)
    # Over 12 seeds of 20 runs each the medians at .1 and 1 were .022 to .036 and .62 to .84, the
    # counts at .1 were 15 to 20: wider than one sample of the published code suggests.
    bands = ((0.0088, 0.0115), (0.017, 0.040), (0.55, 0.90))
    counts = ((19, 20), (13, 20), (0, 1))
    checks = [
        Check(f"median loss at ratio {ratio}", float(medians[i]), *bands[i])
        for i, ratio in enumerate(RATIOS)
    ]
    checks += [
        Check(f"runs with all jumps covered at ratio {ratio}", float(complete[i]), *counts[i])
        for i, ratio in enumerate(RATIOS)
    ]
    checks.append(Check("median at 1 over median at .01", float(medians[2] / medians[0]), 50, 1e9))
    return tuple(checks)


Parts = dict[float, tuple[np.ndarray, np.ndarray]]


def _side_by_side(
    plan: dict[float, tuple[int, int]],
    runs: int,
    seed: int,
    options: dict[str, Any],
    interrupted: Callable[[], bool],
) -> tuple[Parts, str]:
    parts: Parts = {}
    for number, (ratio, (_, last)) in enumerate(plan.items()):
        if interrupted():
            return parts, "interrupted"
        run = sgd_ensemble(
            runs,
            timescale_ratio=ratio,
            step_size=STEP_SIZE,
            steps=last,
            activation_width=WIDTH,
            neurons=NEURONS,
            seed=3 * seed + number,
            save_steps=[0, last],
            **options | {"checkpoint": _file(options["checkpoint"], ratio)},
        )
        if run.meta["ending"] != "finished":
            return parts, run.meta["ending"]
        parts[ratio] = _ends(run["outer_weights"][-1], run["positions"][-1], run.losses[-1])
    return parts, "finished"


def _one_stream(
    plan: dict[float, tuple[int, int]],
    runs: int,
    seed: int,
    options: dict[str, Any],
    interrupted: Callable[[], bool],
) -> tuple[Parts, str]:
    if options["checkpoint"]:
        raise ValueError(
            "one legacy stream runs through all repeats and cannot be resumed; leave the "
            "checkpoint out, or use stream='jax'"
        )
    random = np.random.RandomState(seed)
    parts: Parts = {}
    for ratio, (steps, last) in plan.items():
        ends = []
        for _ in range(runs):
            if interrupted():
                return parts, "interrupted"
            run = sgd(
                timescale_ratio=ratio,
                step_size=STEP_SIZE,
                steps=steps + 1,
                activation_width=WIDTH,
                neurons=NEURONS,
                stream=random,
                save_steps=[0, last],
                progress=options["progress"],
                stop=options["stop"],
            )
            if run.meta["ending"] != "finished":
                return parts, run.meta["ending"]
            ends.append((run["outer_weights"][1], run["positions"][1], run.losses[1]))
        weights, positions, losses = (np.stack(part) for part in zip(*ends, strict=True))
        parts[ratio] = _ends(weights, positions, losses)
    return parts, "finished"


def _ends(weights: np.ndarray, positions: np.ndarray, losses: np.ndarray) -> Any:
    return losses, covered_jumps(weights, positions, PAPER_TARGET, WIDTH).sum(axis=-1)


def _file(checkpoint: str | None, ratio: float) -> str | None:
    return None if checkpoint is None else f"{checkpoint}.ratio_{ratio}.npz"


def matched_control(
    *,
    runs: int = 12,
    seed: int = 42,
    stream: str = "jax",
    checkpoint: str | None = None,
    stop: Callable[[int, Any], bool] | None = None,
    progress: bool = True,
    steps: int = 30_000_000,
) -> Outcome:
    """E5c: ratio 1 with as many steps as ratio .01 had. It never converges either."""
    if stream != "jax":
        raise ValueError(f"stream is {stream!r}; this control runs on stream='jax' only")
    run = sgd_ensemble(
        runs,
        timescale_ratio=1.0,
        step_size=STEP_SIZE,
        steps=steps,
        activation_width=WIDTH,
        neurons=NEURONS,
        seed=seed,
        keep=2,
        checkpoint=checkpoint,
        stop=stop,
        progress=progress,
    )
    if run.meta["ending"] != "finished" or steps != 30_000_000:
        return Outcome("E5c", run, ())
    checks = (
        Check("least loss", float(run.losses[-1].min()), 0.1, 1.0),
        Check("median loss", float(np.median(run.losses[-1])), 0.3, 0.8),
    )
    return Outcome("E5c", run, checks)
