"""Lemmas 3 and 4 and Theorem 5: the deep network's bounds, corrected and as printed."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional.checks import Array
from ttlearn.directional.claims.common import (
    CIRCLE,
    DECAY,
    PAPER,
    PAPER_ANGLE,
    ROUNDING,
    TIMES,
    Text,
    lowest,
    make,
    path,
    tilted,
    unbalanced,
)
from ttlearn.directional.deep import balanced_layers, deep_force, end_to_end
from ttlearn.directional.law import AnyLaw, Law
from ttlearn.directional.laws import Gaussian
from ttlearn.precision import in_float64
from ttlearn.records import Claim

LEMMA_3: Text = (
    "Lemma 3",
    "Balanced deep linear network: d cos(theta)/dt = (c0/pi) sin^2(theta) rho^{1-2/N}.",
    f"{PAPER}, Lemma 3",
    "paper",
)


@jax.jit
def _velocity(law: AnyLaw, layers: tuple[Any, ...]) -> tuple[jax.Array, jax.Array]:
    """The network's vector and its rate of change along the flow, by the derivative."""
    forces = deep_force(law, layers, jnp.eye(layers[0].shape[1])[0])
    return jax.jvp(end_to_end, (layers,), (forces,))


@in_float64
def lemma_3(law: Law, depth: int, width: int, tilt: float = 1.0) -> Claim:
    """The turning rate of the whole network's weights; ``tilt`` unbalances the first layer."""
    vector = np.array([0.6, -0.8, 0.5])
    layers = tilted(balanced_layers(vector, depth, width), tilt)
    w, speed = map(np.asarray, _velocity(law.arrays(), layers))
    norm = float(np.linalg.norm(w))
    cos = w[0] / norm
    found = (speed[0] - cos * (w @ speed) / norm) / norm
    said = law.k * (1 - cos * cos) * norm ** (1 - 2 / depth)
    return make(
        LEMMA_3,
        ("the layers are balanced", 1.0 if tilt == 1.0 else -abs(tilt - 1)),
        ("the rates differ by less than 1e-12", 1e-12 - abs(float(found - said))),
        law=law.name,
        depth=depth,
        width=width,
        tilt=tilt,
    )


LEMMA_4: Text = (
    "Lemma 4",
    "Depth N > 2, balanced: (rho0^{2/N} + 0.6 t)^{N/2} >= rho >= "
    "(rho0^{2/N-1} + (N-2) c0 t)^{-N/(N-2)}, and the norm falls, then rises.",
    f"{PAPER}, Lemma 4",
    "paper",
)


def _lemma_4_margin(law: Law, depth: int, times: Array, norms: Array) -> float:
    start = norms[0]
    upper = (start ** (2 / depth) + DECAY * times) ** (depth / 2)
    lower = (start ** (2 / depth - 1) + (depth - 2) * law.plane_radius * times) ** (
        -depth / (depth - 2)
    )
    return float(min((np.log(upper / norms)).min(), np.log(norms / lower).min())) + ROUNDING


def lemma_4(law: Law, norm: float, angle: float, depth: int) -> Claim:
    """The logarithms of the ratios to both bounds, along the flow."""
    run = path(law, norm, angle, depth)
    times, norms = np.append(0.0, run.times), np.append(norm, run["norm"])
    return make(
        LEMMA_4,
        ("the layers are balanced and N > 2", 1.0 if depth > 2 else -1.0),
        ("both bounds hold", _lemma_4_margin(law, depth, times, norms)),
        law=law.name,
        norm=norm,
        angle=angle,
        depth=depth,
    )


def lemma_4_unbalanced(law: Law, depth: int = 3, tilt: float = 4.0) -> Claim:
    """The same end-to-end vector with unbalanced layers falls faster than the bound allows."""
    run = unbalanced(law, depth, tilt, np.linspace(0.0, 3.0, 31))
    return make(
        LEMMA_4,
        ("the layers are balanced", 1 - tilt),
        ("both bounds hold", _lemma_4_margin(law, depth, run.times, run["norm"])),
        law=law.name,
        depth=depth,
        tilt=tilt,
    )


THEOREM_5: Text = (
    "Theorem 5",
    "Depth N > 2: until T, cos(theta) >= 1 - 2/(C1 (1 + A1 t/B1)^al + 1) with al = 2/(pi(N-2)); "
    "after, >= 1 - 2/(e^{A2 (t-T) - 2 y_T} + 1) with A2 = (2 c0/pi) rho_T^{1-2/N}; and from above "
    "cos(theta) <= 1 - 2/(e^{F[(0.6t+D)^{N/2} - D^{N/2}] - 2 y0} + 1).",
    f"{PAPER}, Theorem 5, with al and A2 corrected",
    "derived",
)
THEOREM_5_FIRST_PRINTED: Text = (
    "Theorem 5 as printed, first phase",
    "The first bound of Theorem 5 with the exponent al = 2 c0/pi of the extracted text.",
    f"{PAPER}, Theorem 5, text as extracted from the submission",
    "paper",
)
THEOREM_5_SECOND_PRINTED: Text = (
    "Theorem 5 as printed, second phase",
    "The second bound of Theorem 5 with rho_T^{2-2/N} of the extracted text.",
    f"{PAPER}, Theorem 5, text as extracted from the submission",
    "paper",
)


def theorem_5_slacks(
    law: Law, norm: float, angle: float, depth: int, power: float | None = None, extra: float = 0.0
) -> dict[str, Array]:
    """Slacks of the exponent: ``first`` (t <= T), ``second`` (t >= T) and ``upper``.

    ``power`` replaces the exponent al; ``extra`` is added to the power of rho_T.
    """
    c0, y0 = law.plane_radius, math.log(math.tan(angle / 2))
    low = lowest(law, norm, angle, depth)
    doubled = -2 * path(law, norm, angle, depth)["log_half_angle"]
    power = 2 / (math.pi * (depth - 2)) if power is None else power
    growth = 1 + (depth - 2) * c0 * TIMES / norm ** (2 / depth - 1)
    first = doubled - (power * np.log(growth) - 2 * y0)
    rate = 2 * c0 / math.pi * low.norm ** (1 - 2 / depth + extra)
    second = doubled - (rate * (TIMES - low.time) - 2 * low.log_half_angle)
    level, factor = norm ** (2 / depth), 4 * c0 / (DECAY * depth * math.pi)
    grown = (DECAY * TIMES + level) ** (depth / 2) - level ** (depth / 2)
    early = low.time >= TIMES
    return {
        "first": first[early],
        "second": second[~early],
        "upper": factor * grown - 2 * y0 - doubled,
    }


def theorem_5(law: Law, norm: float, angle: float, depth: int) -> Claim:
    """The smallest of the three slacks along the flow to t = 1e8."""
    slacks = theorem_5_slacks(law, norm, angle, depth)
    return make(
        THEOREM_5,
        ("N > 2 and the layers are balanced", float(depth - 2)),
        ("least slack of the exponents", min(s.min() for s in slacks.values()) + ROUNDING),
        law=law.name,
        norm=norm,
        angle=angle,
        depth=depth,
    )


def theorem_5_unbalanced(law: Law, depth: int = 3, tilt: float = 4.0) -> Claim:
    """Unbalanced layers turn faster than the upper bound allows."""
    run = unbalanced(law, depth, 1 / tilt, np.linspace(0.0, 3.0, 31))
    doubled = -2 * np.log(np.tan(run["angle"] / 2))
    factor = 4 * law.plane_radius / (DECAY * depth * math.pi)
    bound = factor * ((DECAY * run.times + 1) ** (depth / 2) - 1) + doubled[0]
    return make(
        THEOREM_5,
        ("the layers are balanced", 1 - tilt),
        ("slack of the upper bound", float((bound - doubled).min())),
        law=law.name,
        depth=depth,
        tilt=tilt,
    )


def theorem_5_printed(phase: str, law: Law, norm: float, angle: float, depth: int) -> Claim:
    """The printed form of one phase, ``"first"`` (E2) or ``"second"`` (E3)."""
    first = phase == "first"
    change: dict[str, Any] = {"power": 2 * law.plane_radius / math.pi} if first else {"extra": 1.0}
    slack = theorem_5_slacks(law, norm, angle, depth, **change)[phase]
    return make(
        THEOREM_5_FIRST_PRINTED if first else THEOREM_5_SECOND_PRINTED,
        ("N > 2 and the layers are balanced", float(depth - 2)),
        ("least slack of the exponent", float(slack.min()) + ROUNDING),
        law=law.name,
        norm=norm,
        angle=angle,
        depth=depth,
    )


def satisfied() -> list[Claim]:
    """Every statement of this module on cases that meet its hypothesis."""
    return [
        lemma_3(Gaussian(), 3, 4),
        lemma_3(CIRCLE.scaled(2.0), 2, 1),
        lemma_4(CIRCLE, 1.0, PAPER_ANGLE, 4),
        theorem_5(CIRCLE, 1.0, PAPER_ANGLE, 4),
        theorem_5(CIRCLE, 20.0, 1.0, 4),
    ]


def printed_forms() -> list[Claim]:
    """The extracted texts on the cases that refute them: the verdict is ``fails``."""
    return [
        theorem_5_printed("first", CIRCLE, 1.0, PAPER_ANGLE, 4),
        theorem_5_printed("second", CIRCLE, 20.0, 1.0, 4),
    ]


def broken() -> list[Claim]:
    """One hypothesis dropped at a time."""
    return [
        lemma_3(Gaussian(), 3, 4, tilt=2.0),
        lemma_4_unbalanced(CIRCLE),
        theorem_5_unbalanced(CIRCLE),
    ]
