"""Running a study: plan, lock, compute what is missing, write each cell as it ends, then the tables."""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from pointmass.comparison.words import counted
from pointmass.errors import PointmassError
from pointmass.experiment.cell import Task, fit_cell
from pointmass.experiment.cluster import ClusterPool
from pointmass.experiment.config import Config, load_config
from pointmass.experiment.interruption import Interruption
from pointmass.experiment.labels import axes_label, source_name
from pointmass.experiment.lock import locked
from pointmass.experiment.manifest import write_manifest
from pointmass.experiment.plan import PlannedCell, plan
from pointmass.experiment.pool import Outcome, WorkerPool
from pointmass.experiment.progress import Progress, progress_for
from pointmass.experiment.provenance import made_by, version_differences
from pointmass.experiment.reading import open_run
from pointmass.experiment.record import CellRecord
from pointmass.experiment.results import write_results
from pointmass.experiment.store import Store

__all__ = ["Run", "RunStopped", "run"]

_GRACE = 5.0  # seconds that running cells have to finish after an interruption
_GLANCE = 0.2  # seconds between two looks at the signals
_ANNOUNCEMENTS = {"nuts": "nuts compiles the model first: 30 to 45 s the first time on a machine"}
_STOPPING = f"stopping: what runs has {_GRACE:.0f} s to end; the same signal again stops at once"
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


@dataclass(frozen=True)
class Run:
    """A finished run.

    Parameters
    ----------
    path : Path
        Its folder.
    results : DataFrame
        The tidy table, as ``results.parquet`` has it.
    status : int
        0 if every cell is done, 1 if some are not.
    """

    path: Path
    results: pd.DataFrame
    status: int

    @property
    def failed(self) -> str:
        """How many fits of how many are not there, in words; empty if all are."""
        cells = open_run(self.path).cells
        missing = sum(cell.status != "done" for cell in cells)
        return f"{missing} of {counted(len(cells), 'fit')}" if missing else ""


class RunStopped(PointmassError):
    """A run ended before its cells; everything finished is kept.

    Parameters
    ----------
    message : str
        What happened and how to go on.
    exit_status : int
        1 when the disk is full, 130 after Ctrl-C, 143 after a request to terminate.
    """

    def __init__(self, message: str, exit_status: int) -> None:
        super().__init__(message)
        self.exit_status = exit_status


def run(
    config: str | Path | Mapping[str, Any] | Config,
    output: str | Path | None = None,
    *,
    workers: int = 1,
    fresh: bool = False,
    dask: str | None = None,
    work: Callable[[Task], bytes] = fit_cell,
) -> Run:
    """Run a study, or go on with it, and write its folder, all but the report.

    Cells run in worker processes and are stored one by one; those that the folder has already are not
    computed again. Cells that raise, take too long or are killed are recorded and tried again next time.

    Parameters
    ----------
    config : path, mapping or Config
        The study.
    output : path, optional
        The folder; default ``reports/<name>``.
    workers : int
        How many processes fit cells at the same time.
    fresh : bool
        Whether to throw away what the folder has.
    dask : str, optional
        Address of the scheduler of a dask cluster that fits the cells, instead of local processes.
    work : callable
        What a worker does with a cell: from a task to the bytes of a NetCDF file.

    Raises
    ------
    PointmassError
        The configuration, the data or the folder cannot be used.
    RunStopped
        The run was interrupted, or the disk is full; what is finished is kept.
    """
    config = load_config(config)
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise PointmassError(f"workers must be a whole number of at least 1, got {workers!r}")
    if dask is not None and workers != 1:
        raise PointmassError("give workers or dask: a cluster has its own number of workers")
    planned = plan(config)
    store = Store(Path(output) if output is not None else Path("reports") / config.name)
    store.prepare()
    with locked(store.path), _write_errors(store, planned):
        if fresh:
            store.clear()
        store.tidy()
        write_manifest(store, config, planned, finished=False, workers=workers)
        _compute(store, config, planned, partial(_pool, work, workers, dask, config.settings.time_limit))
        write_manifest(store, config, planned, finished=True, workers=workers)
        results = write_results(open_run(store.path))
    return Run(store.path, results, 0 if _kept(store, planned) == len(planned) else 1)


def _pool(
    work: Callable[[Task], bytes], workers: int, dask: str | None, time_limit: float | None, missing: int
) -> WorkerPool | ClusterPool:
    """Return what fits so many missing cells."""
    if dask is None or not missing:
        return WorkerPool(work, min(workers, max(1, missing)), time_limit)
    return ClusterPool(work, dask, time_limit)


def _compute(
    store: Store,
    config: Config,
    planned: Sequence[PlannedCell],
    pool_for: Callable[[int], WorkerPool | ClusterPool],
) -> None:
    missing, warnings = _missing(store, planned)
    with progress_for(len(missing)) as progress, Interruption() as interruption:
        for message in [*config.notes, *_merged(planned), *warnings]:
            progress.say(message)
        if len(missing) < len(planned):
            progress.say(f"{len(planned) - len(missing)} of {len(planned)} cells are done already")
        with pool_for(len(missing)) as pool:
            for outcome in _outcomes(pool, missing, config.folder, interruption, progress):
                _commit(store, outcome, progress)
    kept = _kept(store, planned)
    if interruption.signal is not None and kept < len(planned):
        where = f"{kept} of {len(planned)} cells are kept in {store.path}"
        raise RunStopped(f"interrupted: {where}; the same command goes on from there", interruption.exit_status)


def _merged(planned: Iterable[PlannedCell]) -> list[str]:
    """Return which fits are asked for twice; they are done once."""
    pairs = dict.fromkeys((cell.cell.estimator, twin) for cell in planned for twin in cell.twins)
    return [
        f"estimators.{twin}: the same fits as {first}; done once, under that name"
        if twin != first
        else f"estimators.{first}: several points of the grid are the same fit; done once"
        for first, twin in pairs
    ]


def _missing(store: Store, planned: Iterable[PlannedCell]) -> tuple[list[PlannedCell], list[str]]:
    missing, warnings, differences = [], [], set()
    for cell in planned:
        record, warning = store.settle(cell.key, lambda record: not version_differences(record.made_by, made_by()))
        if record is None:
            missing.append(cell)
        else:
            differences.update(version_differences(record.made_by, made_by()))
        warnings += [warning] if warning else []
    if differences:
        told = "; ".join(sorted(differences))
        warnings.append(f"some cells were computed by other versions ({told}); --fresh computes them again")
    return missing, warnings


def _outcomes(
    pool: WorkerPool | ClusterPool,
    missing: Iterable[PlannedCell],
    folder: Path,
    interruption: Interruption,
    progress: Progress,
) -> Iterator[Outcome]:
    queue, said = deque(missing), set[str]()
    while pool.running or (queue and interruption.signal is None):
        while queue and pool.has_room and interruption.signal is None:
            cell = queue.popleft()
            pool.submit(cell, Task(cell.cell, cell.digest, folder.absolute()))
            progress.started(_label(cell))
            _say_once(progress, said, _ANNOUNCEMENTS.get(cell.cell.method["type"], ""))
        yield from pool.wait(_GLANCE)
        progress.waiting()
        if interruption.signal is not None and pool.running:
            _say_once(progress, said, _STOPPING)
        if interruption.impatient or interruption.waited > _GRACE:
            return


def _say_once(progress: Progress, said: set[str], message: str) -> None:
    if message and message not in said:
        said.add(message)
        progress.say(message)


def _commit(store: Store, outcome: Outcome, progress: Progress) -> None:
    planned: PlannedCell = outcome.tag
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    record = CellRecord(
        planned.key,
        outcome.status,
        planned.describe(),
        entropy={"data": planned.cell.data_entropy, "fit": planned.cell.fit_entropy},
        reason=outcome.reason,
        traceback=outcome.traceback,
        made_by=made_by(),
        environment={"seconds": round(outcome.seconds, 3), "ended": ended},
    )
    store.commit(record, outcome.value)
    progress.finished(_label(planned), outcome.status, outcome.reason, outcome.seconds)


def _label(planned: PlannedCell) -> str:
    cell = planned.cell
    repetition = f", repetition {cell.repetition}" if cell.repetition else ""
    axes = f", {axes_label(cell.axes)}" if cell.axes else ""
    return f"{cell.estimator} on {source_name(cell.data)}{axes}{repetition}"


def _kept(store: Store, planned: Iterable[PlannedCell]) -> int:
    """Return how many cells are done, as their records say: quick, however many there are."""
    records = (store.record(cell.key) for cell in planned)
    return sum(record is not None and record.status == "done" for record in records)


@contextmanager
def _write_errors(store: Store, planned: Sequence[PlannedCell]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        what = f"the disk is full, {_kept(store, planned)} of {len(planned)} cells kept"
        message = f"{store.path}: {what}; make room, then run the same command"
        raise RunStopped(message, exit_status=1) from error
