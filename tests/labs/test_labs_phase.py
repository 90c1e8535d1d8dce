"""The lab over the phase diagram: the table's cells, its starts, and one of its runs live."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import traitlets
from lab_driver import ROOT, centre

import ttlearn
from ttlearn import labs
from ttlearn.labs.bank import unpack
from ttlearn.two_timescale.experiments import phase

TABLE = phase.read_table()
SEEDS = TABLE.losses.shape[-1]
AXE = ROOT / "node_modules/axe-core/axe.min.js"


def cell(row: int, column: int) -> dict[str, Any]:
    """Parameters of a cell; row -1 is the limit."""
    ratio = 0.0 if row < 0 else float(TABLE.ratios[row])
    return {"timescale_ratio": ratio, "neurons": int(TABLE.neurons[column])}


def middle() -> tuple[int, int]:
    """A cell where as many starts succeed as not, or nearly."""
    apart = np.abs(TABLE.success - 0.5)
    row, column = np.unravel_index(np.argmin(apart), apart.shape)
    return int(row), int(column)


def test_the_bank_holds_the_table_and_every_start_to_the_last_bit() -> None:
    packed = labs.PhaseLab()._bank
    arrays, header = unpack(packed)
    assert np.array_equal(arrays["losses"], TABLE.losses)
    assert np.array_equal(arrays["limit_losses"], TABLE.limit_losses)
    assert header["neurons"] == TABLE.neurons.tolist()
    assert header["ratios"] == TABLE.ratios.tolist()
    with ttlearn.float64():
        for neurons in TABLE.neurons.tolist():
            for run in {0, SEEDS // 2, SEEDS - 1}:
                start = np.asarray(phase.start_of(run, neurons))
                assert np.array_equal(np.sort(arrays["draws"][run, :neurons]), start)
    assert len(packed) * 4 / 3 < 400_000  # what it adds to a page


def test_the_nearest_cell_is_taken() -> None:
    first, second = TABLE.ratios[:2]
    lab = labs.PhaseLab(timescale_ratio=first + 0.4 * (second - first), neurons=TABLE.neurons[1])
    assert (lab.timescale_ratio, lab.neurons) == (first, TABLE.neurons[1])
    lab.timescale_ratio = first + 0.6 * (second - first)
    assert lab.timescale_ratio == second
    lab.timescale_ratio = 0
    assert np.array_equal(lab.losses(), TABLE.limit_losses[1])
    lab.change(**cell(0, 0))
    assert np.array_equal(lab.losses(), TABLE.losses[0, 0])


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"timescale_ratio": 2.0}, "from 0 to 1"),
        ({"timescale_ratio": -0.1}, "from 0 to 1"),
        ({"timescale_ratio": float("nan")}, "not finite"),
        ({"timescale_ratio": "0.1"}, "not a number"),
        ({"neurons": 2}, f"from {TABLE.neurons[0]} to {TABLE.neurons[-1]}"),
        ({"neurons": 20.5}, "not whole"),
        ({"run": SEEDS}, f"from 0 to {SEEDS - 1}"),
        ({"seed": 1}, "has no \\['seed'\\]"),
    ],
)
def test_bad_parameters_are_refused(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(traitlets.TraitError, match=words):
        labs.PhaseLab(**parameters)


@pytest.mark.parametrize("label", list(labs.PhaseLab.presets))
def test_presets_are_what_their_names_say(label: str) -> None:
    lab = labs.PhaseLab()
    lab.preset(label)
    if label == "The same, in the limit":
        assert lab.timescale_ratio == 0
        return
    assert lab.losses()[lab.run] >= phase.SUCCESS
    if label == "Works, fails, works":
        column = TABLE.neurons.tolist().index(lab.neurons)
        works = TABLE.losses[:, column, lab.run] < phase.SUCCESS
        row = TABLE.ratios.tolist().index(lab.timescale_ratio)
        assert works[:row].any()
        assert works[row:].any()


@pytest.mark.slow
def test_jax_ends_where_the_table_does() -> None:
    rows = [-1, 0, len(TABLE.ratios) // 2]
    for row in rows:
        lab = labs.PhaseLab(run=3, **cell(row, len(TABLE.neurons) // 2))
        run = lab.trajectory()
        assert run.losses[-1] == pytest.approx(lab.losses()[3], rel=0.02, abs=1e-6)
        assert run["positions"].shape == (97, lab.neurons)
        assert np.array_equal(run["positions"][0], lab.start())
        assert run.times[-1] == (phase.HORIZON if row >= 0 else phase.LIMIT_HORIZON)


@pytest.mark.browser
def test_saved_times_of_page_and_kernel_are_the_same(open_labs: Any) -> None:
    for ratio in (0.0, 0.05):
        python = labs.PhaseLab(timescale_ratio=ratio)
        _, [lab] = open_labs(python)
        np.testing.assert_allclose(lab.runs()["run"]["times"], python.saved_times(), rtol=1e-12)


def place(lab: Any, panel: str, x: float, y: float) -> tuple[float, float]:
    """Where on the page a place in a panel's data coordinates is."""
    lab.find(f'[data-panel="{panel}"] .ttl-plot').scroll_into_view_if_needed()
    return lab.root.evaluate(
        "(root, [name, x, y]) => { const { plot } = root.lab.panels"
        ".find(({ definition }) => definition.name === name);"
        " const box = plot.svg.getBoundingClientRect();"
        " return [box.left + plot.x(x), box.top + plot.y(y)]; }",
        [panel, x, y],
    )


def title(lab: Any, panel: str) -> str:
    return lab.find(f'[data-panel="{panel}"] .ttl-title').inner_text()


@pytest.mark.browser
def test_pointing_shows_a_cell_and_clicking_chooses_it(open_labs: Any) -> None:
    page, [lab] = open_labs(labs.PhaseLab(**cell(0, 0)))
    row, column = middle()
    before, state = lab.seen(), lab.state()
    page.mouse.move(*place(lab, "map", column, row))
    lab.settle()
    good = np.sum(TABLE.losses[row, column] < phase.SUCCESS)
    assert f"{TABLE.neurons[column]} neurons: {good} of {SEEDS} starts succeed" in title(
        lab, "runs"
    )
    assert lab.state() == state
    assert lab.summary() == before[1]
    page.mouse.move(5, 5)
    lab.settle()
    assert lab.seen() == before
    page.mouse.click(*place(lab, "map", column, row))
    lab.settle()
    assert {name: lab.state()[name] for name in ("timescale_ratio", "neurons")} == cell(row, column)
    assert f"{good} of {SEEDS} starts succeed" in lab.summary()
    assert "standard error" in lab.summary()
    page.mouse.click(*place(lab, "map", column, -1.6))
    lab.settle()
    assert lab.state()["timescale_ratio"] == 0
    assert "Limit (ratio 0)" in lab.summary()


@pytest.mark.browser
@pytest.mark.parametrize("row", [-1, 0, len(TABLE.ratios) - 1])
def test_a_run_that_is_clicked_starts_where_the_table_started_it(row: int, open_labs: Any) -> None:
    column = len(TABLE.neurons) // 2
    page, [lab] = open_labs(labs.PhaseLab(run=0, **cell(row, column)))
    losses = TABLE.limit_losses[column] if row < 0 else TABLE.losses[row, column]
    wanted = SEEDS - 2
    height = max(float(losses[wanted]), 0.0055)
    page.mouse.click(*place(lab, "runs", wanted, height))
    lab.settle()
    assert lab.state()["run"] == wanted
    run = lab.runs()["run"]
    with ttlearn.float64():
        start = np.asarray(phase.start_of(wanted, int(TABLE.neurons[column])))
    assert run["request"]["parameters"]["positions"] == start.tolist()
    assert run["request"]["engine"] == f"two_timescale_{'limit' if row < 0 else 'flow'}"
    rough = 0.5 if row == len(TABLE.ratios) - 1 else 0.02  # at ratio 1 some runs are sensitive
    assert run["losses"][-1] == pytest.approx(losses[wanted], rel=rough, abs=1e-6)
    word = "success" if run["losses"][-1] < (phase.SUCCESS if row >= 0 else 1e-6) else "failure"
    assert f"Run {wanted}, live: {word}" in lab.summary()
    assert title(lab, "loss").lower().startswith(word)


@pytest.mark.browser
def test_arrow_keys_walk_over_the_map_and_the_runs(open_labs: Any) -> None:
    page, [lab] = open_labs(labs.PhaseLab(run=0, **cell(0, 0)))
    lab.handle("cell").focus()
    for key, expected in (
        ("ArrowDown", cell(-1, 0)),
        ("ArrowDown", cell(-1, 0)),
        ("ArrowRight", cell(-1, 1)),
        ("ArrowUp", cell(0, 1)),
        ("ArrowUp", cell(1, 1)),
        ("ArrowLeft", cell(1, 0)),
        ("End", cell(1, len(TABLE.neurons) - 1)),
    ):
        page.keyboard.press(key)
        lab.settle()
        assert {name: lab.state()[name] for name in expected} == expected, key
    said = lab.handle("cell").get_attribute("aria-valuetext") or ""
    assert f"{TABLE.neurons[-1]} neurons" in said
    lab.handle("run").focus()
    page.keyboard.press("ArrowRight")
    lab.settle()
    assert lab.state()["run"] == 1
    assert "Run 1, live" in lab.summary()


@pytest.mark.browser
def test_a_tap_chooses_a_cell_on_a_narrow_page(open_labs: Any) -> None:
    far = cell(0, len(TABLE.neurons) - 1)  # a tap beside a mark is drawn to the mark
    page, [lab] = open_labs(labs.PhaseLab(**far), touch=True, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    row, column = middle()
    page.touchscreen.tap(*place(lab, "map", column, row))
    lab.settle()
    assert {name: lab.state()[name] for name in ("timescale_ratio", "neurons")} == cell(row, column)


@pytest.mark.browser
def test_the_slider_stops_at_the_cells_and_typed_numbers_become_the_nearest(open_labs: Any) -> None:
    page, [lab] = open_labs(labs.PhaseLab(**cell(0, 0)))
    lab.find('[type=range][data-name="timescale_ratio"]').focus()
    page.keyboard.press("ArrowRight")
    lab.settle()
    assert lab.state()["timescale_ratio"] == TABLE.ratios[1]
    field = lab.find('.ttl-number[data-name="timescale_ratio"]')
    page.keyboard.press("Home")
    lab.settle()
    assert (lab.state()["timescale_ratio"], field.input_value()) == (0, "0")
    field.fill(str(0.9 * TABLE.ratios[0]))
    page.keyboard.press("Enter")
    lab.settle()
    assert lab.state()["timescale_ratio"] == TABLE.ratios[0]
    assert "the nearest there is to" in lab.note()
    field.press("ArrowUp")
    lab.settle()
    assert lab.state()["timescale_ratio"] == TABLE.ratios[1]
    field.fill("7")
    page.keyboard.press("Enter")
    lab.settle()
    assert lab.state()["timescale_ratio"] == 1
    assert "outside" in lab.note()


@pytest.mark.browser
def test_a_link_opens_the_same_run(open_labs: Any) -> None:
    page, [lab] = open_labs(labs.PhaseLab())
    lab.set(run=2, **cell(1, 2))
    lab.find('[data-do="link"]').click()
    page.wait_for_function("location.hash !== ''")
    _, [elsewhere] = open_labs(labs.PhaseLab(), fragment=page.evaluate("location.hash"))
    assert elsewhere.state() == lab.state()
    assert elsewhere.note() == ""
    assert elsewhere.summary() == lab.summary()


@pytest.mark.browser
def test_the_numbers_are_those_of_the_table_and_of_the_run(open_labs: Any) -> None:
    row, column = middle()
    _, [lab] = open_labs(labs.PhaseLab(**cell(row, column)))
    table = lab.root.evaluate("(root) => root.lab.definition.table(root.lab.frame())")
    assert table["columns"][:2] == ["run", "loss at the end, table"]
    runs = [entry[1] for entry in table["rows"][:SEEDS]]
    assert runs == TABLE.losses[row, column].tolist()
    live = table["columns"].index("loss, live")
    assert [entry[live] for entry in table["rows"]] == lab.runs()["run"]["losses"]
    assert len(table["columns"]) == 4 + TABLE.neurons[column]


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(theme: str, open_labs: Any) -> None:
    page, [lab] = open_labs(labs.PhaseLab(), theme=theme)
    lab.unfold()
    lab.find(".ttl-numbers summary").click()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("(rules) => axe.run(document, { runOnly: rules })", rules)
    complaints = [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in found["violations"]]
    assert complaints == []


@pytest.mark.browser
def test_leaves_nothing_behind(open_labs: Any) -> None:
    page, [lab] = open_labs(labs.PhaseLab())
    x, y = centre(lab.find('[data-panel="map"] .ttl-plot'))
    page.mouse.move(x, y)
    page.evaluate("window.cleanups.forEach((clean) => clean())")
    page.mouse.move(x + 30, y)
    assert page.evaluate("window.workers") == 0
    assert page.evaluate("window.models.map((model) => model.listeners.length)") == [0]
    assert page.query_selector(".ttl-lab") is None
