"""Lab: push a network off a saddle, predict the number of steps until it has left, and count."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import traitlets

from ttlearn.labs.saddle_base import SaddleLab
from ttlearn.labs.traits import number
from ttlearn.records import Trajectory

MOMENTS = 161
RADIUS = 0.05
LONGEST = 60_000
SHORTEST = 200


class EscapeClockLab(SaddleLab):
    """Choose a saddle, the size and direction of a push, and a step size: when has it left?

    ``angle`` is measured from the steepest way down, in the plane of the two lowest curvatures.

    >>> lab = EscapeClockLab(perturbation_size=1e-2)
    >>> round(lab.predicted())
    302
    """

    bundle: ClassVar = "escape_clock"
    presets: ClassVar = {
        "Two kinks": {},
        "A hundred times closer": {"perturbation_size": 1e-6},
        "Four kinks": {"level": 4},
        "Leaky, one kink": {"activation": "leaky", "level": 1},
        "Almost sideways": {"angle": 89.0},
    }

    perturbation_size = number(1e-4, 1e-9, 0.02, "Size of the push", log=True)
    angle = number(
        0.0, -180, 180, "Direction", step=1, unit="°", help="0: the steepest way down. 90: across."
    )
    step_size = number(0.2, 0.05, 0.5, "Step size", step=0.01)

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**({"title": "Lab: the escape clock"} | parameters))

    @traitlets.validate("activation", "level", "first")
    def _a_saddle_with_kinks(self, proposal: Any) -> Any:
        wanted = self.proposed(proposal)
        self.check_saddle(wanted)
        if not 1 <= wanted["level"] <= 4:
            raise traitlets.TraitError(
                f"level = {wanted['level']}: this lab pushes off saddles with 1 to 4 kinks "
                "(ReLU: 2 or 4)"
            )
        return proposal["value"]

    def point(self) -> np.ndarray:
        """The saddle, flat: all w, all b, all v, then c; one neuron per kink."""
        from ttlearn import saddles

        return saddles.saddle(self.problem(), self.level, first=self.first)

    def directions(self) -> tuple[float, np.ndarray]:
        """Lowest curvature, and the unit directions (2, 3N+1) of the two lowest."""
        from ttlearn import saddles

        point = self.point()
        smallest, steepest = saddles.escape_direction(self.problem(), point)
        second = np.linalg.eigh(saddles.hessian(self.problem(), point))[1][:, 1]
        size = np.abs(second)
        entry = int(np.argmax(size > (1 - 1e-6) * size.max()))
        return smallest, np.stack([steepest, second * np.sign(second[entry])])

    def predicted(self) -> float:
        """Steps by the escape clock; infinite for a push exactly across."""
        from ttlearn import saddles

        overlap = self.perturbation_size * math.cos(math.radians(self.angle))
        if abs(overlap) < 1e-15 * self.perturbation_size:
            return math.inf
        return saddles.predicted_steps(self.step_size, self.directions()[0], overlap, RADIUS)

    def n_steps(self) -> int:
        """Length of the run: a quarter beyond the prediction, 200 to 60 000 steps."""
        return int(min(LONGEST, max(SHORTEST, math.ceil(min(1.25 * self.predicted(), LONGEST)))))

    def trajectories(self) -> dict[str, Trajectory]:
        """Gradient descent from the pushed saddle, with its ``distance``; meta has the count."""
        from ttlearn import saddles

        point, turn = self.point(), math.radians(self.angle)
        _, plane = self.directions()
        push = self.perturbation_size * (math.cos(turn) * plane[0] + math.sin(turn) * plane[1])
        run = self.descent(point + push, self.step_size, self.n_steps(), MOMENTS)
        distance = np.linalg.norm(run["parameters"] - point, axis=1)
        count = saddles.escape_steps(
            self.problem(), point, push, self.step_size, max_steps=self.n_steps()
        )
        meta = {**run.meta, "escaped": int(count)}
        arrays = {**run.arrays, "distance": distance}
        return {"escape": Trajectory(run.times, arrays, run.losses, run.axes, meta)}
