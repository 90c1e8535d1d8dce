"""``python -m ttlearn.two_timescale.experiments NAME``: run, watch, stop, resume, save."""

from __future__ import annotations

import argparse
import os
import sys
import time

import numpy as np

from ttlearn import configure_cpu

INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


def main(arguments: list[str] | None = None) -> int:
    """Run one experiment and print its figures.

    Returns:
        0 when all figures are accepted or none is checked, 1 when one is not, 2 for what is
        refused, 130 after Ctrl-C.
    """
    given = _parser().parse_args(arguments)
    # Before anything computes: loops on the CPU run faster, and every core is a device.
    configure_cpu(devices=os.cpu_count() or 1)
    try:
        _check_places(given)
        return _phase(given) if given.name == "phase" else _experiment(given)
    except (ValueError, OSError) as error:
        return _say(given, str(error), 2)
    except KeyboardInterrupt as error:
        return _say(given, str(error) or "interrupted", INTERRUPTED)


def _say(given: argparse.Namespace, text: str, code: int) -> int:
    print(f"{given.name}: {text}", file=sys.stderr)
    return code


def _check_places(given: argparse.Namespace) -> None:
    """Refuse, before hours of work, a place that could not take its result."""
    folder = os.path.dirname(os.path.abspath(given.save)) if given.save else None
    if given.save and os.path.isdir(given.save):
        raise ValueError(f"--save {given.save} is a folder; name a file in it")
    for option, value, place in (("save", given.save, folder), ("keep", given.keep, given.keep)):
        if place is None:
            continue
        if not os.path.isdir(place):
            raise ValueError(f"--{option} {value}: there is no folder {place}; make it first")
        if not os.access(place, os.W_OK | os.X_OK):
            raise ValueError(f"--{option} {value}: folder {place} takes no file; name another")


def _parser() -> argparse.ArgumentParser:
    from ttlearn.two_timescale.experiments import EXPERIMENTS

    names = [f"  {name:4} {one.title} ({one.size})" for name, one in EXPERIMENTS.items()]
    names.append("  phase  phase diagram, ratio x neurons x starts")
    parser = argparse.ArgumentParser(
        prog="python -m ttlearn.two_timescale.experiments",
        description="Run an experiment of Marion & Berthier 2023:\n" + "\n".join(names),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", help="which experiment")
    parser.add_argument("--seed", type=int, help="decides start and samples (default 42)")
    parser.add_argument(
        "--stream",
        choices=["jax", "mt19937"],
        help="random numbers; mt19937 is the published code's, in its order",
    )
    parser.add_argument("--runs", type=int, help="repeats; fewer than the paper's are not checked")
    parser.add_argument("--checkpoint", help="file or folder to resume from and to write to")
    parser.add_argument("--save", help="write the record here (npz)")
    parser.add_argument("--keep", help="write figures, time and machine into this folder (JSON)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    grid = parser.add_argument_group("phase diagram")
    grid.add_argument("--ratios", type=int, default=24, help="how many, from 0.001 to 1")
    grid.add_argument("--neurons", type=int, nargs="+", default=list(range(4, 52, 2)))
    grid.add_argument("--seeds", type=int, default=64, help="starts in each cell")
    return parser


def _experiment(given: argparse.Namespace) -> int:
    from ttlearn.machine import describe_machine
    from ttlearn.two_timescale.experiments import load_record, run_experiment, write_full_run

    if given.save and os.path.exists(given.save):
        load_record(given.save, given.name)  # refuses to write over another experiment's file
    begin, cpu_begin = time.perf_counter(), time.process_time()
    outcome = run_experiment(
        given.name,
        seed=given.seed,
        stream=given.stream,
        runs=given.runs,
        checkpoint=given.checkpoint,
        progress=not given.quiet,
    )
    seconds, cpu_seconds = time.perf_counter() - begin, time.process_time() - cpu_begin
    for check in outcome.checks:
        print(check)
    if not outcome.checks:
        ending = outcome.record.meta.get("ending", "finished")
        print(f"{given.name}: {ending}; not checked, since the run is not at the paper's size")
    if given.save:
        outcome.save(given.save)
        print(f"saved to {given.save}")
    if outcome.record.meta.get("ending") == "interrupted":
        return _say(given, f"interrupted; {_resume(given)}", INTERRUPTED)
    if given.keep and outcome.checks:
        path = os.path.join(given.keep, f"{given.name}.json")
        write_full_run(outcome, seconds, cpu_seconds, describe_machine(), path)
        print(f"kept in {path}")
    return 0 if outcome.passed or not outcome.checks else 1


def _phase(given: argparse.Namespace) -> int:
    from ttlearn.two_timescale.experiments import phase_diagram, write_table

    ratios = [float(f"{ratio:.6g}") for ratio in np.geomspace(1e-3, 1.0, given.ratios)]
    phase = phase_diagram(
        ratios, given.neurons, given.seeds, folder=given.checkpoint, progress=not given.quiet
    )
    print(np.round(phase.success, 2))
    if phase.ending == "interrupted":
        saved = " and nothing is saved" if given.save else ""
        return _say(given, f"interrupted{saved}; {_resume(given)}", INTERRUPTED)
    if given.save:
        counts = " ".join(str(count) for count in given.neurons)
        command = (
            f"python -m ttlearn.two_timescale.experiments phase --ratios {given.ratios} "
            f"--neurons {counts} --seeds {given.seeds} --save phase_table.json"
        )
        write_table(phase, given.save, command)
        print(f"saved to {given.save}")
    return 0


def _resume(given: argparse.Namespace) -> str:
    if given.checkpoint:
        return f"the same command goes on from {given.checkpoint}"
    return "with --checkpoint PLACE the same command could go on where it stopped"


if __name__ == "__main__":
    sys.exit(main())
