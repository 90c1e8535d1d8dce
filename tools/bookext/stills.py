"""The labs' pictures: what each is called, and which state of its lab it shows.

They lie in book/_static/labs, one for each lab of each page, and are taken by ``make pictures``.
`stills.json` keeps for each the parameters that it shows, so that an old picture is found out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "book/_static/labs"
LIST = FOLDER / "stills.json"
STILL = re.compile(r'<figure class="tt-still" data-lab="([^"]*)" data-parameters="([^"]*)">')
DIGITS = 6


def name(page: str, number: int) -> str:
    """The name of a page's first, second ... lab's picture."""
    return f"{PurePosixPath(page).name}-{number}"


def parameters(traits: Mapping[str, Any]) -> str:
    """A fingerprint of what a lab opens on; the last digits of computed numbers do not count."""
    names = [control["name"] for control in traits["_controls"]]
    shown = {key: traits.get(key) for key in [*names, "title", "moment"]}
    text = json.dumps(_rounded(shown), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, int | float) else value


def known() -> dict[str, dict[str, Any]]:
    """For each picture taken: the parameters it shows, its words and its size."""
    return json.loads(LIST.read_text(encoding="utf-8")) if LIST.exists() else {}


def wanted(site: Path) -> dict[str, list[tuple[str, str]]]:
    """The labs of each page of a built book: name of the picture, and parameters."""
    pages = sorted(site.rglob("*.html"))
    found = {page: STILL.findall(page.read_text(encoding="utf-8")) for page in pages}
    return {page.relative_to(site).as_posix(): labs for page, labs in found.items() if labs}
