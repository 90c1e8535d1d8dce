"""Every public name is documented, and files and functions keep the size of one idea."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import ttlearn
from book_site import ROOT

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
PUBLIC = sorted(
    f"ttlearn.{module.name}"
    for module in pkgutil.iter_modules(ttlearn.__path__)
    if not module.name.startswith("_")
)
CODE = sorted([*ROOT.glob("ttlearn/**/*.py"), *ROOT.glob("tools/**/*.py")])
FILES = sorted([*CODE, *ROOT.glob("tests/**/*.py"), *ROOT.glob("ttlearn/labs/src/**/*.js")])


def undocumented(module_name: str) -> list[str]:
    """The public names of a module, and public methods of its classes, without a docstring."""
    module = importlib.import_module(module_name)
    found = [] if module.__doc__ else [module_name]
    for name in getattr(module, "__all__", []):
        thing = getattr(module, name)
        if not (inspect.isclass(thing) or inspect.isroutine(thing)):
            continue
        if not inspect.getdoc(thing):
            found.append(f"{module_name}.{name}")
        if inspect.isclass(thing):
            found += [
                f"{module_name}.{name}.{method}"
                for method, function in vars(thing).items()
                if not method.startswith("_") and inspect.isfunction(function)
                if not inspect.getdoc(function)
            ]
    return found


@pytest.mark.parametrize("module", ["ttlearn", *PUBLIC])
def test_every_public_name_has_a_docstring(module: str) -> None:
    assert not undocumented(module)


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_holds_one_idea(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{lines} lines; split the file along an idea"


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_function_holds_one_step(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = {
        f"{node.name}: {length(node)} lines"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and length(node) > LONGEST_FUNCTION
    }
    assert not long


def length(function: ast.FunctionDef) -> int:
    """Lines of a function, its docstring not counted."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def test_the_length_of_a_function_leaves_its_docstring_out() -> None:
    tree = ast.parse('def f(x):\n    """One.\n\n    Two.\n    """\n    y = x\n    return y\n')
    assert isinstance(tree.body[0], ast.FunctionDef)
    assert length(tree.body[0]) == 3
