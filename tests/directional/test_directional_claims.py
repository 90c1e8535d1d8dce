"""The claims: every statement holds on its cases, and each dropped hypothesis is seen to matter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ttlearn.directional import claims
from ttlearn.directional.claims import bounds, common, depth

STATEMENTS = {
    *(f"Proposition {i}" for i in (1, 2, 3)),
    *(f"Lemma {i}" for i in (1, 2, 3, 4)),
    *(f"Theorem {i}" for i in (1, 2, 3, 4, 5)),
    *("D1", "D2", "D3", "D4", "D5", "D6"),
    *("D3, constants", "D6, rates", "Depth 2", "Master identity", "Two nodes, monotone"),
    *("Antipodal manifold", "Step sums", "Two nodes, global", "Catapult", "Slow start"),
    *("Equal loss", "Label noise", "Bias", "Anisotropy", "Statistical floor", "Late drift"),
}


@pytest.fixture(scope="module")
def satisfied():
    return claims.all_claims()


@pytest.mark.slow
def test_every_statement_holds_on_its_cases(satisfied):
    assert {claim.name for claim in satisfied} == STATEMENTS
    for claim in satisfied:
        assert claim.hypothesis_margin >= 0, claim
        assert claim.verdict == "holds", claim


@pytest.mark.slow
def test_every_statement_breaks_when_a_hypothesis_is_dropped(satisfied):
    broken = claims.breaking_cases()
    assert {claim.name for claim in broken} == {claim.name for claim in satisfied}
    for claim in broken:
        assert claim.hypothesis_margin < 0, claim
        assert claim.conclusion_margin < 0, claim


@pytest.mark.slow
def test_printed_forms_fail_where_the_specification_says():
    printed = claims.printed_forms()
    assert len(printed) == 3
    assert all(claim.verdict == "fails" and claim.provenance == "paper" for claim in printed)
    slack = bounds.theorem_1_slack(common.CIRCLE, 1.0, common.PAPER_ANGLE, printed=True)
    assert slack.min() == pytest.approx(-10.64, abs=0.05)
    assert common.TIMES[slack.argmin()] == pytest.approx(421, rel=0.1)
    assert slack[np.searchsorted(common.TIMES, 1e4)] > 0
    first = depth.theorem_5_slacks(common.CIRCLE, 1.0, common.PAPER_ANGLE, 4, power=2 / math.pi)[
        "first"
    ]
    assert first.min() == pytest.approx(-0.2143, abs=1e-3)


@pytest.mark.slow
def test_two_node_statement_is_measured(satisfied):
    (claim,) = [claim for claim in satisfied if claim.name == "Two nodes, global"]
    assert claim.provenance == "measured"
    assert "not proven" in claim.statement
