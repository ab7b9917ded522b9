"""Runs that are killed, interrupted or out of disk lose nothing that was finished, and go on."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from experiment.started import Started, timeless
from experiment.studies import study

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


@pytest.mark.parametrize(
    ("number", "status"),
    [
        pytest.param(signal.SIGINT, 130, id="fault_134_ctrl_c"),
        pytest.param(signal.SIGTERM, 143, id="fault_135_terminate"),
        pytest.param(signal.SIGHUP, 143, id="fault_135_hang_up", marks=pytest.mark.slow),
    ],
)
def test_interruptions_keep_what_is_finished(tmp_path: Path, number: int, status: int) -> None:
    started = Started(STUDY, tmp_path / "run")
    started.wait_for_cells(1)
    ended, errors, seconds = started.end(number)
    kept = started.finished()
    assert ended == status
    assert f"interrupted: {len(kept)} of 8 cells are kept in {started.folder}" in errors
    assert "stopping: what runs has 5 s to end; the same signal again stops at once\n" in errors
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
    started = Started(STUDY, tmp_path / "run")
    started.wait_for_cells(1)
    status, errors, seconds = started.end(signal.SIGINT, signal.SIGINT)
    assert status == 130
    assert "Traceback" not in errors
    assert seconds < 3
    assert started.nothing_is_left()


def test_fault_115_killed_once(tmp_path: Path, undisturbed: pd.DataFrame) -> None:
    started = Started(STUDY, tmp_path / "run")
    started.wait_for_cells(2)
    started.end(signal.SIGKILL)
    kept = started.finished()
    assert len(kept) >= 2
    assert started.nothing_is_left()
    assert_goes_on(started, kept, undisturbed)


def table_bytes(folder: Path) -> bytes:
    return timeless(pd.read_parquet(folder / "results.parquet")).to_csv().encode()


def kill_at_a_random_moment(tree: dict[str, Any], folder: Path, moments: random.Random) -> Started:
    """Start the run and kill it: on its way to the first cell, or a moment after up to four new ones."""
    started = Started(tree, folder, workers=1)
    more = moments.randint(0, 4)
    started.wait_for_cells(len(started.finished()) + more)
    time.sleep(moments.uniform(0.0, 0.1 if more else 4.0))
    started.end(signal.SIGKILL)
    return started


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_fault_115_killed_twenty_times(tmp_path: Path) -> None:
    """Sixty cells: at the end the table is that of an undisturbed run, and no finished cell was computed twice."""
    tree = study(
        data={"generator": "heights", "n": 400},
        model={"mixture": {"family": "gaussian", "n_components": 2}},
        estimators={"em": {"n_init": 4}, "vb": {"n_init": 4}},
        repetitions=30,
    )
    moments = random.Random(20261120)
    kept: dict[Path, int] = {}
    interrupted = 0
    for _ in range(20):
        started = kill_at_a_random_moment(tree, tmp_path / "run", moments)
        assert kept.items() <= started.finished().items()
        assert started.nothing_is_left()
        kept = started.finished()
        interrupted += 0 < len(kept) < 60
    assert interrupted >= 15, "the machine is too fast for this test: give it larger cells"
    last = Started(tree, tmp_path / "run")
    assert last.end()[0] == 0
    assert kept.items() <= last.finished().items()
    assert len(last.finished()) == 60
    run(tree, tmp_path / "undisturbed", workers=2)
    assert table_bytes(tmp_path / "run") == table_bytes(tmp_path / "undisturbed")


def test_what_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGHUP)
            assert interruption.signal is None
            signal.raise_signal(signal.SIGTERM)
            assert interruption.signal == signal.SIGTERM
            assert not interruption.impatient
            signal.raise_signal(signal.SIGINT)
            assert interruption.impatient
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
