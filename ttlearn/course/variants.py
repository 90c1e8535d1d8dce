"""Numbers drawn from a student's id and the teacher's salt, so that neighbours' numbers differ."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

# While an assignment is graded, these say whose it is: what the notebook claims does not count.
STUDENT_VARIABLE = "TTLEARN_STUDENT"
SALT_VARIABLE = "TTLEARN_SALT"


@dataclasses.dataclass(frozen=True)
class Student:
    """Whose numbers to draw. Every draw is named, so their order does not matter.

    Each draw is the SHA-256 of salt, id and name read as a fraction of 2^64: the same on every
    machine and in every version of Python.

    Arguments:
        identifier: the student's id; blanks around it and letter case do not count.
        salt: the teacher's secret; without it nobody can compute a neighbour's numbers in advance.

    Raises:
        ValueError: for an empty id or a bad range.

    >>> ada = Student("ada", "autumn")
    >>> ada.uniform("left", 0.02, 0.08) == Student(" Ada ", "autumn").uniform("left", 0.02, 0.08)
    True
    >>> ada.uniform("left", 0.02, 0.08) == Student("grace", "autumn").uniform("left", 0.02, 0.08)
    False
    """

    identifier: str
    salt: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.identifier, str) or not self.identifier.strip():
            raise ValueError(
                f"student id {self.identifier!r}; a word is needed, such as the one your teacher "
                "gave you"
            )
        object.__setattr__(self, "identifier", self.identifier.strip().casefold())

    def fraction(self, name: str) -> float:
        """A number in [0, 1)."""
        text = "\0".join((self.salt, self.identifier, name)).encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") / 2**64

    def uniform(self, name: str, low: float, high: float, digits: int = 4) -> float:
        """A number in [low, high], rounded so that it can be typed."""
        if not low < high:
            raise ValueError(f"low={low}, high={high}; low must be below high")
        return round(low + (high - low) * self.fraction(name), digits)

    def choice(self, name: str, options: Sequence[T]) -> T:
        """One of ``options``."""
        if not options:
            raise ValueError("no options; at least one is needed")
        return options[int(self.fraction(name) * len(options))]


def identify(identifier: str, salt: str = "") -> Student:
    """The student whose exercises these are.

    While an assignment is graded, the grader says whose it is and which salt the class has; the
    arguments are then ignored, so that nobody is graded on a neighbour's numbers.

    >>> identify("ada").identifier
    'ada'
    """
    return Student(
        os.environ.get(STUDENT_VARIABLE) or identifier,
        os.environ.get(SALT_VARIABLE, salt) or "",
    )
