"""Directional convergence: a slow loss and a fast direction under spherically symmetric data.

Laws, exact losses and forces; gradient flow and descent of linear networks of any depth; the
two-node network; and what happens when the symmetry breaks.
"""

from ttlearn.directional.anisotropic import anisotropic_angle, anisotropic_flow
from ttlearn.directional.asymptotics import (
    Exponents,
    exponents,
    late_orbit,
    leading_alignment,
    leading_loss,
    leading_norm,
    local_exponent,
    time_to_angle,
)
from ttlearn.directional.bias import bias_flow
from ttlearn.directional.deep import (
    balance_defect,
    balanced_layers,
    deep_descent,
    deep_flow,
    deep_force,
    end_to_end,
)
from ttlearn.directional.descent import critical_norm, descent, late_descent_constant
from ttlearn.directional.exponential import (
    UnderExponential,
    exponential_flow,
    exponential_force,
    exponential_loss,
)
from ttlearn.directional.flow import cartesian_flow, flow, flow_ensemble
from ttlearn.directional.heavy import HeavyCentre
from ttlearn.directional.late_modes import late_modes, leading_size, mode_ratio
from ttlearn.directional.law import Law, Scaled
from ttlearn.directional.laws import Ball, Gaussian, Sphere
from ttlearn.directional.linear import force, loss, polar_loss, polar_rates
from ttlearn.directional.minibatch import minibatch_descent
from ttlearn.directional.noise import noisy_flow, noisy_norm, noisy_rate
from ttlearn.directional.orbits import (
    TurningPoint,
    alignment_constant,
    nullcline,
    orbit,
    turning_point,
)
from ttlearn.directional.samples import (
    departure_time,
    draw_sample,
    max_margin,
    sample_flow,
    statistical_floor,
)
from ttlearn.directional.tables import Tabulated
from ttlearn.directional.two_nodes import (
    two_node_flow,
    two_node_gradient,
    two_node_kernel,
    two_node_loss,
)

__all__ = [
    "Ball",
    "Exponents",
    "Gaussian",
    "HeavyCentre",
    "Law",
    "Scaled",
    "Sphere",
    "Tabulated",
    "TurningPoint",
    "UnderExponential",
    "alignment_constant",
    "anisotropic_angle",
    "anisotropic_flow",
    "balance_defect",
    "balanced_layers",
    "bias_flow",
    "cartesian_flow",
    "critical_norm",
    "deep_descent",
    "deep_flow",
    "deep_force",
    "departure_time",
    "descent",
    "draw_sample",
    "end_to_end",
    "exponential_flow",
    "exponential_force",
    "exponential_loss",
    "exponents",
    "flow",
    "flow_ensemble",
    "force",
    "late_descent_constant",
    "late_modes",
    "late_orbit",
    "leading_alignment",
    "leading_loss",
    "leading_norm",
    "leading_size",
    "local_exponent",
    "loss",
    "max_margin",
    "minibatch_descent",
    "mode_ratio",
    "noisy_flow",
    "noisy_norm",
    "noisy_rate",
    "nullcline",
    "orbit",
    "polar_loss",
    "polar_rates",
    "sample_flow",
    "statistical_floor",
    "time_to_angle",
    "turning_point",
    "two_node_flow",
    "two_node_gradient",
    "two_node_kernel",
    "two_node_loss",
]
