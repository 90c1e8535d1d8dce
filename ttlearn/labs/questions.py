"""Prediction first: questions that are answered before anything is revealed.

They need no kernel. What the reader answers stays in their browser, in a *passport* that they can
export, hand in, import elsewhere, or delete; nothing is sent anywhere.
"""

from __future__ import annotations

import itertools
import math
import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import traitlets

STATIC = pathlib.Path(__file__).parent / "static"


class Question(anywidget.AnyWidget):
    """One question: commit to an answer, then see what was right and why.

    Make one with :func:`choose`, :func:`choose_several`, :func:`estimate` or :func:`sketch`.

    Traits:
        answer: what was committed; None before. The text of an option, a list of texts, a number,
            or the heights of a sketch.
    """

    _esm = STATIC / "question.js"
    _question = traitlets.Dict().tag(sync=True)
    answer = traitlets.Any(None, allow_none=True).tag(sync=True)

    @property
    def name(self) -> str:
        """The name under which the passport keeps the answer."""
        return str(self._question["name"])


class Sketch(Question):
    """A question answered by drawing a curve; see :func:`sketch`."""

    _esm = STATIC / "sketch.js"


class Passport(anywidget.AnyWidget):
    """What the reader has answered so far: listed, exported, imported, or deleted.

    >>> type(Passport()).__name__
    'Passport'
    """

    _esm = STATIC / "passport.js"


def choose(
    name: str, prompt: str, options: Mapping[str, str], *, right: str, reveal: str
) -> Question:
    """A question with one right option.

    Arguments:
        name: unique in the course; lower case, digits and hyphens.
        prompt: the question.
        options: each option's text and what it gets right or misses, shown after committing.
        right: the text of the right option.
        reveal: the explanation that everybody sees in the end.

    Raises:
        ValueError: on a bad name, fewer than two options, an empty text, or an unknown ``right``.

    >>> choose("sum", "1 + 1?", {"2": "Yes.", "11": "Digits side by side."}, right="2",
    ...        reveal="Count.").name
    'sum'
    """
    return _with_options("choice", name, prompt, options, [right], reveal)


def choose_several(
    name: str, prompt: str, options: Mapping[str, str], *, right: Sequence[str], reveal: str
) -> Question:
    """A question where every right option, and none else, is to be ticked; see :func:`choose`.

    >>> choose_several("even", "Which are even?", {"2": "Yes.", "3": "Odd.", "4": "Yes."},
    ...                right=["2", "4"], reveal="Halve them.").name
    'even'
    """
    if isinstance(right, str):
        raise ValueError(f"right = {right!r}; give a list of texts")
    return _with_options("several", name, prompt, options, list(right), reveal)


def estimate(
    name: str,
    prompt: str,
    value: float,
    *,
    tolerance: float,
    reveal: str,
    unit: str = "",
    near: Mapping[tuple[float, float], str] | None = None,
) -> Question:
    """A question whose answer is a number.

    Arguments:
        value, tolerance: right is within ``tolerance`` of ``value``.
        unit: printed behind the field.
        near: ``{(low, high): sentence}``: what an answer in that range has overlooked.

    Raises:
        ValueError: on numbers that are not finite, or a tolerance that is not positive.

    >>> estimate("half", "1 / 2?", 0.5, tolerance=0.01, reveal="Half.").name
    'half'
    """
    if not (math.isfinite(value) and math.isfinite(tolerance) and tolerance > 0):
        raise ValueError(f"value {value}, tolerance {tolerance}; both finite, tolerance > 0")
    ranges = [
        {"low": float(low), "high": float(high), "feedback": _text("feedback", text)}
        for (low, high), text in (near or {}).items()
    ]
    return Question(
        _question=_common("number", name, prompt, reveal)
        | {"value": float(value), "tolerance": float(tolerance), "unit": unit, "near": ranges}
    )


def sketch(
    name: str,
    prompt: str,
    curve: tuple[Sequence[float], Sequence[float]],
    *,
    x: tuple[str, float, float],
    y: tuple[str, float, float],
    shapes: Mapping[str, str],
    right: str,
    reveal: str,
    close: float = 0.12,
) -> Question:
    """A question answered by drawing a curve, or by choosing its description.

    Arguments:
        curve: (xs, ys) of the true curve, xs increasing.
        x, y: (label, low, high) of the axes.
        shapes: for those who do not draw: descriptions and their feedback.
        right: the right description.
        close: a drawing is right when its root mean square distance from the curve is at most this
            fraction of the height.

    Raises:
        ValueError: on a curve of fewer than two points, or not increasing, or not finite.

    >>> sketch("line", "Draw y = x.", ([0, 1], [0, 1]), x=("x", 0, 1), y=("y", 0, 1),
    ...        shapes={"rises": "Yes.", "falls": "No."}, right="rises", reveal="A line.").name
    'line'
    """
    xs, ys = ([float(v) for v in values] for values in curve)
    if len(xs) != len(ys) or len(xs) < 2:
        raise ValueError(f"{len(xs)} and {len(ys)} values; a curve has at least two points")
    increasing = all(b > a for a, b in itertools.pairwise(xs))
    if not increasing or not all(map(math.isfinite, [*xs, *ys])):
        raise ValueError("the curve must be finite and its xs must increase")
    axes = {}
    for axis, (label, low, high) in (("x", x), ("y", y)):
        if not low < high:
            raise ValueError(f"{axis} runs from {low} to {high}; the first must be smaller")
        axes[axis] = {"label": label, "low": float(low), "high": float(high)}
    declared = _with_options("sketch", name, prompt, shapes, [right], reveal)._question
    return Sketch(_question=declared | axes | {"xs": xs, "ys": ys, "close": float(close)})


def _with_options(
    kind: str, name: str, prompt: str, options: Mapping[str, str], right: list[str], reveal: str
) -> Question:
    if len(options) < 2:
        raise ValueError(f"{len(options)} options; a question has at least two")
    unknown = [text for text in right if text not in options]
    if unknown or not right:
        raise ValueError(f"right = {right}; name at least one of {list(options)}")
    entries = [
        {"text": _text("option", text), "feedback": _text("feedback", why), "right": text in right}
        for text, why in options.items()
    ]
    return Question(_question=_common(kind, name, prompt, reveal) | {"options": entries})


def _common(kind: str, name: str, prompt: str, reveal: str) -> dict[str, Any]:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"name {name!r}; use lower-case letters, digits and single hyphens")
    texts = {"prompt": _text("prompt", prompt), "reveal": _text("reveal", reveal)}
    return {"kind": kind, "name": name, **texts}


def _text(what: str, text: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"the {what} is {text!r}; write a sentence")
    return " ".join(text.split())
