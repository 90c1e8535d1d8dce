"""A grid of parameters as one batch, and the batch's results back on the grid."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import ArrayLike, NDArray


class Grid(NamedTuple):
    """All combinations of some values.

    Fields:
        axes: the values along each axis, by name, in order.
        parameters: a dict of arrays of shape (R,), R the product of the axes' lengths; the last
            axis varies fastest.
    """

    axes: dict[str, NDArray[Any]]
    parameters: dict[str, NDArray[Any]]

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return tuple(len(values) for values in self.axes.values())

    def unflatten(self, results: Any) -> Any:
        """Results with a first axis of length R, as arrays with the grid's axes first."""
        return jax.tree.map(lambda leaf: np.reshape(leaf, self.shape + leaf.shape[1:]), results)


def grid(**axes: ArrayLike) -> Grid:
    """All combinations of the values given by name.

    Raises:
        ValueError: when there is no axis, or one is empty or has more than one dimension, or there
            are more than 2^31 combinations.

    >>> table = grid(rate=[0.1, 0.2], repeat=range(3))
    >>> table.shape, table.parameters["rate"].tolist()
    ((2, 3), [0.1, 0.1, 0.1, 0.2, 0.2, 0.2])
    >>> table.unflatten(np.arange(6)).tolist()
    [[0, 1, 2], [3, 4, 5]]
    """
    if not axes:
        raise ValueError("a grid needs at least one axis, such as rate=[0.1, 0.2]")
    arrays = {name: np.asarray(values) for name, values in axes.items()}
    for name, values in arrays.items():
        if values.ndim != 1 or values.size == 0:
            raise ValueError(
                f"{name} has shape {values.shape}; one axis with at least one value is needed"
            )
    count = math.prod(len(values) for values in arrays.values())
    if count > 2**31:
        raise ValueError(f"the grid has {count} points; at most 2^31 can be run: make it coarser")
    mesh = np.meshgrid(*arrays.values(), indexing="ij")
    parameters = {name: values.ravel() for name, values in zip(arrays, mesh, strict=True)}
    return Grid(arrays, parameters)
