"""Plausible wrong answers to the two-timescale set, each with the stage that names it."""

from __future__ import annotations

import itertools
import math

import numpy as np
from two_timescale_answers import count, hitting, integral, midpoint, plateaus, slow, stops


def middle_values(positions, jumps, values):
    edges = np.concatenate([[0.0], positions, [1.0]])
    return values[np.searchsorted(jumps, (edges[1:] + edges[:-1]) / 2)]


def unweighted(positions, jumps, values):
    edges = np.concatenate([[0.0], positions, [1.0]])
    inside = [
        values[np.searchsorted(jumps, a) : np.searchsorted(jumps, b) + 1]
        for a, b in itertools.pairwise(edges)
    ]
    return np.array([np.mean(v) for v in inside])


def outer(positions, jumps, values):
    return np.diff(plateaus(positions, jumps, values), prepend=0.0)


def bare_integrals(positions, jumps, values):
    edges = np.concatenate([[0.0], positions, [1.0]])
    return np.diff([integral(x, jumps, values) for x in edges])


def over_a_grid(positions, jumps, values):
    x = (np.arange(1000) + 0.5) / 1000
    seen, cells = values[np.searchsorted(jumps, x)], np.searchsorted(positions, x)
    return np.array([np.mean(seen[cells == cell]) for cell in range(positions.size + 1)])


def global_mean(positions, jumps, values):
    return np.full(positions.size + 1, integral(1.0, jumps, values))


def shifted_cells(positions, jumps, values):
    return np.roll(plateaus(positions, jumps, values), 1)


def forgot_return(positions, jumps, values):
    plateaus(positions, jumps, values)


def stub(*arguments):
    """Your turn."""
    ...


def unwritten(*arguments):
    raise NotImplementedError


PLATEAUS = [
    ("stub", stub, "missing", "no answer"),
    ("raises NotImplementedError", unwritten, "missing", "no answer"),
    ("no return", forgot_return, "not returned", "return"),
    ("a sentence", lambda *a: "mean", "wrong type", "array"),
    ("last cell forgotten", lambda *a: plateaus(*a)[:-1], "wrong shape", "shape"),
    ("doubled", lambda *a: 2 * plateaus(*a), "units", "two"),
    ("sign", lambda *a: -plateaus(*a), "units", "sign"),
    ("outer weights", outer, "invariant", "outer weights"),
    ("integral without length", bare_integrals, "invariant", "length"),
    ("constant function", lambda p, j, v: np.ones(p.size + 1), "invariant", "without jumps"),
    (
        "sums over a grid",
        over_a_grid,
        "invariant",
        "sums over a grid in place of lengths?",
    ),
    ("value at the middle", middle_values, "invariant", "integral"),
    ("mean without weights", unweighted, "invariant", "weighted"),
    ("one mean for all", global_mean, "invariant", "each cell"),
    ("off by one cell", shifted_cells, "invariant", "integral"),
    ("NaN", lambda *a: plateaus(*a) * np.nan, "not finite", "nan"),
    ("raises", lambda *a: plateaus(*a) @ np.ones(99), "raises", "ValueError"),
    ("not a function", 3.0, "wrong type", "function"),
]


def slow_wrong_sides(positions, jumps, values):
    c = plateaus(positions, jumps, values)
    f = values[np.searchsorted(jumps, positions)]
    return (f - c[1:]) ** 2 + (f - c[:-1]) ** 2


def slow_no_square(positions, jumps, values):
    c = plateaus(positions, jumps, values)
    f = values[np.searchsorted(jumps, positions)]
    return np.abs(f - c[1:]) - np.abs(f - c[:-1])


def slow_jump_only(positions, jumps, values):
    return np.diff(plateaus(positions, jumps, values)) ** 2


def slow_absolute(positions, jumps, values):
    c = plateaus(positions, jumps, values)
    return c[1:] ** 2 - c[:-1] ** 2


def slow_shifted(positions, jumps, values):
    c = plateaus(positions, jumps, values)
    f = values[np.searchsorted(jumps, positions) - 1]
    return (f - c[1:]) ** 2 - (f - c[:-1]) ** 2


SLOW = [
    ("uphill", lambda *a: -slow(*a), "units", "sign"),
    ("half the loss", lambda *a: 0.5 * slow(*a), "units", "two"),
    ("all plateaus", lambda *a: np.append(slow(*a), 0.0), "wrong shape", "shape"),
    ("plus for minus", slow_wrong_sides, "invariant", "downhill"),
    ("no square", slow_no_square, "invariant", "nine"),
    ("squared jump", slow_jump_only, "invariant", "downhill"),
    ("target left out", slow_absolute, "invariant", "constant to the target"),
    ("value one piece off", slow_shifted, "invariant", ""),
    ("constant function", lambda p, j, v: np.ones(p.size), "invariant", "stand still"),
    ("zero", lambda p, j, v: np.zeros(p.size), "invariant", "downhill"),
    ("random", lambda p, j, v: np.sin(1e5 * p), "invariant", "stand still"),
]

TIMES = [
    ("doubled", lambda *a: 2 * hitting(*a), "units", "two"),
    ("sign", lambda *a: -hitting(*a), "units", "sign"),
    ("jump for its square", lambda a, b, k: hitting(a, b, math.sqrt(k)), "units", "three times"),
    ("strength on top", lambda a, b, k: hitting(a, b, 1 / k), "units", "three times"),
    ("squared distances", lambda a, b, k: hitting(a**2, b**2, k), "units", "doubling"),
    ("left is the nearer", lambda a, b, k: a / k, "invariant", "exchanging"),
    ("nearer over strength", lambda a, b, k: min(a, b) / k, "invariant", "unit of slow time"),
    ("tie formula", lambda a, b, k: 4 * min(a, b) / k, "invariant", "run down"),
    ("farther neuron", lambda a, b, k: 5 * max(a, b) / k, "invariant", "between one and four"),
    (
        "starting speed",
        lambda a, b, k: min(a, b) * (a + b) ** 2 / max(a, b) ** 2 / k,
        "invariant",
        "run down",
    ),
    ("hard-coded", lambda a, b, k: 0.0073, "units", "three times"),
    ("an array", lambda a, b, k: np.array([hitting(a, b, k)]), "wrong shape", "one number"),
]

STOPS = [
    ("doubled", lambda a, b: 2 * stops(a, b), "units", "two"),
    ("no cube root", lambda a, b: abs(b**3 - a**3), "units", "root"),
    ("square root", lambda a, b: abs(b**3 - a**3) ** 0.5, "units", "root"),
    ("difference", lambda a, b: abs(b - a), "invariant", "any later moment"),
    ("squares", lambda a, b: math.sqrt(abs(b * b - a * a)), "invariant", "any later moment"),
    ("sum of cubes", lambda a, b: (a**3 + b**3) ** (1 / 3), "invariant", "tie"),
    ("never moves", lambda a, b: max(a, b), "invariant", "tie"),
    ("right is the farther", lambda a, b: float(np.cbrt(b**3 - a**3)), "invariant", "exchang"),
    ("always zero", lambda a, b: 0.0, "invariant", "simulated race"),
    ("hard-coded", lambda a, b: 0.0489, "units", "twice"),
    ("a word", lambda a, b: "D", "wrong type", "number"),
]


def heun_wrong(field, state, step_size):
    return state + step_size * (field(state) + field(state + step_size / 2 * field(state))) / 2


STEPS = [
    ("Euler", lambda f, s, h: s + h * f(s), "invariant", "first order"),
    ("increment only", lambda f, s, h: h * f(s + h / 2 * f(s)), "invariant", "size zero"),
    ("against the force", lambda f, s, h: s - h * f(s - h / 2 * f(s)), "units", "sign"),
    ("half a step", lambda f, s, h: s + h / 2 * f(s + h / 2 * f(s)), "units", "two"),
    ("force at the end", lambda f, s, h: s + h * f(s + h * f(s)), "invariant", "first order"),
    ("midpoint and start mixed", heun_wrong, "invariant", "first order"),
    ("stays", lambda f, s, h: s, "invariant", "constant force"),
    ("forgot the field at the middle", lambda f, s, h: s + h * f(s + h / 2), "invariant", "order"),
    ("a number", lambda f, s, h: float(np.sum(s)), "wrong shape", "shape"),
]

KEPT = [
    ("constant", lambda a, b: 1.0, "invariant", "says nothing"),
    ("difference", lambda a, b: a - b, "invariant", "changes along"),
    ("squares", lambda a, b: a**2 - b**2, "invariant", "changes along"),
    ("sum of cubes", lambda a, b: a**3 + b**3, "invariant", "changes along"),
    ("product", lambda a, b: a * b, "invariant", "changes along"),
    ("reciprocals", lambda a, b: 1 / a - 1 / b, "invariant", "exchanged"),
    ("one distance", lambda a, b: a**3, "invariant", "one of the two"),
    ("ratio", lambda a, b: a / b, "invariant", "changes along"),
]

COUNTS = [
    ("truncated", lambda t, h, r: int(t / (h * r)), "invariant", "off by one"),
    ("one more", lambda t, h, r: round(t / (h * r)) + 1, "invariant", "off by one"),
    ("ratio forgotten", lambda t, h, r: round(t / h), "units", "hundred"),
    ("ratio upside down", lambda t, h, r: round(t * r / h), "units", "hundred"),
    ("step size forgotten", lambda t, h, r: round(t / r), "units", "ten times"),
    ("doubled", lambda t, h, r: 2 * round(t / (h * r)), "units", "two"),
    ("a float", lambda t, h, r: t / (h * r), "wrong type", "whole"),
    ("hard-coded", lambda t, h, r: 1000000, "units", "hundred"),
]

FUNCTIONS = {
    "fast_plateaus": (plateaus, PLATEAUS),
    "slow_field": (slow, SLOW),
    "hitting_time": (hitting, TIMES),
    "stopping_distance": (stops, STOPS),
    "midpoint_step": (midpoint, STEPS),
    "conserved": (lambda a, b: a**3 - b**3, KEPT),
    "step_count": (count, COUNTS),
}
