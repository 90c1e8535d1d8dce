"""Lab: where does one neuron end, from every start of a slice?"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ttlearn.labs.bank import pack
from ttlearn.labs.base import Lab
from ttlearn.labs.traits import choice, number
from ttlearn.records import Trajectory

if TYPE_CHECKING:
    from ttlearn.saddles import Problem

MOMENTS = 161
N_STEPS = 4000
N_GRID = 61
CASES: dict[str, tuple[float, float]] = {  # outer weight, leak
    "up": (0.5, 0.0),
    "down": (-0.5, 0.0),
    "leaky": (0.5, 0.1),
}


@functools.cache
def packed_slices(n_grid: int = N_GRID) -> bytes:
    """Endings of all cases on ``n_grid`` x ``n_grid`` starts, computed by JAX, as a lab's bank."""
    from ttlearn.saddles import Problem, experiments

    slices = {}
    for case, (outer_weight, leak) in CASES.items():
        found = experiments.basin_slice(
            outer_weight, n_grid=n_grid, n_steps=N_STEPS, problem=Problem(leak=leak)
        )
        slices[case] = np.array(
            [[experiments.ENDINGS.index(name) for name in row] for row in found.names], float
        )
    return pack(slices, {"endings": list(experiments.ENDINGS)}, exact=True)


class BasinLab(Lab):
    """One neuron, from every (w, b): click on a start, and watch it reach the line or die.

    The colours were computed by JAX (step size 0.1, 4000 steps); the run is live.

    >>> lab = BasinLab(inner_weight=-1.0, bias=-0.5)
    >>> float(lab.trajectory().losses[-1])  # dead: only the mean is learnt
    0.08333333333333333
    """

    bundle: ClassVar = "basin"
    presets: ClassVar = {
        "It learns": {},
        "Born dead": {"inner_weight": -0.8, "bias": -0.6},
        "Alive, then nearly dead": {"inner_weight": -1.2, "bias": 0.3},
        "The other sign": {"case": "down"},
        "With a leak": {"case": "leaky", "inner_weight": -1.2, "bias": 0.3},
        "Large steps": {"step_size": 0.8},
    }

    case = choice(
        "up",
        {
            "up": "outer weight 0.5",
            "down": "outer weight −0.5",
            "leaky": "outer weight 0.5, leak 1/10",
        },
        "Slice",
    )
    inner_weight = number(1.0, -2, 2, "Inner weight", step=0.02)
    bias = number(-0.4, -2, 2, "Bias", step=0.02)
    step_size = number(
        0.1, 0.02, 0.9, "Step size of the run", step=0.01, help="The colours are for 0.1."
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**({"title": "Lab: where one neuron ends"} | parameters))
        self._bank = packed_slices()

    def problem(self) -> Problem:
        """[0, 1], target x, with the leak of the slice."""
        from ttlearn.saddles import Problem

        return Problem(leak=CASES[self.case][1])

    def point(self) -> np.ndarray:
        """The start on the screen: (w, b, v, c), c at the mean of the target."""
        return np.array([self.inner_weight, self.bias, CASES[self.case][0], 0.5])

    def trajectories(self) -> dict[str, Trajectory]:
        """Gradient descent from the start on the screen."""
        from ttlearn import saddles
        from ttlearn.dynamics import DivergedError

        problem = self.problem()
        try:
            run = saddles.gradient_descent(
                problem, self.point(), self.step_size, N_STEPS, keep=MOMENTS, progress=False
            )
        except DivergedError as error:
            raise ValueError(f"{error}; take a smaller step size") from error
        norms = [np.linalg.norm(saddles.gradient(problem, row)) for row in run["parameters"]]
        arrays = {**run.arrays, "gradient_norm": np.array(norms)}
        return {"run": Trajectory(run.times, arrays, run.losses, run.axes, run.meta)}
