"""Every claim holds where its hypothesis does, and fails where one hypothesis is dropped."""

from __future__ import annotations

import pytest

from ttlearn.records import Claim
from ttlearn.two_timescale.claims import all_claims, breaking_cases
from ttlearn.two_timescale.claims.statements import STATEMENTS


@pytest.fixture(scope="module")
def satisfied() -> list[Claim]:
    return all_claims()


@pytest.fixture(scope="module")
def broken() -> list[Claim]:
    return breaking_cases()


@pytest.mark.slow
def test_each_statement_has_a_case_that_satisfies_its_hypothesis(satisfied: list[Claim]) -> None:
    holding = {claim.name for claim in satisfied if claim.hypothesis_margin >= 0}
    assert holding == set(STATEMENTS)


@pytest.mark.slow
def test_every_conclusion_holds_where_the_hypothesis_does(satisfied: list[Claim]) -> None:
    wrong = [claim for claim in satisfied if claim.verdict != "holds"]
    assert not wrong, wrong


@pytest.mark.slow
def test_each_statement_breaks_when_a_hypothesis_is_dropped(broken: list[Claim]) -> None:
    assert {claim.name for claim in broken} == set(STATEMENTS)
    for claim in broken:
        assert claim.verdict == "not applicable", claim
        assert claim.conclusion_margin < 0, claim


@pytest.mark.slow
def test_draws_that_violate_the_hypothesis_are_counted(satisfied: list[Claim]) -> None:
    case = next(claim.case for claim in satisfied if claim.name == "D1")
    assert case["fulfil"] + case["violate"] == case["draws"]
    assert case["violate"] > 0


def test_recalled_statements_say_so() -> None:
    for name in ("P2", "P3", "P4"):
        assert STATEMENTS[name].provenance == "recalled"
    for name, statement in STATEMENTS.items():
        assert statement.provenance != "paper", name
        assert statement.source
