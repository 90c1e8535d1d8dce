"""The parts of the book's own Sphinx extension that can be looked at without building a book."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes

import build_book
from bookext import api, docstrings, ledger, meta, terms
from ttlearn import Claim

DOCSTRING = """Twice a number.

    y = 2 x * 1

Arguments:
    x: shape (n,), metres; may be
        negative.
    y: another.

Raises:
    ValueError: when ``x`` is empty.

>>> twice(2)
4
"""


def claim(name: str, hypothesis: float, conclusion: float) -> Claim:
    return Claim(name, "s", "here", "derived", "h", hypothesis, "c", conclusion, {"m": 0.123456})


def text_of(parts: list[nodes.Node]) -> str:
    return "\n".join(part.astext() for part in parts)


def test_a_docstring_keeps_formula_arguments_and_example() -> None:
    parts = docstrings.render(DOCSTRING)
    blocks = [part for part in parts if isinstance(part, nodes.literal_block)]
    assert [block.astext() for block in blocks] == ["y = 2 x * 1", ">>> twice(2)\n4"]
    lists = [part for part in parts if isinstance(part, nodes.definition_list)]
    terms = [term.astext() for part in lists for term in part.findall(nodes.term)]
    assert terms == ["x", "y", "ValueError"]
    assert "metres; may be negative." in text_of(parts)


def test_code_in_a_docstring_is_set_as_code() -> None:
    parts = docstrings.inline("call ``f(x)`` or :func:`~ttlearn.g` now")
    assert [part.astext() for part in parts if isinstance(part, nodes.literal)] == ["f(x)", "g"]


def test_formulas_in_a_docstring_are_set_as_formulas() -> None:
    parts = docstrings.render("Area :math:`\\pi r^2` here.\n\n.. math:: a &= b \\\\ &= c\n")
    assert [math.astext() for part in parts for math in part.findall(nodes.math)] == [r"\pi r^2"]
    blocks = [part for part in parts if isinstance(part, nodes.math_block)]
    assert [block.astext() for block in blocks] == [r"a &= b \\ &= c"]


def test_a_signature_shows_names_as_the_source_writes_them() -> None:
    def run(state: ttlearn.records.Trajectory, *, step_size: float = 0.1) -> float:  # noqa: F821
        raise AssertionError

    assert api.signature_text(run, "run") == (
        "run(state: Trajectory, *, step_size: float = 0.1) -> float"
    )


def test_the_ledger_counts_only_cases_that_satisfy_the_hypothesis() -> None:
    claims = [claim("A", 1.0, 2.0), claim("A", 3.0, 0.5), claim("A", -1.0, -1.0)]
    entries = ledger.collect(claims, [claim("A", -2.0, -0.25)])
    assert not ledger.complaints(entries)
    said = text_of(
        [cell for column in ledger.cells("A", entries["A"], [], "book/ledger") for cell in column]
    )
    assert "Checked on 2 cases, smallest margin 1." in said
    assert "Holds, smallest margin 0.5." in said
    assert "Hypothesis off by 2: the conclusion fails, margin -0.25." in said
    assert "m = 0.1235" in said


def test_a_claim_that_fails_or_was_never_checked_stops_the_book() -> None:
    entries = ledger.collect([claim("A", 1.0, -1.0), claim("B", -1.0, 1.0)], [])
    said = "\n".join(ledger.complaints(entries))
    assert "A fails on" in said
    assert "B was checked on no case" in said


def test_the_site_map_names_each_page_once() -> None:
    text = meta.sitemap("https://example.com/course/", ["book/intro", "notebooks/a"])
    assert text.count("<loc>") == 2
    assert "https://example.com/course/book/intro.html" in text


def test_without_a_repository_no_launch_button_is_configured() -> None:
    config = build_book.read("_config.yml")
    assert "launch_buttons" not in config
    assert "repository" not in config


def test_a_repository_gives_launch_buttons_and_source_links(monkeypatch) -> None:
    address = "https://github.com/owner/name"
    monkeypatch.setattr("sys.argv", ["build_book", "--repository", f"{address}.git/"])
    config = build_book.complete(build_book.read("_config.yml"), build_book.parse())
    assert config["repository"]["url"] == address
    assert config["launch_buttons"]["binderhub_url"].startswith("https://mybinder")
    assert Path(config["sphinx"]["local_extensions"]["bookext"]).is_absolute()


def test_the_first_use_of_a_term_leads_to_the_glossary() -> None:
    from docutils.core import publish_doctree

    page = publish_doctree(
        "Saddles\n=======\n\nA ``saddle``, **saddle**; two strict saddles and a Saddle. Margins\n"
        "of a saddle; saddlepoint, and `a law <#law>`__: two laws, one null-set.\n"
    )
    names = ("saddle", "strict saddle", "margin", "law", "null set")
    terms.link_first_uses(page, {name: f"#{name.replace(' ', '-')}" for name in names})
    links = [link for link in page.findall(nodes.reference) if "tt-term" in link["classes"]]
    assert [(link.astext(), link["refuri"]) for link in links] == [
        ("strict saddles", "#strict-saddle"),
        ("Saddle", "#saddle"),
        ("Margins", "#margin"),
    ]
    assert page.astext().count("saddle") == 5
