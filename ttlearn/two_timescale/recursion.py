"""The recursion of online SGD, and where its samples come from."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ttlearn.dynamics import HostStream
from ttlearn.dynamics.checks import check_count
from ttlearn.precision import in_float64
from ttlearn.two_timescale.activation import Slope, step, window
from ttlearn.two_timescale.target import Target, piece_values

Stream = Literal["jax", "mt19937"] | np.random.RandomState
State = dict[str, Any]

# Far on either side of [0, 1]: a step at LEFT is 1 there, one at RIGHT is 0, neither ever moves.
_LEFT, _RIGHT = -10.0, 10.0
# Rows of 8 suit the vector units; so a run of any m up to 23 also shares its compiled loop.
_ROW = 8
# Samples drawn at once: all that a chunk of many runs needs should fit into the cache.
CHUNK = {False: 65_536, True: 16_384}


def sgd_step(
    state: State,
    sample: tuple[jax.Array, jax.Array],
    activation_width: Any,
    weight_rate: Any,
    position_rate: Any,
    *,
    slope: Slope = "box",
) -> State:
    """One step of the recursion; entry 0 is the bias, as a step far to the left.

    Arguments:
        state: ``weights`` and ``positions``, each of shape (M,).
        sample: x and the noisy target value there.
        activation_width: > 0.
        weight_rate, position_rate: 2 h and 2 h * timescale_ratio, times the loss factor.

    >>> state = {"weights": jnp.zeros(2), "positions": jnp.array([-10.0, 0.5])}
    >>> sgd_step(state, (0.9, 1.0), 0.1, 0.5, 0.0)["weights"].tolist()
    [0.5, 0.5]
    """
    x, y = sample
    weights, positions = state["weights"], state["positions"]
    # Once for the whole loop, not once a step: divisions would cost half of the time.
    sharpness = 1.0 / activation_width
    scaled = (x - positions) * sharpness
    active = step(scaled)
    residual = y - jnp.sum(weights * active)
    push = position_rate * residual * sharpness
    return {
        "weights": weights + weight_rate * residual * active,
        "positions": positions - push * weights * window(slope, scaled),
    }


STEPS: dict[tuple[str, bool], Callable[..., State]] = {
    (slope, many): (
        jax.vmap(functools.partial(sgd_step, slope=slope), in_axes=(0, 0, None, None, None))
        if many
        else functools.partial(sgd_step, slope=slope)
    )
    for slope in ("exact", "box")
    for many in (False, True)
}


@functools.lru_cache(maxsize=64)
def drawer(target: Target, noise: float, runs: int | None) -> Callable[[Any, int], Any]:
    """Samples (x, y) from a key; cached, since a new function would compile everything again."""

    def samples(key: Any, count: int) -> tuple[jax.Array, jax.Array]:
        dtype = jnp.result_type(float)
        if runs is None:
            x, second = jax.random.uniform(key, (2, count), dtype)
        else:
            # A key for each run: a run's samples do not depend on how many run beside it.
            keys = jax.vmap(functools.partial(jax.random.fold_in, key))(jnp.arange(runs))
            pairs = jax.vmap(lambda k: jax.random.uniform(k, (2, count), dtype))(keys)
            x, second = pairs[:, 0], pairs[:, 1]
        y = piece_values(x, target) + noise * (2.0 * second - 1.0)
        return x.T, y.T

    return samples


def legacy_stream(random: np.random.RandomState, target: Target, noise: float) -> HostStream:
    """The published code's order of draws: x, then the noise, at each step."""

    def samples(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        pair = random.random_sample((count, 2))
        x = np.ascontiguousarray(pair[:, 0])
        return x, target(x) + noise * (2.0 * pair[:, 1] - 1.0)

    return HostStream(samples)


@in_float64
def draw_positions(neurons: int = 20, seed: int = 0) -> NDArray[np.float64]:
    """The paper's random start: sorted uniform positions on [0, 1], shape (m,).

    >>> draw_positions(3, seed=1).shape
    (3,)
    """
    check_count(neurons, "neurons", 1)
    key = jax.random.fold_in(jax.random.key(check_count(seed, "seed", 0, 2**63 - 1)), 2**31 - 1)
    return np.sort(np.asarray(jax.random.uniform(key, (neurons,), jnp.float64)))


def random_state(stream: Stream, seed: int) -> np.random.RandomState | None:
    if isinstance(stream, np.random.RandomState):
        return stream
    if stream not in ("jax", "mt19937"):
        raise ValueError(
            f"stream is {stream!r}; allowed are 'jax', 'mt19937' and a numpy.random.RandomState"
        )
    return np.random.RandomState(seed) if stream == "mt19937" else None


def padded(weights: NDArray[np.float64], positions: NDArray[np.float64]) -> State:
    missing = -weights.size % _ROW
    return {
        "weights": np.concatenate([weights, np.zeros(missing)]),
        "positions": np.concatenate([[_LEFT], positions, np.full(missing, _RIGHT)]),
    }
