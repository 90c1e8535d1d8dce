"""Occupation probabilities: reference values, simulation, and the two widths."""

from __future__ import annotations

import numpy as np
import pytest

from ttlearn.two_timescale import PAPER_TARGET, Target
from ttlearn.two_timescale.probability import (
    all_pieces_probability,
    c1_probability,
    occupation_probability,
    sufficient_width,
    theorem_width,
    union_bound,
)


@pytest.mark.parametrize(
    ("neurons", "every", "inner"),
    [
        (12, 122762871 / 40000000000, 0.04498467977083008),
        (20, 0.336151836528142, 0.4209921252073798),
        (30, 0.7956226411745302, 0.8151145523081818),
        (40, 0.9490265370952838, 0.9519155664378209),
    ],
)
def test_reference_probabilities(neurons: int, every: float, inner: float) -> None:
    assert all_pieces_probability(neurons) == pytest.approx(every, abs=1e-12)
    assert c1_probability(neurons) == pytest.approx(inner, abs=1e-12)


def test_against_simulation() -> None:
    rng = np.random.default_rng(1)
    pieces = np.searchsorted(PAPER_TARGET.jumps, rng.random((20_000, 15)))
    counts = np.stack([np.bincount(row, minlength=6) for row in pieces])
    every = np.mean(np.all(counts >= 2, axis=1))
    inner = np.mean(np.all(counts[:, 1:-1] >= 2, axis=1))
    assert every == pytest.approx(all_pieces_probability(15), abs=0.01)
    assert inner == pytest.approx(c1_probability(15), abs=0.01)


def test_widths_of_both_theorems() -> None:
    assert [sufficient_width(d) for d in (0.5, 0.1, 0.01)] == [37, 59, 89]
    assert [theorem_width(d) for d in (0.5, 0.1, 0.01)] == [260, 324, 416]
    failures = [1 - all_pieces_probability(m) for m in (37, 59, 89)]
    np.testing.assert_allclose(failures, [0.078, 0.0032, 3.5e-5], rtol=0.02)


@pytest.mark.parametrize("neurons", [2, 20, 60])
def test_the_union_bound_bounds(neurons: int) -> None:
    assert 1 - all_pieces_probability(neurons) <= union_bound(neurons) + 1e-12


def test_one_jump_needs_one_neuron() -> None:
    assert c1_probability(1, Target([0.5], [0.0, 1.0])) == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: occupation_probability(1001, [1.0]), "from 0 to 1000"),
        (lambda: occupation_probability(5, [0.5, 0.4]), "sum to 1"),
        (lambda: occupation_probability(3, [np.nan]), "sum to 1"),
        (lambda: occupation_probability(3, [np.nan, 0.5]), "sum to 1"),
        (lambda: occupation_probability(3, []), "sum to 1"),
        (lambda: occupation_probability(3, [0.5, 0.5], [1, np.nan]), "least is nan"),
        (lambda: occupation_probability(3, [0.5, 0.5], 1.5), "least is 1.5"),
        (lambda: c1_probability(np.nan, Target([0.5], [0.0, 1.0])), "neurons is nan"),
        (lambda: sufficient_width(0.0), "above 0"),
        (lambda: theorem_width(1.0), "below 1"),
        (lambda: union_bound(0), "number from 1 to 2"),
    ],
)
def test_bad_input_is_refused(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        call()
