r"""Two hidden nodes that disagree: :math:`f=\phi(w_1\cdot x)-\phi(w_2\cdot x)`.

With :math:`\phi(s)=\max(s,\alpha s)`, leak :math:`\alpha` and :math:`p=(1+\alpha)/2`, the logistic
population loss is, exactly,

.. math:: L=A(w_1,w_2)-p\,k\,v\cdot(w_1-w_2),\qquad A=E\ln2\cosh(f/2)

and A does not know the teacher: it is one angular integral in the plane of w1 and w2.

Source: that a two-hidden-node ReLU network is treated is Lin & Zhang 2021; this form, with outer
weights +1 and -1, is recalled, and the reduction is derived here.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.checks import Array
from ttlearn.directional.law import Law
from ttlearn.directional.running import log_time_flow
from ttlearn.directional.sectors import PlaneArrays, angular_integral, plane_arrays
from ttlearn.precision import in_float64
from ttlearn.records import Trajectory

Pair = tuple[jax.Array, jax.Array]


def two_node_kernel(
    law: Law | PlaneArrays, first: jax.Array, second: jax.Array, teacher: jax.Array, leak: Any
) -> tuple[jax.Array, Pair]:
    """Loss and minus its gradients in w1 and w2, as a kernel; takes a law or its plane's arrays.

    >>> from ttlearn.directional.laws import Sphere
    >>> pair = jnp.array([0.7, 1.1]), jnp.array([0.3, -2.0])
    >>> value, _ = two_node_kernel(Sphere(2), *pair, jnp.array([1.0, 0.0]), 0.0)
    >>> round(float(value), 4)
    0.7886
    """
    plane = law if isinstance(law, PlaneArrays) else plane_arrays(law)
    part = angular_integral(plane, first, second, leak)
    pull = (1 + leak) / 2 * plane.k
    value = part.value - pull * jnp.dot(teacher, first - second)
    return value, (pull * teacher - part.first, -pull * teacher - part.second)


@in_float64
def two_node_loss(
    law: Law, first: Any, second: Any, leak: float = 0.0, teacher: Any = None
) -> float:
    """Population loss of the two-node network.

    Arguments:
        law: the law of the data.
        first, second: w1 and w2, shape (d,).
        leak: negative-side slope, 0 (ReLU) to 1 (linear).
        teacher: v, shape (d,); the first unit vector by default.

    Raises:
        ValueError: on bad input.

    >>> from ttlearn.directional.laws import Gaussian
    >>> round(two_node_loss(Gaussian(), [0.7, 1.1], [0.3, -2.0], 0.2), 9)
    0.946344086
    """
    one, two, direction = _check_pair(law, first, second, teacher)
    arrays = (jnp.asarray(part) for part in (one, two, direction))
    return float(_kernel(plane_arrays(law), *arrays, checks.leak(leak))[0])


@in_float64
def two_node_gradient(
    law: Law, first: Any, second: Any, leak: float = 0.0, teacher: Any = None
) -> tuple[Array, Array]:
    """Gradients of the loss in w1 and in w2; see :func:`two_node_loss`.

    >>> from ttlearn.directional.laws import Sphere
    >>> two_node_gradient(Sphere(2), [0.7, 1.1], [0.3, -2.0])[0].round(6)
    array([-0.136981,  0.068177])
    """
    one, two, direction = _check_pair(law, first, second, teacher)
    arrays = (jnp.asarray(part) for part in (one, two, direction))
    forces = _kernel(plane_arrays(law), *arrays, checks.leak(leak))[1]
    return -np.asarray(forces[0]), -np.asarray(forces[1])


_kernel = jax.jit(two_node_kernel)
_kernel.__doc__ = None  # its doctest is the kernel's
_kernels = jax.jit(jax.vmap(two_node_kernel, in_axes=(None, 0, 0, None, None)))
_kernels.__doc__ = None


def two_node_flow(
    law: Law,
    first: Any,
    second: Any,
    times: Any,
    leak: float = 0.0,
    teacher: Any = None,
    *,
    rtol: float = 1e-9,
) -> Trajectory:
    """Gradient flow of the two-node network, in the plane or in any dimension.

    Do not trust transverse components below 1e-13 of the norms: use
    :func:`~ttlearn.directional.late_modes` there.

    Arguments:
        law: the law of the data.
        first, second: w1 and w2 at time 0, shape (d,), not zero.
        times: shape (K,); increasing, from 0 on.
        leak: negative-side slope, 0 (ReLU) to 1 (linear).
        teacher: v, shape (d,); the first unit vector by default.
        rtol: relative tolerance.

    Returns:
        A Trajectory with ``first`` and ``second`` (K, d); the angles ``first_angle`` of w1 to v,
        ``second_angle`` of w2 to -v, and ``boundary_angle`` of w1 - w2 to v.

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    >>> from ttlearn.directional.laws import Sphere
    >>> run = two_node_flow(Sphere(2), [1.0, 1.0], [-0.5, 0.3], [5.0], leak=0.1)
    >>> run["first"].round(6)
    array([[1.471296, 0.828349]])
    """
    one, two, direction = _check_pair(law, first, second, teacher)
    slope, times = checks.leak(leak), checks.times(times)
    if not (np.any(one) and np.any(two)):
        raise ValueError(
            "a neuron of zero weights is stationary only by the convention relu'(0) = 0 of "
            "autodiff, not by the flow; start it at a small vector"
        )
    run = log_time_flow(
        _field,
        (one, two),
        times,
        rtol=rtol,
        atol=1e-2 * rtol,
        max_steps=1_000_000,
        parameters=(plane_arrays(law), direction, np.float64(slope)),
    )
    one, two = run.states
    return _record(law, one, two, direction, slope, times)


def _field(log_time: Any, pair: Pair, plane: PlaneArrays, teacher: Any, leak: Any) -> Pair:
    stretch = jnp.exp(log_time)
    forces = two_node_kernel(plane, *pair, teacher, leak)[1]
    return stretch * forces[0], stretch * forces[1]


def _check_pair(law: Law, first: Any, second: Any, teacher: Any) -> tuple[Array, Array, Array]:
    one = checks.law_vector(first, "first", law)
    two = checks.vector(second, "second", one.size)
    direction = np.eye(one.size)[0] if teacher is None else checks.teacher(teacher, one.size)
    return one, two, direction


@in_float64
def _record(
    law: Law, first: Array, second: Array, teacher: Array, leak: float, times: Array
) -> Trajectory:
    arrays = (jnp.asarray(part) for part in (first, second, teacher))
    losses = _kernels(plane_arrays(law), *arrays, leak)[0]
    return Trajectory(
        times,
        {
            "first": first,
            "second": second,
            "first_angle": angle_to(first, teacher),
            "second_angle": angle_to(second, -teacher),
            "boundary_angle": angle_to(first - second, teacher),
        },
        np.asarray(losses),
        {"first": ("time", "coordinate"), "second": ("time", "coordinate")},
        {"time": "time", "law": law.name, "leak": leak, "precision": "float64"},
    )


def angle_to(vectors: Array, direction: Array) -> Array:
    """Angles of rows of vectors to a unit vector, exact near 0 and pi.

    >>> angle_to(np.array([[1.0, 1e-9]]), np.array([1.0, 0.0]))
    array([1.e-09])
    """
    along = vectors @ direction
    across = np.linalg.norm(vectors - along[:, None] * direction, axis=1)
    return np.asarray(np.arctan2(across, along))
