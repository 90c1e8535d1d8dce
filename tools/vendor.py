"""Refresh book/_static/vendor: the browser side of the book, so that no page asks another server.

    make vendor

html-manager, require.js and MathJax come from npm (versions in package-lock.json); anywidget's AMD
module comes from the installed Python package, so the two halves of anywidget always match.
`manifest.json` records name, version, licence and the SHA-256 of each file; a test checks it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "book/_static/vendor"
MODULES = ROOT / "node_modules"

HTML_MANAGER = "@jupyter-widgets/html-manager"
MATHJAX_FONTS = "output/chtml/fonts/woff-v2"


def main() -> None:
    """Copy the files afresh and write the manifest."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    packages = [_require_js(), _html_manager(), _mathjax(), _anywidget()]
    text = json.dumps({"packages": packages}, indent=2) + "\n"
    (VENDOR / "manifest.json").write_text(text, encoding="utf-8")
    print(f"{sum(len(package['files']) for package in packages)} files vendored")


def _require_js() -> dict[str, Any]:
    folder = MODULES / "requirejs"
    return _npm_entry("requirejs", {"require.js": folder / "require.js"})


def _html_manager() -> dict[str, Any]:
    dist = MODULES / HTML_MANAGER / "dist"
    files = {"embed-amd.js": dist / "embed-amd.js"}
    files |= {f"fonts/{font.name}": font for font in sorted(dist.glob("*.woff2"))}
    # The npm package carries no licence file; it is built from the sources of ipywidgets.
    files["licences/ipywidgets.txt"] = _python_licence("ipywidgets")
    return _npm_entry(HTML_MANAGER, files) | {
        "licence": "BSD-3-Clause; its Font Awesome fonts OFL-1.1"
    }


def _mathjax() -> dict[str, Any]:
    folder = MODULES / "mathjax"
    fonts = sorted((folder / "es5" / MATHJAX_FONTS).glob("*.woff"))
    files = {"mathjax/tex-chtml-full.js": folder / "es5/tex-chtml-full.js"}
    files |= {f"mathjax/{MATHJAX_FONTS}/{font.name}": font for font in fonts}
    files["licences/mathjax.txt"] = folder / "LICENSE"
    return _npm_entry("mathjax", files)


def _anywidget() -> dict[str, Any]:
    package = distribution("anywidget")
    files = {
        "anywidget.js": Path(str(package.locate_file("anywidget/nbextension/index.js"))),
        "licences/anywidget.txt": _python_licence("anywidget"),
    }
    return _entry("anywidget (PyPI)", package.version, "MIT", files)


def _npm_entry(name: str, files: dict[str, Path]) -> dict[str, Any]:
    package = json.loads((MODULES / name / "package.json").read_text(encoding="utf-8"))
    return _entry(name, package["version"], package["license"], files)


def _entry(name: str, version: str, licence: str, files: dict[str, Path]) -> dict[str, Any]:
    for target, source in files.items():
        (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, VENDOR / target)
    sums = {target: hashlib.sha256((VENDOR / target).read_bytes()).hexdigest() for target in files}
    return {"name": name, "version": version, "licence": licence, "files": sums}


def _python_licence(name: str) -> Path:
    package = distribution(name)
    for file in package.files or []:
        if file.name.startswith("LICENSE"):
            return Path(str(file.locate()))
    raise FileNotFoundError(f"{name} {package.version} carries no licence file")


if __name__ == "__main__":
    main()
