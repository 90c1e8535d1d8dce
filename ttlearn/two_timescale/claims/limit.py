"""Claims about the limit flow: C1, D1, D3, D4, the envelope formula and the race."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.precision import in_float64
from ttlearn.records import Claim
from ttlearn.two_timescale.claims.statements import claim
from ttlearn.two_timescale.event_limit import event_limit
from ttlearn.two_timescale.exact_limit import positions_at, races
from ttlearn.two_timescale.fast_layer import sharp_reduced_loss, sharp_velocity
from ttlearn.two_timescale.limit import c1_margin, limit_flow
from ttlearn.two_timescale.race import hitting_time, invariant, one_sided_hitting_time
from ttlearn.two_timescale.target import (
    PAPER_TARGET,
    SHORTAGE_POSITIONS,
    SHORTAGE_TARGET,
    Target,
)

# Few shapes and few lengths: each new one compiles everything again.
TIMES = 100
_RACE_TIMES = np.concatenate([np.linspace(0.0, 0.06, 13), [50.0]])
# Two neurons in each inner piece of the shortage target: C1 holds, both end pieces are empty.
_ENOUGH = np.array([0.22, 0.42, 0.57, 0.78])


def sorted_draws(draws: int, neurons: int, seed: int) -> np.ndarray:
    """Uniform starts, one a row."""
    return np.sort(np.random.default_rng(seed).random((draws, neurons)), axis=1)


def pieces_filled(starts: np.ndarray, target: Target, *, ends: bool) -> np.ndarray:
    """Which starts fulfil C1, and with ``ends`` also hold a neuron in both end pieces."""
    piece = np.searchsorted(target.jumps, starts, side="right")
    counts = np.sum(piece[..., None] == np.arange(target.values.size), axis=1)
    inner = np.all(counts[:, 1:-1] >= 2, axis=1)
    return inner & np.all(counts[:, [0, -1]] >= 1, axis=1) if ends else inner


@jax.jit
def _race_all(starts: jax.Array) -> tuple[jax.Array, jax.Array]:
    def one(start: jax.Array) -> tuple[jax.Array, jax.Array]:
        run = races(start, PAPER_TARGET)
        end = positions_at(jnp.max(run.hitting_times), run, start, PAPER_TARGET)
        return run.rate * run.hitting_times, sharp_reduced_loss(end, PAPER_TARGET)

    return jax.vmap(one)(starts)


@in_float64
def convergence(draws: int = 300, neurons: int = 30, seed: int = 1) -> list[Claim]:
    """D1 on random starts of the paper's target."""
    starts = sorted_draws(draws, neurons, seed)
    fulfil = pieces_filled(starts, PAPER_TARGET, ends=True)
    times, left = (np.asarray(x) for x in _race_all(starts[fulfil]))
    case = {
        "draws": draws,
        "neurons": neurons,
        "seed": seed,
        "fulfil": int(fulfil.sum()),
        "violate": int((~fulfil).sum()),
        "largest_kappa_T": float(times.max()),
    }
    return [claim("D1", fulfil.sum() - 1, np.min(2.0 - times) - np.max(left), case)]


def convergence_without_c1() -> list[Claim]:
    """D1 on the start with one neuron in each inner piece: a jump stays uncovered."""
    run = limit_flow(SHORTAGE_POSITIONS, SHORTAGE_TARGET, _RACE_TIMES)
    margin = c1_margin(SHORTAGE_POSITIONS, SHORTAGE_TARGET)
    case = {"target": "shortage", "positions": SHORTAGE_POSITIONS.tolist()}
    return [claim("D1", margin, -float(run.losses[-1]), case)]


def shortage() -> list[Claim]:
    """D4, and the condition C1 where it holds."""
    run = limit_flow(SHORTAGE_POSITIONS, SHORTAGE_TARGET, _RACE_TIMES)
    missing = -c1_margin(SHORTAGE_POSITIONS, SHORTAGE_TARGET)
    off = abs(float(run.losses[-1]) - 0.0135)
    return [claim("D4", missing - 1, 1e-6 - off, {"final_loss": float(run.losses[-1])})]


def shortage_filled() -> list[Claim]:
    """D4 with two neurons in each inner piece: the loss goes to 0 instead."""
    run = limit_flow(_ENOUGH, SHORTAGE_TARGET, _RACE_TIMES, form="general")
    missing = -c1_margin(_ENOUGH, SHORTAGE_TARGET)
    off = abs(float(run.losses[-1]) - 0.0135)
    return [claim("D4", missing - 1, 1e-6 - off, {"final_loss": float(run.losses[-1])})]


def _flanks(start: np.ndarray, target: Target) -> int:
    right = np.searchsorted(start, target.jumps)
    return int(np.unique(np.concatenate([right - 1, right])).size - 2 * target.jumps.size)


def distinct_flanks() -> list[Claim]:
    """C1 on the paper's own start, seed 42."""
    start = np.sort(np.random.RandomState(42).rand(20))
    return [claim("C1", c1_margin(start), _flanks(start, PAPER_TARGET), {"start": "seed 42"})]


def shared_flanks() -> list[Claim]:
    """C1 violated: neighbouring jumps share a flank."""
    margin = c1_margin(SHORTAGE_POSITIONS, SHORTAGE_TARGET)
    shared = _flanks(SHORTAGE_POSITIONS, SHORTAGE_TARGET)
    return [claim("C1", margin, shared, {"start": "shortage"})]


@jax.jit
def _rest(starts: jax.Array) -> jax.Array:
    def one(start: jax.Array) -> jax.Array:
        end = event_limit(start, PAPER_TARGET, jnp.array([200.0]), tolerance=1e-8)
        return sharp_reduced_loss(end.positions[-1], PAPER_TARGET)

    return jax.lax.map(one, starts)


@in_float64
def far_from_necessary(neurons: int = 20, draws: int = 30, seed: int = 3) -> list[Claim]:
    """D3: starts that violate C1 and reach loss 0 all the same."""
    starts = sorted_draws(draws, neurons, seed)
    violate = ~pieces_filled(starts, PAPER_TARGET, ends=False)
    reach = np.asarray(_rest(starts[violate])) < 1e-6
    case = {
        "draws": draws,
        "neurons": neurons,
        "seed": seed,
        "violate": int(violate.sum()),
        "reach_zero": int(reach.sum()),
    }
    return [claim("D3", violate.sum() - 1, reach.mean() - 0.5, case)]


@jax.jit
def _few(starts: jax.Array) -> jax.Array:
    def one(start: jax.Array) -> jax.Array:
        end = event_limit(start, SHORTAGE_TARGET, jnp.array([50.0]), tolerance=1e-8)
        return sharp_reduced_loss(end.positions[-1], SHORTAGE_TARGET)

    return jax.lax.map(one, starts)


def few_neurons_reach(draws: int, seed: int = 6) -> np.ndarray:
    """Which random starts within 0.02 of the shortage start reach loss 0."""
    moved = np.random.default_rng(seed).uniform(-0.02, 0.02, (draws, 4))
    return np.asarray(_few(SHORTAGE_POSITIONS + moved)) < 1e-6


@in_float64
def too_few_neurons(draws: int = 20) -> list[Claim]:
    """D3 around the shortage start instead of 20 neurons at random: here all starts fail."""
    share = float(few_neurons_reach(draws).mean())
    return [claim("D3", -1.0, share - 0.5, {"neurons": 4, "draws": draws, "share": share})]


def _envelope_error(start: np.ndarray) -> float:
    nudge = 1e-6
    moved = start + nudge * np.eye(start.size)[:, None] * np.array([1.0, -1.0])[:, None]
    values = np.asarray(_reduced(moved.reshape(-1, start.size))).reshape(start.size, 2)
    slope = (values[:, 0] - values[:, 1]) / (2 * nudge)
    return float(np.max(np.abs(slope + np.asarray(_velocity(start)))))


_reduced = jax.jit(jax.vmap(lambda u: sharp_reduced_loss(u, PAPER_TARGET)))
_velocity = jax.jit(lambda u: sharp_velocity(u, PAPER_TARGET))


def _room(start: np.ndarray) -> float:
    apart = np.abs(np.subtract.outer(PAPER_TARGET.jumps, start)).min()
    return float(min(apart, np.diff(np.sort(start)).min()))


@in_float64
def envelope() -> list[Claim]:
    """The envelope formula where cells hold several jumps, by difference quotients."""
    start = np.array([0.17, 0.205, 0.31, 0.37, 0.6])
    case = {"positions": start.tolist()}
    return [claim("envelope", _room(start) - 1e-4, 1e-6 - _envelope_error(start), case)]


@in_float64
def envelope_on_a_jump() -> list[Claim]:
    """A neuron on a jump: the reduced loss has a kink there, and no slope."""
    start = np.array([0.17, 0.205, 0.31, 0.35, 0.6])
    case = {"positions": start.tolist()}
    return [claim("envelope", _room(start) - 1e-4, 1e-6 - _envelope_error(start), case)]


_time = jax.jit(hitting_time)


def _invariant_change(start: np.ndarray, target: Target, jump: float) -> float:
    """Largest change of |l^3 - r^3| at a jump, by the event form, up to slow time 0.06."""
    run = limit_flow(start, target, _RACE_TIMES, form="general")
    right = int(np.searchsorted(start, jump))
    path = run["positions"][:-1]
    left_distance, right_distance = jump - path[:, right - 1], path[:, right] - jump
    values = np.asarray(invariant(left_distance, right_distance))
    return float(np.max(np.abs(values - values[0])))


@in_float64
def race() -> list[Claim]:
    """Cubic invariant, hitting time and bounds of one race, against the event form."""
    case = {"positions": _ENOUGH.tolist(), "jump": 0.5}
    rate = float(SHORTAGE_TARGET.jump_sizes[1] ** 2)
    time = float(_time(0.5 - _ENOUGH[1], _ENOUGH[2] - 0.5, rate))
    run = limit_flow(_ENOUGH, SHORTAGE_TARGET, _RACE_TIMES, form="general")
    seen = run.meta["hitting_times"][1]
    change = _invariant_change(_ENOUGH, SHORTAGE_TARGET, 0.5)
    return [
        claim("cubic", 0.0, 1e-9 - change, case),
        claim("hitting time", 0.0, 1e-8 - abs(time - seen), case),
    ]


@in_float64
def race_beside_another_jump() -> list[Claim]:
    """The first jump of the shortage start: its right neuron borders a second jump."""
    case = {"positions": SHORTAGE_POSITIONS.tolist(), "jump": 0.2}
    change = _invariant_change(SHORTAGE_POSITIONS, SHORTAGE_TARGET, 0.2)
    time = float(_time(0.15, 0.05, 1.0))
    run = limit_flow(SHORTAGE_POSITIONS, SHORTAGE_TARGET, _RACE_TIMES)
    seen = run.meta["hitting_times"][0]
    return [
        claim("cubic", -1.0, 1e-9 - change, case),
        claim("hitting time", -1.0, 1e-8 - abs(time - seen), case),
    ]


@in_float64
def race_bounds(draws: int = 1000, seed: int = 0) -> list[Claim]:
    """Bounds on hitting time and loss rate over random distances."""
    left, right = np.random.default_rng(seed).random((2, draws))
    scaled = np.asarray(_time(left, right, 1.0)) / np.minimum(left, right)
    rate = (left**4 + right**4) / (left + right) ** 4
    case = {"draws": draws, "seed": seed}
    return [
        claim("hitting bounds", 0.0, min(np.min(scaled - 1), np.min(4 - scaled)), case),
        claim("loss rate", 0.0, min(np.min(rate - 1 / 8), np.min(1 - rate)), case),
    ]


@in_float64
def race_with_an_end() -> list[Claim]:
    """One flank is the end of the interval: slower than any two free flanks."""
    end, free = 0.05, 0.2
    scaled = float(one_sided_hitting_time(end, free, 1.0)) / end
    # Only the free neuron moves: dl/dtau = -kappa^2 l^4 / (l + r)^4 with l the end's distance.
    rate = end**4 / (end + free) ** 4
    case = {"end_at": end, "free_at": free}
    return [
        claim("hitting bounds", -1.0, min(scaled - 1, 4 - scaled), case),
        claim("loss rate", -1.0, min(rate - 1 / 8, 1 - rate), case),
    ]


CASES = (distinct_flanks, convergence, far_from_necessary, shortage, envelope, race, race_bounds)
BREAKING = (
    shared_flanks,
    convergence_without_c1,
    too_few_neurons,
    shortage_filled,
    envelope_on_a_jump,
    race_beside_another_jump,
    race_with_an_end,
)
