"""What a run says while it goes on, on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import Any, Protocol, Self

__all__ = ["Progress", "printable", "progress_for"]


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


class _Lines:
    """One line for each cell, or for each hundredth of many; failures always."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.every = max(1, total // 100)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        pass

    def say(self, message: str) -> None:
        encoding = sys.stderr.encoding or "ascii"
        print(printable(message).encode(encoding, "replace").decode(encoding), file=sys.stderr, flush=True)

    def started(self, label: str) -> None:
        pass

    def finished(self, label: str, status: str, reason: str, seconds: float) -> None:
        self.done += 1
        if status != "done":
            self.say(f"[{self.done}/{self.total}] {label}: {status}, {reason}")
        elif self.done % self.every == 0 or self.done == self.total:
            self.say(f"[{self.done}/{self.total}] {label}: done in {seconds:.1f} s")


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

        self.failures = 0
        self.running: list[str] = []
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
        self.running.append(label)
        self._describe()

    def finished(self, label: str, status: str, reason: str, seconds: float) -> None:
        if label in self.running:
            self.running.remove(label)
        if status != "done":
            self.failures += 1
            self.say(f"{label}: {status}, {reason}")
        self.bar.update(self.task, advance=1)
        self._describe()

    def _describe(self) -> None:
        from rich.markup import escape

        failed = f"{self.failures} failed" if self.failures else ""
        running = printable(" | ".join(self.running))
        self.bar.update(self.task, description=escape(", ".join(filter(None, (failed, running)))))
