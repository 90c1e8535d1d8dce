"""The first cell of every notebook: it installs ttlearn where it is missing, as on Colab.

`make book REPOSITORY=https://github.com/owner/name` writes that address into all of them: lessons,
exercises and the sources of the exercises, from which both `make exercises` and a teacher's release
are made. Without an address there is nothing to install from, and the cell says what to do instead.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
PLACES = (
    "notebooks/*.ipynb",
    "notebooks/paper_runs/*.ipynb",
    "notebooks/exercises/*.ipynb",
    "teaching/source/*/*.ipynb",
)
TAG = "remove-cell"
ADDRESS = re.compile(r"git\+(https://[^\s\"]+)")

WITHOUT = """\
import importlib.util

if importlib.util.find_spec("ttlearn") is None:
    raise ModuleNotFoundError("ttlearn is missing; in its repository: pip install '.[labs]'")"""

WITH = """\
import importlib.util

if importlib.util.find_spec("ttlearn") is None:
    %pip install --quiet anywidget "ttlearn @ git+{repository}\""""


def notebooks(root: Path = ROOT) -> list[Path]:
    """All notebooks that begin with such a cell."""
    return sorted(path for place in PLACES for path in root.glob(place))


def source(repository: str = "") -> str:
    """The cell's text, for the repository at that address or for none."""
    return WITH.format(repository=repository) if repository else WITHOUT


def repository_of(text: str) -> str:
    """The address that a first cell installs from; empty when it names none."""
    found = ADDRESS.search(text)
    return found.group(1) if found else ""


def is_first_cell(cell: nbformat.NotebookNode) -> bool:
    """Whether ``cell`` is such a cell, for whatever repository, or an older form of it."""
    tagged = TAG in cell.metadata.get("tags", [])
    return cell.cell_type == "code" and tagged and 'find_spec("ttlearn")' in cell.source


def put(notebook: nbformat.NotebookNode, repository: str) -> None:
    """Make the first cell of ``notebook`` the one for ``repository``; add it where missing."""
    cells = notebook.cells
    if not cells or not is_first_cell(cells[0]):
        cells.insert(0, nbformat.v4.new_code_cell(id="first-cell"))
    cells[0].source = source(repository)
    cells[0].metadata["tags"] = [TAG]


def write(paths: list[Path], repository: str) -> None:
    """Put the cell for ``repository`` into the notebooks at ``paths``."""
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        put(notebook, repository)
        nbformat.write(notebook, path)


if __name__ == "__main__":
    print(source(sys.argv[1] if len(sys.argv) > 1 else ""))
