r"""Stochastic gradient descent on fresh batches: what the population flow is the limit of.

.. math:: w_e\text{'s pull}=\frac1B\sum_{i}y_ix_i\,\sigma(-y_iw_e\cdot x_i)

and each layer moves by its share of it, as in :mod:`ttlearn.directional.deep`.

Source: the experiment of Lin, Sun & Zhang 2021: batches of 1000, step 1e-3, linear and depth 4.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ttlearn.directional import checks
from ttlearn.directional.deep import (
    Layers,
    check_layers,
    deep_record,
    end_to_end,
    through_layers,
)
from ttlearn.directional.law import Law
from ttlearn.dynamics.checks import check_count
from ttlearn.dynamics.snapshots import evenly_spaced_steps
from ttlearn.precision import in_float64
from ttlearn.records import Trajectory

LARGEST_BATCH = 1_000_000


@in_float64
def minibatch_descent(
    law: Law,
    layers: Sequence[Any],
    step_size: float,
    steps: int,
    teacher: Any = None,
    *,
    batch: int = 1000,
    seed: int = 0,
    keep: int = 101,
) -> Trajectory:
    """Online stochastic gradient descent of a linear network of any depth.

    Arguments:
        law: the law of the data; each step draws a fresh batch of it.
        layers: matrices W_1 (h, d), ..., W_N (1, h), d the law's dimension.
        step_size: above 0.
        steps: how many.
        teacher: v, shape (d,); the first unit vector by default.
        batch: points in a batch.
        seed: same seed, same run.
        keep: how many evenly spaced steps to keep.

    Returns:
        A Trajectory like that of :func:`~ttlearn.directional.deep_descent`, with population losses.

    Raises:
        ValueError: on bad input.
        OverflowError: when the run leaves the finite numbers.

    >>> from ttlearn.directional.laws import Sphere
    >>> layers = [np.array([[0.6, -0.8]])]
    >>> run = minibatch_descent(Sphere(2), layers, 1e-2, 500, [0.0, 1.0], keep=2)
    >>> run["angle"].round(1)
    array([2.5, 0.4])
    """
    checked, direction = check_layers(law, layers, teacher)
    rate = checks.step_size(step_size)
    kept = evenly_spaced_steps(check_count(steps, "steps", 1, 2**31 - 1), keep)
    size = check_count(batch, "batch", 1, LARGEST_BATCH)
    key = jax.random.key(check_count(seed, "seed", 0, 2**31 - 1))
    start = tuple(jnp.asarray(layer) for layer in checked)
    states = _run(law, size, start, jnp.asarray(direction), rate, key, jnp.asarray(kept))
    _check_finite(states, kept, rate)
    meta = {"time": "step", "step_size": rate, "batch": size, "seed": int(seed)}
    return deep_record(
        law, tuple(map(np.asarray, states)), direction, kept.astype(np.float64), meta
    )


def _check_finite(states: Layers, kept: Any, rate: float) -> None:
    """Refuse a run whose layers, or the norm of their product, are not finite at a kept step."""
    with np.errstate(over="ignore", invalid="ignore"):
        norms = np.linalg.norm(np.asarray(jax.vmap(end_to_end)(states)), axis=1)
    finite = np.isfinite(norms)
    for layer in states:
        finite &= np.isfinite(np.asarray(layer)).reshape(len(kept), -1).all(1)
    if not finite.all():
        raise OverflowError(
            f"the run is not finite at step {int(kept[np.argmin(finite)])} with step_size {rate}: "
            "take a smaller one, or fewer steps"
        )


@functools.partial(jax.jit, static_argnums=(0, 1))
def _run(
    law: Law, batch: int, start: Layers, teacher: Any, step_size: Any, key: Any, kept: Any
) -> Layers:
    def one(number: Any, layers: Layers) -> Layers:
        points = law.sample(jax.random.fold_in(key, number), batch)
        points = points * jnp.where(points @ teacher >= 0, 1.0, -1.0)[:, None]
        pull = jax.nn.sigmoid(-(points @ end_to_end(layers))) @ points / batch
        forces = through_layers(layers, pull)
        return tuple(w + step_size * f for w, f in zip(layers, forces, strict=True))

    def to_next(layers: Layers, span: Any) -> tuple[Layers, Layers]:
        layers = lax.fori_loop(span[0], span[1], one, layers)
        return layers, layers

    spans = jnp.stack([jnp.concatenate([kept[:1], kept[:-1]]), kept], 1)
    return lax.scan(to_next, start, spans)[1]
