"""Fits on a dask cluster: a real scheduler and real workers, one of which dies midway."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from experiment.started import timeless
from experiment.studies import study

from pointmass import PointmassError
from pointmass.experiment import cluster
from pointmass.experiment.reading import open_run
from pointmass.experiment.runner import run

STUDY = study(
    data={"generator": "heights", "n": 400},
    model={"mixture": {"family": "gaussian", "n_components": 2}},
    estimators={"em": {"n_init": 4}},
    repetitions=12,
)


class Cluster:
    """A scheduler and two workers, each in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.workers = [self._start("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard") for _ in range(2)]

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        code = "import sys; from dask.__main__ import main; sys.exit(main())"
        command = [sys.executable, "-c", code, what, "--scheduler-file", str(self.file), *options]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, cwd=self.file.parent, **quiet)  # type: ignore[call-overload, no-any-return]

    def address(self, within: float = 60.0) -> str:
        until = time.monotonic() + within
        while not self.file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        return str(json.loads(self.file.read_text(encoding="utf-8"))["address"])

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    yield started
    started.stop()


def after_cells(folder: Path, count: int, act: Callable[[], None]) -> Callable[[object], None]:
    """Return a function that acts once, when so many cells are finished."""
    pending = [act]

    def look(_: object) -> None:
        if pending and len(list(folder.glob("cells/[!.]*.json"))) >= count:
            pending.pop()()

    return look


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_fault_115_a_worker_of_the_cluster_dies_midway(
    dask: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost: the other worker does its cells, and the table is that of a local run."""
    victim = dask.workers[0]
    look = after_cells(tmp_path / "run", 3, victim.kill)
    wait = cluster.ClusterPool.wait
    monkeypatch.setattr(cluster.ClusterPool, "wait", lambda self, seconds: (look(None), wait(self, seconds))[1])
    finished = run(STUDY, tmp_path / "run", dask=dask.address())
    assert victim.wait(timeout=5) != 0
    assert finished.status == 0
    assert {cell.status for cell in open_run(finished.path).cells} == {"done"}
    local = run(STUDY, tmp_path / "local", workers=2)
    pd.testing.assert_frame_equal(timeless(finished.results), timeless(local.results), check_exact=True)


def test_the_package_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(cluster, "find_spec", lambda name: None if name == "distributed" else real(name))
    with pytest.raises(PointmassError, match=r"needs the package distributed.*pip install 'pointmass\[dask\]'"):
        run(study(), tmp_path / "run", dask="tcp://127.0.0.1:1")


def test_workers_and_a_cluster_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(PointmassError, match="give workers or dask"):
        run(study(), tmp_path / "run", dask="tcp://127.0.0.1:1", workers=2)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x"])
def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", 1.0)
    with pytest.raises(PointmassError, match=f"--dask {address}: no scheduler answers here"):
        run(study(), tmp_path / "run", dask=address)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_failures_and_limits_on_a_cluster(dask: Cluster, tmp_path: Path) -> None:
    with cluster.ClusterPool(time.sleep, dask.address(), time_limit=3.0) as pool:
        pool.submit("short", 0.01)
        pool.submit("long", 20.0)
        pool.submit("wrong", "a second")
        found = {}
        while pool.running:
            found |= {outcome.tag: outcome for outcome in pool.wait(5.0)}
    assert {name: outcome.status for name, outcome in found.items()} == {
        "short": "done",
        "long": "timeout",
        "wrong": "failed",
    }
    assert found["long"].reason == "took longer than 3 s"
    assert found["wrong"].reason.startswith("TypeError: ")
