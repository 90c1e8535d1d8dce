"""Browsers that lack what the labs stand on: the picture is there all the same, with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from lab_cases import LABS, make, small
from lab_driver import LabDriver
from lab_page import write_page

from ttlearn import labs

pytestmark = pytest.mark.browser

NEITHER = "delete window.Worker; delete window.DecompressionStream;"
REFUSED = "window.Worker = class { constructor() { throw new Error('not allowed here'); } };"
MUTE = """window.Worker = class {
  constructor() { setTimeout(() => this.onerror(new Event("error")), 20); }
  postMessage() {}
  terminate() {}
};"""
NOWHERE = "delete window.Worker; window.Function = () => { throw new EvalError('not allowed'); };"


@pytest.mark.parametrize("name", LABS)
def test_without_worker_and_decompression_the_picture_is_the_same(
    name: str, open_labs: Any
) -> None:
    _, [usual] = open_labs(make(name))
    assert usual.note() == ""
    _, [bare] = open_labs(make(name), first=NEITHER)
    assert "<path" in bare.picture()
    assert bare.seen() == usual.seen()
    assert ("no Web Worker" in bare.note()) == bool(bare.runs())
    assert ("no DecompressionStream" in bare.note()) == bool(make(name)._bank)
    assert bare.note(), "a reader should know"


@pytest.mark.parametrize("why", [REFUSED, MUTE], ids=["refused", "never starts"])
def test_a_worker_that_does_not_start_is_replaced_by_the_page(why: str, open_labs: Any) -> None:
    _, [lab] = open_labs(small(), first=why)
    assert "no Web Worker" in lab.note()
    assert set(lab.runs()) == {"slow", "ordinary", "limit"}
    lab.set(timescale_ratio=0.02)
    assert "no Web Worker" in lab.note(), "the sentence stays for as long as it holds"


def test_where_nothing_can_compute_a_sentence_is_left(open_page: Any, tmp_path: Any) -> None:
    """Behind it a page of the book shows its own picture of the lab."""
    page = open_page(write_page(tmp_path / "labs.html", [labs.RaceLab()]), first=NOWHERE)
    page.wait_for_function("window.mounted === true")
    lab = page.wait_for_selector('.ttl-lab[data-state="still"]')
    assert "compute nothing" in lab.inner_text()
    assert lab.query_selector("svg, button, input") is None
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_selector('.ttl-lab[data-theme="dark"]')
    page.evaluate("cleanups.forEach((clean) => clean())")
    assert page.query_selector(".ttl-lab") is None
    assert page.evaluate("models[0].listeners.length") == 0


def test_in_a_notebook_the_kernel_is_left(open_page: Any, tmp_path: Any) -> None:
    url = write_page(tmp_path / "labs.html", [labs.RaceLab()])
    path = tmp_path / "labs.html"
    text = path.read_text(encoding="utf-8").replace("vnd.jupyter.widget-state", "a-notebook", 1)
    path.write_text(text, encoding="utf-8")
    page = open_page(url, first=NOWHERE)
    page.wait_for_function("window.mounted === true")
    lab = LabDriver(page)
    lab.settle()
    assert "compute nothing" in lab.note()
    page.evaluate("models[0].fire('msg:custom', { kind: 'here', backend: 'JAX' })")
    lab.find('[data-do="kernel"]').click()
    assert page.evaluate("models[0].sent.at(-1).kind") == "trajectory"


def test_damaged_results_are_said(open_page: Any, tmp_path: Any) -> None:
    lab = labs.RaceLab()
    lab._bank = b"damaged"
    for first in ("", NEITHER):
        page = open_page(write_page(tmp_path / "labs.html", [lab]), first=first)
        page.wait_for_function("window.mounted === true")
        shown = LabDriver(page)
        shown.settle()
        page.wait_for_function("(root) => root.lab.limits.length > 0", arg=shown.root)
        shown.settle()
        assert "damaged" in shown.note()
        assert "<path" in shown.picture()
