"""Lab: one vector learns a direction; the loss crawls while the angle races."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ttlearn.labs.base import Lab
from ttlearn.labs.laws import law_choice, law_dimension, make_law
from ttlearn.labs.traits import choice, number, whole
from ttlearn.records import Trajectory

MOMENTS = 201
FIRST_TIME = 0.01


class PlaneLab(Lab):
    """A linear network under symmetric data: drag its vector and see the direction win.

    ``norm`` and ``angle`` (to the teacher, in radians) are those of the end-to-end vector at the
    start.

    >>> float(PlaneLab(depth=3).saved_times()[-1])
    10000.0
    """

    bundle: ClassVar = "plane"
    presets: ClassVar = {
        "Mostly wrong": {},
        "Long and nearly opposite": {"norm": 5.0, "angle": 3.05},
        "Exactly opposite": {"norm": 2.0, "angle": math.pi},
        "Depth 4 on a plateau": {"depth": 4, "norm": 1.0, "angle": 2.9},
        "Descent, huge steps": {"mode": "descent", "step_size": 10.0},
        "Data on a sphere in ten dimensions": {"law": "sphere", "dimension": 10},
    }

    norm = number(1.0, 0.02, 24.0, "Norm at the start", log=True)
    angle = number(
        2.2143, 0.001, math.pi, "Angle to the teacher at the start", unit="rad", step=0.01
    )
    depth = whole(1, 1, 6, "Depth", help="Number of layers whose product is the vector.")
    law = law_choice()
    dimension = law_dimension()
    mode = choice("flow", {"flow": "Gradient flow", "descent": "Gradient descent"}, "Training")
    horizon = number(
        1e4, 10.0, 1e8, "Time at the end", log=True, only={"mode": ["flow"]}, help="Of the flow."
    )
    step_size = number(1.0, 0.01, 20.0, "Step size", log=True, only={"mode": ["descent"]})
    most_steps = whole(
        10_000, 100, 1_000_000, "Number of steps", log=True, only={"mode": ["descent"]}
    )
    coordinates = choice(
        "vector", {"vector": "along and across the teacher", "polar": "norm and angle"}, "Plane"
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**({"title": "Lab: the plane", "moment": 0.44} | parameters))

    def saved_times(self) -> np.ndarray:
        """The times at which the flow is saved: 0, then equal ratios from 0.01 to ``horizon``."""
        decades = math.log10(self.horizon / FIRST_TIME)
        shares = np.arange(MOMENTS - 1) / (MOMENTS - 2)
        return np.concatenate([[0.0], self.horizon * 10.0 ** (-decades * (1 - shares))])

    def saved_steps(self) -> list[int]:
        """The step numbers at which descent is saved: 0, 1, then ever further apart."""
        shares = np.arange(MOMENTS - 1) / (MOMENTS - 2)
        steps = np.floor(self.most_steps**shares + 0.5)
        return sorted({0, *(int(step) for step in steps)})

    def trajectories(self) -> dict[str, Trajectory]:
        """The vector's path, as JAX computes it."""
        from ttlearn import directional

        law = make_law(self.law, self.dimension)
        if self.mode == "flow":
            times = self.saved_times()
            return {"main": directional.flow(law, self.norm, self.angle, times, self.depth)}
        table = directional.Tabulated(law)
        start = (self.norm, self.angle, self.step_size)
        return {"main": directional.descent(table, *start, self.saved_steps(), self.depth)}
