"""Check with numbers per student: when does descent leave the plateau of a saddle?"""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Check, Finding
from ttlearn.course.saddles.data import Array, Rng, Task, flat, loss
from ttlearn.course.stages import (
    close,
    invariant,
    number,
    several,
    units,
    value_check,
    whole_number,
)
from ttlearn.course.variants import Student

AWAY = 0.05  # the distance from the saddle at which it counts as left


def escape_numbers(student: Student) -> dict[str, float]:
    """The student's target slope, step size and first distance from the saddle."""
    return {
        "slope": student.uniform("escape slope", 1.0, 1.6, 2),
        "step_size": student.uniform("escape step", 0.08, 0.12, 3),
        "distance": round(10 ** student.uniform("escape distance", -3.6, -2.6), 6),
    }


def _task(student: Student) -> Task:
    return Task((-1.0, 1.0), escape_numbers(student)["slope"], 0.0)


def _saddle(slope: float) -> Array:
    strength = 2 * slope / 3
    third = 1.0 / 3.0
    return flat(
        (np.array([1.0, -1.0]), np.array([third, third]), np.array([strength, -strength]), 0.0)
    )


def escape_start(student: Student) -> tuple[Array, Array]:
    """The saddle with two kinks on [-1, 1], and the start: a step along the steepest way down.

    Both are vectors (inner weights, biases, outer weights, output bias).
    """
    task, own = _task(student), escape_numbers(student)
    saddle = _saddle(own["slope"])
    bend = brute.hessian(lambda p: loss(p, task), saddle, 1e-4)
    direction = np.linalg.eigh(bend)[1][:, 0]
    direction = direction * np.sign(direction[np.argmax(np.abs(direction))])
    return saddle, saddle + own["distance"] * direction


def _simulate(student: Student) -> int:
    task, own = _task(student), escape_numbers(student)
    saddle, place = escape_start(student)
    steps = 0
    while np.linalg.norm(place - saddle) < AWAY and steps < 20000:
        place = place - own["step_size"] * brute.gradient(lambda p: loss(p, task), place, 1e-5)
        steps += 1
    return steps


def my_escape(student: Student) -> Check:
    """The check of (loss on the plateau, steps until the distance is 0.05)."""
    own = escape_numbers(student)
    level = loss(_saddle(own["slope"]), _task(student))
    steps = _simulate(student)

    def plateau_factor(answer: Any, _: Rng) -> Finding:
        return not any(close(answer[0], level * f, 1e-2) for f in (2, 0.5, 1 / 8, 1 / 4))

    def plateau(answer: Any, _: Rng) -> Finding:
        return close(answer[0], level, 1e-2)

    def slope_once(answer: Any, _: Rng) -> Finding:
        return close(own["slope"], 1.0, 0.02) or not close(
            answer[0], level / own["slope"] ** 2, 1e-2
        )

    def unit_steps(answer: Any, _: Rng) -> Finding:
        guesses = (steps * own["step_size"], steps / own["step_size"], steps / np.log(10))
        return not any(close(float(answer[1]), guess, 2e-2) for guess in guesses)

    def doubled(answer: Any, _: Rng) -> Finding:
        return not any(close(float(answer[1]), steps * f, 2e-2) for f in (2.0, 0.5))

    def predicted(answer: Any, _: Rng) -> Finding:
        return close(float(answer[1]), float(steps), 4e-2)

    return value_check(
        "my_escape",
        several(number(), whole_number()),
        units(plateau_factor, "The plateau's loss has a factor off: how long is the interval?"),
        units(slope_once, "The plateau's loss knows the target's slope. Did you put yours in?"),
        invariant(plateau, "The loss at your saddle is another."),
        units(unit_steps, "Steps, not time (and natural logarithms): a unit is off."),
        units(doubled, "There is a factor of two in the steps: the Hessian, or half of it?"),
        invariant(predicted, "A simulated descent leaves at another step (4 % are allowed)."),
        praise="A simulated descent leaves the plateau when you said.",
    )
