"""What a reader waits for on a page with labs: ``python -m benchmarks.labs``, alone on the machine.

Three things are measured in Chromium: from a slider's move to the redrawn frame (labs on a bare
page, each move timed from the input event to the end of the animation frame that draws the last of
the new trajectories); the frames that a page with a million steps of descent in its worker still
shows; and how soon, and how heavy, the pages of the built book are, served on localhost.
"""

from __future__ import annotations

import functools
import http.server
import json
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results"
SITE = ROOT / "_build/html"
LESSON = "notebooks/01_the_picture.html"
MOVES = 40
OPENINGS = 5
RUNS = 20  # of a million steps, on either side
BARS = {
    "move": 50.0,  # ms from a slider's move to the redrawn frame
    "frame": 20.0,  # ms between two frames at 60 a second, with what the screen's clock jitters
    "paint": 2000.0,  # ms to the first paint of the lesson page from localhost
    "state": 1_000_000,  # bytes of widget state in a page
    "bundle": 150_000,  # bytes of a lab's script
}

_MOVES = """async ([root, name, moves]) => {
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

# Intervals between animation frames from the start of the runs to their end, and the long tasks.
_FRAMES = """async ([root, parameters, runs]) => {
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
  observer.observe({ type: "longtask" });
  const intervals = [];
  let before = await new Promise(requestAnimationFrame);
  const start = before;
  for (let run = 1; run <= runs; run++) {
    root.lab.store.set({ ...parameters, noise: 1 + run / 1000 }); // another noise, another run
    while (root.lab.runner.busy) {
      const now = await new Promise(requestAnimationFrame);
      intervals.push(now - before);
      before = now;
    }
  }
  observer.disconnect();
  const steps = Object.values(root.lab.runs).map((run) => run.meta.steps ?? 0);
  const long = tasks.map((task) => task.duration);
  return { intervals, long, seconds: (before - start) / 1000, steps: Math.max(...steps) };
}"""

_PAINT = """() => new Promise((done) => new PerformanceObserver((list) => {
  const entry = list.getEntriesByName("first-contentful-paint")[0];
  if (entry) done(entry.startTime);
}).observe({ type: "paint", buffered: true }))"""


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


@contextmanager
def chromium_browser() -> Iterator[Any]:
    """Chromium without a GPU."""
    sys.path[:0] = [str(ROOT / "tests/labs"), str(ROOT / "tools")]
    from playwright.sync_api import sync_playwright

    import chromium

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@contextmanager
def open_lab(browser: Any, lab: Any) -> Iterator[tuple[Any, Any]]:
    """A bare page with one lab, its first runs done: the page and the lab's element."""
    from lab_page import write_page

    with tempfile.TemporaryDirectory() as folder:
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        page.goto(write_page(Path(folder) / "lab.html", [lab]))
        yield page, page.wait_for_selector(".ttl-lab[data-finished]")
        page.close()


def moves(browser: Any) -> dict[str, dict[str, float]]:
    """Median, slowest of ten and slowest time of each case, in ms."""
    found = {}
    for name, (lab, slider) in cases().items():
        with open_lab(browser, lab) as (page, root):
            times = sorted(page.evaluate(_MOVES, [root, slider, MOVES]))
        found[name] = {
            "median": statistics.median(times),
            "nine of ten": times[int(0.9 * len(times))],
            "slowest": times[-1],
        }
    return found


def frames(browser: Any) -> dict[str, float]:
    """The page's frames while runs of 10^6 steps, 20 neurons, are under way in the worker."""
    from ttlearn import labs

    million = {"mode": "sgd", "step_size": 1e-5, "most_steps": 1_000_000}
    with open_lab(browser, labs.TwoTimescaleLab()) as (page, root):
        seen = page.evaluate(_FRAMES, [root, million, RUNS])
    times = seen["intervals"]
    return {
        "steps": seen["steps"],
        "seconds": seen["seconds"],
        "frames": len(times),
        "frames a second": len(times) / seen["seconds"],
        "share in time": sum(time <= BARS["frame"] for time in times) / len(times),
        "median": statistics.median(times),
        "longest": max(times),
        "long tasks": len(seen["long"]),
        "longest task": max(seen["long"], default=0.0),
    }


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address under which a folder is served on localhost."""
    handler = functools.partial(_QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def paints(browser: Any) -> list[float]:
    """First contentful paint of the first lesson, in ms; each opening with an empty cache."""
    if not (SITE / LESSON).exists():
        raise SystemExit(f"no {SITE / LESSON}: build the book first, make book")
    found = []
    with served(SITE) as address:
        for _ in range(OPENINGS):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            page.goto(f"{address}/{LESSON}", wait_until="commit")
            found.append(page.evaluate(_PAINT))
            context.close()
    return found


def sizes() -> dict[str, tuple[str, int]]:
    """The heaviest widget state of a page of the book, and the heaviest bundle: name and bytes."""
    from bookext.fallback import STATE

    states = {}
    for page in sorted(SITE.rglob("*.html")):
        match = STATE.search(page.read_text(encoding="utf-8"))
        states[page.relative_to(SITE).as_posix()] = len(match.group(1).encode()) if match else 0
    bundles = {
        path.name: path.stat().st_size for path in (ROOT / "ttlearn/labs/static").glob("*.js")
    }
    heaviest = max(states, key=states.__getitem__), max(bundles, key=bundles.__getitem__)
    return {
        "state": (heaviest[0], states[heaviest[0]]),
        "bundle": (heaviest[1], bundles[heaviest[1]]),
    }


def measure() -> dict[str, Any]:
    """Everything, in order."""
    with chromium_browser() as browser:
        found: dict[str, Any] = {"first paint": paints(browser)}
        found |= {"milliseconds": moves(browser), "frames": frames(browser)}
    return found | {"bytes": sizes(), "bars": BARS}


def report(found: dict[str, Any], described: dict[str, Any]) -> str:
    """The page that says it."""
    shown, paint = found["frames"], sorted(found["first paint"])
    (page, state), (bundle, weight) = found["bytes"]["state"], found["bytes"]["bundle"]
    lines = [
        "# Labs: what a reader waits for",
        "",
        f"Made on {described['date']} by `python -m benchmarks.labs` on {described['cores']} cores "
        f"of {described['processor']}; Chromium without a GPU.",
        "",
        "## From a slider's move to the redrawn frame",
        "",
        f"The bar is {BARS['move']:g} ms for 20 neurons over 2,000 steps.",
        "",
        "| what moves | median, ms | nine of ten below, ms | slowest, ms |",
        "|---|---|---|---|",
        *(
            f"| {name} | " + " | ".join(f"{t:.0f}" for t in row.values()) + " |"
            for name, row in found["milliseconds"].items()
        ),
        "",
        "## Frames while descent runs in the worker",
        "",
        f"{RUNS} times two runs of {shown['steps']:,.0f} steps, 20 neurons: {shown['seconds']:.1f} "
        "s, every frame of that time. The bar is 60 frames a second.",
        "",
        "| frames a second | within 20 ms | median interval, ms | longest, ms | tasks over 50 ms |",
        "|---|---|---|---|---|",
        f"| {shown['frames a second']:.1f} | {100 * shown['share in time']:.1f} % "
        f"| {shown['median']:.1f} | {shown['longest']:.0f} | {shown['long tasks']} |",
        "",
        "## Pages",
        "",
        "| what | found | bar |",
        "|---|---|---|",
        f"| first paint of lesson 1 from localhost, median of {len(paint)} "
        f"(slowest {paint[-1]:.0f} ms) | {statistics.median(paint):.0f} ms "
        f"| {BARS['paint']:.0f} ms |",
        f"| largest widget state of a page, `{page}` | {state / 1000:.0f} kB "
        f"| {BARS['state'] / 1000:.0f} kB |",
        f"| largest bundle, `{bundle}` | {weight / 1000:.0f} kB | {BARS['bundle'] / 1000:.0f} kB |",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """The command."""
    from benchmarks import machine

    described = machine.describe("nothing")
    found = measure()
    RESULTS.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"machine": described} | found, indent=2)
    (RESULTS / "labs.json").write_text(content + "\n", encoding="utf-8")
    text = report(found, described)
    (RESULTS / "labs.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
