"""Random ReLU networks, and their loss by Gauss's rule between kinks."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rng = np.random.Generator
Network = tuple[Array, Array, Array, float]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(3)


@dataclasses.dataclass(frozen=True)
class Task:
    """An affine target on an interval."""

    interval: tuple[float, float]
    slope: float
    intercept: float

    @property
    def length(self) -> float:
        """Of the interval."""
        return self.interval[1] - self.interval[0]


def flat(network: Network) -> Array:
    """All parameters in one vector: inner weights, biases, outer weights, output bias."""
    return np.concatenate([*network[:3], [network[3]]])


def loss(parameters: Array, task: Task) -> float:
    """The integral of the squared residual of the network with these parameters."""
    count = (parameters.size - 1) // 3
    inner, biases, outer = parameters[:-1].reshape(3, count)
    left, right = task.interval
    with np.errstate(all="ignore"):
        kinks = -biases / inner
    kinks = kinks[(kinks > left) & (kinks < right)]
    edges = np.sort(np.concatenate([[left, right], kinks]))
    middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    x = middle[:, None] + half[:, None] * _NODES
    active = np.maximum(x[..., None] * inner + biases, 0.0)
    gap = active @ outer + parameters[-1] - task.slope * x - task.intercept
    return float(np.sum(half[:, None] * _WEIGHTS * gap**2))


def random_task(rng: Rng) -> Task:
    """An interval of length between 1 and 3, and a target that is not flat."""
    left = float(rng.uniform(-1.5, 0.5))
    slope = float(rng.choice([-1, 1]) * rng.uniform(0.5, 2.0))
    return Task((left, left + float(rng.uniform(1.0, 3.0))), slope, float(rng.uniform(-1, 1)))


def random_network(rng: Rng, task: Task, count: int | None = None) -> Network:
    """Kinks inside the interval, well apart, of both orientations."""
    count = int(rng.integers(2, 5)) if count is None else count
    places = (np.arange(count) + rng.uniform(0.3, 0.7, count)) / count
    kinks = task.interval[0] + task.length * places
    inner = rng.choice([-1.0, 1.0], count) * rng.uniform(0.5, 1.5, count)
    return inner, -inner * kinks, rng.uniform(0.4, 1.2, count), float(rng.uniform(-0.5, 0.5))


def arguments(network: Network, task: Task) -> tuple[Any, ...]:
    """In the order in which the exercises take them."""
    return (*network, task.interval, task.slope, task.intercept)


def case(rng: Rng) -> tuple[Any, ...]:
    """The arguments of one call."""
    task = random_task(rng)
    return arguments(random_network(rng, task), task)


def split(args: tuple[Any, ...]) -> tuple[Array, Task]:
    """Parameters in one vector, and the task, from an exercise's arguments."""
    return flat((args[0], args[1], args[2], args[3])), Task(args[4], args[5], args[6])
