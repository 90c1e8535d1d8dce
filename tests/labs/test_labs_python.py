"""The Python face of the labs: what is checked, what follows from what, other widgets."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import ipywidgets
import numpy as np
import pytest
import traitlets

from ttlearn import labs
from ttlearn.labs.bank import pack, unpack
from ttlearn.labs.traits import choice, flag, number, numbers, whole


def test_importing_the_labs_needs_no_widget_layer() -> None:
    code = (
        "import sys, ttlearn, ttlearn.labs; "
        "bad = {'anywidget', 'ipywidgets', 'matplotlib'} & set(sys.modules); assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unknown_lab_lists_the_known() -> None:
    with pytest.raises(AttributeError, match="RaceLab"):
        getattr(labs, "Nothing")  # noqa: B009


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"timescale_ratio": 2.0}, "from 1e-05 to 1"),
        ({"timescale_ratio": float("nan")}, "not finite"),
        ({"timescale_ratio": "0.1"}, "not a number"),
        ({"neurons": 0}, "from 1 to 40"),
        ({"neurons": 2.5}, "not whole"),
        ({"jumps": [0.5, 0.2]}, "does not increase"),
        ({"jumps": []}, "0 values found"),
        ({"jumps": "0.2"}, "not a number"),
        ({"jumps": 3}, "not a list"),
        ({"jumps": [0.2, 0.5], "values": [0.0, 1.0]}, "one level"),
        ({"positions": [0.1] * 41}, "41 values found"),
        ({"activation_width": 0}, "from 0.001"),
        ({"mode": "magic"}, "magic"),
        ({"moment": 2.0}, "moment"),
        ({"colour": "red"}, "has no \\['colour'\\]"),
    ],
)
def test_bad_parameters_are_refused(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(traitlets.TraitError, match=words):
        labs.TwoTimescaleLab(**parameters)


def test_a_refused_change_leaves_the_lab_as_it_was() -> None:
    lab = labs.TwoTimescaleLab()
    before = lab.parameters()
    with pytest.raises(traitlets.TraitError):
        lab.change(jumps=[0.2, 0.5])
    with pytest.raises(traitlets.TraitError):
        lab.noise = -1
    assert lab.parameters() == before


def test_positions_follow_seed_and_number_but_not_the_other_way() -> None:
    lab = labs.TwoTimescaleLab()
    drawn = list(lab.positions)
    assert drawn == sorted(np.random.RandomState(42).random_sample(20))
    lab.seed = 7
    assert lab.positions != drawn
    lab.neurons = 5
    assert len(lab.positions) == 5
    lab.positions = [0.1, 0.9]
    assert lab.neurons == 2
    assert labs.TwoTimescaleLab(positions=[0.3, 0.6]).neurons == 2


def test_state_from_the_page_is_taken_as_it_stands() -> None:
    lab = labs.TwoTimescaleLab()
    dragged = [0.25, 0.5, 0.75]
    lab.set_state({"seed": 9, "neurons": 3, "positions": dragged})
    assert lab.positions == dragged
    assert lab.seed == 9


def test_presets_by_name() -> None:
    lab = labs.TwoTimescaleLab()
    lab.preset("Two neurons short")
    assert lab.positions == [0.05, 0.25, 0.75, 0.95]
    with pytest.raises(ValueError, match="The paper's target"):
        lab.preset("Nothing")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "preset"),
    [
        (name, preset)
        for name in labs.__all__
        for preset in getattr(getattr(labs, name), "presets", {})
    ],
)
def test_jax_computes_every_preset(name: str, preset: str) -> None:
    lab = getattr(labs, name)()
    lab.preset(preset)
    run = lab.trajectory()
    assert run.times.size > 1
    assert run.arrays


def test_race_keeps_the_jump_between_the_neurons() -> None:
    with pytest.raises(traitlets.TraitError, match="between"):
        labs.RaceLab(jump=0.9)
    with pytest.raises(traitlets.TraitError, match="no race"):
        labs.RaceLab(jump_size=0.0)


def test_other_widgets_drive_a_lab() -> None:
    lab = labs.TwoTimescaleLab()
    seen = []
    lab.observe(lambda change: seen.append(change["new"]), "timescale_ratio")
    slider = ipywidgets.FloatLogSlider(value=0.1, min=-5, max=0)
    ipywidgets.link((slider, "value"), (lab, "timescale_ratio"))
    assert lab.timescale_ratio == 0.1
    slider.value = 0.01
    assert seen[-1] == 0.01
    ipywidgets.jslink((slider, "value"), (lab, "timescale_ratio"))
    called = []
    ipywidgets.interactive_output(lambda lab: called.append(lab["noise"]), {"lab": lab})
    lab.noise = 0.5
    assert called == [1.0, 0.5]
    box = ipywidgets.VBox([slider, lab])
    assert box.children[1] is lab


def test_controls_tell_the_page_what_python_checks() -> None:
    controls = {control["name"]: control for control in labs.TwoTimescaleLab()._controls}
    assert controls["timescale_ratio"]["low"] == 1e-5
    assert controls["timescale_ratio"]["log"]
    assert controls["noise"]["only"] == {"mode": ["sgd"]}
    assert list(controls) == labs.TwoTimescaleLab.parameter_names()


def test_traits_refuse_what_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="positive"):
        number(1.0, 0.0, 2.0, "x", log=True)
    with pytest.raises(TypeError, match="unknown words"):
        whole(1, 0, 2, "x", colour="red")
    for trait in (flag(True, "x"), choice("a", {"a": "A"}, "x"), numbers([1], 0, 2, "x")):
        assert trait.metadata["sync"]


def test_bank_gives_back_what_was_packed() -> None:
    times = np.linspace(0, 1, 400)
    curves = np.cumsum(np.random.default_rng(0).normal(size=(400, 7)), axis=0)
    packed = pack({"curves": curves, "flat": np.full(400, 2.0)}, {"seed": 3})
    arrays, meta = unpack(packed)
    assert meta == {"seed": 3}
    assert np.max(np.abs(arrays["curves"] - curves)) <= np.ptp(curves) / 131_000
    assert np.all(arrays["flat"] == 2.0)
    assert len(packed) < curves.size * 2
    exact, _ = unpack(pack({"times": times, "empty": np.zeros((0, 3))}, exact=True))
    assert np.array_equal(exact["times"], times)
    assert exact["empty"].shape == (0, 3)


def test_bank_refuses_what_a_page_cannot_draw() -> None:
    with pytest.raises(ValueError, match="not finite"):
        pack({"loss": [1.0, np.nan]})
    with pytest.raises(ValueError, match="pack the arrays again"):
        unpack(b"damaged")
    with pytest.raises(ValueError, match="pack the arrays again"):
        unpack(pack({"a": [1.0]})[:-3])
