"""Stochastic descent that a lab refuses where its page does: when a weight has left all bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ttlearn.records import Trajectory

BOUND = 1e12  # the engines' own
FINER = 400  # saved steps of each look between two steps

Descend = Callable[[list[int]], Trajectory]


def bounded(descend: Descend, steps: list[int]) -> Trajectory:
    """``descend(steps)``, unless an outer weight passes ``BOUND`` on the way.

    Arguments:
        descend: makes the same run every time, saved at the steps it is given.
        steps: increasing from 0.

    Raises:
        ValueError: when the run diverges; the message says at which step.

    >>> def doubling(steps):
    ...     return Trajectory(np.array(steps), {"outer_weights": 2.0 ** np.array([steps]).T})
    >>> bounded(doubling, [0, 10, 20]).times.tolist()
    [0, 10, 20]
    >>> bounded(doubling, [0, 20, 1000])
    Traceback (most recent call last):
    ...
    ValueError: diverged at step 40: a smaller step size helps
    """
    run, between = _look(descend, steps)
    if run is not None and between is None:
        return run
    while between is not None and between[1] - between[0] > 1:
        finer = np.linspace(*between, FINER).round().astype(int)
        _, between = _look(descend, sorted({0, *finer.tolist()}))
    step = "an unknown step" if between is None else f"step {between[1]}"
    raise ValueError(f"diverged at {step}: a smaller step size helps")


def _look(descend: Descend, steps: list[int]) -> tuple[Trajectory | None, tuple[int, int] | None]:
    """The run where it ended, and the two saved steps between which the bound was passed."""
    from ttlearn.dynamics import StochasticDivergedError

    run = None
    try:
        run = descend(steps)
        weights = np.asarray(run["outer_weights"])
    except StochasticDivergedError as error:
        steps = [*error.run.steps.tolist(), int(error.run.done)]
        weights = np.asarray(error.run.snapshots["weights"])
    largest = np.full(len(steps), np.inf)
    largest[: len(weights)] = np.max(np.abs(weights), axis=1)
    past = int(np.argmax(largest > BOUND))
    return run, (steps[past - 1], steps[past]) if past else None
