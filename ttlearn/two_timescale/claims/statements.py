"""What each claim says, where it comes from, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ttlearn.records import Claim, Provenance

PAPER = "Marion & Berthier 2023"
HERE = "derived here"


class Statement(NamedTuple):
    """A theorem without a case."""

    statement: str
    source: str
    provenance: Provenance
    hypothesis: str
    conclusion: str


STATEMENTS: dict[str, Statement] = {
    "P2": Statement(
        "With m >= (6 / Delta v)(4 + log n + log(1 / delta)) neurons, uniform start, a = 0 and "
        "small enough width and ratio, the loss is at most xi at slow time 6 / Delta f^2, with "
        "probability 1 - delta.",
        f"{PAPER}, main theorem; form and constants recalled, thresholds not explicit",
        "recalled",
        "neurons beyond (6 / Delta v)(4 + log n + log(1 / delta))",
        "share of starts that reach xi by slow time 6 / Delta f^2, beyond 1 - delta",
    ),
    "P3": Statement(
        "The limit flow of a wide enough random start reaches loss 0 in a slow time of order "
        "1 / Delta f^2.",
        f"{PAPER}, limit theorem; wording recalled with low confidence",
        "recalled",
        "neurons beyond (6 / Delta v)(4 + log n + log(1 / delta))",
        "share of starts at loss 0 by slow time 6 / Delta f^2, beyond 1 - delta",
    ),
    "P4": Statement(
        "For a small ratio the nearer neuron of a jump enters a window of one width around it and "
        "then stays in a window of two widths.",
        f"{PAPER}, the two-panel proof sketch of the published code",
        "recalled",
        "0.1 minus the ratio",
        "half a width minus the least distance, one width minus the largest one from then on",
    ),
    "C1": Statement(
        "If every inner piece holds two neurons, the flanks of different jumps are different "
        "neurons.",
        HERE,
        "derived",
        "neurons beyond two in the poorest inner piece",
        "distinct flanks beyond two for each jump (0: all distinct)",
    ),
    "D1": Statement(
        "Under C1 the limit flow reaches each jump at its hitting time T_i <= 2 / kappa_i and has "
        "loss 0 from then on; exactly one neuron covers each jump.",
        HERE,
        "derived",
        "starts, in these draws, that fulfil C1 with both end pieces filled, beyond one",
        "least of 2 - kappa T over jumps and starts, minus the loss left",
    ),
    "D2": Statement(
        "m >= 1 + (2 / Delta v)(log(n / delta) + log 2 - 1/2) uniform neurons put two into every "
        "piece with probability 1 - delta.",
        HERE,
        "derived",
        "neurons beyond the bound",
        "exact probability minus (1 - delta)",
    ),
    "D3": Statement(
        "C1 is far from necessary: most random starts that violate it still reach loss 0 in the "
        "limit.",
        "measured here",
        "measured",
        "starts, in these draws, that violate C1, beyond one",
        "share of those that reach loss below 1e-6, beyond one half",
    ),
    "D4": Statement(
        "Jumps .2, .5, .8 with values 0, 1, 1.3, 2.3 and neurons at .05, .25, .75, .95: the limit "
        "leaves the middle jump uncovered at loss 0.0135.",
        HERE,
        "derived",
        "neurons that the start lacks for C1, minus one",
        "1e-6 minus the distance of the final loss from 0.0135",
    ),
    "D5": Statement(
        "For sharp steps the Gram matrix has least eigenvalue at least Delta_min / 4, so the fast "
        "layer contracts at rate Delta_min / 2.",
        HERE,
        "derived",
        "draws of sharp steps, beyond one",
        "least eigenvalue over Delta_min / 4, minus 1",
    ),
    "D6": Statement(
        "Smoothing moves the root of the loss by at most sqrt(width / 28) sum |a_j|.",
        HERE,
        "derived",
        "draws, beyond one",
        "the bound minus |sqrt(L_width) - sqrt(L_0)|",
    ),
    "floor": Statement(
        "With one neuron on each jump, carrying its height, and disjoint windows the loss is "
        "width * sum J^2 / 28.",
        HERE,
        "derived",
        "shortest piece minus the width",
        "1e-12 minus the distance of the loss from the floor",
    ),
    "D7": Statement(
        "The distance of flow and limit at half the hitting time falls with the ratio, between a "
        "square root and linearly.",
        "measured here",
        "measured",
        "0.1 minus the larger ratio",
        "distance of the observed exponent from the ends of [0.4, 1.1]",
    ),
    "D8": Statement(
        "For small steps the position of a covering neuron jitters with variance "
        "h * ratio * (noise^2 / 3 + J^2 / 28) under the box slope.",
        HERE,
        "derived",
        "1 minus (width hit by one sample), (2 h ratio |J| (1 + noise) / width) / width",
        "0.4 minus the relative distance of the measured variance",
    ),
    "D9": Statement(
        "SGD follows the flow if one sample moves a neuron by much less than its width: "
        "h * ratio << width^2 / (2 |r a|).",
        HERE,
        "derived",
        "0.1 minus the largest move by one sample in widths",
        "one width minus the distance of SGD from the flow at the end",
    ),
    "envelope": Statement(
        "The slow velocity (f* - c_right)^2 - (f* - c_left)^2 is minus the slope of the reduced "
        "loss.",
        HERE,
        "derived",
        "distance of the neurons from the jumps and each other, minus 1e-4",
        "1e-6 minus the largest distance from a difference quotient",
    ),
    "cubic": Statement(
        "While two neurons race to the jump between them, |l^3 - r^3| is conserved.",
        HERE,
        "derived",
        "jumps in the two outer cells, negated",
        "1e-9 minus the largest change of |l^3 - r^3|",
    ),
    "hitting time": Statement(
        "T = (1 / kappa)[p + q - D + (p^2 / q) F(1/3, 1; 5/3; (p / q)^3)].",
        HERE,
        "derived",
        "jumps in the two outer cells, negated",
        "1e-8 minus the distance from the event integration",
    ),
    "hitting bounds": Statement(
        "p / kappa <= T <= 4 p / kappa for two free flanks.",
        HERE,
        "derived",
        "free flanks beyond two",
        "least of kappa T / p - 1 and 4 - kappa T / p",
    ),
    "loss rate": Statement(
        "A raced jump loses between kappa^2 / 8 and kappa^2 of its loss in a unit of slow time.",
        HERE,
        "derived",
        "free flanks beyond two",
        "least distance of the rate over kappa^2 from the ends of [1/8, 1]",
    ),
    "Gram": Statement(
        "In plateau coordinates the Gram matrix of neurons more than a width apart and inside is "
        "tridiagonal: Delta_k - 5 width / 28, and 5 width / 56 beside.",
        HERE,
        "derived",
        "least gap minus the width, in widths",
        "1e-12 minus the largest entry off the formula",
    ),
}


def claim(
    name: str, hypothesis_margin: float, conclusion_margin: float, case: Mapping[str, Any]
) -> Claim:
    """The statement called ``name`` on one case."""
    text = STATEMENTS[name]
    return Claim(
        name,
        text.statement,
        text.source,
        text.provenance,
        text.hypothesis,
        float(hypothesis_margin),
        text.conclusion,
        float(conclusion_margin),
        dict(case),
    )
