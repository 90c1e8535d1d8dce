"""ttlearn: why gradient descent trains shallow networks, as kernels, claims and live labs.

Submodules load when they are first used, so that ``import ttlearn`` costs little more than
``import jax``: it imports neither matplotlib nor the labs.
"""

from __future__ import annotations

import importlib
from typing import Any

from ttlearn.precision import float64
from ttlearn.records import Claim, DamagedFileError, Trajectory

__version__ = "0.1.0"

_SUBMODULES = ("course", "directional", "dynamics", "figures", "labs", "saddles", "two_timescale")
_FUNCTIONS = {"configure_cpu": "ttlearn.configure", "keep_compiled": "ttlearn.configure"}

__all__ = [
    "Claim",
    "DamagedFileError",
    "Trajectory",
    "__version__",
    "float64",
    *_FUNCTIONS,
    *_SUBMODULES,
]


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(_FUNCTIONS[name]), name)
    if name in _SUBMODULES:
        return importlib.import_module(f"ttlearn.{name}")
    raise AttributeError(f"module 'ttlearn' has no attribute {name!r}; it has {sorted(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
