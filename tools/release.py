"""Make a release in dist/: the offline book as a zip, wheel and sdist, checksums and notes.

    make release
    make release REPOSITORY=https://github.com/owner/name BASEURL=https://owner.github.io/name/

The book must have been built just before; make does that.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import ttlearn

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build/html"
DIST = ROOT / "dist"


def main() -> int:
    """Build everything afresh into dist/."""
    if not (SITE / "index.html").exists():
        print("No built book found; run `make book` first")
        return 1
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    zip_book(SITE, DIST / f"ttlearn-book-{ttlearn.__version__}.zip")
    build_packages(DIST)
    (DIST / "NOTES.md").write_text(notes(ttlearn.__version__), encoding="utf-8")
    write_checksums(DIST)
    for path in sorted(DIST.iterdir()):
        print(f"{path.stat().st_size / 1e6:8.2f} MB  {path.relative_to(ROOT)}")
    return 0


def zip_book(site: Path, target: Path) -> None:
    """The whole site in one folder of a zip file: unpack it and open index.html."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(site.rglob("*")):
            if path.is_file() and path.name != ".buildinfo":
                archive.write(path, Path(target.stem) / path.relative_to(site))
        archive.write(ROOT / "LICENSE", Path(target.stem) / "LICENSE.txt")
        archive.write(ROOT / "LICENSE-docs", Path(target.stem) / "LICENSE-docs.txt")


def build_packages(folder: Path) -> None:
    """Wheel and sdist, the labs' bundles inside."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def notes(version: str) -> str:
    """The changelog's section for this version, or its unreleased one."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\S+)[^\n]*\n(.*?)(?=^## |\Z)", changelog, re.M | re.S))
    body = sections.get(version) or sections.get("Unreleased")
    if not body:
        raise ValueError(f"CHANGELOG.md has no section {version} and none called Unreleased")
    return f"# ttlearn {version}\n\n{body.strip()}\n"


def write_checksums(folder: Path) -> None:
    """SHA256SUMS of everything in ``folder``, as sha256sum --check reads it."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}"
        for path in sorted(folder.iterdir())
        if path.name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
