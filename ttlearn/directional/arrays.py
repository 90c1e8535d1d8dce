"""A law as arrays: an argument of a compiled program, so that one program serves all laws.

Given JAX arrays these are kernels that follow their precision; given NumPy arrays they compute in
NumPy, and nothing is compiled.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

SMALLEST, LARGEST, POINTS = 1e-6, 1e7, 12_000
STEP = (math.log(LARGEST) - math.log(SMALLEST)) / (POINTS - 1)


def namespace(array: Any) -> ModuleType:
    """``jax.numpy`` for what JAX computes with, NumPy for the rest."""
    return jnp if isinstance(array, jax.Array) else np


class RuleArrays(NamedTuple):
    """A law by its quadrature: E F(|x_1|) = sum of weights * F(nodes).

    >>> from ttlearn.directional.laws import Gaussian
    >>> round(float(Gaussian().arrays().g(np.float64(1.0))), 12)
    0.19232131626
    """

    nodes: Any
    weights: Any
    k: Any

    def rule(self, like: Any) -> tuple[Any, Any]:
        """Nodes and weights in the precision of ``like``."""
        if namespace(like) is np:
            return self.nodes, self.weights
        return jnp.asarray(self.nodes, like.dtype), jnp.asarray(self.weights, like.dtype)

    def g(self, norm: Any) -> Any:
        """See :meth:`ttlearn.directional.Law.g`."""
        x, weight = self.rule(norm)
        decay = namespace(norm).exp(-norm[..., None] * x)
        return (weight * x * decay / (1 + decay)).sum(-1)

    def h(self, norm: Any) -> Any:
        """See :meth:`ttlearn.directional.Law.h`."""
        x, weight = self.rule(norm)
        xp = namespace(norm)
        return (weight * xp.log1p(xp.exp(-norm[..., None] * x))).sum(-1)

    def m(self, norm: Any) -> Any:
        """See :meth:`ttlearn.directional.Law.m`."""
        x, weight = self.rule(norm)
        xp = namespace(norm)
        half = norm[..., None] * x / 2
        nonzero = xp.where(half == 0, 1, half)
        ratio = xp.where(half == 0, 1, xp.tanh(nonzero) / nonzero)
        return (weight * x * x * ratio).sum(-1) / 4


class TableArrays(NamedTuple):
    """A law by its table: rows (ln value, slope in ln norm) of g, h and m.

    The grid of ln norm is that of :class:`ttlearn.directional.Tabulated`.
    """

    pull: Any
    loss: Any
    shrink: Any
    k: Any
    second_moment: Any

    def g(self, norm: Any) -> Any:
        """See :meth:`ttlearn.directional.Law.g`."""
        series = self.k - norm * self.second_moment / 4
        return namespace(norm).where(norm < SMALLEST, series, _read(self.pull, norm))

    def h(self, norm: Any) -> Any:
        """See :meth:`ttlearn.directional.Law.h`."""
        series = math.log(2) - norm * (self.k - norm * self.second_moment / 8)
        return namespace(norm).where(norm < SMALLEST, series, _read(self.loss, norm))

    def m(self, norm: Any) -> Any:
        """See :meth:`ttlearn.directional.Law.m`."""
        flat = self.second_moment / 4
        return namespace(norm).where(norm < SMALLEST, flat, _read(self.shrink, norm))


LawArrays = RuleArrays | TableArrays


def _read(table: Any, norm: Any) -> Any:
    """Cubic Hermite interpolation of ln value; a power law beyond the table."""
    xp = namespace(norm)
    rows = xp.asarray(table, norm.dtype)
    position = (xp.log(xp.maximum(norm, SMALLEST)) - math.log(SMALLEST)) / STEP
    cell = xp.clip(xp.floor(position), 0, POINTS - 2).astype(np.int32)
    t = position - cell
    left, right = rows[cell], rows[cell + 1]
    value = (
        (1 + 2 * t) * (1 - t) ** 2 * left[..., 0]
        + t * (1 - t) ** 2 * STEP * left[..., 1]
        + t * t * (3 - 2 * t) * right[..., 0]
        + t * t * (t - 1) * STEP * right[..., 1]
    )
    # Beyond the table the law is its power law, a straight line in logarithms.
    beyond = right[..., 0] + (t - 1) * STEP * right[..., 1]
    return xp.exp(xp.where(position > POINTS - 1, beyond, value))
