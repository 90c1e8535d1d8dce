"""The same recursion, as its users would write it without ttlearn."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np


def numpy_steps(
    x: Any, y: Any, starts: Any, width: float, weight_rate: float, position_rate: float
) -> Any:
    """A Python loop over steps, vectorised over runs and neurons; returns (runs, 2 m + 1)."""
    u, a = starts.copy(), np.zeros(starts.shape)
    bias = np.zeros(len(starts))
    for xs, ys in zip(x, y, strict=True):
        z = np.clip((xs[:, None] - u) / width, -0.5, 0.5)
        active = 0.5 + z * (3 - 6 * np.abs(z) + 4 * z * z)
        r = ys - bias - np.sum(a * active, axis=1)
        hit = np.abs(xs[:, None] - u) <= 0.5 * width
        u = u - position_rate / width * r[:, None] * a * hit
        a = a + weight_rate * r[:, None] * active
        bias = bias + weight_rate * r
    return np.concatenate([bias[:, None], a, u], axis=1)


def numba_steps(*arguments: Any) -> Any:
    """Plain loops compiled by numba, runs in parallel over the cores."""
    return _numba_kernel()(*arguments)


@functools.cache
def _numba_kernel() -> Callable[..., Any]:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def kernel(
        x: Any, y: Any, starts: Any, width: float, weight_rate: float, position_rate: float
    ) -> Any:
        runs, neurons = starts.shape
        out = np.zeros((runs, 2 * neurons + 1))
        for run in numba.prange(runs):
            u, a, active = starts[run].copy(), np.zeros(neurons), np.zeros(neurons)
            bias = 0.0
            for i in range(x.shape[0]):
                r = y[i, run] - bias
                for j in range(neurons):
                    z = min(max((x[i, run] - u[j]) / width, -0.5), 0.5)
                    active[j] = 0.5 + z * (3 - 6 * abs(z) + 4 * z * z)
                    r -= a[j] * active[j]
                for j in range(neurons):
                    if abs(x[i, run] - u[j]) <= 0.5 * width:
                        u[j] -= position_rate / width * r * a[j]
                    a[j] += weight_rate * r * active[j]
                bias += weight_rate * r
            out[run, 0] = bias
            out[run, 1 : neurons + 1] = a
            out[run, neurons + 1 :] = u
        return out

    return kernel


def torch_steps(compiled: bool) -> Callable[..., Any]:
    """Tensors over runs and neurons, one Python call a step, eager or by torch.compile."""

    def steps(
        x: Any, y: Any, starts: Any, width: float, weight_rate: float, position_rate: float
    ) -> Any:
        import torch

        one = _torch_step(compiled)
        with torch.no_grad():
            xs, ys = torch.from_numpy(x), torch.from_numpy(y)
            u = torch.from_numpy(starts.copy())
            a, bias = torch.zeros_like(u), torch.zeros(len(u), dtype=u.dtype)
            for i in range(len(xs)):
                bias, a, u = one(xs[i], ys[i], bias, a, u, width, weight_rate, position_rate)
            return torch.cat([bias[:, None], a, u], dim=1).numpy()

    return steps


@functools.cache
def _torch_step(compiled: bool) -> Callable[..., Any]:
    import torch

    def one(
        x: Any,
        y: Any,
        bias: Any,
        a: Any,
        u: Any,
        width: float,
        weight_rate: float,
        position_rate: float,
    ) -> Any:
        z = torch.clamp((x[:, None] - u) / width, -0.5, 0.5)
        active = 0.5 + z * (3 - 6 * torch.abs(z) + 4 * z * z)
        r = y - bias - (a * active).sum(1)
        hit = (torch.abs(x[:, None] - u) <= 0.5 * width).to(u.dtype)
        return (
            bias + weight_rate * r,
            a + weight_rate * r[:, None] * active,
            u - position_rate / width * r[:, None] * a * hit,
        )

    return torch.compile(one, dynamic=False) if compiled else one
