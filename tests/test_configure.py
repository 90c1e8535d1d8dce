"""Opt-in settings: the flag is set in time, kept beside others, and refused too late."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import ttlearn
from ttlearn.configure import with_threshold

THRESHOLD = "xla_cpu_small_while_loop_byte_threshold=1048576"

IN_TIME = """
import json, os, jax, ttlearn
before = os.environ.get("XLA_FLAGS")
note = ttlearn.configure_cpu(devices=3)
import jax.numpy as jnp
total = float(jax.lax.fori_loop(0, 10, lambda i, x: x + 1.0, 0.0))
print(json.dumps([before, os.environ.get("XLA_FLAGS"), note, jax.device_count(), total,
                  ttlearn.configure_cpu(devices=3)]))
"""

TOO_LATE = """
import warnings, os, jax, ttlearn
jax.devices()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    note = ttlearn.configure_cpu(devices=2)
assert len(caught) == 1 and caught[0].category is ttlearn.configure.TooLateWarning, caught
assert "too late" in note and "Restart" in note, note
assert "threshold" not in os.environ.get("XLA_FLAGS", "")
"""


def python(code, **environment):
    settings = {k: v for k, v in os.environ.items() if k != "XLA_FLAGS"} | environment
    return subprocess.run(
        [sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_in_time_it_sets_the_flag_beside_others():
    result = python(IN_TIME, XLA_FLAGS="--xla_cpu_enable_fast_math=false")
    assert result.returncode == 0, result.stderr
    before, flags, note, devices, total, again = json.loads(result.stdout)
    assert flags.startswith(before)
    assert (THRESHOLD in flags) == ("needs no flag" not in note)
    assert devices == 3
    assert total == 10.0
    assert "too late" not in again


@pytest.mark.slow
def test_too_late_it_warns_and_changes_nothing():
    result = python(TOO_LATE)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"--xla_backend_extra_options={THRESHOLD}"),
        ("--a=1", f"--a=1 --xla_backend_extra_options={THRESHOLD}"),
        (
            "--xla_backend_extra_options=x=1 --a=1",
            f"--xla_backend_extra_options=x=1,{THRESHOLD} --a=1",
        ),
    ],
)
def test_flags_that_are_there_stay(before, after):
    assert with_threshold(before) == after
    assert with_threshold(after) == after


def test_a_threshold_chosen_by_the_user_stays():
    chosen = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=5"
    assert with_threshold(chosen) == chosen


@pytest.mark.parametrize("devices", [0, -1, 2.5, "two"])
def test_bad_numbers_of_devices_are_refused(devices):
    with pytest.raises(ValueError, match="devices is"):
        ttlearn.configure_cpu(devices)


@pytest.mark.slow
def test_compiled_programs_are_found_again(tmp_path):
    folder = str(tmp_path / "cache")
    code = f"import ttlearn, jax; ttlearn.keep_compiled({folder!r}); print(jax.jit(abs)(-1))"
    first = python(code)
    assert first.returncode == 0, first.stderr
    files = {path.name for path in (tmp_path / "cache").iterdir() if "cache" in path.name}
    assert files
    assert python(code).stdout == first.stdout
    assert files == {path.name for path in (tmp_path / "cache").iterdir() if "cache" in path.name}
