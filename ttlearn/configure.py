"""Opt-in settings of the machine under JAX: nothing here happens unless it is called."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path

import jax

OPTIONS_FLAG = "--xla_backend_extra_options"
THRESHOLD = "xla_cpu_small_while_loop_byte_threshold"
THRESHOLD_BYTES = 1_048_576


class TooLateWarning(RuntimeWarning):
    """A setting was asked for after JAX had started its backend, and has no effect."""


def configure_cpu(devices: int | None = None) -> str:
    """Let XLA compile small loops into one function: loops run 2 to 4 times faster on CPU.

    Before jax 0.12 XLA's CPU runtime spends about 100 ns on each round of a loop. Raising one
    threshold (to 1 MiB, by appending to the environment variable ``XLA_FLAGS``) avoids that for
    the small loops of this library. jax 0.12 does so by itself, and no flag is set. Call this
    before the first JAX array or device: afterwards it has no effect and says so.

    Arguments:
        devices: split the CPU into so many JAX devices, which ensembles then use side by side;
            the number of cores is a good choice. None leaves it as it is.

    Returns:
        What was set, in words, for the record.

    Raises:
        ValueError: when ``devices`` < 1.

    Warns:
        TooLateWarning: when JAX's backend has started; nothing is changed then.

    >>> from unittest import mock
    >>> with mock.patch.dict(os.environ), warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     note = configure_cpu()
    >>> "XLA_FLAGS" in note or "needs no flag" in note
    True
    """
    if devices is not None and (not isinstance(devices, int) or devices < 1):
        raise ValueError(f"devices is {devices!r}; a whole number of at least 1 is needed")
    flags = os.environ.get("XLA_FLAGS", "")
    wanted_flags = flags if _hoists_by_itself() else with_threshold(flags)
    wants_devices = devices is not None and devices != _cpu_devices()
    if _backend_started() and (wanted_flags != flags or wants_devices):
        note = (
            "configure_cpu() came too late: JAX has already started, and nothing was changed. "
            "Restart Python and call it before the first JAX array, or start Python with "
            f"XLA_FLAGS='{with_threshold(flags)}'"
        )
        warnings.warn(note, TooLateWarning, stacklevel=2)
        return note
    notes = []
    if _hoists_by_itself():
        notes.append(f"jax {jax.__version__} needs no flag")
    else:
        notes.append(f"XLA_FLAGS={wanted_flags}")
        os.environ["XLA_FLAGS"] = wanted_flags
    if wants_devices:
        jax.config.update("jax_num_cpu_devices", devices)
    if devices is not None:
        notes.append(f"jax_num_cpu_devices={devices}")
    return "; ".join(notes)


def keep_compiled(folder: str | os.PathLike[str] | None = None) -> Path:
    """Keep compiled programs on disk, so that the next Python process need not compile them.

    Sets ``jax_compilation_cache_dir`` and lets also programs be kept that compile in under a
    second. Only for this process; programs with host callbacks are never kept.

    Arguments:
        folder: where; None is ``ttlearn/compiled`` under ``$XDG_CACHE_HOME`` or ``~/.cache``.

    Returns:
        The folder, which exists then.

    >>> import tempfile
    >>> before = jax.config.jax_compilation_cache_dir
    >>> keep_compiled(tempfile.mkdtemp()).is_dir()
    True
    >>> jax.config.update("jax_compilation_cache_dir", before)
    """
    if folder is None:
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(cache) / "ttlearn" / "compiled"
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return folder


def with_threshold(flags: str) -> str:
    """``XLA_FLAGS`` with the threshold in it; what is set there already stays.

    >>> with_threshold("")
    '--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=1048576'
    >>> with_threshold("--xla_backend_extra_options=a=1 --b=2")
    '--xla_backend_extra_options=a=1,xla_cpu_small_while_loop_byte_threshold=1048576 --b=2'
    """
    if THRESHOLD in flags:
        return flags
    setting = f"{THRESHOLD}={THRESHOLD_BYTES}"
    if re.search(rf"{OPTIONS_FLAG}=\S", flags):
        # A second copy of the flag would replace the first one.
        return re.sub(rf"({OPTIONS_FLAG}=\S+)", rf"\1,{setting}", flags, count=1)
    return f"{flags} {OPTIONS_FLAG}={setting}".strip()


def compiles_small_loops() -> bool:
    """Whether XLA compiles small loops on the CPU into one function, by its flag or by itself.

    >>> isinstance(compiles_small_loops(), bool)
    True
    """
    return _hoists_by_itself() or THRESHOLD in os.environ.get("XLA_FLAGS", "")


def _hoists_by_itself() -> bool:
    major, minor = (int(part) for part in jax.__version__.split(".")[:2])
    return (major, minor) >= (0, 12)


def _cpu_devices() -> int:
    return int(jax.config.jax_num_cpu_devices)  # type: ignore[attr-defined]


def _backend_started() -> bool:
    # JAX has no public question for this; both supported releases answer this one.
    from jax._src import xla_bridge

    return bool(xla_bridge.backends_are_initialized())
