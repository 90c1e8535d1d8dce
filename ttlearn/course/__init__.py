"""Exercises: checks that hold no answer, numbers drawn per student, grading with nbgrader.

Submodules load when they are first used. ``two_timescale``, ``directional``, ``saddles`` and
``capstone`` hold one check per exercise; ``nbgrader`` makes, grades and reports assignments.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from ttlearn.course.checks import Check, Report, Stage
from ttlearn.course.variants import Student, identify

_SUBMODULES = ("capstone", "directional", "nbgrader", "saddles", "two_timescale")

__all__ = ["Check", "Report", "Stage", "Student", "identify", *_SUBMODULES]


def __getattr__(name: str) -> ModuleType:
    if name in _SUBMODULES:
        return importlib.import_module(f"ttlearn.course.{name}")
    raise AttributeError(f"module 'ttlearn.course' has no attribute {name!r}; it has {__all__}")


def __dir__() -> list[str]:
    return sorted(__all__)
