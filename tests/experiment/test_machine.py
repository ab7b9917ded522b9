"""A machine that is full, closed, short of memory or in use: what is finished is kept, and the reason is said."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from experiment.faulty_work import eat_memory
from experiment.started import Started
from experiment.studies import study

from pointmass.experiment.reading import open_run
from pointmass.experiment.runner import run

MIXTURE = study(
    data={"generator": "heights", "n": 200},
    model={"mixture": {"family": "gaussian", "n_components": 2}},
    estimators={"em": {"n_init": 1}},
    uncertainty=["information"],
    repetitions=8,
)


def test_fault_118_no_room_for_a_fit_then_room_again(tmp_path: Path) -> None:
    """The system refuses to write files as large as a fit (EFBIG stands for a full disk)."""
    started = Started(MIXTURE, tmp_path / "run", workers=1, RLIMIT_FSIZE=20_000)
    status, errors, _ = started.end()
    assert status == 1
    assert "the disk is full, 0 of 8 cells kept; make room, then run the same command" in errors
    assert "Traceback" not in errors
    assert not list((started.folder / "cells").glob("*.nc"))
    assert started.nothing_is_left()
    assert run(MIXTURE, started.folder).status == 0


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own, with room for a few fits."""
    folder = Path(tempfile.mkdtemp())
    try:
        mount(folder, "-t", "tmpfs", "-o", "size=256k", "tmpfs")
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
    finally:
        folder.rmdir()


def mount(folder: Path, *arguments: str) -> None:
    made = subprocess.run(["mount", *arguments, str(folder)], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"a file system of its own cannot be mounted here: {made.stderr.strip()}")


@pytest.mark.slow
def test_fault_118_a_small_disk_fills_midway(small_disk: Path, tmp_path: Path) -> None:
    started = Started(MIXTURE, small_disk / "run", tmp_path / "study.yaml", workers=1)
    status, errors, _ = started.end()
    kept = started.finished()
    assert status == 1
    assert 1 <= len(kept) < 8
    assert f"the disk is full, {len(kept)} of 8 cells kept; make room, then run the same command" in errors
    assert "Traceback" not in errors
    folder = Path(shutil.copytree(small_disk / "run", tmp_path / "run"))
    before = {path.name: path.read_bytes() for path in (folder / "cells").glob("[!.]*.json")}
    assert run(MIXTURE, folder).status == 0
    assert all((folder / "cells" / name).read_bytes() == content for name, content in before.items())


def test_fault_119_a_disk_that_is_read_only(small_disk: Path, tmp_path: Path) -> None:
    """Nothing is computed for a folder that cannot be written, whoever asks."""
    mount(small_disk, "-o", "remount,ro")
    started = Started(MIXTURE, small_disk / "run", tmp_path / "study.yaml")
    status, errors, _ = started.end()
    refusal = f"{small_disk / 'run'}: cannot write here (Read-only file system); choose another with -o\n"
    assert (status, errors) == (2, refusal)


def test_fault_131_a_cell_that_eats_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only that cell fails; the others are done, and the same command tries it again."""
    tree = study()
    hungry = run(tree, tmp_path / "run", work=eat_memory)
    mle, vb = open_run(hungry.path).cells
    assert hungry.status == 1
    assert (mle.status, vb.status) == ("failed", "done")
    assert mle.reason.startswith("MemoryError")
    assert "mle on gaussian: failed, MemoryError" in capsys.readouterr().err
    assert run(tree, tmp_path / "run").status == 0
    assert "1 of 2 cells are done already" in capsys.readouterr().err


@pytest.mark.slow
def test_fault_122_two_runs_started_at_once(tmp_path: Path) -> None:
    """One of them does all the work; the other says who is writing and leaves."""
    runs = [Started(MIXTURE, tmp_path / "run", workers=1) for _ in range(2)]
    ends = [started.end() for started in runs]
    (_, refusal, _) = max(ends, key=lambda end: end[0])
    assert sorted(status for status, _, _ in ends) == [0, 2]
    assert f"{tmp_path / 'run'}: a run is writing here (process " in refusal
    assert "Traceback" not in refusal
    assert len(runs[0].finished()) == 8
