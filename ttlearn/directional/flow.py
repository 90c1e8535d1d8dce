"""Gradient flow of the linear predictor and of balanced linear networks, from t = 0 to 1e18.

Time runs logarithmically inside: a trajectory to 1e8 costs about as much as one to 1e2. The angle
is carried as y = ln tan(theta/2), since theta itself soon falls below the smallest number.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.directional import checks
from ttlearn.directional.checks import Array
from ttlearn.directional.law import AnyLaw, Law
from ttlearn.directional.linear import (
    cartesian_rates,
    log_half_angle,
    polar_loss,
    polar_rates,
)
from ttlearn.directional.running import log_time_flow
from ttlearn.directional.tables import Tabulated
from ttlearn.dynamics.ensemble import run_ensemble
from ttlearn.dynamics.flow import solve_flow
from ttlearn.records import Trajectory

LARGEST_CHUNK = 1024
LARGEST_TILE = 64  # in larger ones the slowest start holds up too many
FAINT = -1e4  # exp(FAINT) is exactly 0 in float64: stands for ln 0


def flow(
    law: Law,
    norm: float,
    angle: float,
    times: Any,
    depth: int = 1,
    *,
    form: Literal["polar", "cartesian"] | None = None,
    rtol: float = 1e-10,
) -> Trajectory:
    r"""Gradient flow of a balanced linear network in the (norm, angle) plane.

    .. math:: \dot\rho=N\rho^{2-2/N}[g(\rho)-2k\sigma(2y)],\qquad \dot y=-k\rho^{1-2/N}

    Exactly antiparallel starts (``angle = pi``) do what the flow does: at depth 1 the weights cross
    the origin in finite time and go on along the teacher; from depth 2 on they fall into the
    origin and stay there, a saddle.

    Arguments:
        law: the law of the data.
        norm: of the end-to-end vector at time 0, above 0.
        angle: to the teacher at time 0, from 0 to pi.
        times: shape (K,); increasing, from 0 on.
        depth: number of layers N; 1 is the linear predictor.
        form: ``"polar"`` integrates (ln norm, y); ``"cartesian"``, for depth 1 only, integrates
            (a, ln b), which passes the origin. By default cartesian for obtuse starts at depth 1.
        rtol: relative tolerance of the integrator.

    Returns:
        A Trajectory in float64 with ``norm``, ``angle`` and ``log_half_angle``; ``angle`` becomes 0
        where it is below 1e-308, ``log_half_angle`` never does.

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    Source: Lin, Sun & Zhang 2021 for the flow; the (norm, angle) form is derived here.

    >>> from ttlearn.directional.laws import Gaussian
    >>> run = flow(Gaussian(), 1.0, 2.0, [10.0, 1e8])
    >>> run["norm"].round(3), run["log_half_angle"].round()
    (array([  1.792, 581.731]), array([-3.00000e+00, -1.02879e+05]))
    """
    depth = checks.depth(depth)
    times = checks.times(times)
    norm, angle = checks.start(norm, angle, depth)
    if form not in (None, "polar", "cartesian"):
        raise ValueError(f"form {form!r}; allowed are 'polar', 'cartesian' and None")
    if form == "cartesian" and depth > 1:
        raise ValueError("form 'cartesian' is for depth 1; deeper networks cannot pass the origin")
    if form == "cartesian" or (form is None and depth == 1 and angle > math.pi / 2):
        across = 0.0 if angle == math.pi else math.sin(angle)
        states = _cartesian_states(law, norm * math.cos(angle), norm * across, times, rtol)
        return _record(law, _polar_of(*states), times, depth)
    return _record(law, _polar_states(law, norm, angle, times, depth, rtol), times, depth)


def cartesian_flow(
    law: Law, weights: Any, times: Any, teacher: Any = None, *, rtol: float = 1e-10
) -> Trajectory:
    r"""Gradient flow of the linear predictor from any vector, the origin included.

    .. math:: \dot w=k\,v-m(|w|)\,w

    Arguments:
        law: the law of the data.
        weights: w at time 0, shape (d,).
        times: shape (K,); increasing, from 0 on.
        teacher: v, shape (d,), any length above 0; the first unit vector by default.
        rtol: relative tolerance of the integrator.

    Returns:
        A Trajectory with ``weights`` (K, d), ``norm``, ``angle`` and ``log_half_angle``.

    Raises:
        ValueError: on bad input.
        ttlearn.dynamics.FlowError: when the integrator does not reach the last time.

    >>> from ttlearn.directional.laws import Sphere
    >>> run = cartesian_flow(Sphere(2), [-1.0, 0.0], [0.0, 2.0, 8.0, 100.0])
    >>> run["angle"].round(2), run["weights"][:, 0].round(2)
    (array([3.14, 3.14, 0.  , 0.  ]), array([-1.  , -0.22,  1.26,  5.49]))
    """
    start = checks.law_vector(weights, "weights", law)
    direction = np.eye(start.size)[0] if teacher is None else checks.teacher(teacher, start.size)
    times = checks.times(times)
    along = float(direction @ start)
    rest = start - along * direction
    across = float(np.linalg.norm(rest))
    unit = rest / across if across > 0 else np.zeros_like(rest)
    alongs, log_across = _cartesian_states(law, along, across, times, rtol)
    path = alongs[:, None] * direction + np.exp(log_across)[:, None] * unit
    run = _record(law, _polar_of(alongs, log_across), times, 1)
    return Trajectory(
        times,
        {"weights": path, **run.arrays},
        run.losses,
        {"weights": ("time", "coordinate")},
        run.meta,
    )


def flow_ensemble(
    law: Law, norms: Any, angles: Any, times: Any, depth: int = 1, *, rtol: float = 1e-8
) -> Trajectory:
    """:func:`flow` from many starts in one call: vmapped in tiles, on all devices, g from a table.

    Arguments:
        law: the law of the data.
        norms, angles: shape (R,): the starts; angles strictly between 0 and pi.
        times: shape (K,); increasing, from 0 on.
        depth: number of layers.
        rtol: relative tolerance of the integrator.

    Returns:
        A Trajectory with ``norm``, ``angle`` and ``log_half_angle`` of shape (K, R).

    Raises:
        ValueError: on bad input, or when a start does not reach the last time.
        KeyboardInterrupt: after Ctrl-C, once the starts in hand are finished.

    >>> from ttlearn.directional.laws import Gaussian
    >>> run = flow_ensemble(Gaussian(), [1.0, 2.0], [2.0, 3.0], [1e8])
    >>> run["norm"].round(2)
    array([[581.73, 581.73]])
    """
    depth = checks.depth(depth)
    times = checks.times(times)
    norms, angles = _check_starts(norms, angles)
    table = law if isinstance(law, Tabulated) else Tabulated(law)
    runs = norms.size

    def each(value: Any) -> Array:
        return np.broadcast_to(np.asarray(value, np.float64), (runs, *np.shape(value)))

    members = {
        "start": {"log_norm": np.log(norms), "y": np.log(np.tan(angles / 2))},
        **{"times": each(np.log1p(times)), "depth": each(depth), "rtol": each(rtol)},
    }
    tile = min(LARGEST_TILE, -(-runs // jax.local_device_count()))
    chunk = -(-runs // -(-runs // LARGEST_CHUNK))
    ensemble = run_ensemble(_member(table), members, tile=tile, chunk=chunk, progress=False)
    if ensemble.ending != "finished":
        done = int(ensemble.finished.sum())
        raise KeyboardInterrupt(f"{done} of {runs} starts were run; start again for all of them")
    states, failures = ensemble.results
    if np.any(failures):
        broken = int(np.flatnonzero(failures)[0])
        raise ValueError(
            f"start {broken} (norm {norms[broken]}, angle {angles[broken]}) did not reach the last "
            "time; run it alone with flow(), which says why"
        )
    found = np.exp(states["log_norm"].T), states["y"].T
    return _record(table, found, times, depth, ("time", "run"))


def _check_starts(norms: Any, angles: Any) -> tuple[Array, Array]:
    norms, angles = np.asarray(norms, np.float64), np.asarray(angles, np.float64)
    if norms.ndim != 1 or norms.shape != angles.shape or norms.size == 0:
        raise ValueError(f"norms {norms.shape} and angles {angles.shape} need one shape (R,)")
    if not (np.all(norms > 0) and np.all((angles > 0) & (angles < math.pi))):
        raise ValueError("an ensemble needs norms above 0 and angles strictly between 0 and pi")
    if not np.all(np.isfinite(norms)):
        raise ValueError("norms must be finite")
    return norms, angles


@functools.lru_cache(maxsize=16)
def _member(law: Tabulated) -> Callable[[Any], Any]:
    """One start of an ensemble; an ensemble is compiled for each function object."""
    arrays = law.arrays()

    def member(given: Any) -> Any:
        run = solve_flow(
            polar_field,
            given["start"],
            given["times"],
            rtol=given["rtol"],
            atol=given["rtol"],
            parameters=(arrays, given["depth"]),
        )
        return run.states, run.failure

    return member


def polar_field(log_time: Any, state: dict[str, Any], law: AnyLaw, depth: Any) -> dict[str, Any]:
    """The field of (ln norm, y) against ln(1 + t), for :func:`ttlearn.dynamics.gradient_flow`.

    Law and depth are its parameters, so that one compiled flow serves them all.
    """
    norm_rate, y_rate = polar_rates(law, jnp.exp(state["log_norm"]), state["y"], depth)
    stretch = jnp.exp(log_time)
    return {"log_norm": stretch * norm_rate, "y": stretch * y_rate}


def _ray_field(
    log_time: Any, state: dict[str, Any], law: AnyLaw, depth: Any, wrong: Any
) -> dict[str, Any]:
    """On the ray through the teacher (wrong: 1 against it, 0 along it) y stays infinite."""
    norm = jnp.exp(state["log_norm"])
    pull = law.g(norm) - 2 * law.k * wrong
    return {"log_norm": jnp.exp(log_time) * depth * norm ** (1 - 2 / depth) * pull}


def _cartesian_field(log_time: Any, state: dict[str, Any], law: AnyLaw) -> dict[str, Any]:
    along, log_across = cartesian_rates(law, state["along"], state["log_across"])
    stretch = jnp.exp(log_time)
    return {"along": stretch * along, "log_across": stretch * log_across}


def _polar_states(
    law: Law, norm: float, angle: float, times: Array, depth: int, rtol: float
) -> tuple[Array, Array]:
    start = {"log_norm": math.log(norm)}
    options: dict[str, Any] = {"rtol": rtol, "atol": 1e-2 * rtol, "max_steps": 1_000_000}
    if angle in (0.0, math.pi):
        ray = (law.arrays(), np.float64(depth), np.float64(angle > 0))
        run = log_time_flow(_ray_field, start, times, parameters=ray, **options)
        return np.exp(run.states["log_norm"]), np.full(times.size, math.inf if angle else -math.inf)
    start["y"] = math.log(math.tan(angle / 2))
    parameters = (law.arrays(), np.float64(depth))
    run = log_time_flow(polar_field, start, times, parameters=parameters, **options)
    return np.exp(run.states["log_norm"]), run.states["y"]


def _cartesian_states(
    law: Law, along: float, across: float, times: Array, rtol: float
) -> tuple[Array, Array]:
    start = {"along": along, "log_across": math.log(across) if across > 0 else FAINT}
    run = log_time_flow(
        _cartesian_field,
        start,
        times,
        rtol=rtol,
        atol=1e-2 * rtol,
        max_steps=1_000_000,
        parameters=(law.arrays(),),
    )
    logs = run.states["log_across"] if across > 0 else np.full(times.size, -math.inf)
    return run.states["along"], logs


def _polar_of(along: Array, log_across: Array) -> tuple[Array, Array]:
    return np.hypot(along, np.exp(log_across)), np.asarray(log_half_angle(along, log_across))


def _record(
    law: Law,
    states: tuple[Array, Array],
    times: Array,
    depth: int,
    axes: tuple[str, ...] = ("time",),
) -> Trajectory:
    norm, y = states
    return Trajectory(
        times,
        {"norm": norm, "angle": 2 * np.arctan(np.exp(y)), "log_half_angle": y},
        np.asarray(polar_loss(law, norm, y)),
        dict.fromkeys(("norm", "angle", "log_half_angle"), axes),
        {"time": "time", "law": law.name, "depth": depth, "precision": "float64"},
    )
