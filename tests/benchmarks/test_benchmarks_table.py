"""The benchmarks' own arithmetic, on a clock that the tests turn."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from book_site import ROOT

sys.path.insert(0, str(ROOT))

from benchmarks.fresh import Fresh
from benchmarks.measure import Absent, Contestant, Row, installed, measure
from benchmarks.scaling import Growth, exponent
from benchmarks.table import Report, seconds, size


class Clock:
    """Time passes only where a task says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def task(self, per_unit, value, compile_time=0.0):
        spent = []

        def prepare(count):
            def run():
                self.now += per_unit * count + (0.0 if spent else compile_time)
                spent.append(1)
                return value

            return run

        return prepare


def row(clock, *extra):
    return Row(
        "work",
        "Some work",
        "step",
        (
            Contestant("own", clock.task(1e-3, 1.0, compile_time=2.0), 100, own=True),
            Contestant("slower", clock.task(2e-3, 1.0), 100, own=True),
            Contestant("peer", clock.task(5e-3, 1.5), 10, "a note"),
            *extra,
        ),
        lambda result: abs(result - 1.0),
        4,
    )


def test_ratios_are_per_unit_and_compiling_is_apart():
    clock = Clock()
    own, slower, peer = measure(row(clock), 5, clock)
    assert own.per_unit == pytest.approx(1e-3)
    assert peer.per_unit == pytest.approx(5e-3)
    assert [one.ratio for one in (own, slower, peer)] == pytest.approx([1.0, 2.0, 5.0])
    assert own.first_call == pytest.approx(2.004)
    assert (own.error, peer.error) == (0.0, 0.5)


def test_a_peer_that_breaks_or_is_missing_is_a_line_of_the_table():
    def broken(count):
        raise OSError("no compiler\nmany lines")

    clock = Clock()
    missing = installed("ghost", "no_such_module", lambda: pytest.fail("not built"))
    assert isinstance(missing, Absent)
    results = measure(row(clock, Contestant("broken", broken, 1), missing), 3, clock)
    notes = {result.name: result.note for result in results if result.per_unit is None}
    assert "OSError" in notes["broken"]
    assert "no compiler" in notes["broken"]
    assert "not installed" in notes["ghost"]


def test_exponents_come_from_the_large_end():
    sizes = [1, 10, 100, 1000]
    times = [5.0, 5.0, *(1e-4 * np.array([100.0, 1000.0]) ** 1.5)]
    assert exponent(sizes, times) == pytest.approx(1.5)


def test_the_page_and_the_file_say_the_same():
    clock = Clock()
    work = row(clock, Absent("ghost", "not installed"))
    machine = {
        "date": "2026-11-25",
        "processor": "a processor",
        "cores": 2,
        "memory_gib": 4.0,
        "system": "Linux",
        "python": "3.11",
        "versions": {"jax": "0.10.2"},
        "settings": "nothing",
    }
    growth = [Growth("g", "Growing", "neurons", [1, 2], [0.1, 0.4], 2.0)]
    fresh = [Fresh("import", 1.5, "s")]
    results = measure(work, 3, clock)
    report = Report(machine, True, [work], results, growth, fresh, [Fresh("peak", 2**30, "bytes")])
    page, content = report.as_markdown(), json.loads(report.as_json())
    for shown in ("2026-11-25", "a processor", "jax 0.10.2", "Set by hand: nothing", "GPU: not"):
        assert shown in page
    assert "| peer | 5 ms | 5 | 5.0e-01 | 20 ms | a note |" in page
    assert "| ghost | not measured |" in page
    assert "| Growing | 1 neurons | 2 | 400 ms | 2.00 |" in page
    assert "| import | 1.5 s |" in page
    assert "| peak | 1 GiB |" in page
    assert "A quick run" in page
    assert [one["name"] for one in content["results"]] == ["own", "slower", "peer", "ghost"]
    assert content["results"][2]["ratio"] == pytest.approx(5.0)


def test_units():
    assert seconds(2e-9) == "2 ns"
    assert seconds(0.5) == "500 ms"
    assert size(2048) == "2 KiB"
