"""Theorem and exercise boxes without the id that sphinx-proof and sphinx-exercise give to all."""

from __future__ import annotations

from typing import Any

from docutils import nodes

REPEATED = {"proof-content", "exercise-content", "solution-content"}


def setup(app: Any) -> None:
    """Run when the boxes are in their final form."""
    app.connect("doctree-resolved", _drop_repeated_ids, priority=900)


def _drop_repeated_ids(app: Any, doctree: nodes.document, docname: str) -> None:
    for node in doctree.findall(nodes.Element):
        if REPEATED & set(node.get("ids", [])):
            node["ids"] = [identifier for identifier in node["ids"] if identifier not in REPEATED]
