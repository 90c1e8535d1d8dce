"""Claims about the network itself: conditioning, smoothing, floor, Gram matrix."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.precision import in_float64
from ttlearn.records import Claim
from ttlearn.two_timescale.claims.statements import claim
from ttlearn.two_timescale.network import loss
from ttlearn.two_timescale.quadratic_form import gram, plateau_gram
from ttlearn.two_timescale.target import PAPER_TARGET

_loss = jax.jit(lambda a, u, width: loss(a, u, PAPER_TARGET, width))
_gram = jax.jit(gram)


def _sharp_gram(positions: np.ndarray) -> np.ndarray:
    points = np.concatenate([[0.0], positions])
    return 1.0 - np.maximum.outer(points, points)


def _smallest_gap(positions: np.ndarray) -> float:
    return float(np.min(np.diff(np.concatenate([[0.0], positions, [1.0]]))))


def conditioning(draws: int = 100, neurons: int = 12, seed: int = 0) -> list[Claim]:
    """D5 on random starts."""
    starts = np.sort(np.random.default_rng(seed).random((draws, neurons)), axis=1)
    ratios = [np.linalg.eigvalsh(_sharp_gram(u))[0] / (_smallest_gap(u) / 4) - 1 for u in starts]
    case = {"draws": draws, "neurons": neurons, "seed": seed, "worst": float(min(ratios))}
    return [claim("D5", draws - 1, min(ratios), case)]


@in_float64
def conditioning_of_wide_steps() -> list[Claim]:
    """D5 with steps far wider than a gap: two neurons act as one."""
    u = np.array([0.3, 0.301, 0.7])
    least = np.linalg.eigvalsh(np.asarray(_gram(u, 0.2)))[0]
    margin = least / (_smallest_gap(u) / 4) - 1
    return [claim("D5", -1.0, margin, {"activation_width": 0.2, "gap": 1e-3})]


def _smoothing_margin(a: np.ndarray, u: np.ndarray, width: float, against: float) -> float:
    smooth, sharp = float(_loss(a, u, width)), float(_loss(a, u, against))
    bound = np.sqrt(width / 28) * np.sum(np.abs(a[1:]))
    return float(bound - abs(np.sqrt(smooth) - np.sqrt(sharp)))


@in_float64
def smoothing(draws: int = 50, seed: int = 0) -> list[Claim]:
    """D6 on random networks; a width of 1e-12 stands for 0."""
    rng = np.random.default_rng(seed)
    margins = [
        _smoothing_margin(rng.normal(size=6), rng.random(5), 0.02, 1e-12) for _ in range(draws)
    ]
    return [claim("D6", draws - 1, min(margins), {"draws": draws, "activation_width": 0.02})]


@in_float64
def smoothing_of_another_network() -> list[Claim]:
    """D6 where the sharp network stands elsewhere: the bound is about one network only."""
    a, u = np.array([1.0, 4, -4, 2, -2, 4]), np.asarray(PAPER_TARGET.jumps)
    smooth, sharp = float(_loss(a, u, 1e-3)), float(_loss(a, u + 0.05, 1e-12))
    bound = np.sqrt(1e-3 / 28) * np.sum(np.abs(a[1:]))
    margin = bound - abs(np.sqrt(smooth) - np.sqrt(sharp))
    return [claim("D6", -1.0, margin, {"moved_by": 0.05})]


def _floor_claim(width: float) -> Claim:
    a = np.concatenate([PAPER_TARGET.values[:1], PAPER_TARGET.jump_sizes])
    value = float(_loss(a, np.asarray(PAPER_TARGET.jumps), width))
    off = abs(value - PAPER_TARGET.floor(width))
    case = {"activation_width": width, "loss": value}
    return claim("floor", PAPER_TARGET.shortest_piece - width, 1e-12 - off, case)


@in_float64
def floor() -> list[Claim]:
    """The floor of the paper's loss curves, 0.008."""
    return [_floor_claim(4e-3)]


@in_float64
def floor_of_overlapping_windows() -> list[Claim]:
    """Windows wider than the pieces overlap, and the floor is another one."""
    return [_floor_claim(0.3)]


def _gram_claim(positions: np.ndarray, width: float) -> Claim:
    found = np.asarray(plateau_gram(jnp.asarray(positions), width))
    lengths = np.diff(np.concatenate([[0.0], positions, [1.0]]))
    beside = 5 * width / 56
    diagonal = lengths - 2 * beside
    diagonal[[0, -1]] += beside
    size = lengths.size - 1
    expected = np.diag(diagonal) + beside * (np.eye(size + 1, k=1) + np.eye(size + 1, k=-1))
    off = float(np.max(np.abs(found - expected)))
    gap = float(np.min(np.diff(positions)))
    case = {"positions": positions.tolist(), "activation_width": width}
    return claim("Gram", (gap - width) / width, 1e-12 - off, case)


@in_float64
def gram_structure() -> list[Claim]:
    """The Gram matrix of five neurons apart."""
    return [_gram_claim(np.array([0.1, 0.25, 0.3, 0.6, 0.8]), 0.02)]


@in_float64
def gram_of_overlapping_neurons() -> list[Claim]:
    """Two neurons within a width, the rule at random starts: the band widens."""
    return [_gram_claim(np.array([0.1, 0.25, 0.26, 0.6, 0.8]), 0.02)]


CASES = (conditioning, smoothing, floor, gram_structure)
BREAKING = (
    conditioning_of_wide_steps,
    smoothing_of_another_network,
    floor_of_overlapping_windows,
    gram_of_overlapping_neurons,
)
