"""One run, three readings: the lab says what the theories say, on the page and in JAX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import traitlets
from lab_driver import ROOT

from ttlearn import labs
from ttlearn import saddles as sd
from ttlearn.labs.three_lenses import lens_readings, lowest_curvature, random_start
from ttlearn.saddles import experiments

AXE = ROOT / "node_modules/axe-core/axe.min.js"
PROBLEM = sd.Problem(-1, 1)


def run_of(label: str) -> tuple[labs.ThreeLensesLab, Any, np.ndarray]:
    lab = labs.ThreeLensesLab()
    lab.preset(label)
    run = lab.trajectory()
    return lab, run, run.times * lab.step_size


def test_all_three_lenses_on_the_plateau() -> None:
    _, run, times = run_of("A plateau, read three ways")
    rate, fastest = experiments.small_start_rate(PROBLEM)
    moved = int(np.argmax(run.losses < 0.99 * run.losses[0]))
    wait = (times > 2) & (times < times[moved] / 2)
    kink = np.degrees(np.arctan2(fastest[1], abs(fastest[0])))
    # Lens 2: the directions are those that grow fastest, long before the loss moves.
    turned = np.degrees(run["directions"][wait])
    np.testing.assert_allclose(turned, np.tile([kink, 180 - kink], (wait.sum(), 1)), atol=0.3)
    # Lens 3: the loss stands on the highest level, and the way down has this curvature.
    np.testing.assert_allclose(run.losses[wait], sd.critical_levels(PROBLEM, 2)[0].loss, rtol=1e-3)
    np.testing.assert_allclose(run["lowest_curvature"][wait], -rate, rtol=1e-3)
    # Lenses 2 and 3 meet: the sizes grow at the rate of that curvature.
    slopes = np.diff(np.log(run["norms"]), axis=0)[wait[1:]] / np.diff(times)[0]
    np.testing.assert_allclose(slopes, rate, rtol=0.03)  # descent grows by 1 + h rate a step
    # Lens 1: the outer layer is nowhere near its best now, and at its best in the end.
    assert np.all(run["best_loss"][wait] < 0.01 * run.losses[wait])
    assert run["best_loss"][-1] == pytest.approx(run.losses[-1], rel=0.02)


def test_a_slow_inner_layer_leaves_at_the_root_of_the_ratio() -> None:
    lab, run, times = run_of("The inner layer slow")
    wait = (times > 30) & (times < 45)
    slopes = np.diff(np.log(run["norms"]), axis=0)[wait[1:]] / np.diff(times)[0]
    expected = experiments.small_start_rate(PROBLEM)[0] * np.sqrt(lab.timescale_ratio)
    np.testing.assert_allclose(slopes, expected, rtol=0.02)
    np.testing.assert_allclose(run["felt_curvature"][wait], -expected, rtol=0.01)
    # Slow, and yet far from the slow manifold: near zero no layer is fast.
    assert np.all(run["best_loss"][wait] < 0.01 * run.losses[wait])


def test_with_large_inner_weights_the_saddle_lies_on_the_slow_manifold() -> None:
    _, run, times = run_of("A saddle on the slow manifold")
    on = times > 60
    np.testing.assert_allclose(run["best_loss"][on], run.losses[on], rtol=0.02)
    level = sd.critical_levels(PROBLEM, 2)[1].loss
    assert np.sum(np.abs(run.losses / level - 1) < 0.05) > 30
    assert run.losses[-1] < 0.01 * level
    np.testing.assert_allclose(run["norms"], 1.0, atol=0.05)


def test_dead_neurons_end_in_a_local_minimum() -> None:
    _, run, _ = run_of("Dead neurons")
    assert sd.classify(PROBLEM, run["parameters"][-1], 1e-3).kind == "local minimum"
    assert run.losses[-1] == pytest.approx(2 / 3)
    assert abs(run["lowest_curvature"][-1]) < 1e-9


def test_six_neurons_share_two_kinks() -> None:
    _, run, times = run_of("Six neurons, two kinks")
    kinks = -np.tan(run["directions"][np.argmax(times > 3)])
    np.testing.assert_allclose(np.sort(kinks), np.repeat([-0.6592, 0.6592], 3), atol=0.03)


def test_readings_of_a_neuron_at_zero_and_of_none() -> None:
    beside = sd.join([0.6, 0.0], [0.1, 0.0], [0.5, 0.3], 0.0)
    alone = sd.join(0.6, 0.1, 0.5, 0.0)
    assert lowest_curvature(PROBLEM, beside) == lowest_curvature(PROBLEM, alone)
    assert lowest_curvature(PROBLEM, sd.join(0.0, 0.0, 1.0, 0.0)) == 4.0
    at_end = sd.join(-1.0, -1.0, 0.7, 0.5)  # the kink is an end: no Hessian but from one side
    assert np.isfinite(lowest_curvature(PROBLEM, at_end))


def test_directions_have_no_jumps() -> None:
    turn = np.linspace(3.0, 3.6, 7)
    rows = np.stack([np.cos(turn), np.sin(turn), 0 * turn, 0 * turn], axis=1)
    run = sd.gradient_descent(PROBLEM, rows[0], 0.1, 6, keep=7, progress=False)
    run["parameters"][:] = rows
    np.testing.assert_allclose(lens_readings(PROBLEM, run)["directions"][:, 0], turn)


def test_start_follows_seed_and_width_and_lists_stand_as_given() -> None:
    lab = labs.ThreeLensesLab()
    lab.seed = 7
    assert (lab.directions, lab.outer_weights) == random_start(7, 2)
    lab.neurons = 5
    assert (lab.directions, lab.outer_weights) == random_start(7, 5)
    lab.change(directions=[10.0], outer_weights=[0.0])
    assert lab.neurons == 1
    assert labs.ThreeLensesLab(neurons=3).directions == random_start(0, 3)[0]
    lab.set_state({"seed": 9, "neurons": 2, "directions": [1.0, 2.0], "outer_weights": [1.0, 1.0]})
    assert lab.directions == [1.0, 2.0]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"scale": 0}, "from 1e-06 to 2"),
        ({"scale": float("inf")}, "not finite"),
        ({"timescale_ratio": 0}, "from 0.001 to 10"),
        ({"neurons": 7}, "from 1 to 6"),
        ({"neurons": 1.5}, "not whole"),
        ({"step_size": 0.5}, "from 0.02 to 0.4"),
        ({"horizon": 1e5}, "from 5 to 4000"),
        ({"directions": [10.0]}, "one of each"),
        ({"outer_weights": [1.0] * 7}, "7 values found"),
        ({"directions": [200.0, 0.0]}, "from -180 to 180"),
    ],
)
def test_bad_parameters_are_refused(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(traitlets.TraitError, match=words):
        labs.ThreeLensesLab(**parameters)


def test_the_largest_steps_kill_the_neurons_and_do_not_diverge() -> None:
    start: dict[str, Any] = {"directions": [60.0, 120.0], "outer_weights": [3.0, -3.0]}
    lab = labs.ThreeLensesLab(scale=2.0, timescale_ratio=10.0, step_size=0.4, **start)
    run = lab.trajectory()
    assert run.losses.max() > 1e9
    assert sd.classify(PROBLEM, run["parameters"][-1], 1e-3).kind == "local minimum"


@pytest.mark.browser
@pytest.mark.parametrize("label", list(labs.ThreeLensesLab.presets))
def test_page_and_jax_compute_the_same(label: str, open_labs: Any) -> None:
    python, run, _ = run_of(label)
    _, [lab] = open_labs(python)
    shown = lab.runs()["run"]
    np.testing.assert_array_equal(shown["times"], run.times)
    for name in ("parameters", "best_loss", "directions", "lowest_curvature", "felt_curvature"):
        expected = run[name].ravel()
        np.testing.assert_allclose(shown["arrays"][name], expected, rtol=1e-5, atol=1e-7)


@pytest.mark.browser
def test_page_draws_the_start_of_a_seed_as_python_does(open_labs: Any) -> None:
    _, [lab] = open_labs(labs.ThreeLensesLab())
    lab.set(seed=12, neurons=6)
    state = lab.state()
    assert (state["directions"], state["outer_weights"]) == random_start(12, 6)
    lab.set(directions=[20.0, 30.0, 40.0])
    assert lab.state()["neurons"] == 3
    assert lab.state()["outer_weights"] == random_start(12, 6)[1][:3]
    assert "both lists now have 3" in lab.note()


@pytest.mark.browser
def test_one_cursor_moves_through_all_lenses(open_labs: Any) -> None:
    page, [lab] = open_labs(labs.ThreeLensesLab())
    titles = "(root) => [...root.querySelectorAll('.ttl-title')].map((t) => t.textContent)"
    early = lab.root.evaluate(titles)
    assert "off the slow manifold" in early[2]
    assert "settled at time" in early[3]
    assert "at the level n = 0" in early[5]
    assert "a way down" in early[6]
    lab.find(".ttl-scrub").focus()
    page.keyboard.press("End")
    lab.settle()
    late = lab.root.evaluate(titles)
    assert "on the slow manifold" in late[2]
    assert "below the level n = 2" in late[5]
    cursors = (
        "(root) => [...root.querySelectorAll('line.ttl-now')].map((l) => l.getAttribute('x1'))"
    )
    assert len(lab.root.evaluate(cursors)) == 5


@pytest.mark.browser
def test_link_restores_the_state_elsewhere(open_labs: Any) -> None:
    page, [lab] = open_labs(labs.ThreeLensesLab())
    lab.set(scale=0.3, timescale_ratio=0.05, directions=[12.5, -170.0, 99.0], horizon=50)
    state = lab.state()
    lab.find('[data-do="link"]').click()
    page.wait_for_function("location.hash !== ''")
    address = page.evaluate("location.hash")
    _, [elsewhere] = open_labs(labs.ThreeLensesLab(), fragment=address)
    assert elsewhere.state() == state
    assert elsewhere.note() == ""
    # A link that asks for more neurons draws them, whatever was on the screen before.
    page.evaluate("location.hash = '#lab=three_lenses&neurons=6&seed=3'")
    page.wait_for_function("(root) => root.lab.store.state.neurons === 6", arg=lab.root)
    assert lab.state()["directions"] == random_start(3, 6)[0]


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_320_pixels_are_enough(theme: str, open_labs: Any) -> None:
    page, [lab] = open_labs(labs.ThreeLensesLab(), theme=theme, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    lab.unfold()
    lab.find(".ttl-numbers summary").click()
    lab.set(timescale_ratio=0.1, neurons=6)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("(rules) => axe.run(document, { runOnly: rules })", rules)
    complaints = [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in found["violations"]]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
