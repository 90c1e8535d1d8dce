"""Gradient flow of the step network on two timescales.

a' = -dL/da,   u' = -timescale_ratio * dL/du   in fast time t; slow time is timescale_ratio * t.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from ttlearn.dynamics import Failure, FlowError, gradient_flow, solve_flow
from ttlearn.dynamics.flow import broken_off
from ttlearn.precision import in_float64
from ttlearn.records import Trajectory
from ttlearn.two_timescale.activation import Slope
from ttlearn.two_timescale.checks import (
    check_loss_factor,
    check_number,
    check_positions,
    check_ratio,
    check_slope,
    check_target,
    check_times,
    check_weights,
    check_width,
)
from ttlearn.two_timescale.limit import AXES
from ttlearn.two_timescale.network import loss
from ttlearn.two_timescale.quadratic_form import loss_and_gradient_fast
from ttlearn.two_timescale.target import PAPER_TARGET, Target, run_meta

Method = Literal["rkc2", "dopri5"]
State = dict[str, Any]


def _field(
    slope: Slope,
    time: Any,
    state: State,
    target: Target,
    activation_width: Any,
    timescale_ratio: Any,
    loss_factor: Any,
) -> State:
    _, by_weight, by_position = loss_and_gradient_fast(
        state["outer_weights"], state["positions"], target, activation_width, slope, loss_factor
    )
    return {"outer_weights": -by_weight, "positions": -timescale_ratio * by_position}


# One function object each, so that each is compiled once.
FIELDS = {"exact": partial(_field, "exact"), "box": partial(_field, "box")}


def flow_tolerances(activation_width: Any, tolerance: Any) -> dict[str, Any]:
    """Options of the integrator: errors are counted in units of 1 for a and the width for u."""
    atol = {"outer_weights": tolerance, "positions": tolerance * activation_width}
    return {"rtol": tolerance * activation_width, "atol": atol}


def network_flow(
    positions: ArrayLike,
    target: Target = PAPER_TARGET,
    slow_times: ArrayLike = (1.0,),
    *,
    timescale_ratio: float,
    activation_width: float = 4e-3,
    outer_weights: ArrayLike | None = None,
    slope: Slope = "exact",
    loss_factor: float = 1.0,
    method: Method = "rkc2",
    tolerance: float = 1e-4,
    max_steps: int = 1_000_000,
) -> Trajectory:
    """Gradient flow from ``positions``, and ``outer_weights`` = 0 unless given.

    timescale_ratio * da/dtau = -dL/da,   du/dtau = -dL/du   in slow time tau. Computed in float64.

    Arguments:
        positions: shape (m,), any order, any place.
        target: the function to fit.
        slow_times: shape (K,), increasing, >= 0.
        timescale_ratio: epsilon > 0; 1 is ordinary training.
        activation_width: > 0.
        outer_weights: shape (m+1,), bias first; None is 0, the paper's start.
        slope: ``"exact"``, the gradient; ``"box"``, the surrogate of the authors' code.
        loss_factor: 1 or 1/2.
        method: ``"rkc2"``, quick; ``"dopri5"``, accurate (lower ``tolerance`` too).
        tolerance: local error, in units of 1 for weights and ``activation_width`` for positions.
        max_steps: of the integrator.

    Returns:
        A Trajectory on the slow time with ``positions`` (K, m), ``outer_weights`` (K, m+1) and the
        loss.

    Raises:
        ValueError: for what is out of range, not finite or of another shape.
        ttlearn.dynamics.FlowError: when the integrator uses up ``max_steps``, or its step falls
            below rounding.

    Source: Marion & Berthier 2023.

    >>> run = network_flow([0.4, 0.7], Target([0.5], [0.0, 1.0]), [0.0, 2.0], timescale_ratio=0.01,
    ...                    activation_width=0.01)
    >>> run["positions"][-1].round(2).tolist(), bool(run.losses[-1] < 1e-3)
    ([0.5, 0.68], True)
    """
    ratio = check_ratio(timescale_ratio)
    width = check_width(activation_width)
    times = check_times(slow_times)
    start = check_positions(positions)
    initial = {"outer_weights": check_weights(outer_weights, start.size), "positions": start}
    parameters = (check_target(target), width, ratio, check_loss_factor(loss_factor))
    tolerance = check_number(tolerance, "tolerance")
    options = {"method": method, "max_steps": max_steps, **flow_tolerances(width, tolerance)}
    field = FIELDS[check_slope(slope)]
    try:
        solved = gradient_flow(field, initial, times / ratio, parameters=parameters, **options)
    except FlowError as error:
        found = error.flow._replace(times=times, reached=error.flow.reached * ratio)
        raise broken_off(found, "slow time", _reasons(method, max_steps, tolerance)) from error
    setting: dict[str, Any] = {"timescale_ratio": ratio, "activation_width": width, "slope": slope}
    setting |= {"loss_factor": parameters[-1], "method": method, "tolerance": tolerance}
    count = int(solved.evaluations)
    meta = run_meta("network_flow", target, **setting, field_evaluations=count)
    losses = losses_along(solved.states, target, width, parameters[-1])
    return Trajectory(times, solved.states, losses, AXES, meta).to_numpy()


def _reasons(method: Method, max_steps: int, tolerance: float) -> dict[Failure, str]:
    """Why a flow did not arrive, with what the caller of :func:`network_flow` can change."""
    other = " or use method='rkc2'," if method == "dopri5" else ""
    looser = f"raise tolerance, which is {tolerance:g}"
    return {
        Failure.MAX_STEPS: f"max_steps = {max_steps} were used up: raise it,{other} or {looser}",
        Failure.NOT_FINITE: "its numbers stopped being finite: start from smaller outer_weights",
        Failure.STEP_TOO_SMALL: f"the step fell below rounding: {looser}",
    }


@in_float64
def losses_along(
    states: State, target: Target, activation_width: float, loss_factor: float = 1.0
) -> np.ndarray:
    """The exact loss of each saved state: shape (K,)."""
    weights, positions = states["outer_weights"], states["positions"]
    return np.asarray(_losses(weights, positions, target, activation_width, loss_factor))


_losses = jax.jit(
    lambda weights, positions, target, width, factor: jax.lax.map(
        lambda state: loss(state[0], state[1], target, width, factor), (weights, positions)
    )
)


def flow_end(
    positions: jax.Array,
    timescale_ratio: Any,
    slow_horizon: Any,
    target: Target,
    activation_width: float = 4e-3,
    slope: Slope = "exact",
    tolerance: float = 1e-4,
    max_steps: int = 1_000_000,
) -> tuple[State, jax.Array, jax.Array]:
    """State and loss at ``slow_horizon``, and whether it was reached: a kernel for ensembles.

    From ``outer_weights`` = 0, with RKC2; follows the dtype of ``positions``.
    """
    weights = jnp.zeros(positions.size + 1, positions.dtype)
    solved = solve_flow(
        FIELDS[slope],
        {"outer_weights": weights, "positions": positions},
        jnp.asarray([slow_horizon / timescale_ratio]),
        method="rkc2",
        max_steps=max_steps,
        parameters=(target, activation_width, timescale_ratio, 1.0),
        **flow_tolerances(activation_width, tolerance),
    )
    end = jax.tree.map(lambda leaf: leaf[-1], solved.states)
    value = loss(end["outer_weights"], end["positions"], target, activation_width)
    return end, value, solved.failure == 0
