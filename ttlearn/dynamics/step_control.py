"""How long the next step of an adaptive method is, and when to give up."""

from __future__ import annotations

import enum
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from ttlearn.dynamics.steppers import Field, Scalar, State, Stepper


class Failure(enum.IntEnum):
    """Why a flow did not reach its last save time."""

    NONE = 0
    MAX_STEPS = 1
    NOT_FINITE = 2
    STEP_TOO_SMALL = 3


class Carry(NamedTuple):
    """Where an adaptive run stands."""

    time: Scalar
    state: State
    slope: State
    step: Scalar
    last_error: Scalar
    memory: Any
    accepted: Scalar
    rejected: Scalar
    evaluations: Scalar
    failure: Scalar


class Driver(NamedTuple):
    """Step-size control: a PI controller around any stepper."""

    stepper: Stepper
    field: Field
    rtol: Scalar
    atol: State
    max_steps: Any

    def begin(self, time: Scalar, state: State, save_times: Any) -> Carry:
        """The run before its first step."""
        slope = self.field(time, state)
        fine = jnp.all(jnp.array([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(slope)]))
        zero = jnp.int32(0)
        failure = jnp.where(fine, zero, jnp.int32(Failure.NOT_FINITE))
        step = self._first_step(time, state, slope, save_times[-1] - time)
        memory = self.stepper.start(state)
        return Carry(
            *(time, state, slope, step, jnp.ones_like(time), memory),
            *(zero, zero, jnp.int32(2), failure),
        )

    def advance(self, carry: Carry, target: Scalar) -> Carry:
        """Steps until ``target`` is reached exactly, or the run fails."""

        def going(carry: Carry) -> Scalar:
            return (carry.time < target) & (carry.failure == 0)

        return lax.while_loop(going, functools.partial(self._try, target=target), carry)

    def _try(self, carry: Carry, target: Scalar) -> Carry:
        memory, longest, spent = self.stepper.prepare(
            self.field, carry.time, carry.state, carry.slope, carry.memory, self.rtol
        )
        wanted = jnp.minimum(carry.step, longest)
        remaining = target - carry.time
        lands = remaining <= 1.01 * wanted
        step = jnp.where(lands, remaining, wanted)
        tried = self.stepper.attempt(self.field, carry.time, carry.state, carry.slope, step, memory)
        error = self._error(carry.state, tried.state, tried.error)
        error = jnp.where(self._finite(tried), error, jnp.inf)
        accepted = error <= 1
        factor = self._factor(error, carry.last_error, accepted)
        # A step cut short to land says nothing against the length wanted before.
        following = jnp.where(accepted & lands, jnp.maximum(wanted, step * factor), step * factor)

        def choose(new: Any, old: Any) -> Any:
            return jax.tree.map(lambda a, b: jnp.where(accepted, a, b), new, old)

        arrived = jnp.where(lands, target, carry.time + step)
        tries = carry.accepted + carry.rejected + 1
        return Carry(
            time=jnp.where(accepted, arrived, carry.time),
            state=choose(tried.state, carry.state),
            slope=choose(tried.slope, carry.slope),
            step=following,
            last_error=jnp.where(accepted, jnp.maximum(error, 1e-4), carry.last_error),
            memory=self.stepper.after(memory, accepted),
            accepted=carry.accepted + accepted,
            rejected=carry.rejected + ~accepted,
            evaluations=carry.evaluations + spent + tried.evaluations,
            failure=self._judge(carry.time, arrived, target, error, following, tries, accepted),
        )

    def _judge(
        self,
        time: Scalar,
        arrived: Scalar,
        target: Scalar,
        error: Scalar,
        following: Scalar,
        tries: Scalar,
        accepted: Scalar,
    ) -> Scalar:
        smallest = 4 * jnp.finfo(time.dtype).eps * jnp.maximum(jnp.abs(time), jnp.abs(target))
        stuck = ~accepted & (following < smallest)
        reason = jnp.where(jnp.isinf(error), Failure.NOT_FINITE, Failure.STEP_TOO_SMALL)
        spent = (tries >= self.max_steps) & ~(accepted & (arrived >= target))
        failure = jnp.where(stuck, reason, jnp.where(spent, Failure.MAX_STEPS, Failure.NONE))
        return failure.astype(jnp.int32)

    def _factor(self, error: Scalar, last_error: Scalar, accepted: Scalar) -> Scalar:
        order = self.stepper.error_order
        safe = jnp.maximum(error, 1e-10)
        steady = 0.9 * safe ** (-0.7 / order) * last_error ** (0.4 / order)
        plain = 0.9 * safe ** (-1 / order)
        plain = jnp.where(jnp.isinf(error), 0.1, plain)
        return jnp.where(accepted, jnp.clip(steady, 0.2, 5.0), jnp.clip(plain, 0.1, 0.9))

    def _error(self, before: State, after: State, error: State) -> Scalar:
        def ratio(y0: Any, y1: Any, e: Any, atol: Any) -> Any:
            scale = atol + self.rtol * jnp.maximum(jnp.abs(y0), jnp.abs(y1))
            return jnp.sum(jnp.square(e / jnp.where(scale > 0, scale, 1)))

        squares = jax.tree.map(ratio, before, after, error, self.atol)
        count = sum(leaf.size for leaf in jax.tree.leaves(before))
        return jnp.sqrt(sum(jax.tree.leaves(squares)) / count)

    def _finite(self, tried: Any) -> Scalar:
        leaves = jax.tree.leaves((tried.state, tried.slope))
        return jnp.all(jnp.array([jnp.all(jnp.isfinite(leaf)) for leaf in leaves]))

    def _first_step(self, time: Scalar, state: State, slope: State, span: Scalar) -> Scalar:
        """Hairer, Norsett & Wanner 1993, II.4, with the second derivative by differences."""
        size, speed = (self._error(state, state, tree) for tree in (state, slope))
        usable = (size > 1e-5) & (speed > 1e-5)
        guess = jnp.where(usable, 0.01 * size / jnp.where(speed > 0, speed, 1), 1e-6 * span)
        guess = jnp.minimum(guess, span)
        guess = jnp.where(guess > 0, guess, 1)
        nudged = jax.tree.map(lambda y, f: y + guess * f, state, slope)
        change = jax.tree.map(jnp.subtract, self.field(time + guess, nudged), slope)
        bend = self._error(state, state, change) / guess
        steepest = jnp.maximum(speed, jnp.where(jnp.isfinite(bend), bend, speed))
        second = (0.01 / jnp.maximum(steepest, 1e-15)) ** (1 / self.stepper.error_order)
        return jnp.where(steepest > 1e-15, jnp.minimum(100 * guess, second), 100 * guess)
