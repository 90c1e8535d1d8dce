"""Claims about the shape of the loss at a critical point: no maxima, which minima, which index."""

from __future__ import annotations

import numpy as np

from ttlearn.records import Claim
from ttlearn.saddles.claims.atlas import PAPER, ROUNDING, relative_gradient
from ttlearn.saddles.constructors import saddle
from ttlearn.saddles.curvature import hessian, missing_hessian, relative_spectrum, spectrum
from ttlearn.saddles.escape import escape_direction, escape_slope, escape_steps
from ttlearn.saddles.neurons import neuron_types
from ttlearn.saddles.problem import FloatArray, Problem, join, split
from ttlearn.saddles.sweep import loss_kernel
from ttlearn.saddles.zigzag import First, zigzag_spectrum


def no_local_maximum(problem: Problem, point: FloatArray, has_output_bias: bool = True) -> Claim:
    """Raising or lowering the output bias raises the loss by length·δ² on average."""
    rng = np.random.default_rng(0)
    shifts = 1e-3 * rng.normal(size=(64, point.size))
    if has_output_bias:
        shifts[:2] = 0.0
        shifts[:2, -1] = [1e-3, -1e-3]
    else:
        shifts[:, -1] = 0.0
    base = float(loss_kernel(problem, point))
    rise = max(float(loss_kernel(problem, point + shift)) - base for shift in shifts)
    return Claim(
        name="no-local-maximum",
        statement="The loss has no local maximum, because it is strictly convex in the output bias",
        source=f"{PAPER}, abstract",
        provenance="paper",
        hypothesis="the network has a trainable output bias",
        hypothesis_margin=1.0 if has_output_bias else -1.0,
        conclusion="some step of size 1e-3 raises the loss, by at least half of length·1e-6",
        conclusion_margin=rise - 0.5e-6 * problem.length if has_output_bias else rise - 1e-12,
        case={"neurons": point.size // 3, "output_bias": has_output_bias},
    )


def dead_neurons_make_minima(problem: Problem, point: FloatArray) -> Claim:
    """Plateau points with only dead neurons, or semi-inactive ones of the right sign."""
    _, _, v, _ = split(point)
    margins = []
    for j, neuron in enumerate(neuron_types(problem, point)):
        sign = {"semi-inactive left": 1.0, "semi-inactive right": -1.0}.get(neuron.kind)
        if neuron.kind == "inactive":
            margins.append(1.0)
        else:
            margins.append(sign * problem.slope * v[j] - ROUNDING if sign else -1.0)
    rng = np.random.default_rng(1)
    base = float(loss_kernel(problem, point))
    shifts = rng.normal(size=(400, point.size)) * 10.0 ** rng.uniform(-5, -2, size=(400, 1))
    shifts[::2, -1] = 0.0
    lowest = min(float(loss_kernel(problem, point + shift)) - base for shift in shifts)
    return Claim(
        name="minima-are-dead-neurons",
        statement=(
            "The non-global local minima of a ReLU network are the plateau points at which every "
            "neuron is inactive, or semi-inactive at left with slope·v > 0, or at right with "
            "slope·v < 0. Leaky networks have none."
        ),
        source=f"{PAPER}, abstract (dead neurons only); signs derived here",
        provenance="derived",
        hypothesis="smallest signed outer weight of the semi-inactive neurons; all others inactive",
        hypothesis_margin=min(margins) - 1e4 * relative_gradient(problem, point),
        conclusion="no sampled step of size 1e-5 to 1e-2 lowers the loss (up to 1e-15)",
        conclusion_margin=lowest + 1e-15,
        case={"leak": problem.leak, "kinds": [n.kind for n in neuron_types(problem, point)]},
    )


def strict_with_known_index(problem: Problem, point: FloatArray) -> Claim:
    """Index formula, and at least one negative eigenvalue."""
    neurons = neuron_types(problem, point)
    w, _, v, _ = split(point)
    kinked = [n.kinked for n in neurons]
    formula = sum(k and problem.slope * v[j] * w[j] > 0 for j, k in enumerate(kinked))
    formula += sum(n.constant and n.flat and n.kind.startswith("affine") for n in neurons)
    bad = any(n.kind == "degenerate" or n.semi_inactive for n in neurons)
    has_cause = any(kinked) or any(n.constant and n.kind.startswith("affine") for n in neurons)
    values = spectrum(problem, point, "inside" if missing_hessian(problem, point) else "both")
    counted = int(np.sum(values < -1e-10 * values[-1]))
    met = ROUNDING - relative_gradient(problem, point)
    return Claim(
        name="strict-saddles",
        statement=(
            "At a non-global critical point with a breakpoint or a flat constant neuron, and no "
            "degenerate or semi-inactive neuron, the Hessian has exactly #{kinked neurons with "
            "slope·v·w > 0} + #{flat constant neurons} negative eigenvalues, and at least one."
        ),
        source="derived here",
        provenance="derived",
        hypothesis="critical within 1e-9; a cause is there; no degenerate, no semi-inactive neuron",
        hypothesis_margin=-1.0 if bad or not has_cause else met,
        conclusion="counted index equals the formula, and −λ_min/λ_max exceeds 1e-10",
        conclusion_margin=(
            float(-values[0] / values[-1]) - 1e-10
            if counted == formula
            else -abs(float(counted - formula))
        ),
        case={"leak": problem.leak, "formula": int(formula), "counted": counted},
    )


def relative_spectrum_is_universal(
    problem: Problem, point: FloatArray, level: int, first: First = "right"
) -> Claim:
    """Generalised eigenvalues of Hessian against Gauss-Newton part, in closed form."""
    expected = np.concatenate([zigzag_spectrum(problem, level, first), np.ones(level + 1)])
    found = relative_spectrum(problem, point)
    same = found.size == expected.size
    distance = float(np.max(np.abs(found - expected))) if same else 1.0
    neurons = int(sum(n.kinked for n in neuron_types(problem, point)))
    return Claim(
        name="relative-spectrum",
        statement=(
            "With one neuron per breakpoint the Hessian relative to its Gauss-Newton part has the "
            "eigenvalue 1, level+1 times, and −(1 + cos(kπ/(n+1))), k = 1..n, for ReLU; they do "
            "not depend on interval, slope or scaling."
        ),
        source="derived here",
        provenance="derived",
        hypothesis="critical within 1e-9, exactly one neuron for each breakpoint",
        hypothesis_margin=(
            ROUNDING - relative_gradient(problem, point)
            if neurons == level
            else -abs(float(neurons - level)) - 1.0
        ),
        conclusion="largest distance to the closed form is at most 1e-8",
        conclusion_margin=1e-8 - distance,
        case={"level": level, "first": first, "leak": problem.leak},
    )


def escape_clock(
    problem: Problem,
    level: int,
    step_size: float,
    largest: float,
    direction: FloatArray | None = None,
) -> Claim:
    """Steps to leave a saddle grow by 1/ln(1 + step·|λ_min|) for each e-folding of the push."""
    point = saddle(problem, level)
    smallest, unstable = escape_direction(problem, point)
    direction = unstable if direction is None else direction / np.linalg.norm(direction)
    overlap = abs(float(direction @ unstable))
    sizes = np.array([largest, 1e-9])
    shifts = np.concatenate([sizes, -sizes])[:, None] * direction
    counts = escape_steps(problem, point, shifts, step_size).reshape(2, 2)
    slope = float(np.mean(counts[:, 1] - counts[:, 0]) / np.log(sizes[0] / sizes[1]))
    error = abs(slope / escape_slope(step_size, smallest) - 1.0)
    return Claim(
        name="escape-clock",
        statement=(
            "Pushed off a saddle by ε, gradient descent needs ln(1/ε)/ln(1 + step_size·|λ_min|) "
            "steps to leave, up to a constant, if the push has a part along the most unstable "
            "direction."
        ),
        source="linearised gradient descent; derived here",
        provenance="derived",
        hypothesis="the push overlaps with the most unstable direction by at least 0.01",
        hypothesis_margin=overlap - 0.01,
        conclusion="counted and predicted slope differ by less than 0.1 %",
        conclusion_margin=1e-3 - error,
        case={"level": level, "step_size": step_size, "largest_push": largest},
    )


def claims() -> list[Claim]:
    """Cases that satisfy the hypotheses."""
    relu, wide, leaky = Problem(), Problem(-1.0, 2.0, 1.5, -1 / 3), Problem(leak=0.25)
    cluster = saddle(relu, 2, shares=[[1.5, -0.5], [1.0]], extras=[(0, 1, 0)])
    made = [
        no_local_maximum(relu, join(-1, -0.5, 3, 0.5)),
        no_local_maximum(relu, saddle(relu, 2)),
    ]
    for neuron in ((1.0, -2.0, 3.0), (-1.0, 0.0, 0.7), (1.0, -1.0, -0.7)):
        made.append(dead_neurons_make_minima(relu, saddle(relu, 0, extras=[neuron])))
    for problem, level in ((relu, 2), (wide, 4), (leaky, 1), (leaky, 3)):
        made.append(strict_with_known_index(problem, saddle(problem, level)))
        made.append(relative_spectrum_is_universal(problem, saddle(problem, level), level))
    made.append(strict_with_known_index(relu, cluster))
    made.append(strict_with_known_index(relu, join(0, 1, 0, 0.5)))
    made.append(escape_clock(relu, 2, 0.2, 1e-3))
    made.append(escape_clock(leaky, 1, 0.2, 1e-3))
    made.append(escape_clock(relu, 2, 0.2, 1e-3, np.ones(7)))
    return made


def breaking() -> list[Claim]:
    """No output bias; wrong sign; a leak; a flat semi-inactive neuron; a cluster; a push aside."""
    relu, leaky = Problem(), Problem(leak=0.25)
    return [
        no_local_maximum(relu, join(-1, -0.5, 3, 0.5), has_output_bias=False),
        dead_neurons_make_minima(relu, saddle(relu, 0, extras=[(-1.0, 0.0, -0.7)])),
        dead_neurons_make_minima(leaky, saddle(leaky, 0, extras=[(0.0, -1.0, 0.0)])),
        strict_with_known_index(relu, saddle(relu, 0, extras=[(-1.0, 0.0, 0.0)])),
        relative_spectrum_is_universal(relu, saddle(relu, 2, shares=[[1.5, -0.5], [1.0]]), 2),
        escape_clock(relu, 2, 0.2, 1e-3, np.linalg.eigh(hessian(relu, saddle(relu, 2)))[1][:, 1]),
    ]
