"""The files of the built book, read without a browser: links, anchors, alt texts, weight."""

from __future__ import annotations

import functools
import posixpath
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from book_site import SITE, book_pages

pytestmark = [pytest.mark.book, pytest.mark.slow]

HEAVIEST_PAGE = 2_000_000
PAGES = book_pages(SITE) if SITE.is_dir() else ["book"]
LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "iframe": "src"}
LOADED_FROM_ELSEWHERE = re.compile(r"^(https?:)?//")

each_page = pytest.mark.parametrize("page", PAGES)


class Reader(HTMLParser):
    """Collects the ids, links, images and headings of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.images: list[dict[str, str]] = []
        self.headings: list[int] = []
        self.in_article = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one tag holds."""
        values = {name: value or "" for name, value in attrs}
        self.in_article = self.in_article or tag == "article"
        if "id" in values:
            self.ids.append(values["id"])
        if tag in LINKS and values.get(LINKS[tag]):
            self.links.append((tag, values[LINKS[tag]]))
        if tag == "img":
            self.images.append(values)
        if self.in_article and re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        """Notice the end of the article."""
        self.in_article = self.in_article and tag != "article"


@functools.cache
def read(path: Path) -> Reader:
    """One page, parsed once."""
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def dead_links(page: Path, root: Path) -> list[str]:
    """The internal links of a page that lead to no file or to no anchor."""
    dead = []
    for tag, link in read(page).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = page
        if parts.path:
            target = (root if parts.path.startswith("/") else page.parent) / unquote(
                parts.path.lstrip("/")
            )
            target = Path(posixpath.normpath(target.as_posix()))
        if not target.exists():
            dead.append(f"{tag} {link}")
        elif parts.fragment and target.suffix == ".html" and tag == "a":
            # A fragment that holds a value is a state of the page's lab, not a place.
            fragment = unquote(parts.fragment)
            if "=" not in fragment and fragment not in read(target).ids:
                dead.append(f"{tag} {link}")
    return dead


@each_page
def test_every_internal_link_and_anchor_is_alive(built_book: Path, page: str) -> None:
    assert not dead_links(built_book / page, built_book)


@each_page
def test_nothing_is_loaded_from_elsewhere(built_book: Path, page: str) -> None:
    """Scripts, styles and images come with the book; only links may lead out."""
    links = read(built_book / page).links
    assert not [link for tag, link in links if tag != "a" and LOADED_FROM_ELSEWHERE.match(link)]


def bad_images(reader: Reader) -> list[str]:
    """Images without an alt text, or with a file's name for one."""
    alts = {image.get("src", ""): image.get("alt", "").strip() for image in reader.images}
    return [src for src, alt in alts.items() if not alt or alt.endswith((".png", ".svg", ".webp"))]


def heading_jumps(reader: Reader) -> list[tuple[int, int]]:
    """Where a level of headings is skipped."""
    return [(upper, lower) for upper, lower in pairwise(reader.headings) if lower > upper + 1]


def weight(path: Path) -> int:
    """What a page weighs besides the files it shares: itself and its images, in bytes."""
    images = {(path.parent / i["src"]).resolve() for i in read(path).images if "src" in i}
    return path.stat().st_size + sum(i.stat().st_size for i in images if i.exists())


@each_page
def test_every_image_has_an_alt_text(built_book: Path, page: str) -> None:
    assert not bad_images(read(built_book / page))


@each_page
def test_ids_are_unique_and_headings_in_order(built_book: Path, page: str) -> None:
    reader = read(built_book / page)
    assert len(reader.ids) == len(set(reader.ids))
    assert not heading_jumps(reader)


@each_page
def test_page_is_light(built_book: Path, page: str) -> None:
    assert weight(built_book / page) < HEAVIEST_PAGE


def test_a_bad_image_a_jump_and_weight_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<article><h1>A</h1><h3>B</h3><img src='a.png' alt=' '><img src='b.png' alt='b.png'>"
        "<img src='c.png' alt='A rising line'></article>"
    )
    (tmp_path / "a.png").write_bytes(bytes(HEAVIEST_PAGE))
    assert bad_images(read(page)) == ["a.png", "b.png"]
    assert heading_jumps(read(page)) == [(1, 3)]
    assert weight(page) > HEAVIEST_PAGE


def test_a_dead_link_and_a_dead_anchor_are_seen(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_text("<p id='there'>x</p>")
    page = tmp_path / "a.html"
    page.write_text(
        "<a href='b.html#there'>1</a><a href='b.html#gone'>2</a><a href='c.html'>3</a>"
        "<a href='#a=1'>4</a><a href='https://example.com/x'>5</a><img src='no.png'>"
    )
    assert dead_links(page, tmp_path) == ["a b.html#gone", "a c.html", "img no.png"]


def test_the_index_lists_terms_and_public_names(built_book: Path) -> None:
    links = {link for _, link in read(built_book / "genindex.html").links}
    assert "book/glossary.html#term-strict-saddle" in links
    assert "book/api/two_timescale.html#ttlearn-two-timescale-limit-flow" in links
    lead = {link for _, link in read(built_book / "book/glossary.html").links}
    assert "../genindex.html" in lead


def test_lessons_are_numbered_where_a_reader_looks_for_them(built_book: Path) -> None:
    page = (built_book / "book/intro.html").read_text(encoding="utf-8")
    sidebar = page[page.index("bd-sidebar-primary") :]
    for lesson in ("1. Two timescales, the picture", "8. A vector that learns", "16. Together"):
        assert lesson in sidebar


def test_the_book_says_its_version_and_licences(built_book: Path) -> None:
    import ttlearn

    text = (built_book / "book/intro.html").read_text(encoding="utf-8")
    footer = text[text.index("<footer") :]
    assert f"ttlearn {ttlearn.__version__}" in footer
    assert "CC BY 4.0" in footer
    assert "BSD 3-Clause" in footer
