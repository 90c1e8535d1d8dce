"""Parity of the two-timescale engines: exact loss, flow, limit, descent and race."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from parity_cases.engine import Engine, Numbers, Parameters
from ttlearn import two_timescale as wing
from ttlearn.precision import in_float64
from ttlearn.two_timescale.experiments import phase

NEURONS = 8
WIDTH = 4e-3
PAPER = {"jumps": [0.2, 0.35, 0.5, 0.65, 0.8], "values": [1.0, 5.0, 1.0, 3.0, 1.0, 5.0]}
# As many jumps as the paper's target, so that both share their compiled kernels.
OTHER = {"jumps": [0.12, 0.3, 0.45, 0.6, 0.88], "values": [0.0, -2.0, 1.5, 1.0, 3.0, -1.0]}
SINGLE = {"jumps": [0.5], "values": [0.0, 1.0]}

SPREAD = [0.05, 0.17, 0.28, 0.41, 0.47, 0.58, 0.71, 0.9]
PLACES = {
    "spread": SPREAD,
    "overlapping": [0.198, 0.2005, 0.202, 0.349, 0.35, 0.5003, 0.503, 0.9],
    "outside [0, 1]": [-0.05, -0.001, 0.0015, 0.33, 0.62, 0.999, 1.001, 1.2],
    "several jumps in a cell": [0.02, 0.03, 0.04, 0.05, 0.06, 0.92, 0.95, 0.97],
    "unsorted": [0.71, 0.05, 0.9, 0.41, 0.17, 0.58, 0.28, 0.47],
}
TIES = {
    # One neuron 1e-3 nearer to the jump than the other.
    "tie broken by 1e-3": [0.1, 0.15, 0.2, 0.4505, 0.55, 0.8, 0.85, 0.9],
    "near hit": [0.1, 0.15, 0.2, 0.4999, 0.7, 0.8, 0.85, 0.9],
}


def _target(parameters: Parameters) -> wing.Target:
    return wing.Target(parameters["jumps"], parameters["values"])


def _seeded(seed: int, low: float = 0.0, high: float = 1.0, count: int = NEURONS) -> list[float]:
    return np.random.RandomState(seed).uniform(low, high, count).tolist()


def grid(horizon: float) -> list[float]:
    """Five times from 0 to a horizon."""
    return [horizon * part for part in (0.0, 0.1, 0.25, 0.5, 1.0)]


def _network_cases() -> dict[str, Parameters]:
    cases: dict[str, Parameters] = {}
    for width in (WIDTH, 0.05, 0.5):
        for name, positions in PLACES.items():
            weights = _seeded(len(cases), -3, 3, NEURONS + 1)
            slope = "box" if len(cases) % 2 else "exact"
            cases[f"{name}, width {width}, {slope}"] = {
                **(PAPER if width != 0.05 else OTHER),
                "outer_weights": weights,
                "positions": positions,
                "activation_width": width,
                "slope": slope,
            }
    for seed in range(8):
        cases[f"random {seed}"] = {
            **OTHER,
            "outer_weights": _seeded(100 + seed, -3, 3, NEURONS + 1),
            "positions": _seeded(seed, -0.2, 1.2),
            "activation_width": WIDTH * 4**seed,
            "slope": "exact",
        }
    return cases


@in_float64
def _network(parameters: Parameters) -> Numbers:
    value, by_weight, by_position = wing.loss_and_gradient(
        jnp.asarray(parameters["outer_weights"]),
        jnp.asarray(parameters["positions"]),
        _target(parameters),
        parameters["activation_width"],
        parameters["slope"],
    )
    return {
        "loss": float(value),
        "outer_weights": np.asarray(by_weight),
        "positions": np.asarray(by_position),
    }


def _fast_cases() -> dict[str, Parameters]:
    cases = {
        f"{name}, {kind}": {**target, "positions": sorted(positions)}
        for kind, target in (("paper", PAPER), ("other", OTHER))
        for name, positions in {**PLACES, **TIES}.items()
        if "outside" not in name
    }
    for seed in range(10):
        cases[f"random {seed}"] = {**PAPER, "positions": sorted(_seeded(seed))}
    return cases


@in_float64
def _fast(parameters: Parameters) -> Numbers:
    positions, target = jnp.asarray(parameters["positions"]), _target(parameters)
    return {
        "cell_means": np.asarray(wing.cell_means(positions, target)),
        "loss": float(wing.sharp_reduced_loss(positions, target)),
    }


def _flow_cases() -> dict[str, Parameters]:
    cases: dict[str, Parameters] = {}

    def add(name: str, ratio: float, horizon: float, **change: Any) -> None:
        cases[name] = {
            **PAPER,
            "positions": SPREAD,
            "activation_width": WIDTH,
            "timescale_ratio": ratio,
            "times": grid(horizon),
            "slope": "exact",
            "relative_tolerance": 1e-9,
            **change,
        }

    for ratio, horizon in ((1.0, 3.0), (0.1, 1.0), (2e-3, 0.1), (2e-5, 1e-3)):
        for name, positions in PLACES.items():
            add(f"{name}, ratio {ratio}", ratio, horizon, positions=positions)
    for name, positions in TIES.items():
        add(f"{name}, one jump", 0.01, 1.0, positions=positions, **SINGLE)
        add(f"{name}, one jump, ratio 1", 1.0, 2.0, positions=positions, **SINGLE)
    add("box slope", 0.1, 1.0, slope="box")
    add("box slope, overlapping", 0.01, 0.2, slope="box", positions=PLACES["overlapping"])
    add("half the loss", 0.1, 1.0, loss_factor=0.5)
    add("given weights", 0.1, 1.0, outer_weights=_seeded(5, -2, 2, NEURONS + 1))
    add("wide steps", 0.1, 1.0, activation_width=0.2, positions=PLACES["outside [0, 1]"])
    add("other target", 0.01, 0.5, **OTHER)
    return cases


def _flow(parameters: Parameters) -> Numbers:
    run = wing.network_flow(
        parameters["positions"],
        _target(parameters),
        parameters["times"],
        timescale_ratio=parameters["timescale_ratio"],
        activation_width=parameters["activation_width"],
        outer_weights=parameters.get("outer_weights"),
        slope=parameters["slope"],
        loss_factor=parameters.get("loss_factor", 1.0),
        method="dopri5",
        tolerance=1e-9,
    )
    return {"times": run.times, **run.arrays, "losses": run.losses}


@in_float64
def _phase_cases() -> dict[str, Parameters]:
    """Runs of the phase diagram, in full, as its lab starts them."""
    cases: dict[str, Parameters] = {}
    for neurons in (8, 14, 24, 44):
        for ratio in (1e-3, 5e-3, 0.02, 0.1, 0.3, 1.0):
            run = len(cases)
            cases[f"run {run}, {neurons} neurons, ratio {ratio}"] = {
                **PAPER,
                "positions": np.asarray(phase.start_of(run, neurons)).tolist(),
                "activation_width": phase.WIDTH,
                "timescale_ratio": ratio,
                "times": grid(phase.HORIZON),
                "slope": "exact",
                "relative_tolerance": 1e-8,
            }
    return cases


def _limit_cases() -> dict[str, Parameters]:
    cases: dict[str, Parameters] = {}

    def add(name: str, target: dict[str, Any], positions: list[float], horizon: float) -> None:
        cases[name] = {**target, "positions": positions, "times": grid(horizon)}

    for name in ("spread", "several jumps in a cell", "unsorted"):
        add(f"{name}, paper", PAPER, PLACES[name], 0.1)
        add(f"{name}, other", OTHER, PLACES[name], 0.3)
    for name, positions in TIES.items():
        add(f"{name}, one jump", SINGLE, positions, 0.3)
        add(f"{name}, half the loss", SINGLE, positions, 0.6)
        cases[f"{name}, half the loss"]["loss_factor"] = 0.5
    for seed in range(12):
        add(f"random {seed}", PAPER if seed % 2 else OTHER, _seeded(seed), 0.2)
    return cases


def _limit(parameters: Parameters) -> Numbers:
    run = wing.limit_flow(
        parameters["positions"],
        _target(parameters),
        parameters["times"],
        loss_factor=parameters.get("loss_factor", 1.0),
        tolerance=1e-12,
    )
    end = parameters["times"][-1]
    hits = [t for t in run.meta["hitting_times"] if t is not None and t <= end]
    return {"times": run.times, **run.arrays, "losses": run.losses, "hits": sorted(hits)}


def _descent_cases() -> dict[str, Parameters]:
    cases: dict[str, Parameters] = {}

    def add(name: str, ratio: float, step_size: float, **change: Any) -> None:
        cases[name] = {
            **PAPER,
            "positions": SPREAD,
            "activation_width": WIDTH,
            "timescale_ratio": ratio,
            "step_size": step_size,
            "noise": 1.0,
            "seed": len(cases),
            "steps": [0, 1, 100, 2000, 20000],
            "slope": "box",
            **change,
        }

    for ratio, step_size in ((2e-5, 1e-3), (0.01, 1e-4), (0.1, 1e-4), (1.0, 1e-5)):
        for name, positions in PLACES.items():
            add(f"{name}, ratio {ratio}", ratio, step_size, positions=positions)
    # A change of 1e-15 in the start grows to 1e-2 within 20,000 steps in the next three.
    short = {"steps": [0, 1, 100, 200, 500]}
    add("exact slope", 0.1, 1e-4, slope="exact", **short)
    overlapping = {"positions": PLACES["overlapping"], **short}
    add("exact slope, overlapping", 1.0, 1e-5, slope="exact", **overlapping)
    add("given weights", 0.1, 1e-4, outer_weights=_seeded(5, -2, 2, NEURONS + 1), **short)
    add("exact slope, short steps", 0.1, 1e-6, slope="exact")
    add("no noise", 0.1, 1e-4, noise=0.0)
    add("wide steps", 0.1, 1e-3, activation_width=0.3)
    add("other target", 0.01, 1e-4, **OTHER)
    return cases


def _descent(parameters: Parameters) -> Numbers:
    run = wing.sgd(
        parameters["positions"],
        _target(parameters),
        timescale_ratio=parameters["timescale_ratio"],
        steps=parameters["steps"][-1],
        step_size=parameters["step_size"],
        activation_width=parameters["activation_width"],
        noise=parameters["noise"],
        outer_weights=parameters.get("outer_weights"),
        slope=parameters["slope"],
        seed=parameters["seed"],
        stream="mt19937",
        save_steps=parameters["steps"],
        progress=False,
    )
    return {"times": run.times, **run.arrays, "losses": run.losses}


ENGINES = {
    "step_network": Engine(_network_cases, _network, {"": 1e-12, "positions": 1e-10}, 1e-12),
    "fast_solution": Engine(_fast_cases, _fast, {"": 1e-12}),
    "two_timescale_flow": Engine(
        _flow_cases,
        _flow,
        {"": 2e-6, "positions": 5e-7},
        live={"": 2e-3, "positions": 4e-4, "losses": 1e-3},
        drift=1e-7,
    ),
    "phase": Engine(
        _phase_cases,
        _flow,
        {"": 5e-6, "positions": 5e-7},
        live={"": 2e-3, "positions": 4e-4, "losses": 1e-3},
        drift=1e-7,
    ),
    "two_timescale_limit": Engine(
        _limit_cases, _limit, {"": 1e-8, "outer_weights": 1e-6}, drift=1e-9
    ),
    "two_timescale_sgd": Engine(
        _descent_cases,
        _descent,
        {"": 1e-9},
        drift=1e-10,
        until="500 steps where a change of 1e-15 is seen to grow, 20,000 elsewhere",
    ),
}
