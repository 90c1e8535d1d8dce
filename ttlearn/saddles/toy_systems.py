"""The toy systems themselves: one hypothesis of the "almost never" theorem dropped at a time.

E1 the plain saddle; E2 a line of saddles; E3 curvature on one side only; E4 one step size that maps
an open set onto the saddle; E5 no negative curvature at all. E6 to E8 are slices of the real loss,
one ReLU neuron on [0, 1] with target x: E4 for a dead neuron, a minimum that is too sharp for the
step size, and E3 for a semi-inactive neuron.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import jax
import numpy as np
from numpy.typing import ArrayLike

from ttlearn.precision import float64
from ttlearn.saddles.dense import dense_gradient
from ttlearn.saddles.problem import FloatArray, Problem, join
from ttlearn.saddles.sweep import loss_kernel

RealLossCase = Literal["E6", "E7", "E8"]
UNIT = Problem()


@dataclasses.dataclass(frozen=True)
class Toy:
    """A function on R^d, a place in it, and the plane through that place that is looked at.

    Arguments:
        name: ``"E1"`` … ``"E8"``.
        formula: the function in words.
        lesson: what it shows.
        potential: points (..., d) to values (...).
        gradient: points (..., d) to gradients (..., d).
        rest: shape (d,), the place: a saddle, or a minimum.
        up: index of the coordinate that decides; drawn upwards.
        across: index of the coordinate drawn sideways; None where there is no second one.
        units: what 1 on the plane is, sideways and upwards.
        box: starts are drawn from [−box, box]², on the plane.
        distance: points (..., d) to what is 0 for those that are caught, by default the size of the
            coordinate ``up``.
        near: distance from which on a run counts as caught.
        axes: names of the plane's axes.
    """

    name: str
    formula: str
    lesson: str
    potential: Callable[[FloatArray], FloatArray]
    gradient: Callable[[FloatArray], FloatArray]
    rest: tuple[float, ...]
    up: int
    across: int | None = 0
    units: tuple[float, float] = (1.0, 1.0)
    box: float = 1.0
    distance: Callable[[FloatArray], FloatArray] | None = None
    near: float = 1e-3
    axes: tuple[str, str] = ("x", "y")

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.rest)

    @property
    def in_real_loss(self) -> bool:
        """A slice of the network's loss: the plane's second coordinate matters there."""
        return self.distance is not None

    def placed(self, across: ArrayLike, up: ArrayLike) -> FloatArray:
        """The points (..., d) at places of the plane.

        >>> TOYS["E8"].placed(0.5, 0.1).round(6).tolist()
        [-1.0, 0.01, 0.5, 0.5]
        """
        across, up = np.broadcast_arrays(np.asarray(across, float), np.asarray(up, float))
        points = np.tile(np.array(self.rest), (*up.shape, 1))
        if self.across is not None:
            points[..., self.across] += self.units[0] * across
        points[..., self.up] += self.units[1] * up
        return points

    def shown(self, points: FloatArray) -> FloatArray:
        """Where on the plane points (..., d) are drawn, shape (..., 2).

        >>> TOYS["E8"].shown(real_loss_case("E8")).round(6).tolist()
        [0.5, 0.1]
        """
        shift = points - np.array(self.rest)
        up = shift[..., self.up] / self.units[1]
        sideways = 0.0 * up if self.across is None else shift[..., self.across] / self.units[0]
        return np.stack([sideways, up], axis=-1)

    def distances(self, points: FloatArray) -> FloatArray:
        """How far from being caught points (..., d) are, shape (...).

        >>> TOYS["E1"].distances(np.array([3.0, -0.5])).item()
        0.5
        """
        if self.distance is not None:
            return self.distance(points)
        return np.asarray(np.abs(points[..., self.up]))


def _stack(*parts: FloatArray) -> FloatArray:
    return np.stack(parts, axis=-1)


def _trap_slope(y: FloatArray) -> FloatArray:
    size = np.abs(y)
    bent = np.where(size <= 0.5, -size, np.where(size >= 1.0, 2.0 * size, 5.0 * size - 3.0))
    return np.asarray(np.sign(y) * bent)


def _trap_potential(y: FloatArray) -> FloatArray:
    size = np.abs(y)
    middle = -0.125 + 2.5 * (size**2 - 0.25) - 3.0 * (size - 0.5)
    return np.where(size <= 0.5, -0.5 * size**2, np.where(size >= 1.0, size**2 - 0.75, middle))


@jax.jit
def _neuron_losses(points: Any) -> Any:
    return jax.vmap(lambda point: loss_kernel(UNIT, point))(points)


@jax.jit
def _neuron_slopes(points: Any) -> Any:
    return dense_gradient(UNIT, points.T).T


def _real_loss(points: FloatArray) -> FloatArray:
    with float64():
        return np.asarray(_neuron_losses(points.reshape(-1, 4))).reshape(points.shape[:-1])


def _real_gradient(points: FloatArray) -> FloatArray:
    with float64():
        return np.asarray(_neuron_slopes(points.reshape(-1, 4))).reshape(points.shape)


def real_loss_case(name: RealLossCase, size: float = 2.0) -> FloatArray:
    """The start of a toy case inside the real loss (Problem(), one neuron).

    ``"E6"``: a dead neuron; at step size 1/(2 length) the output bias jumps onto the plateau's
    minimum. ``"E7"``: the sharp global minimum (1/size, 1/2, size, −size/2), which gradient descent
    leaves when 2/step size is below its largest eigenvalue. ``"E8"``: just beside a semi-inactive
    neuron of the sign that keeps it dead: a local minimum without a Hessian that attracts.

    Raises:
        ValueError: for an unknown case or a size <= 0.

    >>> real_loss_case("E7").tolist()
    [0.5, 0.5, 2.0, -1.0]
    """
    if not (np.isfinite(size) and size > 0):
        raise ValueError(f"size is {size}; a positive number is needed")
    cases = {
        "E6": (-1.0, -0.5, 1.0, 0.1),
        "E7": (1.0 / size, 0.5, size, -0.5 * size),
        "E8": (-1.0, 0.01, 0.5, UNIT.mean_target),
    }
    if name not in cases:
        raise ValueError(f"no case {name!r}; there are {', '.join(cases)}")
    return join(*cases[name])


_SHARP = real_loss_case("E7")


def _activity(points: FloatArray) -> FloatArray:
    """The largest value of w x + b on [0, 1], or 0 for a dead neuron."""
    at_left = points[..., 1]
    return np.maximum(0.0, np.maximum(at_left, points[..., 0] + at_left))


_ABSTRACT = (
    Toy(
        "E1",
        "f = (x² − y²)/2",
        "the stable set of the saddle is the x-axis: a null set",
        lambda p: 0.5 * (p[..., 0] ** 2 - p[..., 1] ** 2),
        lambda p: _stack(p[..., 0], -p[..., 1]),
        (0.0, 0.0),
        up=1,
    ),
    Toy(
        "E2",
        "f = (x² − y²)/2 on R³",
        "a line of saddles: uncountably many null sets, covered by countably many balls",
        lambda p: 0.5 * (p[..., 0] ** 2 - p[..., 1] ** 2),
        lambda p: _stack(p[..., 0], -p[..., 1], 0.0 * p[..., 2]),
        # Seen from the side: x shrinks anyway, and starts away from 0.
        (0.3, 0.0, 0.0),
        up=1,
        across=2,
        axes=("z", "y"),
    ),
    Toy(
        "E3",
        "f = x²/2 + y|y|/2",
        "curvature on one side only: the saddle attracts a half-plane",
        lambda p: 0.5 * (p[..., 0] ** 2 + p[..., 1] * np.abs(p[..., 1])),
        lambda p: _stack(p[..., 0], np.abs(p[..., 1])),
        (0.0, 0.0),
        up=1,
    ),
    Toy(
        "E4",
        "f = x²/2 + p(y), p' = −y near 0 and 2y from |y| = 1 on",
        "step size 1/2 maps all |y| >= 1 exactly onto the saddle",
        lambda p: 0.5 * p[..., 0] ** 2 + _trap_potential(p[..., 1]),
        lambda p: _stack(p[..., 0], _trap_slope(p[..., 1])),
        (0.0, 0.0),
        up=1,
        box=2.0,
    ),
    Toy(
        "E5",
        "f = y³",
        "no negative curvature: the saddle attracts a set of positive measure",
        lambda p: p[..., 0] ** 3,
        lambda p: 3.0 * p**2,
        (0.0,),
        up=0,
        across=None,
    ),
)
_REAL = (
    Toy(
        "E6",
        "the real loss, one neuron: bias and output bias",
        "step size 1/2 maps every dead network onto the plateau's minimum at once",
        _real_loss,
        _real_gradient,
        (-1.0, 0.0, 1.0, 0.5),
        up=3,
        across=1,
        distance=lambda p: np.maximum(np.abs(p[..., 3] - UNIT.mean_target), _activity(p)),
        near=1e-6,
        axes=("bias", "output bias − 1/2"),
    ),
    Toy(
        "E7",
        "the real loss, one neuron, beside a sharp minimum: bias and output bias",
        "a minimum with curvature above 2/step size repels like a saddle",
        _real_loss,
        _real_gradient,
        tuple(_SHARP.tolist()),
        up=3,
        across=1,
        units=(0.02, 0.02),
        distance=lambda p: np.linalg.norm(p - _SHARP, axis=-1),
        near=0.05,
        axes=("bias − 1/2, in fiftieths", "output bias + 1, in fiftieths"),
    ),
    Toy(
        "E8",
        "the real loss, one neuron at the edge of death: outer weight and bias",
        "the edge attracts from above where the outer weight is positive: an open set dies",
        _real_loss,
        _real_gradient,
        (-1.0, 0.0, 0.0, 0.5),
        up=1,
        across=2,
        units=(1.0, 0.1),
        distance=_activity,
        near=5e-3,
        axes=("outer weight", "bias, in tenths"),
    ),
)

TOYS: Mapping[str, Toy] = MappingProxyType({toy.name: toy for toy in (*_ABSTRACT, *_REAL)})


def find_toy(name: str) -> Toy:
    """The toy system called ``name``, or a refusal that lists them."""
    if name not in TOYS:
        raise ValueError(f"no toy system {name!r}; there are {', '.join(TOYS)}")
    return TOYS[name]
