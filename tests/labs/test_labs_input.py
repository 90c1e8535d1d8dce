"""What a reader, a link or another program may give a lab: taken, clamped or refused, and told."""

from __future__ import annotations

from typing import Any

import pytest
from lab_cases import LABS, make, small
from lab_driver import LabDriver

from ttlearn import labs

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("timescale_ratio=fast", "is not a number"),
        ("timescale_ratio=%E0%A4%A", "no readable value"),
        ("timescale_ratio", "no readable value"),
        ("timescale_ratio=", "is not a number"),
        ("timescale_ratio=NaN", "is not a number"),
        ("timescale_ratio=1e999", "is not a number"),
        ("colour=red", "no “colour”"),
        ("&&=&", "no “”"),
        ("jumps=0.2,0.2", "must differ"),
        ("jumps=", "0 values found"),
        ("mode=magic", "none of flow, sgd, limit"),
        ("mode=<script>alert(1)</script>", "none of flow, sgd, limit"),
        ("noise=0.5&neurons=many", "is not a number"),
        ("positions=" + "0.5," * 500, "500 values found"),
    ],
)
def test_malformed_link_is_ignored_with_a_note(address: str, words: str, open_labs: Any) -> None:
    _, [lab] = open_labs(small(), fragment=f"#lab=two_timescale&{address}")
    assert words in lab.note()
    assert "ignored" in lab.note()
    assert lab.state() == lab.root.evaluate("(root) => root.lab.store.opening")


@pytest.mark.parametrize(
    ("address", "name", "value", "words"),
    [
        ("timescale_ratio=7", "timescale_ratio", 1, "outside a number from"),
        ("timescale_ratio=-1", "timescale_ratio", 1e-5, "outside a number from"),
        ("neurons=1000", "neurons", 40, "outside a whole number from 1 to 40"),
        ("neurons=7.6", "neurons", 8, "the nearest there is to 7.6"),
        ("values=1,99,1,3,1,5", "values", [1, 8, 1, 3, 1, 5], "outside a number from"),
        ("jumps=0.3,0.6", "values", [1, 5, 1], "brought in line"),
    ],
)
def test_link_out_of_range_is_clamped_with_a_note(
    address: str, name: str, value: Any, words: str, open_labs: Any
) -> None:
    _, [lab] = open_labs(small(), fragment=f"#lab=two_timescale&{address}")
    assert lab.state()[name] == value
    assert words in lab.note()


@pytest.mark.parametrize("name", LABS)
def test_every_parameter_is_clamped_in_a_link(name: str, open_labs: Any) -> None:
    """Far beyond either end: the end, and a sentence; the lab goes on."""
    page, [lab] = open_labs(make(name))
    page.evaluate("window.scrollTo(0, 0)")
    called = lab.root.get_attribute("data-lab")
    for control in lab.controls():
        if control["kind"] not in {"number", "integer"} or control["hidden"]:
            continue
        for far, end in ((-1e30, "low"), (1e30, "high")):
            page.evaluate(
                "(hash) => { location.hash = hash; }", f"lab={called}&{control['name']}={far}"
            )
            page.wait_for_function(
                "(root) => root.querySelector('.ttl-note').textContent.includes('outside')",
                arg=lab.root,
            )
            value = lab.state()[control["name"]]
            assert control["low"] <= value <= control["high"], (control["name"], end)
            lab.root.evaluate("(root) => { root.lab.runner?.stop(); root.lab.store.set({}); }")
            assert lab.root.query_selector(".ttl-note").text_content() == ""


def test_link_of_another_lab_and_plain_anchors_are_left_alone(open_labs: Any) -> None:
    for address in ("#lab=race&jump=0.3", "#a-section", "#%%%"):
        _, [lab] = open_labs(small(), fragment=address)
        assert lab.note() == ""
        assert lab.state()["timescale_ratio"] == 5e-3


@pytest.mark.parametrize(
    ("typed", "value", "words"),
    [
        ("7", 1, "outside a number from"),
        ("-3", 1e-5, "outside a number from"),
        ("abc", 5e-3, "is not a number"),
        ("1e999", 5e-3, "is not a number"),
        ("", 5e-3, "is not a number"),
        ("0,02", 0.02, ""),
        ("1e-3", 1e-3, ""),
    ],
)
def test_typed_values(typed: str, value: float, words: str, open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    field = lab.find('.ttl-number[data-name="timescale_ratio"]')
    field.focus()
    field.fill(typed)
    page.keyboard.press("Enter")
    lab.settle()
    assert lab.state()["timescale_ratio"] == value
    assert words in lab.note()
    assert bool(words) == bool(lab.note())
    assert float(field.input_value()) == value


@pytest.mark.parametrize(
    ("pasted", "values", "words"),
    [
        ("0.3\t0.1\n0.7", [0.1, 0.3, 0.7], "brought in line"),
        ("0.3; 0.1; 7", [0.1, 0.3, 0.99], "outside a number from 0.01 to 0.99"),
        ("jumps: 0.1", None, "“jumps:” is not a number"),
        ("0.1, 0.1", None, "occurs twice"),
        (" ", None, "0 values found; 1 to 12 are needed"),
        ("0.01 " * 2000, None, "2000 values found"),
        ("<b>0.5</b>", None, "“<b>0.5</b>” is not a number"),
    ],
)
def test_pasted_lists(pasted: str, values: Any, words: str, open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    lab.unfold()
    before = lab.state()["jumps"]
    field = lab.find('.ttl-list[data-name="jumps"]')
    field.focus()
    page.evaluate(_COPY, pasted)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("ControlOrMeta+v")
    page.keyboard.press("Enter")
    lab.settle()
    assert words in lab.note()
    assert lab.state()["jumps"] == (before if values is None else values)
    assert lab.find(".ttl-note").query_selector("b") is None


# The clipboard, without asking for the right to write to it: a field outside of the lab is copied.
_COPY = """(text) => {
  const field = document.body.appendChild(document.createElement("textarea"));
  const before = document.activeElement;
  field.value = text;
  field.select();
  document.execCommand("copy");
  field.remove();
  before.focus();
}"""


def test_values_from_outside_are_checked(open_labs: Any) -> None:
    """What jslink or the kernel sets goes through the same door as what the reader types."""
    page, [lab] = open_labs(small())
    page.evaluate("models[0].set('timescale_ratio', 0.5)")
    lab.settle()
    assert lab.state()["timescale_ratio"] == 0.5
    page.evaluate("models[0].set('timescale_ratio', 50)")
    lab.settle()
    assert lab.state()["timescale_ratio"] == 1
    assert page.evaluate("models[0].get('timescale_ratio')") == 1
    assert "outside" in lab.note()
    page.evaluate("models[0].set('timescale_ratio', 'fast')")
    lab.settle()
    assert lab.state()["timescale_ratio"] == 1
    assert "is not a number" in lab.note()
    page.evaluate("models[0].set('moment', 0.5)")
    lab.settle()
    assert lab.root.get_attribute("data-index") == "90"
    for wrong in (7, -3, "late", None):
        page.evaluate("(wrong) => models[0].set('moment', wrong)", wrong)
        lab.settle()
        assert 0 <= int(lab.root.get_attribute("data-index") or -1) <= 180
        assert "NaN" not in lab.picture()


def test_several_labs_pause_off_screen_and_only_there(open_labs: Any) -> None:
    """Two play; the page is scrolled so that one leaves: it pauses, and computes no more."""
    page, [above, below] = open_labs(small(link_name="a"), labs.RaceLab(link_name="b"))
    page.evaluate(
        "([one, other]) => { one.style.marginBottom = '6000px'; other.scrollIntoView(); }",
        [above.root, below.root],
    )
    page.wait_for_function("(root) => !root.lab.visible", arg=above.root)
    start_playing(below)
    finished = above.root.evaluate("(root) => root.lab.finished")
    above.root.evaluate("(root) => root.lab.store.set({ timescale_ratio: 0.05 })")
    page.wait_for_function("(root) => Number(root.dataset.index) > 3", arg=below.root)
    assert above.root.evaluate("(root) => [root.lab.finished, root.lab.runner.busy]") == [
        finished,
        False,
    ]
    above.root.scroll_into_view_if_needed()
    page.wait_for_function("(root) => !root.lab.transport.playing", arg=below.root)
    above.settle()
    assert above.root.evaluate("(root) => root.lab.finished") > finished
    start_playing(above)
    page.wait_for_function("(root) => Number(root.dataset.index) > 3", arg=above.root)
    assert not below.root.evaluate("(root) => root.lab.transport.playing")


def start_playing(lab: LabDriver) -> None:
    """From the start, by script: no scrolling to the button."""
    lab.root.evaluate("(root) => { root.lab.transport.go(0); root.lab.transport.play(); }")
    assert lab.root.evaluate("(root) => root.lab.transport.playing")
