"""Propositions 1 to 3 and Lemma 1: what the loss and its force are, before anything moves."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional.checks import Array
from ttlearn.directional.claims.common import (
    DERIVED,
    PAPER,
    SQUEEZED,
    SQUEEZED_NAME,
    TEACHER,
    Text,
    direct_force,
    make,
)
from ttlearn.directional.exponential import exponential_force
from ttlearn.directional.law import AnyLaw, Law
from ttlearn.directional.laws import Gaussian, Sphere
from ttlearn.directional.linear import force, loss
from ttlearn.precision import in_float64
from ttlearn.records import Claim

TOLERANCE = 1e-10


def _points(largest: float = 20.0) -> Array:
    """Vectors of several norms and angles in the plane."""
    norms = np.geomspace(0.1, largest, 6)
    angles = np.linspace(0.05, math.pi - 0.05, 7)
    return np.array([[r * math.cos(a), r * math.sin(a)] for r in norms for a in angles])


PROPOSITION_1: Text = (
    "Proposition 1",
    "The population loss is convex, E|x|-Lipschitz and lambda_max(E xx^T)/4-smooth, and not "
    "strongly convex.",
    f"{PAPER}, Proposition 1",
    "paper",
)


@jax.jit
def _derivatives(law: AnyLaw, points: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Gradient and Hessian of the loss at each of the points, by autodiff."""

    def at(point: jax.Array) -> tuple[jax.Array, jax.Array]:
        slope = jax.grad(lambda w: loss(law, w, jnp.asarray(TEACHER)))
        return slope(point), jax.jacfwd(slope)(point)

    return jax.vmap(at)(points)


@in_float64
def proposition_1(law: Law) -> Claim:
    """Convexity, slope and curvature of the loss, at 42 points of the plane."""
    slopes, hessians = map(np.asarray, _derivatives(law.arrays(), _points()))
    curvatures = np.linalg.eigvalsh(hessians)
    steepest = float(np.linalg.norm(slopes, axis=1).max())
    margins = [
        law.plane_radius - steepest,
        law.second_moment / 4 - curvatures.max(),
        curvatures.min(),
        1e-2 * law.second_moment - curvatures.min(),
    ]
    return make(
        PROPOSITION_1,
        ("the loss is logistic and the law spherically symmetric", 1.0),
        ("slope and curvature stay within bounds; the least curvature is nearly 0", min(margins)),
        law=law.name,
    )


def proposition_1_exponential() -> Claim:
    """Without the logistic loss: the exponential loss is not Lipschitz."""
    law = Gaussian()
    steepest = math.hypot(*exponential_force(law, 1.5, 2.0))
    return make(
        PROPOSITION_1,
        ("the loss is logistic", -1.0),
        ("slope at most E|x|", law.plane_radius - steepest),
        law=law.name,
        loss="exponential",
    )


PROPOSITION_2: Text = (
    "Proposition 2",
    "v.grad L is negative everywhere, so v.w increases and |w| is unbounded.",
    f"{PAPER}, Proposition 2",
    "paper",
)


def proposition_2(law: Law, flip: float = 0.0) -> Claim:
    """The force along the teacher at 42 points; ``flip`` drops the honest labels."""
    lost = 2 * flip * law.k
    along = [direct_force(law, w)[0] - lost for w in _points(50.0)]
    return make(
        PROPOSITION_2,
        ("no label is flipped", -flip if flip else 1.0),
        ("-v.grad L is positive", min(along)),
        law=law.name,
        flip=flip,
    )


PROPOSITION_3: Text = (
    "Proposition 3",
    "On the teacher's ray the gradient is -E[|x_1|/(1+e^{r|x_1|})] v, and everywhere its length is "
    "at most 2 c0/pi (the printed bound is c0).",
    f"{PAPER}, Proposition 3; the sharp bound is {DERIVED}",
    "paper",
)


def proposition_3(law: Law) -> Claim:
    """The gradient on the ray and its largest length, by direct summation."""
    longest = max(float(np.linalg.norm(direct_force(law, w))) for w in _points(50.0))
    ray = [direct_force(law, np.array([r, 0.0])) - [law.g(r), 0.0] for r in (0.1, 1.0, 5.0)]
    error = max(float(np.abs(part).max()) for part in ray)
    return make(
        PROPOSITION_3,
        ("the law is spherically symmetric", 1.0),
        (
            "the gradient on the ray is g, and the length is at most 2k",
            min(2 * law.k - longest, TOLERANCE - error),
        ),
        law=law.name,
    )


def proposition_3_anisotropic() -> Claim:
    """Without symmetry the bound by the teacher's own constant fails."""
    law = Gaussian()
    longest = float(np.linalg.norm(direct_force(law, np.array([0.0, -50.0]), SQUEEZED)))
    return make(
        PROPOSITION_3,
        ("the law is spherically symmetric", -1.0),
        ("the length of the gradient is at most 2k", 2 * law.k - longest),
        law=SQUEEZED_NAME,
    )


LEMMA_1: Text = (
    "Lemma 1",
    "The tangential force is (c0/pi) sin(theta), the same for every spherically symmetric law: "
    "(I - ww^T)(-grad L) = (c0/pi)(I - ww^T) v for the unit vector w.",
    f"{PAPER}, Lemma 1",
    "paper",
)


def lemma_1(law: Law, covariance: Array | None = None) -> Claim:
    """The tangential force by direct summation, at moderate norms."""
    error = 0.0
    for w in _points(8.0):
        unit = w / np.linalg.norm(w)
        found = direct_force(law, w, covariance)
        tangent = np.array([-unit[1], unit[0]])
        error = max(error, abs(float(tangent @ (found - law.k * TEACHER))))
    return make(
        LEMMA_1,
        ("the law is spherically symmetric", 1.0 if covariance is None else -1.0),
        (f"the difference is below {TOLERANCE:g}", TOLERANCE - error),
        law=law.name if covariance is None else SQUEEZED_NAME,
    )


MASTER: Text = (
    "Master identity",
    "The logistic loss is L = E ln 2cosh(f/2) - E[yf]/2: labels enter through one linear "
    "functional only, and -grad L = k v - m(|w|) w.",
    DERIVED,
    "derived",
)


@in_float64
def master_identity(law: Law, covariance: Array | None = None) -> Claim:
    """The reduced force against direct summation of E[y x sigma(-y w.x)]."""
    points = _points(8.0)
    reduced = np.asarray(_forces(law.arrays(), points))
    direct = np.array([direct_force(law, w, covariance) for w in points])
    error = float(np.abs(reduced - direct).max())
    return make(
        MASTER,
        ("the law is spherically symmetric", 1.0 if covariance is None else -1.0),
        (f"the forces differ by less than {TOLERANCE:g}", TOLERANCE - error),
        law=law.name if covariance is None else SQUEEZED_NAME,
    )


@jax.jit
def _forces(law: AnyLaw, points: jax.Array) -> jax.Array:
    return jax.vmap(lambda w: force(law, w, jnp.asarray(TEACHER)))(points)


def satisfied() -> list[Claim]:
    """Every statement of this module on cases that meet its hypothesis."""
    laws = (Gaussian(), Sphere(2))
    found = [check(law) for law in laws for check in (proposition_1, proposition_2)]
    found += [check(law) for law in laws for check in (proposition_3, lemma_1, master_identity)]
    return found


def broken() -> list[Claim]:
    """One hypothesis dropped at a time."""
    return [
        proposition_1_exponential(),
        proposition_2(Gaussian(), flip=0.1),
        proposition_3_anisotropic(),
        lemma_1(Gaussian(), SQUEEZED),
        master_identity(Gaussian(), SQUEEZED),
    ]
