"""D1 to D3 and D5, slow starts and equal loss: where the flow goes and exactly how fast."""

from __future__ import annotations

import math

import numpy as np

from ttlearn.directional.asymptotics import exponents, late_orbit
from ttlearn.directional.claims.common import (
    DERIVED,
    PAPER_ANGLE,
    TIMES,
    Text,
    fitted,
    lowest,
    make,
    path,
    unbalanced,
)
from ttlearn.directional.flow import cartesian_flow
from ttlearn.directional.heavy import HeavyCentre
from ttlearn.directional.law import Law
from ttlearn.directional.laws import Gaussian
from ttlearn.directional.orbits import alignment_constant
from ttlearn.directional.tables import Tabulated
from ttlearn.records import Claim, Trajectory

THREE_DIGITS = 1e-3
START = (1.0, 2.0)

D1: Text = (
    "D1",
    "Linear predictor, gradient flow, any law with E|x| finite, any start, the origin and the "
    "antiparallel ray included: the angle tends to 0.",
    DERIVED,
    "derived",
)
D2: Text = (
    "D2",
    "Balanced deep linear network, gradient flow, not antiparallel at the start: the angle tends "
    "to 0 and the norm to infinity.",
    DERIVED,
    "derived",
)
D3: Text = (
    "D3",
    "E[1/r] finite, depth N: norm ~ t^{N/(N+2)}, loss ~ t^{-N/(N+2)}, -ln(angle) ~ t^{2N/(N+2)}.",
    DERIVED,
    "derived",
)
D3_CONSTANT: Text = (
    "D3, constants",
    "E[1/r] finite: norm/((N+2)Kt)^{N/(N+2)} tends to 1, and "
    "y = -(k/NK)(rho^2/2 + kappa ln rho) + C + o(1).",
    DERIVED,
    "derived",
)
D5: Text = (
    "D5",
    "Plane radius with density like r^{beta-1} at 0, 0 < beta < 1: -ln(angle) ~ "
    "t^{N(1+beta)/(N beta+2)}.",
    DERIVED,
    "derived",
)
N2: Text = (
    "Depth 2",
    "At depth 2, theta(t) = 2 arctan(tan(theta0/2) e^{-kt}) for every law and every norm.",
    DERIVED,
    "derived",
)
EQUAL_LOSS: Text = (
    "Equal loss",
    "Balanced networks: at the same training loss the shallower is better aligned, "
    "-ln(angle) ~ kK/(2 N L^2).",
    DERIVED,
    "derived",
)
SLOW_START: Text = (
    "Slow start",
    "From theta0 = pi - epsilon at depth N >= 3 the plateau lasts T ~ C_N epsilon^{-(N-2)} and the "
    "smallest norm is C epsilon^N, with a C that no depth changes.",
    DERIVED,
    "derived",
)


def d1(law: Law, starts: tuple[tuple[float, float], ...], depth: int = 1) -> Claim:
    """The largest angle at t = 1e8 from several starts; ``depth`` above 1 breaks the hypothesis."""
    if depth == 1:
        angles = [cartesian_flow(law, start, TIMES)["angle"][-1] for start in starts]
    else:
        angles = [
            path(law, math.hypot(*s), math.atan2(s[1], s[0]), depth)["angle"][-1] for s in starts
        ]
    return make(
        D1,
        ("the predictor is linear", 1.5 - depth),
        ("angle at t = 1e8 below 1e-6", 1e-6 - max(angles)),
        law=law.name,
        starts=starts,
        depth=depth,
    )


def d2(law: Law, depth: int, angle: float) -> Claim:
    """Angle and norm at t = 1e8."""
    run = path(law, 1.0, angle, depth)
    return make(
        D2,
        ("not antiparallel", math.pi - angle if angle < math.pi else -1.0),
        (
            "at t = 1e8 the angle is below 1e-6 and the norm above 100",
            min(1e-6 - float(run["angle"][-1]), float(run["norm"][-1]) - 100),
        ),
        law=law.name,
        depth=depth,
        angle=angle,
    )


def d3(law: Law, depth: int) -> Claim:
    """Three measured powers of t at t = 1e8 against theory."""
    run, power = path(law, *START, depth), depth / (depth + 2)
    said = (power, -power, 2 * power)
    names = ("norm", "loss", "log_half_angle")
    found = [fitted(run, name, 1e6, 1e8) for name in names]
    worst = max(abs(measured - theory) for (measured, _), theory in zip(found, said, strict=True))
    case = {
        f"{name} power": f"{m:.5f} +- {u:.5f}" for name, (m, u) in zip(names, found, strict=True)
    }
    return make(
        D3,
        ("E[1/r] is finite", 1.0 if math.isfinite(law.density_at_zero) else -1.0),
        ("all three powers agree to three digits", THREE_DIGITS - worst),
        law=law.name,
        depth=depth,
        **case,
    )


def d3_constants(law: Law, depth: int) -> Claim:
    """Leading norm and the late orbit with its constant, at t = 1e8."""
    run = path(law, *START, depth)
    norm, y = float(run["norm"][-1]), float(run["log_half_angle"][-1])
    finite = math.isfinite(law.density_at_zero)
    # Without a K the best that the formula can do is the pull where the flow now is.
    tail = law.tail if finite else norm**2 * float(law.g(norm))
    lead = ((depth + 2) * tail * TIMES[-1]) ** (depth / (depth + 2))
    margins, case = [THREE_DIGITS - abs(norm / lead - 1)], {}
    if finite:
        case["constant"] = alignment_constant(law, *START, depth)
        said = float(late_orbit(law, norm, case["constant"], depth))
        margins.append(1e-6 - abs(y / said - 1))
    return make(
        D3_CONSTANT,
        ("E[1/r] is finite", 1.0 if finite else -1.0),
        ("norm within 1e-3 of leading order, y within 1e-6 of the next", min(margins)),
        law=law.name,
        depth=depth,
        norm_over_leading=norm / lead,
        **case,
    )


def d5(law: Law, beta: float, depth: int) -> Claim:
    """The measured power of -ln(angle) from t = 1e7 to 1e8 against the heavy-centre formula."""
    run = path(law, *START, depth)
    measured, spread = fitted(run, "log_half_angle", 1e6, 1e8)
    said = depth * (1 + beta) / (depth * beta + 2)
    heavy = isinstance(law, Tabulated | HeavyCentre) and math.isinf(law.density_at_zero)
    return make(
        D5,
        ("the plane radius has density like r^{beta-1}", 1.0 if heavy else -1.0),
        ("the power is within 0.01 of theory", 0.01 - abs(measured - said)),
        law=law.name,
        beta=beta,
        depth=depth,
        measured=f"{measured:.4f} +- {spread:.4f}",
        theory=said,
        formula=exponents(law, depth).alignment,
    )


def depth_2(law: Law, depth: int = 2) -> Claim:
    """The exact angle up to t = 1e4."""
    run = path(law, *START, depth)
    said = math.log(math.tan(START[1] / 2)) - law.k * TIMES
    early = TIMES <= 1e4
    error = float(np.abs(run["log_half_angle"] / said - 1)[early].max())
    return make(
        N2,
        ("the depth is 2", 1.0 if depth == 2 else -1.0),
        ("y agrees to 1e-8", 1e-8 - error),
        law=law.name,
        depth=depth,
    )


def _aligned_at(run: Trajectory, level: float) -> float:
    """-y where the loss falls through ``level``."""
    deep = "log_half_angle" not in run.arrays
    y = np.log(np.tan(run["angle"] / 2)) if deep else run["log_half_angle"]
    return -float(np.interp(-math.log(level), -np.log(run.losses), y))


def equal_loss(law: Law, depths: tuple[int, ...] = (1, 2, 4), level: float = 2e-3) -> Claim:
    """-ln(angle) at one loss, compared between depths, with 2 N L^2/(kK) times it near 1."""
    depths_found = [_aligned_at(path(law, *START, depth), level) for depth in depths]
    order = -np.diff(depths_found) / np.array(depths_found[1:])
    scaled = [
        2 * n * level**2 / (law.k * law.tail) * y for n, y in zip(depths, depths_found, strict=True)
    ]
    return make(
        EQUAL_LOSS,
        ("depths increase", float(np.diff(depths).min())),
        ("the shallower is better aligned", float(order.min())),
        law=law.name,
        depths=depths,
        loss=level,
        over_theory=tuple(round(float(s), 4) for s in scaled),
    )


def equal_loss_unbalanced(law: Law, level: float = 0.1, tilt: float = 16.0) -> Claim:
    """A large first layer: depth 3 then grows its norm faster than it turns, unlike depth 4."""
    shallow = _aligned_at(unbalanced(law, 3, tilt, np.geomspace(1e-3, 1e3, 31)), level)
    deep = _aligned_at(path(law, 1.0, PAPER_ANGLE, 4), level)
    return make(
        EQUAL_LOSS,
        ("the layers are balanced", 1 - tilt),
        ("the shallower is better aligned", (shallow - deep) / deep),
        law=law.name,
        depths=(3, 4),
        loss=level,
        tilt=tilt,
    )


def slow_start(law: Law, depth: int, epsilon: float) -> Claim:
    """T and the smallest norm at two distances from the antiparallel ray, a factor 10 apart."""
    near = lowest(law, 1.0, math.pi - epsilon, depth)
    nearer = lowest(law, 1.0, math.pi - epsilon / 10, depth)
    power = math.log10(nearer.time / near.time)
    constant = nearer.norm / (epsilon / 10) ** depth
    return make(
        SLOW_START,
        ("the depth is 3 or more", float(depth) - 3),
        (
            "the power of 1/epsilon in T is within 0.01 of N - 2",
            0.01 - abs(power - (depth - 2)),
        ),
        law=law.name,
        depth=depth,
        epsilon=epsilon,
        time_times_power=nearer.time * (epsilon / 10) ** (depth - 2),
        norm_constant=constant,
    )


def satisfied() -> list[Claim]:
    """Every statement of this module on cases that meet its hypothesis."""
    law, heavy = Gaussian(), HeavyCentre(0.5)
    return [
        d1(law, ((0.0, 0.0), (-1.0, 0.0), (-3.0, 0.01), (0.6, -0.8))),
        *(d2(law, depth, START[1]) for depth in (2, 3)),
        *(d3(law, depth) for depth in (1, 2, 3, 4)),
        *(d3_constants(law, depth) for depth in (1, 2, 3, 4)),
        d5(heavy, 0.5, 1),
        depth_2(law),
        equal_loss(law),
        slow_start(law, 3, 1e-3),
    ]


def broken() -> list[Claim]:
    """One hypothesis dropped at a time."""
    law = Gaussian()
    return [
        d1(law, ((-1.0, 0.0),), depth=2),
        d2(law, 3, math.pi),
        d3(HeavyCentre(0.5), 1),
        d3_constants(HeavyCentre(0.5), 1),
        d5(law, 0.5, 1),
        depth_2(law, depth=1),
        equal_loss_unbalanced(law),
        slow_start(law, 1, 1e-3),
    ]
