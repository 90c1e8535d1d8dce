"""Checks: what a neuron is, the exact loss, the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Finding
from ttlearn.course.factors import factor, factors
from ttlearn.course.saddles.data import (
    Array,
    Rng,
    Task,
    arguments,
    case,
    loss,
    random_network,
    random_task,
    split,
)
from ttlearn.course.stages import (
    agrees,
    array,
    close,
    function_check,
    invariant,
    number,
    one_of,
    several,
)

# 1. What kind of neuron? --------------------------------------------------------------------------

KINDS = ("degenerate", "inactive", "semi-inactive", "type-1", "type-2")


def _seen(weight: float, bias: float, interval: tuple[float, float]) -> str:
    """The kind as it is seen on a grid: where is the neuron on?"""
    x = np.linspace(*interval, 1001)
    on = (weight * x + bias)[1:-1] > 0
    if on.any():
        return "type-1" if on.all() else "type-2"
    if weight == 0 and bias == 0:
        return "degenerate"
    touches = max(weight * interval[0] + bias, weight * interval[1] + bias) == 0
    return "semi-inactive" if touches else "inactive"


def _neuron(rng: Rng) -> tuple[float, float, tuple[float, float]]:
    left = float(rng.integers(-3, 3))
    interval = (left, left + float(rng.integers(1, 4)))
    return float(rng.integers(-3, 4)), float(rng.integers(-6, 7)), interval


def _of_kind(rng: Rng, kind: str, extra: Any = None) -> tuple[float, float, tuple[float, float]]:
    while True:
        neuron = _neuron(rng)
        if kind == "degenerate":
            neuron = (0.0, 0.0, neuron[2])
        if _seen(*neuron) == kind and (extra is None or extra(*neuron)):
            return neuron


def _all_of(kind: str, extra: Any = None) -> Any:
    def holds(answer: Any, rng: Rng) -> Finding:
        return all(answer(*_of_kind(rng, kind, extra)) == kind for _ in range(15))

    return holds


def _kind_scale(answer: Any, rng: Rng) -> Finding:
    for _ in range(20):
        weight, bias, interval = _neuron(rng)
        if answer(4 * weight, 4 * bias, interval) != answer(weight, bias, interval):
            return False
    return True


def _kind_mirror(answer: Any, rng: Rng) -> Finding:
    for _ in range(30):
        weight, bias, (left, right) = _neuron(rng)
        if answer(-weight, bias, (-right, -left)) != answer(weight, bias, (left, right)):
            return False
    return True


def _touching(weight: float, bias: float, interval: tuple[float, float]) -> bool:
    return min(weight * interval[0] + bias, weight * interval[1] + bias) == 0


neuron_kind = function_check(
    "neuron_kind",
    _neuron,
    one_of(*KINDS),
    invariant(_kind_scale, "Weight and bias times four: the same neuron, but you call it another."),
    invariant(_kind_mirror, "Mirror the interval and the neuron: the kind should stay the same."),
    invariant(_all_of("degenerate"), "Weight and bias are both zero: this one has its own name."),
    invariant(
        _all_of("type-1", lambda w, b, i: w == 0),
        "A constant positive neuron (weight 0) is on everywhere.",
    ),
    invariant(_all_of("inactive", lambda w, b, i: w == 0), "A constant negative one is never on."),
    invariant(
        _all_of("semi-inactive"),
        "On nowhere inside, but zero at one end of the interval: neither inactive nor active.",
    ),
    invariant(
        _all_of("type-1", _touching),
        "The kink is exactly at an end and the neuron is on everywhere inside: its kink does not "
        "show.",
    ),
    invariant(_all_of("type-2"), "The kink is inside the interval; you call it something else."),
    invariant(_all_of("type-1"), "The neuron is on everywhere; you call it something else."),
    invariant(_all_of("inactive"), "The neuron is on nowhere; you call it something else."),
    praise="Seen on a fine grid, every neuron is what you say, also with a kink exactly at an end.",
)


# 2. The exact loss --------------------------------------------------------------------------------


def _losses(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [case(rng) for _ in range(6)]
    return np.array([answer(*c) for c in cases]), np.array([loss(*split(c)) for c in cases])


def _loss_shift(answer: Any, rng: Rng) -> Finding:
    *parts, bias, interval, slope, intercept = case(rng)
    moved = answer(*parts, bias + 0.7, interval, slope, intercept + 0.7)
    return close(moved, answer(*parts, bias, interval, slope, intercept), 1e-9)


def _loss_rescale(answer: Any, rng: Rng) -> Finding:
    inner, biases, outer, *rest = case(rng)
    s = rng.uniform(0.5, 3.0, inner.size)
    return close(
        answer(s * inner, s * biases, outer / s, *rest), answer(inner, biases, outer, *rest)
    )


def _loss_length(answer: Any, rng: Rng) -> Finding:
    inner, biases, outer, bias, (left, right), slope, intercept = case(rng)
    wide = answer(inner / 2, biases, outer, bias, (2 * left, 2 * right), slope / 2, intercept)
    return close(wide, 2 * answer(inner, biases, outer, bias, (left, right), slope, intercept))


def _loss_square(answer: Any, rng: Rng) -> Finding:
    inner, biases, outer, bias, interval, slope, intercept = case(rng)
    big = answer(inner, biases, 3 * outer, 3 * bias, interval, 3 * slope, 3 * intercept)
    return close(big, 9 * answer(inner, biases, outer, bias, interval, slope, intercept))


def _tiny(answer: Any, rng: Rng, miss: float) -> float:
    """The answer's loss over the true one, for a network that misses its target by a constant."""
    task = random_task(rng)
    task = Task(task.interval, abs(task.slope), task.intercept)
    lift = 2.0 - task.interval[0]
    bias = task.intercept - task.slope * lift + miss
    one = np.ones(1)
    network = (one, lift * one, task.slope * one, float(bias))
    return float(answer(*arguments(network, task)) / (task.length * miss**2))


def _loss_tiny(answer: Any, rng: Rng) -> Finding:
    return close(_tiny(answer, rng, 1e-9), 1.0, 1e-3)


def _every_loss(answer: Any, rng: Rng) -> tuple[Array, Array]:
    """Large losses and a tiny one, each relative to the truth."""
    mine, truth = _losses(answer, rng)
    found = np.append(mine / truth, _tiny(answer, rng, 1e-6))
    return found, np.ones_like(found)


exact_loss = function_check(
    "exact_loss",
    case,
    number(),
    factor(_every_loss, "the loss", 1e-6, share=0.5, question="is one half part of the loss?"),
    factor(_losses, "the loss", 1e-6, question="is one half part of the loss?"),
    invariant(
        _loss_square, "Target and output three times as large: the loss should be nine times."
    ),
    invariant(
        _loss_rescale,
        "(w, b, v) to (s w, s b, v / s) is the same function, so the loss should not change.",
    ),
    invariant(
        _loss_length,
        "Stretch the axis by two and nothing else: the loss should double. Is it an integral, or a "
        "mean?",
    ),
    invariant(_loss_shift, "Lifting network and target together should not change the loss."),
    agrees(_losses, "The loss is wrong for a random network.", 0.02),
    agrees(
        _losses,
        "Nearly right: a grid does not see kinks between its points. Integrate from kink to kink.",
        1e-9,
    ),
    invariant(
        _loss_tiny,
        "Right for large losses, but a loss of 1e-18 drowns in rounding: integrate the squared "
        "residual itself, not its expanded terms.",
    ),
    praise="Exact from kink to kink, down to losses of 1e-18.",
)


# 3. The gradient ----------------------------------------------------------------------------------

SLOPES = tuple(
    f"the slope in the {part}"
    for part in ("inner weights", "biases", "outer weights", "output bias")
)


def _slopes(answer: Any, rng: Rng, part: int | None = None) -> tuple[Array, Array]:
    mine, truth = [], []
    for _ in range(4):
        args = case(rng)
        parameters, task = split(args)
        slopes = brute.gradient(lambda p, t=task: loss(p, t), parameters, 1e-4)  # type: ignore[misc]
        pieces = [*slopes[:-1].reshape(3, -1), slopes[-1:]]
        parts = range(4) if part is None else [part]
        mine += [np.atleast_1d(answer(*args)[p]) for p in parts]
        truth += [pieces[p] for p in parts]
    return np.concatenate(mine), np.concatenate(truth)


def _all_parts(answer: Any, rng: Rng) -> list[tuple[Array, Array]]:
    return [_slopes(answer, rng, part) for part in range(4)]


def _dead_stays(answer: Any, rng: Rng) -> Finding:
    task = random_task(rng)
    inner, biases, outer, bias = random_network(rng, task, 2)
    biases[0] = -abs(inner[0]) * (abs(task.interval[0]) + abs(task.interval[1]) + 1)
    found = answer(*arguments((inner, biases, outer, bias), task))
    return all(abs(found[part][0]) < 1e-12 for part in range(3))


def _euler(answer: Any, rng: Rng) -> Finding:
    args = case(rng)
    at_inner, at_biases, at_outer, _ = answer(*args)
    return close(args[0] * at_inner + args[1] * at_biases, args[2] * at_outer, 1e-8, 1e-3)


network_gradient = function_check(
    "network_gradient",
    case,
    several(
        *(array(lambda inner, *rest: inner.shape) for _ in range(3)),
        number(),
    ),
    factor(_slopes, "the gradient", share=0.5, question="is one half part of the loss?"),
    factors(_all_parts, SLOPES, share=0.5),
    *(
        factor(lambda answer, rng, p=part: _slopes(answer, rng, p), name)  # type: ignore[misc]
        for part, name in enumerate(SLOPES)
    ),
    invariant(_dead_stays, "A neuron that is on nowhere should feel no force at all."),
    agrees(
        lambda answer, rng: _slopes(answer, rng, 3),
        "The slope in the output bias is not that of the loss.",
    ),
    agrees(
        lambda answer, rng: _slopes(answer, rng, 2),
        "The slope in the outer weights is not that of the loss.",
    ),
    invariant(
        _euler,
        "w times its slope plus b times its slope should be v times its slope, neuron by neuron: "
        "is the outer weight in both inner slopes?",
    ),
    agrees(_slopes, "The slopes in weights and biases are not those of the loss: where is it on?"),
    praise="All four parts are slopes of the loss, and a dead neuron feels nothing.",
)
