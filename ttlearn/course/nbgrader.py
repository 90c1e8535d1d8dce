"""Assignments with nbgrader, one command each::

    python -m ttlearn.course.nbgrader release    --salt autumn      make the student versions
    python -m ttlearn.course.nbgrader autograde                     grade what was handed in
    python -m ttlearn.course.nbgrader feedback                      a page for each student
    python -m ttlearn.course.nbgrader gradebook                     classroom/gradebook.csv
    python -m ttlearn.course.nbgrader solutions                     the teacher's book
    python -m ttlearn.course.nbgrader public                        notebooks/exercises/

Each takes the sets to work on (all of them when none is named) and ``--course``, the classroom
folder. The code of students runs with the rights of whoever grades: see the teacher's guide.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat

from ttlearn.course.classroom import (
    DATABASE,
    SECONDS_A_CELL,
    SECONDS_A_STUDENT,
    SETS,
    Classroom,
    ClassroomError,
)

SOURCE = Path("teaching/source")


def release(arguments: argparse.Namespace) -> Iterator[str]:
    """Make the student versions."""
    room = Classroom(arguments.course.resolve())
    room.create(arguments.salt)
    for name in arguments.sets:
        yield f"released {room.release(name, arguments.source.resolve(), arguments.exercises)}"


def autograde(arguments: argparse.Namespace) -> Iterator[str]:
    """Grade what was handed in."""
    room = Classroom(arguments.course.resolve())
    room.settings()
    chosen = [
        (name, student)
        for name in arguments.sets
        for student in room.students(name)
        if not arguments.student or student in arguments.student
    ]
    if not chosen:
        yield _nothing_to_grade(room, arguments)
    for name, student in chosen:
        remarks = room.autograde(
            name,
            student,
            arguments.seconds_a_cell,
            arguments.seconds_a_student,
            sandboxed=arguments.sandbox,
        )
        yield f"{student} {name}: {remarks['status']}, {remarks['seconds']:.0f} s"


def _nothing_to_grade(room: Classroom, arguments: argparse.Namespace) -> str:
    where = room.root / "submitted" / "STUDENT" / arguments.sets[0] / f"{arguments.sets[0]}.ipynb"
    who = f" by {', '.join(arguments.student)}" if arguments.student else ""
    return f"nothing was handed in{who}; a submission is {where}"


def feedback(arguments: argparse.Namespace) -> list[str]:
    """One page per student and set."""
    room, lines = Classroom(arguments.course.resolve()), []
    room.settings()
    for name in arguments.sets:
        if list((room.root / "autograded").glob(f"*/{name}/*.ipynb")):
            room.nbgrader("generate_feedback", name, "--force")
            lines += [
                f"wrote {page}"
                for page in sorted((room.root / "feedback").glob(f"*/{name}/*.html"))
            ]
    return lines or ["nothing was graded yet; run `autograde` first"]


COLUMNS = ("student", "set", "points", "of", "by_hand", "status", "altered", "suspicious")


def grades(room: Classroom, names: Sequence[str]) -> list[dict[str, Any]]:
    """One row per student and set: points, what waits for a human, how grading went."""
    from nbgrader.api import Gradebook

    rows = []
    with Gradebook(f"sqlite:///{room.root / DATABASE}") as book:
        for name in names:
            for student in room.students(name):
                rows.append(_row(room, book, name, student))
    return rows


def _row(room: Classroom, book: Any, name: str, student: str) -> dict[str, Any]:
    from nbgrader.api import MissingEntry

    path = room.root / "remarks" / student / f"{name}.json"
    remarks = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    status = remarks.get("status", "not graded: run autograde")
    row: dict[str, Any] = {
        "student": student,
        "set": name,
        "points": 0.0,
        "of": book.find_assignment(name).max_score,
        "by_hand": 0,
        "status": status,
        "altered": " ".join(remarks.get("altered", [])),
        "suspicious": len(remarks.get("suspicious", [])),
    }
    try:
        submission = book.find_submission(name, student)
    except MissingEntry:
        return row
    if status == "graded":
        row["points"] = submission.score
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                row["by_hand"] += int(bool(grade.needs_manual_grade))
                row[grade.name] = grade.score
    return row


def gradebook(arguments: argparse.Namespace) -> list[str]:
    """All grades in one CSV file."""
    room = Classroom(arguments.course.resolve())
    room.settings()
    released = [name for name in arguments.sets if (room.root / "release" / name).is_dir()]
    rows = grades(room, released)
    exercises = sorted({key for row in rows for key in row} - set(COLUMNS))
    path = room.root / "gradebook.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*COLUMNS, *exercises], restval="")
        writer.writeheader()
        writer.writerows(rows)
    return [f"wrote {path}: {len(rows)} rows"]


def student_versions(names: Sequence[str], source: Path) -> dict[str, nbformat.NotebookNode]:
    """The release versions without a class, made by nbgrader in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        room = Classroom(Path(folder))
        room.create()
        return {
            name: nbformat.read(room.release(name, source.resolve()), as_version=4)
            for name in names
        }


def public(arguments: argparse.Namespace) -> list[str]:
    """The public exercise notebooks; outputs are stored by tools/store_outputs.py afterwards."""
    arguments.to.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, notebook in student_versions(arguments.sets, arguments.source).items():
        path = arguments.to / f"{name}.ipynb"
        nbformat.write(notebook, path)
        lines.append(f"wrote {path}")
    return lines


def solutions(arguments: argparse.Namespace) -> list[str]:
    """The teacher's book: the sets with their solutions, executed, in a folder of its own."""
    from ttlearn.course.teachers_book import build

    return [f"open {build(arguments.sets, arguments.source.resolve(), arguments.to.resolve())}"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ttlearn.course.nbgrader",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for function in (release, autograde, feedback, gradebook, solutions, public):
        command = commands.add_parser(function.__name__, help=function.__doc__)
        command.set_defaults(run=function)
        command.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}")
        if function in (release, autograde, feedback, gradebook):
            command.add_argument("--course", type=Path, default=Path("classroom"))
        if function in (release, solutions, public):
            command.add_argument("--source", type=Path, default=SOURCE)
        if function is release:
            command.add_argument("--salt", help="decides the class's numbers; else as it was")
            command.add_argument("--exercises", default="", help="only these, as in 1-4,7")
        if function is autograde:
            command.add_argument("--student", action="append", help="only this one; repeatable")
            command.add_argument("--sandbox", action="store_true", help="with bubblewrap (Linux)")
            command.add_argument("--seconds-a-cell", type=int, default=SECONDS_A_CELL)
            command.add_argument("--seconds-a-student", type=int, default=SECONDS_A_STUDENT)
        if function is solutions:
            command.add_argument("--to", type=Path, default=Path("_teachers_book"))
        if function is public:
            command.add_argument("--to", type=Path, default=Path("notebooks/exercises"))
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    arguments = _parser().parse_args(words)
    arguments.sets = arguments.sets or list(SETS)
    try:
        for line in arguments.run(arguments):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()  # grading a class takes a while: each line when it is known
    except ClassroomError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
