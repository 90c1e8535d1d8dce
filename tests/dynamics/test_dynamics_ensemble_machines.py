"""Ensembles on eight devices, in two processes, under a kill, and in real need of memory."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from ensemble_cases import run

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("ensemble_cases.py")


def start(how, out, **environment):
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", **environment}
    command = [sys.executable, str(SCRIPT), how, str(out)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def finish(process):
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors


def check(path, whole):
    with np.load(path) as found:
        assert found["finished"].all()
        for name, expected in whole.results.items():
            np.testing.assert_array_equal(found[name], expected)


def test_eight_devices_give_the_numbers_of_one(tmp_path):
    finish(start("devices", tmp_path / "eight", JAX_NUM_CPU_DEVICES="8"))
    check(tmp_path / "eight.npz", run(tile=3))


def test_two_processes_give_the_numbers_of_one(tmp_path):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    # What is there already lies across the two shares.
    run(tile=3, chunk=15, checkpoint=tmp_path / "two.parts", stop=lambda done: done == 30)
    both = [start("process", tmp_path / "two", RANK=str(rank), PORT=port) for rank in range(2)]
    for process in both:
        finish(process)
    whole = run(tile=3)
    for rank in range(2):
        check(tmp_path / f"two.{rank}.npz", whole)


def test_a_killed_run_goes_on_to_the_same_numbers(tmp_path):
    process = start("killed", tmp_path / "parts")
    deadline = time.monotonic() + 120
    while len(list(tmp_path.glob("parts/*.npz"))) < 3:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = len(list(tmp_path.glob("parts/*.npz")))
    assert 3 <= kept < 16
    left = []
    resumed = run(chunk=3, checkpoint=tmp_path / "parts", stop=left.append)
    assert len(left) == 16 - kept
    assert resumed.finished.all()
    whole = run(tile=3)
    for name, expected in whole.results.items():
        np.testing.assert_array_equal(resumed.results[name], expected)


IN_NEED = """
import resource
import jax, jax.numpy as jnp, numpy as np
from ttlearn.dynamics import run_ensemble
jax.devices()
def greedy(x):
    line = jax.lax.optimization_barrier(x * jnp.arange(2.0**22))
    return jnp.sum(line * line[::-1])
run_ensemble(greedy, np.arange(1.0, 2.0), progress=False)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, -1))
run = run_ensemble(greedy, np.arange(1.0, 65.0), tile=64, chunk=64, progress=False)
assert run.finished.all() and run.lost == 0, run
assert run.tile < 64, run.tile
"""


def test_real_need_of_memory_is_answered_by_less_at_once():
    result = subprocess.run(
        [sys.executable, "-c", IN_NEED], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-3000:]
