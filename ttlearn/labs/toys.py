"""Lab: toy systems, each with one hypothesis of the "almost never" theorem dropped."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ttlearn.labs.base import Lab
from ttlearn.labs.traits import choice, number, numbers, whole
from ttlearn.records import Trajectory

GRID = 8
NEAR = 0.02


class ToyLab(Lab):
    """Gradient descent around one saddle or minimum: who gets away, who falls into the trap?

    >>> ToyLab(name="E3", step_size=0.5, n_steps=200).trapped()
    0.5
    """

    bundle: ClassVar = "toys"
    presets: ClassVar = {
        "A plain saddle": {},
        "A line of saddles": {"name": "E2"},
        "Curved on one side": {"name": "E3", "step_size": 0.5, "start": [0.6, 0.8]},
        "One step size": {"name": "E4", "step_size": 0.5, "start": [0.8, 1.7]},
        "Nearly that step size": {"name": "E4", "step_size": 0.45, "start": [0.8, 1.7]},
        "No way down": {"name": "E5", "step_size": 0.1, "n_steps": 300, "start": [0.6, 0.8]},
        "A dead network": {"name": "E6", "step_size": 0.5, "n_steps": 1, "start": [-0.5, -0.4]},
        "A minimum too sharp": {
            "name": "E7",
            "step_size": 0.16,
            "n_steps": 300,
            "start": [0.5, 0.3],
        },
        "The edge of death": {"name": "E8", "step_size": 0.1, "n_steps": 300, "start": [0.5, 0.8]},
    }

    name = choice(
        "E1",
        {
            "E1": "E1: plain saddle, (x² − y²)/2",
            "E2": "E2: a line of saddles, (x² − y²)/2 for all z",
            "E3": "E3: curved on one side, x²/2 + y|y|/2",
            "E4": "E4: a wall around the saddle, x²/2 + p(y)",
            "E5": "E5: no curvature, y³",
            "E6": "E6: a dead network, real loss",
            "E7": "E7: a minimum too sharp, real loss",
            "E8": "E8: the edge of death, real loss",
        },
        "System",
    )
    step_size = number(0.2, 0.05, 2.4, "Step size", step=0.01)
    n_steps = whole(60, 1, 300, "Steps", log=True)
    start = numbers([0.8, 0.05], -2, 2, "Start", least=2, most=2, help="Across, up, on the plane.")

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**({"title": "Lab: toy systems"} | parameters))

    def starts(self) -> np.ndarray:
        """The start on the screen, then a grid of GRID x GRID others; shape (S, d)."""
        from ttlearn.saddles import TOYS

        toy = TOYS[self.name]
        axis = toy.box * (2 * np.arange(GRID) + 1 - GRID) / GRID
        places = np.array([self.start, *([x, y] for y in axis for x in axis)])
        return toy.placed(places[:, 0], places[:, 1])

    def trapped(self) -> float:
        """Share of a grid of starts that are caught; E1 to E5: within 0.02 of the saddle's height.

        400 starts; 100 in the real loss (E6 to E8).
        """
        from ttlearn.saddles import TOYS, trapped_fraction

        toy = TOYS[self.name]
        share = trapped_fraction(
            self.name,
            self.step_size,
            n_starts=100 if toy.in_real_loss else 400,
            n_steps=self.n_steps,
            tolerance=toy.near if toy.in_real_loss else NEAR,
        )
        return round(share, 4)

    def trajectories(self) -> dict[str, Trajectory]:
        """Every step from all starts."""
        from ttlearn.saddles import toy_descent

        run = toy_descent(self.name, self.starts(), self.step_size, self.n_steps, keep_all=True)
        arrays = {**run.arrays, "values": np.asarray(run.losses)}
        return {"descent": Trajectory(run.times, arrays, None, {}, run.meta)}
