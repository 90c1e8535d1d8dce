"""``{claim-ledger}``: every claim of every theory, checked while the book is built."""

from __future__ import annotations

import importlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookext.docstrings import inline
from ttlearn.records import Claim

logger = logging.getLogger(__name__)

WINGS = {
    "two_timescale": "Two timescales",
    "directional": "Directional convergence",
    "saddles": "Saddle escape",
}
COLUMNS = ("Claim", "Known", "If", "Then", "Break it")
WIDTHS = (34, 8, 20, 20, 18)
HOW_KNOWN = {
    "paper": "from the paper",
    "recalled": "recalled",
    "derived": "derived here",
    "measured": "measured",
}


@dataclass
class Entry:
    """One theorem: the cases that keep its hypothesis, and those that drop it."""

    cases: list[Claim] = field(default_factory=list)
    breaking: list[Claim] = field(default_factory=list)


def setup(app: Any) -> None:
    """Register the directive."""
    app.add_directive("claim-ledger", Ledger)


class Ledger(SphinxDirective):
    """A table for each theory, one row for each theorem."""

    def run(self) -> list[nodes.Node]:
        """Compute all claims; a claim that fails, or was checked on no case, is a warning."""
        self.env.note_dependency(__file__)
        out: list[nodes.Node] = []
        for wing, title in WINGS.items():
            claims = importlib.import_module(f"ttlearn.{wing}.claims")
            entries = collect(claims.all_claims(), claims.breaking_cases())
            for complaint in complaints(entries):
                logger.warning("claim ledger, %s: %s", wing, complaint)
            section = nodes.section("", nodes.title("", title), ids=[f"ledger-{wing}"])
            self.state.document.note_explicit_target(section)
            section += table(entries, wing, Path(self.env.srcdir), self.env.docname)
            out.append(section)
        return out


def collect(claims: Iterable[Claim], breaking: Iterable[Claim]) -> dict[str, Entry]:
    """The claims by name, in the order in which they first come."""
    entries: dict[str, Entry] = defaultdict(Entry)
    for claim in claims:
        entries[claim.name].cases.append(claim)
    for claim in breaking:
        entries[claim.name].breaking.append(claim)
    return dict(entries)


def complaints(entries: Mapping[str, Entry]) -> list[str]:
    """What would make the ledger say more than it knows."""
    found = []
    for name, entry in entries.items():
        failing = [claim for claim in entry.cases if claim.verdict == "fails"]
        if failing:
            found.append(f"{name} fails on {dict(failing[0].case)}")
        if not any(claim.verdict == "holds" for claim in entry.cases):
            found.append(f"{name} was checked on no case that satisfies its hypothesis")
    return found


def table(entries: Mapping[str, Entry], wing: str, source: Path, page: str) -> nodes.table:
    """The rows of one theory."""
    group = nodes.tgroup(cols=len(COLUMNS))
    group.extend(nodes.colspec(colwidth=width) for width in WIDTHS)
    group += nodes.thead("", row([[nodes.paragraph("", title)] for title in COLUMNS]))
    body = nodes.tbody()
    lessons = lessons_about(wing, entries, source)
    for name, entry in entries.items():
        body += row(cells(name, entry, lessons.get(name, []), page), name)
    group += body
    return nodes.table("", group, classes=["tt-ledger"])


def row(contents: list[list[nodes.Node]], name: str = "") -> nodes.row:
    """One row of the table."""
    out = nodes.row("", *(nodes.entry("", *content) for content in contents))
    if name:
        out["names"] = [name]
    return out


def cells(name: str, entry: Entry, lessons: list[Path], page: str) -> list[list[nodes.Node]]:
    """What the five columns say about one theorem."""
    first = entry.cases[0] if entry.cases else entry.breaking[0]
    holding = [claim for claim in entry.cases if claim.verdict == "holds"]
    title = nodes.paragraph("", "", nodes.strong("", name))
    claim = [title, text(first.statement), text(first.source, "tt-source")]
    if lessons:
        claim.append(lesson_links(lessons, page))
    cases = f"{len(holding)} case" + ("" if len(holding) == 1 else "s")
    assumed = [text(first.hypothesis), text(f"Checked on {cases}{smallest(holding, True)}.")]
    follows = [text(first.conclusion), text(f"Holds{smallest(holding, False)}.")]
    known = [text(HOW_KNOWN[first.provenance])]
    broken = [part for claim in entry.breaking for part in break_text(claim)]
    return [claim, known, assumed, follows, broken or [text("No case is given.")]]


def text(content: str, name: str = "") -> nodes.paragraph:
    """A paragraph, with ``code`` set as code."""
    return nodes.paragraph("", "", *inline(content), classes=[name] if name else [])


def smallest(claims: list[Claim], hypothesis: bool) -> str:
    """The smallest margin over some cases, in words."""
    if not claims:
        return ""
    margins = [c.hypothesis_margin if hypothesis else c.conclusion_margin for c in claims]
    return f", smallest margin {min(margins):.3g}"


def break_text(claim: Claim) -> list[nodes.Node]:
    """One breaking case: what was dropped and by how much the conclusion fails."""
    case = ", ".join(f"{key} = {short(value)}" for key, value in claim.case.items())
    fails = claim.conclusion_margin < 0
    outcome = "the conclusion fails" if fails else "the conclusion still holds"
    return [
        text(
            f"Hypothesis off by {-claim.hypothesis_margin:.3g}: {outcome}, "
            f"margin {claim.conclusion_margin:.3g}."
        ),
        *([text(f"``{case}``", "tt-case")] if case else []),
    ]


def short(value: Any) -> str:
    """A parameter as the ledger prints it."""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def lessons_about(wing: str, names: Iterable[str], source: Path) -> dict[str, list[Path]]:
    """The notebooks that speak of a claim: its name in a code cell, as a word in quotes."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((source / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        code = "\n".join(
            "".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"
        )
        if wing not in code:
            continue
        for name in names:
            if f'"{name}"' in code or f"'{name}'" in code:
                found[name].append(path)
    return found


def lesson_links(lessons: list[Path], page: str) -> nodes.paragraph:
    """Links to lessons, by their titles."""
    out = nodes.paragraph("", "", nodes.Text("Lesson: "), classes=["tt-source"])
    up = "../" * page.count("/")
    for index, path in enumerate(lessons):
        if index:
            out += nodes.Text(", ")
        title = path.stem.split("_", 1)[-1].replace("_", " ")
        out += nodes.reference("", title, internal=True, refuri=f"{up}notebooks/{path.stem}.html")
    return out
