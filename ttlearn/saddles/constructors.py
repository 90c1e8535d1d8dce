"""Build any saddle: clusters of neurons at a breakpoint, extra neurons beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ttlearn.saddles.neurons import neuron_types
from ttlearn.saddles.problem import FloatArray, Problem, join
from ttlearn.saddles.zigzag import First, ZigZag, check_shares, check_width, zigzag

Extra = tuple[float, float, float]


def saddle(
    problem: Problem,
    level: int,
    *,
    first: First = "right",
    n_neurons: int | None = None,
    shares: Sequence[Sequence[float]] | None = None,
    scale: float | ArrayLike = 1.0,
    extras: Sequence[Extra] = (),
) -> FloatArray:
    """Parameters of a critical point with ``level`` breakpoints, shape (3N+1,).

    Arguments:
        problem: with a slope other than 0.
        level: number of breakpoints of f; even for ReLU.
        first: orientation of the first breakpoint (leaky ReLU has both families).
        n_neurons: width N. Neurons that nobody asked for are added: inactive ones for ReLU, flat
            constant ones for leaky ReLU. By default the width is what the rest needs, at least 1.
        shares: one list per breakpoint: how Σ v_j w_j is split among its neurons; each sums to 1.
            Negative and zero shares are allowed. By default one neuron per breakpoint.
        scale: |w_j|, one number or one per kinked neuron; it changes no function, loss or index.
        extras: further neurons (w, b, v). Allowed are those that leave the point critical: flat
            constant neurons, and for ReLU inactive, semi-inactive and degenerate ones, and flat
            neurons at a breakpoint with its orientation.

    Raises:
        ValueError: for a level that does not exist, shares that do not sum to 1, a scale <= 0, an
            extra neuron that would not leave the point critical, or too few neurons.

    Source: as :func:`ttlearn.saddles.zigzag`.

    >>> from ttlearn.saddles import gradient
    >>> point = saddle(Problem(), 2, shares=[[0.25, 0.75], [1.0]], scale=[1.0, 2.0, 1.0])
    >>> bool(abs(gradient(Problem(), point)).max() < 1e-15)
    True
    """
    shape = zigzag(problem, level, first)
    level = shape.level
    split_up = check_shares(shares if shares is not None else [[1.0]] * level, level)
    site = np.repeat(np.arange(level), [s.size for s in split_up])
    weights = _weights(shape, site, scale)
    biases = -weights * shape.breakpoints[site]
    outer = (
        np.concatenate([[], *split_up]) * shape.weight_sums[site] / np.where(site >= 0, weights, 1)
    )
    for extra in extras:
        _check_extra(problem, shape, extra)
    rows = [*zip(weights, biases, outer, strict=True), *extras]
    rows += _padding(problem, n_neurons, len(rows))
    w, b, v = np.array(rows, float).T
    return join(w, b, v, shape.output_bias)


def _weights(shape: ZigZag, site: np.ndarray, scale: float | ArrayLike) -> FloatArray:
    sizes = np.asarray(scale, float)
    if sizes.ndim > 1 or (sizes.ndim == 1 and sizes.size != site.size):
        raise ValueError(
            f"scale has shape {sizes.shape}; one number, or one per kinked neuron ({site.size})"
        )
    if not np.all(np.isfinite(sizes)) or np.any(sizes <= 0):
        raise ValueError(f"scale is {sizes}; positive finite numbers are needed (they are |w|)")
    return np.asarray(shape.orientations[site] * sizes)


def _padding(problem: Problem, n_neurons: int | None, used: int) -> list[Extra]:
    wanted = check_width(max(used, 1) if n_neurons is None else n_neurons)
    if wanted < used:
        raise ValueError(f"n_neurons is {wanted}; this critical point needs at least {used}")
    # Inactive over the whole interval, whatever its place and length.
    bias = -(1.0 + max(abs(problem.left), abs(problem.right)))
    spare: Extra = (1.0, bias, 0.5) if problem.is_relu else (0.0, 1.0, 0.0)
    return [spare] * (wanted - used)


def _check_extra(problem: Problem, shape: ZigZag, extra: Extra) -> None:
    if len(extra) != 3:
        raise ValueError(f"an extra neuron is (w, b, v); found {extra!r}")
    w, b, v = (float(number) for number in extra)
    neuron = neuron_types(problem, join(w, b, v, 0.0))[0]
    dead = problem.is_relu and (neuron.kind in ("inactive", "degenerate") or neuron.semi_inactive)
    idle = neuron.flat and (neuron.constant or neuron.kind == "degenerate")
    if dead or idle:
        return
    if neuron.kinked and neuron.flat and neuron.breakpoint is not None and shape.level:
        nearest = int(np.argmin(np.abs(shape.breakpoints - neuron.breakpoint)))
        at_site = abs(shape.breakpoints[nearest] - neuron.breakpoint) < 1e-9 * problem.length
        if at_site and np.sign(w) == shape.orientations[nearest]:
            return
    raise ValueError(
        f"the extra neuron {extra!r} is {neuron.kind}{', flat' if neuron.flat else ''}: the point "
        "would not be critical; use a flat constant neuron (0, b, 0), a dead neuron (ReLU), or a "
        "flat neuron at a breakpoint with its orientation"
    )
