"""Gradient flow and other smooth flows: x' = field(time, x), saved at the times asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ttlearn.dynamics.checks import (
    as_floats,
    check_count,
    check_field,
    check_positive,
    check_room,
    check_state,
    check_times,
    is_traced,
    working_dtype,
)
from ttlearn.dynamics.step_control import Carry, Driver, Failure
from ttlearn.dynamics.steppers import STEPPERS, Field, Scalar, State
from ttlearn.precision import float64
from ttlearn.records import Trajectory


class Flow(NamedTuple):
    """A solved flow.

    Fields:
        times: shape (K,), the save times.
        states: pytree like the initial state, each leaf with the times' axis first. After a
            failure the times that were not reached hold NaN.
        accepted, rejected: steps taken and steps tried in vain.
        evaluations: how often the field was evaluated.
        failure: a :class:`Failure` as a whole number; 0 when all went well.
        reached: the last time reached.
    """

    times: Any
    states: State
    accepted: Any
    rejected: Any
    evaluations: Any
    failure: Any
    reached: Any

    def trajectory(
        self, losses: Any = None, axes: Mapping[str, tuple[str, ...]] | None = None, **meta: Any
    ) -> Trajectory:
        """The flow as a record of a dict, a NamedTuple or a single array (called ``"state"``)."""
        return as_trajectory(self.times, self.states, losses, axes, {"time": "time", **meta})


class FlowError(RuntimeError):
    """A flow broke off before its last save time; ``.flow`` holds what was finished."""

    def __init__(self, message: str, flow: Flow) -> None:
        super().__init__(message)
        self.flow = flow


def gradient_flow(
    field: Field,
    initial: State,
    save_times: Any,
    *,
    start_time: float = 0.0,
    method: str = "dopri5",
    rtol: float = 1e-6,
    atol: Any = 1e-9,
    max_steps: int = 100_000,
    parameters: tuple[Any, ...] = (),
) -> Flow:
    """Solve x' = field(time, x) with adaptive steps that end exactly on each save time.

    For a gradient flow the field is minus the gradient of the loss. The step keeps the local
    error estimate e below 1 in the norm sqrt(mean((e / (atol + rtol |x|))^2)).

    Arguments:
        field: ``field(time, state, *parameters)``, returning a pytree like the state. It is
            compiled once for each function object: prefer a module-level function with
            ``parameters`` to a fresh lambda.
        initial: pytree of real arrays: the state at ``start_time``. The flow is computed in
            float32 when all leaves are float32 arrays, else in float64 (entered locally).
        save_times: shape (K,); increasing, not before ``start_time``, in the field's time.
        start_time: time of the initial state.
        method: ``"dopri5"`` (Dormand-Prince 5(4)) for accuracy, ``"rkc2"`` (stabilised explicit,
            order 2) where fast and slow rates differ by a factor 100 or more.
        rtol: relative tolerance, > 0.
        atol: absolute tolerance, >= 0: a number, or a pytree like ``initial`` of numbers or arrays.
        max_steps: accepted and rejected steps together, at most.
        parameters: arrays handed on to the field.

    Returns:
        A :class:`Flow` of NumPy arrays. Called with traced arguments (under jit, vmap, lax.map)
        it is :func:`solve_flow`: no checks, failure only as a flag.

    Raises:
        ValueError: on input that is out of range, not finite, unsorted or of another shape.
        FlowError: when the flow breaks off (too many steps, not finite, step too small).

    Source: Hairer, Norsett & Wanner 1993, *Solving Ordinary Differential Equations I*, II.4 (step
    control); the methods are cited in :mod:`ttlearn.dynamics.steppers`.

    >>> import numpy as np
    >>> decay = gradient_flow(lambda time, x: -x, 1.0, [1.0, 2.0])
    >>> np.round(decay.states, 6)
    array([0.367879, 0.135335])
    """
    options: dict[str, Any] = {"method": method, "max_steps": max_steps, "rtol": rtol}
    if is_traced(initial, save_times, start_time, rtol, atol, parameters):
        options |= {"start_time": start_time, "atol": atol, "parameters": parameters}
        return solve_flow(field, initial, save_times, **options)
    dtype = working_dtype(initial)
    initial = check_state(initial, dtype)
    times = check_times(save_times, start_time)
    _check_options(initial, method, rtol, atol, max_steps)
    check_room(len(times), initial, "save times")
    with float64():
        check_field(field, initial, (dtype.type(start_time), initial, *parameters))
        flow = _compiled(
            field,
            initial,
            times.astype(dtype),
            start_time=dtype.type(start_time),
            atol=jax.tree.map(lambda leaf: np.asarray(leaf, dtype), atol),
            parameters=parameters,
            method=method,
            rtol=dtype.type(rtol),
            max_steps=max_steps,
        )
        flow = jax.tree.map(np.asarray, flow)._replace(times=times)
    if flow.failure != Failure.NONE:
        raise broken_off(flow, "time", _reasons(method, max_steps))
    return flow


def solve_flow(
    field: Field,
    initial: State,
    save_times: Any,
    *,
    start_time: Any = 0.0,
    method: str = "dopri5",
    rtol: Any = 1e-6,
    atol: Any = 1e-9,
    max_steps: Any = 100_000,
    parameters: tuple[Any, ...] = (),
) -> Flow:
    """:func:`gradient_flow` as a pure kernel, for jit, vmap and lax.map.

    It checks nothing, follows the dtype of ``initial`` (one dtype for all leaves) and reports a
    failure only in the flag. Under vmap all members take as many steps as the slowest; lax.map
    is often faster.

    >>> import jax, jax.numpy as jnp
    >>> def field(time, x, rate):
    ...     return -rate * x
    >>> end = lambda rate: solve_flow(field, 1.0, jnp.array([1.0]), parameters=(rate,)).states[0]
    >>> (100 * jax.vmap(end)(jnp.array([0.0, 1.0]))).round()
    Array([100.,  37.], dtype=float32)
    """
    initial = as_floats(initial)
    dtype = jnp.result_type(*jax.tree.leaves(initial))
    scale = jax.tree.map(
        lambda tolerance, leaf: jnp.broadcast_to(jnp.asarray(tolerance, dtype), leaf.shape),
        jax.tree.broadcast(atol, initial),
        initial,
    )

    def slope_at(time: Scalar, state: State) -> State:
        return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), field(time, state, *parameters))

    driver = Driver(STEPPERS[method], slope_at, jnp.asarray(rtol, dtype), scale, max_steps)
    carry = driver.begin(jnp.asarray(start_time, dtype), initial, jnp.asarray(save_times, dtype))

    def save(carry: Carry, target: Scalar) -> tuple[Carry, State]:
        carry = driver.advance(carry, target)
        saved = jax.tree.map(lambda y: jnp.where(carry.failure == 0, y, jnp.nan), carry.state)
        return carry, saved

    carry, states = lax.scan(save, carry, jnp.asarray(save_times, dtype))
    return Flow(
        *(save_times, states, carry.accepted, carry.rejected, carry.evaluations, carry.failure),
        carry.time,
    )


_compiled = jax.jit(solve_flow, static_argnames=("field", "method"))
_compiled.__doc__ = None  # its doctest is the kernel's


def _check_options(initial: State, method: str, rtol: float, atol: Any, max_steps: int) -> None:
    if method not in STEPPERS:
        raise ValueError(f"method {method!r}; allowed are {sorted(STEPPERS)}")
    check_positive(rtol, "rtol")
    check_positive(atol, "atol", zero=True)
    check_count(max_steps, "max_steps", 1)
    if max_steps >= 2**31:
        raise ValueError(f"max_steps is {max_steps}; at most 2^31 - 1 steps can be counted")
    try:
        jax.tree.map(
            lambda tolerance, leaf: np.broadcast_to(tolerance, np.shape(leaf)),
            jax.tree.broadcast(atol, initial),
            initial,
        )
    except ValueError as error:
        raise ValueError(
            "atol must be a number, or built like the initial state with shapes that broadcast to "
            f"its leaves ({error})"
        ) from error


def _reasons(method: str, max_steps: int) -> dict[Failure, str]:
    return {
        Failure.MAX_STEPS: f"max_steps = {max_steps} were used up: raise it, loosen rtol, or "
        + ("use method='rkc2' if the flow is stiff" if method == "dopri5" else "save fewer times"),
        Failure.NOT_FINITE: "the field or the state stopped being finite: the flow blows up there, "
        "or the field divides by zero",
        Failure.STEP_TOO_SMALL: "the step fell below rounding: the field jumps there, or rtol is "
        "below what this precision resolves",
    }


def broken_off(flow: Flow, clock: str, reasons: Mapping[Failure, str]) -> FlowError:
    """The error of a flow that did not arrive.

    Arguments:
        flow: what was finished, in the time of whoever asked for it.
        clock: what that time is called.
        reasons: for each failure, what happened and what that caller can do about it.
    """
    return FlowError(
        f"the flow stopped at {clock} {float(flow.reached):.6g} of {float(flow.times[-1]):.6g} "
        f"after {int(flow.accepted)} accepted and {int(flow.rejected)} rejected steps, because "
        f"{reasons[Failure(int(flow.failure))]}. What was finished is in the error's .flow",
        flow,
    )


def as_trajectory(
    times: Any,
    states: State,
    losses: Any,
    axes: Mapping[str, tuple[str, ...]] | None,
    meta: Mapping[str, Any],
    where: str = "states",
) -> Trajectory:
    """A record of saved states: a dict or a NamedTuple keeps its names, an array is ``"state"``.

    Raises:
        TypeError: for a state without names for its arrays, which would become one array.
    """
    if hasattr(states, "_asdict"):
        states = states._asdict()
    arrays = dict(states) if isinstance(states, Mapping) else {"state": states}
    if not jax.tree_util.all_leaves(arrays.values()):
        raise TypeError(
            f"the state is built like {jax.tree.structure(states)}; a record needs a dict or a "
            f"NamedTuple of arrays, or a single array: take the leaves from .{where}, "
            f"jax.tree.leaves(run.{where}), and name them yourself"
        )
    return Trajectory(times, arrays, losses, axes or {}, meta).to_numpy()
