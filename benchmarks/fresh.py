"""What only a fresh Python can tell: imports, first calls, the compile cache, peak memory."""

from __future__ import annotations

import dataclasses
import os
import statistics
import subprocess
import sys
import tempfile
import time

FIRST_FLOW = """
from ttlearn.two_timescale import network_flow
network_flow([0.3, 0.7], slow_times=[0.01], timescale_ratio=0.01)
"""
FIRST_SGD = """
from ttlearn.two_timescale import sgd
sgd(timescale_ratio=1.0, steps=1000, keep=2, progress=False)
"""
PEAK = """
print(next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if "VmHWM" in line))
"""


# Not getrusage: a process inherits that peak from the one that started it.


@dataclasses.dataclass(frozen=True)
class Fresh:
    """One measurement in fresh processes: seconds or bytes."""

    name: str
    value: float
    unit: str


def startup(rounds: int) -> list[Fresh]:
    """Seconds from starting Python to the end of a first cell."""
    cells = {
        "import numpy": "import numpy",
        "import jax": "import jax",
        "import ttlearn": "import ttlearn",
        "import ttlearn.two_timescale": "import ttlearn.two_timescale",
        "first gradient flow": FIRST_FLOW,
        "first online SGD": FIRST_SGD,
    }
    found = [Fresh(name, _seconds(code, rounds), "s") for name, code in cells.items()]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first gradient flow", "first online SGD"):
            code = f"import ttlearn; ttlearn.keep_compiled({folder!r})\n{cells[name]}"
            _run(code)
            found.append(Fresh(f"{name}, compiled before", _seconds(code, rounds), "s"))
    return found


def memory(quick: bool) -> list[Fresh]:
    """Peak memory of a process, and what a further step or run adds to it."""
    steps = (1_000, 10_000) if quick else (100_000, 10_000_000)
    runs = (8, 16) if quick else (64, 1024)
    single = [
        f"from ttlearn.two_timescale import sgd\n"
        f"sgd(timescale_ratio=1e-3, steps={n}, keep=2, progress=False)"
        for n in steps
    ]
    many = [
        f"from ttlearn.two_timescale import sgd_ensemble\n"
        f"sgd_ensemble({n}, timescale_ratio=1e-3, steps=20_000, keep=2, progress=False)"
        for n in runs
    ]
    networks = 100 if quick else 10_000
    descent = (
        "from ttlearn.saddles import Problem, gradient_descent, random_starts\n"
        f"starts = random_starts({networks}, 10)\n"
        "gradient_descent(Problem(), starts, 0.01, 20, progress=False)"
    )
    peaks = [_peak(code) for code in (*single, *many)]
    return [
        Fresh("import ttlearn.two_timescale", _peak("import ttlearn.two_timescale"), "bytes"),
        *(
            Fresh(f"SGD, {n} steps", peak, "bytes")
            for n, peak in zip(steps, peaks[:2], strict=True)
        ),
        *(Fresh(f"SGD, {n} runs", peak, "bytes") for n, peak in zip(runs, peaks[2:], strict=True)),
        Fresh(f"Descent, {networks} networks of 10 neurons", _peak(descent), "bytes"),
        Fresh("SGD, each further step", _each(steps, peaks[:2]), "bytes"),
        Fresh("SGD, each further run", _each(runs, peaks[2:]), "bytes"),
    ]


def _each(sizes: tuple[int, int], peaks: list[float]) -> float:
    return (peaks[1] - peaks[0]) / (sizes[1] - sizes[0])


def _peak(code: str) -> float:
    return float(_run(code + PEAK).split()[-1])


def _seconds(code: str, rounds: int) -> float:
    _run(code)
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        _run(code)
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def _run(code: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    if done.returncode:
        raise RuntimeError(f"a fresh Python failed: {done.stderr[-2000:]}")
    return done.stdout
