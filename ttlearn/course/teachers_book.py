"""The teacher's book: the exercise sets with their solutions, apart from the public book."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat

from ttlearn.course.classroom import ClassroomError

MARKERS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", flags=re.MULTILINE)
HIDDEN = re.compile(r"\n?### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", flags=re.DOTALL)

CONFIG = """\
title: "ttlearn: teacher's book"
only_build_toc_files: true
execute: {execute_notebooks: force, timeout: 300, raise_on_error: true}
parse:
  myst_enable_extensions: [amsmath, colon_fence, dollarmath]
html: {use_multitoc_numbering: false}
sphinx:
  extra_extensions: [sphinx_design, sphinx_togglebutton]
"""

# With the browser files of the public book, formulas and questions need no network.
ASSETS = ("vendor", "js", "css")
OFFLINE = """\
  recursive_update: true
  config:
    html_static_path: [assets]
    html_js_files: [[js/theme-fixes.js, {priority: 1}]]
    html_css_files: [css/custom.css]
    html_theme_options: {navbar_persistent: []}
    html_context: {default_mode: auto}
    mathjax_path: vendor/mathjax/tex-chtml-full.js
    nb_ipywidgets_js: {vendor/require.js: {}, js/widgets-config.js: {}, vendor/embed-amd.js: {}}
"""

INTRO = """\
# Teacher's book

The exercise sets with one solution each, run from top to bottom, and rubrics for the proof steps.
The checks accept any answer with the right properties. Keep this book out of what students see.
"""


def with_solutions(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same notebook with its solutions in the open and without hidden tests."""
    for cell in notebook.cells:
        cell.source = HIDDEN.sub("", MARKERS.sub("", cell.source))
    return notebook


def copy_assets(source: Path, target: Path) -> bool:
    """Copy the public book's browser files to ``target``; whether ``source`` lies in a clone."""
    for folder in source.resolve().parents:
        static = folder / "book/_static"
        if all((static / name).is_dir() for name in ASSETS):
            for name in ASSETS:
                shutil.copytree(static / name, target / name)
            return True
    return False


def build(names: Sequence[str], source: Path, target: Path) -> Path:
    """Build the book into ``target``; returns the page to open.

    Raises:
        ClassroomError: when a solution fails or the book does not build.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    toc = ["format: jb-book", "root: intro", "chapters:"]
    for name in names:
        notebook = nbformat.read(source / name / f"{name}.ipynb", as_version=4)
        nbformat.write(with_solutions(notebook), target / f"{name}.ipynb")
        toc.append(f"  - file: {name}")
    (target / "_toc.yml").write_text("\n".join(toc) + "\n", encoding="utf-8")
    offline = OFFLINE if copy_assets(source, target / "assets") else ""
    (target / "_config.yml").write_text(CONFIG + offline, encoding="utf-8")
    (target / "intro.md").write_text(INTRO, encoding="utf-8")
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", str(target)]
    if not Path(command[0]).exists():
        raise ClassroomError("jupyter-book is missing; pip install -r requirements.txt")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    page = target / "_build/html/index.html"
    if done.returncode != 0 or not page.exists():
        raise ClassroomError(f"the book did not build:\n{(done.stdout + done.stderr)[-3000:]}")
    return page
