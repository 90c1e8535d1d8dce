"""Right answers to the capstone, written as a student would."""

from __future__ import annotations

import numpy as np


def nodes(inner, biases, interval):
    kinks = -biases / inner
    kinks = kinks[(kinks > interval[0]) & (kinks < interval[1])]
    edges = np.sort(np.concatenate([interval, kinks]))
    x, weights = np.polynomial.legendre.leggauss(3)
    half = np.diff(edges)[:, None] / 2
    return ((edges[1:] + edges[:-1])[:, None] / 2 + half * x).ravel(), (half * weights).ravel()


def features(inner, biases, x):
    return np.column_stack([np.maximum(np.multiply.outer(x, inner) + biases, 0), np.ones_like(x)])


def fast(inner, biases, interval, slope, intercept):
    x, weights = nodes(inner, biases, interval)
    root = np.sqrt(weights)
    design = features(inner, biases, x) * root[:, None]
    output = np.linalg.lstsq(design, (slope * x + intercept) * root, rcond=None)[0]
    return output[:-1], output[-1]


def inner_force(inner, biases, interval, slope, intercept, outer=None, bias=None):
    if outer is None:
        outer, bias = fast(inner, biases, interval, slope, intercept)
    x, weights = nodes(inner, biases, interval)
    gap = features(inner, biases, x) @ np.append(outer, bias) - slope * x - intercept
    on = np.multiply.outer(x, inner) + biases > 0
    weighted = weights * gap
    return -2 * outer * ((weighted * x) @ on), -2 * outer * (weighted @ on)


def ratio(matrix):
    values = np.linalg.eigvalsh(matrix)
    return -values[0] / np.min(values[values > 1e-9 * np.max(np.abs(values))])


def leaving(matrix):
    return np.linalg.eigh(matrix)[1][:, 0]


def off(fast_bend, slow_bend, step_size, steps):
    return ((1 - step_size * slow_bend) / (1 - step_size * fast_bend)) ** steps
