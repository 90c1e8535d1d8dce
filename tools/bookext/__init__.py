"""The book's own Sphinx extension, loaded by _config.yml (sphinx.local_extensions)."""

from __future__ import annotations

from typing import Any

from bookext import api, boxes, fallback, figures, footer, launch, ledger, meta, scripts, terms


def setup(app: Any) -> dict[str, bool]:
    """Connect each part of the extension to Sphinx."""
    parts = (api, boxes, fallback, figures, footer, launch, ledger, meta, scripts, terms)
    for part in parts:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
