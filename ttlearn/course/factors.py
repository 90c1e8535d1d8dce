"""The stages that ask whether an answer is right up to a constant factor or a sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ttlearn.course.checks import Finding, Stage, Unfit

Pair = tuple[Any, Any]


def _common_factor(mine: Any, reference: Any, tolerance: float) -> float | None:
    """The one factor between the answer's numbers and the reference's, if there is one."""
    mine, reference = np.ravel(np.asarray(mine)), np.ravel(np.asarray(reference))
    ratio = float(mine @ reference / (reference @ reference))
    off = np.max(np.abs(mine - ratio * reference)) / np.max(np.abs(reference))
    # Written so that NaN, too, is no factor.
    return ratio if off <= tolerance * abs(ratio) and abs(ratio) >= 1e-9 else None


def _name_factor(ratio: float, what: str, tolerance: float, question: str) -> Finding:
    if abs(ratio - 1.0) <= tolerance:
        return True
    if abs(ratio + 1.0) <= tolerance:
        return f"The sign of {what} is the opposite of what it should be."
    if min(abs(ratio - 2.0), abs(ratio - 0.5)) <= tolerance:
        return f"There is a factor of two in {what}" + (f": {question}" if question else ".")
    return f"A constant factor or a unit is off: {what} has the right shape, not the right size."


def _leniently(holds: Callable[[Any, np.random.Generator], Finding]) -> Any:
    """Leave a result that cannot be judged, such as infinity, to the stages that follow."""

    def asked(answer: Any, rng: np.random.Generator) -> Finding:
        try:
            return holds(answer, rng)
        except Unfit:
            return True

    return asked


def factor(
    compare: Callable[[Any, np.random.Generator], Pair],
    what: str,
    tolerance: float = 1e-3,
    *,
    share: float = 0.0,
    question: str = "",
) -> Stage:
    """Units: is the answer right up to one constant factor, and is that factor 1?

    Arguments:
        compare: ``compare(answer, rng)`` gives the answer's numbers and what brute force found.
        what: names the quantity in the sentence.
        tolerance: relative, of the ratio.
        share: what an answer earns that is off by a factor. One half where ``compare`` sees all of
            an answer; nothing where it sees a part, since the rest may be wrong.
        question: ends the sentence of a factor of two.
    """

    def holds(answer: Any, rng: np.random.Generator) -> Finding:
        ratio = _common_factor(*compare(answer, rng), tolerance)
        # Not proportional: another stage will name the mistake.
        return True if ratio is None else _name_factor(ratio, what, tolerance, question)

    return Stage("units", _leniently(holds), f"A constant factor is off in {what}.", share=share)


def factors(
    compare: Callable[[Any, np.random.Generator], list[Pair]],
    names: Sequence[str],
    tolerance: float = 1e-3,
    *,
    share: float = 0.0,
    question: str = "",
) -> Stage:
    """Units: is every part of the answer right up to a factor of its own, and is that factor 1?

    Arguments:
        compare: as in :func:`factor`, with one pair for each of the parts.
        names: of the parts.
        tolerance, share, question: as in :func:`factor`.
    """

    def holds(answer: Any, rng: np.random.Generator) -> Finding:
        ratios = [_common_factor(*pair, tolerance) for pair in compare(answer, rng)]
        known = [ratio for ratio in ratios if ratio is not None]
        if len(known) < len(ratios):
            return True  # one part is wrong in another way
        found = (
            _name_factor(ratio, name, tolerance, question)
            for ratio, name in zip(known, names, strict=True)
        )
        return next((finding for finding in found if finding is not True), True)

    return Stage("units", _leniently(holds), "A constant factor is off in one part.", share=share)
