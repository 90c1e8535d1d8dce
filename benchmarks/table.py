"""The measurements as one Markdown page and one JSON file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from benchmarks.fresh import Fresh
from benchmarks.measure import Result, Row
from benchmarks.scaling import Growth

GPU = "GPU: not measured; no such machine was at hand."


@dataclasses.dataclass(frozen=True)
class Report:
    """Everything that one run of the benchmarks found."""

    machine: dict[str, Any]
    quick: bool
    rows: Sequence[Row]
    results: Sequence[Result]
    growth: Sequence[Growth]
    startup: Sequence[Fresh]
    memory: Sequence[Fresh]

    def measured(self, row: Row) -> list[Result]:
        """The results of one row that are numbers."""
        return [one for one in self.results if one.row == row.name and one.ratio is not None]

    def as_json(self) -> str:
        """For machines: numbers unrounded."""
        content = {
            "machine": self.machine,
            "quick": self.quick,
            "rows": {row.name: {"title": row.title, "unit": row.unit} for row in self.rows},
            **{
                name: [dataclasses.asdict(one) for one in getattr(self, name)]
                for name in ("results", "growth", "startup", "memory")
            },
            "gpu": GPU,
        }
        return json.dumps(content, indent=2) + "\n"

    def as_markdown(self) -> str:
        """For readers."""
        machine = self.machine
        versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
        settings = machine["settings"]
        settings = f"`{settings}`" if "=" in settings else settings
        head = [
            "# Benchmarks",
            "",
            f"Made on {machine['date']} by `python -m benchmarks.run"
            f"{' --quick' if self.quick else ''}` on {machine['cores']} cores of "
            f"{machine['processor']} with {machine['memory_gib']} GiB, {machine['system']}, Python "
            f"{machine['python']}; {versions}. Set by hand: {settings}. {GPU}",
            "",
            "Every ratio is the median over rounds in which all ran in turn, after a warm-up. The "
            "first call includes compiling. Errors are against the row's reference.",
            "",
        ]
        if self.quick:
            head += ["**A quick run: sizes are too small for its numbers to mean anything.**", ""]
        parts = [head, self._picture(), *(self._row(row) for row in self.rows)]
        parts += [self._growth(), _fresh("Start-up", self.startup), _fresh("Memory", self.memory)]
        return "\n".join(line for part in parts for line in part)

    def _picture(self) -> list[str]:
        said = []
        for row in self.rows:
            found = self.measured(row)
            if len(found) > 1:
                slowest = max(found, key=lambda one: one.ratio or 0.0)
                said.append(f"{row.title}: {slowest.name} takes {slowest.ratio:.3g} times as long.")
        words = f"Bars of time relative to ttlearn, logarithmic. {' '.join(said)}"
        return [f"![{words}](ratios.svg)", ""] if said else []

    def _row(self, row: Row) -> list[str]:
        lines = [
            f"## {row.title}",
            "",
            f"| who | time a {row.unit} | ratio | error | first call | note |",
            "|---|---|---|---|---|---|",
        ]
        for result in self.results:
            if result.row != row.name:
                continue
            if result.per_unit is None:
                lines.append(f"| {result.name} | not measured | | | | {result.note} |")
                continue
            lines.append(
                f"| {result.name} | {seconds(result.per_unit)} | {result.ratio:.3g} | "
                f"{result.error:.1e} | {seconds(result.first_call or 0.0)} | {result.note} |"
            )
        return [*lines, ""]

    def _growth(self) -> list[str]:
        if not self.growth:
            return []
        lines = [
            "## Growth",
            "",
            "| what grows | from | to | time there | exponent |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {one.title} | {one.sizes[0]} {one.variable} | {one.sizes[-1]} | "
            f"{seconds(one.seconds[-1])} | {one.exponent:.2f} |"
            for one in self.growth
        ]
        words = " ".join(f"{one.title}: exponent {one.exponent:.2f}." for one in self.growth)
        return [*lines, "", f"![Time against size, both logarithmic. {words}](growth.svg)", ""]


def _fresh(title: str, found: Sequence[Fresh]) -> list[str]:
    if not found:
        return []
    lines = [f"## {title}, in a fresh Python", "", "| what | measured |", "|---|---|"]
    for one in found:
        shown = seconds(one.value) if one.unit == "s" else size(one.value)
        lines.append(f"| {one.name} | {shown} |")
    return [*lines, ""]


def seconds(value: float) -> str:
    """A time with its unit, three digits.

    >>> seconds(3.7e-8), seconds(0.0123), seconds(12.3)
    ('37 ns', '12.3 ms', '12.3 s')
    """
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def size(value: float) -> str:
    """A number of bytes with its unit, three digits.

    >>> size(3 * 2**20), size(12.0)
    ('3 MiB', '12 B')
    """
    for unit, scale in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if abs(value) >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value:.3g} B"
