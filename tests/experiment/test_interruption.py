"""Runs that are killed, interrupted or out of disk lose nothing that was finished, and go on."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from experiment.studies import study
from ruamel.yaml import YAML

from pointmass.experiment.interruption import Interruption
from pointmass.experiment.reading import open_run
from pointmass.experiment.runner import run

STUDY = study(
    data={"generator": "heights", "n": 1500},
    model={"mixture": {"family": "gaussian", "n_components": 2}},
    estimators={"em": {"n_init": 8}},
    repetitions=8,
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return timeless(run(STUDY, tmp_path_factory.mktemp("undisturbed") / "run", workers=2).results)


def timeless(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["metric"] != "elapsed"].reset_index(drop=True)


class Started:
    """``pointmass run`` in a process of its own, all of whose descendants can be found."""

    def __init__(self, folder: Path, workers: int = 2, **limits: int) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        config = folder.with_suffix(".yaml")
        with config.open("w", encoding="utf-8") as stream:
            YAML(typ="safe", pure=True).dump(STUDY, stream)

        def limit() -> None:
            for name, size in limits.items():
                resource.setrlimit(getattr(resource, name), (size, size))

        self.process = subprocess.Popen(
            [sys.executable, "-m", "pointmass", "run", str(config), "-o", str(folder), "--workers", str(workers)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "POINTMASS_TEST_MARK": self.mark},
            preexec_fn=limit if limits else None,  # noqa: PLW1509  (no threads here)
        )

    def wait_for_cells(self, count: int, within: float = 60.0) -> None:
        until = time.monotonic() + within
        while len(self.finished()) < count and time.monotonic() < until and self.process.poll() is None:
            time.sleep(0.01)

    def finished(self) -> dict[Path, int]:
        """Return the committed cells and when each was written."""
        return {path: path.stat().st_mtime_ns for path in (self.folder / "cells").glob("[!.]*.json")}

    def end(self, *signals: int) -> tuple[int, str, float]:
        """Send signals and return exit status, standard error and the seconds until the end."""
        began = time.monotonic()
        for number in signals:
            self.process.send_signal(number)
            time.sleep(0.1)
        errors = self.process.communicate(timeout=60)[1]
        return self.process.returncode, errors, time.monotonic() - began

    def descendants(self) -> Iterator[int]:
        for path in Path("/proc").iterdir():
            try:
                if path.name.isdigit() and self.mark.encode() in (path / "environ").read_bytes():
                    yield int(path.name)
            except OSError:
                continue

    def nothing_is_left(self, within: float = 5.0) -> bool:
        until = time.monotonic() + within
        while time.monotonic() < until:
            if not list(self.descendants()):
                return True
            time.sleep(0.05)
        return False


@pytest.mark.parametrize(
    ("number", "status"),
    [
        pytest.param(signal.SIGINT, 130, id="fault_134_ctrl_c"),
        pytest.param(signal.SIGTERM, 143, id="fault_135_terminate"),
        pytest.param(signal.SIGHUP, 143, id="fault_135_hang_up", marks=pytest.mark.slow),
    ],
)
def test_interruptions_keep_what_is_finished(tmp_path: Path, number: int, status: int) -> None:
    started = Started(tmp_path / "run")
    started.wait_for_cells(1)
    ended, errors, seconds = started.end(number)
    kept = started.finished()
    assert ended == status
    assert f"interrupted: {len(kept)} of 8 cells are kept in {started.folder}" in errors
    assert "the same command goes on from there" in errors
    assert "Traceback" not in errors
    assert 1 <= len(kept) < 8
    assert seconds < 10
    assert started.nothing_is_left()
    assert open_run(started.folder).manifest["finished"] is False


def assert_goes_on(started: Started, kept: dict[Path, int], undisturbed: pd.DataFrame) -> None:
    results = run(STUDY, started.folder, workers=2).results
    assert kept.items() <= started.finished().items()  # nothing finished was computed again
    pd.testing.assert_frame_equal(timeless(results), undisturbed, check_exact=True)


@pytest.mark.slow
def test_fault_134_twice_is_at_once(tmp_path: Path) -> None:
    started = Started(tmp_path / "run")
    started.wait_for_cells(1)
    status, errors, seconds = started.end(signal.SIGINT, signal.SIGINT)
    assert status == 130
    assert "Traceback" not in errors
    assert seconds < 3
    assert started.nothing_is_left()


def test_fault_115_killed_once(tmp_path: Path, undisturbed: pd.DataFrame) -> None:
    started = Started(tmp_path / "run")
    started.wait_for_cells(2)
    started.end(signal.SIGKILL)
    kept = started.finished()
    assert len(kept) >= 2
    assert started.nothing_is_left()
    assert_goes_on(started, kept, undisturbed)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fault_115_killed_twenty_times(tmp_path: Path, undisturbed: pd.DataFrame) -> None:
    moments = random.Random(20261120)
    for _ in range(20):
        started = Started(tmp_path / "run")
        before = started.finished()
        try:
            started.process.communicate(timeout=moments.uniform(2.0, 4.0))
        except subprocess.TimeoutExpired:
            started.end(signal.SIGKILL)
        assert before.items() <= started.finished().items()
        assert started.nothing_is_left()
    assert_goes_on(started, started.finished(), undisturbed)


def test_fault_118_disk_full(tmp_path: Path) -> None:
    """The system refuses to write files as large as a fit (EFBIG stands for a full disk)."""
    started = Started(tmp_path / "run", workers=1, RLIMIT_FSIZE=20_000)
    status, errors, _ = started.end()
    assert status == 1
    assert "the disk is full, 0 of 8 cells kept; make room, then run the same command" in errors
    assert "Traceback" not in errors
    assert not list((started.folder / "cells").glob("*.nc"))
    assert started.nothing_is_left()


def test_what_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            os.kill(os.getpid(), signal.SIGHUP)
            assert interruption.signal is None
            os.kill(os.getpid(), signal.SIGTERM)
            assert interruption.signal == signal.SIGTERM
            assert not interruption.impatient
            os.kill(os.getpid(), signal.SIGINT)
            assert interruption.impatient
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
