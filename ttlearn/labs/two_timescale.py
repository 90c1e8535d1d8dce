"""Lab: the same network from the same start, trained at two timescale ratios, beside the limit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np
import traitlets

from ttlearn.labs.base import Lab
from ttlearn.labs.bounded import bounded
from ttlearn.labs.traits import choice, number, numbers, whole
from ttlearn.records import Trajectory

MOMENTS = 181
DECADES = 6
TOLERANCE = 1e-5


def random_positions(seed: int, neurons: int) -> list[float]:
    """``neurons`` uniform positions in [0, 1], sorted: the paper's own start for ``seed``.

    >>> round(random_positions(42, 20)[0], 6)
    0.020584
    """
    return [float(x) for x in np.sort(np.random.RandomState(seed).random_sample(neurons))]


class TwoTimescaleLab(Lab):
    """Same network, same start, two ratios: drag the target or a neuron and both train again.

    The left run has ``ordinary_ratio`` (1: all layers at equal speed), the right one
    ``timescale_ratio``; dashed is the two-timescale limit.

    >>> lab = TwoTimescaleLab(seed=7, neurons=12)
    >>> len(lab.positions)
    12
    """

    bundle: ClassVar = "two_timescale"
    presets: ClassVar = {
        "The paper's target": {},
        "One jump, four neurons": {
            "jumps": [0.5],
            "values": [0.0, 1.0],
            "neurons": 4,
            "positions": [0.15, 0.38, 0.67, 0.9],
        },
        "How small is small?": {
            "seed": 201,
            "positions": random_positions(201, 20),
            "ordinary_ratio": 3e-3,
            "timescale_ratio": 3e-4,
        },
        "Two neurons short": {
            "jumps": [0.2, 0.5, 0.8],
            "values": [0.0, 1.0, 1.3, 2.3],
            "neurons": 4,
            "positions": [0.05, 0.25, 0.75, 0.95],
        },
        "With noise": {"mode": "sgd", "timescale_ratio": 1e-3, "horizon": 1.0},
    }

    mode = choice(
        "flow",
        {
            "flow": "Gradient flow",
            "sgd": "Stochastic gradient descent",
            "limit": "Limit, ratio → 0",
        },
        "Training",
        help="Gradient flow is descent with infinitely small steps and no noise.",
    )
    ordinary_ratio = number(
        1.0, 1e-5, 1.0, "Timescale ratio, left", log=True, help="Inner rate over outer rate."
    )
    timescale_ratio = number(
        2e-4, 1e-5, 1.0, "Timescale ratio, right", log=True, help="Inner rate over outer rate."
    )
    neurons = whole(20, 1, 40, "Neurons", help="A new number draws new starting positions.")
    seed = whole(42, 0, 999_999, "Seed", help="Draws the starting positions, and the samples.")
    activation_width = number(
        4e-3, 1e-3, 0.2, "Activation width", log=True, help="Width of the smoothed step."
    )
    horizon = number(20.0, 0.01, 50.0, "Slow time at the end", log=True)
    step_size = number(
        1e-3, 1e-5, 0.2, "Step size", log=True, only={"mode": ["sgd"]}, help="Of the outer layer."
    )
    noise = number(1.0, 0.0, 3.0, "Noise", only={"mode": ["sgd"]}, help="Uniform, this half-width.")
    most_steps = whole(
        1_000_000, 1000, 50_000_000, "Steps at most", log=True, only={"mode": ["sgd"]}
    )
    slope = choice(
        "exact",
        {"exact": "of the smoothed step", "box": "of a straight ramp (the paper's code)"},
        "Slope used for the positions",
        group="Target and start, as numbers",
    )
    jumps = numbers(
        [0.2, 0.35, 0.5, 0.65, 0.8],
        0.01,
        0.99,
        "Jumps of the target",
        most=12,
        increasing=True,
        group="Target and start, as numbers",
    )
    values = numbers(
        [1, 5, 1, 3, 1, 5],
        -8,
        8,
        "Levels of the target",
        least=2,
        most=13,
        group="Target and start, as numbers",
    )
    positions = numbers(
        random_positions(42, 20),
        -0.5,
        1.5,
        "Starting positions",
        group="Target and start, as numbers",
    )

    def __init__(self, **parameters: Any) -> None:
        if "positions" in parameters:
            parameters.setdefault("neurons", len(parameters["positions"]))
        super().__init__(**({"title": "Lab: two timescales"} | parameters))
        if "positions" not in parameters:
            self.positions = random_positions(self.seed, self.neurons)

    def change(self, **parameters: Any) -> None:
        if "positions" not in parameters:
            return super().change(**parameters)
        parameters.setdefault("neurons", len(parameters["positions"]))
        with self.as_given():
            super().change(**parameters)
        return None

    @traitlets.observe("neurons", "seed")
    def _draw_start(self, change: Any) -> None:
        if not self._as_given:
            self.positions = random_positions(self.seed, self.neurons)

    @traitlets.observe("positions")
    def _count_neurons(self, change: Any) -> None:
        with self.as_given():
            self.neurons = len(self.positions)

    @traitlets.validate("values", "jumps")
    def _one_level_more(self, proposal: Any) -> Any:
        if len(self.values) != len(self.jumps) + 1:
            raise traitlets.TraitError(
                f"{len(self.jumps)} jumps and {len(self.values)} levels found; a target has one "
                "level more than jumps: set both together with lab.change(jumps=..., values=...)"
            )
        return proposal["value"]

    def saved_times(self) -> np.ndarray:
        """The slow times at which the runs are saved: 0, then equal ratios up to ``horizon``."""
        later = self.horizon * 10.0 ** (-DECADES * (1 - np.arange(MOMENTS - 1) / (MOMENTS - 2)))
        return np.concatenate([[0.0], later])

    def saved_steps(self, ratio: float) -> list[int]:
        """The step numbers at which descent is saved: at most ``most_steps``."""
        steps = np.floor(self.saved_times() / (self.step_size * ratio) + 0.5)
        inside = [int(step) for step in steps if step <= self.most_steps]
        return sorted({*inside, *([self.most_steps] if len(inside) < len(steps) else [])})

    def curves(self) -> dict[str, Callable[[], Trajectory]]:
        """What is on the screen, by name, each ready to be computed by JAX."""
        right = {"slow": partial(self._trained, self.timescale_ratio)}
        left = {"ordinary": partial(self._trained, self.ordinary_ratio)}
        limit = {"limit": self._limit}
        return {**limit, **left} if self.mode == "limit" else {**right, **left, **limit}

    def trajectories(self) -> dict[str, Trajectory]:
        """The JAX trajectories of all curves on the screen."""
        return {name: compute() for name, compute in self.curves().items()}

    def trajectory(self, name: str | None = None) -> Trajectory:
        """The JAX Trajectory of one curve: ``"slow"`` (right), ``"ordinary"`` (left), ``"limit"``.

        Arguments:
            name: the right one if not given.

        Raises:
            ValueError: on a name that is not shown, and for a start that the limit refuses.
        """
        curves = self.curves()
        wanted = next(iter(curves)) if name is None else name
        if wanted not in curves:
            raise ValueError(f"no curve {wanted!r} is shown; there are {list(curves)}")
        return curves[wanted]()

    def _limit(self) -> Trajectory:
        from ttlearn import two_timescale

        target = two_timescale.Target(self.jumps, self.values)
        return two_timescale.limit_flow(self.positions, target, self.saved_times())

    def _trained(self, ratio: float) -> Trajectory:
        from ttlearn import two_timescale

        target = two_timescale.Target(self.jumps, self.values)
        common: dict[str, Any] = {
            "timescale_ratio": ratio,
            "activation_width": self.activation_width,
            "slope": self.slope,
        }
        if self.mode != "sgd":
            times = self.saved_times()
            return two_timescale.network_flow(
                self.positions, target, times, tolerance=TOLERANCE, **common
            )
        common |= {"step_size": self.step_size, "noise": self.noise, "progress": False}

        def descend(save_steps: list[int]) -> Trajectory:
            stream = np.random.RandomState(self.seed)
            stream.random_sample(len(self.positions))  # the paper draws the start from it first
            saved: dict[str, Any] = {
                "steps": save_steps[-1],
                "save_steps": save_steps,
                "stream": stream,
            }
            return two_timescale.sgd(self.positions, target, **saved, **common)

        return bounded(descend, self.saved_steps(ratio))
