"""Checks with numbers per student: an index to predict, a residual to read."""

from __future__ import annotations

from typing import Any

import numpy as np

from ttlearn.course import brute
from ttlearn.course.checks import Check, Finding
from ttlearn.course.saddles.data import Array, Network, Rng, Task, flat, loss
from ttlearn.course.stages import (
    close,
    invariant,
    number,
    several,
    units,
    value_check,
    whole_number,
)
from ttlearn.course.variants import Student

UNIT = Task((0.0, 1.0), 1.0, 0.0)

# 8. Predict the index -----------------------------------------------------------------------------

# How the strength 2/3 of each of two kinks is shared among the neurons there.
_SHARES = [
    ([1.0], [1.0]),
    ([0.4, 0.6], [1.0]),
    ([1.0], [0.7, 0.3]),
    ([1.5, -0.5], [1.0]),
    ([1.0], [1.4, -0.4]),
    ([0.5, 0.5], [1.6, -0.6]),
]


def index_network(student: Student) -> Network:
    """A saddle on [0, 1] for the target x: kinks at 1/3 and 2/3, shared among several neurons."""
    shares = student.choice("index shares", _SHARES)
    inner, biases, outer = [], [], []
    for place, (side, parts) in enumerate(zip((1.0, -1.0), shares, strict=True)):
        kink = (place + 1) / 3
        for share in parts:
            inner.append(side)
            biases.append(-side * kink)
            outer.append(side * share * 2 / 3)
    for _ in range(student.choice("index constants", [0, 1, 2])):
        inner.append(0.0)
        biases.append(1.0)
        outer.append(0.0)
    for _ in range(student.choice("index dead", [0, 1])):
        inner.append(-1.0)
        biases.append(-0.5)
        outer.append(0.5)
    return np.array(inner), np.array(biases), np.array(outer), 0.5


def _count_negative(network: Network) -> int:
    def gradient(p: Array) -> Array:
        return brute.gradient(lambda q: loss(q, UNIT), p, 1e-4)

    point, step = flat(network), 1e-4
    rows = []
    for unit in np.eye(point.size) * step:
        rows.append((gradient(point + unit) - gradient(point - unit)) / (2 * step))
    matrix = np.array(rows)
    return int(np.sum(np.linalg.eigvalsh((matrix + matrix.T) / 2) < -1e-3))


def my_index(student: Student) -> Check:
    """The check of the number of downhill directions of the student's saddle."""
    network = index_network(student)
    truth = _count_negative(network)
    inner, _, outer, _ = network
    kinked = int(np.sum(inner[np.abs(outer) > 0] * 1 != 0))
    constants = int(np.sum(inner == 0))

    def sensible(answer: Any, _: Rng) -> Finding:
        return bool(0 <= answer <= flat(network).size)

    def constant(answer: Any, _: Rng) -> Finding:
        return not (constants and answer == truth - constants)

    def signs(answer: Any, _: Rng) -> Finding:
        return answer == truth or answer not in (kinked, kinked + constants)

    return value_check(
        "my_index",
        whole_number(),
        invariant(sensible, "There cannot be more directions than parameters, nor fewer than 0."),
        invariant(constant, "What happens when a flat constant neuron starts to tilt?"),
        invariant(
            signs,
            "Not every neuron counts: is each of them on, and does each push its kink the way the "
            "cluster does?",
        ),
        invariant(
            lambda answer, rng: bool(answer == truth),
            "The Hessian of your saddle has another number of negative eigenvalues.",
        ),
        praise="The Hessian has as many negative eigenvalues as you say.",
    )


# 9. Read a residual -------------------------------------------------------------------------------


def _residual_numbers(student: Student) -> dict[str, float]:
    """How many kinks hide in the picture, on which interval, for which slope."""
    return {
        "kinks": student.choice("residual kinks", [2, 4, 6]),
        "length": student.uniform("residual length", 1.0, 3.0, 1),
        "slope": student.uniform("residual slope", 2.0, 6.0, 1),
    }


def residual(student: Student, points: int = 2001) -> tuple[Array, Array]:
    """Places and residuals at the student's saddle."""
    own = _residual_numbers(student)
    pieces = int(own["kinks"]) + 1
    x = np.linspace(0.0, own["length"], points)
    knots = np.linspace(0.0, own["length"], pieces + 1)
    height = own["slope"] * own["length"] / (2 * pieces**2)
    return x, np.interp(x, knots, height * (-1.0) ** np.arange(pieces + 1))


def read_residual(student: Student) -> Check:
    """The check of (number of kinks, loss) read off the student's residual."""
    x, gap = residual(student)
    truth = float(np.trapezoid(gap**2, x))
    turns = int(np.sum(np.diff(np.sign(np.diff(gap))) != 0))

    def pieces(answer: Any, _: Rng) -> Finding:
        return bool(answer[0] != turns + 1)

    def kinks(answer: Any, _: Rng) -> Finding:
        return bool(answer[0] == turns)

    def square(answer: Any, _: Rng) -> Finding:
        wrong = [3 * truth, 2 * truth, truth / 2]
        return not any(close(answer[1], value, 0.06) for value in wrong)

    def length(answer: Any, _: Rng) -> Finding:
        return close(x[-1], 1.0, 0.13) or not close(answer[1], truth / x[-1], 0.06)

    def root(answer: Any, _: Rng) -> Finding:
        # A loss near one is its own root, within what a reading may be off.
        nearly_one = close(truth, np.sqrt(truth), 0.13)
        return nearly_one or not close(answer[1], np.sqrt(truth), 0.06)

    def right(answer: Any, _: Rng) -> Finding:
        return close(answer[1], truth, 0.06)

    return value_check(
        "read_residual",
        several(whole_number(), number()),
        invariant(pieces, "That is the number of straight pieces, not of kinks between them."),
        invariant(kinks, "Count the corners inside the interval again."),
        units(root, "The loss is the integral of the square, not its root."),
        units(length, "The loss is an integral over the interval, not a mean."),
        units(
            square,
            "A constant factor is off: what is the mean of the square of a ramp from -h to h?",
        ),
        invariant(right, "The integral of the squared residual is another (6 % are allowed)."),
        praise="The curve you were shown has that loss.",
    )
