"""Parity of the lab that reads one run three ways: two speeds, and every reading."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from parity_cases.engine import Engine, Numbers, Parameters
from ttlearn import saddles
from ttlearn.labs.three_lenses import lens_readings

UNIT: dict[str, float] = {"left": -1.0, "right": 1.0, "slope": 1.0, "intercept": 0.0, "leak": 0.0}
OTHER = {"left": -1.0, "right": 2.0, "slope": -1.5, "intercept": 0.3, "leak": 0.1}


def _start(directions: Any, outer: Any, scale: float) -> list[float]:
    turns = np.radians(directions)
    weights = scale * np.array(outer, float)
    return saddles.join(scale * np.cos(turns), scale * np.sin(turns), weights, 0.0).tolist()


def _cases() -> dict[str, Parameters]:
    cases: dict[str, Parameters] = {}

    def add(
        name: str, start: list[float], ratio: float, problem: dict[str, float], step: float = 0.05
    ) -> None:
        cases[name] = {
            "problem": problem,
            "start": start,
            "step_size": step,
            "timescale_ratio": ratio,
            "steps": [0, 40, 80, 120, 160, 200, 240],
        }

    for scale, ratio in itertools.product((1e-6, 1e-3, 0.3, 1.0), (1.0, 0.1, 0.01)):
        start = _start([80, 120], [1, -1], scale)
        add(f"two neurons of size {scale}, ratio {ratio}", start, ratio, UNIT)
    for ratio in (2.0, 0.003):
        add(f"near the saddle, ratio {ratio}", _start([19, 161], [0, 0], 1.0), ratio, UNIT)
    add("one dead, one alive", _start([-100, 60], [1, 1], 0.5), 1.0, UNIT)
    add("all dead", _start([-100, -60], [1, -1], 0.5), 1.0, UNIT)
    add("a small one beside a large one", [0.5, 1e-5, 0.2, 2e-5, 0.4, -1e-5, 0.1], 0.5, UNIT)
    for seed, ratio in itertools.product(range(4), (1.0, 0.05)):
        random = np.random.RandomState(seed)
        n = 1 + seed + seed // 2
        start = random.normal(size=3 * n + 1).tolist()
        problem = OTHER if seed % 2 else UNIT
        add(f"random {seed}, ratio {ratio}", start, ratio, problem, 0.02)
    return cases


def _readings(parameters: Parameters) -> Numbers:
    problem = saddles.Problem(**parameters["problem"])
    steps = parameters["steps"]
    run = saddles.gradient_descent(
        problem,
        parameters["start"],
        parameters["step_size"],
        steps[-1],
        timescale_ratio=parameters["timescale_ratio"],
        keep=len(steps),
        progress=False,
    )
    assert run.times.tolist() == steps
    return {"times": run.times, "losses": run.losses, **lens_readings(problem, run).arrays}


ENGINES = {"three_lenses": Engine(_cases, _readings, {"": 1e-9}, drift=1e-8)}
