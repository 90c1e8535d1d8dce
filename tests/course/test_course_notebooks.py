"""The exercise notebooks: student versions of their sources, free of solutions, whole."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import nbformat
import pytest
import yaml

import first_cell
from book_site import ROOT
from ttlearn.course import capstone, directional, saddles, two_timescale
from ttlearn.course.cells import SUSPICIOUS, ClassroomError, only_exercises, suspicious_lines
from ttlearn.course.classroom import SETS
from ttlearn.course.nbgrader import student_versions
from ttlearn.course.teachers_book import CONFIG, OFFLINE, copy_assets, with_solutions

SOURCES = {name: ROOT / f"teaching/source/{name}/{name}.ipynb" for name in SETS}
PUBLIC = {name: ROOT / f"notebooks/exercises/{name}.ipynb" for name in SETS}
CHECKS = {
    "two_timescale": two_timescale,
    "directional": directional,
    "saddles": saddles,
    "capstone": capstone,
}
AT_LEAST = {"two_timescale": 8, "directional": 8, "saddles": 8, "capstone": 5}
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", flags=re.DOTALL)
STUBS = {"# your turn", "*Your answer here.*"}

each_set = pytest.mark.parametrize("name", SETS)


def cells(path: Path) -> list[nbformat.NotebookNode]:
    return list(nbformat.read(path, as_version=4).cells)


def role(cell: nbformat.NotebookNode) -> str:
    known = cell.metadata.get("nbgrader", {})
    kinds = [kind for kind in ("grade", "solution", "locked") if known.get(kind)]
    return "+".join(kinds)


def plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


@each_set
def test_nothing_of_a_solution_is_in_the_student_version_by_search(name):
    public = plain("\n".join(cell.source for cell in cells(PUBLIC[name])))
    for cell in cells(SOURCES[name]):
        for block in SOLUTION.findall(cell.source):
            for line in textwrap.dedent(block).splitlines():
                # Short lines (a bare return, a blank) say nothing and may stand elsewhere.
                if len(plain(line)) > 24:
                    assert plain(line) not in public, line
    for word in ("SOLUTION", "HIDDEN", "graded", "seed=", ".points("):
        assert word not in public


@each_set
def test_nothing_of_a_solution_is_in_the_student_version_by_structure(name):
    for cell in cells(PUBLIC[name]):
        known = cell.metadata.get("nbgrader")
        if known is None:
            assert cell.id in ("first-cell", "student-id")
        elif known["solution"] and cell.cell_type == "code":
            assert "# your turn" in cell.source
            body = re.sub(r'"""[^"]*"""', "", cell.source)
            kept = [line.strip() for line in body.splitlines() if line.strip()]
            allowed = re.compile(
                r"# your turn|def |\):|[\w, ]+ = (?:\.\.\.|\(\.\.\., \.\.\.\))|[a-z_, ]+$"
            )
            assert all(allowed.match(line) for line in kept), kept
        elif known["solution"]:
            assert cell.source in STUBS
        elif known["grade"]:
            assert len(cell.source.splitlines()) == 1
            assert cell.source.startswith("check.")


@each_set
def test_every_exercise_says_what_it_costs_and_what_it_is_for(name):
    heads = [c.source for c in cells(PUBLIC[name]) if re.match(r"## \d+\. ", c.source)]
    assert len(heads) >= AT_LEAST[name]
    for head in heads:
        assert re.search(
            r"^\*\d+ minutes · (easy|medium|hard) · importance [1-5] of 5 · practises .+ · needs "
            r".+ · \d+ points\*$",
            head,
            flags=re.MULTILINE,
        ), head
        assert "<summary>Show hint 1</summary>" in head
        assert head.count("<details>") == head.count("</details>")


@each_set
def test_hints_are_folded_and_without_formulas_to_typeset(name):
    """JupyterLab's MyST, Colab and a feedback page differ in what they typeset inside a fold."""
    hints = [
        hint
        for cell in cells(SOURCES[name])
        for hint in re.findall(r"<details>.*?</details>", cell.source, flags=re.DOTALL)
    ]
    assert len(hints) >= AT_LEAST[name]
    assert not [hint for hint in hints if "$" in hint or "\\" in hint]


@each_set
def test_every_exercise_has_its_check_and_every_check_an_exercise(name):
    used = {
        match.group(1)
        for cell in cells(PUBLIC[name])
        if "grade" in role(cell) and (match := re.match(r"check\.(\w+)\(", cell.source))
    }
    helpers = {n for n in CHECKS[name].__dict__.get("__all__", ()) if n.endswith("_numbers")}
    helpers |= {"curve", "line", "residual", "index_network", "escape_start"}
    if hasattr(CHECKS[name], "__all__"):
        assert used == set(CHECKS[name].__all__) - helpers
    assert all(hasattr(CHECKS[name], check) for check in used)


@each_set
def test_self_check_has_five_questions(name):
    asked = [c for c in cells(PUBLIC[name]) if c.source.startswith("choose(")]
    assert len(asked) == 5
    assert all("Not sure? Read" in cell.source for cell in asked)


@each_set
def test_unanswered_exercises_say_missing_and_nothing_raises(name):
    for cell in cells(PUBLIC[name]):
        if cell.cell_type != "code":
            continue
        assert all(output.output_type != "error" for output in cell.outputs), cell.source
        if "grade" in role(cell):
            assert "missing. No answer yet." in cell.outputs[0].data["text/plain"]


def test_exercises_install_ttlearn_as_the_lessons_do(tmp_path):
    places = (ROOT / "notebooks", ROOT / "notebooks/paper_runs")
    lessons = {path for place in places for path in place.glob("*.ipynb")}
    assert set(first_cell.notebooks()) == {*lessons, *PUBLIC.values(), *SOURCES.values()}
    first = {path: cells(path)[0].source for path in first_cell.notebooks()}
    assert len(set(first.values())) == 1

    address = "https://github.com/owner/name"
    for path in (PUBLIC["capstone"], SOURCES["capstone"]):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True)
        shutil.copy(path, copy)
    first_cell.write(first_cell.notebooks(tmp_path), address)
    written = [cells(path) for path in first_cell.notebooks(tmp_path)]
    assert [first_cell.repository_of(part[0].source) for part in written] == [address, address]
    # A release is made from the source, and keeps the address.
    released = student_versions(["capstone"], tmp_path / "teaching/source")["capstone"]
    assert released.cells[0].source == first_cell.source(address)


@each_set
def test_the_teachers_version_shows_solutions_and_no_marks(name):
    notebook = with_solutions(nbformat.read(SOURCES[name], as_version=4))
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    assert "Rubric" in text


def test_the_teachers_book_needs_no_network_when_made_in_a_clone(tmp_path):
    assert copy_assets(ROOT / "teaching/source", tmp_path / "assets")
    config = yaml.safe_load(CONFIG + OFFLINE)["sphinx"]["config"]
    named = [config["mathjax_path"], *config["nb_ipywidgets_js"], *config["html_css_files"]]
    assert [name for name in named if not (tmp_path / "assets" / name).exists()] == []
    assert not copy_assets(tmp_path / "source", tmp_path / "none")


def test_the_public_book_holds_no_solution():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert "teaching" not in toc


@pytest.mark.slow
def test_student_versions_are_those_of_their_sources():
    made = student_versions(SETS, ROOT / "teaching/source")
    for name, notebook in made.items():
        fresh = [(c.cell_type, c.source, role(c)) for c in notebook.cells[1:]]
        stored = [(c.cell_type, c.source, role(c)) for c in cells(PUBLIC[name])[1:]]
        assert fresh == stored, f"{name}: run `make exercises`"


def chosen(wanted: str) -> list[int]:
    notebook = nbformat.read(SOURCES["two_timescale"], as_version=4)
    only_exercises(notebook, wanted)
    assert notebook.cells[0].id == "first-cell"
    assert notebook.cells[-1].id == "remember"
    heads = (re.match(r"## (\d+)\. ", cell.source) for cell in notebook.cells)
    checks = [cell for cell in notebook.cells if cell.source.startswith("check.")]
    numbers = [int(head[1]) for head in heads if head]
    assert len([c for c in checks if "grade" in role(c)]) == len(numbers)
    return numbers


def test_part_of_a_set_can_be_released():
    assert chosen("") == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert chosen("1-4,7") == [1, 2, 3, 4, 7]
    assert chosen("9") == [9]


@pytest.mark.parametrize("wanted", ["0", "10", "4-2", "one", "1,", "3-"])
def test_exercises_that_the_set_has_not_are_refused(wanted):
    with pytest.raises(ClassroomError, match="numbers from 1 to 9"):
        chosen(wanted)


@each_set
def test_a_solution_is_not_suspicious_and_an_attack_is(name):
    solved = with_solutions(nbformat.read(SOURCES[name], as_version=4))
    released = nbformat.read(PUBLIC[name], as_version=4)
    assert suspicious_lines(released, solved) == []
    # A cell put in front of all others is read too.
    solved.cells.insert(0, nbformat.v4.new_code_cell("import os\nos.remove('gradebook.db')"))
    assert suspicious_lines(released, solved) == ["os.remove('gradebook.db')"]


@pytest.mark.parametrize(
    "line",
    [
        "depth = check.mine._line_numbers(me)",
        "check._line_numbers(me)",
        "from ttlearn.course.saddles.mine import _residual_numbers",
        "from ttlearn.course.two_timescale.data import run_race",
        "import ttlearn.course.directional.mine as m",
        "from ttlearn.course import checks, _x",
        "check.separation.stages[1].holds",
        "getattr(check, name)(me)",
    ],
)
def test_reaching_into_the_checker_is_suspicious(line):
    assert SUSPICIOUS.search(line)


@pytest.mark.parametrize(
    "line",
    [
        "from ttlearn.course import identify",
        "from ttlearn.course import two_timescale as check",
        "race = check.race_numbers(me)",
        "check.my_race(me)((winner, last_distance, bracket))",
        "first_try = check.hitting_time(hitting_time)",
        "of_course = 0.5  # of course _not_",
    ],
)
def test_using_the_checks_is_not_suspicious(line):
    assert not SUSPICIOUS.search(line)


@each_set
def test_the_tab_key_offers_exercises_and_figures_and_no_numbers_that_give_an_answer_away(name):
    offered = dir(CHECKS[name])
    assert offered == sorted(CHECKS[name].__all__)
    assert not [word for word in offered if word.startswith(("_", "line_", "residual_"))]
