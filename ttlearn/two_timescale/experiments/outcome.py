"""What an experiment gives back: a record, and its figures against what is accepted."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

import numpy as np

from ttlearn.records import Trajectory

VERSION = 1


@dataclasses.dataclass(frozen=True)
class Check:
    """One measured figure and the band it is accepted in.

    >>> Check("loss", 0.5, 0.0, 1.0).passed
    True
    """

    name: str
    value: float
    low: float
    high: float

    @property
    def passed(self) -> bool:
        """Whether the value lies in the band."""
        return bool(self.low <= self.value <= self.high)

    def __str__(self) -> str:
        word = "ok" if self.passed else "OUTSIDE"
        return f"{self.name}: {self.value:.6g}, accepted {self.low:.6g} to {self.high:.6g}: {word}"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A finished experiment.

    Arguments:
        name: such as ``"E3"``.
        record: what was run; ``meta`` holds the setting.
        checks: figures and bands; empty when the run was reduced or stopped.
    """

    name: str
    record: Trajectory
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether there are checks and all pass."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the record under the experiment's name and version."""
        meta = dict(self.record.meta) | {"experiment": self.name, "experiment_version": VERSION}
        dataclasses.replace(self.record, meta=meta).save(path)


class WrongFileError(ValueError):
    """A file holds another experiment, or one of another version."""


def load_record(path: str | os.PathLike[str], name: str) -> Trajectory:
    """The record of experiment ``name`` that :meth:`Outcome.save` wrote.

    Raises:
        FileNotFoundError: when there is no such file.
        ttlearn.DamagedFileError: when the file is damaged.
        WrongFileError: when it holds another experiment or version.
    """
    record = Trajectory.load(path)
    found = record.meta.get("experiment"), record.meta.get("experiment_version")
    if found != (name, VERSION):
        raise WrongFileError(
            f"{os.fspath(path)}: experiment {found[0]!r}, version {found[1]!r} found; {name!r}, "
            f"version {VERSION} wanted: name another file, or run the experiment again"
        )
    return record


def table(times: Any, meta: dict[str, Any], **arrays: Any) -> Trajectory:
    """A record of something that is no run in time: ``meta["time"]`` names the first axis."""
    return Trajectory(
        np.asarray(times, np.float64),
        {name: np.asarray(array) for name, array in arrays.items()},
        None,
        {},
        meta,
    )
