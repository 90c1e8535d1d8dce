"""The phase diagram and the command: what they write, refuse, and say after Ctrl-C."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ttlearn.two_timescale.experiments import (
    Phase,
    load_record,
    phase,
    phase_diagram,
    read_table,
    write_table,
)
from ttlearn.two_timescale.experiments.__main__ import main
from ttlearn.two_timescale.experiments.phase import SUCCESS


@pytest.mark.slow
def test_a_small_phase_diagram_resumes_and_reads_back(tmp_path: Path) -> None:
    folder = os.fspath(tmp_path / "runs")
    found = phase_diagram([0.1, 1.0], [5], 2, folder=folder, progress=False)
    again = phase_diagram([0.1, 1.0], [5], 2, folder=folder, progress=False)
    np.testing.assert_array_equal(found.losses, again.losses)
    assert found.losses.shape == (2, 1, 2)
    write_table(found, tmp_path / "table.json", "the command")
    table = read_table(tmp_path / "table.json")
    np.testing.assert_allclose(table.losses, found.losses, rtol=5e-3, atol=5e-6)
    np.testing.assert_allclose(table.success, found.success)


def test_the_shipped_phase_table_is_whole_and_sensible() -> None:
    found = read_table()
    assert np.all(np.isfinite(found.losses))
    assert found.losses.shape == (24, 24, 64)
    assert found.limit_losses.shape == (24, 64)
    assert (found.ratios[0], found.ratios[-1]) == (1e-3, 1.0)
    assert found.neurons.tolist() == list(range(4, 52, 2))
    # More neurons and a smaller ratio help; at ratio 1 few neurons never suffice.
    assert np.all(found.success[0] >= found.success[-1])
    assert np.all(found.success[:, -1] >= found.success[:, 0])
    assert found.success[-1, 0] == 0.0
    assert np.all(found.limit_success >= found.success[0] - 0.2)
    assert np.all(found.success[:, found.neurons < 6] == 0.0)  # five jumps need five neurons
    assert np.abs(found.losses - SUCCESS).min() > 5e-5  # rounding decides nothing


@pytest.mark.slow
def test_the_shipped_phase_table_is_what_its_command_makes() -> None:
    """Two of its cells again: all but a few of the flows end where the table says."""
    shipped = read_table()
    for row, column in ((12, 3), (0, 5)):
        again = phase_diagram([shipped.ratios[row]], [shipped.neurons[column]], 64, progress=False)
        apart = np.abs(again.losses[0, 0] - shipped.losses[row, column])
        assert np.mean(apart < 0.01 * shipped.losses[row, column] + 1e-4) > 0.9
        np.testing.assert_allclose(
            again.limit_losses[0], shipped.limit_losses[column], rtol=6e-3, atol=1e-10
        )


def test_bad_phase_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must increase"):
        phase_diagram([1.0, 0.1], [5], 1)
    with pytest.raises(ValueError, match="use limit_flow"):
        phase_diagram([0.0], [5], 1)
    with pytest.raises(ValueError, match="neurons is 0"):
        phase_diagram([0.1], [0], 1)
    with pytest.raises(ValueError, match=r"neurons is 4\.7"):
        phase_diagram([0.1], [4.7], 1)
    with pytest.raises(ValueError, match="neurons is True"):
        phase_diagram([0.1], [True], 1)
    with pytest.raises(ValueError, match="neurons is empty"):
        phase_diagram([0.1], [], 1)
    broken = tmp_path / "broken.json"
    broken.write_text('{"ratios": [1.0]}')
    with pytest.raises(ValueError, match="no phase table"):
        read_table(broken)


@pytest.mark.filterwarnings("ignore:.*came too late:RuntimeWarning")
def test_the_command_prints_figures_and_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = os.fspath(tmp_path / "e2.npz")
    assert main(["E2", "--save", saved, "--quiet"]) == 0
    assert "plateau around 0.35" in capsys.readouterr().out
    assert main(["E33"]) == 2
    assert "there are E1, E2" in capsys.readouterr().err
    assert main(["E1", "--save", saved, "--quiet"]) == 2
    assert "'E2', version 1 found" in capsys.readouterr().err
    assert load_record(saved, "E2").meta["experiment"] == "E2"


@pytest.mark.filterwarnings("ignore:.*came too late:RuntimeWarning")
def test_the_command_refuses_a_place_before_it_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttlearn.two_timescale.experiments.run_experiment", None)
    nowhere = os.fspath(tmp_path / "none" / "there")
    assert main(["E2", "--save", nowhere]) == 2
    assert main(["E2", "--keep", nowhere]) == 2
    assert main(["phase", "--save", nowhere]) == 2
    assert capsys.readouterr().err.count("make it first") == 3
    assert main(["E2", "--save", os.fspath(tmp_path)]) == 2
    assert "is a folder; name a file in it" in capsys.readouterr().err


def interrupted_in(which: int, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Ctrl-C in ensemble number ``which`` of a phase diagram whose kernels cost nothing."""
    calls: list[Any] = []

    class Run:
        def __init__(self, members: Any) -> None:
            calls.append(members)
            broken = len(calls) == which
            self.ending = "interrupted" if broken else "finished"
            self.results = np.where(broken, np.nan, np.zeros(members["seed"].size))

    monkeypatch.setattr(phase, "run_ensemble", lambda kernel, members, **_: Run(members))
    return calls


@pytest.mark.parametrize("which", [1, 2, 3, 4])
def test_ctrl_c_ends_the_phase_diagram_and_no_share_is_made_up(
    which: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = interrupted_in(which, monkeypatch)
    found = phase_diagram([0.1, 1.0], [5, 6], 3, progress=False)
    assert len(calls) == which  # nothing more was started
    assert found.ending == "interrupted"
    assert np.isnan(found.limit_success).tolist() == [which < 2, which < 4]
    assert np.isnan(found.success[0]).tolist() == [which < 3, True]
    with pytest.raises(ValueError, match=r"losses are missing .*interrupted"):
        write_table(found, tmp_path / "table.json", "the command")


@pytest.mark.filterwarnings("ignore:.*came too late:RuntimeWarning")
def test_the_command_says_that_it_was_interrupted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted_in(1, monkeypatch)
    place = tmp_path / "table.json"
    small = ["phase", "--ratios", "2", "--neurons", "5", "--seeds", "2", "--quiet"]
    assert main([*small, "--save", os.fspath(place)]) == 130
    said = capsys.readouterr().err
    assert "nothing is saved" in said
    assert "--checkpoint" in said
    assert not place.exists()


def test_a_hole_is_no_failure() -> None:
    losses = np.array([[[0.0, 0.0], [0.0, np.nan]]])
    found = Phase(np.array([0.1]), np.array([5, 6]), losses, np.array([[0.0, 1.0], [np.nan] * 2]))
    np.testing.assert_array_equal(found.success, [[1.0, np.nan]])
    np.testing.assert_array_equal(found.limit_success, [0.5, np.nan])
