"""How much memory this process may still take, on any system and inside a container."""

from __future__ import annotations

import os
from pathlib import Path

UNKNOWN = 4 * 2**30
"""What is assumed to be free where the system does not say."""

GROUPS = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")
# The limit, what is used of it, and the part of that which only keeps files at hand and is given
# back when needed: version 2 of control groups, then version 1.
FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def free_memory() -> int:
    """Bytes that are free; where the system counts no free ones, half of those it has.

    Inside a control group with a limit (a container, a batch job), no more than is left of it.

    >>> free_memory() > 0
    True
    """
    return min([_free_of_system(), *_left_in_groups()])


def _free_of_system() -> int:
    page = _system("SC_PAGE_SIZE") or 4096
    free, whole = _system("SC_AVPHYS_PAGES"), _system("SC_PHYS_PAGES")
    if free is not None:
        return page * free
    return UNKNOWN if whole is None else page * whole // 2


def _system(name: str) -> int | None:
    # Windows answers no such question, macOS only how many pages there are.
    if name not in getattr(os, "sysconf_names", {}):
        return None
    try:
        value = os.sysconf(name)
    except (OSError, ValueError):
        return None
    return value if value > 0 else None


def _left_in_groups() -> list[int]:
    """What is left in this process's control group and those around it."""
    left: list[int] = []
    for folder in _folders():
        for limit, usage, reclaimed in FILES:
            most, used = _number(folder / limit), _number(folder / usage)
            if most is not None:
                used = max((used or 0) - _statistic(folder / "memory.stat", reclaimed), 0)
                left.append(max(most - used, 1))
    return left


def _folders() -> set[Path]:
    roots = (GROUPS, GROUPS / "memory")
    found = set(roots)
    try:
        lines = OWN_GROUPS.read_text().splitlines()
    except OSError:
        return found
    for line in lines:
        controllers, _, path = line.partition(":")[2].partition(":")
        if controllers in ("", "memory") or "memory" in controllers.split(","):
            place = Path(path.lstrip("/"))
            inner = [root / part for root in roots for part in (place, *place.parents)]
            found.update(inner)
    return found


def _number(path: Path) -> int | None:
    """The number in a file, None where there is none ("max" is no limit)."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _statistic(path: Path, name: str) -> int:
    try:
        lines = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return 0
    return next((int(words[1]) for words in lines if words[:1] == [name]), 0)
