"""Long and diverging descent: the page stays free, says how far it is, stops, and says where."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from lab_cases import small
from lab_driver import LabDriver

from ttlearn import labs

pytestmark = pytest.mark.browser

LONG: dict[str, Any] = {
    "mode": "sgd",
    "step_size": 1e-5,
    "timescale_ratio": 1e-4,
    "horizon": 50.0,
    "most_steps": 50_000_000,
    "neurons": 40,
}
DIVERGING: dict[str, Any] = {
    "mode": "sgd",
    "step_size": 0.2,
    "timescale_ratio": 1e-3,
    "neurons": 20,
    "horizon": 20.0,
}

# Every report of progress, with the number of animation frames that the page had by then.
WATCH = """(root) => {
  window.frames = 0;
  const tick = () => { window.frames += 1; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  window.reports = [];
  const { runner } = root.lab;
  const { onmessage } = runner.worker;
  runner.worker.onmessage = (event) => {
    const { progress, slot } = event.data;
    if (progress !== undefined) window.reports.push({ progress, slot, frames: window.frames });
    onmessage(event);
  };
}"""
UNDER_WAY = """([root, slot, frames]) => {
  const reports = window.reports.filter((report) => report.slot === slot);
  const [first, last] = [reports[0], reports.at(-1)];
  return root.lab.runner.busy && reports.length > 3
    && last.progress > first.progress && last.frames > first.frames + frames;
}"""
HOT = "advance"  # the engine's loop over the steps


def start(lab: LabDriver, parameters: dict[str, Any]) -> None:
    """Set parameters and do not wait for the runs."""
    lab.root.evaluate("(root, patch) => root.lab.store.set(patch)", parameters)


def functions_on_the_page(page: Any, lab: LabDriver) -> set[str]:
    """Names of what ran on the page's own thread during a long descent, by sampling it."""
    session = page.context.new_cdp_session(page)
    session.send("Profiler.enable")
    session.send("Profiler.setSamplingInterval", {"interval": 500})
    lab.root.evaluate(WATCH)
    start(lab, LONG)
    session.send("Profiler.start")
    page.wait_for_function(UNDER_WAY, arg=[lab.root, "slow", 10])
    profile = session.send("Profiler.stop")["profile"]
    sampled = set(profile["samples"])
    return {node["callFrame"]["functionName"] for node in profile["nodes"] if node["id"] in sampled}


def test_descent_leaves_the_page_free_shows_progress_and_stops(open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    names = functions_on_the_page(page, lab)  # frames went on between two reports of progress
    assert HOT not in names
    stop = page.wait_for_selector('[data-do="stop"]', state="visible")
    shown = page.wait_for_function("(root) => root.querySelector('progress').value", arg=lab.root)
    assert 0 < shown.json_value() < 1
    page.wait_for_function(
        "([root, seen]) => root.querySelector('progress').value > seen",
        arg=[lab.root, shown.json_value()],
    )
    stop.click()
    lab.settle()
    assert "Stopped" in lab.note()
    assert not page.is_visible('[data-do="stop"]')
    words = lab.summary()  # of the runs that were stopped, none of the flows before them
    assert words.count("where its run ends") == 2, words
    before = lab.seen()
    lab.set(mode="flow", neurons=6, horizon=1.0, timescale_ratio=5e-3)
    assert lab.seen() != before
    assert set(lab.runs()) == {"slow", "ordinary", "limit"}


def test_without_a_worker_the_page_itself_is_busy(open_labs: Any) -> None:
    """What the test above rests on: sampling sees the engine where it does run on the page."""
    page, [lab] = open_labs(small(), first="delete window.Worker")
    assert HOT in functions_on_the_page(page, lab)
    page.click('[data-do="stop"]')
    lab.settle()
    assert "Stopped" in lab.note()


def test_a_diverging_descent_stops_and_says_at_which_step(open_labs: Any) -> None:
    python = small(**DIVERGING)
    with pytest.raises(ValueError, match="diverged at step") as refused:
        python.trajectory()
    _, [lab] = open_labs(small())
    lab.set(**DIVERGING, positions=python.positions)
    said = re.search(r"Right run: diverged at step (\d+): a smaller step size", lab.note())
    assert said, lab.note()
    step = int(said[1])
    assert "Left run: diverged" in lab.note()
    assert lab.root.get_attribute("data-state") == "ready"
    run = lab.runs()["slow"]
    assert lab.summary().count("where its run ends") == 2
    last = run["times"][-1] / (DIVERGING["step_size"] * DIVERGING["timescale_ratio"])
    assert last <= step + 1e-6
    assert step == pytest.approx(int(re.findall(r"\d+", str(refused.value))[-1]), abs=5)
    for numbers in (run["losses"], *run["arrays"].values()):
        assert np.all(np.isfinite(np.array(numbers, float)))
    assert "NaN" not in lab.picture()
    lab.set(step_size=1e-3, most_steps=2000)
    assert lab.note() == ""


def test_a_note_of_a_run_stays_as_long_as_the_run(open_labs: Any) -> None:
    _, [lab] = open_labs(small(**DIVERGING))
    assert "Left run: diverged" in lab.note()
    lab.set(timescale_ratio=2e-3)  # the left run is not made again
    assert "Left run: diverged" in lab.note()


def test_kernel_says_why_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = small(**DIVERGING)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(lab, "send", lambda content, buffers=None: sent.append(content))
    lab._answer(lab, {"kind": "trajectory", "id": 3}, [])
    assert [message["kind"] for message in sent] == ["working", "refused"]
    assert "diverged at step" in sent[-1]["reason"]

    def broken() -> Any:
        raise RuntimeError("something else")

    monkeypatch.setattr(lab, "trajectories", broken)
    with pytest.raises(RuntimeError):
        lab._answer(lab, {"kind": "trajectory", "id": 4}, [])
    assert sent[-1] == {"kind": "refused", "id": 4, "reason": "something else"}


def test_a_run_that_stays_finite_is_not_refused() -> None:
    run = labs.TwoTimescaleLab(mode="sgd", most_steps=2000).trajectory()
    assert run.meta["ending"] == "finished"
