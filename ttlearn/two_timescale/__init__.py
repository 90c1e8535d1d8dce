"""Two timescales: a step network whose outer weights learn much faster than its positions.

Theory: P. Marion and R. Berthier, *Leveraging the two-timescale regime to demonstrate convergence
of neural networks*, NeurIPS 2023.

The model: :class:`Target`, :func:`predict`, :func:`loss`, :func:`loss_and_gradient`. The fast
layer: :func:`fast_solution`, :func:`cell_means`, :func:`gram`. The slow flow: :func:`limit_flow`,
:func:`hitting_time`. Training: :func:`network_flow`, :func:`sgd`.

The functions of the model and of the fast layer take lists and NumPy arrays, which they compute in
float64, and JAX arrays, whose precision they follow.
"""

from __future__ import annotations

from ttlearn.two_timescale.activation import (
    box_overlap,
    box_slope,
    overlap,
    overlap_slope,
    step,
    step_primitive,
    step_slope,
)
from ttlearn.two_timescale.coverage import covered_along, covered_jumps, distance_to_jumps
from ttlearn.two_timescale.event_limit import EventLimit, event_limit
from ttlearn.two_timescale.exact_limit import Races, neurons_per_piece, positions_at, races
from ttlearn.two_timescale.fast_layer import (
    cell_means,
    fast_solution,
    reduced_loss_and_gradient,
    sharp_fast_solution,
    sharp_reduced_loss,
    sharp_velocity,
)
from ttlearn.two_timescale.flow import flow_end, losses_along, network_flow
from ttlearn.two_timescale.limit import c1_margin, limit_flow, satisfies_c1
from ttlearn.two_timescale.network import features, loss, loss_and_gradient, predict, quadrature
from ttlearn.two_timescale.online_sgd import sgd, sgd_ensemble
from ttlearn.two_timescale.probability import (
    all_pieces_probability,
    c1_probability,
    occupation_probability,
    sufficient_width,
    theorem_width,
    union_bound,
)
from ttlearn.two_timescale.quadratic_form import (
    gram,
    loss_and_gradient_fast,
    plateau_gram,
    target_vector,
)
from ttlearn.two_timescale.race import (
    hitting_time,
    invariant,
    one_sided_hitting_time,
    one_sided_state,
    race_state,
    stopping_distance,
)
from ttlearn.two_timescale.recursion import draw_positions, sgd_step
from ttlearn.two_timescale.target import (
    PAPER_TARGET,
    SHORTAGE_POSITIONS,
    SHORTAGE_TARGET,
    Target,
    piece_values,
)

__all__ = [
    "PAPER_TARGET",
    "SHORTAGE_POSITIONS",
    "SHORTAGE_TARGET",
    "EventLimit",
    "Races",
    "Target",
    "all_pieces_probability",
    "box_overlap",
    "box_slope",
    "c1_margin",
    "c1_probability",
    "cell_means",
    "covered_along",
    "covered_jumps",
    "distance_to_jumps",
    "draw_positions",
    "event_limit",
    "fast_solution",
    "features",
    "flow_end",
    "gram",
    "hitting_time",
    "invariant",
    "limit_flow",
    "loss",
    "loss_and_gradient",
    "loss_and_gradient_fast",
    "losses_along",
    "network_flow",
    "neurons_per_piece",
    "occupation_probability",
    "one_sided_hitting_time",
    "one_sided_state",
    "overlap",
    "overlap_slope",
    "piece_values",
    "plateau_gram",
    "positions_at",
    "predict",
    "quadrature",
    "race_state",
    "races",
    "reduced_loss_and_gradient",
    "satisfies_c1",
    "sgd",
    "sgd_ensemble",
    "sgd_step",
    "sharp_fast_solution",
    "sharp_reduced_loss",
    "sharp_velocity",
    "step",
    "step_primitive",
    "step_slope",
    "stopping_distance",
    "sufficient_width",
    "target_vector",
    "theorem_width",
    "union_bound",
]
