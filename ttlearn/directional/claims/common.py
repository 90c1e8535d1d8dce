"""What the claims share: sources, cached trajectories, forces computed in an independent way."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ttlearn.directional.checks import Array
from ttlearn.directional.deep import balanced_layers, deep_flow
from ttlearn.directional.flow import flow
from ttlearn.directional.law import Law
from ttlearn.directional.laws import Sphere
from ttlearn.directional.orbits import TurningPoint, turning_point
from ttlearn.directional.quadrature import gauss_legendre
from ttlearn.records import Claim, Provenance, Trajectory

PAPER = "Lin, Sun & Zhang 2021"
DERIVED = "derived in this project"
TIMES = np.geomspace(1e-3, 1e8, 133)  # 12 to the decade: one number of times, so one compiled flow
PAPER_ANGLE = math.acos(-0.8)  # the paper's own run starts at (0.6, -0.8), v = (0, 1)
DECAY = 0.6  # the paper's bound on 2 E[z sigma(-z)]
TEACHER = np.array([1.0, 0.0])
ROUNDING = 1e-8  # the bounds start with equality
CIRCLE = Sphere(2)
SQUEEZED = np.diag([1.0, 4.0])  # a covariance that is not spherically symmetric
SQUEEZED_NAME = "Gaussian, covariance diag(1, 4)"
SQUEEZED_TEACHER = np.array([math.cos(0.7), math.sin(0.7)])  # no eigenvector of it
Text = tuple[str, str, str, Provenance]


def make(
    text: Text,
    hypothesis: tuple[str, float],
    conclusion: tuple[str, float],
    **case: Any,
) -> Claim:
    """A Claim from (name, statement, source, provenance), hypothesis, conclusion and case."""
    plain = {
        key: value if isinstance(value, int | float) else str(value) for key, value in case.items()
    }
    return Claim(*text, hypothesis[0], hypothesis[1], conclusion[0], conclusion[1], plain)


@functools.lru_cache(maxsize=64)
def path(law: Law, norm: float, angle: float, depth: int) -> Trajectory:
    """The flow at :data:`TIMES`, computed once."""
    return flow(law, norm, angle, TIMES, depth, rtol=1e-11)


@functools.lru_cache(maxsize=64)
def lowest(law: Law, norm: float, angle: float, depth: int) -> TurningPoint:
    """The turning point, computed once."""
    return turning_point(law, norm, angle, depth)


def tilted(layers: tuple[Array, ...], tilt: float) -> tuple[Array, ...]:
    """The same product of matrices with its first layer ``tilt`` times as large."""
    return (tilt * layers[0], *layers[1:-1], layers[-1] / tilt)


def unbalanced(law: Law, depth: int, tilt: float, times: Array) -> Trajectory:
    """The flow of unbalanced layers of width 1 from the paper's own start."""
    layers = balanced_layers([-0.8, 0.6], depth)
    return deep_flow(law, tilted(layers, tilt), times)


def direct_force(law: Law, weights: Array, covariance: Array | None = None) -> Array:
    """E[y x sigma(-y w.x)] in the plane, summed over length and direction of x.

    Uses neither the master identity nor g, h, m: what the claims about forces are checked with.
    The teacher is the first axis. For a covariance, x is replaced by its square root times x.
    """
    root = np.eye(2) if covariance is None else np.linalg.cholesky(covariance)
    nodes, node_weights = gauss_legendre(160)
    # The label changes sign where the teacher's row of the root does: integrate half turns.
    edge = math.atan2(root[0, 1], root[0, 0]) - math.pi / 2
    psi = edge + math.pi * nodes
    points = root @ np.stack([np.cos(psi), np.sin(psi)])
    r, weight = law.plane_rule()
    margin = np.clip(r[:, None] * (np.asarray(weights) @ points), -700, 700)
    push = (weight * r) @ (1 / (1 + np.exp(margin)))
    return np.asarray(points @ (node_weights * push))


def fitted(run: Trajectory, name: str, first: float, last: float) -> tuple[float, float]:
    """A measured power of time and its uncertainty.

    The power is the slope of ln|value| against ln t over the last decade up to ``last``; the
    uncertainty is how much it differs from the slope over the decade after ``first``.
    """
    values = run.losses if name == "loss" else run[name]

    def slope(start: float, end: float) -> float:
        low, high = np.searchsorted(run.times, [0.999 * start, 0.999 * end])
        rise = math.log(abs(values[high] / values[low]))
        return rise / math.log(run.times[high] / run.times[low])

    late = slope(last / 10, last)
    return late, abs(late - slope(first, 10 * first))
