"""Checks with numbers per student: a time to reach an angle, and a line to read."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ttlearn.course.checks import Check, Finding
from ttlearn.course.directional.data import CIRCLE_TURN, Array, Rng, circle_pull
from ttlearn.course.stages import (
    close,
    invariant,
    number,
    one_of,
    several,
    units,
    value_check,
    whole_number,
)
from ttlearn.course.variants import Student

# 7. My alignment ----------------------------------------------------------------------------------


def alignment_numbers(student: Student) -> dict[str, float]:
    """The student's start, target and size of the data, for a network of depth two."""
    return {
        "angle": student.uniform("alignment angle", 1.2, 2.6, 3),
        "target": round(10 ** student.uniform("alignment target", -5.0, -2.0), 7),
        "data_scale": student.uniform("alignment scale", 1.5, 4.0, 2),
    }


def _time_to(start: float, target: float, k: float) -> float:
    """The time from one angle to a smaller one when it turns at the speed k sin(angle)."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    low, high = np.log(target), np.log(start)
    angles = np.exp((high - low) / 2 * nodes + (high + low) / 2)
    return float(np.sum(weights * angles / (k * np.sin(angles))) * (high - low) / 2)


def _angle_at_loss(depth: int, loss: float) -> float:
    """ln tan(angle / 2) where the loss falls below ``loss``; circle data, from norm 1, angle 2."""
    log_norm, y = 0.0, float(np.log(np.tan(1.0)))
    h = float(np.log(2.0))
    grid = np.linspace(0, 60, 6001)
    table = h - np.concatenate(
        [[0.0], np.cumsum(np.diff(grid) * circle_pull((grid[1:] + grid[:-1]) / 2))]
    )
    for _ in range(200000):
        norm = float(np.exp(log_norm))
        cosine = -np.tanh(y)
        if np.interp(norm, grid, table) + CIRCLE_TURN * norm * (1 - cosine) < loss:
            return y
        step = 0.01
        slope = -(depth / CIRCLE_TURN) * (circle_pull(norm) - CIRCLE_TURN * (1 - cosine))
        y -= step
        log_norm += -step * float(slope)
    raise AssertionError("the loss was not reached")


def _scale_in_place(truth: float, scale: float, answer: Any, _: Rng) -> Finding:
    wrong = (truth * scale, truth / scale, truth * scale**2)
    return not any(close(answer[0], value, 5e-3) for value in wrong)


def my_alignment(student: Student) -> Check:
    """The check of (time to the target angle at depth 2, "depth 1" or "depth 4")."""
    own = alignment_numbers(student)
    standard = 1 / np.sqrt(2 * np.pi)
    truth = _time_to(own["angle"], own["target"], standard * own["data_scale"])
    scale = functools.partial(_scale_in_place, truth, own["data_scale"])

    def double(answer: Any, _: Rng) -> Finding:
        if close(answer[0], -truth, 5e-3):
            return "Time runs forward: the sign is the opposite."
        return not any(close(answer[0], truth * f, 5e-3) for f in (2.0, 0.5))

    def linear(answer: Any, _: Rng) -> Finding:
        k = standard * own["data_scale"]
        return not close(answer[0], np.log(own["angle"] / own["target"]) / k, 5e-3)

    def right(answer: Any, _: Rng) -> Finding:
        return close(answer[0], truth, 5e-3)

    def wiser(answer: Any, _: Rng) -> Finding:
        better = "depth 1" if _angle_at_loss(1, 0.08) < _angle_at_loss(4, 0.08) else "depth 4"
        return bool(answer[1] == better)

    return value_check(
        "my_alignment",
        several(number(), one_of("depth 1", "depth 4")),
        units(scale, "Data of twice the size turn the vector twice as fast: where is your scale?"),
        units(double, "There is a factor of two in the time: half the angle, or the whole?"),
        invariant(linear, "An angle near pi turns slowly: sin(angle) is not the angle there."),
        invariant(right, "A simulated flow needs another time (half a percent is allowed)."),
        invariant(
            wiser,
            "Not that depth: at the same training loss a simulated flow of the other one points "
            "better. Compare how y depends on the norm, not on time.",
        ),
        praise="A simulated flow takes as long as you say, and at equal loss the depth you named "
        "points better.",
    )


# 9. Which depth made this line? -------------------------------------------------------------------


def _line_numbers(student: Student) -> dict[str, Any]:
    """The depth that hides behind the line, and from which norm it is drawn."""
    return {"depth": student.choice("line depth", [2, 3, 4, 5, 6]), "law": "circle"}


def _orbit(depth: int) -> tuple[Array, Array]:
    """Squared norm and y along the late flow on circle data."""
    norms = np.linspace(4.0, 20.0, 400)
    slopes = -CIRCLE_TURN / (depth * norms * circle_pull(norms))
    moves = np.diff(norms) * (slopes[1:] + slopes[:-1]) / 2
    return norms**2, np.concatenate([[-3.0], -3.0 + np.cumsum(moves)])


def line(student: Student) -> tuple[Array, Array]:
    """Squared norm and y along the student's flow."""
    return _orbit(_line_numbers(student)["depth"])


def read_line(student: Student) -> Check:
    """The check of the depth (a whole number) that made the student's line."""
    squared, y = line(student)
    drawn = float(np.polyfit(squared[200:], y[200:], 1)[0])

    def slope(depth: float) -> float:
        other_squared, other = _orbit(int(depth))
        return float(np.polyfit(other_squared[200:], other[200:], 1)[0])

    def positive(answer: Any, _: Rng) -> Finding:
        return bool(0 < answer < 1000)

    def twice(answer: Any, _: Rng) -> Finding:
        return not any(
            f * answer >= 1 and close(slope(round(f * answer)), drawn, 1e-3) and f * answer % 1 == 0
            for f in (2, 0.5)
        )

    def fits(answer: Any, _: Rng) -> Finding:
        ratio = slope(answer) / drawn
        if ratio > 1.01:
            return "A network of that depth would draw a steeper line."
        return "A network of that depth would draw a flatter line." if ratio < 0.99 else True

    return value_check(
        "read_line",
        whole_number(),
        invariant(positive, "A depth is a whole number of layers, at least one."),
        units(twice, "There is a factor of two: is the line drawn against norm^2 or norm^2 / 2?"),
        invariant(fits, "The slope does not fit."),
        praise="A flow of that depth draws the same line.",
    )
