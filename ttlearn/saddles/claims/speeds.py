"""Claims about layers that learn at different speeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.records import Claim
from ttlearn.saddles.descent import gradient_descent
from ttlearn.saddles.problem import FloatArray, Problem, join, split

STILL = 1e-9  # an output bias that moves no further stands still


def _rescaled(parameters: FloatArray, ratio: float) -> FloatArray:
    """The same functions from inner weights ratio^(-1/4) times as large."""
    n = (parameters.shape[-1] - 1) // 3
    factors = np.repeat([ratio**-0.25, ratio**0.25, 1.0], [2 * n, n, 1])
    return parameters * factors


def ratio_is_scale(
    problem: Problem,
    start: FloatArray,
    timescale_ratio: float,
    step_size: float = 0.05,
    n_steps: int = 1000,
) -> Claim:
    """A run at one ratio, and the run at equal speeds that it becomes when rescaled."""
    common: dict[str, Any] = {"keep": 11, "progress": False}
    slow = gradient_descent(
        problem, start, step_size, n_steps, timescale_ratio=timescale_ratio, **common
    )
    equal = gradient_descent(
        problem,
        _rescaled(start, timescale_ratio),
        step_size * np.sqrt(timescale_ratio),
        n_steps,
        **common,
    )
    runs = slow["parameters"]
    moved = float(np.max(np.abs(split(runs).output_bias - start[-1])))
    distance = float(np.max(np.abs(_rescaled(runs, timescale_ratio) - equal["parameters"])))
    return Claim(
        name="ratio-is-scale",
        statement=(
            "While the output bias stands still, gradient descent with timescale ratio r and step "
            "h from (w, b, v) is gradient descent at equal speeds with step √r·h from "
            "(r^(−1/4) w, r^(−1/4) b, r^(1/4) v)."
        ),
        source="derived here, from the scaling of a neuron",
        provenance="derived",
        hypothesis=f"the output bias moves by at most {STILL:g}",
        hypothesis_margin=STILL - moved,
        conclusion="the rescaled runs differ by at most 1e-9 in every parameter",
        conclusion_margin=1e-9 - distance,
        case={"timescale_ratio": timescale_ratio, "neurons": (start.size - 1) // 3},
    )


def _start(degrees: list[float], scale: float) -> FloatArray:
    turns = np.radians(degrees)
    signs = np.resize([1.0, -1.0], turns.size)
    return join(scale * np.cos(turns), scale * np.sin(turns), scale * signs, 0.0)


def claims() -> list[Claim]:
    """Mirror images: the network is odd, and the output bias has nothing to do."""
    problem = Problem(-1.0, 1.0)
    pair, four = _start([20, 160], 0.3), _start([80, 100, 30, 150], 0.1)
    return [
        ratio_is_scale(problem, start, ratio) for start in (pair, four) for ratio in (0.01, 0.1)
    ]


def breaking() -> list[Claim]:
    """Two neurons that are no mirror images: the output bias becomes a third speed."""
    return [ratio_is_scale(Problem(-1.0, 1.0), _start([80, 120], 0.3), 0.01)]
