"""Half the points: for a whole answer that is right up to a constant factor or a sign."""

from __future__ import annotations

import math

import numpy as np
import pytest
from capstone_answers import fast, inner_force, off, ratio
from capstone_mistakes import on_a_grid, scaled
from directional_answers import field, half_angle, powers, turned
from directional_mistakes import arccos_angle, tweak
from saddle_answers import escape, exact, slopes
from saddle_mistakes import as_flow, expanded, slopes_with
from two_timescale_answers import count, hitting, midpoint, plateaus, slow, stops

from ttlearn import course


def base_ten(curvature, step_size, start, end):
    return math.ceil(math.log10(end / start) / math.log1p(-step_size * curvature))


def twice_the_field(*case):
    return tuple(2 * part for part in field(*case))


HALF = [
    ("two_timescale", "fast_plateaus", lambda *a: -plateaus(*a)),
    ("two_timescale", "slow_field", lambda *a: slow(*a) / 2),
    ("two_timescale", "hitting_time", lambda *a: 2 * hitting(*a)),
    ("two_timescale", "stopping_distance", lambda *a: 3 * stops(*a)),
    ("two_timescale", "step_count", lambda *a: 2 * count(*a)),
    ("directional", "log_half_angle", lambda w, v: 2 * half_angle(w, v)),
    ("directional", "angle_depth_two", lambda a, t, k: turned(a, 2 * t, k)),
    ("directional", "angle_depth_two", lambda a, t, k: turned(a, -t, k)),
    ("directional", "largest_step", lambda s: 4 / s),
    ("directional", "polar_field", tweak(turning=lambda t, *a: -t)),
    ("directional", "polar_field", twice_the_field),
    ("directional", "exponents", lambda d: (2 * powers(d)[0], powers(d)[1])),
    ("saddles", "exact_loss", lambda *a: exact(*a) / 2),
    ("saddles", "network_gradient", lambda *a: tuple(-part for part in slopes(*a))),
    ("saddles", "network_gradient", slopes_with(v=lambda g, *a: g / 2)),
    ("saddles", "escape_steps", lambda *a: 2 * escape(*a)),
    ("saddles", "escape_steps", base_ten),
    ("capstone", "fast_output", scaled(2, fast)),
    ("capstone", "slow_force", scaled(0.5, inner_force)),
    ("capstone", "separation", lambda m: 2 * ratio(m)),
    ("capstone", "off_axis", lambda f, s, g, n: 1 / off(f, s, g, n)),
]

# Wrong in a second way, which alone would earn nothing.
NOTHING = [
    ("two_timescale", "midpoint_step", lambda f, s, h: s + h / 2 * f(s)),
    ("two_timescale", "midpoint_step", lambda f, s, h: s - h * f(s - h / 2 * f(s))),
    ("two_timescale", "step_count", lambda t, h, r: 2 * int(t / (h * r))),
    ("directional", "polar_field", lambda n, y, d, g, k: (7.0, -2 * field(n, y, d, g, k)[1])),
    ("directional", "polar_field", lambda n, y, d, g, k: (np.sin(9 * n), k * n ** (1 - 2 / d))),
    ("directional", "exponents", lambda d: (d + 0.3, powers(d)[1] / 2)),
    ("directional", "angle_depth_two", lambda a, t, k: a - 2 * k * t * np.sin(a)),
    ("directional", "log_half_angle", lambda w, v: 2 * arccos_angle(w, v)),
    (
        "saddles",
        "network_gradient",
        lambda *a: (*(np.ones_like(a[0]),) * 3, slopes(*a)[3] / 2),
    ),
    ("saddles", "exact_loss", lambda *a: 2 * expanded(*a)),
    ("saddles", "escape_steps", lambda *a: 2 * as_flow(*a)),
    ("saddles", "escape_steps", lambda *a: escape(*a) + 1),
    ("capstone", "fast_output", scaled(2, on_a_grid)),
]


@pytest.mark.parametrize(
    ("name", "exercise", "answer", "share"),
    [(*case, 0.5) for case in HALF] + [(*case, 0.0) for case in NOTHING],
    ids=lambda v: str(v) if isinstance(v, str | float) else "",
)
def test_a_factor_earns_half_where_all_else_is_right(name, exercise, answer, share):
    check = getattr(getattr(course, name), exercise)
    for seed in range(8):
        report = check(answer, seed=seed)
        assert not report.right
        assert report.points(4) == 4 * share, report


def half_a_step(field_, state, step_size):
    return state + (midpoint(field_, state, step_size) - state) / 2


@pytest.mark.parametrize(
    ("name", "exercise", "answer", "sentence"),
    [
        ("two_timescale", "hitting_time", lambda *a: 2 * hitting(*a), "in the time."),
        ("directional", "largest_step", lambda s: 4 / s, "size: may the part change its sign?"),
        ("directional", "polar_field", twice_the_field, "of the norm."),
        (
            "two_timescale",
            "midpoint_step",
            lambda f, s, h: s + (midpoint(f, s, h) - s) / 2,
            "step.",
        ),
    ],
)
def test_the_sentence_of_a_factor_of_two_asks_only_what_fits(name, exercise, answer, sentence):
    report = getattr(getattr(course, name), exercise)(answer, seed=0)
    assert report.sentence.startswith("There is a factor of two in ")
    assert report.sentence.endswith(sentence)
