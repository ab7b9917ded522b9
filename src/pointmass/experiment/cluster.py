"""An existing dask.distributed cluster in the place of local worker processes.

The cluster runs the same function on the same tasks and returns bytes; only the process that asked writes files.
A worker that dies costs nothing: the scheduler gives its cells to another, and to no further one after some deaths
of the same cell (``distributed.scheduler.allowed-failures``).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Self

from pointmass.errors import PointmassError
from pointmass.experiment.pool import Outcome
from pointmass.experiment.worker import outcome_of

__all__ = ["ClusterPool"]

_PATIENCE = 15.0  # seconds for a scheduler to answer and for a first worker to be there


@dataclass(frozen=True)
class _Given:
    """A task that the cluster has."""

    tag: Any
    since: float


class ClusterPool:
    """The workers of a cluster, with the verbs of `WorkerPool`.

    Parameters
    ----------
    work : callable
        From a task to its value; importable by name on the workers.
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    time_limit : float, optional
        Seconds that a task may take. One that takes longer is given up; a cluster cannot end it, so its worker is
        busy until it ends.

    Raises
    ------
    PointmassError
        The package ``distributed`` is missing; nothing answers at the address, or it has no workers.
    """

    def __init__(self, work: Callable[[Any], Any], address: str, time_limit: float | None = None) -> None:
        self.work = work
        self.time_limit = time_limit
        self._client = _connected(address)
        self._given: dict[Any, _Given] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self._client.cancel(list(self._given), force=True)
        self._given = {}
        self._client.close()

    @property
    def running(self) -> int:
        """How many tasks are not finished."""
        return len(self._given)

    @property
    def has_room(self) -> bool:
        """Whether a task that is submitted now starts at once; workers may have come or gone."""
        return bool(self.running < sum(self._client.nthreads().values()))

    def submit(self, tag: Any, task: Any) -> None:
        """Give a task to the cluster."""
        future = self._client.submit(_in_one_thread, self.work, task, pure=False)
        self._given[future] = _Given(tag, time.monotonic())

    def wait(self, seconds: float) -> list[Outcome]:
        """Return what finished, waiting at most so long for the first."""
        until = time.monotonic() + seconds
        while not (ended := [future for future in self._given if self._has_ended(future)]):
            if time.monotonic() >= until:
                return []
            time.sleep(0.01)
        return [self._outcome(future, self._given.pop(future)) for future in ended]

    def _has_ended(self, future: Any) -> bool:
        return future.done() or self._is_late(self._given[future])

    def _is_late(self, given: _Given) -> bool:
        return self.time_limit is not None and time.monotonic() - given.since >= self.time_limit

    def _outcome(self, future: Any, given: _Given) -> Outcome:
        waited = time.monotonic() - given.since
        if not future.done():
            self._client.cancel([future], force=True)
            return Outcome(given.tag, "timeout", reason=f"took longer than {self.time_limit:g} s", seconds=waited)
        try:
            (status, content), seconds = future.result()
        except Exception as error:
            reason = f"the cluster lost it; {type(error).__name__}: {error}".splitlines()[0]
            return Outcome(given.tag, "killed", reason=reason, seconds=waited)
        if status == "done":
            return Outcome(given.tag, status, content, seconds=seconds)
        return Outcome(given.tag, status, reason=content[0], traceback=content[1], seconds=seconds)


def _connected(address: str) -> Any:
    if find_spec("distributed") is None:
        raise PointmassError(
            "--dask needs the package distributed, which is not installed; pip install 'pointmass[dask]'"
        )
    import distributed

    module: Any = distributed
    try:
        client = module.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        cause = str(error).splitlines()[0]
        raise PointmassError(f"--dask {address}: no scheduler answers here ({cause})") from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        client.close()
        raise PointmassError(
            f"--dask {address}: this cluster has no workers; start one: dask worker {address}"
        ) from error
    return client


def _in_one_thread(work: Callable[[Any], Any], task: Any) -> tuple[tuple[str, Any], float]:
    """Do a task on a worker, its libraries in one thread, and return what became of it and the seconds it took."""
    from threadpoolctl import threadpool_limits

    began = time.monotonic()
    with threadpool_limits(1):
        return outcome_of(work, task), time.monotonic() - began
