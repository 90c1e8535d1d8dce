"""What a release hands out works away from this repository."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import release
import ttlearn
from book_site import ROOT

SHOW_A_LAB = """
import pathlib, sys
import ttlearn
from ttlearn import labs
assert pathlib.Path(ttlearn.__file__).is_relative_to(sys.argv[1]), ttlearn.__file__
shown = [getattr(labs, name) for name in labs.__all__]
kinds = [kind for kind in shown if isinstance(kind, type) and getattr(kind, "bundle", "")]
assert kinds, "no lab is public"
for kind in kinds:
    lab = kind()
    text = str(lab._esm)
    assert "export" in text and len(text) > 1000, kind
print(len(kinds))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    release.build_packages(folder)
    return folder


@pytest.mark.slow
def test_a_lab_can_be_shown_from_the_installed_wheel(packages: Path, tmp_path: Path) -> None:
    (wheel,) = packages.glob("*.whl")
    place = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    code = f"import sys; sys.path.insert(0, sys.argv[1])\n{SHOW_A_LAB}"
    command = [sys.executable, "-c", code, str(place)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 1


@pytest.mark.slow
def test_wheel_and_sdist_hold_bundles_and_licences(packages: Path) -> None:
    bundles = {p.relative_to(ROOT).as_posix() for p in (ROOT / "ttlearn/labs/static").glob("*.js")}
    assert bundles, "no bundle found"
    (wheel,) = packages.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert bundles <= names
    assert "ttlearn/py.typed" in names  # or type checkers pass over the annotations
    assert {"LICENSE", "LICENSE-docs"} <= {name.rsplit("/", 1)[-1] for name in names}
    assert len(list(packages.glob("*.tar.gz"))) == 1


def test_the_zipped_book_opens_from_one_folder(tmp_path: Path) -> None:
    site = tmp_path / "html"
    (site / "book").mkdir(parents=True)
    (site / "index.html").write_text("start")
    (site / "book/intro.html").write_text("intro")
    target = tmp_path / "ttlearn-book-1.zip"
    release.zip_book(site, target)
    names = zipfile.ZipFile(target).namelist()
    assert "ttlearn-book-1/index.html" in names
    assert "ttlearn-book-1/book/intro.html" in names
    assert "ttlearn-book-1/LICENSE-docs.txt" in names


def test_checksums_are_those_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc")
    release.write_checksums(tmp_path)
    expected = hashlib.sha256(b"abc").hexdigest()
    assert (tmp_path / "SHA256SUMS").read_text() == f"{expected}  a.txt\n"


def test_notes_are_the_changelog_section_of_this_version() -> None:
    text = release.notes(ttlearn.__version__)
    assert text.startswith(f"# ttlearn {ttlearn.__version__}\n")
    assert len(text.splitlines()) > 3
