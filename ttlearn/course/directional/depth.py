"""Checks: deep linear networks."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Finding
from ttlearn.course.directional.data import CIRCLE_TURN, Array, Rng, circle_pull
from ttlearn.course.factors import factor, factors
from ttlearn.course.stages import (
    agrees,
    close,
    function_check,
    invariant,
    number,
    several,
)

# 4. The field of depth N --------------------------------------------------------------------------

Case = tuple[float, float, int, float, float]


def _field_case(rng: Rng, depths: tuple[int, ...] = (2, 3, 4, 5)) -> Case:
    norm, y = float(rng.uniform(0.4, 2.5)), float(rng.uniform(-1.2, 1.2))
    return (
        norm,
        y,
        int(rng.choice(depths)),
        float(rng.uniform(0.1, 0.8)),
        float(rng.uniform(0.2, 0.6)),
    )


def _by_weights(norm: float, y: float, depth: int, pull: float, k: float) -> Array:
    """Rates of norm and y of a balanced chain of width one whose loss is h + k norm (1 - cos)."""
    along, across = -np.tanh(y), 1 / np.cosh(y)
    size = norm ** (1 / depth)
    weights = np.concatenate([size * np.array([along, across]), np.full(depth - 1, size)])

    def vector(p: Array) -> Array:
        return np.asarray(np.prod(p[2:]) * p[:2])

    def loss(p: Array) -> float:
        w = vector(p)
        length = float(np.hypot(*w))
        return -pull * (length - norm) + k * (length - float(w[0]))

    downhill = -brute.gradient(loss, weights, 1e-4)
    step = 1e-5
    moved = (vector(weights + step * downhill) - vector(weights - step * downhill)) / (2 * step)
    radial = moved @ np.array([along, across])
    turning = moved @ np.array([-across, along]) / norm
    return np.array([radial, turning / across])


def _fields(answer: Any, rng: Rng, part: slice, depths: tuple[int, ...]) -> tuple[Array, Array]:
    cases = [_field_case(rng, depths) for _ in range(6)]
    mine = np.array([answer(*case) for case in cases])[:, part]
    return mine, np.array([_by_weights(*case) for case in cases])[:, part]


def _nullcline(answer: Any, rng: Rng) -> Finding:
    _, y, _, _, k = _field_case(rng)
    balance = k * (1 + np.tanh(y))
    rates = [abs(answer(2.0, y, depth, balance, k)[0]) for depth in (1, 2, 5)]
    return max(rates) < 1e-9


_RADIAL, _TURNING, _BOTH = slice(0, 1), slice(1, 2), slice(0, 2)
_ALL = (1, 2, 3, 4, 5)
_RATES = ("the rate of the norm", "the rate of y")


def _both_fields(answer: Any, rng: Rng) -> list[tuple[Array, Array]]:
    mine, truth = _fields(answer, rng, _BOTH, _ALL)
    return [(mine[:, part], truth[:, part]) for part in range(2)]


polar_field = function_check(
    "polar_field",
    _field_case,
    several(number(), number()),
    factors(_both_fields, _RATES, share=0.5),
    factor(functools.partial(_fields, part=_RADIAL, depths=_ALL), _RATES[0]),
    factor(functools.partial(_fields, part=_TURNING, depths=_ALL), _RATES[1]),
    agrees(
        functools.partial(_fields, part=_BOTH, depths=(1,)),
        "Already at depth 1 it differs from the flow of one layer: check the two forces.",
        1e-4,
    ),
    invariant(
        _nullcline,
        "Where the pull just balances, the norm should stand still at every depth: depth only "
        "multiplies.",
    ),
    agrees(
        functools.partial(_fields, part=_RADIAL, depths=(2, 3, 4, 5)),
        "Right at depth 1; deeper, the norm's rate differs from a chain of weights: which power of "
        "the norm, and how many layers move?",
        1e-4,
    ),
    agrees(
        functools.partial(_fields, part=_TURNING, depths=(2, 3, 4, 5)),
        "Right at depth 1; deeper, y's rate differs from a chain of weights: which power of the "
        "norm is it?",
        1e-4,
    ),
    praise="A chain of weights, followed by brute force, moves as your field says.",
)


# 5. A quantity that only falls (proof step) -------------------------------------------------------


def _rates(norm: float, angle: float, depth: int) -> Array:
    power = norm ** (1 - 2 / depth)
    pull = float(circle_pull(norm)) - CIRCLE_TURN * (1 - np.cos(angle))
    return np.array([depth * norm * power * pull, -CIRCLE_TURN * power * np.sin(angle)])


def _drift(answer: Any, norm: float, angle: float, depth: int) -> float:
    """How the answer changes along the flow, as a share of its steepest change.

    Both in the coordinates (ln norm, angle), so that neither the flow's speed nor a constant added
    to the answer nor a factor counts.
    """
    along = _rates(norm, angle, depth) / [norm, 1.0]
    slopes = brute.gradient(
        lambda s: answer(float(np.exp(s[0])), float(s[1]), depth),
        np.array([np.log(norm), angle]),
        1e-3,
    )
    size = max(float(np.linalg.norm(slopes) * np.linalg.norm(along)), 1e-300)
    return float(slopes @ along) / size


def _fall_case(rng: Rng) -> tuple[float, float, int]:
    return (float(rng.uniform(0.3, 4)), float(rng.uniform(0.2, 2.9)), int(rng.integers(1, 6)))


def _differs(answer: Any, rng: Rng) -> Finding:
    values = [answer(*_fall_case(rng)) for _ in range(8)]
    return float(np.ptp(values)) > 1e-9 * float(np.max(np.abs(values)))


def _falls(answer: Any, rng: Rng, depths: tuple[int, ...], angles: tuple[float, float]) -> Finding:
    for _ in range(12):
        norm, angle = float(rng.uniform(0.3, 4)), float(rng.uniform(*angles))
        if _drift(answer, norm, angle, int(rng.choice(depths))) > -1e-5:
            return False
    return True


def _kept_near_zero(answer: Any, rng: Rng) -> Finding:
    for _ in range(8):
        angle, depth = float(rng.uniform(0.4, 2.7)), int(rng.integers(1, 6))
        if abs(_drift(answer, 1e-4, angle, depth)) > 1e-2:
            return False
    return True


keeps_falling = function_check(
    "keeps_falling",
    _fall_case,
    number(),
    invariant(_differs, "This is one number for every state: it cannot fall."),
    invariant(
        functools.partial(_falls, depths=(1,), angles=(0.2, 2.9)),
        "Even at depth 1 it rises somewhere along the flow. Which component of the vector only "
        "ever shrinks?",
    ),
    invariant(
        functools.partial(_falls, depths=(2, 3, 4, 5), angles=(0.2, 2.9)),
        "Right at depth 1, but deeper it rises somewhere: divide d ln(norm) by dy.",
    ),
    invariant(
        _kept_near_zero,
        "It falls, but not slowly near the origin, where a right one is nearly conserved.",
    ),
    praise="It falls along every flow, at every depth, and is nearly conserved near the origin.",
)


# 6. Exponents -------------------------------------------------------------------------------------


def _measured(depth: int) -> tuple[float, float]:
    """Late growth of norm and of -y, from the reduced flow with a pull that falls like 1/norm^2."""
    grid = np.geomspace(1e-3, 1e6, 40001)
    steps = np.diff(np.log(grid))
    middle = np.sqrt(grid[1:] * grid[:-1])
    force = 0.4 / (1 + 0.6 * middle**2)
    time = np.cumsum(steps * middle / (depth * middle ** (2 - 2 / depth) * force))
    falls = np.cumsum(steps * 0.4 / (depth * force))
    early, late = np.searchsorted(middle, [1e5, 8e5])
    passed = np.log(time[late] / time[early])
    return (
        float(np.log(middle[late] / middle[early]) / passed),
        float(np.log(falls[late] / falls[early]) / passed),
    )


def _exponents(answer: Any, rng: Rng, part: int) -> tuple[Array, Array]:
    depths = rng.permutation(np.arange(1, 9))[:5]
    mine = np.array([answer(int(depth))[part] for depth in depths])
    return mine, np.array([_measured(int(depth))[part] for depth in depths])


def _both_exponents(answer: Any, rng: Rng) -> list[tuple[Array, Array]]:
    return [_exponents(answer, rng, part) for part in range(2)]


def _depth_matters(answer: Any, rng: Rng) -> Finding:
    return not close(answer(1), answer(int(rng.integers(3, 9))), 1e-3)


def _positive(answer: Any, rng: Rng) -> Finding:
    return min(min(answer(depth)) for depth in (1, 2, 7)) > 0


def _two_is_exponential(answer: Any, rng: Rng) -> Finding:
    return abs(answer(2)[1] - 1.0) < 1e-2


def _not_swapped(answer: Any, rng: Rng) -> Finding:
    depth = int(rng.integers(1, 8))
    return not close(answer(depth)[::-1], _measured(depth), 1e-2)


exponents = function_check(
    "exponents",
    lambda rng: (int(rng.integers(1, 9)),),
    several(number(), number()),
    invariant(_positive, "Norm and -y both grow: both exponents should be positive."),
    invariant(_not_swapped, "These two exponents are in the other order."),
    invariant(_depth_matters, "The exponents should change with depth."),
    factors(_both_exponents, ("the norm's exponent", "the exponent of -y"), 1e-2, share=0.5),
    factor(functools.partial(_exponents, part=0), "the norm's exponent", 1e-2),
    factor(functools.partial(_exponents, part=1), "the exponent of -y", 1e-2),
    invariant(
        _two_is_exponential,
        "At depth 2 the angle falls exactly exponentially in time: which exponent has -y there?",
    ),
    agrees(
        functools.partial(_exponents, part=0),
        "The norm of a simulated flow grows with another power of time.",
        1e-2,
    ),
    agrees(
        functools.partial(_exponents, part=1),
        "The angle of a simulated flow falls with another power of time in the exponent.",
        1e-2,
    ),
    praise="Simulated flows of several depths grow with your powers of time.",
)
