"""A page that holds labs and nothing else, so that a lab's tests need no built book.

The model has the manners of a widget in a built page: state, events, and nobody who answers.
"""

from __future__ import annotations

import base64
import json
import pathlib

_TEMPLATE = pathlib.Path(__file__).with_suffix(".html")


def write_page(path: pathlib.Path, labs: list, theme: str = "light") -> str:
    """Write a page with these labs; its file:// address."""
    specs = []
    for lab in labs:
        state = lab.get_state()
        esm, bank = state.pop("_esm"), bytes(state.pop("_bank", b""))
        plain = {k: v for k, v in state.items() if k not in {"layout", "tabbable", "tooltip"}}
        specs.append({"state": plain, "esm": esm, "bank": base64.b64encode(bank).decode()})
    text = json.dumps(specs).replace("</", "<\\/")
    mounts = '<div class="mount"></div>' * len(labs)
    page = _TEMPLATE.read_text(encoding="utf-8").replace("THEME", theme)
    page = page.replace("MOUNTS", mounts).replace("SPECS", text)
    path.write_text(page, encoding="utf-8")
    return path.as_uri()
