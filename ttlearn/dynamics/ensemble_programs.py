"""One chunk of an ensemble: compiled for all local devices, measured against the memory budget."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax import lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ttlearn.dynamics.checks import check_count
from ttlearn.dynamics.host_memory import free_memory


class OutOfMemory(MemoryError):  # noqa: N818 - it is answered, not shown
    """A chunk did not fit on its devices."""


class Runner:
    """Runs members of an ensemble, ``chunk`` at once: ``tile`` by vmap, tiles one after another."""

    def __init__(
        self,
        kernel: Callable[..., Any],
        parameters: Any,
        seed: int | None,
        devices: list[jax.Device],
        memory: int,
        tile: int,
    ) -> None:
        self.kernel, self.parameters, self.seed = kernel, parameters, seed
        self.devices, self.memory, self.tile = tuple(devices), memory, tile
        self.chunk = tile * len(devices)
        one = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape[1:], x.dtype), parameters)
        self.shapes = jax.eval_shape(_member(kernel, seed), np.int32(0), one)
        """Shapes and dtypes of one member's results."""
        if not jax.tree.leaves(self.shapes):
            raise ValueError("the kernel returns no array; it must return at least one")

    def choose_chunk(self, wanted: int | None, most: int) -> None:
        """The largest chunk within the memory budget, or the one that is wanted."""
        smallest = len(self.devices) * self.tile
        if wanted is not None:
            self.chunk = max(smallest, -(-check_count(wanted, "chunk", 1) // smallest) * smallest)
            return
        fixed, each = self._memory_of(smallest)
        while fixed + each > self.memory:
            if self.tile == 1:
                raise MemoryError(
                    f"one member on each of {len(self.devices)} devices needs about "
                    f"{fixed + each:.3g} bytes and the budget is {self.memory:.3g}: raise memory, "
                    "use fewer devices, or let the kernel do with less"
                )
            self.tile = -(-self.tile // 2)
            smallest = len(self.devices) * self.tile
            fixed, each = self._memory_of(smallest)
        rounds = min((self.memory - fixed) // max(each, 1), max(most // smallest, 1))
        self.chunk = int(max(rounds, 1)) * smallest

    def shrink(self) -> None:
        """Half the chunk; once it is a tile on each device, half the tile."""
        devices = len(self.devices)
        rounds = self.chunk // (devices * self.tile)
        if rounds > 1:
            rounds //= 2
        elif self.tile > 1:
            self.tile //= 2
        else:
            raise MemoryError(
                f"one member on each of {devices} devices does not fit in their memory: use fewer "
                "devices, or let the kernel do with less"
            )
        self.chunk = rounds * devices * self.tile

    def run(self, first: int, last: int) -> Any:
        """The results of the members from ``first`` up to and without ``last``, on the host."""
        # The last chunk is filled up with copies of its last member, to be compiled for once.
        members = np.minimum(np.arange(first, first + self.chunk), last - 1)
        picked = slice(first, last) if last - first == self.chunk else members
        inputs = (members.astype(np.int32), jax.tree.map(lambda x: x[picked], self.parameters))
        try:
            program, sharding = self._program(self.chunk)
            results = program(*jax.device_put(inputs, sharding))
            return jax.tree.map(lambda leaf: np.asarray(leaf)[: last - first], results)
        except (jax.errors.JaxRuntimeError, MemoryError) as error:
            if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
                raise OutOfMemory(str(error)) from error
            raise

    def _program(self, chunk: int) -> tuple[Any, NamedSharding]:
        leaves, structure = jax.tree.flatten(self.parameters)
        shapes = tuple((leaf.shape[1:], leaf.dtype.str) for leaf in leaves)
        x64 = bool(jax.config.jax_enable_x64)  # type: ignore[attr-defined]
        return _compile(
            *(self.kernel, self.seed, self.devices, self.tile, chunk, structure, shapes, x64)
        )

    def _memory_of(self, chunk: int) -> tuple[int, int]:
        """Bytes that a chunk of one round needs whatever its size, and for each round."""
        program, _ = self._program(chunk)
        usage = program.memory_analysis()
        if usage is None:
            return 0, 1
        devices = len(self.devices)
        moving = usage.argument_size_in_bytes + usage.output_size_in_bytes
        return devices * usage.temp_size_in_bytes, devices * moving


@functools.lru_cache(maxsize=64)
def _compile(
    kernel: Callable[..., Any],
    seed: int | None,
    devices: tuple[jax.Device, ...],
    tile: int,
    chunk: int,
    structure: Any,
    shapes: tuple[tuple[tuple[int, ...], str], ...],
    x64: bool,
) -> tuple[Any, NamedSharding]:
    mesh = Mesh(np.array(devices), ("member",))
    spec = PartitionSpec("member")
    # Not left to the partitioner: each device loops over its own tiles and waits for nobody.
    program = jax.shard_map(
        functools.partial(_tiles, _member(kernel, seed), tile),
        mesh=mesh,
        in_specs=(spec, spec),
        out_specs=spec,
        check_vma=False,
    )
    leaves = [jax.ShapeDtypeStruct((chunk, *shape), np.dtype(name)) for shape, name in shapes]
    members = jax.ShapeDtypeStruct((chunk,), np.int32)
    lowered = jax.jit(program).lower(members, jax.tree.unflatten(structure, leaves))
    return lowered.compile(), NamedSharding(mesh, spec)


@functools.lru_cache(maxsize=64)
def _member(kernel: Callable[..., Any], seed: int | None) -> Callable[[Any, Any], Any]:
    def one(member: Any, parameters: Any) -> Any:
        if seed is None:
            return kernel(parameters)
        return kernel(parameters, jax.random.fold_in(jax.random.key(seed), member))

    return one


def _tiles(one: Callable[[Any, Any], Any], tile: int, members: Any, parameters: Any) -> Any:
    if tile == 1:
        # Even a vmap over one member would compute both branches of every lax.cond.
        return lax.map(lambda inputs: one(*inputs), (members, parameters))

    def cut(leaf: Any) -> Any:
        return leaf.reshape(-1, tile, *leaf.shape[1:])

    tiles = jax.tree.map(cut, (members, parameters))
    results = lax.map(lambda inputs: jax.vmap(one)(*inputs), tiles)
    return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), results)


def available_memory(devices: list[jax.Device]) -> int:
    """Half of the memory that is free for these devices, in bytes."""
    stats = [device.memory_stats() for device in devices]
    if all(stat and "bytes_limit" in stat for stat in stats):
        return sum(int(stat["bytes_limit"] - stat.get("bytes_in_use", 0)) for stat in stats) // 2
    return free_memory() // 2
