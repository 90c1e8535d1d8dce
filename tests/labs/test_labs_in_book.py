"""The labs on the pages of the built book: real widget manager, no kernel, no network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab_driver import LabDriver

from book_site import book_pages

pytestmark = [pytest.mark.book, pytest.mark.browser, pytest.mark.slow]

LARGEST = 1_000_000  # bytes of widget state on a page


def pages_with_labs(site: Any) -> list[str]:
    return [
        page
        for page in book_pages(site.folder)
        if '"link_name"' in (site.folder / page).read_text(encoding="utf-8")
    ]


def test_labs_of_the_book_open_drawn_and_move(site: Any, new_page: Callable[..., Any]) -> None:
    pages = pages_with_labs(site)
    assert pages, "no page of the book holds a lab"
    for address in pages:
        page, watch = new_page()
        page.goto(f"{site.url}/{address}")
        page.wait_for_selector(".ttl-lab[data-lab]")
        for i in range(page.locator(".ttl-lab[data-lab]").count()):
            lab = LabDriver(page, i)
            lab.settle()
            assert "<path" in lab.picture(), f"{address}: lab {i} is empty"
            _move(page, lab, f"{address}: lab {i}")
        size = page.evaluate(
            "document.querySelector('script[type=\"application/vnd.jupyter.widget-state+json\"]')"
            ".textContent.length"
        )
        assert size < LARGEST, f"{address}: {size} bytes of widget state"
        assert not watch.complaints(), f"{address}: {watch.complaints()}"
        page.context.close()


def _move(page: Any, lab: LabDriver, where: str) -> None:
    """Move the first slider that is shown; the picture or the numbers must follow."""
    for control in lab.controls():
        if control["hidden"] or control["only"] or control["kind"] not in {"number", "integer"}:
            continue
        before, state = lab.seen(), lab.state()
        lab.unfold()
        slider = lab.field(control, "[type=range]")
        slider.focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        lab.settle()
        if lab.state() == state:
            page.keyboard.press("ArrowRight")
            lab.settle()
        assert lab.state() != state, where
        assert lab.seen() != before, where
        return


def test_link_to_a_state_opens_it_in_the_book(site: Any, new_page: Callable[..., Any]) -> None:
    for address in pages_with_labs(site):
        page, _ = new_page()
        page.goto(f"{site.url}/{address}")
        page.wait_for_selector(".ttl-lab[data-lab]")
        lab = LabDriver(page)
        lab.settle()
        name = lab.root.get_attribute("data-lab")
        number = next((c for c in lab.controls() if c["kind"] == "number" and not c["only"]), None)
        if number is None:
            continue
        middle = (number["low"] * number["high"]) ** 0.5 if number["log"] else None
        value = middle or 0.25 * number["low"] + 0.75 * number["high"]
        page.goto("about:blank")
        page.goto(f"{site.url}/{address}#lab={name}&{number['name']}={value!r}")
        page.wait_for_selector(".ttl-lab[data-lab]")
        again = LabDriver(page)
        again.settle()
        assert again.state()[number["name"]] == pytest.approx(value)
        return
    pytest.fail("no lab with a number in the book")
