"""What a reader does to a lab, and what is seen of it. Waits on states, never on fixed times."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from playwright.sync_api import ElementHandle, Page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NODE = ROOT / ".venv/bin/node"

_SETTLE = """async (root) => {
  root.scrollIntoView({ block: "nearest" });
  const frame = () => new Promise(requestAnimationFrame);
  await frame(); await frame();
  for (let i = 0; i < 2000; i++) {
    const { lab } = root;
    if (lab.visible && root.dataset.state === "ready" && !lab.pending && !lab.runner?.busy) return;
    await frame();
  }
  throw new Error("the lab does not settle: " + root.dataset.state);
}"""

_PICTURE = """(root) => [...root.querySelectorAll("svg.ttl-plot")]
  .map((plot) => plot.innerHTML.replace(/(class|tabindex)="[^"]*"/g, "")).join("")"""

_RUNS = """(root) => Object.fromEntries(
  Object.entries(root.lab.runs).map(([slot, run]) => [slot, {
  request: root.lab.made[slot] && { engine: root.lab.made[slot].engine,
    parameters: root.lab.made[slot].parameters },
  times: [...run.times], losses: run.losses && [...run.losses],
  arrays: Object.fromEntries(
    Object.entries(run.arrays).map(([name, array]) => [name, [...array.data]])) }]))"""

_TABLE = "(root) => JSON.stringify(root.lab.definition.table(root.lab.frame()))"


class LabDriver:
    """One lab of a page."""

    def __init__(self, page: Page, index: int = 0) -> None:
        self.page = page
        found = page.wait_for_function(
            "i => document.querySelectorAll('.ttl-lab[data-lab]')[i]", arg=index
        )
        element = found.as_element()
        assert element is not None
        self.root: ElementHandle = element

    def settle(self) -> None:
        """Wait until everything asked for is computed and drawn."""
        self.root.evaluate(_SETTLE)

    def state(self) -> dict[str, Any]:
        return self.root.evaluate("(root) => root.lab.store.state")

    def controls(self) -> list[dict[str, Any]]:
        return self.root.evaluate("(root) => root.lab.controls")

    def summary(self) -> str:
        return self.find(".ttl-summary").inner_text()

    def note(self) -> str:
        """What the lab tells besides its summary: of the last change, and what holds all along."""
        notes = [note.text_content() or "" for note in self.root.query_selector_all(".ttl-note")]
        return " ".join(filter(None, notes))

    def picture(self) -> str:
        return self.root.evaluate(_PICTURE)

    def seen(self) -> tuple[str, str, str]:
        """The drawing, the words, the numbers."""
        return self.picture(), self.summary(), self.root.evaluate(_TABLE)

    def runs(self) -> dict[str, Any]:
        return self.root.evaluate(_RUNS)

    def find(self, selector: str) -> ElementHandle:
        element = self.root.query_selector(selector)
        assert element is not None, f"no {selector} in this lab"
        return element

    def set(self, **patch: Any) -> None:
        """Set parameters from the page's side, as a scene does."""
        self.root.evaluate("(root, patch) => root.lab.store.set(patch)", patch)
        self.settle()

    def reset(self) -> None:
        self.find('[data-do="reset"]').click()
        self.settle()

    def unfold(self) -> None:
        """Open every fold of the form."""
        script = "(root) => root.querySelectorAll('.ttl-group').forEach((g) => { g.open = true; })"
        self.root.evaluate(script)

    def meet(self, control: dict[str, Any]) -> None:
        """Set what has to hold for this control to be shown."""
        wanted = {name: values[0] for name, values in control["only"].items()}
        if wanted:
            self.set(**wanted)

    def field(self, control: dict[str, Any], kind: str) -> ElementHandle:
        return self.find(f'.ttl-field [data-name="{control["name"]}"]{kind}')

    def groups(self) -> list[str]:
        """Names of the groups of handles."""
        return self.root.evaluate(
            "(root) => [...new Set(root.lab.panels.flatMap(({ plot }) =>"
            " [...plot.handles.known.values()].map((handle) => handle.group)))]"
        )

    def handle(self, group: str) -> ElementHandle:
        """The handle of a group that Tab reaches."""
        found = self.root.evaluate_handle(
            "(root, group) => root.lab.panels"
            ".flatMap(({ plot }) => [...plot.handles.known.values()])"
            ".find((h) => h.group === group && h.element.getAttribute('tabindex') === '0').element",
            group,
        )
        element = found.as_element()
        assert element is not None
        return element


_STEP = """(root, element) => {
  for (const { plot } of root.lab.panels)
    for (const { element: known, options } of plot.handles.known.values())
      if (known === element) {
        const [scale, at] = options.axis === "y" ? [plot.y, options.y] : [plot.x, options.x];
        return Math.abs(scale(at + options.step) - scale(at));
      }
}"""

# Words of the lab or question, to leave a field by.
_AWAY = "(e) => e.closest('.ttl-lab').querySelector('.ttl-summary, legend')"


def drag_length(lab: LabDriver, handle: ElementHandle) -> float:
    """Pixels to drag a handle by so that it moves: a few, or one step where that is more."""
    step = lab.page.evaluate(f"([root, element]) => ({_STEP})(root, element)", [lab.root, handle])
    return max(9.0, 1.2 * step)


def press(page: Page, element: ElementHandle, by: str) -> None:
    """A button, a box to tick or a fold."""
    if by == "keyboard":
        element.focus()
        page.keyboard.press("Space")
    else:
        (element.tap if by == "touch" else element.click)()


def choose_other(page: Page, select: ElementHandle, by: str) -> None:
    """Another option of a drop-down list.

    Mouse and finger open the browser's own list; the option in it is chosen by keys, because that
    list lies outside of the page, out of a test's reach.
    """
    last = select.evaluate("(e) => e.selectedIndex === e.options.length - 1")
    if by == "keyboard":
        select.focus()
        page.keyboard.press("ArrowUp" if last else "ArrowDown")
        return
    press(page, select, by)
    page.wait_for_function("(e) => e.matches(':open')", arg=select)
    page.keyboard.press("ArrowUp" if last else "ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("(e) => !e.matches(':open')", arg=select)


def write(page: Page, field: ElementHandle, text: str, by: str) -> None:
    """Replace a field's text and leave it; a phone's keyboard writes whole words."""
    if by == "keyboard":
        field.focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        return
    if by == "mouse":
        field.click(click_count=3)
        page.keyboard.type(text)
    else:
        field.tap()
        field.evaluate("(e) => e.select()")
        page.keyboard.insert_text(text)
    away = field.evaluate_handle(_AWAY)
    element = away.as_element()
    assert element is not None
    press(page, element, by)


def touch_drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """One finger from ``start`` to ``end``."""
    session = page.context.new_cdp_session(page)
    steps = [
        (start[0] + k / 6 * (end[0] - start[0]), start[1] + k / 6 * (end[1] - start[1]))
        for k in range(7)
    ]
    for k, (x, y) in enumerate(steps):
        kind = "touchStart" if k == 0 else "touchMove"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def centre(element: ElementHandle) -> tuple[float, float]:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def engine_runs(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the engines themselves say to these requests, outside of any browser."""
    done = subprocess.run(
        [str(NODE), str(HERE / "js/engine_runs.mjs")],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout)
