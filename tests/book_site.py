"""The built book as the tests see it: where it lies, its pages, and what a page may not do.

Apart from conftest.py, because a second conftest.py in a subfolder would hide that name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, Route

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build/html"


@dataclass(frozen=True)
class Site:
    """The built book: its folder, the address it is served at, and its pages."""

    folder: Path
    url: str


@dataclass
class Watch:
    """What a page did that it should not have done."""

    console: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)

    def complaints(self) -> list[str]:
        """All of it, in words."""
        return [
            *(f"console: {text}" for text in self.console),
            *(f"failed request: {text}" for text in self.failed),
            *(f"external request: {text}" for text in self.external),
        ]


def book_pages(folder: Path) -> list[str]:
    """The pages under ``folder``, without the theme's own files."""
    pages = (page.relative_to(folder) for page in folder.rglob("*.html"))
    return sorted(page.as_posix() for page in pages if page.parts[0] != "_static")


def is_local(url: str) -> bool:
    """Whether a request stays on this machine."""
    return url.startswith(("http://127.0.0.1", "file:", "data:", "blob:", "about:"))


def watch_page(page: Page, watch: Watch) -> None:
    """Refuse what leaves this machine, and note that and every error."""

    def refuse(route: Route) -> None:
        watch.external.append(route.request.url)
        route.abort()

    page.route(lambda url: not is_local(url), refuse)
    page.on("console", lambda m: m.type == "error" and watch.console.append(m.text[:300]))
    page.on("pageerror", lambda error: watch.console.append(str(error)[:300]))
    page.on(
        "requestfailed",
        lambda r: is_local(r.url) and watch.failed.append(f"{r.url} {r.failure}"),
    )
    page.on(
        "response",
        lambda r: r.status >= 400 and watch.failed.append(f"{r.url} {r.status}"),
    )
