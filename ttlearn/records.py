"""The two records everything else makes, judges or draws: a Trajectory and a Claim."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Literal

import jax
import numpy as np
from numpy.typing import ArrayLike

FORMAT = "ttlearn.trajectory/1"

Provenance = Literal["paper", "recalled", "derived", "measured"]
PROVENANCES: tuple[Provenance, ...] = ("paper", "recalled", "derived", "measured")
Verdict = Literal["holds", "fails", "not applicable"]


class DamagedFileError(ValueError):
    """A file that should hold a Trajectory does not: it is cut short, foreign or altered."""


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of ``path`` at the end, whole or not at all.

    It bears the name only when it is complete and on the disk: whatever breaks off the writing
    leaves what was there before, and two writers do not mix.
    """
    partial = f"{os.fspath(path)}.{uuid.uuid4().hex}.tmp"
    try:
        with open(partial, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)


def to_json(value: Any, **options: Any) -> str:
    """JSON of plain values, NumPy numbers and arrays among them.

    Raises:
        TypeError: when it holds something else.

    >>> to_json({"seed": np.int64(3), "jumps": np.array([0.5])})
    '{"seed": 3, "jumps": [0.5]}'
    """

    def plain(found: Any) -> Any:
        if isinstance(found, np.generic | np.ndarray | jax.Array):
            return found.tolist()
        raise TypeError(
            f"{found!r} is of type {type(found).__name__}; numbers, strings, True, False, "
            "None, arrays, lists and dictionaries of these can be written: convert it"
        )

    return json.dumps(value, default=plain, **options)


@dataclasses.dataclass(frozen=True, eq=False)
class Trajectory:
    """One run of some dynamics, sampled at increasing times.

    Arguments:
        times: shape (K,); increasing. ``meta["time"]`` names their unit (``"slow_time"``,
            ``"time"`` or ``"step"``).
        arrays: named arrays, each of shape (K, ...): the state at the K times.
        losses: shape (K,), or None where no loss is defined.
        axes: for each array, the names of its axes; the first is ``"time"``. Arrays that are not
            named here get ``("time", "axis_1", ...)``.
        meta: seed, parameters, precision, ...: anything that JSON can write, and NumPy numbers
            and arrays (read back as plain numbers and lists).

    Raises:
        ValueError: when a shape disagrees with ``times``, ``times`` do not increase, or ``axes``
            names an array that is not there. Where an array is traced (under ``jit`` and
            ``vmap``) numbers cannot be seen, and neither shapes nor times are checked.

    A record equals only itself; compare two by their arrays.

    >>> import numpy as np
    >>> run = Trajectory(np.array([0.0, 1.0]), {"positions": np.zeros((2, 3))})
    >>> run.axes["positions"]
    ('time', 'axis_1')
    >>> run["positions"].shape
    (2, 3)
    """

    times: Any
    arrays: Mapping[str, Any]
    losses: Any = None
    axes: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    meta: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.axes) - set(self.arrays))
        if unknown:
            raise ValueError(f"axes names {unknown}; the arrays are {sorted(self.arrays)}")
        axes = {
            name: tuple(self.axes.get(name) or _default_axes(np.ndim(array)))
            for name, array in self.arrays.items()
        }
        object.__setattr__(self, "axes", axes)
        if all(_is_concrete(leaf) for leaf in (self.times, *self.arrays.values(), self.losses)):
            _check_shapes(self)

    def __getitem__(self, name: str) -> Any:
        """The array called ``name``."""
        if name not in self.arrays:
            raise KeyError(f"no array {name!r} in this trajectory; it has {sorted(self.arrays)}")
        return self.arrays[name]

    def __len__(self) -> int:
        return int(np.shape(self.times)[0])

    def to_numpy(self) -> Trajectory:
        """The same record with every array on the host as NumPy, shapes checked."""
        return Trajectory(
            np.asarray(self.times),
            {name: np.asarray(array) for name, array in self.arrays.items()},
            None if self.losses is None else np.asarray(self.losses),
            dict(self.axes),
            dict(self.meta),
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the record to ``path`` (npz), whole or not at all.

        The file appears under its name only when it is complete: an interrupted save leaves what
        was there before.
        """
        run = self.to_numpy()
        try:
            about = {"format": FORMAT, "axes": run.axes, "losses": run.losses is not None}
            header = to_json({**about, "meta": run.meta})
        except TypeError as error:
            raise TypeError(f"meta cannot be saved: {error}") from error
        parts = {"times": run.times, **{f"array/{k}": v for k, v in run.arrays.items()}}
        if run.losses is not None:
            parts["losses"] = run.losses
        with atomic_write(path) as file:
            np.savez_compressed(file, header=np.array(header), **parts)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trajectory:
        """Read a record that :meth:`save` wrote.

        Raises:
            FileNotFoundError: when there is no such file.
            DamagedFileError: when the file is cut short, altered, or not a Trajectory.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                parts = {name: file[name] for name in file.files}
            header = json.loads(str(parts.pop("header")[()]))
            if header["format"] != FORMAT:
                raise DamagedFileError(
                    f"{path}: format {header['format']!r} found, {FORMAT!r} expected; "
                    "save it again with this version of ttlearn"
                )
            times, losses = parts.pop("times"), parts.pop("losses", None)
            axes = {name: tuple(names) for name, names in header["axes"].items()}
            if set(parts) != {f"array/{name}" for name in axes}:
                raise ValueError(f"it holds {sorted(parts)}, expected are {sorted(axes)}")
            if losses is None and header.get("losses"):
                raise ValueError("it holds no losses")
            arrays = {name: parts[f"array/{name}"] for name in axes}
            return cls(times, arrays, losses, axes, header["meta"])
        except (FileNotFoundError, MemoryError, DamagedFileError):
            raise
        # Whatever NumPy, zip, zlib and JSON make of altered bytes: they raise a dozen kinds.
        except Exception as error:
            raise DamagedFileError(
                f"{path}: not a whole Trajectory file ({type(error).__name__}: {error}); "
                "run the computation again, or restore the file from a copy"
            ) from error


def _is_concrete(leaf: Any) -> bool:
    # Pytree machinery also passes shapes and placeholders for leaves.
    arrays = np.ndarray | np.generic | jax.Array | list | tuple | int | float | None
    return isinstance(leaf, arrays) and not isinstance(leaf, jax.core.Tracer)


def _default_axes(ndim: int) -> tuple[str, ...]:
    return ("time", *(f"axis_{i}" for i in range(1, ndim)))


def _check_shapes(run: Trajectory) -> None:
    times = np.asarray(run.times)
    if times.ndim != 1 or times.size == 0:
        raise ValueError(f"times has shape {times.shape}; one axis with at least one entry needed")
    if not np.all(np.isfinite(times)) or np.any(np.diff(times) <= 0):
        raise ValueError("times must be finite and increasing; sort them and drop repeated ones")
    named = dict(run.arrays) if run.losses is None else {**run.arrays, "losses": run.losses}
    for name, array in named.items():
        if np.ndim(array) == 0 or np.shape(array)[0] != times.size:
            raise ValueError(
                f"{name} has shape {np.shape(array)}; its first axis must have the length of "
                f"times, {times.size}"
            )
    for name, names in run.axes.items():
        if name in run.arrays and len(names) != np.ndim(run.arrays[name]):
            raise ValueError(f"{name} has {np.ndim(run.arrays[name])} axes, named {names}")


def _flatten(run: Trajectory) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    names = tuple(sorted(run.arrays))
    children = (run.times, tuple(run.arrays[name] for name in names), run.losses)
    axes = tuple((name, run.axes[name]) for name in names)
    return children, (names, axes, to_json(dict(run.meta), sort_keys=True))


def _unflatten(auxiliary: tuple[Any, ...], children: tuple[Any, ...]) -> Trajectory:
    names, axes, meta = auxiliary
    times, arrays, losses = children
    # Not through __init__: under vmap and scan the leaves have other shapes, or are no arrays.
    run = object.__new__(Trajectory)
    object.__setattr__(run, "times", times)
    object.__setattr__(run, "arrays", dict(zip(names, arrays, strict=True)))
    object.__setattr__(run, "losses", losses)
    object.__setattr__(run, "axes", dict(axes))
    object.__setattr__(run, "meta", json.loads(meta))
    return run


jax.tree_util.register_pytree_node(Trajectory, _flatten, _unflatten)


@dataclasses.dataclass(frozen=True)
class Claim:
    """A theorem checked on one case: hypothesis and conclusion, each with its margin.

    A margin is how far the statement is from failing, in the units that ``hypothesis`` and
    ``conclusion`` state: positive when it holds, negative when it fails, zero on the edge (which
    counts as holding).

    Arguments:
        name: short and unique, such as ``"D1"``.
        statement: the theorem in one or two sentences.
        source: paper and statement, or the derivation.
        provenance: ``"paper"``, ``"recalled"``, ``"derived"`` or ``"measured"``. Only ``"paper"``
            may be printed as a quotation.
        hypothesis: what is assumed, in words.
        hypothesis_margin: a number.
        conclusion: what follows, in words.
        conclusion_margin: a number.
        case: the parameters it was checked on.

    >>> claim = Claim("square", "x*x is positive", "school", "derived", "x is not 0", 2.0,
    ...               "x*x > 0", 4.0)
    >>> claim.verdict
    'holds'
    """

    name: str
    statement: str
    source: str
    provenance: Provenance
    hypothesis: str
    hypothesis_margin: float
    conclusion: str
    conclusion_margin: float
    case: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.provenance not in PROVENANCES:
            raise ValueError(f"provenance {self.provenance!r}; allowed are {PROVENANCES}")
        for field in ("hypothesis_margin", "conclusion_margin"):
            value = _as_float(getattr(self, field))
            if math.isnan(value):
                raise ValueError(f"{field} of claim {self.name!r} is NaN; a margin is a number")
            object.__setattr__(self, field, value)

    @property
    def verdict(self) -> Verdict:
        """``"not applicable"`` when the hypothesis fails, else whether the conclusion holds."""
        if self.hypothesis_margin < 0:
            return "not applicable"
        return "holds" if self.conclusion_margin >= 0 else "fails"


def _as_float(value: ArrayLike) -> float:
    return float(np.asarray(value))
