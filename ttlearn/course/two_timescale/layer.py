"""Checks: the fast layer, the slow field."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Finding
from ttlearn.course.factors import factor
from ttlearn.course.stages import (
    agrees,
    array,
    close,
    function_check,
    invariant,
)
from ttlearn.course.two_timescale.data import (
    Array,
    Rng,
    best_fit,
    spread,
    target,
)

# 1. The fast layer --------------------------------------------------------------------------------


def _plateaus(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [target(rng) for _ in range(5)]
    return (
        np.concatenate([answer(*case) for case in cases]),
        np.concatenate([best_fit(*case)[0] for case in cases]),
    )


def _plateaus_of_constant(answer: Any, rng: Rng) -> Finding:
    positions, jumps, values = target(rng)
    level = float(rng.uniform(1.0, 3.0))
    return close(answer(positions, jumps, np.full_like(values, level)), level, 1e-9)


def _plateaus_shift(answer: Any, rng: Rng) -> Finding:
    positions, jumps, values = target(rng)
    shift = float(rng.uniform(1.0, 3.0))
    before, after = answer(positions, jumps, values), answer(positions, jumps, values + shift)
    return close(after - before, shift, 1e-9)


def _plateaus_integral(answer: Any, rng: Rng) -> Finding:
    positions, jumps, values = target(rng)
    total = np.diff(np.concatenate([[0.0], jumps, [1.0]])) @ values
    mine = np.diff(np.concatenate([[0.0], positions, [1.0]])) @ answer(positions, jumps, values)
    return close(mine, total, 1e-9, 0.1)


fast_plateaus = function_check(
    "fast_plateaus",
    target,
    array(lambda positions, jumps, values: (positions.size + 1,)),
    factor(_plateaus, "the plateaus", 1e-8, share=0.5),
    invariant(
        _plateaus_of_constant,
        "For a target without jumps every plateau should be the target's value. Did you return "
        "outer weights (steps between plateaus), or an integral without its length?",
    ),
    invariant(_plateaus_shift, "Adding a constant to the target should add it to every plateau."),
    invariant(
        _plateaus_integral,
        "Network and target should have the same integral over [0, 1]: is each cell's average "
        "weighted by lengths, or are there sums over a grid in place of lengths?",
    ),
    agrees(
        _plateaus,
        "The integral fits, but moving one plateau lowers the loss: look at each cell alone.",
        1e-8,
    ),
    praise="No plateau can be moved without raising the loss.",
)


# 2. The slow field --------------------------------------------------------------------------------


def _slow(answer: Any, rng: Rng) -> tuple[Array, Array]:
    mine, reference = [], []
    for _ in range(4):
        positions, jumps, values = target(rng)
        mine.append(answer(positions, jumps, values))
        reference.append(
            -brute.gradient(lambda u, j=jumps, f=values: best_fit(u, j, f)[1], positions, 1e-4)  # type: ignore[misc]
        )
    return np.concatenate(mine), np.concatenate(reference)


def _slow_at_rest(answer: Any, rng: Rng) -> Finding:
    positions = spread(rng, 5, 0.05)
    jump = np.array([(positions[0] + positions[1]) / 2 + 0.001])
    return bool(np.max(np.abs(answer(positions, jump, np.array([0.3, 1.4]))[2:])) < 1e-9)


def _slow_shift(answer: Any, rng: Rng) -> Finding:
    positions, jumps, values = target(rng)
    return close(answer(positions, jumps, values + 2.0), answer(positions, jumps, values), 1e-8)


def _slow_square(answer: Any, rng: Rng) -> Finding:
    positions, jumps, values = target(rng)
    return close(answer(positions, jumps, 3 * values), 9 * answer(positions, jumps, values), 1e-8)


slow_field = function_check(
    "slow_field",
    target,
    array(lambda positions, jumps, values: (positions.size,)),
    factor(_slow, "the slow velocity", share=0.5, question="is one half part of the loss?"),
    invariant(
        _slow_at_rest,
        "A neuron with no jump in either of its two cells feels nothing: it should stand still.",
    ),
    invariant(_slow_shift, "Adding a constant to the target should not change any velocity."),
    invariant(
        _slow_square,
        "Three times the target gives nine times the loss, so nine times the velocity.",
    ),
    agrees(
        _slow,
        "The velocity is not the downhill slope of the reduced loss: which two plateaus meet at "
        "neuron j, and which value has the target there?",
    ),
    praise="Your field is the downhill slope of the reduced loss.",
)
