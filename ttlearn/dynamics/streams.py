"""Where a stochastic recursion's samples come from, one chunk at a time."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.dynamics.checks import check_count
from ttlearn.dynamics.identity import fingerprint, identify, name_of
from ttlearn.dynamics.spread import Spread

Sample = Any


@dataclasses.dataclass(frozen=True)
class HostStream:
    """Random numbers drawn by NumPy in a given order, such as a legacy MT19937 stream.

    Arguments:
        function: ``function(count)``, returning a pytree of NumPy arrays whose leaves have a first
            axis of length ``count``. It is called in order and never for more samples than the
            run needs, so that the stream can go on in a next run.

    >>> stream = np.random.RandomState(42)
    >>> HostStream(lambda count: stream.rand(count, 2)).function(3).shape
    (3, 2)
    """

    function: Callable[[int], Sample]


class Source(Protocol):
    """Chunks of samples."""

    chunk: int

    def get(self, index: int) -> Sample:
        """Chunk ``index``; the indices come in order. Leaves may be longer than the run needs."""

    def example(self) -> Sample:
        """Shapes and dtypes of one sample."""

    def identity(self) -> str:
        """What makes this source this source, for checkpoints."""


def draw_chunk(
    draw: Callable[[Any, int], Sample], key: Any, index: Any, chunk: int, dtype: Any
) -> Sample:
    """Chunk ``index`` of the stream that ``key`` stands for."""
    return _real_as(draw(jax.random.fold_in(key, index), chunk), dtype)


@functools.partial(jax.jit, static_argnames=("draw", "chunk", "dtype", "spread"))
def _drawn(
    draw: Callable[[Any, int], Sample],
    key: Any,
    index: Any,
    chunk: int,
    dtype: Any,
    spread: Spread | None,
) -> Sample:
    samples = draw_chunk(draw, key, index, chunk, dtype)
    if spread is None:
        return samples
    # Each device draws for its own runs, instead of waiting for the first one to draw for all.
    return jax.lax.with_sharding_constraint(samples, spread.of_samples(samples))


@dataclasses.dataclass
class DrawnSource:
    """Samples from ``jax.random``."""

    draw: Callable[[Any, int], Sample]
    seed: int
    chunk: int
    dtype: Any
    spread: Spread | None = None

    def get(self, index: int) -> Sample:
        key = jax.random.key(self.seed)
        return _drawn(self.draw, key, index, self.chunk, self.dtype, self.spread)

    def example(self) -> Sample:
        one = functools.partial(draw_chunk, self.draw, index=0, chunk=self.chunk, dtype=self.dtype)
        samples = jax.eval_shape(one, jax.random.key(self.seed))
        _check_leading_axis(samples, self.chunk, "draw(key, count)")
        return _one_of(samples)

    def identity(self) -> str:
        return f"{identify(self.draw)} seed {self.seed} chunk {self.chunk} {self.dtype}"


class HostSource:
    """Samples from a :class:`HostStream`, each chunk drawn once."""

    def __init__(self, stream: HostStream, steps: int | None, chunk: int, dtype: Any) -> None:
        self.chunk, self._steps, self._stream, self._dtype = chunk, steps, stream, dtype
        self._index, self._samples = -1, None
        # Before the stream moves on, so that a checkpoint can tell one stream from another.
        self._beginning = fingerprint(self.get(0))

    def get(self, index: int) -> Sample:
        # After a resumed checkpoint the chunks before it are drawn and dropped.
        while self._index < index:
            self._index += 1
            left = self.chunk
            if self._steps is not None:
                left = min(left, self._steps - self._index * self.chunk)
            samples = jax.tree.map(np.asarray, self._stream.function(left))
            _check_leading_axis(samples, left, "the host stream")
            self._samples = _padded(_real_as(samples, self._dtype), self.chunk)
        return self._samples

    def example(self) -> Sample:
        return _one_of(self.get(0))

    def identity(self) -> str:
        return f"{name_of(self._stream.function)} starting {self._beginning}"


class GivenSource:
    """Samples that are there already."""

    def __init__(self, samples: Sample, steps: int, chunk: int, dtype: Any) -> None:
        samples = _real_as(jax.tree.map(np.asarray, samples), dtype)
        leaves = jax.tree_util.tree_leaves_with_path(samples)
        if not leaves:
            raise ValueError("the samples hold no array; give at least one")
        for path, leaf in leaves:
            label = f"samples{jax.tree_util.keystr(path)}"
            if leaf.ndim == 0 or leaf.shape[0] < steps:
                raise ValueError(
                    f"{label} has shape {leaf.shape}; its first axis must have at least {steps} "
                    "entries, one a step"
                )
            if leaf.dtype.kind == "f" and not np.all(np.isfinite(leaf)):
                raise ValueError(f"{label} holds a value that is not finite; drop it")
        self._samples = jax.tree.map(lambda leaf: leaf[:steps], samples)
        self.chunk = min(chunk, steps)

    def get(self, index: int) -> Sample:
        begin = index * self.chunk
        cut = jax.tree.map(lambda leaf: leaf[begin : begin + self.chunk], self._samples)
        return _padded(cut, self.chunk)

    def example(self) -> Sample:
        return _one_of(self._samples)

    def identity(self) -> str:
        return f"samples {fingerprint(self._samples)}"


def make_source(
    draw: Any,
    steps: int | None,
    seed: int | None,
    chunk: int,
    dtype: Any,
    spread: Spread | None = None,
) -> Source:
    """The source that ``draw`` stands for, with the seed it needs or must not have."""
    if chunk >= 2**31:
        raise ValueError(f"chunk is {chunk}; at most 2^31 - 1 samples are drawn at once")
    if callable(draw):
        if seed is None:
            raise ValueError("seed is None; draw(key, count) needs one, such as seed=0")
        return DrawnSource(draw, check_count(seed, "seed", 0), chunk, dtype, spread)
    if seed is not None:
        raise ValueError(
            f"seed is {seed}, but these samples are not drawn from a key; leave it out"
        )
    if isinstance(draw, HostStream):
        return HostSource(draw, steps, chunk, dtype)
    if steps is None:
        raise ValueError("steps is None; given samples need the number of steps")
    return GivenSource(draw, steps, chunk, dtype)


def _real_as(samples: Sample, dtype: Any) -> Sample:
    def leaf(value: Any) -> Any:
        return value.astype(dtype) if jnp.issubdtype(value.dtype, jnp.floating) else value

    return jax.tree.map(leaf, samples)


def _padded(samples: Sample, count: int) -> Sample:
    # Chunks of one shape: the last one must not compile again.
    def leaf(value: Any) -> Any:
        missing = count - value.shape[0]
        return np.pad(value, [(0, missing)] + [(0, 0)] * (value.ndim - 1)) if missing else value

    return jax.tree.map(leaf, samples)


def _one_of(samples: Sample) -> Sample:
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape[1:], leaf.dtype), samples)


def _check_leading_axis(samples: Sample, count: int, what: str) -> None:
    leaves = jax.tree_util.tree_leaves_with_path(samples)
    if not leaves:
        raise ValueError(f"{what} gave no array; it must give at least one")
    for path, leaf in leaves:
        if leaf.ndim == 0 or leaf.shape[0] != count:
            raise ValueError(
                f"{what} gave {jax.tree_util.keystr(path) or 'an array'} of shape {leaf.shape} for "
                f"count {count}; the first axis must have that length"
            )
