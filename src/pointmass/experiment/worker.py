"""The life of a worker process: one task after the other, until the pipe closes or the parent dies."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import Any

from pointmass.errors import PointmassError

__all__ = ["STARTED", "outcome_of", "serve"]

STARTED = "started"
_LONGEST_REASON, _LONGEST_TRACEBACK = 2_000, 10_000
_PR_SET_PDEATHSIG = 1


def serve(connection: Connection, work: Callable[[Any], Any]) -> None:
    """Receive tasks and send back what became of each.

    For each task two messages go back: ``("started", None)`` when it begins, then ``("done", value)`` or
    ``("failed", (reason, traceback))``.

    Parameters
    ----------
    connection : Connection
        This worker's own end of a pipe; a worker that is killed can spoil no other worker's messages.
    work : callable
        From a task to its value.
    """
    _detach()
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        connection.send((STARTED, None))
        connection.send(outcome_of(work, task))


def outcome_of(work: Callable[[Any], Any], task: Any) -> tuple[str, Any]:
    """Return ``("done", value)``, or ``("failed", (reason, traceback))`` where the work raises."""
    try:
        return "done", work(task)
    except BaseException as error:
        text = str(error) if isinstance(error, PointmassError) else f"{type(error).__name__}: {error}".rstrip(": ")
        reason = text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]} …"
        return "failed", (reason, _without_home(traceback.format_exc())[-_LONGEST_TRACEBACK:])


def _without_home(text: str) -> str:
    home = os.path.expanduser("~")
    return text.replace(home, "~") if len(home) > 1 else text


def _detach() -> None:
    """Leave the terminal to the parent, keep quiet, and do not outlive the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setpgid(0, 0)
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silence, stream)
    parent = parent_process()
    if parent is not None:
        _end_with(parent)


def _end_with(parent: Any) -> None:
    """End when the parent ends: Linux sees to it even inside a long computation, elsewhere a thread."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:
            os._exit(1)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: Any) -> None:
    parent.join()
    os.killpg(0, signal.SIGKILL)
