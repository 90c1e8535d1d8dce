"""Parity of the directional engines: laws, flow, descent, two neurons, finite samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from parity_cases.engine import Engine, Numbers, Parameters
from ttlearn import directional as wing
from ttlearn.directional.law import Law
from ttlearn.directional.samples import sample_flow, statistical_floor
from ttlearn.directional.two_nodes import two_node_flow

GAUSSIAN: dict[str, Any] = {"kind": "gaussian"}
CIRCLE: dict[str, Any] = {"kind": "sphere", "dimension": 2}
SPHERE: dict[str, Any] = {"kind": "sphere", "dimension": 10}
BALL: dict[str, Any] = {"kind": "ball", "dimension": 3}
HEAVY: dict[str, Any] = {"kind": "heavy_centre", "beta": 0.5}
WIDE: dict[str, Any] = {"kind": "sphere", "dimension": 3, "radius": 2.5}


def _law(name: Parameters, dimension: int | None = None) -> Law:
    kind, size = name["kind"], dimension or name.get("dimension", 2)
    laws = {
        "gaussian": lambda: wing.Gaussian(size),
        "sphere": lambda: wing.Sphere(size),
        "ball": lambda: wing.Ball(size),
        "heavy_centre": lambda: wing.HeavyCentre(name["beta"]),
    }
    law: Law = laws[kind]()
    return law.scaled(name["radius"]) if "radius" in name else law


def _title(law: Parameters) -> str:
    return " ".join(str(value) for value in law.values())


def _law_cases() -> dict[str, Parameters]:
    laws = [GAUSSIAN, CIRCLE, SPHERE, BALL, HEAVY, WIDE, {"kind": "ball", "dimension": 2}]
    ranges = {"small": (1e-8, 0.1), "middle": (0.2, 30.0), "large": (50.0, 1e7)}
    return {
        f"{_title(law)}, {size} norms": {
            "law": law,
            "norms": np.geomspace(low, high, 9).tolist(),
        }
        for law in laws
        for size, (low, high) in ranges.items()
    }


def _functions(parameters: Parameters) -> Numbers:
    law, norms = _law(parameters["law"]), np.array(parameters["norms"])
    constants = [law.k, law.tail, law.tail_exponent, law.second_moment]
    return {"g": law.g(norms), "h": law.h(norms), "m": law.m(norms), "constants": constants}


def _flow_cases() -> dict[str, Parameters]:
    cases = {}
    # Few pairs of law and depth: each is compiled.
    pairs = [(GAUSSIAN, 1), (GAUSSIAN, 2), (GAUSSIAN, 3), (GAUSSIAN, 6), (CIRCLE, 4), (SPHERE, 1)]
    starts = {"obtuse": (1.0, 2.0), "nearly opposite": (0.7, math.pi - 0.05), "acute": (3.0, 0.4)}
    for law, depth in pairs:
        for name, (norm, angle) in starts.items():
            cases[f"{_title(law)}, depth {depth}, {name}"] = {
                "law": law,
                "depth": depth,
                "norm": norm,
                "angle": angle,
                "times": [0.0, 0.5, 10.0, 1e3, 1e8],
                "relative_tolerance": 1e-11,
            }
    for depth, norm in ((1, 1.0), (2, 1.0), (3, 0.5)):
        opposite = {"norm": norm, "angle": math.pi, "times": [0.0, 0.5, 1.0, 10.0, 30.0]}
        cases[f"exactly opposite, depth {depth}"] = {
            "law": GAUSSIAN,
            "depth": depth,
            "relative_tolerance": 1e-11,
            **opposite,
        }
    return cases


def _flow(parameters: Parameters) -> Numbers:
    run = wing.flow(
        _law(parameters["law"]),
        parameters["norm"],
        parameters["angle"],
        parameters["times"],
        parameters["depth"],
        rtol=1e-11,
    )
    return {"times": run.times, **run.arrays, "losses": run.losses}


def _descent_cases() -> dict[str, Parameters]:
    cases = {}
    pairs = [(GAUSSIAN, 1), (CIRCLE, 1), (GAUSSIAN, 2), (GAUSSIAN, 3), (SPHERE, 4)]
    starts = {"obtuse": (1.0, math.acos(-0.8)), "acute": (0.4, 0.7)}
    for law, depth in pairs:
        for name, (norm, angle) in starts.items():
            for step_size in (0.1, 1.0):
                cases[f"{_title(law)}, depth {depth}, {name}, step size {step_size}"] = {
                    "law": law,
                    "depth": depth,
                    "norm": norm,
                    "angle": angle,
                    "step_size": step_size,
                    "steps": [0, 1, 10, 300, 2000],
                }
    cases["long steps"] = {
        "law": GAUSSIAN,
        "depth": 1,
        "norm": 1.0,
        "angle": math.acos(-0.8),
        "step_size": 10.0,
        "steps": [0, 1, 2, 5, 20],
    }
    return cases


def _descent(parameters: Parameters) -> Numbers:
    run = wing.descent(
        _law(parameters["law"]),
        parameters["norm"],
        parameters["angle"],
        parameters["step_size"],
        parameters["steps"],
        parameters["depth"],
    )
    return {"times": run.times, **run.arrays, "losses": run.losses}


def _pair_cases() -> dict[str, Parameters]:
    pairs = {
        "apart": ([1.0, 1.0], [-0.5, 0.3]),
        "antipodal": ([-0.5, 0.4], [0.5, -0.4]),
        "mirror": ([0.3, 0.9], [-0.3, 0.9]),
        "wrong sides": ([-1.0, 0.2], [1.2, 0.1]),
        "nearly equal": ([0.5, 1.0], [0.5, 1.01]),
    }
    cases = {}
    for law in (GAUSSIAN, CIRCLE):
        for leak in (0.0, 0.3):
            for name, (first, second) in pairs.items():
                cases[f"{_title(law)}, {name}, leak {leak}"] = {
                    "law": law,
                    "leak": leak,
                    "first": first,
                    "second": second,
                    "times": [0.0, 0.5, 2.0, 10.0, 30.0],
                    "relative_tolerance": 1e-10,
                }
    for law in (SPHERE, BALL):
        cases[f"{_title(law)}, apart, leak 0.3"] = {
            **cases[f"{_title(GAUSSIAN)}, apart, leak 0.3"],
            "law": law,
        }
    cases["in space"] = {
        "law": GAUSSIAN,
        "leak": 0.1,
        "first": [0.4, -1.2, 0.3],
        "second": [-0.8, 0.1, 2.1],
        "times": [0.0, 0.5, 2.0, 10.0, 30.0],
        "relative_tolerance": 1e-10,
    }
    return cases


def _pair(parameters: Parameters) -> Numbers:
    first, second = parameters["first"], parameters["second"]
    law = _law({"dimension": len(first), **parameters["law"]})
    run = two_node_flow(law, first, second, parameters["times"], parameters["leak"], rtol=1e-10)
    return {"times": run.times, **run.arrays, "losses": run.losses}


def _sample_cases() -> dict[str, Parameters]:
    return {
        f"{kind}, {len(weights)} coordinates, {samples} samples, seed {seed}": {
            "kind": kind,
            "samples": samples,
            "seed": seed,
            "weights": weights,
            "times": [0.0, 1.0, 10.0, 100.0, 1000.0],
            "tolerance": 1e-9,
        }
        for kind in ("gaussian", "sphere")
        for samples, weights in ((40, [0.6, -0.8]), (300, [-1.0, 0.5]), (300, [0.2, 0.1, -1.0]))
        for seed in (1, 2, 3, 4)
    }


def signed_points(kind: str, samples: int, dimension: int, seed: int) -> np.ndarray:
    """The engine's signed samples: the same stream of normal numbers, the same labels."""
    points = np.random.RandomState(seed).standard_normal((samples, dimension))
    if kind == "sphere":
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points * np.where(points[:, :1] < 0, -1.0, 1.0)


def _sample(parameters: Parameters) -> Numbers:
    kind, samples, weights = (parameters[name] for name in ("kind", "samples", "weights"))
    points = signed_points(kind, samples, len(weights), parameters["seed"])
    run = sample_flow(points, weights, parameters["times"], rtol=1e-10)
    law = _law({"kind": kind}, len(weights))
    floor = statistical_floor(law, samples, run["norm"])
    return {"times": run.times, **run.arrays, "losses": run.losses, "statistical_floor": floor}


ENGINES = {
    "law": Engine(_law_cases, _functions, {"": 0.0}, relative=3e-11, drift=1e-12),
    "directional_flow": Engine(_flow_cases, _flow, {"": 1e-9}, relative=1e-8, drift=1e-9),
    "directional_descent": Engine(
        _descent_cases,
        _descent,
        {"": 1e-9, "angle": 1e-10},
        relative=1e-8,
        drift=1e-9,
        until="2,000 steps: before the catapult of depth 3, which amplifies rounding",
    ),
    "two_nodes": Engine(_pair_cases, _pair, {"": 1e-8}, drift=1e-8),
    "finite_sample": Engine(_sample_cases, _sample, {"": 2e-6}, drift=1e-8),
}
