"""The directional labs: what their page draws is what JAX computes, and what their words say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import traitlets

from ttlearn import labs

NAMES = ["PlaneLab", "TwoNeuronsLab", "SharpnessLab", "SamplesLab"]

# Where the engine's own tolerance or a floor of rounding sets what can agree.
SHOWN = {
    "plane": (lambda: labs.PlaneLab(depth=2), 1e-6),
    "plane, descent": (lambda: labs.PlaneLab(mode="descent", most_steps=500, law="sphere"), 1e-9),
    "two neurons": (lambda: labs.TwoNeuronsLab(law="sphere", horizon=30.0), 1e-5),
    "sharpness": (lambda: labs.SharpnessLab(most_steps=900), 1e-6),
    "samples": (lambda: labs.SamplesLab(samples=50, horizon=1e4), 2e-3),
}


@pytest.mark.browser
@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=pytest.mark.slow) if c == "two neurons" else c for c in SHOWN]
)
def test_the_page_draws_what_jax_computes(case: str, open_labs: Any) -> None:
    make, tolerance = SHOWN[case]
    lab = make()
    _, [page] = open_labs(lab)
    shown, computed = page.runs(), lab.trajectories()
    assert set(shown) == set(computed)
    for slot, run in computed.items():
        np.testing.assert_allclose(shown[slot]["times"], run.times, rtol=1e-12)
        names = set(run.arrays) & set(shown[slot]["arrays"])
        assert names
        for name in names:
            expected = np.ravel(run[name])
            found = np.asarray(shown[slot]["arrays"][name], float)
            scale = np.max(np.abs(expected[np.isfinite(expected)]))
            np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.browser
def test_opening_words_state_the_finding(open_labs: Any) -> None:
    _, shown = open_labs(labs.PlaneLab(), labs.SharpnessLab(), labs.SamplesLab())
    plane, sharpness, samples = (lab.summary() for lab in shown)
    assert "the loss is still 0.0244 and the angle 10⁻⁹⁹" in plane
    assert "10⁻²³²" in sharpness
    assert "0.01 by step 3100" in sharpness
    assert "t* is 2.58×10⁵, already past" in samples


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("PlaneLab", {"norm": 0.0}, "from 0.02"),
        ("PlaneLab", {"angle": 3.2}, "from 0.001"),
        ("PlaneLab", {"depth": 0}, "from 1 to 6"),
        ("PlaneLab", {"dimension": 1}, "from 2"),
        ("TwoNeuronsLab", {"leak": 1.5}, "from 0 to 1"),
        ("TwoNeuronsLab", {"first": [0.0, 0.0]}, "has no side"),
        ("TwoNeuronsLab", {"second": [1.0]}, "1 values found"),
        ("SharpnessLab", {"step_size": 0.0}, "from 0.05"),
        ("SamplesLab", {"samples": 5}, "from 10"),
        ("SamplesLab", {"weights": [-1.0, 0.0]}, "opposite the teacher"),
    ],
)
def test_bad_parameters_are_refused(name: str, parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(traitlets.TraitError, match=words):
        getattr(labs, name)(**parameters)


@pytest.mark.parametrize("name", NAMES)
def test_every_directional_preset_is_allowed(name: str) -> None:
    for label in getattr(labs, name).presets:
        getattr(labs, name)().preset(label)


def test_sample_lab_draws_the_samples_of_the_page() -> None:
    points = labs.SamplesLab(samples=30, seed=3, law="sphere").signed_points()
    assert np.allclose(np.hypot(*points.T), 1.0)
    assert np.all(points[:, 0] >= 0)
    run = labs.PlaneLab(angle=math.pi, norm=1.0, horizon=100.0).trajectory()
    assert run["angle"][-1] == 0.0  # depth 1 crosses the origin
