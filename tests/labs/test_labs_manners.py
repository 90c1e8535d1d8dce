"""How labs behave on a page: links, neighbours, themes, bad input, files, and leaving."""

from __future__ import annotations

from typing import Any

import pytest
from lab_cases import small
from lab_driver import ROOT

from ttlearn import labs

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules/axe-core/axe.min.js"


def fragment(page: Any, lab: Any) -> str:
    lab.find('[data-do="link"]').click()
    page.wait_for_function("location.hash !== ''")
    return page.evaluate("location.hash")


def test_opens_already_drawn(open_labs: Any) -> None:
    _, [lab] = open_labs(labs.TwoTimescaleLab())
    assert "misses" in lab.summary()
    assert "covers every jump" in lab.summary()
    shown = lab.runs()
    assert set(shown) == {"slow", "ordinary", "limit"}
    assert shown["slow"]["losses"][-1] < 0.01 < 0.3 < shown["ordinary"]["losses"][-1]


def test_two_labs_do_not_disturb_each_other(open_labs: Any) -> None:
    page, [first, second] = open_labs(small(link_name="a"), small(link_name="b"))
    untouched = second.seen(), second.state()
    first.set(timescale_ratio=0.05)
    second.settle()
    assert (second.seen(), second.state()) == untouched
    assert page.evaluate("document.querySelectorAll('[id]').length") == 0
    address = fragment(page, first)
    _, [one, other] = open_labs(small(link_name="a"), small(link_name="b"), fragment=address)
    assert one.state()["timescale_ratio"] == 0.05
    assert other.state()["timescale_ratio"] == 5e-3


def test_leaves_nothing_behind(open_labs: Any) -> None:
    page, [first, _] = open_labs(small(), labs.RaceLab())
    first.find('[data-do="play"]').click()
    assert page.evaluate("window.workers") == 2
    session = page.context.new_cdp_session(page)
    assert _window_listeners(session).count("hashchange") == 2
    page.evaluate("window.cleanups.forEach((clean) => clean())")
    assert page.evaluate("window.workers") == 0
    assert page.evaluate("window.models.map((model) => model.listeners.length)") == [0, 0]
    assert page.query_selector(".ttl-lab") is None
    assert "hashchange" not in _window_listeners(session)
    # A theme switch or an address that nobody listens to any more must not wake anything.
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.evaluate("location.hash = '#lab=race&jump=0.3'")


def _window_listeners(session: Any) -> list[str]:
    found = session.send("Runtime.evaluate", {"expression": "window"})
    object_id = found["result"]["objectId"]
    result = session.send("DOMDebugger.getEventListeners", {"objectId": object_id})
    return [listener["type"] for listener in result["listeners"]]


def test_follows_the_page_between_light_and_dark(open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    colour = "(root) => getComputedStyle(root).backgroundColor"
    light = lab.root.evaluate(colour)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function("(root) => root.dataset.theme === 'dark'", arg=lab.root)
    assert lab.root.evaluate(colour) != light


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(theme: str, open_labs: Any) -> None:
    page, [lab, race] = open_labs(small(), labs.RaceLab(), theme=theme)
    for one in (lab, race):
        one.unfold()
        one.find(".ttl-numbers summary").click()
    lab.set(mode="sgd", timescale_ratio=0.01)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("(rules) => axe.run(document, { runOnly: rules })", rules)
    complaints = [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in found["violations"]]
    assert complaints == []


@pytest.mark.parametrize("width", [320, 390, 700])
def test_fits_narrow_pages(width: int, open_labs: Any) -> None:
    page, _ = open_labs(small(), labs.RaceLab(), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_reduced_motion_plays_in_few_steps(open_labs: Any) -> None:
    page, [lab] = open_labs(small(), motion=False)
    lab.find('[data-do="start"]').click()
    lab.find('[data-do="play"]').click()
    page.wait_for_function("(root) => Number(root.dataset.index) > 0", arg=lab.root)
    assert int(lab.root.get_attribute("data-index") or 0) >= 5


def test_announcements_are_polite_and_rare(open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    spoken = lab.find("[aria-live=polite]")
    assert spoken.text_content() == ""
    page.evaluate(
        "(element) => { window.spoken = [];"
        " new MutationObserver(() => spoken.push(element.textContent))"
        ".observe(element, { childList: true, characterData: true, subtree: true }); }",
        spoken,
    )
    for ratio in (0.01, 0.02, 0.04, 0.08):
        lab.set(timescale_ratio=ratio)
    page.wait_for_function("window.spoken.length > 0")
    assert page.evaluate("window.spoken.length") <= 2
    assert page.evaluate("window.spoken.at(-1)") == lab.summary()
