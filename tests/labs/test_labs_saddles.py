"""The labs of the saddle part: what follows from what, what is refused, and JAX beside the page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import traitlets

from ttlearn import labs
from ttlearn import saddles as sd
from ttlearn.labs.bank import unpack


@pytest.mark.parametrize("label", list(labs.AtlasLab.presets))
def test_atlas_presets_are_critical(label: str) -> None:
    lab = labs.AtlasLab()
    lab.preset(label)
    assert sd.classify(lab.problem(), lab.point()).kind != "not critical"


def test_atlas_weights_follow_the_saddle_asked_for() -> None:
    lab = labs.AtlasLab(n_neurons=4, level=4)
    assert sd.classify(lab.problem(), lab.point()).level == 4
    lab.change(activation="leaky", level=3)
    verdict = sd.classify(lab.problem(), lab.point())
    assert (verdict.kind, verdict.level) == ("saddle", 3)
    lab.change(inner_weights=[1.0], biases=[-0.2], outer_weights=[0.3])
    assert (lab.n_neurons, lab.biases) == (1, [-0.2])
    assert sd.classify(lab.problem(), lab.point()).kind == "not critical"


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("AtlasLab", {"level": 1}, "even number"),
        ("AtlasLab", {"level": 7}, "from 0 to 6"),
        ("AtlasLab", {"first": "left"}, "even number"),
        ("AtlasLab", {"inner_weights": [1.0], "biases": [0.1, 0.2]}, "one of each"),
        ("AtlasLab", {"step_size": 1.0}, "from 0.01 to 0.9"),
        ("EscapeClockLab", {"level": 0}, "1 to 4 kinks"),
        ("EscapeClockLab", {"perturbation_size": 0}, "from 1e-09"),
        ("EscapeClockLab", {"angle": float("nan")}, "not finite"),
        ("ToyLab", {"name": "E9"}, "E9"),
        ("ToyLab", {"start": [1.0]}, "1 values found"),
        ("BasinLab", {"inner_weight": 3.0}, "from -2 to 2"),
    ],
)
def test_bad_parameters_are_refused(name: str, parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(traitlets.TraitError, match=words):
        getattr(labs, name)(**parameters)


def test_a_kink_needs_a_neuron() -> None:
    lab = labs.AtlasLab()
    with pytest.raises(traitlets.TraitError, match="needs a neuron"):
        lab.level = 4
    assert lab.level == 2


@pytest.mark.parametrize("label", list(labs.EscapeClockLab.presets))
def test_the_clock_is_right_within_a_percent(label: str) -> None:
    lab = labs.EscapeClockLab()
    lab.preset(label)
    run = lab.trajectory()
    assert run.meta["escaped"] == pytest.approx(lab.predicted(), rel=0.01)
    assert run["distance"][0] == pytest.approx(lab.perturbation_size)


def test_toys_trap_what_they_should() -> None:
    assert labs.ToyLab(n_steps=200).trapped() == 0
    assert labs.ToyLab(name="E4", step_size=0.5).trapped() == pytest.approx(0.5, abs=0.01)
    assert labs.ToyLab(name="E4", step_size=0.45).trapped() == 0
    run = labs.ToyLab(name="E2", start=[1.0, 0.5], n_steps=3).trajectory()
    np.testing.assert_allclose(run["points"][:, 0, 1], 0.5 * 1.2 ** np.arange(4))
    assert np.all(run["points"][:, 0, 2] == 1.0)


SHARES = {"A dead network": 50, "A minimum too sharp": 0, "The edge of death": 74}


@pytest.mark.parametrize("label", SHARES)
def test_toys_in_the_real_loss_catch_what_they_should(label: str) -> None:
    lab = labs.ToyLab()
    lab.preset(label)
    assert lab.trapped() == pytest.approx(SHARES[label] / 100, abs=1e-12)
    run, toy = lab.trajectory(), sd.TOYS[lab.name]
    assert run["points"].shape == (lab.n_steps + 1, 65, 4)
    assert toy.shown(run["points"][0, 0]) == pytest.approx(lab.start)
    caught = toy.distances(run["points"][-1, 0]) <= toy.near
    assert caught == (label != "A minimum too sharp")


@pytest.mark.browser
def test_page_and_library_count_the_same_share(open_labs: Any) -> None:
    page, [lab] = open_labs(labs.ToyLab())
    for label, share in SHARES.items():
        page.get_by_role("button", name=label).click()
        lab.settle()
        assert f"{share} % of 100 starts" in lab.summary()


@pytest.mark.slow
def test_basin_bank_is_the_slice() -> None:
    arrays, header = unpack(labs.BasinLab()._bank)
    shares = {name: np.mean(arrays["up"] == i) for i, name in enumerate(header["endings"])}
    assert shares["global"] == pytest.approx(0.5575, abs=0.04)
    assert shares["dead"] == pytest.approx(0.3771, abs=0.02)
    assert not np.any(arrays["leaky"] == header["endings"].index("dead"))


@pytest.mark.browser
def test_click_in_the_slice_starts_a_run_there(open_labs: Any) -> None:
    page, [lab] = open_labs(labs.BasinLab())
    plot = lab.find('[data-panel="slice"] .ttl-plot')
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.75 * box["height"])
    lab.settle()
    assert lab.state()["inner_weight"] < 0 > lab.state()["bias"]
    assert "ends dead" in lab.summary()


@pytest.mark.browser
def test_atlas_page_and_kernel_agree_on_the_verdict(open_labs: Any) -> None:
    _, [lab] = open_labs(labs.AtlasLab())
    assert "n = 2, index 2, strict" in lab.summary()
    lab.set(level=4)
    assert lab.state()["n_neurons"] == 4
    assert "index 4, strict; loss 1/7500" in lab.summary()
    lab.set(activation="leaky", level=1)
    assert "m = 1" in lab.summary()
    assert lab.state()["biases"][0] == pytest.approx(-2 / 3)
    lab.set(activation="relu")
    assert lab.state()["level"] % 2 == 0
    assert "even number" in lab.note()


@pytest.mark.browser
def test_escape_page_counts_what_jax_counts(open_labs: Any) -> None:
    python = labs.EscapeClockLab(perturbation_size=1e-3, angle=40.0)
    count = python.trajectory().meta["escaped"]
    _, [lab] = open_labs(python)
    assert f"the count is {count}" in lab.summary()
