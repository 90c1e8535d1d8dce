"""Measure everything and write the table: ``python -m benchmarks.run``.

Run it alone on the machine. ``--quick`` shows in a minute that all of it works; its numbers mean
nothing. Peers that are not installed are listed as such: ``pip install '.[bench]'``.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

FOLDER = Path(__file__).parent / "results"


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--rows", default="", help="only rows whose name holds one of these, a,b")
    parser.add_argument("--rounds", type=int, help="timed rounds (default 7, quick 1)")
    parser.add_argument("--folder", type=Path, help=f"where to write (default {FOLDER.name}/)")
    parser.add_argument("--devices", type=int, help="JAX devices (default: the number of cores)")
    chosen = parser.parse_args(arguments)
    folder = chosen.folder or (FOLDER / "quick" if chosen.quick else FOLDER)
    rounds = chosen.rounds or (1 if chosen.quick else 7)
    settings = _configure(chosen.devices)
    report = measure_all(chosen.quick, rounds, chosen.rows, settings)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.json").write_text(report.as_json(), encoding="utf-8")
    (folder / "table.md").write_text(report.as_markdown(), encoding="utf-8")
    from benchmarks.plots import draw

    draw(report, folder)
    print(report.as_markdown())


def _configure(devices: int | None) -> str:
    """Before anything starts JAX: all cores, and XLA's flag where it is needed."""
    import ttlearn

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return str(ttlearn.configure_cpu(devices=devices or cores))


def measure_all(quick: bool, rounds: int, only: str, settings: str):  # type: ignore[no-untyped-def]
    """All rows, or those whose name holds one of ``only``, and without ``only`` the rest too."""
    from tqdm import tqdm

    from benchmarks import (
        fresh,
        machine,
        rows_flow,
        rows_paper,
        rows_relu,
        rows_sgd,
        scaling,
        table,
    )
    from benchmarks.measure import measure

    described = machine.describe(settings)
    modules = (rows_sgd, rows_paper, rows_flow, rows_relu)
    rows = [row for module in modules for row in module.rows(quick)]
    names = [name for name in only.split(",") if name]
    if names:
        rows = [row for row in rows if any(name in row.name for name in names)]
        if not rows:
            raise SystemExit(f"no row's name holds one of {names}")
    results = [result for row in tqdm(rows, unit="row") for result in measure(row, rounds)]
    if names:
        return table.Report(described, quick, rows, results, [], [], [])
    growth = scaling.measure_growth(quick, rounds)
    startup, memory = fresh.startup(1 if quick else 3), fresh.memory(quick)
    return table.Report(described, quick, rows, results, growth, startup, memory)


if __name__ == "__main__":
    main()
