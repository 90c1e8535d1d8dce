"""Flows to an accuracy: each integrator at the loosest tolerance that is accurate enough."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from benchmarks.measure import Contestant, Row, installed
from ttlearn.directional import Gaussian
from ttlearn.directional.flow import flow_ensemble
from ttlearn.directional.linear import polar_rates
from ttlearn.directional.tables import Tabulated
from ttlearn.dynamics import gradient_flow, solve_flow
from ttlearn.precision import float64
from ttlearn.two_timescale import PAPER_TARGET, draw_positions
from ttlearn.two_timescale.flow import FIELDS

ACCURACY = 1e-6
LAW = Tabulated(Gaussian())
TOLERANCES = tuple(10.0**-k for k in range(3, 13))


def direction_field(log_time: Any, state: Any) -> Any:
    """Norm and angle of the linear predictor against ln(1 + t)."""
    norm_rate, y_rate = polar_rates(LAW, jnp.exp(state["log_norm"]), state["y"], 1)
    stretch = jnp.exp(log_time)
    return {"log_norm": stretch * norm_rate, "y": stretch * y_rate}


class Problem:
    """A flow with its reference solution; integrators are calibrated against it once."""

    def __init__(self, field: Any, initial: Any, times: Any, parameters: tuple[Any, ...]) -> None:
        self.field, self.initial = field, initial
        self.times, self.parameters = np.asarray(times, np.float64), parameters

    @functools.cached_property
    def reference(self) -> Any:
        """The flow at a tolerance near rounding."""
        return self.solve("dopri5", 1e-12)

    def error(self, states: Any) -> float:
        """Largest deviation from the reference over all saved numbers, relative to 1 at least."""
        deviations = jax.tree.map(
            lambda a, b: np.max(np.abs(np.asarray(a) - b) / np.maximum(1.0, np.abs(b))),
            states,
            self.reference,
        )
        return float(max(jax.tree.leaves(deviations)))

    def solve(self, method: str, tolerance: float) -> Any:
        """By ttlearn."""
        return gradient_flow(
            self.field,
            self.initial,
            self.times,
            method=method,
            rtol=tolerance,
            atol=tolerance,
            max_steps=5_000_000,
            parameters=self.parameters,
        ).states

    def kernel(self, method: str, tolerance: float) -> Any:
        """By ttlearn's kernel under jit, as diffrax is run: no look at the input."""
        with float64():
            states = _kernel(
                self.field, method, self.initial, self.times, tolerance, self.parameters
            )
            return jax.tree.map(np.asarray, states)

    def diffrax(self, solver: str, tolerance: float) -> Any:
        """By diffrax, compiled once for each solver."""
        with float64():
            states = _diffrax(
                self.field, solver, self.initial, self.times, tolerance, self.parameters
            )
            return jax.tree.map(np.asarray, states)

    def scipy(self, solver: str, tolerance: float) -> Any:
        """By scipy, the field compiled by JAX."""
        from scipy.integrate import solve_ivp

        with float64():
            flat, unravel = ravel_pytree(
                jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), self.initial)
            )

            @jax.jit
            def field(time: Any, state: Any) -> Any:
                value = self.field(time, unravel(state), *self.parameters)
                return ravel_pytree(value)[0]

            solution = solve_ivp(
                lambda time, state: np.asarray(field(time, state)),
                (0.0, self.times[-1]),
                np.asarray(flat),
                method=solver,
                t_eval=self.times,
                rtol=tolerance,
                atol=tolerance,
            )
            return jax.tree.map(np.asarray, jax.vmap(unravel)(solution.y.T))

    def contestant(
        self, name: str, solve: Callable[[str, float], Any], method: str, own: bool = False
    ) -> Contestant:
        """The method at the loosest tolerance that reaches the accuracy."""

        @functools.cache
        def tolerance() -> float:
            for candidate in TOLERANCES:
                if self.error(solve(method, candidate)) <= ACCURACY:
                    jax.clear_caches()  # the first call is to show what compiling costs
                    return candidate
            raise ValueError(f"{name} does not reach {ACCURACY:g} at any tolerance tried")

        def prepare(size: int) -> Callable[[], Any]:
            chosen = tolerance()
            return lambda: solve(method, chosen)

        return Contestant(name, prepare, 1, own=own)

    def row(self, name: str, title: str, methods: tuple[str, ...], solvers: tuple[str, ...]) -> Row:
        """ttlearn's method and its peers'."""
        scipy = tuple(self.contestant(f"scipy {method}", self.scipy, method) for method in methods)
        peers = tuple(
            installed(
                f"diffrax {solver}",
                "diffrax",
                functools.partial(self.contestant, f"diffrax {solver}", self.diffrax, solver),
            )
            for solver in solvers
        )
        own = tuple(
            self.contestant(f"ttlearn {method}", self.solve, method, own=True)
            for method in ("dopri5", "rkc2")
        )
        kernels = tuple(
            self.contestant(f"ttlearn {method}, kernel alone", self.kernel, method, own=True)
            for method in ("dopri5", "rkc2")
        )
        return Row(name, title, "flow", (*own, *kernels, *peers, *scipy), self.error, 1)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _kernel(
    field: Any, method: str, initial: Any, times: Any, tolerance: Any, parameters: Any
) -> Any:
    options: dict[str, Any] = {"method": method, "max_steps": 5_000_000, "parameters": parameters}
    return solve_flow(field, initial, times, rtol=tolerance, atol=tolerance, **options).states


@functools.partial(jax.jit, static_argnums=(0, 1))
def _diffrax(
    field: Any, solver: str, initial: Any, times: Any, tolerance: Any, parameters: Any
) -> Any:
    import diffrax

    return diffrax.diffeqsolve(
        diffrax.ODETerm(lambda time, state, _: field(time, state, *parameters)),
        getattr(diffrax, solver)(),
        0.0,
        times[-1],
        None,
        jax.tree.map(jnp.asarray, initial),
        saveat=diffrax.SaveAt(ts=times),
        stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance),
        max_steps=5_000_000,
    ).ys


def _network_problem(ratio: float, horizon: float) -> Problem:
    initial = {"outer_weights": np.zeros(21), "positions": draw_positions(20, 1)}
    parameters = (PAPER_TARGET, 4e-3, ratio, 1.0)
    return Problem(FIELDS["exact"], initial, np.linspace(0, horizon / ratio, 101)[1:], parameters)


def _direction_problem() -> Problem:
    start = {"log_norm": np.log(1.0), "y": np.log(np.tan(1.0))}
    return Problem(direction_field, start, np.log1p(np.geomspace(1, 1e8, 33)), ())


def rows(quick: bool) -> list[Row]:
    """The two-timescale flow, and the direction of a linear predictor to t = 1e8."""
    ratio, horizon = (2e-3, 0.01) if quick else (2e-5, 0.035)
    network = _network_problem(ratio, horizon).row(
        "flow_network",
        f"Exact gradient flow of 20 steps, ratio {ratio:g}, error below {ACCURACY:g}",
        ("LSODA",) if quick else ("LSODA", "DOP853", "Radau"),
        () if quick else ("Tsit5", "Kvaerno5"),
    )
    direction = _direction_problem().row(
        "flow_direction",
        f"Norm and angle of a linear predictor to t = 1e8, error below {ACCURACY:g}",
        ("LSODA", "DOP853"),
        () if quick else ("Tsit5",),
    )
    return [network, direction, _many_directions(16 if quick else 1000)]


def _many_directions(runs: int) -> Row:
    random = np.random.default_rng(0)
    norms, angles = random.uniform(0.5, 3, runs), random.uniform(0.1, 3.0, runs)

    @functools.cache
    def reference() -> Any:
        return flow_ensemble(Gaussian(), norms, angles, [1e8], rtol=1e-11)["norm"][0]

    def own(size: int) -> Callable[[], Any]:
        return lambda: flow_ensemble(Gaussian(), norms, angles, [1e8], rtol=1e-8)["norm"][0]

    def scipy(method: str) -> Contestant:
        def prepare(size: int) -> Callable[[], Any]:
            return lambda: _scipy_directions(method, norms[:size], angles[:size])

        note = "its own loop, g by quadrature in NumPy"
        return Contestant(f"scipy {method}, one by one", prepare, 4, note)

    def error(result: Any) -> float:
        return float(np.max(np.abs(result / reference()[: len(result)] - 1)))

    return Row(
        f"directions_{runs}",
        f"Norm and angle to t = 1e8 from {runs} starts",
        "start",
        (Contestant("ttlearn", own, runs, own=True), scipy("DOP853"), scipy("LSODA")),
        error,
        4,
    )


def _scipy_directions(method: str, norms: Any, angles: Any) -> Any:
    """A user's own loop: quadrature of g in NumPy, scipy's integrator in ln(1 + t)."""
    from scipy.integrate import solve_ivp

    law = Gaussian()
    nodes, weights = law.line_rule()

    def field(log_time: float, state: Any) -> Any:
        norm, y = np.exp(state[0]), state[1]
        decay = np.exp(-norm * nodes)
        pull = np.sum(weights * nodes * decay / (1 + decay))
        pull -= 2 * law.k / (1 + np.exp(np.clip(-2 * y, -700, 700)))
        return np.exp(log_time) * np.array([pull / norm, -law.k / norm])

    ends = []
    for norm, angle in zip(norms, angles, strict=True):
        start = [np.log(norm), np.log(np.tan(angle / 2))]
        solution = solve_ivp(
            field, (0.0, np.log1p(1e8)), start, method=method, rtol=1e-8, atol=1e-10
        )
        ends.append(np.exp(solution.y[0, -1]))
    return np.array(ends)
