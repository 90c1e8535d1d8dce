"""Lab: the phase diagram; choose a cell, see its runs, run one of them live."""

from __future__ import annotations

import functools
import math
from typing import Any, ClassVar

import numpy as np

from ttlearn.labs.bank import pack
from ttlearn.labs.base import Lab
from ttlearn.labs.traits import one_of, whole
from ttlearn.precision import in_float64
from ttlearn.records import Trajectory
from ttlearn.two_timescale import PAPER_TARGET
from ttlearn.two_timescale.experiments import Phase, phase, read_table

MOMENTS = 97
FIRST_TIME = 1e-4
TOLERANCE = 1e-5
TABLE: Phase = read_table()
SEEDS = TABLE.losses.shape[-1]
OPENING = {"neurons": 14, "timescale_ratio": 0.05}


def _cell(neurons: float, timescale_ratio: float) -> tuple[int, int]:
    """Row and column of the cell that is nearest; row -1 is the limit."""
    ratios = np.array([0.0, *TABLE.ratios])
    row = int(np.argmin(np.abs(ratios - timescale_ratio))) - 1
    return row, int(np.argmin(np.abs(TABLE.neurons - neurons)))


def _losses(row: int, column: int) -> np.ndarray:
    return TABLE.limit_losses[column] if row < 0 else TABLE.losses[row, column]


def _failure(neurons: float, timescale_ratio: float) -> dict[str, float]:
    """The nearest cell, at its first run that fails; run 0 where there is none."""
    row, column = _cell(neurons, timescale_ratio)
    run = int(np.argmax(_losses(row, column) >= phase.SUCCESS))
    return {
        "neurons": int(TABLE.neurons[column]),
        "timescale_ratio": float(TABLE.ratios[row]),
        "run": run,
    }


@in_float64
def _draws() -> np.ndarray:
    """Row s: numbers whose first m, sorted, are ``phase.start_of(s, m)``, for every m at once."""
    most = int(TABLE.neurons.max())
    return np.array([phase.draws_of(seed, most) for seed in range(SEEDS)])


@functools.cache
def packed_table() -> bytes:
    """The phase diagram that ships with the library, and all of its starts, as a lab's bank."""
    meta = {
        "ratios": TABLE.ratios.tolist(),
        "neurons": TABLE.neurons.tolist(),
        "seeds": SEEDS,
        "success": phase.SUCCESS,
        "limit_success": phase.LIMIT_SUCCESS,
        "horizon": phase.HORIZON,
        "limit_horizon": phase.LIMIT_HORIZON,
        "activation_width": phase.WIDTH,
        "jumps": np.asarray(PAPER_TARGET.jumps).tolist(),
        "values": np.asarray(PAPER_TARGET.values).tolist(),
    }
    arrays = {"losses": TABLE.losses, "limit_losses": TABLE.limit_losses, "draws": _draws()}
    return pack(arrays, meta, exact=True)


class PhaseLab(Lab):
    """Ratio x neurons, coloured by how many starts succeed; every run of the table starts again.

    The colours come from the table that ships with the library; the run is live. Between two cells
    the nearer one is taken; ``timescale_ratio`` 0 is the limit.

    >>> lab = PhaseLab(neurons=20, timescale_ratio=0, run=3)
    >>> lab.start().shape, lab.losses().size == SEEDS, bool(lab.trajectory().losses[-1] < 1e-6)
    ((20,), True, True)
    """

    bundle: ClassVar = "phase"
    presets: ClassVar = {
        "One that fails": {},
        "The same, in the limit": {"timescale_ratio": 0.0},
        "Equal speeds, many neurons": _failure(40, 1.0),
        "Too few neurons": _failure(6, 1e-3),
        "Works, fails, works": {**_failure(10, 7e-3), "run": 14},
    }

    neurons = one_of(OPENING["neurons"], TABLE.neurons.tolist(), "Neurons")
    timescale_ratio = one_of(
        OPENING["timescale_ratio"],
        [0.0, *TABLE.ratios],
        "Timescale ratio",
        help="Inner rate over outer rate; 0 is the limit.",
    )
    run = whole(
        int(_failure(**OPENING)["run"]),
        0,
        SEEDS - 1,
        "Run",
        help="Number of the random start; the same at every ratio.",
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**({"title": "Lab: the phase diagram"} | parameters))
        self._bank = packed_table()

    def losses(self) -> np.ndarray:
        """Losses at the end of all runs of the cell on the screen, from the table."""
        return _losses(*_cell(self.neurons, self.timescale_ratio)).copy()

    @in_float64
    def start(self) -> np.ndarray:
        """Positions at the start of the run on the screen, sorted."""
        return np.asarray(phase.start_of(self.run, self.neurons))

    def saved_times(self) -> np.ndarray:
        """The slow times at which the run is saved: 0, then equal ratios up to the table's end."""
        end = phase.HORIZON if self.timescale_ratio else phase.LIMIT_HORIZON
        decades = math.log10(end / FIRST_TIME)
        later = end * 10.0 ** (-decades * (1 - np.arange(MOMENTS - 1) / (MOMENTS - 2)))
        return np.concatenate([[0.0], later])

    def trajectories(self) -> dict[str, Trajectory]:
        """The run on the screen, as JAX computes it."""
        from ttlearn import two_timescale

        start, times = self.start(), self.saved_times()
        if not self.timescale_ratio:
            return {"run": two_timescale.limit_flow(start, PAPER_TARGET, times)}
        flow = two_timescale.network_flow(
            start,
            PAPER_TARGET,
            times,
            timescale_ratio=self.timescale_ratio,
            activation_width=phase.WIDTH,
            tolerance=TOLERANCE,
        )
        return {"run": flow}
