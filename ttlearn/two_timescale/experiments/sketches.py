"""E1, E2 and E9: the paper's drawings, from the exact formulas instead of by hand."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from ttlearn.precision import in_float64
from ttlearn.two_timescale.experiments.outcome import Check, Outcome, table
from ttlearn.two_timescale.fast_layer import cell_means, sharp_fast_solution
from ttlearn.two_timescale.target import Target

SKETCH_TARGET = Target([0.35, 0.78], [0.1, 0.95, 0.65])
E1_WEIGHTS = np.array([0.07, 0.5, 0.24, -0.34])
E1_POSITIONS = np.array([0.2, 0.4, 0.65])
E1_WIDTH = 0.1
E2_POSITIONS = np.array([0.13, 0.22, 0.43, 0.52, 0.58, 0.7, 0.91])
E9_TARGET = Target([0.5], [0.2, 0.9])
E9_WIDTH = 0.05


def notation(**_: object) -> Outcome:
    """E1: the network of the notation sketch."""
    record = _state(E1_WEIGHTS, E1_POSITIONS, SKETCH_TARGET, E1_WIDTH)
    shortest = SKETCH_TARGET.shortest_piece
    checks = (
        Check("shortest piece", shortest, 0.22 - 1e-12, 0.22 + 1e-12),
        Check("smallest jump", SKETCH_TARGET.smallest_jump, 0.3 - 1e-12, 0.3 + 1e-12),
    )
    return Outcome("E1", record, checks)


@in_float64
def limit_sketch(**_: object) -> Outcome:
    """E2: plateaus at their optimum and the speeds of the four flanks.

    This differs from the paper's drawing: the plateaus beside the jumps are the exact optimum for
    these positions, and the arrows have the exact lengths.
    """
    u = jnp.asarray(E2_POSITIONS)
    means = np.asarray(cell_means(u, SKETCH_TARGET))
    weights = np.asarray(sharp_fast_solution(u, SKETCH_TARGET))
    speeds = []
    for jump, size in zip(SKETCH_TARGET.jumps, SKETCH_TARGET.jump_sizes, strict=True):
        right = int(np.searchsorted(E2_POSITIONS, jump))
        to_left, to_right = jump - E2_POSITIONS[right - 1], E2_POSITIONS[right] - jump
        span = (to_left + to_right) ** 2
        speeds += [size**2 * to_right**2 / span, size**2 * to_left**2 / span]
    record = _state(weights, E2_POSITIONS, SKETCH_TARGET, 0.0, speeds=np.array([speeds]))
    wanted = (0.423809523809524, 0.764285714285714)
    speed = (0.104852608, 0.276876417, 0.034489796, 0.013061224)
    checks = [
        Check(f"plateau around {jump}", float(means[cell]), value - 1e-12, value + 1e-12)
        for jump, cell, value in zip((0.35, 0.78), (2, 6), wanted, strict=True)
    ]
    checks += [
        Check(f"speed of flank {place}", float(found), value - 1e-9, value + 1e-9)
        for place, found, value in zip((0.22, 0.43, 0.7, 0.91), speeds, speed, strict=True)
    ]
    return Outcome("E2", record, tuple(checks))


@in_float64
def proof_sketch(**_: object) -> Outcome:
    """E9: two panels, the race to a window of one width and the stay in one of two."""
    racing = np.array([0.37, 0.68])
    arrived = np.array([0.545, 0.68])
    weights = [
        np.asarray(sharp_fast_solution(jnp.asarray(u), E9_TARGET)) for u in (racing, arrived)
    ]
    meta = _meta(E9_TARGET, E9_WIDTH) | {"time": "panel"}
    record = table(
        [0.0, 1.0], meta, positions=np.stack([racing, arrived]), outer_weights=np.stack(weights)
    )
    nearest = float(np.min(np.abs(arrived - 0.5)))
    checks = (
        Check("distance in the right panel", nearest, 0.0, E9_WIDTH),
        Check("outer flank in the left panel", float(racing[0]), 0.0, 0.5 - E9_WIDTH / 2),
    )
    return Outcome("E9", record, checks)


def _state(weights, positions, target, width, **more):  # type: ignore[no-untyped-def]
    arrays = {"outer_weights": weights[None], "positions": positions[None], **more}
    return table([0.0], _meta(target, width), **arrays)


def _meta(target: Target, width: float) -> dict[str, object]:
    return {
        "time": "slow_time",
        "dynamics": "sketch",
        "activation_width": width,
        "jumps": target.jumps.tolist(),
        "values": target.values.tolist(),
    }
