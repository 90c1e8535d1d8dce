"""Theorems 2 to 4, the growth of their step sums, and D4: gradient descent at any step size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ttlearn.directional.checks import Array
from ttlearn.directional.claims.common import (
    DECAY,
    DERIVED,
    PAPER,
    PAPER_ANGLE,
    SQUEEZED,
    SQUEEZED_NAME,
    SQUEEZED_TEACHER,
    Text,
    make,
)
from ttlearn.directional.descent import critical_norm, descent
from ttlearn.directional.law import Law
from ttlearn.directional.laws import Gaussian, Sphere
from ttlearn.directional.tables import Tabulated
from ttlearn.records import Claim

GAUSSIAN = Tabulated(Gaussian())
CIRCLE = Tabulated(Sphere(2))
STEPS = np.arange(0, 301)

THEOREM_2: Text = (
    "Theorem 2",
    "Descent from v.w0 < 0, not antiparallel: until cos(theta_n) >= 0, "
    "cos(theta_n) >= 1 - (1 - cos(theta_0)) e^{-B S_n}, S_n = sum eta_j / sqrt(A + sum eta_i^2).",
    f"{PAPER}, Theorem 2",
    "paper",
)
THEOREM_3: Text = (
    "Theorem 3",
    "Descent with |w'| + w.w'/|w| >= (1+delta) c0 eta cos(theta)/pi at every step obeys the same "
    "form with S_n = sum eta_j / sqrt(A + sum (eta_i^2 + 0.6 eta_i / c0^2)).",
    f"{PAPER}, Theorem 3",
    "paper",
)
THEOREM_4: Text = (
    "Theorem 4",
    "Descent with step sizes between two positive numbers, however large, converges in direction "
    "superpolynomially, at least like e^{-c sqrt(n)}.",
    f"{PAPER}, Theorem 4",
    "paper",
)
STEP_SUMS: Text = (
    "Step sums",
    "With eta_n = n^s, s > -1, S_n^- grows like n^{min(s+1, 1/2)} (s not -1/2) and S_n^+ like "
    "n^{(min(s,0)+1)/2}.",
    f"{PAPER}, remarks after Theorems 2 and 3",
    "paper",
)
D4: Text = (
    "D4",
    "Linear descent: v.w strictly increases for every step size; for eta <= 4/E[x1^2] the angle "
    "strictly decreases.",
    DERIVED,
    "derived",
)
CATAPULT: Text = (
    "Catapult",
    "Descent of a linear network of depth 3 loses the direction again: the transverse sharpness "
    "grows through 2/eta and the angle, however tiny, climbs back; depths 1 and 2 are safe.",
    DERIVED,
    "derived",
)


def step_sum(step_sizes: Array, start: float, drift: float = 0.0) -> Array:
    r"""S_n after each step: sum of eta_j / sqrt(A + sum of eta_i^2 + drift eta_i).

    >>> step_sum(np.ones(3), 0.0).round(4)
    array([1.    , 1.7071, 2.2845])
    """
    inner = start + np.cumsum(step_sizes**2 + drift * step_sizes)
    return np.asarray(np.cumsum(step_sizes / np.sqrt(inner)))


def theorem_2(law: Law, step_size: float, angle: float, norm: float = 1.0) -> Claim:
    """The angle against the bound, while it is obtuse."""
    run = descent(law, norm, angle, step_size, STEPS)
    cosine = np.cos(run["angle"])
    obtuse = int(np.argmax(cosine >= 0)) or len(cosine)
    sums = step_sum(np.full(STEPS.size - 1, step_size), (norm / law.plane_radius) ** 2)
    bound = 1 - (1 - cosine[0]) * np.exp(-(1 + cosine[0]) / math.pi * sums[: obtuse - 1])
    slack = cosine[1:obtuse] - bound
    return make(
        THEOREM_2,
        ("obtuse, not antiparallel", min(-cosine[0], math.pi - angle) if slack.size else -1.0),
        ("least slack of the cosine", float(slack.min()) if slack.size else 0.0),
        law=law.name,
        step_size=step_size,
        angle=angle,
        norm=norm,
    )


def theorem_3(
    law: Law, step_size: float, angle: float, norm: float = 1.0, delta: float = 0.5
) -> Claim:
    """The angle against the bound, with the condition's own margin."""
    run = descent(law, norm, angle, step_size, STEPS)
    cosine, norms = np.cos(run["angle"]), run["norm"]
    signed = run["sign"] * run["angle"]
    turn = np.cos(np.diff(signed))
    condition = norms[1:] * (1 + turn) - (1 + delta) * law.k * step_size * cosine[:-1]
    c0 = law.plane_radius
    sums = step_sum(np.full(STEPS.size - 1, step_size), (norm / c0) ** 2, DECAY / c0**2)
    rate = delta * (1 + cosine[0]) / ((1 + delta) * math.pi)
    slack = cosine[1:] - (1 - (1 - cosine[0]) * np.exp(-rate * sums))
    return make(
        THEOREM_3,
        ("the condition on consecutive steps", float(condition.min())),
        ("least slack of the cosine", float(slack.min()) + 1e-12),
        law=law.name,
        step_size=step_size,
        angle=angle,
        norm=norm,
        delta=delta,
    )


def _cosines(covariance: Array, step_size: float, start: Array, steps: int) -> Array:
    """Cosines to the teacher under descent on Gaussian data with a covariance."""
    teacher = SQUEEZED_TEACHER
    pull = GAUSSIAN.k * covariance @ teacher / math.sqrt(teacher @ covariance @ teacher)
    w, found = np.array(start), []
    grid = np.geomspace(1e-3, 1e4, 4000)
    shrink = np.asarray(GAUSSIAN.m(grid))
    for _ in range(steps + 1):
        found.append(float(w @ teacher / np.linalg.norm(w)))
        spread = covariance @ w
        rate = np.interp(math.sqrt(w @ spread), grid, shrink)
        w = w + step_size * (pull - rate * spread)
    return np.array(found)


def theorem_4(law: Law, step_size: float) -> Claim:
    """The power of n with which -ln(angle) grows over the last decade to n = 1e5."""
    # As many kept steps as in the other claims: one compiled descent serves them all.
    run = descent(law, 1.0, PAPER_ANGLE, step_size, [*STEPS[:-2], 10_000, 100_000])
    power = math.log10(run["log_half_angle"][-1] / run["log_half_angle"][-2])
    return make(
        THEOREM_4,
        ("step sizes between two positive numbers", step_size),
        ("the power of n in -ln(angle) exceeds 1/2", power - 0.5),
        law=law.name,
        step_size=step_size,
        measured_power=power,
    )


def theorem_4_anisotropic() -> Claim:
    """Without spherical symmetry -ln(angle) grows like ln n: a power near 0."""
    cosine = _cosines(SQUEEZED, 0.5, np.array([0.6, -0.8]), 10_000)
    angle = np.arccos(np.clip(cosine[[1000, 10_000]], -1, 1))
    power = math.log10(math.log(angle[1]) / math.log(angle[0]))
    return make(
        THEOREM_4,
        ("the law is spherically symmetric", -1.0),
        ("the power of n in -ln(angle) exceeds 1/2", power - 0.5),
        law=SQUEEZED_NAME,
        measured_power=power,
    )


def theorem_2_noisy(law: Law, flip: float = 0.49, step_size: float = 0.5) -> Claim:
    """Labels that are nearly coin flips turn the weights slower than the bound."""
    w, cosine = np.array([-0.8, 0.6]), [-0.8]
    for _ in range(30):
        rate = float(law.m(float(np.linalg.norm(w))))
        w = w + step_size * ((1 - 2 * flip) * law.k * np.array([1.0, 0.0]) - rate * w)
        cosine.append(float(w[0] / np.linalg.norm(w)))
    sums = step_sum(np.full(30, step_size), law.plane_radius**-2)
    slack = np.array(cosine[1:]) - (1 - 1.8 * np.exp(-0.2 / math.pi * sums))
    return make(
        THEOREM_2,
        ("labels are the teacher's", -flip),
        ("least slack of the cosine", float(slack[np.array(cosine[1:]) < 0].min())),
        law=law.name,
        flip=flip,
        step_size=step_size,
    )


def step_sums(powers: tuple[float, ...]) -> Claim:
    """Measured powers of both sums between n = 3e5 and 3e6 against the table's."""
    n = np.arange(1, 3_000_001, dtype=np.float64)
    worst = 0.0
    for s in powers:
        eta = n**s
        minus, plus = step_sum(eta, 1.0), step_sum(eta, 1.0, DECAY)
        said = min(s + 1, 0.5), (min(s, 0) + 1) / 2
        for sums, power in zip((minus, plus), said, strict=True):
            worst = max(worst, abs(math.log10(sums[-1] / sums[len(n) // 10 - 1]) - power))
    return make(
        STEP_SUMS,
        ("s > -1", min(powers) + 1),
        ("measured powers within 0.03", 0.03 - worst),
        powers=powers,
        largest_difference=worst,
    )


def d4(law: Law, step_size: float, norm: float, angle: float) -> Claim:
    """Both monotonicities over 300 steps."""
    run = descent(law, norm, angle, step_size, STEPS)
    margins: list[float] = [float(np.diff(run["along"]).min())]
    limit = 4 / law.second_moment
    margins.append(float(-np.diff(run["log_half_angle"]).max()))
    return make(
        D4,
        ("eta <= 4/E[x1^2]", limit - step_size),
        ("v.w increases and the angle decreases at every step", min(margins)),
        law=law.name,
        step_size=step_size,
        norm=norm,
        angle=angle,
    )


def catapult(law: Law, step_size: float, depth: int) -> Claim:
    """Whether the angle climbs back within 4000 steps, and where the sharpness passes 2/eta."""
    run: Any = descent(law, 1.0, PAPER_ANGLE, step_size, np.arange(0, 4001), depth)
    y = run["log_half_angle"]
    climb = float((y - np.minimum.accumulate(y)).max())
    crossed = int(np.argmax(run["sharpness"] > 2 / step_size))
    predicted = critical_norm(law, step_size, depth)
    return make(
        CATAPULT,
        ("the depth is 3 or more", float(depth) - 3),
        ("the angle climbs back by a factor above e^100", climb - 100),
        law=law.name,
        step_size=step_size,
        depth=depth,
        smallest_log10_angle=float(y[:2000].min() / math.log(10)),
        sharpness_crosses_at_step=crossed,
        norm_there=float(run["norm"][crossed]),
        predicted_norm=predicted if math.isfinite(predicted) else "none",
    )


def satisfied() -> list[Claim]:
    """Every statement of this module on cases that meet its hypothesis."""
    return [
        theorem_2(CIRCLE, 0.01, 3.0),
        theorem_2(GAUSSIAN, 0.5, PAPER_ANGLE, 5.0),
        theorem_3(CIRCLE, 0.5, 1.0),
        theorem_3(GAUSSIAN, 1.0, 1.5),
        theorem_4(GAUSSIAN, 1.0),
        theorem_4(GAUSSIAN, 10.0),
        step_sums((-0.7, -0.25, 0.0, 1.0)),
        d4(GAUSSIAN, 4.0, 1.0, 2.5),
        d4(CIRCLE, 0.5, 1.0, PAPER_ANGLE),
        catapult(GAUSSIAN, 1.0, 3),
    ]


def broken() -> list[Claim]:
    """One hypothesis dropped at a time."""
    return [
        theorem_2_noisy(GAUSSIAN),
        theorem_3(GAUSSIAN, 50.0, 0.01, norm=3.0),
        theorem_4_anisotropic(),
        step_sums((-2.0,)),
        d4(GAUSSIAN, 50.0, 3.0, 0.01),
        catapult(GAUSSIAN, 1.0, 2),
    ]
