"""Checkpoints: written whole or not at all, and refused when they are damaged or of another run."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

FORMAT = "ttlearn.checkpoint/1"


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
    header = {"format": FORMAT, "identity": dict(identity), "progress": dict(progress)}
    partial = f"{os.fspath(path)}.{os.getpid()}.tmp"
    try:
        with open(partial, "wb") as file:
            named: dict[str, Any] = {f"array/{name}": array for name, array in arrays.items()}
            np.savez(file, header=np.array(json.dumps(header)), **named)
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
        found = header["identity"] if header["format"] == FORMAT else None
        progress = dict(header["progress"])
    except FileNotFoundError:
        raise
    except (OSError, EOFError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"{os.fspath(path)}: not a whole checkpoint ({type(error).__name__}: {error}); delete "
            "it to start that part afresh"
        ) from error
    if found != json.loads(json.dumps(dict(identity))):
        raise CheckpointError(
            f"{os.fspath(path)}: a checkpoint of another run ({_difference(found, identity)}); "
            "give this run another path, or delete the file"
        )
    return {name.removeprefix("array/"): array for name, array in parts.items()}, progress


def fingerprint(*trees: Any) -> str:
    """A digest of the structure, types and numbers of pytrees of arrays.

    >>> fingerprint(np.zeros(2)) == fingerprint(np.zeros(2))
    True
    >>> fingerprint(np.zeros(2)) == fingerprint(np.zeros(2, np.float32))
    False
    """
    digest = hashlib.sha256()
    for path, leaf in jax.tree_util.tree_leaves_with_path(trees):
        if isinstance(leaf, jax.Array) and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            leaf = jax.random.key_data(leaf)
        array = np.ascontiguousarray(leaf)
        label = f"{jax.tree_util.keystr(path)}:{array.dtype.str}:{array.shape};"
        digest.update(label.encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def name_of(function: Any) -> str:
    """A function's name within its module; a partial is its function.

    Without the module, since a script's own functions live in ``__main__``.
    """
    function = getattr(function, "func", function)
    return str(getattr(function, "__qualname__", type(function).__qualname__))


def _difference(found: Any, wanted: Mapping[str, Any]) -> str:
    if not isinstance(found, dict):
        return f"its format is not {FORMAT}"
    wanted = json.loads(json.dumps(dict(wanted)))
    names = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
    pairs = [f"{key} is {found.get(key)!r} there, {wanted.get(key)!r} here" for key in names]
    return "; ".join(pairs)
