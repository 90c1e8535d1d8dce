"""Checkpoints: written whole or not at all, and refused when they are damaged or of another run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ttlearn.records import atomic_write, to_json

FORMAT = "ttlearn.checkpoint/2"


class CheckpointError(ValueError):
    """A checkpoint is damaged, or belongs to another run."""


def write_checkpoint(
    path: str | os.PathLike[str],
    identity: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    progress: Mapping[str, Any],
) -> None:
    """Write arrays and progress to ``path`` (npz) under the identity of their run.

    The file appears under its name only when it is complete and on the disk, so that a kill at
    any moment leaves the checkpoint before or this one.
    """
    about = {"format": FORMAT, "identity": dict(identity), "arrays": sorted(arrays)}
    header = to_json({**about, "progress": dict(progress)})
    named: dict[str, Any] = {f"array/{name}": array for name, array in arrays.items()}
    with atomic_write(path) as file:
        np.savez(file, header=np.array(header), **named)


def read_checkpoint(
    path: str | os.PathLike[str], identity: Mapping[str, Any]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays and the progress that :func:`write_checkpoint` wrote for the same run.

    Raises:
        FileNotFoundError: when there is no such file.
        CheckpointError: when the file is damaged, no checkpoint, or of a run with another identity.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            parts = {name: file[name] for name in file.files}
        header = json.loads(str(parts.pop("header")[()]))
        format_found, found = header["format"], header["identity"]
        arrays = {name.removeprefix("array/"): array for name, array in parts.items()}
        progress = dict(header["progress"])
        if format_found == FORMAT and header["arrays"] != sorted(arrays):
            raise ValueError(f"it holds {sorted(arrays)}, expected are {header['arrays']}")
    except (FileNotFoundError, MemoryError):
        raise
    # Whatever NumPy, zip, zlib and JSON make of altered bytes: they raise a dozen kinds.
    except Exception as error:
        raise CheckpointError(
            f"{os.fspath(path)}: not a whole checkpoint ({type(error).__name__}: {error}); delete "
            "it to start that part afresh"
        ) from error
    if format_found != FORMAT:
        raise CheckpointError(
            f"{os.fspath(path)}: format {format_found!r} found, {FORMAT!r} expected, which tells "
            "more runs apart; give this run another path, or delete the file"
        )
    wanted = json.loads(to_json(dict(identity)))
    if found != wanted:
        raise CheckpointError(
            f"{os.fspath(path)}: a checkpoint of another run ({_difference(found, wanted)}); "
            "give this run another path, or delete the file"
        )
    return arrays, progress


def _difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    names = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
    pairs = [f"{key} is {found.get(key)!r} there, {wanted.get(key)!r} here" for key in names]
    return "; ".join(pairs)
