"""`make book REPOSITORY=...`, on a copy of a small part of the book."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import first_cell
from book_site import ROOT

pytestmark = [pytest.mark.book, pytest.mark.slow]

ADDRESS = "https://github.com/owner/name"
BASE = "https://owner.github.io/name/"
LAUNCHED = re.compile(r'href="(https://(?:github|mybinder|colab)[^"]*)"')


def copy_of_the_book(folder: Path) -> Path:
    """The frame of the book and one lesson of two cells."""
    skip = shutil.ignore_patterns("vendor", "__pycache__", "api", "ledger.md", "primer.md")
    for name in ("book", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=skip)
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, folder / name)
    cells = [nbformat.v4.new_markdown_cell("# Small"), nbformat.v4.new_code_cell("1 + 1")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    first_cell.put(notebook, "")
    (folder / "notebooks").mkdir()
    nbformat.write(notebook, folder / "notebooks/small.ipynb")
    return folder


def build(folder: Path, *options: str) -> Path:
    """Build it; the folder of its pages."""
    program = [sys.executable, "tools/build_book.py", "--only", "notebooks/small", "--quiet"]
    done = subprocess.run(
        [*program, *options], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / "_build_only/small/_build/html"


def links(page: Path) -> set[str]:
    """Where the buttons of a page lead, questions in addresses left out."""
    found = LAUNCHED.findall(page.read_text(encoding="utf-8"))
    return {link.split("?plain")[0].split("?title")[0] for link in found}


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_of_the_book(tmp_path_factory.mktemp("launched"))
    build(folder, "--repository", f"{ADDRESS}.git", "--baseurl", BASE)
    return folder


def test_a_lesson_leads_to_binder_colab_source_and_issues(launched: Path) -> None:
    page = launched / "_build_only/small/_build/html/notebooks/small.html"
    assert links(page) == {
        ADDRESS,
        f"{ADDRESS}/blob/main/notebooks/small.ipynb",
        f"{ADDRESS}/issues/new",
        "https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/notebooks/small.ipynb",
        "https://colab.research.google.com/github/owner/name/blob/main/notebooks/small.ipynb",
    }
    assert f'content="{BASE}notebooks/small.html"' in page.read_text(encoding="utf-8")


def test_a_page_that_is_no_notebook_has_no_colab_button(launched: Path) -> None:
    for name in ("intro", "notation"):
        found = links(launched / f"_build_only/small/_build/html/book/{name}.html")
        assert f"{ADDRESS}/blob/main/book/{name}.md" in found
        assert not [link for link in found if "colab" in link]


def test_the_first_cell_installs_from_there(launched: Path) -> None:
    notebook = nbformat.read(launched / "notebooks/small.ipynb", as_version=4)
    assert first_cell.repository_of(notebook.cells[0].source) == ADDRESS


def test_without_a_repository_nothing_leads_out(tmp_path: Path) -> None:
    pages = build(copy_of_the_book(tmp_path))
    assert {page.name: links(page) for page in pages.rglob("*.html") if links(page)} == {}
    notebook = nbformat.read(tmp_path / "notebooks/small.ipynb", as_version=4)
    assert first_cell.repository_of(notebook.cells[0].source) == ""
