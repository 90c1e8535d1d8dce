"""The checkpoint folder of an ensemble: one file a chunk, named by the members it holds."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

from ttlearn.dynamics.checkpoint import CheckpointError, read_checkpoint, write_checkpoint
from ttlearn.dynamics.identity import fingerprint, identify

NAME = re.compile(r"members_(\d+)_(\d+)\.npz")


class EnsembleFiles:
    """Reads and writes the finished members of one ensemble; does nothing without a folder."""

    def __init__(
        self,
        folder: str | os.PathLike[str] | None,
        kernel: Callable[..., Any],
        parameters: Any,
        seed: int | None,
        count: int,
        about: Mapping[str, Any],
    ) -> None:
        self.folder = None if folder is None else Path(folder)
        if self.folder is None:
            return
        self.identity = {
            "kind": "ensemble",
            **about,
            "kernel": identify(kernel),
            "parameters": fingerprint(parameters),
            "seed": seed,
            "members": count,
        }
        if self.folder.exists() and not self.folder.is_dir():
            raise CheckpointError(
                f"{self.folder} is a file; an ensemble's checkpoint is a folder: give another path"
            )
        self.folder.mkdir(parents=True, exist_ok=True)

    def tile(self) -> int | None:
        """The tile that the finished members were run with."""
        for path in self._paths():
            return int(read_checkpoint(path, self.identity)[1]["tile"])
        return None

    def parts(self, shapes: Any) -> Iterator[tuple[int, Any]]:
        """The first member and the results of each file."""
        structure, leaves = jax.tree.structure(shapes), jax.tree.leaves(shapes)
        for path in self._paths():
            arrays, progress = read_checkpoint(path, self.identity)
            first, last = int(progress["first"]), int(progress["last"])
            results = [arrays.get(str(i)) for i in range(len(leaves))]
            for leaf, array in zip(leaves, results, strict=True):
                if array is None or array.shape != (last - first, *leaf.shape):
                    raise CheckpointError(
                        f"{path}: the kernel's results have another shape now; use another folder, "
                        "or delete this one"
                    )
            yield first, jax.tree.unflatten(structure, results)

    def write(self, first: int, part: Any, tile: int) -> None:
        """Keep the results of the members from ``first`` on."""
        if self.folder is None:
            return
        leaves = jax.tree.leaves(part)
        last = first + len(leaves[0])
        write_checkpoint(
            self.folder / f"members_{first:010d}_{last:010d}.npz",
            self.identity,
            {str(i): np.asarray(leaf) for i, leaf in enumerate(leaves)},
            {"first": first, "last": last, "tile": tile},
        )

    def _paths(self) -> list[Path]:
        if self.folder is None:
            return []
        return sorted(path for path in self.folder.iterdir() if NAME.fullmatch(path.name))
