"""The labs on the pages of the built book: real widget manager, no kernel, no network."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from lab_driver import LabDriver

from book_site import book_pages
from bookext.fallback import STATE, VIEW

pytestmark = [pytest.mark.book, pytest.mark.browser, pytest.mark.slow]

LARGEST = 1_000_000  # bytes of widget state on a page
BARE = "delete window.Worker; delete window.DecompressionStream;"
# No Worker, and no code of an engine's in its place; the rest of the page's scripts may run.
NOWHERE = """delete window.Worker;
window.Function = new Proxy(Function, { construct(target, parts) {
  if (/onmessage/.test(parts.at(-1))) throw new EvalError("not allowed here");
  return Reflect.construct(target, parts);
} });"""


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


def test_two_labs_of_a_page_have_two_names(site: Any) -> None:
    """Else a link to one of them would move the other as well."""
    for address in pages_with_labs(site):
        text = (site.folder / address).read_text(encoding="utf-8")
        found = STATE.search(text)
        assert found
        state = json.loads(found[1])["state"]
        shown = [state[json.loads(view)["model_id"]]["state"] for view in VIEW.findall(text)]
        names = [s["link_name"] or s["_anywidget_id"] for s in shown if "_controls" in s]
        assert len(set(names)) == len(names), f"{address}: {names}; give each a link_name"


def test_a_bare_browser_still_draws_the_labs(site: Any, new_page: Callable[..., Any]) -> None:
    pages = pages_with_labs(site)
    for address in (pages[0], pages[-1]):
        page, watch = new_page()
        page.add_init_script(BARE)
        page.goto(f"{site.url}/{address}")
        lab = LabDriver(page)
        lab.settle()
        assert "<path" in lab.picture()
        assert "no Web Worker" in lab.note()
        assert not watch.complaints(), f"{address}: {watch.complaints()}"


def test_where_no_engine_runs_the_page_shows_its_picture(
    site: Any, new_page: Callable[..., Any]
) -> None:
    page, _ = new_page()
    page.add_init_script(NOWHERE)
    page.goto(f"{site.url}/{pages_with_labs(site)[-1]}")
    lab = page.locator('.ttl-lab[data-state="still"]').first
    lab.wait_for()
    assert "compute nothing" in lab.inner_text()
    # A page's questions have a picture too, and live on.
    given_up = '.widget-subarea:has([data-state="still"])'
    picture = page.locator(f"{given_up} + script + .tt-still").first
    picture.wait_for(state="visible")
    image = picture.locator("img")
    image.scroll_into_view_if_needed()
    page.wait_for_function(
        "(image) => image.complete && image.naturalWidth > 100", arg=image.element_handle()
    )
