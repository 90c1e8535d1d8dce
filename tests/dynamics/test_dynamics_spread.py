"""Runs side by side, divided among devices: the numbers of one device, also after a resume."""

from __future__ import annotations

import os
import subprocess
import sys

import jax
import numpy as np
import pytest

from ttlearn.dynamics import stochastic_descent
from ttlearn.dynamics.spread import spread_runs


def step(state, sample, rate):
    own, shared = sample
    return {name: leaf - rate * (leaf - own + 0.1 * shared) for name, leaf in state.items()}


def draw(key, count):
    own, shared = jax.random.split(key)
    return jax.random.normal(own, (count, 12, 3)), jax.random.normal(shared, (count, 1, 1))


def run(devices, **options):
    state = {"x": np.ones((12, 3)), "y": np.zeros((12, 3))}
    return stochastic_descent(
        step,
        state,
        draw,
        100,
        seed=1,
        keep=5,
        chunk=32,
        parameters=(0.05,),
        progress=False,
        devices=devices,
        **options,
    )


def main(folder):
    """On eight devices: six of them take two runs each."""
    assert len(jax.devices()) == 8
    spread = spread_runs({"x": np.ones((12, 3))}, jax.devices())
    assert spread.mesh.devices.size == 6
    whole = run(jax.devices())
    path = os.path.join(folder, "run.npz")
    run(jax.devices(), checkpoint=path, stop=lambda done, state: done >= 60)
    resumed = run(jax.devices(), checkpoint=path)
    for name in ("x", "y"):
        np.testing.assert_array_equal(whole.state[name], resumed.state[name])
    np.savez(os.path.join(folder, "eight.npz"), **whole.snapshots)


@pytest.mark.slow
def test_eight_devices_give_the_numbers_of_one(tmp_path):
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "JAX_NUM_CPU_DEVICES": "8"}
    command = [sys.executable, __file__, str(tmp_path)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert found.returncode == 0, found.stderr
    one = run(None)
    with np.load(tmp_path / "eight.npz") as eight:
        for name in ("x", "y"):
            np.testing.assert_array_equal(eight[name], one.snapshots[name])


def test_what_cannot_be_divided_stays_or_is_refused():
    devices = jax.devices()[:1]
    assert spread_runs({"x": np.ones((3, 2))}, None) is None
    assert spread_runs({"x": np.ones((3, 2))}, devices * 2) is None
    assert spread_runs(np.ones((3, 2)), devices * 3).mesh.devices.size == 3
    for state in ({"x": np.ones((3, 2)), "y": np.ones(2)}, {"x": np.float64(1.0)}):
        with pytest.raises(ValueError, match="leave devices out"):
            spread_runs(state, devices)


if __name__ == "__main__":
    main(sys.argv[1])
