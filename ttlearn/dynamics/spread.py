"""Many runs side by side, divided among devices: each works on its own and waits for nobody."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec


class Spread(NamedTuple):
    """Where runs side by side live.

    Fields:
        runs: how many there are.
        mesh: the devices that share them.
    """

    runs: int
    mesh: Mesh

    def of_state(self) -> NamedSharding:
        """For an array whose first axis numbers the runs."""
        return NamedSharding(self.mesh, PartitionSpec("run"))

    def of_samples(self, samples: Any) -> Any:
        """For each leaf: divided along its second axis, or everywhere when all runs share it."""

        def leaf(value: Any) -> NamedSharding:
            own = value.ndim > 1 and value.shape[1] == self.runs
            return NamedSharding(self.mesh, PartitionSpec(None, "run") if own else PartitionSpec())

        return jax.tree.map(leaf, samples)


def spread_runs(state: Any, devices: list[jax.Device] | None) -> Spread | None:
    """Divide the runs evenly among as many of ``devices`` as that allows; None for fewer than two.

    Raises:
        ValueError: when the leaves' first axes differ, or a leaf has none.

    >>> spread_runs({"x": np.zeros((4, 3))}, jax.local_devices()[:1]) is None
    True
    """
    if devices is None:
        return None
    shapes = [np.shape(leaf) for leaf in jax.tree.leaves(state)]
    counts = {int(shape[0]) if shape else 0 for shape in shapes}
    runs = counts.pop()
    if counts or runs == 0:
        raise ValueError(
            f"devices divide the runs, the first axis of every leaf of the state; shapes {shapes} "
            "have no such axis in common; leave devices out"
        )
    used = max((n for n in range(1, len(devices) + 1) if runs % n == 0), default=1)
    if used == 1:
        return None
    return Spread(runs, Mesh(np.array(devices[:used]), ("run",)))
