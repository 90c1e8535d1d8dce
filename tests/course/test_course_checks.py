"""The mechanism of the checks: stages in order, findings as sentences, numbers per student."""

from __future__ import annotations

import numpy as np
import pytest

from ttlearn import course
from ttlearn.course import Check, Report, Stage, Student, identify
from ttlearn.course.checks import is_missing
from ttlearn.course.factors import factor
from ttlearn.course.stages import (
    agrees,
    array,
    function_check,
    invariant,
    number,
    one_of,
    several,
    value_check,
    whole_number,
)

SQUARE = function_check(
    "square",
    lambda rng: (rng.normal(size=3),),
    array(lambda x: x.shape),
    factor(lambda f, rng: (f(np.arange(4.0)), np.arange(4.0) ** 2), "the square", share=0.5),
    invariant(lambda f, rng: bool(np.all(f(rng.normal(size=3)) >= 0)), "A square is positive."),
    agrees(lambda f, rng: (f(np.arange(4.0)), np.arange(4.0) ** 2), "Not the square."),
)


PAIR = array(lambda: (2,))


def stub(x):
    """Your turn."""
    # your turn


def with_pass(x):
    pass


def forgot(x):
    x = x * x
    print(end="")


@pytest.mark.parametrize(
    ("answer", "stage", "share"),
    [
        (None, "missing", 0),
        (..., "missing", 0),
        (stub, "missing", 0),
        (with_pass, "missing", 0),
        (forgot, "not returned", 0),
        (3, "wrong type", 0),
        (lambda x: "x", "wrong type", 0),
        (lambda x: [[1, 2], [3]], "wrong type", 0),
        (lambda x: x.sum(), "wrong shape", 0),
        (lambda x: x * np.nan, "not finite", 0),
        (lambda x: x / 0 * undefined, "raises", 0),  # noqa: F821
        (lambda x: 2 * x**2, "units", 2),
        (lambda x: -(x**2), "units", 2),
        (lambda x: x**3, "invariant", 0),
        (lambda x: np.abs(x), "invariant", 0),
        (lambda x: x * x, "right", 4),
        (lambda x: list(x * x), "right", 4),
    ],
)
def test_stages_come_in_order_and_points_follow(answer, stage, share):
    report = SQUARE(answer, seed=1)
    assert report.stage == stage, report
    assert report.points(4) == share


def test_a_function_that_changes_its_arguments_harms_nobody():
    kept = np.arange(3.0)

    def changes(x):
        x *= x
        return x

    check = function_check(
        "kept",
        lambda rng: (kept,),
        array(lambda x: x.shape),
        invariant(lambda f, rng: bool(np.all(f(kept) == kept**2)), "changed"),
    )
    assert check(changes, seed=0).right
    assert np.all(kept == np.arange(3.0))


def test_the_same_seed_repeats_and_no_seed_draws_anew():
    seen = []
    check = Check("draws", (Stage("invariant", lambda a, rng: not seen.append(rng.random()), ""),))
    check(1, seed=5), check(1, seed=5), check(1), check(1)
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3


def test_a_report_speaks_as_text_and_as_html():
    report = SQUARE(lambda x: 2 * x**2, seed=7)
    assert str(report).startswith("square: units. There is a factor of two")
    assert "seed=7" in str(report)
    page = report._repr_html_()
    assert "1 of 4 stages passed" in page
    assert 'role="status"' in page
    assert "<b" not in Report("<b>", "right", "<i>")._repr_html_().replace("<br>", "")
    assert "seed" not in str(SQUARE(None))
    with pytest.raises(AssertionError, match="factor of two"):
        report.require()
    SQUARE(lambda x: x**2, seed=7).require()


@pytest.mark.parametrize("answer", [(None, 1), (1, ...), (1, (2, ...)), [None]])
def test_half_an_answer_is_missing(answer):
    assert is_missing(answer)


def test_zero_and_constant_functions_are_answers():
    assert not is_missing(0)
    assert not is_missing(lambda: 0)
    assert not is_missing(())


@pytest.mark.parametrize(
    ("kind", "good", "bad", "stage"),
    [
        (number(), 1.5, "x", "wrong type"),
        (number(), np.float32(1), 1j, "wrong type"),
        (number(), 2, True, "wrong type"),
        (number(), 2, [2.0], "wrong type"),
        (number(), np.array(2.0), np.array([2.0]), "wrong shape"),
        (number(), 2, float("inf"), "not finite"),
        (whole_number(), 2, 2.0, "wrong type"),
        (whole_number(), np.int32(2), np.float64(2), "wrong type"),
        (one_of("a", "b"), "a", "c", "wrong type"),
        (one_of("a", "b"), "b", 3, "wrong type"),
        (several(number(), one_of("a")), (1, "a"), (1,), "wrong shape"),
        (several(number(), one_of("a")), [1, "a"], 1, "wrong type"),
        (several(number(), number()), (1, 2), (1, "a"), "wrong type"),
        (several(number(), number()), np.array([1.5, 2]), np.array(1.5), "wrong type"),
        (several(whole_number(), number()), np.array([4, 0.3]), np.array([4.5, 0.3]), "wrong type"),
        (several(number(), number()), np.array([1, 2]), np.ones(3), "wrong type"),
        (several(PAIR, PAIR), np.ones((2, 2)), np.ones((2, 3)), "wrong shape"),
    ],
)
def test_kinds(kind, good, bad, stage):
    check = value_check("kind", kind)
    assert check(good).right
    assert check(bad).stage == stage


def test_numbers_are_the_same_everywhere():
    """Frozen: a change here would give every class other numbers in the middle of a term."""
    ada = Student("ada", "autumn")
    assert ada.uniform("race near", 0.03, 0.08) == 0.0687
    assert ada.choice("side", ["left", "right"]) == "left"
    assert ada.fraction("x") == Student(" ADA ", "autumn").fraction("x")


def test_neighbours_salts_and_names_differ():
    drawn = {Student(who, salt).fraction(name) for who in "abc" for salt in "xy" for name in "pq"}
    assert len(drawn) == 12


def test_draws_are_spread_evenly():
    fractions = np.array([Student(f"s{i}", "salt").fraction("x") for i in range(4000)])
    assert abs(fractions.mean() - 0.5) < 4 / np.sqrt(12 * 4000)
    assert np.histogram(fractions, 10, (0, 1))[0].min() > 320


@pytest.mark.parametrize("identifier", ["", "  ", None, 7])
def test_an_empty_id_is_refused(identifier):
    with pytest.raises(ValueError, match="student id"):
        Student(identifier)


def test_bad_ranges_are_refused():
    with pytest.raises(ValueError, match="below"):
        Student("a").uniform("x", 1, 1)
    with pytest.raises(ValueError, match="at least one"):
        Student("a").choice("x", [])


def test_the_grader_says_whose_it_is(monkeypatch):
    monkeypatch.setenv("TTLEARN_STUDENT", "grace")
    monkeypatch.setenv("TTLEARN_SALT", "spring")
    assert identify("ada", "autumn") == Student("grace", "spring")


def test_unknown_names_are_refused_with_what_there_is():
    with pytest.raises(AttributeError, match="two_timescale"):
        course.algebra  # noqa: B018
