"""Right answers about the race, written as a student would."""

from scipy.special import hyp2f1


def hitting(left, right, strength):
    p, q = min(left, right), max(left, right)
    distance = (q**3 - p**3) ** (1 / 3)
    series = hyp2f1(1 / 3, 1, 5 / 3, (p / q) ** 3)
    return (p + q - distance + p**2 / q * series) / strength


def stops(left, right):
    return abs(right**3 - left**3) ** (1 / 3)
