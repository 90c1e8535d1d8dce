"""Right and wrong answers to the exercises whose numbers are drawn for each student."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from course_cases import Wrong
from directional_answers import K
from saddle_answers import level
from two_timescale_answers import hitting, stops

from ttlearn.course import Student, capstone, directional, saddles, two_timescale
from ttlearn.course.saddles.data import Task, loss

Cases = tuple[Any, list[Wrong]]


def race(student: Student) -> Cases:
    own = two_timescale.race_numbers(student)
    left, right, size = own["left"], own["right"], own["jump_size"]
    time, stop = hitting(left, right, size**2), stops(left, right)
    winner, loser = ("left", "right") if left < right else ("right", "left")
    bracket, linear = (0.6 * time, 2.2 * time), (0.8 * time * size, 2 * time * size)
    return (winner, stop, bracket), [
        ("nothing yet", (..., ..., ...), "missing", "no answer"),
        ("the farther", (loser, stop, bracket), "invariant", "speeds"),
        ("difference", (winner, abs(left - right), bracket), "invariant", "keep pace"),
        ("never moves", (winner, max(left, right), bracket), "invariant", "elsewhere"),
        ("jump not squared", (winner, stop, linear), "units", "square"),
        ("too early", (winner, stop, (0.01 * time, 0.03 * time)), "invariant", "outside"),
        ("too wide", (winner, stop, (0.1 * time, 9 * time)), "invariant", "wider"),
        ("backwards", (winner, stop, bracket[::-1]), "invariant", "low < high"),
        ("no bracket", (winner, stop, time), "wrong type", "tuple"),
        ("another word", ("nearer", stop, bracket), "wrong type", "none of"),
    ]


def curve(student: Student) -> Cases:
    races = two_timescale.mine._curve_numbers(student)["races"]
    first, second, last = sorted(hitting(a, b, 4.0) for a, b in races)
    return (first * 1.005, last * 0.995), [
        ("fast time", (first * 1000, last * 1000), "units", "fast time"),
        ("divided twice", (first / 1000, last / 1000), "units", "fast time"),
        ("swapped", (last, first), "invariant", "before"),
        ("second for last", (first, second), "invariant", "second of three"),
        ("second for first", (second, last), "invariant", "second of three"),
        ("end of axis", (first, 1.15 * last), "invariant", "flat"),
        ("start of axis", (0.0, last), "invariant", "corner"),
        ("one number", last, "wrong type", "tuple"),
    ]


def alignment(student: Student) -> Cases:
    own = directional.alignment_numbers(student)
    start, end, scale = own["angle"], own["target"], own["data_scale"]
    k = K * scale
    time = np.log(np.tan(start / 2) / np.tan(end / 2)) / k
    sines = np.log(np.sin(start) / np.sin(end)) / k
    return (time, "depth 1"), [
        ("not yet", (None, "depth 1"), "missing", "no answer"),
        ("scale forgotten", (time * scale, "depth 1"), "units", "twice"),
        ("scale squared", (time / scale, "depth 1"), "units", "twice"),
        ("doubled", (2 * time, "depth 1"), "units", "two"),
        ("sign", (-time, "depth 1"), "units", "sign"),
        ("linear", (np.log(start / end) / k, "depth 1"), "invariant", "sin"),
        ("sines", (sines, "depth 1"), "invariant", "another time"),
        ("hard-coded", (10.0, "depth 1"), "invariant", "another time"),
        ("the deeper", (time, "depth 4"), "invariant", "not that depth"),
        ("a word", (time, "both"), "wrong type", "none of"),
    ]


def line(student: Student) -> Cases:
    depth = directional.mine._line_numbers(student)["depth"]
    # One layer less than two is half of two: that is named as a factor.
    less = ("one less", depth - 1, "units" if depth == 2 else "invariant", "")
    return depth, [
        ("factor two", 2 * depth, "units", "two"),
        ("one more", depth + 1, "invariant", "flatter"),
        less,
        ("none", 0, "invariant", "at least one"),
        ("negative", -depth, "invariant", "at least one"),
        ("a float", depth + 0.5, "wrong type", "whole"),
        ("squared", depth**2 + 20, "invariant", "flatter"),
    ]


def index(student: Student) -> Cases:
    inner, biases, outer, _ = saddles.index_network(student)
    dead = (inner < 0) & (biases <= 0)
    kinked, constants = int(np.sum((inner * outer > 0) & ~dead)), int(np.sum(inner == 0))
    truth = kinked + constants
    wrong = [
        ("all parameters", 3 * inner.size + 2, "invariant", "more directions"),
        ("negative", -1, "invariant", "fewer"),
        ("hard-coded", truth + 4, "invariant", "another number"),
        ("one more", truth + 1, "invariant", ""),
        ("one less", truth - 1, "invariant", ""),
        ("a float", truth + 0.5, "wrong type", "whole"),
        ("a word", "two", "wrong type", "number"),
    ]
    if constants:
        wrong.append(("constants forgotten", kinked, "invariant", "tilt"))
    if inner.size != truth:
        wrong.append(("everyone counts", inner.size, "invariant", "not every neuron"))
    return truth, wrong


def residual(student: Student) -> Cases:
    own = saddles.mine._residual_numbers(student)
    n = own["kinks"]
    truth = level(n, own["length"], own["slope"])
    return (n, 1.02 * truth), [
        ("pieces", (n + 1, truth), "invariant", "pieces"),
        ("one less", (n - 1, truth), "invariant", "count"),
        ("square of the height", (n, 3 * truth), "units", "ramp"),
        ("half", (n, truth / 2), "units", "ramp"),
        ("root", (n, math.sqrt(truth)), "units", "root"),
        ("hard-coded", (n, 7.7), "invariant", "another"),
        ("zero", (n, 0.0), "invariant", "another"),
        ("loss alone", truth, "wrong type", "tuple"),
    ]


def escape(student: Student) -> Cases:
    own = capstone.escape_numbers(student)
    saddle, start = capstone.escape_start(student)
    ahead = 1e-4 * (start - saddle) / np.linalg.norm(start - saddle)
    task = Task((-1.0, 1.0), own["slope"], 0.0)
    around = loss(saddle + ahead, task) + loss(saddle - ahead, task)
    curvature = (around - 2 * loss(saddle, task)) / 1e-8
    rate = np.log1p(-own["step_size"] * curvature)
    steps = int(np.ceil(np.log(capstone.mine.AWAY / own["distance"]) / rate))
    height = level(2, 2.0, own["slope"])
    return (height, steps), [
        ("interval forgotten", (height / 8, steps), "units", "interval"),
        ("half the loss", (height / 2, steps), "units", "factor"),
        ("slope forgotten", (height / own["slope"] ** 2, steps), "units", "slope"),
        ("another level", (1.37 * height, steps), "invariant", "another"),
        ("time", (height, round(steps * own["step_size"])), "units", "time"),
        ("half", (height, round(steps / 2)), "units", "two"),
        ("double", (height, 2 * steps), "units", "two"),
        ("base ten", (height, round(steps / np.log(10))), "units", "logarithm"),
        ("hard-coded", (height, 3 * steps + 7), "invariant", "another step"),
        ("a float", (height, steps + 0.5), "wrong type", "whole"),
    ]


NUMBERS: dict[str, dict[str, Callable[[Student], Cases]]] = {
    "two_timescale": {"my_race": race, "read_curve": curve},
    "directional": {"my_alignment": alignment, "read_line": line},
    "saddles": {"my_index": index, "read_residual": residual},
    "capstone": {"my_escape": escape},
}
