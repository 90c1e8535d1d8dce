"""What a table must say about where it was made, besides the machine: settings, peers, load."""

from __future__ import annotations

import os
from typing import Any

from ttlearn.machine import PACKAGES, describe_machine

PEERS = ("numba", "torch", "diffrax", "scipy")


def describe(settings: str) -> dict[str, Any]:
    """Machine, versions of ttlearn and its peers, what was set by hand, and the load."""
    load = round(os.getloadavg()[0], 2)
    return describe_machine(PACKAGES + PEERS) | {"settings": settings, "load_at_start": load}
