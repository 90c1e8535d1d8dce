r"""Deep linear networks in weight space, balanced or not.

.. math:: f=W_N\cdots W_1x,\qquad w_e=(W_N\cdots W_1)^\top,\qquad
          -\nabla_{W_j}L=(W_N\cdots W_{j+1})^\top\,(-\nabla L(w_e))^\top(W_{j-1}\cdots W_1)^\top

This is the network itself: it checks the reduced dynamics of :mod:`ttlearn.directional.flow`, and
shows what unbalanced starts change. Angles below 1e-15 are rounding here; use the reduced forms.

Source: Lin, Sun & Zhang 2021 (deep linear networks); the simulation is ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.checks import Array
from ttlearn.directional.law import AnyLaw, Law
from ttlearn.directional.linear import force
from ttlearn.directional.running import log_time_flow
from ttlearn.dynamics.checks import check_count
from ttlearn.dynamics.descent import gradient_descent
from ttlearn.records import Trajectory

Layers = tuple[Any, ...]


def end_to_end(layers: Layers) -> jax.Array:
    """The vector w_e with f(x) = w_e . x, as a kernel.

    >>> end_to_end((jnp.array([[1.0, 2.0]]), jnp.array([[3.0]])))
    Array([3., 6.], dtype=float32)
    """
    product = layers[0]
    for layer in layers[1:]:
        product = layer @ product
    return product[0]


def deep_force(law: AnyLaw, layers: Layers, teacher: jax.Array) -> Layers:
    """Minus the gradient of the population loss in every layer, as a kernel.

    >>> from ttlearn.directional.laws import Sphere
    >>> layers = (jnp.array([[1.0, 0.0]]), jnp.array([[1.0]]))
    >>> [part.shape for part in deep_force(Sphere(2), layers, jnp.array([1.0, 0.0]))]
    [(1, 2), (1, 1)]
    """
    return through_layers(layers, force(law, end_to_end(layers), teacher))


def through_layers(layers: Layers, pull: jax.Array) -> Layers:
    """What a force on the end-to-end vector is in every layer, as a kernel.

    >>> layers = (jnp.array([[1.0, 0.0]]), jnp.array([[3.0]]))
    >>> [part.tolist() for part in through_layers(layers, jnp.array([1.0, 2.0]))]
    [[[3.0, 6.0]], [[1.0]]]
    """
    inputs = [jnp.eye(layers[0].shape[1], dtype=layers[0].dtype)]
    for layer in layers[:-1]:
        inputs.append(layer @ inputs[-1])
    back = jnp.ones((1, 1), layers[0].dtype)
    forces = []
    for layer, before in zip(reversed(layers), reversed(inputs), strict=True):
        forces.append(back.T @ (pull[None] @ before.T))
        back = back @ layer
    return tuple(reversed(forces))


def balanced_layers(
    weights: Any, depth: int, width: int = 1, *, seed: int = 0
) -> tuple[Array, ...]:
    r"""Rank-one balanced layers with the given end-to-end vector.

    :math:`W_1=\rho^{1/N}u_1\bar w^\top`, :math:`W_j=\rho^{1/N}u_ju_{j-1}^\top` with random unit
    vectors u, so that :math:`W_{j+1}^\top W_{j+1}=W_jW_j^\top`.

    Arguments:
        weights: w_e, shape (d,), not zero.
        depth: number of layers.
        width: of the hidden layers, from 1 on.
        seed: for the directions u; width 1 needs none.

    >>> layers = balanced_layers([0.6, -0.8], depth=4, width=3)
    >>> [layer.shape for layer in layers], round(balance_defect(layers), 12)
    ([(3, 2), (3, 3), (3, 3), (1, 3)], 0.0)
    """
    vector = checks.vector(weights, "weights")
    depth = checks.depth(depth)
    width = check_count(width, "width", 1, 10_000)
    norm = float(np.linalg.norm(vector))
    if norm == 0:
        raise ValueError("weights is the zero vector; balanced layers need a direction")
    random = np.random.default_rng(seed)
    outputs = [_unit(random, width) for _ in range(depth - 1)] + [np.ones(1)]
    inputs = [vector / norm, *outputs[:-1]]
    scale = norm ** (1 / depth)
    return tuple(scale * np.outer(out, into) for out, into in zip(outputs, inputs, strict=True))


def _unit(random: np.random.Generator, width: int) -> Array:
    direction = np.ones(1) if width == 1 else random.standard_normal(width)
    return np.asarray(direction / np.linalg.norm(direction))


def balance_defect(layers: Sequence[Any]) -> float:
    r"""Largest entry of :math:`|W_{j+1}^\top W_{j+1}-W_jW_j^\top|`; conserved by the flow."""
    pairs = itertools.pairwise(layers)
    return max((float(np.abs(b.T @ b - a @ a.T).max()) for a, b in pairs), default=0.0)


def deep_flow(
    law: Law, layers: Sequence[Any], times: Any, teacher: Any = None, *, rtol: float = 1e-10
) -> Trajectory:
    """Gradient flow of all layers.

    Arguments:
        law: the law of the data.
        layers: matrices W_1 (h, d), ..., W_N (1, h); one matrix (1, d) is the linear predictor.
        times: shape (K,); increasing, from 0 on.
        teacher: v, shape (d,); the first unit vector by default.
        rtol: relative tolerance.

    Returns:
        A Trajectory with ``layer_1``, ..., ``layer_N``, ``weights`` (w_e), ``norm``, ``angle``.

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    >>> from ttlearn.directional.laws import Sphere
    >>> run = deep_flow(Sphere(2), balanced_layers([0.6, 0.8], depth=2), [0.0, 5.0])
    >>> run["angle"].round(4)
    array([0.9273, 0.2029])
    """
    checked, direction = check_layers(law, layers, teacher)
    times = checks.times(times)
    run = log_time_flow(
        _flow_field,
        checked,
        times,
        rtol=rtol,
        atol=1e-2 * rtol,
        max_steps=1_000_000,
        parameters=(law.arrays(), direction),
    )
    return deep_record(law, run.states, direction, times, {"time": "time"})


def deep_descent(
    law: Law,
    layers: Sequence[Any],
    step_size: float,
    steps: int,
    teacher: Any = None,
    *,
    keep: int = 101,
) -> Trajectory:
    """Gradient descent of all layers, kept at ``keep`` evenly spaced steps; see :func:`deep_flow`.

    >>> from ttlearn.directional.laws import Sphere
    >>> run = deep_descent(Sphere(2), balanced_layers([0.6, 0.8], depth=2), 0.1, 50, keep=2)
    >>> run["angle"].round(3)
    array([0.927, 0.203])
    """
    checked, direction = check_layers(law, layers, teacher)
    run = gradient_descent(
        _gradient,
        checked,
        checks.step_size(step_size),
        steps,
        keep=keep,
        parameters=(law.arrays(), direction),
    )
    meta = {"time": "step", "step_size": float(step_size)}
    return deep_record(law, run.states, direction, run.steps, meta)


def _flow_field(log_time: Any, layers: Layers, law: AnyLaw, teacher: Any) -> Layers:
    stretch = jnp.exp(log_time)
    return tuple(stretch * part for part in deep_force(law, layers, teacher))


def _gradient(layers: Layers, law: AnyLaw, teacher: Any) -> Layers:
    return tuple(-part for part in deep_force(law, layers, teacher))


def check_layers(law: Law, layers: Sequence[Any], teacher: Any) -> tuple[tuple[Array, ...], Array]:
    checked = tuple(np.asarray(layer, np.float64) for layer in layers)
    checks.depth(len(checked))
    shapes = [layer.shape for layer in checked]
    fits = all(len(shape) == 2 for shape in shapes) and shapes[-1][0] == 1
    if not fits or any(a[0] != b[1] for a, b in itertools.pairwise(shapes)):
        raise ValueError(
            f"layers have shapes {shapes}; needed are (h, d), ..., (1, h), each one's columns "
            "matching the rows of the one before"
        )
    if not all(np.all(np.isfinite(layer)) for layer in checked):
        raise ValueError("layers must be finite")
    size = shapes[0][1]
    if size < 2:
        raise ValueError(f"the data have {size} coordinate; an angle needs 2 or more")
    if size != law.dimension:
        raise ValueError(
            f"layers take {size} inputs and {law.name} has dimension {law.dimension}; they must "
            "agree"
        )
    direction = np.eye(size)[0] if teacher is None else checks.teacher(teacher, size)
    return checked, direction


def deep_record(
    law: Law, layers: Layers, teacher: Array, times: Array, meta: dict[str, Any]
) -> Trajectory:
    path = layers[0]
    for layer in layers[1:]:
        path = layer @ path
    path = path[:, 0]
    along = path @ teacher
    across = np.linalg.norm(path - along[:, None] * teacher, axis=1)
    norm = np.linalg.norm(path, axis=1)
    names = {f"layer_{j}": np.asarray(layer) for j, layer in enumerate(layers, 1)}
    return Trajectory(
        np.asarray(times, np.float64),
        {
            **names,
            "weights": path,
            "norm": norm,
            "angle": np.arctan2(across, along),
        },
        np.asarray(law.h(norm) + law.k * (norm - along)),
        {"weights": ("time", "coordinate"), **dict.fromkeys(names, ("time", "output", "input"))},
        {**meta, "law": law.name, "depth": len(layers)},
    )
