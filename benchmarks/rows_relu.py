"""The shallow ReLU network: exact gradient and Hessian against quadrature with autodiff."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.measure import Contestant, Row, installed
from ttlearn.precision import float64
from ttlearn.saddles import Problem, gradient, gradient_descent, hessian, random_starts
from ttlearn.saddles.dense import dense_gradient
from ttlearn.saddles.sweep import hessian_kernel

POINTS = 1000
STEP = 0.01
PROBLEM = Problem()
GRID = np.linspace(PROBLEM.left, PROBLEM.right, POINTS)
WEIGHTS = np.full(POINTS, PROBLEM.length / (POINTS - 1))
WEIGHTS[[0, -1]] /= 2


@functools.cache
def starts(count: int, neurons: int) -> Any:
    """Random networks, shape (count, 3 N + 1)."""
    return random_starts(count, neurons, seed=0)


def quadrature_loss(parameters: Any) -> Any:
    """The loss by 1,000 trapezoids, in JAX."""
    n = (parameters.shape[0] - 1) // 3
    w, b, v, c = parameters[:n], parameters[n : 2 * n], parameters[2 * n : -1], parameters[-1]
    out = jnp.maximum(GRID[:, None] * w + b, 0) @ v + c
    miss = out - (PROBLEM.slope * GRID + PROBLEM.intercept)
    return jnp.sum(WEIGHTS * miss * miss)


@jax.jit
def exact_gradients(batch: Any) -> Any:
    """Exact gradients in tiles of at most 256 networks, the batch on the last axis."""
    tiles = batch.reshape(-1, min(256, len(batch)), batch.shape[1])
    return jax.lax.map(lambda tile: dense_gradient(PROBLEM, tile.T).T, tiles).reshape(batch.shape)


# One function object each, so that each is compiled once.
_AUTODIFF_GRADIENTS = jax.jit(jax.vmap(jax.grad(quadrature_loss)))
_EXACT_HESSIANS = jax.jit(jax.vmap(lambda one: hessian_kernel(PROBLEM, one)))
_AUTODIFF_HESSIANS = jax.jit(jax.vmap(jax.hessian(quadrature_loss)))


@jax.jit
def _autodiff_descent(batch: Any, steps: Any) -> Any:
    slope = jax.vmap(jax.grad(quadrature_loss))
    return jax.lax.fori_loop(0, steps, lambda _, x: x - STEP * slope(x), batch)


def _jax_task(function: Callable[..., Any], neurons: int) -> Callable[[int], Callable[[], Any]]:
    def prepare(count: int) -> Callable[[], Any]:
        batch = starts(count, neurons)

        def task() -> Any:
            with float64():
                return np.asarray(function(batch))

        return task

    return prepare


def _torch_loss(parameters: Any) -> Any:
    import torch

    grid, weights = torch.from_numpy(GRID), torch.from_numpy(WEIGHTS)
    n = (parameters.shape[0] - 1) // 3
    w, b, v, c = parameters[:n], parameters[n : 2 * n], parameters[2 * n : -1], parameters[-1]
    out = torch.relu(grid[:, None] * w + b) @ v + c
    miss = out - (PROBLEM.slope * grid + PROBLEM.intercept)
    return torch.sum(weights * miss * miss)


def _torch_task(kind: str, neurons: int) -> Callable[[int], Callable[[], Any]]:
    def prepare(count: int) -> Callable[[], Any]:
        import torch

        batch = torch.from_numpy(starts(count, neurons).copy())
        transform = {"gradient": torch.func.grad, "hessian": torch.func.hessian}[kind]
        function = torch.func.vmap(transform(_torch_loss), chunk_size=64)
        return lambda: function(batch).numpy()

    return prepare


def numpy_gradients(batch: Any) -> Any:
    """The trapezoid gradient derived by hand, one network after another."""
    rows = []
    target = PROBLEM.slope * GRID + PROBLEM.intercept
    for one in batch:
        n = (one.size - 1) // 3
        w, b, v, c = one[:n], one[n : 2 * n], one[2 * n : -1], one[-1]
        before = GRID[:, None] * w + b
        active = np.maximum(before, 0)
        push = 2 * WEIGHTS * (active @ v + c - target)
        on = (before > 0) * v
        rows.append(np.concatenate([(push * GRID) @ on, push @ on, push @ active, [push.sum()]]))
    return np.array(rows)


def _error(exact: Callable[..., Any], neurons: int) -> Callable[[Any], float]:
    def error(result: Any) -> float:
        batch = starts(len(result), neurons)
        reference = np.stack([exact(PROBLEM, one) for one in batch])
        return float(np.max(np.abs(result - reference)))

    return error


def _row(kind: str, neurons: int, size: int) -> Row:
    exact = {"gradient": exact_gradients, "hessian": _EXACT_HESSIANS}[kind]
    autodiff = {"gradient": _AUTODIFF_GRADIENTS, "hessian": _AUTODIFF_HESSIANS}[kind]
    peers = [
        Contestant(f"JAX, {POINTS}-point autodiff", _jax_task(autodiff, neurons), size // 8),
        installed(
            f"PyTorch, {POINTS}-point autodiff",
            "torch",
            lambda: Contestant(
                f"PyTorch, {POINTS}-point autodiff", _torch_task(kind, neurons), size // 16
            ),
        ),
    ]
    if kind == "gradient":
        by_hand = Contestant(
            f"NumPy, {POINTS} points by hand",
            lambda count: lambda: numpy_gradients(starts(count, neurons)),
            size // 32,
        )
        peers.append(by_hand)
    reference = {"gradient": gradient, "hessian": hessian}[kind]
    return Row(
        f"relu_{kind}_{neurons}",
        f"{kind.capitalize()} of a ReLU network of {neurons} neurons",
        "network",
        (Contestant("ttlearn, exact", _jax_task(exact, neurons), size, own=True), *peers),
        _error(reference, neurons),
        16,
    )


LARGE = 10_000
CHECKED = 200  # network-steps at which results are compared: two networks


def _stretch(size: int) -> tuple[int, int]:
    """Networks and steps that make ``size`` network-steps: up to 10,000 of each, 100 at least."""
    steps = max(100, size // LARGE)
    return max(1, size // steps), steps


def _exact_descent(neurons: int) -> Callable[[int], Callable[[], Any]]:
    def prepare(size: int) -> Callable[[], Any]:
        count, steps = _stretch(size)
        batch = starts(count, neurons)
        return lambda: gradient_descent(PROBLEM, batch, STEP, steps, progress=False)["parameters"][
            -1
        ]

    return prepare


def _jax_descent(neurons: int) -> Callable[[int], Callable[[], Any]]:
    def prepare(size: int) -> Callable[[], Any]:
        count, steps = _stretch(size)
        return _jax_task(lambda batch: _autodiff_descent(batch, steps), neurons)(count)

    return prepare


def _torch_descent(neurons: int) -> Callable[[int], Callable[[], Any]]:
    def prepare(size: int) -> Callable[[], Any]:
        import torch

        count, steps = _stretch(size)
        slope = torch.func.vmap(torch.func.grad(_torch_loss), chunk_size=64)

        def task() -> Any:
            batch = torch.from_numpy(starts(count, neurons).copy())
            for _ in range(steps):
                batch = batch - STEP * slope(batch)
            return batch.numpy()

        return task

    return prepare


def _numpy_descent(neurons: int) -> Callable[[int], Callable[[], Any]]:
    def prepare(size: int) -> Callable[[], Any]:
        count, steps = _stretch(size)

        def task() -> Any:
            batch = starts(count, neurons).copy()
            for _ in range(steps):
                batch -= STEP * numpy_gradients(batch)
            return batch

        return task

    return prepare


def _descent_row(neurons: int, size: int, name: str) -> Row:
    """Descent of many networks; peers run a shorter stretch, counted by the network-step."""
    count, steps = _stretch(size)

    def error(result: Any) -> float:
        batch = starts(len(result), neurons).copy()
        for _ in range(_stretch(CHECKED)[1]):
            batch -= STEP * np.stack([gradient(PROBLEM, one) for one in batch])
        return float(np.max(np.abs(result - batch)))

    def peer(size: int) -> str:
        return "{:,} networks, {:,} steps".format(*_stretch(size))

    autodiff, by_torch = f"JAX, {POINTS}-point autodiff", f"PyTorch, {POINTS}-point autodiff"
    few, fewer = min(6_400, size), min(800, size)
    return Row(
        name,
        f"Gradient descent of {count:,} ReLU networks of {neurons} neurons, {steps:,} steps",
        "network-step",
        (
            Contestant("ttlearn, exact", _exact_descent(neurons), size, own=True),
            Contestant(autodiff, _jax_descent(neurons), few, peer(few)),
            installed(
                by_torch,
                "torch",
                lambda: Contestant(by_torch, _torch_descent(neurons), few, peer(few)),
            ),
            Contestant(
                f"NumPy, {POINTS} points by hand", _numpy_descent(neurons), fewer, peer(fewer)
            ),
        ),
        error,
        CHECKED,
    )


def rows(quick: bool) -> list[Row]:
    """Gradient at 10 and 50 neurons, Hessian at 10, descent at 2 and 10 at full size."""
    if quick:
        return [
            _row("gradient", 4, 64),
            _row("hessian", 4, 64),
            _descent_row(4, 6_400, "relu_descent_4"),
        ]
    return [
        _row("gradient", 10, 16_384),
        _row("gradient", 50, 4_096),
        _row("hessian", 10, 2_048),
        _descent_row(2, LARGE**2, "relu_descent_2_large"),
        _descent_row(10, LARGE**2, "relu_descent_10_large"),
    ]
