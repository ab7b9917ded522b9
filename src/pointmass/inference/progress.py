"""A line on the terminal while a fit takes long; nothing where there is no terminal to read it."""

from __future__ import annotations

import os
import sys
import time

__all__ = ["Progress"]


class Progress:
    """Says where a long fit is, at most twice a second, from the third second on.

    Parameters
    ----------
    label : str
        What is running.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self.shown = False
        self._next = time.monotonic() + 3.0
        wanted = os.environ.get("POINTMASS_PROGRESS", "") != "off" and "CI" not in os.environ
        self._on = wanted and sys.stderr.isatty()

    def say(self, state: str) -> None:
        """Show ``state`` if it is time to."""
        if self._on and time.monotonic() >= self._next:
            self._next, self.shown = time.monotonic() + 0.5, True
            print(f"\r\x1b[K{self.label}: {state}", end="", file=sys.stderr, flush=True)

    def announce(self, state: str) -> None:
        """Show ``state`` at once: what follows takes long and cannot speak for itself."""
        self._next = time.monotonic()
        self.say(state)

    def close(self) -> None:
        """Clear the line."""
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
