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
from ttlearn.saddles.fast_layer import FastSolution, fast_solution
from ttlearn.saddles.neurons import Neuron, neuron_types
from ttlearn.saddles.problem import Parts, Problem, count_neurons, join, split
from ttlearn.saddles.quadratic import (
    classify_quadratic,
    quadratic_gradient,
    quadratic_hessian,
    quadratic_loss,
    quadratic_saddle,
)
from ttlearn.saddles.sweep import gauss_newton, gradient, loss, network, residual
from ttlearn.saddles.toys import TOYS, Toy, real_loss_case, toy_descent, trapped_fraction
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
    "TOYS",
    "Classification",
    "CriticalLevel",
    "FastSolution",
    "Neuron",
    "NoHessianError",
    "Parts",
    "Problem",
    "Toy",
    "ZigZag",
    "active_side_hessian",
    "classify",
    "classify_quadratic",
    "constant_neuron_spectrum",
    "count_neurons",
    "critical_levels",
    "escape_direction",
    "escape_slope",
    "escape_steps",
    "fast_solution",
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
    "quadratic_gradient",
    "quadratic_hessian",
    "quadratic_loss",
    "quadratic_saddle",
    "random_starts",
    "real_loss_case",
    "relative_spectrum",
    "residual",
    "saddle",
    "spectrum",
    "split",
    "theorem_misfit",
    "toy_descent",
    "trapped_fraction",
    "two_kink_spectrum",
    "zigzag",
    "zigzag_spectrum",
]
