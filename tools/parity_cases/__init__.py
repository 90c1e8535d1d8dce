"""Cases on which the browser's engines must equal the library, and the library's answers to them.

Each engine has a list of cases (the engine's own parameters, as JSON), a function that computes the
same thing with JAX, and the tolerances that its numbers are held to.
"""

from __future__ import annotations

from parity_cases import directional, race, saddles, together, two_timescale
from parity_cases.engine import Engine, readable, unreadable

ENGINES: dict[str, Engine] = {
    **two_timescale.ENGINES,
    **race.ENGINES,
    **directional.ENGINES,
    **saddles.ENGINES,
    **together.ENGINES,
}

__all__ = ["ENGINES", "Engine", "readable", "unreadable"]
