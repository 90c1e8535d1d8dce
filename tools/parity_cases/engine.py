"""What one engine's parity consists of."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Parameters = dict[str, Any]
Numbers = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Engine:
    """Cases of one engine.

    Arguments:
        cases: named parameters of the engine; at least 20.
        compute: the same numbers with JAX, by name.
        absolute: largest difference between the engine and the frozen numbers, by name; "" is for
            every name that is not listed.
        relative: the same, relative to the frozen number; added to the absolute one.
        live: ``absolute`` for the tolerance at which the page runs the engine, if it has one.
        drift: the same between the frozen numbers and JAX run again, relative to 1 + |number|.
        until: why the comparison ends where it ends, when it does.
    """

    cases: Callable[[], dict[str, Parameters]]
    compute: Callable[[Parameters], Numbers]
    absolute: Mapping[str, float]
    relative: float = 0.0
    live: Mapping[str, float] | None = None
    drift: float = 1e-10
    until: str = ""


def readable(value: Any) -> Any:
    """Numbers as JSON can hold them: NaN and infinities as words."""
    if isinstance(value, Mapping):
        return {key: readable(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return readable(value.tolist())
    if isinstance(value, list | tuple):
        return [readable(item) for item in value]
    if isinstance(value, np.generic):
        return readable(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def unreadable(value: Any) -> np.ndarray:
    """The array that :func:`readable` made into JSON, flat."""
    flat: list[Any] = []

    def walk(item: Any) -> None:
        if isinstance(item, list):
            for part in item:
                walk(part)
        else:
            flat.append(item)

    walk(value)
    if all(isinstance(item, str) and item not in ("NaN", "Infinity", "-Infinity") for item in flat):
        return np.array(flat, dtype=object)
    return np.array([math.nan if item is None else float(item) for item in flat])
