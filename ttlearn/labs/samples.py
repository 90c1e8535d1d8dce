"""Lab: n samples instead of the whole law; the angle follows it to a floor, and leaves at t*."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import traitlets

from ttlearn.labs.base import Lab
from ttlearn.labs.laws import law_choice, make_law
from ttlearn.labs.traits import number, numbers, whole
from ttlearn.records import Trajectory

MOMENTS = 121
FIRST_TIME = 0.1


class SamplesLab(Lab):
    """A linear predictor on n samples: as fast as on all of the law, down to a floor.

    >>> SamplesLab(samples=20).signed_points().shape
    (20, 2)
    """

    bundle: ClassVar = "samples"
    presets: ClassVar = {
        "A hundred points": {},
        "Twenty points": {"samples": 20},
        "Ten thousand points": {"samples": 10_000, "horizon": 1e4},
        "Another hundred": {"seed": 2},
    }

    samples = whole(100, 10, 100_000, "Number of samples", log=True)
    seed = whole(1, 0, 999_999, "Seed", help="Draws the samples.")
    law = law_choice("gaussian", "sphere")
    weights = numbers([-0.6, 0.8], -8, 8, "Vector at the start", least=2, most=2)
    horizon = number(1e8, 100.0, 1e8, "Time at the end", log=True)

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**({"title": "Lab: samples"} | parameters))

    @traitlets.validate("weights")
    def _has_an_angle(self, proposal: Any) -> Any:
        along, across = proposal["value"]
        if math.hypot(along, across) < 1e-2 or (along < 0 and abs(across) < 1e-3):
            raise traitlets.TraitError(
                f"weights = {proposal['value']}: keep 0.01 away from 0, and 0.001 away from the "
                "ray opposite the teacher"
            )
        return proposal["value"]

    def saved_times(self) -> np.ndarray:
        """The times at which the flows are saved: 0, then equal ratios from 0.1 to ``horizon``."""
        decades = math.log10(self.horizon / FIRST_TIME)
        shares = np.arange(MOMENTS - 1) / (MOMENTS - 2)
        return np.concatenate([[0.0], self.horizon * 10.0 ** (-decades * (1 - shares))])

    def signed_points(self) -> np.ndarray:
        """The samples times their labels, shape (n, 2): those of the page, number by number."""
        points = np.random.RandomState(self.seed).standard_normal((self.samples, 2))
        if self.law == "sphere":
            points /= np.linalg.norm(points, axis=1, keepdims=True)
        return points * np.where(points[:, :1] < 0, -1.0, 1.0)

    def trajectories(self) -> dict[str, Trajectory]:
        """The flow on the samples and the flow on the whole law, as JAX computes them."""
        from ttlearn import directional

        times = self.saved_times()
        points = self.signed_points()
        run = directional.sample_flow(points, self.weights, times, method="rkc2", rtol=1e-5)
        norm, angle = math.hypot(*self.weights), abs(math.atan2(*self.weights[::-1]))
        law = make_law(self.law)
        return {"sample": run, "law": directional.flow(law, norm, angle, times)}
