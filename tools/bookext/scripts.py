"""No thebe and no script twice: both would log a console error on every page."""

from __future__ import annotations

from typing import Any


def setup(app: Any) -> None:
    """Run after every other extension has added its scripts."""
    app.connect("html-page-context", _keep_needed_scripts, priority=900)


def _keep_needed_scripts(app: Any, page: str, template: str, context: Any, doctree: Any) -> None:
    kept: dict[tuple[str, str], Any] = {}
    for script in context.get("script_files", []):
        body = dict(getattr(script, "attributes", {})).get("body") or ""
        name = str(getattr(script, "filename", script))
        # jupyter-book always loads sphinx-thebe, which asks a CDN for its code on a click.
        if "THEBE_JS_URL" in body or "sphinx-thebe" in name:
            continue
        kept.setdefault((name, body), script)
    context["script_files"] = list(kept.values())
