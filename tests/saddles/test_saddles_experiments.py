"""The experiments against the measured numbers, within their statistical or counting error."""

import itertools
import json
import subprocess
import sys
import time

import numpy as np
import pytest

from ttlearn.records import DamagedFileError
from ttlearn.saddles import (
    Problem,
    escape_direction,
    escape_slope,
    escape_steps,
    gradient_descent,
    predicted_steps,
    random_starts,
    saddle,
    zigzag,
)
from ttlearn.saddles.__main__ import main
from ttlearn.saddles.experiments import (
    ENDINGS,
    basin_slice,
    endings,
    endings_table,
    escape_table,
    half_loss_times,
    judge_endings,
    small_start_rate,
    staircase,
    starts_below,
)


@pytest.fixture(scope="module")
def table():
    return escape_table()


def test_escape_slopes_agree_within_a_thousandth(table):
    assert len(table) == 6
    for row in table:
        assert abs(row.relative_error) < 1e-3


def test_escape_slopes_are_the_published_ones(table):
    eigenvalues = [-0.0266867, -0.0880409, -0.00853194, -0.0310121, -0.0186024, -0.0227820]
    slopes = [187.859, 114.083, 586.533, 161.727, 269.283, 219.971]
    assert [row.smallest for row in table] == pytest.approx(eigenvalues, rel=3e-6)
    assert [row.predicted_slope for row in table] == pytest.approx(slopes, abs=6e-4)


def test_escape_counts_to_the_step():
    """One sign of the direction counts exactly what was published; the other is 5 or 6 later."""
    smallest, direction = escape_direction(Problem(), saddle(Problem(), 2))
    shifts = np.array([1e-2, 1e-4, 1e-6, 1e-8])[:, None] * direction
    assert escape_steps(Problem(), saddle(Problem(), 2), shifts, 0.2).tolist() == [
        302, 1167, 2032, 2897,
    ]  # fmt: skip
    assert predicted_steps(0.2, smallest, 1e-4) == pytest.approx(1167, abs=1)


def test_escape_along_random_directions_follows_the_overlap():
    point = saddle(Problem(), 2)
    smallest, unstable = escape_direction(Problem(), point)
    directions = np.random.default_rng(0).normal(size=(64, 7))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    counts = escape_steps(Problem(), point, 1e-5 * directions, 0.2)
    wanted = [predicted_steps(0.2, smallest, 1e-5 * float(d @ unstable)) for d in directions]
    assert np.corrcoef(counts, wanted)[0, 1] > 0.999
    assert np.median(counts) == pytest.approx(np.median(wanted), abs=10)


def test_a_run_that_stays_counts_as_minus_one():
    point = saddle(Problem(), 2)
    assert escape_steps(Problem(), point, np.zeros(7), 0.2, max_steps=50) == -1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: escape_steps(Problem(), saddle(Problem(), 2), np.ones(7), 0.2), "shorter"),
        (lambda: escape_steps(Problem(), saddle(Problem(), 2), np.zeros(4), 0.2), "shape"),
        (lambda: escape_slope(0.2, 0.1), "below 0"),
        (lambda: predicted_steps(0.2, -0.1, 0.2), "between"),
        (lambda: escape_direction(Problem(), [1.0, -2.0, 1.0, 0.5]), "no direction"),
        (lambda: escape_table(sizes=(1e-3,)), "two"),
        (lambda: basin_slice(n_grid=1), "n_grid"),
        (lambda: endings(Problem(slope=0.0), 2), "slope is 0"),
        (lambda: starts_below(Problem(), 1e-30, 1, 1), "draws"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Published shares at 400 starts (200 for ten neurons): (global, dead, nearly dead) for
# 1, 2, 3, 5 and 10 neurons; the rest was still moving. The leaky ones are published without the
# other two, which a leaky network does not have.
PUBLISHED = {
    (0.0, 0.5): [
        (0.5025, 0.42, 0.0775), (0.725, 0.145, 0.13), (0.9075, 0.0625, 0.03), (0.98, 0.01, 0.01),
        (0.91, 0.0, 0.0),
    ],
    (0.0, 1.0): [
        (0.4875, 0.435, 0.0775), (0.705, 0.1625, 0.1275), (0.88, 0.07, 0.045),
        (0.9475, 0.0325, 0.015), (0.755, 0.045, 0.03),
    ],
    (0.1, 0.5): [(1.0, 0, 0), (1.0, 0, 0), (1.0, 0, 0), (0.995, 0, 0), (0.905, 0, 0)],
    (0.1, 1.0): [(0.9975, 0, 0), (0.995, 0, 0), (0.99, 0, 0), (0.985, 0, 0), (0.81, 0, 0)],
}  # fmt: skip


@pytest.mark.slow
def test_endings_agree_with_the_published_shares(tmp_path):
    """All twenty cells, at full size; both sides are samples, so both err."""
    rows = endings_table(400, path=tmp_path / "endings.json", progress=False)
    assert [(row["leak"], row["scale"]) for row in rows[::5]] == list(PUBLISHED)
    for row, published in zip(rows, itertools.chain(*PUBLISHED.values()), strict=True):
        size = 200 if row["n_neurons"] == 10 else 400
        for name, share in zip(("global", "dead", "nearly dead"), published, strict=True):
            spread = max(share * (1 - share), 0.005)
            assert abs(row[name] - share) < 4 * np.sqrt(spread / 400 + spread / size), (name, row)
        assert sum(row[name] for name in ENDINGS) == pytest.approx(1.0)


def test_endings_table_resumes(tmp_path, monkeypatch):
    path = tmp_path / "endings.json"
    cells = [(0.0, 1.0, 1), (0.1, 1.0, 1)]
    options = {"n_steps": 20, "path": path, "progress": False}
    first = endings_table(5, cells=cells[:1], **options)
    calls = []
    real = endings

    def counted(*args, **kwargs):
        calls.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr("ttlearn.saddles.endings.endings", counted)
    both = endings_table(5, cells=cells, **options)
    assert both[0] == first[0]
    assert len(calls) == 1
    path.write_text(path.read_text()[:-20])
    with pytest.raises(DamagedFileError, match="delete it"):
        endings_table(5, cells=cells, **options)


@pytest.mark.slow
def test_the_command_is_killed_and_goes_on(tmp_path):
    path = tmp_path / "endings.json"
    command = [sys.executable, "-m", "ttlearn.saddles", str(path), "--starts", "2", "--quiet"]
    command += ["--neurons", "1"]
    killed = subprocess.Popen(command)
    while not path.exists():
        assert killed.poll() is None
        time.sleep(0.02)
    killed.kill()
    killed.wait(30)
    # With everything compiled the four cells take no time, and the kill may come after the last:
    # what it would have left behind is a beginning, whole rows of it.
    before = json.loads(path.read_text())[:3]
    assert before
    before[0]["global"] = -1.0  # a mark that a second computation would wipe out
    path.write_text(json.dumps(before))
    subprocess.run(command, check=True, timeout=300)
    after = json.loads(path.read_text())
    assert after[: len(before)] == before
    assert [(row["leak"], row["scale"]) for row in after] == list(PUBLISHED)


def test_the_command_knows_its_widths(tmp_path):
    with pytest.raises(SystemExit):
        main([str(tmp_path / "endings.json"), "--neurons", "7"])


def test_endings_are_named():
    points = [[-1, -0.5, 3, 0.5], [-1, 5e-4, 3, 0.5], [1, 0, 1, 0], [1, 0.1, 1, 1], [1, 0, 1, 1]]
    losses = [1 / 12, 1 / 12, 0.0, 0.01, np.inf]
    names = ["dead", "nearly dead", "global", "moving", "diverged"]
    assert judge_endings(Problem(), points, losses).tolist() == names


@pytest.mark.slow
@pytest.mark.parametrize(
    ("outer_weight", "shares"), [(0.5, (0.5575, 0.3771, 0.0654)), (-0.5, (0.5394, 0.3789, 0.0817))]
)
def test_basin_of_one_neuron(outer_weight, shares):
    found = basin_slice(outer_weight)
    plateau = found.share("dead") + found.share("nearly dead")
    assert plateau == pytest.approx(shares[1] + shares[2], abs=2e-3)
    assert 1 - plateau == pytest.approx(shares[0], abs=2e-3)
    assert found.share("dead") == pytest.approx(shares[1], abs=4e-3)


def test_small_start_rates():
    rate, direction = small_start_rate(Problem())
    assert rate == pytest.approx(1 / 6, abs=1e-12)
    assert direction == pytest.approx([1.0, 0.0], abs=1e-6)
    rate, direction = small_start_rate(Problem(-1, 1))
    assert rate == pytest.approx(1.0272666559281244, abs=1e-12)
    assert abs(direction[1] / direction[0]) == pytest.approx(0.6592373453572181, abs=1e-6)


def test_small_starts_leave_at_the_predicted_rate():
    """Half-loss times grow by γ/ln(1 + γ·rate) for each e-folding of the start's size."""
    times = half_loss_times(Problem(-1, 1), [1e-3, 1e-5], n_steps=250, every=1)
    slope = (times[1] - times[0]) / np.log(100)
    assert slope == pytest.approx(1.023, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("level", "offset", "enter", "leave"), [(2, 1e-2, 2, 490)])
def test_staircase(level, offset, enter, leave):
    run = staircase(level, offset, n_steps=12_000, keep=1201)
    height = zigzag(Problem(), level).loss
    assert run.times[np.argmax(run.losses < 1.1 * height)] * 0.05 == pytest.approx(enter, abs=0.5)
    assert run.times[np.argmax(run.losses < 0.5 * height)] * 0.05 == pytest.approx(leave, abs=1)


def test_large_steps_kill_neurons():
    starts = random_starts(200, 3, 1.0)
    dead = []
    for step_size in (0.1, 0.7):
        run = gradient_descent(Problem(), starts, step_size, 3000, progress=False)
        names = judge_endings(Problem(), run["parameters"][-1], run.losses[-1])
        dead.append(np.mean(names == "dead"))
    assert dead[1] > dead[0] + 0.4
