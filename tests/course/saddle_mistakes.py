"""Plausible wrong answers to the saddle set, each with the stage that names it."""

from __future__ import annotations

import math

import numpy as np
from saddle_answers import cells, escape, exact, kind, level, moments, saddle, slopes, value


# Wrong answers ------------------------------------------------------------------------------------
def kind_if(test, name):
    return lambda w, b, i: name if test(w, b, i) else kind(w, b, i)


def by_bias(weight, bias, interval):
    return "inactive" if bias < 0 else "type-1" if bias > 0 else "semi-inactive"


KINDS_WRONG = [
    (
        "degenerate is inactive",
        kind_if(lambda w, b, i: w == b == 0, "inactive"),
        "invariant",
        "own name",
    ),
    (
        "semi is inactive",
        kind_if(lambda w, b, i: kind(w, b, i) == "semi-inactive", "inactive"),
        "invariant",
        "zero at one end",
    ),
    (
        "kink at the end is a kink",
        kind_if(
            lambda w, b, i: (
                min(w * i[0] + b, w * i[1] + b) == 0 and w != 0 and kind(w, b, i) == "type-1"
            ),
            "type-2",
        ),
        "invariant",
        "exactly at an end",
    ),
    ("only the bias", by_bias, "invariant", "own name"),
    (
        "constant neuron is kinked",
        kind_if(lambda w, b, i: w == 0 and b > 0, "type-2"),
        "invariant",
        "constant positive",
    ),
    (
        "kink by division",
        lambda w, b, i: "type-2" if i[0] < -b / w < i[1] else kind(w, b, i),
        "raises",
        "ZeroDivision",
    ),
    ("always type-2", lambda w, b, i: "type-2", "invariant", "own name"),
    (
        "size of the weight",
        kind_if(lambda w, b, i: abs(w) > 3, "type-1"),
        "invariant",
        "times four",
    ),
    ("left looking forgotten", kind_if(lambda w, b, i: w < 0, "inactive"), "invariant", "mirror"),
    ("another word", lambda w, b, i: "dead", "wrong type", "none of"),
]


def grid_loss(w, b, v, c, interval, slope, intercept, points=2000):
    x = np.linspace(*interval, points)
    return np.trapezoid((value(w, b, v, c, x) - slope * x - intercept) ** 2, x)


def expanded(w, b, v, c, interval, slope, intercept):
    x, weights = np.polynomial.legendre.leggauss(3)
    e = cells(w, b, interval)
    x = ((e[1:] + e[:-1]) / 2)[:, None] + (np.diff(e) / 2)[:, None] * x
    f, t = value(w, b, v, c, x), slope * x + intercept
    weights = (np.diff(e) / 2)[:, None] * weights
    return np.sum(weights * f**2) - 2 * np.sum(weights * f * t) + np.sum(weights * t**2)


LOSSES = [
    ("one half", lambda *a: exact(*a) / 2, "units", "two"),
    ("sign", lambda *a: -exact(*a), "units", "sign"),
    ("root", lambda *a: np.sqrt(exact(*a)), "invariant", "nine"),
    ("mean", lambda *a: exact(*a) / (a[4][1] - a[4][0]), "invariant", "mean"),
    ("target's constant forgotten", lambda *a: exact(*a[:6], 0.0), "invariant", "lifting"),
    ("output bias forgotten", lambda *a: exact(*a[:3], 0.0, *a[4:]), "invariant", "lifting"),
    (
        "weight twice",
        lambda *a: exact(*a[:2], a[2] * np.abs(a[0]), *a[3:]),
        "invariant",
        "same function",
    ),
    ("grid", grid_loss, "invariant", "grid"),
    ("expanded", expanded, "invariant", "rounding"),
    (
        "no kinks",
        lambda *a: exact(a[0] * 0, np.maximum(a[1], 0), *a[2:]),
        "invariant",
        "random network",
    ),
    ("constant", lambda *a: 1.0, "invariant", "nine"),
    ("an array", lambda *a: np.array([exact(*a)]), "wrong shape", "number"),
]


def slopes_with(**changes):
    names = ("w", "b", "v", "c")

    def changed(*args):
        parts = dict(zip(names, slopes(*args), strict=True))
        return tuple(changes[n](parts[n], *args) if n in changes else parts[n] for n in names)

    return changed


def slopes_flipped(w, b, v, c, *task):
    on, zeroth, first = moments(w, b, v, c, *task)
    at_one, at_x = zeroth @ ~on, first @ ~on
    return 2 * v * at_x, 2 * v * at_one, 2 * (w * at_x + b * at_one), 2 * np.sum(zeroth)


def slopes_without_relu(w, b, v, c, *task):
    on, zeroth, first = moments(w, b, v, c, *task)
    at_one, at_x = zeroth @ np.ones_like(on), first @ np.ones_like(on)
    return 2 * v * at_x, 2 * v * at_one, 2 * (w * at_x + b * at_one), 2 * np.sum(zeroth)


def crude_first(w, b, v, c, *task):
    on, zeroth, _ = moments(w, b, v, c, *task)
    x = cells(w, b, task[0])
    at_one, at_x = zeroth @ on, ((x[1:] + x[:-1]) / 2 * zeroth) @ on
    return 2 * v * at_x, 2 * v * at_one, 2 * (w * at_x + b * at_one), 2 * np.sum(zeroth)


GRADIENTS = [
    ("downhill", lambda *a: tuple(-x for x in slopes(*a)), "units", "sign"),
    ("half", lambda *a: tuple(x / 2 for x in slopes(*a)), "units", "two"),
    ("half in the outer weights", slopes_with(v=lambda g, *a: g / 2), "units", "outer weights"),
    ("sign of the output bias", slopes_with(c=lambda g, *a: -g), "units", "output bias"),
    (
        "v forgotten",
        slopes_with(w=lambda g, w, b, v, *a: g / v, b=lambda g, w, b, v, *a: g / v),
        "invariant",
        "outer weight in both",
    ),
    (
        "v forgotten once",
        slopes_with(b=lambda g, w, b, v, *a: g / v),
        "invariant",
        "outer weight in both",
    ),
    ("on and off exchanged", slopes_flipped, "invariant", "nowhere"),
    ("no relu", slopes_without_relu, "invariant", "nowhere"),
    ("middle for the mean", crude_first, "invariant", "outer weights"),
    ("sum of the rest", slopes_with(c=lambda g, *a: 0.0), "invariant", "output bias"),
    ("constant", lambda *a: (np.ones_like(a[0]),) * 3 + (1.0,), "invariant", "nowhere"),
    ("three parts", lambda *a: slopes(*a)[:3], "wrong shape", "4 things"),
    (
        "one vector",
        lambda *a: np.concatenate([np.atleast_1d(x) for x in slopes(*a)]),
        "wrong type",
        "tuple",
    ),
]


def saddle_with(q=None, w=None, v=None, c=None):
    def made(n, interval, slope, intercept):
        places = np.linspace(*interval, n + 2)[1:-1] if q is None else q(n, interval)
        sides = (-1.0) ** np.arange(n) if w is None else w(n)
        _, _, outer, bias = saddle(n, interval, slope, intercept)
        outer = outer * (-1.0) ** np.arange(n) / sides
        outer = outer if v is None else v(outer, n)
        bias = bias if c is None else c(bias, interval, slope, intercept)
        return sides, -sides * places, outer, bias

    return made


def perfect(n, interval, slope, intercept):
    q = np.linspace(*interval, n + 2)[1:-1]
    v = np.zeros(n)
    v[0], w = slope, np.ones(n)
    b = -q.copy()
    b[0] = 9.0
    bias = intercept - 9 * slope
    return w, b, v, bias


SADDLES = [
    (
        "pieces unequal",
        saddle_with(q=lambda n, i: i[0] + (i[1] - i[0]) * (np.arange(n) + 0.5) / n),
        "invariant",
        "unequal",
    ),
    (
        "n pieces",
        saddle_with(q=lambda n, i: i[0] + (i[1] - i[0]) * np.arange(1, n + 1) / (n + 2)),
        "invariant",
        "unequal",
    ),
    (
        "kink at the end",
        saddle_with(q=lambda n, i: np.linspace(*i, n)),
        "invariant",
        "kinks inside",
    ),
    ("one place", saddle_with(q=lambda n, i: np.full(n, sum(i) / 2)), "invariant", "different"),
    ("all face right", saddle_with(w=np.ones), "invariant", "same way"),
    (
        "starts left",
        saddle_with(w=lambda n: -((-1.0) ** np.arange(n))),
        "invariant",
        "first neuron",
    ),
    ("half as strong", saddle_with(v=lambda v, n: v / 2), "invariant", "how strong"),
    ("target's intercept", saddle_with(c=lambda c, i, s, t: t + 0.37), "invariant", "mean zero"),
    ("wrong sign", saddle_with(v=lambda v, n: -v), "invariant", "sign"),
    ("perfect fit", perfect, "invariant", "kinks inside"),
    ("one neuron less", lambda n, *a: saddle(n - 1, *a), "wrong shape", "shape"),
    (
        "dead",
        lambda n, i, s, t: (np.ones(n), np.full(n, -99.0), np.ones(n), s * sum(i) / 2 + t),
        "invariant",
        "kinks inside",
    ),
]

LEVELS = [
    ("no twelfth", lambda n, h, s: 12 * level(n, h, s), "units", "constant factor"),
    ("doubled", lambda n, h, s: 2 * level(n, h, s), "units", "two"),
    ("slope once", lambda n, h, s: abs(s) * h**3 / (12 * (n + 1) ** 4), "units", "nine"),
    ("length squared", lambda n, h, s: s**2 * h**2 / (12 * (n + 1) ** 4), "units", "interval"),
    ("second power", lambda n, h, s: s**2 * h**3 / (12 * (n + 1) ** 2), "invariant", "pieces"),
    ("third power", lambda n, h, s: s**2 * h**3 / (12 * (n + 1) ** 3), "invariant", "pieces"),
    ("n for n + 1", lambda n, h, s: s**2 * h**3 / (12 * max(n, 1) ** 4), "invariant", "pieces"),
    ("n + 2", lambda n, h, s: s**2 * h**3 / (12 * (n + 2) ** 4), "invariant", "best constant"),
    ("division by zero", lambda n, h, s: s**2 * h**3 / (12 * n**4), "raises", "ZeroDivision"),
    ("no kinks for all", lambda n, h, s: s**2 * h**3 / 12, "invariant", "more kinks"),
    ("hard-coded", lambda n, h, s: 1 / 972, "units", "nine"),
]

BALANCES = [
    ("constant", lambda w, b, v: 0.0, "invariant", "empty"),
    ("bias forgotten", lambda w, b, v: w**2 - v**2, "invariant", "bias"),
    ("sum", lambda w, b, v: w**2 + b**2 + v**2, "invariant", "backwards"),
    ("sizes", lambda w, b, v: math.hypot(w, b) - abs(v) ** 3, "invariant", "changes"),
    ("half", lambda w, b, v: w**2 + b**2 - v**2 / 2, "invariant", "changes"),
    ("first powers", lambda w, b, v: abs(w) + abs(b) - abs(v), "invariant", "changes"),
    ("square of the sum", lambda w, b, v: (w + b) ** 2 - v**2, "invariant", "changes"),
    ("inner only", lambda w, b, v: w**2 + b**2, "invariant", "outer weight"),
    ("product", lambda w, b, v: w * b * v, "invariant", "changes"),
]


def as_flow(curvature, step_size, start, end):
    return math.ceil(math.log(end / start) / (-step_size * curvature))


ESCAPES = [
    ("flow", as_flow, "invariant", "not its flow"),
    ("rounded down", lambda *a: escape(*a) - 1, "invariant", "off by one"),
    ("one more", lambda *a: escape(*a) + 1, "invariant", "off by one"),
    ("doubled", lambda *a: 2 * escape(*a), "units", "two"),
    (
        "base ten",
        lambda k, s, a, b: math.ceil(math.log10(b / a) / math.log1p(-s * k)),
        "units",
        "constant factor",
    ),
    ("sign", lambda *a: -escape(*a), "units", "sign"),
    (
        "logarithm of minus",
        lambda k, s, a, b: math.ceil(math.log(b / a) / math.log(-s * k)),
        "units",
        "nearer",
    ),
    ("no start", lambda k, s, a, b: math.ceil(1 / math.log1p(-s * k)), "units", "nearer"),
    ("ratio without logarithm", lambda k, s, a, b: math.ceil(b / a / (-s * k)), "units", "nearer"),
    ("a float", lambda k, s, a, b: math.log(b / a) / math.log1p(-s * k), "wrong type", "whole"),
    ("hard-coded", lambda *a: 302, "units", "nearer"),
]

FUNCTIONS = {
    "neuron_kind": (kind, KINDS_WRONG),
    "exact_loss": (exact, LOSSES),
    "network_gradient": (slopes, GRADIENTS),
    "zigzag": (saddle, SADDLES),
    "saddle_loss": (level, LEVELS),
    "balance": (lambda w, b, v: w**2 + b**2 - v**2, BALANCES),
    "escape_steps": (escape, ESCAPES),
}
