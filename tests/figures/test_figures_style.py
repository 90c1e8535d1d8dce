"""The style module: contrast on both pages, alt text, and what a notebook is given."""

from __future__ import annotations

import base64
import sys

import matplotlib as mpl
import pytest

from ttlearn.figures import style


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
@pytest.mark.parametrize("colour", [*style.CYCLE, style.INK])
def test_every_colour_is_visible_on_light_and_dark_pages(colour: str, page: str) -> None:
    assert contrast(colour, page) >= 3.4


def test_ink_is_readable_on_both_pages() -> None:
    assert contrast(style.INK, "#ffffff") >= 4.2
    assert contrast(style.INK, "#121212") >= 4.2


def test_a_new_figure_is_transparent_and_not_registered_with_pyplot() -> None:
    ax = style.axes()
    assert ax.patch.get_alpha() == 0.0
    assert ax.figure.patch.get_alpha() == 0.0
    if "matplotlib.pyplot" in sys.modules:
        assert not sys.modules["matplotlib.pyplot"].get_fignums()


def test_given_axes_are_kept() -> None:
    ax = style.axes()
    assert style.axes(ax) is ax


def test_the_global_settings_stay_as_they_were() -> None:
    before = dict(mpl.rcParams)
    ax = style.axes()
    ax.plot([0, 1], [0, 1], label="line")
    style.legend(ax)
    style.set_alt(ax, "A line.")
    style.show(ax).png()
    assert dict(mpl.rcParams) == before


def test_the_bundle_is_a_png_with_its_alt_text() -> None:
    ax = style.axes()
    style.set_alt(ax, "A  line\n that rises.")
    data, metadata = style.show(ax)._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == metadata["image/png"]["alt"] == "A line that rises."


def test_the_same_figure_gives_the_same_bytes() -> None:
    ax = style.axes()
    ax.plot([0, 1], [1, 0])
    style.set_alt(ax, "A line.")
    assert style.show(ax).png() == style.show(ax).png()


def test_a_figure_speaks_for_all_its_panels() -> None:
    first, second = style.panels(1, 2)
    style.set_alt(first, "Left.")
    style.set_alt(second, "Right.")
    assert style.show([first, second]).alt == style.get_alt(first.figure) == "Left. Right."


def test_a_figure_without_alt_text_is_not_shown() -> None:
    with pytest.raises(ValueError, match=r"style\.set_alt"):
        style.show(style.axes())


def test_an_empty_alt_text_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        style.set_alt(style.axes(), "  ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0079898, "0.00799"),
        (1.75e8, "1.75e8"),
        (-0.5, "-0.5"),
        (0.99999, "1"),
        (100.0, "100"),
        (float("inf"), "infinity"),
        (1e-4, "0.0001"),
    ],
)
def test_numbers_are_rounded_for_the_reader(value: float, text: str) -> None:
    assert style.number(value) == text
