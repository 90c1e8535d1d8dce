"""Freeze what the library says on the parity cases, for the browser's engines to be compared with.

    python tools/freeze_parity.py [engine ...]

writes tests/labs/frozen/ENGINE.json. Run it after a change that is meant to change the numbers, and
look at the difference before committing it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from parity_cases import ENGINES, readable

FROZEN = Path(__file__).resolve().parents[1] / "tests/labs/frozen"


def freeze(name: str) -> Path:
    """Compute every case of one engine and write the file."""
    engine = ENGINES[name]
    cases = [
        {"name": case, "parameters": parameters, "expected": readable(engine.compute(parameters))}
        for case, parameters in engine.cases().items()
    ]
    lines = ",\n".join(json.dumps(readable(case), ensure_ascii=False) for case in cases)
    path = FROZEN / f"{name}.json"
    path.write_text(f'{{"engine": "{name}", "cases": [\n{lines}\n]}}\n', encoding="utf-8")
    return path


def main(names: list[str]) -> None:
    """Freeze the engines named, or all."""
    unknown = sorted(set(names) - set(ENGINES))
    if unknown:
        raise SystemExit(f"no engine {unknown[0]!r}; there are {', '.join(ENGINES)}")
    FROZEN.mkdir(exist_ok=True)
    for name in names or ENGINES:
        path = freeze(name)
        print(f"{path.name}: {len(ENGINES[name].cases())} cases, {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
