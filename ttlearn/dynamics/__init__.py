"""Gradient flow, gradient descent and their kin, for any pytree: this package knows no network."""

from __future__ import annotations

from ttlearn.dynamics.descent import Descent, DivergedError, descend, gradient_descent
from ttlearn.dynamics.flow import Failure, Flow, FlowError, gradient_flow, solve_flow
from ttlearn.dynamics.snapshots import Recorder, evenly_spaced_steps, number_of_steps

__all__ = [
    "Descent",
    "DivergedError",
    "Failure",
    "Flow",
    "FlowError",
    "Recorder",
    "descend",
    "evenly_spaced_steps",
    "gradient_descent",
    "gradient_flow",
    "number_of_steps",
    "solve_flow",
]
