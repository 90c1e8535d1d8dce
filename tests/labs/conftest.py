"""Pages that hold labs, opened in Chromium with the outside world out of reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab_driver import LabDriver
from lab_page import write_page
from playwright.sync_api import Browser, Page


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens an address; what the page did wrong fails the test at its end.

    ``first`` is a script that runs before the page's own.
    """
    contexts, complaints = [], []

    def make(
        url: str,
        *,
        width: int = 1000,
        touch: bool = False,
        motion: bool = True,
        dark: bool = False,
        first: str = "",
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            has_touch=touch,
            reduced_motion="no-preference" if motion else "reduce",
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.route(
            lambda address: address.startswith(("http:", "https:")),
            lambda route: (complaints.append(route.request.url), route.abort()),
        )
        page.on("console", lambda m: m.type in {"error", "warning"} and complaints.append(m.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if first:
            page.add_init_script(first)
        page.goto(url)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def open_labs(
    open_page: Callable[..., Page], tmp_path: Path
) -> Callable[..., tuple[Page, list[LabDriver]]]:
    """A function that opens a page with the given labs: the page, and a driver for each lab."""

    def make(
        *labs: object, theme: str = "light", **options: object
    ) -> tuple[Page, list[LabDriver]]:
        url = write_page(tmp_path / "labs.html", list(labs), theme)
        page = open_page(url + str(options.pop("fragment", "")), **options)
        page.wait_for_function("window.mounted === true")
        drivers = [LabDriver(page, i) for i in range(len(labs))]
        for driver in drivers:
            driver.settle()
        return page, drivers

    return make
