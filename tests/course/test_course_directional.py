"""Every check of the directional set: one right answer, at least five plausible wrong ones."""

from __future__ import annotations

import numpy as np
import pytest
from course_cases import assert_caught, assert_right

from ttlearn.course import Student
from ttlearn.course import directional as check

K = 1 / np.sqrt(2 * np.pi)


# Right answers ------------------------------------------------------------------------------------
def half_angle(w, teacher):
    along = w @ teacher
    across = np.linalg.norm(w - along * teacher)
    norm = np.linalg.norm(w)
    return np.log(across / (norm + along)) if along > 0 else np.log((norm - along) / across)


def hold_back(norm):
    nodes, weights = np.polynomial.legendre.leggauss(200)
    x = 5 * (nodes + 1)
    density = 2 * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    return np.sum(5 * weights * density * x * np.tanh(norm * x / 2)) / (2 * norm)


def force(w, teacher):
    return K * teacher - hold_back(np.linalg.norm(w)) * w


def turned(angle, time, k):
    return 2 * np.arctan(np.tan(angle / 2) * np.exp(-k * time))


def field(norm, log_half_angle, depth, pull, k):
    gap = 2 / (1 + np.exp(-2 * log_half_angle))
    return (
        depth * norm ** (2 - 2 / depth) * (pull - k * gap),
        -k * norm ** (1 - 2 / depth),
    )


def powers(depth):
    return depth / (depth + 2), 2 * depth / (depth + 2)


def arccos_angle(w, teacher):
    cosine = w @ teacher / np.linalg.norm(w)
    return np.log(np.tan(np.arccos(np.clip(cosine, -1, 1)) / 2) + 1e-300)


def whole_angle(w, teacher):
    return np.log(abs(np.tan(np.arccos(w @ teacher / np.linalg.norm(w)))))


def plain_angle(w, teacher):
    return np.arccos(w @ teacher / np.linalg.norm(w))


def forgot_norm(w, teacher):
    return np.log(np.tan(np.arccos(np.tanh(w @ teacher)) / 2))


ANGLES = [
    ("sign", lambda w, v: -half_angle(w, v), "units", "sign"),
    ("base ten", lambda w, v: half_angle(w, v) / np.log(10), "units", "constant factor"),
    ("doubled", lambda w, v: 2 * half_angle(w, v), "units", "two"),
    ("arccos", arccos_angle, "invariant", "arccos"),
    ("whole angle", whole_angle, "invariant", "half"),
    ("the angle itself", plain_angle, "invariant", "half"),
    ("norm forgotten", forgot_norm, "invariant", "longer"),
    ("a constant", lambda w, v: 0.0, "invariant", "known"),
    ("a vector", lambda w, v: half_angle(w, v) * v, "wrong shape", "one number"),
]

FORCES = [
    ("uphill", lambda w, v: -force(w, v), "units", "sign"),
    ("doubled", lambda w, v: 2 * force(w, v), "units", "two"),
    ("no restoring part", lambda w, v: K * v, "invariant", "fade"),
    ("teacher twice as strong", lambda w, v: force(w, v) + K * v, "invariant", "fade"),
    (
        "unit vector",
        lambda w, v: K * v - hold_back(np.linalg.norm(w)) * w / np.linalg.norm(w),
        "invariant",
        "along the teacher",
    ),
    ("constant hold", lambda w, v: K * v - 0.25 * w, "invariant", "fade"),
    ("pushes outward", lambda w, v: K * v + hold_back(np.linalg.norm(w)) * w, "invariant", "fade"),
    (
        "teacher over norm",
        lambda w, v: force(w, v) - K * v + K * v / np.linalg.norm(w),
        "invariant",
        "length",
    ),
    ("constant", lambda w, v: np.ones(2), "invariant", "along the teacher"),
    ("one number", lambda w, v: float(np.linalg.norm(force(w, v))), "wrong shape", "shape"),
]

TURNS = [
    ("twice as fast", lambda a, t, k: turned(a, 2 * t, k), "units", "two"),
    ("backwards", lambda a, t, k: turned(a, -t, k), "units", "sign"),
    ("small angles", lambda a, t, k: a * np.exp(-k * t), "invariant", "simulated"),
    (
        "half forgotten",
        lambda a, t, k: np.arctan(np.tan(a) * np.exp(-k * t)),
        "invariant",
        "time 0",
    ),
    (
        "two forgotten",
        lambda a, t, k: np.arctan(np.tan(a / 2) * np.exp(-k * t)),
        "invariant",
        "time 0",
    ),
    ("straight line", lambda a, t, k: a - k * t * np.sin(a), "invariant", ""),
    ("y for the angle", lambda a, t, k: np.log(np.tan(a / 2)) - k * t, "invariant", "time 0"),
    ("stays", lambda a, t, k: a, "invariant", "simulated"),
    ("constant", lambda a, t, k: 0.5, "invariant", "time 0"),
]

STEPS = [
    ("monotone angle only", lambda s: 4 / s, "units", "two"),
    ("sharpness of the loss", lambda s: 2 / s, "units", "constant factor"),
    ("sign", lambda s: -8 / s, "units", "sign"),
    ("upside down", lambda s: s / 8, "units", "quarter"),
    ("no division", lambda s: 8 * s, "units", "quarter"),
    ("standard deviation", lambda s: 8 / np.sqrt(s), "units", "quarter"),
    ("constant", lambda s: 8.0, "units", "quarter"),
    ("a list", lambda s: [8 / s], "wrong type", "number"),
]


def tweak(radial=lambda r, *a: r, turning=lambda t, *a: t):
    def changed(norm, y, depth, pull, k):
        r, t = field(norm, y, depth, pull, k)
        return radial(r, norm, y, depth, pull, k), turning(t, norm, y, depth, pull, k)

    return changed


FIELDS = [
    ("norm's sign", tweak(radial=lambda r, *a: -r), "units", "sign of the rate of the norm"),
    ("y's sign", tweak(turning=lambda t, *a: -t), "units", "sign of the rate of y"),
    ("y's speed doubled", tweak(turning=lambda t, *a: 2 * t), "units", "two"),
    ("depth forgotten", tweak(radial=lambda r, n, y, d, *a: r / d), "invariant", "how many layers"),
    ("power off by one", tweak(radial=lambda r, n, *a: r / n), "invariant", "already at depth 1"),
    (
        "one layer's power",
        tweak(radial=lambda r, n, y, d, *a: r * n ** (1 / d - 1)),
        "invariant",
        "power of the norm",
    ),
    ("y with the norm's power", tweak(turning=lambda t, n, *a: t * n), "invariant", "depth 1"),
    ("y times depth", tweak(turning=lambda t, n, y, d, *a: t * d), "invariant", "y's rate"),
    (
        "y at depth 1 for all",
        tweak(turning=lambda t, n, y, d, *a: -a[1] / n),
        "invariant",
        "y's rate",
    ),
    (
        "gap of the other side",
        lambda n, y, d, g, k: (field(n, -y, d, g, k)[0], field(n, y, d, g, k)[1]),
        "invariant",
        "forces",
    ),
    (
        "half the gap",
        lambda n, y, d, g, k: (
            d * n ** (2 - 2 / d) * (g - k / (1 + np.exp(-2 * y))),
            field(n, y, d, g, k)[1],
        ),
        "invariant",
        "forces",
    ),
    ("constant", lambda *a: (1.0, -1.0), "invariant", "depth 1"),
    ("only the norm", lambda *a: field(*a)[0], "wrong type", "tuple"),
]

FALLS = [
    ("constant", lambda n, a, d: 1.0, "invariant", "cannot fall"),
    ("norm", lambda n, a, d: n, "invariant", "depth 1"),
    ("along the teacher", lambda n, a, d: 10 + n * np.cos(a), "invariant", "depth 1"),
    ("no depth", lambda n, a, d: n * np.sin(a), "invariant", "but deeper"),
    ("power on the norm", lambda n, a, d: n**d * np.sin(a), "invariant", "but deeper"),
    ("sine alone", lambda n, a, d: np.sin(a) ** d, "invariant", "depth 1"),
    ("the angle", lambda n, a, d: a, "invariant", "near the origin"),
    ("half angle", lambda n, a, d: np.tan(a / 2), "invariant", "near the origin"),
    ("root", lambda n, a, d: n * np.sin(a) ** (1 / d), "invariant", "but deeper"),
]

POWERS = [
    ("swapped", lambda d: powers(d)[::-1], "invariant", "order"),
    ("loss exponent", lambda d: (-powers(d)[0], powers(d)[1]), "invariant", "positive"),
    ("depth 1 for all", lambda d: (1 / 3, 2 / 3), "invariant", "change with depth"),
    ("off by one", lambda d: (d / (d + 1), 2 * d / (d + 1)), "invariant", "depth 2"),
    ("same exponent", lambda d: (powers(d)[0],) * 2, "units", "two"),
    ("norm doubled", lambda d: (2 * powers(d)[0], powers(d)[1]), "units", "two"),
    ("depth forgotten on top", lambda d: (1 / (d + 2), powers(d)[1]), "invariant", "norm"),
    ("exponential for all", lambda d: (powers(d)[0], 1.0), "invariant", "angle"),
    ("upper bound", lambda d: (powers(d)[0], d / 2), "invariant", "angle"),
    ("one number", lambda d: powers(d)[0], "wrong type", "tuple"),
]

FUNCTIONS = {
    "log_half_angle": (half_angle, ANGLES),
    "negative_gradient": (force, FORCES),
    "angle_depth_two": (turned, TURNS),
    "polar_field": (field, FIELDS),
    "keeps_falling": (lambda n, a, d: n * np.sin(a) ** d, FALLS),
    "exponents": (powers, POWERS),
    "largest_step": (lambda s: 8 / s, STEPS),
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


@pytest.mark.parametrize("who", ["ada", "grace", "emmy", "sofya"])
def test_my_alignment(who):
    student = Student(who, "salt")
    own = check.alignment_numbers(student)
    k = K * own["data_scale"]
    time = np.log(np.tan(own["angle"] / 2) / np.tan(own["target"] / 2)) / k
    mine = check.my_alignment(student)
    assert_right(mine, (time, "depth 1"), range(1))
    for wrong in [
        ("not yet", (None, "depth 1"), "missing", "no answer"),
        ("scale forgotten", (time * own["data_scale"], "depth 1"), "units", "twice"),
        ("scale squared", (time / own["data_scale"], "depth 1"), "units", "twice"),
        ("doubled", (2 * time, "depth 1"), "units", "two"),
        ("sign", (-time, "depth 1"), "units", "sign"),
        ("linear", (np.log(own["angle"] / own["target"]) / k, "depth 1"), "invariant", "sin"),
        (
            "sines",
            (np.log(np.sin(own["angle"]) / np.sin(own["target"])) / k, "depth 1"),
            "invariant",
            "another time",
        ),
        ("hard-coded", (10.0, "depth 1"), "invariant", "another time"),
        ("the deeper", (time, "depth 4"), "invariant", "not that depth"),
        ("a word", (time, "both"), "wrong type", "none of"),
    ]:
        assert_caught(mine, wrong, range(1))


@pytest.mark.parametrize("who", ["ada", "grace", "emmy", "sofya", "olga"])
def test_read_line(who):
    student = Student(who)
    depth = check.line_numbers(student)["depth"]
    mine = check.read_line(student)
    assert_right(mine, depth, range(1))
    for wrong in [
        ("factor two", 2 * depth, "units", "two"),
        ("one more", depth + 1, "invariant", "flatter"),
        ("one less", depth - 1, "invariant|units", ""),
        ("none", 0, "invariant", "at least one"),
        ("negative", -depth, "invariant", "at least one"),
        ("a float", depth + 0.5, "wrong type", "whole"),
        ("squared", depth**2 + 20, "invariant", "flatter"),
    ]:
        if wrong[0] == "one less":
            assert not mine(wrong[1], seed=0).right
        else:
            assert_caught(mine, wrong, range(1))
