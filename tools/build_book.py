"""Build the book into _build/html, afresh, with every warning an error.

    make book
    make book REPOSITORY=https://github.com/owner/name

With a repository, each page gets links to it and launch buttons for Binder and Colab; without one
no link is shown that may lead nowhere. To look at one page while writing it:

    .venv/bin/python tools/build_book.py --only notebooks/01_the_picture
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import yaml

import first_cell

ROOT = Path(__file__).resolve().parents[1]
FRAME = ("book/notation", "book/references")
Yaml = dict[str, Any]


def main() -> int:
    """Build and say where to open the book."""
    arguments = parse()
    only = [str(Path(page).with_suffix("")) for page in arguments.only]
    output = ROOT / "_build_only" / Path(only[0]).name if only else ROOT
    build = output / "_build"
    # An unchanged notebook is not executed again when only the library changed: start from nothing.
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    if arguments.repository:
        first_cell.write(first_cell.notebooks(), arguments.repository)
    config = write(build / "config.yml", complete(read("_config.yml"), arguments))
    toc = write(build / "toc.yml", numbered(shorten(read("_toc.yml"), only)))
    status = jupyter_book(output, config, toc, strict=not only, quiet=arguments.quiet)
    if status == 0:
        print(f"\nThe book is ready: open {build / 'html/index.html'}, or serve it: make serve")
    return status


def parse() -> argparse.Namespace:
    """The command's arguments, the repository's address without its decorations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", default="", help="https address of the public repository")
    parser.add_argument("--branch", default="main", help="branch that the links point to")
    parser.add_argument("--baseurl", default="", help="where the book will be served, if known")
    parser.add_argument("--only", nargs="+", default=[], help="pages to build beside the reference")
    parser.add_argument("--quiet", action="store_true", help="print warnings and errors only")
    arguments = parser.parse_args()
    found = arguments.repository
    arguments.repository = found.strip().rstrip("/").removesuffix(".git")
    if found and not arguments.repository.startswith("https://"):
        parser.error(f"REPOSITORY is {found!r}; give its address: https://github.com/owner/name")
    return arguments


def complete(config: Yaml, arguments: argparse.Namespace) -> Yaml:
    """The configuration of jupyter-book with what is only known now."""
    extensions = config["sphinx"]["local_extensions"]
    for name, folder in extensions.items():
        extensions[name] = str(ROOT / folder)
    html = config["html"]
    if arguments.baseurl:
        html["baseurl"] = arguments.baseurl
    if arguments.repository:
        where = {"url": arguments.repository, "path_to_book": "", "branch": arguments.branch}
        config["repository"] = where
        html |= {"use_repository_button": True, "use_issues_button": True}
        config["sphinx"]["config"]["html_theme_options"]["use_source_button"] = True
        config["launch_buttons"] = {
            "notebook_interface": "jupyterlab",
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
        }
    return config


def shorten(toc: Yaml, only: list[str]) -> Yaml:
    """The table of contents, with just the pages asked for where there are any."""
    if not only:
        return toc
    pages = [{"file": page} for page in (*only, *FRAME) if page != toc["root"]]
    return {"format": toc["format"], "root": toc["root"], "chapters": pages}


def numbered(toc: Yaml) -> Yaml:
    """The table of contents with each lesson's number before its title: texts refer to it."""
    for part in toc.get("parts", [toc]):
        for chapter in part["chapters"]:
            lesson = re.fullmatch(r"notebooks/(\d\d)_\w+", chapter["file"])
            if lesson:
                cells = nbformat.read(ROOT / f"{chapter['file']}.ipynb", as_version=4).cells
                title = next(c.source for c in cells if c.source.startswith("# ")).splitlines()[0]
                chapter["title"] = f"{int(lesson[1])}. {title[2:]}"
    return toc


def jupyter_book(output: Path, config: Path, toc: Path, strict: bool, quiet: bool) -> int:
    """Run jupyter-book and return its exit status."""
    program = str(Path(sys.executable).with_name("jupyter-book"))
    command = [program, "build", ".", "--path-output", str(output), "--all"]
    command += ["--config", str(config), "--toc", str(toc)]
    command += ["-W", "-n", "--keep-going"] if strict else []
    command += ["-q"] if quiet else []
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def read(name: str) -> Yaml:
    """One of the two YAML files at the root."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def write(path: Path, content: Yaml) -> Path:
    """Write YAML and return its path."""
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
