"""The ensemble that the tests run here, on eight devices, in two processes and under a kill."""

from __future__ import annotations

import os
import sys

import jax
import jax.numpy as jnp
import numpy as np

from ttlearn.dynamics import descend_stochastic, grid, run_ensemble

POINTS = grid(rate=np.linspace(0.01, 0.5, 12), start=[-1.0, 0.0, 2.0, 3.0])


def step(state, sample, rate):
    return state - rate * (state - jnp.cos(state) * sample)


def draw(key, count):
    return jax.random.normal(key, (count, 5))


def walk(parameters, key):
    """A stochastic recursion of 200 steps in five dimensions."""
    start = jnp.full(5, parameters["start"])
    last, seen = descend_stochastic(
        step,
        start,
        draw,
        key,
        jnp.array([100, 200]),
        chunk=64,
        parameters=(parameters["rate"],),
    )
    return {"last": last, "mean": seen.mean(axis=1)}


def run(**options):
    return run_ensemble(walk, POINTS.parameters, **{"seed": 3, "progress": False, **options})


def main(how, out):
    if how == "devices":
        result = run(tile=3, devices=jax.devices())
        assert len(jax.devices()) == 8
    elif how == "process":
        rank, port = int(os.environ["RANK"]), os.environ["PORT"]
        jax.distributed.initialize(f"localhost:{port}", num_processes=2, process_id=rank)
        result = run(tile=3, checkpoint=f"{out}.parts")
        assert jax.process_count() == 2
        out = f"{out}.{rank}"
    else:
        result = run(tile=3, chunk=3, checkpoint=out, stop=lambda done: os.system("sleep 0.3"))
    if how != "killed":
        np.savez(f"{out}.npz", finished=result.finished, **result.results)


if __name__ == "__main__":
    main(*sys.argv[1:])
