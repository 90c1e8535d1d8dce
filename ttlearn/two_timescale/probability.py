"""How likely a random start fulfils the theorems' hypotheses, and what widths they ask for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ttlearn.dynamics.checks import check_count
from ttlearn.two_timescale.checks import check_number, check_target
from ttlearn.two_timescale.target import PAPER_TARGET, Target

MOST_NEURONS = 1000


def occupation_probability(neurons: int, pieces: ArrayLike, least: ArrayLike = 2) -> float:
    """P(piece k holds at least least[k] of ``neurons`` uniform points, for every k), exactly.

    Piece by piece: given s points in pieces k.., the number in piece k is binomial.

    Arguments:
        neurons: m, between 0 and 1000.
        pieces: lengths, positive, summing to 1.
        least: one number for all pieces, or one for each.

    Source: derived here.

    >>> occupation_probability(2, [0.5, 0.5], 1)
    0.5
    """
    neurons = check_count(neurons, "neurons", 0, MOST_NEURONS)
    lengths = np.asarray(pieces, np.float64)
    # Written so that NaN, of which every comparison is false, is refused too.
    if lengths.ndim != 1 or not (np.all(lengths > 0.0) and abs(lengths.sum() - 1.0) <= 1e-9):
        raise ValueError(f"pieces {lengths.tolist()} must be positive lengths that sum to 1")
    wanted = np.broadcast_to(_check_least(least), lengths.shape)
    # good[s] = P(pieces k.. are filled | s points fall into them), from the last piece back.
    good = (np.arange(neurons + 1) >= wanted[-1]).astype(np.float64)
    for k in reversed(range(lengths.size - 1)):
        share = lengths[k] / lengths[k:].sum()
        good = np.array([_mean_over_binomial(s, share, wanted[k], good) for s in range(good.size)])
    return float(good[neurons])


def _check_least(least: ArrayLike) -> np.ndarray:
    given = np.asarray(least)
    counts = [check_count(one, "least", 0) for one in np.ravel(given).tolist()]
    return np.reshape(counts, given.shape)


def _mean_over_binomial(points: int, share: float, least: int, good: np.ndarray) -> float:
    """Expectation of good[points - j] 1{j >= least}, j binomial(points, share)."""
    terms = (
        math.comb(points, j) * share**j * (1.0 - share) ** (points - j) * good[points - j]
        for j in range(int(least), points + 1)
    )
    return math.fsum(terms)


def all_pieces_probability(neurons: int, target: Target = PAPER_TARGET) -> float:
    """P(every piece, end pieces included, holds at least two neurons).

    >>> round(all_pieces_probability(20), 6)
    0.336152
    """
    return occupation_probability(neurons, check_target(target).pieces, 2)


def c1_probability(neurons: int, target: Target = PAPER_TARGET) -> float:
    """P(C1): every inner piece holds at least two neurons; end pieces may be empty.

    >>> round(c1_probability(20), 6)
    0.420992
    """
    pieces = check_target(target).pieces
    neurons = check_count(neurons, "neurons", 0, MOST_NEURONS)
    least = np.full(pieces.size, 2)
    least[[0, -1]] = 0
    if pieces.size == 2:
        return float(neurons >= 1)
    return occupation_probability(neurons, pieces, least)


def union_bound(neurons: int, target: Target = PAPER_TARGET) -> float:
    """A bound on P(some piece holds fewer than two neurons), by adding over pieces.

    sum_k [(1 - w_k)^m + m w_k (1 - w_k)^(m-1)], w_k the lengths of the pieces.

    >>> 1.0 - all_pieces_probability(59) <= union_bound(59)
    True
    """
    w = check_target(target).pieces
    m = check_count(neurons, "neurons", 1)
    return float(np.sum((1.0 - w) ** m + m * w * (1.0 - w) ** (m - 1)))


def sufficient_width(failure: float, target: Target = PAPER_TARGET) -> int:
    """D2: a number of neurons with which every piece holds two, up to probability ``failure``.

    m >= 1 + (2 / Delta v) (log(n / failure) + log 2 - 1/2).

    Source: derived here.

    >>> [sufficient_width(failure) for failure in (0.5, 0.1, 0.01)]
    [37, 59, 89]
    """
    target = check_target(target)
    failure = _probability(failure)
    log_term = math.log(len(target.values) / failure) + math.log(2.0) - 0.5
    return math.ceil(1.0 + 2.0 / target.shortest_piece * log_term)


def theorem_width(failure: float, target: Target = PAPER_TARGET) -> int:
    """P2: the number of neurons the main theorem asks for.

    m >= (6 / Delta v) (4 + log n + log(1 / failure)).

    Source: Marion & Berthier 2023, main theorem, recalled: form and constants not checked against
    the text.

    >>> [theorem_width(failure) for failure in (0.5, 0.1, 0.01)]
    [260, 324, 416]
    """
    target = check_target(target)
    failure = _probability(failure)
    log_term = 4.0 + math.log(len(target.values)) + math.log(1.0 / failure)
    return math.ceil(6.0 / target.shortest_piece * log_term)


def _probability(failure: float) -> float:
    if check_number(failure, "failure") >= 1.0:
        raise ValueError(f"failure is {failure}; a probability below 1 is needed")
    return float(failure)
