"""Long runs keep the reader informed and stop when asked, keeping what is finished."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from tqdm import tqdm

_ASKED: dict[Any, threading.Event] = {}


def progress_bar(total: int | None, unit: str, shown: bool, start: int = 0) -> Any:
    """A tqdm bar on stderr, with the time left; silent when not ``shown``."""
    return tqdm(total=total, unit=unit, unit_scale=True, disable=not shown, initial=start)


@contextlib.contextmanager
def deferred_interrupt() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a question to ask between chunks; the second one interrupts.

    In another thread than the main one signals cannot be caught; there the answer stays False. One
    within another shares its first Ctrl-C: who finishes just then is still interrupted outside.

    >>> with deferred_interrupt() as interrupted:
    ...     signal.raise_signal(signal.SIGINT)
    ...     interrupted()
    True
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def handle(number: int, frame: Any) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        if outer is not None:
            outer.set()

    outer = _ASKED.get(before)
    if outer is not None and outer.is_set():
        asked.set()
    _ASKED[handle] = asked
    signal.signal(signal.SIGINT, handle)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
        del _ASKED[handle]
