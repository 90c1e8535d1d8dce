"""The whole round trip with nbgrader: release, eight submissions, grades, feedback, gradebook."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from course_cases import SANDBOX, needs_sandbox

from book_site import ROOT
from ttlearn.course import nbgrader as command
from ttlearn.course import two_timescale
from ttlearn.course.classroom import Classroom
from ttlearn.course.variants import identify

SET = "two_timescale"
SALT = "autumn"
# A short assignment out of the real one: a function, numbers per student, a proof, a count.
KEPT = ("first-cell", "setup", "student-id", "me", "conserved-proof", "stopping-distance",
        "my-race", "step-count")  # fmt: skip

# The real one imports widgets and figures too, which costs seconds in each of eight kernels.
SETUP = "from ttlearn.course import identify\nfrom ttlearn.course import two_timescale as check"

Notebook = nbformat.NotebookNode


def short_source(folder: Path) -> Path:
    notebook = nbformat.read(ROOT / f"teaching/source/{SET}/{SET}.ipynb", as_version=4)
    notebook.cells = [c for c in notebook.cells if c.id.startswith(KEPT)]
    cell(notebook, "setup").source = SETUP
    (folder / SET).mkdir(parents=True)
    nbformat.write(notebook, folder / SET / f"{SET}.ipynb")
    return folder


def cell(notebook: Notebook, name: str) -> Notebook:
    return next(c for c in notebook.cells if c.id == name)


def answer(notebook: Notebook, name: str, code: str) -> None:
    cell(notebook, name).source = code


RIGHT_STOP = """
def stopping_distance(left, right):
    return abs(right**3 - left**3) ** (1 / 3)
"""
RIGHT_COUNT = """
def step_count(slow_horizon, step_size, timescale_ratio):
    return round(slow_horizon / (step_size * timescale_ratio))
"""
RIGHT_RACE = """
race = check.race_numbers(me)
near, strength = min(race["left"], race["right"]), race["jump_size"] ** 2
winner = "left" if race["left"] < race["right"] else "right"
last_distance = abs(race["left"] ** 3 - race["right"] ** 3) ** (1 / 3)
bracket = (near / strength, 4 * near / strength)
"""


def perfect(notebook: Notebook) -> None:
    answer(notebook, "student-id", 'student_id = "perfect"')
    answer(notebook, "stopping-distance", RIGHT_STOP)
    answer(notebook, "my-race", RIGHT_RACE)
    answer(notebook, "step-count", RIGHT_COUNT)
    answer(notebook, "conserved-proof", "Dividing, $l^2 dl = r^2 dr$.")


def partial(notebook: Notebook) -> None:
    answer(notebook, "student-id", 'student_id = "partial"')
    answer(notebook, "stopping-distance", RIGHT_STOP.replace("return", "return 2 *") + SCRIPT)
    answer(notebook, "step-count", RIGHT_COUNT)


SCRIPT = """
from IPython.display import HTML
HTML("<b>shown</b><script>document.title = 'mine'</script>")
"""


def empty(notebook: Notebook) -> None:
    pass


def wrong(notebook: Notebook) -> None:
    answer(notebook, "stopping-distance", "def stopping_distance(left, right):\n    return 0.0489")
    answer(notebook, "my-race", 'winner, last_distance, bracket = "left", 0.05, (0.001, 0.002)')
    answer(notebook, "step-count", RIGHT_COUNT.replace("round", "int"))


def raises(notebook: Notebook) -> None:
    answer(notebook, "stopping-distance", "def stopping_distance(left, right):\n    return 1 / 0")
    answer(notebook, "my-race", "winner = undefined")
    answer(notebook, "step-count", RIGHT_COUNT)


def loops(notebook: Notebook) -> None:
    answer(notebook, "stopping-distance",
           "def stopping_distance(left, right):\n    while True:\n        pass")  # fmt: skip
    answer(notebook, "step-count", RIGHT_COUNT)


def tampers(notebook: Notebook) -> None:
    """Edits the checks, patches the checker, claims to be somebody else, deletes a check."""
    answer(notebook, "student-id", 'student_id = "perfect"')
    wrong(notebook)
    theirs = identify("perfect", SALT)
    answer(
        notebook,
        "my-race",
        RIGHT_RACE.replace("check.race_numbers(me)", repr(two_timescale.race_numbers(theirs))),
    )
    for name in ("stopping-distance-check", "my-race-check"):
        answer(notebook, name, "4.0")
    patch = """
from ttlearn import course
course.checks.Report.points = lambda self, maximum: maximum
course.checks.Report.right = property(lambda self: True)
course.checks.Check.__call__ = lambda self, *a, **k: course.Report("x", "right", "")
course.two_timescale.step_count = lambda *a, **k: course.Report("x", "right", "")
"""
    notebook.cells.insert(4, nbformat.v4.new_code_cell(patch))
    notebook.cells.remove(cell(notebook, "step-count-check"))


def spies(notebook: Notebook) -> None:
    """Looks for the grades of others; graded in the sandbox."""
    answer(notebook, "stopping-distance", RIGHT_STOP + SPY)
    answer(notebook, "step-count", RIGHT_COUNT)


SPY = """
import pathlib
room = pathlib.Path("../../..")
others = b"perfect" in (room / "gradebook.db").read_bytes()
print("sees", others, *sorted(map(str, room.glob("[as]*/*"))), "!")
"""


SUBMISSIONS: dict[str, Callable[[Notebook], None]] = {
    function.__name__: function
    for function in (perfect, partial, empty, wrong, raises, loops, tampers, spies)
}
# A cell that loops for ever is waited for: as short as a busy machine allows.
SECONDS = {"loops": "15"}


def run(*words: str) -> None:
    assert command.main(words) == 0


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Classroom, dict[str, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("class")
    room = Classroom(folder / "classroom")
    where = ("--course", str(room.root))
    source = short_source(folder / "source")
    run("release", SET, *where, "--source", str(source), "--salt", SALT)
    released = nbformat.read(room.root / f"release/{SET}/{SET}.ipynb", as_version=4)
    for student, change in SUBMISSIONS.items():
        target = room.root / f"submitted/{student}/{SET}"
        target.mkdir(parents=True)
        notebook = nbformat.from_dict(json.loads(json.dumps(released)))
        change(notebook)
        nbformat.write(notebook, target / f"{SET}.ipynb")
    (room.root / f"submitted/tampers/{SET}/ttlearn.py").write_text("raise SystemExit")
    # As nbgrader's exchange leaves it; without this file it cannot give feedback back.
    for student in ("perfect", "spies"):
        (room.root / f"submitted/{student}/{SET}/submission_secret.txt").write_text(student)
    for student in SUBMISSIONS.keys() - {"spies"}:
        limit = ("--seconds-a-cell", SECONDS.get(student, "60"))
        run("autograde", SET, *where, "--student", student, *limit)
    if SANDBOX:
        run("autograde", SET, *where, "--student", "spies", "--sandbox")
    run("feedback", SET, *where)
    run("gradebook", SET, *where)
    with (room.root / "gradebook.csv").open(encoding="utf-8") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    return room, rows


POINTS = {
    # stopping distance, my race, step count
    "perfect": (4, 4, 4),
    "partial": (2, 0, 4),
    "empty": (0, 0, 0),
    "wrong": (0, 0, 0),
    "raises": (0, 0, 4),
    "loops": (0, 0, 4),
    "tampers": (0, 0, 0),
}
EXERCISES = ("stopping-distance-check", "my-race-check", "step-count-check")


@pytest.mark.slow
@pytest.mark.parametrize("student", POINTS)
def test_points(student, graded):
    row = graded[1][student]
    assert row["status"] == "graded"
    assert tuple(float(row[name]) for name in EXERCISES) == POINTS[student]
    assert float(row["points"]) == sum(POINTS[student])
    assert float(row["of"]) == 15


@pytest.mark.slow
def test_a_proof_waits_for_a_human_and_an_empty_one_does_not(graded):
    assert graded[1]["perfect"]["by_hand"] == "1"
    assert graded[1]["empty"]["by_hand"] == "0"


@pytest.mark.slow
def test_tampering_is_remarked_on(graded):
    room, rows = graded
    assert set(rows["tampers"]["altered"].split()) == set(EXERCISES)
    assert int(rows["tampers"]["suspicious"]) >= 4
    remarks = json.loads((room.root / f"remarks/tampers/{SET}.json").read_text())
    assert remarks["left_aside"] == ["ttlearn.py"]
    perfect_remarks = json.loads((room.root / f"remarks/perfect/{SET}.json").read_text())
    assert perfect_remarks["left_aside"] == []
    for student in POINTS.keys() - {"tampers"}:
        assert not rows[student]["altered"], student


@pytest.mark.slow
def test_feedback_names_the_mistake(graded):
    room, _ = graded
    pages = {p.parts[-3]: p.read_text() for p in (room.root / "feedback").glob(f"*/{SET}/*.html")}
    assert set(pages) >= set(SUBMISSIONS) - {"spies"}
    for student in ("perfect", *(["spies"] if SANDBOX else [])):
        secret = room.root / f"feedback/{student}/{SET}/submission_secret.txt"
        assert secret.read_text() == student
    assert "factor of two" in pages["partial"]
    assert "<b>shown</b>" in pages["partial"]
    assert "<script>document.title" not in pages["partial"], "a student's script would run"
    assert "ZeroDivisionError" in pages["raises"]
    assert "KeyboardInterrupt" in pages["loops"] or "Timeout" in pages["loops"]


@pytest.mark.slow
@needs_sandbox
def test_what_runs_in_the_sandbox_is_graded_and_sees_nobody_else(graded):
    room, rows = graded
    assert rows["spies"]["status"] == "graded"
    assert tuple(float(rows["spies"][name]) for name in EXERCISES) == (4, 0, 4)
    page = (room.root / f"feedback/spies/{SET}/{SET}.html").read_text()
    assert "sees False ../../../autograded/spies ../../../staged/spies !" in page


@pytest.mark.slow
def test_nothing_of_a_solution_is_released(graded):
    room, _ = graded
    text = (room.root / f"release/{SET}/{SET}.ipynb").read_text()
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    assert "(1 / 3)" not in text
    assert f'class_salt = \\"{SALT}\\"' in text
