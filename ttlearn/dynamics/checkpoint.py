"""Checkpoints: written whole or not at all, and refused when they are damaged or of another run."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    header = _as_json({"format": FORMAT, "identity": dict(identity), "progress": dict(progress)})
    partial = f"{os.fspath(path)}.{os.getpid()}.tmp"
    try:
        with open(partial, "wb") as file:
            named: dict[str, Any] = {f"array/{name}": array for name, array in arrays.items()}
            np.savez(file, header=np.array(header), **named)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)


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
        progress = dict(header["progress"])
    except FileNotFoundError:
        raise
    except (OSError, EOFError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"{os.fspath(path)}: not a whole checkpoint ({type(error).__name__}: {error}); delete "
            "it to start that part afresh"
        ) from error
    if format_found != FORMAT:
        raise CheckpointError(
            f"{os.fspath(path)}: format {format_found!r} found, {FORMAT!r} expected, which tells "
            "more runs apart; give this run another path, or delete the file"
        )
    wanted = json.loads(_as_json(dict(identity)))
    if found != wanted:
        raise CheckpointError(
            f"{os.fspath(path)}: a checkpoint of another run ({_difference(found, wanted)}); "
            "give this run another path, or delete the file"
        )
    return {name.removeprefix("array/"): array for name, array in parts.items()}, progress


def _as_json(value: Any) -> str:
    return json.dumps(value, default=lambda array: array.tolist())


def _difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    names = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
    pairs = [f"{key} is {found.get(key)!r} there, {wanted.get(key)!r} here" for key in names]
    return "; ".join(pairs)
