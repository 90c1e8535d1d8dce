"""Which steps of a run to keep, and how many steps a horizon is."""

from __future__ import annotations

import hashlib
import math
from typing import Any, Literal

import jax
import numpy as np
from numpy.typing import NDArray

from ttlearn.dynamics.checks import LARGEST_COUNT, check_count


def number_of_steps(
    horizon: float, increment: float, *, rule: Literal["nearest", "truncate"] = "nearest"
) -> int:
    """How many steps of length ``increment`` make up ``horizon``.

    ``int(horizon / increment)`` loses a step whenever the quotient falls just short of a whole
    number: ``int(10 / 1e-5)`` is 999 999. ``"nearest"`` rounds, and refuses a horizon that is not
    a whole number of increments (to one part in 10^9). ``"truncate"`` is ``int(...)``, for those
    who need the step count of code that truncates.

    Arguments:
        horizon: length of the run, in the unit of ``increment``; > 0.
        increment: length of a step; > 0. For slow time, step size times timescale ratio.
        rule: ``"nearest"`` or ``"truncate"``.

    Returns:
        The number of steps, at least 1.

    Raises:
        ValueError: when a length is not positive and finite, when ``"nearest"`` finds no whole
            number, when the count is below 1 or beyond 2^62.

    >>> number_of_steps(10, 1e-5), number_of_steps(10, 1e-5, rule="truncate")
    (1000000, 999999)
    """
    if rule not in ("nearest", "truncate"):
        raise ValueError(f"rule {rule!r}; allowed are 'nearest' and 'truncate'")
    for name, value in (("horizon", horizon), ("increment", increment)):
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} is {value}; a finite number above 0 is needed")
    quotient = horizon / increment
    if not quotient <= LARGEST_COUNT:
        raise ValueError(
            f"horizon {horizon} is {quotient:.3g} increments of {increment}; at most 2^62 steps "
            "can be counted: take a larger step or a shorter horizon"
        )
    if rule == "truncate":
        count = int(quotient)
    else:
        count = round(quotient)
        if abs(quotient - count) > 1e-9 * quotient:
            raise ValueError(
                f"horizon {horizon} is {quotient:.12g} increments of {increment}, not a whole "
                f"number: choose {math.floor(quotient) * increment:.12g} or "
                f"{math.ceil(quotient) * increment:.12g}, or say rule='truncate'"
            )
    if count < 1:
        raise ValueError(
            f"horizon {horizon} is shorter than one increment of {increment}: no step fits; "
            "lengthen the horizon or take a smaller step"
        )
    return count


def evenly_spaced_steps(steps: int, keep: int) -> NDArray[np.int64]:
    """At most ``keep`` steps of a run of ``steps`` steps, evenly spaced, 0 and the last among them.

    Arguments:
        steps: length of the run, >= 1.
        keep: how many to keep, >= 2; fewer come back when the run is shorter.

    Returns:
        Increasing whole numbers from 0 to ``steps``.

    Raises:
        ValueError: when ``steps`` < 1 or ``keep`` < 2.

    >>> evenly_spaced_steps(10, 4)
    array([ 0,  3,  7, 10])
    >>> evenly_spaced_steps(2, 100)
    array([0, 1, 2])
    """
    steps, keep = check_count(steps, "steps", 1), check_count(keep, "keep", 2)
    intervals = min(keep - 1, steps)
    # Whole-number arithmetic: float64 cannot count beyond 2^53.
    return np.array([(2 * i * steps + intervals) // (2 * intervals) for i in range(intervals + 1)])


class _Snapshots:
    """Steps and host copies of what was seen there."""

    stride = 1

    def __init__(self) -> None:
        self.steps: list[int] = []
        self._values: list[Any] = []

    def add(self, step: int, value: Any) -> None:
        """Keep ``value`` (a pytree; copied to the host) as the snapshot of ``step``."""
        if self.steps and step == self.steps[-1]:
            return
        if self.steps and step < self.steps[-1]:
            raise ValueError(f"step {step} comes after {self.steps[-1]}; steps must increase")
        self._make_room()
        self.steps.append(int(step))
        self._values.append(jax.tree.map(np.array, value))

    def values(self) -> Any:
        """The kept snapshots, stacked: a pytree whose leaves have the snapshots' axis first."""
        if not self._values:
            raise ValueError("nothing recorded yet; add a snapshot first")
        return jax.tree.map(lambda *leaves: np.stack(leaves), *self._values)

    def restore(self, steps: Any, values: Any) -> None:
        """Take up where another recorder's ``steps`` and ``values()`` left off."""
        self.steps = [int(step) for step in steps]
        self._values = [jax.tree.map(lambda v, i=i: v[i], values) for i in range(len(self.steps))]

    def _make_room(self) -> None:
        pass


class Plan(_Snapshots):
    """Snapshots at steps that are known beforehand.

    The latest state of a run that is stopped may be added off the plan; when the run goes on, the
    next one replaces it.

    >>> plan = Plan([0, 3])
    >>> plan.add(plan.next_step, 1.0)
    >>> plan.next_step
    3
    """

    def __init__(self, steps: Any) -> None:
        super().__init__()
        self._plan = np.asarray(steps, np.int64)
        self.room = len(self._plan) + 1

    def identity(self) -> str:
        """What is planned, for checkpoints."""
        return f"plan {hashlib.sha256(self._plan.tobytes()).hexdigest()}"

    @property
    def next_step(self) -> int | None:
        """The next step of the plan after the last snapshot, or None."""
        last = self.steps[-1] if self.steps else -1
        index = int(np.searchsorted(self._plan, last, side="right"))
        return int(self._plan[index]) if index < len(self._plan) else None

    def _make_room(self) -> None:
        if self.steps and not np.any(self._plan == self.steps[-1]):
            del self.steps[-1], self._values[-1]


class Recorder(_Snapshots):
    """At most ``keep`` snapshots of a run whose length nobody knows.

    Snapshots are taken every ``stride`` steps from step 0 on; when the room is full every second
    one is dropped and the stride doubles, so that the kept ones stay evenly spaced, at least
    ``keep / 2`` of them. The latest state may be added off the grid; the next one replaces it.

    Arguments:
        keep: how many at most, >= 2.
        stride: the first distance between snapshots, >= 1.

    >>> recorder = Recorder(keep=4)
    >>> for step in range(11):
    ...     if step == recorder.next_step:
    ...         recorder.add(step, float(step))
    >>> recorder.steps, recorder.stride
    ([0, 4, 8], 4)
    """

    def __init__(self, keep: int, stride: int = 1) -> None:
        super().__init__()
        self.keep = check_count(keep, "keep", 2)
        self.stride = check_count(stride, "stride", 1)
        self._first_stride = self.stride
        self.room = self.keep

    def identity(self) -> str:
        """What is planned, for checkpoints."""
        return f"keep {self.keep} stride {self._first_stride}"

    @property
    def next_step(self) -> int:
        """The next step on the grid: stop there and :meth:`add`."""
        return 0 if not self.steps else (self.steps[-1] // self.stride + 1) * self.stride

    def _make_room(self) -> None:
        self._drop(lambda kept: kept % self.stride == 0)
        while len(self.steps) >= self.keep:
            self.stride *= 2
            self._drop(lambda kept: kept % self.stride == 0)

    def _drop(self, stays: Any) -> None:
        kept = [(s, v) for s, v in zip(self.steps, self._values, strict=True) if stays(s)]
        self.steps = [step for step, _ in kept]
        self._values = [value for _, value in kept]
