"""Every control of every lab, by keyboard, by mouse and by touch, on a page with nothing else."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from lab_driver import LabDriver, centre, engine_runs, touch_drag

from ttlearn import labs

pytestmark = pytest.mark.browser

LABS = [
    name
    for name in labs.__all__
    if inspect.isclass(getattr(labs, name)) and issubclass(getattr(labs, name), labs.Lab)
]
LABS.remove("Lab")
# A smaller opening state where the real one takes the engine a tenth of a second or more.
# And parameters that a small step leaves without effect on what is seen, and why.
QUICK: dict[str, dict[str, Any]] = {
    "TwoTimescaleLab": {"neurons": 8, "timescale_ratio": 5e-3, "horizon": 3.0},
    # Beyond the catapult rounding is amplified: two builds of the same engine part there.
    "SharpnessLab": {"step_size": 0.3, "most_steps": 400},
}
SILENT = {
    ("TwoTimescaleLab", "most_steps"): "a cap that the opening run does not reach",
}


def make(name: str) -> Any:
    return getattr(labs, name)(**QUICK.get(name, {}))


@pytest.mark.parametrize("name", LABS)
def test_keyboard_moves_every_control(name: str, open_labs: Any) -> None:
    page, [lab] = open_labs(make(name))
    lab.unfold()
    asked, answered = [], []
    for control in lab.controls():
        if control["hidden"]:
            continue
        lab.meet(control)
        before, state = lab.seen(), lab.state()
        _by_keyboard(page, lab, control)
        lab.settle()
        assert lab.state()[control["name"]] != state[control["name"]], control["name"]
        if (name, control["name"]) not in SILENT:
            assert lab.seen() != before, f"{control['name']} changed and nothing seen did"
        for run in lab.runs().values():
            if run["request"]:
                asked.append(run.pop("request"))
                answered.append(run)
        lab.reset()
    for request, seen, expected in zip(asked, answered, engine_runs(asked), strict=True):
        assert_same(seen, expected, request)


def assert_same(seen: Any, expected: Any, request: Any) -> None:
    """Equal but for what a browser's sine and Node's differ by; what is infinite has no JSON."""
    assert seen.keys() == expected.keys(), request
    assert seen["arrays"].keys() == expected["arrays"].keys(), request
    for one, other in (
        (seen["times"], expected["times"]),
        (seen["losses"] or [], expected["losses"] or []),
        *((seen["arrays"][name], expected["arrays"][name]) for name in seen["arrays"]),
    ):
        numbers = [np.nan if x is None or not np.isfinite(x) else x for x in one]
        others = [np.nan if x is None or not np.isfinite(x) else x for x in other]
        scale = np.nanmax(np.abs([*others, 1e-300]))
        np.testing.assert_allclose(numbers, others, rtol=1e-7, atol=1e-9 * scale)


def _by_keyboard(page: Any, lab: LabDriver, control: dict[str, Any]) -> None:
    if control["kind"] in {"number", "integer"}:
        slider = lab.field(control, "[type=range]")
        slider.focus()
        at_end = slider.evaluate("(e) => Number(e.value) >= Number(e.max)")
        page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")
        page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")
    elif control["kind"] == "choice":
        select = lab.field(control, "")
        select.focus()
        last = select.evaluate("(e) => e.selectedIndex === e.options.length - 1")
        page.keyboard.press("ArrowUp" if last else "ArrowDown")
    elif control["kind"] == "flag":
        lab.field(control, "").focus()
        page.keyboard.press("Space")
    else:
        values = lab.state()[control["name"]]
        field = lab.field(control, "")
        field.focus()
        page.keyboard.press("ControlOrMeta+a")
        moved = values[0] + 0.003 * (control["high"] - control["low"])
        page.keyboard.type(", ".join(str(v) for v in [moved, *values[1:]]))
        page.keyboard.press("Enter")


@pytest.mark.parametrize("name", LABS)
@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_pointer_moves_every_control(name: str, touch: bool, open_labs: Any) -> None:
    _, [lab] = open_labs(make(name), touch=touch, width=390 if touch else 1000)
    lab.unfold()
    for control in lab.controls():
        if control["hidden"] or control["kind"] not in {"number", "integer", "flag"}:
            continue
        lab.meet(control)
        before, state = lab.seen(), lab.state()
        if control["kind"] == "flag":
            element = lab.field(control, "")
            (element.tap if touch else element.click)()
        else:
            element = lab.field(control, "[type=range]")
            box = element.bounding_box()
            share = (
                0.3 if element.evaluate("(e) => (e.value - e.min) / (e.max - e.min)") > 0.5 else 0.7
            )
            place = {"x": box["width"] * share, "y": box["height"] / 2}
            (element.tap if touch else element.click)(position=place)
        lab.settle()
        assert lab.state()[control["name"]] != state[control["name"]], control["name"]
        if (name, control["name"]) not in SILENT:
            assert lab.seen() != before, f"{control['name']} changed and nothing seen did"
        lab.reset()


@pytest.mark.parametrize("name", LABS)
@pytest.mark.parametrize("by", ["keyboard", "mouse", "touch"])
def test_every_kind_of_handle_moves(name: str, by: str, open_labs: Any) -> None:
    page, [lab] = open_labs(make(name), touch=by == "touch")
    for group in lab.groups():
        handle = lab.handle(group)
        handle.scroll_into_view_if_needed()
        picture, summary, numbers = lab.seen()
        state = lab.state()
        vertical = handle.get_attribute("aria-orientation") == "vertical"
        if by == "keyboard":
            handle.focus()
            page.keyboard.press("ArrowUp" if vertical else "ArrowRight")
            page.keyboard.press("ArrowUp" if vertical else "ArrowRight")
        else:
            x, y = centre(handle)
            end = (x, y - 9) if vertical else (x + 9, y)
            if by == "touch":
                touch_drag(page, (x, y), end)
            else:
                page.mouse.move(x, y)
                page.mouse.down()
                page.mouse.move(*end, steps=4)
                page.mouse.up()
        lab.settle()
        assert lab.state() != state, f"{group}: nothing moved"
        after = lab.seen()
        assert after[0] != picture, f"{group}: the drawing stayed"
        assert (after[1], after[2]) != (summary, numbers), f"{group}: words and numbers stayed"
        lab.reset()


@pytest.mark.parametrize("name", LABS)
def test_transport(name: str, open_labs: Any) -> None:
    page, [lab] = open_labs(make(name))
    lab.find('[data-do="start"]').click()
    lab.settle()
    first = lab.seen()
    assert lab.root.get_attribute("data-index") == "0"
    lab.find('[data-do="forward"]').click()
    lab.settle()
    assert lab.root.get_attribute("data-index") == "1"
    lab.find('[data-do="back"]').click()
    lab.settle()
    assert lab.seen() == first
    lab.find(".ttl-scrub").focus()
    page.keyboard.press("End")
    lab.settle()
    assert lab.picture() != first[0]
    lab.find(".ttl-speed").select_option("4")
    lab.find('[data-do="start"]').click()
    lab.find('[data-do="play"]').click()
    page.wait_for_function("(root) => Number(root.dataset.index) > 3", arg=lab.root)
    lab.find('[data-do="pause"]').click()
    assert lab.root.query_selector('[data-do="play"]') is not None
