"""One step of an explicit method with an error estimate: Dormand-Prince 5(4) and RKC2.

A stepper advances a pytree state and says how wrong it may be; :mod:`ttlearn.dynamics.flow` decides
how long the step is. Both are pure and follow the dtype of the state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

State = Any
Field = Callable[..., State]
Scalar = Any


class Attempt(NamedTuple):
    """A step that was tried: the new state, the field there, the error, the field evaluations."""

    state: State
    slope: State
    error: State
    evaluations: Scalar


class Stepper(Protocol):
    """What the step-size control needs to know of a method."""

    error_order: int
    """The error estimate shrinks like step^error_order."""

    def start(self, state: State) -> Any:
        """The method's memory before the first step."""

    def prepare(
        self, field: Field, time: Scalar, state: State, slope: State, memory: Any, rtol: Scalar
    ) -> tuple[Any, Scalar, Scalar]:
        """Update the memory; return it, the longest stable step and the evaluations spent."""

    def attempt(
        self, field: Field, time: Scalar, state: State, slope: State, step: Scalar, memory: Any
    ) -> Attempt:
        """Try one step of length ``step``."""

    def after(self, memory: Any, accepted: Scalar) -> Any:
        """Update the memory once it is known whether the step was accepted."""


def _padded(rows: tuple[tuple[float, ...], ...], width: int) -> np.ndarray:
    """Rows of different lengths as a matrix, zeros behind them."""
    return np.array([(*row, *[0.0] * (width - len(row))) for row in rows])


def _weighted_sum(weights: Any, arrays: Any) -> Any:
    """sum_i weights_i arrays_i, as products and sums: a matrix product may round more coarsely."""
    return jnp.sum(weights.reshape(-1, *[1] * (arrays.ndim - 1)) * arrays, axis=0)


def norm(state: State) -> Scalar:
    """Euclidean norm of all leaves together."""
    return jnp.sqrt(sum(jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(state)))


class DormandPrince:
    """Dormand-Prince 5(4), FSAL, with local extrapolation.

    Source: Dormand & Prince 1980, J. Comput. Appl. Math. 6, 19-26.
    """

    error_order = 5

    nodes = np.array([1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0])
    rows = _padded(
        (
            (1 / 5,),
            (3 / 40, 9 / 40),
            (44 / 45, -56 / 15, 32 / 9),
            (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
            (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
            (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
        ),
        7,
    )
    error_weights = np.array(
        [71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]
    )

    def start(self, state: State) -> Any:
        return ()

    def prepare(
        self, field: Field, time: Scalar, state: State, slope: State, memory: Any, rtol: Scalar
    ) -> tuple[Any, Scalar, Scalar]:
        return memory, jnp.full_like(time, jnp.inf), jnp.int32(0)

    def attempt(
        self, field: Field, time: Scalar, state: State, slope: State, step: Scalar, memory: Any
    ) -> Attempt:
        dtype, count = step.dtype, len(self.nodes)
        nodes, rows = jnp.asarray(self.nodes, dtype), jnp.asarray(self.rows, dtype)

        def combine(weights: Any, slopes: State) -> State:
            return jax.tree.map(lambda k: step * _weighted_sum(weights, k), slopes)

        def body(number: Any, carry: Any) -> Any:
            slopes, _ = carry
            stage = jax.tree.map(jnp.add, state, combine(rows[number], slopes))
            new = field(time + nodes[number] * step, stage)
            return jax.tree.map(lambda k, f: k.at[number + 1].set(f), slopes, new), stage

        # A loop over the stages: the field is compiled once and not six times.
        slopes = jax.tree.map(
            lambda k: jnp.zeros((count + 1, *k.shape), k.dtype).at[0].set(k), slope
        )
        slopes, stage = lax.fori_loop(0, count, body, (slopes, state))
        error = combine(jnp.asarray(self.error_weights, dtype), slopes)
        last = jax.tree.map(lambda k: k[-1], slopes)
        return Attempt(stage, last, error, jnp.int32(count))

    def after(self, memory: Any, accepted: Scalar) -> Any:
        return memory


class ChebyshevMemory(NamedTuple):
    """RKC2's estimate of the spectral radius, the direction it was seen in, and its age."""

    direction: State
    radius: Scalar
    age: Scalar


class RungeKuttaChebyshev:
    """RKC2: second order, explicit, with as many stages as the stiffness asks for.

    s stages are stable on the negative real axis up to about 0.65 (s^2 - 1), so the cost grows
    with the square root of the stiffness. For problems with a spectrum near the negative real
    axis, as gradient flows have. The spectral radius is found by the nonlinear power method and
    refreshed every ``refresh`` accepted steps and after each rejected one.

    Source: Sommeijer, Shampine & Verwer 1998, J. Comput. Appl. Math. 88, 315-326.
    """

    error_order = 3
    damping = 2 / 13
    refresh = 20
    power_iterations = 50

    def start(self, state: State) -> ChebyshevMemory:
        dtype = jax.tree.leaves(state)[0].dtype
        direction = jax.tree.map(jnp.zeros_like, state)
        return ChebyshevMemory(direction, jnp.zeros((), dtype), jnp.int32(self.refresh))

    def prepare(
        self,
        field: Field,
        time: Scalar,
        state: State,
        slope: State,
        memory: ChebyshevMemory,
        rtol: Scalar,
    ) -> tuple[ChebyshevMemory, Scalar, Scalar]:
        memory, evaluations = self._spectral_radius(field, time, state, slope, memory)
        # Rounding errors grow like s^2 times the unit roundoff; more stages would drown rtol.
        limits = jnp.finfo(memory.radius.dtype)
        most = jnp.maximum(2.0, jnp.sqrt(rtol / (10 * limits.eps)))
        longest = (most * most - 1) / (1.54 * jnp.maximum(memory.radius, limits.tiny))
        return memory, longest.astype(memory.radius.dtype), evaluations

    def attempt(
        self,
        field: Field,
        time: Scalar,
        state: State,
        slope: State,
        step: Scalar,
        memory: ChebyshevMemory,
    ) -> Attempt:
        stages = 1 + jnp.floor(jnp.sqrt(1 + 1.54 * step * memory.radius)).astype(jnp.int32)
        stages = jnp.maximum(stages, 2)
        new = self._stages(field, time, state, slope, step, stages)
        new_slope = field(time + step, new)
        error = jax.tree.map(
            lambda y0, y1, f0, f1: 0.8 * (y0 - y1) + 0.4 * step * (f0 + f1),
            *(state, new, slope, new_slope),
        )
        return Attempt(new, new_slope, error, stages)

    def after(self, memory: ChebyshevMemory, accepted: Scalar) -> ChebyshevMemory:
        return memory._replace(age=jnp.where(accepted, memory.age + 1, jnp.int32(self.refresh)))

    def _stages(
        self,
        field: Field,
        time: Scalar,
        state: State,
        slope: State,
        step: Scalar,
        stages: Scalar,
    ) -> State:
        dtype = step.dtype
        one = jnp.ones((), dtype)
        w0, w1 = self._chebyshev_weights(stages, dtype)
        b2 = 1 / (4 * w0 * w0)  # T2'' / T2'^2, shared by the first three stages
        first = b2 * w1

        def body(j: Any, carry: Any) -> Any:
            before, last, c_before, c_last, b_before, b_last, t, dt, ddt = carry
            (t0, t1), (d0, d1), (e0, e1) = t, dt, ddt
            t2 = 2 * w0 * t1 - t0
            d2 = 2 * t1 + 2 * w0 * d1 - d0
            e2 = 4 * d1 + 2 * w0 * e1 - e0
            b = e2 / (d2 * d2)
            mu, nu, weight = 2 * w0 * b / b_last, -b / b_before, 2 * w1 * b / b_last
            gamma = -weight * (1 - b_last * t1)
            last_slope = field(time + c_last * step, last)
            new = jax.tree.map(
                lambda y0, y1, y2, f1, f0: (
                    (1 - mu - nu) * y0 + mu * y1 + nu * y2 + step * (weight * f1 + gamma * f0)
                ),
                *(state, last, before, last_slope, slope),
            )
            c = mu * c_last + nu * c_before + weight + gamma
            return last, new, c_last, c, b_last, b, (t1, t2), (d1, d2), (e1, e2)

        stage_one = jax.tree.map(lambda y, f: y + step * first * f, state, slope)
        carry = (
            *(state, stage_one, 0 * one, first, b2, b2),
            *((one, w0), (0 * one, one), (0 * one, 0 * one)),
        )
        return lax.fori_loop(2, stages + 1, body, carry)[1]

    def _chebyshev_weights(self, stages: Scalar, dtype: Any) -> tuple[Scalar, Scalar]:
        """w0 = 1 + damping / s^2 and w1 = T_s'(w0) / T_s''(w0), by the closed forms of T_s."""
        s = stages.astype(dtype)
        excess = self.damping / (s * s)
        w0 = 1 + excess
        # w0^2 - 1 without cancellation.
        square = excess * (2 + excess)
        root = jnp.sqrt(square)
        angle = jnp.log1p(excess + root)
        t = jnp.cosh(s * angle)
        slope = s * jnp.sinh(s * angle) / root
        curvature = (s * s * t - w0 * slope) / square
        return w0, slope / curvature

    def _spectral_radius(
        self, field: Field, time: Scalar, state: State, slope: State, memory: ChebyshevMemory
    ) -> tuple[ChebyshevMemory, Scalar]:
        dtype = memory.radius.dtype
        size = norm(state)
        nudge = jnp.sqrt(jnp.finfo(dtype).eps) * jnp.where(size > 0, size, 1)

        def unsettled(carry: Any) -> Any:
            _, radius, previous, count = carry
            stale = memory.age >= self.refresh
            settled = (jnp.abs(radius - previous) <= 0.01 * radius) & (count >= 2)
            return stale & ~settled & (count < self.power_iterations)

        def iterate(carry: Any) -> Any:
            direction, radius, _, count = carry
            length = norm(direction)
            scale = nudge / jnp.where(length > 0, length, 1)
            nudged = jax.tree.map(lambda y, v: y + scale * v, state, direction)
            change = jax.tree.map(jnp.subtract, field(time, nudged), slope)
            return change, norm(change) / nudge, radius, count + 1

        # Near a rest point the slope is too small to point anywhere: mix in a fixed wave, which
        # has a share in nearly every eigenvector.
        length, known = norm(slope), norm(memory.direction) > 0
        wave = _wave(state)
        start = jax.tree.map(
            lambda v, f, w: jnp.where(
                known, v, f / jnp.where(length > 0, length, 1) + w / norm(wave)
            ),
            *(memory.direction, slope, wave),
        )
        zero = jnp.zeros((), dtype)
        direction, radius, _, count = lax.while_loop(
            unsettled, iterate, (start, zero, zero, jnp.int32(0))
        )
        ran = count > 0
        fresh = ChebyshevMemory(direction, 1.2 * radius, jnp.int32(0))
        return jax.tree.map(lambda new, old: jnp.where(ran, new, old), fresh, memory), count


def _wave(state: State) -> State:
    leaves, structure = jax.tree.flatten(state)
    waves = []
    for number, leaf in enumerate(leaves):
        index = jnp.arange(leaf.size, dtype=leaf.dtype).reshape(leaf.shape)
        waves.append(jnp.cos(1.0 + 2.399963 * (index + number)).astype(leaf.dtype))
    return jax.tree.unflatten(structure, waves)


STEPPERS: dict[str, Stepper] = {"dopri5": DormandPrince(), "rkc2": RungeKuttaChebyshev()}
