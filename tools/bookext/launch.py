"""No Colab button on a page whose source is no notebook file: Colab opens nothing else."""

from __future__ import annotations

from typing import Any


def setup(app: Any) -> None:
    """Run when the theme has made its buttons."""
    app.connect("html-page-context", _drop_dead_buttons, priority=900)


def _drop_dead_buttons(app: Any, page: str, template: str, context: Any, doctree: Any) -> None:
    if context.get("page_source_suffix") == ".ipynb":
        return
    for button in context.get("header_buttons", []):
        if button.get("label") == "launch-buttons":
            kept = [entry for entry in button["buttons"] if entry.get("text") != "Colab"]
            button["buttons"] = kept
