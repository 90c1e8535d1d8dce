"""The committed bundles are what the sources build, small enough, and complete in themselves."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from lab_driver import NODE, ROOT

STATIC = ROOT / "ttlearn/labs/static"
BUNDLES = sorted(path.name for path in STATIC.glob("*.js"))
LARGEST = 150_000  # bytes; every lab on a page carries its bundle


@pytest.mark.slow
def test_sources_build_the_committed_bundles(tmp_path: Path) -> None:
    subprocess.run(
        [str(NODE), "ttlearn/labs/src/build.mjs", str(tmp_path)], cwd=ROOT, check=True, timeout=120
    )
    built = {path.name: path.read_bytes() for path in tmp_path.glob("*.js")}
    committed = {name: (STATIC / name).read_bytes() for name in BUNDLES}
    assert sorted(built) == sorted(committed), "npm run build, and commit what it wrote"
    stale = [name for name in built if built[name] != committed[name]]
    assert not stale, f"{stale}: npm run build, and commit what it wrote"


@pytest.mark.parametrize("name", BUNDLES)
def test_bundle_is_small_and_asks_for_nothing(name: str) -> None:
    text = (STATIC / name).read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST
    # Namespaces are names, not addresses; nothing else may look like one.
    addresses = set(re.findall(r"https?://[\w./#-]+", text))
    assert all(address.startswith("http://www.w3.org/") for address in addresses), addresses
    assert "import(" not in text
    assert not re.search(r"\bfetch\(|XMLHttpRequest", text)


@pytest.mark.slow
def test_javascript_types_and_tests() -> None:
    environment = {**os.environ, "PATH": f"{NODE.parent}:{os.environ['PATH']}"}
    types = subprocess.run(
        [str(NODE), "node_modules/typescript/bin/tsc", "--noEmit"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert types.returncode == 0, types.stdout
    tests = subprocess.run(
        [str(NODE), "--test", "tests/labs/js/*.test.js"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
    )
    assert tests.returncode == 0, tests.stdout[-4000:]
