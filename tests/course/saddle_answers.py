"""Right answers to the saddle set, written as a student would."""

from __future__ import annotations

import math

import numpy as np


# Right answers ------------------------------------------------------------------------------------
def kind(weight, bias, interval):
    low, high = sorted((weight * interval[0] + bias, weight * interval[1] + bias))
    if weight == 0 and bias == 0:
        return "degenerate"
    if high < 0:
        return "inactive"
    if high == 0:
        return "semi-inactive"
    return "type-1" if low >= 0 else "type-2"


def cells(w, b, interval):
    kinks = np.array([-y / x for x, y in zip(w, b, strict=True) if x != 0])
    kinks = kinks[(kinks > interval[0]) & (kinks < interval[1])]
    return np.sort(np.concatenate([[interval[0]], kinks, [interval[1]]]))


def value(w, b, v, c, x):
    return np.maximum(np.multiply.outer(x, w) + b, 0) @ v + c


def exact(w, b, v, c, interval, slope, intercept):
    x = cells(w, b, interval)
    r = value(w, b, v, c, x) - slope * x - intercept
    return np.sum(np.diff(x) * (r[1:] ** 2 + r[1:] * r[:-1] + r[:-1] ** 2)) / 3


def moments(w, b, v, c, interval, slope, intercept):
    x = cells(w, b, interval)
    r = value(w, b, v, c, x) - slope * x - intercept
    middle, h = (x[1:] + x[:-1]) / 2, np.diff(x)
    zeroth = h * (r[1:] + r[:-1]) / 2
    first = middle * zeroth + h**2 * (r[1:] - r[:-1]) / 12
    return np.multiply.outer(middle, w) + b > 0, zeroth, first


def slopes(w, b, v, c, *task):
    on, zeroth, first = moments(w, b, v, c, *task)
    at_one, at_x = zeroth @ on, first @ on
    return 2 * v * at_x, 2 * v * at_one, 2 * (w * at_x + b * at_one), 2 * np.sum(zeroth)


def saddle(n, interval, slope, intercept):
    q = np.linspace(*interval, n + 2)[1:-1]
    w = (-1.0) ** np.arange(n)
    return w, -w * q, 2 * slope / (n + 1) / w, slope * sum(interval) / 2 + intercept


def level(n, length, slope):
    return slope**2 * length**3 / (12 * (n + 1) ** 4)


def escape(curvature, step_size, start, end):
    return math.ceil(math.log(end / start) / math.log1p(-step_size * curvature))
