"""What makes a function this function: its code and every value it holds, for checkpoints.

Names are not enough: ``partial(kernel, power=2)`` and ``partial(kernel, power=3)``, two lambdas,
and two closures of one factory bear the same name and compute something else.
"""

from __future__ import annotations

import dis
import functools
import hashlib
import inspect
import re
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax
import numpy as np

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
LIBRARIES = ("jax", "jaxlib", "numpy", "functools")
DEEPEST = 60
SHORT = 24
WRAPPED = ("__wrapped__", "jvp", "fwd", "bwd")


def name_of(function: Any) -> str:
    """A function's name within its module; a partial is its function.

    Without the module, since a script's own functions live in ``__main__``.
    """
    function = getattr(function, "func", function)
    return str(getattr(function, "__qualname__", type(function).__qualname__))


def identify(function: Callable[..., Any]) -> str:
    """A function's name, the short values it holds and a digest of all that it computes with.

    The digest covers the code, the arguments of a partial, default arguments, closed-over values
    and the global names that the code reads: arrays by content, functions of the same module in
    turn, those of other modules by name. It is the same in every process of one Python version.

    >>> def scaled(factor):
    ...     return lambda x: factor * x
    >>> identify(scaled(2)) == identify(scaled(2)), identify(scaled(2)) == identify(scaled(3))
    (True, False)
    >>> identify(functools.partial(pow, exp=3)).split(", ")[0]
    'pow(exp=3)'
    """
    digest = hashlib.sha256(_Reader().read(function, None).encode()).hexdigest()
    held = ", ".join(f"{name}={value!r}" for name, value in _short_values(function))
    return f"{name_of(function)}{f'({held})' if held else ''}, digest {digest[:16]}"


def fingerprint(*trees: Any) -> str:
    """A digest of the structure, types and numbers of pytrees of arrays.

    >>> fingerprint(np.zeros(2)) == fingerprint(np.zeros(2))
    True
    >>> fingerprint(np.zeros(2)) == fingerprint(np.zeros(2, np.float32))
    False
    """
    digest = hashlib.sha256()
    for path, leaf in jax.tree_util.tree_leaves_with_path(trees):
        if isinstance(leaf, jax.Array) and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            leaf = jax.random.key_data(leaf)
        array = np.ascontiguousarray(leaf)
        label = f"{jax.tree_util.keystr(path)}:{array.dtype.str}:{array.shape};"
        digest.update(label.encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _short_values(function: Any) -> Iterable[tuple[str, Any]]:
    """The plain values that a message can show: of a partial's arguments, or closed over."""
    if isinstance(function, functools.partial):
        named = {f"argument {i}": value for i, value in enumerate(function.args)}
        pairs: Mapping[str, Any] = named | function.keywords
    elif isinstance(function, types.FunctionType):
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        pairs = {name: _content(cell) for name, cell in cells}
    else:
        return
    for name, value in pairs.items():
        if isinstance(value, bool | int | float | str) and len(repr(value)) <= SHORT:
            yield name, value


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return "nothing yet"


class _Reader:
    """Describes values by what they hold, so that equal ones read equal in every process.

    ``home`` holds the names of the module through which a value was reached, or is None when it was
    handed over: code that lives elsewhere than ``home`` counts by its name.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], str] = {}
        self._kept: list[Any] = []
        self._open: list[int] = []

    def read(self, value: Any, home: dict[str, Any] | None) -> str:
        """A line for a plain value; type and digest for anything else."""
        if value is None or value is Ellipsis or isinstance(value, bool | int | float | complex):
            return f"{type(value).__name__} {value!r}"
        if isinstance(value, str | bytes):
            return f"{type(value).__name__} {value!r}"
        if isinstance(value, types.ModuleType):
            return f"module {value.__name__}"
        if isinstance(value, type):
            return f"class {value.__qualname__}"
        if id(value) in self._open:
            return f"cycle {len(self._open) - self._open.index(id(value))}"
        if len(self._open) > DEEPEST:
            return f"deep {type(value).__qualname__}"
        key = (id(value), id(home))
        if key not in self._known:
            self._open.append(id(value))
            parts = "\n".join(self._parts(value, home))
            self._open.pop()
            digest = hashlib.sha256(parts.encode()).hexdigest()
            self._known[key] = f"{type(value).__qualname__} {digest}"
            self._kept.append(value)  # or its id could pass to another value
        return self._known[key]

    def _parts(self, value: Any, home: dict[str, Any] | None) -> list[str]:
        """The lines that a value is made of."""
        if isinstance(value, np.ndarray | np.generic | jax.Array):
            return self._array(value, home)
        if isinstance(value, types.CodeType):
            return self._code(value, None)
        if isinstance(value, types.FunctionType):
            return self._function(value, home)
        if isinstance(value, functools.partial):
            return self._all((value.func, value.args, value.keywords), home)
        if isinstance(value, types.MethodType):
            return self._all((value.__func__, value.__self__), home)
        if isinstance(value, Mapping):
            pairs = [(self.read(key, home), self.read(value[key], home)) for key in value]
            return [f"{key}: {entry}" for key, entry in sorted(pairs)]
        if isinstance(value, set | frozenset):
            return sorted(self._all(value, home))
        if isinstance(value, list | tuple):
            return self._all(value, home)
        return self._object(value, home)

    def _all(self, values: Iterable[Any], home: dict[str, Any] | None) -> list[str]:
        return [self.read(value, home) for value in values]

    def _array(self, value: Any, home: dict[str, Any] | None) -> list[str]:
        if isinstance(value, jax.core.Tracer) or not getattr(value, "is_fully_addressable", True):
            return [str(value.dtype), str(value.shape)]
        if getattr(value.dtype, "hasobject", False):
            return self._all(value.tolist(), home)
        return [fingerprint(value)]

    def _function(self, value: types.FunctionType, home: dict[str, Any] | None) -> list[str]:
        module = str(value.__globals__.get("__name__", ""))
        library = module.partition(".")[0] in LIBRARIES
        closed = [_content(cell) for cell in value.__closure__ or ()]
        parts = self._all((value.__defaults__, value.__kwdefaults__, *closed), home)
        if library or (home is not None and value.__globals__ is not home):
            return [f"{module}.{value.__qualname__}", *parts]
        for name in sorted(_globals_of(value.__code__)):
            if name in value.__globals__:
                found = value.__globals__[name]
                parts.append(f"{name}: {self.read(found, value.__globals__)}")
        return [*self._code(value.__code__, value.__doc__), *parts]

    def _code(self, code: types.CodeType, doc: str | None) -> list[str]:
        constants = [value for value in code.co_consts if doc is None or value != doc]
        shape = (code.co_argcount, code.co_kwonlyargcount, code.co_flags, code.co_names)
        return [code.co_code.hex(), repr(shape), *self._all(constants, None)]

    def _object(self, value: Any, home: dict[str, Any] | None) -> list[str]:
        kind = type(value)
        library = kind.__module__.partition(".")[0] in LIBRARIES
        # jit, custom_jvp, custom_vjp and cache hold functions; their own state is of no account.
        state = _held(value, (WRAPPED if library else _attributes(value)))
        if not library and isinstance(
            inspect.getattr_static(value, "__call__", None), types.FunctionType
        ):
            return self._all((state, *(_methods(base) for base in kind.__mro__)), home)
        if state:
            return self._all((state,), home)
        name = getattr(value, "__qualname__", None) or ADDRESS.sub("", repr(value))
        return [str(getattr(value, "__module__", "")), str(name)]


def _held(value: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def _attributes(value: Any) -> list[str]:
    """The names of what an object holds itself, in ``__dict__`` or in slots, and did not cache."""
    names = list(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names += [slots] if isinstance(slots, str) else list(slots)
    left_out = {"__dict__", "__weakref__"} | {
        name
        for name in names
        if isinstance(inspect.getattr_static(type(value), name, None), functools.cached_property)
    }
    return [name for name in names if name not in left_out]


def _methods(kind: type) -> dict[str, Any]:
    """The methods and plain values that stand in a class."""
    plain = types.FunctionType | bool | int | float | str | tuple | np.ndarray
    named = {name: value for name, value in vars(kind).items() if isinstance(value, plain)}
    return {
        name: value
        for name, value in named.items()
        if name == "__call__" or not name.startswith("__")
    }


def _globals_of(code: types.CodeType) -> set[str]:
    """The global names that code reads, the code of its inner functions included."""
    names = {str(one.argval) for one in dis.get_instructions(code) if one.opname == "LOAD_GLOBAL"}
    inner = [value for value in code.co_consts if isinstance(value, types.CodeType)]
    return names.union(*(_globals_of(value) for value in inner))
