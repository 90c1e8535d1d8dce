"""Lab: descent with fixed steps at depth 3, sharpness against 2 / step size, and the catapult."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ttlearn.labs.base import Lab
from ttlearn.labs.laws import law_choice, law_dimension, make_law
from ttlearn.labs.traits import number, whole
from ttlearn.records import Trajectory

INTERVALS = 1000


class SharpnessLab(Lab):
    """Deep linear descent: the better the direction, the sharper the loss, until it throws it away.

    >>> SharpnessLab(most_steps=2500).saved_steps()[:3]
    [0, 3, 6]
    """

    bundle: ClassVar = "sharpness"
    presets: ClassVar = {
        "Depth 3, step size 1": {},
        "Half the step size": {"step_size": 0.5, "most_steps": 40_000},
        "Twice the step size": {"step_size": 2.0},
        "Depth 2: never too sharp": {"depth": 2},
        "Depth 4": {"depth": 4, "step_size": 0.5},
    }

    step_size = number(1.0, 0.05, 4.0, "Step size", log=True)
    depth = whole(3, 1, 6, "Depth", help="Number of layers.")
    most_steps = whole(4000, 100, 100_000, "Number of steps", log=True)
    norm = number(1.0, 0.1, 10.0, "Norm at the start", log=True)
    angle = number(math.acos(-0.8), 0.001, 3.1, "Angle to the teacher at the start", unit="rad")
    law = law_choice()
    dimension = law_dimension()

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**({"title": "Lab: sharpness"} | parameters))

    def saved_steps(self) -> list[int]:
        """The step numbers that are saved: every one, or every few, and the last."""
        stride = -(-self.most_steps // INTERVALS)
        return sorted({*range(0, self.most_steps, stride), self.most_steps})

    def trajectories(self) -> dict[str, Trajectory]:
        """Descent, and gradient flow at time step size times step, as JAX computes them."""
        from ttlearn import directional

        law = make_law(self.law, self.dimension)
        steps = self.saved_steps()
        table = directional.Tabulated(law)
        start = (self.norm, self.angle)
        descent = directional.descent(table, *start, self.step_size, steps, self.depth)
        times = [self.step_size * step for step in steps]
        return {"descent": descent, "flow": directional.flow(law, *start, times, self.depth)}
