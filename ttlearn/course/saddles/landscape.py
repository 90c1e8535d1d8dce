"""Checks: a saddle with n kinks, and its loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Finding
from ttlearn.course.factors import factor
from ttlearn.course.saddles.data import Array, Network, Rng, Task, flat, loss, random_task
from ttlearn.course.stages import (
    agrees,
    array,
    close,
    function_check,
    invariant,
    number,
    several,
    units,
)

# 4. A saddle --------------------------------------------------------------------------------------


def _saddle_case(rng: Rng) -> tuple[int, tuple[float, float], float, float]:
    task = random_task(rng)
    return int(rng.choice([2, 4])), task.interval, task.slope, task.intercept


def _made(answer: Any, rng: Rng) -> tuple[int, Network, Task]:
    count, *rest = _saddle_case(rng)
    return count, answer(count, *rest), Task(*rest)  # type: ignore[arg-type]


def _kinks(network: Network, task: Task) -> Array:
    with np.errstate(all="ignore"):
        kinks = -network[1] / network[0]
    return np.sort(kinks[(kinks > task.interval[0]) & (kinks < task.interval[1])])


def _enough_kinks(answer: Any, rng: Rng) -> Finding:
    count, network, task = _made(answer, rng)
    kinks = _kinks(network, task)
    return kinks.size == count and bool(np.all(np.diff(kinks) > 1e-6))


def _not_perfect(answer: Any, rng: Rng) -> Finding:
    _, network, task = _made(answer, rng)
    return loss(flat(network), task) > 1e-8 * task.slope**2 * task.length**3


def _slopes(answer: Any, rng: Rng) -> tuple[Array, float]:
    _, network, task = _made(answer, rng)
    parameters = flat(network)
    found = brute.gradient(lambda p: loss(p, task), parameters, 1e-5)
    return found, task.slope**2 * task.length**2 * max(1.0, float(np.max(np.abs(parameters))))


def _flat_in(start: int | None, stop: int | None) -> Any:
    def holds(answer: Any, rng: Rng) -> Finding:
        found, scale = _slopes(answer, rng)
        count = (found.size - 1) // 3
        part = found[None if start is None else start * count :]
        part = part if stop is None else part[: (stop - (start or 0)) * count]
        return bool(np.max(np.abs(part)) < 1e-6 * scale)

    return holds


def _balanced(answer: Any, rng: Rng) -> Finding:
    found, scale = _slopes(answer, rng)
    return bool(abs(found[-1]) < 1e-6 * scale)


def _equal_pieces(answer: Any, rng: Rng) -> Finding:
    _, network, task = _made(answer, rng)
    edges = np.concatenate([[task.interval[0]], _kinks(network, task), [task.interval[1]]])
    lengths = np.diff(edges)
    return float(np.ptp(lengths)) < 1e-6 * task.length


def _faces(answer: Any, rng: Rng) -> Finding:
    network = _made(answer, rng)[1]
    sides = np.sign(network[0][np.argsort(-network[1] / network[0])])
    return bool(np.all(sides[1:] * sides[:-1] < 0))


zigzag = function_check(
    "zigzag",
    _saddle_case,
    several(*(array(lambda count, *rest: (count,)) for _ in range(3)), number()),
    invariant(_enough_kinks, "n neurons should make n different kinks inside the interval."),
    invariant(_not_perfect, "This network fits the target exactly: a minimum, not a saddle."),
    invariant(
        _equal_pieces,
        "The kinks cut the interval into unequal pieces: how many pieces do n kinks make?",
    ),
    invariant(
        _faces, "Neighbouring neurons face the same way, so moving one kink changes the loss."
    ),
    invariant(
        _balanced, "The residual has not mean zero: the loss still has a slope in the output bias."
    ),
    invariant(
        _flat_in(2, 3),
        "Kinks and mean are in place, but the loss still has a slope in the outer weights: how "
        "strong is each kink, of which sign, and which way faces the first neuron?",
    ),
    invariant(
        _flat_in(0, 2),
        "No slope in v and c, but still one in the weights or biases: does the first neuron face "
        "right or left?",
    ),
    praise="All slopes vanish, yet the fit is not perfect: a saddle.",
)


# 5. Its loss --------------------------------------------------------------------------------------


def _level(count: int, length: float, slope: float) -> float:
    """Least squares in the outer weights, kinks where a saddle has them: the loss of a saddle."""
    x = (np.arange(20000) + 0.5) / 20000
    places = np.arange(1, count + 1) / (count + 1)
    sides = (-1.0) ** np.arange(count)
    design = np.column_stack([np.ones_like(x), np.maximum(sides * (x[:, None] - places), 0)])
    weights, *_ = np.linalg.lstsq(design, x, rcond=None)
    return float(np.mean((design @ weights - x) ** 2) * slope**2 * length**3)


def _level_case(rng: Rng) -> tuple[int, float, float]:
    return (
        int(rng.choice([0, 2, 4, 6])),
        float(rng.uniform(0.5, 3)),
        float(rng.choice([-1, 1]) * rng.uniform(0.5, 2)),
    )


def _levels(answer: Any, rng: Rng, counts: tuple[int, ...] = (0, 2, 4)) -> tuple[Array, Array]:
    # Relative to the truth, since the levels range over powers of ten.
    found = []
    for count in counts:
        _, length, slope = _level_case(rng)
        found.append(answer(count, length, slope) / _level(count, length, slope))
    return np.array(found), np.ones(len(counts))


def _level_slope(answer: Any, rng: Rng) -> Finding:
    count, length, slope = _level_case(rng)
    return close(answer(count, length, 3 * slope), 9 * answer(count, length, slope), 1e-9)


def _level_length(answer: Any, rng: Rng) -> Finding:
    count, length, slope = _level_case(rng)
    return close(answer(count, 2 * length, slope), 8 * answer(count, length, slope), 1e-9)


def _level_falls(answer: Any, rng: Rng) -> Finding:
    _, length, slope = _level_case(rng)
    levels = [answer(count, length, slope) for count in (0, 2, 4, 6)]
    return levels == sorted(levels, reverse=True) and levels[0] > 2 * levels[1]


saddle_loss = function_check(
    "saddle_loss",
    _level_case,
    number(),
    factor(_levels, "the loss", 2e-3, share=0.5, question="is one half part of the loss?"),
    units(_level_slope, "Three times the slope should give nine times the loss."),
    units(
        _level_length,
        "Twice the interval: residuals twice as large on twice the length. By how much should "
        "their squares' integral grow?",
    ),
    invariant(_level_falls, "More kinks should give a lower loss, and much lower."),
    agrees(
        lambda answer, rng: _levels(answer, rng, (0,)),
        "Without kinks the network is the best constant: its loss is another.",
        2e-3,
    ),
    agrees(
        lambda answer, rng: _levels(answer, rng, (2, 4)),
        "Right without kinks; with two or four of them the loss is another: how many pieces are "
        "there, and how does the loss of one depend on its length and on its slope?",
        2e-3,
    ),
    praise="Least squares at the saddles' kinks finds the same levels.",
)
