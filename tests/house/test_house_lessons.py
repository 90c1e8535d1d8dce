"""Every lesson has the parts that make it one, and speaks of other lessons by links."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from book_site import ROOT

LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
BOX = r":::\{admonition\} Remember\n:class: remember\n(.*?)\n:::"
PARTS = {
    "a question under the title": r"\A# [^\n]+\n\n[^#]*?\*\*[^*]*\?\*\*|\A# [^\n]+\n\n\*\*[^\n]*\?",
    "a prediction": r"labs\.(?:choose|choose_several|estimate|sketch)\(",
    "a lab": r"labs\.\w+Lab\(",
    "a theorem": r"\{prf:(?:theorem|proposition|lemma)\}",
    "how it is known": r":class: (?:paper|recalled|derived|measured)\n",
    "a margin": r"\bmargins?\b",
    "a case that breaks it": r"\*\*Break it|^## Break it|\"Break it",
    "an exercise": r"```\{exercise\}",
    "what to remember": BOX,
    "a next step": r"\*\*Next:\*\* ",
}
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
BARE_MENTION = re.compile(rf"(?<!\[)\blessons? (?:\d+|{'|'.join(NUMBERS)})\b", re.IGNORECASE)

each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def text_of(path: Path) -> str:
    """Markdown and code of a lesson, without the first cell that installs."""
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells[1:])


def words_of(path: Path) -> str:
    """The markdown of a lesson."""
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def missing(text: str) -> list[str]:
    """The parts that a lesson lacks."""
    return [
        part
        for part, pattern in PARTS.items()
        if not re.search(pattern, text, re.DOTALL | re.MULTILINE)
    ]


def titles() -> dict[str, str]:
    """The title of each lesson, and its file."""
    return {words_of(path).splitlines()[0].removeprefix("# "): path.name for path in LESSONS}


def unlinked(text: str, known: dict[str, str]) -> list[str]:
    """Lessons that a text names, by number or by title in italics, without a link."""
    named = [title for title in known if f"*{title}*" in text or f'"{title}"' in text]
    return named + BARE_MENTION.findall(text)


@each_lesson
def test_a_lesson_is_whole(path: Path) -> None:
    # The last lesson reads the theorems of the others again, and has none of its own.
    told_elsewhere = {"a theorem", "how it is known"} if path == LESSONS[-1] else set()
    assert not set(missing(text_of(path))) - told_elsewhere


@each_lesson
def test_what_to_remember_is_three_lines(path: Path) -> None:
    found = re.search(BOX, words_of(path), re.DOTALL)
    assert found
    assert [line[:3] for line in found.group(1).splitlines()] == ["1. ", "2. ", "3. "]


@each_lesson
def test_the_next_step_is_the_last_word_and_leads_to_the_next_lesson(path: Path) -> None:
    last = words_of(path).rstrip().splitlines()[-1]
    assert last.startswith("**Next:** ")
    later = LESSONS[LESSONS.index(path) + 1 :]
    assert not later or f"]({later[0].name})" in last


@each_lesson
def test_other_lessons_are_linked(path: Path) -> None:
    assert not unlinked(words_of(path), titles())


def test_a_missing_part_and_a_bare_mention_are_seen() -> None:
    text = text_of(LESSONS[0])
    assert missing(text.replace("**Next:**", "Next")) == ["a next step"]
    assert "a lab" in missing(text.replace("Lab(", "Picture("))
    known = {"How small is small?": "06.ipynb"}
    assert unlinked("more in *How small is small?*", known) == ["How small is small?"]
    assert unlinked("as in lesson 8, at", {}) == ["lesson 8"]
    assert not unlinked("in [lesson 8](08.ipynb) and [How small is small?](06.ipynb)", known)
