"""Interleaved timing: each contestant runs in each round, so a busy machine is fair to all."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable
from typing import Any

Task = Callable[[], Any]


@dataclasses.dataclass(frozen=True)
class Contestant:
    """One way to do a row's work.

    Arguments:
        name: what the table calls it.
        prepare: ``prepare(size)`` gives a function without arguments that does ``size`` units of
            work and returns its result as NumPy numbers, everything waited for.
        size: units of work in a timed call: enough for a few milliseconds at least.
        note: what a reader of the row should know.
        own: it is ttlearn's.
    """

    name: str
    prepare: Callable[[int], Task]
    size: int
    note: str = ""
    own: bool = False


@dataclasses.dataclass(frozen=True)
class Absent:
    """A contestant that could not be run here, and why."""

    name: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Row:
    """A piece of work, ttlearn's way first, then its peers'.

    Arguments:
        name: short, unique.
        title: one line for the table.
        unit: what ``size`` counts.
        contestants: ratios refer to ttlearn's fastest.
        error: ``error(result)`` of a run of ``check_size`` units against the row's reference.
        check_size: the size at which results are compared.
    """

    name: str
    title: str
    unit: str
    contestants: tuple[Contestant | Absent, ...]
    error: Callable[[Any], float]
    check_size: int


@dataclasses.dataclass(frozen=True)
class Result:
    """One contestant's numbers in one row; times in seconds."""

    row: str
    name: str
    per_unit: float | None
    ratio: float | None
    first_call: float | None
    error: float | None
    note: str


def measure(row: Row, rounds: int, clock: Callable[[], float] = time.perf_counter) -> list[Result]:
    """Check every contestant's result, warm it up, and time them in turn.

    The ratio is the median over the rounds of a contestant's time per unit over that of ttlearn's
    fastest in the same round. The first call, which compiles, is reported apart.
    """
    ready: list[tuple[Contestant, Task, float, float]] = []
    absent: list[Result] = []
    for contestant in row.contestants:
        if isinstance(contestant, Absent):
            absent.append(_absent(row, contestant.name, contestant.reason))
            continue
        try:
            ready.append((contestant, *_checked(row, contestant, clock)))
        except Exception as failure:  # a peer that breaks is a row of the table, not its end
            reason = f"failed: {type(failure).__name__}: {str(failure).splitlines()[:1]}"
            absent.append(_absent(row, contestant.name, reason))
    for _, task, _, _ in ready:
        task()
    times: list[list[float]] = [[] for _ in ready]
    for _ in range(rounds):
        for number, (contestant, task, _, _) in enumerate(ready):
            begin = clock()
            task()
            times[number].append((clock() - begin) / contestant.size)
    medians = [statistics.median(one) for one in times]
    own = [number for number, (contestant, *_) in enumerate(ready) if contestant.own]
    base = times[min(own, key=medians.__getitem__)] if own else [float("nan")] * rounds
    return [
        Result(
            row.name,
            contestant.name,
            medians[number],
            statistics.median(a / b for a, b in zip(times[number], base, strict=True)),
            first,
            error,
            contestant.note,
        )
        for number, (contestant, _, first, error) in enumerate(ready)
    ] + absent


def _checked(
    row: Row, contestant: Contestant, clock: Callable[[], float]
) -> tuple[Task, float, float]:
    check = contestant.prepare(row.check_size)
    begin = clock()
    checked = check()
    first = clock() - begin
    return contestant.prepare(contestant.size), first, float(row.error(checked))


def _absent(row: Row, name: str, reason: str) -> Result:
    return Result(row.name, name, None, None, None, None, reason)


def installed(name: str, module: str, build: Callable[[], Contestant]) -> Contestant | Absent:
    """A peer's contestant, or its absence where the peer is not installed."""
    try:
        __import__(module)
    except ImportError:
        return Absent(name, f"{module} is not installed: pip install '.[bench]'")
    return build()
