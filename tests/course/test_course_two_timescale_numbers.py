"""The two-timescale numbers drawn for each student."""

from __future__ import annotations

import numpy as np
import pytest
from course_cases import assert_caught, assert_right
from race_answers import hitting, stops

from ttlearn.course import Student
from ttlearn.course import two_timescale as check


# Numbers per student ------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["ada", "grace", "emmy", "sofya"])
def test_my_race(who):
    student = Student(who, "salt")
    race = check.race_numbers(student)
    left, right, size = race["left"], race["right"], race["jump_size"]
    time, stop = hitting(left, right, size**2), stops(left, right)
    winner, loser = ("left", "right") if left < right else ("right", "left")
    bracket = (0.6 * time, 2.2 * time)
    mine = check.my_race(student)
    assert_right(mine, (winner, stop, bracket), range(2))
    for wrong in [
        ("nothing yet", (..., ..., ...), "missing", "no answer"),
        ("the farther", (loser, stop, bracket), "invariant", "speeds"),
        ("difference", (winner, abs(left - right), bracket), "invariant", "moves too"),
        ("never moves", (winner, max(left, right), bracket), "invariant", "elsewhere"),
        (
            "jump not squared",
            (winner, stop, (0.8 * time * size, 2 * time * size)),
            "units",
            "square",
        ),
        ("too late", (winner, stop, (9 * time, 30 * time)), "invariant|units", ""),
        ("too wide", (winner, stop, (0.1 * time, 9 * time)), "invariant", "wider"),
        ("backwards", (winner, stop, bracket[::-1]), "invariant", "low < high"),
        ("no bracket", (winner, stop, time), "wrong type", "tuple"),
        ("another word", ("nearer", stop, bracket), "wrong type", "none of"),
    ]:
        if wrong[0] == "too late":
            report = mine(wrong[1], seed=0)
            assert report.stage in ("invariant", "units"), report
        else:
            assert_caught(mine, wrong, range(2))


@pytest.mark.parametrize("who", ["ada", "grace", "emmy"])
def test_read_curve(who):
    student = Student(who)
    races = check.curve_numbers(student)["races"]
    first, second, last = sorted(hitting(a, b, 4.0) for a, b in races)
    mine = check.read_curve(student)
    assert_right(mine, (first * 1.005, last * 0.995), range(2))
    for wrong in [
        ("fast time", (first * 1000, last * 1000), "units", "fast time"),
        ("divided twice", (first / 1000, last / 1000), "units", "fast time"),
        ("swapped", (last, first), "invariant", "before"),
        ("second for last", (first, second), "invariant", "second of three"),
        ("second for first", (second, last), "invariant", "second of three"),
        ("end of axis", (first, 1.15 * last), "invariant", "flat"),
        ("start of axis", (0.0, last), "invariant", "corner"),
        ("one number", last, "wrong type", "tuple"),
    ]:
        assert_caught(mine, wrong, range(2))


def test_curve_falls_and_ends_flat():
    times, loss = check.curve(Student("ada"))
    assert np.all(np.diff(loss) <= 1e-12)
    assert loss[0] > 0
    assert loss[-1] == 0
    assert times.size == loss.size
