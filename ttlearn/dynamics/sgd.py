"""Stochastic recursions: state <- step(state, sample), over samples drawn in chunks.

Drawing beforehand keeps the loop itself small, which is what makes it fast: the random numbers of
a whole chunk cost a few nanoseconds each, drawn one by one they cost a microsecond.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ttlearn.dynamics.checks import (
    as_floats,
    check_count,
    check_field,
    check_room,
    check_state,
    is_traced,
    working_dtype,
)
from ttlearn.dynamics.sgd_host import Job, StochasticRun, advance, run_job
from ttlearn.dynamics.snapshots import Plan, Recorder, evenly_spaced_steps
from ttlearn.dynamics.spread import spread_runs
from ttlearn.dynamics.streams import draw_chunk, make_source
from ttlearn.precision import float64

State = Any
Sample = Any
DEFAULT_CHUNK = 65_536


class StochasticDivergedError(RuntimeError):
    """The recursion left the finite numbers; ``.run`` holds what was recorded."""

    def __init__(self, message: str, run: StochasticRun) -> None:
        super().__init__(message)
        self.run = run


def stochastic_descent(
    step: Callable[..., State],
    initial: State,
    draw: Any,
    steps: int | None,
    *,
    seed: int | None = None,
    keep: int = 101,
    save_steps: Any = None,
    observe: Callable[..., Any] | None = None,
    parameters: tuple[Any, ...] = (),
    chunk: int = DEFAULT_CHUNK,
    stop: Callable[[int, State], bool] | None = None,
    checkpoint: str | None = None,
    checkpoint_seconds: float = 60.0,
    identity: Mapping[str, Any] | None = None,
    progress: bool = True,
    on_divergence: Literal["raise", "keep"] = "raise",
    devices: list[jax.Device] | None = None,
) -> StochasticRun:
    """Run state <- step(state, sample) over independent samples.

    One run: for many at once, let ``step`` be a vmap over the state's first axis and draw samples
    of shape (count, R, ...).

    Arguments:
        step: ``step(state, sample, *parameters)``, returning a pytree like the state. Compiled
            once for each function object, whatever the number of steps.
        initial: pytree of real arrays. The run is in float32 when all leaves are float32 arrays,
            else in float64 (entered locally); real samples are brought to the same.
        draw: where samples come from, one of

            * ``draw(key, count)``, a pure function giving a pytree whose leaves have a first axis
              of length ``count``; chunk i uses ``jax.random.fold_in(jax.random.key(seed), i)``;
            * a :class:`HostStream`, for random numbers that NumPy draws in a given order;
            * a pytree of arrays with a first axis of at least ``steps``: the samples themselves.
        steps: how many, >= 1; None to go on until ``stop`` says so.
        seed: for the first kind of ``draw``; with ``chunk`` it decides every sample. A shorter
            run is the beginning of a longer one.
        keep: how many snapshots at most, >= 2, evenly spaced, the initial and last among them.
        save_steps: the steps to keep instead, increasing, from 0 to ``steps``; 0 and ``steps`` are
            kept whether named or not.
        observe: ``observe(state, *parameters)``: what a snapshot holds; the state itself if None.
        parameters: arrays handed on to ``step`` and ``observe``.
        chunk: samples drawn at once.
        stop: ``stop(done, state)``, asked between chunks with a host copy of the state.
        checkpoint: path of a file, written every ``checkpoint_seconds`` and at the end. When it
            exists the run goes on from there, to the same numbers. It is refused when it is of
            other functions (their code, and what they hold), numbers, seed or plan.
        identity: numbers, strings and arrays by name that a checkpoint must agree in as well:
            what a message should name when it is refused.
        progress: show a progress bar with the time left on stderr.
        devices: for many runs at once, among which to divide them: as many as divide them evenly.
            The numbers stay the same. None is one device.
        on_divergence: ``"raise"``, or ``"keep"`` to get the run back up to where it diverged.

    Returns:
        A :class:`StochasticRun` of NumPy arrays; ``ending`` says whether it is ``"finished"``, was
        ``"stopped"``, ``"interrupted"`` (Ctrl-C: what is finished comes back) or ``"diverged"``.

    Raises:
        ValueError, TypeError: on input that is out of range, not finite or of another shape.
        CheckpointError: when the checkpoint is damaged or of another run.
        StochasticDivergedError: when the recursion leaves the finite numbers.

    >>> import jax
    >>> def halve(x, noise):
    ...     return x - 0.5 * x + 0.0 * noise
    >>> def draw(key, count):
    ...     return jax.random.normal(key, (count,))
    >>> run = stochastic_descent(halve, 1.0, draw, 4, seed=0, keep=3, progress=False)
    >>> run.snapshots.tolist(), run.ending
    ([1.0, 0.25, 0.0625], 'finished')
    """
    if is_traced(initial, parameters):
        raise TypeError(
            "stochastic_descent checks its input; under jit or vmap call descend_stochastic instead"
        )
    if on_divergence not in ("raise", "keep"):
        raise ValueError(f"on_divergence {on_divergence!r}; allowed are 'raise' and 'keep'")
    dtype = working_dtype(initial)
    initial = check_state(initial, dtype)
    recorder = _recorder(steps, keep, save_steps, stop)
    with float64():
        spread = spread_runs(initial, devices)
        source = make_source(draw, steps, seed, check_count(chunk, "chunk", 1), dtype, spread)
        about = identity or {}
        job = Job(step, initial, source, steps, observe, parameters, recorder, stop, about, spread)
        _check_job(job, checkpoint is not None)
        run = run_job(job, checkpoint, checkpoint_seconds, progress)
    if run.ending == "diverged" and on_divergence == "raise":
        raise _diverged(run)
    return run


def _diverged(run: StochasticRun) -> StochasticDivergedError:
    return StochasticDivergedError(
        f"the recursion is not finite after {run.done} steps: take a smaller step size, or say "
        "on_divergence='keep' to look at the run (also in the error's .run)",
        run,
    )


def descend_stochastic(
    step: Callable[..., State],
    initial: State,
    draw: Callable[[Any, int], Sample],
    key: Any,
    save_steps: Any,
    *,
    observe: Callable[..., Any] | None = None,
    parameters: tuple[Any, ...] = (),
    chunk: int = DEFAULT_CHUNK,
) -> tuple[State, Any]:
    """:func:`stochastic_descent` as a pure kernel, for jit, vmap and lax.map.

    It checks nothing. With ``key = jax.random.key(seed)``, the same chunk and the same dtype it
    gives the front door's numbers. A chunk in which a save step lies is drawn again.

    Returns:
        The last state, and the observations at ``save_steps`` (increasing; the run ends at the
        last), stacked along a new first axis.

    >>> import jax, jax.numpy as jnp
    >>> add = lambda x, noise: x + noise
    >>> ones = lambda key, count: jnp.ones(count)
    >>> last, seen = descend_stochastic(add, 0.0, ones, jax.random.key(0), jnp.array([0, 2, 5]))
    >>> seen
    Array([0., 2., 5.], dtype=float32)
    """
    initial = as_floats(initial)
    dtype = jnp.result_type(*jax.tree.leaves(initial))
    save_steps = jnp.asarray(save_steps)

    def one_chunk(index: Any, carry: tuple[State, Any, Any]) -> tuple[State, Any, Any]:
        state, begin, end = carry
        samples = draw_chunk(draw, key, index, chunk, dtype)
        first = jnp.maximum(begin - index * chunk, 0)
        last = jnp.minimum(end - index * chunk, chunk)
        return advance(step, state, samples, first, last, parameters), begin, end

    def to_next(carry: tuple[State, Any], end: Any) -> tuple[tuple[State, Any], Any]:
        state, begin = carry
        chunks = (begin // chunk, (end + chunk - 1) // chunk)
        state, _, _ = lax.fori_loop(*chunks, one_chunk, (state, begin, end))
        return (state, end), state if observe is None else observe(state, *parameters)

    (state, _), seen = lax.scan(to_next, (initial, jnp.zeros_like(save_steps[0])), save_steps)
    return state, seen


def _check_job(job: Job, kept: bool) -> None:
    if kept:
        _ = job.identity  # from before anything is traced: some functions keep count of that
    check_field(
        job.step, job.initial, (job.initial, job.source.example(), *job.parameters), "the step"
    )
    seen = job.initial
    if job.observe is not None:
        seen = jax.eval_shape(job.observe, job.initial, *job.parameters)
    check_room(job.recorder.room, seen, "snapshots")


def _recorder(
    steps: int | None, keep: int, save_steps: Any, stop: Callable[[int, State], bool] | None
) -> Plan | Recorder:
    check_count(keep, "keep", 2)
    if steps is None:
        if stop is None:
            raise ValueError("steps is None and so is stop: the run would never end; give one")
        if save_steps is not None:
            raise ValueError("save_steps needs a run of known length; give steps")
        return Recorder(keep)
    check_count(steps, "steps", 1)
    if save_steps is None:
        return Plan(evenly_spaced_steps(steps, keep))
    planned = np.asarray(save_steps)
    whole = planned.ndim == 1 and planned.size and np.array_equal(planned, np.round(planned))
    if not whole or np.any(np.diff(planned) <= 0) or planned[0] < 0 or planned[-1] > steps:
        raise ValueError(
            f"save_steps is {save_steps!r}; increasing whole numbers from 0 to steps = {steps} are "
            "needed"
        )
    return Plan(np.union1d(planned, [0, steps]))
