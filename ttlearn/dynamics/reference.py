"""Cross-check of :mod:`ttlearn.dynamics.flow` by an independent integrator, diffrax (optional)."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ttlearn.dynamics.checks import check_state, check_times
from ttlearn.dynamics.flow import Failure, Flow
from ttlearn.dynamics.steppers import Field, State
from ttlearn.precision import in_float64


@in_float64
def reference_flow(
    field: Field,
    initial: State,
    save_times: Any,
    *,
    start_time: float = 0.0,
    rtol: float = 1e-10,
    atol: float = 1e-12,
    max_steps: int = 1_000_000,
    parameters: tuple[Any, ...] = (),
) -> Flow:
    """The flow of :func:`~ttlearn.dynamics.flow.gradient_flow` by diffrax's Dopri8, in float64.

    Arguments as there. diffrax is not a dependency of ttlearn: ``pip install ttlearn[diffrax]``.

    Raises:
        ModuleNotFoundError: when diffrax is not installed.
        ValueError: on unsorted or non-finite input.

    Source: Kidger 2021, *On Neural Differential Equations* (diffrax).

    >>> reference_flow(lambda time, x: -x, 1.0, [1.0]).states.round(9).tolist()
    [0.367879441]
    """
    try:
        import diffrax
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "reference_flow needs diffrax, which is optional: pip install 'ttlearn[diffrax]'"
        ) from error
    times = check_times(save_times, start_time)
    initial = jax.tree.map(jax.numpy.asarray, check_state(initial, np.float64))
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(lambda time, state, _: field(time, state, *parameters)),
        diffrax.Dopri8(),
        start_time,
        float(times[-1]) if times[-1] > start_time else start_time + 1.0,
        None,
        initial,
        saveat=diffrax.SaveAt(ts=jax.numpy.asarray(times)),
        stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol),
        max_steps=max_steps,
    )
    steps = solution.stats
    accepted, rejected = int(steps["num_accepted_steps"]), int(steps["num_rejected_steps"])
    states = jax.tree.map(np.asarray, solution.ys)
    evaluations = 13 * (accepted + rejected)
    return Flow(times, states, accepted, rejected, evaluations, int(Failure.NONE), times[-1])
