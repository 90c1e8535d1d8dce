"""Traits of a lab: each is a parameter with its range and the words and input it gets on the page.

They refuse what is out of range with a sentence (found, allowed, fix). The page builds its inputs
from the same declarations, so there is one place where a range is written.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import traitlets


def _control(kind: str, label: str, **words: Any) -> dict[str, Any]:
    base = {
        "kind": kind,
        "label": label,
        "unit": "",
        "help": "",
        "group": "",
        "low": 0.0,
        "high": 1.0,
        "step": 0.01,
        "log": False,
        "increasing": False,
        "least": 0,
        "most": 0,
        "stops": [],
        "choices": [],
        "only": {},
        "hidden": False,
    }
    unknown = set(words) - set(base)
    if unknown:
        raise TypeError(f"unknown words {sorted(unknown)} for a lab's trait; known: {sorted(base)}")
    return base | words


class _Number(traitlets.Float):
    """A finite number in a closed range; whole where the control says so."""

    def __init__(self, default: float, control: dict[str, Any]) -> None:
        super().__init__(default)
        self.tag(sync=True, control=control)

    def validate(self, obj: Any, value: Any) -> Any:
        control = self.metadata["control"]
        try:
            return check_number(value, control)
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(f"{self.name} = {value!r}: {error}") from None


class _Whole(traitlets.Int):
    """A whole number in a closed range."""

    def __init__(self, default: int, control: dict[str, Any]) -> None:
        super().__init__(default)
        self.tag(sync=True, control=control)

    def validate(self, obj: Any, value: Any) -> Any:
        try:
            return int(check_number(value, self.metadata["control"]))
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(f"{self.name} = {value!r}: {error}") from None


class _Numbers(traitlets.List):
    """A list of finite numbers, of bounded length, increasing where the control says so."""

    def __init__(self, default: Sequence[float], control: dict[str, Any]) -> None:
        super().__init__(default_value=[float(x) for x in default])
        self.tag(sync=True, control=control)

    def validate(self, obj: Any, value: Any) -> Any:
        try:
            return check_numbers(value, self.metadata["control"])
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(f"{self.name}: {error}") from None


def check_number(value: Any, control: dict[str, Any]) -> float:
    """``value`` as a number that ``control`` allows, or a ValueError that says what is allowed.

    Where the control has stops: the one that is nearest.
    """
    whole = control["kind"] == "integer"
    allowed = (
        f"{'whole numbers' if whole else 'numbers'} from {control['low']:g} to {control['high']:g}"
    )
    if isinstance(value, bool | str):
        raise TypeError(f"not a number; allowed are {allowed}")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"not finite; allowed are {allowed}")
    if whole and number != int(number):
        raise ValueError(f"not whole; allowed are {allowed}")
    if not control["low"] <= number <= control["high"]:
        raise ValueError(f"out of range; allowed are {allowed}")
    return min(control["stops"], key=lambda stop: abs(stop - number), default=number)


def check_numbers(value: Any, control: dict[str, Any]) -> list[float]:
    """``value`` as a list that ``control`` allows, or a ValueError that says what is allowed."""
    if isinstance(value, str) or not hasattr(value, "__len__"):
        raise TypeError(f"{value!r} is not a list of numbers")
    if not control["least"] <= len(value) <= control["most"]:
        raise ValueError(
            f"{len(value)} values found; {control['least']} to {control['most']} are allowed"
        )
    numbers = [check_number(entry, control) for entry in value]
    if control["increasing"] and any(b <= a for a, b in itertools.pairwise(numbers)):
        raise ValueError(f"{numbers} does not increase; sort it and drop repeated values")
    return numbers


def number(
    default: float,
    low: float,
    high: float,
    label: str,
    *,
    log: bool = False,
    step: float = 0.01,
    **words: Any,
) -> traitlets.TraitType[Any, Any]:
    """A number from ``low`` to ``high``; a slider (logarithmic with ``log``) and a number field.

    Arguments:
        default, low, high, step: in the parameter's own unit; ``step`` is the slider's.
        label: how the page calls it.
        log: equal ratios are equal ways on the slider; ``low`` must be positive.
        words: ``unit``, ``help`` (shown as a tooltip), ``group`` (a fold of the form), ``only``
            (``{"mode": ["sgd"]}``: shown only then), ``hidden`` (no input on the form).
    """
    if log and low <= 0:
        raise ValueError(f"low = {low}: a logarithmic slider needs a positive lower end")
    control = _control("number", label, low=low, high=high, step=step, log=log, **words)
    return _Number(default, control)


def whole(
    default: int, low: int, high: int, label: str, *, log: bool = False, **words: Any
) -> traitlets.TraitType[Any, Any]:
    """A whole number from ``low`` to ``high``; a slider and a number field."""
    return _Whole(default, _control("integer", label, low=low, high=high, step=1, log=log, **words))


def one_of(
    default: float, stops: Sequence[float], label: str, **words: Any
) -> traitlets.TraitType[Any, Any]:
    """One of the increasing numbers ``stops``; a slider that stops at each, and a number field.

    A number between two of them becomes the nearer one; it is whole if all of them are.
    """
    whole = all(float(stop).is_integer() for stop in stops)
    plain = [int(stop) if whole else float(stop) for stop in stops]
    kind = "integer" if whole else "number"
    control = _control(kind, label, low=plain[0], high=plain[-1], stops=plain, **words)
    opening = check_number(default, control)
    return _Whole(int(opening), control) if whole else _Number(opening, control)


def numbers(
    default: Sequence[float],
    low: float,
    high: float,
    label: str,
    *,
    least: int = 1,
    most: int = 40,
    increasing: bool = False,
    **words: Any,
) -> traitlets.TraitType[Any, Any]:
    """A list of ``least`` to ``most`` numbers; a text field, and what the scene lets one drag."""
    options = {"low": low, "high": high, "least": least, "most": most, "increasing": increasing}
    return _Numbers(default, _control("numbers", label, **options, **words))


def choice(
    default: str, choices: dict[str, str], label: str, **words: Any
) -> traitlets.TraitType[Any, Any]:
    """One of the keys of ``choices``; the page shows the values."""
    entries = [{"value": value, "label": text} for value, text in choices.items()]
    trait = traitlets.Enum(list(choices), default_value=default)
    return trait.tag(sync=True, control=_control("choice", label, choices=entries, **words))


def flag(default: bool, label: str, **words: Any) -> traitlets.TraitType[Any, Any]:
    """Yes or no; a tick box."""
    return traitlets.Bool(default).tag(sync=True, control=_control("flag", label, **words))
