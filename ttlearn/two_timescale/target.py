"""A piecewise-constant target on [0, 1]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike


class Target:
    """A function that is constant between jumps.

    f*(x) = values[i] for jumps[i-1] <= x < jumps[i], where jumps[-1] = 0 and jumps[n-1] = 1.

    Arguments:
        jumps: shape (n-1,); strictly increasing, inside (0, 1).
        values: shape (n,); neighbours differ.

    Raises:
        ValueError: for jumps that are unsorted, repeated or outside (0, 1), for equal neighbouring
            values, non-finite numbers, or lengths that do not match.

    >>> target = Target(jumps=[0.5], values=[0.0, 2.0])
    >>> target.jump_sizes.tolist(), target.energy
    ([2.0], 2.0)
    >>> target([0.2, 0.7]).tolist()
    [0.0, 2.0]
    """

    jumps: Any
    values: Any

    def __init__(self, jumps: Sequence[float] | ArrayLike, values: Sequence[float] | ArrayLike):
        self.jumps = np.array(jumps, dtype=np.float64, ndmin=1)
        # Plus 0.0: the two zeros are equal, and equal targets must have one hash.
        self.values = np.array(values, dtype=np.float64, ndmin=1) + 0.0
        _check(self.jumps, self.values)
        self.jumps.setflags(write=False)
        self.values.setflags(write=False)

    def __call__(self, x: ArrayLike) -> Any:
        """f*(x); at a jump, the value on its right."""
        return self.values[np.searchsorted(self.jumps, np.asarray(x), side="right")]

    def __repr__(self) -> str:
        if not isinstance(self.jumps, np.ndarray):
            return "Target(traced)"
        return f"Target(jumps={self.jumps.tolist()}, values={self.values.tolist()})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Target)
            and np.array_equal(self.jumps, other.jumps)
            and np.array_equal(self.values, other.values)
        )

    def __hash__(self) -> int:
        return hash((self.jumps.tobytes(), self.values.tobytes()))

    @property
    def jump_sizes(self) -> Any:
        """J, shape (n-1,): right value minus left value."""
        return self.values[1:] - self.values[:-1]

    @property
    def edges(self) -> Any:
        """0, the jumps, 1: shape (n+1,)."""
        return np.concatenate([[0.0], self.jumps, [1.0]])

    @property
    def pieces(self) -> Any:
        """Lengths of the n pieces."""
        return np.diff(self.edges)

    @property
    def shortest_piece(self) -> float:
        """Delta v, the end pieces included."""
        return float(np.min(self.pieces))

    @property
    def smallest_jump(self) -> float:
        """Delta f, the least |J|."""
        return float(np.min(np.abs(self.jump_sizes)))

    @property
    def energy(self) -> float:
        """The integral of f*^2: the loss of the network that is 0."""
        return float(np.sum(self.pieces * self.values**2))

    def floor(self, activation_width: float) -> float:
        """Loss left over with one smoothed neuron on each jump: width * sum J^2 / 28.

        >>> round(PAPER_TARGET.floor(4e-3), 12)
        0.008
        """
        return float(activation_width * np.sum(self.jump_sizes**2) / 28.0)


def _check(jumps: np.ndarray, values: np.ndarray) -> None:
    if jumps.ndim != 1 or values.ndim != 1:
        raise ValueError(
            f"jumps has shape {jumps.shape} and values {values.shape}; each must have one axis"
        )
    if not (np.all(np.isfinite(jumps)) and np.all(np.isfinite(values))):
        raise ValueError("jumps and values must be finite; NaN or infinity found")
    if jumps.size == 0:
        raise ValueError("no jump found; a target needs at least one, and two values")
    if values.size != jumps.size + 1:
        raise ValueError(
            f"{jumps.size} jumps and {values.size} values found; n-1 jumps need n values, "
            f"so give {jumps.size + 1} values"
        )
    if np.any(jumps <= 0.0) or np.any(jumps >= 1.0):
        raise ValueError(f"jumps {jumps.tolist()} must lie strictly between 0 and 1; rescale x")
    if np.any(np.diff(jumps) == 0.0):
        raise ValueError(f"jumps {jumps.tolist()} are repeated; merge the equal ones")
    if np.any(np.diff(jumps) < 0.0):
        raise ValueError(f"jumps {jumps.tolist()} are not increasing; sort them with their values")
    if np.any(np.diff(values) == 0.0):
        raise ValueError(
            f"values {values.tolist()} repeat across a jump, which then is none; drop that jump"
        )


def _unflatten(_: None, leaves: tuple[Any, Any]) -> Target:
    # Not through __init__: under a transformation the leaves are tracers.
    target = object.__new__(Target)
    target.jumps, target.values = leaves
    return target


jax.tree_util.register_pytree_node(
    Target, lambda target: ((target.jumps, target.values), None), _unflatten
)

PAPER_TARGET = Target(jumps=[0.2, 0.35, 0.5, 0.65, 0.8], values=[1.0, 5.0, 1.0, 3.0, 1.0, 5.0])
"""The target of the paper's one-dimensional experiments."""

SHORTAGE_TARGET = Target(jumps=[0.2, 0.5, 0.8], values=[0.0, 1.0, 1.3, 2.3])
SHORTAGE_POSITIONS = np.array([0.05, 0.25, 0.75, 0.95])
"""A start with one neuron in each inner piece: the limit leaves the middle jump uncovered."""


def piece_values(x: ArrayLike, target: Target) -> jax.Array:
    """f*(x) inside a JAX program, in the precision of ``x``.

    >>> piece_values(jnp.array([0.1, 0.6]), Target([0.5], [1.0, 3.0])).tolist()
    [1.0, 3.0]
    """
    x = jnp.asarray(x)
    jumps, values = jnp.asarray(target.jumps, x.dtype), jnp.asarray(target.values, x.dtype)
    # A chain of selections: a search and a gather take ten times as long on millions of points.
    found = jnp.full_like(x, values[0])
    for jump, value in zip(jumps, values[1:], strict=True):
        found = jnp.where(x >= jump, value, found)
    return found


def run_meta(dynamics: str, target: Target, **setting: Any) -> dict[str, Any]:
    """What every run of this wing says of itself: its dynamics, setting, target and precision.

    >>> run_meta("sgd", Target([0.5], [0.0, 1.0]), step_size=0.1)["jumps"]
    [0.5]
    """
    about = {"dynamics": dynamics, "time": "slow_time", **setting, "precision": "float64"}
    jumps, values = np.asarray(target.jumps).tolist(), np.asarray(target.values).tolist()
    return about | {"jumps": jumps, "values": values}
