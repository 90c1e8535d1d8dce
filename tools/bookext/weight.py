"""A page carries the widgets that it shows: labs that a notebook only computes with stay behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

REFERENCE = re.compile(r"IPY_MODEL_([0-9a-zA-Z-]+)")


def shown(state: Mapping[str, Any], views: Iterable[str]) -> dict[str, Any]:
    """``state`` without the script-bearing models that no view, box or link leads to.

    Each of them holds its whole script. All others are kept: some act unseen, as links do.

    >>> lab = {"state": {"_esm": "export default {}"}}
    >>> box = {"state": {"children": ["IPY_MODEL_b"]}}
    >>> list(shown({"a": lab, "b": lab, "c": lab, "box": box}, ["a"]))
    ['a', 'b', 'box']
    """
    plain = [name for name, model in state.items() if "_esm" not in model.get("state", {})]
    wanted, kept = [*views, *plain], set()
    while wanted:
        name = wanted.pop()
        if name not in kept and name in state:
            kept.add(name)
            wanted += REFERENCE.findall(json.dumps(state[name].get("state", {})))
    return {name: model for name, model in state.items() if name in kept}
