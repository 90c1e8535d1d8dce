"""What is committed: third-party files as listed, whole wheels, no word about one machine."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import ttlearn
from book_site import ROOT

VENDOR = ROOT / "book/_static/vendor"
TEXT = {".py", ".md", ".toml", ".txt", ".in", ".yml", ".js", ".mjs", ".ts", ".css", ".html"}
TEXT |= {".json", ".ipynb", ".cfg", ".cff", ".bib", ".svg", ""}

# Assembled here, or this file would name what it forbids.
FOLDERS = "|".join(("work", "tmp", "root", "home", "farm", "opt", "Users"))
HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]
MACHINE = re.compile(rf"(?<![\w.$}})~*-])/(?:{FOLDERS})/\w")


def committed() -> list[Path]:
    """Every file that is, or could be, committed, without third-party ones."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listing.split("\0") if name]
    return [path for path in paths if path.is_file() and VENDOR not in path.parents]


def machine_words(text: str) -> list[str]:
    """Paths of one machine and hosts of package registries in ``text``."""
    return MACHINE.findall(text) + [host for host in HOSTS if host in text]


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): words
        for path in committed()
        if path.suffix in TEXT
        if (words := machine_words(path.read_text(encoding="utf-8", errors="replace")))
    }
    assert not found


def test_a_machine_path_is_seen() -> None:
    assert machine_words("see /" + "home/someone/notes")
    assert machine_words("from https://" + HOSTS[0])
    assert not machine_words("https://example.com/home/page and a/tmp/b")


def test_no_large_file_is_committed() -> None:
    large = {path.name: path.stat().st_size for path in committed() if path.stat().st_size > 1.5e6}
    assert not large


def manifest() -> list[dict]:
    return json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))["packages"]


def test_vendored_files_are_those_of_the_manifest() -> None:
    listed = {name: sum_ for package in manifest() for name, sum_ in package["files"].items()}
    present = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert present == listed, "run `make vendor`"


def test_vendored_versions_are_the_pinned_ones() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for package in manifest():
        assert package["licence"]
        name = package["name"]
        pinned = version("anywidget") if "PyPI" in name else lock[f"node_modules/{name}"]["version"]
        assert package["version"] == pinned, f"{name}: run `make vendor`"


def test_requirements_are_complete_and_end_in_the_package_itself() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "-e ."
    assert all("==" in line for line in lines[:-1])
    pinned = {line.split("==")[0] for line in lines[:-1]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["test"], *extras["book"], *extras["labs"]]
    names = {re.split(r"[<>=\[ ]", line)[0].lower() for line in wanted} - {"ttlearn"}
    assert names <= pinned, "run `make lock`"


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert project["version"] == ttlearn.__version__
    assert f"version: {ttlearn.__version__}\n" in citation
