"""Checks: numbers per student: a race to predict, a curve to read."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Check, Finding
from ttlearn.course.stages import (
    close,
    invariant,
    number,
    one_of,
    several,
    units,
    value_check,
)
from ttlearn.course.two_timescale.data import (
    Array,
    Rng,
    race_field,
    run_race,
)
from ttlearn.course.variants import Student

# 6. Your race (numbers per student) ---------------------------------------------------------------


def race_numbers(student: Student) -> dict[str, float]:
    """The student's own race: distances of the two flanks and the jump's size."""
    near = student.uniform("race near", 0.03, 0.08)
    far = round(near * student.uniform("race ratio", 1.05, 1.6), 4)
    left, right = student.choice("race side", [(near, far), (far, near)])
    return {"left": left, "right": right, "jump_size": student.uniform("race jump", 1.5, 4.5, 2)}


def my_race(student: Student) -> Check:
    """The check of (winner, loser's last distance, (low, high) around the hitting time)."""
    race = race_numbers(student)
    left, right, strength = race["left"], race["right"], race["jump_size"] ** 2

    def winner(answer: Any, _: Rng) -> Finding:
        return bool(answer[0] == ("left" if left < right else "right"))

    def jump_squared(answer: Any, _: Rng) -> Finding:
        time = run_race(left, right, race["jump_size"])[0]
        low, high = answer[2]
        off = not low <= run_race(left, right, strength)[0] <= high
        return not (off and low <= time <= high)

    def bracket(answer: Any, _: Rng) -> Finding:
        low, high = answer[2]
        if not 0 < low < high:
            return "The bracket needs 0 < low < high."
        if high > 4.001 * low:
            return "The bracket is wider than a factor of four: you can do better than that."
        return bool(low <= run_race(left, right, strength)[0] <= high)

    def stop_naive(answer: Any, _: Rng) -> Finding:
        return not close(answer[1], abs(left - right), 0.02)

    def stop(answer: Any, _: Rng) -> Finding:
        return close(answer[1], run_race(left, right, strength)[1], 0.02)

    return value_check(
        "my_race",
        several(one_of("left", "right"), number(), several(number(), number())),
        invariant(winner, "Not that neuron: compare the two speeds at the start."),
        units(jump_squared, "Is the strength of the pull the jump's size, or its square?"),
        invariant(bracket, "The hitting time of a simulated race is outside of your bracket."),
        invariant(
            stop_naive,
            "The loser does not keep pace with the winner: it is slower, and stops sooner.",
        ),
        invariant(stop, "The loser of a simulated race stops elsewhere (2 % are allowed)."),
        praise="A simulated race ends as you predicted.",
    )


# 7. Reading a curve -------------------------------------------------------------------------------


def _curve_numbers(student: Student) -> dict[str, Any]:
    """Three races at once; the sum of their losses is the curve to read."""
    races = []
    for place, low in (("a", 0.010), ("b", 0.035), ("c", 0.075)):
        near = student.uniform(f"curve {place}", low, low + 0.012)
        races.append((near, round(near * student.uniform(f"curve ratio {place}", 1.4, 2.2), 4)))
    return {"races": races, "jump_size": 2.0, "timescale_ratio": 0.001}


def curve(student: Student, points: int = 400) -> tuple[Array, Array]:
    """Slow times and the reduced loss of the student's three races."""
    numbers = _curve_numbers(student)
    strength = numbers["jump_size"] ** 2
    ends = [run_race(left, right, strength)[0] for left, right in numbers["races"]]
    times = np.linspace(0.0, 1.15 * max(ends), points)
    loss = np.zeros(points)
    for (left, right), end in zip(numbers["races"], ends, strict=True):
        state = np.array([left, right])
        for index, time in enumerate(times):
            if time >= end:
                break
            loss[index] += strength * state[0] * state[1] / (state[0] + state[1])
            remaining = min(times[1], 0.999 * (end - time))
            state = brute.follow(lambda s: race_field(s, strength), state, remaining, 4)
    return times, loss


def read_curve(student: Student) -> Check:
    """The check of the slow times at which the first and the last jump are caught."""
    numbers = _curve_numbers(student)
    strength = numbers["jump_size"] ** 2
    ends = sorted(run_race(left, right, strength)[0] for left, right in numbers["races"])
    width = 0.02 * 1.15 * ends[-1]

    def near(value: float, truth: float, slack: float = width) -> bool:
        return abs(value - truth) <= slack

    def fast_time(answer: Any, _: Rng) -> Finding:
        scale = numbers["timescale_ratio"]
        return not any(near(answer[1] * s, ends[-1]) for s in (scale, 1 / scale))

    def order(answer: Any, _: Rng) -> Finding:
        return bool(answer[0] < answer[1])

    def middle(answer: Any, _: Rng) -> Finding:
        return not any(near(value, ends[1]) for value in answer)

    def last(answer: Any, _: Rng) -> Finding:
        return near(answer[1], ends[-1])

    def first(answer: Any, _: Rng) -> Finding:
        return near(answer[0], ends[0])

    return value_check(
        "read_curve",
        several(number(), number()),
        units(fast_time, "The axis shows slow time; you converted it to fast time, or back twice."),
        invariant(order, "The first catch should come before the last."),
        invariant(middle, "One of your two numbers is where the second of three jumps is caught."),
        invariant(last, "The last catch is elsewhere: from where on is the curve flat?"),
        invariant(first, "The first catch is elsewhere: look for the first corner of the curve."),
        praise="Both corners read within two hundredths of the axis.",
    )
