"""A classroom: the folder in which assignments are released, handed in, graded and reported.

Layout (nbgrader's own, so its other commands work there too)::

    classroom/class.json                           the class's salt and time limits
    classroom/nbgrader_config.py
    classroom/source/SET/SET.ipynb                 with solutions and hidden tests
    classroom/release/SET/SET.ipynb                what students get
    classroom/submitted/STUDENT/SET/SET.ipynb      what they hand in
    classroom/autograded/, classroom/feedback/     what comes out
    classroom/remarks/STUDENT/SET.json             how grading went: time, limits, altered cells
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat

from ttlearn.course import sandbox
from ttlearn.course.cells import (
    ClassroomError,
    altered_cells,
    only_exercises,
    put_salt,
    suspicious_lines,
)
from ttlearn.course.variants import SALT_VARIABLE, STUDENT_VARIABLE

SETS = ("two_timescale", "directional", "saddles", "capstone")
SECONDS_A_CELL = 60
SECONDS_A_STUDENT = 900
DATABASE = "gradebook.db"
# What nbgrader's exchange puts beside a notebook: when it came, and whom to give feedback to.
NOTES = ("timestamp.txt", "submission_secret.txt")

CONFIG = '''\
"""nbgrader in this classroom; written by ``python -m ttlearn.course.nbgrader release``."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "ttlearn"
c.ClearSolutions.code_stub = {"python": "# your turn"}
c.ClearSolutions.text_stub = "*Your answer here.*"
c.OverwriteCells.add_missing_cells = True
c.Execute.interrupt_on_timeout = True
c.Execute.raise_on_iopub_timeout = False
c.GenerateAssignment.create_assignment = True
# A page of feedback shows what a student's code displayed: as text, never as a script.
c.HTMLExporter.sanitize_html = True
'''


@dataclasses.dataclass(frozen=True)
class Classroom:
    """One classroom folder.

    Arguments:
        root: the folder.
    """

    root: Path

    def settings(self) -> dict[str, Any]:
        """Salt and limits, as ``release`` wrote them.

        Raises:
            ClassroomError: when nothing was released here.
        """
        path = self.root / "class.json"
        if not path.exists():
            raise ClassroomError(
                f"{self.root} is no classroom yet; run `release` first, or name another --course"
            )
        return dict(json.loads(path.read_text(encoding="utf-8")))

    def create(self, salt: str | None = None) -> None:
        """Make the folder, or change its salt; None leaves the salt of a class as it is."""
        self.root.mkdir(parents=True, exist_ok=True)
        settings = self.root / "class.json"
        if salt is not None or not settings.exists():
            settings.write_text(json.dumps({"salt": salt or ""}), encoding="utf-8")
        config = self.root / "nbgrader_config.py"
        if not config.exists():  # a teacher may have added to it
            config.write_text(CONFIG, encoding="utf-8")
        (self.root / "submitted").mkdir(exist_ok=True)

    def nbgrader(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        limit: float | None = None,
        hidden: Path | None = None,
    ) -> str:
        """Run one of nbgrader's commands here and return what it logged.

        Raises:
            ClassroomError: when it fails, with the end of its log.
            TimeoutError: when it runs past ``limit`` seconds; every process it started is ended.
        """
        command = [sys.executable, "-m", "nbgrader", *arguments]
        variables = dict(os.environ)
        if hidden is not None:
            command = [*sandbox.bubblewrap(self.root, hidden), *command]
            variables = sandbox.environment(self.root)
        # nbgrader calls alembic by name: it has to be found without an activated environment.
        path = os.pathsep.join([str(Path(sys.executable).parent), variables.get("PATH", "")])
        with subprocess.Popen(
            command,
            cwd=self.root,
            env=variables | {"PATH": path} | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                log, _ = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired as error:
                end_tree(process.pid)
                raise TimeoutError(f"still running after {limit:.0f} s") from error
        if process.returncode != 0:
            raise ClassroomError(f"nbgrader {arguments[0]} failed:\n{log[-2000:]}")
        return log

    def students(self, assignment: str) -> list[str]:
        """Who has handed in this assignment."""
        handed_in = (self.root / "submitted").glob(f"*/{assignment}/{assignment}.ipynb")
        return sorted(path.parts[-3] for path in handed_in)

    def release(self, assignment: str, source: Path, exercises: str = "") -> Path:
        """Make the student version of one assignment; returns its path.

        Arguments:
            assignment: the set.
            source: the folder with the sets and their solutions.
            exercises: which of the set's exercises, as in ``"1-4,7"``; all when empty.

        Raises:
            ClassroomError: when there is no such source, or no such exercise.
        """
        origin = source / assignment / f"{assignment}.ipynb"
        if not origin.exists():
            raise ClassroomError(
                f"no {origin}; the assignments are {', '.join(SETS)}, and --source names the "
                "folder teaching/source of a clone of the repository"
            )
        target = self.root / "source" / assignment / origin.name
        target.parent.mkdir(parents=True, exist_ok=True)
        notebook = nbformat.read(origin, as_version=4)
        put_salt(notebook, self.settings()["salt"])
        only_exercises(notebook, exercises)
        nbformat.write(notebook, target)
        self.nbgrader("generate_assignment", assignment, "--force")
        return self.root / "release" / assignment / origin.name

    def autograde(
        self,
        assignment: str,
        student: str,
        seconds_a_cell: int = SECONDS_A_CELL,
        seconds_a_student: int = SECONDS_A_STUDENT,
        sandboxed: bool = False,
    ) -> dict[str, Any]:
        """Grade one submission; returns the remarks, which are stored too.

        Only the notebook itself is graded: other files handed in could take the place of modules.
        """
        remarks = self.inspect(assignment, student)
        start = time.monotonic()
        grade = self._grade_in_sandbox if sandboxed else self._grade
        try:
            self._stage(assignment, student, self.root / "submitted" / student / assignment)
            grade(assignment, student, seconds_a_cell, seconds_a_student)
            remarks["status"] = "graded"
        except TimeoutError as error:
            remarks["status"] = f"not graded: {error}"
        except ClassroomError as error:
            remarks["status"] = f"not graded: {str(error).strip().splitlines()[-1]}"
        remarks["seconds"] = round(time.monotonic() - start, 1)
        path = self.root / "remarks" / student / f"{assignment}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(remarks, indent=1), encoding="utf-8")
        return remarks

    def _stage(self, assignment: str, student: str, origin: Path) -> None:
        """Put the notebook, and nothing beside it, where it is graded."""
        staged = self.root / "staged" / student / assignment
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        for kept in (f"{assignment}.ipynb", *NOTES):
            if (origin / kept).exists():
                shutil.copy(origin / kept, staged / kept)

    def _grade(
        self, assignment: str, student: str, a_cell: int, a_student: int, hidden: Path | None = None
    ) -> None:
        self.nbgrader(
            "autograde",
            assignment,
            f"--student={student}",
            "--CourseDirectory.submitted_directory=staged",
            f"--Execute.timeout={a_cell}",
            "--force",
            environment={STUDENT_VARIABLE: student, SALT_VARIABLE: self.settings()["salt"]},
            limit=a_student,
            hidden=hidden,
        )

    def _grade_in_sandbox(self, assignment: str, student: str, a_cell: int, a_student: int) -> None:
        """Run the notebook in a room of its own, then count the points of what came out of it.

        The room is a copy with this one submission, so that no student's code sees another's work
        or writes to the class's grades. What comes out is not run again.
        """
        with tempfile.TemporaryDirectory() as folder:
            room = Classroom(Path(folder).resolve())
            for name in ("class.json", "nbgrader_config.py", DATABASE):
                shutil.copy(self.root / name, room.root / name)
            forget_students(room.root / DATABASE)
            room._stage(assignment, student, self.root / "staged" / student / assignment)
            room._grade(assignment, student, a_cell, a_student, hidden=self.root)
            graded = room.root / "autograded" / student / assignment
            for path in (graded / name for name in (f"{assignment}.ipynb", *NOTES)):
                if path.exists() and path.resolve() != path:
                    raise ClassroomError(f"the code put a link in the place of {path.name}")
            self._stage(assignment, student, graded)
        staged = "--CourseDirectory.submitted_directory=staged"
        whose = f"--student={student}"
        self.nbgrader("autograde", assignment, whose, staged, "--no-execute", "--force")

    def inspect(self, assignment: str, student: str) -> dict[str, Any]:
        """What can be said of a submission without running it."""
        folder = self.root / "submitted" / student / assignment
        known = {f"{assignment}.ipynb", *NOTES}
        others = sorted(p.name for p in folder.iterdir() if p.name not in known)
        remarks: dict[str, Any] = {"altered": [], "suspicious": [], "left_aside": others}
        try:
            handed_in = nbformat.read(folder / f"{assignment}.ipynb", as_version=4)
        except (ValueError, nbformat.ValidationError, AttributeError, KeyError) as error:
            return remarks | {"unreadable": f"{type(error).__name__}: {error}"[:200]}
        released = nbformat.read(
            self.root / "release" / assignment / f"{assignment}.ipynb", as_version=4
        )
        remarks["altered"] = altered_cells(released, handed_in)
        remarks["suspicious"] = suspicious_lines(released, handed_in)
        return remarks


def forget_students(database: Path) -> None:
    """Take every student, and all that was graded, out of a gradebook."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{database}") as book:
        for student in list(book.students):
            book.remove_student(student.id)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM")  # or what was deleted stays readable in the file


def end_tree(pid: int) -> None:
    """End a process that we started and all that it started, kernels included."""
    import psutil

    try:
        parent = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return
    for process in [*parent.children(recursive=True), parent]:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
