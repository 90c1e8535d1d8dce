"""Checks: how separate the timescales of a saddle are.

Flat directions have curvatures of at most 1e-13 of the largest here, all others of at least 5e-6:
an answer may tell them apart by any tolerance between, relative to the largest.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ttlearn.course.checks import Finding
from ttlearn.course.factors import factor
from ttlearn.course.saddles.data import Array, Rng
from ttlearn.course.stages import (
    agrees,
    close,
    function_check,
    invariant,
    number,
    units,
)

# 3. How separate are the timescales? --------------------------------------------------------------


def with_curvatures(curvatures: Array, rng: Rng) -> Array:
    """A symmetric matrix with these eigenvalues, along random axes."""
    frame, _ = np.linalg.qr(rng.normal(size=(curvatures.size, curvatures.size)))
    matrix = (frame * curvatures) @ frame.T
    return np.asarray((matrix + matrix.T) / 2)


def _curvatures(rng: Rng, slowest: tuple[float, float] = (0.02, 0.9)) -> Array:
    """Two ways down, settling of several rates (the slowest first), no flat direction."""
    settle = float(np.exp(rng.uniform(*np.log(slowest))))
    others = rng.uniform(1.2 * settle, 1.5, int(rng.integers(1, 4)))
    down = -rng.uniform([0.06, 0.01], [0.3, 0.04])
    return np.concatenate([[settle], others, [rng.uniform(3, 9)], down])


def _flat(curvatures: Array, rng: Rng) -> Array:
    """One more for each of two rescaling symmetries: zero up to rounding."""
    noise = rng.uniform(1e-14, 1e-13, 2) * [1, -1] * np.max(np.abs(curvatures))
    return np.concatenate([curvatures, noise])


def _true_ratio(curvatures: Array) -> float:
    """From the curvatures that a matrix was made of: fastest escape over slowest settling."""
    return float(np.max(-curvatures) / curvatures[0])


def _ratios(answer: Any, rng: Rng) -> tuple[Array, Array]:
    # Relative to the truth, since ratios range over powers of ten.
    found = []
    for draw in range(6):
        made = _curvatures(rng, (2e-3, 2e-2) if draw == 0 else (0.02, 0.9))
        found.append(answer(with_curvatures(_flat(made, rng), rng)) / _true_ratio(made))
    return np.array(found), np.ones(6)


def _flat_ignored(answer: Any, rng: Rng) -> Finding:
    made = _curvatures(rng)
    with_flat = answer(with_curvatures(_flat(made, rng), rng))
    return close(with_flat, answer(with_curvatures(made, rng)), 1e-6)


def _slow_counts(answer: Any, rng: Rng) -> Finding:
    made = _curvatures(rng, (1e-4, 3e-4))
    slower = np.concatenate([made[:1] / 2, made[1:]])
    before, after = answer(with_curvatures(made, rng)), answer(with_curvatures(slower, rng))
    return not close(after, before, 1e-9)


def _unit(answer: Any, rng: Rng) -> Finding:
    matrix = with_curvatures(_curvatures(rng), rng)
    return close(answer(3 * matrix), answer(matrix), 1e-6)


def _extreme_units(answer: Any, rng: Rng) -> Finding:
    matrix = with_curvatures(_flat(_curvatures(rng), rng), rng)
    return all(close(answer(scale * matrix), answer(matrix), 1e-6) for scale in (1e7, 1e-10))


def _turned(answer: Any, rng: Rng) -> Finding:
    made = _curvatures(rng)
    return close(answer(with_curvatures(made, rng)), answer(with_curvatures(made, rng)), 1e-6)


def _positive(answer: Any, rng: Rng) -> Finding:
    return answer(with_curvatures(_flat(_curvatures(rng), rng), rng)) > 0


def _slow_over_fast(answer: Any, rng: Rng) -> Finding:
    made = _curvatures(rng, (0.5, 0.9))
    return answer(with_curvatures(made, rng)) < 1


def _not(wrong: Any, answer: Any, rng: Rng) -> Finding:
    made = _curvatures(rng)
    return not close(answer(with_curvatures(made, rng)), wrong(made), 1e-3)


separation = function_check(
    "separation",
    lambda rng: (with_curvatures(_flat(_curvatures(rng), rng), rng),),
    number(),
    factor(_ratios, "the ratio", share=0.5),
    invariant(
        functools.partial(_not, lambda c: np.max(-c) / np.max(c)),
        "That is the fastest settling. The saddle has settled when its last direction has: which "
        "one is that?",
    ),
    units(
        _unit,
        "Measured in another unit of time, a ratio of two rates is the same.",
    ),
    invariant(
        _turned, "In turned coordinates it is the same flow, so the ratio should be the same."
    ),
    invariant(
        _flat_ignored,
        "Along a flat direction nothing settles and nothing escapes: a curvature that is zero up "
        "to rounding is no rate.",
    ),
    units(
        _extreme_units,
        "In units of time that make all rates tiny, or huge, the ratio is the same: small compared "
        "with what is a curvature of zero?",
    ),
    invariant(_positive, "A ratio of two rates should be positive."),
    invariant(
        _slow_over_fast,
        "At a saddle that settles faster than it escapes, the ratio should be below one.",
    ),
    invariant(
        _slow_counts,
        "A slow settling is not a flat direction: rounding leaves about 1e-15 of the largest "
        "curvature, no more.",
    ),
    agrees(
        _ratios,
        "The flow settles or escapes at another rate: which eigenvalue is the escape's, and which "
        "the settling's?",
    ),
    praise="Fastest escape over slowest settling, along whichever axes; flat directions left out.",
)
