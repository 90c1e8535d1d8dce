"""The directional figures: they draw what they are given and say it in words."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from ttlearn import directional as di
from ttlearn.directional import experiments
from ttlearn.figures import directional as figures
from ttlearn.figures import style

LAW = di.Gaussian()
TIMES = np.geomspace(0.1, 1e6, 60)


@pytest.fixture(scope="module")
def runs():
    return {depth: di.flow(LAW, 1.0, 2.0, TIMES, depth) for depth in (1, 2, 4)}


def test_flow_figures_have_titles_axes_and_words(runs):
    before = dict(matplotlib.rcParams)
    named = {f"depth {depth}": run for depth, run in runs.items()}
    drawn = [
        figures.plot_plane(named, LAW),
        figures.plot_slow_and_fast(runs[1]),
        figures.plot_alignment(named),
        figures.plot_rates(runs, LAW),
        figures.plot_equal_loss(runs),
        figures.plot_bound(runs[1], np.ones(60), printed=-np.ones(60)),
    ]
    for ax in drawn:
        assert ax.get_title()
        assert ax.get_xlabel()
        assert ax.get_ylabel()
        assert len(style.get_alt(ax)) > 40
        assert len(style.show(ax).png()) > 1000
    assert dict(matplotlib.rcParams) == before


def test_figures_draw_on_the_axes_they_are_given(runs):
    ax = style.axes()
    assert figures.plot_slow_and_fast(runs[1], ax) is ax
    assert len(ax.lines) == 2


def test_angles_below_the_smallest_number_are_drawn(runs):
    log_angle = figures.log10_angle(runs[4])
    assert np.all(np.isfinite(log_angle))
    assert log_angle[-1] < -1e6
    early = figures.log10_angle(runs[1])[:3]
    np.testing.assert_allclose(early, np.log10(runs[1]["angle"][:3]), rtol=1e-10)


def test_catapult_figure_names_the_step():
    above, below = figures.plot_catapult(experiments.catapult(steps=3200, keep=3201))
    assert "1003" in above.get_title()
    assert "climbs back" in below.get_title()
    _, calm = figures.plot_catapult(experiments.catapult(steps=100, keep=101, depth=2))
    assert "climbs back" not in calm.get_title()


def test_sample_figure_marks_the_departure():
    found = experiments.sample_runs(count=20, replicates=2, last=1e4)
    ax = figures.plot_samples(found)
    assert any(line.get_label() == "t*" for line in ax.lines)
    assert "20 points" in style.get_alt(ax)


def test_boundary_figure_counts_the_band():
    points = di.draw_sample(LAW, 200)
    ax = figures.plot_boundary(points, [0.0, 2.0])
    assert "1.57" in ax.get_title()
    assert "percent" in style.get_alt(ax)
