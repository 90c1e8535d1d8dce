r"""The angular integral of the two-node network, exact to rounding.

.. math:: A(w_1,w_2)=E\ln2\cosh(f/2),\qquad f=\phi(w_1\cdot x)-\phi(w_2\cdot x)

depends on the data only through the plane of w1 and w2. There the circle splits into four sectors
on which f is linear, f = W.x, and on each sector into quadrants of W: the integrand is sharp, on
the scale 1/|W|, near the one end of a quadrant where W.x = 0. A sinh substitution spreads that end
out, so that a fixed Gauss rule serves every size of W.

In the plane, the first axis is the direction of w1 and the second points to the side of w2, so the
sectors follow from the angle between the two.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional.law import Law
from ttlearn.directional.linear import length
from ttlearn.directional.quadrature import Array, gauss_legendre

NODES = 80
SHARPNESS = 1.0  # the substitution's scale, in units of 1/|W|
LARGEST_SLOPE = 1e6
PROFILE_POINTS = 6000
BLOCK = 500  # rows of the table made at once


class Integral(NamedTuple):
    """A and its gradients in w1 and w2."""

    value: Any
    first: Any
    second: Any


class PlaneArrays(NamedTuple):
    """A law in the plane as arrays: what the compiled network is given.

    Fields:
        radius: c0 = E r, the length of the projection on the plane.
        table: rows (T, dT/ds, V, dV/ds) on a grid of s = arcsinh(u); None on the circle, where all
            of the data has the same length.
    """

    radius: Any
    table: Any

    @property
    def k(self) -> Any:
        """See :attr:`ttlearn.directional.Law.k`."""
        return self.radius / math.pi


@functools.lru_cache(maxsize=16)
def plane_arrays(law: Law) -> PlaneArrays:
    """The law's :class:`PlaneArrays`.

    >>> from ttlearn.directional.laws import Sphere
    >>> plane_arrays(Sphere(2))
    PlaneArrays(radius=1.0, table=None)
    """
    r, weight = law.plane_rule()
    if r.size == 1:
        return PlaneArrays(float(r[0]), None)
    grid = np.linspace(0, math.asinh(LARGEST_SLOPE), PROFILE_POINTS)
    blocks = [_rows(s[:, None], r, weight) for s in np.split(grid, PROFILE_POINTS // BLOCK)]
    return PlaneArrays(law.plane_radius, np.concatenate(blocks))


def _rows(s: Array, r: Array, weight: Array) -> Array:
    half = np.sinh(s) * r / 2
    tanh = np.tanh(half)
    slope = np.cosh(s[:, 0])
    first = (r / 2 * tanh) @ weight
    curve = (r * r / 4 * (1 - tanh) * (1 + tanh)) @ weight
    value = (half + np.log1p(np.exp(-2 * half))) @ weight
    return np.stack([first, slope * curve, value, slope * first], 1)


def profile(plane: PlaneArrays, u: jax.Array) -> tuple[jax.Array, jax.Array]:
    r"""T(u) = E[(r/2) tanh(ru/2)] and V(u) = E ln 2cosh(ru/2), as kernels of one number.

    Closed on the circle; elsewhere from a table in arcsinh(u), linear beyond u = 1e6.

    >>> from ttlearn.directional.laws import Sphere
    >>> [round(float(part), 4) for part in profile(plane_arrays(Sphere(2)), jnp.float32(2.0))]
    [0.3808, 1.1269]
    """
    size = jnp.abs(u)
    if plane.table is None:
        r = jnp.asarray(plane.radius, u.dtype)
        value = r * size / 2 + jnp.log1p(jnp.exp(-r * size))
        return r / 2 * jnp.tanh(r * u / 2), value
    table = jnp.asarray(plane.table, u.dtype)
    step = math.asinh(LARGEST_SLOPE) / (PROFILE_POINTS - 1)
    position = jnp.arcsinh(jnp.minimum(size, LARGEST_SLOPE)) / step
    cell = jnp.clip(jnp.floor(position), 0, PROFILE_POINTS - 2).astype(jnp.int32)
    t = position - cell
    left, right = table[cell], table[cell + 1]

    def read(column: int) -> jax.Array:
        rise = right[..., column] - left[..., column]
        start, end = step * left[..., column + 1], step * right[..., column + 1]
        return left[..., column] + t * (
            start + t * (3 * rise - 2 * start - end + t * (start + end - 2 * rise))
        )

    beyond = jnp.asarray(plane.radius, u.dtype) / 2 * jnp.maximum(size - LARGEST_SLOPE, 0)
    return jnp.sign(u) * read(0), read(2) + beyond


def angular_integral(
    plane: PlaneArrays, first: jax.Array, second: jax.Array, leak: Any
) -> Integral:
    """A and its gradients, as a kernel on vectors of any dimension.

    Arguments:
        plane: the law of the data, by :func:`plane_arrays`.
        first, second: w1 and w2, shape (d,).
        leak: negative-side slope of the units.

    >>> from ttlearn.directional.laws import Sphere
    >>> circle = plane_arrays(Sphere(2))
    >>> part = angular_integral(circle, jnp.array([2.0, 0.0]), jnp.array([-2.0, 0.0]), 0.0)
    >>> round(float(part.value), 3)
    0.917
    """
    size_one, size_two, axes, gap = _plane(first, second)
    at_two = size_two * jnp.stack([jnp.cos(gap), jnp.sin(gap)])
    at_one = jnp.stack([size_one, jnp.zeros_like(size_one)])
    quarter = math.pi / 2
    starts = jnp.stack([-quarter + 0 * gap, gap - quarter, quarter + 0 * gap, gap + quarter])
    widths = jnp.stack([gap, math.pi - gap, gap, math.pi - gap])
    leak = jnp.asarray(leak, first.dtype)
    one = jnp.ones_like(leak)
    gains_one = jnp.stack([one, one, leak, leak])
    gains_two = jnp.stack([leak, one, one, leak])
    vectors = gains_one[:, None] * at_one - gains_two[:, None] * at_two
    values, pulls = jax.vmap(functools.partial(_sector, plane))(starts, widths, vectors)
    return Integral(jnp.sum(values), (gains_one @ pulls) @ axes, -(gains_two @ pulls) @ axes)


def _plane(first: Any, second: Any) -> tuple[Any, Any, Any, Any]:
    """Sizes, an orthonormal frame (2, d) of the plane, and the angle from w1 to w2."""
    size_one, size_two = length(first), length(second)
    unit_one = first / jnp.where(size_one == 0, 1, size_one)
    unit_two = second / jnp.where(size_two == 0, 1, size_two)
    # Without w1 the frame starts at w2.
    axis = jnp.where(size_one == 0, unit_two, unit_one)
    rest = unit_two - jnp.dot(axis, unit_two) * axis
    rest = rest - jnp.dot(axis, rest) * axis
    aside = length(rest)
    normal = rest / jnp.where(aside == 0, 1, aside)
    gap = jnp.arctan2(aside, jnp.dot(axis, unit_two))
    gap = jnp.where((size_one == 0) | (size_two == 0), 0, gap)
    return size_one, size_two, jnp.stack([axis, normal]), gap


def _sector(plane: PlaneArrays, start: Any, width: Any, vector: Any) -> tuple[jax.Array, jax.Array]:
    """Integrals of V(W.e) and T(W.e) e over one sector, over 2 pi."""
    size = length(vector)
    turn = jnp.arctan2(jnp.where(size == 0, 0, vector[1]), jnp.where(size == 0, 1, vector[0]))
    quarter = math.pi / 2
    offset = (start - turn) / quarter
    before = jnp.floor(offset)
    begin = (offset - before) * quarter
    # A sector is at most a half turn wide: it meets at most three quadrants of W.
    piece = jnp.arange(3, dtype=start.dtype)
    low = jnp.clip(begin - piece * quarter, 0, quarter)
    high = jnp.clip(begin + width - piece * quarter, 0, quarter)
    quadrants = jax.vmap(functools.partial(_quadrant, plane, size))
    parts = quadrants(low, high, jnp.mod(before + piece, 4))
    value, along, across = (jnp.sum(part) / (2 * math.pi) for part in parts)
    cos, sin = jnp.cos(turn), jnp.sin(turn)
    return value, jnp.stack([cos * along - sin * across, sin * along + cos * across])


def _quadrant(
    plane: PlaneArrays, size: Any, low: Any, high: Any, number: Any
) -> tuple[Any, Any, Any]:
    """Integrals over psi in quadrant ``number`` of W, from ``low`` to ``high`` past its start."""
    even = jnp.mod(number, 2) == 0
    quarter = math.pi / 2
    # Distance from the end where W.e = 0: quadrants 0 and 2 end there, 1 and 3 begin there.
    near = jnp.where(even, quarter - high, low)
    far = jnp.where(even, quarter - low, high)
    scale = SHARPNESS / jnp.maximum(size, 1)
    nodes, weights = (jnp.asarray(part, low.dtype) for part in gauss_legendre(NODES))
    left, right = jnp.arcsinh(near / scale), jnp.arcsinh(far / scale)
    s = left + (right - left) * nodes
    distance = scale * jnp.sinh(s)
    weight = weights * (right - left) * scale * jnp.cosh(s)
    side = jnp.where((number == 0) | (number == 3), 1.0, -1.0)  # sign of W.e
    upper = jnp.where(number < 2, 1.0, -1.0)  # sign of the component across W
    first, value = profile(plane, size * jnp.sin(distance))
    along = jnp.sum(weight * first * jnp.sin(distance))
    across = side * upper * jnp.sum(weight * first * jnp.cos(distance))
    return jnp.sum(weight * value), along, across
