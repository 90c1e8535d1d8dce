"""Gradient flow, gradient descent and their kin, for any pytree: this package knows no network."""

from __future__ import annotations

from ttlearn.dynamics.checkpoint import CheckpointError
from ttlearn.dynamics.descent import Descent, DivergedError, descend, gradient_descent
from ttlearn.dynamics.ensemble import Ensemble, run_ensemble
from ttlearn.dynamics.flow import Failure, Flow, FlowError, gradient_flow, solve_flow
from ttlearn.dynamics.grid import Grid, grid
from ttlearn.dynamics.reference import reference_flow
from ttlearn.dynamics.sgd import (
    StochasticDivergedError,
    StochasticRun,
    descend_stochastic,
    stochastic_descent,
)
from ttlearn.dynamics.snapshots import Recorder, evenly_spaced_steps, number_of_steps
from ttlearn.dynamics.streams import HostStream

__all__ = [
    "CheckpointError",
    "Descent",
    "DivergedError",
    "Ensemble",
    "Failure",
    "Flow",
    "FlowError",
    "Grid",
    "HostStream",
    "Recorder",
    "StochasticDivergedError",
    "StochasticRun",
    "descend",
    "descend_stochastic",
    "evenly_spaced_steps",
    "gradient_descent",
    "gradient_flow",
    "grid",
    "number_of_steps",
    "reference_flow",
    "run_ensemble",
    "solve_flow",
    "stochastic_descent",
]
