"""Right answers to the directional set, written as a student would."""

from __future__ import annotations

import numpy as np

K = 1 / np.sqrt(2 * np.pi)


def half_angle(w, teacher):
    along = w @ teacher
    across = np.linalg.norm(w - along * teacher)
    norm = np.linalg.norm(w)
    return np.log(across / (norm + along)) if along > 0 else np.log((norm - along) / across)


def hold_back(norm):
    nodes, weights = np.polynomial.legendre.leggauss(200)
    x = 5 * (nodes + 1)
    density = 2 * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    return np.sum(5 * weights * density * x * np.tanh(norm * x / 2)) / (2 * norm)


def force(w, teacher):
    return K * teacher - hold_back(np.linalg.norm(w)) * w


def turned(angle, time, k):
    return 2 * np.arctan(np.tan(angle / 2) * np.exp(-k * time))


def field(norm, log_half_angle, depth, pull, k):
    gap = 2 / (1 + np.exp(-2 * log_half_angle))
    return (
        depth * norm ** (2 - 2 / depth) * (pull - k * gap),
        -k * norm ** (1 - 2 / depth),
    )


def powers(depth):
    return depth / (depth + 2), 2 * depth / (depth + 2)
