"""Plausible wrong answers to the directional set, each with the stage that names it."""

from __future__ import annotations

import numpy as np
from directional_answers import K, field, force, half_angle, hold_back, powers, turned

from ttlearn.course.directional.data import gaussian_risk


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
    ("steeper line", lambda a, t, k: a - 2 * k * t * np.sin(a), "units", "two"),
    ("y for the angle", lambda a, t, k: np.log(np.tan(a / 2)) - k * t, "invariant", "time 0"),
    ("stays", lambda a, t, k: a, "invariant", "simulated"),
    ("constant", lambda a, t, k: 0.5, "invariant", "time 0"),
]

STEPS = [
    ("monotone angle only", lambda s: 4 / s, "units", "two in the largest step size: may the"),
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


def gaussian_loss(norm, angle):
    teacher = np.array([1.0, 0.0])
    return gaussian_risk(norm * np.array([np.cos(angle), np.sin(angle)]), teacher)


FALLS = [
    ("constant", lambda n, a, d: 1.0, "invariant", "cannot fall"),
    ("norm", lambda n, a, d: n, "invariant", "depth 1"),
    ("along the teacher", lambda n, a, d: 10 + n * np.cos(a), "invariant", "depth 1"),
    ("no depth", lambda n, a, d: n * np.sin(a), "invariant", "but deeper"),
    ("constant minus", lambda n, a, d: 10 - n * np.cos(a), "invariant", ""),
    ("constant and the angle", lambda n, a, d: 1000 + a, "invariant", "near the origin"),
    ("the loss", lambda n, a, d: gaussian_loss(n, a), "invariant", "near the origin"),
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
