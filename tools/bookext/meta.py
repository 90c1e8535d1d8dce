"""What search engines and link previews read, the page for lost readers, and the site map."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from docutils import nodes

PREVIEW = "_static/preview.png"
LONGEST = 200
NOT_FOUND = Path(__file__).with_name("404.html")


def setup(app: Any) -> None:
    """Connect the three."""
    app.connect("html-page-context", _describe)
    app.connect("build-finished", _finish)


def _describe(app: Any, page: str, template: str, context: Any, doctree: Any) -> None:
    """A description and a preview for the page; no address is guessed where none is known."""
    if doctree is None:
        return
    base = app.config.html_baseurl
    title = html.unescape(context.get("title", "")) or app.config.html_title
    values = {
        "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:title": title,
        "og:description": first_words(doctree),
    }
    if base:
        values["og:url"] = urljoin(base, f"{page}.html")
        values["og:image"] = urljoin(base, PREVIEW)
        values["og:image:alt"] = "The first page: two neurons race for one jump."
    tags = [f'<meta name="description" content="{html.escape(values["og:description"])}" />']
    tags += [f'<meta property="{key}" content="{html.escape(v)}" />' for key, v in values.items()]
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(tags)


def first_words(doctree: nodes.document) -> str:
    """The first paragraph of a page as plain text, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section) and paragraph.astext().strip():
            text = " ".join(paragraph.astext().split())
            return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + "…"
    return "Why gradient descent trains shallow networks: a course with live labs."


def _finish(app: Any, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    base = app.config.html_baseurl
    page = NOT_FOUND.read_text(encoding="utf-8")
    home = base or "./index.html"
    (out / "404.html").write_text(page.replace("{{ home }}", html.escape(home)), encoding="utf-8")
    if base:
        (out / "sitemap.xml").write_text(
            sitemap(base, sorted(app.env.found_docs)), encoding="utf-8"
        )


def sitemap(base: str, pages: list[str]) -> str:
    """The site map of the pages under ``base``."""
    places = "\n".join(
        f"  <url><loc>{escape(urljoin(base, f'{page}.html'))}</loc></url>" for page in pages
    )
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return (
        f'{head}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}\n</urlset>\n'
    )
