"""What a run says while it goes on, on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import Any, Protocol, Self

from pointmass.comparison.words import duration

__all__ = ["Progress", "printable", "progress_for"]

_FEW = 100  # so many cells have a line each; of more, one a second
_PULSE = (10.0, 60.0)  # seconds between two lines on how the run stands: at first, and at most
_ENOUGH = 3  # finished cells, from which the time of the others can be told
_MOST_NAMES = 4  # of the cells that run at the same time


class Progress(Protocol):
    """How a run reports; a context that ends with it."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        """End."""
        ...

    def say(self, message: str) -> None:
        """Show one line."""
        ...

    def started(self, label: str) -> None:
        """Note a cell that runs now."""
        ...

    def finished(self, label: str, status: str, reason: str, seconds: float) -> None:
        """Count one finished cell."""
        ...

    def waiting(self) -> None:
        """Say how the run stands if nothing has been said of that for some time."""
        ...


def progress_for(total: int) -> Progress:
    """Return a bar for a terminal that can show one, else plain lines (also with NO_COLOR, CI, TERM=dumb)."""
    plain = not sys.stderr.isatty() or any(os.environ.get(name) for name in ("NO_COLOR", "CI"))
    if plain or os.environ.get("TERM") == "dumb":
        return _Lines(total)
    return _Bar(total)


def printable(text: str) -> str:
    """Return text without control characters, which a terminal would obey.

    Examples
    --------
    >>> printable("red" + chr(27) + "[31m")
    'red?[31m'
    """
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)


class _Standing:
    """How a run stands: what is done, what failed, what runs, and how long the rest may take."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.failures = 0
        self.running: list[str] = []
        self.began = time.monotonic()

    def finish(self, label: str, status: str) -> None:
        self.done += 1
        self.failures += status != "done"
        if label in self.running:
            self.running.remove(label)

    @property
    def failed(self) -> str:
        return f"{self.failures} failed" if self.failures else ""

    def in_words(self) -> str:
        """Return what is told now and then: the cells that run are told from those that wait."""
        gone = time.monotonic() - self.began
        left = _roughly(gone / self.done * (self.total - self.done)) if self.done >= _ENOUGH else ""
        names = self.running[:_MOST_NAMES]
        more = len(self.running) - len(names)
        running = f"running: {' | '.join(names)}{f' and {more} more' if more else ''}" if names else ""
        parts = (self.failed, running, f"{duration(gone)} gone", left and f"about {left} left")
        return f"[{self.done}/{self.total}] {'; '.join(filter(None, parts))}"


def _roughly(seconds: float) -> str:
    """Return a time in minutes, or in hours: what is left is not known better."""
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.0f} h"


class _Lines:
    """A line for each cell, or for one a second of many; failures always; now and then how the run stands."""

    def __init__(self, total: int) -> None:
        self.standing = _Standing(total)
        self._last_line = self._last_pulse = self.standing.began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        pass

    def say(self, message: str) -> None:
        encoding = sys.stderr.encoding or "ascii"
        print(printable(message).encode(encoding, "replace").decode(encoding), file=sys.stderr, flush=True)

    def started(self, label: str) -> None:
        self.standing.running.append(label)

    def finished(self, label: str, status: str, reason: str, seconds: float) -> None:
        standing = self.standing
        standing.finish(label, status)
        counted = f"[{standing.done}/{standing.total}] {label}"
        if status != "done":
            self.say(f"{counted}: {status}, {reason}")
        elif standing.total <= _FEW or standing.done == standing.total or time.monotonic() - self._last_line >= 1.0:
            self._last_line = time.monotonic()
            self.say(f"{counted}: done in {seconds:.1f} s")
        self.waiting()

    def waiting(self) -> None:
        now = time.monotonic()
        often, seldom = _PULSE
        pause = min(seldom, max(often, (now - self.standing.began) / 10))
        if self.standing.running and now - self._last_pulse >= pause:
            self._last_pulse = now
            self.say(self.standing.in_words())


class _Bar:
    """A bar with the number of failures and the time left; failures stay above it."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as RichProgress

        self.standing = _Standing(total)
        self.bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task: Any = self.bar.add_task("fits", total=total)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.bar.stop()

    def say(self, message: str) -> None:
        self.bar.console.print(printable(message), markup=False, highlight=False)

    def started(self, label: str) -> None:
        self.standing.running.append(label)
        self._describe()

    def finished(self, label: str, status: str, reason: str, seconds: float) -> None:
        self.standing.finish(label, status)
        if status != "done":
            self.say(f"{label}: {status}, {reason}")
        self.bar.update(self.task, advance=1)
        self._describe()

    def waiting(self) -> None:
        pass  # the bar moves by itself

    def _describe(self) -> None:
        from rich.markup import escape

        running = printable(" | ".join(self.standing.running))
        self.bar.update(self.task, description=escape(", ".join(filter(None, (self.standing.failed, running)))))
