"""Static quadrature rules: one set of nodes serves every norm from 0 to 1e7.

The integrands here are functions of ``norm * x`` that live on the scale ``1 / norm``, which spans
ten decades along one trajectory. Dyadic panels that shrink towards the origin resolve all of these
scales at once, so the nodes need not move and a field stays a pure function of the state.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

NODES_PER_PANEL = 12
HALVINGS = 30


@functools.lru_cache(maxsize=32)
def gauss_legendre(order: int) -> tuple[Array, Array]:
    """Nodes and weights of the Gauss-Legendre rule on [0, 1].

    >>> nodes, weights = gauss_legendre(3)
    >>> round(float(weights @ nodes**5), 12)
    0.166666666667
    """
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return (nodes + 1) / 2, weights / 2


@functools.lru_cache(maxsize=32)
def gauss_power(order: int, power: float) -> tuple[Array, Array]:
    r"""Nodes and weights of the Gauss rule on [0, 1] for the weight :math:`t^{power-1}`.

    Source: Golub and Welsch 1969, on the Jacobi recurrence.

    >>> nodes, weights = gauss_power(4, 0.5)
    >>> round(float(weights.sum()), 12)
    2.0
    """
    b = power - 1.0
    n = np.arange(order)
    twice = 2 * n + b
    diagonal = np.empty(order)
    diagonal[0] = b / (b + 2)
    diagonal[1:] = b * b / (twice[1:] * (twice[1:] + 2))
    n, twice = n[1:], twice[1:]
    square = 4 * n * n * (n + b) ** 2 / (twice**2 * (twice + 1) * (twice - 1))
    off = np.sqrt(square)
    nodes, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
    return (nodes + 1) / 2, vectors[0] ** 2 / power


def dyadic_rule(
    upper: float,
    weight: Callable[[Array], Array],
    power: float = 1.0,
    halvings: int = HALVINGS,
) -> tuple[Array, Array]:
    r"""Nodes and weights for :math:`\int_0^{upper} F(t)\,t^{power-1}\,weight(t)\,dt`.

    Panels are [0, X/2^n], [X/2^n, X/2^(n-1)], ..., [X/2, X] with 12 Gauss nodes each; the first
    panel carries the power exactly, so that a density with a pole at 0 loses nothing.

    Arguments:
        upper: X, the end of the range.
        weight: the smooth factor of the weight.
        power: positive; 1 for no pole.
        halvings: n.

    >>> import numpy as np
    >>> nodes, weights = dyadic_rule(1.0, np.ones_like)
    >>> nodes.size, round(float(weights @ np.exp(-1e6 * nodes)) * 1e6, 12)
    (372, 1.0)
    """
    nodes, weights = gauss_legendre(NODES_PER_PANEL)
    edges = upper * 2.0 ** -np.arange(halvings, -1, -1)
    widths = np.diff(edges)
    inner = edges[:-1, None] + widths[:, None] * nodes
    inner_weights = widths[:, None] * weights * inner ** (power - 1)
    first, first_weights = gauss_power(NODES_PER_PANEL, power)
    all_nodes = np.concatenate([edges[0] * first, inner.ravel()])
    all_weights = np.concatenate([edges[0] ** power * first_weights, inner_weights.ravel()])
    return all_nodes, all_weights * weight(all_nodes)
