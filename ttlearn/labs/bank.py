"""Arrays packed small for a page: a header, then each array, compressed (read by bank.js).

Quantised arrays take 16 bits a number, differenced along the first axis: on smooth trajectories a
tenth of float32, at an error of at most the array's range over 131 000.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ttlearn.records import Trajectory

LEVELS = 65535


def pack(
    arrays: Mapping[str, ArrayLike], meta: Mapping[str, Any] | None = None, *, exact: bool = False
) -> bytes:
    """Named arrays as bytes.

    Arguments:
        arrays: finite real arrays; the first axis is the one along which they change slowly.
        meta: anything that JSON can write.
        exact: keep float64 instead of 16 bits.

    Raises:
        ValueError: when an entry is not finite.

    >>> run = unpack(pack({"loss": [4.0, 2.0, 1.0]}, {"seed": 1}))
    >>> run[1]["seed"], [round(float(x), 3) for x in run[0]["loss"]]
    (1, [4.0, 2.0, 1.0])
    """
    entries, parts = [], []
    for name, values in arrays.items():
        array = np.asarray(values, dtype=np.float64)
        if not np.all(np.isfinite(array)):
            raise ValueError(
                f"array {name!r} has entries that are not finite; a page cannot draw them"
            )
        entry, data = _exact(array) if exact or array.size == 0 else _quantised(array)
        entries.append({"name": name, "shape": list(array.shape)} | entry)
        parts.append(data)
    header = json.dumps({"arrays": entries, "meta": dict(meta or {})}).encode()
    return zlib.compress(struct.pack("<I", len(header)) + header + b"".join(parts), 9)


def unpack(packed: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """What :func:`pack` packed: the arrays and the meta.

    Raises:
        ValueError: when ``packed`` is not such bytes.
    """
    try:
        plain = zlib.decompress(packed)
        size = struct.unpack("<I", plain[:4])[0]
        header = json.loads(plain[4 : 4 + size])
        at, arrays = 4 + size, {}
        for entry in header["arrays"]:
            count = int(np.prod(entry["shape"], dtype=int))
            length = (8 if entry["kind"] == "float64" else 2) * count
            arrays[entry["name"]] = _restored(plain[at : at + length], entry)
            at += length
    except (zlib.error, struct.error, KeyError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"not bytes of pack() ({error}); pack the arrays again") from error
    return arrays, header["meta"]


def pack_trajectory(run: Trajectory, *, exact: bool = True) -> bytes:
    """A Trajectory as bytes: its arrays, ``times`` and ``losses``, and its meta."""
    run = run.to_numpy()
    arrays: dict[str, Any] = {"times": run.times, **run.arrays}
    if run.losses is not None:
        arrays["losses"] = run.losses
    return pack(arrays, run.meta, exact=exact)


def _exact(array: np.ndarray) -> tuple[dict[str, Any], bytes]:
    return {"kind": "float64", "low": 0.0, "high": 0.0}, array.astype("<f8").tobytes()


def _quantised(array: np.ndarray) -> tuple[dict[str, Any], bytes]:
    low, high = float(array.min()), float(array.max())
    span = high - low if high > low else 1.0
    levels = np.round((array - low) / span * LEVELS).astype(np.uint16)
    steps = levels.copy()
    steps[1:] -= levels[:-1]  # modulo 2^16, undone by the same wrapping sum
    flat = steps.ravel()
    halves = (flat & 0xFF).astype(np.uint8).tobytes() + (flat >> 8).astype(np.uint8).tobytes()
    return {"kind": "uint16", "low": low, "high": low + span}, halves


def _restored(data: bytes, entry: dict[str, Any]) -> np.ndarray:
    shape = tuple(entry["shape"])
    if entry["kind"] == "float64":
        return np.frombuffer(data, "<f8").reshape(shape)
    half = len(data) // 2
    low_bytes, high_bytes = (np.frombuffer(part, np.uint8) for part in (data[:half], data[half:]))
    steps = (low_bytes.astype(np.uint16) | (high_bytes.astype(np.uint16) << 8)).reshape(shape)
    levels = np.cumsum(steps, axis=0, dtype=np.uint16)
    return entry["low"] + (entry["high"] - entry["low"]) * levels / LEVELS
