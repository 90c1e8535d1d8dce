"""The host's side of a stochastic run: chunk after chunk, snapshots, stop, checkpoint."""

from __future__ import annotations

import dataclasses
import functools
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ttlearn.dynamics.checkpoint import read_checkpoint, write_checkpoint
from ttlearn.dynamics.flow import as_trajectory
from ttlearn.dynamics.identity import fingerprint, identify
from ttlearn.dynamics.progress import deferred_interrupt, progress_bar
from ttlearn.dynamics.snapshots import Plan, Recorder
from ttlearn.dynamics.spread import Spread
from ttlearn.dynamics.streams import Sample, Source
from ttlearn.records import Trajectory

State = Any
Ending = Literal["finished", "stopped", "interrupted", "diverged"]


class StochasticRun(NamedTuple):
    """A run of a stochastic recursion.

    Fields:
        steps: shape (K,), the steps of the snapshots; the first is 0.
        snapshots: what ``observe`` saw there, each leaf with the steps' axis first.
        state: the last state.
        done: steps done.
        ending: ``"finished"``, ``"stopped"``, ``"interrupted"`` or ``"diverged"``.
    """

    steps: Any
    snapshots: Any
    state: State
    done: int
    ending: Ending

    def trajectory(
        self,
        losses: Any = None,
        axes: Mapping[str, tuple[str, ...]] | None = None,
        **meta: Any,
    ) -> Trajectory:
        """The snapshots, of a dict, a NamedTuple or an array (``"state"``), as a record."""
        meta = {"time": "step", "done": self.done, "ending": self.ending, **meta}
        return as_trajectory(self.steps, self.snapshots, losses, axes, meta, "snapshots")


@dataclasses.dataclass
class Job:
    """What there is to run."""

    step: Callable[..., State]
    initial: State
    source: Source
    steps: int | None
    observe: Callable[..., Any] | None
    parameters: tuple[Any, ...]
    recorder: Plan | Recorder
    stop: Callable[[int, State], bool] | None
    about: Mapping[str, Any]
    spread: Spread | None = None
    drawn: tuple[int, Sample] | None = None

    def see(self, state: State) -> Any:
        """What a snapshot of ``state`` holds."""
        return state if self.observe is None else _observed(self.observe, state, self.parameters)

    def chunk(self, index: int) -> Sample:
        """Chunk ``index`` on the device, drawn once however many parts it is run in."""
        if self.drawn is None or self.drawn[0] != index:
            self.drawn = (index, self.placed(self.source.get(index)))
        return self.drawn[1]

    def placed(self, samples: Sample) -> Sample:
        """Samples on the devices that use them."""
        if self.spread is None:
            return jax.tree.map(jnp.asarray, samples)
        return jax.device_put(samples, self.spread.of_samples(samples))

    @functools.cached_property
    def identity(self) -> dict[str, Any]:
        """What makes this run this run, as it was when this was first read."""
        return {
            "kind": "stochastic_descent",
            **self.about,
            "step": identify(self.step),
            "observe": identify(self.observe) if self.observe else None,
            "initial": fingerprint(self.initial),
            "parameters": fingerprint(self.parameters),
            "samples": self.source.identity(),
            "steps": self.steps,
            "snapshots": self.recorder.identity(),
        }


def advance(
    step: Callable[..., State],
    state: State,
    samples: Sample,
    first: Any,
    last: Any,
    parameters: tuple[Any, ...],
) -> State:
    """The state after the samples from ``first`` up to and without ``last``."""

    def body(i: Any, state: State) -> State:
        sample = jax.tree.map(lambda leaf: leaf[i], samples)
        new = step(state, sample, *parameters)
        return jax.tree.map(lambda a, b: jnp.asarray(a, b.dtype), new, state)

    return lax.fori_loop(first, last, body, state)


@functools.partial(jax.jit, static_argnames=("step",), donate_argnames=("state",))
def _advanced(
    step: Callable[..., State],
    state: State,
    samples: Sample,
    first: Any,
    last: Any,
    parameters: tuple[Any, ...],
) -> tuple[State, Any]:
    state = advance(step, state, samples, first, last, parameters)
    finite = [jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(state)]
    return state, jnp.all(jnp.array(finite))


_observed = jax.jit(
    lambda observe, state, parameters: observe(state, *parameters), static_argnums=0
)


def run_job(
    job: Job, checkpoint: str | None, checkpoint_seconds: float, progress: bool
) -> StochasticRun:
    """Run to the end, or until somebody stops it."""
    state, done = _resume(job, checkpoint)
    # The given arrays must survive: only copies are handed over to be overwritten.
    state = jax.tree.map(lambda leaf: jnp.array(leaf, copy=True), state)
    if job.spread is not None:
        state = jax.device_put(state, job.spread.of_state())
    ending: Ending | None = None
    written = time.monotonic()
    with (
        deferred_interrupt() as interrupted,
        progress_bar(job.steps, "step", progress, done) as bar,
    ):
        if job.recorder.next_step == done:
            job.recorder.add(done, job.see(state))
        while ending is None:
            if done == job.steps:
                ending = "finished"
                break
            state, count, finite = _next_part(job, state, done)
            done += count
            bar.update(count)
            ending = _ending(job, state, done, finite, interrupted)
            if ending != "diverged" and (done == job.recorder.next_step or ending):
                job.recorder.add(done, job.see(state))
            if (
                checkpoint
                and ending != "diverged"
                and (ending or time.monotonic() - written >= checkpoint_seconds)
            ):
                _write(job, checkpoint, state, done)
                written = time.monotonic()
    steps, snapshots = np.array(job.recorder.steps), job.recorder.values()
    return StochasticRun(steps, snapshots, jax.tree.map(np.array, state), done, ending)


def _next_part(job: Job, state: State, done: int) -> tuple[State, int, bool]:
    """Up to the end of the chunk, the next snapshot or the last step, whichever comes first."""
    chunk = job.source.chunk
    index, first = divmod(done, chunk)
    ends = [(index + 1) * chunk, job.recorder.next_step, job.steps]
    end = min(end for end in ends if end is not None and end > done)
    samples = job.chunk(index)
    bounds = (np.int32(first), np.int32(end - index * chunk))
    state, finite = _advanced(job.step, state, samples, *bounds, job.parameters)
    return state, end - done, bool(finite)


def _ending(
    job: Job, state: State, done: int, finite: bool, interrupted: Callable[[], bool]
) -> Ending | None:
    if not finite:
        return "diverged"
    if done == job.steps:
        return "finished"
    if interrupted():
        return "interrupted"
    if job.stop is not None and job.stop(done, jax.tree.map(np.array, state)):
        return "stopped"
    return None


def _write(job: Job, checkpoint: str, state: State, done: int) -> None:
    arrays = {f"state/{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(state))}
    seen = jax.tree.leaves(job.recorder.values())
    arrays |= {f"snapshots/{i}": np.asarray(leaf) for i, leaf in enumerate(seen)}
    arrays["steps"] = np.array(job.recorder.steps)
    write_checkpoint(
        checkpoint, job.identity, arrays, {"done": done, "stride": job.recorder.stride}
    )


def _resume(job: Job, checkpoint: str | None) -> tuple[State, int]:
    if checkpoint is None or not os.path.exists(checkpoint):
        return job.initial, 0
    arrays, progress = read_checkpoint(checkpoint, job.identity)

    def tree(name: str, like: Any) -> Any:
        structure = jax.tree.structure(like)
        leaves = [arrays[f"{name}/{i}"] for i in range(len(jax.tree.leaves(like)))]
        return jax.tree.unflatten(structure, leaves)

    job.recorder.restore(arrays["steps"], tree("snapshots", job.see(job.initial)))
    job.recorder.stride = progress["stride"]
    return tree("state", job.initial), int(progress["done"])
