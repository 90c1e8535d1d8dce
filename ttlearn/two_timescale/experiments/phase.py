"""The phase diagram: how often training succeeds, over timescale ratio and number of neurons.

Exact gradient flow from a = 0 and uniform starts, no noise: what fails here fails because of the
flow itself. The edge of ratio 0 is the limit flow.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ttlearn.dynamics.checks import check_count
from ttlearn.dynamics.ensemble import run_ensemble
from ttlearn.dynamics.grid import grid
from ttlearn.two_timescale.checks import check_number, check_ratio
from ttlearn.two_timescale.event_limit import event_limit
from ttlearn.two_timescale.fast_layer import sharp_reduced_loss
from ttlearn.two_timescale.flow import flow_end
from ttlearn.two_timescale.target import PAPER_TARGET

WIDTH = 4e-3
HORIZON = 10.0
SUCCESS = 0.03
"""A flow succeeds when its loss at slow time ``HORIZON`` is below this; the floor is 0.008."""

LIMIT_HORIZON = 200.0
LIMIT_SUCCESS = 1e-6
"""A limit flow succeeds when its loss at slow time ``LIMIT_HORIZON`` is below this."""

TABLE = "phase_table.json"
PER_UNIT = 100_000
"""A table's losses are whole hundred-thousandths: all are above 1e-3, and so keep three digits."""


class Phase(NamedTuple):
    """A phase diagram.

    Fields:
        ratios: shape (A,), increasing timescale ratios.
        neurons: shape (B,), increasing numbers of neurons.
        losses: shape (A, B, seeds), at the horizon.
        limit_losses: shape (B, seeds), of the limit flow from the same starts.
        ending: ``"finished"``, or ``"interrupted"``; what was not run holds NaN.
    """

    ratios: NDArray[np.float64]
    neurons: NDArray[np.int64]
    losses: NDArray[np.float64]
    limit_losses: NDArray[np.float64]
    ending: Literal["finished", "interrupted"] = "finished"

    @property
    def success(self) -> NDArray[np.float64]:
        """Share of runs that succeed: shape (A, B); NaN where a loss is NaN."""
        return _share_below(self.losses, SUCCESS)

    @property
    def limit_success(self) -> NDArray[np.float64]:
        """Share of starts whose limit flow reaches loss 0: shape (B,); NaN where a loss is NaN."""
        return _share_below(self.limit_losses, LIMIT_SUCCESS)


def _share_below(losses: NDArray[np.float64], bound: float) -> NDArray[np.float64]:
    """Of the last axis; what was not run has not failed, so its cell has no share.

    >>> _share_below(np.array([[0.0, 1.0], [0.0, np.nan]]), 0.5).tolist()
    [0.5, nan]
    """
    return np.mean(np.where(np.isnan(losses), np.nan, losses < bound), axis=-1)


def start_of(seed: Any, neurons: int) -> jax.Array:
    """The start of run ``seed``, sorted; the same for every ratio."""
    return jnp.sort(draws_of(seed, neurons))


def draws_of(seed: Any, count: int) -> jax.Array:
    """Uniform numbers of run ``seed``, in the order drawn: fewer neurons start from the first."""
    key = jax.random.fold_in(jax.random.key(20), seed)
    return jax.random.uniform(key, (count,), jnp.result_type(float))


@functools.cache
def _kernel(neurons: int) -> Any:
    def end(member: dict[str, Any]) -> jax.Array:
        start = start_of(member["seed"], neurons)
        value = flow_end(start, member["ratio"], HORIZON, PAPER_TARGET, WIDTH, tolerance=1e-3)[1]
        return value

    return end


@functools.cache
def _limit_kernel(neurons: int) -> Any:
    def end(member: dict[str, Any]) -> jax.Array:
        start = start_of(member["seed"], neurons)
        run = event_limit(start, PAPER_TARGET, jnp.array([LIMIT_HORIZON]), tolerance=1e-8)
        return sharp_reduced_loss(run.positions[-1], PAPER_TARGET)

    return end


def phase_diagram(
    ratios: ArrayLike,
    neurons: ArrayLike,
    seeds: int = 64,
    *,
    folder: str | None = None,
    progress: bool = True,
) -> Phase:
    """Run the exact flow from ``seeds`` starts for each ratio and number of neurons.

    Arguments:
        ratios: shape (A,), increasing, > 0.
        neurons: shape (B,), increasing whole numbers, >= 1.
        seeds: starts for each number of neurons; every ratio runs from the same ones.
        folder: where finished runs are kept; called again, only what is missing is run.
        progress: show a progress bar for each number of neurons.

    Returns:
        A :class:`Phase`. After Ctrl-C its ``ending`` is ``"interrupted"`` and what was not run
        holds NaN.

    Raises:
        ValueError: for an axis that is empty, does not increase or is out of range.

    Source: the question is of this course; flow and target of Marion & Berthier 2023.
    """
    rates, counts = _check_axes(ratios, neurons)
    check_count(seeds, "seeds", 1, 10**6)
    losses = np.full((rates.size, counts.size, seeds), np.nan)
    limits = np.full((counts.size, seeds), np.nan)
    edge_members = {"seed": np.arange(seeds), "ratio": np.zeros(seeds)}
    members = grid(ratio=rates, seed=np.arange(seeds))
    for column, count in enumerate(counts.tolist()):
        place = None if folder is None else Path(folder) / f"neurons_{count}"
        if place is not None:
            place.mkdir(parents=True, exist_ok=True)

        def run_all(kernel: Any, parameters: Any, part: str, place: Path | None = place) -> Any:
            kept = None if place is None else place / part
            return run_ensemble(
                kernel, parameters, tile=1, chunk=seeds, checkpoint=kept, progress=progress
            )

        edge = run_all(_limit_kernel(count), edge_members, "limit")
        limits[column] = edge.results
        if edge.ending != "finished":
            return Phase(rates, counts, losses, limits, "interrupted")
        run = run_all(_kernel(count), members.parameters, "flow")
        losses[:, column] = members.unflatten(run.results)
        if run.ending != "finished":
            return Phase(rates, counts, losses, limits, "interrupted")
    return Phase(rates, counts, losses, limits)


def _check_axes(
    ratios: ArrayLike, neurons: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rates = np.asarray([check_ratio(ratio) for ratio in np.atleast_1d(ratios).tolist()])
    given = np.atleast_1d(neurons).tolist()
    counts = np.asarray([check_count(count, "neurons", 1, 1000) for count in given], np.int64)
    for name, values in (("ratios", rates), ("neurons", counts)):
        if values.size == 0:
            raise ValueError(f"{name} is empty; give at least one")
        if np.any(np.diff(values) <= 0):
            raise ValueError(f"{name} {values.tolist()} must increase; sort them")
    return rates, counts


def write_table(phase: Phase, path: str | Path, command: str) -> None:
    """Write the phase diagram as a small JSON table with the command that made it.

    Losses have three digits; those of the flows are whole numbers of ``1 / losses_per_unit``.

    Raises:
        ValueError: when a loss is missing: it was not run, or its flow did not reach the horizon.
    """
    holes = int(np.sum(~np.isfinite(phase.losses)) + np.sum(~np.isfinite(phase.limit_losses)))
    if holes:
        raise ValueError(
            f"{holes} of {phase.losses.size + phase.limit_losses.size} losses are missing "
            f"(the run {phase.ending}); a table needs all: run phase_diagram to its end"
        )

    def rounded(loss: float) -> int:
        return round(float(f"{loss:.3g}") * PER_UNIT)

    table = {
        "command": command,
        "activation_width": WIDTH,
        "slow_horizon": HORIZON,
        "success": f"loss < {SUCCESS}",
        "ratios": [float(f"{ratio:.6g}") for ratio in phase.ratios],
        "neurons": phase.neurons.tolist(),
        "seeds": int(phase.losses.shape[-1]),
        "losses_per_unit": PER_UNIT,
        "losses": [[[rounded(loss) for loss in runs] for runs in row] for row in phase.losses],
        "limit_losses": [[float(f"{loss:.3g}") for loss in runs] for runs in phase.limit_losses],
    }
    # A line for each cell, so that a person finds one too.
    text = json.dumps(table, separators=(",", ":")).replace("],[", "],\n[")
    Path(path).write_text(text + "\n")


def read_table(path: str | Path | None = None) -> Phase:
    """The phase diagram that ships with the library, or one that :func:`write_table` wrote.

    Raises:
        ValueError: when the file is no phase table.
    """
    file = resources.files("ttlearn.two_timescale.experiments") / TABLE if path is None else path
    text = file.read_text() if not isinstance(file, str) else Path(file).read_text()
    try:
        table = json.loads(text)
        phase = Phase(
            np.array(table["ratios"]),
            np.array(table["neurons"]),
            np.array(table["losses"], np.float64) / table["losses_per_unit"],
            np.array(table["limit_losses"], np.float64),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: no phase table ({error}); make one with "
            "python -m ttlearn.two_timescale.experiments phase"
        ) from error
    check_number(float(phase.ratios.min()), "the smallest ratio")
    return phase
