"""The front doors: what is refused, and what the refusal says."""

import numpy as np
import pytest

from ttlearn.dynamics import FlowError
from ttlearn.saddles import (
    Problem,
    classify,
    critical_levels,
    escape_slope,
    escape_steps,
    gradient,
    gradient_flow,
    hessian,
    join,
    loss,
    neuron_types,
    predicted_steps,
    random_starts,
    saddle,
    toy_descent,
    trapped_fraction,
    two_kink_spectrum,
    zigzag,
)
from ttlearn.saddles.neurons import KINKED, SEMI_INACTIVE


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"left": 1.0, "right": 1.0}, "empty"),
        ({"left": 2.0, "right": 1.0}, "left < right"),
        ({"leak": 1.0}, "leak is 1.0"),
        ({"leak": -0.1}, "ReLU"),
        ({"slope": float("nan")}, "finite"),
        ({"right": float("inf")}, "finite"),
    ],
)
def test_bad_problems_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Problem(**fields)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ([], "0 entries"),
        ([0.5], "N >= 1"),
        ([1.0, 2.0, 3.0], r"3N\+1"),
        (np.zeros((2, 4)), "axes"),
        ([1.0, 2.0, float("nan"), 0.0], "not finite"),
        (np.zeros(3 * 3000 + 1), "at most 2000"),
    ],
)
@pytest.mark.parametrize("function", [loss, gradient, hessian, classify, neuron_types])
def test_bad_parameters_are_refused(function, parameters, message):
    with pytest.raises(ValueError, match=message):
        function(Problem(), parameters)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (([1.0, 2.0], [1.0], [1.0], 0.0), "shapes"),
        (([[1.0]], [[1.0]], [[1.0]], 0.0), "shapes"),
        (([1.0], [1.0], [1.0], [0.0, 1.0]), "one number"),
        (([1.0], [np.inf], [1.0], 0.0), "not finite"),
        (([], [], [], 0.0), "N >= 1"),
    ],
)
def test_bad_parts_are_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        join(*parts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": 1}, "even number"),
        ({"level": 2, "first": "left"}, "even number"),
        ({"level": -2}, "level is -2"),
        ({"level": 2.5}, "whole number"),
        ({"level": 2, "first": "up"}, "'right' and 'left'"),
        ({"level": 2, "shares": [[1.0]]}, "one per breakpoint"),
        ({"level": 2, "shares": [[0.5], [1.0]]}, "sum to 1"),
        ({"level": 2, "shares": [[], [1.0]]}, "list of finite"),
        ({"level": 2, "scale": 0.0}, "positive"),
        ({"level": 2, "scale": [1.0, 2.0, 3.0]}, "one per kinked"),
        ({"level": 2, "n_neurons": 1}, "at least 2"),
        ({"level": 2, "extras": [(1.0, -0.5, 0.0)]}, "not be critical"),
        ({"level": 2, "extras": [(0.0, 1.0, 0.5)]}, "not be critical"),
        ({"level": 2, "extras": [(1.0, 0.5)]}, r"\(w, b, v\)"),
    ],
)
def test_saddles_that_do_not_exist_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        saddle(Problem(), **arguments)


@pytest.mark.parametrize("width", [0, -1, 1.5, 10**6])
def test_bad_widths_are_refused(width):
    with pytest.raises(ValueError, match="n_neurons"):
        critical_levels(Problem(), width)


def test_unknown_sides_and_tolerances_are_refused():
    with pytest.raises(ValueError, match="'inside'"):
        hessian(Problem(), [1.0, -0.5, 1.0, 0.0], side="left")
    with pytest.raises(ValueError, match="tolerance"):
        classify(Problem(), [1.0, -0.5, 1.0, 0.0], tolerance=-1.0)


EXPECTED = {
    # (sign of y0, sign of y1): ReLU kind, leaky kind
    (-1, -1): ("inactive", "affine-negative"),
    (-1, 0): ("semi-inactive right", "affine-negative"),
    (0, -1): ("semi-inactive left", "affine-negative"),
    (0, 0): ("degenerate", "degenerate"),
    (-1, 1): ("right-oriented", "right-oriented"),
    (1, -1): ("left-oriented", "left-oriented"),
    (0, 1): ("affine", "affine"),
    (1, 0): ("affine", "affine"),
    (1, 1): ("affine", "affine"),
}


@pytest.mark.parametrize(("signs", "kinds"), EXPECTED.items())
@pytest.mark.parametrize("interval", [(0.0, 1.0), (-1.0, 3.0)])
def test_the_taxonomy_is_exhaustive(signs, kinds, interval):
    left, right = interval
    w = (signs[1] - signs[0]) / (right - left)
    b = signs[0] - w * left
    for leak, kind in zip((0.0, 0.25), kinds, strict=True):
        neuron = neuron_types(Problem(left, right, leak=leak), join(w, b, 1.0, 0.0))[0]
        assert neuron.kind == kind
        assert neuron.kinked == (kind in KINKED)
        assert neuron.semi_inactive == (kind in SEMI_INACTIVE)
        assert neuron.constant == (signs[0] == signs[1] != 0)


def test_leaky_family_matters_for_zigzags():
    problem = Problem(leak=0.25)
    assert zigzag(problem, 2, "left").loss > zigzag(problem, 2, "right").loss
    assert zigzag(problem, 1, "left").loss == pytest.approx(zigzag(problem, 1, "right").loss)


NAN = float("nan")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: critical_levels(Problem(), NAN), "n_neurons is nan; a whole number from 1"),
        (lambda: critical_levels(Problem(), "3"), "n_neurons is '3'"),
        (lambda: critical_levels(Problem(), True), "n_neurons is True"),
        (lambda: zigzag(Problem(), NAN), "level is nan; a whole number from 0"),
        (lambda: random_starts(2.5, 2), "n_starts is 2.5"),
        (lambda: random_starts(2, 2, seed=0.5), "seed is 0.5"),
        (lambda: two_kink_spectrum(1.0, 1.0, 0.0), "scale is 0.0; a finite number above 0"),
        (lambda: two_kink_spectrum(NAN, 1.0, 1.0), "length is nan"),
        (lambda: two_kink_spectrum(1.0, 0.0, 1.0), r"\|slope\| is 0.0"),
        (lambda: escape_slope(NAN, -1.0), "step_size is nan"),
        (lambda: escape_slope(0.1, NAN), "smallest is nan; a finite eigenvalue below 0"),
        (lambda: predicted_steps(0.1, -1.0, 1e-3, NAN), "radius is nan"),
        (lambda: escape_from_level_2(radius=NAN), "radius is nan"),
        (lambda: escape_from_level_2(max_steps=0.5), "max_steps is 0.5"),
        (lambda: toy_descent("E4", [[1.0, 1.5]], NAN, 1), "step_size is nan"),
        (lambda: toy_descent("E4", [[1.0, 1.5]], 0.5, 1.5), "n_steps is 1.5"),
        (lambda: trapped_fraction("E3", 0.5, n_starts=0), "n_starts is 0"),
    ],
)
def test_what_is_no_number_or_no_count_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def escape_from_level_2(**options):
    point = saddle(Problem(), 2)
    return escape_steps(Problem(), point, np.full(point.size, 1e-3), 0.2, **options)


def test_a_flow_that_breaks_off_names_its_own_arguments():
    for name in ("relative_tolerance", "absolute_tolerance"):
        with pytest.raises(ValueError, match=f"{name} is -1"):
            gradient_flow(Problem(), saddle(Problem(), 2), [1.0], **{name: -1})
    start = random_starts(1, 2)[0]
    with pytest.raises(FlowError, match="raise relative_tolerance, which is 1e-300") as caught:
        gradient_flow(
            Problem(), start, [0.0, 5.0], relative_tolerance=1e-300, absolute_tolerance=0.0
        )
    assert caught.value.flow.times.tolist() == [0.0, 5.0]


def test_whole_floats_are_counts():
    assert critical_levels(Problem(), 4.0) == critical_levels(Problem(), 4)
    np.testing.assert_array_equal(saddle(Problem(), 2.0), saddle(Problem(), 2))
