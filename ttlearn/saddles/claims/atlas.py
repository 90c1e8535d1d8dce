"""Claims about which parameters are critical: ReLU, leaky ReLU and the quadratic activation."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.optimize

from ttlearn.records import Claim
from ttlearn.saddles.classify import gradient_scale, nearest_level, theorem_misfit
from ttlearn.saddles.constructors import saddle
from ttlearn.saddles.descent import random_starts
from ttlearn.saddles.neurons import neuron_types
from ttlearn.saddles.problem import FloatArray, Problem, join, split
from ttlearn.saddles.quadratic import (
    quadratic_gradient,
    quadratic_loss,
    quadratic_misfit,
    quadratic_saddle,
)
from ttlearn.saddles.sweep import gradient_kernel, hessian_kernel, loss_kernel
from ttlearn.saddles.zigzag import First, zigzag

ROUNDING = 1e-9
SEARCH = 1e-6
PAPER = "Cheridito, Jentzen & Rossmannek 2022"


def relative_gradient(problem: Problem, point: FloatArray) -> float:
    """Largest entry of 𝒢 over the size it would have if nothing cancelled."""
    size = gradient_scale(problem, point)
    return float(np.max(np.abs(gradient_kernel(problem, point))) / size)


def zigzags_are_critical(
    problem: Problem, point: FloatArray, level: int, first: First = "right"
) -> Claim:
    """The conditions of the classification theorem make a point critical, at the stated loss."""
    misfit = theorem_misfit(problem, point, level, first)
    off = abs(loss_kernel(problem, point) / zigzag(problem, level, first).loss - 1.0)
    return Claim(
        name="zigzags-are-critical",
        statement=(
            "If c is the mean target, all breakpoints sit at the zig-zag's places with its "
            "orientations and weight sums, and every affine neuron is flat and constant, then "
            "the gradient vanishes and L = slope²(1−leak)²length³/(12 D⁴); for ReLU "
            "L = slope² length³/(12 (n+1)⁴) with n even."
        ),
        source=f"{PAPER}, classification (ReLU form recalled, leaky form derived here)",
        provenance="derived",
        hypothesis="largest misfit to the conditions is at most 1e-9",
        hypothesis_margin=ROUNDING - min(misfit, 1e300),
        conclusion="relative gradient and relative loss error are at most 1e-9",
        conclusion_margin=ROUNDING - max(relative_gradient(problem, point), float(off)),
        case={"level": level, "first": first, "leak": problem.leak, "slope": problem.slope},
    )


def critical_points_are_zigzags(problem: Problem, point: FloatArray, name: str) -> Claim:
    """The converse: every non-global critical point satisfies the conditions, for some level."""
    found = nearest_level(problem, point, SEARCH)
    misfit = theorem_misfit(problem, point, found.level, found.first, SEARCH)
    gap = relative_gradient(problem, point)
    height = float(loss_kernel(problem, point)) / problem.plateau_loss
    return Claim(
        name=name,
        statement=(
            "Every critical point with positive loss satisfies the conditions for some level: "
            "even n for ReLU; any m, first breakpoint right or left, for leaky ReLU."
        ),
        source=f"{PAPER}, classification (as recalled; derived again here)",
        provenance="derived",
        hypothesis="relative gradient at most 1e-9, loss above 1e-8 of the plateau's",
        hypothesis_margin=min(1.0 - gap / ROUNDING, height / 1e-8 - 1.0),
        conclusion="misfit to the nearest level's conditions is at most 1e-4",
        conclusion_margin=1e-4 - min(misfit, 1e300),
        case={"neurons": point.size // 3, "leak": problem.leak, "level": found.level},
    )


def search_critical_points(
    problem: Problem, n_neurons: int, n_starts: int, seed: int = 0
) -> list[FloatArray]:
    """Non-global zeros of the gradient by Levenberg-Marquardt, breakpoints inside at the start."""
    found = []
    w, _, v, c = split(random_starts(n_starts, n_neurons, seed=seed))
    places = np.random.default_rng(seed).uniform(problem.left, problem.right, w.shape)
    for start in np.concatenate([w, -w * places, v, c[:, None]], axis=1):
        with np.errstate(all="ignore"):  # the search may pass through wild points
            solved: Any = scipy.optimize.root(
                lambda p: gradient_kernel(problem, p),
                start,
                jac=lambda p: hessian_kernel(problem, p),
                method="lm",
                options={"xtol": 1e-14, "ftol": 1e-14, "maxiter": 400},
            )
        point = np.asarray(solved.x)
        is_high = loss_kernel(problem, point) > 1e-6 * problem.plateau_loss
        # A search whose neurons shrink to w = b = 0, or grow on and on, has not finished.
        settled = np.max(np.abs(point)) < 50.0 and all(
            n.kind != "degenerate" for n in neuron_types(problem, point, 1e-4)
        )
        if is_high and settled and relative_gradient(problem, point) < 1e-11:
            found.append(point)
    return found


def quadratic_plateau(problem: Problem, point: FloatArray) -> Claim:
    """σ(y) = y²: one critical level only."""
    unit = abs(problem.slope) * problem.length**2 * max(1.0, float(np.max(np.abs(point)))) ** 2
    slope = float(np.max(np.abs(quadratic_gradient(problem, point)))) / unit
    off = abs(quadratic_loss(problem, point) / problem.plateau_loss - 1.0)
    return Claim(
        name="quadratic-activation",
        statement=(
            "With σ(y) = y² the non-global critical points are those with f ≡ mean target whose "
            "neurons are (0, b, 0), (0, 0, v) or (w, −w·middle, 0); their loss is the plateau's."
        ),
        source="derived here; the activation is covered by the 2022 paper (abstract)",
        provenance="derived",
        hypothesis="every neuron is of one of the three kinds within 1e-9, and c = mean target",
        hypothesis_margin=ROUNDING - quadratic_misfit(problem, point),
        conclusion="relative gradient and relative loss error are at most 1e-9",
        conclusion_margin=ROUNDING - max(slope, off),
        case={"neurons": point.size // 3},
    )


def claims() -> list[Claim]:
    """Constructed points of every family, and points found by search."""
    relu, other = Problem(), Problem(-1.0, 2.0, 1.5, -1 / 3)
    leaky = Problem(leak=0.25)
    made = [
        zigzags_are_critical(problem, saddle(problem, level), level)
        for problem in (relu, other)
        for level in (0, 2, 4)
    ]
    cluster = saddle(
        relu, 2, shares=[[1.5, -0.5], [1.0]], scale=[1, 2, 1], extras=[(0, 1, 0), (-1, -1, 0.5)]
    )
    made.append(zigzags_are_critical(relu, cluster, 2))
    for level, first in ((0, "right"), (1, "right"), (1, "left"), (2, "right"), (2, "left")):
        point = saddle(leaky, level, first=first)  # type: ignore[arg-type]
        made.append(zigzags_are_critical(leaky, point, level, first))  # type: ignore[arg-type]
    # Most searches end at loss 0, more often for ReLU; these settings also find its level 2.
    for problem, name, width, n_starts in ((relu, "relu-", 3, 40), (leaky, "leaky-", 2, 16)):
        for point in search_critical_points(problem, width, n_starts):
            made.append(critical_points_are_zigzags(problem, point, name + "classification"))
    for neurons in ([(0, 0.7, 0)], [(0, 0, -2.0)], [(2.0, -1.0, 0.0)], [(0, 0, 0), (0, 0, 1)]):
        made.append(quadratic_plateau(relu, quadratic_saddle(relu, neurons)))
    return made


def breaking() -> list[Claim]:
    """One condition dropped: a breakpoint moved, an orientation flipped, a point off critical."""
    relu, leaky = Problem(), Problem(leak=0.25)
    moved = saddle(relu, 2) + np.array([0, 0, 0.01, 0, 0, 0, 0])
    flipped = join([-1, 1], [1 / 3, -2 / 3], [-2 / 3, 2 / 3], 0.5)
    return [
        zigzags_are_critical(relu, moved, 2),
        zigzags_are_critical(relu, flipped, 2),
        critical_points_are_zigzags(relu, moved, "relu-classification"),
        critical_points_are_zigzags(
            leaky, saddle(leaky, 1) + np.array([0, 0.05, 0, 0]), "leaky-classification"
        ),
        quadratic_plateau(relu, join(2.0, -0.8, 0.3, 0.5)),
    ]
