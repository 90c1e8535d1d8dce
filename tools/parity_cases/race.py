"""Parity of the race to a jump: the engine simulates it, the library has it in closed form."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from parity_cases.engine import Engine, Numbers, Parameters
from parity_cases.two_timescale import grid
from ttlearn import two_timescale as wing
from ttlearn.precision import in_float64


def _race_cases() -> dict[str, Parameters]:
    cases = {}
    for left, right in (
        (0.02, 0.05),
        (0.05, 0.02),
        (0.3, 0.301),
        (0.301, 0.3),
        (0.01, 0.4),
        (0.2, 0.25),
        (0.49, 0.1),
    ):
        for size in (1.0, -2.0, 4.0):
            horizon = 0.6 * (left + right) / size**2 * 4
            cases[f"distances {left}, {right}, jump {size}"] = {
                "jump": 0.5,
                "jump_size": size,
                "positions": [0.5 - left, 0.5 + right],
                "times": grid(horizon),
            }
    return cases


_race_state = jax.jit(wing.race_state)
_hitting_time = jax.jit(wing.hitting_time)


@in_float64
def _race(parameters: Parameters) -> Numbers:
    jump, size = parameters["jump"], parameters["jump_size"]
    left, right = jump - parameters["positions"][0], parameters["positions"][1] - jump
    times = jnp.asarray(parameters["times"])
    l, r = (np.asarray(part) for part in _race_state(left, right, size**2, times))  # noqa: E741
    hit = float(_hitting_time(left, right, size**2))
    return {
        "times": parameters["times"],
        "positions": np.stack([jump - l, jump + r], 1),
        "distances": np.stack([l, r], 1),
        "losses": size**2 * l * r / (l + r),
        "hits": [hit] if hit <= parameters["times"][-1] else [],
        "hitting_time": hit,
        "stopping_distance": float(wing.stopping_distance(left, right)),
    }


ENGINES = {"race": Engine(_race_cases, _race, {"": 1e-7}, drift=1e-12)}
