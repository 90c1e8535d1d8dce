"""The table drawn: one bar a contestant, one line a growth curve."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.table import Report


def draw(report: Report, folder: Path) -> list[Path]:
    """``ratios.svg`` and ``growth.svg`` in ``folder``."""
    return [_ratios(report, folder / "ratios.svg"), _growth(report, folder / "growth.svg")]


def _ratios(report: Report, path: Path) -> Path:
    rows = [
        row for row in report.rows if any(r.row == row.name and r.ratio for r in report.results)
    ]
    figure = Figure(figsize=(8, 1.6 * max(len(rows), 1)), layout="constrained")
    axes = figure.subplots(max(len(rows), 1), 1, squeeze=False)[:, 0]
    for axis, row in zip(axes, rows, strict=False):
        found = [r for r in report.results if r.row == row.name and r.ratio is not None]
        names, ratios = [r.name for r in found], [r.ratio or 1.0 for r in found]
        bars = axis.barh(names, ratios, left=0.0, log=True)
        axis.bar_label(bars, [f"{ratio:.3g}" for ratio in ratios], padding=3, fontsize=7)
        axis.axvline(1.0, linewidth=0.8)
        axis.invert_yaxis()
        axis.margins(x=0.25)
        axis.set_title(f"{row.title}: time, relative to ttlearn", fontsize=8, loc="left")
        axis.tick_params(labelsize=7)
    figure.savefig(path)
    return path


def _growth(report: Report, path: Path) -> Path:
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.subplots(1, max(len(report.growth), 1), squeeze=False)[0]
    for axis, one in zip(axes, report.growth, strict=False):
        axis.loglog(one.sizes, one.seconds, "o-")
        axis.set_title(f"{one.title}:\nsize^{one.exponent:.2f}", fontsize=7)
        axis.set_xlabel(one.variable, fontsize=7)
        axis.tick_params(labelsize=7)
    axes[0].set_ylabel("seconds", fontsize=7)
    figure.savefig(path)
    return path
