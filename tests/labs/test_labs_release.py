"""What a release hands out, away from this repository: labs that are drawn, without a network."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab_driver import LabDriver

import release

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WRITE_A_PAGE = """
import pathlib, sys
sys.path[:0] = sys.argv[1:3]
import lab_page, ttlearn
from ttlearn import labs
assert pathlib.Path(ttlearn.__file__).is_relative_to(sys.argv[1]), ttlearn.__file__
lab_page.write_page(pathlib.Path("labs.html").resolve(), [labs.RaceLab(), labs.AtlasLab()])
"""


def test_labs_of_the_installed_wheel_are_drawn(
    tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    release.build_packages(tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    place = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(place), str(wheel)], check=True)
    helpers = str(Path(__file__).resolve().parent)
    command = [sys.executable, "-c", WRITE_A_PAGE, str(place), helpers]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = open_page((tmp_path / "labs.html").as_uri())
    for index in range(2):
        lab = LabDriver(page, index)
        lab.settle()
        assert "<path" in lab.picture()
        assert lab.summary()


@pytest.mark.book
def test_labs_of_the_zipped_book_are_drawn(
    built_book: Path, tmp_path: Path, new_page: Callable[..., Any]
) -> None:
    target = tmp_path / "ttlearn-book.zip"
    release.zip_book(built_book, target)
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path)
    for name in ("book/intro.html", "notebooks/03_the_race.html"):
        page, watch = new_page()
        page.goto((tmp_path / "ttlearn-book" / name).as_uri())
        lab = LabDriver(page)
        lab.settle()
        assert "<path" in lab.picture(), name
        assert not watch.complaints(), watch.complaints()
