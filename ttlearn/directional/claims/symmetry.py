"""What happens when a symmetry is dropped: noise, bias, a covariance, a finite sample."""

from __future__ import annotations

import math

import numpy as np

from ttlearn.directional.anisotropic import anisotropic_angle, anisotropic_flow
from ttlearn.directional.bias import bias_flow
from ttlearn.directional.claims.common import (
    DERIVED,
    TIMES,
    Text,
    make,
    path,
)
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
    "A bias dies like exp(-(f0/2K) rho^2) = exp(-3 rho^2/pi^2), whatever the law.",
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


def bias(radius: float, norm: float = 1.0, last: float = 1e5) -> Claim:
    """The slope of ln|c| against the norm squared over the last decade of time."""
    law = GAUSSIAN.scaled(radius) if radius != 1 else GAUSSIAN
    run = bias_flow(law, norm, 2.0, 0.5, [last / 10, last])
    slope = float(np.diff(run["log_bias"])[0] / np.diff(run["norm"] ** 2)[0])
    said = -3 / math.pi**2
    return make(
        BIAS,
        ("late: the norm exceeds 10 data lengths", float(run["norm"][0]) * radius - 10),
        ("slope within 1 % of -3/pi^2", 0.01 - abs(slope / said - 1)),
        law=law.name,
        slope=slope,
        theory=said,
    )


def anisotropy(teacher_angle: float) -> Claim:
    """The angle at t = 1e5 against the formula; an eigenvector keeps the fast rate."""
    teacher = [math.cos(teacher_angle), math.sin(teacher_angle)]
    covariance = np.diag([1.0, 4.0])
    lean = float(anisotropic_angle(covariance, [1.0], teacher)[0])
    run = anisotropic_flow(covariance, [0.6, -0.8], [1e5], teacher, rtol=1e-8)
    measured, said = abs(float(run["angle"][0])), lean * 1e5 ** (-2 / 3)
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
    times = [time / 2, time]
    angles = [
        sample_flow(draw_sample(GAUSSIAN, count, seed), [0.5, 0.8], times, rtol=1e-6)["angle"][-1]
        for seed in range(replicates)
    ]
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


def late_drift(count: int, last: float, seed: int = 3) -> Claim:
    """Distance to the sample's maximum margin against the distance of the teacher from it."""
    points = draw_sample(GAUSSIAN, count, seed)
    direction, _ = max_margin(points)
    best = math.atan2(direction[1], direction[0])
    run = sample_flow(points, [0.5, 0.5], [last / 2, last], method="rkc2", rtol=1e-5)
    away = abs(float(run["angle"][-1]) - best)
    return make(
        MARGIN_DRIFT,
        ("far beyond t*", math.log10(last) - 8),
        (
            "nearer to the maximum margin than a third of the teacher's distance",
            abs(best) / 3 - away,
        ),
        count=count,
        last=last,
        seed=seed,
        distance=away,
        teacher_distance=abs(best),
    )


def satisfied() -> list[Claim]:
    """Every statement of this module on cases that meet its hypothesis."""
    return [
        noise(0.1),
        noise(0.3),
        bias(1.0),
        bias(3.0),
        anisotropy(0.7),
        floor(300, 100.0),
        late_drift(50, 1e12),
    ]


def broken() -> list[Claim]:
    """One hypothesis dropped at a time."""
    return [noise(0.0), bias(1.0, last=10.0), anisotropy(0.0), late_drift(50, 1e3)]
