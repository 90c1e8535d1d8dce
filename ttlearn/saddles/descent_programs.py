"""Gradient descent of many networks at once: in tiles, one after another, on every device."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ttlearn.configure import compiles_small_loops
from ttlearn.dynamics.progress import progress_bar
from ttlearn.precision import float64
from ttlearn.saddles.dense import dense_gradient
from ttlearn.saddles.problem import FloatArray, Problem
from ttlearn.saddles.sweep import loss_kernel

REPORTS = 50
WIDEST = 256
# (most neurons, tile): what a loop over one tile touches stays below XLA's threshold.
WRITTEN_OUT = ((5, 256), (24, 64), (64, 16))


class Layout(NamedTuple):
    """How a batch is cut: tiles of ``width`` networks, ``n_tiles`` in all, a share a device."""

    width: int
    n_tiles: int
    written_out: bool


def choose_layout(n_neurons: int, n_starts: int, n_devices: int) -> Layout:
    """Tiles as even as can be, of a width that was measured to be fast.

    >>> choose_layout(2, 10_000, 1).n_tiles
    40
    """
    tile, written_out = WIDEST, False
    if compiles_small_loops() and jax.default_backend() == "cpu":
        fitting = [width for most, width in WRITTEN_OUT if n_neurons <= most]
        tile, written_out = (fitting[0], True) if fitting else (WIDEST, False)
    share = -(-n_starts // n_devices)
    rounds = -(-share // tile)
    width = -(-share // rounds)
    if not written_out and n_neurons > 3 and width > 24:
        # Narrower, XLA stops fusing the sums over pairs: up to 7 times slower.
        width = max(width, 192)
    return Layout(width, rounds * n_devices, written_out)


def run_tiles(
    problem: Problem, batch: FloatArray, rates: Any, steps: Any, progress: bool
) -> tuple[FloatArray, FloatArray]:
    """Parameters (K, S, 3N+1) and losses (K, S) at ``steps``, the first of which is 0.

    ``rates`` is the step size, a number or one for each parameter, shape (3N+1, 1).
    """
    n_starts, size = batch.shape
    devices = tuple(jax.local_devices())
    width, n_tiles, written_out = choose_layout(size // 3, n_starts, len(devices))
    padded = np.concatenate([batch, np.repeat(batch[-1:], n_tiles * width - n_starts, axis=0)])
    advance, tile_losses, sharding = _programs(devices, written_out)
    snapshots, losses = [], []
    piece = max(1, -(-int(steps[-1]) // REPORTS))
    with float64(), progress_bar(int(steps[-1]), "step", progress) as bar:
        # The batch is the last axis of a tile.
        tiles = padded.reshape(n_tiles, width, size).transpose(0, 2, 1)
        state = jax.device_put(jnp.asarray(tiles), sharding)
        at = 0
        for target in steps.tolist():
            while at < target:
                count = min(piece, target - at)
                state = advance(problem, state, rates, count)
                state.block_until_ready()
                at += count
                bar.update(count)
            rows = np.asarray(state).transpose(0, 2, 1).reshape(-1, size)
            snapshots.append(rows[:n_starts])
            losses.append(np.asarray(tile_losses(problem, state)).reshape(-1)[:n_starts])
    return np.stack(snapshots), np.stack(losses)


@functools.lru_cache(maxsize=8)
def _programs(devices: tuple[jax.Device, ...], written_out: bool) -> tuple[Any, Any, NamedSharding]:
    mesh = Mesh(np.array(devices), ("tile",))
    shared, cut = PartitionSpec(), PartitionSpec("tile")
    # Not left to the partitioner: each device loops over its own tiles and waits for nobody.
    on_each = functools.partial(jax.shard_map, mesh=mesh, check_vma=False, out_specs=cut)
    steps = functools.partial(_advance, written_out=written_out)
    return (
        jax.jit(on_each(steps, in_specs=(shared, cut, shared, shared)), donate_argnums=1),
        jax.jit(on_each(_tile_losses, in_specs=(shared, cut))),
        NamedSharding(mesh, cut),
    )


def _advance(problem: Problem, tiles: Any, rates: Any, count: Any, written_out: bool) -> Any:
    def one_step(_: Any, tile: Any) -> Any:
        return tile - rates * dense_gradient(problem, tile, written_out)

    return lax.map(lambda tile: lax.fori_loop(0, count, one_step, tile), tiles)


def _tile_losses(problem: Problem, tiles: Any) -> Any:
    return lax.map(jax.vmap(lambda row: loss_kernel(problem, row), in_axes=1), tiles)
