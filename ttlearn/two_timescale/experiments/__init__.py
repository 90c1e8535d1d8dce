"""The paper's experiments by name, each with the figures it is accepted by.

``run_experiment("E3q")`` runs one; ``python -m ttlearn.two_timescale.experiments E3q`` does so from
the command line, with progress, resume and save.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from ttlearn.two_timescale.experiments.beyond import beyond
from ttlearn.two_timescale.experiments.full_size import FullRun, full_run, write_full_run
from ttlearn.two_timescale.experiments.outcome import (
    Check,
    Outcome,
    WrongFileError,
    load_record,
)
from ttlearn.two_timescale.experiments.phase import Phase, phase_diagram, read_table, write_table
from ttlearn.two_timescale.experiments.sketches import limit_sketch, notation, proof_sketch
from ttlearn.two_timescale.experiments.sweep import box_plot, matched_control
from ttlearn.two_timescale.experiments.training import (
    paper_start,
    quick_run,
    standard_run,
    two_timescale_run,
)


class Experiment(NamedTuple):
    """An experiment by name.

    Fields:
        title: what it is.
        size: what there is to compute.
        run: the function; keywords are those of the experiment.
        options: which of seed, stream, runs, checkpoint it takes.
    """

    title: str
    size: str
    run: Callable[..., Outcome]
    options: tuple[str, ...]


_SINGLE = ("seed", "stream", "checkpoint")
_MANY = ("seed", "stream", "checkpoint", "runs")

EXPERIMENTS: dict[str, Experiment] = {
    "E1": Experiment("notation sketch", "a drawing", notation, ()),
    "E2": Experiment("sketch of the limit", "a drawing", limit_sketch, ()),
    "E3": Experiment(
        "two-timescale run, ratio 2e-5", "1.75e8 SGD steps", two_timescale_run, _SINGLE
    ),
    "E3q": Experiment("the same, quick", "1.75e6 SGD steps", quick_run, _SINGLE),
    "E4": Experiment("standard run, ratio 1", "1e6 SGD steps", standard_run, _SINGLE),
    "E5": Experiment(
        "box plot over ratios .01, .1, 1", "60 runs, 6.7e8 SGD steps", box_plot, _MANY
    ),
    "E5c": Experiment(
        "compute-matched control of E5 at ratio 1",
        "12 runs, 3.6e8 SGD steps",
        matched_control,
        _MANY,
    ),
    "E6": Experiment(
        "additive network in 2 dimensions, with control",
        "60 runs of gradient descent",
        functools.partial(beyond, "E6"),
        ("seed", "checkpoint", "runs"),
    ),
    "E7": Experiment(
        "additive network in 10 dimensions, with control",
        "60 runs of gradient descent, long",
        functools.partial(beyond, "E7"),
        ("seed", "checkpoint", "runs"),
    ),
    "E8": Experiment(
        "ReLU network, with control",
        "60 runs of gradient descent",
        functools.partial(beyond, "E8"),
        ("seed", "checkpoint", "runs"),
    ),
    "E9": Experiment("sketch of the proof", "a drawing", proof_sketch, ()),
}


def run_experiment(name: str, **options: Any) -> Outcome:
    """Run the experiment called ``name``.

    Arguments:
        name: a key of ``EXPERIMENTS``.
        options: ``seed``, ``stream``, ``runs``, ``checkpoint``, ``progress``, ``stop``, as far as
            the experiment takes them; None stands for its default.

    Returns:
        An :class:`Outcome`; its checks are empty when the run was reduced or stopped.

    Raises:
        ValueError: for an unknown name (the names are listed) or an option it does not take.

    >>> outcome = run_experiment("E2")
    >>> outcome.passed, round(float(outcome.record["speeds"][0, 0]), 6)
    (True, 0.104853)
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"no experiment {name!r}; there are {', '.join(EXPERIMENTS)}")
    chosen = {key: value for key, value in options.items() if value is not None}
    allowed = (*EXPERIMENTS[name].options, "progress", "stop")
    unknown = [key for key in chosen if key not in allowed]
    if unknown:
        raise ValueError(f"{name} takes no {', '.join(unknown)}; it takes {', '.join(allowed)}")
    return EXPERIMENTS[name].run(**chosen)


__all__ = [
    "EXPERIMENTS",
    "Check",
    "Experiment",
    "FullRun",
    "Outcome",
    "Phase",
    "WrongFileError",
    "full_run",
    "load_record",
    "paper_start",
    "phase_diagram",
    "read_table",
    "run_experiment",
    "write_full_run",
    "write_table",
]
