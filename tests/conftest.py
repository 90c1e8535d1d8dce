"""What several test folders share: the built book on localhost, and a browser that looks at it."""

from __future__ import annotations

import functools
import http.server
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from book_site import ROOT, SITE, Site, Watch, watch_page

sys.path.insert(0, str(ROOT / "tools"))

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the tests' output is for the tests."""


@pytest.fixture(scope="session")
def built_book() -> Path:
    """The folder of the built book. A missing book is a failure, not a reason to skip."""
    if not (SITE / "index.html").exists():
        pytest.fail("the book is not built; run `make book` first", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def site(built_book: Path) -> Iterator[Site]:
    """The built book, served on localhost."""
    handler = functools.partial(_QuietHandler, directory=str(built_book))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Site(built_book, f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, for the whole session."""
    import chromium

    program = chromium.find()
    if program is None:
        pytest.fail(chromium.MISSING, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., tuple[Page, Watch]]]:
    """A function that opens pages with the outside world out of reach.

    ``new_page(width=1280, height=900, scheme="light", script=True)`` returns the page and its
    :class:`Watch`.
    """
    contexts: list[BrowserContext] = []

    def make(
        width: int = 1280, height: int = 900, scheme: str = "light", script: bool = True
    ) -> tuple[Page, Watch]:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        context.set_default_timeout(60_000 if os.environ.get("CI") else 30_000)
        contexts.append(context)
        watch = Watch()
        page = context.new_page()
        watch_page(page, watch)
        return page, watch

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., tuple[Page, Watch]]) -> Iterator[Page]:
    """One light desktop page. What it did wrong fails the test at its end."""
    page, watch = new_page()
    yield page
    assert not watch.complaints(), "\n".join(watch.complaints())
