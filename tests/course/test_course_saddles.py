"""Every check of the saddle set: one right answer, at least five plausible wrong ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from course_cases import assert_caught, assert_right
from saddle_answers import escape, exact, kind, level, saddle, slopes
from saddle_mistakes import BALANCES, ESCAPES, GRADIENTS, KINDS_WRONG, LEVELS, LOSSES, SADDLES

from ttlearn.course import Student
from ttlearn.course import saddles as check

FUNCTIONS = {
    "neuron_kind": (kind, KINDS_WRONG),
    "exact_loss": (exact, LOSSES),
    "network_gradient": (slopes, GRADIENTS),
    "zigzag": (saddle, SADDLES),
    "saddle_loss": (level, LEVELS),
    "balance": (lambda w, b, v: w**2 + b**2 - v**2, BALANCES),
    "escape_steps": (escape, ESCAPES),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_right_answer_passes(name):
    assert_right(getattr(check, name), FUNCTIONS[name][0], range(12))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [(n, w) for n, (_, wrongs) in FUNCTIONS.items() for w in wrongs],
    ids=lambda v: v if isinstance(v, str) else v[0],
)
def test_wrong_answer_is_named(name, wrong):
    assert_caught(getattr(check, name), wrong, range(3))


def formula_index(network):
    w, b, v, _ = network
    dead = (w < 0) & (b <= 0)
    return int(np.sum((w * v > 0) & ~dead)), int(np.sum(w == 0))


@pytest.mark.parametrize("who", [f"student {i}" for i in range(10)])
def test_my_index(who):
    student = Student(who)
    network = check.index_network(student)
    kinked, constants = formula_index(network)
    truth = kinked + constants
    mine = check.my_index(student)
    assert_right(mine, truth, range(1))
    wrong = [
        ("all parameters", 3 * network[0].size + 2, "invariant", "more directions"),
        ("negative", -1, "invariant", "fewer"),
        ("a float", truth + 0.5, "wrong type", "whole"),
        ("a word", "two", "wrong type", "number"),
        ("many", truth + 4, "invariant", "another number"),
    ]
    if constants:
        wrong.append(("constants forgotten", kinked, "invariant", "tilt"))
    everyone = network[0].size
    if everyone != truth:
        wrong.append(("everyone counts", everyone, "invariant", "not every neuron"))
    for case in wrong:
        assert_caught(mine, case, range(1))


@pytest.mark.parametrize("who", ["ada", "grace", "emmy", "sofya", "olga"])
def test_read_residual(who):
    student = Student(who)
    own = check.residual_numbers(student)
    n, length = own["kinks"], own["length"]
    truth = level(n, length, own["slope"])
    mine = check.read_residual(student)
    assert_right(mine, (n, 1.02 * truth), range(1))
    for wrong in [
        ("pieces", (n + 1, truth), "invariant", "pieces"),
        ("one less", (n - 1, truth), "invariant", "count"),
        ("square of the height", (n, 3 * truth), "units", "ramp"),
        ("half", (n, truth / 2), "units", "ramp"),
        ("root", (n, math.sqrt(truth)), "units", "root"),
        ("hard-coded", (n, 7.7), "invariant", "another"),
        ("zero", (n, 0.0), "invariant", "another"),
        ("loss alone", truth, "wrong type", "tuple"),
    ]:
        assert_caught(mine, wrong, range(1))
