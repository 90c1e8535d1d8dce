"""From a slider's move to the redrawn frame, in a browser: ``python -m benchmarks.labs``.

Run it alone on the machine. The labs lie on a bare page; each move is timed from the input event to
the end of the animation frame that draws the last of the new trajectories.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results"
MOVES = 40
LONGEST = 50.0  # ms from a slider's move to the redrawn frame

_TIME = """async ([root, name, moves]) => {
  const slider = root.querySelector(`[type=range][data-name="${name}"]`);
  const times = [];
  for (let i = 0; i < moves; i++) {
    await new Promise(requestAnimationFrame);
    const seen = root.lab.finished;
    const start = performance.now();
    slider.value = String(Number(slider.value) + (i % 2 ? -1 : 1) * Number(slider.step));
    slider.dispatchEvent(new Event("input"));
    while (root.lab.runner.busy || root.lab.pending || root.lab.finished === seen)
      await new Promise((done) => setTimeout(done, 0));
    times.push(performance.now() - start);
  }
  return times.slice(5);
}"""


def cases() -> dict[str, tuple[Any, str]]:
    """A lab and the slider that moves, by what is measured."""
    from ttlearn import labs

    descent = {"mode": "sgd", "most_steps": 2000, "step_size": 1e-3, "timescale_ratio": 2e-5}
    quick = labs.TwoTimescaleLab(timescale_ratio=5e-3, horizon=3.0)
    return {
        "two runs of SGD, 20 neurons, 2,000 steps": (labs.TwoTimescaleLab(**descent), "noise"),
        "two gradient flows and the limit, 20 neurons": (quick, "timescale_ratio"),
        "the same at the opening state": (labs.TwoTimescaleLab(), "timescale_ratio"),
        "the race": (labs.RaceLab(), "jump"),
    }


def measure() -> dict[str, dict[str, float]]:
    """Median, slowest of ten and slowest time of each case, in ms."""
    sys.path[:0] = [str(ROOT / "tests/labs"), str(ROOT / "tools")]
    from lab_page import write_page
    from playwright.sync_api import sync_playwright

    import chromium

    found = {}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (lab, slider) in cases().items():
            page = browser.new_page(viewport={"width": 1000, "height": 900})
            page.goto(write_page(Path(folder) / "lab.html", [lab]))
            root = page.wait_for_selector(".ttl-lab[data-finished]")
            times = sorted(page.evaluate(_TIME, [root, slider, MOVES]))
            found[name] = {
                "median": statistics.median(times),
                "nine of ten": times[int(0.9 * len(times))],
                "slowest": times[-1],
            }
            page.close()
        browser.close()
    return found


def main() -> None:
    """The command."""
    from benchmarks import machine

    found = measure()
    described = machine.describe("nothing")
    RESULTS.mkdir(parents=True, exist_ok=True)
    content = {"machine": described, "milliseconds": found, "bar": LONGEST}
    (RESULTS / "labs.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    lines = [
        "# Labs: from a slider's move to the redrawn frame",
        "",
        f"Made on {described['date']} by `python -m benchmarks.labs` on {described['cores']} cores "
        f"of {described['processor']}; Chromium without a GPU. The bar is {LONGEST:g} ms for "
        "20 neurons over 2,000 steps.",
        "",
        "| what moves | median, ms | nine of ten below, ms | slowest, ms |",
        "|---|---|---|---|",
        *(
            f"| {name} | " + " | ".join(f"{t:.0f}" for t in row.values()) + " |"
            for name, row in found.items()
        ),
    ]
    text = "\n".join(lines) + "\n"
    (RESULTS / "labs.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
