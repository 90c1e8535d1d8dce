"""Right answers other than the first that comes to mind: other forms, methods and types."""

from __future__ import annotations

import numpy as np
from capstone_answers import inner_force
from directional_answers import field, powers
from scipy.integrate import solve_ivp


def invariant(norm, angle, depth):
    return norm * np.sin(angle) ** depth


def run(left, right, strength):
    """A race simulated as accurately as asked, not more."""

    def speeds(_, state):
        return -strength * state[::-1] ** 2 / np.sum(state) ** 2

    def arrival(_, state):
        return np.min(state)

    arrival.terminal = True
    longest = 5 * max(left, right) / strength
    return solve_ivp(speeds, (0, longest), [left, right], events=arrival, rtol=1e-6, atol=1e-9)


def simulated_time(left, right, strength):
    return run(left, right, strength).t[-1]


def ratio_with(tolerance):
    def ratio(matrix):
        values = np.linalg.eigvalsh(matrix)
        return -values[0] / np.min(values[values > tolerance * np.max(np.abs(values))])

    return ratio


def isclose_ratio(matrix):
    values = np.linalg.eigvals(matrix / np.linalg.norm(matrix, 2)).real
    values = values[~np.isclose(values, 0)]
    return max(-values) / min(values[values > 0])


ALTERNATIVES = {
    ("two_timescale", "conserved"): [
        lambda a, b: b**3 - a**3,
        lambda a, b: 7 + (a**3 - b**3) ** 2,
    ],
    ("two_timescale", "hitting_time"): [simulated_time],
    ("directional", "keeps_falling"): [
        lambda n, a, d: np.log(invariant(n, a, d)),
        lambda n, a, d: invariant(n, a, d) ** (1 / d),
        lambda n, a, d: 1 + invariant(n, a, d),
        lambda n, a, d: 1000 + invariant(n, a, d),
    ],
    ("directional", "polar_field"): [
        lambda *a: np.array(field(*a)),
        lambda *a: list(field(*a)),
    ],
    ("directional", "exponents"): [lambda d: np.array(powers(d))],
    ("capstone", "slow_force"): [lambda *a: np.array(inner_force(*a))],
    ("capstone", "separation"): [ratio_with(1e-6), ratio_with(1e-12), isclose_ratio],
}
