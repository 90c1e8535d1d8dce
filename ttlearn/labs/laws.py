"""The laws of the data that the directional labs offer, by the names the page uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttlearn.labs.traits import choice, whole

if TYPE_CHECKING:
    from ttlearn.directional import Law

_NAMES = {"gaussian": "Gaussian", "sphere": "Unit sphere", "ball": "Unit ball"}


def law_choice(*names: str) -> Any:
    """A control for the law: all three, or those named."""
    shown = {name: _NAMES[name] for name in names or _NAMES}
    help_text = "Of the data; all of them look the same from every direction."
    return choice("gaussian", shown, "Law of the data", help=help_text)


def law_dimension(default: int = 2) -> Any:
    """A control for the dimension of a sphere or a ball; a Gaussian's plays no part."""
    only = {"law": ["sphere", "ball"]}
    return whole(default, 2, 50, "Dimension of the data", only=only)


def make_law(name: str, dimension: int = 2) -> Law:
    """The library's law of that name.

    >>> make_law("sphere", 3).dimension
    3
    """
    from ttlearn import directional

    kinds = {
        "gaussian": directional.Gaussian,
        "sphere": directional.Sphere,
        "ball": directional.Ball,
    }
    return kinds[name](dimension)
