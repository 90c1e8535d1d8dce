"""The fast gradient against the sweep; descent and flow against small steps done by hand."""

import itertools
import subprocess
import sys

import jax
import numpy as np
import pytest
from saddle_rows import ROWS

from ttlearn.dynamics import DivergedError
from ttlearn.precision import float64
from ttlearn.saddles import (
    Problem,
    gradient,
    gradient_descent,
    gradient_flow,
    join,
    loss,
    random_starts,
)
from ttlearn.saddles.dense import dense_gradient
from ttlearn.saddles.descent_programs import choose_layout

PROBLEMS = [Problem(), Problem(-1, 2, 1.5, -1 / 3), Problem(-0.5, 0.75, -2, 1, leak=0.25)]


# Compiled whole: one by one its operations take far longer to compile.
DENSE = jax.jit(dense_gradient, static_argnums=2)


def dense(problem, batch, written_out=False):
    with float64():
        return np.asarray(DENSE(problem, np.asarray(batch).T, written_out)).T


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize(
    ("n_neurons", "written_out"), [(1, False), (2, True), (5, False), (14, True)]
)
def test_dense_form_equals_the_sweep(problem, n_neurons, written_out):
    batch = random_starts(40, n_neurons, seed=3)
    expected = np.array([gradient(problem, row) for row in batch])
    scale = np.max(np.abs(expected), axis=1, keepdims=True)
    assert np.max(np.abs(dense(problem, batch, written_out) - expected) / scale) < 1e-13


@pytest.mark.parametrize("name", ROWS)
def test_dense_form_at_the_reference_rows(name):
    """Coincident breakpoints, breakpoints on the boundary, dead and degenerate neurons."""
    row = ROWS[name]
    for written_out in (False, True):
        found = dense(row.problem, row.parameters[None], written_out)[0]
        assert found == pytest.approx(gradient(row.problem, row.parameters), abs=3e-14)


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_dense_form_where_zero_weights_meet_zero_biases(leak):
    problem = Problem(-1, 1, leak=leak)
    grid = [(w, b) for w in (-1.0, 0.0, 1.0) for b in (-2.0, -1.0, 0.0, 1.0, 2.0)]
    batch = np.array([join(w, b, 0.7, 0.2) for w, b in grid])
    expected = np.array([gradient(problem, row) for row in batch])
    assert np.allclose(dense(problem, batch), expected, atol=2e-15)


def test_descent_is_the_iterated_map():
    start = random_starts(1, 3, seed=5)[0]
    run = gradient_descent(Problem(), start, 0.1, 7, keep=8, progress=False)
    by_hand = start
    for step in range(8):
        assert run["parameters"][step] == pytest.approx(by_hand, abs=1e-14)
        assert run.losses[step] == pytest.approx(loss(Problem(), by_hand), rel=1e-12)
        by_hand = by_hand - 0.1 * gradient(Problem(), by_hand)


def test_a_run_does_not_depend_on_its_company():
    starts = random_starts(300, 2, seed=1)
    together = gradient_descent(Problem(), starts, 0.1, 40, progress=False)["parameters"][-1]
    alone = gradient_descent(Problem(), starts[299], 0.1, 40, progress=False)["parameters"][-1]
    assert together[299] == pytest.approx(alone, abs=1e-13)


def test_tiles_hold_every_start_on_every_device(monkeypatch):
    module = "ttlearn.saddles.descent_programs.compiles_small_loops"
    sizes = ([1, 2, 10, 30, 100], [1, 2, 100, 10_000], [1, 2, 3], [False, True])
    for n_neurons, n_starts, n_devices, flag in itertools.product(*sizes):
        monkeypatch.setattr(module, lambda flag=flag: flag)
        layout = choose_layout(n_neurons, n_starts, n_devices)
        assert layout.n_tiles % n_devices == 0
        assert layout.n_tiles * layout.width >= n_starts
        assert 1 <= layout.width <= 256
        assert flag or not layout.written_out


DEVICES = """
import jax, numpy as np, ttlearn
ttlearn.configure_cpu(devices=2)
from ttlearn.saddles import Problem, gradient_descent, random_starts
run = gradient_descent(Problem(), random_starts(301, 2, seed=1), 0.1, 40, progress=False)
assert len(jax.devices()) == 2
np.save({path!r}, run["parameters"][-1])
"""


@pytest.mark.slow
def test_two_devices_with_xla_s_flag_give_the_same_runs(tmp_path):
    """In a fresh Python: the flag and the devices are chosen before JAX starts."""
    path = str(tmp_path / "ends.npy")
    subprocess.run([sys.executable, "-c", DEVICES.format(path=path)], check=True, timeout=300)
    here = gradient_descent(Problem(), random_starts(301, 2, seed=1), 0.1, 40, progress=False)
    assert np.load(path) == pytest.approx(here["parameters"][-1], abs=1e-12)


def test_flow_is_the_limit_of_descent_and_conserves_balance():
    """Order 1: halving the step halves the distance; w² + b² − v² is conserved by the flow."""
    start = join([1.0, -0.8], [-0.3, 0.6], [0.5, -0.4], 0.1)
    flow = gradient_flow(Problem(), start, np.array([0.0, 2.0]))["parameters"][-1]
    gaps = []
    for n_steps in (200, 400):
        run = gradient_descent(Problem(), start, 2.0 / n_steps, n_steps, progress=False)
        gaps.append(np.linalg.norm(run["parameters"][-1] - flow))
    assert gaps[0] / gaps[1] == pytest.approx(2.0, abs=0.05)
    balance = lambda p: p[:2] ** 2 + p[2:4] ** 2 - p[4:6] ** 2  # noqa: E731
    assert balance(flow) == pytest.approx(balance(start), abs=1e-7)


def test_divergence_is_loud_unless_it_was_asked_for():
    start = join(0.0, -1.0, 0.0, 0.0)
    with pytest.raises(ValueError, match=r"1/length = 1"):
        gradient_descent(Problem(), start, 1.2, 10, progress=False)
    wild = join(40.0, -10.0, 40.0, 0.0)
    with pytest.raises(DivergedError, match="smaller"):
        gradient_descent(Problem(leak=0.5), wild, 0.9, 500, progress=False)
    options = {"progress": False, "on_divergence": "keep"}
    run = gradient_descent(Problem(), start, 1.2, 10_000, **options)
    assert run.meta["diverged"] == 1
    assert run.losses[-1] == np.inf


def test_memory_does_not_grow_with_the_number_of_steps():
    """What comes back holds only the snapshots."""
    run = gradient_descent(Problem(), random_starts(50, 2), 0.1, 1000, keep=3, progress=False)
    assert run.times.tolist() == [0, 500, 1000]
    assert run["parameters"].shape == (3, 50, 7)
    assert run.losses.shape == (3, 50)


def test_same_seed_same_starts():
    assert np.array_equal(random_starts(4, 2, seed=7), random_starts(4, 2, seed=7))
    assert not np.array_equal(random_starts(4, 2, seed=7), random_starts(4, 2, seed=8))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"step_size": 0.0}, "above 0"),
        ({"step_size": float("nan")}, "above 0"),
        ({"n_steps": 0}, "steps"),
        ({"starts": np.zeros(6)}, "3N\\+1"),
        ({"starts": np.zeros((2, 2, 4))}, "axes"),
        ({"starts": np.full(4, np.inf)}, "not finite"),
        ({"on_divergence": "ignore"}, "keep"),
    ],
)
def test_bad_input_is_refused(changes, message):
    arguments = {"starts": np.ones(4), "step_size": 0.1, "n_steps": 3, "progress": False} | changes
    with pytest.raises(ValueError, match=message):
        gradient_descent(Problem(), **arguments)


@pytest.mark.parametrize(
    "arguments", [(0, 2), (3, 0), (3, 2.5), (10**9, 1), (2, 2, -1.0), (2, 2, float("nan"))]
)
def test_bad_starts_are_refused(arguments):
    with pytest.raises(ValueError, match="needed"):
        random_starts(*arguments)
