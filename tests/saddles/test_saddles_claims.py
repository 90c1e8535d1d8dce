"""Every claim on cases that satisfy its hypothesis, and on one that does not."""

import collections

import pytest

from ttlearn.saddles.claims import OPEN_QUESTIONS, all_claims, breaking_cases
from ttlearn.saddles.claims.atlas import critical_points_are_zigzags, zigzags_are_critical

NAMES = {
    "zigzags-are-critical",
    "relu-classification",
    "leaky-classification",
    "quadratic-activation",
    "no-local-maximum",
    "minima-are-dead-neurons",
    "strict-saddles",
    "relative-spectrum",
    "escape-clock",
    "center-stable",
    "sharp-minima-repel",
    "descent-avoids-saddles",
    "weak-threshold",
    "strong-threshold",
    "low-starts-arrive",
    "leaky-always-arrives",
    "ratio-is-scale",
}


@pytest.fixture(scope="module")
def made():
    return all_claims()


@pytest.mark.slow
def test_every_claim_holds_on_cases_that_satisfy_its_hypothesis(made):
    assert {claim.name for claim in made} == NAMES
    bad = [claim for claim in made if claim.verdict != "holds"]
    assert not bad


@pytest.mark.slow
def test_searches_found_every_level(made):
    found = collections.Counter(
        (claim.name, claim.case["level"]) for claim in made if "classification" in claim.name
    )
    for name, level in (("relu-", 0), ("relu-", 2), ("leaky-", 0), ("leaky-", 1)):
        assert found[(f"{name}classification", level)] >= 1


@pytest.mark.slow
def test_every_claim_breaks_when_a_hypothesis_is_dropped():
    broken = breaking_cases()
    assert {claim.name for claim in broken} == NAMES
    for claim in broken:
        assert claim.hypothesis_margin < 0, claim
        assert claim.conclusion_margin < 0, claim


def test_what_is_open_is_said():
    text = " ".join(OPEN_QUESTIONS)
    assert "degenerate" in text
    assert "semi-inactive" in text
    assert "assumed" in text


def test_a_claim_can_fail(monkeypatch):
    """With a wrong level the same point contradicts the statement or leaves its hypothesis."""
    from ttlearn.saddles import Problem, saddle

    point = saddle(Problem(), 2)
    assert zigzags_are_critical(Problem(), point, 4).verdict == "not applicable"
    module = "ttlearn.saddles.claims.atlas.theorem_misfit"
    monkeypatch.setattr(module, lambda *_: 1.0)
    assert critical_points_are_zigzags(Problem(), point, "relu-classification").verdict == "fails"
