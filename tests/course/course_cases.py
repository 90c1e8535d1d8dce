"""How a check is put to the test: right answers pass on many seeds, wrong ones are named."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest

from ttlearn.course import Check

# (what is wrong, the answer, the stage that should name it, a word of the sentence)
Wrong = tuple[str, Any, str, str]


def sandbox_works() -> bool:
    """Whether bubblewrap is there and allowed to make a sandbox."""
    if shutil.which("bwrap") is None:
        return False
    words = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


SANDBOX = sandbox_works()
needs_sandbox = pytest.mark.skipif(not SANDBOX, reason="bubblewrap cannot make a sandbox here")

SEEDS = range(12)


def assert_right(check: Check, answer: Any, seeds: range = SEEDS) -> None:
    for seed in seeds:
        report = check(answer, seed=seed)
        assert report.right, report


def assert_caught(check: Check, wrong: Wrong, seeds: range = range(3)) -> None:
    what, answer, stage, word = wrong
    for seed in seeds:
        report = check(answer, seed=seed)
        assert report.stage == stage, f"{what}: {report}"
        assert word.lower() in report.sentence.lower(), f"{what}: {report}"
