"""Every page of the built book, in light and dark, wide and narrow, as a reader would meet it."""

from __future__ import annotations

from pathlib import Path

import pytest

from book_site import ROOT, SITE, Site, book_pages

pytestmark = [pytest.mark.browser, pytest.mark.book, pytest.mark.slow]

AXE = ROOT / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW, ZOOMED, WIDE = 320, 640, 1280  # 640 is 1280 at 200 % zoom

# Found when the tests are collected. Without a book one test remains, and it fails.
PAGES = [page for page in book_pages(SITE) if page != "index.html"] if SITE.is_dir() else ["book"]

SETTLED = """async () => {
  await document.fonts.ready;
  await window.MathJax?.startup?.promise;
  const views = 'script[type="application/vnd.jupyter.widget-view+json"]';
  const widgets = document.querySelectorAll(views);
  const drawn = () => document.querySelectorAll(".widget-subarea, .jupyter-widgets").length;
  for (let wait = 0; widgets.length && !drawn() && wait < 200; wait++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
}"""


def open_page(new_page, site: Site, page: str, width: int, scheme: str):
    """A page of the book once fonts, formulas and widgets are in place."""
    tab, watch = new_page(width=width, scheme=scheme)
    tab.goto(f"{site.url}/{page}", wait_until="load")
    tab.evaluate(SETTLED)
    return tab, watch


@pytest.mark.parametrize("page", PAGES)
def test_page_by_day_on_a_desktop(site: Site, new_page, page: str) -> None:
    """Opened wide and light, then zoomed to 200 %, then made narrow."""
    tab, watch = open_page(new_page, site, page, WIDE, "light")
    assert_scheme(tab, page, "light")
    assert_fits(tab)
    assert_accessible(tab)
    for width in (ZOOMED, NARROW):
        resize(tab, width)
        assert_fits(tab)
    assert not watch.complaints(), "\n".join(watch.complaints())


@pytest.mark.parametrize("page", PAGES)
def test_page_by_night_on_a_phone(site: Site, new_page, page: str) -> None:
    """Opened dark and 320 px wide, which is also 1280 px at 400 % zoom, then made wide."""
    tab, watch = open_page(new_page, site, page, NARROW, "dark")
    assert_scheme(tab, page, "dark")
    assert_fits(tab)
    resize(tab, WIDE)
    assert_fits(tab)
    assert_accessible(tab)
    assert not watch.complaints(), "\n".join(watch.complaints())


def test_where_a_full_run_was_made_is_read_by_night(site: Site, new_page) -> None:
    """The theme would put a light panel behind a table whose caption is light, too."""
    tab, _ = open_page(new_page, site, "notebooks/paper_runs/ratio_sweep.html", WIDE, "dark")
    panel = tab.locator(".text_html", has=tab.locator("table.tt-full-run")).first
    assert panel.evaluate("e => getComputedStyle(e).backgroundColor") == "rgba(0, 0, 0, 0)"


def test_book_opens_from_a_file(built_book: Path, new_page) -> None:
    """The last page with widgets, or else the last page, works from a file:// address."""
    folder = built_book / "notebooks"
    pages = sorted(folder.glob("*.html")) or sorted((built_book / "book").glob("*.html"))
    tab, watch = new_page()
    tab.goto(pages[-1].as_uri(), wait_until="load")
    tab.evaluate(SETTLED)
    if tab.locator('script[type="application/vnd.jupyter.widget-view+json"]').count():
        tab.locator(".widget-subarea").first.wait_for()
    assert tab.locator(".bd-article h1").count() == 1
    assert not watch.complaints(), "\n".join(watch.complaints())


def resize(tab, width: int) -> None:
    """Another window width, once the page has drawn itself anew."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.evaluate(SETTLED)


def assert_scheme(tab, page: str, scheme: str) -> None:
    """The page follows the reader's colours; the page for lost readers has no theme."""
    if page != "404.html":
        assert tab.locator("html").get_attribute("data-theme") == scheme


def assert_accessible(tab) -> None:
    """No axe violation."""
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": RULES}
    result = tab.evaluate("options => axe.run(document, options)", options)
    assert len(result["passes"]) > 10, "axe hardly ran"
    assert not result["violations"], describe(result["violations"])


def assert_fits(tab) -> None:
    """The page does not scroll sideways."""
    size = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert size[0] <= size[1], f"{size[0]} px wide on a screen of {size[1]} px: {wide_parts(tab)}"


BAD_PAGE = """<!doctype html><html lang="en"><title>Bad</title><main><h1>Bad</h1><h4>Jump</h4>
<p style="width: 3000px; color: #eee; background: #fff">wide and pale</p><img src="no.png">
<img src="https://example.com/far.png" alt="far"><script>console.error("broken")</script></main>"""


def test_the_gates_close_on_a_bad_page(new_page, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text(BAD_PAGE)
    tab, watch = new_page()
    tab.goto((tmp_path / "bad.html").as_uri(), wait_until="load")
    with pytest.raises(AssertionError, match="px wide on a screen of"):
        assert_fits(tab)
    with pytest.raises(AssertionError, match=r"(?s)color-contrast.*heading-order.*image-alt"):
        assert_accessible(tab)
    said = "\n".join(watch.complaints())
    assert "console: broken" in said
    assert "external request: https://example.com/far.png" in said
    assert "no.png" in said


def describe(violations: list[dict]) -> str:
    """What axe found, one line per rule."""
    lines = []
    for violation in violations:
        where = " | ".join(node["html"][:160] for node in violation["nodes"][:3])
        lines.append(f"{violation['impact']} {violation['id']} x{len(violation['nodes'])}: {where}")
    return "\n".join(lines)


def wide_parts(tab) -> list[str]:
    """The elements that reach past the right edge."""
    return tab.evaluate(
        """() => [...document.querySelectorAll("body *")]
          .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
          .filter((e) => !e.closest("div.math, pre, .pst-scrollable-table-container"))
          .slice(0, 5)
          .map((e) => e.outerHTML.slice(0, 120))"""
    )
