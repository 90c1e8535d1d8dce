"""The look of every figure: colours, axes, alt text, and the object a notebook displays.

The colours are the Okabe-Ito hues, moved to a middle lightness: each keeps a contrast of at least
3.4 to 1 against a white page and against a dark one (#121212), and figures are transparent, so one
image serves both. Colour never carries a meaning alone: lines also differ in dashes or markers.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE = "#1f7fc4"
VERMILION = "#d55e00"
GREEN = "#00966e"
PURPLE = "#c2619b"
GOLD = "#a87400"
INK = "#7a7a7a"
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, GOLD)
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))

# One colour per quantity, the same in every figure, lab and text.
COLOURS = {
    "target": VERMILION,
    "network": BLUE,
    "neuron": BLUE,
    "limit": GREEN,
    "flow": PURPLE,
    "sgd": BLUE,
    "floor": GOLD,
    "bound": GOLD,
    "failure": VERMILION,
    "success": GREEN,
}
DIVERGING = "PuOr"

_ALT = "_ttlearn_alt"
_FONT = {"size": 10.0, "title": 11.5, "small": 9.0}


def axes(ax: Axes | None = None, *, width: float = 6.4, height: float = 3.8) -> Axes:
    """The axes to draw on: ``ax`` itself, dressed, or those of a new figure.

    Arguments:
        ax: axes of the caller's, or None.
        width, height: size of the new figure in inches.

    The new figure is not registered with pyplot: it does not appear by itself in a notebook and
    leaves memory when nothing refers to it.

    >>> axes().get_facecolor()
    (0.0, 0.0, 0.0, 0.0)
    """
    if ax is None:
        figure = Figure(figsize=(width, height), layout="constrained")
        ax = figure.add_subplot()
    return dress(ax)


def panels(rows: int, columns: int, *, width: float = 6.4, height: float = 3.8) -> list[Axes]:
    """Dressed axes of one new figure, row after row.

    >>> len(panels(2, 3))
    6
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    return [dress(ax) for row in grid for ax in row]


def dress(ax: Axes) -> Axes:
    """Give ``ax`` the house look: transparent, ink-coloured, open at the top and right."""
    ax.patch.set_alpha(0.0)
    ax.figure.patch.set_alpha(0.0)
    ax.set_facecolor((0.0, 0.0, 0.0, 0.0))
    ax.set_prop_cycle(color=CYCLE)
    for side, spine in ax.spines.items():
        spine.set_color(INK)
        spine.set_visible(side in ("left", "bottom"))
    ax.tick_params(colors=INK, which="both", labelsize=_FONT["small"])
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set_color(INK)
        label.set_fontsize(_FONT["size"])
    ax.title.set_color(INK)
    ax.title.set_fontsize(_FONT["title"])
    ax.xaxis.get_offset_text().set_color(INK)
    ax.yaxis.get_offset_text().set_color(INK)
    return ax


def legend(ax: Axes, **options: Any) -> None:
    """A legend without frame, in ink, where something is labelled."""
    if not ax.get_legend_handles_labels()[0]:
        return
    options = {"frameon": False, "fontsize": _FONT["small"], "labelcolor": INK} | options
    ax.legend(**options)


def set_alt(ax: Axes, text: str) -> None:
    """Attach the alt text of what ``ax`` shows; make it from the numbers that were drawn.

    Raises:
        ValueError: when ``text`` is empty.

    >>> ax = axes()
    >>> set_alt(ax, "One falling line.")
    >>> get_alt(ax)
    'One falling line.'
    """
    text = " ".join(text.split())
    if not text:
        raise ValueError("the alt text is empty; say in a sentence or two what the figure shows")
    setattr(ax, _ALT, text)


def get_alt(shown: Axes | Figure) -> str:
    """The alt text of axes, or of a figure: that of its axes, one after the other.

    Raises:
        ValueError: when no alt text was attached.
    """
    parts = shown.axes if isinstance(shown, Figure) else [shown]
    text = " ".join(getattr(ax, _ALT) for ax in parts if hasattr(ax, _ALT))
    if not text:
        raise ValueError("no alt text on these axes; attach one with style.set_alt(ax, text)")
    return text


def number(value: float, digits: int = 3) -> str:
    """A number as alt texts and titles print it: ``digits`` significant digits, no trailing noise.

    >>> number(0.0079898), number(1749), number(0.0), number(2.5e-9)
    ('0.00799', '1750', '0', '2.5e-9')
    """
    value = float(value)
    if not math.isfinite(value):
        return {math.inf: "infinity", -math.inf: "minus infinity"}.get(value, "not a number")
    if value == 0.0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - exponent)
    if not 1e-4 <= abs(rounded) < 1e6:
        mantissa, power = f"{rounded:.{digits - 1}e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(power)}"
    text = f"{rounded:.{max(0, digits - 1 - exponent)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def numbers(values: Sequence[float], digits: int = 3) -> str:
    """Numbers in a sentence.

    >>> numbers([0.2, 0.35, 0.5])
    '0.2, 0.35 and 0.5'
    """
    texts = [number(value, digits) for value in values]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


class Shown:
    """What a notebook displays: the figure as PNG, and its alt text.

    ``text/plain`` is the alt text, so that a reader without images, a terminal and the stored
    outputs all have it; the ``alt`` entry of the image's metadata is what the book puts on it.
    """

    def __init__(self, figure: Figure, alt: str, dots_per_inch: float = 144.0) -> None:
        self.figure = figure
        self.alt = alt
        self.dots_per_inch = dots_per_inch

    def __repr__(self) -> str:
        return self.alt

    def png(self) -> bytes:
        """The figure as a transparent PNG."""
        buffer = io.BytesIO()
        self.figure.savefig(
            buffer, format="png", dpi=self.dots_per_inch, transparent=True, metadata={}
        )
        return buffer.getvalue()

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        width, height = self.figure.get_size_inches() * 96
        data = {"image/png": base64.b64encode(self.png()).decode(), "text/plain": self.alt}
        # Without a width the image would show at the size of its (doubled) pixels.
        return data, {
            "image/png": {"alt": self.alt, "width": round(width), "height": round(height)}
        }


def show(shown: Axes | Figure | Sequence[Axes]) -> Shown:
    """Display axes or a figure in a notebook, with the alt text: the last line of a cell.

    Arguments:
        shown: axes, several axes of one figure, or a figure.

    Raises:
        ValueError: when there is no alt text: a figure without one is not shown.

    >>> ax = axes()
    >>> set_alt(ax, "One falling line.")
    >>> show(ax)
    One falling line.
    """
    first = shown if isinstance(shown, Axes | Figure) else shown[0]
    figure = first if isinstance(first, Figure) else first.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure; draw on style.axes() instead")
    return Shown(figure, get_alt(figure))
