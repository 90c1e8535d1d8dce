"""Lab: one jump, two neurons, and the nearer one wins."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from ttlearn.labs.base import Lab
from ttlearn.labs.traits import number, numbers
from ttlearn.precision import float64
from ttlearn.records import Trajectory

MOMENTS = 161


class RaceLab(Lab):
    """One jump between two neurons in the two-timescale limit: drag either and see who arrives.

    >>> RaceLab(positions=[0.48, 0.55]).jump
    0.5
    """

    bundle: ClassVar = "race"
    presets: ClassVar = {
        "A clear lead": {},
        "A head start of 0.1 %": {"positions": [0.4, 0.6001]},
        "A dead heat": {"positions": [0.4, 0.6]},
        "One far, one near": {"positions": [0.1, 0.53]},
    }

    positions = numbers(
        [0.42, 0.61], 0.001, 0.999, "Neurons", least=2, most=2, increasing=True, help="Left, right."
    )
    jump = number(0.5, 0.05, 0.95, "Place of the jump", step=0.005)
    jump_size = number(2.0, -5.0, 5.0, "Height of the jump", step=0.1)

    def __init__(self, **parameters: Any) -> None:
        parameters = {"title": "Lab: the race to a jump", "moment": 0.6} | parameters
        super().__init__(**parameters)

    @traitlets.validate("positions", "jump")
    def _jump_between(self, proposal: Any) -> Any:
        left, right = self.positions
        if not left < self.jump < right:
            raise traitlets.TraitError(
                f"neurons at {left} and {right}, jump at {self.jump}: the jump must lie between "
                "the neurons; move them together with lab.change(positions=..., jump=...)"
            )
        return proposal["value"]

    @traitlets.validate("jump_size")
    def _real_jump(self, proposal: Any) -> Any:
        if proposal["value"] == 0:
            raise traitlets.TraitError("jump_size = 0: no jump, no race; any other height will do")
        return proposal["value"]

    def saved_times(self) -> np.ndarray:
        """The slow times of the run: evenly spaced, to a quarter beyond the hit."""
        from ttlearn import two_timescale

        left, right = self.jump - self.positions[0], self.positions[1] - self.jump
        with float64():
            end = 1.25 * float(two_timescale.hitting_time(left, right, self.jump_size**2))
        return np.arange(MOMENTS) * end / (MOMENTS - 1)

    def trajectories(self) -> dict[str, Trajectory]:
        """The limit flow of the two neurons, with their ``distances`` to the jump."""
        from ttlearn import two_timescale

        target = two_timescale.Target([self.jump], [0.0, self.jump_size])
        run = two_timescale.limit_flow(self.positions, target, self.saved_times())
        side = np.array([-1.0, 1.0])
        distances = side * (run["positions"] - self.jump)
        arrays = {**run.arrays, "distances": distances}
        return {"race": Trajectory(run.times, arrays, run.losses, run.axes, run.meta)}
