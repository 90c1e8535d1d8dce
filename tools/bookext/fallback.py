"""Without script, a lab says what it would show, and a question shows its options and answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

STATE = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-state\+json">(.*?)</script>', re.DOTALL
)
VIEW = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-view\+json">(.*?)</script>', re.DOTALL
)


def setup(app: Any) -> None:
    """Run when every page is written: only then is the widgets' state in it."""
    app.connect("build-finished", _finish)


def _finish(app: Any, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    for page in sorted(app.env.found_docs):
        path = Path(app.outdir) / f"{page}.html"
        text = path.read_text(encoding="utf-8")
        if (found := STATE.search(text)) is not None:
            state = json.loads(found.group(1))["state"]
            path.write_text(add_fallbacks(text, state), encoding="utf-8")


def add_fallbacks(text: str, state: Mapping[str, Any]) -> str:
    """A page's HTML with a ``noscript`` block behind each widget."""

    def with_fallback(match: re.Match[str]) -> str:
        model = state.get(json.loads(match.group(1))["model_id"], {})
        return f"{match.group(0)}<noscript>{fallback(model.get('state', {}))}</noscript>"

    return VIEW.sub(with_fallback, text)


def fallback(traits: Mapping[str, Any]) -> str:
    """What stands in for one widget."""
    if "_question" in traits:
        return question(traits["_question"])
    if "_controls" in traits:
        return lab(traits)
    return "<p>A control that needs JavaScript stands here.</p>"


def lab(traits: Mapping[str, Any]) -> str:
    """A lab's title, and the parameters of the state it opens on."""
    title = escape(str(traits.get("title") or "Lab"))
    rows = "".join(
        f"<li>{escape(str(control.get('label') or control['name']))}: "
        f"{escape(str(traits[control['name']]))}</li>"
        for control in traits["_controls"]
        if control["name"] in traits
    )
    return (
        f"<p><strong>{title}</strong> is live and needs JavaScript. It opens on:</p><ul>{rows}</ul>"
    )


def question(content: Mapping[str, Any]) -> str:
    """A question with its options, and the answer folded away."""
    options = content.get("options", [])
    right = [option["text"] for option in options if option.get("right")]
    listed = "".join(f"<li>{escape(option['text'])}</li>" for option in options)
    answer = "; ".join(right) or str(content.get("value", ""))
    reveal = escape(f"{answer}. {content.get('reveal', '')}".lstrip(". "))
    return (
        f"<p><strong>{escape(content.get('prompt', ''))}</strong></p><ul>{listed}</ul>"
        f"<details><summary>Answer</summary><p>{reveal}</p></details>"
    )
