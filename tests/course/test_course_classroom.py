"""A class's folder at its doors: no class, no submission, a damaged one, a run past its limit."""

from __future__ import annotations

import shutil

import pytest

from book_site import ROOT
from ttlearn.course import nbgrader as command
from ttlearn.course.classroom import Classroom, ClassroomError

SET = "two_timescale"


def test_a_folder_without_a_class_is_refused(tmp_path, capsys):
    assert command.main(["autograde", "--course", str(tmp_path)]) == 1
    assert "run `release` first" in capsys.readouterr().err


def test_the_salt_of_a_class_stays_until_it_is_changed(tmp_path):
    room = Classroom(tmp_path)
    for salt, kept in ((None, ""), ("autumn", "autumn"), (None, "autumn"), ("", "")):
        room.create(salt)
        assert room.settings()["salt"] == kept


def test_grading_what_nobody_handed_in_says_where_it_is_expected(tmp_path, capsys):
    Classroom(tmp_path).create()
    assert command.main(["autograde", SET, "--student", "ada", "--course", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "nothing was handed in by ada" in said
    assert f"submitted/STUDENT/{SET}/{SET}.ipynb" in said


def test_an_unknown_set_is_refused(tmp_path, capsys):
    words = ["release", "algebra", "--course", str(tmp_path), "--source", str(tmp_path)]
    assert command.main(words) == 1
    assert "two_timescale" in capsys.readouterr().err


def test_a_run_past_its_limit_ends(tmp_path):
    room = Classroom(tmp_path)
    room.create()
    with pytest.raises(TimeoutError):
        room.nbgrader("--version", limit=0.05)


def test_a_damaged_submission_is_a_remark(tmp_path):
    room = Classroom(tmp_path)
    room.create()
    for part in ("release", "submitted/ada"):
        (tmp_path / part / SET).mkdir(parents=True)
    shutil.copy(ROOT / f"notebooks/exercises/{SET}.ipynb", tmp_path / f"release/{SET}/{SET}.ipynb")
    (tmp_path / f"submitted/ada/{SET}/{SET}.ipynb").write_text("{half a notebook")
    assert "unreadable" in room.inspect(SET, "ada")


def test_nbgrader_failing_says_why(tmp_path):
    room = Classroom(tmp_path)
    room.create()
    with pytest.raises(ClassroomError, match="failed"):
        room.nbgrader("generate_assignment", "no_such_assignment")
