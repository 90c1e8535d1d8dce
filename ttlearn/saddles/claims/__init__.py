"""The wing's theorems as implications, checked on cases; and the same with a hypothesis dropped."""

from __future__ import annotations

import ttlearn.saddles.claims.atlas as atlas
import ttlearn.saddles.claims.avoidance as avoidance
import ttlearn.saddles.claims.shape as shape
import ttlearn.saddles.claims.speeds as speeds
from ttlearn.records import Claim

OPEN_QUESTIONS = (
    "Can gradient descent from random starts converge to a critical point with a degenerate neuron "
    "(w = b = 0) on a set of positive measure? The proof of the descent theorem does not cover it.",
    "Can it converge to a plateau saddle whose only defect is a semi-inactive neuron with v = 0? "
    "That saddle has no negative curvature, so no theorem here covers it.",
    "That gradient descent converges at all is assumed, not proved, in every statement here.",
)


def all_claims() -> list[Claim]:
    """Every statement on cases that satisfy its hypothesis."""
    return [claim for module in (atlas, shape, avoidance, speeds) for claim in module.claims()]


def breaking_cases() -> list[Claim]:
    """Every statement with one hypothesis dropped, on a case where its conclusion fails."""
    return [claim for module in (atlas, shape, avoidance, speeds) for claim in module.breaking()]


__all__ = ["OPEN_QUESTIONS", "all_claims", "breaking_cases"]
