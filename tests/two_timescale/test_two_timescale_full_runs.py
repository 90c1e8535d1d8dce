"""The finished runs that ship with the library: whole, accepted, and refused when they are not."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ttlearn.machine import describe_machine, machine_in_words
from ttlearn.two_timescale import experiments
from ttlearn.two_timescale.experiments import __main__ as command
from ttlearn.two_timescale.experiments import full_run, run_experiment, write_full_run

MACHINE = {"cores": 1, "processor": "a CPU", "python": "3.12.0", "versions": {}, "date": "today"}
# E3q is E3 made smaller by the authors themselves; it is quick enough to be run wherever it is met.
NAMES = [name for name in experiments.EXPERIMENTS if name != "E3q"]


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_was_run_at_full_size_and_accepted(name):
    run = full_run(name)
    assert run.checks
    assert all(check.passed for check in run.checks), run
    assert run.seconds >= 0
    assert run.machine["date"] in repr(run)
    assert run.record.meta.get("ending", "finished") == "finished"


def test_the_table_shows_every_figure_and_escapes_its_names():
    run = full_run("E3")
    table = run._repr_html_()
    assert table.count("<tr>") == len(run.checks) + 1
    for check in run.checks:
        assert f"{check.value:.4g}" in table
    assert "&#x27;" not in table
    assert "|loss - (limit + floor)|" in table


def test_what_is_written_is_read_again(tmp_path):
    outcome = run_experiment("E2")
    path = tmp_path / "E2.json"
    write_full_run(outcome, 1.234, 2.0, MACHINE, path)
    run = full_run("E2", path)
    assert (run.seconds, run.cpu_seconds) == (1.23, 2.0)
    assert run.checks == outcome.checks
    np.testing.assert_allclose(run.record["speeds"], outcome.record["speeds"], rtol=1e-4)


def test_the_command_keeps_a_run(tmp_path, capsys):
    assert command.main(["E1", "--keep", str(tmp_path), "--quiet"]) == 0
    assert "kept in" in capsys.readouterr().out
    assert full_run("E1", tmp_path / "E1.json").machine["jax_devices"]


def test_a_reduced_run_is_not_kept(tmp_path):
    outcome = run_experiment("E2")
    reduced = type(outcome)("E2", outcome.record, ())
    with pytest.raises(ValueError, match="not run at the paper's size"):
        write_full_run(reduced, 1.0, 1.0, MACHINE, tmp_path / "E2.json")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"experiment": "E4"}, "experiment 'E4'"),
        ({"experiment_version": 99}, "version 99"),
        ({"times": [2.0, 1.0]}, "no full run of E2"),
        ({"checks": 3}, "no full run of E2"),
    ],
)
def test_another_or_damaged_file_is_refused(tmp_path, change, words):
    path = tmp_path / "E2.json"
    write_full_run(run_experiment("E2"), 1.0, 1.0, MACHINE, path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match=words):
        full_run("E2", path)


def test_text_that_is_no_json_is_refused(tmp_path):
    path = tmp_path / "E2.json"
    path.write_text("{")
    with pytest.raises(ValueError, match="no full run of E2"):
        full_run("E2", path)


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(ValueError, match=r"'E99' is kept; there are .*E3"):
        full_run("E99")


def test_the_machine_is_told_in_one_line():
    machine = describe_machine()
    assert json.dumps(machine)
    assert machine_in_words(machine).startswith(f"{machine['cores']} cores of ")
    assert "jax" in machine["versions"]
    assert "nothing-of-this-name" not in describe_machine(("nothing-of-this-name",))["versions"]
