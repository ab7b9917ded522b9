"""Ctrl-C and a request to terminate, as a flag that the run looks at between two cells."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Interruption"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """A context in which signals are noted instead of obeyed; outside the main thread it notes nothing.

    A signal that is ignored already, as ``nohup`` does, stays ignored.

    Attributes
    ----------
    signal : int or None
        The first signal that came.
    impatient : bool
        Whether a second one came.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self.impatient = False
        self._since = 0.0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            obeyed = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
            self._before = {number: signal.signal(number, self._note) for number in obeyed}
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def waited(self) -> float:
        """Seconds since the first signal; 0 if none came."""
        return 0.0 if self.signal is None else time.monotonic() - self._since

    @property
    def exit_status(self) -> int:
        """What a shell expects: 130 after Ctrl-C, 143 after any other request to end."""
        return 130 if self.signal == signal.SIGINT else 143

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal is None:
            self.signal, self._since = number, time.monotonic()
        else:
            self.impatient = True
