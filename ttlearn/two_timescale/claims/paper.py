"""The paper's own statements, as recalled: P2, P3, P4."""

from __future__ import annotations

import jax
import numpy as np

from ttlearn.precision import in_float64
from ttlearn.records import Claim
from ttlearn.two_timescale.claims.limit import TIMES, few_neurons_reach, pieces_filled, sorted_draws
from ttlearn.two_timescale.claims.statements import claim
from ttlearn.two_timescale.exact_limit import positions_at, races
from ttlearn.two_timescale.fast_layer import sharp_reduced_loss
from ttlearn.two_timescale.flow import flow_end, network_flow
from ttlearn.two_timescale.probability import theorem_width
from ttlearn.two_timescale.target import PAPER_TARGET, SHORTAGE_TARGET, Target

_ONE_JUMP = Target([0.5], [0.0, 2.0])
_FAILURE, _ERROR = 0.5, 0.01


@jax.jit
def _ends(starts: jax.Array, ratio: float, horizon: float) -> jax.Array:
    return jax.lax.map(
        lambda start: flow_end(start, ratio, horizon, _ONE_JUMP, 0.01, tolerance=1e-3)[1], starts
    )


def _main_theorem(ratio: float, neurons: int, draws: int, horizon: float) -> tuple[float, float]:
    starts = sorted_draws(draws, neurons, 5)
    reach = np.asarray(_ends(starts, ratio, horizon)) <= _ERROR
    return float(neurons - theorem_width(_FAILURE, _ONE_JUMP)), float(reach.mean())


@in_float64
def main_theorem(draws: int = 4) -> list[Claim]:
    """P2 for one jump, with the number of neurons that the theorem asks for."""
    neurons = theorem_width(_FAILURE, _ONE_JUMP)
    horizon = 6.0 / _ONE_JUMP.smallest_jump**2
    margin, share = _main_theorem(0.01, neurons, draws, horizon)
    case = {
        "neurons": neurons,
        "draws": draws,
        "timescale_ratio": 0.01,
        "activation_width": 0.01,
        "xi": _ERROR,
        "delta": _FAILURE,
        "share": share,
        "not checked": "the thresholds on width and ratio, which are not explicit",
    }
    return [claim("P2", margin, share - (1.0 - _FAILURE), case)]


@in_float64
def main_theorem_with_one_neuron(draws: int = 4) -> list[Claim]:
    """P2 with one neuron and a horizon of a hundredth: nothing has arrived."""
    margin, share = _main_theorem(0.01, 1, draws, 0.015)
    return [claim("P2", margin, share - (1.0 - _FAILURE), {"neurons": 1, "share": share})]


@jax.jit
def _limit_ends(starts: jax.Array, slow_time: float) -> jax.Array:
    def one(start: jax.Array) -> jax.Array:
        run = races(start, PAPER_TARGET)
        return sharp_reduced_loss(positions_at(slow_time, run, start, PAPER_TARGET), PAPER_TARGET)

    return jax.vmap(one)(starts)


@in_float64
def limit_theorem(draws: int = 100, seed: int = 2) -> list[Claim]:
    """P3 for the paper's target; a start that violates C1 counts as a failure."""
    neurons = theorem_width(_FAILURE)
    starts = sorted_draws(draws, neurons, seed)
    fulfil = pieces_filled(starts, PAPER_TARGET, ends=False)
    horizon = 6.0 / PAPER_TARGET.smallest_jump**2
    reach = (np.asarray(_limit_ends(starts, horizon)) < 1e-12) & fulfil
    case = {
        "draws": draws,
        "neurons": neurons,
        "seed": seed,
        "violate C1": int((~fulfil).sum()),
        "share": float(reach.mean()),
    }
    return [claim("P3", 0.0, reach.mean() - (1.0 - _FAILURE), case)]


@in_float64
def limit_theorem_with_few_neurons(draws: int = 20) -> list[Claim]:
    """P3 around the shortage start: the smallest jump stays uncovered."""
    reach = few_neurons_reach(draws)
    margin = 4 - theorem_width(_FAILURE, SHORTAGE_TARGET)
    case = {"neurons": 4, "draws": draws, "share": float(reach.mean())}
    return [claim("P3", margin, reach.mean() - (1.0 - _FAILURE), case)]


def _sketch(ratio: float, width: float) -> Claim:
    target = Target([0.5], [0.2, 0.9])
    run = network_flow(
        [0.25, 0.37, 0.68, 0.8],
        target,
        np.linspace(0.03, 3.0, TIMES),
        timescale_ratio=ratio,
        activation_width=width,
    )
    nearer = np.abs(run["positions"][:, 1] - 0.5)
    inside = np.flatnonzero(nearer <= width / 2)
    case = {"timescale_ratio": ratio, "activation_width": width}
    largest = nearer[inside[0] if inside.size else 0 :].max()
    margin = min(width / 2 - nearer.min(), width - largest)
    return claim("P4", 0.1 - ratio, margin, case)


def proof_sketch() -> list[Claim]:
    """P4: the jump and the positions of the paper's sketch."""
    return [_sketch(1e-3, 0.05)]


def proof_sketch_at_a_large_ratio() -> list[Claim]:
    """P4 with positions faster than weights: the nearer neuron does not come and stay."""
    return [_sketch(30.0, 0.05)]


CASES = (main_theorem, limit_theorem, proof_sketch)
BREAKING = (
    main_theorem_with_one_neuron,
    limit_theorem_with_few_neurons,
    proof_sketch_at_a_large_ratio,
)
