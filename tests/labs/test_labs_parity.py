"""The browser's engines and the library agree, case by case, through numbers frozen in files.

Engine against file, and JAX against file: when either side changes, one of the two goes red. Files
are made by ``tools/freeze_parity.py``, tolerances stand in ``tools/parity_cases``.
"""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parity_cases import ENGINES, readable, unreadable

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "tests/labs/frozen"
NODE = ROOT / ".venv/bin/node"


@functools.cache
def frozen(engine: str) -> list[dict[str, Any]]:
    return json.loads((FROZEN / f"{engine}.json").read_text(encoding="utf-8"))["cases"]


@functools.cache
def engine_answers(engine: str, *options: str) -> list[dict[str, Any]]:
    run = subprocess.run(
        [NODE, ROOT / "tests/labs/js/parity.mjs", FROZEN / f"{engine}.json", *options],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)


def differences(found: Any, expected: Any, absolute: float, relative: float) -> tuple[float, str]:
    """How many tolerances two arrays are apart, and where."""
    a, b = unreadable(found), unreadable(expected)
    if a.shape != b.shape:
        return np.inf, f"{a.size} numbers instead of {b.size}"
    if a.dtype == object or b.dtype == object:
        return (0.0, "") if np.array_equal(a, b) else (np.inf, f"{a} instead of {b}")
    with np.errstate(invalid="ignore"):
        apart = np.where(a == b, 0.0, np.abs(a - b))
        allowed = absolute + relative * np.where(np.isfinite(b), np.abs(b), 0.0)
    apart = np.where(np.isnan(a) & np.isnan(b), 0.0, apart)
    if a.size == 0:
        return 0.0, ""
    part = np.where(np.isnan(apart), np.inf, apart) / np.maximum(allowed, 1e-300)
    worst = int(np.argmax(part))
    return float(part[worst]), f"[{worst}]: {a[worst]!r} instead of {b[worst]!r}"


def compare(name: str, answers: list[dict[str, Any]], absolute: Mapping[str, float]) -> None:
    complaints = []
    for case, found in zip(frozen(name), answers, strict=True):
        for array, expected in case["expected"].items():
            allowed = absolute.get(array, absolute[""])
            part, where = differences(found[array], expected, allowed, ENGINES[name].relative)
            if part > 1:
                complaints.append(f"{case['name']}: {array}{where} ({part:.3g} tolerances)")
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("name", ENGINES)
def test_the_engine_equals_the_frozen_numbers(name: str) -> None:
    compare(name, engine_answers(name), ENGINES[name].absolute)


@pytest.mark.parametrize("name", [name for name, engine in ENGINES.items() if engine.live])
def test_the_engine_as_the_page_runs_it_stays_near_the_frozen_numbers(name: str) -> None:
    live = ENGINES[name].live
    assert live is not None
    compare(name, engine_answers(name, "--live"), live)


@pytest.mark.slow
@pytest.mark.parametrize("name", ENGINES)
def test_jax_still_gives_the_frozen_numbers(name: str) -> None:
    engine = ENGINES[name]
    complaints = []
    for case in frozen(name):
        again = readable(engine.compute(case["parameters"]))
        assert again.keys() == case["expected"].keys()
        for array, expected in case["expected"].items():
            part, where = differences(again[array], expected, engine.drift, engine.drift)
            if part > 1:
                complaints.append(f"{case['name']}: {array}{where} ({part:.3g} tolerances)")
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("name", ENGINES)
def test_the_frozen_cases_are_the_named_ones_and_at_least_twenty(name: str) -> None:
    named = {case: readable(parameters) for case, parameters in ENGINES[name].cases().items()}
    assert {case["name"]: case["parameters"] for case in frozen(name)} == named
    assert len(named) >= 20
    assert all(case["expected"] for case in frozen(name))


def test_a_changed_number_is_seen() -> None:
    assert differences([1.0, 2.0], [1.0, 2.0 + 1e-6], 1e-7, 0.0)[0] > 1
    assert differences([1.0], [1.0, 2.0], 1.0, 0.0)[0] > 1
    assert differences(["NaN"], [1.0], 1.0, 0.0)[0] > 1
    assert differences(["-Infinity"], ["-Infinity"], 1e-9, 0.0)[0] == 0
    assert differences(["Infinity"], ["-Infinity"], 1e-9, 1.0)[0] > 1
    assert differences(["saddle"], ["local minimum"], 1.0, 1.0)[0] > 1
