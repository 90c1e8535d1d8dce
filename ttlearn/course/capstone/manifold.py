"""Checks: the output layer as the fast layer, and what is left for the slow one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Finding
from ttlearn.course.factors import factor
from ttlearn.course.saddles.data import Array, Rng, Task, loss, random_network, random_task
from ttlearn.course.stages import (
    agrees,
    array,
    close,
    function_check,
    invariant,
    number,
    several,
)

Case = tuple[Array, Array, tuple[float, float], float, float]


def _case(rng: Rng) -> Case:
    task = random_task(rng)
    inner, biases, _, _ = random_network(rng, task, 3)
    return inner, biases, task.interval, task.slope, task.intercept


def _total(case: Case, outer: Array, bias: float) -> float:
    parameters = np.concatenate([case[0], case[1], outer, [bias]])
    return loss(parameters, Task(*case[2:]))


def _best(case: Case) -> tuple[Array, float, float]:
    """The output layer that minimises the loss (a parabola in it), and that loss."""
    count = case[0].size

    def at(output: Array) -> float:
        return _total(case, output[:-1], float(output[-1]))

    basis = np.eye(count + 1)
    floor = at(np.zeros(count + 1))
    single = np.array([at(e) for e in basis])
    pairs = np.array([[at(e + f) for f in basis] for e in basis])
    bend = pairs - single[:, None] - single[None, :] + floor
    np.fill_diagonal(bend, [at(2 * e) - 2 * s + floor for e, s in zip(basis, single, strict=True)])
    pull = single - floor - np.diag(bend) / 2
    output = np.linalg.solve(bend, -pull)
    return output[:-1], float(output[-1]), at(output)


# 1. The fast solution -----------------------------------------------------------------------------


def _outputs(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [_case(rng) for _ in range(4)]
    mine = [answer(*case) for case in cases]
    best = [_best(case) for case in cases]
    return (
        np.concatenate([np.append(outer, bias) for outer, bias in mine]),
        np.concatenate([np.append(outer, bias) for outer, bias, _ in best]),
    )


def _mean_zero(answer: Any, rng: Rng) -> Finding:
    case = _case(rng)
    outer, bias = answer(*case)
    lift = [_total(case, outer, bias + s) for s in (-1e-3, 1e-3)]
    return abs(lift[1] - lift[0]) < 1e-7 * max(1.0, _total(case, outer, bias))


def _cannot_improve(answer: Any, rng: Rng) -> Finding:
    case = _case(rng)
    outer, bias = answer(*case)
    here = _total(case, outer, bias)
    for _ in range(20):
        move = 0.1 * rng.normal(size=outer.size + 1)
        if _total(case, outer + move[:-1], bias + move[-1]) < here - 1e-12:
            return False
    return True


def _lifts(answer: Any, rng: Rng) -> Finding:
    inner, biases, interval, slope, intercept = _case(rng)
    low, high = (answer(inner, biases, interval, slope, intercept + s) for s in (0.0, 1.0))
    return close(high[0], low[0], 1e-6) and close(high[1] - low[1], 1.0, 1e-6)


fast_output = function_check(
    "fast_output",
    _case,
    several(array(lambda inner, *rest: inner.shape), number()),
    factor(_outputs, "the output layer", 1e-5, share=0.5),
    invariant(
        _lifts, "Lifting the target by one should lift the output bias by one, and nothing else."
    ),
    invariant(_mean_zero, "Lifting the whole network lowers the loss: is the output bias fitted?"),
    invariant(_cannot_improve, "A random change of the output layer lowers the loss."),
    agrees(
        _outputs,
        "Nearly the best output layer: sums over a grid are not the integrals of the loss.",
        1e-5,
    ),
    praise="No change of the output layer lowers the loss: this is the slow manifold.",
)


# 2. The slow force --------------------------------------------------------------------------------


def _forces(answer: Any, rng: Rng) -> tuple[Array, Array]:
    mine, truth = [], []
    for _ in range(3):
        case = _case(rng)
        count = case[0].size

        def reduced(p: Array, case: Case = case, count: int = count) -> float:
            return _best((p[:count], p[count:], *case[2:]))[2]

        mine.append(np.concatenate(answer(*case)))
        truth.append(-brute.gradient(reduced, np.concatenate(case[:2]), 1e-3))
    return np.concatenate(mine), np.concatenate(truth)


def _force_square(answer: Any, rng: Rng) -> Finding:
    inner, biases, interval, slope, intercept = _case(rng)
    one = np.concatenate(answer(inner, biases, interval, slope, intercept))
    two = np.concatenate(answer(inner, biases, interval, 2 * slope, 2 * intercept))
    return close(two, 4 * one, 1e-6)


def _force_sideways(answer: Any, rng: Rng) -> Finding:
    case = _case(rng)
    at_inner, at_biases = answer(*case)
    return close(case[0] * at_inner, -case[1] * at_biases, 1e-4, 1e-3)


slow_force = function_check(
    "slow_force",
    _case,
    several(*(array(lambda inner, *rest: inner.shape) for _ in range(2))),
    factor(_forces, "the slow force", share=0.5, question="is one half part of the loss?"),
    invariant(
        _force_square, "Twice the target: four times the loss and four times the force on kinks."
    ),
    invariant(
        _force_sideways,
        "With the output layer at its best, scaling a neuron (w and b together) changes nothing, "
        "so w times its force and b times its force should cancel. Is the output layer at its "
        "fast solution?",
    ),
    agrees(_forces, "This is not the downhill slope of the reduced loss.", 1e-3),
    praise="The slope of the reduced loss, and no derivative of the fast solution was needed.",
)
