"""What the labs of the saddle part share: activation, leak, and which saddle is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from ttlearn.labs.base import Lab
from ttlearn.labs.traits import choice, number, whole
from ttlearn.records import Trajectory

if TYPE_CHECKING:
    from ttlearn.saddles import Problem


class SaddleLab(Lab):
    """Base: the problem is [0, 1] with target x, the saddle has ``level`` kinks.

    ReLU saddles have an even number of kinks, the first one open to the right; a leak above 0
    allows every number from 1 on and both families.
    """

    activation = choice("relu", {"relu": "ReLU", "leaky": "Leaky ReLU"}, "Activation")
    leak = number(
        0.25, 0.01, 0.9, "Leak", only={"activation": ["leaky"]}, help="Slope on the negative side."
    )
    level = whole(2, 0, 6, "Kinks of the saddle", help="ReLU: an even number.")
    first = choice(
        "right",
        {"right": "to the right", "left": "to the left"},
        "First neuron is active",
        only={"activation": ["leaky"]},
    )

    def proposed(self, proposal: Any) -> dict[str, Any]:
        """The parameters as they would be; a cross-check of one trait still sees its old value."""
        return {**self.parameters(), proposal["trait"].name: proposal["value"]}

    @staticmethod
    def check_saddle(parameters: dict[str, Any]) -> None:
        """Refuse a number of kinks, or a family, that the activation does not have."""
        level, first = parameters["level"], parameters["first"]
        if parameters["activation"] == "relu" and (level % 2 or first == "left"):
            raise traitlets.TraitError(
                f"level = {level}, first = {first!r}: ReLU saddles have an even number "
                "of kinks, the first open to the right; take activation='leaky' for the others"
            )

    def problem(self) -> Problem:
        """The interval [0, 1], the target x, and the leak (0 for ReLU)."""
        from ttlearn.saddles import Problem

        return Problem(leak=self.leak if self.activation == "leaky" else 0.0)

    def descent(
        self, start: np.ndarray, step_size: float, n_steps: int, keep: int, **arrays: np.ndarray
    ) -> Trajectory:
        """Gradient descent by JAX, with the norm of the gradient at every saved step.

        Raises:
            ValueError: when the run leaves the finite numbers.
        """
        from ttlearn import saddles
        from ttlearn.dynamics import DivergedError

        problem = self.problem()
        try:
            run = saddles.gradient_descent(
                problem, start, step_size, n_steps, keep=keep, progress=False
            )
        except DivergedError as error:
            raise ValueError(f"{error}; take a smaller step size") from error
        norms = [np.linalg.norm(saddles.gradient(problem, row)) for row in run["parameters"]]
        added = {"gradient_norm": np.array(norms)} | arrays
        return Trajectory(run.times, {**run.arrays, **added}, run.losses, run.axes, run.meta)
