"""The table drawn: one bar a contestant, one line a growth curve."""

from __future__ import annotations

from pathlib import Path

import matplotlib

from benchmarks.table import Report
from ttlearn.figures import style

RATIOS, GROWTH = "ratios.svg", "growth.svg"


def draw(report: Report, folder: Path) -> list[Path]:
    """``ratios.svg`` and, where growth was measured, ``growth.svg`` in ``folder``."""
    # Letters as letters: a tenth of the size of their outlines, and found by a reader's search.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ttlearn"}):
        made = [_ratios(report, folder / RATIOS)]
        return [*made, _growth(report, folder / GROWTH)] if report.growth else made


def _ratios(report: Report, path: Path) -> Path:
    shown = [(row, report.measured(row)) for row in report.rows if report.measured(row)]
    heights = [1.0 + 0.35 * len(found) for _, found in shown]
    panels = style.panels(len(shown), 1, width=8.0, height=sum(heights))
    for axis, (row, found) in zip(panels, shown, strict=True):
        names, ratios = [one.name for one in found], [one.ratio or 1.0 for one in found]
        bars = axis.barh(names, ratios, left=0.0, log=True, color=style.BLUE)
        labels = [style.number(ratio) for ratio in ratios]
        axis.bar_label(bars, labels, padding=3, fontsize=8, color=style.INK)
        axis.minorticks_off()
        axis.axvline(1.0, linewidth=0.8, color=style.VERMILION)
        axis.invert_yaxis()
        axis.margins(x=0.25)
        axis.set_title(row.title, fontsize=9, loc="left")
        axis.tick_params(labelsize=8)
    panels[-1].set_xlabel("time, relative to ttlearn's fastest", fontsize=8)
    panels[0].figure.savefig(path, transparent=True, metadata={"Date": None})
    return path


def _growth(report: Report, path: Path) -> Path:
    panels = style.panels(1, len(report.growth), width=9.0, height=2.6)
    for axis, one in zip(panels, report.growth, strict=True):
        axis.loglog(one.sizes, one.seconds, "o-", color=style.BLUE)
        axis.minorticks_off()
        axis.set_title(f"{one.title}:\nsize^{one.exponent:.2f}", fontsize=7)
        axis.set_xlabel(one.variable, fontsize=8)
        axis.tick_params(labelsize=7)
    panels[0].set_ylabel("seconds", fontsize=8)
    panels[0].figure.savefig(path, transparent=True, metadata={"Date": None})
    return path
