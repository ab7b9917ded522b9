"""Worker processes that run tasks, each on a pipe of its own, with a limit on the time that a task may take.

A worker that dies costs its own task alone, at whatever moment it dies: nothing is shared between workers, so
half a message spoils nothing. A limit is measured by the monotonic clock from the moment the task begins, and
takes the worker with everything that it started.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import connection, get_context
from types import ModuleType, TracebackType
from typing import Any, Self

from pointmass.experiment.worker import STARTED, serve

__all__ = ["Outcome", "WorkerPool"]

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
)
_PATIENCE = 5.0
_starting = threading.Lock()


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Parameters
    ----------
    tag : object
        What the task was submitted under.
    status : str
        ``done``, ``failed`` (it raised), ``timeout`` or ``killed`` (its process died).
    value : object
        What the task returned, if it is done.
    reason, traceback : str
        Why it is not done.
    seconds : float
        How long it ran.
    """

    tag: Any
    status: str
    value: Any = None
    reason: str = ""
    traceback: str = ""
    seconds: float = 0.0


class WorkerPool:
    """A number of worker processes, started when first needed and again when one dies.

    Parameters
    ----------
    work : callable
        From a task to its value, both of which can go through a pipe; importable by name.
    workers : int
        How many processes.
    time_limit : float, optional
        Seconds that a task may take.

    Examples
    --------
    >>> with WorkerPool(len, workers=1) as pool:
    ...     pool.submit("three letters", "abc")
    ...     [(outcome.tag, outcome.value) for outcome in pool.wait(60)]
    [('three letters', 3)]
    """

    def __init__(self, work: Callable[[Any], Any], workers: int, time_limit: float | None = None) -> None:
        self.work = work
        self.workers = workers
        self.time_limit = time_limit
        self._idle: list[_Worker] = []
        self._busy: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        for worker in [*self._idle, *self._busy]:
            worker.stop()
        self._idle, self._busy = [], []

    @property
    def running(self) -> int:
        """How many tasks are not finished."""
        return len(self._busy)

    @property
    def has_room(self) -> bool:
        """Whether a task that is submitted now starts at once."""
        return self.running < self.workers

    def submit(self, tag: Any, task: Any) -> None:
        """Give a task to a worker that has none."""
        self._idle = [worker for worker in self._idle if worker.process.is_alive()]
        worker = self._idle.pop() if self._idle else _Worker(self.work)
        self._busy.append(worker)
        worker.give(tag, task)

    def wait(self, seconds: float) -> list[Outcome]:
        """Return what finished, waiting at most so long for the first."""
        until = time.monotonic() + seconds
        while self._busy:
            deadlines = [worker.deadline(self.time_limit) for worker in self._busy]
            pause = max(0.0, min([until, *deadlines]) - time.monotonic())
            connection.wait([worker.pipe for worker in self._busy], pause)
            outcomes = list(self._collect())
            if outcomes or time.monotonic() >= until:
                return outcomes
        return []

    def _collect(self) -> Iterator[Outcome]:
        for worker in list(self._busy):
            outcome = worker.outcome(self.time_limit)
            if outcome is not None:
                self._busy.remove(worker)
                if worker.alive:
                    self._idle.append(worker)
                yield outcome


class _Worker:
    """One process and our end of its pipe."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, work), name="pointmass-worker")
        with _starting, _clean_start():
            self.process.start()
        theirs.close()
        self.alive = True
        self.tag: Any = None
        self.began: float | None = None

    def give(self, tag: Any, task: Any) -> None:
        self.tag, self.began = tag, None
        with contextlib.suppress(OSError):
            self.pipe.send(task)

    def deadline(self, limit: float | None) -> float:
        return float("inf") if limit is None or self.began is None else self.began + limit

    def outcome(self, limit: float | None) -> Outcome | None:
        try:
            while self.pipe.poll():
                status, content = self.pipe.recv()
                if status != STARTED:
                    return self._finished(status, content)
                self.began = time.monotonic()
        except (EOFError, OSError):
            self.process.join(_PATIENCE)
            self.stop()
            return Outcome(self.tag, "killed", reason=_death(self.process.exitcode), seconds=self._seconds())
        if time.monotonic() >= self.deadline(limit):
            self.stop()
            return Outcome(self.tag, "timeout", reason=f"took longer than {limit:g} s", seconds=self._seconds())
        return None

    def stop(self) -> None:
        """End the process and whatever it started."""
        if not self.alive:
            return
        self.alive = False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def _finished(self, status: str, content: Any) -> Outcome:
        if status == "done":
            return Outcome(self.tag, "done", content, seconds=self._seconds())
        reason, traceback = content
        return Outcome(self.tag, "failed", reason=reason, traceback=traceback, seconds=self._seconds())

    def _seconds(self) -> float:
        return 0.0 if self.began is None else time.monotonic() - self.began


@contextlib.contextmanager
def _clean_start() -> Iterator[None]:
    """Let a new process inherit one thread for each library, and not the script that is running here."""
    saved = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        sys.modules["__main__"] = script
        for name, value in saved.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _death(exitcode: int | None) -> str:
    if exitcode is None or exitcode >= 0:
        return f"its process ended with exit status {exitcode}"
    name = signal.Signals(-exitcode).name
    if -exitcode == signal.SIGKILL:
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e9
        memory = f"probably out of memory (largest worker so far: {peak:.1f} GB); try fewer workers"
        return f"its process was killed by signal {-exitcode} ({name}), {memory}"
    return f"its process was killed by signal {-exitcode} ({name})"
