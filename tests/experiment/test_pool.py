"""Workers that die, hang or fail cost their own task alone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from experiment.faulty_work import work

from pointmass.experiment.pool import Outcome, WorkerPool


def outcomes(tasks: Iterable[Any], workers: int = 2, time_limit: float | None = None) -> dict[Any, Outcome]:
    queue, found = list(tasks), {}
    with WorkerPool(work, workers, time_limit) as pool:
        while queue or pool.running:
            while queue and pool.has_room:
                task = queue.pop(0)
                pool.submit(task, task)
            found |= {outcome.tag: outcome for outcome in pool.wait(1.0)}
    return found


def ends_soon(pid: int, within: float = 5.0) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if status == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def found() -> dict[Any, Outcome]:
    """All faults through one pool, good tasks between them."""
    faults = ["killed", 1, "killed while sending", 2, "segmentation fault", 3, "exit", "error", 4, "out of memory", 5]
    return outcomes(faults)


def test_good_tasks_survive_their_neighbours(found: dict[Any, Outcome]) -> None:
    assert [found[number].value for number in (1, 2, 3, 4, 5)] == [1, 2, 3, 4, 5]


def test_fault_129_killed_worker(found: dict[Any, Outcome]) -> None:
    assert found["killed"].status == "killed"
    assert "signal 9 (SIGKILL), probably out of memory" in found["killed"].reason
    assert "try fewer workers" in found["killed"].reason


def test_fault_129_killed_while_sending_its_result(found: dict[Any, Outcome]) -> None:
    assert found["killed while sending"].status == "killed"


def test_fault_130_segmentation_fault_and_exit(found: dict[Any, Outcome]) -> None:
    assert "signal 11 (SIGSEGV)" in found["segmentation fault"].reason
    assert found["exit"].reason == "its process ended with exit status 3"


def test_fault_131_memory_error(found: dict[Any, Outcome]) -> None:
    assert found["out of memory"].status == "failed"
    assert found["out of memory"].reason.startswith("MemoryError")


def test_fault_132_exception_keeps_its_traceback(found: dict[Any, Outcome]) -> None:
    assert (found["error"].status, found["error"].reason) == ("failed", "ValueError: bad value")
    assert "in _error" in found["error"].traceback


def test_fault_075_and_133_time_limit_takes_children_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTMASS_TEST_CHILD", str(tmp_path / "pid"))
    outcome = outcomes(["with a child"], workers=1, time_limit=1.0)["with a child"]
    assert (outcome.status, outcome.reason) == ("timeout", "took longer than 1 s")
    assert outcome.seconds < 6  # since the task began; how long a process takes to start is the machine's matter
    assert ends_soon(int((tmp_path / "pid").read_text(encoding="ascii")))


def test_fault_139_limit_ignores_the_clock_on_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = iter(range(10**6))
    monkeypatch.setattr(time, "time", lambda: -3600.0 * next(hours))
    found = outcomes([1, "sleep"], workers=2, time_limit=1.0)
    assert found[1].value == 1
    assert 1.0 <= found["sleep"].seconds < 3.0


def test_fault_146_a_cell_that_prints_without_end_leaves_little(capfd: pytest.CaptureFixture[str]) -> None:
    outcome = outcomes(["babble"], workers=1)["babble"]
    assert outcome.status == "failed"
    assert outcome.reason.startswith("ValueError: yyy")
    assert len(outcome.reason) < 3_000
    assert len(outcome.traceback) <= 10_000
    assert capfd.readouterr() == ("", "")


def test_fault_140_workers_are_spawned(found: dict[Any, Outcome]) -> None:
    assert outcomes(["start method"])["start method"].value == "SpawnProcess"


def test_fault_141_one_thread_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert set(outcomes(["threads"])["threads"].value.values()) == {"1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_workers_leave_the_callers_script_alone() -> None:
    assert outcomes(["main"])["main"].value is None


def test_workers_end_with_the_pool() -> None:
    with WorkerPool(work, 1) as pool:
        pool.submit("process", "process")
        ((pid, group),) = [outcome.value for outcome in pool.wait(60)]
        pool.submit("sleep", "sleep")
    assert pid == group
    assert ends_soon(pid)


def test_limit_counts_from_the_start_of_the_task() -> None:
    """A worker takes longer to start than a task may take."""
    assert outcomes([1], time_limit=0.01)[1].status == "done"


@pytest.mark.parametrize("count", [1, 3])
def test_each_task_has_one_outcome(count: int) -> None:
    assert sorted(outcomes(range(40), workers=count)) == list(range(40))
