"""Gradient descent: x <- x - step_size * gradient(x), kept at a few steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

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
    is_traced,
    working_dtype,
)
from ttlearn.dynamics.flow import as_trajectory
from ttlearn.dynamics.snapshots import evenly_spaced_steps
from ttlearn.precision import float64
from ttlearn.records import Trajectory

State = Any


class Descent(NamedTuple):
    """A run of gradient descent.

    Fields:
        steps: shape (K,), the steps kept; the first is 0.
        states: pytree like the initial state, each leaf with the steps' axis first.
        losses: shape (K,), or None when no loss was given.
        finite: shape (K,), False from the first kept state on that is not finite.
    """

    steps: Any
    states: State
    losses: Any
    finite: Any

    @property
    def diverged(self) -> Any:
        """Whether the last kept state is not finite."""
        return ~self.finite[..., -1]

    def trajectory(
        self, axes: Mapping[str, tuple[str, ...]] | None = None, **meta: Any
    ) -> Trajectory:
        """The run as a record of a dict, a NamedTuple or a single array (called ``"state"``)."""
        return as_trajectory(self.steps, self.states, self.losses, axes, {"time": "step", **meta})


class DivergedError(RuntimeError):
    """Gradient descent left the finite numbers; ``.descent`` holds the run."""

    def __init__(self, message: str, descent: Descent) -> None:
        super().__init__(message)
        self.descent = descent


def gradient_descent(
    gradient: Callable[..., State],
    initial: State,
    step_size: Any,
    steps: int,
    *,
    keep: int = 101,
    loss: Callable[..., Any] | None = None,
    parameters: tuple[Any, ...] = (),
    on_divergence: Literal["raise", "keep"] = "raise",
) -> Descent:
    """Run x <- x - step_size * gradient(x) and keep at most ``keep`` evenly spaced states.

    Arguments:
        gradient: ``gradient(state, *parameters)``, returning a pytree like the state. Compiled
            once for each function object and number of kept steps, whatever ``steps`` is.
        initial: pytree of real arrays. The run is in float32 when all leaves are float32 arrays,
            else in float64 (entered locally).
        step_size: > 0: a number, or a pytree like ``initial`` (one step size for each leaf).
        steps: how many, >= 1.
        keep: how many states to keep, >= 2; the initial and the last are among them.
        loss: ``loss(state, *parameters)``, a number, recorded at the kept steps.
        parameters: arrays handed on to ``gradient`` and ``loss``.
        on_divergence: ``"raise"``, or ``"keep"`` to get the run back with ``.diverged`` True.

    Returns:
        A :class:`Descent` of NumPy arrays. Called with traced arguments, use :func:`descend`.

    Raises:
        ValueError: on input that is out of range, not finite or of another shape.
        DivergedError: when the run leaves the finite numbers.

    >>> import numpy as np
    >>> run = gradient_descent(lambda x: x, 1.0, 0.5, 4, keep=3, loss=lambda x: x**2 / 2)
    >>> run.steps, run.states
    (array([0, 2, 4]), array([1.    , 0.25  , 0.0625]))
    """
    if is_traced(initial, step_size, parameters):
        raise TypeError("gradient_descent checks its input; under jit or vmap call descend instead")
    if on_divergence not in ("raise", "keep"):
        raise ValueError(f"on_divergence {on_divergence!r}; allowed are 'raise' and 'keep'")
    dtype = working_dtype(initial)
    initial = check_state(initial, dtype)
    check_positive(step_size, "step_size")
    save_steps = evenly_spaced_steps(check_count(steps, "steps", 1), check_count(keep, "keep", 2))
    check_room(len(save_steps), initial, "kept states")
    with float64():
        check_field(gradient, initial, (initial, *parameters), "the gradient")
        rates = jax.tree.map(lambda rate: np.asarray(rate, dtype), step_size)
        run: Descent = jax.tree.map(
            np.asarray,
            _compiled(gradient, initial, rates, save_steps, loss=loss, parameters=parameters),
        )
    if on_divergence == "raise" and run.diverged:
        first = int(run.steps[np.argmin(run.finite)])
        raise DivergedError(
            f"gradient descent is not finite at step {first} of {steps} with step_size "
            f"{step_size}: take a smaller one, or say on_divergence='keep' to look at the run "
            "(also in the error's .descent)",
            run,
        )
    return run


def descend(
    gradient: Callable[..., State],
    initial: State,
    step_size: Any,
    save_steps: Any,
    *,
    loss: Callable[..., Any] | None = None,
    parameters: tuple[Any, ...] = (),
) -> Descent:
    """:func:`gradient_descent` as a pure kernel, for jit, vmap and lax.map.

    It checks nothing and follows the dtype of ``initial``. ``save_steps`` are the increasing steps
    to keep (:func:`~ttlearn.dynamics.snapshots.evenly_spaced_steps`); the run ends at the last.

    >>> import jax, jax.numpy as jnp
    >>> end = lambda rate: descend(lambda x: x, 1.0, rate, jnp.array([0, 2])).states[-1]
    >>> jax.vmap(end)(jnp.array([0.5, 1.0]))
    Array([0.25, 0.  ], dtype=float32)
    """
    initial = as_floats(initial)
    rates = jax.tree.map(
        lambda rate, leaf: jnp.asarray(rate, leaf.dtype),
        jax.tree.broadcast(step_size, initial),
        initial,
    )
    save_steps = jnp.asarray(save_steps)

    def one_step(_: Any, state: State) -> State:
        slope = gradient(state, *parameters)
        return jax.tree.map(lambda x, rate, g: (x - rate * g).astype(x.dtype), state, rates, slope)

    def to_next(state: State, count: Any) -> tuple[State, tuple[State, Any, Any]]:
        state = lax.fori_loop(0, count, one_step, state)
        leaves = jax.tree.leaves(state)
        finite = jnp.all(jnp.array([jnp.all(jnp.isfinite(leaf)) for leaf in leaves]))
        return state, (state, None if loss is None else loss(state, *parameters), finite)

    counts = jnp.diff(save_steps, prepend=jnp.zeros_like(save_steps[:1]))
    _, (states, losses, finite) = lax.scan(to_next, initial, counts)
    return Descent(save_steps, states, losses, finite)


_compiled = jax.jit(descend, static_argnames=("gradient", "loss"))
_compiled.__doc__ = None  # its doctest is the kernel's
