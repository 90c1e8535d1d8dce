"""The problem (interval, affine target, leak) and the parameters of a shallow network."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.floating[Any]]

MAX_NEURONS = 2000


@dataclasses.dataclass(frozen=True)
class Problem:
    """Fit an affine target on an interval with a shallow ReLU or leaky ReLU network.

    f(x) = c + Σ v_j σ(w_j x + b_j),  σ(y) = max(y, leak·y),
    L = ∫ (f(x) − slope·x − intercept)² dx over [left, right], without a factor one half.

    Arguments:
        left, right: ends of the interval, left < right.
        slope, intercept: the target is slope·x + intercept. With slope 0 every critical point is
            a global minimum, and functions about saddles say so.
        leak: slope of σ on the negative side, in [0, 1); 0 is ReLU.

    Raises:
        ValueError: when a number is not finite, the interval is empty, or the leak is outside
            of [0, 1).

    Source: Cheridito, Jentzen & Rossmannek 2022 (setting), notation of this library.

    >>> Problem().length
    1.0
    >>> Problem(-1.0, 1.0, slope=2.0, intercept=3.0).mean_target
    3.0
    """

    left: float = 0.0
    right: float = 1.0
    slope: float = 1.0
    intercept: float = 0.0
    leak: float = 0.0

    def __post_init__(self) -> None:
        for name in ("left", "right", "slope", "intercept", "leak"):
            value = getattr(self, name)
            if isinstance(value, jax.core.Tracer):
                raise ValueError(
                    f"{name} is traced by JAX; build the Problem outside of jit and pass it in"
                )
            number = float(value)
            if not math.isfinite(number):
                raise ValueError(f"{name} is {value}; a finite number is needed")
            object.__setattr__(self, name, number)
        if self.left >= self.right:
            raise ValueError(
                f"the interval [{self.left}, {self.right}] is empty; choose left < right"
            )
        if not 0.0 <= self.leak < 1.0:
            raise ValueError(
                f"leak is {self.leak}; allowed is 0 (ReLU) up to, but not including, 1 "
                "(where the network is affine)"
            )

    @property
    def length(self) -> float:
        """right − left."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """Centre of the interval."""
        return 0.5 * (self.left + self.right)

    @property
    def mean_target(self) -> float:
        """Mean of the target over the interval: its value at the middle."""
        return self.slope * self.middle + self.intercept

    @property
    def plateau_loss(self) -> float:
        """Loss of the best constant, slope² length³ / 12: what a dead network is left with."""
        return self.slope**2 * self.length**3 / 12.0

    @property
    def is_relu(self) -> bool:
        """True when the leak is 0."""
        return self.leak == 0.0

    def need_slope(self) -> None:
        """Refuse a constant target where saddles are asked for."""
        if self.slope == 0.0:
            raise ValueError(
                "slope is 0: with a constant target every critical point is a global minimum and "
                "there are no saddles; choose a slope other than 0"
            )


def _flatten(problem: Problem) -> tuple[tuple[Any, ...], None]:
    return tuple(getattr(problem, f.name) for f in dataclasses.fields(Problem)), None


def _unflatten(_: None, children: tuple[Any, ...]) -> Problem:
    # Not through __init__: under jit and vmap the leaves are tracers, which it refuses.
    problem = object.__new__(Problem)
    for field, child in zip(dataclasses.fields(Problem), children, strict=True):
        object.__setattr__(problem, field.name, child)
    return problem


jax.tree_util.register_pytree_node(Problem, _flatten, _unflatten)


class Parts(NamedTuple):
    """The parameters by name; the last axis of the first three counts neurons."""

    inner_weights: Any
    biases: Any
    outer_weights: Any
    output_bias: Any


def split(parameters: Any) -> Parts:
    """Name the entries of a flat parameter array (..., 3N+1), ordered w, b, v, c.

    >>> split(np.arange(7.0)).biases
    array([2., 3.])
    """
    n = (parameters.shape[-1] - 1) // 3
    return Parts(
        parameters[..., :n],
        parameters[..., n : 2 * n],
        parameters[..., 2 * n : 3 * n],
        parameters[..., 3 * n],
    )


def join(
    inner_weights: ArrayLike, biases: ArrayLike, outer_weights: ArrayLike, output_bias: ArrayLike
) -> FloatArray:
    """Flat parameters (3N+1,) from the network's parts, as float64.

    Arguments:
        inner_weights, biases, outer_weights: shape (N,), or a number for one neuron.
        output_bias: a number.

    Raises:
        ValueError: when the shapes differ, N = 0, or an entry is not finite.

    >>> join([1.0, -1.0], [-1/3, 2/3], [2/3, -2/3], 0.5).shape
    (7,)
    """
    parts = [
        np.atleast_1d(np.asarray(part, float)) for part in (inner_weights, biases, outer_weights)
    ]
    shapes = [part.shape for part in parts]
    if len(set(shapes)) != 1 or parts[0].ndim != 1:
        raise ValueError(
            f"inner_weights, biases and outer_weights have shapes {shapes}; give one entry per "
            "neuron in each"
        )
    bias = np.asarray(output_bias, float).reshape(-1)
    if bias.size != 1:
        raise ValueError(f"output_bias has {bias.size} entries; one number is needed")
    return check_parameters(np.concatenate([*parts, bias]))


def count_neurons(parameters: Any) -> int:
    """Number of neurons N of a parameter array whose last axis has length 3N+1.

    >>> count_neurons(np.zeros(7))
    2
    """
    return (int(np.shape(parameters)[-1]) - 1) // 3


def check_parameters(parameters: ArrayLike, ndim: int = 1) -> FloatArray:
    """Parameters as a finite float64 array with a last axis of length 3N+1, or a refusal."""
    array = np.asarray(parameters, float)
    if array.ndim != ndim:
        raise ValueError(
            f"parameters have shape {array.shape}; {ndim} axes are needed, the last of length "
            "3N+1 in the order inner weights, biases, outer weights, output bias"
        )
    size = array.shape[-1]
    if size < 4 or size % 3 != 1:
        raise ValueError(
            f"parameters have {size} entries; a network with N >= 1 neurons has 3N+1 "
            "(4, 7, 10, ...); build them with join(...)"
        )
    if count_neurons(array) > MAX_NEURONS:
        raise ValueError(
            f"{count_neurons(array)} neurons; at most {MAX_NEURONS} are allowed, because the exact "
            "formulas need memory that grows with the square of the width"
        )
    if not np.all(np.isfinite(array)):
        bad = int(np.size(array) - np.count_nonzero(np.isfinite(array)))
        raise ValueError(
            f"{bad} of the parameters are not finite; a run that diverged cannot be judged: "
            "restart it with a smaller step size"
        )
    return array
