"""The two-timescale theorems as claims: each with its provenance, checked on cases.

``all_claims()`` are cases that satisfy their hypothesis, ``breaking_cases()`` drop one hypothesis
each, so that the conclusion fails. A claim over random draws counts the draws that violate its
hypothesis in ``case``; none is drawn again.
"""

from __future__ import annotations

from ttlearn.records import Claim
from ttlearn.two_timescale.claims import limit, network, paper, training

_ROOMS = (paper, limit, network, training)


def all_claims() -> list[Claim]:
    """Every claim of this wing on quick cases that satisfy its hypothesis.

    Source: the field ``source`` of each claim.
    """
    return [claim for room in _ROOMS for make in room.CASES for claim in make()]


def breaking_cases() -> list[Claim]:
    """The same claims where one hypothesis is dropped and the conclusion fails."""
    return [claim for room in _ROOMS for make in room.BREAKING for claim in make()]


__all__ = ["all_claims", "breaking_cases"]
