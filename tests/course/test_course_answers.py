"""Every check of every set: a right answer passes, at least five plausible wrong ones are named."""

from __future__ import annotations

import re

import capstone_mistakes
import directional_mistakes
import nbformat
import numpy as np
import pytest
import saddle_mistakes
import two_timescale_mistakes
from course_cases import assert_caught, assert_right
from number_cases import NUMBERS

from book_site import ROOT
from ttlearn import course
from ttlearn.course import Student, two_timescale
from ttlearn.course.classroom import SETS

# Per set: exercise -> (a right answer, wrong ones).
FUNCTIONS = {
    "two_timescale": two_timescale_mistakes.FUNCTIONS,
    "directional": directional_mistakes.FUNCTIONS,
    "saddles": saddle_mistakes.FUNCTIONS,
    "capstone": capstone_mistakes.FUNCTIONS,
}
OWN = [(name, exercise) for name, exercises in NUMBERS.items() for exercise in exercises]
STUDENTS = [("ada", "salt"), ("grace", "salt"), ("emmy", "autumn"), ("sofya", ""), ("olga", "")]


@pytest.mark.parametrize(("name", "exercise"), [(n, e) for n, es in FUNCTIONS.items() for e in es])
def test_right_answer_passes(name, exercise):
    assert_right(getattr(getattr(course, name), exercise), FUNCTIONS[name][exercise][0])


@pytest.mark.parametrize(
    ("name", "exercise", "wrong"),
    [(n, e, w) for n, es in FUNCTIONS.items() for e, (_, wrongs) in es.items() for w in wrongs],
    ids=lambda v: v if isinstance(v, str) else v[0],
)
def test_wrong_answer_is_named(name, exercise, wrong):
    assert_caught(getattr(getattr(course, name), exercise), wrong)


@pytest.mark.parametrize("who", STUDENTS, ids=lambda who: who[0])
@pytest.mark.parametrize(("name", "exercise"), OWN)
def test_on_the_numbers_of_a_student_the_right_answer_passes_and_wrong_ones_are_named(
    name, exercise, who
):
    student = Student(*who)
    check = getattr(getattr(course, name), exercise)(student)
    right, wrongs = NUMBERS[name][exercise](student)
    assert_right(check, right, range(1))
    for wrong in wrongs:
        assert_caught(check, wrong, range(1))


def exercises(name: str) -> set[str]:
    """The checks that a set's notebook gives points for."""
    notebook = nbformat.read(ROOT / f"teaching/source/{name}/{name}.ipynb", as_version=4)
    graded = (c.source for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade"))
    return {found.group(1) for source in graded if (found := re.match(r"check\.(\w+)", source))}


@pytest.mark.parametrize("name", SETS)
def test_every_check_is_put_to_at_least_five_wrong_answers(name):
    tried = {exercise: wrongs for exercise, (_, wrongs) in FUNCTIONS[name].items()}
    tried |= {exercise: make(Student("ada"))[1] for exercise, make in NUMBERS[name].items()}
    assert tried.keys() == exercises(name)
    for exercise, wrongs in tried.items():
        # Answers of the wrong type or shape are not counted: those that look right are.
        plausible = {what for what, _, stage, _ in wrongs if stage in ("units", "invariant")}
        assert len(plausible) >= 5, f"{exercise}: {sorted(plausible)}"


@pytest.mark.parametrize("right", [lambda a, b: b**3 - a**3, lambda a, b: 7 + (a**3 - b**3) ** 2])
def test_any_conserved_quantity_is_accepted(right):
    assert_right(two_timescale.conserved, right)


def test_the_curve_to_read_falls_and_ends_flat():
    times, loss = two_timescale.curve(Student("ada"))
    assert np.all(np.diff(loss) <= 1e-12)
    assert loss[0] > 0
    assert loss[-1] == 0
    assert times.size == loss.size
