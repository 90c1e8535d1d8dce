"""Claims about where gradient descent goes: almost never to a saddle, and below a threshold home.

Statements about "almost every" start are checked on samples: a claim that holds here was not
contradicted by the runs it names.
"""

from __future__ import annotations

import numpy as np

from ttlearn.records import Claim
from ttlearn.saddles.classify import classify, gradient_scale
from ttlearn.saddles.constructors import saddle
from ttlearn.saddles.curvature import spectrum
from ttlearn.saddles.descent import gradient_descent, random_starts
from ttlearn.saddles.experiments import starts_below
from ttlearn.saddles.neurons import neuron_types
from ttlearn.saddles.problem import FloatArray, Problem, join
from ttlearn.saddles.sweep import gradient_kernel
from ttlearn.saddles.toys import find_toy, real_loss_case, trapped_fraction
from ttlearn.saddles.zigzag import critical_levels

PAPER = "Cheridito, Jentzen & Rossmannek 2024"
ARRIVED = 1e-3
"""A limit is only approached: relative loss and distance below this count as arrived."""


def center_stable(name: str, step_size: float) -> Claim:
    """Almost no start converges to the toy's saddle, if the map is what the theorem asks for."""
    toy = find_toy(name)
    axis = np.zeros((20_001, toy.dimension))
    axis[:, toy.up] = np.linspace(-toy.box, toy.box, 20_001)
    slope = toy.gradient(axis)[:, toy.up]
    factors = 1.0 - step_size * np.diff(slope) / np.diff(axis[:, toy.up])
    left, right = factors[9_999], factors[10_000]
    flat = float(np.mean(np.abs(factors) < 1e-9))
    n_steps = 6000 if name == "E5" else 500  # algebraic, not geometric, convergence
    parts = {
        "smooth at the saddle": 0.01 * step_size - abs(left - right),
        "expands": max(abs(left), abs(right)) - 1.0 - 0.01 * step_size,
        "null preimages": 1e-3 - flat,
    }
    return Claim(
        name="center-stable",
        statement=(
            "Let T map null sets back to null sets, and let T be C¹ near each fixed point of a set "
            "S with a symmetric Jacobian that has an eigenvalue of modulus above 1. Then the "
            "points whose orbit converges to a point of S form a null set. (Invertibility is not "
            "needed.)"
        ),
        source=f"teaching form of {PAPER}, Theorem 1; full proof derived here",
        provenance="derived",
        hypothesis="worst of: derivative continuous, an expanding factor, |T'| > 0 almost "
        "everywhere",
        hypothesis_margin=min(parts.values()),
        conclusion="less than 0.1 % of 2,000 starts end at the saddle",
        conclusion_margin=1e-3 - trapped_fraction(name, step_size, n_starts=2000, n_steps=n_steps),
        case={"toy": name, "step_size": step_size, "worst": min(parts, key=lambda k: parts[k])},
    )


def sharp_minima_repel(size: float, step_size: float = 0.3, n_starts: int = 100) -> Claim:
    """A global minimum with λ_max > 2/step_size is left by almost every start beside it."""
    problem, point = Problem(), real_loss_case("E7", size)
    shifts = 1e-3 * random_starts(n_starts, 1, output_bias=1.0, seed=2)
    run = gradient_descent(problem, point + shifts, step_size, 4000, progress=False)
    returned = np.mean(np.linalg.norm(run["parameters"][-1] - point, axis=1) < 0.01)
    return Claim(
        name="sharp-minima-repel",
        statement="The same theorem covers minima: λ_max > 2/step_size gives an eigenvalue below "
        "−1, so almost no run converges to them.",
        source="corollary of the center-stable theorem; derived here",
        provenance="derived",
        hypothesis="λ_max · step_size exceeds 2",
        hypothesis_margin=float(spectrum(problem, point)[-1]) * step_size - 2.0,
        conclusion="none of the starts within 1e-3 comes back to within 0.01",
        conclusion_margin=0.5 / n_starts - float(returned),
        case={"size": size, "step_size": step_size, "starts": n_starts},
    )


def descent_avoids_saddles(
    problem: Problem, starts: FloatArray, are_random: bool, step_size: float = 0.1
) -> Claim:
    """None of the runs ends at a saddle that the theorem covers."""
    run = gradient_descent(problem, starts, step_size, 15_000, progress=False)
    high = run.losses[-1] > 1e-5 * problem.plateau_loss
    verdicts = [classify(problem, end, 1e-3) for end in run["parameters"][-1][high]]
    caught = sum(verdict.kind == "saddle" and verdict.strict for verdict in verdicts)
    return Claim(
        name="descent-avoids-saddles",
        statement=(
            "For slope ≠ 0, any step size > 0 and almost every start, gradient descent does not "
            "converge to a saddle without degenerate neurons that has n ≥ 2, or a flat constant "
            "neuron, or a semi-inactive neuron of the wrong sign. Open: limits with degenerate "
            "neurons, and plateau saddles whose only defect is a semi-inactive neuron with v = 0."
        ),
        source=f"{PAPER} (abstract: most saddles; almost every step size: from a review of it); "
        "this set and its proof derived here",
        provenance="derived",
        hypothesis="the starts are drawn from a density",
        hypothesis_margin=1.0 if are_random else -1.0,
        conclusion="number of runs that end at such a saddle is 0",
        conclusion_margin=0.5 - caught,
        case={"starts": len(starts), "neurons": starts.shape[1] // 3, "leak": problem.leak},
    )


def below_threshold(
    problem: Problem, starts: FloatArray, weak: bool, step_size: float = 0.1, n_steps: int = 30_000
) -> Claim:
    """Limits below the threshold are global minima."""
    width = starts.shape[1] // 3
    levels = critical_levels(problem, width)
    threshold = levels[-1].loss if weak else problem.plateau_loss
    run = gradient_descent(problem, starts, step_size, n_steps, progress=False)
    ends = run.losses[-1]
    below = ends[ends < 0.999 * threshold]
    worst = float(below.max() if below.size else ends.max()) / problem.plateau_loss
    kind = "lowest saddle level" if weak else "plateau's loss slope² length³/12"
    return Claim(
        name="weak-threshold" if weak else "strong-threshold",
        statement=(
            f"If gradient descent converges with a limiting loss below the {kind}, the limit is a "
            + (
                "global minimum, for every start and step size."
                if weak
                else "global minimum, for almost every start and step size (limits without "
                "degenerate neurons)."
            )
        ),
        source="derived here"
        if weak
        else f"{PAPER}, abstract (threshold); its value recalled and derived here",
        provenance="derived" if weak else "recalled",
        hypothesis="some runs end below 0.999 of the threshold; how far below the worst one is",
        hypothesis_margin=(
            1.0 - worst * problem.plateau_loss / threshold if below.size else -1.0 / len(starts)
        ),
        conclusion="the worst of these losses is below 1e-3 of the plateau's",
        conclusion_margin=ARRIVED - worst,
        case={"starts": len(starts), "below": int(below.size), "neurons": width},
    )


def low_starts_arrive(problem: Problem, starts: FloatArray, step_size: float = 0.03) -> Claim:
    """A start below the plateau, and a loss that only falls, end at a global minimum."""
    run = gradient_descent(problem, starts, step_size, 20_000, keep=41, progress=False)
    highest = float(run.losses[0].max()) / problem.plateau_loss
    rises = float(np.max(np.diff(run.losses, axis=0))) / problem.plateau_loss
    return Claim(
        name="low-starts-arrive",
        statement=(
            "For gradient flow, or descent along which the loss falls, a start below the plateau's "
            "loss suffices (given convergence, almost every start)."
        ),
        source="derived here from the strong threshold",
        provenance="derived",
        hypothesis="the highest start is below the plateau and the loss rises by less than 1e-12",
        hypothesis_margin=min(1.0 - highest, 1e-12 - rises),
        conclusion="the highest end is below 1e-3 of the plateau's loss",
        conclusion_margin=ARRIVED - float(run.losses[-1].max()) / problem.plateau_loss,
        case={"starts": len(starts), "neurons": starts.shape[1] // 3},
    )


def leaky_always_arrives(problem: Problem, n_neurons: int, n_starts: int) -> Claim:
    """A leak leaves no non-global local minimum and no unstrict saddle without degenerate neurons.

    Runs that still move after the last step are set aside: the theorem assumes convergence.
    """
    starts = random_starts(n_starts, n_neurons, 0.5, seed=4)
    run = gradient_descent(problem, starts, 0.1, 15_000, progress=False)
    ends = run["parameters"][-1]
    settled = [
        np.max(np.abs(gradient_kernel(problem, end))) < 1e-3 * gradient_scale(problem, end)
        and all(n.kind != "degenerate" for n in neuron_types(problem, end, 1e-3))
        for end in ends
    ]
    losses = run.losses[-1][np.array(settled)]
    return Claim(
        name="leaky-always-arrives",
        statement=(
            "With 0 < leak < 1, for every step size and almost every start: if gradient descent "
            "converges to a limit without degenerate neurons, the limit is a global minimum."
        ),
        source="derived here",
        provenance="derived",
        hypothesis="the leak is above 0 and at least half of the runs have settled",
        hypothesis_margin=min(problem.leak or -1.0, float(np.mean(settled)) - 0.5),
        conclusion="the highest settled loss is below 1e-3 of the plateau's",
        conclusion_margin=ARRIVED - float(losses.max(initial=0.0)) / problem.plateau_loss,
        case={"leak": problem.leak, "neurons": n_neurons, "settled": int(np.sum(settled))},
    )


def claims() -> list[Claim]:
    """Cases that satisfy the hypotheses; a few seconds in all."""
    relu = Problem()
    pairs = random_starts(200, 2, 0.7, seed=1)
    return [
        *(center_stable(name, 0.1) for name in ("E1", "E2", "E4")),
        center_stable("E4", 0.3),
        sharp_minima_repel(2.0),
        sharp_minima_repel(3.0),
        descent_avoids_saddles(relu, pairs, True),
        below_threshold(relu, pairs, weak=True),
        below_threshold(relu, pairs, weak=False),
        low_starts_arrive(relu, starts_below(relu, relu.plateau_loss, 100, 2)),
        leaky_always_arrives(Problem(leak=0.1), 2, 100),
    ]


def breaking() -> list[Claim]:
    """Not smooth; one step size; no curvature; flat minimum; start on the saddle; dead start; …"""
    relu = Problem()
    at_saddle = saddle(relu, 2)[None]
    dead = join(-1.0, -0.5, 0.3, 0.4)[None]
    return [
        center_stable("E3", 0.5),
        center_stable("E4", 0.5),
        center_stable("E5", 0.1),
        sharp_minima_repel(1.0),
        descent_avoids_saddles(relu, at_saddle, False, step_size=0.01),
        below_threshold(relu, at_saddle, weak=True, n_steps=500),
        below_threshold(relu, dead, weak=False, n_steps=500),
        low_starts_arrive(relu, dead),
        leaky_always_arrives(relu, 2, 100),
    ]
