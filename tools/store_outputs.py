"""Execute notebooks and store their outputs without images, widget state, timings and addresses.

    make notebooks
    .venv/bin/python tools/store_outputs.py notebooks/01_the_picture.ipynb

What stays is text: printed numbers and alt texts, which the tests compare with a fresh run.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import first_cell

ROOT = Path(__file__).resolve().parents[1]
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
IGNORED = "nbval-ignore-output"
WIDGET = "application/vnd.jupyter.widget"
ADDRESS = re.compile(r"0x[0-9a-f]+")
SECONDS_A_CELL = 120


class NotebookError(Exception):
    """A notebook that cannot be stored; says which cell and why."""


def main() -> int:
    """Store the outputs of the notebooks named, or of all in the folders named."""
    status = 0
    for path in notebooks(sys.argv[1:] or ["notebooks"]):
        start = time.monotonic()
        try:
            store(path)
        except NotebookError as error:
            print(f"{path.name}: {error}")
            status = 1
        else:
            print(f"{path.name}: stored, {time.monotonic() - start:.0f} s")
    return status


def notebooks(names: list[str]) -> list[Path]:
    """The notebooks meant by files and folders."""
    paths = [Path(name).resolve() for name in names]
    return [n for p in paths for n in (sorted(p.glob("*.ipynb")) if p.is_dir() else [p])]


def store(path: Path) -> None:
    """Execute one notebook and write it back, stripped.

    Raises:
        NotebookError: when a cell raises, or writes to stderr. The file stays as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    repository = first_cell.repository_of(notebook.cells[0].source) if notebook.cells else ""
    first_cell.put(notebook, repository)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    client = NotebookClient(notebook, timeout=SECONDS_A_CELL, kernel_name="python3")
    try:
        client.execute(cwd=str(path.parent))
    except CellExecutionError as error:
        raise NotebookError(str(error)) from error
    strip(notebook)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def strip(notebook: nbformat.NotebookNode) -> None:
    """Take out of ``notebook`` what is large or differs from run to run."""
    language = nbformat.from_dict({"name": "python"})
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": language})
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        ignored = IGNORED in cell.metadata.get("tags", [])
        stripped = [strip_output(output, index) for output in cell.outputs]
        cell.outputs = [] if ignored else [output for output in stripped if output]


def strip_output(output: nbformat.NotebookNode, index: int) -> nbformat.NotebookNode | None:
    """One output reduced to its text, or None when nothing is left of it."""
    if output.output_type == "stream":
        if output.name == "stderr":
            raise NotebookError(f"cell {index} writes to stderr: {output.text[:200]!r}")
        output.text = ADDRESS.sub("0x0", output.text)
        return output
    if output.output_type in ("display_data", "execute_result"):
        output.metadata = nbformat.from_dict({})
        output.data = nbformat.from_dict(
            {
                kind: ADDRESS.sub("0x0", content) if isinstance(content, str) else content
                for kind, content in output.data.items()
                if not kind.startswith(("image/", WIDGET))
            }
        )
        return output if output.data else None
    return output


if __name__ == "__main__":
    sys.exit(main())
