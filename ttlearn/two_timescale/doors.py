"""Kernels that take NumPy arrays and lists too, as the other wings do."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.precision import float64
from ttlearn.two_timescale.checks import (
    as_floats,
    check_positions,
    check_target,
    check_weights,
)


def kernel_or_float64(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Let a kernel written for JAX arrays take lists and NumPy arrays: in float64.

    Given a JAX array, traced or not, the kernel runs as it is, in that array's precision. Given
    none, what came is checked and computed in float64; NumPy comes back, or JAX arrays where JAX
    computes in float64 anyway.

    >>> mean = kernel_or_float64(lambda positions: positions.mean())
    >>> print(mean([0.1, 0.4]).dtype, mean(jnp.array([0.1, 0.4])).dtype)
    float64 float32
    >>> mean([0.1, float("nan")])
    Traceback (most recent call last):
        ...
    ValueError: positions[1] is nan; every position must be finite
    """
    signature = inspect.signature(kernel)

    @functools.wraps(kernel)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        if any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves((arguments, options))):
            options = {name: _to_jax(value) for name, value in options.items()}
            return kernel(*map(_to_jax, arguments), **options)
        given = signature.bind(*arguments, **options)
        given.arguments = _checked(given.arguments)
        here = jnp.zeros(())
        if isinstance(here, jax.core.Tracer) or here.dtype == np.float64:
            return kernel(*map(_to_jax, given.args), **given.kwargs)
        with float64():
            result = kernel(*map(_to_jax, given.args), **given.kwargs)
            return jax.tree.map(np.asarray, result)

    return wrapped


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """Arrays as NumPy in float64; what no kernel can use is refused by its name."""
    checked = dict(given)
    if "target" in given:
        checked["target"] = check_target(given["target"])
    if "positions" in given:
        checked["positions"] = check_positions(given["positions"])
    if "outer_weights" in given:
        neurons = checked["positions"].size
        checked["outer_weights"] = check_weights(given["outer_weights"], neurons)
    if "x" in given:
        checked["x"] = as_floats(given["x"], "x")
    return checked


def _to_jax(value: Any) -> Any:
    if isinstance(value, list):
        return jnp.asarray(value, float)
    return jnp.asarray(value) if isinstance(value, np.ndarray) else value
