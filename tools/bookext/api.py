"""``{api} ttlearn.room``: the public names of a package, from their docstrings.

A public name without a docstring is a warning, and so fails the build.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookext.docstrings import paragraph, render

logger = logging.getLogger(__name__)
WIDTH = 88


def setup(app: Any) -> None:
    """Register the directive."""
    app.add_directive("api", Api)


class Api(SphinxDirective):
    """One section for each public name of the package named."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The package's own docstring, then its names in the order of ``__all__``."""
        module = importlib.import_module(self.arguments[0])
        out = render(inspect.getdoc(module) or "")
        names = [name for name in public_names(module) if not name.startswith("__")]
        return [*out, *(self.section(module, name) for name in names)]

    def section(self, module: ModuleType, name: str) -> nodes.section:
        """Heading, signature and docstring of one name, with a target for links."""
        thing = getattr(module, name)
        full = f"{module.__name__}.{name}"
        section = nodes.section(ids=[full.replace("_", "-").replace(".", "-")])
        section += nodes.title("", "", nodes.literal("", name))
        entry = ("single", f"{name} ({module.__name__})", section["ids"][0], "", None)
        section += addnodes.index(entries=[entry])
        if inspect.isclass(thing) or inspect.isroutine(thing) or inspect.ismodule(thing):
            section.extend(describe(thing, name, full))
        else:
            section += paragraph(f"``{constant_text(thing)}``")
        self.state.document.note_explicit_target(section)
        domain: Any = self.env.get_domain("std")
        label = full.lower()
        # Labels know no capitals: of a class and a function that differ by them, the first has it.
        if domain.labels.get(label, ("",))[0] != self.env.docname:
            domain.note_hyperlink_target(label, self.env.docname, section["ids"][0], name)
        return section


def public_names(module: ModuleType) -> list[str]:
    """What ``__all__`` lists, without subpackages."""
    names = getattr(module, "__all__", [])
    return [name for name in names if not inspect.ismodule(getattr(module, name))]


def describe(thing: Any, name: str, full: str) -> list[nodes.Node]:
    """Signature, docstring and public methods."""
    text = inspect.getdoc(thing) or ""
    if not text:
        logger.warning("%s is public and has no docstring", full)
    out: list[nodes.Node] = [signature_block(thing, name)]
    out.extend(render(text))
    methods = vars(thing) if inspect.isclass(thing) else {}
    for method, value in methods.items():
        function = getattr(value, "__func__", value)
        if method.startswith("_") or not inspect.isfunction(function):
            continue
        out.append(signature_block(function, f"{name}.{method}"))
        out.extend(render(inspect.getdoc(function) or ""))
    return out


def signature_block(thing: Any, name: str) -> nodes.literal_block:
    """``name(arguments)`` as Python code, one argument a line where it is long."""
    text = signature_text(thing, name)
    block = nodes.literal_block(text, text)
    block["language"] = "python"
    return block


def signature_text(thing: Any, name: str) -> str:
    """The call of ``thing``; for an enumeration its members."""
    if inspect.isclass(thing) and issubclass(thing, enum.Enum):
        return "\n".join(f"{name}.{member.name}" for member in thing)
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return name
    arguments = [p for p in signature.parameters.values() if p.name != "self"]
    signature = signature.replace(parameters=arguments)
    text = plain(f"{name}{signature}")
    return text if len(text) <= WIDTH else fold(name, signature)


def fold(name: str, signature: inspect.Signature) -> str:
    """A long signature, one argument a line."""
    lines = [f"    {plain(str(parameter))}," for parameter in signature.parameters.values()]
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    keyword = inspect.Parameter.KEYWORD_ONLY
    if keyword in kinds and inspect.Parameter.VAR_POSITIONAL not in kinds:
        lines.insert(kinds.index(keyword), "    *,")
    returned = signature.return_annotation
    arrow = "" if returned is inspect.Signature.empty else f" -> {plain(str(returned))}"
    return "\n".join([f"{name}(", *lines, f"){arrow}"])


def plain(text: str) -> str:
    """Annotations as the source writes them: no quotes, no ForwardRef, no module of ours."""
    text = re.sub(r"ForwardRef\('([^']*)'[^)]*\)", r"\1", text)
    text = re.sub(r"<class '([^']*)'>", r"\1", text)
    return re.sub(r"\bttlearn\.(?:\w+\.)+", "", text).replace("'", "")


def constant_text(value: Any) -> str:
    """A constant's value, its keys where it is a mapping, cut where it is long."""
    shown = f"{{{', '.join(map(repr, value))}}}" if isinstance(value, Mapping) else repr(value)
    return shown if len(shown) <= WIDTH else f"{shown[:WIDTH]}..."
