"""The target: values, and what it refuses."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ttlearn.precision import float64
from ttlearn.two_timescale import PAPER_TARGET, Target, piece_values


def test_the_paper_target() -> None:
    assert PAPER_TARGET.jump_sizes.tolist() == [4.0, -4.0, 2.0, -2.0, 4.0]
    assert PAPER_TARGET.shortest_piece == pytest.approx(0.15)
    assert PAPER_TARGET.smallest_jump == 2.0
    assert PAPER_TARGET.energy == pytest.approx(10.6, abs=1e-12)
    assert np.sum(PAPER_TARGET.jump_sizes**2) == 56.0
    assert PAPER_TARGET.floor(4e-3) == pytest.approx(0.008, abs=1e-15)


@pytest.mark.parametrize(
    ("jumps", "values", "message"),
    [
        ([0.5, 0.2], [1, 2, 3], "not increasing; sort"),
        ([0.2, 0.2], [1, 2, 3], "repeated; merge"),
        ([0.0, 0.2], [1, 2, 3], "strictly between 0 and 1"),
        ([0.2, 1.0], [1, 2, 3], "strictly between 0 and 1"),
        ([0.2, float("nan")], [1, 2, 3], "must be finite"),
        ([0.2], [1, float("inf")], "must be finite"),
        ([], [1.0], "at least one"),
        ([0.2], [1, 2, 3], "give 2 values"),
        ([0.2], [1, 1], "drop that jump"),
        ([[0.2]], [1, 2], "one axis"),
    ],
)
def test_bad_targets_are_refused(jumps: list, values: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Target(jumps, values)


def test_a_target_cannot_be_changed_and_equals_its_copy() -> None:
    copy = Target(PAPER_TARGET.jumps, PAPER_TARGET.values)
    assert copy == PAPER_TARGET
    assert hash(copy) == hash(PAPER_TARGET)
    assert Target([0.5], [0, 1]) != copy
    with pytest.raises(ValueError, match="read-only"):
        copy.jumps[0] = 0.1


def test_targets_that_are_equal_have_one_hash() -> None:
    one, other = Target([0.5], [0.0, 1.0]), Target([0.5], [-0.0, 1.0])
    assert one == other
    assert hash(one) == hash(other)


def test_a_target_passes_through_jit_and_agrees_on_both_sides_of_a_jump() -> None:
    x = np.array([0.0, 0.2 - 1e-12, 0.2, 0.2 + 1e-12, 0.79, 0.8, 1.0])
    with float64():
        inside = jax.jit(piece_values)(jnp.asarray(x), PAPER_TARGET)
    assert np.asarray(inside).tolist() == PAPER_TARGET(x).tolist() == [1, 1, 5, 5, 1, 5, 5]
