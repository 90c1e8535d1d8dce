"""Lemma 2 and Theorem 1: the linear predictor's bounds, corrected and as printed.

A bound cos(theta) >= 1 - 2/(e^X + 1) says -2y >= X. Its slack is -2y - X: no cancellation, however
small the angle. Where the extracted text and a derivation disagree, both stand here.
"""

from __future__ import annotations

import math

import numpy as np

from ttlearn.directional.anisotropic import anisotropic_flow
from ttlearn.directional.checks import Array
from ttlearn.directional.claims.common import (
    CIRCLE,
    DECAY,
    PAPER,
    PAPER_ANGLE,
    ROUNDING,
    SQUEEZED,
    SQUEEZED_NAME,
    SQUEEZED_TEACHER,
    TIMES,
    Text,
    lowest,
    make,
    path,
)
from ttlearn.directional.law import Law
from ttlearn.directional.laws import Gaussian
from ttlearn.directional.orbits import TurningPoint
from ttlearn.records import Claim

LEMMA_2: Text = (
    "Lemma 2",
    "If the norm falls at the start, it reaches one minimum at a finite time and then increases "
    "to infinity.",
    f"{PAPER}, Lemma 2",
    "paper",
)


def lemma_2(law: Law, norm: float, angle: float, depth: int = 1) -> Claim:
    """The norm along the flow changes from falling to rising once, and ends above its start."""
    run = path(law, norm, angle, depth)
    rises = np.diff(run["norm"]) > 0
    turns = int(np.count_nonzero(rises[1:] != rises[:-1]))
    grown = float(run["norm"][-1] / norm - 1)
    return make(
        LEMMA_2,
        ("the start is not antiparallel", math.pi - angle if angle < math.pi else -1.0),
        (
            "one turn, and the norm at t = 1e8 exceeds the start's",
            grown if turns == 1 and not rises[0] else -1.0 - turns,
        ),
        law=law.name,
        norm=norm,
        angle=angle,
        depth=depth,
    )


THEOREM_1: Text = (
    "Theorem 1",
    "Linear predictor: cos(theta) >= 1 - 2/(e^{A1 t + B1} + 1) until the norm is smallest at T, "
    "and >= 1 - 2/(e^{A2 sqrt(t - T + C2) + B2} + 1) after, with A2 = 4 c0/(sqrt(0.6) pi).",
    f"{PAPER}, Theorem 1, with A2 corrected",
    "derived",
)
THEOREM_1_PRINTED: Text = (
    "Theorem 1 as printed",
    "The same with A2 = 4 c0/sqrt(0.6 pi), as the submission's extracted text reads.",
    f"{PAPER}, Theorem 1, text as extracted from the submission",
    "paper",
)


def theorem_1_slack(law: Law, norm: float, angle: float, printed: bool = False) -> Array:
    """-2y minus the bound's exponent along the flow, at the claims' times."""
    low = lowest(law, norm, angle, 1)
    doubled = -2 * path(law, norm, angle, 1)["log_half_angle"]
    return doubled - _theorem_1_exponent(law.plane_radius, norm, angle, low, TIMES, printed)


def _theorem_1_exponent(
    c0: float, norm: float, angle: float, low: TurningPoint, times: Array, printed: bool = False
) -> Array:
    rate = 4 * c0 / (math.sqrt(DECAY * math.pi) if printed else math.sqrt(DECAY) * math.pi)
    waited = low.norm**2 / DECAY
    offset = -2 * low.log_half_angle - 4 * c0 * low.norm / (DECAY * math.pi)
    before = 2 * c0 / (math.pi * norm) * times - 2 * math.log(math.tan(angle / 2))
    after = rate * np.sqrt(np.maximum(times - low.time, 0) + waited) + offset
    return np.where(low.time >= times, before, after)


def theorem_1(law: Law, norm: float, angle: float, printed: bool = False) -> Claim:
    """The smallest slack of Theorem 1 along the flow to t = 1e8."""
    return make(
        THEOREM_1_PRINTED if printed else THEOREM_1,
        ("the start is not antiparallel", math.pi - angle),
        (
            "least slack of the exponent",
            float(theorem_1_slack(law, norm, angle, printed).min()) + ROUNDING,
        ),
        law=law.name,
        norm=norm,
        angle=angle,
    )


def theorem_1_anisotropic() -> Claim:
    """Unequal variances: the angle falls like t^{-2/3}, far behind any e^{-c sqrt(t)}."""
    times = TIMES[TIMES < 1.01e5]
    start = np.array([0.6, -0.8])
    run = anisotropic_flow(SQUEEZED, start, times, SQUEEZED_TEACHER, rtol=1e-8)
    y = np.log(np.tan(np.abs(run["angle"]) / 2))
    at = int(np.argmin(run["norm"]))
    low = TurningPoint(float(times[at]), float(run["norm"][at]), float(y[at]), run["angle"][at])
    angle = math.acos(float(start @ SQUEEZED_TEACHER))
    # The least mean length over all planes: the weakest bound that the theorem could mean.
    bound = _theorem_1_exponent(Gaussian().plane_radius, 1.0, angle, low, times)
    return make(
        THEOREM_1,
        ("the law is spherically symmetric", -1.0),
        ("least slack of the exponent", float((-2 * y - bound).min())),
        law=SQUEEZED_NAME,
    )


def satisfied() -> list[Claim]:
    """Every statement of this module on cases that meet its hypothesis."""
    return [
        lemma_2(CIRCLE, 1.0, PAPER_ANGLE, 1),
        lemma_2(CIRCLE, 1.0, PAPER_ANGLE, 4),
        lemma_2(Gaussian(), 1.0, 2.0, 2),
        theorem_1(CIRCLE, 1.0, PAPER_ANGLE),
        theorem_1(Gaussian(), 1.0, 2.0),
    ]


def printed_forms() -> list[Claim]:
    """The extracted text on the case that refutes it: the verdict is ``fails``."""
    return [theorem_1(CIRCLE, 1.0, PAPER_ANGLE, printed=True)]


def broken() -> list[Claim]:
    """One hypothesis dropped at a time."""
    return [lemma_2(Gaussian(), 1.0, math.pi, 2), theorem_1_anisotropic()]
