"""Plausible wrong answers to the capstone, each with the stage that names it."""

from __future__ import annotations

import numpy as np
from capstone_answers import fast, features, inner_force, leaving, nodes, off, ratio


def no_bias(inner, biases, interval, slope, intercept):
    x, weights = nodes(inner, biases, interval)
    root = np.sqrt(weights)
    design = features(inner, biases, x)[:, :-1] * root[:, None]
    return np.linalg.lstsq(design, (slope * x + intercept) * root, rcond=None)[0], 0.0


def on_a_grid(inner, biases, interval, slope, intercept):
    x = np.linspace(*interval, 200)
    output = np.linalg.lstsq(features(inner, biases, x), slope * x + intercept, rcond=None)[0]
    return output[:-1], output[-1]


def target_mean(inner, biases, interval, slope, intercept):
    return np.zeros_like(inner), slope * sum(interval) / 2 + intercept


def constant_forgotten(inner, biases, interval, slope, intercept):
    outer, bias = fast(inner, biases, interval, slope, 0.0)
    return outer, bias + 0 * intercept


def bias_left_out(*case):
    outer, _ = fast(*case)
    return outer, 0.0


def scaled(factor_, solve):
    return lambda *case: tuple(factor_ * part for part in solve(*case))


OUTPUTS = [
    ("doubled", scaled(2, fast), "units", "two"),
    ("sign", scaled(-1, fast), "units", "sign"),
    ("no output bias", no_bias, "invariant", "lifting the target"),
    ("bias left out afterwards", bias_left_out, "invariant", "lifting the target"),
    ("intercept forgotten", constant_forgotten, "invariant", "lifting the target"),
    ("best constant", target_mean, "invariant", "random change"),
    ("on a grid", on_a_grid, "invariant", ""),
    ("ones", lambda *c: (np.ones_like(c[0]), 0.0), "invariant", "lifting"),
    ("one array", lambda *c: np.append(*fast(*c)), "wrong type", "tuple"),
]


def with_unit_outer(*case):
    return inner_force(*case, np.ones_like(case[0]), 0.0)


def outer_forgotten(*case):
    outer, _ = fast(*case)
    return tuple(part / outer for part in inner_force(*case))


def swapped(*case):
    return inner_force(*case)[::-1]


def two_ways(*case):
    step = 1e-2
    parts = []
    for place in range(2):
        moved = [case[0].copy(), case[1].copy()]
        moved[place] = moved[place] + step
        parts.append(np.full_like(case[0], np.sum(inner_force(*moved, *case[2:])[place])))
    return tuple(parts)


FORCES = [
    ("uphill", scaled(-1, inner_force), "units", "sign"),
    ("half", scaled(0.5, inner_force), "units", "two"),
    ("output layer of ones", with_unit_outer, "invariant", "twice the target"),
    ("outer weight forgotten", outer_forgotten, "invariant", "twice the target"),
    ("swapped", swapped, "invariant", "cancel"),
    ("one sum for all", two_ways, "invariant", "cancel"),
    ("zero", scaled(0.0, inner_force), "invariant", "reduced loss"),
    ("constant", lambda *c: (np.ones_like(c[0]),) * 2, "invariant", "twice the target"),
    ("weights only", lambda *c: inner_force(*c)[0], "wrong type", "tuple"),
]


def settling(matrix, tolerance=1e-9):
    values = np.linalg.eigvalsh(matrix)
    return values[values > tolerance * np.max(np.abs(values))]


def slowest_with(keep):
    """The ratio with another idea of which curvatures are settling."""

    def ratio_of(matrix):
        values = np.linalg.eigvalsh(matrix)
        return -values[0] / np.min(values[keep(values)])

    return ratio_of


def fastest(matrix):
    values = np.linalg.eigvalsh(matrix)
    return -values[0] / values[-1]


def second_escape(matrix):
    return -np.linalg.eigvalsh(matrix)[1] / settling(matrix).min()


def smallest_in_size(matrix):
    sizes = np.abs(np.linalg.eigvalsh(matrix))
    return -np.linalg.eigvalsh(matrix)[0] / sizes[sizes > 1e-9 * sizes.max()].min()


RATIOS = [
    ("fastest settling", fastest, "invariant", "fastest settling"),
    ("zeros kept", slowest_with(lambda v: v > 0), "invariant", "flat direction"),
    ("absolute tolerance", slowest_with(lambda v: v > 1e-9), "units", "compared with what"),
    (
        "coarse tolerance",
        slowest_with(lambda v: v > 1e-4 * v.max()),
        "invariant",
        "not a flat direction",
    ),
    ("upside down", lambda m: 1 / ratio(m), "invariant", "below one"),
    ("sign", lambda m: -ratio(m), "units", "sign"),
    ("doubled", lambda m: 2 * ratio(m), "units", "two"),
    ("a rate", lambda m: -np.linalg.eigvalsh(m)[0], "units", "unit of time"),
    ("diagonal", lambda m: abs(np.diag(m).min() / np.diag(m).max()), "invariant", "turned"),
    ("second escape", second_escape, "invariant", "escape's"),
    ("smallest in size", smallest_in_size, "invariant", ""),
    (
        "mean settling",
        lambda m: -np.linalg.eigvalsh(m)[0] / settling(m).mean(),
        "invariant",
        "the settling's",
    ),
    ("condition number", lambda m: np.linalg.cond(m), "invariant", ""),
    ("constant", lambda m: 0.01, "invariant", ""),
]

LEAVING = [
    ("steepest upward", lambda m: np.linalg.eigh(m)[1][:, -1], "invariant", "upward"),
    ("row", lambda m: np.linalg.eigh(m)[1][0], "invariant", ""),
    ("not normalised", lambda m: 3 * leaving(m), "units", "length one"),
    ("second", lambda m: np.linalg.eigh(m)[1][:, 1], "invariant", "more slowly"),
    ("nearest to zero", lambda m: np.linalg.eigh(m)[1][:, 2], "invariant", "upward"),
    (
        "a mixture",
        lambda m: (np.linalg.eigh(m)[1][:, 0] + np.linalg.eigh(m)[1][:, 1]) / np.sqrt(2),
        "invariant",
        "eigenvector",
    ),
    ("value", lambda m: np.linalg.eigvalsh(m)[0], "wrong shape", "shape"),
    ("zero", lambda m: np.zeros(m.shape[0]), "units", "length one"),
]

OFFS = [
    ("flow", lambda f, s, g, n: np.exp(g * (f - s) * n), "invariant", "per step"),
    ("upside down", lambda f, s, g, n: 1 / off(f, s, g, n), "units", "sign"),
    ("twice the steps", lambda f, s, g, n: off(f, s, g, 2 * n), "units", "two"),
    ("one more step", lambda f, s, g, n: off(f, s, g, n + 1), "invariant", "first step"),
    (
        "sign of the curvature",
        lambda f, s, g, n: ((1 + g * s) / (1 + g * f)) ** n,
        "invariant",
        "fall below",
    ),
    ("ratio of curvatures", lambda f, s, g, n: (s / f) ** n, "invariant", ""),
    ("only the fast", lambda f, s, g, n: (1 - g * f) ** -n, "invariant", "equally steep"),
    ("constant", lambda f, s, g, n: 1.0, "invariant", "fall below"),
]

FUNCTIONS = {
    "fast_output": (fast, OUTPUTS),
    "slow_force": (inner_force, FORCES),
    "separation": (ratio, RATIOS),
    "leaving_direction": (leaving, LEAVING),
    "off_axis": (off, OFFS),
}
