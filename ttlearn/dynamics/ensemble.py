"""Many runs of one kernel: in chunks that fit memory, on all devices, resumable.

On several machines, start the same script once on each and let JAX introduce them::

    import jax
    jax.distributed.initialize("host0:1234", num_processes=2, process_id=RANK)

(under Slurm or on a cloud TPU ``initialize()`` finds its arguments by itself). Each process then
runs its share of the members on its own devices, and every one of them gets the whole result.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
from jax.experimental import multihost_utils
from numpy.typing import NDArray

from ttlearn.dynamics.checks import MAX_SAVED_NUMBERS, check_count, is_traced
from ttlearn.dynamics.ensemble_files import EnsembleFiles
from ttlearn.dynamics.ensemble_programs import OutOfMemory, Runner, available_memory
from ttlearn.dynamics.progress import deferred_interrupt, progress_bar
from ttlearn.precision import float64

LEAST_CHUNKS = 20
LARGEST_TILE = 32


class Ensemble(NamedTuple):
    """The runs of an ensemble.

    Fields:
        results: what the kernel returned, each leaf with the members' axis first; members that
            were not run hold NaN (0 where the type has none).
        finished: shape (R,), whether a member was run.
        finite: shape (R,), whether it was run and all its numbers are finite.
        ending: ``"finished"``, ``"stopped"`` or ``"interrupted"``.
        tile, chunk: members run together on one device; members run at once on all of them.
    """

    results: Any
    finished: NDArray[np.bool_]
    finite: NDArray[np.bool_]
    ending: Literal["finished", "stopped", "interrupted"]
    tile: int
    chunk: int

    @property
    def lost(self) -> int:
        """How many members were run and ended in numbers that are not finite."""
        return int(np.sum(self.finished & ~self.finite))


def run_ensemble(
    kernel: Callable[..., Any],
    parameters: Any,
    *,
    seed: int | None = None,
    memory: int | None = None,
    tile: int | None = None,
    chunk: int | None = None,
    devices: list[jax.Device] | None = None,
    stop: Callable[[int], bool] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    identity: Mapping[str, Any] | None = None,
    progress: bool = True,
) -> Ensemble:
    """Run ``kernel`` once for each member of a batch of parameters.

    Arguments:
        kernel: ``kernel(parameters)``, or ``kernel(parameters, key)`` with a seed: a pure function
            of one member, returning a pytree of arrays. Compiled once for each function object.
        parameters: pytree of arrays whose first axis numbers the members (see
            :func:`~ttlearn.dynamics.grid.grid`). JAX computes in float64 unless every real array
            here is float32.
        seed: member i gets ``jax.random.fold_in(jax.random.key(seed), i)``, on any machine.
        memory: bytes that inputs, outputs and intermediate arrays of one chunk may take on all
            local devices together; None is half of what is free.
        tile: members run together by vmap on one device; more tiles run one after another. None is
            an even share, at most 32. Take 1 for adaptive methods, where vmap goes at the slowest
            member's pace. The same tile gives the same numbers on any devices and in any chunks;
            another tile may change the last digits.
        chunk: members run between two reports and checkpoints; None is what ``memory`` allows,
            but small enough for 20 reports.
        devices: where to run; None is every local device.
        stop: ``stop(done)``, asked after each chunk; True ends the run unless it is finished.
        checkpoint: path of a folder that gets one file a chunk. When it exists, only what is
            missing is run, with the tile of before whatever ``tile`` says, and the result is the
            same. It is refused when it is of another kernel (its code, and what it holds), other
            parameters or another seed.
        identity: numbers, strings and arrays by name that the folder must agree in as well: what a
            message should name when it is refused.
        progress: show a progress bar with the time left on stderr.

    Returns:
        An :class:`Ensemble` of NumPy arrays. Members that end in NaN are kept, and counted by
        ``.lost``. After Ctrl-C the members that are finished come back.

    Raises:
        ValueError, TypeError: on input that is empty, of unequal lengths or out of range.
        MemoryError: when one member alone does not fit, or the results do not.
        CheckpointError: when the folder holds damaged files or another ensemble.

    >>> run = run_ensemble(lambda rate: 1 / rate, np.array([1.0, 2.0, 0.0]), progress=False)
    >>> run.results.tolist(), run.lost
    ([1.0, 0.5, inf], 1)
    """
    if is_traced(parameters):
        raise TypeError("run_ensemble compiles by itself; do not call it under jit or vmap")
    parameters, count = _members(parameters)
    local = list(jax.local_devices() if devices is None else devices)
    if not local:
        raise ValueError("devices is empty; give at least one, or None for all")
    for name, value in (("memory", memory), ("tile", tile), ("chunk", chunk)):
        if value is not None:
            check_count(value, name, 1)
    if seed is not None:
        check_count(seed, "seed", 0)
    begin, end = _share(count)
    with _precision(parameters):
        files = EnsembleFiles(checkpoint, kernel, parameters, seed, count, identity or {})
        share = min(chunk or count, end - begin)
        tile = files.tile() or tile or max(1, min(LARGEST_TILE, -(-share // len(local))))
        runner = Runner(kernel, parameters, seed, local, memory or available_memory(local), tile)
        _check_results(runner, count)
        store = _Store(runner.shapes, begin, end)
        for first, part in files.parts(runner.shapes):
            store.put(first, part)
        ending = _run(runner, store, files, chunk, stop, progress)
        return store.gather(count, ending, runner.tile, runner.chunk)


def _run(
    runner: Runner,
    store: _Store,
    files: EnsembleFiles,
    chunk: int | None,
    stop: Callable[[int], bool] | None,
    progress: bool,
) -> Literal["finished", "stopped", "interrupted"]:
    total = store.end - store.begin
    runner.choose_chunk(chunk, -(-total // LEAST_CHUNKS))
    with (
        deferred_interrupt() as interrupted,
        progress_bar(total, "run", progress, int(store.done.sum())) as bar,
    ):
        while (gap := store.gap(runner.chunk)) is not None:
            try:
                part = runner.run(*gap)
            except OutOfMemory:
                runner.shrink()
                continue
            store.put(gap[0], part)
            files.write(gap[0], part, runner.tile)
            bar.update(gap[1] - gap[0])
            bar.set_postfix(lost=store.lost(), refresh=False)
            asked = stop is not None and stop(int(store.done.sum()))
            if store.done.all():
                break  # nothing is left to be stopped
            if interrupted():
                return "interrupted"
            if asked:
                return "stopped"
    return "finished"


class _Store:
    """The results of the members from ``begin`` up to ``end``, as they come in."""

    def __init__(self, shapes: Any, begin: int, end: int) -> None:
        self.begin, self.end = begin, end
        self.done = np.zeros(end - begin, bool)
        self.finite = np.zeros(end - begin, bool)

        def blank(leaf: Any) -> NDArray[Any]:
            fill = np.nan if np.issubdtype(leaf.dtype, np.inexact) else 0
            return np.full((end - begin, *leaf.shape), fill, leaf.dtype)

        self.results = jax.tree.map(blank, shapes)

    def put(self, first: int, part: Any) -> None:
        length = len(jax.tree.leaves(part)[0])
        # A file may hold members of another process's share.
        low, high = max(first, self.begin), min(first + length, self.end)
        if low >= high:
            return
        to, take = slice(low - self.begin, high - self.begin), slice(low - first, high - first)
        for whole, piece in zip(jax.tree.leaves(self.results), jax.tree.leaves(part), strict=True):
            whole[to] = piece[take]
        self.done[to] = True
        self.finite[to] = _all_finite(part, high - low, take)

    def gap(self, longest: int) -> tuple[int, int] | None:
        """The first members that were not run, ``longest`` at most."""
        if self.done.all():
            return None
        low = int(np.argmin(self.done))
        later = np.flatnonzero(self.done[low:])
        length = min(longest, int(later[0]) if len(later) else len(self.done) - low)
        return self.begin + low, self.begin + low + length

    def lost(self) -> int:
        """How many members were run and are not finite."""
        return int(np.sum(self.done & ~self.finite))

    def gather(self, count: int, ending: Any, tile: int, chunk: int) -> Ensemble:
        everything = (self.results, self.done, self.finite, np.array([ending]))
        if jax.process_count() > 1:
            everything = _gather(everything, self.end - self.begin, count)
        results, done, finite, endings = everything
        worst = next((e for e in ("interrupted", "stopped") if e in endings), "finished")
        return Ensemble(results, done, finite, worst, tile, chunk)  # type: ignore[arg-type]


def _all_finite(part: Any, count: int, take: slice) -> NDArray[np.bool_]:
    finite = np.ones(count, bool)
    for leaf in jax.tree.leaves(part):
        if np.issubdtype(leaf.dtype, np.inexact):
            finite &= np.isfinite(leaf[take]).reshape(count, -1).all(axis=1)
    return finite


def _gather(everything: Any, length: int, count: int) -> Any:
    """Every process's share, put together on every process."""
    results, done, finite, endings = everything
    # Shares differ by a member at most, but what is gathered must have one shape.
    longest = -(-count // jax.process_count())
    codes = {"finished": 0, "stopped": 1, "interrupted": 2}

    def padded(leaf: Any) -> Any:
        return np.concatenate([leaf, np.zeros((longest - length, *leaf.shape[1:]), leaf.dtype)])

    sent = jax.tree.map(padded, (results, done, finite))
    sent += (np.array([codes[str(endings[0])]]),)
    received = multihost_utils.process_allgather(sent)
    lengths = [high - low for low, high in (_share(count, p) for p in range(jax.process_count()))]

    def joined(leaf: Any) -> Any:
        leaf = np.asarray(leaf)
        return np.concatenate([leaf[p, :size] for p, size in enumerate(lengths)])

    names = list(codes)
    whole = jax.tree.map(joined, received[:3])
    return (*whole, np.array([names[int(code)] for code in np.ravel(received[3])]))


def _share(count: int, process: int | None = None) -> tuple[int, int]:
    """The members that a process runs."""
    process = jax.process_index() if process is None else process
    longest = -(-count // jax.process_count())
    return min(process * longest, count), min((process + 1) * longest, count)


def _members(parameters: Any) -> tuple[Any, int]:
    leaves = jax.tree_util.tree_leaves_with_path(parameters)
    if not leaves:
        raise ValueError("parameters holds no array; give at least one, one entry a member")
    parameters = jax.tree.map(np.asarray, parameters)
    lengths = {}
    for path, leaf in jax.tree_util.tree_leaves_with_path(parameters):
        label = f"parameters{jax.tree_util.keystr(path)}"
        if leaf.ndim == 0 or leaf.shape[0] == 0:
            raise ValueError(
                f"{label} has shape {leaf.shape}; a first axis with at least one member is needed"
            )
        if leaf.dtype.kind not in "fiubc":
            raise ValueError(f"{label} has dtype {leaf.dtype}; numbers are needed")
        lengths[label] = leaf.shape[0]
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the first axes differ: {lengths}; all must have one entry a member")
    count = next(iter(lengths.values()))
    if count >= 2**31:
        raise ValueError(f"{count} members; fewer than 2^31 can be numbered: split the ensemble")
    return parameters, count


def _precision(parameters: Any) -> contextlib.AbstractContextManager[None]:
    real = [leaf for leaf in jax.tree.leaves(parameters) if leaf.dtype.kind == "f"]
    single = bool(real) and all(leaf.dtype == np.float32 for leaf in real)
    return contextlib.nullcontext() if single else float64()


def _check_results(runner: Runner, count: int) -> None:
    numbers = count * sum(int(np.prod(leaf.shape)) for leaf in jax.tree.leaves(runner.shapes))
    if numbers > MAX_SAVED_NUMBERS:
        raise MemoryError(
            f"the results of {count} members are {numbers:.2e} numbers; at most "
            f"{MAX_SAVED_NUMBERS:.2e} are kept: let the kernel return less"
        )
