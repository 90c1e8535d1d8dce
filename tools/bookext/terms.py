"""The first use of each glossary term on a page leads to the glossary.

A term linked by hand with ``{term}`` is left as it is, and is not linked a second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from docutils import nodes

PAGES = ("notebooks/", "book/primer")
# In these a word is a name or a heading, or already leads elsewhere.
CLOSED = (nodes.reference, nodes.title, nodes.literal, nodes.strong, nodes.caption, nodes.raw)
CELLS = {"cell_input", "cell_output"}


def setup(app: Any) -> None:
    """Run when every reference made by hand is resolved."""
    app.connect("doctree-resolved", _link)


def _link(app: Any, doctree: nodes.document, docname: str) -> None:
    if not docname.startswith(PAGES):
        return
    objects = app.env.get_domain("std").objects
    places = {
        term: f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
        for (kind, term), (page, anchor) in objects.items()
        if kind == "term"
    }
    link_first_uses(doctree, places)


def link_first_uses(doctree: nodes.document, places: Mapping[str, str]) -> None:
    """Make a link of the first use of each term; ``places`` gives the address of each."""
    linked = {reference.get("refuri") for reference in doctree.findall(nodes.reference)}
    left = {term.lower(): uri for term, uri in places.items() if uri not in linked}
    for text in [node for node in doctree.findall(nodes.Text) if _is_open(node)]:
        parts = list(_split(str(text), left))
        if len(parts) > 1:
            text.parent.replace(text, parts)


def _is_open(text: nodes.Text) -> bool:
    """Whether a term in this text may become a link: it is running text."""
    node, running = text.parent, False
    while node is not None:
        if isinstance(node, CLOSED) or CELLS & set(node.get("classes", [])):
            return False
        running = running or isinstance(node, nodes.paragraph)
        node = node.parent
    return running


def _split(text: str, left: dict[str, str]) -> Iterator[nodes.Node]:
    """The text, each term that was not used before as a link; it is then taken out of ``left``."""
    position = 0
    for match in _pattern(left).finditer(text):
        uri = left.pop(_singular(match[0].lower(), left), None)
        if uri is not None:
            yield nodes.Text(text[position : match.start()])
            yield nodes.reference(match[0], match[0], refuri=uri, classes=["tt-term"])
            position = match.end()
    yield nodes.Text(text[position:])


def _pattern(terms: Mapping[str, str]) -> re.Pattern[str]:
    """Any of the terms, the longest first, in the singular or the plural."""
    words = [
        f"{re.escape(term.removesuffix('y'))}(?:y|ies)"
        if term.endswith("y")
        else f"{re.escape(term)}s?"
        for term in sorted(terms, key=len, reverse=True)
    ]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words) or '(?!)'})(?![\w-])", re.IGNORECASE)


def _singular(word: str, terms: Mapping[str, str]) -> str:
    """The term that a word is a form of."""
    forms = (word, word.removesuffix("s"), f"{word.removesuffix('ies')}y")
    return next((form for form in forms if form in terms), word)
