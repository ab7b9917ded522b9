"""One run at a time in a folder; the lock is the system's, so that it ends with the process that holds it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pointmass.errors import PointmassError

__all__ = ["LOCK_NAMES", "locked"]

_LOCK = ".lock"
_HOLDER = ".lock.json"
LOCK_NAMES = (_LOCK, _HOLDER)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder while a run writes in it.

    Raises
    ------
    PointmassError
        Another run holds it; the message says which process, where and since when.
    """
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise PointmassError(_refusal(folder)) from None
    holder = folder / _HOLDER
    try:
        holder.write_text(json.dumps(_this_process()), encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _this_process() -> dict[str, str | int]:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": since}


def _refusal(folder: Path) -> str:
    try:
        holder = json.loads((folder / _HOLDER).read_text(encoding="utf-8"))
        who = f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return (
        f"{folder}: a run is writing here ({who}); wait for it, or choose another folder with -o. "
        f"If that host is gone and its lock stayed on a network drive, delete {folder / _LOCK}"
    )
