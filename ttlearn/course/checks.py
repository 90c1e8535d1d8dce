"""A check is a list of stages; a stage is a predicate and a sentence that names the mistake."""

from __future__ import annotations

import dataclasses
import dis
import html
import secrets
import types
import warnings
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

StageName = Literal[
    "missing",
    "raises",
    "not returned",
    "wrong type",
    "wrong shape",
    "not finite",
    "units",
    "invariant",
    "right",
]

Finding = bool | str
Predicate = Callable[[Any, np.random.Generator], Finding]


@dataclasses.dataclass(frozen=True)
class Stage:
    """One question asked of an answer.

    Arguments:
        name: which kind of mistake it looks for.
        holds: ``holds(answer, rng)`` is True when all is well; False, or a sentence that is more
            precise than ``sentence``, when not. ``rng`` gives it fresh random data.
        sentence: names the mistake, never the remedy's formula.
        share: the share of the points that an answer earns which fails here.
    """

    name: StageName
    holds: Predicate
    sentence: str
    share: float = 0.0


@dataclasses.dataclass(frozen=True)
class Report:
    """What a check found: the stage that was reached, and a sentence."""

    check: str
    stage: StageName
    sentence: str
    seed: int | None = None
    passed: int = 0
    of: int = 0
    share: float = 0.0

    @property
    def right(self) -> bool:
        """Whether every stage passed."""
        return self.stage == "right"

    def points(self, maximum: float) -> float:
        """All of ``maximum`` if right; else the share of the stage that failed, mostly 0.

        Where only a constant factor or a sign is off the share is one half: the idea is there.

        >>> Report("area", "units", "A factor of two.", share=0.5).points(4)
        2.0
        """
        return (1.0 if self.right else self.share) * float(maximum)

    def require(self) -> None:
        """Raise AssertionError with the sentence unless the answer is right."""
        if not self.right:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        # The seed repeats a finding; a missing answer has none, so that its text never changes.
        again = "" if self.seed is None or self.right else f" (seed={self.seed} repeats this)"
        return f"{self.check}: {self.stage}. {self.sentence}{again}"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        mark = {"right": "&#10003;", "missing": "&#9675;"}.get(self.stage, "&#10007;")
        bar = ""
        if self.of and self.stage != "missing":
            bar = f"<br><small>{self.passed} of {self.of} stages passed</small>"
        text = html.escape(str(self).removeprefix(f"{self.check}: {self.stage}. "))
        return (
            '<div class="ttlearn-report" role="status" style="border-left:0.3em solid currentColor;'
            'padding:0.3em 0.8em;margin:0.4em 0">'
            f"<strong>{mark} {html.escape(self.check)}: {self.stage}.</strong> {text}{bar}</div>"
        )


@dataclasses.dataclass(frozen=True)
class Check:
    """Ask the stages in order and stop at the first that fails.

    The checker holds no answer: its stages ask for invariants, limits and orders on data that are
    drawn anew each time.

    Arguments:
        name: the exercise's name, as the report prints it.
        stages: in order.
        praise: the sentence of a right answer.

    >>> even = Check("even", (Stage("invariant", lambda a, rng: a % 2 == 0, "It is odd."),))
    >>> even(3, seed=0)
    even: invariant. It is odd. (seed=0 repeats this)
    >>> even(4).right
    True
    """

    name: str
    stages: tuple[Stage, ...]
    praise: str = "Every stage passed."

    def __call__(self, answer: Any = None, *, seed: int | None = None) -> Report:
        """The report on ``answer``; the same ``seed`` repeats the same random data."""
        if is_missing(answer):
            return Report(self.name, "missing", "No answer yet.", None, 0, len(self.stages))
        seed = secrets.randbelow(2**31) if seed is None else seed
        for index, stage in enumerate(self.stages):
            name, sentence = _ask(stage, answer, np.random.default_rng([seed, index]))
            if name != "right":
                shown = None if name == "missing" else seed
                share = stage.share if name == stage.name else 0.0
                return Report(self.name, name, sentence, shown, index, len(self.stages), share)
        total = len(self.stages)
        return Report(self.name, "right", self.praise, seed, total, total)


class Unfit(Exception):  # noqa: N818 - a finding about an answer, not an error of the checker
    """Raised by a wrapped answer whose result cannot be judged; carries the stage it means."""

    def __init__(self, stage: StageName, sentence: str) -> None:
        super().__init__(sentence)
        self.stage = stage
        self.sentence = sentence


def _ask(stage: Stage, answer: Any, rng: np.random.Generator) -> tuple[StageName, str]:
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            finding = stage.holds(answer, rng)
    except Unfit as unfit:
        return unfit.stage, unfit.sentence
    except NotImplementedError:
        return "missing", "No answer yet."
    except Exception as error:  # whatever a student's function raises is a finding
        return "raises", f"Your answer raised {type(error).__name__}: {error}"
    if isinstance(finding, str):
        return stage.name, finding
    return ("right", "") if bool(finding) else (stage.name, stage.sentence)


def is_missing(answer: Any) -> bool:
    """Whether an answer is still the one handed out: None, ``...``, or a function without a body.

    >>> def stub(x):
    ...     "docstring"
    ...     ...
    >>> is_missing(stub), is_missing(...), is_missing(0.0)
    (True, True, False)
    """
    if answer is None or answer is Ellipsis:
        return True
    if isinstance(answer, tuple | list):
        return any(is_missing(item) for item in answer)
    if isinstance(answer, types.FunctionType):
        # Python compiles a body of a docstring, ``...`` or ``pass`` to "return None", no more.
        steps = list(dis.get_instructions(answer))
        loaded = {step.argval for step in steps if step.opname in _LOADING}
        return {step.opname for step in steps} <= _NOTHING and loaded <= {None, Ellipsis}
    return False


_LOADING = {"LOAD_CONST", "RETURN_CONST"}
_NOTHING = {"RESUME", "NOP", "RETURN_VALUE", *_LOADING}
