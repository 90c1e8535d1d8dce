"""Live labs: drag a neuron and see training change, with or without a kernel.

A lab draws trajectories and never asks who computed them: JavaScript engines on the page, results
that JAX left in the widget's state, or JAX in the running kernel. Every parameter is a checked,
synced trait, so ``observe``, ``jslink`` and ipywidgets' boxes drive a lab like any other widget.

Needs the extra ``labs`` (anywidget): ``pip install '.[labs]'`` in the course's folder. Importing
this module does not.
"""

from __future__ import annotations

import importlib
from typing import Any

_LABS = {
    "Lab": "base",
    "Passport": "questions",
    "Question": "questions",
    "Sketch": "questions",
    "choose": "questions",
    "choose_several": "questions",
    "estimate": "questions",
    "sketch": "questions",
    "TwoTimescaleLab": "two_timescale",
    "PhaseLab": "phase",
    "RaceLab": "race",
    "AtlasLab": "atlas",
    "EscapeClockLab": "escape_clock",
    "ToyLab": "toys",
    "BasinLab": "basin",
    "PlaneLab": "plane",
    "TwoNeuronsLab": "two_neurons",
    "SharpnessLab": "sharpness",
    "SamplesLab": "samples",
    "ThreeLensesLab": "three_lenses",
}

__all__ = sorted(_LABS)


def __getattr__(name: str) -> Any:
    if name in _LABS:
        try:
            module = importlib.import_module(f"ttlearn.labs.{_LABS[name]}")
        except ModuleNotFoundError as error:
            if error.name not in {"anywidget", "ipywidgets", "traitlets"}:
                raise
            raise ModuleNotFoundError(
                f"{error.name} is not installed and the labs need it: run pip install '.[labs]' in "
                "the course's folder",
                name=error.name,
            ) from error
        return getattr(module, name)
    raise AttributeError(f"module 'ttlearn.labs' has no attribute {name!r}; it has {__all__}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__doc__"])
