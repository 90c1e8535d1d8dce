"""The cells of an assignment: which to hand out, and what became of them when they come back."""

from __future__ import annotations

import json
import re

import nbformat

# What a submission that only answers exercises has no need of. A match is a remark for the
# teacher's eyes, never a deduction.
SUSPICIOUS = re.compile(
    r"sys\.modules|sys\.meta_path|importlib|setattr\(|__\w+__|get_ipython|\bos\.|sqlite3|gradebook"
    r"|\b(?:open|exec|eval)\(|\b(?:pathlib|subprocess|socket|urllib|requests|ctypes|inspect)\b"
    r"|\bcheck\.\w+\s*=[^=]|course\.\w+(?:\.\w+)*\s*=[^=]|\bReport\b|^\s*[!%]"
    # What lies inside the checker: its modules, the stages of a check, names of its own.
    r"|\bcheck\.(?:_|\w+\.)|\bcourse\.\w+\.\w|\bcourse(?:\.\w+)*\._\w"
    r"|\bcourse\b.*\bimport\b.*\b_\w|\b(?:getattr|vars|dir)\(check\b"
)
EXERCISE = re.compile(r"## (\d+)\. ")
AFTERWARDS = "passport-text"  # the first cell behind the last exercise


class ClassroomError(Exception):
    """Something the teacher has to put right; says what, and how."""


def only_exercises(notebook: nbformat.NotebookNode, wanted: str) -> None:
    """Leave only these exercises in ``notebook``; what stands before and behind them stays.

    Arguments:
        notebook: a set's source.
        wanted: numbers and ranges, as in ``"1-4,7"``; empty for all.

    Raises:
        ClassroomError: for words that are no numbers, or numbers that the set has not.
    """
    if not wanted:
        return
    current, belongs = 0, []
    for cell in notebook.cells:
        found = EXERCISE.match(cell.source)
        if found and cell.cell_type == "markdown":
            current = int(found.group(1))
        elif cell.id == AFTERWARDS:
            current = 0
        belongs.append(current)
    chosen = {0} | _numbers(wanted, max(belongs))
    notebook.cells = [c for c, n in zip(notebook.cells, belongs, strict=True) if n in chosen]


def _numbers(wanted: str, last: int) -> set[int]:
    numbers: set[int] = set()
    for part in wanted.replace(" ", "").split(","):
        found = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        low, high = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= low <= high <= last:
            raise ClassroomError(
                f"--exercises {wanted}: {part!r} is none of this set's; give numbers from 1 to "
                f"{last}, as in 1-4,{last}"
            )
        numbers.update(range(low, high + 1))
    return numbers


def put_salt(notebook: nbformat.NotebookNode, salt: str) -> None:
    """Write the class's salt into the cell that keeps it."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith('class_salt = ""'):
            cell.source = cell.source.replace(
                'class_salt = ""', f"class_salt = {json.dumps(salt)}", 1
            )


def nbgrader_cells(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    """The cells that nbgrader knows, by their id."""
    cells = (cell for cell in notebook.cells if "nbgrader" in cell.metadata)
    return {str(cell.metadata["nbgrader"]["grade_id"]): cell for cell in cells}


def altered_cells(released: nbformat.NotebookNode, handed_in: nbformat.NotebookNode) -> list[str]:
    """Ids of cells that were to stay as they are, and did not (or are missing)."""
    theirs = nbgrader_cells(handed_in)
    return [
        name
        for name, cell in nbgrader_cells(released).items()
        if not cell.metadata["nbgrader"]["solution"]
        if name not in theirs or theirs[name].source.strip() != cell.source.strip()
    ]


def suspicious_lines(
    released: nbformat.NotebookNode, handed_in: nbformat.NotebookNode
) -> list[str]:
    """Lines of the student's own code that reach for what no exercise needs."""
    found = []
    ours = {cell.source.strip() for cell in released.cells}
    for cell in handed_in.cells:
        known = cell.metadata.get("nbgrader", {})
        theirs = cell.source.strip() not in ours and (not known or known.get("solution"))
        if cell.cell_type == "code" and theirs:
            found += [line.strip() for line in cell.source.splitlines() if SUSPICIOUS.search(line)]
    return found
