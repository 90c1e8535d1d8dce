"""Figures: functions that draw a record on axes they are given, each with its alt text.

``plot_x(record, ax=None) -> Axes``. No figure shows or saves itself and none touches matplotlib's
global settings; :func:`ttlearn.figures.style.show` puts one on a notebook page with its alt text.
Nothing is imported until it is used.
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = ("directional", "saddles", "style", "two_timescale")

__all__ = [*_MODULES, "show"]


def __getattr__(name: str) -> Any:
    if name == "show":
        return importlib.import_module("ttlearn.figures.style").show
    if name in _MODULES:
        return importlib.import_module(f"ttlearn.figures.{name}")
    raise AttributeError(f"module 'ttlearn.figures' has no attribute {name!r}; it has {__all__}")
