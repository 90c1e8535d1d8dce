"""What a table must say about where it was made."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

import jax

import ttlearn

PACKAGES = ("jax", "jaxlib", "numpy", "numba", "torch", "diffrax", "scipy")


def describe(settings: str) -> dict[str, Any]:
    """Hardware, versions, date, and what was set by hand."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {"ttlearn": ttlearn.__version__}
        | {name: version for name in PACKAGES if (version := _version(name))},
        "jax_devices": [str(device) for device in jax.devices()],
        "settings": settings,
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
