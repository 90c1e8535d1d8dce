"""The memory that is free: on systems that do not count it, and inside containers."""

from __future__ import annotations

import os

import numpy as np
import pytest

from ttlearn.dynamics import host_memory, run_ensemble

GIB = 2**30


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """A control group tree of its own, this process in ``/jobs/mine``."""
    monkeypatch.setattr(host_memory, "GROUPS", tmp_path)
    monkeypatch.setattr(host_memory, "OWN_GROUPS", tmp_path / "own")
    monkeypatch.setattr(host_memory, "_free_of_system", lambda: 100 * GIB)

    def write(own, **files):
        (tmp_path / "own").write_text(own)
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("memory_", "memory.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(text))

    return write


def test_without_groups_it_is_what_the_system_says(groups, tmp_path):
    assert host_memory.free_memory() == 100 * GIB
    groups("0::/jobs/mine\n", memory_max="max\n", memory_current=5)
    assert host_memory.free_memory() == 100 * GIB


@pytest.mark.parametrize("where", ["", "jobs__", "jobs__mine__"])
def test_a_limit_of_version_2_is_kept(groups, where):
    stat = f"anon 7\ninactive_file {GIB}\n"
    files = {"memory_max": 8 * GIB, "memory_current": 3 * GIB, "memory_stat": stat}
    groups("0::/jobs/mine\n", **{where + name: text for name, text in files.items()})
    assert host_memory.free_memory() == 6 * GIB


@pytest.mark.parametrize("where", ["memory__", "memory__jobs__", "memory__jobs__mine__"])
def test_a_limit_of_version_1_is_kept(groups, where):
    files = {
        "memory_limit_in_bytes": 8 * GIB,
        "memory_usage_in_bytes": 3 * GIB,
        "memory_stat": f"total_inactive_file {GIB}\n",
    }
    own = "3:cpu:/elsewhere\n2:memory:/jobs/mine\n0::/\n"
    groups(own, **{where + name: text for name, text in files.items()})
    assert host_memory.free_memory() == 6 * GIB


def test_systems_that_count_no_free_pages(monkeypatch):
    monkeypatch.setattr(host_memory, "_left_in_groups", lambda: [])
    names = dict(os.sysconf_names)
    monkeypatch.setattr(os, "sysconf_names", names)
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    del names["SC_AVPHYS_PAGES"]
    assert host_memory.free_memory() == whole // 2
    assert run_ensemble(lambda x: 2 * x, np.arange(3.0), progress=False).finished.all()
    monkeypatch.delattr(os, "sysconf_names")
    monkeypatch.delattr(os, "sysconf")
    assert host_memory.free_memory() == host_memory.UNKNOWN
    assert run_ensemble(lambda x: 2 * x, np.arange(3.0), progress=False).finished.all()
