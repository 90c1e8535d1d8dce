"""Checks: the race between two neurons."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Finding
from ttlearn.course.factors import factor
from ttlearn.course.stages import (
    agrees,
    close,
    function_check,
    invariant,
    number,
    units,
)
from ttlearn.course.two_timescale.data import (
    Array,
    Rng,
    flanks,
    pair,
    race_field,
    run_race,
)

# 3. The hitting time ------------------------------------------------------------------------------


def _times(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [flanks(rng) for _ in range(4)]
    return np.array([answer(*c) for c in cases]), np.array([run_race(*c)[0] for c in cases])


def _time_symmetric(answer: Any, rng: Rng) -> Finding:
    left, right, strength = flanks(rng)
    return close(answer(left, right, strength), answer(right, left, strength), 1e-4)


def _time_strength(answer: Any, rng: Rng) -> Finding:
    left, right, strength = flanks(rng)
    return close(answer(left, right, 3 * strength) * 3, answer(left, right, strength), 1e-4)


def _time_length(answer: Any, rng: Rng) -> Finding:
    left, right, strength = flanks(rng)
    return close(answer(2 * left, 2 * right, strength), 2 * answer(left, right, strength), 1e-4)


def _time_bounds(answer: Any, rng: Rng) -> Finding:
    for left, right, strength in (flanks(rng) for _ in range(5)):
        fastest = min(left, right) / strength
        if not fastest * (1 - 1e-9) <= answer(left, right, strength) <= 4 * fastest * (1 + 1e-9):
            return False
    return True


def _time_runs_down(answer: Any, rng: Rng) -> Finding:
    for left, right, strength in (flanks(rng) for _ in range(5)):
        state = np.array([left, right])
        rate = brute.slope_along(
            lambda s, k=strength: answer(float(s[0]), float(s[1]), k),  # type: ignore[misc]
            state,
            race_field(state, strength),
        )
        if abs(rate + 1.0) > 1e-3:
            return False
    return True


hitting_time = function_check(
    "hitting_time",
    flanks,
    number(),
    factor(_times, "the time", share=0.5),
    units(_time_strength, "A jump three times as strong should be hit three times as soon."),
    units(_time_length, "Doubling both distances should double the time."),
    invariant(_time_symmetric, "Exchanging left and right should change nothing: who is nearer?"),
    invariant(
        _time_bounds,
        "The time should lie between one and four times (nearer distance / strength).",
    ),
    invariant(
        _time_runs_down,
        "Along the race the time that is left should run down by one unit per unit of "
        "slow time; yours does not.",
    ),
    agrees(_times, "The time differs from a simulated race."),
    praise="The time left runs down exactly as fast as time passes.",
)


# 4. Where the loser stops -------------------------------------------------------------------------


def _stops(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [flanks(rng) for _ in range(4)]
    return np.array([answer(*c[:2]) for c in cases]), np.array([run_race(*c)[1] for c in cases])


def _stop_unit(answer: Any, rng: Rng) -> Finding:
    left, right = pair(rng)
    return close(answer(2 * left, 2 * right), 2 * answer(left, right), 1e-4)


def _stop_symmetric(answer: Any, rng: Rng) -> Finding:
    left, right = pair(rng)
    return close(answer(left, right), answer(right, left), 1e-4)


def _stop_tie(answer: Any, rng: Rng) -> Finding:
    left, _ = pair(rng)
    return abs(answer(left, left)) < 1e-3 * left


def _stop_kept(answer: Any, rng: Rng) -> Finding:
    left, right, strength = flanks(rng)
    later = brute.follow(
        lambda s: race_field(s, strength),
        np.array([left, right]),
        0.5 * min(left, right) / strength,
        400,
    )
    return close(answer(left, right), answer(float(later[0]), float(later[1])), 1e-4)


stopping_distance = function_check(
    "stopping_distance",
    pair,
    number(),
    factor(_stops, "the distance", share=0.5),
    units(_stop_unit, "Twice the distances should give twice the distance: which root is missing?"),
    invariant(_stop_symmetric, "Exchanging left and right should change nothing."),
    invariant(_stop_tie, "At a tie both reach the jump: the distance left should be zero."),
    invariant(
        _stop_kept,
        "The loser's last distance is decided at the start: it should be the same from any later "
        "moment of the same race.",
    ),
    agrees(_stops, "The distance differs from a simulated race."),
    praise="It is the same from every moment of the race, and zero at a tie.",
)


# 8. A conserved quantity (proof step) -------------------------------------------------------------


def _drift(answer: Any, rng: Rng, along: Any) -> float:
    worst = 0.0
    for left, right, strength in (flanks(rng) for _ in range(6)):
        state = np.array([left, right])
        direction = along(state, strength)
        direction = direction / np.linalg.norm(direction)

        def value(s: Array) -> float:
            return float(answer(float(s[0]), float(s[1])))

        slope = brute.slope_along(value, state, direction)
        size = np.linalg.norm(brute.gradient(value, state, 1e-4 * min(state)))
        worst = max(worst, abs(slope) / max(float(size), 1e-300))
    return worst


def _depends(answer: Any, rng: Rng) -> Finding:
    values = [answer(*pair(rng)) for _ in range(8)]
    return float(np.ptp(values)) > 1e-9 * max(1.0, float(np.max(np.abs(values))))


def _uses_both(answer: Any, rng: Rng) -> Finding:
    left, right = pair(rng)
    base = answer(left, right)
    moved = (answer(1.1 * left, right), answer(left, 1.1 * right))
    return all(abs(value - base) > 1e-12 * max(abs(base), 1e-300) for value in moved)


def _kept_along_run(answer: Any, rng: Rng) -> Finding:
    left, right, strength = flanks(rng)
    time = 0.7 * min(left, right) / strength
    end = brute.follow(lambda s: race_field(s, strength), np.array([left, right]), time, 600)
    scale = max(abs(answer(left, right)), abs(answer(1.1 * left, right)))
    return abs(answer(float(end[0]), float(end[1])) - answer(left, right)) < 1e-5 * scale


conserved = function_check(
    "conserved",
    pair,
    number(),
    invariant(_depends, "This is the same number for every race: conserved, but it says nothing."),
    invariant(_uses_both, "It depends on one of the two distances only."),
    invariant(
        lambda answer, rng: _drift(answer, rng, lambda s, k: race_field(s, k)[::-1]) > 1e-3,
        "It is conserved when the two speeds are exchanged: which neuron is the faster?",
    ),
    invariant(
        lambda answer, rng: _drift(answer, rng, race_field) < 1e-4,
        "It changes along a simulated race: divide one equation of the race by the other first.",
    ),
    invariant(_kept_along_run, "It drifts over a whole race."),
    praise="It stays put along every race, and differs from race to race.",
)
