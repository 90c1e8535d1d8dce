"""Computed figures carry their alt text into the page, and a figure without one fails the build."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer

_render_image = NbElementRenderer.render_image


def setup(app: Any) -> None:
    """myst-nb reads width and height from an output's metadata, but not alt: add it."""
    NbElementRenderer.render_image = _render_with_alt


def _render_with_alt(self: NbElementRenderer, data: MimeData) -> list[nodes.Element]:
    rendered = _render_image(self, data)
    alt = data.output_metadata.get(data.mime_type, {}).get("alt", "")
    for image in rendered:
        if alt:
            image["alt"] = alt
        elif not image.get("alt"):
            self.logger.warning(
                "a figure without alt text; end its cell with ttlearn.figures.show(...)",
                subtype="image",
                line=data.line,
            )
    return rendered
