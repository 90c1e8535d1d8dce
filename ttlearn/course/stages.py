"""The stages that exercises share: what is returned, and which properties it has."""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ttlearn.course.checks import Check, Finding, Stage, StageName, Unfit

Array = NDArray[np.float64]
Arguments = tuple[Any, ...]
Problem = tuple[StageName, str] | None


@dataclasses.dataclass(frozen=True)
class Kind:
    """What an answer should be.

    ``inspect(value, arguments)`` is None when it is that; ``plain(value)`` is then its NumPy form.
    """

    inspect: Callable[[Any, Arguments], Problem]
    plain: Callable[[Any], Any]


def _type_problem(value: Any, wanted: str) -> Problem:
    return "wrong type", f"{wanted} is needed; this is {type(value).__name__}."


def _real_array(value: Any) -> Array | None:
    try:
        array = np.asarray(value)
    except ValueError:  # ragged lists
        return None
    if array.dtype.kind not in "iuf":
        return None
    return array.astype(np.float64)


def number() -> Kind:
    """One finite real number."""

    def inspect(value: Any, _: Arguments) -> Problem:
        if isinstance(value, str | bool | complex | np.bool_ | tuple | list | dict):
            return _type_problem(value, "One real number")
        array = _real_array(value)
        if array is None:
            return _type_problem(value, "One real number")
        if array.shape != ():
            return "wrong shape", f"One number is needed, not an array of shape {array.shape}."
        if not np.isfinite(array):
            return "not finite", f"The number is {float(array)}."
        return None

    return Kind(inspect, lambda value: float(np.asarray(value)))


def whole_number() -> Kind:
    """One whole number, of an integer type."""

    def inspect(value: Any, arguments: Arguments) -> Problem:
        problem = number().inspect(value, arguments)
        if problem is None and not isinstance(value, numbers.Integral | np.integer):
            dtype = getattr(value, "dtype", None)
            if dtype is None or np.dtype(dtype).kind not in "iu":
                return _type_problem(value, "A whole number (an int)")
        return problem

    return Kind(inspect, int)


def array(shape: Callable[..., tuple[int, ...]]) -> Kind:
    """An array of finite real numbers; ``shape(*arguments)`` says of which shape."""

    def inspect(value: Any, arguments: Arguments) -> Problem:
        got = None if isinstance(value, str) else _real_array(value)
        if got is None:
            return _type_problem(value, "An array of real numbers")
        wanted = shape(*arguments)
        if got.shape != wanted:
            return "wrong shape", f"Shape {wanted} is needed here; this has shape {got.shape}."
        if not np.all(np.isfinite(got)):
            return "not finite", "Some entries are NaN or infinite."
        return None

    return Kind(inspect, lambda value: np.asarray(value, dtype=np.float64))


def _items(value: Any, count: int) -> Any:
    """The things in a tuple, a list, or an array with one row per thing; None for all else."""
    if isinstance(value, tuple | list):
        return value
    if not isinstance(value, np.ndarray) or value.ndim == 0 or len(value) != count:
        return None
    if value.ndim == 1 and value.dtype.kind == "f":
        # An array of a count and a length holds both as floats: the count is whole all the same.
        return [int(item) if float(item).is_integer() else float(item) for item in value]
    return list(value)


def several(*kinds: Kind) -> Kind:
    """A tuple of things, in this order; a list or an array of as many will do."""

    def inspect(value: Any, arguments: Arguments) -> Problem:
        items = _items(value, len(kinds))
        if items is None:
            return _type_problem(value, f"A tuple of {len(kinds)}")
        if len(items) != len(kinds):
            return "wrong shape", f"{len(kinds)} things are needed; these are {len(items)}."
        for place, (kind, item) in enumerate(zip(kinds, items, strict=True)):
            problem = kind.inspect(item, arguments)
            if problem is not None:
                return problem[0], f"Number {place + 1} of {len(kinds)}: {problem[1]}"
        return None

    def plain(value: Any) -> Any:
        items = _items(value, len(kinds))
        return tuple(kind.plain(item) for kind, item in zip(kinds, items, strict=True))

    return Kind(inspect, plain)


def one_of(*options: str) -> Kind:
    """One of these words."""

    def inspect(value: Any, _: Arguments) -> Problem:
        if not isinstance(value, str):
            return _type_problem(value, f"One of the words {', '.join(options)}")
        if value not in options:
            return "wrong type", f"{value!r} is none of {', '.join(options)}."
        return None

    return Kind(inspect, str)


def _judge(value: Any, kind: Kind, arguments: Arguments) -> None:
    if value is None or value is Ellipsis:
        raise Unfit("not returned", "Your function returned nothing: is there a return line?")
    problem = kind.inspect(value, arguments)
    if problem is not None:
        raise Unfit(*problem)


def function_check(
    name: str,
    example: Callable[[np.random.Generator], Arguments],
    returns: Kind,
    *stages: Stage,
    praise: str = "Every stage passed.",
) -> Check:
    """A check of a function: is it one, does it run, what does it return, then ``stages``.

    Arguments:
        name: the exercise.
        example: ``example(rng)`` draws the arguments of one call.
        returns: what every call must return.
        stages: asked in order of the wrapped function, whose arguments are copies (so that a
            function that writes into them harms nobody) and whose results are NumPy numbers.
    """

    def wrap(function: Any) -> Callable[..., Any]:
        if not callable(function):
            raise Unfit("wrong type", f"A function is needed; this is {type(function).__name__}.")

        def called(*arguments: Any) -> Any:
            copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
            value = function(*copies)
            _judge(value, returns, arguments)
            return returns.plain(value)

        return called

    def runs(function: Any, rng: np.random.Generator) -> Finding:
        wrap(function)(*example(rng))
        return True

    def lift(stage: Stage) -> Stage:
        return dataclasses.replace(stage, holds=lambda f, rng: stage.holds(wrap(f), rng))

    first = Stage("raises", runs, "It does not run.")
    return Check(name, (first, *(lift(stage) for stage in stages)), praise)


def value_check(
    name: str, kind: Kind, *stages: Stage, praise: str = "Every stage passed."
) -> Check:
    """A check of a number, a word or a tuple of them."""

    def fits(value: Any, _: np.random.Generator) -> Finding:
        _judge(value, kind, ())
        return True

    return Check(name, (Stage("wrong type", fits, "Not of the right kind."), *stages), praise)


def agrees(
    compare: Callable[[Any, np.random.Generator], tuple[Any, Any]],
    sentence: str,
    tolerance: float = 1e-3,
) -> Stage:
    """Invariant: the answer's numbers and those of brute force differ by less than a tolerance.

    The tolerance is relative to the largest of the numbers compared.
    """

    def holds(answer: Any, rng: np.random.Generator) -> Finding:
        mine, reference = (np.ravel(np.asarray(part)) for part in compare(answer, rng))
        scale = float(np.max(np.abs(reference))) or 1.0
        return bool(np.max(np.abs(mine - reference)) <= tolerance * scale)

    return Stage("invariant", holds, sentence)


def invariant(holds: Callable[[Any, np.random.Generator], Finding], sentence: str) -> Stage:
    """Invariant: a property that every right answer has."""
    return Stage("invariant", holds, sentence)


def units(holds: Callable[[Any, np.random.Generator], Finding], sentence: str) -> Stage:
    """Units: a scaling that every right answer obeys."""
    return Stage("units", holds, sentence)


def close(one: Any, other: Any, tolerance: float = 1e-8, floor: float = 0.0) -> bool:
    """Whether two numbers or arrays agree, relative to the larger (or ``floor``)."""
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    scale = max(float(np.max(np.abs(one))), float(np.max(np.abs(other))), floor, 1e-300)
    return bool(np.max(np.abs(one - other)) <= tolerance * scale)
