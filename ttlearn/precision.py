"""float64, explicit and local: JAX's global flag stays as the user set it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ParamSpec, TypeVar

import jax

P = ParamSpec("P")
R = TypeVar("R")


def float64() -> AbstractContextManager[None]:
    """A context in which JAX computes in float64.

    Kernels follow the precision they are given; wrap a call to one in this where float64 matters.
    Convert what leaves the context to NumPy: outside of it JAX may round float64 arrays down.

    >>> import jax.numpy as jnp, numpy as np
    >>> with float64():
    ...     third = np.asarray(jnp.ones(()) / 3)
    >>> third.dtype
    dtype('float64')
    """
    return jax.enable_x64(True)


def in_float64(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a public function so that its body runs in :func:`float64`.

    >>> import jax.numpy as jnp
    >>> str(in_float64(lambda: jnp.ones(()).dtype)())
    'float64'
    """

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with float64():
            return function(*args, **kwargs)

    return wrapped
