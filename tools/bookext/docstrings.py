"""Docstrings of this project turned into document nodes; no markup language in between.

A docstring here is paragraphs, indented equations, sections such as ``Arguments:`` and examples. To
read them as reStructuredText would make an asterisk in a formula a build failure.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator

from docutils import nodes

SECTION = re.compile(
    r"^(Arguments|Fields|Returns|Raises|Yields|Source|Attributes|Example|Notes?):\s*(.*)$"
)
ENTRY = re.compile(r"^(\*{0,2}\w[\w`*, .\[\]()]*?):\s+(.*)$", re.DOTALL)
INLINE = re.compile(
    r"``(?P<code>.+?)``"
    r"|:math:`(?P<math>.+?)`"
    r"|:(?:func|class|meth|mod|data|attr|exc):`(?P<name>.+?)`"
    r"|`(?P<bare>[^`]+)`"
)
MATH_BLOCK = ".. math::"


def blocks(text: str) -> Iterator[list[str]]:
    """Runs of lines between blank lines, their common indentation kept."""
    for block in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        lines = block.splitlines()
        if lines:
            yield lines


def render(text: str) -> list[nodes.Node]:
    """The nodes of a docstring."""
    out: list[nodes.Node] = []
    section = ""
    for lines in blocks(text):
        found = SECTION.match(lines[0])
        if found:
            section = found.group(1)
            body = textwrap.dedent("\n".join(lines[1:]))
            out.extend(_section(section, found.group(2), body))
        elif lines[0].lstrip().startswith(">>>"):
            out.append(_code(textwrap.dedent("\n".join(lines)), "pycon"))
        elif lines[0].lstrip().startswith(MATH_BLOCK):
            out.append(_formula("\n".join(lines)))
        elif lines[0].startswith("  "):
            body = textwrap.dedent("\n".join(lines))
            out.extend(_entries(body) if section else [_code(body, "text")])
        else:
            section = ""
            out.append(paragraph(" ".join(line.strip() for line in lines)))
    return out


def paragraph(text: str) -> nodes.paragraph:
    """A paragraph whose marked-up names are set as code."""
    node = nodes.paragraph()
    node.extend(inline(text))
    return node


def inline(text: str) -> list[nodes.Node]:
    """Text with its ``code`` set as code."""
    out: list[nodes.Node] = []
    position = 0
    for match in INLINE.finditer(text):
        if match.start() > position:
            out.append(nodes.Text(text[position : match.start()]))
        if match["math"]:
            out.append(nodes.math(match["math"], match["math"]))
        else:
            code = match["code"] or match["bare"] or _short_name(match["name"])
            out.append(nodes.literal("", code))
        position = match.end()
    if position < len(text):
        out.append(nodes.Text(text[position:]))
    return out


def _short_name(name: str) -> str:
    """A reference's name, its last part only where it starts with a tilde."""
    return name.rsplit(".", 1)[-1] if name.startswith("~") else name


def _formula(text: str) -> nodes.math_block:
    """A displayed formula."""
    latex = textwrap.dedent(text).replace(MATH_BLOCK, "", 1).strip()
    block = nodes.math_block(latex, latex)
    block.attributes |= {"label": None, "number": None, "nowrap": False}
    return block


def _section(name: str, first: str, body: str) -> list[nodes.Node]:
    head = nodes.paragraph("", "", nodes.strong("", name), classes=["tt-docstring-section"])
    content = _entries(f"{first}\n{body}".strip() if first else body)
    return [head, *content] if content else [head]


def _entries(body: str) -> list[nodes.Node]:
    """``name: text`` lines as a definition list, anything else as paragraphs."""
    items: list[str] = []
    for line in body.splitlines():
        if line.startswith(" ") and items:
            items[-1] += " " + line.strip()
        elif line.strip():
            items.append(line.strip())
    matches = [ENTRY.match(item) for item in items]
    if not all(matches):
        return [paragraph(" ".join(items))] if items else []
    listing = nodes.definition_list()
    for match in matches:
        assert match is not None
        term = nodes.term("", "", nodes.literal("", match.group(1).strip("`")))
        definition = nodes.definition("", paragraph(match.group(2)))
        listing += nodes.definition_list_item("", term, definition)
    return [listing]


def _code(text: str, language: str) -> nodes.literal_block:
    block = nodes.literal_block(text, text)
    block["language"] = language
    return block
