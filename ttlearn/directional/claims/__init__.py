"""The theorems as implications, each checked on cases; see :class:`ttlearn.Claim`.

``all_claims`` holds cases that meet the hypothesis, ``breaking_cases`` cases that drop one, and
``printed_forms`` the extracted texts of three bounds on the cases that refute them.
"""

from __future__ import annotations

from ttlearn.directional.claims import bounds, depth, descents, rates, statics, symmetry, two_nodes
from ttlearn.records import Claim

MODULES = (statics, bounds, depth, descents, rates, two_nodes, symmetry)


def all_claims() -> list[Claim]:
    """Every statement on cases that meet its hypothesis.

    Propositions 1-3, Lemmas 1-4, Theorems 1-5 (corrected), D1-D6, the measured rates, and the
    contrasts. The two-node global statement is ``measured``.
    """
    return [claim for module in MODULES for claim in module.satisfied()]


def breaking_cases() -> list[Claim]:
    """Cases that drop one hypothesis, and whose conclusion then fails."""
    return [claim for module in MODULES for claim in module.broken()]


def printed_forms() -> list[Claim]:
    """Three bounds as the extracted text prints them, on the cases that refute them (E1-E3)."""
    return bounds.printed_forms() + depth.printed_forms()


__all__ = ["all_claims", "breaking_cases", "printed_forms"]
