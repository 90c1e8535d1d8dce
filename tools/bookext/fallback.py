"""What stands behind a widget where it cannot live: on paper, without script, after a failure.

A lab is its picture, in words and with a link; a question is its options and its answer. Style
sheets show it (css/custom.css); the labs' pictures are taken by ``make pictures``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urljoin

from bookext import stills, weight

STATE = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-state\+json">(.*?)</script>', re.DOTALL
)
VIEW = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-view\+json">(.*?)</script>', re.DOTALL
)


@dataclass
class Page:
    """Where a page lies, what is known about it, and how many labs it has shown so far."""

    name: str
    title: str = ""
    base: str = ""
    pictures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    labs: int = 0

    def link(self) -> str:
        """A link to this page, its address in full where it is known."""
        file = f"{self.name}.html"
        address = urljoin(self.base, file) if self.base else PurePosixPath(file).name
        return f'<a href="{escape(address)}">{escape(address if self.base else self.title)}</a>'


def setup(app: Any) -> None:
    """Run when every page is written: only then is the widgets' state in it."""
    app.connect("build-finished", _finish)


def _finish(app: Any, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    pictures = stills.known()
    for name in sorted(app.env.found_docs):
        path = Path(app.outdir) / f"{name}.html"
        text = path.read_text(encoding="utf-8")
        if (found := STATE.search(text)) is not None:
            text, state = lighten(text, json.loads(found.group(1)))
            title = app.env.titles[name].astext()
            page = Page(name, title, app.config.html_baseurl, pictures)
            path.write_text(add_fallbacks(text, state, page), encoding="utf-8")


def lighten(text: str, widgets: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A page's HTML, and its state, without the models that it does not show."""
    views = [json.loads(view)["model_id"] for view in VIEW.findall(text)]
    state = weight.shown(widgets["state"], views)
    if len(state) == len(widgets["state"]):
        return text, state
    content = json.dumps({**widgets, "state": state}).replace("</", "<\\/")
    start, end = STATE.search(text).span(1)  # type: ignore[union-attr]
    return text[:start] + content + text[end:], state


def add_fallbacks(text: str, state: Mapping[str, Any], page: Page) -> str:
    """A page's HTML with a block behind each widget."""

    def with_fallback(match: re.Match[str]) -> str:
        model = state.get(json.loads(match.group(1))["model_id"], {})
        return match.group(0) + fallback(model.get("state", {}), page)

    return VIEW.sub(with_fallback, text)


def fallback(traits: Mapping[str, Any], page: Page) -> str:
    """What stands in for one widget."""
    if "_question" in traits:
        return question(traits["_question"])
    if "_controls" in traits:
        page.labs += 1
        return lab(traits, page)
    return '<div class="tt-still"><p>Something that needs JavaScript stands here.</p></div>'


def lab(traits: Mapping[str, Any], page: Page) -> str:
    """A lab's picture, what is seen on it, where it lives, and the parameters it opens with."""
    name, state = stills.name(page.name, page.labs), stills.parameters(traits)
    still = page.pictures.get(name, {})
    title = escape(str(traits.get("title") or "Lab"))
    rows = "".join(
        f"<li>{escape(str(control.get('label') or control['name']))}: "
        f"{escape(str(traits[control['name']]))}</li>"
        for control in traits["_controls"]
        if control["name"] in traits
    )
    return (
        f'<figure class="tt-still" data-lab="{name}" data-parameters="{state}">'
        f"{picture(name, still, page)}<figcaption><p><strong>{title}.</strong> "
        f"{escape(still.get('words', ''))} Live, with JavaScript, at {page.link()}.</p>"
        f"<details><summary>Where it starts</summary><ul>{rows}</ul></details>"
        "</figcaption></figure>"
    )


def picture(name: str, still: Mapping[str, Any], page: Page) -> str:
    """The image of a lab; nothing where none was taken."""
    if not still:
        return ""
    up = "../" * page.name.count("/")
    width, height = still["size"]
    return (
        f'<img src="{up}_static/labs/{name}.webp" alt="{escape(still["words"])}" '
        f'width="{width}" height="{height}" loading="lazy" />'
    )


def question(content: Mapping[str, Any]) -> str:
    """A question with its options, and the answer folded away."""
    options = content.get("options", [])
    right = [option["text"] for option in options if option.get("right")]
    listed = "".join(f"<li>{escape(option['text'])}</li>" for option in options)
    answer = "; ".join(right) or str(content.get("value", ""))
    reveal = escape(f"{answer}. {content.get('reveal', '')}".lstrip(". "))
    return (
        f'<div class="tt-still"><p><strong>{escape(content.get("prompt", ""))}</strong></p>'
        f"<ul>{listed}</ul><details><summary>Answer</summary><p>{reveal}</p></details></div>"
    )
