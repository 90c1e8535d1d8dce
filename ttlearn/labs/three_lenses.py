"""Lab: one network, trained once, read by all three theories along one time cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets

from ttlearn.labs.base import Lab
from ttlearn.labs.traits import number, numbers, whole
from ttlearn.records import Trajectory

if TYPE_CHECKING:
    from ttlearn.saddles import Problem

MOMENTS = 201
RESOLUTION = 1e-3  # neurons nearer than this are one for a layer that has to be fast
AT_ZERO = 1e-12  # a neuron this small has no Hessian of its own
LISTS = ("directions", "outer_weights")
_FOLD = "Start of every neuron, as numbers"
_NEAR_THE_SADDLE: dict[str, Any] = {
    "directions": [19.0, 161.0],
    "outer_weights": [0.0, 0.0],
    "scale": 1.0,
    "step_size": 0.1,
}


def random_start(seed: int, neurons: int) -> tuple[list[float], list[float]]:
    """Directions in degrees, to a tenth, and outer weights 1 or −1, drawn by ``seed``.

    >>> random_start(1, 2)
    ([-29.9, 79.3], [1.0, 1.0])
    """
    stream = np.random.RandomState(seed)
    turns, signs = stream.random_sample(neurons), stream.random_sample(neurons)
    directions = [float(x) for x in (np.floor(3600 * turns) - 1800) / 10]
    return directions, [1.0 if x < 0.5 else -1.0 for x in signs]


def lowest_curvature(
    problem: Problem, parameters: np.ndarray, timescale_ratio: float = 1.0
) -> float:
    """Lowest eigenvalue of √D H √D: D is the ratio on the inner layer, 1 on the outer one.

    At ratio 1 that is the Hessian's; otherwise it is the curvature that training with two speeds
    feels, and minus it the rate at which the linearised run leaves. Neurons at zero, which have no
    Hessian, are left out; where a kink is an end of the interval the Hessian is seen from inside.

    >>> from ttlearn import saddles
    >>> round(lowest_curvature(saddles.Problem(), saddles.saddle(saddles.Problem(), 2)), 7)
    -0.0266867
    """
    from ttlearn import saddles

    w, b, v, c = saddles.split(np.asarray(parameters, float))
    kept = np.maximum(np.abs(w), np.abs(b)) > AT_ZERO
    if not kept.any():
        return 2.0 * problem.length
    rest = saddles.join(w[kept], b[kept], v[kept], c)
    matrix = saddles.hessian(problem, rest, side="inside")
    n = int(kept.sum())
    speeds = np.sqrt(np.where(np.arange(rest.size) < 2 * n, timescale_ratio, 1.0))
    return float(np.linalg.eigvalsh(speeds[:, None] * matrix * speeds)[0])


def lens_readings(problem: Problem, run: Trajectory) -> Trajectory:
    """A run of gradient descent with what each theory looks at.

    Arguments:
        problem: of the run.
        run: a Trajectory with ``parameters`` (K, 3N+1), as
            :func:`ttlearn.saddles.gradient_descent` returns it for one start.

    Returns:
        The same Trajectory with six more arrays: ``best_loss`` (K,), the loss that the best outer
        layer would leave; ``norms`` and ``directions`` (K, N), length and angle (radians, without
        jumps) of (w, b); ``gradient_norm``, ``lowest_curvature`` and ``felt_curvature`` (K,), see
        :func:`lowest_curvature`.

    >>> from ttlearn import saddles
    >>> problem = saddles.Problem(-1, 1)
    >>> start = saddles.join([0.1, 0.0], [0.0, 0.1], [0.1, -0.1], 0.0)
    >>> run = saddles.gradient_descent(problem, start, 0.1, 20, keep=3, progress=False)
    >>> sorted(lens_readings(problem, run).arrays)[:4]
    ['best_loss', 'directions', 'felt_curvature', 'gradient_norm']
    """
    from ttlearn import saddles

    rows = run["parameters"]
    parts = saddles.split(rows)
    angles = np.arctan2(parts.biases, parts.inner_weights)
    gradients = [saddles.gradient(problem, row) for row in rows]
    ratio = float(run.meta.get("timescale_ratio", 1.0))
    scalars = {
        "best_loss": [
            saddles.fast_solution(problem, row, resolution=RESOLUTION).loss for row in rows
        ],
        "gradient_norm": np.linalg.norm(gradients, axis=1),
        "lowest_curvature": [lowest_curvature(problem, row) for row in rows],
        "felt_curvature": [lowest_curvature(problem, row, ratio) for row in rows],
    }
    read = {name: np.array(values) for name, values in scalars.items()}
    read["norms"] = np.hypot(parts.inner_weights, parts.biases)
    read["directions"] = np.unwrap(angles, axis=0)
    axes = {**run.axes, **dict.fromkeys(scalars, ("time",))}
    axes |= dict.fromkeys(("norms", "directions"), ("time", "neuron"))
    return Trajectory(run.times, {**run.arrays, **read}, run.losses, axes, run.meta)


class ThreeLensesLab(Lab):
    """One ReLU network on [−1, 1] with target x, and three theories that look at the same run.

    Neuron j starts in the direction ``directions[j]`` of its (w, b), with length ``scale`` and
    outer weight ``scale`` times ``outer_weights[j]``; the output bias starts at its best.

    >>> lab = ThreeLensesLab(scale=1e-3, horizon=10.0)
    >>> run = lab.trajectory()
    >>> float(run["best_loss"][60]) < 0.01 < 0.6 < float(run.losses[60])
    True
    """

    bundle: ClassVar = "three_lenses"
    presets: ClassVar = {
        "A plateau, read three ways": {},
        "A hundred times smaller": {"scale": 1e-6},
        "The inner layer slow": {"timescale_ratio": 0.01, "horizon": 200.0},
        "A saddle on the slow manifold": {
            **_NEAR_THE_SADDLE,
            "timescale_ratio": 0.02,
            "horizon": 3000.0,
        },
        "The same start, one speed": {**_NEAR_THE_SADDLE, "horizon": 60.0},
        "Six neurons, two kinks": {
            "neurons": 6,
            "directions": [75.0, 10.0, -20.0, 130.0, 100.0, -160.0],
            "outer_weights": [1.0, 1.0, 1.0, -1.0, -1.0, -1.0],
        },
        "Dead neurons": {
            "directions": [-150.0, -110.0],
            "outer_weights": [1.0, -1.0],
            "scale": 0.5,
        },
    }

    scale = number(
        1e-4, 1e-6, 2.0, "Scale of the start", log=True, help="Length of every neuron's (w, b)."
    )
    timescale_ratio = number(
        1.0, 1e-3, 10.0, "Timescale ratio", log=True, help="Inner rate over outer rate."
    )
    neurons = whole(2, 1, 6, "Neurons", help="A new number draws a new start.")
    seed = whole(0, 0, 999_999, "Seed", help="Draws a start.")
    step_size = number(0.05, 0.02, 0.4, "Step size", step=0.01, help="Of the outer layer.")
    horizon = number(20.0, 5.0, 4000.0, "Time at the end", log=True)
    directions = numbers(
        [80.0, 120.0], -180, 180, "Directions of (w, b), degrees", most=6, group=_FOLD
    )
    outer_weights = numbers([1.0, -1.0], -3, 3, "Outer weights, over scale", most=6, group=_FOLD)

    def __init__(self, **parameters: Any) -> None:
        given = [name for name in LISTS if name in parameters]
        if given:
            parameters.setdefault("neurons", len(parameters[given[0]]))
        drawn = not given and ("seed" in parameters or "neurons" in parameters)
        opening = {"title": "Lab: one network, three lenses", "moment": 0.3}
        super().__init__(**(opening | parameters))
        if drawn:
            self._draw_start(None)

    def change(self, **parameters: Any) -> None:
        given = [name for name in LISTS if name in parameters]
        if not given:
            return super().change(**parameters)
        parameters.setdefault("neurons", len(parameters[given[0]]))
        with self.as_given():
            super().change(**parameters)
        return None

    @traitlets.validate(*LISTS)
    def _one_of_each(self, proposal: Any) -> Any:
        if len(self.directions) != len(self.outer_weights):
            raise traitlets.TraitError(
                f"{len(self.directions)} directions and {len(self.outer_weights)} outer weights: "
                "every neuron has one of each; set both together with lab.change(...)"
            )
        return proposal["value"]

    @traitlets.observe("neurons", "seed")
    def _draw_start(self, change: Any) -> None:
        if not self._as_given:
            directions, outer_weights = random_start(self.seed, self.neurons)
            with self.as_given(), self.hold_trait_notifications():
                self.directions, self.outer_weights = directions, outer_weights

    @traitlets.observe(*LISTS)
    def _count_neurons(self, change: Any) -> None:
        with self.as_given():
            self.neurons = len(self.directions)

    def problem(self) -> Problem:
        """The interval [−1, 1], the target x, ReLU."""
        from ttlearn.saddles import Problem

        return Problem(-1.0, 1.0)

    def start(self) -> np.ndarray:
        """The weights at the start, flat: all w, all b, all v, then c."""
        from ttlearn import saddles

        turns = np.radians(self.directions)
        inner, biases = self.scale * np.cos(turns), self.scale * np.sin(turns)
        return saddles.join(inner, biases, self.scale * np.array(self.outer_weights), 0.0)

    def n_steps(self) -> int:
        """Steps of the run: the time at its end over the step size."""
        return int(np.floor(self.horizon / self.step_size + 0.5))

    def trajectories(self) -> dict[str, Trajectory]:
        """Gradient descent from the start on the screen, read by all three lenses."""
        from ttlearn import saddles

        problem = self.problem()
        # No guard against divergence: within these ranges large steps kill the neurons instead.
        run = saddles.gradient_descent(
            problem,
            self.start(),
            self.step_size,
            self.n_steps(),
            timescale_ratio=self.timescale_ratio,
            keep=MOMENTS,
            progress=False,
        )
        return {"run": lens_readings(problem, run)}
