"""Where gradient descent ends: a global minimum, dead neurons, or still on its way."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ttlearn.dynamics.progress import progress_bar
from ttlearn.records import DamagedFileError, atomic_write, to_json
from ttlearn.saddles.descent import gradient_descent, random_starts
from ttlearn.saddles.problem import FloatArray, Problem, split

ENDINGS = ("global", "dead", "nearly dead", "moving", "diverged")


def judge_endings(problem: Problem, parameters: ArrayLike, losses: ArrayLike) -> NDArray[np.str_]:
    """Name where each run ended, one of :data:`ENDINGS`.

    With L0 = slope² length³/12: ``"global"``: L < 1e-5·L0; ``"dead"``: |L/L0 − 1| < 1e-3 and no
    neuron positive anywhere on the interval; ``"nearly dead"``: the same loss, and some neuron
    positive by less than 1e-3 (on its way to a semi-inactive minimum); ``"diverged"``; else
    ``"moving"``. Convergence is algebraic where a breakpoint runs to an end of the interval, so a
    smaller bound would call finished runs unfinished.

    Arguments:
        problem: with a slope other than 0.
        parameters: shape (S, 3N+1).
        losses: shape (S,).

    >>> judge_endings(Problem(), [[-1.0, -0.5, 3.0, 0.5]], [1 / 12]).tolist()
    ['dead']
    """
    problem.need_slope()
    relative = np.asarray(losses, float) / problem.plateau_loss
    w, b, _, _ = split(np.asarray(parameters, float))
    with np.errstate(invalid="ignore"):
        ends = np.maximum(w * problem.left + b, w * problem.right + b).max(axis=-1)
        plateau = np.abs(relative - 1.0) < 1e-3
        conditions = [
            ~np.isfinite(relative),
            relative < 1e-5,
            plateau & (ends <= 0.0),
            plateau & (ends < 1e-3),
        ]
    return np.select(conditions, ["diverged", "global", "dead", "nearly dead"], "moving")


def endings(
    problem: Problem,
    n_neurons: int,
    scale: float = 1.0,
    *,
    step_size: float = 0.1,
    n_starts: int = 400,
    n_steps: int = 20_000,
    seed: int = 0,
    progress: bool = True,
) -> dict[str, float]:
    """Shares of the endings of gradient descent from w, b, v ~ N(0, scale²), c = 0.

    Arguments:
        problem: with a slope other than 0.
        n_neurons, scale, n_starts, seed: as in :func:`ttlearn.saddles.random_starts`.
        step_size, n_steps: of gradient descent; a step size from 1/length on makes runs diverge.

    Returns:
        A share for each of :data:`ENDINGS`; the statistical error is √(p(1−p)/n_starts).

    >>> shares = endings(Problem(leak=0.1), 1, 0.5, n_starts=20, n_steps=9000, progress=False)
    >>> shares["global"] > 0.9
    True
    """
    problem.need_slope()
    starts = random_starts(n_starts, n_neurons, scale, seed=seed)
    run = gradient_descent(
        problem, starts, step_size, n_steps, progress=progress, on_divergence="keep"
    )
    names = judge_endings(problem, run["parameters"][-1], run.losses[-1])
    return {name: float(np.mean(names == name)) for name in ENDINGS}


ENDINGS_CELLS = tuple(
    (leak, scale, n_neurons)
    for leak, scale in ((0.0, 0.5), (0.0, 1.0), (0.1, 0.5), (0.1, 1.0))
    for n_neurons in (1, 2, 3, 5, 10)
)


def endings_table(
    n_starts: int = 100,
    *,
    cells: Sequence[tuple[float, float, int]] | None = None,
    n_steps: int | None = None,
    seed: int = 0,
    path: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> list[dict[str, Any]]:
    """Where gradient descent ends, against leak, scale of the start and width (step size 0.1).

    Arguments:
        n_starts: starts per cell: 100 for a page; the published size is 400.
        cells: (leak, scale, n_neurons) each; by default :data:`ENDINGS_CELLS`.
        n_steps: by default 20,000, and 10,000 from 10 neurons on.
        seed: of the starts.
        path: a JSON file: every finished cell is saved there, and a second call with the same
            settings goes on where the first was stopped.
        progress: show a bar over the cells.

    Returns:
        One dictionary per cell: leak, scale, n_neurons, n_starts, n_steps, seed and the shares.

    Raises:
        DamagedFileError: when ``path`` holds something else.

    >>> endings_table(10, cells=[(0.0, 1.0, 1)], n_steps=50, progress=False)[0]["n_neurons"]
    1
    """
    cells = ENDINGS_CELLS if cells is None else cells
    saved = _read_rows(path)
    rows = []
    with progress_bar(len(cells), "cell", progress) as bar:
        for leak, scale, n_neurons in cells:
            steps = n_steps or (10_000 if n_neurons >= 10 else 20_000)
            row: dict[str, Any] = {"leak": leak, "scale": scale, "n_neurons": n_neurons}
            row |= {"n_starts": n_starts, "n_steps": steps, "seed": seed}
            done = [old for old in saved if all(old.get(k) == v for k, v in row.items())]
            if done:
                row = done[0]
            else:
                options: dict[str, Any] = {"n_starts": n_starts, "n_steps": steps, "seed": seed}
                row |= endings(Problem(leak=leak), n_neurons, scale, progress=False, **options)
                saved.append(row)
                _write_rows(path, saved)
            rows.append(row)
            bar.update()
    return rows


def _read_rows(path: str | os.PathLike[str] | None) -> list[dict[str, Any]]:
    if path is None or not os.path.exists(path):
        return []
    try:
        with open(path, encoding="utf-8") as file:
            rows = json.load(file)
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise ValueError("it holds no list of rows")
    except (OSError, ValueError) as error:
        raise DamagedFileError(
            f"{os.fspath(path)}: not a whole table of endings ({error}); delete it to start afresh"
        ) from error
    return [dict(row) for row in rows]


def _write_rows(path: str | os.PathLike[str] | None, rows: list[dict[str, Any]]) -> None:
    if path is None:
        return
    text = to_json(rows, indent=1)
    with atomic_write(path) as file:
        file.write(text.encode())


@dataclasses.dataclass(frozen=True)
class BasinSlice:
    """Endings of one neuron over a grid of (w, b): ``names[i, j]`` belongs to (w[j], b[i])."""

    inner_weights: FloatArray
    biases: FloatArray
    names: NDArray[np.str_]
    outer_weight: float

    def share(self, name: str) -> float:
        """Share of the grid with this ending."""
        return float(np.mean(self.names == name))


def basin_slice(
    outer_weight: float = 0.5,
    *,
    n_grid: int = 81,
    extent: float = 2.0,
    step_size: float = 0.1,
    n_steps: int = 4000,
    problem: Problem | None = None,
) -> BasinSlice:
    """Run gradient descent from every (w, b) of a square grid, v = ``outer_weight``, c at rest.

    Arguments:
        outer_weight: v of every start.
        n_grid: points a side, 2 … 2001.
        extent: the square is [−extent, extent]².
        step_size, n_steps: of gradient descent.
        problem: by default the unit problem.

    Raises:
        ValueError: for numbers out of range.

    >>> basin_slice(n_grid=5, n_steps=100).names.shape
    (5, 5)
    """
    problem = problem or Problem()
    if not 2 <= n_grid <= 2001 or not (np.isfinite(extent) and extent > 0):
        raise ValueError(f"n_grid {n_grid} must be in 2..2001 and extent {extent} positive")
    axis = np.linspace(-extent, extent, n_grid)
    w, b = np.meshgrid(axis, axis)
    starts = np.stack(
        [w, b, np.full_like(w, outer_weight), np.full_like(w, problem.mean_target)], axis=-1
    ).reshape(-1, 4)
    run = gradient_descent(
        problem, starts, step_size, n_steps, progress=False, on_divergence="keep"
    )
    names = judge_endings(problem, run["parameters"][-1], run.losses[-1])
    return BasinSlice(axis, axis, names.reshape(n_grid, n_grid), float(outer_weight))
