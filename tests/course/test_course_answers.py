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
from right_alternatives import ALTERNATIVES

from book_site import ROOT
from ttlearn import course
from ttlearn import saddles as library
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


@pytest.mark.parametrize(
    ("name", "exercise", "right"),
    [(n, e, r) for (n, e), rights in ALTERNATIVES.items() for r in rights],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_another_right_answer_passes_too(name, exercise, right):
    assert_right(getattr(getattr(course, name), exercise), right)


@pytest.mark.parametrize(
    "identifier",
    ["s1310", "s9"],  # a loss near its own root; an interval of length 1.1, so near its mean
)
def test_a_reading_within_six_percent_passes_for_every_student(identifier):
    student = Student(identifier, "autumn")
    (kinks, reading), _ = NUMBERS["saddles"]["read_residual"](student)
    truth = reading / 1.02
    check = course.saddles.read_residual(student)
    for share in (0.95, 1, 1.05):
        assert_right(check, (kinks, share * truth), range(1))
        assert_right(check, np.array([kinks, share * truth]), range(1))


def test_praise_claims_no_more_than_was_asked():
    student = Student("ada")
    right, _ = NUMBERS["directional"]["my_alignment"](student)
    sentence = course.directional.my_alignment(student)(right).sentence
    assert sentence.endswith("at equal loss the depth you named points better.")


def test_the_capstones_own_saddle_settles_more_slowly_than_separate_timescales_need():
    """Two kinks on [-1, 1], the target's slope 1.42: two flat directions, and a ratio of 0.39."""
    problem = library.Problem(left=-1.0, right=1.0, slope=1.42)
    hessian = library.hessian(problem, course.capstone.mine._saddle(1.42))
    curvatures = np.sort(np.abs(np.linalg.eigvalsh(hessian)))
    assert curvatures[1] < 1e-13 * curvatures[-1], "flat directions are as flat as in the check"
    ratio = FUNCTIONS["capstone"]["separation"][0]
    assert ratio(hessian) == pytest.approx(0.39, abs=0.005)


def test_the_curve_to_read_falls_and_ends_flat():
    times, loss = two_timescale.curve(Student("ada"))
    assert np.all(np.diff(loss) <= 1e-12)
    assert loss[0] > 0
    assert loss[-1] == 0
    assert times.size == loss.size
