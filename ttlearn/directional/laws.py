"""The classical spherically symmetric laws: Gaussian, sphere and ball, with their constants."""

from __future__ import annotations

import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional.law import Law
from ttlearn.directional.quadrature import Array, dyadic_rule
from ttlearn.dynamics.checks import check_count

LARGEST_DIMENSION = 100_000


def _sphere_alignment(dimension: int) -> float:
    ratio = math.lgamma(dimension / 2) - math.lgamma((dimension + 1) / 2)
    return math.exp(ratio) / (2 * math.sqrt(math.pi))


def _sphere_density_at_zero(dimension: int) -> float:
    ratio = math.lgamma(dimension / 2) - math.lgamma((dimension - 1) / 2)
    return math.exp(ratio) / math.sqrt(math.pi)


@functools.lru_cache(maxsize=64)
def _sphere_line_rule(dimension: int) -> tuple[Array, Array]:
    density = 2 * _sphere_density_at_zero(dimension)
    t, weights = dyadic_rule(math.pi / 2, lambda t: density * np.cos(t) ** (dimension - 2))
    return np.sin(t), weights


@functools.lru_cache(maxsize=64)
def _sphere_plane_rule(dimension: int) -> tuple[Array, Array]:
    if dimension == 2:
        return np.ones(1), np.ones(1)
    # r = sin(t): the density (d-2) r (1-r^2)^((d-4)/2) loses its pole at r = 1.
    t, weights = dyadic_rule(
        math.pi / 2, lambda t: (dimension - 2) * np.sin(t) * np.cos(t) ** (dimension - 3)
    )
    return np.sin(t), weights


@functools.lru_cache(maxsize=1)
def _gaussian_line_rule() -> tuple[Array, Array]:
    return dyadic_rule(10.0, lambda x: 2 / math.sqrt(2 * math.pi) * np.exp(-x * x / 2))


@functools.lru_cache(maxsize=1)
def _gaussian_plane_rule() -> tuple[Array, Array]:
    # The trapezoid rule in ln r is exponentially accurate: the integrand dies at both ends.
    step = 0.05
    r = np.exp(step * np.arange(-440, 53))
    return r, step * r * r * np.exp(-r * r / 2)


@dataclasses.dataclass(frozen=True)
class Gaussian(Law):
    """Standard normal data in ``dimension`` coordinates; the constants do not depend on it.

    >>> Gaussian().tail
    0.6562337477384341
    """

    dimension: int = 2

    def __post_init__(self) -> None:
        check_count(self.dimension, "dimension", 2, LARGEST_DIMENSION)

    @property
    def plane_radius(self) -> float:
        return math.sqrt(math.pi / 2)

    @property
    def density_at_zero(self) -> float:
        return 1 / math.sqrt(2 * math.pi)

    @property
    def second_moment(self) -> float:
        return 1.0

    @property
    def tail_correction(self) -> float:
        return 7 * math.pi**2 / 20

    def line_rule(self) -> tuple[Array, Array]:
        return _gaussian_line_rule()

    def plane_rule(self) -> tuple[Array, Array]:
        return _gaussian_plane_rule()

    def sample(self, key: jax.Array, count: int) -> jax.Array:
        return jax.random.normal(key, (count, self.dimension))


@dataclasses.dataclass(frozen=True)
class Sphere(Law):
    """Uniform on the unit sphere of ``dimension`` coordinates; 2 is the circle.

    >>> round(Sphere(10).plane_radius, 12)
    0.406349206349
    """

    dimension: int = 2

    def __post_init__(self) -> None:
        check_count(self.dimension, "dimension", 2, LARGEST_DIMENSION)

    @property
    def plane_radius(self) -> float:
        return math.pi * _sphere_alignment(self.dimension)

    @property
    def density_at_zero(self) -> float:
        return _sphere_density_at_zero(self.dimension)

    @property
    def second_moment(self) -> float:
        return 1 / self.dimension

    @property
    def tail_correction(self) -> float:
        return 7 * math.pi**2 * (self.dimension - 3) / 20

    def line_rule(self) -> tuple[Array, Array]:
        return _sphere_line_rule(self.dimension)

    def plane_rule(self) -> tuple[Array, Array]:
        return _sphere_plane_rule(self.dimension)

    def sample(self, key: jax.Array, count: int) -> jax.Array:
        points = jax.random.normal(key, (count, self.dimension))
        return points / jnp.linalg.norm(points, axis=1, keepdims=True)


@dataclasses.dataclass(frozen=True)
class Ball(Law):
    """Uniform in the unit ball of ``dimension`` coordinates.

    Its projections are those of the sphere with two coordinates more (Archimedes).

    >>> Ball(2).k == Sphere(4).k
    True
    """

    dimension: int = 2

    def __post_init__(self) -> None:
        check_count(self.dimension, "dimension", 2, LARGEST_DIMENSION)

    @property
    def _shell(self) -> Sphere:
        return Sphere(self.dimension + 2)

    @property
    def plane_radius(self) -> float:
        return self._shell.plane_radius

    @property
    def density_at_zero(self) -> float:
        return self._shell.density_at_zero

    @property
    def second_moment(self) -> float:
        return self._shell.second_moment

    @property
    def tail_correction(self) -> float:
        return self._shell.tail_correction

    def line_rule(self) -> tuple[Array, Array]:
        return self._shell.line_rule()

    def plane_rule(self) -> tuple[Array, Array]:
        return self._shell.plane_rule()

    def sample(self, key: jax.Array, count: int) -> jax.Array:
        direction, radius = jax.random.split(key)
        points = Sphere(self.dimension).sample(direction, count)
        uniform = jax.random.uniform(radius, (count, 1))
        return points * uniform ** (1 / self.dimension)
