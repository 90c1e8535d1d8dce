"""How labs behave on a page: links, neighbours, themes, bad input, files, and leaving."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from lab_driver import ROOT

from ttlearn import labs

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules/axe-core/axe.min.js"


def small(**parameters: Any) -> labs.TwoTimescaleLab:
    quick: dict[str, Any] = {"neurons": 6, "timescale_ratio": 5e-3, "horizon": 1.0}
    return labs.TwoTimescaleLab(**(quick | parameters))


def download(page: Any, lab: Any, what: str) -> bytes:
    with page.expect_download() as started:
        lab.find(f'[data-do="{what}"]').click()
    return Path(started.value.path()).read_bytes()


def fragment(page: Any, lab: Any) -> str:
    lab.find('[data-do="link"]').click()
    page.wait_for_function("location.hash !== ''")
    return page.evaluate("location.hash")


def test_opens_already_drawn(open_labs: Any) -> None:
    _, [lab] = open_labs(labs.TwoTimescaleLab())
    assert "misses" in lab.summary()
    assert "covers every jump" in lab.summary()
    shown = lab.runs()
    assert set(shown) == {"slow", "ordinary", "limit"}
    assert shown["slow"]["losses"][-1] < 0.01 < 0.3 < shown["ordinary"]["losses"][-1]


def test_link_restores_the_state_elsewhere(open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    lab.set(timescale_ratio=0.02, mode="limit", values=[1, 4, 1, 3, 1, 5])
    state = lab.state()
    address = fragment(page, lab)
    _, [elsewhere] = open_labs(small(), fragment=address)
    assert elsewhere.state() == state
    assert elsewhere.note() == ""


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("#lab=two_timescale&timescale_ratio=fast", "is not a number"),
        ("#lab=two_timescale&timescale_ratio=%E0%A4%A", "no readable value"),
        ("#lab=two_timescale&colour=red", "no “colour”"),
        ("#lab=two_timescale&jumps=0.2,0.2", "must differ"),
        ("#lab=two_timescale&mode=magic", "none of flow, sgd, limit"),
        ("#lab=two_timescale&positions=" + "0.5," * 500, "500 values found"),
    ],
)
def test_malformed_link_is_ignored_with_a_note(address: str, words: str, open_labs: Any) -> None:
    _, [lab] = open_labs(small(), fragment=address)
    assert words in lab.note()
    assert "ignored" in lab.note()
    assert lab.state()["timescale_ratio"] == 5e-3


def test_link_out_of_range_is_clamped_with_a_note(open_labs: Any) -> None:
    _, [lab] = open_labs(small(), fragment="#lab=two_timescale&timescale_ratio=7")
    assert lab.state()["timescale_ratio"] == 1
    assert "outside" in lab.note()


def test_link_of_another_lab_and_plain_anchors_are_left_alone(open_labs: Any) -> None:
    for address in ("#lab=race&jump=0.3", "#a-section", "#%%%"):
        _, [lab] = open_labs(small(), fragment=address)
        assert lab.note() == ""
        assert lab.state()["timescale_ratio"] == 5e-3


def test_two_labs_do_not_disturb_each_other(open_labs: Any) -> None:
    page, [first, second] = open_labs(small(link_name="a"), small(link_name="b"))
    untouched = second.seen(), second.state()
    first.set(timescale_ratio=0.05)
    second.settle()
    assert (second.seen(), second.state()) == untouched
    assert page.evaluate("document.querySelectorAll('[id]').length") == 0
    address = fragment(page, first)
    _, [one, other] = open_labs(small(link_name="a"), small(link_name="b"), fragment=address)
    assert one.state()["timescale_ratio"] == 0.05
    assert other.state()["timescale_ratio"] == 5e-3


def test_pauses_off_screen(open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    page.evaluate("document.body.style.paddingBottom = '6000px'")
    lab.find('[data-do="play"]').click()
    page.wait_for_function("(root) => root.lab.transport.playing", arg=lab.root)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("(root) => !root.lab.transport.playing", arg=lab.root)


def test_leaves_nothing_behind(open_labs: Any) -> None:
    page, [first, _] = open_labs(small(), labs.RaceLab())
    first.find('[data-do="play"]').click()
    assert page.evaluate("window.workers") == 2
    session = page.context.new_cdp_session(page)
    assert _window_listeners(session).count("hashchange") == 2
    page.evaluate("window.cleanups.forEach((clean) => clean())")
    assert page.evaluate("window.workers") == 0
    assert page.evaluate("window.models.map((model) => model.listeners.length)") == [0, 0]
    assert page.query_selector(".ttl-lab") is None
    assert "hashchange" not in _window_listeners(session)
    # A theme switch or an address that nobody listens to any more must not wake anything.
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.evaluate("location.hash = '#lab=race&jump=0.3'")


def _window_listeners(session: Any) -> list[str]:
    found = session.send("Runtime.evaluate", {"expression": "window"})
    object_id = found["result"]["objectId"]
    result = session.send("DOMDebugger.getEventListeners", {"objectId": object_id})
    return [listener["type"] for listener in result["listeners"]]


def test_follows_the_page_between_light_and_dark(open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    colour = "(root) => getComputedStyle(root).backgroundColor"
    light = lab.root.evaluate(colour)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function("(root) => root.dataset.theme === 'dark'", arg=lab.root)
    assert lab.root.evaluate(colour) != light


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(theme: str, open_labs: Any) -> None:
    page, [lab, race] = open_labs(small(), labs.RaceLab(), theme=theme)
    for one in (lab, race):
        one.unfold()
        one.find(".ttl-numbers summary").click()
    lab.set(mode="sgd", timescale_ratio=0.01)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("(rules) => axe.run(document, { runOnly: rules })", rules)
    complaints = [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in found["violations"]]
    assert complaints == []


@pytest.mark.parametrize("width", [320, 390, 700])
def test_fits_narrow_pages(width: int, open_labs: Any) -> None:
    page, _ = open_labs(small(), labs.RaceLab(), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_numbers_table_and_files(open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    lab.find(".ttl-numbers summary").click()
    rows_shown = "(root) => root.querySelectorAll('.ttl-table tbody tr').length"
    page.wait_for_function(f"(root) => ({rows_shown})(root) > 50", arg=lab.root)
    rows = list(csv.reader(io.StringIO(download(page, lab, "csv").decode())))
    run = lab.runs()["slow"]
    column = rows[0].index("loss right")
    assert [float(row[column]) for row in rows[1:]] == run["losses"]
    picture = download(page, lab, "svg").decode()
    assert picture.startswith("<svg")
    assert picture.count("ttl-curve") > 20
    assert "http" not in picture.replace("http://www.w3.org/", "")
    assert download(page, lab, "png")[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("typed", "value", "words"),
    [
        ("7", 1, "outside a number from"),
        ("-3", 1e-5, "outside a number from"),
        ("abc", 5e-3, "is not a number"),
        ("1e999", 5e-3, "is not a number"),
        ("", 5e-3, "is not a number"),
        ("0,02", 0.02, ""),
        ("1e-3", 1e-3, ""),
    ],
)
def test_typed_values(typed: str, value: float, words: str, open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    field = lab.find('.ttl-number[data-name="timescale_ratio"]')
    field.focus()
    field.fill(typed)
    page.keyboard.press("Enter")
    lab.settle()
    assert lab.state()["timescale_ratio"] == value
    assert words in lab.note()
    assert bool(words) == bool(lab.note())
    assert float(field.input_value()) == value


def test_values_from_outside_are_checked(open_labs: Any) -> None:
    """What jslink or the kernel sets goes through the same door as what the reader types."""
    page, [lab] = open_labs(small())
    page.evaluate("models[0].set('timescale_ratio', 0.5)")
    lab.settle()
    assert lab.state()["timescale_ratio"] == 0.5
    page.evaluate("models[0].set('timescale_ratio', 50)")
    lab.settle()
    assert lab.state()["timescale_ratio"] == 1
    assert page.evaluate("models[0].get('timescale_ratio')") == 1
    assert "outside" in lab.note()
    page.evaluate("models[0].set('moment', 0.5)")
    lab.settle()
    assert lab.root.get_attribute("data-index") == "90"


def test_long_descent_shows_progress_and_stops(open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    lab.root.evaluate(
        "(root) => root.lab.store.set({ mode: 'sgd', step_size: 1e-5, timescale_ratio: 1e-4,"
        " horizon: 50, most_steps: 50000000, neurons: 40 })"
    )
    stop = page.wait_for_selector('[data-do="stop"]', state="visible")
    page.wait_for_function("(root) => root.querySelector('progress').value > 0", arg=lab.root)
    frames = page.evaluate(
        "() => new Promise((done) => { let n = 0; const end = performance.now() + 300;"
        " const tick = () => { n += 1; if (performance.now() > end) done(n);"
        " else requestAnimationFrame(tick); };"
        " requestAnimationFrame(tick); })"
    )
    assert frames > 3  # the page lives on while the worker computes
    stop.click()
    lab.settle()
    assert "Stopped" in lab.note()
    assert not page.is_visible('[data-do="stop"]')


def test_diverging_run_says_so(open_labs: Any) -> None:
    _, [lab] = open_labs(small())
    lab.root.evaluate(
        "(root) => root.lab.take(root.lab.made.slow,"
        " { ...root.lab.runs.slow, note: 'Diverged at step 12.' }, true)"
    )
    assert "Diverged at step 12" in lab.note()


def test_without_workers_the_page_computes(open_page: Any, tmp_path: Path) -> None:
    from lab_driver import LabDriver
    from lab_page import write_page

    url = write_page(tmp_path / "bare.html", [small()])
    text = (tmp_path / "bare.html").read_text(encoding="utf-8")
    bare = text.replace("<body>", "<body><script>delete window.Worker;</script>", 1)
    (tmp_path / "bare.html").write_text(bare, encoding="utf-8")
    page = open_page(url)
    page.wait_for_function("window.mounted === true")
    lab = LabDriver(page)
    lab.settle()
    assert "no Web Workers" in lab.note()
    assert set(lab.runs()) == {"slow", "ordinary", "limit"}


def test_reduced_motion_plays_in_few_steps(open_labs: Any) -> None:
    page, [lab] = open_labs(small(), motion=False)
    lab.find('[data-do="start"]').click()
    lab.find('[data-do="play"]').click()
    page.wait_for_function("(root) => Number(root.dataset.index) > 0", arg=lab.root)
    assert int(lab.root.get_attribute("data-index") or 0) >= 5


def test_announcements_are_polite_and_rare(open_labs: Any) -> None:
    page, [lab] = open_labs(small())
    spoken = lab.find("[aria-live=polite]")
    assert spoken.text_content() == ""
    page.evaluate(
        "(element) => { window.spoken = [];"
        " new MutationObserver(() => spoken.push(element.textContent))"
        ".observe(element, { childList: true, characterData: true, subtree: true }); }",
        spoken,
    )
    for ratio in (0.01, 0.02, 0.04, 0.08):
        lab.set(timescale_ratio=ratio)
    page.wait_for_function("window.spoken.length > 0")
    assert page.evaluate("window.spoken.length") <= 2
    assert page.evaluate("window.spoken.at(-1)") == lab.summary()
