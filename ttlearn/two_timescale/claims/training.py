"""Claims about widths, ratios and steps: D2, D7, D8, D9."""

from __future__ import annotations

import math

import numpy as np

from ttlearn.records import Claim
from ttlearn.two_timescale.claims.limit import TIMES
from ttlearn.two_timescale.claims.statements import claim
from ttlearn.two_timescale.flow import network_flow
from ttlearn.two_timescale.limit import limit_flow
from ttlearn.two_timescale.online_sgd import sgd
from ttlearn.two_timescale.probability import all_pieces_probability, sufficient_width
from ttlearn.two_timescale.target import Target

_ONE_JUMP = Target([0.5], [0.0, 1.0])
_ONE_START = np.array([0.15, 0.38, 0.67, 0.9])


def _width_claim(neurons: int, failure: float) -> Claim:
    exact = all_pieces_probability(neurons)
    case = {"neurons": neurons, "delta": failure, "probability": exact}
    return claim("D2", neurons - sufficient_width(failure), exact - (1.0 - failure), case)


def width_suffices() -> list[Claim]:
    """D2 for three failure probabilities."""
    return [_width_claim(sufficient_width(delta), delta) for delta in (0.5, 0.1, 0.01)]


def width_of_the_experiments() -> list[Claim]:
    """D2 at the 20 neurons of the paper's experiments, far below the bound."""
    return [_width_claim(20, 0.1)]


def _distance(ratio: float, slow_time: float) -> float:
    times = np.linspace(slow_time / TIMES, slow_time, TIMES)
    limit = limit_flow(_ONE_START, _ONE_JUMP, times)
    run = network_flow(_ONE_START, _ONE_JUMP, times, timescale_ratio=ratio, activation_width=1e-3)
    return float(np.max(np.abs(run["positions"][-1] - limit["positions"][-1])))


def _rate_claim(larger: float, smaller: float) -> Claim:
    half = limit_flow(_ONE_START, _ONE_JUMP).meta["hitting_times"][0] / 2
    far, near = _distance(larger, half), _distance(smaller, half)
    exponent = math.log(far / near) / math.log(larger / smaller)
    case = {"ratios": [larger, smaller], "distances": [far, near], "exponent": exponent}
    return claim("D7", 0.1 - larger, min(exponent - 0.4, 1.1 - exponent), case)


def rate_in_the_ratio() -> list[Claim]:
    """D7 for one jump, ratios .01 and .001."""
    return [_rate_claim(0.01, 0.001)]


def rate_at_large_ratios() -> list[Claim]:
    """D7 at ratios 30 and 3, far outside its range."""
    return [_rate_claim(30.0, 3.0)]


def _jitter_claim(step_size: float, ratio: float, steps: int) -> Claim:
    width, height, noise = 4e-3, 4.0, 1.0
    target = Target([0.5], [0.0, height])
    run = sgd(
        [0.5],
        target,
        timescale_ratio=ratio,
        steps=steps,
        step_size=step_size,
        activation_width=width,
        outer_weights=[0.0, height],
        seed=11,
        keep=4001,
        progress=False,
    )
    # The first tenth, in which the jitter builds up, does not count.
    measured = float(np.mean((run["positions"][400:, 0] - 0.5) ** 2))
    predicted = step_size * ratio * (noise**2 / 3 + height**2 / 28)
    moved = 2 * step_size * ratio * height * (1 + noise) / width
    case = {
        "step_size": step_size,
        "timescale_ratio": ratio,
        "standard_deviation": math.sqrt(measured),
        "predicted": math.sqrt(predicted),
    }
    return claim("D8", 1 - moved / width, 0.4 - abs(measured / predicted - 1), case)


def jitter() -> list[Claim]:
    """D8 at h * ratio = 1e-8."""
    return [_jitter_claim(1e-5, 1e-3, 2_000_000)]


def jitter_of_large_steps() -> list[Claim]:
    """D8 at h * ratio = 1e-5: one sample moves the neuron by many widths."""
    return [_jitter_claim(1e-5, 1.0, 400_000)]


def _following_claim(step_size: float, ratio: float) -> Claim:
    width = 0.02
    run = sgd(
        _ONE_START,
        _ONE_JUMP,
        timescale_ratio=ratio,
        activation_width=width,
        slope="exact",
        slow_horizon=0.5,
        step_size=step_size,
        seed=2,
        keep=TIMES + 1,
        noise=0.5,
        progress=False,
    )
    times = np.linspace(0.5 / TIMES, 0.5, TIMES)
    flow = network_flow(_ONE_START, _ONE_JUMP, times, timescale_ratio=ratio, activation_width=width)
    apart = float(np.max(np.abs(run["positions"][-1] - flow["positions"][-1])))
    # |r a| is at most about 2: residuals up to 1 + noise, weights up to 1.
    moved = 2 * step_size * ratio * 1.5 / width
    case = {"step_size": step_size, "timescale_ratio": ratio, "distance": apart}
    return claim("D9", 0.1 - moved / width, width - apart, case)


def following() -> list[Claim]:
    """D9: steps small enough, and SGD stays within a width of the flow."""
    return [_following_claim(1e-4, 1e-2)]


def losing_the_flow() -> list[Claim]:
    """D9 at ratio 1 and a hundredfold step: a hit throws a neuron across its piece."""
    return [_following_claim(1e-2, 1.0)]


CASES = (width_suffices, rate_in_the_ratio, jitter, following)
BREAKING = (
    width_of_the_experiments,
    rate_at_large_ratios,
    jitter_of_large_steps,
    losing_the_flow,
)
