"""Parity of the saddle engines: exact derivatives and verdicts, descent, toy systems."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from parity_cases.engine import Engine, Numbers, Parameters
from ttlearn import saddles as wing

UNIT: dict[str, float] = {"left": 0.0, "right": 1.0, "slope": 1.0, "intercept": 0.0, "leak": 0.0}
OTHER = {"left": -1.0, "right": 2.0, "slope": -1.5, "intercept": 0.3, "leak": 0.0}


def _leaky(problem: dict[str, float], leak: float) -> dict[str, float]:
    return {**problem, "leak": leak}


def _problem(parameters: Parameters) -> wing.Problem:
    return wing.Problem(**parameters["problem"])


def _random(seed: int, neurons: int) -> list[float]:
    return np.random.RandomState(seed).normal(size=3 * neurons + 1).tolist()


def _point_cases() -> dict[str, Parameters]:
    cases: dict[str, Parameters] = {}

    def add(name: str, problem: dict[str, float], point: Any) -> None:
        cases[name] = {"problem": problem, "parameters": np.asarray(point, float).tolist()}

    for level, problem in itertools.product((2, 4), (UNIT, OTHER)):
        found = wing.saddle(wing.Problem(**problem), level, n_neurons=level + 1, scale=1.3)
        add(f"saddle {level} on [{problem['left']}, {problem['right']}]", problem, found)
    for level, first in ((1, "right"), (1, "left"), (2, "right"), (2, "left"), (3, "left")):
        problem = _leaky(OTHER, 0.25)
        found = wing.saddle(wing.Problem(**problem), level, first=first)
        add(f"leaky saddle {level} {first}", problem, found)
    shares = [[0.25, 0.75], [1.5, -0.5]]
    add("cluster with mixed signs", UNIT, wing.saddle(wing.Problem(), 2, shares=shares))
    add("constant neuron", UNIT, [0, 1, 0, 0.5])
    add("semi-inactive, right sign", UNIT, [-1, -1, 0, -0.25, 0.7, 3, 0.5])
    add("semi-inactive, wrong sign", UNIT, [-1, -1, 0, -0.25, -0.7, 3, 0.5])
    add("semi-inactive, flat", UNIT, [-1, -1, 0, -0.25, 0, 3, 0.5])
    add("dead", UNIT, [-1, -0.5, 3, 0.5])
    add("degenerate", UNIT, [0, 0, 0.7, 0.5])
    add("coincident opposite breakpoints", UNIT, [1, -1, -0.5, 0.5, 1, -1, 0.5])
    add("coincident breakpoints", UNIT, [1, 2, -0.5, -1, 0.7, -0.3, 0.2])
    add("breakpoint at an end", UNIT, [1, 0, 0.5, 0.2])
    for seed, (neurons, leak) in enumerate(itertools.product((1, 3, 5), (0.0, 0.1))):
        add(f"random {seed}, leak {leak}", _leaky(OTHER, leak), _random(seed, neurons))
    return cases


def _point(parameters: Parameters) -> Numbers:
    problem, point = _problem(parameters), np.array(parameters["parameters"])
    verdict = wing.classify(problem, point)
    try:
        eigenvalues = wing.spectrum(problem, point).tolist()
    except wing.NoHessianError:
        eigenvalues = []
    return {
        "loss": wing.loss(problem, point),
        "gradient": wing.gradient(problem, point),
        "eigenvalues": eigenvalues,
        "kinds": [neuron.kind for neuron in wing.neuron_types(problem, point)],
        "verdict": [verdict.kind, str(verdict.first).lower().replace("none", "null")],
        "counts": [verdict.level, verdict.morse_index, verdict.decrease_order, verdict.strict],
    }


def _descent_cases() -> dict[str, Parameters]:
    cases: dict[str, Parameters] = {}
    steps = [0, 1, 10, 100, 1000]

    def add(name: str, problem: dict[str, float], start: Any, step_size: float) -> None:
        cases[name] = {
            "problem": problem,
            "start": np.asarray(start, float).tolist(),
            "step_size": step_size,
            "steps": steps,
        }

    for level in (2, 4):
        point = wing.saddle(wing.Problem(), level)
        _, direction = wing.escape_direction(wing.Problem(), point)
        for size in (1e-2, 1e-3):
            add(f"saddle {level}, push {size}", UNIT, point + size * direction, 0.2)
    for seed, neurons in itertools.product(range(4), (1, 2, 4)):
        start = 0.5 * np.array(_random(seed, neurons))
        add(f"random {seed}, {neurons} neurons", UNIT, start, 0.1)
    for seed, leak in itertools.product(range(2), (0.1, 0.5)):
        start = 0.5 * np.array(_random(10 + seed, 2))
        add(f"leaky {leak}, random {seed}", _leaky(OTHER, leak), start, 0.02)
    for name, step_size in (("E7", 0.05), ("E8", 0.1)):
        add(f"{name} of the real loss", UNIT, wing.real_loss_case(name), step_size)
    return cases


def _descent(parameters: Parameters) -> Numbers:
    problem, steps = _problem(parameters), parameters["steps"]
    rows, losses = [], []
    state = np.array(parameters["start"])
    done = 0
    for goal in steps:
        if goal > done:
            run = wing.gradient_descent(
                problem, state, parameters["step_size"], goal - done, progress=False
            )
            state, done = run["parameters"][-1], goal
        rows.append(state)
        losses.append(wing.loss(problem, state))
    return {"times": steps, "parameters": rows, "losses": losses}


def _clock_cases() -> dict[str, Parameters]:
    cases: dict[str, Parameters] = {}
    settings = [
        (UNIT, 2, "right", 0.2),
        (UNIT, 4, "right", 0.2),
        ({**UNIT, "left": -1.0}, 2, "right", 0.1),
        (_leaky(UNIT, 0.25), 1, "right", 0.2),
        (_leaky(UNIT, 0.25), 2, "left", 0.2),
    ]
    for problem, level, first, step_size in settings:
        point = wing.saddle(wing.Problem(**problem), level, first=first)  # type: ignore[arg-type]
        _, direction = wing.escape_direction(wing.Problem(**problem), point)
        for size, sign in itertools.product((1e-2, 1e-4), (1, -1)):
            title = f"level {level} {first}, leak {problem['leak']}, left {problem['left']}"
            cases[f"{title}, push {sign * size}"] = {
                "problem": problem,
                "start": (point + sign * size * direction).tolist(),
                "point": point.tolist(),
                "step_size": step_size,
                "steps": [0, 6000],
                "stop_outside": True,
            }
    return cases


def _clock(parameters: Parameters) -> Numbers:
    point = np.array(parameters["point"])
    push = np.array(parameters["start"]) - point
    count = wing.escape_steps(
        _problem(parameters), point, push, parameters["step_size"], max_steps=6000
    )
    return {"escapes": [int(count)]}


def _toy_cases() -> dict[str, Parameters]:
    plain, sharp = (0.1, 0.45, 0.5, 1.1), (0.1, 0.15, 0.16, 0.3)
    step_sizes = {name: sharp if name == "E7" else plain for name in wing.TOYS}
    return {
        f"{name}, step size {step_size}": {
            "name": name,
            "starts": wing.TOYS[name]
            .placed(*np.random.RandomState(4).uniform(-1.5, 1.5, (2, 6)))
            .tolist(),
            "step_size": step_size,
            "steps": [0, 1, 2, 3, 4, 5, 6],
        }
        for name in wing.TOYS
        for step_size in step_sizes[name]
    }


def _toy(parameters: Parameters) -> Numbers:
    run = wing.toy_descent(
        parameters["name"],
        parameters["starts"],
        parameters["step_size"],
        parameters["steps"][-1],
        keep_all=True,
    )
    return {"times": run.times, "points": run["points"], "values": run.losses}


ENGINES = {
    "relu_network": Engine(_point_cases, _point, {"": 1e-13, "eigenvalues": 1e-11}, 1e-12),
    "relu_descent": Engine(_descent_cases, _descent, {"": 1e-9}, drift=1e-9),
    "escape_clock": Engine(_clock_cases, _clock, {"": 0.0}, drift=1e-12),
    "toys": Engine(_toy_cases, _toy, {"": 1e-12}, relative=1e-12, drift=1e-12),
}
