"""Lab: two neurons, one for and one against; what they disagree on is learned fast."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import traitlets

from ttlearn.labs.base import Lab
from ttlearn.labs.laws import law_choice, law_dimension, make_law
from ttlearn.labs.traits import number, numbers
from ttlearn.records import Trajectory

MOMENTS = 161
FIRST_TIME = 0.01
TOLERANCE = 1e-8


class TwoNeuronsLab(Lab):
    """f = phi(w1.x) - phi(w2.x) with a leaky ReLU: drag both neurons and see which part is slow.

    The neurons lie in a plane with the teacher; the data may have more dimensions.

    >>> TwoNeuronsLab(leak=0.0).first
    [0.3, 1.1]
    """

    bundle: ClassVar = "two_neurons"
    presets: ClassVar = {
        "Nearly the same": {},
        "Antipodal": {"first": [-0.6, 0.8], "second": [0.6, -0.8]},
        "Mirror": {"first": [0.4, 1.2], "second": [-0.4, 1.2]},
        "Swapped": {"first": [-1.5, 0.3], "second": [1.5, 0.4], "leak": 0.0},
        "ReLU": {"leak": 0.0},
        "Almost linear": {"leak": 0.9},
        "Data on a sphere in ten dimensions": {"law": "sphere", "dimension": 10},
    }

    first = numbers([0.3, 1.1], -8, 8, "First neuron, it adds", least=2, most=2)
    second = numbers([0.5, 0.9], -8, 8, "Second neuron, it subtracts", least=2, most=2)
    leak = number(0.3, 0.0, 1.0, "Leak", help="Slope on the negative side: 0 ReLU, 1 linear.")
    law = law_choice()
    dimension = law_dimension()
    horizon = number(1e3, 10.0, 1e4, "Time at the end", log=True)

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**({"title": "Lab: two neurons", "moment": 0.7} | parameters))

    @traitlets.validate("first", "second")
    def _has_a_side(self, proposal: Any) -> Any:
        if math.hypot(*proposal["value"]) < 1e-3:
            raise traitlets.TraitError(
                f"{proposal['trait'].name} = {proposal['value']}: a neuron at 0 has no side; "
                "move it at least 0.001 away"
            )
        return proposal["value"]

    def saved_times(self) -> np.ndarray:
        """The times at which the flow is saved: 0, then equal ratios from 0.01 to ``horizon``."""
        decades = math.log10(self.horizon / FIRST_TIME)
        shares = np.arange(MOMENTS - 1) / (MOMENTS - 2)
        return np.concatenate([[0.0], self.horizon * 10.0 ** (-decades * (1 - shares))])

    def trajectories(self) -> dict[str, Trajectory]:
        """The flow of both neurons, as JAX computes it."""
        from ttlearn import directional

        run = directional.two_node_flow(
            make_law(self.law, self.dimension),
            self.first,
            self.second,
            self.saved_times(),
            self.leak,
            rtol=TOLERANCE,
        )
        return {"main": run}
