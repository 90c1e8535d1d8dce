"""Checks: a step of second order, and how many steps."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Finding
from ttlearn.course.factors import factor
from ttlearn.course.stages import (
    array,
    close,
    function_check,
    invariant,
    units,
    whole_number,
)
from ttlearn.course.two_timescale.data import (
    Array,
    Rng,
)

# 5. A step of second order ------------------------------------------------------------------------


def _step_case(rng: Rng) -> tuple[Any, Array, float]:
    return (_turning(rng), rng.normal(size=3), float(rng.uniform(0.05, 0.1)))


def _turning(rng: Rng) -> Any:
    matrix = rng.normal(size=(3, 3))
    return lambda state: np.sin(matrix @ state) + 0.3 * state


def _step_errors(answer: Any, rng: Rng) -> Array:
    field, start, _ = _step_case(rng)
    sizes = np.array([0.04, 0.02, 0.01])
    exact = [brute.follow(field, start, size, 20) for size in sizes]
    mine = [answer(field, start, float(size)) for size in sizes]
    return np.array([np.linalg.norm(m - e) for m, e in zip(mine, exact, strict=True)])


def _step_moves(answer: Any, rng: Rng) -> tuple[Array, Array]:
    field, start, _ = _step_case(rng)
    return answer(field, start, 1e-4) - start, 1e-4 * field(start)


def _step_stays(answer: Any, rng: Rng) -> Finding:
    field, start, _ = _step_case(rng)
    return close(answer(field, start, 0.0), start, 1e-12)


def _order(answer: Any, rng: Rng, wanted: float) -> Finding:
    errors = np.mean([_step_errors(answer, rng) for _ in range(6)], axis=0)
    return bool(np.log2(errors[:-1] / np.maximum(errors[1:], 1e-300)).min() > wanted)


def _step_linear(answer: Any, rng: Rng) -> Finding:
    constant = rng.normal(size=3)
    start = rng.normal(size=3)
    return close(answer(lambda _: constant, start, 0.3) - start, 0.3 * constant, 1e-10)


midpoint_step = function_check(
    "midpoint_step",
    _step_case,
    array(lambda field, state, step_size: state.shape),
    invariant(
        _step_stays,
        "A step of size zero should leave the state where it is: is the state part of what you "
        "return?",
    ),
    factor(_step_moves, "the move of one small step", 1e-2),
    invariant(_step_linear, "Under a constant force one step should be exact."),
    invariant(
        functools.partial(_order, wanted=1.5),
        "It moves the right way, but it is not a step: halving the step size should divide the "
        "error of one step at least by four.",
    ),
    invariant(
        functools.partial(_order, wanted=2.6),
        "This is a step of first order (Euler's): halving the step size should divide the error of "
        "one step by eight. Where is the force evaluated the second time?",
    ),
    praise="Halving the step size divides the error of one step by eight: second order.",
)


# 9. Counting steps --------------------------------------------------------------------------------


def _steps_case(rng: Rng) -> tuple[float, float, float]:
    exponents = rng.integers([1, 2, 0], [3, 6, 3])
    horizon = float(rng.integers(1, 10)) * 10.0 ** -int(exponents[0])
    return (horizon, float(f"1e-{exponents[1]}"), float(f"1e-{exponents[2]}"))


def _steps_reference(horizon: float, step_size: float, ratio: float) -> float:
    """The count in decimal arithmetic, where these quotients are exact."""
    from decimal import Decimal

    return float(Decimal(repr(horizon)) / (Decimal(repr(step_size)) * Decimal(repr(ratio))))


def _steps(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [_steps_case(rng) for _ in range(30)]
    # Both in logarithms of counts, since they range over ten powers of ten.
    return (
        np.array([float(answer(*c)) / _steps_reference(*c) for c in cases]),
        np.ones(len(cases)),
    )


def _steps_ratio(answer: Any, rng: Rng) -> Finding:
    return close(answer(1.0, 1e-3, 1e-2) / answer(1.0, 1e-3, 1.0), 100.0, 1e-3)


def _steps_size(answer: Any, rng: Rng) -> Finding:
    return close(answer(1.0, 1e-4, 1e-1) / answer(1.0, 1e-3, 1e-1), 10.0, 1e-2)


def _steps_exact(answer: Any, rng: Rng) -> Finding:
    cases = [(10.0, 1e-5, 1.0), (3.0, 1e-5, 0.01), (3.0, 1e-5, 0.1), (0.035, 1e-5, 2e-5)]
    cases += [_steps_case(rng) for _ in range(20)]
    return all(abs(answer(*case) - _steps_reference(*case)) < 0.5 for case in cases)


step_count = function_check(
    "step_count",
    _steps_case,
    whole_number(),
    factor(_steps, "the number of steps", 1e-9, share=0.5),
    factor(_steps, "the number of steps", 2e-2),
    units(
        _steps_ratio,
        "With a timescale ratio a hundred times smaller, the same slow time takes a hundred times "
        "as many steps.",
    ),
    units(_steps_size, "With steps ten times smaller, ten times as many are needed."),
    invariant(
        _steps_exact,
        "Off by one for some round numbers: 10 / (1e-5 * 1) is not 1000000 in floating point. "
        "What does int() do with 999999.9999?",
    ),
    praise="Exact, also where floating point is not.",
)
