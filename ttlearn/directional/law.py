r"""Spherically symmetric laws of the data, with the three functions through which they act.

For a law with first coordinate :math:`x_1`, everything the dynamics need is

.. math:: g(\rho)=E[|x_1|\sigma(-\rho|x_1|)],\quad h(\rho)=E\ln(1+e^{-\rho|x_1|}),\quad
          m(\rho)=E[|x_1|\tanh(\rho|x_1|/2)]/(2\rho)

and a few constants. ``g`` pulls the norm outwards at alignment, ``h`` is the loss there, and the
gradient of the loss is ``m w - k v``.

Given a JAX array these are kernels that follow its precision; given a number or a NumPy array
they compute in float64 and return NumPy. ``arrays`` hands a law to a compiled program.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.arrays import LawArrays, RuleArrays
from ttlearn.directional.quadrature import Array

Kernel = Callable[[Any, Any], Any]


def kernel_or_float64(kernel: Kernel) -> Kernel:
    """Let a kernel of one norm, written for JAX and NumPy, take plain numbers too: in float64."""

    @functools.wraps(kernel)
    def wrapper(self: Any, norm: Any) -> Any:
        if isinstance(norm, jax.Array):
            return kernel(self, norm)
        array = np.asarray(norm, dtype=np.float64)
        if np.any(~np.isfinite(array)) or np.any(array < 0):
            raise ValueError(f"norm is {norm}; finite numbers from 0 on needed")
        return np.asarray(kernel(self, array))[()]

    return wrapper


class Law:
    """A spherically symmetric law: ``Gaussian``, ``Sphere``, ``Ball``, ``HeavyCentre``.

    A law gives ``line_rule`` (nodes and weights for :math:`E F(|x_1|)`), ``plane_rule`` (the same
    for the length of the projection on a plane), its constants and ``sample``.
    """

    dimension: int

    @property
    def name(self) -> str:
        """What figures call the law."""
        return repr(self)

    @property
    def plane_radius(self) -> float:
        """c0 = E r, the mean length of the projection on a plane."""
        raise NotImplementedError

    @property
    def density_at_zero(self) -> float:
        """f0, the density of one coordinate at 0; also E[1/r]/pi."""
        raise NotImplementedError

    @property
    def second_moment(self) -> float:
        """E[x_1^2]."""
        raise NotImplementedError

    @property
    def tail_correction(self) -> float:
        r"""kappa in :math:`g=(K/\rho^2)(1-\kappa/\rho^2+\dots)`."""
        raise NotImplementedError

    @property
    def k(self) -> float:
        r"""Strength of the tangential force: :math:`E[yx]=2kv`, :math:`k=E|x_1|/2=c_0/\pi`."""
        return self.plane_radius / math.pi

    @property
    def tail(self) -> float:
        r"""K in :math:`g\sim K\rho^{-2}`: :math:`\pi^2f_0/6`."""
        return math.pi**2 * self.density_at_zero / 6

    @property
    def tail_exponent(self) -> float:
        r"""The q in :math:`g\sim K\rho^{-q}`: 2 unless the law is heavy near the origin."""
        return 2.0

    def line_rule(self) -> tuple[Array, Array]:
        """Nodes and weights with E F(|x_1|) = sum of weights * F(nodes)."""
        raise NotImplementedError

    def plane_rule(self) -> tuple[Array, Array]:
        """Nodes and weights with E F(r) = sum of weights * F(nodes)."""
        raise NotImplementedError

    def sample(self, key: jax.Array, count: int) -> jax.Array:
        """``count`` independent points, shape (count, dimension)."""
        raise NotImplementedError

    def arrays(self) -> LawArrays:
        """The law as arrays, for compiled programs: one program serves all laws."""
        return RuleArrays(*self.line_rule(), self.k)

    @kernel_or_float64
    def g(self, norm: Any) -> Any:
        r"""Outward pull on the norm at alignment, :math:`E[|x_1|\sigma(-\rho|x_1|)]`.

        >>> from ttlearn.directional.laws import Gaussian
        >>> round(float(Gaussian().g(1.0)), 12)
        0.19232131626
        """
        return self.arrays().g(norm)

    @kernel_or_float64
    def h(self, norm: Any) -> Any:
        r"""Loss at alignment, :math:`E\ln(1+e^{-\rho|x_1|})`; its derivative is ``-g``.

        >>> from ttlearn.directional.laws import Gaussian
        >>> round(float(Gaussian().h(0.0)), 12)
        0.69314718056
        """
        return self.arrays().h(norm)

    @kernel_or_float64
    def m(self, norm: Any) -> Any:
        r"""Shrinking rate of the weights, :math:`(k-g)/\rho` without its cancellation.

        Computed as :math:`E[x_1^2\,\tanh(z)/z]/4`, :math:`z=\rho|x_1|/2`, regular at 0.

        >>> from ttlearn.directional.laws import Sphere
        >>> round(float(Sphere(2).m(0.0)), 12)
        0.125
        """
        return self.arrays().m(norm)

    def scaled(self, radius: float) -> Scaled:
        """The law of ``radius * x``."""
        return Scaled(self, radius)


@dataclasses.dataclass(frozen=True)
class Scaled(Law):
    r"""The law of ``radius * x`` for x of another law: :math:`g_R(\rho)=R\,g(R\rho)`.

    >>> from ttlearn.directional.laws import Sphere
    >>> round(float(Scaled(Sphere(2), 3.0).g(1.0) / Sphere(2).g(3.0)), 12)
    3.0
    """

    law: Law
    radius: float

    def __post_init__(self) -> None:
        checks.positive(self.radius, "radius")

    @property
    def dimension(self) -> int:  # type: ignore[override]
        return self.law.dimension

    @property
    def plane_radius(self) -> float:
        return self.radius * self.law.plane_radius

    @property
    def density_at_zero(self) -> float:
        return self.law.density_at_zero / self.radius

    @property
    def second_moment(self) -> float:
        return self.radius**2 * self.law.second_moment

    @property
    def tail(self) -> float:
        return self.law.tail * self.radius ** (1 - self.law.tail_exponent)

    @property
    def tail_exponent(self) -> float:
        return self.law.tail_exponent

    @property
    def tail_correction(self) -> float:
        return self.law.tail_correction / self.radius**2

    def line_rule(self) -> tuple[Array, Array]:
        nodes, weights = self.law.line_rule()
        return self.radius * nodes, weights

    def plane_rule(self) -> tuple[Array, Array]:
        nodes, weights = self.law.plane_rule()
        return self.radius * nodes, weights

    def sample(self, key: jax.Array, count: int) -> jax.Array:
        return self.radius * self.law.sample(key, count)


AnyLaw = Law | LawArrays
