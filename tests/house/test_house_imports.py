"""Imports go downhill: each floor of the library may use only the floors below it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from book_site import ROOT

PACKAGE = ROOT / "ttlearn"
FLOORS = {
    "records": 0,
    "precision": 0,
    "configure": 0,
    "machine": 0,
    "dynamics": 1,
    "two_timescale": 2,
    "directional": 2,
    "saddles": 2,
    "figures": 3,
    "labs": 4,
    "course": 5,
}
# Drawing and widgets stay on the floors that are made of them.
ONLY_IN = {
    "matplotlib": {"figures"},
    "anywidget": {"labs"},
    "ipywidgets": {"labs", "course"},
    "diffrax": {"dynamics"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


def imported(tree: ast.AST, module: str) -> Iterator[str]:
    """The full names that a module imports, its relative imports resolved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def module_name(path: Path) -> str:
    """``ttlearn.room.file``, a package's own file as ``ttlearn.room.__init__``."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def uphill(module: str, source: str) -> list[str]:
    """What ``module`` imports from its own floor's neighbours or from above."""
    room = module.split(".")[1]
    wrong = []
    for name in imported(ast.parse(source), module):
        parts = name.split(".")
        if parts[0] == "ttlearn" and len(parts) > 1 and parts[1] in FLOORS and parts[1] != room:
            if FLOORS[parts[1]] >= FLOORS[room]:
                wrong.append(name)
        elif room not in ONLY_IN.get(parts[0], {room}):
            wrong.append(name)
    return wrong


def test_every_room_has_a_floor() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in FILES}
    assert rooms - {"__init__"} <= set(FLOORS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_downhill(path: Path) -> None:
    module = module_name(path)
    if module != "ttlearn.__init__":
        assert not uphill(module, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("ttlearn.dynamics.flow", "from ttlearn.saddles import loss"),
        ("ttlearn.saddles.claims", "import ttlearn.directional.laws"),
        ("ttlearn.saddles.claims", "from ttlearn import figures"),
        ("ttlearn.directional.claims", "def f():\n    from ..two_timescale import loss"),
        ("ttlearn.records", "from ttlearn.dynamics import flow"),
        ("ttlearn.saddles.claims", "import matplotlib.pyplot as plt"),
    ],
)
def test_a_step_uphill_is_seen(module: str, source: str) -> None:
    assert uphill(module, source)


def test_what_is_imported_is_declared() -> None:
    """Core packages in ``dependencies``, those of one room or of an option in an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(lines: list[str]) -> set[str]:
        return {re.split(r"[<>=\[ ]", line)[0].lower() for line in lines}

    core = names(project["dependencies"])
    extras = {key: names(lines) for key, lines in project["optional-dependencies"].items()}
    homes = {"labs": extras["labs"], "course": extras["course"] | extras["labs"]}
    homes["dynamics"] = extras["diffrax"]
    missing = set()
    for path in FILES:
        module = module_name(path)
        found = {name.split(".")[0] for name in imported(ast.parse(path.read_text()), module)}
        found -= set(sys.stdlib_module_names) | {"ttlearn"}
        known = core | homes.get(module.split(".")[1], set())
        missing |= {f"{module}: {name}" for name in found if name.lower() not in known}
    assert not missing


def test_importing_ttlearn_loads_neither_drawing_nor_widgets_nor_extras() -> None:
    code = "import sys, ttlearn; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(done.stdout.split())
    assert "ttlearn" in loaded
    assert not loaded & {
        "matplotlib",
        "anywidget",
        "ipywidgets",
        "diffrax",
        "IPython",
        "scipy.stats",
    }
