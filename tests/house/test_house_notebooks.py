"""The notebooks are whole: text outputs stored, nothing heavy, first cell and contents in step."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import nbformat
import pytest
import yaml

import first_cell
import store_outputs
from book_site import ROOT

# The exercise sets have tests of their own, in tests/course.
PLACES = ("notebooks", "notebooks/paper_runs")
NOTEBOOKS = sorted(path for place in PLACES for path in (ROOT / place).glob("*.ipynb"))
LONGEST_CELL = 15

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def missing_outputs(notebook: nbformat.NotebookNode) -> str:
    """Why a notebook's stored outputs would compare nothing; empty when they compare something."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if any(cell.execution_count is None for cell in code):
        return "a code cell was never executed; run `make notebooks`"
    if not any(cell.outputs for cell in code):
        return "no output is stored; run `make notebooks`"
    return ""


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS, "no notebook found: every test below would pass by checking nothing"


@each_notebook
def test_outputs_are_stored(path: Path) -> None:
    assert not missing_outputs(nbformat.read(path, as_version=4))


def test_a_notebook_without_outputs_is_refused() -> None:
    cell = nbformat.v4.new_code_cell("1 + 1")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    assert "never executed" in missing_outputs(notebook)
    cell.execution_count = 1
    assert "no output" in missing_outputs(notebook)
    cell.outputs = [nbformat.v4.new_output("stream", text="2")]
    assert not missing_outputs(notebook)


@each_notebook
def test_nothing_heavy_or_fleeting_is_stored(path: Path) -> None:
    """What is stored is what `make notebooks` stores: stripping it again changes nothing."""
    notebook = nbformat.read(path, as_version=4)
    stripped = nbformat.read(path, as_version=4)
    store_outputs.strip(stripped)
    assert notebook == stripped, "run `make notebooks`"
    assert path.stat().st_size < 200_000


@each_notebook
def test_first_cell_installs_ttlearn_where_it_is_missing(path: Path) -> None:
    first = nbformat.read(path, as_version=4).cells[0]
    repository = first_cell.repository_of(first.source)
    assert first.source == first_cell.source(repository)
    assert first.metadata["tags"] == [first_cell.TAG]


def test_all_first_cells_name_the_same_repository() -> None:
    first = [nbformat.read(path, as_version=4).cells[0] for path in NOTEBOOKS]
    assert len({first_cell.repository_of(cell.source) for cell in first}) == 1


@each_notebook
def test_one_title_and_no_level_skipped(path: Path) -> None:
    text = markdown(path)
    levels = [len(marks) for marks in re.findall(r"^(#{1,6}) ", text, flags=re.MULTILINE)]
    assert levels.count(1) == 1, f"{levels.count(1)} titles; one `# Title` is needed"
    assert levels[0] == 1
    jumps = [(a, b) for a, b in itertools.pairwise(levels) if b > a + 1]
    assert not jumps, f"heading levels jump {jumps}"


@each_notebook
def test_code_cells_are_short_and_show_their_outputs_plainly(path: Path) -> None:
    for cell in code_cells(path)[1:]:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        shown = "remove-input" not in cell.metadata.get("tags", [])
        assert not shown or len(lines) <= LONGEST_CELL, f"{len(lines)} lines: {lines[0]}"
        # A closing semicolon hides nothing here: write `_ = ...`.
        assert not [line for line in lines if line.rstrip().endswith(";")]


def markdown(path: Path) -> str:
    """The markdown of a notebook, without fenced blocks."""
    notebook = nbformat.read(path, as_version=4)
    text = "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    return re.sub(r"^([`~:]{3,}).*?^\1\s*$", "", text, flags=re.MULTILINE | re.DOTALL)


def test_contents_list_every_notebook_once_and_only_files_that_exist() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [toc["root"], *files_of(toc)]
    assert len(listed) == len(set(listed))
    found = {path.relative_to(ROOT).with_suffix("").as_posix() for path in NOTEBOOKS}
    assert found == {file for file in listed if Path(file).parent.as_posix() in PLACES}
    for file in listed:
        assert any((ROOT / f"{file}{kind}").exists() for kind in (".md", ".ipynb")), file


def files_of(entry: dict) -> list[str]:
    """The files below one entry of the table of contents."""
    children = [child for key in ("parts", "chapters", "sections") for child in entry.get(key, [])]
    below = [file for child in children for file in files_of(child)]
    return [child["file"] for child in children if "file" in child] + below


def test_stripping_keeps_the_text_of_an_output_and_refuses_stderr() -> None:
    output = nbformat.v4.new_output(
        "display_data", {"image/png": "aGk=", "text/plain": "<Lab at 0x7f12ab>"}
    )
    kept = store_outputs.strip_output(output, 0)
    assert kept is not None
    assert kept.data == {"text/plain": "<Lab at 0x0>"}
    picture = nbformat.v4.new_output("display_data", {"image/png": "aGk="})
    assert store_outputs.strip_output(picture, 0) is None
    noise = nbformat.v4.new_output("stream", name="stderr", text="warning")
    with pytest.raises(store_outputs.NotebookError, match="cell 3 writes to stderr"):
        store_outputs.strip_output(noise, 3)


def test_first_cell_names_the_repository_it_is_given() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title")])
    first_cell.put(notebook, "")
    assert len(notebook.cells) == 2
    assert "pip install" in notebook.cells[0].source
    address = "https://github.com/owner/name"
    first_cell.put(notebook, address)
    assert len(notebook.cells) == 2
    assert first_cell.repository_of(notebook.cells[0].source) == address
