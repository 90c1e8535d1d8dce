"""Questions and the passport, in Python and in a browser: commit first, then see."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lab_driver import press, touch_drag, write
from lab_page import write_page
from playwright.sync_api import Page

from ttlearn import labs

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
VIOLATIONS = """() => axe.run(document).then(
  (result) => result.violations.map((rule) => [rule.id, rule.nodes[0].html]))"""
OPTIONS = {
    "It finds the target": "Seen.",
    "It gets stuck": "It does not.",
    "Nothing moves": "It does.",
}


def choice(name: str = "bet") -> labs.Question:
    return labs.choose(name, "What happens?", OPTIONS, right="It finds the target", reveal="Watch.")


def several() -> labs.Question:
    options = {"2": "Even.", "3": "Odd.", "4": "Even."}
    return labs.choose_several(
        "even", "Which are even?", options, right=["2", "4"], reveal="Halve."
    )


def number() -> labs.Question:
    near = {(3.9, 4.1): "A factor of two too much."}
    return labs.estimate("two", "1 + 1?", 2, tolerance=0.1, near=near, reveal="Count.")


def sketch() -> labs.Question:
    return labs.sketch(
        "rise",
        "How does it go?",
        ([0, 1], [0, 1]),
        x=("time", 0, 1),
        y=("height", 0, 1),
        shapes={"It rises": "Yes.", "It falls": "No."},
        right="It rises",
        reveal="A straight line.",
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "Two Words"}, "lower-case"),
        ({"options": {"only": "one"}}, "at least two"),
        ({"right": "absent"}, "name at least one"),
        ({"prompt": " "}, "write a sentence"),
        ({"options": {"a": "", "It finds the target": "x"}}, "write a sentence"),
    ],
)
def test_a_bad_question_is_refused(wrong: dict, message: str) -> None:
    given = {
        "name": "bet",
        "prompt": "?",
        "options": OPTIONS,
        "right": "It finds the target",
        "reveal": "!",
    }
    with pytest.raises(ValueError, match=message):
        labs.choose(**(given | wrong))


def test_bad_numbers_and_curves_are_refused() -> None:
    with pytest.raises(ValueError, match="tolerance > 0"):
        labs.estimate("n", "?", 1.0, tolerance=0.0, reveal="!")
    axes = {"x": ("x", 0, 1), "y": ("y", 0, 1), "shapes": OPTIONS, "right": "Nothing moves"}
    with pytest.raises(ValueError, match="increase"):
        labs.sketch("s", "?", ([0, 0], [0, 1]), reveal="!", **axes)
    with pytest.raises(ValueError, match="smaller"):
        labs.sketch("s", "?", ([0, 1], [0, 1]), reveal="!", **(axes | {"x": ("x", 1, 0)}))


@pytest.fixture
def ask(open_page: Callable[..., Page], tmp_path: Path) -> Callable[..., Page]:
    def make(*widgets: object, theme: str = "light", **options: object) -> Page:
        page = open_page(write_page(tmp_path / "questions.html", list(widgets), theme), **options)
        page.wait_for_function("window.mounted === true")
        return page

    return make


def answer_of(page: Page, index: int = 0) -> object:
    return page.evaluate("i => models[i].get('answer')", index)


@pytest.mark.browser
def test_nothing_is_revealed_before_the_commitment(ask: Callable[..., Page]) -> None:
    page = ask(choice())
    assert "Watch." not in page.inner_text("main")
    page.click("[data-do=commit]")
    assert "Choose one option" in page.inner_text(".ttl-note")
    page.get_by_label("It gets stuck").check()
    page.click("[data-do=commit]")
    text = page.inner_text(".ttl-verdict")
    assert "It gets stuck: It does not." in text
    assert "Right would have been: It finds the target" in text
    assert "Watch." in text
    assert answer_of(page) == "It gets stuck"


@pytest.mark.browser
def test_the_first_bet_stays_and_practice_is_free(ask: Callable[..., Page]) -> None:
    page = ask(choice(), labs.Passport())
    page.get_by_label("It gets stuck").focus()
    page.keyboard.press("Space")
    page.locator("[data-do=commit]").focus()
    page.keyboard.press("Enter")
    page.click("[data-do=again]")
    page.get_by_label("It finds the target").check()
    page.click("[data-do=commit]")
    assert "You saw it." in page.inner_text(".ttl-verdict")
    listed = page.inner_text(".ttl-passport-list")
    assert "It gets stuck (not right" in listed
    page.reload()
    page.wait_for_function("window.mounted === true")
    assert page.get_by_label("It gets stuck").is_checked()


@pytest.mark.browser
@pytest.mark.parametrize("by", ["keyboard", "mouse", "touch"])
def test_every_kind_is_answered_by_keys_mouse_and_finger(ask: Callable[..., Page], by: str) -> None:
    page = ask(choice(), several(), number(), sketch(), touch=by == "touch")
    one, many, amount, curve = page.query_selector_all(".ttl-question")
    for label in ("It gets stuck", "2", "4", "It rises"):
        press(page, page.get_by_label(label, exact=True).element_handle(), by)
    field = amount.query_selector("input")
    write(page, field, "2,05", by)
    for asked in (one, many, amount, curve):
        if asked.get_attribute("data-state") == "open":
            press(page, asked.query_selector("[data-do=commit]"), by)
    given = [answer_of(page, i) for i in range(4)]
    assert given == ["It gets stuck", ["2", "4"], 2.05, "It rises"]
    assert "A good bet to have lost" in one.inner_text()
    for asked in (many, amount, curve):
        assert "You saw it." in asked.inner_text()
    press(page, one.query_selector("[data-do=again]"), by)
    assert one.get_attribute("data-state") == "practice"


@pytest.mark.browser
def test_numbers_and_several_choices(ask: Callable[..., Page]) -> None:
    page = ask(number(), several())
    first, second = page.locator(".ttl-question").all()
    first.locator("input").fill("two")
    first.locator("[data-do=commit]").click()
    assert "Write a number" in first.inner_text()
    first.locator("input").fill("4,0")
    first.locator("input").press("Enter")
    assert "A factor of two too much." in first.inner_text()
    second.get_by_label("2").check()
    second.get_by_label("4").check()
    second.locator("[data-do=commit]").click()
    assert "You saw it." in second.inner_text()
    assert answer_of(page, 1) == ["2", "4"]


@pytest.mark.browser
@pytest.mark.parametrize("touch", [False, True])
def test_a_sketch_is_drawn_by_hand_or_described(ask: Callable[..., Page], touch: bool) -> None:
    page = ask(sketch(), touch=touch)
    page.wait_for_selector("svg.ttl-sketch .ttl-axes text")
    box = page.locator("svg.ttl-sketch").bounding_box()
    assert box is not None
    left, right = box["x"] + 46, box["x"] + box["width"] - 14
    top, bottom = box["y"] + 8, box["y"] + box["height"] - 38
    if touch:
        touch_drag(page, (left, bottom), (right, top))
    else:
        page.mouse.move(left, bottom)
        page.mouse.down()
        page.mouse.move(right, top, steps=12)
        page.mouse.up()
    page.click("[data-do=commit]")
    assert "You saw it." in page.inner_text(".ttl-verdict")
    assert len(answer_of(page)) == 41
    page.click("[data-do=again]")
    page.click("[data-do=commit]")
    assert "Draw a curve, or choose" in page.inner_text(".ttl-note")
    page.get_by_label("It falls").check()
    page.click("[data-do=commit]")
    assert "It falls: No." in page.inner_text(".ttl-verdict")


@pytest.mark.browser
def test_a_passport_is_exported_imported_and_deleted(
    ask: Callable[..., Page], tmp_path: Path
) -> None:
    page = ask(choice(), labs.Passport())
    page.get_by_label("It finds the target").check()
    page.click("[data-do=commit]")
    with page.expect_download() as download:
        page.click("[data-do=export]")
    kept = tmp_path / "kept.json"
    download.value.save_as(kept)
    assert json.loads(kept.read_text())["answers"]["bet"]["right"] is True

    page.click("[data-do=delete]")
    assert "1 answered" in page.inner_text("main"), "one click deletes nothing"
    page.click("[data-do=delete]")
    page.wait_for_selector("text=Nothing answered yet")
    assert page.locator(".ttl-question").get_attribute("data-state") == "practice"

    foreign = tmp_path / "foreign.json"
    foreign.write_text('{"format": "something else"}')
    page.set_input_files("input[type=file]", foreign)
    page.wait_for_selector("text=not a passport of this course")
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(kept.read_bytes()[:40])
    page.set_input_files("input[type=file]", damaged)
    page.wait_for_selector("text=damaged")
    page.set_input_files("input[type=file]", kept)
    page.wait_for_selector("text=Imported 1 answers")
    assert "1 answered, 1 of them right" in page.inner_text("main")


@pytest.mark.browser
def test_damaged_storage_is_said_and_replaced(ask: Callable[..., Page]) -> None:
    page = ask(choice(), labs.Passport())
    page.evaluate("localStorage.setItem('ttlearn.passport', '{')")
    page.reload()
    page.wait_for_selector("text=kept in this browser are damaged")
    page.get_by_label("Nothing moves").check()
    page.click("[data-do=commit]")
    page.wait_for_selector("text=1 answered, 0 of them right")


@pytest.mark.browser
def test_nothing_is_left_after_cleanup(ask: Callable[..., Page]) -> None:
    page = ask(choice(), sketch(), labs.Passport())
    page.evaluate("cleanups.forEach((cleanup) => cleanup())")
    assert page.locator(".ttl-lab").count() == 0
    page.evaluate("dispatchEvent(new Event('ttlearn-passport-changed'))")


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_questions_are_accessible(ask: Callable[..., Page], theme: str) -> None:
    page = ask(choice(), several(), number(), sketch(), labs.Passport(), theme=theme, width=360)
    page.get_by_label("It gets stuck").check()
    page.locator("[data-do=commit]").first.click()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(VIOLATIONS)
    assert not found, found
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways scroll"
