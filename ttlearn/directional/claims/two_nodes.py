"""The two-node network: exact facts, D6 near alignment, and the global statement as measured."""

from __future__ import annotations

import functools
import math

import numpy as np

from ttlearn.directional.checks import Array
from ttlearn.directional.claims.common import DERIVED, TEACHER, Text, make
from ttlearn.directional.heavy import HeavyCentre
from ttlearn.directional.late_modes import late_modes, leading_size, mode_ratio
from ttlearn.directional.law import Law
from ttlearn.directional.laws import Gaussian, Sphere
from ttlearn.directional.tables import Tabulated
from ttlearn.directional.two_nodes import two_node_flow, two_node_gradient
from ttlearn.records import Claim, Trajectory

CIRCLE = Sphere(2)
LAST = 1000.0
FLOW_TIMES = np.concatenate([[0.0], np.geomspace(0.01, LAST, 40)])
STARTS = (
    ((0.3, 1.1), (0.5, -0.9)),
    ((-2.0, 1.0), (1.5, 0.4)),
    ((0.2, -0.3), (-0.4, -2.0)),
)

MONOTONE: Text = (
    "Two nodes, monotone",
    "Two-node network, no zero neuron, the teacher's own labels: v.w1 strictly increases and v.w2 "
    "strictly decreases, for every start and leak; there is no stationary point.",
    DERIVED,
    "derived",
)
ANTIPODAL: Text = (
    "Antipodal manifold",
    "With w2 = -w1 the vector 2p w1, p = (1+leak)/2, obeys the linear flow at (1+leak)^2/2 times "
    "its speed.",
    DERIVED,
    "derived",
)
D6: Text = (
    "D6",
    "Near alignment the transverse parts obey two linear modes: the common mode b1 + b2 decays "
    "slower than the difference, by the factor R = ((1-leak)/(1+leak))^2 in the exponent.",
    DERIVED,
    "derived",
)
D6_RATES: Text = (
    "D6, rates",
    "Late two-node network: e ~ ((3/2)(1+leak)^2 K t)^{1/3}, -ln|b1+b2| ~ R (k/2K) e^2, and "
    "e1 - e2 ~ e^{-2R}.",
    DERIVED,
    "derived",
)
GLOBAL: Text = (
    "Two nodes, global",
    "Every start that was tried reaches alignment, w1 to v and w2 to -v, for leak below 1. "
    "Measured, not proven: of 96 random starts (circle, sphere and Gaussian, plane and space, "
    "leak 0, 0.1, 0.4, norms 0.1 to 8) both angles are below 1e-3 in 93 by time 3300 and in all 96 "
    "by time 30,000; |b_i|/a_i -> 0 has no proof here.",
    "measured in this project; that a theorem exists is the paper's, its text was not seen",
    "measured",
)


@functools.lru_cache(maxsize=32)
def _flow(law: Law, first: tuple[float, ...], second: tuple[float, ...], leak: float) -> Trajectory:
    return two_node_flow(law, first, second, FLOW_TIMES, leak, rtol=1e-7)


def monotone(law: Law, first: tuple[float, ...], second: tuple[float, ...], leak: float) -> Claim:
    """The components along the teacher, along the flow to t = 1000."""
    run = _flow(law, first, second, leak)
    rises = np.diff(run["first"][:, 0]).min(), (-np.diff(run["second"][:, 0])).min()
    return make(
        MONOTONE,
        ("no neuron is zero", float(min(np.linalg.norm(first), np.linalg.norm(second)))),
        ("v.w1 increases and v.w2 decreases between all samples", float(min(rises))),
        law=law.name,
        first=first,
        second=second,
        leak=leak,
    )


def monotone_noisy(law: Law, leak: float, flip: float) -> Claim:
    """A state near alignment where rare wrong labels already push both neurons back."""
    first, second = [3.0, 0.2], [-2.0, 0.3]
    slopes = two_node_gradient(law, first, second, leak)
    lost = 2 * flip * (1 + leak) / 2 * law.k
    return make(
        MONOTONE,
        ("labels are the teacher's", -flip),
        (
            "v.w1 increases and v.w2 decreases",
            float(min(-slopes[0][0] - lost, slopes[1][0] - lost)),
        ),
        law=law.name,
        first=tuple(first),
        second=tuple(second),
        leak=leak,
        flip=flip,
    )


def antipodal(law: Law, vector: tuple[float, float], leak: float, tilt: float = 0.0) -> Claim:
    """The force on 2p w1 against the linear predictor's; ``tilt`` leaves the manifold."""
    first = np.array(vector)
    found = -two_node_gradient(law, first, [0.0, tilt] - first, leak)[0]
    share = (1 + leak) / 2
    linear = 2 * share * first
    said = 2 * share**2 * (law.k * TEACHER - law.m(np.linalg.norm(linear)) * linear)
    error = float(np.abs(2 * share * found - said).max())
    return make(
        ANTIPODAL,
        ("w2 = -w1", 1.0 if tilt == 0 else -abs(tilt)),
        ("the forces differ by less than 1e-12", 1e-12 - error),
        law=law.name,
        vector=vector,
        leak=leak,
        tilt=tilt,
    )


def d6(law: Law, leak: float, size: float = 1e-4) -> Claim:
    """The exact transverse force against the two modes, at transverse parts of a given size."""
    slopes = two_node_gradient(law, [3.0, size], [-2.0, 0.6 * size], leak)
    e1, e2 = 3.0 + leak * 2.0, 2.0 + leak * 3.0
    m1, m2 = float(law.m(e1)), float(law.m(e2))
    mixing = leak * (m1 + m2) / 2
    said: Array = np.array(
        [
            -(m1 + leak**2 * m2) / 2 * size + mixing * 0.6 * size,
            -(m2 + leak**2 * m1) / 2 * 0.6 * size + mixing * size,
        ]
    )
    found = -np.array([slope[1] for slope in slopes])
    error = float(np.abs(found - said).max() / np.abs(said).max())
    return make(
        D6,
        ("transverse parts below 1e-2 of the norms", 1e-2 - size / 2),
        ("relative difference below 1e-4", 1e-4 - error),
        law=law.name,
        leak=leak,
        size=size,
    )


def d6_rates(law: Law, leak: float) -> Claim:
    """Size, common mode and size gap at t = 1e8 by the mode equations."""
    run = late_modes(law, 5.0, 4.0, [1e6, 1e8], leak, rtol=1e-11)
    size, ratio = run["size"], mode_ratio(leak)
    growth = float(size[1] / leading_size(law, [1e8], leak)[0])
    decay = float(-run["log_common"][1] / (ratio * law.k / (2 * law.tail) * size[1] ** 2))
    gap = math.log(run["size_gap"][1] / run["size_gap"][0]) / math.log(size[1] / size[0])
    worst = max(abs(growth - 1), abs(decay - 1), abs(gap + 2 * ratio))
    return make(
        D6_RATES,
        ("E[1/r] is finite", 1.0 if math.isfinite(law.density_at_zero) else -1.0),
        ("size, common mode and gap exponent within 1e-3 of theory", 1e-3 - worst),
        law=law.name,
        leak=leak,
        size_over_leading=growth,
        common_over_leading=decay,
        gap_exponent=gap,
        gap_theory=-2 * ratio,
    )


def reaches_alignment(
    law: Law, starts: tuple[tuple[tuple[float, float], tuple[float, float]], ...], leak: float
) -> Claim:
    """The larger of the two neuron angles at t = 1000, over several starts."""
    runs = [_flow(law, first, second, leak) for first, second in starts]
    worst = max(max(run["first_angle"][-1], run["second_angle"][-1]) for run in runs)
    return make(
        GLOBAL,
        ("the leak is below 1", 1 - leak if leak < 1 else -1.0),
        ("both neuron angles below 1e-2 at t = 1000", 1e-2 - float(worst)),
        law=law.name,
        starts=len(starts),
        leak=leak,
        largest_angle=float(worst),
    )


def satisfied() -> list[Claim]:
    """Every statement of this module on cases that meet its hypothesis."""
    table = Tabulated(Gaussian())
    return [
        *(monotone(CIRCLE, *start, leak=0.1) for start in STARTS),
        antipodal(CIRCLE, (0.7, 1.1), 0.0),
        antipodal(CIRCLE, (-2.0, 0.5), 0.3),
        d6(CIRCLE, 0.0),
        d6(CIRCLE, 0.4),
        d6_rates(table, 0.1),
        d6_rates(table, 0.3),
        reaches_alignment(CIRCLE, STARTS, 0.1),
    ]


def broken() -> list[Claim]:
    """One hypothesis dropped at a time."""
    return [
        monotone_noisy(CIRCLE, 0.1, 0.2),
        antipodal(CIRCLE, (0.7, 1.1), 0.0, tilt=0.5),
        d6(CIRCLE, 0.4, size=1.0),
        d6_rates(Tabulated(HeavyCentre(0.5)), 0.1),
        reaches_alignment(CIRCLE, STARTS, 1.0),
    ]
