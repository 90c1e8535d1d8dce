"""Flows of this wing as the integrator runs them, and what is said when one breaks off."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.directional.checks import Array
from ttlearn.dynamics import Failure, Flow, FlowError, gradient_flow
from ttlearn.dynamics.flow import broken_off


def log_time_flow(field: Any, start: Any, times: Array, **options: Any) -> Flow:
    """Solve dx/ds = field(s, x) in s = ln(1 + t) and give the flow back in t.

    Options are those of :func:`ttlearn.dynamics.gradient_flow`.

    >>> flow = log_time_flow(lambda s, x: -x, 1.0, np.array([0.0, 1.0]), rtol=1e-8)
    >>> flow.times.tolist(), flow.states.round(6).tolist()
    ([0.0, 1.0], [1.0, 0.5])
    """
    try:
        flow = gradient_flow(field, start, np.log1p(times), **options)
    except FlowError as error:
        found = error.flow._replace(times=times, reached=np.expm1(error.flow.reached))
        raise broken_off(found, "time", reasons(options)) from error
    return flow._replace(times=times)


def plain_flow(field: Any, start: Any, times: Array, clock: str, **options: Any) -> Flow:
    """Solve dx/dt = field(t, x); ``clock`` is what t is called when the flow breaks off."""
    try:
        return gradient_flow(field, start, times, **options)
    except FlowError as error:
        raise broken_off(error.flow, clock, reasons(options)) from error


def reasons(options: dict[str, Any]) -> dict[Failure, str]:
    """Why a flow did not arrive, with what its caller can do about it.

    ``rtol`` is an argument of every flow here; ``method``, where ``options`` has it, too.
    """
    more = " or use method='rkc2'," if options.get("method") == "dopri5" else ""
    looser = f"raise rtol, which is {options['rtol']:g}"
    return {
        Failure.MAX_STEPS: f"its {options.get('max_steps')} steps were used up: end earlier,{more} "
        f"or {looser}",
        Failure.NOT_FINITE: "its numbers stopped being finite: the start is too large or too close "
        "to a point where the flow is not defined; end earlier or start elsewhere",
        Failure.STEP_TOO_SMALL: f"the step fell below rounding: {looser}, or end earlier",
    }
