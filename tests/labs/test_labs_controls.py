"""Every control of every lab, by keyboard, by mouse and by touch, on a page with nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lab_cases import LABS, SILENT, make
from lab_driver import (
    LabDriver,
    centre,
    choose_other,
    drag_length,
    engine_runs,
    press,
    touch_drag,
    write,
)

pytestmark = pytest.mark.browser

WAYS = ["keyboard", "mouse", "touch"]


@pytest.mark.parametrize("name", LABS)
@pytest.mark.parametrize("by", WAYS)
def test_every_control_moves_what_is_seen(name: str, by: str, open_labs: Any) -> None:
    page, [lab] = open_labs(make(name), touch=by == "touch", width=390 if by == "touch" else 1000)
    lab.unfold()
    asked, answered = [], []
    for control in lab.controls():
        if control["hidden"]:
            continue
        lab.meet(control)
        before, state = lab.seen(), lab.state()
        _move(page, lab, control, by)
        lab.settle()
        assert lab.state()[control["name"]] != state[control["name"]], control["name"]
        if (name, control["name"]) not in SILENT:
            assert lab.seen() != before, f"{control['name']} changed and nothing seen did"
        for run in lab.runs().values() if by == "keyboard" else ():
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


def _move(page: Any, lab: LabDriver, control: dict[str, Any], by: str) -> None:
    if control["kind"] == "choice":
        choose_other(page, lab.field(control, ""), by)
    elif control["kind"] == "flag":
        press(page, lab.field(control, ""), by)
    elif control["kind"] == "numbers":
        values = lab.state()[control["name"]]
        moved = values[0] + 0.003 * (control["high"] - control["low"])
        text = ", ".join(str(v) for v in [moved, *values[1:]])
        write(page, lab.field(control, ""), text, by)
    else:
        _slide(page, lab.field(control, "[type=range]"), by)


def _slide(page: Any, slider: Any, by: str) -> None:
    share = slider.evaluate("(e) => (e.value - e.min) / (e.max - e.min)")
    if by == "keyboard":
        slider.focus()
        for _ in range(2):
            page.keyboard.press("ArrowLeft" if share >= 1 else "ArrowRight")
        return
    box = slider.bounding_box()
    place = {"x": box["width"] * (0.3 if share > 0.5 else 0.7), "y": box["height"] / 2}
    (slider.tap if by == "touch" else slider.click)(position=place)


@pytest.mark.parametrize("name", LABS)
@pytest.mark.parametrize("by", WAYS)
def test_every_number_can_be_written(name: str, by: str, open_labs: Any) -> None:
    """The field beside each slider: what is written there is what the slider then shows."""
    page, [lab] = open_labs(make(name), touch=by == "touch", width=390 if by == "touch" else 1000)
    lab.unfold()
    for control in lab.controls():
        if control["hidden"] or control["kind"] not in {"number", "integer"}:
            continue
        lab.meet(control)
        value, before = lab.state()[control["name"]], lab.seen()
        write(page, lab.field(control, "[type=text]"), repr(_other(control, value)), by)
        lab.settle()
        assert lab.state()[control["name"]] != value, control["name"]
        if (name, control["name"]) not in SILENT:
            assert lab.seen() != before, f"{control['name']} changed and nothing seen did"
        lab.reset()


def _other(control: dict[str, Any], value: float) -> float:
    """Another number that the control takes, towards the end that is further away."""
    if control["stops"]:
        return next(stop for stop in control["stops"] if stop != value)
    end = max((control["low"], control["high"]), key=lambda end: abs(end - value))
    between = 0.9 * value + 0.1 * end
    if control["kind"] == "number":
        return between
    return round(between) if round(between) != value else end


@pytest.mark.parametrize("name", LABS)
@pytest.mark.parametrize("by", WAYS)
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
            way = drag_length(lab, handle)
            end = (x, y - way) if vertical else (x + way, y)
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
@pytest.mark.parametrize("by", WAYS)
def test_transport_examples_and_folds(name: str, by: str, open_labs: Any) -> None:
    page, [lab] = open_labs(make(name), touch=by == "touch", width=390 if by == "touch" else 1000)

    def do(what: str) -> None:
        press(page, lab.find(f'[data-do="{what}"]'), by)
        lab.settle()

    do("start")
    first = lab.seen()
    assert lab.root.get_attribute("data-index") == "0"
    do("forward")
    assert lab.root.get_attribute("data-index") == "1"
    do("back")
    assert lab.seen() == first
    _slide(page, lab.find(".ttl-scrub"), by)
    lab.settle()
    assert lab.picture() != first[0]
    choose_other(page, lab.find(".ttl-speed"), by)
    assert lab.find(".ttl-speed").input_value() == "2"
    do("start")
    press(page, lab.find('[data-do="play"]'), by)
    page.wait_for_function("(root) => Number(root.dataset.index) > 3", arg=lab.root)
    press(page, lab.find('[data-do="pause"]'), by)
    assert lab.root.query_selector('[data-do="play"]') is not None
    _examples_and_folds(page, lab, by)


def _examples_and_folds(page: Any, lab: LabDriver, by: str) -> None:
    opening = lab.state()
    for preset in lab.root.query_selector_all(".ttl-preset")[1:3]:
        press(page, preset, by)
        lab.settle()
        assert preset.get_attribute("aria-pressed") == "true", preset.text_content()
        assert lab.state() != opening
        press(page, lab.find('[data-do="reset"]'), by)
        lab.settle()
        assert lab.state() == opening
    for fold in lab.root.query_selector_all("details"):
        was = fold.evaluate("(e) => e.open")
        press(page, fold.query_selector("summary"), by)
        assert fold.evaluate("(e) => e.open") != was
    rows = "(root) => root.querySelector('.ttl-numbers tbody tr')?.textContent"
    page.wait_for_function(rows, arg=lab.root)  # a fold tells of its opening a little later
