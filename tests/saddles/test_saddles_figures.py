"""Figures: each draws, says what it found in its alt text, and never touches pyplot."""

import sys

import pytest

from ttlearn.figures import saddles as figures
from ttlearn.figures import style
from ttlearn.saddles import Problem, join, saddle, toy_descent
from ttlearn.saddles.experiments import ESCAPE_CASES, escape_table, staircase

UNIT = Problem()
POINT = saddle(UNIT, 2)
MIXED = join([1, -1, 0], [-0.3, -0.2, 0.5], [1, 1, 1], 0)
SHARES = {"global": 0.5, "dead": 0.3, "nearly dead": 0.1, "moving": 0.1, "diverged": 0.0}
DRAWN = {
    "function": (lambda ax: figures.plot_function(UNIT, POINT, ax), "saddle, 2 breakpoints"),
    "residual": (lambda ax: figures.plot_residual(UNIT, POINT, ax), "mean 0"),
    "neurons": (lambda ax: figures.plot_neurons(UNIT, MIXED, ax), "inactive"),
    "levels": (lambda ax: figures.plot_levels({"ReLU": UNIT}, 4, ax), "ReLU: 3 levels"),
    "spectrum": (lambda ax: figures.plot_spectrum(UNIT, POINT, ax), "2 directions down"),
    "escapes": (
        lambda ax: figures.plot_escapes(escape_table(ESCAPE_CASES[1:2]), ax),
        "within 0.1 %",
    ),
    "endings": (lambda ax: figures.plot_endings([SHARES | {"n_neurons": 2}], ax), "40 % dead"),
    "losses": (lambda ax: figures.plot_losses(UNIT, staircase(n_steps=50), ax=ax), "50 steps"),
    "toy": (
        lambda ax: figures.plot_toy(
            toy_descent("E3", [[0.5, 0.5], [0.5, -0.5]], 0.1, 99, keep_all=True), ax
        ),
        "50 % of these runs",
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_each_figure_draws_and_says_what_it_shows(name):
    draw, words = DRAWN[name]
    ax = style.axes()
    assert draw(ax) is ax
    assert words in style.get_alt(ax)
    assert ax.get_title()
    assert ax.get_xlabel()
    assert style.show(ax).png().startswith(b"\x89PNG")
    pyplot = sys.modules.get("matplotlib.pyplot")  # others may have loaded it
    assert pyplot is None or not pyplot.get_fignums()


def test_every_level_asked_for_is_drawn():
    run = staircase(n_steps=50)
    levels = range(0, 12, 2)
    lines = figures.plot_losses(UNIT, run, levels).get_lines()
    assert [line.get_label() for line in lines[1:]] == [f"level {level}" for level in levels]
