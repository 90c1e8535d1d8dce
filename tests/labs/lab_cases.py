"""All labs, as the tests open them."""

from __future__ import annotations

import inspect
from typing import Any

from ttlearn import labs

LABS = [
    name
    for name in labs.__all__
    if inspect.isclass(getattr(labs, name)) and issubclass(getattr(labs, name), labs.Lab)
]
LABS.remove("Lab")
# A smaller opening state where the real one takes the engine a tenth of a second or more.
QUICK: dict[str, dict[str, Any]] = {
    "TwoTimescaleLab": {"neurons": 8, "timescale_ratio": 5e-3, "horizon": 3.0},
    "PhaseLab": {"neurons": 6},
    # Beyond the catapult rounding is amplified: two builds of the same engine part there.
    "SharpnessLab": {"step_size": 0.3, "most_steps": 400},
}
# Parameters that a small step leaves without effect on what is seen, and why.
SILENT = {
    ("TwoTimescaleLab", "most_steps"): "a cap that the opening run does not reach",
}


def make(name: str) -> Any:
    return getattr(labs, name)(**QUICK.get(name, {}))


def small(**parameters: Any) -> labs.TwoTimescaleLab:
    """A two-timescale lab that computes in a blink."""
    quick: dict[str, Any] = {"neurons": 6, "timescale_ratio": 5e-3, "horizon": 1.0}
    return labs.TwoTimescaleLab(**(quick | parameters))
