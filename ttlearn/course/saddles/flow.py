"""Checks: what gradient flow conserves, and how many steps an escape takes."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Finding
from ttlearn.course.factors import factor
from ttlearn.course.saddles.data import Array, Rng, flat, loss, random_network, random_task
from ttlearn.course.stages import (
    agrees,
    function_check,
    invariant,
    number,
    units,
    whole_number,
)

# 6. Balance (proof step) --------------------------------------------------------------------------


def _neuron(rng: Rng) -> tuple[float, float, float]:
    return tuple(float(x) for x in rng.choice([-1, 1], 3) * rng.uniform(0.4, 1.5, 3))  # type: ignore[return-value]


def _velocities(rng: Rng) -> list[tuple[Array, Array]]:
    """(w, b, v) and its velocity for the neurons of a random network in gradient flow."""
    task = random_task(rng)
    network = random_network(rng, task, 3)
    rates = -brute.gradient(lambda p: loss(p, task), flat(network), 1e-4)[:-1].reshape(3, 3)
    states = np.stack(network[:3])
    return [(states[:, j], rates[:, j]) for j in range(3)]


def _drift(answer: Any, rng: Rng, signs: tuple[float, float, float]) -> float:
    worst = 0.0
    for _ in range(3):
        for state, velocity in _velocities(rng):

            def value(s: Array) -> float:
                return float(answer(*(float(x) for x in s)))

            direction = np.array(signs) * velocity
            direction /= np.linalg.norm(direction) or 1.0
            slope = brute.slope_along(value, state, direction)
            size = float(np.linalg.norm(brute.gradient(value, state)))
            worst = max(worst, abs(slope) / max(size, 1e-300))
    return worst


def _depends(answer: Any, rng: Rng) -> Finding:
    values = [answer(*_neuron(rng)) for _ in range(8)]
    return float(np.ptp(values)) > 1e-9 * max(1.0, float(np.max(np.abs(values))))


def _uses(place: int) -> Any:
    def holds(answer: Any, rng: Rng) -> Finding:
        neuron = list(_neuron(rng))
        before = answer(*neuron)
        neuron[place] *= 1.3
        return abs(answer(*neuron) - before) > 1e-12

    return holds


def _not_opposite(answer: Any, rng: Rng) -> Finding:
    return _drift(answer, rng, (1.0, 1.0, -1.0)) > 1e-3


def _kept(answer: Any, rng: Rng) -> Finding:
    return _drift(answer, rng, (1.0, 1.0, 1.0)) < 1e-4


balance = function_check(
    "balance",
    _neuron,
    number(),
    invariant(_depends, "This is the same number for every neuron: conserved, but empty."),
    invariant(_uses(0), "It does not depend on the inner weight."),
    invariant(_uses(1), "It does not depend on the bias, which moves too."),
    invariant(_uses(2), "It does not depend on the outer weight, which moves too."),
    invariant(
        _not_opposite,
        "It would be conserved if the outer weight ran backwards: inner and outer part should be "
        "weighed against each other.",
    ),
    invariant(
        _kept,
        "It changes along gradient flow: multiply each slope by its own parameter and compare.",
    ),
    praise="It stays put along gradient flow, for every neuron of random networks.",
)


# 7. Steps to escape -------------------------------------------------------------------------------


def _escape_case(
    rng: Rng, low: float = 1e-3, high: float = 0.5
) -> tuple[float, float, float, float]:
    bend = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    step = float(rng.uniform(0.2, 1.0))
    return -bend / step, step, float(10.0 ** rng.uniform(-8, -3)), float(rng.uniform(0.03, 0.2))


def _escape(curvature: float, step_size: float, start: float, end: float) -> int:
    """Gradient descent on a parabola of this curvature, counted."""
    place, steps = start, 0
    while place < end:
        place -= step_size * curvature * place
        steps += 1
    return steps


def _escapes(answer: Any, rng: Rng, low: float, high: float) -> tuple[Array, Array]:
    cases = [_escape_case(rng, low, high) for _ in range(5)]
    mine = np.array([float(answer(*c)) for c in cases])
    return mine, np.array([float(_escape(*c)) for c in cases])


def _every_escape(answer: Any, rng: Rng) -> tuple[Array, Array]:
    """Escapes with small and large steps; counts may be one off from a common factor."""
    mine, truth = np.concatenate(
        [_escapes(answer, rng, *ends) for ends in ((1e-3, 3e-3), (0.1, 0.5))], 1
    )
    off_by_one = bool(np.all(np.abs(mine - truth) <= 1))
    scaled = truth if off_by_one else truth * float(mine @ truth / (truth @ truth))
    return np.where(np.abs(mine - scaled) <= 1, scaled, mine) / truth, np.ones_like(truth)


def _escape_start(answer: Any, rng: Rng) -> Finding:
    curvature, step, _, end = _escape_case(rng, 1e-3, 2e-3)
    far, near = answer(curvature, step, 1e-3, end), answer(curvature, step, 1e-6, end)
    farther = answer(curvature, step, 1e-9, end)
    return near > far and abs((farther - near) - (near - far)) <= 2


def _escape_exact(answer: Any, rng: Rng, low: float, high: float, slack: int) -> Finding:
    mine, truth = _escapes(answer, rng, low, high)
    return bool(np.all(np.abs(mine - truth) <= slack))


escape_steps = function_check(
    "escape_steps",
    _escape_case,
    whole_number(),
    factor(_every_escape, "the number of steps", 1e-9, share=0.5),
    factor(lambda a, rng: _escapes(a, rng, 1e-3, 3e-3), "the number of steps", 5e-3),
    units(
        _escape_start,
        "Each start a thousand times nearer should cost the same number of extra steps.",
    ),
    agrees(
        functools.partial(_escapes, low=1e-3, high=3e-3),
        "A simulated escape with small steps takes another number of them.",
        5e-3,
    ),
    invariant(
        functools.partial(_escape_exact, low=0.1, high=0.5, slack=1),
        "Right for small steps, but gradient descent is not its flow: by which factor does one "
        "step multiply the distance?",
    ),
    invariant(
        functools.partial(_escape_exact, low=0.05, high=0.5, slack=0),
        "Off by one: it is the first step count at which the distance is reached.",
    ),
    praise="Counted to the step.",
)
