"""What a reader takes along: the numbers, the picture, and a link to the state."""

from __future__ import annotations

import csv
import io
import struct
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from lab_cases import LABS, make, small
from lab_driver import LabDriver, press

pytestmark = pytest.mark.browser

WAYS = ["keyboard", "mouse", "touch"]


def download(page: Any, lab: LabDriver, what: str, by: str = "mouse") -> bytes:
    with page.expect_download() as started:
        press(page, lab.find(f'[data-do="{what}"]'), by)
    assert started.value.suggested_filename == f"{lab.root.get_attribute('data-lab')}.{what}"
    return Path(started.value.path()).read_bytes()


@pytest.mark.parametrize("by", WAYS)
def test_numbers_table_and_files(by: str, open_labs: Any) -> None:
    page, [lab] = open_labs(small(), touch=by == "touch")
    press(page, lab.find(".ttl-numbers summary"), by)
    rows_shown = "(root) => root.querySelectorAll('.ttl-table tbody tr').length"
    page.wait_for_function(f"(root) => ({rows_shown})(root) > 50", arg=lab.root)
    rows = list(csv.reader(io.StringIO(download(page, lab, "csv", by).decode())))
    run = lab.runs()["slow"]
    column = rows[0].index("loss right")
    assert [float(row[column]) for row in rows[1:]] == run["losses"]
    picture = download(page, lab, "svg", by).decode()
    assert picture.startswith("<svg")
    assert picture.count("ttl-curve") > 20
    assert "http" not in picture.replace("http://www.w3.org/", "")
    assert download(page, lab, "png", by)[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("name", LABS)
def test_every_lab_gives_its_numbers_and_its_picture(name: str, open_labs: Any) -> None:
    page, [lab] = open_labs(make(name))
    rows = list(csv.reader(io.StringIO(download(page, lab, "csv").decode())))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert all(cell.strip() for cell in rows[0])
    picture = ElementTree.fromstring(download(page, lab, "svg"))
    words = "{http://www.w3.org/2000/svg}desc"
    assert picture.findtext(words) == lab.find(".ttl-summary").text_content()
    png = download(page, lab, "png")
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (2 * int(picture.attrib["width"]), 2 * int(picture.attrib["height"]))


@pytest.mark.parametrize("by", WAYS)
def test_link_restores_the_state_elsewhere(by: str, open_labs: Any) -> None:
    page, [lab] = open_labs(small(), touch=by == "touch")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.set(timescale_ratio=0.02, mode="limit", values=[1, 4, 1, 3, 1, 5])
    state = lab.state()
    press(page, lab.find('[data-do="link"]'), by)
    page.wait_for_function("(root) => root.textContent.includes('was copied')", arg=lab.root)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url
    _, [elsewhere] = open_labs(small(), fragment=copied[copied.index("#") :])
    assert elsewhere.state() == state
    assert elsewhere.note() == ""


def test_where_copying_is_forbidden_the_link_lies_ready(open_labs: Any) -> None:
    refuse = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
    page, [lab] = open_labs(small(), first=refuse)
    lab.set(timescale_ratio=0.02)
    lab.find('[data-do="link"]').click()
    page.wait_for_function("(root) => root.textContent.includes('not allow copying')", arg=lab.root)
    field = lab.find(".ttl-link")
    assert field.is_visible()
    assert field.input_value() == page.url
    assert "timescale_ratio=0.02" in page.evaluate(
        "getSelection().toString() || document.activeElement.value"
    )


@pytest.mark.parametrize("name", LABS)
def test_every_lab_comes_back_from_its_link(name: str, open_labs: Any) -> None:
    """After an example and a handle: the state, the picture and the words of the other page."""
    page, [lab] = open_labs(make(name))
    lab.root.query_selector_all(".ttl-preset")[-1].click()
    lab.settle()
    handle = lab.handle(lab.groups()[0])
    handle.focus()
    page.keyboard.press("ArrowRight")
    lab.settle()
    lab.find('[data-do="link"]').click()
    page.wait_for_function("location.hash !== ''")
    _, [elsewhere] = open_labs(make(name), fragment=page.evaluate("location.hash"))
    assert elsewhere.state() == lab.state()
    assert elsewhere.note() == ""
