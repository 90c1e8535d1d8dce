"""Checks of the exercises on two-timescale training of a network of steps.

Notation: a target that is constant on pieces, with ``jumps`` inside (0, 1) and one value per piece;
neurons at sorted ``positions``; the loss is the integral of the squared residual, without one half.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ttlearn.course import brute
from ttlearn.course.checks import Check, Finding
from ttlearn.course.stages import (
    agrees,
    array,
    close,
    factor,
    function_check,
    invariant,
    number,
    one_of,
    several,
    units,
    value_check,
    whole_number,
)
from ttlearn.course.variants import Student

Array = NDArray[np.float64]
Rng = np.random.Generator


# Random data --------------------------------------------------------------------------------------


def _spread(rng: Rng, count: int, gap: float) -> Array:
    """Sorted numbers in (0, 1), at least ``gap`` apart and from the ends."""
    free = np.sort(rng.uniform(0, 1 - (count + 1) * gap, count))
    return np.asarray(free + gap * np.arange(1, count + 1))


def _target(rng: Rng) -> tuple[Array, Array, Array]:
    """Positions, jumps and values with every neuron away from every jump."""
    pieces = int(rng.integers(3, 6))
    jumps = _spread(rng, pieces - 1, 0.08)
    values = np.cumsum(rng.choice([-1.0, 1.0], pieces) * rng.uniform(0.5, 2.0, pieces))
    while True:
        positions = _spread(rng, int(rng.integers(4, 8)), 0.02)
        if np.min(np.abs(positions[:, None] - jumps)) > 5e-3:
            return positions, jumps, values


def _best_fit(positions: Array, jumps: Array, values: Array) -> tuple[Array, float]:
    """Least squares over all functions that are constant between neurons: plateaus and loss."""
    edges = np.unique(np.concatenate([[0.0, 1.0], positions, jumps]))
    middles, weights = (edges[1:] + edges[:-1]) / 2, np.sqrt(np.diff(edges))
    target = values[np.searchsorted(jumps, middles)]
    cells = np.searchsorted(positions, middles)
    design = (cells[:, None] == np.arange(positions.size + 1)) * weights[:, None]
    plateaus, *_ = np.linalg.lstsq(design, target * weights, rcond=None)
    return plateaus, float(np.sum((design @ plateaus - target * weights) ** 2))


def _race_field(state: Array, strength: float) -> Array:
    left, right = state
    return -strength * np.array([right**2, left**2]) / (left + right) ** 2


def _run_race(left: float, right: float, strength: float) -> tuple[float, float]:
    """Time of the hit and distance of the loser: the nearer distance is the clock."""
    near, far = min(left, right), max(left, right)

    def per_distance(state: Array) -> Array:
        rate = _race_field(np.array([state[0], state[1]]), strength)
        return np.array([-1.0, -rate[1] / rate[0], -1.0 / rate[0]])

    _, stop, time = brute.follow(per_distance, np.array([near, far, 0.0]), near, 300)
    return float(time), float(stop)


def _flanks(rng: Rng) -> tuple[float, float, float]:
    """Two distances, the nearer on a random side, and a strength."""
    near = rng.uniform(0.01, 0.1)
    far = near * rng.uniform(1.2, 3.0)
    pair = (near, far) if rng.random() < 0.5 else (far, near)
    return (float(pair[0]), float(pair[1]), float(rng.uniform(0.5, 10.0)))


# 1. The fast layer --------------------------------------------------------------------------------


def _plateaus(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [_target(rng) for _ in range(5)]
    return (
        np.concatenate([answer(*case) for case in cases]),
        np.concatenate([_best_fit(*case)[0] for case in cases]),
    )


def _plateaus_of_constant(answer: Any, rng: Rng) -> Finding:
    positions, jumps, values = _target(rng)
    level = float(rng.uniform(1.0, 3.0))
    return close(answer(positions, jumps, np.full_like(values, level)), level, 1e-9)


def _plateaus_shift(answer: Any, rng: Rng) -> Finding:
    positions, jumps, values = _target(rng)
    shift = float(rng.uniform(1.0, 3.0))
    before, after = answer(positions, jumps, values), answer(positions, jumps, values + shift)
    return close(after - before, shift, 1e-9)


def _plateaus_integral(answer: Any, rng: Rng) -> Finding:
    positions, jumps, values = _target(rng)
    total = np.diff(np.concatenate([[0.0], jumps, [1.0]])) @ values
    mine = np.diff(np.concatenate([[0.0], positions, [1.0]])) @ answer(positions, jumps, values)
    return close(mine, total, 1e-9, 0.1)


fast_plateaus = function_check(
    "fast_plateaus",
    _target,
    array(lambda positions, jumps, values: (positions.size + 1,)),
    factor(_plateaus, "the plateaus"),
    invariant(
        _plateaus_of_constant,
        "For a target without jumps every plateau should be the target's value. Did you return "
        "outer weights (steps between plateaus), or an integral without its length?",
    ),
    invariant(_plateaus_shift, "Adding a constant to the target should add it to every plateau."),
    invariant(
        _plateaus_integral,
        "Network and target should have the same integral over [0, 1]: is each cell's average "
        "weighted by lengths?",
    ),
    agrees(
        _plateaus,
        "The integral fits, but moving one plateau lowers the loss: look at each cell alone.",
        1e-8,
    ),
    praise="No plateau can be moved without raising the loss.",
)


# 2. The slow field --------------------------------------------------------------------------------


def _slow(answer: Any, rng: Rng) -> tuple[Array, Array]:
    mine, reference = [], []
    for _ in range(4):
        positions, jumps, values = _target(rng)
        mine.append(answer(positions, jumps, values))
        reference.append(
            -brute.gradient(lambda u, j=jumps, f=values: _best_fit(u, j, f)[1], positions, 1e-4)  # type: ignore[misc]
        )
    return np.concatenate(mine), np.concatenate(reference)


def _slow_at_rest(answer: Any, rng: Rng) -> Finding:
    positions = _spread(rng, 5, 0.05)
    jump = np.array([(positions[0] + positions[1]) / 2 + 0.001])
    return bool(np.max(np.abs(answer(positions, jump, np.array([0.3, 1.4]))[2:])) < 1e-9)


def _slow_shift(answer: Any, rng: Rng) -> Finding:
    positions, jumps, values = _target(rng)
    return close(answer(positions, jumps, values + 2.0), answer(positions, jumps, values), 1e-8)


def _slow_square(answer: Any, rng: Rng) -> Finding:
    positions, jumps, values = _target(rng)
    return close(answer(positions, jumps, 3 * values), 9 * answer(positions, jumps, values), 1e-8)


slow_field = function_check(
    "slow_field",
    _target,
    array(lambda positions, jumps, values: (positions.size,)),
    factor(_slow, "the slow velocity"),
    invariant(
        _slow_at_rest,
        "A neuron with no jump in either of its two cells feels nothing: it should stand still.",
    ),
    invariant(_slow_shift, "Adding a constant to the target should not change any velocity."),
    invariant(
        _slow_square,
        "Three times the target gives nine times the loss, so nine times the velocity.",
    ),
    agrees(
        _slow,
        "The velocity is not the downhill slope of the reduced loss: which two plateaus meet at "
        "neuron j, and which value has the target there?",
    ),
    praise="Your field is the downhill slope of the reduced loss.",
)


# 3. The hitting time ------------------------------------------------------------------------------


def _times(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [_flanks(rng) for _ in range(4)]
    return np.array([answer(*c) for c in cases]), np.array([_run_race(*c)[0] for c in cases])


def _time_symmetric(answer: Any, rng: Rng) -> Finding:
    left, right, strength = _flanks(rng)
    return close(answer(left, right, strength), answer(right, left, strength), 1e-9)


def _time_strength(answer: Any, rng: Rng) -> Finding:
    left, right, strength = _flanks(rng)
    return close(answer(left, right, 3 * strength) * 3, answer(left, right, strength), 1e-9)


def _time_length(answer: Any, rng: Rng) -> Finding:
    left, right, strength = _flanks(rng)
    return close(answer(2 * left, 2 * right, strength), 2 * answer(left, right, strength), 1e-9)


def _time_bounds(answer: Any, rng: Rng) -> Finding:
    for left, right, strength in (_flanks(rng) for _ in range(5)):
        fastest = min(left, right) / strength
        if not fastest * (1 - 1e-9) <= answer(left, right, strength) <= 4 * fastest * (1 + 1e-9):
            return False
    return True


def _time_runs_down(answer: Any, rng: Rng) -> Finding:
    for left, right, strength in (_flanks(rng) for _ in range(5)):
        state = np.array([left, right])
        rate = brute.slope_along(
            lambda s, k=strength: answer(float(s[0]), float(s[1]), k),  # type: ignore[misc]
            state,
            _race_field(state, strength),
        )
        if abs(rate + 1.0) > 1e-3:
            return False
    return True


hitting_time = function_check(
    "hitting_time",
    _flanks,
    number(),
    factor(_times, "the time"),
    units(_time_strength, "A jump three times as strong should be hit three times as soon."),
    units(_time_length, "Doubling both distances should double the time."),
    invariant(_time_symmetric, "Exchanging left and right should change nothing: who is nearer?"),
    invariant(
        _time_bounds,
        "The time should lie between one and four times (nearer distance / strength).",
    ),
    invariant(
        _time_runs_down,
        "Along the race the time that is left should run down by one second per second; "
        "yours does not.",
    ),
    agrees(_times, "The time differs from a simulated race."),
    praise="The time left runs down exactly as fast as time passes.",
)


# 4. Where the loser stops -------------------------------------------------------------------------


def _pair(rng: Rng) -> tuple[float, float]:
    return _flanks(rng)[:2]


def _stops(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [_flanks(rng) for _ in range(4)]
    return np.array([answer(*c[:2]) for c in cases]), np.array([_run_race(*c)[1] for c in cases])


def _stop_unit(answer: Any, rng: Rng) -> Finding:
    left, right = _pair(rng)
    return close(answer(2 * left, 2 * right), 2 * answer(left, right), 1e-9)


def _stop_symmetric(answer: Any, rng: Rng) -> Finding:
    left, right = _pair(rng)
    return close(answer(left, right), answer(right, left), 1e-9)


def _stop_tie(answer: Any, rng: Rng) -> Finding:
    left, _ = _pair(rng)
    return abs(answer(left, left)) < 1e-3 * left


def _stop_kept(answer: Any, rng: Rng) -> Finding:
    left, right, strength = _flanks(rng)
    later = brute.follow(
        lambda s: _race_field(s, strength),
        np.array([left, right]),
        0.5 * min(left, right) / strength,
        400,
    )
    return close(answer(left, right), answer(float(later[0]), float(later[1])), 1e-6)


stopping_distance = function_check(
    "stopping_distance",
    _pair,
    number(),
    factor(_stops, "the distance"),
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


# 5. A step of second order ------------------------------------------------------------------------


def _step_case(rng: Rng) -> tuple[Any, Array, float]:
    return (_turning(rng), rng.normal(size=3), float(rng.uniform(0.05, 0.1)))


def _turning(rng: Rng) -> Any:
    matrix = rng.normal(size=(3, 3))
    return lambda state: np.sin(matrix @ state) + 0.3 * state


def _step_errors(answer: Any, rng: Rng) -> Array:
    field, start, _ = _step_case(rng)
    sizes = np.array([0.04, 0.02, 0.01])
    exact = [brute.follow(field, start, size, 20) for size in sizes]
    mine = [answer(field, start, float(size)) for size in sizes]
    return np.array([np.linalg.norm(m - e) for m, e in zip(mine, exact, strict=True)])


def _step_moves(answer: Any, rng: Rng) -> tuple[Array, Array]:
    field, start, _ = _step_case(rng)
    return answer(field, start, 1e-4) - start, 1e-4 * field(start)


def _step_stays(answer: Any, rng: Rng) -> Finding:
    field, start, _ = _step_case(rng)
    return close(answer(field, start, 0.0), start, 1e-12)


def _order(answer: Any, rng: Rng, wanted: float) -> Finding:
    errors = np.mean([_step_errors(answer, rng) for _ in range(6)], axis=0)
    return bool(np.log2(errors[:-1] / np.maximum(errors[1:], 1e-300)).min() > wanted)


def _step_linear(answer: Any, rng: Rng) -> Finding:
    constant = rng.normal(size=3)
    start = rng.normal(size=3)
    return close(answer(lambda _: constant, start, 0.3) - start, 0.3 * constant, 1e-10)


midpoint_step = function_check(
    "midpoint_step",
    _step_case,
    array(lambda field, state, step_size: state.shape),
    invariant(
        _step_stays,
        "A step of size zero should leave the state where it is: is the state part of what you "
        "return?",
    ),
    factor(_step_moves, "the move of one small step", 1e-2),
    invariant(_step_linear, "Under a constant force one step should be exact."),
    invariant(
        functools.partial(_order, wanted=1.5),
        "It moves the right way, but it is not a step: halving the step size should divide the "
        "error of one step at least by four.",
    ),
    invariant(
        functools.partial(_order, wanted=2.6),
        "This is a step of first order (Euler's): halving the step size should divide the error of "
        "one step by eight. Where is the force evaluated the second time?",
    ),
    praise="Halving the step size divides the error of one step by eight: second order.",
)


# 6. Your race (numbers per student) ---------------------------------------------------------------


def race_numbers(student: Student) -> dict[str, float]:
    """The student's own race: distances of the two flanks and the jump's size."""
    near = student.uniform("race near", 0.03, 0.08)
    far = round(near * student.uniform("race ratio", 1.05, 1.6), 4)
    left, right = student.choice("race side", [(near, far), (far, near)])
    return {"left": left, "right": right, "jump_size": student.uniform("race jump", 1.5, 4.5, 2)}


def my_race(student: Student) -> Check:
    """The check of (winner, loser's last distance, (low, high) around the hitting time)."""
    race = race_numbers(student)
    left, right, strength = race["left"], race["right"], race["jump_size"] ** 2

    def winner(answer: Any, _: Rng) -> Finding:
        return bool(answer[0] == ("left" if left < right else "right"))

    def jump_squared(answer: Any, _: Rng) -> Finding:
        time = _run_race(left, right, race["jump_size"])[0]
        low, high = answer[2]
        off = not low <= _run_race(left, right, strength)[0] <= high
        return not (off and low <= time <= high)

    def bracket(answer: Any, _: Rng) -> Finding:
        low, high = answer[2]
        if not 0 < low < high:
            return "The bracket needs 0 < low < high."
        if high > 4.001 * low:
            return "The bracket is wider than a factor of four: you can do better than that."
        return bool(low <= _run_race(left, right, strength)[0] <= high)

    def stop_naive(answer: Any, _: Rng) -> Finding:
        return not close(answer[1], abs(left - right), 0.02)

    def stop(answer: Any, _: Rng) -> Finding:
        return close(answer[1], _run_race(left, right, strength)[1], 0.02)

    return value_check(
        "my_race",
        several(one_of("left", "right"), number(), several(number(), number())),
        invariant(winner, "Not that neuron: compare the two speeds at the start."),
        units(jump_squared, "Is the strength of the pull the jump's size, or its square?"),
        invariant(bracket, "The hitting time of a simulated race is outside of your bracket."),
        invariant(stop_naive, "The loser moves too while the winner arrives: it ends nearer."),
        invariant(stop, "The loser of a simulated race stops elsewhere (2 % are allowed)."),
        praise="A simulated race ends as you predicted.",
    )


# 7. Reading a curve -------------------------------------------------------------------------------


def curve_numbers(student: Student) -> dict[str, Any]:
    """Three races at once; the sum of their losses is the curve to read."""
    races = []
    for place, low in (("a", 0.010), ("b", 0.035), ("c", 0.075)):
        near = student.uniform(f"curve {place}", low, low + 0.012)
        races.append((near, round(near * student.uniform(f"curve ratio {place}", 1.4, 2.2), 4)))
    return {"races": races, "jump_size": 2.0, "timescale_ratio": 0.001}


def curve(student: Student, points: int = 400) -> tuple[Array, Array]:
    """Slow times and the reduced loss of the student's three races."""
    numbers = curve_numbers(student)
    strength = numbers["jump_size"] ** 2
    ends = [_run_race(left, right, strength)[0] for left, right in numbers["races"]]
    times = np.linspace(0.0, 1.15 * max(ends), points)
    loss = np.zeros(points)
    for (left, right), end in zip(numbers["races"], ends, strict=True):
        state = np.array([left, right])
        for index, time in enumerate(times):
            if time >= end:
                break
            loss[index] += strength * state[0] * state[1] / (state[0] + state[1])
            remaining = min(times[1], 0.999 * (end - time))
            state = brute.follow(lambda s: _race_field(s, strength), state, remaining, 4)
    return times, loss


def read_curve(student: Student) -> Check:
    """The check of the slow times at which the first and the last jump are caught."""
    numbers = curve_numbers(student)
    strength = numbers["jump_size"] ** 2
    ends = sorted(_run_race(left, right, strength)[0] for left, right in numbers["races"])
    width = 0.02 * 1.15 * ends[-1]

    def near(value: float, truth: float, slack: float = width) -> bool:
        return abs(value - truth) <= slack

    def fast_time(answer: Any, _: Rng) -> Finding:
        scale = numbers["timescale_ratio"]
        return not any(near(answer[1] * s, ends[-1]) for s in (scale, 1 / scale))

    def order(answer: Any, _: Rng) -> Finding:
        return bool(answer[0] < answer[1])

    def middle(answer: Any, _: Rng) -> Finding:
        return not any(near(value, ends[1]) for value in answer)

    def last(answer: Any, _: Rng) -> Finding:
        return near(answer[1], ends[-1])

    def first(answer: Any, _: Rng) -> Finding:
        return near(answer[0], ends[0])

    return value_check(
        "read_curve",
        several(number(), number()),
        units(fast_time, "The axis shows slow time; you converted it to fast time, or back twice."),
        invariant(order, "The first catch should come before the last."),
        invariant(middle, "One of your two numbers is where the second of three jumps is caught."),
        invariant(last, "The last catch is elsewhere: from where on is the curve flat?"),
        invariant(first, "The first catch is elsewhere: look for the first corner of the curve."),
        praise="Both corners read within two hundredths of the axis.",
    )


# 8. A conserved quantity (proof step) -------------------------------------------------------------


def _drift(answer: Any, rng: Rng, along: Any) -> float:
    worst = 0.0
    for left, right, strength in (_flanks(rng) for _ in range(6)):
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
    values = [answer(*_pair(rng)) for _ in range(8)]
    return float(np.ptp(values)) > 1e-9 * max(1.0, float(np.max(np.abs(values))))


def _uses_both(answer: Any, rng: Rng) -> Finding:
    left, right = _pair(rng)
    base = answer(left, right)
    moved = (answer(1.1 * left, right), answer(left, 1.1 * right))
    return all(abs(value - base) > 1e-12 * max(abs(base), 1e-300) for value in moved)


def _kept_along_run(answer: Any, rng: Rng) -> Finding:
    left, right, strength = _flanks(rng)
    time = 0.7 * min(left, right) / strength
    end = brute.follow(lambda s: _race_field(s, strength), np.array([left, right]), time, 600)
    scale = max(abs(answer(left, right)), abs(answer(1.1 * left, right)))
    return abs(answer(float(end[0]), float(end[1])) - answer(left, right)) < 1e-5 * scale


conserved = function_check(
    "conserved",
    _pair,
    number(),
    invariant(_depends, "This is the same number for every race: conserved, but it says nothing."),
    invariant(_uses_both, "It depends on one of the two distances only."),
    invariant(
        lambda answer, rng: _drift(answer, rng, lambda s, k: _race_field(s, k)[::-1]) > 1e-3,
        "It is conserved when the two speeds are exchanged: which neuron is the faster?",
    ),
    invariant(
        lambda answer, rng: _drift(answer, rng, _race_field) < 1e-4,
        "It changes along a simulated race: divide one equation of the race by the other first.",
    ),
    invariant(_kept_along_run, "It drifts over a whole race."),
    praise="It stays put along every race, and differs from race to race.",
)


# 9. Counting steps --------------------------------------------------------------------------------


def _steps_case(rng: Rng) -> tuple[float, float, float]:
    exponents = rng.integers([1, 2, 0], [3, 6, 3])
    horizon = float(rng.integers(1, 10)) * 10.0 ** -int(exponents[0])
    return (horizon, float(f"1e-{exponents[1]}"), float(f"1e-{exponents[2]}"))


def _steps_reference(horizon: float, step_size: float, ratio: float) -> float:
    """The count in decimal arithmetic, where these quotients are exact."""
    from decimal import Decimal

    return float(Decimal(repr(horizon)) / (Decimal(repr(step_size)) * Decimal(repr(ratio))))


def _steps(answer: Any, rng: Rng) -> tuple[Array, Array]:
    cases = [_steps_case(rng) for _ in range(30)]
    # Both in logarithms of counts, since they range over ten powers of ten.
    return (
        np.array([float(answer(*c)) / _steps_reference(*c) for c in cases]),
        np.ones(len(cases)),
    )


def _steps_ratio(answer: Any, rng: Rng) -> Finding:
    return close(answer(1.0, 1e-3, 1e-2) / answer(1.0, 1e-3, 1.0), 100.0, 1e-3)


def _steps_size(answer: Any, rng: Rng) -> Finding:
    return close(answer(1.0, 1e-4, 1e-1) / answer(1.0, 1e-3, 1e-1), 10.0, 1e-2)


def _steps_exact(answer: Any, rng: Rng) -> Finding:
    cases = [(10.0, 1e-5, 1.0), (3.0, 1e-5, 0.01), (3.0, 1e-5, 0.1), (0.035, 1e-5, 2e-5)]
    cases += [_steps_case(rng) for _ in range(20)]
    return all(abs(answer(*case) - _steps_reference(*case)) < 0.5 for case in cases)


step_count = function_check(
    "step_count",
    _steps_case,
    whole_number(),
    factor(_steps, "the number of steps", 2e-2),
    units(
        _steps_ratio,
        "With a timescale ratio a hundred times smaller, the same slow time takes a hundred times "
        "as many steps.",
    ),
    units(_steps_size, "With steps ten times smaller, ten times as many are needed."),
    invariant(
        _steps_exact,
        "Off by one for some round numbers: 10 / (1e-5 * 1) is not 1000000 in floating point. "
        "What does int() do with 999999.9999?",
    ),
    praise="Exact, also where floating point is not.",
)
