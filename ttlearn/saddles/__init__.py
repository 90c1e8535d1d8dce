"""Saddle escape: critical points of a shallow (leaky) ReLU network with an affine target."""

from ttlearn.saddles.classify import Classification, classify, is_critical, theorem_misfit
from ttlearn.saddles.constructors import saddle
from ttlearn.saddles.curvature import (
    NoHessianError,
    active_side_hessian,
    hessian,
    missing_hessian,
    morse_index,
    relative_spectrum,
    spectrum,
)
from ttlearn.saddles.descent import gradient_descent, gradient_flow, random_starts
from ttlearn.saddles.escape import (
    escape_direction,
    escape_slope,
    escape_steps,
    predicted_steps,
)
from ttlearn.saddles.neurons import Neuron, neuron_types
from ttlearn.saddles.problem import Parts, Problem, count_neurons, join, split
from ttlearn.saddles.sweep import gauss_newton, gradient, loss, network, residual
from ttlearn.saddles.zigzag import (
    CriticalLevel,
    ZigZag,
    constant_neuron_spectrum,
    critical_levels,
    two_kink_spectrum,
    zigzag,
    zigzag_spectrum,
)

__all__ = [
    "Classification",
    "CriticalLevel",
    "Neuron",
    "NoHessianError",
    "Parts",
    "Problem",
    "ZigZag",
    "active_side_hessian",
    "classify",
    "constant_neuron_spectrum",
    "count_neurons",
    "critical_levels",
    "escape_direction",
    "escape_slope",
    "escape_steps",
    "gauss_newton",
    "gradient",
    "gradient_descent",
    "gradient_flow",
    "hessian",
    "is_critical",
    "join",
    "loss",
    "missing_hessian",
    "morse_index",
    "network",
    "neuron_types",
    "predicted_steps",
    "random_starts",
    "relative_spectrum",
    "residual",
    "saddle",
    "spectrum",
    "split",
    "theorem_misfit",
    "two_kink_spectrum",
    "zigzag",
    "zigzag_spectrum",
]
