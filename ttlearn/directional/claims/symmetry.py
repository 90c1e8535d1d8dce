"""What happens when a symmetry is dropped: noise, bias, a covariance, a finite sample."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ttlearn.directional.anisotropic import anisotropic_angle, anisotropic_flow
from ttlearn.directional.bias import bias_flow
from ttlearn.directional.checks import Array
from ttlearn.directional.claims.common import DERIVED, SQUEEZED, TIMES, Text, make, path
from ttlearn.directional.heavy import HeavyCentre
from ttlearn.directional.law import Law
from ttlearn.directional.laws import Gaussian
from ttlearn.directional.noise import noisy_flow, noisy_norm, noisy_rate
from ttlearn.directional.samples import draw_sample, max_margin, sample_flow, statistical_floor
from ttlearn.records import Claim

GAUSSIAN = Gaussian()

NOISE: Text = (
    "Label noise",
    "Labels flipped with probability epsilon: a minimiser at g(rho*) = 2 epsilon k, and the angle "
    "falls at the exponential rate (1-2 epsilon) k/rho*.",
    DERIVED,
    "derived",
)
BIAS: Text = (
    "Bias",
    "E[1/r] finite: a bias dies like exp(-(f0/2K) rho^2) = exp(-3 rho^2/pi^2), whatever the law.",
    DERIVED,
    "derived",
)
ANISOTROPY: Text = (
    "Anisotropy",
    "Gaussian data with covariance S: the angle falls like "
    "(K/k) q |P S^{-1} v| (3Kqt)^{-2/3}, a power, unless v is an eigenvector of S.",
    DERIVED,
    "derived",
)
FLOOR: Text = (
    "Statistical floor",
    "n Gaussian points, before t*: the angle's root mean square over samples is "
    "sqrt(2 (ln 2 - 1/2)(d-1)/(k n rho(t))).",
    DERIVED,
    "derived",
)
MARGIN_DRIFT: Text = (
    "Late drift",
    "n points, after t*: the direction drifts to the sample's maximum margin.",
    "Soudry et al. 2018, as recalled; measured here",
    "recalled",
)


def noise(flip: float) -> Claim:
    """The norm and the rate of y at late times, against the formulas."""
    run = noisy_flow(GAUSSIAN, 1.0, 2.0, [100.0, 200.0], flip)
    rate = float(np.diff(run["log_half_angle"])[0]) / -100.0
    said = noisy_rate(GAUSSIAN, flip)
    error = abs(rate - said) + abs(float(run["norm"][-1]) - min(noisy_norm(GAUSSIAN, flip), 1e9))
    return make(
        NOISE,
        ("labels are flipped with positive probability", flip if flip else -1.0),
        ("norm and rate agree to 1e-3", 1e-3 - error),
        flip=flip,
        rate=rate,
        theory=said,
    )


def bias(law: Law) -> Claim:
    """The slope of ln|c| against the norm squared over the last decade to t = 1e5."""
    run = bias_flow(law, 1.0, 2.0, 0.5, [1e4, 1e5])
    slope = float(np.diff(run["log_bias"])[0] / np.diff(run["norm"] ** 2)[0])
    said = -3 / math.pi**2
    return make(
        BIAS,
        ("E[1/r] is finite", 1.0 if math.isfinite(law.density_at_zero) else -1.0),
        ("slope within 1 % of -3/pi^2", 0.01 - abs(slope / said - 1)),
        law=law.name,
        slope=slope,
        theory=said,
    )


def anisotropy(teacher_angle: float) -> Claim:
    """The angle at t = 1e5 against the formula; an eigenvector keeps the fast rate."""
    teacher = [math.cos(teacher_angle), math.sin(teacher_angle)]
    lean = float(anisotropic_angle(SQUEEZED, [1.0], teacher)[0])
    times = TIMES[TIMES < 1.01e5]  # as many as in Theorem 1's breaking case
    run = anisotropic_flow(SQUEEZED, [0.6, -0.8], times, teacher, rtol=1e-8)
    measured, said = abs(float(run["angle"][-1])), lean * times[-1] ** (-2 / 3)
    ratio = measured / said if lean > 1e-12 else 0.0
    return make(
        ANISOTROPY,
        ("the teacher is no eigenvector", lean if lean > 1e-12 else -1.0),
        ("angle within 1 % of the formula", 0.01 - abs(ratio - 1)),
        teacher_angle=teacher_angle,
        ratio=ratio,
    )


def floor(count: int, time: float, replicates: int = 24) -> Claim:
    """Root mean square angle over samples against the formula with the flow's own norm."""
    norm = np.interp(time, TIMES, path(GAUSSIAN, 1.0, 1.0, 1)["norm"])
    samples = [draw_sample(GAUSSIAN, count, seed) for seed in range(replicates)]
    angles = [_sample_angle(points, time) for points in samples]
    measured = float(np.sqrt(np.mean(np.square(angles))))
    said = float(statistical_floor(GAUSSIAN, count, norm))
    # A root mean square of r normal numbers has the relative error 1/sqrt(2 r): allow 3 of them.
    allowed = 3 / math.sqrt(2 * replicates)
    return make(
        FLOOR,
        ("the norm is below 2 f0 n / 3", 2 * GAUSSIAN.density_at_zero * count / 3 - float(norm)),
        ("within three standard errors of the formula", allowed - abs(measured / said - 1)),
        count=count,
        time=time,
        replicates=replicates,
        measured=measured,
        theory=said,
    )


def _sample_angle(points: Array, time: float) -> float:
    """The angle at one time; after t* the flow is stiff."""
    times, late = [time / 2, time], time > 1e5
    options: dict[str, Any] = {"method": "rkc2", "rtol": 1e-5} if late else {"rtol": 1e-6}
    return float(sample_flow(points, [0.5, 0.5], times, **options)["angle"][-1])


def late_drift(count: int, last: float, seed: int = 3, flipped: int = 0) -> Claim:
    """Distance to the sample's maximum margin against the distance of the teacher from it.

    ``flipped`` labels, of the points farthest from the boundary, drop the margin.
    """
    points = draw_sample(GAUSSIAN, count, seed)
    direction, margin = max_margin(points)
    best = math.atan2(direction[1], direction[0])
    farthest = np.argsort(points @ direction)[count - flipped :]
    points[farthest] *= -1
    away = abs(_sample_angle(points, last) - best)
    return make(
        MARGIN_DRIFT,
        ("the sample has a margin", float((points @ direction).min()) if flipped else margin),
        (
            "nearer to the maximum margin than a third of the teacher's distance",
            abs(best) / 3 - away,
        ),
        count=count,
        last=last,
        seed=seed,
        flipped=flipped,
        distance=away,
        teacher_distance=abs(best),
    )


def satisfied() -> list[Claim]:
    """Every statement of this module on cases that meet its hypothesis."""
    return [
        noise(0.1),
        noise(0.3),
        bias(GAUSSIAN),
        bias(GAUSSIAN.scaled(3.0)),
        anisotropy(0.7),
        floor(300, 100.0),
        late_drift(50, 1e12),
    ]


def broken() -> list[Claim]:
    """One hypothesis dropped at a time."""
    return [
        noise(0.0),
        bias(HeavyCentre(0.5)),
        anisotropy(0.0),
        floor(50, 1e8),
        late_drift(50, 1e6, flipped=1),
    ]
