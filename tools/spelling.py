"""Check the spelling of what readers read: book, lessons, labs, docstrings, comments.

    .venv/bin/python tools/spelling.py

prints each unknown word and where it stands first. One that is right goes into tools/words.txt.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import nbformat
from spellchecker import SpellChecker

ROOT = Path(__file__).resolve().parents[1]
OWN_WORDS = Path(__file__).with_name("words.txt")
WHERE = (
    "*.md",
    "book/**/*.md",
    "notebooks/**/*.ipynb",
    "teaching/**/*.md",
    "teaching/**/*.ipynb",
    "ttlearn/**/*.py",
    "tools/**/*.py",
    "ttlearn/labs/src/**/*.js",
)
NO_PROSE = (
    r"\A---\n.*?^---$",  # a page's header
    r"^:[a-z-]+:.*?$",  # options of a directive
    r"^ *(`{3,})(?:\{code-cell\}|\{math\}|\w*\s*$).*?^ *\1",  # code and formulas in fences
    r"\$\$.*?\$\$|\$[^$]*\$|\\[A-Za-z]+",  # formulas
    r"(?<!`)``(?!`)[^`]*``(?!`)|(?<!`)`[^`\n]+`(?!`)",  # code in a line
    r"^\s*(?:>>>|\.\.\.).*?$",  # examples
    r"https?://\S+|\{[^{}]*\}|<[^<>]*>|&\w+;|%\w|--\w+",  # addresses, fields, tags, options
    r"\S*\w[_./=@\\^]+\w\S*|\b\w*\d\w*\b",  # names, files, numbers
)
CODE = re.compile("|".join(NO_PROSE), re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\([^)]*\)")
WORD = re.compile(r"(?<![\w-])[A-Za-z]?[a-z]{3,}(?:['’][a-z]+)?(?![A-Z\w(\[])")
SCRIPT_TEXT = re.compile(
    r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`|/\*\*?(.*?)\*/|//(.*)$', re.S | re.M
)


def main() -> int:
    """Report the unknown words; 1 when there are any."""
    found = unknown({path: text for path in files() for text in [prose(path)]})
    for word, path in found.items():
        print(f"{path.relative_to(ROOT)}: {word!r} is not in the dictionary")
    if found:
        print(f"Mend these, or add those that are right to {OWN_WORDS.relative_to(ROOT)}")
    return bool(found)


def files() -> list[Path]:
    """The files with words for readers."""
    return sorted(path for pattern in WHERE for path in ROOT.glob(pattern))


def prose(path: Path) -> str:
    """The words of a file, without its code and formulas."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return "\n".join(cells(path))
    if path.suffix == ".py":
        return strip("\n".join(said_in_python(text)))
    if path.suffix == ".js":
        return strip("\n".join("\n".join(parts) for parts in SCRIPT_TEXT.findall(text)))
    return strip(text)


def cells(path: Path) -> Iterator[str]:
    """The text of a notebook's cells."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            yield strip(cell.source)
        elif cell.cell_type == "code":
            code = re.sub(r"^\s*%.*$", "pass", cell.source, flags=re.MULTILINE)
            yield strip("\n".join(said_in_python(code)))


def said_in_python(code: str) -> Iterator[str]:
    """The strings, of more than one word, and the comments of Python code."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def strip(text: str) -> str:
    """Text without code, formulas, links and names."""
    return CODE.sub(" ", LINK.sub("] ", text))


def unknown(texts: dict[Path, str]) -> dict[str, Path]:
    """The words that neither the dictionary nor our own list knows, and where each comes first."""
    first: dict[str, Path] = {}
    for path, text in texts.items():
        for word in WORD.findall(text):
            first.setdefault(word.replace("’", "'").lower().removesuffix("'s"), path)
    own = OWN_WORDS.read_text(encoding="utf-8").split() if OWN_WORDS.exists() else []
    wrong = SpellChecker().unknown(set(first) - set(own))
    return {word: first[word] for word in sorted(wrong)}


if __name__ == "__main__":
    sys.exit(main())
