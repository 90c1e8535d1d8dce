"""The limit flow for any start: the envelope flow between events, Filippov's rule at a jump.

Between events the field is smooth: each free neuron keeps the target value of its piece, stuck ones
stand still. A Dormand-Prince step that passes an event is cut back by bisection until it ends
there. A neuron that reaches a jump sticks when the fields on both sides point at the jump, and
crosses otherwise; a stuck one is tested after each step, since its neighbours move.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from ttlearn.dynamics.steppers import DormandPrince
from ttlearn.two_timescale.fast_layer import cell_means
from ttlearn.two_timescale.target import Target

_BISECTIONS = 50
_EVENT_TOLERANCE = 1e-14
_SIGN_TOLERANCE = 1e-12

_METHOD = DormandPrince()


class EventState(NamedTuple):
    """Where the limit flow is.

    Fields:
        slow_time: tau.
        positions: shape (m,), increasing.
        piece: shape (m,), the piece each free neuron is in; for a stuck one, that right of it.
        stuck: shape (m,), who stands on a jump.
        step: the next step to try.
        hitting_times: shape (n-1,), when a neuron first stuck to each jump; infinite if none did.
        steps: steps and events so far.
    """

    slow_time: jax.Array
    positions: jax.Array
    piece: jax.Array
    stuck: jax.Array
    step: jax.Array
    hitting_times: jax.Array
    steps: jax.Array


class EventLimit(NamedTuple):
    """The general limit flow at the times asked for.

    Fields:
        positions: shape (K, m), in the order of the start.
        hitting_times: shape (n-1,), when a neuron stuck to each jump; infinite where none did.
        finished: False when ``max_steps`` were used up; the later positions then stand still.
        steps: steps and events taken.
    """

    positions: jax.Array
    hitting_times: jax.Array
    finished: jax.Array
    steps: jax.Array


def event_limit(
    positions: jax.Array,
    target: Target,
    slow_times: jax.Array,
    loss_factor: float = 1.0,
    tolerance: float = 1e-10,
    max_steps: int = 100_000,
) -> EventLimit:
    """The limit flow from any start, by events; a pure kernel for jit, vmap and lax.map.

    du_j/dtau = loss_factor * [(f*(u_j) - c*_j)^2 - (f*(u_j) - c*_{j-1})^2], with Filippov's rule
    where f* jumps: the neuron sticks iff the field points at the jump from both sides.

    Arguments:
        positions: shape (m,), increasing, distinct, in (0, 1), off the jumps.
        target: the function to fit.
        slow_times: shape (K,), increasing, >= 0.
        loss_factor: 1 or 1/2.
        tolerance: local error of a step, in the unit of x.
        max_steps: steps and events at most.

    Source: Marion & Berthier 2023 (limit); the event rule is Filippov's, worked out here.

    >>> run = event_limit(jnp.array([0.4, 0.7]), Target([0.5], [0.0, 1.0]), jnp.array([5.0]),
    ...                   tolerance=1e-5)
    >>> round(float(run.positions[0, 0]), 4)
    0.5
    """
    flow = _Flow(target, loss_factor, tolerance, positions.dtype)
    begin = EventState(
        jnp.zeros((), positions.dtype),
        positions,
        jnp.searchsorted(flow.jumps, positions, side="right"),
        jnp.zeros(positions.shape, bool),
        jnp.full((), 1e-4, positions.dtype) / flow.largest_rate,
        jnp.full(flow.jumps.shape, jnp.inf, positions.dtype),
        jnp.zeros((), jnp.int32),
    )

    def save(state: EventState, until: jax.Array) -> tuple[EventState, jax.Array]:
        state = lax.while_loop(
            lambda s: (s.slow_time < until) & (s.steps < max_steps),
            lambda s: flow.advance(s, until),
            state,
        )
        return state, state.positions

    end, saved = lax.scan(save, begin, slow_times)
    return EventLimit(saved, end.hitting_times, end.slow_time >= slow_times[-1], end.steps)


class _Flow:
    """The field, its events and their consequences."""

    def __init__(self, target: Target, loss_factor: float, tolerance: float, dtype: jnp.dtype):
        self.target = target
        self.loss_factor = loss_factor
        self.tolerance = tolerance
        self.jumps = jnp.asarray(target.jumps, dtype)
        self.values = jnp.asarray(target.values, dtype)
        self.largest_rate = jnp.max(jnp.abs(jnp.diff(self.values))) ** 2
        # A neuron never reaches an end of [0, 1], so those edges are out of reach.
        far = jnp.array([-jnp.inf, jnp.inf], dtype)
        self.edges = jnp.concatenate([far[:1], self.jumps, far[1:]])

    def velocity(self, positions: jax.Array, state: EventState) -> jax.Array:
        means = cell_means(positions, self.target)
        here = self.values[state.piece]
        field = (here - means[1:]) ** 2 - (here - means[:-1]) ** 2
        return jnp.where(state.stuck, 0.0, self.loss_factor * field)

    def attempt(self, state: EventState, step: jax.Array) -> tuple[jax.Array, jax.Array]:
        def field(_: jax.Array, positions: jax.Array) -> jax.Array:
            return self.velocity(positions, state)

        start = state.positions
        tried = _METHOD.attempt(
            field, state.slow_time, start, self.velocity(start, state), step, ()
        )
        return tried.state, jnp.max(jnp.abs(tried.error))

    def one_sided_fields(
        self, positions: jax.Array, jump: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        """V_- and V_+: the velocity just left and just right of the jump each neuron is on."""
        means = cell_means(positions, self.target)
        before, after = self.values[jump], self.values[jump + 1]
        c_left, c_right = means[:-1], means[1:]
        return (
            (before - c_right) ** 2 - (before - c_left) ** 2,
            (after - c_right) ** 2 - (after - c_left) ** 2,
        )

    def margins(self, positions: jax.Array, state: EventState) -> jax.Array:
        """Positive while nothing happens: distance from the piece's ends; firmness if stuck."""
        left, right = self.edges[state.piece], self.edges[state.piece + 1]
        free = jnp.minimum(positions - left, right - positions)
        v_left, v_right = self.one_sided_fields(positions, jnp.maximum(state.piece - 1, 0))
        size = jnp.maximum(jnp.maximum(jnp.abs(v_left), jnp.abs(v_right)), 1e-300)
        firm = jnp.minimum(v_left, -v_right) / size + _SIGN_TOLERANCE
        return jnp.where(state.stuck, firm, free + _EVENT_TOLERANCE)

    def advance(self, state: EventState, until: jax.Array) -> EventState:
        step = jnp.minimum(state.step, until - state.slow_time)
        moved, error = self.attempt(state, step)
        accepted = error <= self.tolerance
        factor = jnp.clip(0.9 * (self.tolerance / jnp.maximum(error, 1e-300)) ** 0.2, 0.2, 5.0)
        following = jnp.where(
            accepted & (step < state.step), jnp.maximum(state.step, step * factor), step * factor
        )
        rejected = state._replace(step=following, steps=state.steps + 1)
        happens = accepted & jnp.any(self.margins(moved, state) < 0.0)
        arrives = jnp.where(step < until - state.slow_time, state.slow_time + step, until)
        smooth = rejected._replace(slow_time=arrives, positions=moved)
        return lax.cond(
            happens,
            lambda: self.event(state, step)._replace(steps=state.steps + 1),
            lambda: jax.tree.map(lambda a, b: jnp.where(accepted, a, b), smooth, rejected),
        )

    def event(self, state: EventState, step: jax.Array) -> EventState:
        def halve(_: int, bracket: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
            low, high = bracket
            middle = 0.5 * (low + high)
            past = jnp.any(self.margins(self.attempt(state, middle)[0], state) < 0.0)
            return jnp.where(past, low, middle), jnp.where(past, middle, high)

        _, step = lax.fori_loop(0, _BISECTIONS, halve, (jnp.zeros_like(step), step))
        moved, _ = self.attempt(state, step)
        margins = self.margins(moved, state)
        state = state._replace(slow_time=state.slow_time + step)
        loose, arrived = state.stuck & (margins < 0.0), ~state.stuck & (margins < 0.0)
        return self.hit(self.release(state, moved, loose), arrived)

    def release(self, state: EventState, moved: jax.Array, who: jax.Array) -> EventState:
        jump = jnp.maximum(state.piece - 1, 0)
        v_left, v_right = self.one_sided_fields(moved, jump)
        leftwards = -v_left > v_right
        return state._replace(
            positions=moved,
            stuck=state.stuck & ~who,
            piece=jnp.where(who & leftwards, state.piece - 1, state.piece),
        )

    def hit(self, state: EventState, who: jax.Array) -> EventState:
        at_left = state.positions < 0.5 * (
            jnp.maximum(self.edges[state.piece], -1.0) + jnp.minimum(self.edges[state.piece + 1], 2)
        )
        jump = jnp.clip(jnp.where(at_left, state.piece - 1, state.piece), 0, self.jumps.size - 1)
        positions = jnp.where(who, self.jumps[jump], state.positions)
        v_left, v_right = self.one_sided_fields(positions, jump)
        slack = _SIGN_TOLERANCE * jnp.maximum(jnp.abs(v_left), jnp.abs(v_right))
        sticks = who & (v_left >= -slack) & (v_right <= slack)
        crosses = who & ~sticks
        piece = jnp.where(sticks, jump + 1, state.piece)
        piece = jnp.where(crosses, jnp.where(at_left, jump, jump + 1), piece)
        times = jnp.where(sticks, state.slow_time, jnp.inf)
        return state._replace(
            positions=positions,
            piece=piece,
            stuck=state.stuck | sticks,
            hitting_times=state.hitting_times.at[jump].min(times),
        )
