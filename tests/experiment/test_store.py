"""The folder of a run: nothing half written is ever seen, nothing damaged is ever used."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from pointmass import MLE, Gaussian, PointmassError
from pointmass.experiment.atomic import remove_leftovers, write_atomically
from pointmass.experiment.lock import locked
from pointmass.experiment.netcdf import tree_from_netcdf, tree_to_netcdf
from pointmass.experiment.record import FORMAT, CellRecord
from pointmass.experiment.store import Store

KEY = "0123456789abcdef" * 2
FIT = tree_to_netcdf(MLE(Gaussian()).fit([1.0, 2.0, 4.0]).to_datatree(draws=1, rng=0))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "ü ñ" / "run")
    store.prepare()
    return store


def commit(store: Store, content: bytes = FIT) -> None:
    store.commit(CellRecord(KEY, "done", {"estimator": "em"}), content)


def test_fault_138_a_cell_comes_back_as_it_was(store: Store) -> None:
    commit(store)
    record, warning = store.settle(KEY)
    assert record is not None
    assert warning == ""
    assert store.fit_bytes(record) == FIT


def test_fault_138_a_path_as_long_as_the_system_takes(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["ü" * 100] * ((4000 - len(os.fsencode(tmp_path))) // 201))
    store = Store(folder)
    store.prepare()
    commit(store)
    assert store.settle(KEY)[0] is not None
    with pytest.raises(PointmassError, match=r"cannot write here \(File name too long\); choose another with -o"):
        Store(tmp_path / ("x" * 300)).prepare()


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_fault_116_no_half_cell_is_visible(store: Store, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The n-th use of each system call fails in turn; afterwards the cell is there whole or not at all."""

    class Crash(BaseException):
        pass

    for count in range(1, 8):
        calls = iter(range(1, 100))
        true = getattr(os, step)

        def crashing(*arguments: object, nth: int = count, calls=calls, true=true):  # type: ignore[no-untyped-def]
            if next(calls) == nth:
                raise Crash
            return true(*arguments)

        store.clear()
        with monkeypatch.context() as patch:
            patch.setattr(os, step, crashing)
            with contextlib.suppress(Crash):
                commit(store)
        record, _ = store.settle(KEY)
        assert record is None or store.fit_bytes(record) == FIT


def test_fault_117_file_and_folder_are_synced_before_and_after_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    sync, rename = os.fsync, os.replace

    def fsync(handle: int) -> None:
        events.append("sync folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "sync file")
        sync(handle)

    def replace(*paths: Path) -> None:
        events.append("rename")
        rename(*paths)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_atomically(tmp_path / "file", b"content")
    assert events == ["sync file", "rename", "sync folder"]


def test_leftovers_of_a_killed_writer_are_removed(store: Store) -> None:
    (store.cells / ".writing-1-x.nc").write_bytes(b"half")
    remove_leftovers(store.cells)
    assert not list(store.cells.iterdir())


@pytest.mark.parametrize("position", range(0, len(FIT), len(FIT) // 7))
def test_fault_124_a_flipped_bit_is_found_and_set_aside(store: Store, position: int) -> None:
    commit(store)
    content = bytearray(store.fit_path(KEY).read_bytes())
    content[position] ^= 1
    store.fit_path(KEY).write_bytes(content)
    record, warning = store.settle(KEY)
    assert record is None
    assert warning == f"cell {KEY} was damaged; it is moved to {store.path / 'corrupt'} and computed again"
    assert (store.path / "corrupt" / f"{KEY}.nc").read_bytes() == content
    assert not store.fit_path(KEY).exists()


@pytest.mark.parametrize("suffix", ["nc", "json"])
@pytest.mark.parametrize("content", [b"", b"{", b"null", b"\xff\xfe", b'{"status": "done"}', b"[]"])
def test_fault_124_damaged_files(store: Store, suffix: str, content: bytes) -> None:
    commit(store)
    (store.cells / f"{KEY}.{suffix}").write_bytes(content)
    record, warning = store.settle(KEY)
    assert record is None
    assert "was damaged" in warning


def without(*groups: str) -> bytes:
    tree = tree_from_netcdf(FIT)
    for group in groups:
        del tree[group]
    return tree_to_netcdf(tree)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"CDF of another library", "OSError"),
        (tree_to_netcdf(tree_from_netcdf(FIT)["objective"]), "PointmassError: this DataTree is not a fit of pointmass"),
        (without("belief_emission"), "PointmassError: this DataTree is not a fit of pointmass: "),
    ],
)
def test_fault_128_a_whole_fit_of_another_version_is_set_aside(store: Store, content: bytes, cause: str) -> None:
    commit(store, content)
    record, warning = store.settle(KEY)
    assert record is None
    assert f"cell {KEY} is of another version ({store.fit_path(KEY)}: cannot be read here, {cause}" in warning
    assert warning.endswith(f"it is moved to {store.path / 'corrupt'} and computed again")
    assert (store.path / "corrupt" / f"{KEY}.nc").read_bytes() == content
    assert store.settle(KEY) == (None, "")


@pytest.mark.parametrize("number", [None, 0, FORMAT + 1, "new"])
def test_fault_128_a_record_of_another_format_is_set_aside(store: Store, number: object) -> None:
    commit(store)
    tree = json.loads(store.record_path(KEY).read_bytes())
    assert tree.pop("format") == FORMAT
    store.record_path(KEY).write_text(json.dumps(tree if number is None else {**tree, "format": number}))
    record, warning = store.settle(KEY)
    assert record is None
    assert f"is of another version (has the format {number or 0!r}, and this pointmass reads {FORMAT})" in warning
    assert store.record(KEY) is None


def test_a_fit_of_our_own_is_known_by_its_hash_and_not_opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of thousands of cells goes on at once: a hash takes a millisecond, opening a fit a hundred."""
    commit(store)
    monkeypatch.setattr("pointmass.experiment.store.tree_from_netcdf", lambda content: pytest.fail("opened"))
    assert store.settle(KEY, lambda record: True)[0] is not None
    content = store.fit_path(KEY).read_bytes()
    store.fit_path(KEY).write_bytes(content[:-1])
    assert "was damaged" in store.settle(KEY, lambda record: True)[1]


def test_fault_124_a_missing_fit(store: Store) -> None:
    commit(store)
    store.fit_path(KEY).unlink()
    assert store.settle(KEY)[0] is None


def test_a_fit_without_its_record_is_not_a_cell(store: Store) -> None:
    commit(store)
    store.record_path(KEY).unlink()
    assert store.settle(KEY) == (None, "")


@pytest.mark.parametrize("status", ["failed", "timeout", "killed"])
def test_a_cell_that_is_not_done_runs_again(store: Store, status: str) -> None:
    store.commit(CellRecord(KEY, status, {}, reason="because"))
    assert store.settle(KEY) == (None, "")
    record = store.record(KEY)
    assert record is not None
    assert record.reason == "because"


def test_fault_119_a_folder_that_cannot_be_written() -> None:
    with pytest.raises(PointmassError, match=r"cannot write here .* choose another with -o"):
        Store(Path("/proc/pointmass")).prepare()


def test_fault_120_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("", encoding="utf-8")
    with pytest.raises(PointmassError, match="this is a file"):
        Store(tmp_path / "run").prepare()


def test_fault_120_a_folder_with_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(PointmassError, match=r"not empty \(thesis.tex\); choose another with -o"):
        Store(tmp_path).prepare()


def test_fault_120_a_folder_of_a_run_may_have_notes(store: Store) -> None:
    (store.path / "notes.txt").write_text("", encoding="utf-8")
    store.prepare()
    store.clear()
    assert (store.path / "notes.txt").exists()


def test_fault_122_a_second_run_is_refused(tmp_path: Path) -> None:
    held = "import sys, pathlib; from pointmass.experiment.lock import locked\n"
    held += "with locked(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", held, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(PointmassError) as caught, locked(tmp_path):
        pass
    assert f"process {other.pid} on {socket.gethostname()}, since 2" in str(caught.value)
    other.kill()
    other.communicate()
    with locked(tmp_path):
        pass


def test_fault_123_a_lock_of_another_host_says_how_to_clear_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a network drive the lock of a host that is gone may stay."""

    def held(lock: FileLock, timeout: float) -> None:
        raise Timeout(str(lock))

    holder = {"pid": 4711, "host": "gone", "since": "2026-11-20T09:00:00+00:00"}
    (tmp_path / ".lock.json").write_text(json.dumps(holder), encoding="utf-8")
    monkeypatch.setattr(FileLock, "acquire", held)
    with pytest.raises(PointmassError) as caught, locked(tmp_path):
        pass
    assert "process 4711 on gone, since 2026-11-20T09:00:00+00:00" in str(caught.value)
    assert f"delete {tmp_path / '.lock'}" in str(caught.value)


def test_fault_122_the_lock_is_given_back(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path):
            pass
    assert not (tmp_path / ".lock.json").exists()
