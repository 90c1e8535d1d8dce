"""What stands behind each widget: a lab's picture and words, a question's options and answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from book_site import SITE, Site, book_pages
from bookext import fallback, stills

PAGES = book_pages(SITE) if SITE.is_dir() else ["book"]
LARGEST = 40_000

LAB = {
    "title": "Lab: <race>",
    "moment": 0.5,
    "_controls": [{"name": "jump", "label": "Jump"}],
    "jump": 0.5,
}
QUESTION = {
    "prompt": "1 + 1?",
    "options": [{"text": "2", "right": True}, {"text": "11", "right": False}],
    "reveal": "Count.",
}


def built(*widgets: dict, base: str = "", known: dict | None = None) -> str:
    """A page of these widgets with what stands behind them."""
    state = {str(number): {"state": widget} for number, widget in enumerate(widgets)}
    kind = "application/vnd.jupyter.widget-view+json"
    views = [f'<script type="{kind}">{json.dumps({"model_id": i})}</script>' for i in state]
    page = fallback.Page("notebooks/03_race", "The race", base, known or {})
    text = fallback.add_fallbacks("".join(views), state, page)
    assert all(view in text for view in views)
    return text


def outdated(text: str, known: dict) -> list[str]:
    """The labs of a page whose picture is missing, or shows another state."""
    found = stills.STILL.findall(text)
    return [name for name, shown in found if known.get(name, {}).get("parameters") != shown]


def test_a_lab_names_its_state_and_a_question_its_answer() -> None:
    text = built(LAB, {"_question": QUESTION})
    assert text.count('class="tt-still"') == 2
    assert "Lab: &lt;race&gt;" in text
    assert "<li>Jump: 0.5</li>" in text
    assert "<summary>Answer</summary><p>2. Count.</p>" in text


def test_a_page_leaves_behind_the_labs_that_it_does_not_show() -> None:
    script = {"_esm": "</script>", "title": "a lab"}
    link = {"source": ["IPY_MODEL_linked", "jump"], "target": ["IPY_MODEL_shown", "jump"]}
    states = {"shown": script, "used": script, "linked": script, "link": link, "layout": {}}
    widgets = {"version_major": 2, "state": {name: {"state": s} for name, s in states.items()}}
    kinds = [f"application/vnd.jupyter.widget-{kind}+json" for kind in ("state", "view")]
    contents = [json.dumps(widgets).replace("</", "<\\/"), json.dumps({"model_id": "shown"})]
    scripts = [
        f'<script type="{kind}">{content}</script>'
        for kind, content in zip(kinds, contents, strict=True)
    ]
    text, state = fallback.lighten("<p>before</p>" + "".join(scripts), widgets)
    assert set(state) == {"shown", "linked", "link", "layout"}
    assert json.loads(fallback.STATE.search(text)[1]) == widgets | {"state": state}
    assert text.startswith("<p>before</p>")
    assert text.endswith(scripts[1])


def test_a_lab_shows_its_picture_and_links_to_where_it_lives() -> None:
    known = {"03_race-2": {"words": "The left one & wins.", "size": [600, 400], "parameters": ""}}
    text = built(LAB, LAB, base="https://example.com/course/", known=known)
    assert text.count("<img") == 1
    assert 'src="../_static/labs/03_race-2.webp" alt="The left one &amp; wins."' in text
    assert 'href="https://example.com/course/notebooks/03_race.html"' in text
    assert 'href="03_race.html">The race</a>' in built(LAB)


def test_a_picture_of_another_state_is_seen() -> None:
    text = built(LAB)
    shown = stills.parameters(LAB)
    assert outdated(text, {}) == ["03_race-1"]
    assert not outdated(text, {"03_race-1": {"parameters": shown}})
    for change in ({"jump": 0.501}, {"moment": 1.0}, {"title": "Another"}):
        assert stills.parameters(LAB | change) != shown
    assert stills.parameters(LAB | {"jump": 0.5 + 1e-9}) == shown, "a last digit counts"


def test_every_picture_is_small_and_every_file_listed() -> None:
    files = {path.stem: path.stat().st_size for path in stills.FOLDER.glob("*.webp")}
    assert set(files) == set(stills.known()), "run `make pictures`"
    assert {name: size for name, size in files.items() if size > LARGEST} == {}


@pytest.mark.book
@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_lab_has_a_picture_of_the_state_it_opens_on(built_book: Path, page: str) -> None:
    text = (built_book / page).read_text(encoding="utf-8")
    assert not outdated(text, stills.known()), "run `make pictures`"


@pytest.fixture
def lab_page(site: Site) -> str:
    """The first page: a lab and no question."""
    return f"{site.url}/book/intro.html"


@pytest.mark.browser
@pytest.mark.book
@pytest.mark.slow
class TestInChromium:
    """Where script fails or there is none, and on paper."""

    def test_without_script_picture_and_words_are_seen(self, lab_page: str, new_page) -> None:
        tab, watch = new_page(script=False)
        tab.goto(lab_page, wait_until="load")
        still = tab.locator(".tt-still").first
        assert still.is_visible()
        assert "with JavaScript" in still.inner_text()
        assert still.locator("img").bounding_box()["height"] > 100
        assert not watch.external, watch.external  # its own scripts are refused: that is the point

    def test_a_living_lab_hides_its_picture_and_paper_shows_it(
        self, lab_page: str, new_page
    ) -> None:
        tab, watch = new_page()
        tab.goto(lab_page, wait_until="load")
        lab, still = tab.locator(".ttl-lab").first, tab.locator(".tt-still").first
        lab.wait_for()
        assert still.is_hidden()
        tab.emulate_media(media="print")
        still.wait_for()
        assert lab.is_hidden()
        still.locator("img").evaluate("image => image.decode()")
        assert not watch.complaints(), "\n".join(watch.complaints())

    def test_a_lab_that_cannot_be_loaded_leaves_its_picture(self, lab_page: str, new_page) -> None:
        tab, _ = new_page()
        tab.route("**/vendor/anywidget.js", lambda route: route.abort())
        tab.goto(lab_page, wait_until="load")
        still = tab.locator(".tt-still").first
        still.wait_for()
        assert not tab.locator(".ttl-lab").count()

    def test_a_lab_that_gives_up_shows_its_picture_at_once(self, lab_page: str, new_page) -> None:
        tab, _ = new_page()
        tab.goto(lab_page, wait_until="load")
        lab, still = tab.locator(".ttl-lab").first, tab.locator(".tt-still").first
        lab.wait_for()
        assert still.is_hidden()
        lab.evaluate("lab => { lab.dataset.state = 'still'; }")
        still.wait_for()
