"""What the front doors of this package refuse, and how they say so."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

State = Any

LARGEST_COUNT = 2**62
MAX_SAVED_NUMBERS = 2**31
"""More recorded numbers than this (16 GiB in float64) are refused."""


def is_traced(*trees: Any) -> bool:
    """Whether any leaf is being traced by jit, vmap, lax.map, ..."""
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(trees))


def working_dtype(state: State) -> np.dtype[Any]:
    """float32 when every leaf is float32 or narrower, else float64.

    >>> working_dtype({"positions": np.zeros(2, np.float32)}), working_dtype(1.0)
    (dtype('float32'), dtype('float64'))
    """
    leaves = jax.tree.leaves(state)
    if not leaves:
        raise ValueError("the initial state holds no array; give at least one")
    narrow = all(
        isinstance(leaf, np.ndarray | jax.Array | np.generic)
        and jnp.issubdtype(leaf.dtype, jnp.floating)
        and leaf.dtype.itemsize <= 4
        for leaf in leaves
    )
    return np.dtype(np.float32 if narrow else np.float64)


def as_floats(state: State) -> State:
    """The state with JAX arrays for leaves; whole numbers become the default float.

    >>> as_floats({"positions": 1}, )["positions"].dtype
    dtype('float32')
    """

    def leaf(value: Any) -> Any:
        array = jnp.asarray(value)
        return array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(float)

    return jax.tree.map(leaf, state)


def check_state(state: State, dtype: Any, name: str = "initial") -> State:
    """The state with every leaf a finite real array of ``dtype`` on the host; some entry is needed.

    >>> check_state({"angle": [1.0, float("nan")]}, np.float64)
    Traceback (most recent call last):
        ...
    ValueError: initial['angle'] holds nan at index (1,); every entry must be finite
    """
    if isinstance(state, dict):
        state = {key: _lists_to_arrays(value) for key, value in state.items()}
    else:
        state = _lists_to_arrays(state)

    def leaf(path: Any, value: Any) -> NDArray[Any]:
        label = name + jax.tree_util.keystr(path)
        array = np.asarray(value)
        if array.dtype.kind not in "fiu" and not jnp.issubdtype(array.dtype, jnp.floating):
            raise ValueError(f"{label} has dtype {array.dtype}; real numbers are needed")
        array = array.astype(dtype)
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            index = tuple(int(i) for i in bad[0])
            raise ValueError(
                f"{label} holds {array[index]} at index {index}; every entry must be finite"
            )
        return array

    state = jax.tree_util.tree_map_with_path(leaf, state)
    if not any(array.size for array in jax.tree.leaves(state)):
        shapes = [array.shape for array in jax.tree.leaves(state)]
        raise ValueError(f"{name} has no entry (shapes {shapes}); give at least one number")
    return state


def check_positive(value: State, name: str, *, zero: bool = False) -> None:
    """Refuse a number (or a pytree of numbers) that is not finite and positive."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(value):
        array = np.asarray(leaf, np.float64)
        if not np.all(np.isfinite(array)) or np.any(array < 0) or (not zero and np.any(array == 0)):
            allowed = "at least 0" if zero else "above 0"
            label = name + jax.tree_util.keystr(path)
            raise ValueError(f"{label} is {leaf}; a finite number {allowed} is needed")


def check_times(save_times: Any, start_time: float) -> NDArray[np.float64]:
    """``save_times`` as float64: one axis, not empty, finite, increasing, not before the start."""
    times = np.asarray(save_times, np.float64)
    if times.ndim != 1 or times.size == 0:
        raise ValueError(
            f"save_times has shape {times.shape}; one axis with at least one time is needed"
        )
    if not np.isfinite(start_time):
        raise ValueError(f"start_time is {start_time}; a finite number is needed")
    if not np.all(np.isfinite(times)):
        raise ValueError("save_times holds a value that is not finite; drop it")
    if np.any(np.diff(times) <= 0):
        where = int(np.argmax(np.diff(times) <= 0)) + 1
        raise ValueError(
            f"save_times must increase; entry {where} is {times[where]} after {times[where - 1]}: "
            "sort them and drop repeated ones (np.unique does both)"
        )
    if times[0] < start_time:
        raise ValueError(
            f"save_times begins at {times[0]}, before start_time {start_time}; only later times "
            "can be saved"
        )
    return times


def check_room(count: int, state: State, what: str) -> None:
    """Refuse to record more numbers than any machine of ours holds."""
    numbers = count * sum(int(np.size(leaf)) for leaf in jax.tree.leaves(state))
    if numbers > MAX_SAVED_NUMBERS:
        raise ValueError(
            f"{count} {what} of this state are {numbers:.2e} numbers; at most "
            f"{MAX_SAVED_NUMBERS:.2e} are kept: ask for fewer {what}"
        )


def check_field(
    field: Callable[..., State], state: State, arguments: tuple[Any, ...], what: str = "the field"
) -> None:
    """Refuse a field, gradient or step whose value does not look like the state."""
    if not callable(field):
        raise TypeError(f"{field!r} is not callable; a function of the state is needed")
    leaves, structure = jax.tree.flatten(arguments)
    shapes = tuple((np.shape(leaf), jnp.result_type(leaf)) for leaf in leaves)
    value = _value_of(field, structure, shapes)
    found, wanted = str(jax.tree.structure(value)), str(jax.tree.structure(state))
    if found != wanted:
        raise ValueError(f"{what} returns {found}; it must be built like the state, {wanted}")
    pairs = zip(jax.tree.leaves(value), jax.tree_util.tree_leaves_with_path(state), strict=True)
    for got, (path, leaf) in pairs:
        if got.shape != np.shape(leaf):
            raise ValueError(
                f"{what}'s value{jax.tree_util.keystr(path)} has shape {got.shape}; the state has "
                f"{np.shape(leaf)} there"
            )


# Tracing a field takes longer than solving many a flow: each is looked at once for its shapes.
@functools.lru_cache(maxsize=256)
def _value_of(field: Callable[..., State], structure: Any, shapes: tuple[Any, ...]) -> State:
    leaves = [jax.ShapeDtypeStruct(shape, dtype) for shape, dtype in shapes]
    return jax.eval_shape(field, *jax.tree.unflatten(structure, leaves))


def _lists_to_arrays(value: Any) -> Any:
    # A bare list of numbers is meant as an array, not as a pytree of scalars.
    if isinstance(value, list | tuple) and value and all(np.ndim(v) == 0 for v in value):
        if any(isinstance(v, dict) for v in value):
            return value
        return np.asarray(value) if isinstance(value, list) else value
    return value


def check_count(value: Any, name: str, least: int, most: int = LARGEST_COUNT) -> int:
    """``value`` as a whole number between two ends, both allowed; 3.0 is one, "3" and True are not.

    >>> check_count(np.int64(3), "steps", 1)
    3
    >>> check_count(float("nan"), "depth", 1, 64)
    Traceback (most recent call last):
        ...
    ValueError: depth is nan; a whole number from 1 to 64 is needed
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    whole = whole or (isinstance(value, float | np.floating) and float(value).is_integer())
    if not whole or not least <= value <= most:
        end = most if most < LARGEST_COUNT else "2^62"
        raise ValueError(f"{name} is {value!r}; a whole number from {least} to {end} is needed")
    return int(value)
