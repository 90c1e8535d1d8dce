"""Checks: the direction in which a saddle is left."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.course.capstone.spectrum import with_curvatures
from ttlearn.course.checks import Finding
from ttlearn.course.factors import factor
from ttlearn.course.saddles.data import Array, Rng
from ttlearn.course.stages import agrees, array, function_check, invariant, number, units

# 4. The leaving direction -------------------------------------------------------------------------


def _matrix(rng: Rng) -> Array:
    downhill, middle = -rng.uniform([0.06, 0.01], [0.1, 0.04]), int(rng.integers(1, 5))
    settling = [*rng.uniform(0.2, 0.9, middle), float(rng.uniform(2, 5))]
    return with_curvatures(np.concatenate([downhill, settling]), rng)


def _bend(matrix: Array, vector: Array) -> float:
    return float(vector @ matrix @ vector / (vector @ vector))


def _unit(answer: Any, rng: Rng) -> Finding:
    return bool(abs(np.linalg.norm(answer(_matrix(rng))) - 1.0) < 1e-6)


def _downhill(answer: Any, rng: Rng) -> Finding:
    matrix = _matrix(rng)
    return _bend(matrix, answer(matrix)) < 0


def _steady(answer: Any, rng: Rng) -> Finding:
    matrix = _matrix(rng)
    vector = answer(matrix)
    image = matrix @ vector
    return bool(np.linalg.norm(image - _bend(matrix, vector) * vector) < 1e-6)


def _wins(answer: Any, rng: Rng) -> Finding:
    """Gradient descent from a random start, long enough, ends up along the answer."""
    matrix = _matrix(rng)
    vector = answer(matrix)
    state: Array = np.asarray(rng.normal(size=(matrix.shape[0],)))
    for _ in range(4000):
        moved = state - 0.1 * matrix @ state
        state = moved / np.linalg.norm(moved)
    return abs(abs(float(vector @ state)) - 1.0) < 1e-4


leaving_direction = function_check(
    "leaving_direction",
    lambda rng: (_matrix(rng),),
    array(lambda matrix: (matrix.shape[0],)),
    units(_unit, "A direction should have length one."),
    invariant(_downhill, "Along your direction the loss curves upward: nothing leaves that way."),
    invariant(
        _steady,
        "The loss curves downward along it, but a step along it turns away: not an eigenvector. "
        "Rows or columns?",
    ),
    invariant(
        _wins,
        "It is left more slowly than another direction: gradient descent ends up along that one.",
    ),
    praise="Gradient descent from a random start turns into your direction.",
)


# 5. How fast it wins (proof step) -----------------------------------------------------------------


def _off_case(rng: Rng) -> tuple[float, float, float, int]:
    """Two downhill curvatures, a step size, a number of steps."""
    fast = -float(rng.uniform(0.05, 0.1))
    return fast, fast * float(rng.uniform(0.2, 0.7)), float(rng.uniform(0.1, 1.0)), 40


def _descend(fast: float, slow: float, step_size: float, steps: int) -> float:
    state = np.array([1.0, 1.0])
    for _ in range(steps):
        state = state - step_size * np.array([fast, slow]) * state
    return float(state[1] / state[0])


def _offs(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [_off_case(rng) for _ in range(6)]
    return np.array([answer(*c) for c in cases]), np.array([_descend(*c) for c in cases])


def _off_logs(answer: Any, rng: Rng) -> tuple[Array, Array]:
    mine, truth = _offs(answer, rng)
    return np.log(np.maximum(np.abs(mine), 1e-300)), np.log(truth)


def _off_start(answer: Any, rng: Rng) -> Finding:
    fast, slow, step, _ = _off_case(rng)
    return abs(answer(fast, slow, step, 0) - 1.0) < 1e-9


def _off_shrinks(answer: Any, rng: Rng) -> Finding:
    fast, slow, step, _ = _off_case(rng)
    return answer(fast, slow, step, 50) < answer(fast, slow, step, 10) < 1


def _off_tie(answer: Any, rng: Rng) -> Finding:
    fast, _, step, steps = _off_case(rng)
    return abs(answer(fast, fast, step, steps) - 1.0) < 1e-6


off_axis = function_check(
    "off_axis",
    _off_case,
    number(),
    invariant(_off_start, "Before the first step the two components are equal: the ratio is one."),
    factor(_off_logs, "the rate at which the ratio falls", share=0.5),
    invariant(_off_tie, "If both directions are equally steep, neither should win."),
    invariant(_off_shrinks, "The steeper direction should win: the ratio should fall below one."),
    agrees(
        _offs,
        "Close to gradient flow, but descent multiplies: by which factor per step?",
        1e-6,
    ),
    praise="Descent on a simulated saddle turns as fast as you say.",
)
