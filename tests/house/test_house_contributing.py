"""What README and CONTRIBUTING tell people to type exists."""

from __future__ import annotations

import re

import pytest

from book_site import ROOT

PAGES = ("README.md", "CONTRIBUTING.md")
TARGET = re.compile(r"(?:`make |^make (?=\w+ +#))([a-z]+)", re.MULTILINE)
FILE = re.compile(r"`?((?:tools|tests|book|notebooks|ttlearn)/[\w/]+\.\w+)")


def targets() -> set[str]:
    """The commands that the Makefile has."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def unknown(text: str) -> list[str]:
    """Commands and files that a text names and that do not exist."""
    commands = [f"make {name}" for name in TARGET.findall(text) if name not in targets()]
    files = [name for name in FILE.findall(text) if "NN_" not in name]
    return commands + [name for name in files if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_file_named_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert TARGET.findall(text)
    assert not unknown(text)


def test_a_command_or_file_that_does_not_exist_is_seen() -> None:
    text = "`make book`, `make tea`; tools/tea.py, tools/lock.py\nmake coffee  # now\nmake must\n"
    assert unknown(text) == ["make tea", "make coffee", "tools/tea.py"]


def test_every_command_that_help_lists_is_phony() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = set(re.findall(r"^([a-z-]+):[^#\n]*## ", makefile, re.MULTILINE))
    phony = re.search(r"^\.PHONY:((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    assert phony
    assert listed <= set(phony.group(1).replace("\\", " ").split())
