"""Lab: every critical point of a small network, its zig-zag, its eigenvalues and its verdict."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from ttlearn.labs.saddle_base import SaddleLab
from ttlearn.labs.traits import number, numbers, whole
from ttlearn.records import Trajectory

MOMENTS = 121
WEIGHTS = ("inner_weights", "biases", "outer_weights")
_FOLD = "Weights, as numbers"


def _point(w: list[float], b: list[float], v: list[float], c: float = 0.5) -> dict[str, Any]:
    names = dict(zip(WEIGHTS, (w, b, v), strict=True))
    return {"n_neurons": len(w), **names, "output_bias": c}


_LEAKY: dict[str, Any] = {"activation": "leaky", "leak": 0.25, "level": 1}


class AtlasLab(SaddleLab):
    """Build any saddle, drag its kinks and weights, and read the verdict of the theorem.

    Choose width and number of kinks, and the lab puts the weights on that saddle; drag a kink or a
    weight, and it tells what is left of it. The transport lets gradient descent go from there.

    >>> lab = AtlasLab(n_neurons=4, level=4)
    >>> [round(b, 3) for b in lab.biases]
    [-0.2, 0.4, -0.6, 0.8]
    """

    bundle: ClassVar = "atlas"
    presets: ClassVar = {
        "Two kinks": {},
        "Four kinks": {
            "level": 4,
            **_point([1, -1, 1, -1], [-0.2, 0.4, -0.6, 0.8], [0.4, -0.4, 0.4, -0.4]),
        },
        "Two neurons share a kink": _point(
            [1, 2, -1], [-1 / 3, -2 / 3, 2 / 3], [1 / 6, 1 / 4, -2 / 3]
        ),
        "A constant neuron": {"level": 0, **_point([0], [1], [0])},
        "Dead for ever": {"level": 0, **_point([-1, -1], [-0.2, -0.4], [0.7, 1.5])},
        "One kink, leaky": {**_LEAKY, **_point([1], [-2 / 3], [2])},
        "A global minimum": _point([1, -1], [-0.5, 0.5], [1, -1]),
    }

    n_neurons = whole(2, 1, 6, "Neurons")
    step_size = number(
        0.2, 0.01, 0.9, "Step size of descent", help="From 1 on the output bias diverges."
    )
    n_steps = whole(2000, 10, 20_000, "Steps of descent", log=True)
    inner_weights = numbers([1.0, -1.0], -5, 5, "Inner weights", most=6, group=_FOLD)
    biases = numbers([-1 / 3, 2 / 3], -6, 6, "Biases", most=6, group=_FOLD)
    outer_weights = numbers([2 / 3, -2 / 3], -5, 5, "Outer weights", most=6, group=_FOLD)
    output_bias = number(0.5, -1, 2, "Output bias", group=_FOLD)

    def __init__(self, **parameters: Any) -> None:
        given = [name for name in WEIGHTS if name in parameters]
        if given:
            parameters.setdefault("n_neurons", len(parameters[given[0]]))
        super().__init__(**({"title": "Lab: the atlas of saddles", "moment": 0.0} | parameters))
        if not given:
            self._go_to_saddle()

    def change(self, **parameters: Any) -> None:
        given = [name for name in WEIGHTS if name in parameters]
        if not given:
            return super().change(**parameters)
        parameters.setdefault("n_neurons", len(parameters[given[0]]))
        with self.as_given():
            super().change(**parameters)
        return None

    @traitlets.validate("activation", "first", "level", "n_neurons", *WEIGHTS)
    def _enough_of_each(self, proposal: Any) -> Any:
        wanted = self.proposed(proposal)
        self.check_saddle(wanted)
        lengths = [len(wanted[name]) for name in WEIGHTS]
        if len(set(lengths)) > 1:
            raise traitlets.TraitError(
                f"{lengths[0]} inner weights, {lengths[1]} biases and {lengths[2]} outer weights: "
                "every neuron has one of each; set them together with lab.change(...)"
            )
        level, width = wanted["level"], wanted["n_neurons"]
        if level > width and not self._as_given:  # given weights stand as they are
            raise traitlets.TraitError(
                f"level = {level} with {width} neurons: a kink needs a neuron; set "
                "both together with lab.change(level=..., n_neurons=...)"
            )
        return proposal["value"]

    @traitlets.observe("n_neurons", "level", "first", "activation", "leak")
    def _follow(self, change: Any) -> None:
        if not self._as_given:
            self._go_to_saddle()

    @traitlets.observe(*WEIGHTS)
    def _count_neurons(self, change: Any) -> None:
        with self.as_given():
            self.n_neurons = len(self.inner_weights)

    def _go_to_saddle(self) -> None:
        from ttlearn import saddles

        point = saddles.saddle(
            self.problem(), self.level, first=self.first, n_neurons=self.n_neurons
        )
        parts = saddles.split(point)
        with self.as_given(), self.hold_trait_notifications():
            for name in WEIGHTS:
                setattr(self, name, getattr(parts, name).tolist())
            self.output_bias = float(parts.output_bias)

    def point(self) -> np.ndarray:
        """The weights on the screen, flat: all w, all b, all v, then c."""
        from ttlearn import saddles

        return saddles.join(self.inner_weights, self.biases, self.outer_weights, self.output_bias)

    def trajectories(self) -> dict[str, Trajectory]:
        """Gradient descent from the weights on the screen."""
        return {"descent": self.descent(self.point(), self.step_size, self.n_steps, MOMENTS)}
