"""Where a measurement was made: what stands beside every time that is printed."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

import jax

PACKAGES = ("ttlearn", "jax", "jaxlib", "numpy")


def describe_machine(packages: tuple[str, ...] = PACKAGES) -> dict[str, Any]:
    """Date, processor, cores, memory, devices and versions, ready for JSON.

    Starts JAX's backend: settings that must come before it have to be made by then.

    Arguments:
        packages: names of distributions; those that are not installed are left out.

    >>> sorted(describe_machine(("numpy",)))[:4]
    ['cores', 'date', 'jax_devices', 'memory_gib']
    """
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gib": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version for name in packages if (version := _version(name))},
        "jax_devices": [str(device) for device in jax.devices()],
    }


def machine_in_words(machine: dict[str, Any]) -> str:
    """One line for a reader.

    >>> machine_in_words({"cores": 2, "processor": "Some CPU", "python": "3.12.1",
    ...                   "versions": {"jax": "0.12"}, "date": "2026-01-31"})
    '2 cores of Some CPU, Python 3.12.1, jax 0.12, on 2026-01-31'
    """
    versions = "".join(f", {name} {version}" for name, version in machine["versions"].items())
    cores, processor = machine["cores"], machine["processor"]
    python, date = machine["python"], machine["date"]
    return f"{cores} cores of {processor}, Python {python}{versions}, on {date}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _memory() -> float | None:
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names:
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
