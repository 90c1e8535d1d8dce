"""The spelling check reads what readers read, and nothing else."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

import spelling


def seen(path: Path) -> set[str]:
    """The unknown words of one file."""
    return set(spelling.unknown({path: spelling.prose(path)}))


def test_a_misspelt_word_is_seen_in_a_page_and_code_is_not_read(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "---\nkey: wrongg\n---\n# The neurron\n\n```{code-cell}\nwrongg()\n```\n\n"
        "$$\n\\wrongg\n$$\n\n```{tip}\nA colour, `wrongg`, $wrongg$, [gradientt](wrongg.md).\n```\n"
    )
    assert seen(page) == {"neurron", "gradientt"}


def test_a_misspelt_word_is_seen_in_a_notebook(tmp_path: Path) -> None:
    cells = [
        nbformat.v4.new_markdown_cell("The neurron's sadle."),
        nbformat.v4.new_code_cell(
            "%pip install x\nwrongg = 'a stepp taken'  # in a wronng comment"
        ),
    ]
    path = tmp_path / "lesson.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    assert seen(path) == {"neurron", "sadle", "stepp", "wronng"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("module.py", 'def wrongg():\n    """Give a neurron.\n\n    >>> wrongg()\n    """\n'),
        ("scene.js", "/** Give a neurron. */ wrongg();\n"),
    ],
)
def test_a_misspelt_word_is_seen_in_code(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert seen(path) == {"neurron"}


def test_the_course_s_own_words_are_sorted_and_each_is_needed() -> None:
    words = spelling.OWN_WORDS.read_text(encoding="utf-8").split()
    assert words == sorted(set(words))
    assert spelling.SpellChecker().unknown(words) == set(words)
