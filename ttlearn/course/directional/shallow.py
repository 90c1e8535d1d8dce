"""Checks: one linear layer, and the depth whose angle is solved exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Finding
from ttlearn.course.directional.data import Array, Rng, at_angle, gaussian_risk, unit
from ttlearn.course.factors import factor
from ttlearn.course.stages import agrees, array, close, function_check, invariant, number
from ttlearn.course.stages import units as scaling

# 1. The angle as y = ln tan(theta / 2) ------------------------------------------------------------


def _angle_case(rng: Rng) -> tuple[Array, Array]:
    teacher = unit(rng, int(rng.integers(2, 6)))
    return at_angle(teacher, rng.uniform(-2, 2), rng.uniform(0.5, 3), rng), teacher


def _angles(answer: Any, rng: Rng, low: float, high: float) -> tuple[Array, Array]:
    truth, mine = [], []
    for sign in (-1, 1, -1, 1, 1, -1):
        teacher = unit(rng, int(rng.integers(2, 6)))
        truth.append(sign * rng.uniform(low, high))
        mine.append(answer(at_angle(teacher, truth[-1], rng.uniform(0.5, 3), rng), teacher))
    return np.array(mine), np.array(truth)


def _every_angle(answer: Any, rng: Rng) -> tuple[Array, Array]:
    """Ordinary angles and extreme ones, each relative to the truth."""
    mine, truth = np.concatenate([_angles(answer, rng, *ends) for ends in ((0.3, 2), (18, 20))], 1)
    return mine / truth, np.ones_like(truth)


def _angle_scale(answer: Any, rng: Rng) -> Finding:
    w, teacher = _angle_case(rng)
    return close(answer(w, teacher), answer(5 * w, teacher), 1e-9, 1.0)


def _angle_opposite(answer: Any, rng: Rng) -> Finding:
    w, teacher = _angle_case(rng)
    return close(answer(w, teacher), -answer(-w, teacher), 1e-7, 1.0)


log_half_angle = function_check(
    "log_half_angle",
    _angle_case,
    number(),
    factor(_every_angle, "the logarithm", 1e-6, share=0.5),
    factor(lambda answer, rng: _angles(answer, rng, 0.3, 2.0), "the logarithm"),
    invariant(_angle_scale, "A longer vector in the same direction should have the same angle."),
    invariant(
        _angle_opposite,
        "Turning the vector around should change the sign of y, and of nothing else: half the "
        "angle, or the whole?",
    ),
    agrees(
        lambda answer, rng: _angles(answer, rng, 0.3, 2.0),
        "The value is wrong for vectors whose angle is known.",
        1e-6,
    ),
    agrees(
        lambda answer, rng: _angles(answer, rng, 18.0, 20.0),
        "Right for ordinary angles, lost for an angle of 1e-8 or one as close to pi: arccos, or a "
        "difference of nearly equal numbers, has eaten the digits.",
        1e-3,
    ),
    praise="It keeps its digits where arccos has none left.",
)


# 2. The exact gradient ----------------------------------------------------------------------------


def _gradient_case(rng: Rng) -> tuple[Array, Array]:
    teacher = unit(rng, 2)
    return at_angle(teacher, rng.uniform(-1.5, 1.5), rng.uniform(0.3, 3), rng), teacher


def _forces(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [_gradient_case(rng) for _ in range(3)]
    truth = [-brute.gradient(lambda u, v=v: gaussian_risk(u, v), w, 1e-3) for w, v in cases]  # type: ignore[misc]
    return np.concatenate([answer(*case) for case in cases]), np.concatenate(truth)


def _force_turning(answer: Any, rng: Rng) -> Finding:
    w, teacher = _gradient_case(rng)
    across = np.array([-w[1], w[0]]) / np.linalg.norm(w)
    return close(answer(w, teacher) @ across, answer(4 * w, teacher) @ across, 1e-6, 1e-3)


def _force_fades(answer: Any, rng: Rng) -> Finding:
    teacher = unit(rng, 2)
    return bool(np.linalg.norm(answer(40.0 * teacher, teacher)) < 5e-3)


def _force_at_start(answer: Any, rng: Rng) -> Finding:
    teacher = unit(rng, 2)
    force = answer(1e-3 * unit(rng, 2), teacher)
    return close(force / np.linalg.norm(force), teacher, 1e-2)


negative_gradient = function_check(
    "negative_gradient",
    _gradient_case,
    array(lambda w, teacher: w.shape),
    factor(_forces, "the force", share=0.5),
    invariant(_force_at_start, "From a vector near zero the force should point along the teacher."),
    invariant(
        _force_turning,
        "The part of the force that turns the vector should not depend on the vector's length.",
    ),
    invariant(
        _force_fades,
        "Far out along the teacher the force should fade: what holds the vector back?",
    ),
    agrees(_forces, "The force is not the downhill slope of the risk of Gaussian data."),
    praise="Your force is the downhill slope of the population risk.",
)


# 3. Depth two, exactly ----------------------------------------------------------------------------


def _turn_case(rng: Rng) -> tuple[float, float, float]:
    return tuple(float(x) for x in rng.uniform([0.4, 0.5, 0.2], [2.7, 4.0, 0.6]))  # type: ignore[return-value]


def _turn(angle: float, time: float, k: float) -> float:
    return float(brute.follow(lambda s: -k * np.sin(s), np.array([angle]), time, 400)[0])


def _turns(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [_turn_case(rng) for _ in range(6)]
    return np.array([answer(*c) for c in cases]), np.array([_turn(*c) for c in cases])


def _turn_progress(answer: Any, rng: Rng) -> tuple[Array, Array]:
    """How far ln tan(angle / 2) has moved: in proportion to the speed of turning."""
    cases = [_turn_case(rng) for _ in range(6)]
    ends = np.array([[answer(*c), _turn(*c)] for c in cases]).T
    starts = np.array([c[0] for c in cases])
    mine, truth = np.log(np.tan(ends / 2)) - np.log(np.tan(starts / 2))
    return mine / truth, np.ones_like(truth)


def _turn_speed(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [_turn_case(rng) for _ in range(6)]
    speed = [(answer(a, 1e-5, k) - answer(a, 0.0, k)) / 1e-5 for a, _, k in cases]
    return np.array(speed), np.array([-k * np.sin(a) for a, _, k in cases])


def _turn_start(answer: Any, rng: Rng) -> Finding:
    _, _, k = _turn_case(rng)
    acute, obtuse = float(rng.uniform(0.4, 1.4)), float(rng.uniform(1.7, 2.7))
    return all(close(answer(angle, 0.0, k), angle, 1e-9) for angle in (acute, obtuse))


def _turn_in_two(answer: Any, rng: Rng) -> Finding:
    angle, time, k = _turn_case(rng)
    return close(answer(answer(angle, time, k), time, k), answer(angle, 2 * time, k), 1e-7)


angle_depth_two = function_check(
    "angle_depth_two",
    _turn_case,
    number(),
    invariant(_turn_start, "At time 0 the angle should be the one you started from."),
    factor(_turn_progress, "the speed of turning", 1e-5, share=0.5),
    factor(_turn_speed, "the speed of turning", 1e-2),
    invariant(
        lambda answer, rng: all(0 < answer(*_turn_case(rng)) < np.pi for _ in range(20)),
        "An angle between two vectors stays between 0 and pi.",
    ),
    invariant(
        _turn_in_two,
        "Flowing twice for a time t should be flowing once for 2 t; yours depends on where you "
        "pause.",
    ),
    agrees(_turns, "The angle differs from a simulated flow of depth two.", 1e-6),
    praise="Pausing changes nothing, and a simulated flow agrees.",
)


# 8. The largest step ------------------------------------------------------------------------------


def _steps(answer: Any, rng: Rng) -> tuple[Array, Array]:
    moments, limits = rng.uniform(0.2, 5.0, 5), []
    for moment in moments:
        scale, teacher = np.sqrt(moment), unit(rng, 2)
        across = np.array([-teacher[1], teacher[0]])

        def risk(s: float, scale: float = scale, v: Array = teacher, n: Array = across) -> float:
            return gaussian_risk(scale * s * n, v)

        bend = (risk(1e-2) - 2 * risk(0.0) + risk(-1e-2)) / 1e-4
        limits.append(2 / bend)
    return np.array([answer(float(m)) for m in moments]), np.array(limits)


def _steps_scale(answer: Any, rng: Rng) -> Finding:
    moment = float(rng.uniform(0.5, 2.0))
    return close(answer(4 * moment), answer(moment) / 4, 1e-9)


largest_step = function_check(
    "largest_step",
    lambda rng: (float(rng.uniform(0.2, 5.0)),),
    number(),
    factor(
        _steps,
        "the largest step size",
        5e-3,
        share=0.5,
        question="may the part change its sign?",
    ),
    scaling(
        _steps_scale,
        "Four times the second moment (data twice as large) should allow a quarter of the step.",
    ),
    agrees(_steps, "The sideways component near zero grows or shrinks at another step size.", 5e-3),
    praise="Just below it the sideways component shrinks everywhere; just above, not near zero.",
)
