"""The two-timescale figures: they draw, and their words come from the numbers drawn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ttlearn.figures import style
from ttlearn.figures import two_timescale as figures
from ttlearn.two_timescale import PAPER_TARGET, Target, limit_flow, network_flow
from ttlearn.two_timescale.experiments import run_experiment

START = [0.15, 0.38, 0.67, 0.9]
ONE_STEP = Target([0.5], [0.0, 1.0])


@pytest.fixture(scope="module")
def runs():  # type: ignore[no-untyped-def]
    times = np.linspace(0.0, 0.5, 11)
    flow = network_flow(
        START, ONE_STEP, times, timescale_ratio=0.01, activation_width=0.02, tolerance=1e-4
    )
    return flow, limit_flow(START, ONE_STEP, times)


def test_network_says_what_is_covered(runs) -> None:  # type: ignore[no-untyped-def]
    flow, _ = runs
    ax = figures.plot_network(flow)
    assert ax.get_title() == "1 of 1 jump covered at slow time 0.5"
    assert "covers 1 of 1 jump." in style.get_alt(ax)
    assert "jumps at 0.5 between the values 0 and 1" in style.get_alt(ax)
    assert figures.plot_network(flow, index=0).get_title().startswith("0 of 1 jump covered")


def test_uncovered_jumps_are_named() -> None:
    ax = figures.plot_state([1.0, 4.0], [0.2], PAPER_TARGET, 4e-3)
    assert ax.get_title() == "1 of 5 jumps covered"
    assert "Uncovered: 0.35, 0.5, 0.65 and 0.8." in style.get_alt(ax)


def test_positions_tell_the_deviation_from_the_limit(runs) -> None:  # type: ignore[no-untyped-def]
    flow, limit = runs
    ax = figures.plot_positions(flow, limit=limit)
    apart = np.max(np.abs(flow["positions"] - limit["positions"]))
    assert f"never farther than {style.number(apart, 2)} away" in style.get_alt(ax)
    assert ax.get_title() == "1 of 4 neurons ends on a jump"


def test_loss_has_its_floor(runs) -> None:  # type: ignore[no-untyped-def]
    flow, limit = runs
    ax = figures.plot_loss({"flow": flow, "limit": limit})
    assert f"The floor is {style.number(0.02 / 28)}." in style.get_alt(ax)
    assert ax.get_yscale() == "log"
    assert ax.get_title() == "Lowest at the end: limit, 0"
    assert len(figures.plot_loss([flow, flow]).get_lines()) == 3


def test_no_run_is_left_out_of_many(runs) -> None:  # type: ignore[no-untyped-def]
    flow, _ = runs
    many = {f"run {i}": flow for i in range(51)}
    assert len(figures.plot_loss(many, floor=0.0).get_lines()) == 51


def test_what_is_no_single_run_is_refused(runs) -> None:  # type: ignore[no-untyped-def]
    flow, _ = runs
    stacked = dataclasses.replace(flow, losses=np.stack([flow.losses] * 3, axis=1))
    with pytest.raises(ValueError, match=r"shape \(\d+, 3\), those of an ensemble"):
        figures.plot_loss(stacked)
    with pytest.raises(ValueError, match="holds no losses"):
        figures.plot_loss({"mine": dataclasses.replace(flow, losses=None)})
    with pytest.raises(ValueError, match="at least one trajectory"):
        figures.plot_loss([])


def test_given_axes_are_drawn_on(runs) -> None:  # type: ignore[no-untyped-def]
    flow, _ = runs
    first, second = style.panels(1, 2)
    assert figures.plot_network(flow, first) is first
    assert figures.plot_loss(flow, second) is second
    assert style.show([first, second]).alt.startswith("A step network")


def test_box_plot() -> None:
    ax = figures.plot_box({1.0: [0.5, 0.7], 0.01: [0.009, 0.011, 0.01]}, floor=0.008)
    assert "Ratio 0.01: 3 runs, median 0.01, from 0.009 to 0.011." in style.get_alt(ax)


def test_every_figure_renders(runs) -> None:  # type: ignore[no-untyped-def]
    flow, limit = runs
    for ax in (figures.plot_network(limit), figures.plot_positions(flow), figures.plot_loss(flow)):
        assert style.show(ax).png().startswith(b"\x89PNG")


def test_the_limit_sketch_tells_every_speed_it_draws() -> None:
    record = run_experiment("E2").record
    ax = figures.plot_limit_sketch(record)
    for speed in record["speeds"][0]:
        assert f"moves at {style.number(speed)} towards" in style.get_alt(ax)
        assert any(text.get_text() == style.number(speed) for text in ax.texts)
    slower = dataclasses.replace(
        record, arrays=dict(record.arrays) | {"speeds": record["speeds"][:, [1, 0, 3, 2]]}
    )
    assert "not always" in figures.plot_limit_sketch(slower).get_title()


def test_the_proof_sketch_shows_both_windows() -> None:
    left, right = figures.plot_proof_sketch(run_experiment("E9").record)
    assert "the window is 0.05 wide" in style.get_alt(left)
    assert "the window is 0.1 wide" in style.get_alt(right)


def test_boxes_of_named_arms_stand_as_they_come() -> None:
    ax = figures.plot_box({"slow": [1.0, 2.0], "equal": [3.0]}, quantity="objective")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["slow", "equal"]
    assert ax.get_title() == "Median objective 1.5 for slow, 3 for equal"
    assert style.get_alt(ax).startswith("Objective, logarithmic. Slow: 2 runs, median 1.5")
