"""Finished runs at the paper's size, kept small: figures, time, machine and what was drawn."""

from __future__ import annotations

import dataclasses
import html
import json
import os
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np

from ttlearn.machine import machine_in_words
from ttlearn.records import Trajectory
from ttlearn.two_timescale.experiments.outcome import VERSION, Check, Outcome

FOLDER = "full_runs"
MOST = 3000
"""Arrays with more numbers than this are left out of what is kept."""

DIGITS = 5


@dataclasses.dataclass(frozen=True)
class FullRun:
    """An experiment that was run once at the paper's size, with its accepted figures.

    Shows itself as a table in a notebook.

    Arguments:
        name: such as ``"E3"``.
        seconds: of wall time, compiling included.
        cpu_seconds: of processor time, all cores together; what counts where the machine was busy.
        machine: what :func:`ttlearn.machine.describe_machine` said.
        checks: measured figures and their bands.
        record: what was run, rounded to five digits; arrays of over 3,000 numbers are missing.
    """

    name: str
    seconds: float
    cpu_seconds: float
    machine: dict[str, Any]
    checks: tuple[Check, ...]
    record: Trajectory

    def __repr__(self) -> str:
        lines = [str(check) for check in self.checks]
        return "\n".join([*lines, self.made])

    @property
    def made(self) -> str:
        """When, where and in what time, in one sentence."""
        times = f"{_duration(self.seconds)}, {_duration(self.cpu_seconds)} of processor time"
        return f"{self.name}: {times}, on {machine_in_words(self.machine)}."

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(check.name)}</td><td>{check.value:.4g}</td>"
            f"<td>{_band(check)}</td><td>{'yes' if check.passed else 'no'}</td></tr>"
            for check in self.checks
        )
        return (
            f'<table class="tt-full-run"><caption>{html.escape(self.made)}</caption>'
            "<thead><tr><th>figure</th><th>found</th><th>accepted</th><th>inside</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def write_full_run(
    outcome: Outcome,
    seconds: float,
    cpu_seconds: float,
    machine: dict[str, Any],
    path: str | os.PathLike[str],
) -> None:
    """Keep ``outcome`` as small JSON.

    Raises:
        ValueError: when the run was reduced or stopped, so that nothing was checked.
    """
    if not outcome.checks:
        raise ValueError(
            f"{outcome.name} was not run at the paper's size, and its figures were not checked; "
            "run it without --runs, to its end"
        )
    record = outcome.record.to_numpy()
    small = {name: array for name, array in record.arrays.items() if array.size <= MOST}
    content = {
        "experiment": outcome.name,
        "experiment_version": VERSION,
        "seconds": float(f"{seconds:.3g}"),
        "cpu_seconds": float(f"{cpu_seconds:.3g}"),
        "machine": machine,
        "checks": [dataclasses.astuple(check) for check in outcome.checks],
        "times": record.times.tolist(),
        "arrays": {name: _rounded(array) for name, array in small.items()},
        "losses": None if record.losses is None else _rounded(record.losses),
        "meta": dict(record.meta),
    }
    Path(path).write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


def full_run(name: str, path: str | os.PathLike[str] | None = None) -> FullRun:
    """The run of experiment ``name`` that ships with the library, or the one kept at ``path``.

    Raises:
        ValueError: when there is none (those that there are, are listed), or the file holds
            something else.

    >>> full_run("E4").record.meta["timescale_ratio"]
    1.0
    """
    shelf = resources.files("ttlearn.two_timescale.experiments") / FOLDER
    file: Traversable = shelf / f"{name}.json" if path is None else Path(path)
    if not file.is_file():
        kept = sorted(one.name.removesuffix(".json") for one in shelf.iterdir())
        raise ValueError(f"no full run {name!r} is kept; there are {', '.join(kept)}")
    try:
        kept_run = json.loads(file.read_text(encoding="utf-8"))
        found = kept_run["experiment"], kept_run["experiment_version"]
        if found != (name, VERSION):
            raise ValueError(f"experiment {found[0]!r}, version {found[1]!r} found")
        losses = kept_run["losses"]
        record = Trajectory(
            np.asarray(kept_run["times"], np.float64),
            {key: np.asarray(array) for key, array in kept_run["arrays"].items()},
            None if losses is None else np.asarray(losses),
            {},
            kept_run["meta"],
        )
        checks = tuple(Check(*check) for check in kept_run["checks"])
        times = kept_run["seconds"], kept_run["cpu_seconds"]
        return FullRun(name, *times, kept_run["machine"], checks, record)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{file}: no full run of {name}, version {VERSION} ({error}); make one with "
            f"python -m ttlearn.two_timescale.experiments {name} --keep FOLDER"
        ) from error


def _rounded(array: np.ndarray) -> Any:
    if array.dtype.kind != "f":
        return array.tolist()
    return [_rounded(row) for row in array] if array.ndim else float(f"{array:.{DIGITS}g}")


def _band(check: Check) -> str:
    if check.high >= 1e9:
        return f"{check.low:.4g} or more"
    if check.low == check.high:
        return f"{check.low:.4g}"
    return f"{check.low:.4g} to {check.high:.4g}"


def _duration(seconds: float) -> str:
    """Seconds in words, two digits.

    >>> _duration(8.03), _duration(2000.0)
    ('8 seconds', '33 minutes')
    """
    if seconds < 100:
        return f"{seconds:.2g} second{'' if f'{seconds:.2g}' == '1' else 's'}"
    return f"{seconds / 60:.2g} minutes"
